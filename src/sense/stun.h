/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_SENSE_STUN_H
#define HOMING_SENSE_STUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"

/* STUN (RFC 8489): the Binding request and its answer, as bytes. Pure. */

enum { STUN_PORT = 3478, STUN_REQUEST = 20, STUN_ID = 12 };

void stun_request(uint8_t out[STUN_REQUEST], const uint8_t id[STUN_ID]);
/* Is it the success response to that request? */
bool stun_answers(const uint8_t *bytes, size_t n, const uint8_t id[STUN_ID]);
/* The address in it: XOR-MAPPED-ADDRESS (section 14.2), else MAPPED-ADDRESS (RFC 3489 servers).
 * False when there is none, or one is malformed. */
bool stun_address(const uint8_t *bytes, size_t n, struct addr *out);

#endif
