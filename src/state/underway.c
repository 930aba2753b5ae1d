/*
 * SPDX-License-Identifier: ISC
 */
#include "state/underway.h"

#include <string.h>

#include "base/map.h"
#include "base/mem.h"
#include "state/table.h"

struct item {
    struct state_attempt attempt; /* its entry is owned */
    msec at;
};

struct underway {
    struct map *items; /* owned: "FAMILY entry" to struct item */
    struct item *last; /* owned: what underway_next() gave */
    size_t at;         /* ... and where it goes on */
};

static void free_item(void *value)
{
    struct item *item = value;

    if (item != NULL)
        mem_free((char *)(uintptr_t)item->attempt.entry);
    mem_free(item);
}

struct underway *underway_new(void)
{
    struct underway *u = mem_alloc(sizeof *u);

    u->items = map_new();
    return u;
}

void underway_free(struct underway *u)
{
    if (u == NULL)
        return;
    map_free(u->items, free_item);
    free_item(u->last);
    mem_free(u);
}

static char *key_of(enum family family, const char *entry)
{
    return mem_format("%d %s", (int)family, entry);
}

void underway_put(struct underway *u, const struct state_attempt *a, msec at)
{
    struct item *item = mem_alloc(sizeof *item);
    char *key = key_of(a->family, a->entry);

    *item = (struct item){*a, at};
    item->attempt.entry = mem_text(a->entry);
    free_item(map_set(u->items, key, item));
    mem_free(key);
}

bool underway_add(struct underway *u, const struct row *r)
{
    struct state_attempts attempts;
    struct state_attempt attempt;

    if (!table_attempts_from(r, &attempts))
        return false;
    char *text = mem_text(row_get_text(r, 2));
    struct table_items items;
    table_items_begin(&items, text);
    bool sound = table_items_more(&items); /* a row without any was not written */
    while (sound && table_items_more(&items))
        if ((sound = table_items_next(&items, &attempt)))
            underway_put(u, &attempt, attempts.at);
    mem_free(text);
    return sound;
}

bool underway_empty(const struct underway *u)
{
    return map_count(u->items) == 0;
}

void underway_begin(const struct state_attempt *a, msec at, struct state_record *r)
{
    r->attempt_at = at;
    r->attempt_open = true;
    r->stopped = false;
    r->tried = a->tried;
    memcpy(r->fingerprint, a->fingerprint, sizeof r->fingerprint);
}

void underway_apply(struct underway *u, struct state_record *r)
{
    if (underway_empty(u))
        return;
    char *key = key_of(r->family, r->entry);
    struct item *item = map_remove(u->items, key);
    mem_free(key);
    if (item != NULL)
        underway_begin(&item->attempt, item->at, r);
    free_item(item);
}

bool underway_next(struct underway *u, struct state_record *r)
{
    const char *key;
    void *value;

    free_item(u->last);
    u->last = NULL;
    if (!map_next(u->items, &u->at, &key, &value))
        return false;
    u->last = value;
    map_remove(u->items, key);
    *r = (struct state_record){
        .entry = u->last->attempt.entry, .family = u->last->attempt.family, .last = OUTCOME_NONE};
    underway_begin(&u->last->attempt, u->last->at, r);
    return true;
}
