/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_NET_DNSMSG_H
#define HOMING_NET_DNSMSG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/exchange.h"

/*
 * DNS messages: bytes in and out, no sockets. The one file that knows ldns. Names are lower case
 * without the final dot ("" is the root).
 */

enum dns_type { /* RFC 1035, 3596 */
                DNS_A = 1,
                DNS_NS = 2,
                DNS_CNAME = 5,
                DNS_SOA = 6,
                DNS_TXT = 16,
                DNS_AAAA = 28,
};
enum { DNS_IN = 1, DNS_CH = 3, DNS_NAME_MAX = 1024 /* escaped text of 255 bytes, and NUL */ };

/* Fills in the message of a query (REQUEST_DNS, as request_init() left it): its question, RD when
 * "recurse", EDNS with 1232 bytes of room (the flag day's number: never fragmented). False when
 * the name is none. */
bool dnsmsg_query(struct request *r, const char *name, enum dns_type type, unsigned cls,
                  bool recurse);

struct dns_record {
    char *owner;   /* owned */
    uint16_t type; /* enum dns_type, or another */
    uint16_t cls;
    uint32_t ttl;
    struct addr addr;  /* A, AAAA */
    char *text;        /* owned: target of NS and CNAME, primary of SOA, all of TXT; else NULL */
    uint32_t serial;   /* SOA */
    uint32_t negative; /* SOA: how long a "no" is to be believed (RFC 2308) */
};

struct dns_message {
    uint16_t id;
    unsigned rcode;
    bool response, authoritative, truncated;
    struct dns_record *answers; /* owned */
    size_t answer_count;
    struct dns_record *authority; /* owned */
    size_t authority_count;
    struct dns_record *additional; /* owned */
    size_t additional_count;
};

/* False when the bytes are no DNS message; *m is empty then. */
bool dnsmsg_parse(struct dns_message *m, const uint8_t *bytes, size_t n);
void dnsmsg_free(struct dns_message *m);

/* The addresses of the family that the answer gives for the name, CNAMEs followed inside of the
 * message. True when the message says so for certain: NOERROR or NXDOMAIN. *ttl, if not NULL, is
 * the least TTL on the way. */
bool dnsmsg_addresses(const struct dns_message *m, const char *name, enum family family,
                      struct addrset *out, uint32_t *ttl);

const char *dnsmsg_rcode_name(unsigned rcode); /* "SERVFAIL"; never NULL */

#endif
