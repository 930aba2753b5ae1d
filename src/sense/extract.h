/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_SENSE_EXTRACT_H
#define HOMING_SENSE_EXTRACT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/addr.h"

struct pattern;

/*
 * Addresses in text that somebody else wrote: a web page, a router's status, a command's output.
 * Pure. Two readings:
 *
 * EXTRACT_STRICT, homing's own: a number that goes on (1.2.3.4.5, 300.1.2.3.4) is no IPv4 address;
 * an IPv6 address may end a sentence, and one in 2000::/3 (RFC 4291, section 2.4) is preferred to
 * what merely looks like one (a time of day, an EUI-64).
 * EXTRACT_DDCLIENT: as ddclient 4 reads.
 */
enum extract_reading { EXTRACT_STRICT, EXTRACT_DDCLIENT };

/* The first address of the family. False when there is none; 0.0.0.0 and :: count as found. */
bool extract_address(const char *text, size_t n, enum family family, enum extract_reading reading,
                     struct addr *out);

/* What is left of the text after its skip pattern: the offset behind the first match; 0 when it
 * does not match. pattern NULL: 0. */
size_t extract_skip(const char *text, size_t n, const struct pattern *pattern);

/* Compiles a skip setting: its first blank stands for any one white-space character. NULL with the
 * cause when malformed; NULL without one (cause text "") when it is empty. */
struct cause;
struct pattern *extract_pattern(const char *skip, struct cause *c);

#endif
