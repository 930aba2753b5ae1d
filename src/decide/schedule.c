/*
 * SPDX-License-Identifier: ISC
 */
#include "decide/schedule.h"

const struct schedule schedule_default = {
    .settle = 200,
    .settle_most = SECOND,
    .offline = 30 * SECOND,
    .backoff = {MINUTE, 2 * MINUTE, 5 * MINUTE, 15 * MINUTE, 30 * MINUTE, 60 * MINUTE},
    .jitter_percent = 20,
    .limit_first = 15 * MINUTE,
    .limit_most = 6 * HOUR,
    .word_most = 24 * (msec)HOUR,
    .busy = 30 * SECOND,
    .min_interval = 30 * SECOND,
    .max_interval = 25 * DAY,
    .min_error_interval = 5 * MINUTE,
    .strange_most = 3,
    .names_most = 20,
    .names_bytes = 3000,
    .account_requests = 1,
    .endpoint_requests = 100,
    .jobs_ahead = 100,
    .person_share = 10,
    .budget_kept = MINUTE,
    .job_most = 15 * MINUTE,
    .logout_most = 5 * SECOND,
    .clock_look = 5 * SECOND,
    .clock_grace = 10 * MINUTE,
    .clock_jump = 10 * SECOND,
    .hook_most = 60 * SECOND,
};

const struct schedule schedule_ddclient = {
    .word_most = 24 * (msec)HOUR,
    .min_interval = 30 * SECOND,
    .max_interval = 25 * DAY,
    .min_error_interval = 5 * MINUTE,
    .strange_most = 3,
    .names_most = 20,
    .names_bytes = 3000,
    .account_requests = 1,
    .endpoint_requests = 100,
    .jobs_ahead = 1,
    .person_share = 1,
    .budget_kept = MINUTE,
    .job_most = 60 * MINUTE,
    .logout_most = 5 * SECOND,
    .clock_look = 5 * SECOND,
    .clock_jump = NEVER,
    .hook_most = NEVER,
};

uint64_t chance_below(const struct chance *c, uint64_t bound)
{
    uint64_t x = 0;
    if (bound == 0 || c == NULL || c->random == NULL)
        return 0;
    c->random(c->arg, &x, sizeof x);
    return x % bound; /* the bounds are tiny against 2^64: the bias is of no account here */
}

msec schedule_jitter(const struct schedule *s, msec length, const struct chance *c)
{
    msec part = length / 100 * s->jitter_percent;
    if (length == NEVER || part <= 0)
        return length;
    return length - part + (msec)chance_below(c, (uint64_t)(2 * part + 1));
}

static msec doubled(msec first, unsigned failures, msec most)
{
    msec length = first;
    for (unsigned i = 1; i < failures && length < most; i++)
        length *= 2;
    return length < most ? length : most;
}

static msec backoff(const struct schedule *s, unsigned failures, const struct chance *c)
{
    unsigned step = failures == 0 ? 1 : failures;
    if (step > BACKOFF_STEPS)
        step = BACKOFF_STEPS;
    return schedule_jitter(s, s->backoff[step - 1], c);
}

msec schedule_word(const struct schedule *s, msec word)
{
    return word <= 0 ? 0 : word < s->word_most ? word : s->word_most;
}

msec schedule_wait(const struct schedule *s, enum outcome_class cls, msec word, unsigned failures,
                   const struct chance *c)
{
    enum outcome_duty duty = outcome_rule(cls)->duty;

    if (duty == DUTY_OFFLINE)
        return s->offline;
    if (duty != DUTY_WAIT && duty != DUTY_BACKOFF && duty != DUTY_REPEAT)
        return 0;
    if (word > 0)
        return schedule_word(s, word);
    if (cls == OUTCOME_LIMIT)
        return schedule_jitter(s, doubled(s->limit_first, failures, s->limit_most), c);
    if (cls == OUTCOME_BUSY)
        return schedule_jitter(s, doubled(s->busy, failures, s->backoff[BACKOFF_STEPS - 1]), c);
    return backoff(s, failures, c);
}

msec stamp_after(msec mono, msec length)
{
    if (mono == LONG_AGO)
        return LONG_AGO;
    return length == NEVER || mono > NEVER - length ? NEVER : mono + length;
}

struct wait wait_for(msec length, const struct moment *now)
{
    return (struct wait){length <= 0 ? now->mono : stamp_after(now->mono, length),
                         length < 0 ? 0 : length};
}

struct wait wait_longer(const struct wait *w, msec length, const struct moment *now)
{
    struct wait other = wait_for(length, now);
    return wait_over(w, now) || other.end > w->end ? other : *w;
}

bool wait_over(const struct wait *w, const struct moment *now)
{
    return w->length <= 0 || w->end <= now->mono;
}

msec wait_end_wall(const struct wait *w, const struct moment *now)
{
    if (wait_over(w, now))
        return 0;
    return w->end == NEVER ? NEVER : w->end - now->mono + now->wall;
}

struct wait wait_from_wall(msec end, msec length, const struct moment *now)
{
    if (end <= now->wall || length <= 0)
        return (struct wait){now->mono, 0};
    if (end == NEVER)
        return (struct wait){NEVER, length};
    msec left = end - now->wall;
    return (struct wait){stamp_after(now->mono, left < length ? left : length), length};
}

msec stamp_to_wall(msec mono, const struct moment *now)
{
    msec wall = mono == LONG_AGO ? 0 : now->wall - (now->mono - mono);
    return wall < 0 ? 1 : wall; /* before 1970: long ago, but not never */
}

msec stamp_from_wall(msec wall, const struct moment *now)
{
    if (wall <= 0)
        return LONG_AGO;
    /* A stamp of the future (the clock was set back): its age is unknown, so it counts as now; what
     * is measured from it then lasts its whole length and no more. */
    return wall > now->wall ? now->mono : now->mono - (now->wall - wall);
}
