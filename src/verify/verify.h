/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_VERIFY_VERIFY_H
#define HOMING_VERIFY_VERIFY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/clock.h"
#include "base/exchange.h"
#include "net/net.h"
#include "verify/delegation.h"

/*
 * Asks the DNS itself what it says about a name: every name server of the zone, directly and
 * without recursion. Which servers those are is learned from the parent side (the referral, kept
 * for its TTL), not from a local resolver that may tell another zone. It never decides what to do
 * about a difference (decide/looks.h does) and never writes.
 */
struct verify;
struct verify_job;

enum verify_state {
    VERIFY_AGREES,  /* every server that answered has all wanted addresses */
    VERIFY_DIFFERS, /* some server that answered has not; see majority */
    VERIFY_UNKNOWN  /* nobody answered with authority */
};

enum {
    VERIFY_SERVERS_MAX = 13, /* addresses asked for one name */
    VERIFY_AT_ONCE = 3,      /* of them at the same time */
    VERIFY_NAME_MAX = 256
};

/* What one server said. */
struct verify_server {
    char name[VERIFY_NAME_MAX]; /* "ns1.example.net", or the address when that was given */
    char address[ADDR_TEXT_MAX];
    enum net_error error; /* NET_OK: it answered something */
    bool authoritative;   /* and with authority: its set counts */
    bool agrees;
    struct addrset set;
    bool serial_known;
    uint32_t serial; /* of the zone's SOA; asked only when servers differ */
    uint32_t ttl;
};

struct verify_result {
    enum verify_state state;
    bool majority;    /* VERIFY_DIFFERS: seen on a majority of the servers whose SOA is not older */
    bool no_route;    /* nobody could be asked: no way out; not a fault of anybody */
    bool intercepted; /* somebody on the way answers in the servers' place (hijacked port 53) */
    bool no_delegation;          /* the parent side does not know the zone at all */
    char zone[VERIFY_NAME_MAX];  /* where the parent side delegates; "" when unknown or given */
    char alias[VERIFY_NAME_MAX]; /* the name is an alias of this; "" when not */
    unsigned count, answered, agree;
    struct verify_server servers[VERIFY_SERVERS_MAX];
    struct addrset found; /* what a server that differs says, or all say */
    uint32_t ttl;   /* the largest TTL seen with it: how long visitors may keep an old value */
    char say[1600]; /* one sentence for people */
};

/* Called exactly once for each ask, never before ask returned; not after cancel. The result is
 * borrowed. */
typedef void verify_fn(void *arg, const struct verify_result *result);

/* resolver: addresses of recursive servers with optional ports ("127.0.0.1 [::1]:5353"), or NULL
 * for those of resolv.conf. Only used to find name servers' addresses and the top-level domain's
 * servers. */
struct verify *verify_new(struct net *net, const char *resolver);
void verify_free(struct verify *v); /* cancels all */
/* Its search for name servers, with what it remembers of them, for who asks nothing else. */
struct delegations *verify_delegations(struct verify *v);

struct verify_question {
    const char *hostname;
    enum family family;
    const struct addrset *wanted; /* must be among the answers; an empty set: there must be none */
    const char *servers; /* verify-server= ("ns.example.net 192.0.2.53:5353"), asked instead of
                            those of the delegation; or NULL */
    bool resolver; /* ask the resolvers instead, as a visitor would: no authority is expected */
    const struct transport *transport; /* the uplink's */
};

/* Copies the question. */
struct verify_job *verify_ask(struct verify *v, const struct verify_question *question,
                              verify_fn *fn, void *arg);
void verify_cancel(struct verify_job *job);

#endif
