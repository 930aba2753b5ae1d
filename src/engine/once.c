/*
 * SPDX-License-Identifier: ISC
 */
/* One pass: every source is asked, what is due is sent, then it ends. */
#include "engine/inside.h"

#include "base/mem.h"

enum { LOOK_EVERY = 50 };

struct engine_once_box {
    struct engine *engine;
    struct net_timer *timer;
    msec began;             /* wall */
    msec ends, sources_end; /* mono */
    void (*done)(void *arg, const struct engine_once_result *result);
    void *arg;
};

static bool sources_answered(const struct engine *e, msec began)
{
    for (size_t i = 0; i < e->source_count; i++) {
        const struct source_box *box = e->sources[i];
        if (box->first != 0)
            return false; /* a burst that has not settled */
        for (int f = 0; f < FAMILIES; f++) {
            const struct sensed *s = box->user_count[f] > 0
                                         ? e->seams.sense->ops->value(box->source, (enum family)f)
                                         : NULL;
            if (box->user_count[f] > 0 &&
                (s == NULL || (s->state == SENSED_UNKNOWN && s->asked < began)))
                return false;
        }
    }
    return true;
}

static bool at_rest(const struct engine *e)
{
    if (e->jobs != NULL || e->commits != NULL || e->hooks != NULL || e->next_commit != NULL ||
        e->dirty_count > 0)
        return false;
    if (e->ready_accounts == 0)
        return true;
    /* What is still ready has an account or endpoint that is not open, or no budget. */
    for (const struct account_box *box = account_first(e); box != NULL; box = account_next(box))
        if (box->ready != NULL && account_room(&box->account) != ROOM_NONE &&
            endpoint_room(&box->site->endpoint->endpoint) != ROOM_NONE &&
            account_budget_at(box) == 0 &&
            account_room(&box->site->refuser->account) != ROOM_NONE && engine_may_send(e))
            return false;
    return true;
}

/* over: nothing more is sent, what is still ready can not be. Returns how many records the pass is
 * about. */
static size_t count(const struct engine *e, const struct engine_once_box *once, bool over,
                    struct engine_once_result *result)
{
    size_t records = 0;

    for (size_t i = 0; i < e->entry_count; i++) {
        const struct entry *entry = e->order[i];
        bool any = false;
        for (int f = 0; f < FAMILIES; f++) {
            const struct record *r = entry->record[f];
            if (entry->rules->source[f] == NULL || entry->bar != BAR_NONE)
                continue;
            records++;
            any = any || r->wanted != NULL;
            if (r->state == RECORD_STOPPED ||
                (r->state == RECORD_READY && account_room(&entry->account->account) == ROOM_NONE))
                result->blocked++;
            else if (r->state == RECORD_RIGHT &&
                     stamp_to_wall(r->published_at, &e->now) >= once->began)
                result->published++;
            else if (r->state == RECORD_RIGHT)
                result->unchanged++;
            else if (!over && (r->state == RECORD_READY || r->state == RECORD_SENDING))
                result->left++;
            else if (r->failed || (r->state == RECORD_READY && r->last != OUTCOME_NONE))
                result->failed++;
            else if (r->state != RECORD_UNKNOWN)
                result->waiting++;
        }
        result->no_address += !any && entry->bar == BAR_NONE;
    }
    return records;
}

size_t engine_once_so_far(const struct engine *e, struct engine_once_result *result)
{
    *result = (struct engine_once_result){0};
    return e->once != NULL ? count(e, e->once, false, result) : 0;
}

void once_abandon(struct engine *e)
{
    if (e->once == NULL)
        return;
    e->seams.net->ops->timer_free(e->once->timer);
    mem_free(e->once);
    e->once = NULL;
    e->hold = false;
}

static void tick(void *arg)
{
    struct engine_once_box *once = arg;
    struct engine *e = once->engine;
    struct engine_once_result result = {0};
    msec now = net_now(e->seams.net).mono;

    if (now < once->ends && (e->hold || !at_rest(e))) {
        e->seams.net->ops->timer_set(once->timer, now + LOOK_EVERY);
        engine_wake(e);
        return;
    }
    e->now = net_now(e->seams.net);
    result.out_of_time = now >= once->ends;
    count(e, once, !result.out_of_time, &result);
    void (*done)(void *, const struct engine_once_result *) = once->done;
    void *done_arg = once->arg;
    once_abandon(e);
    done(done_arg, &result);
}

void once_hurry(struct engine *e)
{
    if (e->once != NULL && !e->hold && e->jobs == NULL && e->commits == NULL)
        e->seams.net->ops->timer_set(e->once->timer, net_now(e->seams.net).mono);
}

/* In every turn: are the sources in, so that A and AAAA may travel together? */
void once_look(struct engine *e)
{
    if (e->once == NULL || !e->hold)
        return;
    if (!sources_answered(e, e->once->began) && e->now.mono < e->once->sources_end)
        return;
    e->hold = false;
    for (struct account_box *box = account_first(e); box != NULL; box = account_next(box))
        engine_touch(box);
    e->seams.net->ops->timer_set(e->once->timer, e->now.mono + LOOK_EVERY);
}

void engine_once(struct engine *e, msec limit,
                 void (*done)(void *arg, const struct engine_once_result *result), void *arg)
{
    struct engine_once_box *once = mem_alloc(sizeof *once);
    struct moment now = net_now(e->seams.net);

    once_abandon(e);
    *once = (struct engine_once_box){
        .engine = e, .began = now.wall, .done = done, .arg = arg, .ends = now.mono + limit};
    once->sources_end = now.mono + limit / 2;
    once->timer = e->seams.net->ops->timer_new(e->seams.net, tick, once);
    e->once = once;
    e->hold = true;
    e->seams.net->ops->timer_set(once->timer, now.mono + LOOK_EVERY);
    engine_start(e);
}
