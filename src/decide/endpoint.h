/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_DECIDE_ENDPOINT_H
#define HOMING_DECIDE_ENDPOINT_H

#include "decide/account.h"

/*
 * The machine of one endpoint, a server we speak to: a circuit breaker. endpoint_event() is the
 * only place where its state changes.
 *
 *   open     requests may leave
 *   closed   in trouble: until the back-off (or its own word) is over
 *   probing  the wait is over: one job tries, the others follow when it reached the server
 *   offline  no way there at all: on the next network event, or after 30 s; not a failure
 */
enum endpoint_state {
    ENDPOINT_OPEN,
    ENDPOINT_CLOSED,
    ENDPOINT_PROBING,
    ENDPOINT_OFFLINE,
    ENDPOINT_STATES
};

struct endpoint {
    struct wait wait;
    msec at;    /* mono: when it looks at itself again; NEVER */
    msec since; /* mono: when it was closed last */
    char *say;  /* owned, or NULL */
    uint16_t failures;
    uint8_t strange; /* answers nobody understood, in a row */
    uint8_t state;   /* enum endpoint_state */
    uint8_t last;    /* enum outcome_class */
    bool word : 1;
    bool offline : 1;
    bool out : 1; /* the probe is under way */
};

enum endpoint_event {
    ENDPOINT_LOOK,
    ENDPOINT_GOOD,     /* it answered, whatever it said */
    ENDPOINT_TROUBLE,  /* cls server, tls: word, say, started */
    ENDPOINT_STRANGE,  /* cls unknown: closes only when it goes on */
    ENDPOINT_AWAY,     /* no route or no name: not a try; nor a reason to wait when the network
                          changed since it was started */
    ENDPOINT_ONLINE,   /* the network changed; nothing to those that are not offline */
    ENDPOINT_SENDING,  /* a job leaves */
    ENDPOINT_RETURNED, /* a job ended without having reached it */
    ENDPOINT_ASKED,    /* a person: ends a back-off, not the provider's own word */
    ENDPOINT_FORCED,
    ENDPOINT_EVENTS
};

struct endpoint_news {
    enum endpoint_event event;
    enum outcome_class cls;
    msec word;
    const char *say;
    msec started; /* mono: when the job began */
};

void endpoint_init(struct endpoint *e);
void endpoint_fini(struct endpoint *e);
bool endpoint_event(struct endpoint *e, const struct endpoint_news *news,
                    const struct account_world *w);
enum account_room endpoint_room(const struct endpoint *e);
const char *endpoint_state_name(enum endpoint_state s);

#endif
