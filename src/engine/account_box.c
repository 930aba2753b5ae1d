/*
 * SPDX-License-Identifier: ISC
 */
/* How accounts lie in memory: each of a hundred thousand hostnames may have its own. */
#include "engine/inside.h"

#include "base/mem.h"
#include "base/text.h"

#include <stdint.h>

struct account_box *account_box_new(struct engine *e, struct site *site)
{
    struct account_box *box = pool_take(&e->account_boxes);

    box->due.kind = DUE_ACCOUNT;
    box->site = site;
    box->fresh = true;
    account_init(&box->account);
    return box;
}

char *account_key(const struct account_box *box)
{
    if (box->site->refuser == NULL)
        return mem_text(provider_info(box->site->provider)->id);
    if (box->dealings != NULL && box->dealings->key != NULL)
        return mem_text(box->dealings->key);
    return conf_entry_make_account(entry_numbered(box->site->engine, box->first)->conf);
}

static void dealings_free(struct dealings *d)
{
    if (d == NULL)
        return;
    mem_free(d->key);
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
    char *key = account_key(box);

    for (size_t i = 0; i < info->limit_count; i++) {
        const struct provider_limit *l = &info->limits[i];
        if (!account_limited(box, l))
            continue;
        if (d->budgets == NULL)
            d->budgets = mem_array(info->limit_count, sizeof d->budgets[0]);
        struct budget_box *b = &d->budgets[d->budget_count++];
        budget_init(&b->budget, l->n, l->per, e->schedule.person_share, e->now.mono);
        b->writes_only = l->writes_only;
        b->key = mem_format("%s|%zu|%s", key, i, l->scope);
    }
    mem_free(key);
}

static struct dealings *dealings_new(struct account_box *box, char *key)
{
    struct dealings *d = box->dealings = mem_alloc(sizeof *d);

    d->key = key;
    d->memory = memory_new();
    d->batch_most = UINT32_MAX;
    d->gate.limit = box->site->requests;
    if (provider_info(box->site->provider)->limit_count > 0)
        add_budgets(box);
    return d;
}

struct dealings *account_dealings(struct account_box *box)
{
    return box->dealings != NULL ? box->dealings : dealings_new(box, NULL);
}

void account_begin_budgets(struct account_box *box)
{
    const struct provider_info *info = provider_info(box->site->provider);

    for (size_t i = 0; i < info->limit_count; i++)
        if (account_limited(box, &info->limits[i]))
            account_dealings(box);
}

void account_own_key(struct account_box *box, char *key)
{
    if (box->dealings == NULL && key != NULL) {
        dealings_new(box, key);
    } else if (box->dealings != NULL) {
        mem_free(box->dealings->key);
        box->dealings->key = key;
        account_rest(box);
    }
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

    if (d == NULL || d->key != NULL || d->running > 0 || d->taken > 0 || d->committing > 0 ||
        d->readbacks > 0 || d->queue_first != NULL || d->budget_count > 0 || d->budget_at != 0 ||
        d->batch_most != UINT32_MAX || remembers(d->memory))
        return;
    dealings_free(box->dealings);
    box->dealings = NULL;
}
