/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_ENGINE_READBACK_H
#define HOMING_ENGINE_READBACK_H

#include "engine/inside.h"
#include "verify/verify.h"

/*
 * Asks the provider itself what stands there, where the DNS can not tell (verify=api, proxied
 * records): the provider file's reading steps, as a dry run. It would write when the provider shows
 * something else; that it does not, and that is the answer. Requests count for the account's budget
 * and never come while the account is held back.
 */
struct readback;

/* May it be asked that way? Only provider files say how their records are read. */
bool readback_possible(const struct entry *entry);
/* Once, later, unless cancelled. The result is as if one name server had answered. */
struct readback *readback_ask(struct engine *e, const struct entry *entry, enum family family,
                              const struct addrset *wanted, verify_fn *fn, void *arg);
void readback_cancel(struct readback *b); /* NULL is fine */
void readback_abandon(struct engine *e);  /* all, at the end */

#endif
