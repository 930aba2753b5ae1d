/*
 * SPDX-License-Identifier: ISC
 */
#include "net/curl.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#include "base/mem.h"

/* What curl gives back held requests with their secrets. */
static void wiping_free(void *p)
{
    if (p != NULL)
        mem_wipe(p, malloc_usable_size(p));
    free(p);
}

static void *wiping_realloc(void *p, size_t size)
{
    size_t had = p != NULL ? malloc_usable_size(p) : 0;

    if (p != NULL && size <= had && size >= had / 2)
        return p;
    void *other = malloc(size > 0 ? size : 1);
    if (other != NULL && p != NULL) {
        memcpy(other, p, had < size ? had : size);
        wiping_free(p);
    }
    return other;
}

static CURLcode code;

static void start(void)
{
    code = curl_global_init_mem(CURL_GLOBAL_DEFAULT, malloc, wiping_free, wiping_realloc, strdup,
                                calloc);
}

bool curl_start(void)
{
    static uv_once_t once = UV_ONCE_INIT;

    uv_once(&once, start);
    return code == CURLE_OK;
}
