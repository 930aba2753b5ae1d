/*
 * SPDX-License-Identifier: ISC
 */
#include "web/packed.h"

#include <limits.h>
#include <stdint.h>
#include <string.h>

#include "base/mem.h"
#include "web/libz.h"

/* Quick rather than small: tables of numbers shrink to a tenth all the same. */
enum { LEVEL = 1, WINDOW_GZIP = 15 + 16, MEMORY = 8 };

bool packed_accepted(const char *accept)
{
    const char *at = accept != NULL ? strstr(accept, "gzip") : NULL;

    if (at == NULL)
        return false;
    at += 4;
    at += strspn(at, " ");
    return strncmp(at, ";q=0", 4) != 0 || strncmp(at, ";q=0.", 5) == 0;
}

bool packed_gzip(const char *bytes, size_t n, struct buf *out)
{
    z_stream z = {0};

    if (n > UINT_MAX / 2 ||
        deflateInit2(&z, LEVEL, Z_DEFLATED, WINDOW_GZIP, MEMORY, Z_DEFAULT_STRATEGY) != Z_OK)
        return false;
    size_t most = deflateBound(&z, n);
    char *packed = mem_alloc(most);
    z.next_in = (Bytef *)(uintptr_t)bytes;
    z.avail_in = (uInt)n;
    z.next_out = (Bytef *)packed;
    z.avail_out = (uInt)most;
    bool good = deflate(&z, Z_FINISH) == Z_STREAM_END && buf_add(out, packed, z.total_out);
    deflateEnd(&z);
    mem_free(packed);
    return good;
}
