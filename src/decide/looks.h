/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_DECIDE_LOOKS_H
#define HOMING_DECIDE_LOOKS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"

/*
 * When the DNS is asked about a record, and what a difference leads to. Asking is verify/'s work.
 *
 * After an update: 5 s, 60 s, and the provider's lag later; then every 6 h with a jitter of a
 * tenth. A difference counts once the lag is over, and only when it is seen twice, a minute apart,
 * on a majority of the servers that are up to date. Then the record is healed by one ordinary
 * attempt; if the DNS still differs afterwards, that is said, and nothing more is written until it
 * agrees again or something else is published: each address has its one healing.
 */
enum look_found { LOOK_AGREES, LOOK_DIFFERS, LOOK_LAGS /* a minority differs */, LOOK_UNKNOWN };
enum look_action {
    LOOK_NOTHING,
    LOOK_HEAL,     /* the record is due: one ordinary attempt within min-interval and budget */
    LOOK_GIVE_UP,  /* healed already, and it still differs: tell, do not write */
    LOOK_RECOVERED /* it agrees again after it was told that it does not */
};

static const msec LOOK_LAG_DEFAULT = 5 * MINUTE; /* when the provider file names none */

struct look {
    msec next;         /* mono time of the next question; NEVER: none is planned */
    msec published_at; /* mono */
    uint8_t stage;     /* which of the looks after an update comes next */
    uint8_t seen;      /* counting differences in a row */
    bool healed;       /* the one attempt was made since it last agreed, for what is published */
    bool gave_up;      /* it was said that this had no effect */
    bool told;         /* the same, for whatever was published since it last agreed */
};

void look_init(struct look *l); /* nothing is planned */
/* A record that was published before this start: first look within "spread" (random, not all at
 * once). */
void look_resume(struct look *l, msec now, msec spread, uint32_t random);
/* The provider took the address (also when it said that it had it already). other: not what stood
 * there before, by its addresses or its settings. */
void look_published(struct look *l, msec now, bool other);
/* A question was answered. lag: 0 means the default. random: any 32 bits. */
enum look_action look_result(struct look *l, enum look_found found, msec now, msec lag,
                             uint32_t random);
/* Nothing is wanted any more (disabled, removed). */
void look_stop(struct look *l);

#endif
