/*
 * SPDX-License-Identifier: ISC
 */
#include "web/throttle.h"

#include <stdio.h>
#include <string.h>

#include "base/map.h"
#include "base/mem.h"
#include "base/text.h"

struct count {
    unsigned failures;
    msec end, length;
};

struct throttle {
    struct map *counts;
};

struct throttle *throttle_new(void)
{
    struct throttle *t = mem_alloc(sizeof *t);

    t->counts = map_new();
    return t;
}

void throttle_free(struct throttle *t)
{
    if (t == NULL)
        return;
    map_free(t->counts, mem_free);
    mem_free(t);
}

const char *throttle_key(const struct addr *a, char *out)
{
    struct addr net = *a;
    char text[ADDR_TEXT_MAX];

    if (a->family == V6)
        memset(net.bytes + 8, 0, 8);
    snprintf(out, THROTTLE_KEY_MAX, "%s%s", addr_text(&net, text), a->family == V6 ? "/64" : "");
    return out;
}

msec throttle_wait(const struct throttle *t, const char *key, msec wall)
{
    const struct count *c = map_get(t->counts, key);

    if (c == NULL || c->end <= wall)
        return 0;
    msec left = c->end - wall;
    return left < c->length ? left : c->length;
}

static void forget_old(struct throttle *t, msec wall)
{
    const char *key, *oldest = NULL;
    msec oldest_end = NEVER;
    void *value;
    size_t at = 0;

    while (map_next(t->counts, &at, &key, &value)) {
        const struct count *c = value;
        if (c->end + THROTTLE_FORGET < wall) {
            mem_free(map_remove(t->counts, key));
        } else if (c->end < oldest_end) {
            oldest_end = c->end;
            oldest = key;
        }
    }
    if (map_count(t->counts) >= THROTTLE_KEYS && oldest != NULL)
        mem_free(map_remove(t->counts, oldest));
}

void throttle_fail(struct throttle *t, const char *key, msec wall)
{
    struct count *c = map_get(t->counts, key);

    if (c == NULL) {
        if (map_count(t->counts) >= THROTTLE_KEYS)
            forget_old(t, wall);
        c = mem_alloc(sizeof *c);
        map_set(t->counts, key, c);
    } else if (c->end + THROTTLE_FORGET < wall) {
        c->failures = 0;
    }
    if (c->failures < 1000)
        c->failures++;
    msec most = text_starts(key, THROTTLE_ACCOUNT) ? THROTTLE_MOST_ACCOUNT : THROTTLE_MOST_ADDRESS;
    unsigned over = c->failures > THROTTLE_FREE ? c->failures - THROTTLE_FREE : 0;
    msec wait = over == 0 ? 0 : over > 20 ? most : SECOND << (over - 1);
    c->length = wait < most ? wait : most;
    c->end = wall + c->length;
}

void throttle_clear(struct throttle *t, const char *key)
{
    mem_free(map_remove(t->counts, key));
}

bool throttle_next(const struct throttle *t, size_t *at, struct throttle_item *out)
{
    const char *key;
    void *value;

    if (!map_next(t->counts, at, &key, &value))
        return false;
    const struct count *c = value;
    *out = (struct throttle_item){key, c->failures, c->end, c->length};
    return true;
}

void throttle_restore(struct throttle *t, const struct throttle_item *item)
{
    if (map_count(t->counts) >= THROTTLE_KEYS)
        return;
    struct count *c = mem_alloc(sizeof *c);
    *c = (struct count){item->failures, item->end, item->length};
    mem_free(map_set(t->counts, item->key, c));
}
