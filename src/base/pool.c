/*
 * SPDX-License-Identifier: ISC
 */
#include "base/pool.h"

#include "base/mem.h"

#include <stdint.h>
#include <string.h>

/* Sanitizers see that a piece is used which was given back. */
#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#define HIDE(piece, size) ASAN_POISON_MEMORY_REGION(piece, size)
#define SHOW(piece, size) ASAN_UNPOISON_MEMORY_REGION(piece, size)
#else
#define HIDE(piece, size) ((void)(piece))
#define SHOW(piece, size) ((void)(piece))
#endif

enum { BLOCK = 16 * 1024 };

void pool_init(struct pool *p, size_t size)
{
    *p = (struct pool){.size = (size + sizeof(void *) - 1) / sizeof(void *) * sizeof(void *)};
}

void pool_fini(struct pool *p)
{
    for (void *block = p->blocks, *next; block != NULL; block = next) {
        memcpy(&next, block, sizeof next);
        mem_free(block);
    }
    pool_init(p, p->size);
}

static void add_block(struct pool *p)
{
    char *block = mem_alloc(BLOCK);

    memcpy(block, &p->blocks, sizeof p->blocks);
    p->blocks = block;
    p->at = block + sizeof(void *);
    p->left = (BLOCK - sizeof(void *)) / p->size;
}

void *pool_take(struct pool *p)
{
    char *piece = p->spare;

    p->taken++;
    if (piece != NULL) {
        SHOW(piece, p->size);
        memcpy(&p->spare, piece, sizeof p->spare);
        return memset(piece, 0, p->size);
    }
    if (p->left == 0)
        add_block(p);
    piece = p->at;
    p->at += p->size;
    p->left--;
    return piece;
}

void pool_give(struct pool *p, void *piece)
{
    if (piece == NULL)
        return;
    if (--p->taken == 0) {
        pool_fini(p);
        return;
    }
    memcpy(piece, &p->spare, sizeof p->spare);
    p->spare = piece;
    HIDE((char *)piece, p->size);
}
