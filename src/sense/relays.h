/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_SENSE_RELAYS_H
#define HOMING_SENSE_RELAYS_H

#include "base/addr.h"

/*
 * Networks that stand between visitors and web sites, as their operators publish them. Who is told
 * that this place has an address there was told of a relay: the service's own front, a VPN of that
 * operator, a browser's privacy proxy. Only a doubt follows: machines live in these networks, too,
 * and what an interface says is not looked at. Pure.
 */
const char *relay_of(const struct addr *a); /* the operator's name; NULL: none's */

#endif
