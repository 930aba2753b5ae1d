/*
 * SPDX-License-Identifier: ISC
 */
/* How entries lie in memory: a hundred thousand of them should cost little. */
#include "engine/inside.h"

#include "base/mem.h"

#include <stdint.h>

struct entry *entry_new(struct engine *e)
{
    struct entry *entry = pool_take(&e->entries);

    entry->due.kind = DUE_ENTRY;
    for (int f = 0; f < FAMILIES; f++) /* only read, as long as it is not the entry's own */
        entry->record[f] = (struct record *)(uintptr_t)&record_none[f];
    entry->fresh = true;
    return entry;
}

struct errand *entry_errand(struct engine *e, struct entry *entry)
{
    if (entry->errand == NULL)
        entry->errand = pool_take(&e->errands);
    return entry->errand;
}

static void errand_free(struct engine *e, struct entry *entry)
{
    if (entry->errand != NULL)
        mem_free(entry->errand->id);
    pool_give(&e->errands, entry->errand);
}

void entry_rest(struct engine *e, struct entry *entry)
{
    const struct errand *on = entry->errand;

    if (on == NULL || entry->ready || on->job != NULL || on->removal != NULL)
        return;
    errand_free(e, entry);
    entry->errand = NULL;
}

const char *entry_id(struct entry *entry, char **made)
{
    struct errand *on = entry_job(entry) != NULL ? entry->errand : NULL;

    *made = NULL;
    if (on == NULL)
        return *made = entry_make_id(entry);
    if (on->id == NULL)
        on->id = entry_make_id(entry);
    return on->id;
}

static void rules_drop(struct rules *rules)
{
    if (rules != NULL && --rules->users == 0)
        mem_free(rules);
}

static bool rules_equal(const struct rules *a, const struct rules *b)
{
    return a->source[V4] == b->source[V4] && a->source[V6] == b->source[V6] &&
           a->content == b->content && a->min_s == b->min_s && a->max_s == b->max_s &&
           a->error_s == b->error_s && a->policy == b->policy && a->loss == b->loss &&
           a->any_kind == b->any_kind && a->hook == b->hook;
}

static struct rules *rules_new(const struct rules *found)
{
    struct rules *rules = mem_alloc(sizeof *rules);

    *rules = *found;
    rules->users = 0;
    return rules;
}

/* From its account an entry is found by the one before it. */
static void link_accounts(struct engine *e)
{
    for (struct account_box *box = account_first(e); box != NULL; box = account_next(box))
        box->first = 0;
    for (size_t i = e->entry_count; i > 0; i--) {
        struct entry *entry = e->order[i - 1];
        if (entry->account == NULL)
            continue;
        entry->next_of_account = entry->account->first;
        entry->account->first = (uint32_t)i;
    }
}

void entry_settle(struct engine *e)
{
    for (size_t i = 0; i < e->entry_count; i++) {
        struct entry *entry = e->order[i];
        const struct loading *found = &e->loading[i];
        struct rules *rules = i > 0 ? e->order[i - 1]->rules : NULL;
        if (rules == NULL || !rules_equal(rules, &found->rules))
            rules = rules_new(&found->rules);
        rules->users++;
        rules_drop(entry->rules);
        entry->rules = rules;
        entry->account = found->account;
        entry->settings = found->settings;
    }
    link_accounts(e);
}

struct record *entry_own_record(struct engine *e, struct entry *entry, enum family f)
{
    if (entry->record[f] == &record_none[f]) {
        entry->record[f] = pool_take(&e->records);
        record_init(entry->record[f], f);
    }
    return entry->record[f];
}

void entry_free(struct engine *e, struct entry *entry)
{
    for (int f = 0; f < FAMILIES; f++) {
        if (entry->verified != NULL)
            mem_free(entry->verified[f].served);
        if (entry->record[f] == &record_none[f])
            continue;
        record_fini(entry->record[f]);
        pool_give(&e->records, entry->record[f]);
    }
    mem_free(entry->verified);
    removal_free(entry_removal(entry));
    errand_free(e, entry);
    rules_drop(entry->rules);
    pool_give(&e->entries, entry);
}
