/*
 * SPDX-License-Identifier: ISC
 */
#include "web/secret.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "web/libsodium.h"

enum { BYTES = 32, PLAIN_LENGTH = 24 };

void secret_make(const char *prefix, char out[SECRET_MAX])
{
    unsigned char bytes[BYTES];
    char text[48];

    randombytes_buf(bytes, sizeof bytes);
    sodium_bin2base64(text, sizeof text, bytes, sizeof bytes,
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    snprintf(out, SECRET_MAX, "%s%s", prefix, text);
    mem_wipe(bytes, sizeof bytes);
    mem_wipe(text, sizeof text);
}

void secret_make_plain(char out[SECRET_MAX])
{
    static const char letters[] = "abcdefghijkmnpqrstuvwxyz23456789"; /* without l, o, 0 and 1 */
    unsigned char bytes[PLAIN_LENGTH];

    randombytes_buf(bytes, sizeof bytes);
    for (int i = 0; i < PLAIN_LENGTH; i++)
        out[i] = letters[bytes[i] % 32];
    out[PLAIN_LENGTH] = '\0';
    mem_wipe(bytes, sizeof bytes);
}

void secret_hash(const char *secret, char out[SECRET_HASH_TEXT])
{
    unsigned char hash[crypto_hash_sha256_BYTES];

    crypto_hash_sha256(hash, (const unsigned char *)secret, strlen(secret));
    sodium_bin2hex(out, SECRET_HASH_TEXT, hash, sizeof hash);
}

bool secret_same(const char *a, const char *b)
{
    return a[0] != '\0' && b[0] != '\0' && sodium_memcmp(a, b, SECRET_HASH_TEXT - 1) == 0;
}
