/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_SENSE_TR064_H
#define HOMING_SENSE_TR064_H

#include <stdbool.h>
#include <stddef.h>

#include "base/addr.h"
#include "base/buf.h"

/* The SOAP question to a FRITZ!Box and its answer, as text. Pure. Made from AVM's documents; no
 * device was at hand. */

/* "where": host, host:port or URL of the control point. */
bool tr064_url(const char *where, struct buf *out);
const char *tr064_action(enum family family);
const char *tr064_body(enum family family);
/* The address in the answer; false when there is none, or it is 0.0.0.0 or ::. */
bool tr064_read(const char *text, size_t n, enum family family, struct addr *out);

#endif
