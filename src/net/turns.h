/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_NET_TURNS_H
#define HOMING_NET_TURNS_H

#include <stdbool.h>

/*
 * Who may talk to a host now: at most so many at once, the others in the order they came. Each host
 * has a queue of its own, so one that hangs delays nobody else. (curl has one queue for all hosts;
 * with these limits nothing ever waits in it.)
 *
 * Until a host has answered once, one talks to it alone where asked for: so that many requests
 * share one HTTP/2 connection instead of opening one each. Once it has answered by HTTP/2, as many
 * as it has streams for may talk: RFC 9113, section 6.5.2 recommends servers to allow 100.
 */
struct turns;
struct turns_host;

struct turn {
    struct turns_host *host; /* NULL: has none */
    struct turn *next;
    bool running;
};

/* "go" begins what had to wait; false when it ended at once and gives nothing back. */
struct turns *turns_new(unsigned limit, bool (*go)(struct turn *turn));
void turns_free(struct turns *t); /* nobody has a turn or waits */

/* True: go ahead. False: go() comes later. */
bool turns_take(struct turns *t, const char *key, bool alone_first, struct turn *turn);
enum turns_answer { TURNS_NO_ANSWER, TURNS_ANSWER, TURNS_STREAMS /* by HTTP/2 */ };
enum { TURNS_STREAMS_MOST = 100 };
/* Ends a turn, or the waiting for one; others' go() may be called inside. */
void turns_give(struct turns *t, struct turn *turn, enum turns_answer answer);

#endif
