/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_NET_ORIGIN_H
#define HOMING_NET_ORIGIN_H

#include "base/map.h"
#include "net/curl.h"

/*
 * An origin (RFC 6454): scheme, host and port of an address, which many requests have in common.
 * curl takes it apart once for all that are under way there. The rest of the address, the target,
 * is what the request line says (RFC 9112, section 3.2.1), as it is written.
 */
struct origin {
    unsigned uses;
    struct map *all; /* those in use, by their text */
    char *text;      /* owned: "https://host:port/" */
    char *key;       /* owned: who is spoken to */
    CURLU *url;      /* owned */
};

/*
 * Cuts the address behind its origin. To be dropped. NULL: there is more to it than scheme, host,
 * port and a target of signs that stand for themselves (a login, say), or curl would not take it.
 */
struct origin *origin_take(struct map *all, const char *address, const char **target);
void origin_drop(struct origin *o); /* NULL is fine */

/* "scheme://host:port", the port also where the address has none. Owned; NULL: it has no host. */
char *origin_key(CURLU *url);

#endif
