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

static void kin_drop(struct kin *kin)
{
    if (kin != NULL && --kin->users == 0)
        mem_free(kin);
}

static bool kin_equal(const struct kin *a, const struct kin *b)
{
    return a->account == b->account && a->source[V4] == b->source[V4] &&
           a->source[V6] == b->source[V6] && a->content == b->content &&
           a->settings == b->settings && a->secrets == b->secrets && a->min_s == b->min_s &&
           a->max_s == b->max_s && a->error_s == b->error_s && a->policy == b->policy &&
           a->loss == b->loss && a->any_kind == b->any_kind && a->hook == b->hook;
}

/* Entries of one kin stand side by side; from its account they are found by these pieces. */
static void link_kins(struct engine *e)
{
    void *value;

    for (size_t at = 0; map_next(e->accounts, &at, NULL, &value);)
        ((struct account_box *)value)->kins = NULL;
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
        const struct kin *found = &e->loading[i].kin;
        struct kin *kin = i > 0 ? e->order[i - 1]->kin : NULL;
        if (kin == NULL || !kin_equal(kin, found)) {
            kin = mem_alloc(sizeof *kin);
            *kin = *found;
            kin->users = 0;
            kin->first = (uint32_t)i;
        }
        kin->users++;
        kin_drop(entry->kin);
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
    kin_drop(entry->kin);
    pool_give(&e->entries, entry);
}
