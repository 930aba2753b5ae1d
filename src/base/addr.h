/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_BASE_ADDR_H
#define HOMING_BASE_ADDR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The two families, used as an index. A record type is A for V4 and AAAA for V6. */
enum family { V4 = 0, V6 = 1, FAMILIES = 2 };
#define FAMILY_BIT(f) (1u << (f))

const char *family_name(enum family f); /* "IPv4", "IPv6" */
const char *family_type(enum family f); /* "A", "AAAA" */

struct addr {
    uint8_t family;    /* enum family */
    uint8_t bytes[16]; /* network order; an IPv4 address uses the first four */
};

enum { ADDR_TEXT_MAX = 46 }; /* INET6_ADDRSTRLEN */

size_t addr_len(enum family f); /* 4 or 16 */
/* Strict: dotted quad of four decimal numbers without leading zeros, or RFC 4291 text without a
 * zone; nothing around it. IPv4-mapped IPv6 stays IPv6. */
bool addr_parse(const char *text, struct addr *out);
bool addr_parse_n(const char *text, size_t n, struct addr *out);
/* Canonical text (RFC 5952). The buffer has ADDR_TEXT_MAX bytes; returns it. */
const char *addr_text(const struct addr *a, char *out);
int addr_compare(const struct addr *a, const struct addr *b);
bool addr_equal(const struct addr *a, const struct addr *b);
/* Is a inside net/length? Of the same family, of course. */
bool addr_in(const struct addr *a, const struct addr *net, unsigned length);

/*
 * What an address is, by the IANA special-purpose registries (RFC 6890, 8190) and those that
 * matter to a home: only ADDR_PUBLIC is published without allow-private=yes.
 */
enum addr_kind {
    ADDR_PUBLIC = 0,
    ADDR_UNSPECIFIED, /* 0.0.0.0/8, :: */
    ADDR_PRIVATE,     /* RFC 1918 */
    ADDR_ULA,         /* RFC 4193 fc00::/7 */
    ADDR_CGNAT,       /* RFC 6598 100.64.0.0/10 */
    ADDR_LOOPBACK,
    ADDR_LINK_LOCAL,
    ADDR_MULTICAST,
    ADDR_DOCUMENTATION, /* RFC 5737, 3849, 9637 */
    ADDR_BENCHMARK,     /* RFC 2544, 5180 */
    ADDR_NAT64,         /* RFC 6052 64:ff9b::/96, RFC 8215 64:ff9b:1::/48 */
    ADDR_6TO4,          /* RFC 3056, 7526 2002::/16, 192.88.99.0/24 */
    ADDR_TEREDO,        /* RFC 4380 2001::/32 */
    ADDR_MAPPED,        /* ::ffff:0:0/96 */
    ADDR_DSLITE,        /* RFC 6333, 7335 192.0.0.0/29: DS-Lite and 464XLAT */
    ADDR_RESERVED,      /* everything else that is not global unicast */
    ADDR_KINDS
};
enum addr_kind addr_kind(const struct addr *a);
const char *addr_kind_name(enum addr_kind k); /* "a private address (RFC 1918)" */

/* A set of addresses of one family, sorted, without repetition. */
enum { ADDRSET_MAX = 8 };
struct addrset {
    uint8_t count; /* 0 to ADDRSET_MAX */
    struct addr items[ADDRSET_MAX];
};

/* True when a is in the set afterwards (false: it is full). */
bool addrset_add(struct addrset *s, const struct addr *a);
bool addrset_remove(struct addrset *s, const struct addr *a); /* true when it was there */
bool addrset_has(const struct addrset *s, const struct addr *a);
bool addrset_equal(const struct addrset *a, const struct addrset *b);
bool addrset_subset(const struct addrset *small, const struct addrset *large);
/* "a, b"; "none" when empty. The buffer has ADDRSET_TEXT_MAX bytes; returns it. */
enum { ADDRSET_TEXT_MAX = ADDRSET_MAX * (ADDR_TEXT_MAX + 2) };
const char *addrset_text(const struct addrset *s, char *out);

#endif
