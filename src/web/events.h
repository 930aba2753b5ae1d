/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_WEB_EVENTS_H
#define HOMING_WEB_EVENTS_H

#include <stdbool.h>
#include <uv.h>

#include "web/server.h"
#include "web/web.h"

/*
 * Server-sent events: one ring of the latest events that all open pages read from, each at its own
 * pace. A page that falls behind the ring, or comes back after a restart, is told "reset" and loads
 * anew; so a slow reader costs nothing. Only events that somebody listens to are kept.
 */
struct events;

enum {
    EVENTS_KEPT = 4096,
    EVENTS_BYTES = 8 << 20,
    EVENTS_CLIENTS = 128,
    EVENTS_LIFE = 30 * MINUTE,    /* then a stream ends, so that rights are looked at again */
    EVENTS_COMMENT = 20 * SECOND, /* shows leaving clients to a suspended connection */
};

struct events *events_new(uv_loop_t *loop);
void events_free(struct events *e); /* ends all streams */
/* Ends all streams: somebody lost the right to listen. Who still has it comes back at once, with
 * the number of its latest event, and misses nothing. */
void events_end(struct events *e);
/* data: one line of JSON. */
void events_tell(struct events *e, enum web_topic topic, const char *name, const char *data);
bool events_watched(const struct events *e, enum web_topic topic);
/* The number of the latest event, as Last-Event-ID has it. The buffer has EVENTS_ID_MAX bytes. */
enum { EVENTS_ID_MAX = 48 };
const char *events_id(const struct events *e, char *out);
/* Streams to the call: those after "after" (an events_id(); NULL: from now), and the log if wanted.
 * False when there are too many clients: answer yourself. */
bool events_serve(struct events *e, struct http_call *call, const char *after, bool log);

#endif
