/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_SENSE_CHOOSE_H
#define HOMING_SENSE_CHOOSE_H

#include <stdbool.h>
#include <stddef.h>

#include "net/iftable.h"

/*
 * Which of an interface's addresses is the one to publish, and why each other is not. Pure.
 *
 * IPv4: the first of global scope; a public one goes before any other.
 * IPv6: never one that is tentative or a duplicate (RFC 4862, section 5.4), deprecated (section
 * 5.5.4) or temporary (RFC 8981: it will be gone soon); never link-local, multicast or within
 * ::/16; unique local (RFC 4193) only when private ones are wanted and nothing else is there. Of
 * the rest, step by step until one is left: without a lifetime (set by hand) before the others; the
 * longest prefix (a DHCPv6 lease's /128 before autoconfiguration's /64); the fewest written groups
 * (RFC 5952: ::8214 was chosen by somebody, an interface identifier was not); the longest valid
 * lifetime; the kernel's order.
 */
enum choice {
    CHOICE_TAKEN,
    CHOICE_ELSEWHERE, /* of another interface or family: no candidate */
    CHOICE_TENTATIVE,
    CHOICE_DUPLICATE,
    CHOICE_DEPRECATED,
    CHOICE_TEMPORARY,
    CHOICE_SCOPE, /* link-local, host scope, multicast ... */
    CHOICE_ULA,
    CHOICE_PRIVATE,  /* another one is public */
    CHOICE_LIFETIME, /* another one was set by hand */
    CHOICE_PREFIX,   /* another one has a longer prefix */
    CHOICE_TEXT,     /* another one is shorter to write */
    CHOICE_SOONER,   /* another one is valid for longer */
    CHOICE_LATER,    /* another one comes first */
    CHOICES
};
const char *choice_text(enum choice c); /* "a temporary (privacy) address" */

/* The index in t->addrs of the address to publish, or -1. why, if not NULL, has room for
 * t->addr_count. */
int choose_address(const struct iftable *t, int link, enum family family, bool private_too,
                   msec mono, enum choice *why);

/* The prefix that hosts on this link are numbered from: of the addresses of the interface that
 * are global unicast, not deprecated nor temporary, and whose prefix is no longer than "longest",
 * the one with the longest preferred lifetime left; then the kernel's order. -1: none. */
int choose_prefix(const struct iftable *t, int link, unsigned longest, bool private_too, msec mono);

/* Seconds of a lifetime that was told a while ago; IF_FOREVER stays. */
uint32_t lifetime_left(uint32_t told_s, msec told, msec mono);

#endif
