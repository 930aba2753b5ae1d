/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_BASE_MEMORY_H
#define HOMING_BASE_MEMORY_H

#include <stdbool.h>

#include "base/clock.h"

/*
 * What homing remembers about one account between jobs: session tokens, clock offset, zone ids,
 * record ids. A key is a path such as "zone/example.org" or "record/home.example.org/A". Secret
 * values live in memory only; the engine stores the others when they changed.
 */
struct memory;

struct memory *memory_new(void);
void memory_free(struct memory *m); /* wipes */
/* NULL when absent or expired. Valid until the next change. */
const char *memory_get(const struct memory *m, const char *key, msec wall_now);
/* expires: wall time, NEVER for none. */
void memory_put(struct memory *m, const char *key, const char *value, msec expires, bool secret);
void memory_forget(struct memory *m, const char *key);
void memory_forget_all(struct memory *m, const char *prefix); /* "" for all */

/* Walks all, for storing. Start with *at = 0. */
struct memory_item {
    const char *key, *value;
    msec expires;
    bool secret;
};
bool memory_next(const struct memory *m, unsigned long *at, struct memory_item *out);
/* Has anything that may be stored changed since the last call? */
bool memory_take_changed(struct memory *m);

#endif
