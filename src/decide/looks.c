/*
 * SPDX-License-Identifier: ISC
 */
#include "decide/looks.h"

static const msec early[] = {5 * SECOND, MINUTE}; /* then the lag */
enum { EARLY = sizeof early / sizeof early[0] };
static const msec regular = 6 * (msec)HOUR;
static const msec again = MINUTE; /* between the two sightings of a difference */
enum { JITTER_PARTS = 10, SIGHTINGS = 2 };

static msec part_of(msec length, uint32_t random)
{
    return (msec)((uint64_t)length * random >> 32);
}

static msec regular_after(msec now, uint32_t random)
{
    return now + regular - regular / (2 * JITTER_PARTS) + part_of(regular / JITTER_PARTS, random);
}

void look_init(struct look *l)
{
    *l = (struct look){.next = NEVER, .stage = EARLY + 1};
}

void look_resume(struct look *l, msec now, msec spread, uint32_t random)
{
    l->stage = EARLY + 1;
    l->published_at = now - LOOK_LAG_DEFAULT;
    l->next = now + part_of(spread, random);
}

void look_published(struct look *l, msec now, bool other)
{
    if (other)
        l->healed = l->gave_up = false;
    l->published_at = now;
    l->stage = 0;
    l->seen = 0;
    l->next = now + early[0];
}

void look_stop(struct look *l)
{
    look_init(l);
}

/* Plans the next of the looks after an update, or the regular one. */
static void plan_next(struct look *l, msec now, msec lag, uint32_t random)
{
    while (l->stage <= EARLY) {
        l->stage++;
        msec at = l->published_at + (l->stage < EARLY ? early[l->stage] : lag);
        if (l->stage <= EARLY && at > now) {
            l->next = at;
            return;
        }
    }
    l->next = regular_after(now, random);
}

enum look_action look_result(struct look *l, enum look_found found, msec now, msec lag,
                             uint32_t random)
{
    if (lag <= 0)
        lag = LOOK_LAG_DEFAULT;
    plan_next(l, now, lag, random);
    if (found == LOOK_AGREES) {
        bool recovered = l->told;
        l->seen = 0;
        l->healed = l->gave_up = l->told = false;
        return recovered ? LOOK_RECOVERED : LOOK_NOTHING;
    }
    if (found != LOOK_DIFFERS) {
        l->seen = 0;
        return LOOK_NOTHING;
    }
    if (now - l->published_at < lag)
        return LOOK_NOTHING; /* the provider has not had its time yet */
    if (++l->seen < SIGHTINGS) {
        l->next = now + again;
        return LOOK_NOTHING;
    }
    l->seen = 0;
    if (!l->healed) {
        l->healed = true;
        return LOOK_HEAL;
    }
    if (l->gave_up)
        return LOOK_NOTHING;
    l->gave_up = l->told = true;
    return LOOK_GIVE_UP;
}
