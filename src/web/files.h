/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_WEB_FILES_H
#define HOMING_WEB_FILES_H

#include <stdbool.h>
#include <stddef.h>

#include "web/server.h"

/*
 * The page's files and the OpenAPI file, compiled in (page/embed.py writes the table), each plain
 * and compressed, with an ETag made of its content.
 */
struct web_file {
    const char *name; /* "index.html" */
    const char *type;
    const char *etag;                    /* with its quotes */
    const unsigned char *plain, *packed; /* packed: gzip; NULL when it would be no smaller */
    size_t plain_len, packed_len;
};
extern const struct web_file web_files[]; /* ended by a NULL name */

const struct web_file *files_find(const char *name); /* "" is index.html; NULL when there is none */
void files_serve(const struct web_file *f, struct http_call *call);

#endif
