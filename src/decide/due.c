/*
 * SPDX-License-Identifier: ISC
 */
#include "decide/due.h"

const char *due_why_name(enum due_why why)
{
    static const char *const names[DUE_WHYS] = {
        [DUE_NOT] = "not due",
        [DUE_FORCED] = "forced",
        [DUE_NEW] = "not yet known",
        [DUE_CHANGED] = "address changed",
        [DUE_SETTINGS] = "settings changed",
        [DUE_DIFFERS] = "the DNS differs",
        [DUE_ASTRAY] = "another may have arrived",
        [DUE_ASKED] = "asked for",
        [DUE_MAX_INTERVAL] = "max-interval",
    };
    return (unsigned)why < DUE_WHYS ? names[why] : "?";
}

const char *due_hold_name(enum due_hold hold)
{
    static const char *const names[HOLDS] = {
        [HOLD_NONE] = "nothing",
        [HOLD_WORD] = "the provider's word",
        [HOLD_BACKOFF] = "back-off",
        [HOLD_MIN_INTERVAL] = "min-interval",
        [HOLD_ERROR_INTERVAL] = "min-error-interval",
        [HOLD_QUESTION] = "the question what stands there",
    };
    return (unsigned)hold < HOLDS ? names[hold] : "?";
}

static enum due_why reason(const struct due_facts *f, msec refresh_at, const struct moment *now)
{
    if (f->wanted == NULL)
        return DUE_NOT;
    if (f->forced)
        return DUE_FORCED;
    if (f->published == NULL)
        return DUE_NEW;
    if (!addrset_equal(f->wanted, f->published))
        return DUE_CHANGED;
    if (f->settings)
        return DUE_SETTINGS;
    if (f->differs)
        return DUE_DIFFERS;
    if (f->astray)
        return DUE_ASTRAY;
    if (f->asked)
        return DUE_ASKED;
    return refresh_at <= now->mono ? DUE_MAX_INTERVAL : DUE_NOT;
}

/* An interval of nothing is over at once, also in the second of the publication itself. */
static msec refresh_time(const struct due_facts *f, const struct due_rules *r,
                         const struct moment *now)
{
    if (f->published_at == LONG_AGO)
        return NEVER;
    if (r->max_interval == 0)
        return f->published_at < now->mono ? f->published_at : now->mono;
    return stamp_after(stamp_after(f->published_at, r->max_interval), r->strict ? 1 : 0);
}

static void hold_until(struct due *d, enum due_hold hold, msec at)
{
    if (at > d->at) {
        d->hold = hold;
        d->at = at;
    }
}

struct due due_look(const struct due_facts *f, const struct due_rules *r, const struct moment *now)
{
    msec more = r->strict ? 1 : 0;
    msec refresh_at = refresh_time(f, r, now);
    struct due d = {reason(f, refresh_at, now), HOLD_NONE, now->mono};

    if (d.why == DUE_NOT) {
        d.at = f->wanted == NULL ? NEVER : refresh_at;
        return d;
    }
    if (d.why == DUE_FORCED)
        return d;
    if (!wait_over(&f->wait, now) && (f->word || !f->asked))
        hold_until(&d, f->word ? HOLD_WORD : HOLD_BACKOFF, f->wait.end);
    if (f->failed) {
        if (!f->asked && f->attempt_at != LONG_AGO && r->min_error_interval > 0)
            hold_until(&d, HOLD_ERROR_INTERVAL,
                       stamp_after(stamp_after(f->attempt_at, r->min_error_interval), more));
    } else if (f->published_at != LONG_AGO && r->min_interval > 0 && refresh_at > now->mono) {
        /* What is to be sent anyway waits for no shortest time between two changes. */
        hold_until(&d, HOLD_MIN_INTERVAL,
                   stamp_after(stamp_after(f->published_at, r->min_interval), more));
    }
    /* When everything else allows it, so that the answer is not older than what is then sent. */
    if (f->doubt && !f->asked && d.at <= now->mono)
        hold_until(&d, HOLD_QUESTION, NEVER);
    return d;
}
