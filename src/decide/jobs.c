/*
 * SPDX-License-Identifier: ISC
 */
#include "decide/jobs.h"

#include "base/mem.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

struct sorting {
    struct jobs_candidate *candidate;
    const struct jobs_rules *rules;
};

static int compare_text(const char *a, const char *b)
{
    if (a == NULL || b == NULL)
        return (a != NULL) - (b != NULL);
    return strcmp(a, b);
}

/* By content, so that the order of jobs does not depend on where memory lies. */
static int compare_set(const struct set *a, const struct set *b)
{
    if (a == b)
        return 0;
    if (a == NULL || b == NULL)
        return a == NULL ? -1 : 1;
    const struct addrset *left = set_addresses(a), *right = set_addresses(b);
    if (left->count != right->count)
        return left->count < right->count ? -1 : 1;
    for (size_t i = 0; i < left->count; i++) {
        int order = addr_compare(&left->items[i], &right->items[i]);
        if (order != 0)
            return order;
    }
    return 0;
}

/* 0 when the two may share a job. */
static int compare_group(const struct jobs_candidate *a, const struct jobs_candidate *b,
                         const struct jobs_rules *rules)
{
    int order = 0;

    if (!rules->families || rules->of == JOBS_ADDRESSES)
        order = (a->due > b->due) - (a->due < b->due);
    if (order == 0 && rules->of == JOBS_ZONE)
        order = compare_text(a->zone, b->zone);
    if (order == 0)
        order = compare_text(a->same, b->same);
    for (size_t f = 0; order == 0 && rules->of == JOBS_ADDRESSES && f < FAMILIES; f++)
        order = compare_set(a->wanted[f], b->wanted[f]);
    return order;
}

static int compare(const void *left, const void *right)
{
    const struct sorting *a = left, *b = right;
    int order = compare_group(a->candidate, b->candidate, a->rules);
    if (order == 0)
        order = (a->candidate->order > b->candidate->order) -
                (a->candidate->order < b->candidate->order);
    return order;
}

/* Fleets are written so: then nothing is to be sorted. */
static bool in_order(const struct sorting *sorted, size_t count)
{
    for (size_t i = 1; i < count; i++)
        if (compare(&sorted[i - 1], &sorted[i]) > 0)
            return false;
    return true;
}

static bool together(const struct jobs_candidate *a, const struct jobs_candidate *b,
                     const struct jobs_rules *rules)
{
    if (rules->of == JOBS_ALONE || (rules->of == JOBS_ZONE && a->zone == NULL))
        return false;
    return compare_group(a, b, rules) == 0;
}

struct run {
    size_t first, count, bytes, order;
};

static int compare_runs(const void *left, const void *right)
{
    const struct run *a = left, *b = right;
    return (a->order > b->order) - (a->order < b->order);
}

/* Without room for both families in a job, the lower one goes first. */
static void choose_family(struct jobs_candidate *c)
{
    c->due &= ~(c->due - 1u);
}

static void alone(struct jobs_candidate *candidate, const struct jobs_rules *rules, jobs_fn *fn,
                  void *arg)
{
    const struct jobs_candidate *member = candidate;

    if (!rules->families)
        choose_family(candidate);
    fn(arg, &member, 1);
}

void jobs_group(struct jobs_candidate *candidates, size_t count, const struct jobs_rules *rules,
                unsigned most, jobs_fn *fn, void *arg)
{
    if (count == 1) {
        alone(candidates, rules, fn, arg);
        return;
    }
    struct sorting *sorted = mem_array(count, sizeof sorted[0]);
    struct run *runs = mem_array(count, sizeof runs[0]);
    const struct jobs_candidate **members = mem_array(count, sizeof members[0]);
    size_t run_count = 0;
    size_t limit = rules->hosts > 0 && rules->hosts < most ? rules->hosts : most;

    for (size_t i = 0; i < count; i++) {
        candidates[i].order = i;
        if (!rules->families)
            choose_family(&candidates[i]);
        sorted[i] = (struct sorting){&candidates[i], rules};
    }
    if (!in_order(sorted, count))
        qsort(sorted, count, sizeof sorted[0], compare);
    for (size_t i = 0; i < count; i++) {
        members[i] = sorted[i].candidate;
        struct run *last = run_count > 0 ? &runs[run_count - 1] : NULL;
        size_t bytes = members[i]->bytes;
        if (last != NULL && last->count < limit && together(members[i - 1], members[i], rules) &&
            (rules->bytes == 0 || last->bytes + bytes <= rules->bytes)) {
            last->count++;
            last->bytes += bytes;
        } else {
            runs[run_count++] = (struct run){i, 1, bytes, members[i]->order};
        }
    }
    if (run_count > 1)
        qsort(runs, run_count, sizeof runs[0], compare_runs);
    for (size_t i = 0; i < run_count; i++)
        fn(arg, &members[runs[i].first], runs[i].count);
    mem_free(members);
    mem_free(runs);
    mem_free(sorted);
}
