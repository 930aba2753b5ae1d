/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_NET_CARRIER_H
#define HOMING_NET_CARRIER_H

#include <stdbool.h>

#include "base/exchange.h"
#include "net/curl.h"

/*
 * A carrier: an easy handle of curl's that carries one request after another. Most of what curl has
 * to be told is the manner in which requests travel (proxy, trust, the program's name), which many
 * share: it stays set as long as the next one travels in the same manner. Nothing that belongs to a
 * single request stays.
 */
struct manner {
    unsigned uses;
    struct manner **all, *next; /* those in use */
    char *proxy;                /* owned, as all texts; it may have a password in it */
    char *ca_file, *ca_dir;
    char *agent;
    bool tls_unchecked;
};

/* How the transport wants it, the way out apart, which is the lane's. To be dropped. */
struct manner *manner_take(struct manner **all, const struct transport *t);
void manner_drop(struct manner *m); /* NULL is fine */

struct carrier {
    CURL *easy;
    struct manner *manner;       /* it is set up for; NULL: as new */
    void *load;                  /* the call that it serves */
    struct carrier *next;        /* of those that serve none */
    char words[CURL_ERROR_SIZE]; /* curl's, about an error */
};

struct carrier *carrier_new(void);
void carrier_free(struct carrier *c);
/* Sets up what is as new. The bundle: the system's trusted roots, or NULL; the family that it is to
 * connect by, -1 for any. */
void carrier_set_up(struct carrier *c, struct manner *m, const char *bundle, int family);
/* Without the request that it had; as new where that one was told of in a way of its own. */
void carrier_unload(struct carrier *c, bool as_new);
void carrier_clear(struct carrier *c); /* as new */

#endif
