/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_NET_TIMERS_H
#define HOMING_NET_TIMERS_H

#include <uv.h>

#include "base/clock.h"

/*
 * One-shot timers on CLOCK_BOOTTIME: a heap, a queue of what is due as it is set, and one timerfd
 * in the loop. libuv's own timers stand still while the machine sleeps; a wait of homing does not.
 */
struct timers;
struct net_timer;

struct timers *timers_new(uv_loop_t *loop);
/* Timers that are left are forgotten: they never fire, but must still be freed by their owners
 * before. */
void timers_free(struct timers *t);

/* The clock's time: a timer that is set for it, or for earlier, costs least. */
struct moment timers_now(struct timers *t);
struct net_timer *timers_add(struct timers *t, void (*fn)(void *arg), void *arg);
/* A point in the past fires at the next turn of the loop, such in the order they were set; NEVER
 * stops it. */
void timers_set(struct net_timer *timer, msec mono);
void timers_remove(struct net_timer *timer); /* NULL is fine; allowed inside its own fn */

#endif
