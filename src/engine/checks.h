/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_ENGINE_CHECKS_H
#define HOMING_ENGINE_CHECKS_H

#include "engine/engine.h"
#include "verify/verify.h"

/*
 * Conducts the asking of the DNS: watches the engine's entries, asks verify/ when decide/looks says
 * so, and tells the engine what was found. An entry's verify= chooses how (auth, resolver, no; api
 * and proxied records are not visible in the DNS and are not asked there), verify-server= whom. It
 * never writes a record: a difference that counts is handed to the engine, which makes it one
 * ordinary attempt.
 */
struct checks;

enum {
    CHECKS_AT_ONCE = 32 /* names asked about at the same time */
};

/* Both must outlive it; free it before the engine. */
struct checks *checks_new(struct engine *e, struct verify *v);
void checks_free(struct checks *c);
/* A person wants to know now: the next look at the entry, or at all (NULL), comes at once. */
void checks_now(struct checks *c, const char *entry);

#endif
