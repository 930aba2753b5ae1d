/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_NET_NET_UV_H
#define HOMING_NET_NET_UV_H

#include <uv.h>

#include "net/net.h"

/*
 * The real net: a libuv loop, curl for HTTP, sockets for DNS. Never blocks, and uses no signals
 * (SIGPIPE, where nobody handles it, becomes ignored: TLS libraries write to closed sockets).
 *
 * Replies and timers come from the loop only. Timers run on CLOCK_BOOTTIME, so what fell due while
 * the machine slept fires at once when it wakes.
 */

/* The loop stays the caller's and outlives it. Ends the program if the system gives no descriptors.
 */
struct net *net_uv_new(uv_loop_t *loop);

/* Answers everything under way with NET_CANCELLED, inside this call, then closes. The loop must run
 * once more before uv_loop_close() (its handles are closed there). NULL is fine. */
void net_uv_free(struct net *net);

#endif
