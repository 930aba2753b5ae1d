/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_VERIFY_DELEGATION_H
#define HOMING_VERIFY_DELEGATION_H

#include <stdbool.h>
#include <stddef.h>

#include "base/addr.h"
#include "base/exchange.h"
#include "net/net.h"
#include "verify/servers.h"

/*
 * Finds the name servers of the zone that holds a hostname, from the parent side: the servers of
 * the top-level domain are asked for the name without recursion, then those they refer to, until
 * one answers with authority (RFC 1034, section 5.3.3). Local resolvers only give addresses of
 * servers' names. Referrals are kept for their TTL, at least a minute and at most a day; hostnames
 * of one zone share one search.
 */
struct delegations;
struct delegation_search;

struct name_server {
    char name[SERVER_NAME_MAX];
    uint16_t port;
    struct addrset addresses[FAMILIES]; /* both empty: not found; the name itself is asked */
};

struct delegation {
    char zone[SERVER_NAME_MAX]; /* "" when not found */
    struct name_server servers[SERVERS_MAX];
    size_t count;
    bool no_zone;     /* the parent side says that there is no such domain */
    bool no_route;    /* nobody could be reached at all */
    bool intercepted; /* servers "answer" without authority but with recursion */
};

/* Once a search, never before find returned. The delegation is borrowed. */
typedef void delegation_fn(void *arg, const struct delegation *d);

struct delegations *delegations_new(struct net *net, const struct servers *resolvers);
void delegations_free(struct delegations *d);
struct delegation_search *delegations_find(struct delegations *d, const char *hostname,
                                           const struct transport *transport, delegation_fn *fn,
                                           void *arg);
void delegations_cancel(struct delegation_search *s);

#endif
