/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_PUBLISH_FILTER_H
#define HOMING_PUBLISH_FILTER_H

#include <jansson.h>
#include <stdbool.h>

#include "publish/vars.h"

/*
 * Filters of placeholders: {ttl:s} as text, {priority:n} as a number, {x:md5}, {x:sha1}, {x:b64},
 * {x:lower}, {x:upper}, {x:totp} (a one-time code of a base32 secret, RFC 6238, from {now}),
 * {x:label} (its first label), {now:iso}.
 */
bool filter_known(const char *name);
/* A new value, or NULL when the filter can not be applied. */
json_t *filter_apply(const char *name, const json_t *value, const struct vars *vars);
/* "md5", "sha1" or "b64" of a text; owned. */
char *filter_text(const char *name, const char *text);

#endif
