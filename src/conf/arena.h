/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_CONF_ARENA_H
#define HOMING_CONF_ARENA_H

#include <stddef.h>
#include <stdint.h>

/*
 * The memory of one configuration: many small pieces that are freed together, and texts that are
 * kept once however often they are written, so that equal texts are equal pointers. All of it is
 * overwritten when it is freed, since secrets are among it.
 */
struct arena {
    struct arena_block *blocks; /* owned */
    size_t left;                /* bytes free in the newest block */
    char *at;
    struct arena_text *texts; /* owned; open addressing, a NULL text is empty */
    size_t text_count, text_mask;
    uint32_t seed;
};

void arena_init(struct arena *a);
void arena_fini(struct arena *a);
void *arena_alloc(struct arena *a, size_t size); /* zeroed, aligned for pointers */
char *arena_chars(struct arena *a, size_t n);    /* zeroed, not aligned */
/* The one copy of this text (no NUL in it), ended by NUL. */
const char *arena_text(struct arena *a, const char *s, size_t n);
uint32_t arena_hash(const struct arena *a, const char *s, size_t n);
/* No more texts will come: frees their index. */
void arena_close(struct arena *a);

#endif
