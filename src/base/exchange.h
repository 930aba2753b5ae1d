/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_BASE_EXCHANGE_H
#define HOMING_BASE_EXCHANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/marked.h"

/*
 * Requests and replies as data: what the pure rooms make and read, and what net/ carries. Making
 * one sends nothing.
 */
enum request_kind { REQUEST_HTTP, REQUEST_DNS, REQUEST_RUN };

struct request_header {
    char *name; /* owned */
    struct marked value;
};

struct request {
    enum request_kind kind;
    uint32_t tag; /* chosen by the maker, comes back in the reply */
    bool writes;  /* it may change something at the provider: a dry run does not send it */
    bool session; /* login or logout: sent in a dry run too */
    char *about;  /* owned; what it is for, in words: "find the zone"; may be NULL */

    /* HTTP */
    char *method;                   /* owned, upper case */
    struct marked url;              /* absolute, http or https */
    struct request_header *headers; /* owned array; Host, Content-Length are made by net/ */
    size_t header_count;
    struct marked body;
    bool has_body;    /* an empty body is sent when true */
    int family;       /* -1: any; else enum family: connect over this one only */
    bool fresh;       /* own connection, never a kept one (address detection) */
    bool http1;       /* never HTTP/2 */
    size_t reply_max; /* bytes of the body that are wanted; 0 means REPLY_MAX_DEFAULT */

    /* DNS: one message to one server, UDP with TCP after truncation, or TCP alone */
    char *server;  /* owned: name or address */
    uint16_t port; /* 53 when 0 */
    bool tcp;
    uint8_t *wire; /* owned; its id is replaced by a random one for UDP, except when keep_id */
    size_t wire_len;
    bool keep_id; /* signed messages keep the id they were signed with */

    /* RUN: the program that a setting of an entry names gets the body on its standard input; what
     * it printed is the reply's body, its exit status the reply's status. No net carries it: the
     * driver has a runner. */
    char *entry;   /* owned; identity */
    char *setting; /* owned */
};

enum { REPLY_MAX_DEFAULT = 1 << 20 };

/* Did the request reach the other side? After MAYBE a write is followed by a read, never by the
 * same write. */
enum sent { SENT_NO, SENT_MAYBE, SENT_YES };

enum net_error {
    NET_OK = 0,   /* a whole reply is here, whatever its status */
    NET_NO_ROUTE, /* no way out at all */
    NET_NO_NAME,  /* no name server answered: not a try */
    NET_BAD_NAME, /* the name does not exist */
    NET_REFUSED,  /* connection refused */
    NET_TIMEOUT,
    NET_RESET, /* closed in the middle */
    NET_TLS,   /* certificate or handshake */
    NET_PROXY,
    NET_TOO_BIG,  /* the reply passed its bound */
    NET_PROTOCOL, /* not HTTP, not DNS, or of another family than asked for */
    NET_REDIRECT, /* too many, or to where secrets must not go */
    NET_CANCELLED,
    NET_DRY, /* a dry run: the request was shown instead of sent */
    NET_INTERNAL,
    NET_ERRORS
};
const char *net_error_text(enum net_error e); /* "the connection was refused" */

struct reply_header {
    char *name;  /* owned, lower case */
    char *value; /* in the same piece of memory */
};

struct reply {
    uint32_t tag;
    enum net_error error;
    enum sent sent;
    char *detail;                 /* owned: the library's words, no secrets; may be NULL */
    int status;                   /* HTTP status, 0 without one */
    struct reply_header *headers; /* owned */
    size_t header_count;
    struct buf body; /* HTTP body, or the DNS message */
    bool has_peer, has_local;
    struct addr peer, local; /* addresses of the connection */
    msec took;               /* from hand-over to the last byte */
    unsigned connects;       /* new connections it needed (0: a kept one) */
};

/* How requests of one entry travel: settings, filled in by the engine, not by protocols. Texts are
 * borrowed from the configuration. */
struct transport {
    const char *proxy; /* host[:port] or URL; NULL for none */
    const char *ca_file, *ca_dir;
    bool tls_unchecked;    /* web-ssl-validate=no and kin */
    msec timeout;          /* connect and total; 0 means TIMEOUT_DEFAULT */
    unsigned redirects;    /* follow at most this many (to the same host, https never to http) */
    const char *interface; /* uplink: interface, source address or mark */
    const char *source_address;
    uint32_t mark;
    const char *agent;    /* User-Agent; NULL means homing's own */
    unsigned connections; /* at once to one host; 0 means 4 (2 when HTTP/2 is spoken) */
};
enum { TIMEOUT_DEFAULT = 30 * SECOND };

void request_init(struct request *r, enum request_kind kind); /* family -1, empty texts */
void request_free(struct request *r); /* what is inside, wiped; not r itself */
void request_move(struct request *to, struct request *from);
void request_method(struct request *r, const char *method);
/* The returned value is to be filled in; valid until the next header is added. */
struct marked *request_header(struct request *r, const char *name);
struct marked *request_find_header(struct request *r,
                                   const char *name); /* case-insensitive, or NULL */
/* For people: "GET https://host/path?token=..." with dots for secrets, headers and body below when
 * "whole". */
void request_show(const struct request *r, bool whole, struct buf *out);
/* Appends its secret pieces as they travel, each as a span: for marked_hide() on what comes back.
 */
void request_secrets(const struct request *r, struct marked *out);

void reply_init(struct reply *r);
void reply_free(struct reply *r);
void reply_headers_free(struct reply *r); /* it has none then */
void reply_header_add(struct reply *r, const char *name, size_t name_len, const char *value,
                      size_t value_len);
const char *reply_header_find(const struct reply *r,
                              const char *name); /* first of that name, or NULL */
/* Retry-After (RFC 9110, section 10.2.3) in seconds or as a date; 0 when absent or in the past. */
msec reply_retry_after(const struct reply *r, msec wall_now);

#endif
