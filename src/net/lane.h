/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_NET_LANE_H
#define HOMING_NET_LANE_H

#include <stdbool.h>
#include <uv.h>

#include "net/carrier.h"
#include "net/outlet.h"
#include "net/turns.h"

/*
 * A lane: one curl multi handle in the loop, with its sockets and its timer. It knows nothing of
 * requests. Lanes that stay idle are
 * given back to the owner to be closed, and their kept connections with them.
 */
struct lane {
    CURLM *multi;
    struct outlet outlet;
    int family;            /* -1: any. A lane of its own, as curl's name cache mixes families */
    unsigned connections;  /* at once to one host */
    unsigned calls;        /* that have entered and not left */
    struct carrier *spare; /* as many as served at once */
    struct turns *turns;
    struct watch *watches; /* owned */
    bool retired;          /* takes nothing new */
    bool cut;              /* connections of it were broken off by lane_cut() */
    uv_timer_t timer;      /* curl's */
    uv_timer_t idle;
    const struct lane_owner *owner;
    void *owner_arg;
    struct lane *next; /* the owner's list */
    unsigned open;     /* handles of the loop still to be closed */
};

struct lane_owner {
    void (*finished)(CURL *easy, CURLcode code);
    bool (*go)(struct turn *turn); /* see turns.h */
    /* Idle for long enough, or retired and empty: the owner may free it now. */
    void (*idled)(void *owner_arg, struct lane *lane);
};

struct lane *lane_new(uv_loop_t *loop, const struct outlet *outlet, int family,
                      unsigned connections, const struct lane_owner *owner, void *owner_arg);
void lane_free(struct lane *lane); /* no calls are left in it */
/* A call is there from enter to leave; in between it may be added to the multi handle. */
void lane_enter(struct lane *lane);
void lane_leave(struct lane *lane);
/* A carrier for the time of a call. One that was given back serves another call, as long as any is
 * there: what it remembers goes with the last. */
struct carrier *lane_take(struct lane *lane);
void lane_give(struct lane *lane, struct carrier *c);
bool lane_add(struct lane *lane, CURL *easy);
/* Connections whose end of ours no interface has any more are broken off: no answer can come. */
void lane_cut(struct lane *lane);
void lane_remove(struct lane *lane, CURL *easy);

#endif
