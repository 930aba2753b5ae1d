/*
 * SPDX-License-Identifier: ISC
 */
#include "engine/memstate.h"

#include "base/map.h"
#include "base/mem.h"
#include "base/memory.h"
#include "base/text.h"
#include "state/batch.h"
#include "state/underway.h"

#include <stdlib.h>
#include <string.h>

struct answer {
    struct answer *next;
    state_done_fn *fn;
    void *arg;
};

struct event {
    struct state_event e; /* its texts are owned */
};

struct memstate {
    struct state seam; /* first: the seam is cast back */
    struct net *net;
    struct net_timer *timer;              /* made with the first commit */
    struct map *records;                  /* "family entry" to struct state_record */
    struct map *attempts;                 /* number to struct state_batch with nothing else in it */
    struct state_record told;             /* one that is under way, as memstate_record() told it */
    struct map *scopes;                   /* "kind key" */
    struct map *buckets;                  /* key */
    struct map *memories;                 /* account to struct memory */
    struct event events[MEMSTATE_EVENTS]; /* a ring */
    size_t event_count;                   /* ever added */
    msec floor;
    struct answer *answers, **answers_end;
};

static struct memstate *back(struct state *state)
{
    return (struct memstate *)state;
}

static char *record_key(const char *entry, enum family f)
{
    return mem_format("%d %s", (int)f, entry);
}

static void record_free(void *p)
{
    struct state_record *r = p;
    if (r != NULL) {
        mem_free((char *)(uintptr_t)r->entry);
        mem_free((char *)(uintptr_t)r->say);
    }
    mem_free(r);
}

static void scope_free(void *p)
{
    struct state_scope *s = p;
    if (s != NULL) {
        mem_free((char *)(uintptr_t)s->kind);
        mem_free((char *)(uintptr_t)s->key);
        mem_free((char *)(uintptr_t)s->say);
    }
    mem_free(s);
}

static void bucket_free(void *p)
{
    struct state_bucket *b = p;
    if (b != NULL)
        mem_free((char *)(uintptr_t)b->key);
    mem_free(b);
}

static void memory_value_free(void *p)
{
    memory_free(p);
}

static void event_free(struct event *event)
{
    const struct state_event *e = &event->e;
    const char *const texts[] = {e->entry, e->kind, e->old_set, e->new_set, e->cls, e->say};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        mem_free((char *)(uintptr_t)texts[i]);
}

/* Taking in */

static void put_record(struct memstate *m, const struct state_record *r)
{
    struct state_record *copy = mem_alloc(sizeof *copy);
    char *key = record_key(r->entry, r->family);

    *copy = *r;
    copy->entry = mem_text(r->entry);
    copy->say = mem_text(r->say);
    record_free(map_set(m->records, key, copy));
    mem_free(key);
    m->floor = r->attempt_at > m->floor ? r->attempt_at : m->floor;
}

static void attempts_free(void *p)
{
    state_batch_free(p);
}

static void put_attempts(struct memstate *m, const struct state_attempts *attempts)
{
    struct state_batch *copy = NULL;
    char *number = mem_format("%lld", (long long)attempts->number);

    if (attempts->count > 0) {
        copy = state_batch_new();
        state_batch_attempts(copy, attempts);
    }
    attempts_free(copy != NULL ? map_set(m->attempts, number, copy)
                               : map_remove(m->attempts, number));
    mem_free(number);
    m->floor = attempts->at > m->floor ? attempts->at : m->floor;
}

static void drop_attempts(struct memstate *m)
{
    map_free(m->attempts, attempts_free);
    m->attempts = map_new();
}

static void put_scope(struct memstate *m, const struct state_scope *s)
{
    struct state_scope *copy = mem_alloc(sizeof *copy);
    char *key = mem_format("%s %s", s->kind, s->key);

    *copy = *s;
    copy->kind = mem_text(s->kind);
    copy->key = mem_text(s->key);
    copy->say = mem_text(s->say);
    scope_free(map_set(m->scopes, key, copy));
    mem_free(key);
}

static void put_bucket(struct memstate *m, const struct state_bucket *b)
{
    struct state_bucket *copy = mem_alloc(sizeof *copy);

    *copy = *b;
    copy->key = mem_text(b->key);
    bucket_free(map_set(m->buckets, b->key, copy));
}

static void put_event(struct memstate *m, const struct state_event *e)
{
    struct event *event = &m->events[m->event_count++ % MEMSTATE_EVENTS];

    event_free(event);
    event->e = (struct state_event){.at = e->at,
                                    .entry = mem_text(e->entry),
                                    .family = e->family,
                                    .kind = mem_text(e->kind),
                                    .old_set = mem_text(e->old_set),
                                    .new_set = mem_text(e->new_set),
                                    .cls = mem_text(e->cls),
                                    .say = mem_text(e->say)};
    m->floor = e->at > m->floor ? e->at : m->floor;
}

static struct memory *memory_of(struct memstate *m, const char *account)
{
    struct memory *memory = map_get(m->memories, account);
    if (memory == NULL) {
        memory = memory_new();
        map_set(m->memories, account, memory);
    }
    return memory;
}

static void forget(struct memstate *m, const char *entry)
{
    for (int f = 0; f < FAMILIES; f++) {
        char *key = record_key(entry, (enum family)f);
        record_free(map_remove(m->records, key));
        mem_free(key);
    }
}

void memstate_apply(struct memstate *m, const struct state_batch *batch)
{
    for (const struct change *c = batch_first(batch); c != NULL; c = c->next) {
        switch (c->kind) {
        case CHANGE_RECORD:
            put_record(m, c->of.record);
            break;
        case CHANGE_ATTEMPTS:
            put_attempts(m, c->of.attempts);
            break;
        case CHANGE_SETTLE:
            memstate_settle(m);
            break;
        case CHANGE_SCOPE:
            put_scope(m, c->of.scope);
            break;
        case CHANGE_BUCKET:
            put_bucket(m, c->of.bucket);
            break;
        case CHANGE_MEMORY_CLEAR:
            memory_forget_all(memory_of(m, c->of.memory->account), "");
            break;
        case CHANGE_MEMORY_ITEM:
            memory_put(memory_of(m, c->of.memory->account), c->of.memory->item.key,
                       c->of.memory->item.value, c->of.memory->item.expires, false);
            break;
        case CHANGE_EVENT:
            put_event(m, c->of.event);
            break;
        case CHANGE_FORGET:
            forget(m, c->of.forget);
            break;
        }
    }
}

/* Telling */

static struct underway *under_way(const struct memstate *m)
{
    struct underway *u = underway_new();
    void *batch;

    for (size_t at = 0; map_next(m->attempts, &at, NULL, &batch);) {
        const struct state_attempts *attempts = batch_first(batch)->of.attempts;
        for (size_t i = 0; i < attempts->count; i++)
            underway_put(u, &attempts->items[i], attempts->at);
    }
    return u;
}

static void tell_records(const struct memstate *m, const struct state_visitor *v)
{
    struct underway *u = under_way(m);
    struct state_record r;
    void *value;

    for (size_t at = 0; map_next(m->records, &at, NULL, &value);) {
        r = *(const struct state_record *)value;
        underway_apply(u, &r);
        v->record(v->arg, &r);
    }
    while (underway_next(u, &r))
        v->record(v->arg, &r);
    underway_free(u);
}

static void collect_open(void *arg, const struct state_record *r)
{
    if (r->attempt_open)
        state_batch_record(arg, r);
}

void memstate_settle(struct memstate *m)
{
    struct state_batch *open = state_batch_new();

    tell_records(m, &(struct state_visitor){.arg = open, .record = collect_open});
    memstate_apply(m, open);
    state_batch_free(open);
    drop_attempts(m);
}

/* The seam */

static void answer(void *arg)
{
    struct memstate *m = arg;

    while (m->answers != NULL) {
        struct answer *a = m->answers;
        m->answers = a->next;
        if (m->answers == NULL)
            m->answers_end = &m->answers;
        a->fn(a->arg, OK, NULL);
        mem_free(a);
    }
}

static void commit(struct state *state, struct state_batch *batch, state_done_fn *fn, void *arg)
{
    struct memstate *m = back(state);

    memstate_apply(m, batch);
    state_batch_free(batch);
    if (fn == NULL)
        return;
    if (m->timer == NULL)
        m->timer = m->net->ops->timer_new(m->net, answer, m);
    struct answer *a = mem_alloc(sizeof *a);
    *a = (struct answer){NULL, fn, arg};
    *m->answers_end = a;
    m->answers_end = &a->next;
    m->net->ops->timer_set(m->timer, net_now(m->net).mono);
}

static enum err load(struct state *state, const struct state_visitor *v, struct cause *c)
{
    struct memstate *m = back(state);
    const char *key;
    void *value;

    (void)c;
    if (v->record != NULL)
        tell_records(m, v);
    for (size_t at = 0; v->scope != NULL && map_next(m->scopes, &at, NULL, &value);)
        v->scope(v->arg, value);
    for (size_t at = 0; v->bucket != NULL && map_next(m->buckets, &at, NULL, &value);)
        v->bucket(v->arg, value);
    for (size_t at = 0; v->memory != NULL && map_next(m->memories, &at, &key, &value);) {
        struct memory_item item;
        for (unsigned long i = 0; memory_next(value, &i, &item);)
            v->memory(v->arg, key, &item);
    }
    if (v->clock_floor != NULL && m->floor != 0)
        v->clock_floor(v->arg, m->floor);
    return OK;
}

static enum err history(struct state *state, const char *entry, msec before, size_t most,
                        void (*fn)(void *arg, const struct state_event *e), void *arg,
                        struct cause *c)
{
    struct memstate *m = back(state);
    size_t kept = m->event_count < MEMSTATE_EVENTS ? m->event_count : MEMSTATE_EVENTS;

    (void)c;
    for (size_t i = 1; i <= kept && most > 0; i++) {
        const struct state_event *e = &m->events[(m->event_count - i) % MEMSTATE_EVENTS].e;
        if ((entry != NULL && !text_equal(entry, e->entry)) || (before != 0 && e->at >= before))
            continue;
        fn(arg, e);
        most--;
    }
    return OK;
}

static const struct state_ops ops = {.load = load, .commit = commit, .history = history};

struct memstate *memstate_new(struct net *net)
{
    struct memstate *m = mem_alloc(sizeof *m);

    m->seam.ops = &ops;
    m->records = map_new();
    m->attempts = map_new();
    m->scopes = map_new();
    m->buckets = map_new();
    m->memories = map_new();
    m->answers_end = &m->answers;
    m->net = net;
    return m;
}

static void drop_answers(struct memstate *m)
{
    while (m->answers != NULL) {
        struct answer *a = m->answers;
        m->answers = a->next;
        mem_free(a);
    }
    m->answers_end = &m->answers;
}

void memstate_free(struct memstate *m)
{
    if (m == NULL)
        return;
    drop_answers(m);
    m->net->ops->timer_free(m->timer);
    map_free(m->records, record_free);
    map_free(m->attempts, attempts_free);
    map_free(m->scopes, scope_free);
    map_free(m->buckets, bucket_free);
    map_free(m->memories, memory_value_free);
    for (size_t i = 0; i < MEMSTATE_EVENTS; i++)
        event_free(&m->events[i]);
    mem_free(m);
}

struct state *memstate_state(struct memstate *m)
{
    return &m->seam;
}

const struct state_record *memstate_record(struct memstate *m, const char *entry,
                                           enum family family)
{
    char *key = record_key(entry, family);
    const struct state_record *r = map_get(m->records, key);
    void *batch;

    mem_free(key);
    for (size_t at = 0; map_next(m->attempts, &at, NULL, &batch);) {
        const struct state_attempts *attempts = batch_first(batch)->of.attempts;
        for (size_t i = 0; i < attempts->count; i++) {
            const struct state_attempt *a = &attempts->items[i];
            if (a->family != family || !text_equal(a->entry, entry))
                continue;
            m->told = r != NULL ? *r
                                : (struct state_record){
                                      .entry = a->entry, .family = family, .last = OUTCOME_NONE};
            underway_begin(a, attempts->at, &m->told);
            return &m->told;
        }
    }
    return r;
}
