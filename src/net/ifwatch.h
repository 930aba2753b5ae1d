/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_NET_IFWATCH_H
#define HOMING_NET_IFWATCH_H

#include <uv.h>

#include "net/iftable.h"

/*
 * Listens to the kernel's word on interfaces, addresses and default routes. One file an operating
 * system implements this: ifwatch_linux.c.
 */
struct ifwatch;

/* "changed" comes from the loop, once for what one read of the kernel brought; the first time when
 * the table is complete. */
struct ifwatch *ifwatch_new(uv_loop_t *loop, void (*changed)(void *arg), void *arg);
void ifwatch_free(struct ifwatch *w); /* NULL is fine */

/* The table; NULL until it is complete for the first time. Valid until the loop goes on. */
const struct iftable *ifwatch_table(const struct ifwatch *w);

/* False when this program may not hear the kernel: the table never comes. */
bool ifwatch_works(const struct ifwatch *w);

/* From now on also whether the gateways of default routes are there: not heard before, since a busy
 * network has many neighbours that come and go. */
void ifwatch_gateways(struct ifwatch *w);

/* From now on routed() comes, too, with the same arg: a route came or went, to whatever place. The
 * table holds the default ones alone, but another one may lead to who could not be reached. */
void ifwatch_routes(struct ifwatch *w, void (*routed)(void *arg));

/* Compares with the kernel afresh: the confirming look, in case an event was lost. */
void ifwatch_look(struct ifwatch *w);

#endif
