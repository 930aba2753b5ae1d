/*
 * SPDX-License-Identifier: ISC
 */
#include "web/api.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

enum { START_ROWS = 200, LIMIT_DEFAULT = 500, LIMIT_MAX = 1000, OFFSET_MAX = 1000000 };
enum { LOG_LIMIT_DEFAULT = 500 };

/* A number of the query in its range, or the default; answers the error itself. */
static bool number(struct request_ctx *rq, const char *name, uint64_t least, uint64_t most,
                   uint64_t fallback, uint64_t *out)
{
    const char *text = http_query(rq->call, name);

    *out = fallback;
    if (text == NULL || (text_number(text, out) && *out >= least && *out <= most))
        return true;
    reply_error(rq, 400, "query-number",
                json_pack("{s:s,s:I,s:I}", "name", name, "least", (json_int_t)least, "most",
                          (json_int_t)most),
                name, "%s must be a number from %llu to %llu.", name, (unsigned long long)least,
                (unsigned long long)most);
    return false;
}

/* One of the words of a query parameter. */
static bool word(struct request_ctx *rq, const char *name, const char *const *words,
                 const char **out)
{
    *out = http_query(rq->call, name);
    if (*out == NULL)
        return true;
    for (const char *const *w = words; *w != NULL; w++)
        if (text_equal(*w, *out))
            return true;
    reply_error(rq, 400, "query-word", json_pack("{s:s}", "name", name), name,
                "%s has a value that is not known here.", name);
    return false;
}

static const char *const states[] = {"right",   "changing", "waiting", "needs-you",
                                     "unknown", "paused",   "at-work", NULL};
static const char *const sorts[] = {"hostname", "state",     "provider", "changed", "-hostname",
                                    "-state",   "-provider", "-changed", NULL};

static bool read_query(struct request_ctx *rq, struct web_query *q)
{
    uint64_t offset, limit, from, to;

    *q = (struct web_query){.search = http_query(rq->call, "search")};
    if (!word(rq, "state", states, &q->state) || !word(rq, "sort", sorts, &q->sort) ||
        !number(rq, "offset", 0, OFFSET_MAX, 0, &offset) ||
        !number(rq, "limit", 1, LIMIT_MAX, LIMIT_DEFAULT, &limit) ||
        !number(rq, "from", 0, INT64_MAX / 2, 0, &from) ||
        !number(rq, "to", 0, INT64_MAX / 2, 0, &to))
        return false;
    q->offset = (long)offset;
    q->limit = (long)limit;
    q->from = (long long)from;
    q->to = (long long)to;
    return true;
}

void api_document(struct request_ctx *rq)
{
    struct web_model *m = rq->web->model;
    struct web_query q;

    if (!read_query(rq, &q))
        return;
    reply_doc(rq, 200, m->ops->document(m, (enum web_document)rq->route->what, rq->params[0], &q));
}

void api_action(struct request_ctx *rq)
{
    struct web_model *m = rq->web->model;
    struct web_edit edit = {.version = rq->version, .who = rq->who.name};

    m->ops->act(m, (enum web_action)rq->route->what, rq->params[0], rq->body, &edit, reply_answer,
                rq);
}

void api_remove(struct request_ctx *rq)
{
    struct web_model *m = rq->web->model;
    struct web_edit edit = {.version = rq->version, .who = rq->who.name};
    const char *record = http_query(rq->call, "record");
    json_t *body = json_pack("{s:b}", "record", record != NULL && text_equal(record, "1"));

    m->ops->act(m, WEB_REMOVE, rq->params[0], body, &edit, reply_answer, rq);
    json_decref(body);
}

void api_lookup(struct request_ctx *rq)
{
    struct web_model *m = rq->web->model;
    const char *name = http_query(rq->call, "name");

    if (name == NULL || name[0] == '\0')
        reply_error(rq, 400, "query-missing", json_pack("{s:s}", "name", "name"), "name",
                    "Which name? Add ?name=.");
    else
        m->ops->act(m, WEB_LOOKUP, name, NULL, NULL, reply_answer, rq);
}

void api_start(struct request_ctx *rq)
{
    struct web *w = rq->web;
    struct web_query q = {.limit = START_ROWS};
    char id[EVENTS_ID_MAX];
    json_t *doc =
        json_pack("{s:s,s:s,s:o}", "version", HOMING_VERSION, "event", events_id(w->events, id),
                  "session", access_describe(w->access, &rq->who));

    if (rq->who.level >= ACCESS_READ) {
        json_object_set_new(doc, "verdict",
                            w->model->ops->document(w->model, WEB_VERDICT, NULL, &q));
        json_object_set_new(doc, "hostnames",
                            w->model->ops->document(w->model, WEB_HOSTNAMES, NULL, &q));
    }
    reply_doc(rq, 200, doc);
}

void api_log(struct request_ctx *rq)
{
    static const char *const levels[] = {"error", "warning", "notice", "info", "debug", NULL};
    const char *level;
    uint64_t after, limit;

    if (!word(rq, "level", levels, &level) || !number(rq, "after", 0, INT64_MAX, 0, &after) ||
        !number(rq, "limit", 1, LOGRING_LINES, LOG_LIMIT_DEFAULT, &limit))
        return;
    struct logring_query q = {.after = after,
                              .most = LOG_LEVEL_INFO,
                              .search = http_query(rq->call, "search"),
                              .limit = (size_t)limit};
    for (int i = 0; level != NULL && levels[i] != NULL; i++)
        if (text_equal(levels[i], level))
            q.most = (enum log_level)i;
    reply_doc(rq, 200, logring_read(rq->web->log, &q));
}

void api_events(struct request_ctx *rq)
{
    const char *after = http_header(rq->call, "Last-Event-ID");
    const char *log = http_query(rq->call, "log");

    if (after == NULL)
        after = http_query(rq->call, "after");
    http_reply_header(rq->call, "Cache-Control", "no-store");
    if (!events_serve(rq->web->events, rq->call, after, log != NULL && text_equal(log, "1")))
        reply_error(rq, 503, "too-many-pages", NULL, NULL,
                    "%d pages are open already; close some of them.", EVENTS_CLIENTS);
}

void api_openapi(struct request_ctx *rq)
{
    files_serve(files_find("openapi.json"), rq->call);
}

void api_health(struct request_ctx *rq)
{
    http_reply_header(rq->call, "Cache-Control", "no-store");
    http_reply(rq->call, 200, "text/plain; charset=utf-8", "ok\n", 3, true);
}
