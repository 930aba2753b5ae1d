/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_ENGINE_HEALED_H
#define HOMING_ENGINE_HEALED_H

#include "engine/engine.h"

/*
 * Which records were healed, with what, since the DNS last agreed: kept in the state, so that a
 * restart is no reason to send the same once more. It decides nothing (decide/looks.h does).
 */
struct healed;

struct healed *healed_new(struct engine *e); /* with what the state knows */
void healed_free(struct healed *h);
bool healed_with(const struct healed *h, const char *entry, enum family family,
                 const struct addrset *set);
/* set NULL: forget it. */
void healed_note(struct healed *h, const char *entry, enum family family, const struct addrset *set,
                 msec mono);
/* Mono: when it wants to be stored, some together; NEVER. */
msec healed_at(const struct healed *h);
void healed_store(struct healed *h, msec mono); /* when its time has come */

#endif
