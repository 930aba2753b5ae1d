/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_NET_LOCAL_H
#define HOMING_NET_LOCAL_H

#include "base/buf.h"
#include "base/clock.h"
#include "base/error.h"

/*
 * One HTTP request to a service of this machine over its unix socket, in a few lines of its own: a
 * command that asks how things are need not wait until libcurl is loaded. Blocks: for commands that
 * have nothing else to do.
 */
struct local_request {
    const char *socket; /* path */
    const char *method; /* "GET" */
    const char *target; /* "/api/v1/verdict" */
    const char *body;   /* JSON, or NULL */
    msec limit;
};

/* ERR_NOT_FOUND: nobody listens there. Else OK with the status and the body. */
enum err local_send(const struct local_request *request, int *status, struct buf *body,
                    struct cause *cause);

#endif
