/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_WEB_THROTTLE_H
#define HOMING_WEB_THROTTLE_H

#include <stdbool.h>

#include "base/addr.h"
#include "base/clock.h"

/*
 * How long somebody who got a password wrong must wait before the next try. Pure: time is an
 * argument. Counted for the account and for where the try came from: one IPv4 address, one IPv6
 * /64. The account's waits stay short, so that nobody can keep its owner out by failing.
 */
struct throttle;

enum {
    THROTTLE_FREE = 3, /* failures without a wait; then 1, 2, 4 ... seconds */
    THROTTLE_MOST_ADDRESS = 15 * MINUTE,
    THROTTLE_MOST_ACCOUNT = 30 * SECOND,
    THROTTLE_FORGET = 24 * HOUR, /* without a further failure */
    THROTTLE_KEYS = 4096,        /* the oldest is forgotten beyond */
    THROTTLE_KEY_MAX = 64,
};
#define THROTTLE_ACCOUNT "account" /* the key of one, or how those of several begin */

struct throttle *throttle_new(void);
void throttle_free(struct throttle *t);
/* The key of an address: itself, or its /64. The buffer has THROTTLE_KEY_MAX bytes; returns it. */
const char *throttle_key(const struct addr *a, char *out);
/* 0: try now. */
msec throttle_wait(const struct throttle *t, const char *key, msec wall);
void throttle_fail(struct throttle *t, const char *key, msec wall);
void throttle_clear(struct throttle *t, const char *key);

/* For keeping over restarts. A wait never lasts longer than its length, whatever the clock does. */
struct throttle_item {
    const char *key;
    unsigned failures;
    msec end, length; /* wall */
};
bool throttle_next(const struct throttle *t, size_t *at, struct throttle_item *out);
void throttle_restore(struct throttle *t, const struct throttle_item *item);

#endif
