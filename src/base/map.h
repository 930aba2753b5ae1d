/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_BASE_MAP_H
#define HOMING_BASE_MAP_H

#include <stdbool.h>
#include <stddef.h>

/*
 * A hash table from text to a pointer; O(1). The hash is keyed at random per process (SipHash-2-4),
 * so that no peer can choose colliding names.
 */
struct map;

struct map *map_new(void); /* keys are copied */
/* Keys are lent: each must stay where it is until it is removed, or set again at another place. */
struct map *map_new_lent(void);
/* free_value may be NULL; it is called for each value left. */
void map_free(struct map *m, void (*free_value)(void *));
size_t map_count(const struct map *m);
void *map_get(const struct map *m, const char *key);        /* NULL when absent */
void *map_set(struct map *m, const char *key, void *value); /* returns the former value or NULL */
/* What stands under the key; where nothing does, the value, which is put there. */
void *map_first(struct map *m, const char *key, void *value);
void *map_remove(struct map *m, const char *key); /* returns the value or NULL */
/* Walks in the order of insertion. Start with *at = 0; false at the end. Removing while walking is
 * allowed, adding is not. */
bool map_next(const struct map *m, size_t *at, const char **key, void **value);

#endif
