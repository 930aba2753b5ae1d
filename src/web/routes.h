/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_WEB_ROUTES_H
#define HOMING_WEB_ROUTES_H

#include "web/request.h"

/*
 * Which request goes where: one table, one row an operation. Whatever is checked for all requests
 * (Host, origin, rights, body) is checked here, before a handler sees it.
 */
typedef void route_fn(struct request_ctx *rq);

enum route_access {
    ROUTE_OPEN, /* anybody: the page's files, signing in, health */
    ROUTE_READ,
    ROUTE_MEASURE, /* as READ; with metrics=loopback also programs of this machine */
    ROUTE_FULL,
};

struct route {
    const char *method;
    const char *path; /* below the root; "{}" is one segment */
    route_fn *fn;
    enum route_access access;
    int what;        /* enum web_document or web_action, for the handlers that serve several */
    bool takes_body; /* a JSON object, which may be left out when it would be empty */
};
extern const struct route routes[]; /* ended by a NULL method */

/* http_handler_fn; arg is the struct web. */
void routes_handle(void *arg, struct http_call *call);

#endif
