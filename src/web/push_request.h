/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_WEB_PUSH_REQUEST_H
#define HOMING_WEB_PUSH_REQUEST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/addr.h"
#include "base/buf.h"

/*
 * What a router sends when it tells its address in the way of DynDNS (help.dyn.com, "Perform
 * Update" and "Return Codes"), and the words it is answered with. Pure.
 */
enum {
    PUSH_HOSTS = 20,     /* more in one request are "numhost" */
    PUSH_HOST_MAX = 253, /* RFC 1035, section 3.1 */
    PUSH_PREFIX_LEAST = 16,
    PUSH_PREFIX_MOST = 64, /* RFC 4291, section 2.5.1: of a LAN */
};

/* The first two are those of enum family. */
enum push_what { PUSH_V4, PUSH_V6, PUSH_PREFIX, PUSH_WHATS };

struct push_value {
    bool given;
    struct addr addr;
    unsigned length; /* bits of a prefix; 0 for an address */
};

struct push_request {
    char hosts[PUSH_HOSTS][PUSH_HOST_MAX + 1]; /* lower case, without a dot at the end */
    size_t host_count;
    bool too_many;       /* hostnames */
    bool malformed_host; /* one of them is longer than any name, or not text */
    struct push_value values[PUSH_WHATS];
    bool automatic; /* it wants the address that the request comes from */
    /* A value that is no address, or a second one of its family; made printable. "" : none. */
    char odd[48];
};

/*
 * Reads the query of a request, as it was sent: hostname=A,B myip=ADDRESS[,ADDRESS]
 * myipv6=ADDRESS ip6lanprefix=PREFIX/LENGTH auto. Others are ignored (system=, wildcard=, mx= ...
 * of DynDNS), and so is the value "" (a FRITZ!Box has no IPv4 address behind DS-Lite).
 */
void push_read(const char *query, struct push_request *out);
/* Of two labels or more, each of 1 to 63 letters, digits, hyphens, underscores or bytes of UTF-8;
 * "*" as the first. */
bool push_host_good(const char *host);

/* "Basic" credentials (RFC 7617): false when the header is none. The texts are owned, and secret.
 */
bool push_credentials(const char *header, char **login, char **password);
/* The same from "username" and "password" of a query, for routers that know no other way. */
bool push_query_credentials(const char *query, char **login, char **password);

enum push_word {
    PUSH_GOOD,    /* taken: another address than before */
    PUSH_NOCHG,   /* it was known */
    PUSH_BADAUTH, /* no such device, or another password */
    PUSH_NOTFQDN, /* no hostname, or no whole one */
    PUSH_NOHOST,  /* not one of this device */
    PUSH_NUMHOST, /* too many in one request */
    PUSH_ABUSE,   /* too often */
    PUSH_911,     /* nothing in it can be taken; try again later */
    PUSH_WORDS
};
const char *push_word_text(enum push_word word);
/* One line of an answer: "good 81.2.3.4,2a02:3100::1". Values that are not given are left out. */
void push_line(struct buf *out, enum push_word word, const struct push_value values[PUSH_WHATS]);

#endif
