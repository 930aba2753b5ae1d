/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_NET_NET_H
#define HOMING_NET_NET_H

#include <stddef.h>

#include "base/clock.h"
#include "base/exchange.h"

/*
 * The seam between the engine and the world: time, one timer, randomness, and the carrying of
 * requests. net/ has the real one (libuv, curl, sockets); the simulator has another. Everything
 * runs on one thread.
 */
struct net;
struct exchange; /* a request under way */

/* Called exactly once for each send(), never before send() returned, also after cancel (then with
 * NET_CANCELLED, and never inside cancel()). The reply is the caller's to read only; it is freed
 * after the call. */
typedef void reply_fn(void *arg, const struct reply *reply);

struct net_ops {
    struct moment (*now)(struct net *net);
    /* A one-shot timer of the owner. timer_new's fn is never called inside timer_set. A point in
     * the past fires at the next turn of the loop; NEVER stops it. */
    struct net_timer *(*timer_new)(struct net *net, void (*fn)(void *arg), void *arg);
    void (*timer_set)(struct net_timer *timer, msec mono);
    void (*timer_free)(struct net_timer *timer); /* NULL is fine */
    /* Takes over what is in *request (it is empty afterwards). The transport is copied. */
    struct exchange *(*send)(struct net *net, struct request *request,
                             const struct transport *transport, reply_fn *fn, void *arg);
    void (*cancel)(struct exchange *exchange);
    void (*random)(struct net *net, void *bytes, size_t n);
    /* Requests over HTTP follow as soon as something else is done, the attempt's commit: what the
     * first of them would wait for long is made ready now. May be NULL. */
    void (*prepare)(struct net *net);
    /* The machine's ways out changed: connections kept from before are not used again. May be NULL.
     */
    void (*renew)(struct net *net);
    /* An address of this machine is gone: what waits for an answer there does not wait on. May be
     * NULL. */
    void (*cut)(struct net *net);
};

/* Every implementation begins with this. */
struct net {
    const struct net_ops *ops;
};

static inline struct moment net_now(struct net *net)
{
    return net->ops->now(net);
}

#endif
