/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_COMMAND_CLIENT_H
#define HOMING_COMMAND_CLIENT_H

#include <jansson.h>

#include "base/error.h"

/*
 * Commands' way to the running service: the page's own API over its unix socket. It interprets
 * nothing but errors.
 */

/*
 * target: "/hostnames?search=x" (below /api/v1). body is borrowed and may be NULL. On OK *reply is
 * a new reference (NULL for an empty answer). ERR_NOT_FOUND with *reached false: no service runs.
 * An error of the service comes as its kind with its own sentence as the cause.
 */
enum err client_call(const char *socket, const char *method, const char *target, const json_t *body,
                     json_t **reply, bool *reached, struct cause *cause);
/* "a b/c" as a part of a target; owned. */
char *client_escape(const char *text);

#endif
