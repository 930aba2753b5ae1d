/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_WEB_REQUEST_H
#define HOMING_WEB_REQUEST_H

#include <jansson.h>
#include <stdbool.h>

#include "web/access.h"
#include "web/events.h"
#include "web/files.h"
#include "web/logring.h"
#include "web/model.h"
#include "web/server.h"
#include "web/web.h"

/*
 * A routed request as the handlers of the API see it, and the ways to answer it. Inside of the web
 * room.
 */
struct web {
    uv_loop_t *loop;
    struct web_model *model;
    struct push_model *push_model; /* NULL: no device can tell anything */
    struct push *push;             /* NULL: listen-push= is off */
    bool push_tls;
    struct http_server *server;
    struct events *events;
    struct logring *log;
    struct access *access; /* NULL: no accounts, reading only */
    char **hosts;          /* owned, ended by NULL */
    char *unserved;        /* owned: why a network listener is missing; NULL: none is */
    bool neighbours_measure;
    char *below; /* owned: "/tools/homing", a path that a proxy leaves before ours; NULL: none */
};

enum { PARAMS_MAX = 2 };

struct request_ctx {
    struct web *web;
    struct http_call *call;
    const struct route *route;
    char *params[PARAMS_MAX]; /* owned, decoded; NULL when the route has none */
    struct access_who who;    /* who asks, and what they may */
    json_t *body;             /* owned; an object, for routes that take one */
    char *version;            /* owned: If-Match, without quotes; NULL when absent */
};

/* doc is taken over; NULL is answered as "not found". */
void reply_doc(struct request_ctx *rq, unsigned status, json_t *doc);
/* {"error":{"code","args","text","field"}}; args is taken over and may be NULL, field too. */
void reply_error(struct request_ctx *rq, unsigned status, const char *code, json_t *args,
                 const char *field, const char *format, ...) __attribute__((format(printf, 6, 7)));
/* What the model led to, as a reply. Fits web_answer_fn with the request as arg. */
void reply_answer(void *rq, const struct web_answer *answer);

#endif
