/*
 * SPDX-License-Identifier: ISC
 */
#include "web/files.h"

#include <string.h>

#include "base/text.h"
#include "web/packed.h"

const struct web_file *files_find(const char *name)
{
    if (name[0] == '\0')
        name = "index.html";
    for (const struct web_file *f = web_files; f->name != NULL; f++)
        if (text_equal(f->name, name))
            return f;
    return NULL;
}

void files_serve(const struct web_file *f, struct http_call *call)
{
    const char *known = http_header(call, "If-None-Match");
    bool packed = f->packed != NULL && packed_accepted(http_header(call, "Accept-Encoding"));

    http_reply_header(call, "ETag", f->etag);
    http_reply_header(call, "Cache-Control", "no-cache"); /* may be kept, but is asked about */
    http_reply_header(call, "Vary", "Accept-Encoding");
    if (known != NULL && strstr(known, f->etag) != NULL) {
        http_reply(call, 304, NULL, "", 0, true);
        return;
    }
    if (packed)
        http_reply_header(call, "Content-Encoding", "gzip");
    http_reply(call, 200, f->type, packed ? f->packed : f->plain,
               packed ? f->packed_len : f->plain_len, true);
}
