/*
 * SPDX-License-Identifier: ISC
 */
#include "web/events.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"

struct event {
    uint64_t id;
    enum web_topic topic;
    char *text; /* owned: whole, as it goes out */
    size_t len;
};

struct client {
    struct client *next, *prev;
    struct events *events;
    struct http_call *call;
    uint64_t at; /* the latest event it has got whole */
    char *own;   /* owned: text of its own, or of the event under way */
    size_t own_len, own_sent;
    msec age;
    bool log, ended;
};

struct events {
    uv_timer_t timer;
    uint64_t boot; /* tells a restart from a pause */
    uint64_t last; /* id of the latest event */
    struct event ring[EVENTS_KEPT];
    size_t bytes, first, count;
    struct client *clients;
    unsigned client_count, log_count;
};

static void wake_all(struct events *e)
{
    for (struct client *c = e->clients; c != NULL; c = c->next)
        http_stream_wake(c->call);
}

static void client_say(struct client *c, char *owned)
{
    if (c->own != NULL) { /* still busy with another: this one does not matter */
        mem_free(owned);
        return;
    }
    c->own = owned;
    c->own_len = strlen(owned);
    c->own_sent = 0;
}

static void on_timer(uv_timer_t *timer)
{
    struct events *e = timer->data;

    if (e->clients == NULL)
        uv_timer_stop(timer);
    for (struct client *c = e->clients; c != NULL; c = c->next) {
        c->age += EVENTS_COMMENT;
        c->ended = c->ended || c->age >= EVENTS_LIFE;
        client_say(c, mem_text(":\n\n"));
    }
    wake_all(e);
}

void events_end(struct events *e)
{
    for (struct client *c = e->clients; c != NULL; c = c->next)
        c->ended = true;
    wake_all(e);
}

struct events *events_new(uv_loop_t *loop)
{
    struct events *e = mem_alloc(sizeof *e);

    e->boot = (uint64_t)clock_now().wall;
    uv_timer_init(loop, &e->timer);
    e->timer.data = e;
    uv_unref((uv_handle_t *)&e->timer);
    return e;
}

static void on_closed(uv_handle_t *handle)
{
    mem_free(handle->data);
}

static void drop_first(struct events *e)
{
    struct event *old = &e->ring[e->first];

    e->bytes -= old->len;
    mem_free(old->text);
    old->text = NULL;
    e->first = (e->first + 1) % EVENTS_KEPT;
    e->count--;
}

void events_free(struct events *e)
{
    if (e == NULL)
        return;
    for (struct client *c = e->clients; c != NULL; c = c->next) {
        c->ended = true;
        c->events = NULL;
    }
    wake_all(e);
    while (e->count > 0)
        drop_first(e);
    uv_close((uv_handle_t *)&e->timer, on_closed);
}

void events_tell(struct events *e, enum web_topic topic, const char *name, const char *data)
{
    if (topic == WEB_TOPIC_LOG && e->log_count == 0)
        return; /* the log has numbers and a memory of its own */
    e->last++;
    char *text = mem_format("id: %llx-%llu\nevent: %s\ndata: %s\n\n", (unsigned long long)e->boot,
                            (unsigned long long)e->last, name, data);
    size_t len = strlen(text);
    while (e->count == EVENTS_KEPT || (e->count > 0 && e->bytes + len > EVENTS_BYTES))
        drop_first(e);
    e->ring[(e->first + e->count++) % EVENTS_KEPT] = (struct event){e->last, topic, text, len};
    e->bytes += len;
    wake_all(e);
}

bool events_watched(const struct events *e, enum web_topic topic)
{
    return topic == WEB_TOPIC_LOG ? e->log_count > 0 : e->client_count > 0;
}

const char *events_id(const struct events *e, char *out)
{
    snprintf(out, EVENTS_ID_MAX, "%llx-%llu", (unsigned long long)e->boot,
             (unsigned long long)e->last);
    return out;
}

/* ---- one client ---- */

/* The next event this client wants, or NULL. Sets *lost when it has left the ring already. */
static const struct event *next_event(struct client *c, bool *lost)
{
    struct events *e = c->events;

    *lost = false;
    if (c->at >= e->last)
        return NULL;
    uint64_t oldest = e->last - e->count + 1;
    if (c->at + 1 < oldest) {
        *lost = true;
        return NULL;
    }
    for (uint64_t id = c->at + 1; id <= e->last; id++) {
        const struct event *v = &e->ring[(e->first + (id - oldest)) % EVENTS_KEPT];
        if (v->topic != WEB_TOPIC_LOG || c->log)
            return v;
        c->at = id;
    }
    return NULL;
}

static char *reset_text(struct client *c)
{
    char id[EVENTS_ID_MAX];

    c->at = c->events->last;
    return mem_format("id: %s\nevent: reset\ndata: {}\n\n", events_id(c->events, id));
}

static bool take_next(struct client *c)
{
    bool lost;
    const struct event *v = next_event(c, &lost);

    if (lost) {
        client_say(c, reset_text(c));
    } else if (v != NULL) {
        c->at = v->id;
        client_say(c, mem_text_n(v->text, v->len));
    }
    return c->own != NULL;
}

static long pull(void *arg, char *out, size_t room)
{
    struct client *c = arg;
    size_t used = 0;

    if (c->ended)
        return -1;
    while (used < room && (c->own != NULL || take_next(c))) {
        size_t n = c->own_len - c->own_sent;
        n = n < room - used ? n : room - used;
        memcpy(out + used, c->own + c->own_sent, n);
        used += n;
        c->own_sent += n;
        if (c->own_sent == c->own_len) {
            mem_free(c->own);
            c->own = NULL;
        }
    }
    return (long)used;
}

static void gone(void *arg)
{
    struct client *c = arg;
    struct events *e = c->events;

    if (e != NULL) {
        if (c->next != NULL)
            c->next->prev = c->prev;
        *(c->prev != NULL ? &c->prev->next : &e->clients) = c->next;
        e->client_count--;
        e->log_count -= c->log;
    }
    mem_free(c->own);
    mem_free(c);
}

/* Where a returning client left off; false when that was another life, or no number at all. */
static bool parse_id(const struct events *e, const char *text, uint64_t *at)
{
    char boot[24];
    uint64_t id;
    const char *dash = strchr(text, '-');

    snprintf(boot, sizeof boot, "%llx", (unsigned long long)e->boot);
    if (dash == NULL || strlen(boot) != (size_t)(dash - text) ||
        strncmp(text, boot, strlen(boot)) != 0 || !text_number(dash + 1, &id) || id > e->last)
        return false;
    *at = id;
    return true;
}

bool events_serve(struct events *e, struct http_call *call, const char *after, bool log)
{
    static const struct http_stream stream = {pull, gone};

    if (e->client_count >= EVENTS_CLIENTS)
        return false;
    struct client *c = mem_alloc(sizeof *c);
    c->events = e;
    c->call = call;
    c->log = log;
    c->at = e->last;
    c->next = e->clients;
    if (c->next != NULL)
        c->next->prev = c;
    e->clients = c;
    e->client_count++;
    if (!uv_is_active((uv_handle_t *)&e->timer))
        uv_timer_start(&e->timer, on_timer, EVENTS_COMMENT, EVENTS_COMMENT);
    e->log_count += log;
    if (after != NULL && !parse_id(e, after, &c->at))
        client_say(c, reset_text(c));
    else
        client_say(c, mem_text("retry: 2000\n\n"));
    http_reply_header(call, "X-Accel-Buffering", "no");
    http_stream(call, "text/event-stream", &stream, c);
    return true;
}
