/*
 * SPDX-License-Identifier: ISC
 */
#include "net/curl.h"

#include <uv.h>

static CURLcode code;

static void start(void)
{
    code = curl_global_init(CURL_GLOBAL_DEFAULT);
}

bool curl_start(void)
{
    static uv_once_t once = UV_ONCE_INIT;

    uv_once(&once, start);
    return code == CURLE_OK;
}
