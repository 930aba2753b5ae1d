/*
 * SPDX-License-Identifier: ISC
 */
#include "sim_state.h"

#include "base/mem.h"

enum { SLOWEST = 40 };

struct commit {
    struct commit *next;
    struct sim_state *state; /* NULL: the crash took it */
    struct state_batch *batch;
    state_done_fn *fn;
    void *arg;
    msec handed;
};

struct sim_state {
    struct state seam; /* first: the seam is cast back */
    struct sim_net *net;
    struct memstate *disk;
    struct commit *first, **end;
    msec last, stored;
    bool full;
};

static struct sim_state *back(struct state *state)
{
    return (struct sim_state *)state;
}

static void reached(void *arg)
{
    struct commit *c = arg;
    struct sim_state *s = c->state;

    if (s != NULL) {
        s->first = c->next;
        if (s->first == NULL)
            s->end = &s->first;
        bool full = s->full;
        if (!full) {
            memstate_apply(s->disk, c->batch);
            s->stored = c->handed;
        }
        if (c->fn != NULL)
            c->fn(c->arg, full ? ERR_FULL : OK, full ? "the disk is full" : NULL);
    }
    state_batch_free(c->batch);
    mem_free(c);
}

static void commit(struct state *state, struct state_batch *batch, state_done_fn *fn, void *arg)
{
    struct sim_state *s = back(state);
    struct commit *c = mem_alloc(sizeof *c);
    msec now = net_now(sim_net_seam(s->net)).mono;
    msec at = now + (msec)sim_net_below(s->net, SLOWEST);

    *c = (struct commit){NULL, s, batch, fn, arg, now};
    *s->end = c;
    s->end = &c->next;
    s->last = at > s->last ? at : s->last + 1; /* in order */
    sim_net_at(s->net, s->last, reached, c);
}

static enum err load(struct state *state, const struct state_visitor *v, struct cause *c)
{
    struct state *disk = memstate_state(back(state)->disk);
    return disk->ops->load(disk, v, c);
}

static enum err history(struct state *state, const char *entry, msec before, size_t most,
                        void (*fn)(void *arg, const struct state_event *e), void *arg,
                        struct cause *c)
{
    struct state *disk = memstate_state(back(state)->disk);
    return disk->ops->history(disk, entry, before, most, fn, arg, c);
}

static const struct state_ops ops = {.load = load, .commit = commit, .history = history};

struct sim_state *sim_state_new(struct sim_net *net)
{
    struct sim_state *s = mem_alloc(sizeof *s);

    s->seam.ops = &ops;
    s->net = net;
    s->disk = memstate_new(sim_net_seam(net));
    s->end = &s->first;
    return s;
}

/* After the engine was freed. */
void sim_state_crash(struct sim_state *s)
{
    bool goes_on = true;

    for (struct commit *c = s->first; c != NULL; c = c->next) {
        goes_on = goes_on && !s->full && sim_net_below(s->net, 2) == 0;
        if (goes_on) {
            memstate_apply(s->disk, c->batch);
            s->stored = c->handed;
        }
        c->state = NULL;
        if (c->fn != NULL) /* its engine is gone already: memory is let go, nothing is told */
            c->fn(c->arg, ERR_IO, "the process ended");
    }
    s->first = NULL;
    s->end = &s->first;
    memstate_settle(s->disk);
}

void sim_state_free(struct sim_state *s)
{
    if (s != NULL) {
        sim_state_crash(s);
        memstate_free(s->disk);
        mem_free(s);
    }
}

struct state *sim_state_seam(struct sim_state *s)
{
    return &s->seam;
}

struct memstate *sim_state_disk(const struct sim_state *s)
{
    return s->disk;
}

void sim_state_full(struct sim_state *s, bool full)
{
    s->full = full;
}

msec sim_state_stored(const struct sim_state *s)
{
    return s->stored;
}
