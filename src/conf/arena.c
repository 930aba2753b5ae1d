/*
 * SPDX-License-Identifier: ISC
 */
#include "conf/arena.h"

#include "base/mem.h"

#include <string.h>
#include <sys/random.h>

enum { BLOCK = 32 * 1024 };

struct arena_block {
    struct arena_block *next;
    size_t size; /* with this head */
};

struct arena_text {
    const char *text;
    uint32_t hash, length;
};

void arena_init(struct arena *a)
{
    memset(a, 0, sizeof *a);
    if (getrandom(&a->seed, sizeof a->seed, 0) != (ssize_t)sizeof a->seed)
        a->seed = 2166136261u;
}

void arena_fini(struct arena *a)
{
    for (struct arena_block *b = a->blocks, *next; b != NULL; b = next) {
        next = b->next;
        mem_wipe(b, b->size);
        mem_free(b);
    }
    arena_close(a);
    memset(a, 0, sizeof *a);
}

void arena_close(struct arena *a)
{
    mem_free(a->texts);
    a->texts = NULL;
    a->text_count = a->text_mask = 0;
}

static char *take(struct arena *a, size_t size, size_t align)
{
    size_t pad = (size_t)(-(uintptr_t)a->at & (align - 1));
    if (a->at == NULL || pad + size > a->left) {
        size_t room = size + 64 > BLOCK / 4 ? size + 64 : BLOCK;
        struct arena_block *b = mem_alloc(room);
        b->size = room;
        b->next = a->blocks;
        a->blocks = b;
        a->at = (char *)(b + 1);
        a->left = room - sizeof *b;
        pad = 0;
    }
    char *p = a->at + pad;
    a->at += pad + size;
    a->left -= pad + size;
    return p;
}

void *arena_alloc(struct arena *a, size_t size)
{
    return take(a, size, sizeof(void *));
}

uint32_t arena_hash(const struct arena *a, const char *s, size_t n)
{
    uint32_t h = a->seed;
    for (size_t i = 0; i < n; i++)
        h = (h ^ (unsigned char)s[i]) * 16777619u;
    return h ^ h >> 15;
}

static void grow(struct arena *a)
{
    size_t mask = a->text_mask == 0 ? 1023 : a->text_mask * 2 + 1;
    struct arena_text *fresh = mem_array(mask + 1, sizeof fresh[0]);
    for (size_t i = 0; a->texts != NULL && i <= a->text_mask; i++) {
        if (a->texts[i].text == NULL)
            continue;
        size_t at = a->texts[i].hash & mask;
        while (fresh[at].text != NULL)
            at = (at + 1) & mask;
        fresh[at] = a->texts[i];
    }
    mem_free(a->texts);
    a->texts = fresh;
    a->text_mask = mask;
}

char *arena_chars(struct arena *a, size_t n)
{
    return take(a, n, 1);
}

const char *arena_text(struct arena *a, const char *s, size_t n)
{
    uint32_t hash = arena_hash(a, s, n);

    if (a->texts == NULL || (a->text_count + 1) * 4 > (a->text_mask + 1) * 3)
        grow(a);
    size_t at = hash & a->text_mask;
    for (; a->texts[at].text != NULL; at = (at + 1) & a->text_mask)
        if (a->texts[at].hash == hash && a->texts[at].length == n &&
            memcmp(a->texts[at].text, s, n) == 0)
            return a->texts[at].text;
    char *copy = take(a, n + 1, 1);
    if (n > 0)
        memcpy(copy, s, n);
    copy[n] = '\0';
    a->texts[at] = (struct arena_text){copy, hash, (uint32_t)n};
    a->text_count++;
    return copy;
}
