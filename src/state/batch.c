/*
 * SPDX-License-Identifier: ISC
 */
#include "state/batch.h"

#include <stdalign.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"

/* Changes and what they hold lie side by side in blocks: a pass over a fleet makes thousands. */
struct block {
    struct block *next;
    size_t used, room;
    alignas(max_align_t) char bytes[];
};
enum { BLOCK_LEAST = 1024, BLOCK_MOST = 64 * 1024 };

struct state_batch {
    struct change *first, **end;
    struct block *blocks; /* owned; the newest first */
    struct state_event
        latest; /* of the events: what the next one has in common with it is shared */
};

struct state_batch *state_batch_new(void)
{
    struct state_batch *b = mem_alloc(sizeof *b);

    b->end = &b->first;
    return b;
}

void state_batch_free(struct state_batch *b)
{
    if (b == NULL)
        return;
    for (struct block *block = b->blocks, *next; block != NULL; block = next) {
        next = block->next;
        mem_free(block);
    }
    mem_free(b);
}

bool state_batch_empty(const struct state_batch *b)
{
    return b->first == NULL;
}

const struct change *batch_first(const struct state_batch *b)
{
    return b->first;
}

static void *take(struct state_batch *b, size_t size)
{
    struct block *block = b->blocks;

    size = (size + alignof(max_align_t) - 1) / alignof(max_align_t) * alignof(max_align_t);
    if (block == NULL || block->room - block->used < size) {
        size_t room = block == NULL ? BLOCK_LEAST : block->room * 2;
        room = room > BLOCK_MOST ? BLOCK_MOST : room;
        room = room < size ? size : room;
        block = mem_alloc(sizeof *block + room);
        block->room = room;
        block->next = b->blocks;
        b->blocks = block;
    }
    block->used += size;
    return block->bytes + block->used - size;
}

static void *copy(struct state_batch *b, const void *bytes, size_t n)
{
    void *at = take(b, n);

    if (n > 0)
        memcpy(at, bytes, n);
    return at;
}

static const char *keep(struct state_batch *b, const char *text)
{
    return text != NULL ? copy(b, text, strlen(text) + 1) : NULL;
}

/* The records of one request have its words in common. */
static const char *keep_again(struct state_batch *b, const char *latest, const char *text)
{
    return text_equal(latest, text) ? latest : keep(b, text);
}

static struct change *add(struct state_batch *b, enum change_kind kind)
{
    struct change *c = take(b, sizeof *c);

    *c = (struct change){.kind = kind};
    *b->end = c;
    b->end = &c->next;
    return c;
}

void state_batch_record(struct state_batch *b, const struct state_record *r)
{
    struct state_record *own = copy(b, r, sizeof *r);

    own->entry = keep(b, r->entry);
    own->say = keep(b, r->say);
    add(b, CHANGE_RECORD)->of.record = own;
}

void state_batch_attempts(struct state_batch *b, const struct state_attempts *a)
{
    struct state_attempts *own = copy(b, a, sizeof *a);
    struct state_attempt *items = a->count > 0 ? copy(b, a->items, a->count * sizeof *items) : NULL;

    for (size_t i = 0; i < a->count; i++)
        items[i].entry = keep(b, items[i].entry);
    own->items = items;
    add(b, CHANGE_ATTEMPTS)->of.attempts = own;
}

void state_batch_settle(struct state_batch *b)
{
    add(b, CHANGE_SETTLE);
}

void state_batch_scope(struct state_batch *b, const struct state_scope *s)
{
    struct state_scope *own = copy(b, s, sizeof *s);

    own->kind = keep(b, s->kind);
    own->key = keep(b, s->key);
    own->say = keep(b, s->say);
    add(b, CHANGE_SCOPE)->of.scope = own;
}

void state_batch_bucket(struct state_batch *b, const struct state_bucket *k)
{
    struct state_bucket *own = copy(b, k, sizeof *k);

    own->key = keep(b, k->key);
    add(b, CHANGE_BUCKET)->of.bucket = own;
}

static void add_memory(struct state_batch *b, enum change_kind kind, const struct change_memory *m)
{
    add(b, kind)->of.memory = copy(b, m, sizeof *m);
}

void state_batch_memory(struct state_batch *b, const char *account, const struct memory *m)
{
    struct change_memory change = {.account = keep(b, account)};
    struct memory_item item;
    unsigned long at = 0;

    add_memory(b, CHANGE_MEMORY_CLEAR, &change);
    while (memory_next(m, &at, &item)) {
        if (item.secret)
            continue;
        change.item = item;
        change.item.key = keep(b, item.key);
        change.item.value = keep(b, item.value);
        add_memory(b, CHANGE_MEMORY_ITEM, &change);
    }
}

void state_batch_event(struct state_batch *b, const struct state_event *e)
{
    const struct state_event *l = &b->latest;

    b->latest = (struct state_event){
        .at = e->at,
        .entry = keep_again(b, l->entry, e->entry),
        .family = e->family,
        .kind = keep_again(b, l->kind, e->kind),
        .old_set = keep_again(b, l->old_set, e->old_set),
        .new_set = keep_again(b, l->new_set, e->new_set),
        .cls = keep_again(b, l->cls, e->cls),
        .say = keep_again(b, l->say, e->say),
    };
    add(b, CHANGE_EVENT)->of.event = copy(b, &b->latest, sizeof b->latest);
}

void state_batch_forget_entry(struct state_batch *b, const char *entry)
{
    add(b, CHANGE_FORGET)->of.forget = keep(b, entry);
}
