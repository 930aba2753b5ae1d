/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_PUBLISH_NSUPDATE_H
#define HOMING_PUBLISH_NSUPDATE_H

#include "publish/step.h"

/*
 * DNS UPDATE (RFC 2136) signed with TSIG, spoken to the name server itself: all names of a zone and
 * both families in one message, which the server takes whole or not at all. Owns the plan of what
 * to remove and add; reads before it writes where the policy is to keep foreign values, and says in
 * the message's prerequisites what it read, so that nothing can change in between.
 *
 * Settings:
 *   server      name or address, with :port or a bracketed IPv6 literal
 *   zone        without it the server is asked for the start of authority above the hostname
 *   ttl         seconds, 600 when unset
 *   tcp         yes: never UDP. Messages above 512 bytes go by TCP anyway.
 *   key-text    text of a key file (tsig.h); whoever makes the settings reads the file
 *   key-file    that file's name
 *   key-name, key-algorithm
 *               the key's parts, with its secret in password
 *   login       [algorithm:]name of the key, with its secret in password; a path is none of it
 *   password    else the file's name (with key-text), or a whole key: [algorithm:]name:secret.
 *               Nothing of all that: unsigned updates.
 */
extern const struct protocol protocol_nsupdate;

#endif
