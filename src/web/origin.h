/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_WEB_ORIGIN_H
#define HOMING_WEB_ORIGIN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/addr.h"
#include "web/server.h"

/*
 * Where a request came from: the other end of its connection, or what a trusted proxy says about
 * it. Decides nothing.
 */
enum { ORIGIN_PROXIES = 32 };
struct origin_trust {
    struct addr proxies[ORIGIN_PROXIES];
    size_t count;
    bool named; /* else: any of loopback */
};

/* Addresses of reverse proxies, separated by commas, whose word about a visitor's address
 * (X-Forwarded-For) is believed; NULL or "": those of loopback. What is no address is left out:
 * false, and "bad" is the first such text (copied, cut to fit). */
bool origin_trust_set(struct origin_trust *t, const char *proxies, char *bad, size_t room);
/* False for the unix socket, which has no address. */
bool origin_of(const struct origin_trust *t, const struct http_call *call, struct addr *out);

#endif
