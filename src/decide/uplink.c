/*
 * SPDX-License-Identifier: ISC
 */
#include "decide/uplink.h"

#include <stddef.h>

void uplink_init(struct uplink_choice *c, enum uplink_mode mode, unsigned count, msec hold,
                 msec now)
{
    *c = (struct uplink_choice){.mode = mode,
                                .hold = hold,
                                .count = count < UPLINKS_MAX ? count : UPLINKS_MAX,
                                .began = now};
}

void uplink_resume(struct uplink_choice *c, unsigned counted, msec now)
{
    for (unsigned i = 0; i < c->count; i++) {
        c->of[i].counts = (counted >> i & 1) != 0;
        c->of[i].since = now;
        c->made = c->made || c->of[i].counts;
    }
    c->changed = now;
}

void uplink_heard(struct uplink_choice *c, unsigned which, bool works, msec now)
{
    struct uplink_state *u = which < c->count ? &c->of[which] : NULL;

    if (u == NULL || (u->heard && u->works == works))
        return;
    u->heard = true;
    u->works = works;
    u->since = now;
}

/* Has it been as it is for the hold-down, and what counts now as well? If not, *next is when they
 * will have been. */
static bool held(const struct uplink_choice *c, const struct uplink_state *u, msec now, msec *next)
{
    msec from = c->mode == UPLINK_PREFER && c->changed > u->since ? c->changed : u->since;
    msec end = from + c->hold;

    if (now >= end)
        return true;
    if (end < *next)
        *next = end;
    return false;
}

static int first_that_works(const struct uplink_choice *c)
{
    for (unsigned i = 0; i < c->count; i++)
        if (c->of[i].works)
            return (int)i;
    return -1;
}

static bool take_only(struct uplink_choice *c, int which, msec now)
{
    bool changed = false;

    c->changed = now;
    for (unsigned i = 0; i < c->count; i++) {
        bool counts = (int)i == which;
        changed = changed || c->of[i].counts != counts;
        c->of[i].counts = counts;
    }
    return changed;
}

/* The first choice. Unlike later ones it waits for words, not for time: what a better one says a
 * moment later would else be held off. */
static bool begin(struct uplink_choice *c, msec now, msec *next)
{
    bool changed = false;
    int best = first_that_works(c);
    unsigned before = c->mode == UPLINK_ALL || best < 0 ? c->count : (unsigned)best;

    for (unsigned i = 0; i < before && best >= 0; i++)
        if (!c->of[i].heard && now < c->began + c->hold) {
            *next = c->began + c->hold;
            return false;
        }
    if (best < 0)
        return false;
    c->made = true;
    if (c->mode == UPLINK_PREFER)
        return take_only(c, best, now);
    for (unsigned i = 0; i < c->count; i++) {
        changed = changed || c->of[i].works;
        c->of[i].counts = c->of[i].works;
    }
    return changed;
}

static bool prefer(struct uplink_choice *c, msec now, msec *next)
{
    int chosen = uplink_first(c);

    for (int i = 0; i < chosen; i++) /* better ones that are back */
        if (c->of[i].works && held(c, &c->of[i], now, next))
            return take_only(c, i, now);
    if (c->of[chosen].works || !held(c, &c->of[chosen], now, next))
        return false;
    int other = first_that_works(c);
    return other >= 0 && take_only(c, other, now);
}

static bool all(struct uplink_choice *c, msec now, msec *next)
{
    bool changed = false;

    for (unsigned i = 0; i < c->count; i++) {
        struct uplink_state *u = &c->of[i];
        if (!u->heard || u->works == u->counts || !held(c, u, now, next))
            continue;
        u->counts = u->works;
        changed = true;
    }
    return changed;
}

bool uplink_decide(struct uplink_choice *c, msec now, msec *next)
{
    *next = NEVER;
    if (!c->made || uplink_first(c) < 0)
        return begin(c, now, next);
    return c->mode == UPLINK_PREFER ? prefer(c, now, next) : all(c, now, next);
}

int uplink_first(const struct uplink_choice *c)
{
    int any = -1;

    for (unsigned i = 0; i < c->count; i++) {
        if (c->of[i].counts && c->of[i].works)
            return (int)i;
        if (c->of[i].counts && any < 0)
            any = (int)i;
    }
    return any;
}

bool uplink_needed(const struct uplink_choice *c, unsigned which)
{
    if (c->mode == UPLINK_ALL || c->of[which].counts)
        return true;
    for (unsigned i = 0; i < which; i++)
        if (c->of[i].works || !c->of[i].heard)
            return false;
    return true;
}
