/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_WEB_SERVER_H
#define HOMING_WEB_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <uv.h>

#include "base/addr.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/error.h"

/*
 * The HTTP server: sockets, limits, requests in and replies out. It is the only module that knows
 * libmicrohttpd, whose epoll descriptor hangs in the loop of the program. It knows nothing of
 * routes, accounts or documents: each whole request goes to one handler, which answers at once or
 * later, from the same thread.
 *
 * Limits: a request must be complete within "time" of its first byte, a connection is closed after
 * the same time without a request. When all connections are taken, the one that has sat longest
 * without a whole request makes room, so that slow peers cannot shut others out.
 */
struct http_limits {
    unsigned connections; /* of the network at once; the unix socket does not count */
    size_t body;          /* bytes of a request's body */
    size_t header;        /* bytes a connection may use for its headers */
    msec time;
};
extern const struct http_limits http_limits_page;
enum {
    HTTP_HEADER_MAX = 16 * 1024,  /* no server's "header" is above this */
    HTTP_REPLY_TIME = 2 * MINUTE, /* for a reader to take a whole reply; streams have no end */
};

struct http_server;
struct http_call; /* one request and its reply */

enum http_where { HTTP_LOOPBACK, HTTP_NETWORK, HTTP_UNIX };
struct http_peer {
    enum http_where where;
    struct addr addr; /* not for HTTP_UNIX; IPv4-mapped addresses are unmapped */
    bool tls;
    bool owner; /* HTTP_UNIX: our own user, root, or a member of the socket's group */
    uid_t uid;  /* HTTP_UNIX */
};

/* Called once for each whole request. It must answer (http_reply, http_stream) now or later. */
typedef void http_handler_fn(void *arg, struct http_call *call);

struct http_server *http_server_new(uv_loop_t *loop, const struct http_limits *limits,
                                    http_handler_fn *fn, void *arg, struct cause *c);
/* "127.0.0.1:8245", "[::1]:8245", "*:8245" (both families), "unix:/run/homing/homing.sock".
 * ERR_SYNTAX for other texts, ERR_BUSY when somebody else serves there. */
enum err http_server_listen(struct http_server *s, const char *where, struct cause *c);
/* For a unix socket that is to be given to a group (by its name). Call before listen; NULL: none.
 */
void http_server_group(struct http_server *s, const char *group);
/* From now on network listeners speak TLS with this certificate (PEM, with its chain) and key. The
 * texts are copied. ERR_UNSUPPORTED when the library can not, ERR_SYNTAX when it refuses them. */
enum err http_server_tls(struct http_server *s, const char *cert, const char *key, struct cause *c);
/* The port of the first network listener (for "127.0.0.1:0"); 0 when there is none. */
unsigned http_server_port(const struct http_server *s);
/* Where a browser on this machine finds it: "http://127.0.0.1:8245/" (80 bytes); false: nowhere. */
bool http_server_url(const struct http_server *s, char *out);
/* How many connections were not taken, or ended before they asked anything, because too many were
 * open or no descriptors were left; and the last time (wall). */
uint64_t http_server_turned_away(const struct http_server *s, msec *at);
/* Closes listeners and connections. Calls that are still waiting for an answer stay valid until
 * they get it. Handles are closed by the loop's next turn; run it once afterwards. */
void http_server_free(struct http_server *s);

/* The request. Texts live as long as the call. */
const char *http_method(const struct http_call *call); /* HEAD comes as GET */
const char *http_path(const struct http_call *call);   /* as sent, percent-encoded, no query */
const char *http_header(const struct http_call *call, const char *name); /* NULL when absent */
/* Every line of a header that is a list, in their order, as one (RFC 9110, section 5.3); appended.
 */
void http_header_list(const struct http_call *call, const char *name, struct buf *out);
/* Decoded; NULL when absent, or when it is not UTF-8 or holds a NUL. */
const char *http_query(struct http_call *call, const char *name);
const char *http_query_text(const struct http_call *call); /* all of it, as sent; "" for none */
const struct buf *http_body(const struct http_call *call);
const struct http_peer *http_peer(const struct http_call *call);
/* Cookie of that name, NULL when absent. */
const char *http_cookie(struct http_call *call, const char *name);
/* Place for whoever routes; both NULL at the start; "free_it" is called with it at the end. */
void http_set_data(struct http_call *call, void *data, void (*free_it)(void *data));
void *http_data(const struct http_call *call);

/* The reply: headers first, then exactly one of these two. */
void http_reply_header(struct http_call *call, const char *name, const char *value);
/* "bytes" is copied unless "forever" (then it must live as long as the program). */
void http_reply(struct http_call *call, unsigned status, const char *type, const void *bytes,
                size_t n, bool forever);
bool http_replied(const struct http_call *call);

/* A reply without an end. pull() fills at most room bytes and returns their number, 0 when there is
 * nothing now (it is called again after http_stream_wake()), -1 to end. gone() is called once. */
struct http_stream {
    long (*pull)(void *arg, char *out, size_t room);
    void (*gone)(void *arg);
};
void http_stream(struct http_call *call, const char *type, const struct http_stream *stream,
                 void *arg);
void http_stream_wake(struct http_call *call);

/* Percent-decodes n bytes ('+' is a blank when "form"). False for broken escapes, NUL, or bytes
 * that are not UTF-8. */
bool http_decode(const char *s, size_t n, bool form, struct buf *out);

#endif
