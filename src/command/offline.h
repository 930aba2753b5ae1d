/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_COMMAND_OFFLINE_H
#define HOMING_COMMAND_OFFLINE_H

#include <jansson.h>

#include "base/error.h"
#include "command/places.h"

/*
 * The API's documents without a service: from the configuration and what the state folder
 * remembers, which is only read. Nothing is asked of anybody.
 */

/* target as in the API: "/verdict", "/hostnames?search=x", "/hostnames/ID/why". ERR_SYNTAX: the
 * configuration has errors. */
enum err offline_document(const struct places *places, const char *target, json_t **doc,
                          struct cause *cause);

#endif
