/*
 * SPDX-License-Identifier: ISC
 */
#include "engine/healed.h"

#include "base/mem.h"
#include "base/text.h"
#include "engine/inside.h"

#include <stdio.h>

static const char account[] = "healed";
static const msec GATHER = SECOND;

struct healed {
    struct engine *engine;
    struct memory *items; /* "4/ENTRY" or "6/ENTRY" to the set's text */
    msec at;
};

static void take_item(void *arg, const char *name, const struct memory_item *item)
{
    struct healed *h = arg;

    if (text_equal(name, account))
        memory_put(h->items, item->key, item->value, NEVER, false);
}

struct healed *healed_new(struct engine *e)
{
    struct healed *h = mem_alloc(sizeof *h);
    const struct state_visitor v = {.arg = h, .memory = take_item};
    struct cause c;

    h->engine = e;
    h->items = memory_new();
    h->at = NEVER;
    /* Not known is not healed: that costs one attempt. */
    (void)e->seams.state->ops->load(e->seams.state, &v, &c);
    memory_take_changed(h->items);
    return h;
}

void healed_free(struct healed *h)
{
    if (h == NULL)
        return;
    if (h->at != NEVER)
        healed_store(h, h->at);
    memory_free(h->items);
    mem_free(h);
}

static char *key_of(const char *entry, enum family family)
{
    return mem_format("%c/%s", family == V4 ? '4' : '6', entry);
}

bool healed_with(const struct healed *h, const char *entry, enum family family,
                 const struct addrset *set)
{
    char *key = key_of(entry, family), text[ADDRSET_TEXT_MAX];
    bool same = text_equal(memory_get(h->items, key, 0), addrset_text(set, text));

    mem_free(key);
    return same;
}

void healed_note(struct healed *h, const char *entry, enum family family, const struct addrset *set,
                 msec mono)
{
    char *key = key_of(entry, family), text[ADDRSET_TEXT_MAX];

    if (set != NULL)
        memory_put(h->items, key, addrset_text(set, text), NEVER, false);
    else
        memory_forget(h->items, key);
    mem_free(key);
    if (memory_take_changed(h->items) && h->at == NEVER)
        h->at = mono + GATHER;
}

msec healed_at(const struct healed *h)
{
    return h->at;
}

void healed_store(struct healed *h, msec mono)
{
    struct state *state = h->engine->seams.state;

    if (mono < h->at)
        return;
    h->at = NEVER;
    struct state_batch *batch = state_batch_new();
    state_batch_memory(batch, account, h->items);
    state->ops->commit(state, batch, NULL, NULL);
}
