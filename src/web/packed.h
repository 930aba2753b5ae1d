/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_WEB_PACKED_H
#define HOMING_WEB_PACKED_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/*
 * Replies in gzip's form (RFC 1952) for who accepts it. Only for what holds no secret and nothing
 * of a request's: a length would tell about it.
 */

/* Is "gzip" among the accepted codings, and not with q=0? NULL: no. */
bool packed_accepted(const char *accept_encoding);
/* Appends the packed bytes. False: it did not fit or failed, and out is as it was. */
bool packed_gzip(const char *bytes, size_t n, struct buf *out);

#endif
