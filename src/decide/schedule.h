/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_DECIDE_SCHEDULE_H
#define HOMING_DECIDE_SCHEDULE_H

#include <stddef.h>

#include "base/clock.h"
#include "base/outcome.h"

/*
 * The numbers of the schedule, all of them, in one table; and the lengths that are made from them.
 * Nobody else in the program invents a wait. It decides no state: the machines do (record, account,
 * endpoint).
 */
enum { BACKOFF_STEPS = 6 };

struct schedule {
    msec settle;                 /* a burst of address events is merged for this long ... */
    msec settle_most;            /* ... but a line that never rests is looked at this often */
    msec offline;                /* no route, no name look-up: looked at again without an event */
    msec backoff[BACKOFF_STEPS]; /* after the nth failure in a row; the last one repeats */
    unsigned jitter_percent;     /* every length of our own choice, up or down */
    msec limit_first;            /* 429 without a word about how long; doubles ... */
    msec limit_most;             /* ... up to this */
    msec word_most;              /* the provider's own word (Retry-After) is believed up to this */
    msec busy;                   /* a locked zone; doubles up to the first backoff steps' last */
    msec min_interval;           /* defaults of the settings of these names */
    msec max_interval;
    msec min_error_interval;
    unsigned strange_most;      /* answers nobody understands, in a row, that close an endpoint */
    unsigned names_most;        /* hostnames in a request, when the provider gives no bound */
    unsigned names_bytes;       /* of hostnames in a request: its URL stays under 4 KiB */
    unsigned account_requests;  /* in flight an account, when the provider gives no number */
    unsigned endpoint_requests; /* in flight an endpoint */
    unsigned jobs_ahead;        /* jobs of an account whose attempts are committed together */
    unsigned person_share;      /* one in so many of a budget is kept for a person's request */
    msec budget_kept;           /* budgets over at least this long outlive the process */
    msec job_most;              /* a job that takes longer is cancelled */
    msec logout_most;           /* how long a promised logout is waited for */
    msec clock_look;            /* while waiting for the clock */
    msec clock_grace;           /* a clock older than the state, but not than the program, is
                                   believed after this: the state may be the one that erred */
    msec clock_jump;            /* a step of the wall clock that is noticed */
    msec hook_most;             /* time limit of a postscript, of a hook the default one */
};

extern const struct schedule schedule_default;
/* ddclient's: no back-off of its own, the settings' intervals alone (ddclient-language, 5.5). */
extern const struct schedule schedule_ddclient;

/* Where chance comes from. */
struct chance {
    void (*random)(void *arg, void *bytes, size_t n);
    void *arg;
};
/* Between 0 and bound - 1; 0 when the bound is 0. */
uint64_t chance_below(const struct chance *c, uint64_t bound);
/* The length with its jitter. */
msec schedule_jitter(const struct schedule *s, msec length, const struct chance *c);

/*
 * How long to wait after an outcome of the class, the "failures"th in a row (1 is the first).
 * "word" is the provider's own, 0 for none. For duties that wait (DUTY_WAIT, DUTY_BACKOFF,
 * DUTY_OFFLINE, and DUTY_REPEAT that a protocol could not settle itself); 0 for the others.
 */
msec schedule_wait(const struct schedule *s, enum outcome_class cls, msec word, unsigned failures,
                   const struct chance *c);

/* The provider's own word as far as it is believed; 0 for none. */
msec schedule_word(const struct schedule *s, msec word);

/* As a point in time: it never happened. */
#define LONG_AGO INT64_MIN

/*
 * A wait as it is kept in memory: monotonic end and length. On its way to the state it becomes
 * (wall end, length); coming back it never lasts longer than its length, whatever the wall clock
 * did meanwhile.
 */
struct wait {
    msec end; /* mono */
    msec length;
};

struct wait wait_for(msec length, const struct moment *now); /* NEVER is allowed */
/* The one that ends later: w, or one of that length from now on. */
struct wait wait_longer(const struct wait *w, msec length, const struct moment *now);
bool wait_over(const struct wait *w, const struct moment *now);
msec wait_end_wall(const struct wait *w, const struct moment *now); /* 0 without one */
struct wait wait_from_wall(msec end, msec length, const struct moment *now);
/* A stamp's way between the wall clock (0: never) and the monotonic one (LONG_AGO: never). */
msec stamp_to_wall(msec mono, const struct moment *now);
msec stamp_from_wall(msec wall, const struct moment *now);
/* Saturating: a stamp plus a length. */
msec stamp_after(msec mono, msec length);

#endif
