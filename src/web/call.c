/*
 * SPDX-License-Identifier: ISC
 */
#include "web/call.h"

#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "base/text.h"

enum { STREAM_BLOCK = 16 * 1024, QUERY_MAX = 4096 };

static void pairs_free(struct pair *p)
{
    for (struct pair *next; p != NULL; p = next) {
        next = p->next;
        mem_free(p->name);
        mem_free_secret(p->value);
        mem_free(p);
    }
}

static const char *pair_add(struct pair **list, const char *name, char *value)
{
    struct pair *p = mem_alloc(sizeof *p);

    p->name = mem_text(name);
    p->value = value;
    p->next = *list;
    *list = p;
    return value;
}

struct http_call *http_call_new(struct http_server *s, const struct http_limits *limits,
                                struct MHD_Connection *connection, struct conn *conn,
                                const char *uri)
{
    struct http_call *call = mem_alloc(sizeof *call);
    const char *mark = strchr(uri, '?');

    call->server = s;
    call->connection = connection;
    call->conn = conn;
    call->peer = conn->peer;
    call->path = mem_text_n(uri, mark != NULL ? (size_t)(mark - uri) : strlen(uri));
    call->query = mem_text(mark != NULL ? mark + 1 : "");
    buf_init(&call->body, limits->body);
    conn->call = call;
    return call;
}

bool http_call_begin(struct http_call *call, const char *method)
{
    uint64_t length;
    const char *said = http_header(call, "Content-Length");

    call->method = mem_text(text_equal(method, "HEAD") ? "GET" : method);
    return said == NULL || (text_number(said, &length) && length <= call->body.max);
}

static void call_free(struct http_call *call)
{
    if (call->response != NULL)
        MHD_destroy_response(call->response);
    if (call->free_data != NULL)
        call->free_data(call->data);
    mem_free(call->method);
    mem_free(call->path);
    mem_free_secret(call->query);
    buf_wipe(&call->body);
    pairs_free(call->kept);
    pairs_free(call->reply_headers);
    mem_free(call);
}

void http_call_gone(struct http_call *call)
{
    call->conn->call = NULL;
    call->server = NULL;
    call->connection = NULL;
    call->conn = NULL;
    if (call->stream != NULL) {
        const struct http_stream *stream = call->stream;
        call->stream = NULL;
        stream->gone(call->stream_arg);
    }
    if (call->replied || !call->handled)
        call_free(call);
}

void http_call_abandon(struct http_call *call)
{
    if (call->suspended) {
        call->suspended = false;
        MHD_resume_connection(call->connection);
    }
}

enum MHD_Result http_call_queue(struct http_call *call)
{
    struct MHD_Response *r = call->response;

    if (r == NULL)
        return MHD_NO;
    for (const struct pair *p = call->reply_headers; p != NULL; p = p->next)
        MHD_add_response_header(r, p->name, p->value);
    call->conn->deadline = call->stream != NULL ? NEVER : clock_now().mono + HTTP_REPLY_TIME;
    return MHD_queue_response(call->connection, call->status, r);
}

/* ---- the request ---- */

const char *http_method(const struct http_call *call)
{
    return call->method;
}

const char *http_path(const struct http_call *call)
{
    return call->path;
}

const char *http_header(const struct http_call *call, const char *name)
{
    return call->connection != NULL
               ? MHD_lookup_connection_value(call->connection, MHD_HEADER_KIND, name)
               : NULL;
}

struct gathering {
    const char *name;
    struct buf *out;
};

static enum MHD_Result gather(void *arg, enum MHD_ValueKind kind, const char *name,
                              const char *value)
{
    struct gathering *g = arg;

    (void)kind;
    if (strcasecmp(name, g->name) == 0 && value != NULL) {
        if (g->out->len > 0)
            buf_text(g->out, ", ");
        buf_text(g->out, value);
    }
    return MHD_YES;
}

void http_header_list(const struct http_call *call, const char *name, struct buf *out)
{
    struct gathering g = {name, out};

    if (call->connection != NULL)
        MHD_get_connection_values(call->connection, MHD_HEADER_KIND, gather, &g);
}

const struct buf *http_body(const struct http_call *call)
{
    return &call->body;
}

const struct http_peer *http_peer(const struct http_call *call)
{
    return &call->peer;
}

static int hex(char c)
{
    if (text_is_digit(c))
        return c - '0';
    c = text_lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool http_decode(const char *s, size_t n, bool form, struct buf *out)
{
    for (size_t i = 0; i < n; i++) {
        char c = s[i];
        if (c == '%') {
            int high = i + 2 < n ? hex(s[i + 1]) : -1;
            int low = high >= 0 ? hex(s[i + 2]) : -1;
            if (low < 0)
                return false;
            c = (char)(high * 16 + low);
            i += 2;
        } else if (c == '+' && form) {
            c = ' ';
        }
        if (c == '\0' || !buf_char(out, c))
            return false;
    }
    return text_is_utf8(buf_str(out), out->len);
}

const char *http_query(struct http_call *call, const char *name)
{
    size_t len = strlen(name);

    for (const char *at = call->query; *at != '\0';) {
        size_t n = strcspn(at, "&");
        if (n > len && at[len] == '=' && strncmp(at, name, len) == 0) {
            struct buf value;
            buf_init(&value, QUERY_MAX);
            bool good = http_decode(at + len + 1, n - len - 1, true, &value);
            char *text = good ? mem_text(buf_str(&value)) : NULL;
            buf_free(&value);
            return good ? pair_add(&call->kept, name, text) : NULL;
        }
        at += n + (at[n] == '&');
    }
    return NULL;
}

const char *http_query_text(const struct http_call *call)
{
    return call->query;
}

const char *http_cookie(struct http_call *call, const char *name)
{
    const char *all = http_header(call, "Cookie");
    size_t len = strlen(name);

    for (const char *at = all; at != NULL && *at != '\0';) {
        at += strspn(at, "; ");
        size_t n = strcspn(at, ";");
        if (n > len && at[len] == '=' && strncmp(at, name, len) == 0)
            return pair_add(&call->kept, name, mem_text_n(at + len + 1, n - len - 1));
        at += n;
    }
    return NULL;
}

void http_set_data(struct http_call *call, void *data, void (*free_it)(void *data))
{
    call->data = data;
    call->free_data = free_it;
}

void *http_data(const struct http_call *call)
{
    return call->data;
}

/* ---- the reply ---- */

void http_reply_header(struct http_call *call, const char *name, const char *value)
{
    pair_add(&call->reply_headers, name, mem_text(value));
}

bool http_replied(const struct http_call *call)
{
    return call->replied;
}

/* The reply is ready: inside the handler the library gets it on return, else it must be woken. */
static void ready(struct http_call *call)
{
    call->replied = true;
    if (call->connection == NULL) {
        if (call->stream != NULL)
            call->stream->gone(call->stream_arg);
        call->stream = NULL;
        call_free(call);
        return;
    }
    if (call->suspended) {
        call->suspended = false;
        MHD_resume_connection(call->connection);
        http_server_run_soon(call->server);
    }
}

void http_reply(struct http_call *call, unsigned status, const char *type, const void *bytes,
                size_t n, bool forever)
{
    call->status = status;
    call->response = MHD_create_response_from_buffer(
        n, (void *)(uintptr_t)bytes, forever ? MHD_RESPMEM_PERSISTENT : MHD_RESPMEM_MUST_COPY);
    if (type != NULL)
        http_reply_header(call, "Content-Type", type);
    ready(call);
}

static ssize_t on_read(void *arg, uint64_t position, char *out, size_t room)
{
    struct http_call *call = arg;

    (void)position;
    if (call->stream == NULL)
        return MHD_CONTENT_READER_END_OF_STREAM;
    long n = call->stream->pull(call->stream_arg, out, room);
    if (n < 0)
        return MHD_CONTENT_READER_END_OF_STREAM;
    if (n == 0) {
        call->suspended = true;
        MHD_suspend_connection(call->connection);
    }
    return n;
}

void http_stream(struct http_call *call, const char *type, const struct http_stream *stream,
                 void *arg)
{
    call->status = 200;
    call->stream = stream;
    call->stream_arg = arg;
    call->response =
        MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, STREAM_BLOCK, on_read, call, NULL);
    http_reply_header(call, "Content-Type", type);
    ready(call);
}

void http_stream_wake(struct http_call *call)
{
    if (call->suspended && call->replied && call->connection != NULL) {
        call->suspended = false;
        MHD_resume_connection(call->connection);
        http_server_run_soon(call->server);
    }
}
