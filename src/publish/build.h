/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_PUBLISH_BUILD_H
#define HOMING_PUBLISH_BUILD_H

#include <jansson.h>

#include "base/error.h"
#include "base/exchange.h"
#include "publish/provider_data.h"
#include "publish/vars.h"

/*
 * Makes a whole request of a request template: "common" laid under it, everything expanded; then
 * signs it. Knows HTTP's parts, not what the request is for.
 */

/* The template as it will be expanded: "common" (its first part whose "if" holds), then step, then
 * over (may be NULL). New reference. */
json_t *build_merge(const struct provider *p, const json_t *step, const json_t *over,
                    const struct vars *vars);
/* Fills in r, which is initialised. "now", "nonce" and "uuid" are among the vars. On error the
 * cause is a sentence for people, and r is to be freed as usual. */
enum err build_request(const struct provider *p, const json_t *merged, const struct vars *vars,
                       struct request *r, struct cause *c);
/* Signs a request that is made, where the file (or the template) says so. */
enum err build_sign(const struct provider *p, const json_t *merged, const struct vars *vars,
                    struct request *r, struct cause *c);

#endif
