/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_KEEPER_CHANNEL_H
#define HOMING_KEEPER_CHANNEL_H

#include <uv.h>

#include "keeper/message.h"

/*
 * One end of the socket pair between keeper and worker, on a loop: whole messages go in and come
 * out. It gives no meaning to any of them. SIGPIPE must be ignored in the process.
 */
struct channel;

struct channel_events {
    /* Texts of m are valid during the call. */
    void (*message)(void *arg, const struct message *m);
    /* The other side is gone, or does not keep to the form; once, after it nothing comes. */
    void (*lost)(void *arg, const char *why);
};

/* Takes fd over. self: who we are. NULL when the descriptor is none of a stream. */
struct channel *channel_open(uv_loop_t *loop, int fd, enum message_side self,
                             const struct channel_events *events, void *arg);
/* False: the message passes its bound, or the channel is lost. */
bool channel_send(struct channel *c, const struct message *m);
void channel_close(struct channel *c); /* no event afterwards; NULL is fine */

#endif
