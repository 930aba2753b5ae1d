/*
 * SPDX-License-Identifier: ISC
 */
/* What is stored of jobs before they run: their records, in rows of many. */
#include "engine/inside.h"

#include "base/mem.h"

/*
 * A row is written again whenever some of its records had their outcome, so it holds few enough
 * that this is little beside writing those records, and more than one job's where jobs are small.
 */
enum { BUNDLE_MOST = 64 };

static void changed(struct engine *e, struct bundle *b)
{
    if (b->changed)
        return;
    b->changed = true;
    b->next_changed = e->bundles_changed;
    e->bundles_changed = b;
}

static struct bundle *bundle_new(struct engine *e)
{
    struct bundle *b = mem_alloc(sizeof *b);

    b->number = ++e->bundle_number;
    b->at = e->now.mono;
    b->next = e->bundles;
    if (b->next != NULL)
        b->next->prev = b;
    e->bundles = b;
    return b;
}

static void bundle_free(struct engine *e, struct bundle *b)
{
    if (b->prev != NULL)
        b->prev->next = b->next;
    else
        e->bundles = b->next;
    if (b->next != NULL)
        b->next->prev = b->prev;
    mem_free(b);
}

void attempts_add(struct engine_job *job)
{
    struct engine *e = job->engine;
    size_t count = job->job.member_count;
    struct bundle *b = e->bundle;

    if (b == NULL || b->at != e->now.mono || b->members + count > BUNDLE_MOST)
        b = e->bundle = bundle_new(e);
    b->members += count;
    job->bundle = b;
    job->next_of_bundle = b->jobs;
    if (b->jobs != NULL)
        b->jobs->prev_of_bundle = job;
    b->jobs = job;
    changed(e, b);
}

void attempts_changed(struct engine_job *job)
{
    if (job->bundle != NULL)
        changed(job->engine, job->bundle);
}

void attempts_leave(struct engine_job *job)
{
    struct bundle *b = job->bundle;

    if (b == NULL)
        return;
    if (job->prev_of_bundle != NULL)
        job->prev_of_bundle->next_of_bundle = job->next_of_bundle;
    else
        b->jobs = job->next_of_bundle;
    if (job->next_of_bundle != NULL)
        job->next_of_bundle->prev_of_bundle = job->prev_of_bundle;
    job->bundle = NULL;
    changed(job->engine, b);
}

/* Fills "items", where there is room, and returns how many are under way. */
static size_t collect(const struct engine_job *job, struct state_attempt *items)
{
    size_t count = 0;

    for (size_t i = 0; i < job->job.member_count; i++) {
        struct entry *entry = job->each[i].entry;
        for (int f = 0; f < FAMILIES && entry != NULL; f++) {
            if ((job->each[i].due & FAMILY_BIT(f)) == 0 || !entry->record[f]->open)
                continue;
            if (items != NULL)
                keep_attempt(entry, (enum family)f, &items[count]);
            count++;
        }
    }
    return count;
}

static void write_row(struct engine *e, const struct bundle *b)
{
    size_t room = 0, count = 0;

    for (const struct engine_job *job = b->jobs; job != NULL; job = job->next_of_bundle)
        room += collect(job, NULL);
    struct state_attempt *items = room > 0 ? mem_array(room, sizeof *items) : NULL;
    for (const struct engine_job *job = b->jobs; job != NULL; job = job->next_of_bundle)
        count += collect(job, items + count);
    state_batch_attempts(e->batch, &(struct state_attempts){.number = b->number,
                                                            .at = stamp_to_wall(b->at, &e->now),
                                                            .count = count,
                                                            .items = items});
    mem_free(items);
}

void attempts_write(struct engine *e)
{
    e->bundle = NULL;
    if (!e->clock_ok)
        return; /* as with all that holds a time; keep_all() follows */
    for (struct bundle *b = e->bundles_changed, *next; b != NULL; b = next) {
        next = b->next_changed;
        b->changed = false;
        write_row(e, b);
        if (b->jobs == NULL)
            bundle_free(e, b);
    }
    e->bundles_changed = NULL;
}

void attempts_write_all(struct engine *e)
{
    if (!e->clock_ok)
        return; /* what is stored stays, since nothing would take its place */
    /* A hostname that went meanwhile is under way for all that anybody knows. */
    state_batch_settle(e->batch);
    for (struct bundle *b = e->bundles; b != NULL; b = b->next)
        changed(e, b);
}

void attempts_abandon(struct engine *e)
{
    while (e->bundles != NULL)
        bundle_free(e, e->bundles);
    e->bundle = e->bundles_changed = NULL;
}
