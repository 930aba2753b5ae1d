/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_PUBLISH_DNSWIRE_H
#define HOMING_PUBLISH_DNSWIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/buf.h"

/*
 * DNS messages as bytes (RFC 1035, section 4; RFC 2136, section 2): a writer that never compresses
 * and a reader that trusts nothing. Owns no state, speaks to nobody, knows no resolver.
 */
enum { DNS_NAME_MAX = 255, DNS_MESSAGE_MAX = 65535, DNS_HEADER = 12 };
enum { DNS_A = 1, DNS_CNAME = 5, DNS_SOA = 6, DNS_AAAA = 28, DNS_TSIG = 250, DNS_TYPE_ANY = 255 };
enum { DNS_IN = 1, DNS_NONE = 254, DNS_ANY = 255 };
enum { DNS_QUERY = 0, DNS_UPDATE = 5 };
/* RFC 1035, 2136; the last four are TSIG's own (RFC 8945, section 3). */
enum {
    DNS_NOERROR = 0,
    DNS_FORMERR = 1,
    DNS_SERVFAIL = 2,
    DNS_NXDOMAIN = 3,
    DNS_NOTIMP = 4,
    DNS_REFUSED = 5,
    DNS_YXDOMAIN = 6,
    DNS_YXRRSET = 7,
    DNS_NXRRSET = 8,
    DNS_NOTAUTH = 9,
    DNS_NOTZONE = 10,
    DNS_BADSIG = 16,
    DNS_BADKEY = 17,
    DNS_BADTIME = 18,
    DNS_BADTRUNC = 22,
};
const char *dns_rcode_name(unsigned code); /* "REFUSED"; "an unknown code" */
uint16_t dns_type_of(enum family f);

/* A name in wire form, root label included. */
struct dns_name {
    uint8_t wire[DNS_NAME_MAX];
    size_t len; /* 0: none */
};
/* Text of a name, final dot optional, \. and \DDD understood (RFC 1035, section 5.1). */
bool dns_name_parse(const char *text, struct dns_name *out);
/* Without the final dot, odd bytes as \DDD; the root is ".". */
enum { DNS_NAME_TEXT_MAX = 4 * DNS_NAME_MAX + 1 };
const char *dns_name_text(const struct dns_name *n, char *out);
bool dns_name_equal(const struct dns_name *a, const struct dns_name *b); /* RFC 4343 */
bool dns_name_in(const struct dns_name *n, const struct dns_name *zone); /* equal or below */
void dns_name_lower(struct dns_name *n);

/* Writing: all append to a buffer. */
void dns_put_u8(struct buf *b, unsigned v);
void dns_put_u16(struct buf *b, unsigned v);
void dns_put_u32(struct buf *b, uint32_t v);
void dns_put_u48(struct buf *b, uint64_t v);
void dns_put_name(struct buf *b, const struct dns_name *n);
/* Header with the four counts (question or zone, answer or prerequisite, authority or update,
 * additional). */
void dns_put_header(struct buf *b, uint16_t id, unsigned opcode, const uint16_t counts[4]);
void dns_put_question(struct buf *b, const struct dns_name *n, unsigned type, unsigned cls);
void dns_put_record(struct buf *b, const struct dns_name *n, unsigned type, unsigned cls,
                    uint32_t ttl, const void *data, size_t len);

/* Reading. */
struct dns_header {
    uint16_t id;
    bool response, authoritative, truncated;
    unsigned opcode, rcode;
    uint16_t counts[4];
};
struct dns_reader {
    const uint8_t *bytes;
    size_t len, at;
};
struct dns_record {
    struct dns_name name;
    uint16_t type, cls;
    uint32_t ttl;
    size_t start;      /* offset of the record in the message */
    size_t data_at;    /* offset of its data */
    uint16_t data_len; /* inside the message */
};
bool dns_read_header(struct dns_reader *r, struct dns_header *out);
bool dns_read_name(struct dns_reader *r, struct dns_name *out); /* follows compression */
bool dns_read_question(struct dns_reader *r, struct dns_name *n, uint16_t *type, uint16_t *cls);
bool dns_read_record(struct dns_reader *r, struct dns_record *out);
bool dns_get(struct dns_reader *r, size_t bytes, uint64_t *out); /* a big-endian number, up to 8 */
/* The address in the data of an A or AAAA record of class IN; false when it is none. */
bool dns_record_addr(const struct dns_reader *r, const struct dns_record *rr, struct addr *out);

#endif
