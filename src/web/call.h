/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_WEB_CALL_H
#define HOMING_WEB_CALL_H

#include "web/mhd.h"

#include "web/server.h"

/*
 * Inside of the server: a connection and a request as server.c and call.c share them. Nobody else
 * includes this.
 */
struct conn {
    struct conn *next, *prev;
    int fd;
    struct http_peer peer;
    msec deadline; /* monotonic; NEVER while a handler works or a stream runs */
    bool waiting;  /* no whole request is here: it may make room for another */
    struct http_call *call;
};

struct pair {
    struct pair *next;
    char *name, *value; /* owned */
};

/* It lives until the library has ended the request and, if it reached the handler, the handler has
 * answered: either may come first. */
struct http_call {
    struct http_server *server;        /* NULL when the request was ended */
    struct MHD_Connection *connection; /* likewise */
    struct conn *conn;                 /* likewise */
    struct http_peer peer;
    char *method, *path, *query; /* owned */
    struct buf body;
    struct pair *kept; /* decoded queries and cookies that were asked for */
    struct pair *reply_headers;
    struct MHD_Response *response;
    unsigned status;
    bool handled, replied, suspended;
    const struct http_stream *stream;
    void *stream_arg;
    void *data;
    void (*free_data)(void *data);
};

struct http_call *http_call_new(struct http_server *s, const struct http_limits *limits,
                                struct MHD_Connection *connection, struct conn *conn,
                                const char *uri);
/* The headers are here. False when the body is said to be too large. */
bool http_call_begin(struct http_call *call, const char *method);
enum MHD_Result http_call_queue(struct http_call *call); /* hands the reply to the library */
void http_call_gone(struct http_call *call);             /* the library has ended the request */
void http_call_abandon(struct http_call *call);          /* the server stops: resume if suspended */

void http_server_run_soon(struct http_server *s);

#endif
