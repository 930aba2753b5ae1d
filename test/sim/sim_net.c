/*
 * SPDX-License-Identifier: ISC
 */
#include "sim_net.h"

#include "base/mem.h"
#include "decide/heap.h"

#include <string.h>

enum { TIMER, EXCHANGE, EVENT };
/* Some time in 2027: after the build, and long enough after 1970 for jumps. */
static const msec wall_start = 1800000000LL * SECOND;

struct net_timer {
    struct heap_item item; /* first: the heap gives it back */
    struct sim_net *net;
    void (*fn)(void *arg);
    void *arg;
    struct net_timer *next, **link;
};

struct exchange {
    struct heap_item item;
    struct sim_net *net;
    reply_fn *fn;
    void *arg;
    struct reply reply;
    bool cancelled;
    struct exchange *next, **link;
};

struct event {
    struct heap_item item;
    void (*fn)(void *arg);
    void *arg;
};

struct sim_net {
    struct net seam; /* first: the seam is cast back */
    struct moment now;
    struct heap heap;   /* timers and exchanges of the program */
    struct heap events; /* the simulation's own */
    struct net_timer *timers;
    struct exchange *exchanges;
    uint64_t chance;
    sim_world_fn *world;
    void *arg;
    unsigned pending;
};

static struct sim_net *back(struct net *net)
{
    return (struct sim_net *)net;
}

/* splitmix64 (Vigna, 2015) */
uint64_t sim_net_random(struct sim_net *n)
{
    uint64_t z = n->chance += 0x9e3779b97f4a7c15ULL;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
    return z ^ z >> 31;
}

uint64_t sim_net_below(struct sim_net *n, uint64_t bound)
{
    return bound == 0 ? 0 : sim_net_random(n) % bound;
}

static struct moment now(struct net *net)
{
    return back(net)->now;
}

static struct net_timer *timer_new(struct net *net, void (*fn)(void *arg), void *arg)
{
    struct sim_net *n = back(net);
    struct net_timer *t = mem_alloc(sizeof *t);

    *t = (struct net_timer){.item = {.kind = TIMER}, .net = n, .fn = fn, .arg = arg};
    t->next = n->timers;
    t->link = &n->timers;
    if (t->next != NULL)
        t->next->link = &t->next;
    n->timers = t;
    return t;
}

static void timer_set(struct net_timer *t, msec mono)
{
    heap_set(&t->net->heap, &t->item, mono < t->net->now.mono ? t->net->now.mono : mono);
}

static void timer_free(struct net_timer *t)
{
    if (t == NULL)
        return;
    heap_set(&t->net->heap, &t->item, NEVER);
    *t->link = t->next;
    if (t->next != NULL)
        t->next->link = t->link;
    mem_free(t);
}

static struct exchange *send(struct net *net, struct request *request,
                             const struct transport *transport, reply_fn *fn, void *arg)
{
    struct sim_net *n = back(net);
    struct exchange *x = mem_alloc(sizeof *x);
    msec most = transport->timeout > 0 ? transport->timeout : TIMEOUT_DEFAULT;

    *x = (struct exchange){.item = {.kind = EXCHANGE}, .net = n, .fn = fn, .arg = arg};
    reply_init(&x->reply);
    msec delay = n->world(n->arg, request, transport, &x->reply);
    x->reply.tag = request->tag;
    if (delay > most) {
        reply_free(&x->reply);
        reply_init(&x->reply);
        x->reply.tag = request->tag;
        x->reply.error = NET_TIMEOUT;
        x->reply.sent = SENT_MAYBE;
        delay = most;
    }
    x->reply.took = delay;
    request_free(request);
    request_init(request, REQUEST_HTTP);
    x->next = n->exchanges;
    x->link = &n->exchanges;
    if (x->next != NULL)
        x->next->link = &x->next;
    n->exchanges = x;
    n->pending++;
    heap_set(&n->heap, &x->item, n->now.mono + delay);
    return x;
}

static void cancel(struct exchange *x)
{
    uint32_t tag = x->reply.tag;
    enum sent sent = x->reply.sent;

    reply_free(&x->reply);
    reply_init(&x->reply);
    x->reply.tag = tag;
    x->reply.error = NET_CANCELLED;
    x->reply.sent = sent == SENT_NO ? SENT_NO : SENT_MAYBE;
    x->cancelled = true;
    heap_set(&x->net->heap, &x->item, x->net->now.mono);
}

static void random_bytes(struct net *net, void *bytes, size_t n)
{
    for (size_t i = 0; i < n; i += 8) {
        uint64_t x = sim_net_random(back(net));
        memcpy((char *)bytes + i, &x, n - i < 8 ? n - i : 8);
    }
}

static const struct net_ops ops = {
    .now = now,
    .timer_new = timer_new,
    .timer_set = timer_set,
    .timer_free = timer_free,
    .send = send,
    .cancel = cancel,
    .random = random_bytes,
};

struct sim_net *sim_net_new(uint64_t seed, sim_world_fn *world, void *arg)
{
    struct sim_net *n = mem_alloc(sizeof *n);
    n->seam.ops = &ops;
    n->now = (struct moment){.mono = HOUR, .wall = wall_start};
    n->chance = seed;
    n->world = world;
    n->arg = arg;
    return n;
}

static void unlink_exchange(struct exchange *x)
{
    *x->link = x->next;
    if (x->next != NULL)
        x->next->link = x->link;
    x->net->pending--;
}

void sim_net_crash(struct sim_net *n)
{
    while (n->exchanges != NULL) {
        struct exchange *x = n->exchanges;
        heap_set(&n->heap, &x->item, NEVER);
        unlink_exchange(x);
        if (x->cancelled) /* by one that was freed meanwhile and lets go of its memory now */
            x->fn(x->arg, &x->reply);
        reply_free(&x->reply);
        mem_free(x);
    }
    while (n->timers != NULL)
        timer_free(n->timers);
}

void sim_net_free(struct sim_net *n)
{
    struct heap_item *item;

    if (n == NULL)
        return;
    sim_net_crash(n);
    while ((item = heap_take(&n->events, NEVER)) != NULL)
        mem_free(item);
    heap_free(&n->events);
    heap_free(&n->heap);
    mem_free(n);
}

struct net *sim_net_seam(struct sim_net *n)
{
    return &n->seam;
}

void sim_net_jump(struct sim_net *n, msec delta)
{
    n->now.wall += delta;
}

void sim_net_at(struct sim_net *n, msec mono, void (*fn)(void *arg), void *arg)
{
    struct event *e = mem_alloc(sizeof *e);
    *e = (struct event){.item = {.kind = EVENT}, .fn = fn, .arg = arg};
    heap_set(&n->events, &e->item, mono);
}

unsigned sim_net_pending(const struct sim_net *n)
{
    return n->pending;
}

static void advance(struct sim_net *n, msec mono)
{
    if (mono > n->now.mono) {
        n->now.wall += mono - n->now.mono;
        n->now.mono = mono;
    }
}

static void happen(struct heap_item *item)
{
    if (item->kind == TIMER) {
        struct net_timer *t = (struct net_timer *)item;
        t->fn(t->arg);
    } else if (item->kind == EXCHANGE) {
        struct exchange *x = (struct exchange *)item;
        unlink_exchange(x);
        x->fn(x->arg, &x->reply);
        reply_free(&x->reply);
        mem_free(x);
    } else {
        struct event *e = (struct event *)item;
        e->fn(e->arg);
        mem_free(e);
    }
}

static bool step(struct sim_net *n, msec until)
{
    msec own = heap_next(&n->events), theirs = heap_next(&n->heap);
    struct heap *h = own <= theirs ? &n->events : &n->heap;
    msec at = heap_next(h);

    if (at > until || at == NEVER)
        return false;
    advance(n, at);
    happen(heap_take(h, n->now.mono));
    return true;
}

void sim_net_sleep(struct sim_net *n, msec length)
{
    advance(n, n->now.mono + length);
}

void sim_net_run(struct sim_net *n, msec mono)
{
    while (step(n, mono))
        continue;
    advance(n, mono);
}

void sim_net_settle(struct sim_net *n, msec mono)
{
    while (step(n, mono))
        continue;
}
