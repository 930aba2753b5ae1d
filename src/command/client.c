/*
 * SPDX-License-Identifier: ISC
 */
#include "command/client.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/text.h"
#include "net/local.h"

enum { REPLY_MAX = 64 << 20, LIMIT = 120 * SECOND };

char *client_escape(const char *text)
{
    struct buf out;

    buf_init(&out, 3 * strlen(text) + 1);
    text_add_percent(&out, text, strlen(text), "");
    char *escaped = out.len > 0 ? buf_take(&out) : mem_text("");
    buf_free(&out);
    return escaped;
}

static enum err error_of_status(int status)
{
    static const struct {
        int status;
        enum err e;
    } table[] = {{401, ERR_DENIED},   {403, ERR_DENIED},      {404, ERR_NOT_FOUND},
                 {409, ERR_CONFLICT}, {412, ERR_CONFLICT},    {400, ERR_SYNTAX},
                 {422, ERR_RANGE},    {501, ERR_UNSUPPORTED}, {503, ERR_BUSY}};

    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        if (table[i].status == status)
            return table[i].e;
    return ERR_IO;
}

enum err client_call(const char *socket, const char *method, const char *target, const json_t *body,
                     json_t **reply, bool *reached, struct cause *cause)
{
    struct buf bytes;
    int status = 0;
    char *path = mem_format("/api/v1%s", target);
    char *text = body != NULL ? json_dumps(body, JSON_COMPACT) : NULL;
    struct local_request request = {socket, method, path, text, LIMIT};

    *reply = NULL;
    buf_init(&bytes, REPLY_MAX);
    enum err e = local_send(&request, &status, &bytes, cause);
    *reached = e == OK || (e != ERR_NOT_FOUND && e != ERR_DENIED);
    mem_free(path);
    free(text);
    if (e != OK) {
        buf_free(&bytes);
        return e;
    }
    json_t *doc =
        bytes.len > 0 ? json_loadb(buf_str(&bytes), bytes.len, JSON_DECODE_ANY, NULL) : NULL;
    if (status >= 200 && status < 300) {
        if (bytes.len > 0 && doc == NULL)
            e = cause_set(cause, ERR_IO, "the service's answer is not JSON");
        *reply = doc;
    } else {
        const char *say = json_string_value(json_object_get(json_object_get(doc, "error"), "text"));
        e = cause_set(cause, error_of_status(status), "%s",
                      say != NULL ? say : "the service refused without a reason");
        json_decref(doc);
    }
    buf_free(&bytes);
    return e;
}
