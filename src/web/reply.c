/*
 * SPDX-License-Identifier: ISC
 */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "web/request.h"

enum { ERROR_TEXT_MAX = 4096 };

void reply_doc(struct request_ctx *rq, unsigned status, json_t *doc)
{
    if (doc == NULL) {
        reply_error(rq, 404, "not-found", NULL, NULL, "There is no such thing here (any more).");
        return;
    }
    char *text = json_dumps(doc, JSON_COMPACT | JSON_ENCODE_ANY);
    json_decref(doc);
    http_reply_header(rq->call, "Cache-Control", "no-store");
    http_reply(rq->call, status, "application/json", text != NULL ? text : "null",
               text != NULL ? strlen(text) : 4, false);
    free(text);
}

static json_t *error_doc(const char *code, json_t *args, const char *field, const char *text)
{
    json_t *body = json_pack("{s:s,s:o,s:s}", "code", code, "args",
                             args != NULL ? args : json_object(), "text", text);

    if (field != NULL)
        json_object_set_new(body, "field", json_string(field));
    return json_pack("{s:o}", "error", body);
}

void reply_error(struct request_ctx *rq, unsigned status, const char *code, json_t *args,
                 const char *field, const char *format, ...)
{
    struct buf text;
    va_list list;

    buf_init(&text, ERROR_TEXT_MAX);
    va_start(list, format);
    buf_vformat(&text, format, list);
    va_end(list);
    reply_doc(rq, status, error_doc(code, args, field, buf_str(&text)));
    buf_free(&text);
}

void reply_answer(void *arg, const struct web_answer *a)
{
    static const struct {
        unsigned status;
        const char *code;
    } by_error[ERR_COUNT] = {
        [OK] = {200, "done"},
        [ERR_SYNTAX] = {422, "not-valid"},
        [ERR_RANGE] = {422, "out-of-range"},
        [ERR_NOT_FOUND] = {404, "not-found"},
        [ERR_EXISTS] = {409, "exists"},
        [ERR_CONFLICT] = {409, "conflict"},
        [ERR_DENIED] = {403, "denied"},
        [ERR_TOO_BIG] = {413, "too-big"},
        [ERR_IO] = {500, "system"},
        [ERR_FULL] = {507, "no-space"},
        [ERR_BUSY] = {503, "busy"},
        [ERR_TIMEOUT] = {504, "time-out"},
        [ERR_MEMORY] = {500, "memory"},
        [ERR_UNSUPPORTED] = {422, "unsupported"},
    };
    struct request_ctx *rq = arg;

    if (a->error == OK) {
        reply_doc(rq, 200, a->doc != NULL ? json_incref(a->doc) : json_object());
        return;
    }
    json_t *doc = error_doc(a->code != NULL ? a->code : by_error[a->error].code,
                            a->args != NULL ? json_incref(a->args) : NULL, a->field,
                            a->text != NULL ? a->text : err_name(a->error));
    if (a->extra != NULL)
        json_object_update_missing(doc, a->extra);
    reply_doc(rq, by_error[a->error].status, doc);
}
