/*
 * SPDX-License-Identifier: ISC
 */
#include "publish/digest.h"

#include <openssl/hmac.h>
#include <string.h>

static unsigned size_of(const EVP_MD *kind)
{
    return (unsigned)EVP_MD_get_size(kind);
}

unsigned digest_of(const EVP_MD *kind, const void *bytes, size_t n, uint8_t *out)
{
    unsigned size = size_of(kind);

    if (EVP_Digest(bytes, n, out, NULL, kind, NULL) != 1)
        memset(out, 0, size);
    return size;
}

unsigned digest_mac(const EVP_MD *kind, const void *key, size_t key_len, const void *bytes,
                    size_t n, uint8_t *out)
{
    unsigned size = size_of(kind), written = size;

    if (HMAC(kind, key, (int)key_len, bytes, n, out, &written) == NULL)
        memset(out, 0, size);
    return size;
}
