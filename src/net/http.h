/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_NET_HTTP_H
#define HOMING_NET_HTTP_H

#include <uv.h>

#include "base/exchange.h"

/*
 * The HTTP client: curl's multi handles in the loop, their name look-ups in curl's threads. A
 * "lane" is one multi handle: requests of one outlet, one forced family and one connection limit
 * share it and its kept connections, and nothing else does.
 *
 * What a caller can rely on: no proxy, credentials or trust from the environment; http and https
 * only; bounded header, body (also when it came compressed) and time; a redirect is followed only
 * as far as the transport says, to the same host, never from https to http; a write is never sent
 * twice, not even on a kept connection that the server closed meanwhile.
 */
struct http;
struct http_call;

struct http *http_new(uv_loop_t *loop);
/* All calls must have ended. The loop closes the rest. */
void http_free(struct http *h);
/* libcurl comes with the first request; where one is sure to follow, it can be had ahead. */
void http_prepare(struct http *h);
/* Kept connections are not used for anything that starts from now on. */
void http_renew(struct http *h);
/* What waits for an answer to an address that this machine has no more ends with NET_NO_ROUTE. */
void http_cut(struct http *h);

/*
 * Starts. The request is borrowed until the end, the transport only here. *reply (initialised) is
 * filled in; done() comes once, from the loop or inside this call; the call is gone then. Returns
 * NULL when it is over already.
 */
struct http_call *http_start(struct http *h, const struct request *request,
                             const struct transport *transport, struct reply *reply,
                             void (*done)(void *arg), void *arg);
/* Gives up: fills in what is known (error NET_CANCELLED); done() does not come. */
void http_stop(struct http_call *call);

#endif
