/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_BASE_SIP_H
#define HOMING_BASE_SIP_H

#include <stddef.h>
#include <stdint.h>

/*
 * SipHash-2-4 (Aumasson and Bernstein, 2012): the hash of bytes that come in pieces, under a key.
 * Who does not know the key can neither choose texts that collide nor try what was hashed. How the
 * bytes were cut makes no difference, so texts that must not run together need their NUL.
 */
struct sip {
    uint64_t v[4];
    uint64_t word;   /* the last bytes, as long as they are fewer than eight */
    uint64_t length; /* of all bytes so far */
};

void sip_init(struct sip *s, const uint64_t key[2]);
void sip_add(struct sip *s, const void *bytes, size_t n);
uint64_t sip_end(struct sip *s); /* no more bytes follow */

#endif
