/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_BASE_POOL_H
#define HOMING_BASE_POOL_H

#include <stddef.h>

/*
 * Memory for very many pieces of one size: they lie side by side in blocks, without the head that
 * malloc puts before each. What is given back is used for the next one; blocks go with the last
 * piece.
 */
struct pool {
    size_t size;  /* of a piece */
    void *blocks; /* owned; each begins with a pointer to the next */
    void *spare;  /* pieces that were given back, linked likewise */
    char *at;     /* what no piece was taken of yet in the newest block ... */
    size_t left;  /* ... and how many there are */
    size_t taken; /* and not given back */
};

void pool_init(struct pool *p, size_t size); /* at least that of a pointer */
void pool_fini(struct pool *p);              /* all pieces are gone then */
void *pool_take(struct pool *p);             /* zeroed, aligned for pointers */
void pool_give(struct pool *p, void *piece); /* NULL is fine */

#endif
