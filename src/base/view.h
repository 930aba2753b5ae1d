/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_BASE_VIEW_H
#define HOMING_BASE_VIEW_H

#include <stdbool.h>

/*
 * How the pure rooms see the settings of one entry, without knowing where they come from. A name is
 * a setting of the language ("login", "ttl") or a field of the provider file ("apikey").
 */
struct view {
    const void *self;
    /* The looked-up value (host, globals, defaults), or NULL when unset. Valid as long as the
     * configuration it came from. */
    const char *(*get)(const void *self, const char *name);
    /* Is that setting a secret? (password, apikey, and what a provider file calls secret) */
    bool (*secret)(const void *self, const char *name);
};

static inline const char *view_get(const struct view *v, const char *name)
{
    return v->get != 0 ? v->get(v->self, name) : 0;
}

static inline bool view_secret(const struct view *v, const char *name)
{
    return v->secret != 0 && v->secret(v->self, name);
}

#endif
