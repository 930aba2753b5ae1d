/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_SENSE_IGD_H
#define HOMING_SENSE_IGD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/buf.h"

/*
 * UPnP Internet Gateway Devices 1 and 2 as text: the search for one (UPnP Device Architecture 1.1,
 * section 1.3), its description, its outside address (WANIPConnection:1, section 2.4.18). Pure;
 * descriptions and answers are read by miniupnpc.
 *
 * Anybody on the network can answer a search and describe what they like. So each address that such
 * a word leads to must be the one that the word came from: nobody else is ever sent anything.
 */
enum { IGD_URL_MAX = 256 };

/* The datagram that searches for devices or services of the nth type; false after the last. */
bool igd_search(unsigned n, struct buf *out);
#define IGD_GROUP "239.255.255.250"
enum { IGD_PORT = 1900 };

/* The URL of the description in the answer to a search. False when it is none, or does not lead to
 * an IPv4 address, which is the sender's. */
bool igd_location(const uint8_t *bytes, size_t n, const struct addr *from, char out[IGD_URL_MAX]);

/* Where to ask for the address, and as which service ("WANIPConnection:1"). */
struct igd {
    char control[IGD_URL_MAX];
    char service[32];
};
/* False when the description has no such service, or it is elsewhere than the description. */
bool igd_describe(const char *xml, size_t n, const char *location, struct igd *out);

/* The question "GetExternalIPAddress" or another without arguments: its body, and the header
 * SOAPAction. */
void igd_question(const struct igd *igd, const char *action, struct buf *body, struct buf *header);
/* The value of that argument in the answer ("NewExternalIPAddress"); false when there is none. */
bool igd_value(const char *xml, size_t n, const char *name, char *out, size_t room);

#endif
