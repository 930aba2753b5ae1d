/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_SENSE_SURVEY_H
#define HOMING_SENSE_SURVEY_H

#include "sense/inside.h"
#include "sense/place.h"

/*
 * What the sources know about the place, whichever entries use them. The router is asked for it
 * when the service begins, when the network changed and once an hour, where this machine has no
 * public IPv4 address itself; nobody outside is ever asked for it.
 */
void survey_begin(struct real *r);
/* The network changed, or time went by: the router is asked again if that makes sense. */
void survey_look(struct real *r);
/* Is the router still being asked for the first time? */
bool survey_waits(const struct real *r);
bool survey_facts(const struct real *r, enum family family, struct place_facts *out);
/* Somebody outside saw this address (a source without uplink and proxy). */
void survey_outside(struct source *s, const struct addr *a);
/* The words about an answer from outside, with a doubt behind them where it may be about somebody
 * else: a relay, or the other end of the tunnel that the question left by. "out" is used when there
 * is one. */
const char *survey_doubt(const struct source *s, const struct addr *a, const char *words, char *out,
                         size_t room);
/* Addresses that routers and outside services told, with why they are not taken. */
void survey_list(const struct real *r, void (*fn)(void *arg, const struct sense_candidate *c),
                 void *arg);

#endif
