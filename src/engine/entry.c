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

static void kin_drop(struct engine *e, struct kin *kin)
{
    if (kin == NULL || --kin->users > 0)
        return;
    if (--kin->rules->users == 0)
        mem_free(kin->rules);
    pool_give(&e->kins, kin);
}

static bool rules_equal(const struct rules *a, const struct rules *b)
{
    return a->source[V4] == b->source[V4] && a->source[V6] == b->source[V6] &&
           a->content == b->content && a->min_s == b->min_s && a->max_s == b->max_s &&
           a->error_s == b->error_s && a->policy == b->policy && a->loss == b->loss &&
           a->any_kind == b->any_kind && a->hook == b->hook;
}

static bool kin_equal(const struct kin *a, const struct loading *found)
{
    return a->account == found->kin.account && a->settings == found->kin.settings &&
           a->secrets == found->kin.secrets && rules_equal(a->rules, &found->rules);
}

static struct rules *rules_new(const struct rules *found)
{
    struct rules *rules = mem_alloc(sizeof *rules);

    *rules = *found;
    rules->users = 0;
    return rules;
}

/* The neighbour's rules serve it, too, when they say the same. */
static struct kin *kin_new(struct engine *e, const struct loading *found, struct kin *neighbour)
{
    struct kin *kin = pool_take(&e->kins);

    *kin = found->kin;
    kin->users = 0;
    kin->rules = neighbour != NULL && rules_equal(neighbour->rules, &found->rules)
                     ? neighbour->rules
                     : rules_new(&found->rules);
    kin->rules->users++;
    return kin;
}

/* Entries of one kin stand side by side; from its account they are found by these pieces. */
static void link_kins(struct engine *e)
{
    for (struct account_box *box = account_first(e); box != NULL; box = account_next(box))
        box->kins = NULL;
    for (size_t i = e->entry_count; i > 0; i--) {
        struct kin *kin = e->order[i - 1]->kin;
        if (kin->first != i - 1 || kin->account == NULL)
            continue;
        kin->next_of_account = kin->account->kins;
        kin->account->kins = kin;
    }
}

void entry_share_kin(struct engine *e)
{
    for (size_t i = 0; i < e->entry_count; i++) {
        struct entry *entry = e->order[i];
        const struct loading *found = &e->loading[i];
        struct kin *kin = i > 0 ? e->order[i - 1]->kin : NULL;
        if (kin == NULL || !kin_equal(kin, found)) {
            kin = kin_new(e, found, kin);
            kin->first = (uint32_t)i;
        }
        kin->users++;
        kin_drop(e, entry->kin);
        entry->kin = kin;
    }
    link_kins(e);
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
    removal_free(entry->removal);
    kin_drop(e, entry->kin);
    pool_give(&e->entries, entry);
}
