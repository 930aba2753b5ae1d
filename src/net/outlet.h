/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_NET_OUTLET_H
#define HOMING_NET_OUTLET_H

#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/exchange.h"

/*
 * The way out of the machine that a request must take: an interface, a source address, a routing
 * mark, or any of them together. Every socket of net/ is tied to its outlet before it connects. An
 * empty outlet is the kernel's own choice.
 */
struct outlet {
    char interface[IF_NAMESIZE]; /* "" for any */
    bool has_source;
    struct addr source;
    uint32_t mark; /* 0 for none */
};

/* Copies what the transport says. False, with *why (static), when it cannot be meant. */
bool outlet_init(struct outlet *o, const struct transport *t, const char **why);
bool outlet_equal(const struct outlet *a, const struct outlet *b);

/* Ties an unconnected socket of the family to it. 0, or the errno: EAFNOSUPPORT when the source
 * address is of the other family. */
int outlet_apply(const struct outlet *o, int fd, enum family family);
/* That errno in words for people (static, or the system's). */
const char *outlet_error(const struct outlet *o, int error);

#endif
