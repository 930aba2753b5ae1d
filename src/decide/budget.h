/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_DECIDE_BUDGET_H
#define HOMING_DECIDE_BUDGET_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"

/*
 * "At most n in per": what a provider allows. A plain token bucket would let 2n through in the
 * worst window; this one gives every token back only when a whole period has passed since it was
 * spent (exact to a sixteenth of the period, on the safe side), so that a burst of n is possible
 * and no window ever holds more than n. The last share is for a person's request only.
 */
enum { BUDGET_SLOTS = 16 };

struct budget {
    uint32_t n;
    uint32_t reserve; /* of n, for persons */
    msec per;
    msec slot;                        /* mono: begin of the newest slot */
    uint32_t spent[BUDGET_SLOTS + 1]; /* [0] is the newest */
};

/* share: one in so many is kept for persons; 0 or 1: none. */
void budget_init(struct budget *b, unsigned n, msec per, unsigned share, msec now);
unsigned budget_left(struct budget *b, bool person, msec now);
void budget_spend(struct budget *b, unsigned count, msec now);
/* What was put aside and then not needed. */
void budget_return(struct budget *b, unsigned count);
/* Mono: when at least "need" are left (now, if so already); when that many are never left, when all
 * are. */
msec budget_at(struct budget *b, bool person, unsigned need, msec now);
/* What was spent before the process began: all of it counts from "at" (mono). */
void budget_restore(struct budget *b, double left, msec at, msec now);

#endif
