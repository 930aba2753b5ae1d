/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_PUBLISH_POINTER_H
#define HOMING_PUBLISH_POINTER_H

#include <jansson.h>
#include <stdbool.h>

/* JSON pointers (RFC 6901), with "*" as a segment that stands for each element or member. */

/* "" or beginning with "/", "~" only as "~0" and "~1". */
bool pointer_valid(const char *pointer);
/* Borrowed, NULL when absent. With "*" the first that exists. */
json_t *pointer_get(const json_t *root, const char *pointer);
/* Calls fn for each value until it returns true; true when it did. */
bool pointer_any(const json_t *root, const char *pointer, bool (*fn)(void *arg, json_t *value),
                 void *arg);

#endif
