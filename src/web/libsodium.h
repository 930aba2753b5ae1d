/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_WEB_LIBSODIUM_H
#define HOMING_WEB_LIBSODIUM_H

#include <sodium.h>

#include "base/late.h"

/* libsodium, loaded when it is first called: all that homing calls of it. */
#define crypto_hash_sha256       LATE(sodium, crypto_hash_sha256)
#define crypto_pwhash_str_alg    LATE(sodium, crypto_pwhash_str_alg)
#define crypto_pwhash_str_verify LATE(sodium, crypto_pwhash_str_verify)
#define randombytes_buf          LATE(sodium, randombytes_buf)
#define sodium_bin2base64        LATE(sodium, sodium_bin2base64)
#define sodium_bin2hex           LATE(sodium, sodium_bin2hex)
#define sodium_init              LATE(sodium, sodium_init)
#define sodium_memcmp            LATE(sodium, sodium_memcmp)

#endif
