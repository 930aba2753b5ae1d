/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_DECIDE_HEAP_H
#define HOMING_DECIDE_HEAP_H

#include <stddef.h>
#include <stdint.h>

#include "base/clock.h"

/*
 * What comes next: a binary heap of points in time. Setting, moving and taking one is O(log n).
 * Items live inside what they belong to; the heap owns its array only.
 */
struct heap_item {
    msec at;
    uint32_t place; /* in the array, plus one; 0 when it is not in a heap */
    uint8_t kind;   /* the owner's: what contains the item */
};

struct heap {
    struct heap_item **items; /* owned */
    size_t count, room;
};

void heap_free(struct heap *h);
/* Adds, moves or (NEVER) removes. */
void heap_set(struct heap *h, struct heap_item *item, msec at);
/* The earliest item at or before "now", taken out; NULL when there is none. */
struct heap_item *heap_take(struct heap *h, msec now);
/* Gives back the room that it has for more items than there are. */
void heap_fit(struct heap *h);
msec heap_next(const struct heap *h); /* NEVER when empty */

#endif
