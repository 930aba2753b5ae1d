/*
 * SPDX-License-Identifier: ISC
 */
#include "publish/step.h"

#include "base/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { SAY_MAX = 1024 };

void step_out_init(struct step_out *out)
{
    *out = (struct step_out){.wait = -1};
}

void step_out_free(struct step_out *out)
{
    for (size_t i = 0; i < out->request_count; i++)
        request_free(&out->requests[i]);
    mem_free(out->requests);
    for (size_t i = 0; i < out->outcome_count; i++)
        mem_free(out->outcomes[i].say);
    mem_free(out->outcomes);
    step_out_init(out);
}

struct request *step_request(struct step_out *out, enum request_kind kind)
{
    out->requests = mem_more(out->requests, out->request_count, sizeof out->requests[0]);
    struct request *r = &out->requests[out->request_count++];
    request_init(r, kind);
    return r;
}

struct outcome *step_outcome(struct step_out *out, int member, unsigned families,
                             enum outcome_class cls, const char *say, ...)
{
    out->outcomes = mem_more(out->outcomes, out->outcome_count, sizeof out->outcomes[0]);
    struct outcome *o = &out->outcomes[out->outcome_count++];
    *o = (struct outcome){.member = member, .families = families, .cls = cls};
    if (say != NULL) {
        char text[SAY_MAX];
        va_list args;
        va_start(args, say);
        vsnprintf(text, sizeof text, say, args);
        va_end(args);
        o->say = mem_text(text);
    }
    return o;
}

/* The host of an absolute URL, for a sentence: never the path or query, which may hold secrets. */
static void host_of(const struct request *r, char *out, size_t room)
{
    if (r->kind == REQUEST_DNS) {
        snprintf(out, room, "%s", r->server != NULL ? r->server : "the name server");
        return;
    }
    if (r->kind == REQUEST_RUN) {
        snprintf(out, room, "the program");
        return;
    }
    const char *url = marked_str(&r->url);
    const char *host = strstr(url, "://");
    host = host != NULL ? host + 3 : url;
    size_t n = strcspn(host, "/?#");
    const char *at = memchr(host, '@', n);
    if (at != NULL) {
        n -= (size_t)(at + 1 - host);
        host = at + 1;
    }
    snprintf(out, room, "%.*s", (int)n, host);
}

enum outcome_class step_class_of_error(const struct request *r, const struct reply *reply,
                                       char **say)
{
    static const enum outcome_class classes[NET_ERRORS] = {
        [NET_OK] = OUTCOME_GOOD,           [NET_NO_ROUTE] = OUTCOME_OFFLINE,
        [NET_NO_NAME] = OUTCOME_OFFLINE,   [NET_BAD_NAME] = OUTCOME_SERVER,
        [NET_REFUSED] = OUTCOME_SERVER,    [NET_TIMEOUT] = OUTCOME_SERVER,
        [NET_RESET] = OUTCOME_SERVER,      [NET_TLS] = OUTCOME_TLS,
        [NET_PROXY] = OUTCOME_SERVER,      [NET_TOO_BIG] = OUTCOME_UNKNOWN,
        [NET_PROTOCOL] = OUTCOME_UNKNOWN,  [NET_REDIRECT] = OUTCOME_UNKNOWN,
        [NET_CANCELLED] = OUTCOME_OFFLINE, [NET_DRY] = OUTCOME_GOOD,
        [NET_INTERNAL] = OUTCOME_UNKNOWN,
    };
    if (say != NULL) {
        char host[256];
        host_of(r, host, sizeof host);
        *say = mem_format("%s: %s%s%s", host, net_error_text(reply->error),
                          reply->detail != NULL ? ": " : "",
                          reply->detail != NULL ? reply->detail : "");
    }
    return (unsigned)reply->error < NET_ERRORS ? classes[reply->error] : OUTCOME_UNKNOWN;
}

enum outcome_class step_class_of_status(int status, bool writes)
{
    if (status >= 200 && status < 300)
        return OUTCOME_GOOD;
    if (status >= 500)
        return OUTCOME_SERVER;
    switch (status) {
    case 401:
        return OUTCOME_AUTH;
    case 403:
        return OUTCOME_FORBIDDEN;
    case 404:
        return writes ? OUTCOME_NO_ZONE : OUTCOME_NONE;
    case 409:
    case 412:
        return OUTCOME_CONFLICT;
    case 413:
    case 414:
        return OUTCOME_TOO_LONG;
    case 423:
        return OUTCOME_BUSY;
    case 408:
        return OUTCOME_SERVER;
    case 429:
        return OUTCOME_LIMIT;
    default:
        return status >= 400 ? OUTCOME_INPUT : OUTCOME_UNKNOWN;
    }
}
