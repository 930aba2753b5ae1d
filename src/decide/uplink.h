/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_DECIDE_UPLINK_H
#define HOMING_DECIDE_UPLINK_H

#include <stdbool.h>

#include "base/clock.h"

/*
 * Which of several uplinks count, from whether each works and since when. It opens nothing and
 * knows no address.
 *
 * Prefer: one of them counts, the first in their order that works. It is left when it has not
 * worked for the hold-down, and one that stands before it is gone back to when that has worked for
 * as long, so that two changes are never closer than a hold-down. All: each counts by itself; it
 * leaves and comes back by the same rule.
 *
 * At the very beginning nothing is held: as soon as every better one has said that it does not work
 * (or was silent for a hold-down), the first that works counts at once.
 */
enum { UPLINKS_MAX = 8 };

enum uplink_mode { UPLINK_PREFER, UPLINK_ALL };

struct uplink_state {
    bool heard; /* whether it works is known */
    bool works;
    bool counts; /* what it says is wanted */
    msec since;  /* mono: of heard and works */
};

struct uplink_choice {
    enum uplink_mode mode;
    msec hold;
    unsigned count;
    msec began;   /* mono */
    bool made;    /* something counted once: from then on changes are held */
    msec changed; /* mono: when another one came to count */
    struct uplink_state of[UPLINKS_MAX];
};

void uplink_init(struct uplink_choice *c, enum uplink_mode mode, unsigned count, msec hold,
                 msec now);
/* What counted before a restart, as bits of their numbers: it counts until the hold-down is over.
 */
void uplink_resume(struct uplink_choice *c, unsigned counted, msec now);
/* What is known of one. A repetition changes nothing. */
void uplink_heard(struct uplink_choice *c, unsigned which, bool works, msec now);
/* Decides anew. True when another set of them counts than before; *next: mono, when to decide again
 * without news (NEVER). */
bool uplink_decide(struct uplink_choice *c, msec now, msec *next);
/* The first that counts; of several the first that works. -1: none does. */
int uplink_first(const struct uplink_choice *c);
/* Is anything to be learned from this one now? A standby is asked only while it counts or none that
 * stands before it works. */
bool uplink_needed(const struct uplink_choice *c, unsigned which);

#endif
