/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_NET_IFTABLE_H
#define HOMING_NET_IFTABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/clock.h"

/*
 * What the kernel says about this machine's interfaces, addresses and ways out, as plain tables in
 * the words of no operating system. Pure: whoever listens to the kernel (ifwatch) fills it.
 */

struct if_link {
    int index;
    char name[16];
    bool up; /* switched on, and with carrier as far as can be told */
    bool loopback;
    bool tunnel; /* what goes out here travels inside other packets: a VPN, 6in4, DS-Lite ... */
};

enum if_flags {
    IF_TENTATIVE = 1 << 0, /* duplicate detection goes on (RFC 4862) */
    IF_DUPLICATE = 1 << 1, /* somebody else has it */
    IF_DEPRECATED = 1 << 2,
    IF_TEMPORARY = 1 << 3, /* a privacy address (RFC 8981) */
    IF_PERMANENT = 1 << 4, /* set by hand: no lifetime */
    IF_GLOBAL = 1 << 5     /* its scope is the universe */
};
#define IF_FOREVER UINT32_MAX

struct if_addr {
    int index;
    struct addr addr;
    uint8_t length;                /* of the prefix */
    unsigned flags;                /* enum if_flags */
    uint32_t preferred_s, valid_s; /* as told at "told"; IF_FOREVER */
    msec told;                     /* mono */
};

/* A default route. */
struct if_route {
    int index;
    enum family family;
    uint32_t metric;
    bool has_gateway;
    bool gateway_gone; /* it was looked for, and does not answer on this link */
    struct addr gateway;
};

struct iftable {
    struct if_link *links; /* owned arrays */
    size_t link_count;
    struct if_addr *addrs; /* in the order the kernel told them */
    size_t addr_count;
    struct if_route *routes;
    size_t route_count;
};
enum { IFTABLE_MAX = 4096 /* of each kind: more is ignored */ };

void iftable_init(struct iftable *t);
void iftable_free(struct iftable *t);

/* Each returns true when something that matters changed: new, gone, other flags or names. A mere
 * refresh of lifetimes is taken over and returns false. */
bool iftable_link(struct iftable *t, const struct if_link *link);
bool iftable_drop_link(struct iftable *t, int index); /* its addresses and routes go with it */
bool iftable_addr(struct iftable *t, const struct if_addr *a);
bool iftable_drop_addr(struct iftable *t, int index, const struct addr *a);
bool iftable_route(struct iftable *t, const struct if_route *r);
bool iftable_drop_route(struct iftable *t, const struct if_route *r);
/* All of the family and metric, by whichever interface: another one takes their place. */
bool iftable_drop_metric(struct iftable *t, enum family family, uint32_t metric);

/* The gateway of a route is there, or is not. */
bool iftable_gateway(struct iftable *t, int index, const struct addr *gateway, bool gone);

const struct if_link *iftable_find(const struct iftable *t, const char *name); /* or NULL */
const struct if_link *iftable_at(const struct iftable *t, int index);

/* The interface that carries the family's default route: of those routes, least metric first, the
 * first whose interface is no loopback and has an address of global scope. NULL: none. */
const struct if_link *iftable_default(const struct iftable *t, enum family family);
const struct if_route *iftable_default_route(const struct iftable *t, enum family family);

/*
 * A number that changes when the machine's ways out do: the default routes, and the addresses of
 * global scope on the interfaces that carry them. What comes and goes beside them (a container's
 * wire, a link-local address) leaves it as it is.
 */
uint64_t iftable_ways_out(const struct iftable *t);

/* The same for one interface: whether it is up, its addresses of global scope, its default routes.
 * link NULL: 0. */
uint64_t iftable_way_by(const struct iftable *t, const struct if_link *link);
/* The default route of the family that leads out by this interface, least metric first; NULL: none
 * is known (it may stand in a routing table of its own). */
const struct if_route *iftable_route_by(const struct iftable *t, const struct if_link *link,
                                        enum family family);
/* A number that changes when an address of global scope comes or goes, wherever. */
uint64_t iftable_addresses(const struct iftable *t);
/* The interface that has this address; NULL: none. */
const struct if_link *iftable_holder(const struct iftable *t, const struct addr *a);

/* Do both hold the same, lifetimes aside? */
bool iftable_same(const struct iftable *a, const struct iftable *b);

#endif
