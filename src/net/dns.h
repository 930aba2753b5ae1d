/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_NET_DNS_H
#define HOMING_NET_DNS_H

#include <uv.h>

#include "base/exchange.h"

/*
 * The DNS transport: one message to one server and its answer back. It looks at the header and the
 * question of a message, never further.
 *
 * UDP: a connected socket with a port of its own for each attempt, so only the server can answer; a
 * random id for each (RFC 5452) unless the request keeps its own; waits of 1, 2 and 4 s; what is
 * not the answer to this question is ignored. A truncated answer is asked for again by TCP. A
 * message that writes is sent once by UDP, never again by itself: after a time-out it may have
 * arrived.
 * TCP: RFC 7766 framing, one message a connection.
 * A server given by name is tried at each of its addresses.
 */
struct dns_call;

/* Like http_start(): the request and *reply are borrowed, done() comes once, perhaps inside. The
 * answer in reply->body has the id of request->wire. */
struct dns_call *dns_start(uv_loop_t *loop, const struct request *request,
                           const struct transport *transport, struct reply *reply,
                           void (*done)(void *arg), void *arg);
void dns_stop(struct dns_call *call);
/* The machine's addresses changed: no answer is awaited any more at one that is gone. The question
 * is asked again; a write is not, and ends with NET_NO_ROUTE. */
void dns_cut(struct dns_call *call);

/* Is "answer" a response to "query" (RFC 1035, section 4.1; RFC 2136, section 3.8)? Same id,
 * response bit, same kind of question; the question itself may be left out of an error or of the
 * answer to an update. Pure. */
bool dns_answers(const uint8_t *query, size_t query_len, const uint8_t *answer, size_t answer_len);

#endif
