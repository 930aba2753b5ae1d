/*
 * SPDX-License-Identifier: ISC
 */
#include "web/routes.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "web/api.h"
#include "web/guard.h"
#include "web/metrics.h"

enum { SEGMENT_MAX = 1024 };

const struct route routes[] = {
    {"GET", "api/v1/start", api_start, ROUTE_OPEN, 0, false},
    {"GET", "api/v1/verdict", api_document, ROUTE_READ, WEB_VERDICT, false},
    {"GET", "api/v1/hostnames", api_document, ROUTE_READ, WEB_HOSTNAMES, false},
    {"GET", "api/v1/hostnames/{}", api_document, ROUTE_READ, WEB_HOSTNAME, false},
    {"GET", "api/v1/hostnames/{}/why", api_document, ROUTE_READ, WEB_WHY, false},
    {"GET", "api/v1/addresses", api_document, ROUTE_READ, WEB_ADDRESSES, false},
    {"GET", "api/v1/sources", api_document, ROUTE_READ, WEB_SOURCES, false},
    {"GET", "api/v1/providers", api_document, ROUTE_READ, WEB_PROVIDERS, false},
    {"GET", "api/v1/protocols", api_document, ROUTE_READ, WEB_PROTOCOLS, false},
    {"GET", "api/v1/settings", api_document, ROUTE_READ, WEB_SETTINGS, false},
    {"GET", "api/v1/exchanges/{}", api_document, ROUTE_READ, WEB_EXCHANGE, false},
    {"GET", "api/v1/notify", api_document, ROUTE_READ, WEB_NOTIFY, false},
    {"GET", "api/v1/about", api_document, ROUTE_READ, WEB_ABOUT, false},
    {"GET", "api/v1/lookup", api_lookup, ROUTE_READ, 0, false},
    {"GET", "api/v1/log", api_log, ROUTE_READ, 0, false},
    {"GET", "api/v1/events", api_events, ROUTE_READ, 0, false},
    {"GET", "api/v1/openapi.json", api_openapi, ROUTE_OPEN, 0, false},
    {"POST", "api/v1/update", api_action, ROUTE_FULL, WEB_UPDATE, true},
    {"POST", "api/v1/plan", api_action, ROUTE_FULL, WEB_PLAN, true},
    {"POST", "api/v1/hostnames", api_action, ROUTE_FULL, WEB_CREATE, true},
    {"PATCH", "api/v1/hostnames/{}", api_action, ROUTE_FULL, WEB_CHANGE, true},
    {"DELETE", "api/v1/hostnames/{}", api_remove, ROUTE_FULL, WEB_REMOVE, false},
    {"POST", "api/v1/hostnames/{}/enable", api_action, ROUTE_FULL, WEB_ENABLE, true},
    {"POST", "api/v1/hostnames/{}/disable", api_action, ROUTE_FULL, WEB_DISABLE, true},
    {"POST", "api/v1/hostnames/{}/rename", api_action, ROUTE_FULL, WEB_RENAME, true},
    {"POST", "api/v1/hostnames/{}/resume", api_action, ROUTE_FULL, WEB_RESUME, true},
    {"POST", "api/v1/hostnames/many", api_action, ROUTE_FULL, WEB_MANY, true},
    {"POST", "api/v1/import", api_action, ROUTE_FULL, WEB_IMPORT, true},
    {"POST", "api/v1/undo", api_action, ROUTE_FULL, WEB_UNDO, true},
    {"POST", "api/v1/reload", api_action, ROUTE_FULL, WEB_RELOAD, true},
    {"POST", "api/v1/notify/{}/test", api_action, ROUTE_FULL, WEB_TELL, true},
    {"PATCH", "api/v1/settings", api_action, ROUTE_FULL, WEB_SET, true},
    {"POST", "api/v1/session", api_sign_in, ROUTE_OPEN, 0, true},
    {"DELETE", "api/v1/session", api_sign_out, ROUTE_OPEN, 0, false},
    {"DELETE", "api/v1/session/all", api_sign_out, ROUTE_FULL, 1, false},
    {"POST", "api/v1/claim", api_claim, ROUTE_OPEN, 0, true},
    {"POST", "api/v1/link", api_link, ROUTE_FULL, 0, true},
    {"POST", "api/v1/password", api_password, ROUTE_FULL, 0, true},
    {"GET", "api/v1/tokens", api_tokens, ROUTE_FULL, 0, false},
    {"POST", "api/v1/tokens", api_token_add, ROUTE_FULL, 0, true},
    {"DELETE", "api/v1/tokens/{}", api_token_remove, ROUTE_FULL, 0, false},
    {"GET", "api/v1/devices", api_devices, ROUTE_READ, 0, false},
    {"POST", "api/v1/devices", api_device_add, ROUTE_FULL, 0, true},
    {"POST", "api/v1/devices/{}/password", api_device_renew, ROUTE_FULL, 0, true},
    {"DELETE", "api/v1/devices/{}", api_device_remove, ROUTE_FULL, 0, false},
    {"GET", "healthz", api_health, ROUTE_OPEN, 0, false},
    {"GET", "metrics", api_metrics, ROUTE_MEASURE, 0, false},
    {0},
};

/* Does the path fit the pattern? Captures the segments of "{}" undecoded. */
static bool fits(const char *pattern, const char *path, struct buf captures[PARAMS_MAX])
{
    size_t n = 0;

    while (*pattern != '\0') {
        if (pattern[0] == '{' && pattern[1] == '}') {
            size_t len = strcspn(path, "/");
            if (len == 0 || n == PARAMS_MAX || !buf_add(&captures[n++], path, len))
                return false;
            path += len;
            pattern += 2;
        } else if (*pattern++ != *path++) {
            return false;
        }
    }
    return *path == '\0';
}

static void ctx_free(void *data)
{
    struct request_ctx *rq = data;

    for (int i = 0; i < PARAMS_MAX; i++)
        mem_free(rq->params[i]);
    json_decref(rq->body);
    mem_free(rq->version);
    mem_free(rq);
}

/* Finds the row. When only the method differs, *others names those there are. */
static const struct route *find(struct request_ctx *rq, const char *path, struct buf *others)
{
    for (const struct route *r = routes; r->method != NULL; r++) {
        struct buf captures[PARAMS_MAX];
        for (int i = 0; i < PARAMS_MAX; i++)
            buf_init(&captures[i], SEGMENT_MAX);
        bool path_fits = fits(r->path, path, captures);
        bool good = path_fits && text_equal(r->method, http_method(rq->call));
        for (int i = 0; i < PARAMS_MAX; i++) {
            if (good && captures[i].len > 0) {
                struct buf decoded;
                buf_init(&decoded, SEGMENT_MAX);
                if (http_decode(captures[i].data, captures[i].len, false, &decoded))
                    rq->params[i] = buf_take(&decoded);
                else
                    good = false;
                buf_free(&decoded);
            }
            buf_free(&captures[i]);
        }
        if (good)
            return r;
        if (path_fits)
            buf_format(others, "%s%s", others->len > 0 ? ", " : "", r->method);
    }
    return NULL;
}

static bool is_unsafe(const char *method)
{
    return !text_equal(method, "GET");
}

static bool check_headers(struct request_ctx *rq)
{
    struct http_call *call = rq->call;
    struct guard_headers h = {
        .host = http_header(call, "Host"),
        .origin = http_header(call, "Origin"),
        .fetch_site = http_header(call, "Sec-Fetch-Site"),
        .content_type = http_header(call, "Content-Type"),
        .mark = http_header(call, "Homing-Request"),
        .unsafe = is_unsafe(http_method(call)),
        .cookie = rq->who.by_cookie,
        .body = http_body(call)->len > 0,
    };
    const char *wrong = guard_request(&h);

    if (wrong == NULL)
        return true;
    if (text_equal(wrong, "content-type"))
        reply_error(rq, 415, wrong, NULL, NULL, "The body must be of type application/json.");
    else
        reply_error(rq, 403, wrong, NULL, NULL,
                    "This request came from a page of another site and was not carried out.");
    return false;
}

static bool check_rights(struct request_ctx *rq)
{
    static const enum access_level needed[] = {[ROUTE_OPEN] = ACCESS_NOTHING,
                                               [ROUTE_READ] = ACCESS_READ,
                                               [ROUTE_MEASURE] = ACCESS_READ,
                                               [ROUTE_FULL] = ACCESS_FULL};

    if (rq->who.level >= needed[rq->route->access])
        return true;
    if (rq->route->access == ROUTE_MEASURE && rq->web->neighbours_measure &&
        metrics_neighbour(rq->call))
        return true;
    if (rq->who.level == ACCESS_NOTHING)
        reply_error(rq, 401, "sign-in", NULL, NULL, "Sign in first.");
    else
        reply_error(rq, 403, "read-only", NULL, NULL,
                    "You may read here, but not change anything.");
    return false;
}

/* An object, or nothing at all. Duplicate keys and text after the end are refused. */
static bool read_body(struct request_ctx *rq)
{
    const struct buf *b = http_body(rq->call);
    json_error_t where;

    if (!rq->route->takes_body) {
        if (b->len == 0)
            return true;
        reply_error(rq, 400, "no-body", NULL, NULL, "This request takes no body.");
        return false;
    }
    rq->body =
        b->len == 0 ? json_object() : json_loadb(b->data, b->len, JSON_REJECT_DUPLICATES, &where);
    if (json_is_object(rq->body))
        return true;
    if (rq->body == NULL)
        reply_error(rq, 400, "json",
                    json_pack("{s:i,s:i}", "line", where.line, "column", where.column), NULL,
                    "The body is not JSON: line %d, column %d.", where.line, where.column);
    else
        reply_error(rq, 400, "json-object", NULL, NULL, "The body must be a JSON object.");
    return false;
}

static void note_version(struct request_ctx *rq)
{
    const char *m = http_header(rq->call, "If-Match");
    size_t n = m != NULL ? strlen(m) : 0;

    if (n >= 2 && m[0] == '"' && m[n - 1] == '"')
        rq->version = mem_text_n(m + 1, n - 2);
}

static void serve_file(struct request_ctx *rq, const char *path)
{
    const struct web_file *f = files_find(path);

    if (f == NULL) {
        reply_error(rq, 404, "no-such-path", NULL, NULL, "There is nothing at this address.");
    } else if (is_unsafe(http_method(rq->call))) {
        http_reply_header(rq->call, "Allow", "GET");
        reply_error(rq, 405, "method", NULL, NULL, "This address can only be read.");
    } else {
        files_serve(f, rq->call);
    }
}

static void dispatch(struct request_ctx *rq, const char *path)
{
    struct buf others;

    buf_init(&others, 256);
    rq->route = find(rq, path, &others);
    if (rq->route == NULL && others.len > 0) {
        http_reply_header(rq->call, "Allow", buf_str(&others));
        reply_error(rq, 405, "method", NULL, NULL, "This address takes only %s.", buf_str(&others));
    } else if (rq->route == NULL) {
        serve_file(rq, path);
    } else if (check_rights(rq) && check_headers(rq) && read_body(rq)) {
        note_version(rq);
        rq->route->fn(rq);
    }
    buf_free(&others);
}

/* The path without what a proxy leaves before it (page-path=); NULL: it ends there, where the
 * page's own addresses, which are relative, would miss the last part. */
static const char *below(const struct web *w, const char *path)
{
    size_t n = w->below != NULL ? strlen(w->below) : 0;

    if (n == 0 || strncmp(path, w->below, n) != 0 || (path[n] != '/' && path[n] != '\0'))
        return path;
    return path[n] == '/' ? path + n : NULL;
}

static void send_below(struct request_ctx *rq)
{
    char *where = mem_format("%s/", rq->web->below);

    http_reply_header(rq->call, "Location", where);
    reply_error(rq, 308, "moved", NULL, NULL, "The page is at %s", where);
    mem_free(where);
}

void routes_handle(void *arg, struct http_call *call)
{
    struct web *w = arg;
    const char *path = http_path(call);
    struct request_ctx *rq = mem_alloc(sizeof *rq);

    rq->web = w;
    rq->call = call;
    http_set_data(call, rq, ctx_free);
    for (const char *const *h = guard_reply_headers; *h != NULL; h += 2)
        http_reply_header(call, h[0], h[1]);
    if (http_peer(call)->where != HTTP_UNIX &&
        !guard_host(http_header(call, "Host"), (const char *const *)w->hosts)) {
        /* Nothing about us to whoever calls us by a name we do not know. */
        reply_error(rq, 421, "unknown-host", NULL, NULL,
                    "This page does not answer to that name. Add it with page-hosts= to "
                    "homing.conf, or use the machine's address.");
        return;
    }
    if (path[0] != '/') {
        reply_error(rq, 400, "path", NULL, NULL, "The address must begin with a slash.");
        return;
    }
    path = below(w, path);
    if (path == NULL) {
        send_below(rq);
        return;
    }
    access_identify(w->access, call, &rq->who);
    dispatch(rq, path + 1);
}
