/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_PUBLISH_DIGEST_H
#define HOMING_PUBLISH_DIGEST_H

#include <openssl/evp.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Hashes for protocols. The library may refuse: it found no memory, or the machine forbids MD5 or
 * SHA-1 (FIPS). The digest is then all zero, which no server takes for right; never what lay in
 * memory, which would travel.
 */
enum { MD5_BYTES = 16, SHA1_BYTES = 20, SHA256_BYTES = 32 };

/* Fills all bytes of that kind of digest and returns their number. */
unsigned digest_of(const EVP_MD *kind, const void *bytes, size_t n, uint8_t *out);
unsigned digest_mac(const EVP_MD *kind, const void *key, size_t key_len, const void *bytes,
                    size_t n, uint8_t *out);

#endif
