/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_VERIFY_ASK_H
#define HOMING_VERIFY_ASK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/exchange.h"
#include "net/dnsmsg.h"
#include "net/net.h"

/*
 * One question to one server, and its answer parsed. The small common step of finding servers and
 * asking them.
 */
struct ask;

struct ask_answer {
    enum net_error error;
    bool parsed; /* message is filled in */
    bool recursion_available;
    struct dns_message message;
};

typedef void
ask_fn(void *arg,
       const struct ask_answer *answer); /* once, unless cancelled; never inside ask_send */

/* NULL when the name is none. */
struct ask *ask_send(struct net *net, const char *server, uint16_t port, const char *name,
                     enum dns_type type, bool recurse, const struct transport *transport,
                     ask_fn *fn, void *arg);
/* fn is not called any more. */
void ask_cancel(struct ask *a);

#endif
