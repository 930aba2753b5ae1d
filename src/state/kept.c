/*
 * SPDX-License-Identifier: ISC
 */
#include "state/kept.h"

#include <string.h>

#include "base/mem.h"

enum { BLOCK_FIRST = 4096, BLOCK_MOST = 1 << 20 };

struct block {
    struct block *next;
    size_t used, size;
    char bytes[];
};

struct kept {
    struct block *first, *last; /* owned */
};

struct kept *kept_new(void)
{
    return mem_alloc(sizeof(struct kept));
}

void kept_free(struct kept *k)
{
    for (struct block *b = k != NULL ? k->first : NULL, *next; b != NULL; b = next) {
        next = b->next;
        mem_free(b);
    }
    mem_free(k);
}

/*
 * A row is the table and the number of cells, a byte each, then the cells: the type, a byte, and
 * what has one its number (8 bytes), or a text its length (4), its bytes and their NUL. A row lies
 * in one block.
 */
enum { KEPT_ZERO = CELL_TEXT + 1 }; /* a number that is 0: there are many */

static size_t cell_size(const struct cell *c)
{
    switch (c->type) {
    case CELL_NUMBER:
        return c->number != 0 ? 1 + sizeof c->number : 1;
    case CELL_REAL:
        return 1 + sizeof c->real;
    case CELL_TEXT:
        return 1 + sizeof(uint32_t) + c->length + 1;
    default:
        return 1;
    }
}

static char *room_for(struct kept *k, size_t size)
{
    struct block *b = k->last;

    if (b == NULL || b->size - b->used < size) {
        size_t next = b == NULL ? BLOCK_FIRST : b->size < BLOCK_MOST ? 2 * b->size : BLOCK_MOST;
        if (next < size)
            next = size;
        k->last = mem_alloc(sizeof *b + next);
        k->last->size = next;
        *(b != NULL ? &b->next : &k->first) = k->last;
        b = k->last;
    }
    char *at = b->bytes + b->used;
    b->used += size;
    return at;
}

static char *put(char *at, const void *bytes, size_t n)
{
    memcpy(at, bytes, n);
    return at + n;
}

static char *put_cell(char *at, const struct cell *c)
{
    uint32_t length = (uint32_t)c->length;
    bool zero = c->type == CELL_NUMBER && c->number == 0;

    *at++ = zero ? KEPT_ZERO : (char)c->type;
    if (c->type == CELL_REAL)
        return put(at, &c->real, sizeof c->real);
    if (c->type == CELL_TEXT)
        return put(put(at, &length, sizeof length), c->text, c->length + 1);
    return c->type == CELL_NUMBER && !zero ? put(at, &c->number, sizeof c->number) : at;
}

void kept_add(struct kept *k, enum table_id id, const struct row *r)
{
    size_t size = 2;

    for (unsigned i = 0; i < r->count; i++)
        size += cell_size(&r->cells[i]);
    char *at = room_for(k, size);
    *at++ = (char)id;
    *at++ = (char)r->count;
    for (unsigned i = 0; i < r->count; i++)
        at = put_cell(at, &r->cells[i]);
}

static const char *take(const char *at, void *out, size_t n)
{
    memcpy(out, at, n);
    return at + n;
}

static const char *take_cell(const char *at, struct cell *c)
{
    uint32_t length;
    char type = *at++;

    *c = (struct cell){.type = type == KEPT_ZERO ? CELL_NUMBER : (enum cell_type)type};
    if (type == CELL_NUMBER)
        return take(at, &c->number, sizeof c->number);
    if (type == CELL_REAL)
        return take(at, &c->real, sizeof c->real);
    if (type != CELL_TEXT)
        return at;
    c->text = take(at, &length, sizeof length);
    c->length = length;
    return c->text + length + 1;
}

bool kept_each(const struct kept *k, bool (*fn)(void *arg, enum table_id id, const struct row *r),
               void *arg)
{
    struct row r;

    for (const struct block *b = k->first; b != NULL; b = b->next) {
        for (const char *at = b->bytes, *end = b->bytes + b->used; at < end;) {
            enum table_id id = (enum table_id) * at++;
            r.count = (unsigned char)*at++;
            for (unsigned i = 0; i < r.count; i++)
                at = take_cell(at, &r.cells[i]);
            if (!fn(arg, id, &r))
                return false;
        }
    }
    return true;
}
