/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_SENSE_OUTSIDE_H
#define HOMING_SENSE_OUTSIDE_H

#include <uv.h>

#include "sense/webask.h"

/*
 * One question to one outside service, whatever it speaks. Its address says how:
 *   https://host/path                          a page (webask)
 *   dns://server[:port]/name[?class=CH;type=TXT]   a DNS server that answers with who asked,
 * written as RFC 4501 does; without a type A or AAAA is asked stun:server[:port] STUN (RFC 7064,
 * RFC 8489)
 */
struct outside;

struct outside_question {
    struct net *net;
    uv_loop_t *loop;
    const char *url;
    const char *skip; /* of a page */
    enum family family;
    struct transport transport;
};

/* The answer comes once, later. */
struct outside *outside_ask(const struct outside_question *q, webask_fn *fn, void *arg);
void outside_stop(struct outside *o); /* no answer comes any more; NULL is fine */

/* Is the host of a page in our own network, as far as its address tells: an address that is not
 * public, a name without a dot, or one of a domain that no public zone may have (RFC 6761, 6762,
 * 8375, and those that routers use)? Only such pages are asked with outside=no. */
bool outside_is_near(const char *url);

enum outside_way { OUTSIDE_WEB, OUTSIDE_DNS, OUTSIDE_STUN };
enum outside_way outside_way(const char *url);

/* The parts of a dns: or stun: address; false when it is none. Texts are owned by *out. */
struct outside_place {
    char server[256];
    unsigned port; /* 0: the protocol's */
    char name[256];
    bool chaos, txt;
};
bool outside_place(const char *url, struct outside_place *out);

#endif
