/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_DECIDE_DUE_H
#define HOMING_DECIDE_DUE_H

#include <stdbool.h>

#include "base/addr.h"
#include "decide/schedule.h"

/*
 * The one rule of what is due and what holds it back, for one record, as a function of facts. The
 * record machine asks it at every turn; "homing ddclient" asks it for each family with ddclient's
 * numbers. It remembers nothing.
 */
struct due_facts {
    const struct addrset *wanted;    /* NULL: not known, then nothing is ever due */
    const struct addrset *published; /* NULL: not known */
    bool forced;                     /* by a person who insists: nothing holds it back */
    bool asked;                      /* by a person: due even when nothing changed */
    bool settings;                   /* settings that count changed since it was published */
    bool differs;                    /* the DNS was seen to say something else */
    bool astray;                     /* what was sent last may have arrived, and is another set */
    bool failed;                     /* the last attempt did not succeed */
    bool doubt;                      /* what stands there is to be asked before anything is sent */
    msec published_at;               /* mono, of the last success; LONG_AGO: never */
    msec attempt_at;                 /* mono, of the last attempt; LONG_AGO: never */
    struct wait wait;                /* after a failure */
    bool word;                       /* that wait is the provider's own word */
};

struct due_rules {
    msec min_interval;       /* between a success and the next change */
    msec max_interval;       /* an unchanged value is sent again after this; NEVER: not */
    msec min_error_interval; /* between a failed attempt and the next */
    bool strict;             /* an interval is over one unit after its end, as in ddclient */
};

enum due_why {
    DUE_NOT,
    DUE_FORCED,
    DUE_NEW,     /* what is published is not known */
    DUE_CHANGED, /* wanted is not what is published */
    DUE_SETTINGS,
    DUE_DIFFERS,
    DUE_ASTRAY,
    DUE_ASKED,
    DUE_MAX_INTERVAL,
    DUE_WHYS
};

enum due_hold {
    HOLD_NONE,
    HOLD_WORD,
    HOLD_BACKOFF,
    HOLD_MIN_INTERVAL,
    HOLD_ERROR_INTERVAL,
    HOLD_QUESTION,
    HOLDS
};

struct due {
    enum due_why why;
    enum due_hold hold; /* the one that ends last; HOLD_NONE when it may go now */
    msec at;            /* mono: when it may go; with DUE_NOT when max-interval ends (NEVER) */
};

struct due due_look(const struct due_facts *f, const struct due_rules *r, const struct moment *now);
const char *due_why_name(enum due_why why);
const char *due_hold_name(enum due_hold hold);

#endif
