/*
 * SPDX-License-Identifier: ISC
 */
#include "decide/heap.h"

#include "base/mem.h"

void heap_free(struct heap *h)
{
    mem_free(h->items);
    *h = (struct heap){0};
}

void heap_fit(struct heap *h)
{
    if (h->count > 0 && h->count < h->room)
        h->items = mem_resize(h->items, h->room = h->count, sizeof h->items[0]);
}

static void put(struct heap *h, size_t place, struct heap_item *item)
{
    h->items[place] = item;
    item->place = (uint32_t)place + 1;
}

static void rise(struct heap *h, size_t at)
{
    struct heap_item *item = h->items[at];
    while (at > 0 && h->items[(at - 1) / 2]->at > item->at) {
        put(h, at, h->items[(at - 1) / 2]);
        at = (at - 1) / 2;
    }
    put(h, at, item);
}

static void sink(struct heap *h, size_t at)
{
    struct heap_item *item = h->items[at];
    for (;;) {
        size_t child = 2 * at + 1;
        if (child >= h->count)
            break;
        if (child + 1 < h->count && h->items[child + 1]->at < h->items[child]->at)
            child++;
        if (h->items[child]->at >= item->at)
            break;
        put(h, at, h->items[child]);
        at = child;
    }
    put(h, at, item);
}

static void take_out(struct heap *h, struct heap_item *item)
{
    size_t at = item->place - 1;
    struct heap_item *last = h->items[--h->count];

    item->place = 0;
    if (last != item) {
        put(h, at, last);
        rise(h, at);
        sink(h, last->place - 1);
    }
    if (h->count < h->room / 4) { /* far below where it grew: nothing swings to and fro */
        h->room /= 2;
        h->items = mem_resize(h->items, h->room, sizeof h->items[0]);
    }
}

void heap_set(struct heap *h, struct heap_item *item, msec at)
{
    if (item->place != 0) {
        if (at == item->at)
            return;
        take_out(h, item);
    }
    item->at = at;
    if (at == NEVER)
        return;
    if (h->count == h->room) {
        h->room = h->room == 0 ? 16 : h->room * 2;
        h->items = mem_resize(h->items, h->room, sizeof h->items[0]);
    }
    put(h, h->count++, item);
    rise(h, h->count - 1);
}

struct heap_item *heap_take(struct heap *h, msec now)
{
    if (h->count == 0 || h->items[0]->at > now)
        return NULL;
    struct heap_item *first = h->items[0];
    take_out(h, first);
    return first;
}

msec heap_next(const struct heap *h)
{
    return h->count > 0 ? h->items[0]->at : NEVER;
}
