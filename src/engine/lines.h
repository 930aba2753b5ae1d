/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_ENGINE_LINES_H
#define HOMING_ENGINE_LINES_H

#include "net/net.h"

/*
 * What becomes of requests, by the way they went: stands between the engine and the net, hands
 * everything through, and notes by which lines something came back (decide/line). A line that has
 * been silent is asked itself, if its owner allows that: with a question that a DNS server answered
 * before, to that server, so that nobody new ever hears of this machine.
 *
 * Where it is known that nothing comes back by a line, a silence is told as NET_NO_ROUTE: it says
 * nothing of the server.
 */
struct lines;
struct line_watch; /* one line that somebody wants to know about */

/* The net is not taken over. "changed" comes when a watched line works or does not; never inside a
 * call to lines_*(). */
struct lines *lines_new(struct net *net, void (*changed)(void *arg, const struct line_watch *line),
                        void *arg);
void lines_free(struct lines *l);       /* all watches are released, all timers freed */
struct net *lines_net(struct lines *l); /* to be used in place of the net */

/* The line of these (interface, source address, mark) for the family; shared and counted. */
struct line_watch *lines_watch(struct lines *l, const struct transport *way, enum family family);
void lines_release(struct line_watch *line); /* NULL is fine */
/* It may be asked when nothing came back by it for so long; 0: not (any more, for this owner). */
void lines_ask(struct line_watch *line, msec former, msec every);
/* The kernel's word changed. What comes back later counts more. */
void lines_gateway(struct line_watch *line, bool gone);
/* NULL: it works as far as is known; else why not (static, for people). */
const char *lines_trouble(const struct line_watch *line);

#endif
