/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_SIM_NET_H
#define HOMING_SIM_NET_H

#include <stdbool.h>

#include "net/net.h"

/*
 * A net without a network: its clock goes forward only from event to event, its wall clock can be
 * made to jump, its randomness comes from a seed, and what a request leads to is decided by the
 * test's world.
 */
struct sim_net;

/* What the world makes of a request: fills the reply and returns after how long it comes. NEVER: no
 * answer at all, which becomes NET_TIMEOUT (sent: maybe) when the transport's time is over. */
typedef msec sim_world_fn(void *arg, const struct request *request,
                          const struct transport *transport, struct reply *reply);

struct sim_net *sim_net_new(uint64_t seed, sim_world_fn *world, void *arg);
void sim_net_free(struct sim_net *n);
struct net *sim_net_seam(struct sim_net *n);
uint64_t sim_net_random(struct sim_net *n); /* 64 bits from the seed */
uint64_t sim_net_below(struct sim_net *n, uint64_t bound);
/* The wall clock steps by so much. */
void sim_net_jump(struct sim_net *n, msec delta);
/* The machine sleeps for so long: time passes, nothing happens, and what fell due meanwhile comes
 * when it wakes. */
void sim_net_sleep(struct sim_net *n, msec length);
/* What happens by "mono"; the clock stands there afterwards. */
void sim_net_run(struct sim_net *n, msec mono);
/* Until nothing happens any more, at most until "mono". */
void sim_net_settle(struct sim_net *n, msec mono);
unsigned sim_net_pending(const struct sim_net *n); /* requests under way */
/* A crash: requests under way and timers are forgotten without a call. */
void sim_net_crash(struct sim_net *n);
/* fn(arg) once, at that time (the simulation's own events). */
void sim_net_at(struct sim_net *n, msec mono, void (*fn)(void *arg), void *arg);

#endif
