/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_KEEPER_ALIVE_H
#define HOMING_KEEPER_ALIVE_H

#include <stdbool.h>
#include <uv.h>

/*
 * Keeps one worker process alive: starts it with its end of a socket pair, starts it again with
 * growing waits when it dies, and ends it in steps. It knows nothing of what the two say.
 */
struct alive;

struct alive_options {
    const char *program;
    char *const *args;
    char *const *env;
    int lock; /* passed on as WORKER_LOCK_FD, so that it holds as long as the worker lives */
};

struct alive_events {
    void (*started)(void *arg, int fd); /* our end of the pair: the receiver's */
    /* It ended by itself. True: start it again after a wait, which is told in ms. */
    bool (*died)(void *arg, int status, int signal, unsigned wait);
    /* After alive_end(); how it ended: zeros also when none ran. */
    void (*gone)(void *arg, int status, int signal);
};

enum {
    ALIVE_WAIT_FIRST = 1000, /* ms, doubling */
    ALIVE_WAIT_MOST = 60 * 1000,
    ALIVE_STOP_TERM = 10 * 1000, /* ms after alive_end(): SIGTERM */
    ALIVE_STOP_KILL = 5 * 1000,  /* and then SIGKILL */
};

/* Strings are borrowed as long as it lives. The first start is at the loop's next turn. */
struct alive *alive_new(uv_loop_t *loop, const struct alive_options *options,
                        const struct alive_events *events, void *arg);
/* The worker was asked to end so that a new one begins, with the arguments that args points to
 * then; made to when it does not. died() is not called for it. */
void alive_renew(struct alive *a, char *const *args);
/* The worker was asked to end: waits for it, and makes it end when it does not. gone() comes later,
 * once. */
void alive_end(struct alive *a);
void alive_free(struct alive *a);     /* after gone(), or when died() said no */
int alive_pid(const struct alive *a); /* 0: none runs now */

#endif
