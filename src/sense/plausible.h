/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_SENSE_PLAUSIBLE_H
#define HOMING_SENSE_PLAUSIBLE_H

#include "net/iftable.h"
#include "sense/webask.h"

/*
 * Does what an outside service said fit what this machine knows of itself? Pure.
 */

/* Is our end of the connection still an address of this machine? When it is gone, the answer was
 * about a line that is gone. True when nothing is known to the contrary. */
bool plausible_local(const struct iftable *t, const struct webask_answer *answer);

/* Writes a sentence when the answer can be right but smells: seen from outside as another address
 * although our end of the connection is public (a proxy or a VPN on the way), or an IPv6 address
 * that will be gone soon. "" otherwise. */
void plausible_doubt(const struct iftable *t, const struct webask_answer *answer, bool proxied,
                     char *out, size_t room);

/* The operator of a network of relays (relays.h) that the address is of, when this machine itself
 * has no such address; else NULL. */
const char *plausible_relay(const struct iftable *t, const struct addr *a);

#endif
