/*
 * SPDX-License-Identifier: ISC
 */
#include "net/curl.h"

#include <openssl/crypto.h>
#include <uv.h>

static CURLcode code;

static void start(void)
{
    /* The system takes back at the end what OpenSSL would give back piece by piece. */
    OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT, NULL);
    code = curl_global_init(CURL_GLOBAL_DEFAULT);
}

bool curl_start(void)
{
    static uv_once_t once = UV_ONCE_INIT;

    uv_once(&once, start);
    return code == CURLE_OK;
}
