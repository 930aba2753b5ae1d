/*
 * SPDX-License-Identifier: ISC
 */
/* How accounts lie in memory: each of a hundred thousand hostnames may have its own. */
#include "engine/inside.h"

#include "base/mem.h"
#include "base/text.h"

#include <stdint.h>

struct account_box *account_box_new(struct engine *e, struct site *site, const char *key)
{
    struct account_box *box = pool_take(&e->account_boxes);

    box->due.kind = DUE_ACCOUNT;
    box->key = key;
    box->site = site;
    box->fresh = true;
    account_init(&box->account);
    return box;
}

void account_box_key(struct account_box *box, const char *key, bool owned)
{
    if (box->key_owned)
        mem_free((char *)(uintptr_t)box->key);
    box->key = key;
    box->key_owned = owned;
}

static void dealings_free(struct dealings *d)
{
    if (d == NULL)
        return;
    memory_free(d->memory);
    for (size_t i = 0; i < d->budget_count; i++)
        mem_free(d->budgets[i].key);
    mem_free(d->budgets);
    mem_free(d);
}

void account_box_fini(struct account_box *box)
{
    account_fini(&box->account);
    dealings_free(box->dealings);
    account_box_key(box, NULL, false);
}

bool account_limited(const struct account_box *box, const struct provider_limit *l)
{
    bool shared = text_equal(l->scope, "source"); /* by our address: of all accounts there */

    return l->n > 0 && l->per > 0 && shared == (box->site->refuser == NULL) &&
           !text_equal(l->scope, "record");
}

static void add_budgets(struct account_box *box)
{
    const struct provider_info *info = provider_info(box->site->provider);
    const struct engine *e = box->site->engine;
    struct dealings *d = box->dealings;

    for (size_t i = 0; i < info->limit_count; i++) {
        const struct provider_limit *l = &info->limits[i];
        if (!account_limited(box, l))
            continue;
        if (d->budgets == NULL)
            d->budgets = mem_array(info->limit_count, sizeof d->budgets[0]);
        struct budget_box *b = &d->budgets[d->budget_count++];
        budget_init(&b->budget, l->n, l->per, e->schedule.person_share, e->now.mono);
        b->writes_only = l->writes_only;
        b->key = mem_format("%s|%zu|%s", box->key, i, l->scope);
    }
}

struct dealings *account_dealings(struct account_box *box)
{
    if (box->dealings == NULL) {
        box->dealings = mem_alloc(sizeof *box->dealings);
        box->dealings->memory = memory_new();
        box->dealings->batch_most = UINT32_MAX;
        box->dealings->gate.limit = box->site->requests;
        add_budgets(box);
    }
    return box->dealings;
}

void account_begin_budgets(struct account_box *box)
{
    const struct provider_info *info = provider_info(box->site->provider);

    for (size_t i = 0; i < info->limit_count; i++)
        if (account_limited(box, &info->limits[i]))
            account_dealings(box);
}

struct memory *account_memory_copy(const struct account_box *box)
{
    struct memory *copy = memory_new();
    struct memory_item item;

    if (box != NULL && box->dealings != NULL)
        for (unsigned long at = 0; memory_next(box->dealings->memory, &at, &item);)
            memory_put(copy, item.key, item.value, item.expires, item.secret);
    return copy;
}

static bool remembers(const struct memory *m)
{
    struct memory_item item;
    unsigned long at = 0;

    return memory_next(m, &at, &item);
}

void account_rest(struct account_box *box)
{
    const struct dealings *d = box->dealings;

    if (d == NULL || d->running > 0 || d->taken > 0 || d->committing > 0 || d->readbacks > 0 ||
        d->queue_first != NULL || d->budget_count > 0 || d->budget_at != 0 ||
        d->batch_most != UINT32_MAX || remembers(d->memory))
        return;
    dealings_free(box->dealings);
    box->dealings = NULL;
}
