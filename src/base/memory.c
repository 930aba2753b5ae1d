/*
 * SPDX-License-Identifier: ISC
 */
#include "base/memory.h"

#include "base/map.h"
#include "base/mem.h"
#include "base/text.h"

struct item {
    char *value; /* owned */
    msec expires;
    bool secret;
};

struct memory {
    struct map *items; /* key to struct item; NULL before the first: most accounts have none */
    bool changed;
};

struct memory *memory_new(void)
{
    return mem_alloc(sizeof(struct memory));
}

static void item_free(void *p)
{
    struct item *item = p;
    if (item != NULL) {
        mem_free_secret(item->value);
        mem_free(item);
    }
}

void memory_free(struct memory *m)
{
    if (m != NULL) {
        map_free(m->items, item_free);
        mem_free(m);
    }
}

const char *memory_get(const struct memory *m, const char *key, msec wall_now)
{
    const struct item *item = m->items != NULL ? map_get(m->items, key) : NULL;
    return item != NULL && item->expires > wall_now ? item->value : NULL;
}

void memory_put(struct memory *m, const char *key, const char *value, msec expires, bool secret)
{
    struct item *item = mem_alloc(sizeof *item);
    *item = (struct item){mem_text(value), expires, secret};
    if (m->items == NULL)
        m->items = map_new();
    struct item *former = map_set(m->items, key, item);
    bool same = former != NULL && text_equal(former->value, value) && former->secret == secret &&
                former->expires == expires;
    if (!same && !(secret && (former == NULL || former->secret)))
        m->changed = true;
    item_free(former);
}

void memory_forget(struct memory *m, const char *key)
{
    struct item *item = m->items != NULL ? map_remove(m->items, key) : NULL;
    if (item != NULL && !item->secret)
        m->changed = true;
    item_free(item);
}

void memory_forget_all(struct memory *m, const char *prefix)
{
    size_t at = 0;
    const char *key;

    while (m->items != NULL && map_next(m->items, &at, &key, NULL))
        if (text_starts(key, prefix))
            memory_forget(m, key);
}

bool memory_next(const struct memory *m, unsigned long *at, struct memory_item *out)
{
    size_t position = *at;
    const char *key;
    void *value;
    bool more = m->items != NULL && map_next(m->items, &position, &key, &value);

    *at = position;
    if (more) {
        const struct item *item = value;
        *out = (struct memory_item){key, item->value, item->expires, item->secret};
    }
    return more;
}

bool memory_take_changed(struct memory *m)
{
    bool changed = m->changed;
    m->changed = false;
    return changed;
}
