/*
 * SPDX-License-Identifier: ISC
 */
#include "keeper/channel.h"

#include <unistd.h>

#include "base/mem.h"

struct channel {
    uv_pipe_t pipe;
    struct message_reader reader;
    const struct channel_events *events;
    void *arg;
    bool lost, closing;
    char room[64 * 1024]; /* what a read fills */
};

struct sending {
    uv_write_t request;
    struct buf bytes;
};

static void on_closed(uv_handle_t *handle)
{
    struct channel *c = handle->data;

    message_reader_fini(&c->reader);
    mem_wipe(c->room, sizeof c->room);
    mem_free(c);
}

static void lose(struct channel *c, const char *why)
{
    if (c->lost || c->closing)
        return;
    c->lost = true;
    uv_read_stop((uv_stream_t *)&c->pipe);
    c->events->lost(c->arg, why);
}

static void give_room(uv_handle_t *handle, size_t wanted, uv_buf_t *room)
{
    struct channel *c = handle->data;
    *room = uv_buf_init(c->room, sizeof c->room);
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *bytes)
{
    struct channel *c = stream->data;
    struct message m;
    enum err e = ERR_NOT_FOUND;

    if (n < 0) {
        lose(c, n == UV_EOF ? "it has ended" : uv_strerror((int)n));
        return;
    }
    if (n > 0 && !message_reader_add(&c->reader, bytes->base, (size_t)n)) {
        lose(c, "it said too much at once");
        return;
    }
    while (!c->closing && !c->lost && (e = message_next(&c->reader, &m)) == OK) {
        c->events->message(c->arg, &m);
        message_done(&m);
    }
    if (e == ERR_SYNTAX)
        lose(c, "what it said has no meaning");
    /* A message may have been a configuration, and readers leave pieces below. */
    mem_wipe(bytes->base, n > 0 ? (size_t)n : 0);
    mem_wipe_stack();
}

struct channel *channel_open(uv_loop_t *loop, int fd, enum message_side self,
                             const struct channel_events *events, void *arg)
{
    struct channel *c = mem_alloc(sizeof *c);

    c->events = events;
    c->arg = arg;
    message_reader_init(&c->reader, self == SIDE_KEEPER ? SIDE_WORKER : SIDE_KEEPER);
    uv_pipe_init(loop, &c->pipe, 0);
    c->pipe.data = c;
    if (uv_pipe_open(&c->pipe, fd) != 0 ||
        uv_read_start((uv_stream_t *)&c->pipe, give_room, on_read) != 0) {
        close(fd);
        c->closing = true;
        uv_close((uv_handle_t *)&c->pipe, on_closed);
        return NULL;
    }
    return c;
}

static void on_sent(uv_write_t *request, int status)
{
    struct sending *s = request->data;
    struct channel *c = request->handle->data;

    buf_wipe(&s->bytes);
    mem_free(s);
    mem_wipe_stack();
    if (status < 0 && status != UV_ECANCELED)
        lose(c, uv_strerror(status));
}

bool channel_send(struct channel *c, const struct message *m)
{
    if (c == NULL || c->lost || c->closing)
        return false;
    struct sending *s = mem_alloc(sizeof *s);
    buf_init(&s->bytes, MESSAGE_CONF_MAX + 64);
    s->request.data = s;
    bool fits = message_write(m, &s->bytes);
    if (fits) {
        uv_buf_t bytes = uv_buf_init(s->bytes.data, (unsigned)s->bytes.len);
        fits = uv_write(&s->request, (uv_stream_t *)&c->pipe, &bytes, 1, on_sent) == 0;
    }
    if (!fits) {
        buf_wipe(&s->bytes);
        mem_free(s);
    }
    return fits;
}

void channel_close(struct channel *c)
{
    if (c == NULL || c->closing)
        return;
    c->closing = true;
    uv_close((uv_handle_t *)&c->pipe, on_closed);
}
