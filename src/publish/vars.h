/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_PUBLISH_VARS_H
#define HOMING_PUBLISH_VARS_H

#include <jansson.h>
#include <stdbool.h>

#include "base/view.h"

/*
 * What the placeholders of a provider file stand for: a chain of scopes, inner ones first. A value
 * is JSON (so it has a type) and knows whether it came from a secret. Settings of the entry are
 * asked for where no scope has the name.
 */
struct provider;

struct vars {
    const struct vars *outer;        /* borrowed; NULL at the end */
    json_t *set;                     /* owned object: name to value */
    json_t *secrets;                 /* owned object: the names in "set" that are secret */
    const struct view *settings;     /* borrowed, may be NULL */
    const struct provider *provider; /* with settings: types and defaults of its fields */
};

void vars_init(struct vars *v, const struct vars *outer);
void vars_fini(struct vars *v);
/* Takes value over (NULL: the name becomes undefined here and outside). */
void vars_put(struct vars *v, const char *name, json_t *value);
void vars_put_secret(struct vars *v, const char *name, json_t *value);
void vars_put_text(struct vars *v, const char *name, const char *text);

/*
 * A new reference, or NULL when undefined. "a.b" is looked up as a name, then as the member b of
 * the object a (and so on). *secret is set. An empty text setting counts as undefined with
 * "filled".
 */
json_t *vars_get(const struct vars *v, const char *name, bool filled, bool *secret);
/* The same as owned text: numbers in decimal, booleans as true and false; NULL for others. */
char *vars_text(const struct vars *v, const char *name, bool *secret);
/* Decimal or text of a scalar; NULL for null, lists and objects. Owned. */
char *json_scalar_text(const json_t *value);

#endif
