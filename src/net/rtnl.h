/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_NET_RTNL_H
#define HOMING_NET_RTNL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/clock.h"
#include "net/iftable.h"

/*
 * rtnetlink messages (RFC 3549; linux/rtnetlink.h) into an iftable. Pure, and careful: a message
 * that does not hold what its lengths promise is passed over.
 */

struct rtnl_result {
    bool changed; /* something that matters */
    bool tables;  /* it was about links, addresses or routes, not about neighbours alone */
    bool routes;  /* a route to anywhere but this machine came or went, also one that no table holds
                   */
    bool done;    /* the end of a dump */
    bool failed;  /* the kernel answered with an error, or the dump was disturbed: ask again */
};

/* A datagram as it was received. dump_seq: messages of other dumps are passed over; 0: these are
 * events, which carry the number of whatever request caused them. */
struct rtnl_result rtnl_apply(struct iftable *t, const void *bytes, size_t n, unsigned dump_seq,
                              msec mono);

#endif
