/*
 * SPDX-License-Identifier: ISC
 */
#include "state/batch.h"

#include "base/mem.h"

struct state_batch {
    struct change *changes;
    size_t count, room;
    char **texts; /* owned copies that the changes point to */
    size_t text_count, text_room;
};

struct state_batch *state_batch_new(void)
{
    return mem_alloc(sizeof(struct state_batch));
}

void state_batch_free(struct state_batch *b)
{
    if (b == NULL)
        return;
    for (size_t i = 0; i < b->text_count; i++)
        mem_free(b->texts[i]);
    mem_free(b->texts);
    mem_free(b->changes);
    mem_free(b);
}

bool state_batch_empty(const struct state_batch *b)
{
    return b->count == 0;
}

size_t batch_count(const struct state_batch *b)
{
    return b->count;
}

const struct change *batch_at(const struct state_batch *b, size_t i)
{
    return &b->changes[i];
}

static const char *keep(struct state_batch *b, const char *text)
{
    if (text == NULL)
        return NULL;
    if (b->text_count == b->text_room) {
        b->text_room = b->text_room == 0 ? 16 : b->text_room * 2;
        b->texts = mem_resize(b->texts, b->text_room, sizeof *b->texts);
    }
    return b->texts[b->text_count++] = mem_text(text);
}

static struct change *add(struct state_batch *b, enum change_kind kind)
{
    if (b->count == b->room) {
        b->room = b->room == 0 ? 8 : b->room * 2;
        b->changes = mem_resize(b->changes, b->room, sizeof *b->changes);
    }
    struct change *c = &b->changes[b->count++];
    *c = (struct change){.kind = kind};
    return c;
}

void state_batch_record(struct state_batch *b, const struct state_record *r)
{
    struct change *c = add(b, CHANGE_RECORD);
    c->of.record = *r;
    c->of.record.entry = keep(b, r->entry);
}

void state_batch_scope(struct state_batch *b, const struct state_scope *s)
{
    struct change *c = add(b, CHANGE_SCOPE);
    c->of.scope = *s;
    c->of.scope.kind = keep(b, s->kind);
    c->of.scope.key = keep(b, s->key);
}

void state_batch_bucket(struct state_batch *b, const struct state_bucket *k)
{
    struct change *c = add(b, CHANGE_BUCKET);
    c->of.bucket = *k;
    c->of.bucket.key = keep(b, k->key);
}

void state_batch_memory(struct state_batch *b, const char *account, const struct memory *m)
{
    const char *name = keep(b, account);
    struct memory_item item;
    unsigned long at = 0;

    add(b, CHANGE_MEMORY_CLEAR)->of.memory.account = name;
    while (memory_next(m, &at, &item)) {
        if (item.secret)
            continue;
        struct change *c = add(b, CHANGE_MEMORY_ITEM);
        c->of.memory.account = name;
        c->of.memory.item = item;
        c->of.memory.item.key = keep(b, item.key);
        c->of.memory.item.value = keep(b, item.value);
    }
}

void state_batch_event(struct state_batch *b, const struct state_event *e)
{
    struct change *c = add(b, CHANGE_EVENT);
    c->of.event = (struct state_event){
        .at = e->at,
        .entry = keep(b, e->entry),
        .family = e->family,
        .kind = keep(b, e->kind),
        .old_set = keep(b, e->old_set),
        .new_set = keep(b, e->new_set),
        .cls = keep(b, e->cls),
        .say = keep(b, e->say),
    };
}

void state_batch_forget_entry(struct state_batch *b, const char *entry)
{
    add(b, CHANGE_FORGET)->of.forget = keep(b, entry);
}
