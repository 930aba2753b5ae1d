/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_SENSE_PLACE_H
#define HOMING_SENSE_PLACE_H

#include <stdbool.h>

#include "base/addr.h"

/*
 * What this place is, seen from the Internet: a pure verdict over what the kernel, the router and
 * somebody outside say. It asks nobody; a word that is missing makes the verdict more careful, not
 * different.
 */
enum router_word {
    ROUTER_UNASKED,
    ROUTER_SILENT, /* it speaks none of the protocols */
    ROUTER_EMPTY,  /* it answers, and has no address itself */
    ROUTER_TELLS
};

/* Of one family. */
struct place_facts {
    bool heard;      /* the kernel told its tables */
    bool way_out;    /* there is a default route */
    char link[16];   /* its interface */
    bool tunnel;     /* that is a tunnel */
    bool has_own;    /* ... and has an address: */
    struct addr own; /* the best of them, private ones too */
    enum router_word router_word;
    struct addr router; /* ROUTER_TELLS */
    bool has_outside;
    struct addr outside; /* as somebody outside saw it, on this way out */
};

enum place {
    PLACE_UNKNOWN,
    PLACE_NO_WAY,
    PLACE_PUBLIC,     /* this machine has the public address */
    PLACE_ROUTER,     /* behind one router that has it */
    PLACE_ROUTERS,    /* behind two: the nearer has an address of a home network */
    PLACE_SHARED,     /* the router's is private: a second router, or the provider's */
    PLACE_CGNAT,      /* carrier-grade NAT (RFC 6598) */
    PLACE_EMPTY,      /* the router has none: shared in one way or another */
    PLACE_DSLITE,     /* IPv4 inside IPv6 (RFC 6333, RFC 6877) */
    PLACE_DSLITE_ODD, /* probably so: the router has no IPv4 address, but there is IPv6 */
    PLACE_NAT,        /* private, and no router tells more */
    PLACE_LOCAL,      /* IPv6 that leads nowhere from outside */
    PLACE_VPN,        /* everything leaves by a tunnel */
    PLACE_VPN_PUBLIC, /* ... that gives this machine a public address */
    PLACE_VIA,        /* public here, but seen as another from outside */
    PLACES
};

/* Facts of both families, by family; the verdict on one. */
enum place place_judge(const struct place_facts facts[FAMILIES], enum family family);
/* The address that the verdict is about, NULL when there is none. */
const struct addr *place_address(enum place place, const struct place_facts *facts);

#endif
