/*
 * SPDX-License-Identifier: ISC
 */
#include "base/exchange.h"

#include "base/mem.h"
#include "base/text.h"

#include <string.h>

void request_init(struct request *r, enum request_kind kind)
{
    *r = (struct request){.kind = kind, .family = -1};
    marked_init(&r->url);
    marked_init(&r->body);
}

void request_free(struct request *r)
{
    mem_free(r->about);
    mem_free(r->method);
    marked_free(&r->url);
    for (size_t i = 0; i < r->header_count; i++) {
        mem_free(r->headers[i].name);
        marked_free(&r->headers[i].value);
    }
    mem_free(r->headers);
    marked_free(&r->body);
    mem_free(r->server);
    mem_free(r->entry);
    mem_free(r->setting);
    mem_wipe(r->wire, r->wire_len);
    mem_free(r->wire);
    request_init(r, r->kind);
}

void request_move(struct request *to, struct request *from)
{
    *to = *from;
    request_init(from, from->kind);
}

void request_method(struct request *r, const char *method)
{
    mem_free(r->method);
    r->method = mem_text(method);
}

struct marked *request_header(struct request *r, const char *name)
{
    r->headers = mem_more(r->headers, r->header_count, sizeof r->headers[0]);
    struct request_header *h = &r->headers[r->header_count++];
    h->name = mem_text(name);
    marked_init(&h->value);
    return &h->value;
}

struct marked *request_find_header(struct request *r, const char *name)
{
    for (size_t i = 0; i < r->header_count; i++)
        if (text_case_equal(r->headers[i].name, name))
            return &r->headers[i].value;
    return NULL;
}

void request_show(const struct request *r, bool whole, struct buf *out)
{
    if (r->kind == REQUEST_DNS) {
        buf_format(out, "DNS %s to %s port %u", r->writes ? "UPDATE" : "query",
                   r->server != NULL ? r->server : "?", r->port != 0 ? r->port : 53);
        return;
    }
    if (r->kind == REQUEST_RUN) {
        buf_format(out, "%s= of %s", r->setting, r->entry);
        if (whole) {
            buf_text(out, "\n\n");
            marked_show(&r->body, out);
        }
        return;
    }
    buf_text(out, r->method != NULL ? r->method : "GET");
    buf_char(out, ' ');
    marked_show(&r->url, out);
    if (!whole)
        return;
    for (size_t i = 0; i < r->header_count; i++) {
        buf_format(out, "\n%s: ", r->headers[i].name);
        marked_show(&r->headers[i].value, out);
    }
    if (r->has_body) {
        buf_text(out, "\n\n");
        marked_show(&r->body, out);
    }
}

static void add_secrets(const struct marked *m, struct marked *out)
{
    for (size_t i = 0; i < m->span_count; i++) {
        const struct marked_span *s = &m->spans[i];
        marked_add(out, marked_str(m) + s->from, s->to - s->from, true);
        marked_text(out, "\n"); /* else two would become one */
    }
}

void request_secrets(const struct request *r, struct marked *out)
{
    add_secrets(&r->url, out);
    for (size_t i = 0; i < r->header_count; i++)
        add_secrets(&r->headers[i].value, out);
    add_secrets(&r->body, out);
}

const char *net_error_text(enum net_error e)
{
    static const char *const texts[NET_ERRORS] = {
        [NET_OK] = "answered",
        [NET_NO_ROUTE] = "there is no route to it",
        [NET_NO_NAME] = "no name server answered",
        [NET_BAD_NAME] = "its name does not exist in the DNS",
        [NET_REFUSED] = "the connection was refused",
        [NET_TIMEOUT] = "it did not answer in time",
        [NET_RESET] = "the connection was closed in the middle",
        [NET_TLS] = "it could not prove who it is (TLS)",
        [NET_PROXY] = "the proxy did not let it through",
        [NET_TOO_BIG] = "its answer was too big",
        [NET_PROTOCOL] = "its answer was not understood",
        [NET_REDIRECT] = "it sent us elsewhere",
        [NET_CANCELLED] = "the request was cancelled",
        [NET_DRY] = "not sent (dry run)",
        [NET_INTERNAL] = "homing could not make the request",
    };
    return (unsigned)e < NET_ERRORS ? texts[e] : "unknown";
}

void reply_init(struct reply *r)
{
    *r = (struct reply){0};
    buf_init(&r->body, REPLY_MAX_DEFAULT);
}

void reply_free(struct reply *r)
{
    mem_free(r->detail);
    reply_headers_free(r);
    buf_wipe(&r->body); /* it may hold a session's token */
    reply_init(r);
}

void reply_headers_free(struct reply *r)
{
    for (size_t i = 0; i < r->header_count; i++)
        mem_free(r->headers[i].name);
    mem_free(r->headers);
    r->headers = NULL;
    r->header_count = 0;
}

void reply_header_add(struct reply *r, const char *name, size_t name_len, const char *value,
                      size_t value_len)
{
    enum { MOSTLY = 8 }; /* so many, or fewer */
    if (r->header_count == 0)
        r->headers = mem_array(MOSTLY, sizeof r->headers[0]);
    else if (r->header_count >= MOSTLY)
        r->headers = mem_more(r->headers, r->header_count, sizeof r->headers[0]);
    struct reply_header *h = &r->headers[r->header_count++];
    h->name = mem_alloc(name_len + 1 + value_len + 1);
    memcpy(h->name, name, name_len);
    text_lower_all(h->name);
    h->value = h->name + name_len + 1;
    memcpy(h->value, value, value_len);
}

const char *reply_header_find(const struct reply *r, const char *name)
{
    for (size_t i = 0; i < r->header_count; i++)
        if (text_case_equal(r->headers[i].name, name))
            return r->headers[i].value;
    return NULL;
}

msec reply_retry_after(const struct reply *r, msec wall_now)
{
    const char *value = reply_header_find(r, "retry-after");
    uint64_t seconds;
    msec date;

    if (value == NULL)
        return 0;
    if (text_number(value, &seconds))
        return seconds > 366 * 86400ULL ? (msec)366 * DAY : (msec)seconds * SECOND;
    if (clock_parse_http_date(value, &date) && date > wall_now)
        return date - wall_now;
    return 0;
}
