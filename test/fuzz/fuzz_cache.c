/*
 * SPDX-License-Identifier: ISC
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "command/cache.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What was read and written must read the same again. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cache first, second;
    struct buf text, again;

    cache_init(&first);
    cache_init(&second);
    buf_init(&text, CACHE_FILE_MAX);
    buf_init(&again, CACHE_FILE_MAX);
    if (cache_parse(&first, (const char *)data, size, NULL) == OK) {
        cache_text(&first, 1000, &text);
        if (!text.overflow) {
            if (cache_parse(&second, buf_str(&text), text.len, NULL) != OK)
                abort();
            cache_text(&second, 1000, &again);
            if (text.len != again.len || memcmp(buf_str(&text), buf_str(&again), text.len) != 0)
                abort();
        }
    }
    buf_free(&text);
    buf_free(&again);
    cache_free(&first);
    cache_free(&second);
    return 0;
}
