/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_COMMAND_ASK_H
#define HOMING_COMMAND_ASK_H

#include <jansson.h>

#include "command/command.h"

/*
 * Documents of the API for the reading commands: of the running service, or, when none runs, made
 * here from the configuration and what is remembered, read only. Errors are told on call->err.
 */

/* target as in the API, below /api/v1. STATUS_RIGHT with *doc (a new reference), or a status. */
int ask(const struct command_call *call, const char *method, const char *target, const json_t *body,
        json_t **doc);
/* The same, but without a service it tells so and gives STATUS_FAILED. */
int ask_service(const struct command_call *call, const char *method, const char *target,
                const json_t *body, json_t **doc);
/* The identity of what a person wrote: HOST, HOST@PROVIDER, or the whole. Owned text in *id. */
int ask_entry(const struct command_call *call, const char *written, char **id);
/* "/hostnames/ID/why", escaped. Owned. */
char *ask_target(const char *format, const char *id);

#endif
