/*
 * SPDX-License-Identifier: ISC
 */
#include "web/server.h"

#include "web/mhd.h"
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "web/call.h"
#include "web/listen.h"

enum {
    SWEEP_EVERY = 2 * SECOND,
    ACCEPTS_A_TURN = 64,
    /* The library's own bound is ours, and those on their way out, and unix connections. */
    LIBRARY_MORE = 512,
};
const struct http_limits http_limits_page = {
    .connections = 512, .body = 1 << 20, .header = HTTP_HEADER_MAX, .time = 30 * SECOND};

/* One of the library's daemons: a plain one, and one that speaks TLS. */
struct engine {
    struct http_server *server;
    struct MHD_Daemon *daemon; /* NULL: not wanted */
    uv_poll_t poll;            /* its epoll descriptor */
};
enum { PLAIN, TLS, ENGINES };

struct listener {
    struct listener *next;
    struct http_server *server;
    struct engine *engine;
    struct listen_socket socket;
    uv_poll_t poll;
};

struct http_server {
    uv_loop_t *loop;
    struct http_limits limits;
    http_handler_fn *fn;
    void *arg;
    struct engine engines[ENGINES];
    char *cert, *key; /* owned: PEM */
    uv_timer_t kick;  /* its time-out, and "run soon" */
    uv_timer_t sweep; /* deadlines; resumes accepting after descriptors ran out */
    struct listener *listeners;
    struct conn *conns; /* newest first */
    unsigned network_conns;
    uint64_t turned_away;  /* for want of room */
    msec turned_away_at;   /* wall */
    struct conn *arriving; /* accepted, not yet begun by the library */
    char *group;           /* owned */
    unsigned handles;
    bool closing, paused;
};

/* ---- the library in the loop ---- */

static void on_kick(uv_timer_t *timer);

static void run(struct http_server *s)
{
    MHD_UNSIGNED_LONG_LONG least = 0, ms;
    bool wanted = false;

    for (int i = 0; i < ENGINES && !s->closing; i++) {
        struct MHD_Daemon *daemon = s->engines[i].daemon;
        if (daemon == NULL)
            continue;
        MHD_run(daemon);
        /* Its time-out is only true right after a run. */
        if (MHD_get_timeout(daemon, &ms) == MHD_YES) {
            least = wanted && least < ms ? least : ms;
            wanted = true;
        }
    }
    if (wanted && !s->closing)
        uv_timer_start(&s->kick, on_kick, least, 0);
}

static void on_kick(uv_timer_t *timer)
{
    run(timer->data);
}

static void on_ready(uv_poll_t *poll, int status, int events)
{
    (void)status;
    (void)events;
    run(poll->data);
}

void http_server_run_soon(struct http_server *s)
{
    if (!s->closing)
        uv_timer_start(&s->kick, on_kick, 0, 0);
}

/* ---- connections ---- */

static void conn_end(struct conn *conn)
{
    conn->waiting = false;
    conn->deadline = NEVER;
    shutdown(conn->fd, SHUT_RDWR); /* the library notices and closes it */
}

static void turned_away(struct http_server *s)
{
    s->turned_away++;
    s->turned_away_at = clock_now().wall;
}

/* Ends the network connection that has sat longest without a whole request. */
static bool make_room(struct http_server *s)
{
    struct conn *oldest = NULL;

    for (struct conn *c = s->conns; c != NULL; c = c->next)
        if (c->waiting && c->peer.where != HTTP_UNIX &&
            (oldest == NULL || c->deadline <= oldest->deadline))
            oldest = c;
    if (oldest == NULL)
        return false;
    turned_away(s);
    conn_end(oldest);
    return true;
}

/* Accepted, and not yet taken up by the library: it tells of a connection at once (0.9) or at its
 * next turn (1.0), so what is known of the peer waits here. */
static void conn_arrives(struct http_server *s, int fd, const struct http_peer *peer)
{
    struct conn *c = mem_alloc(sizeof *c);

    c->fd = fd;
    c->peer = *peer;
    c->next = s->arriving;
    s->arriving = c;
    s->network_conns += c->peer.where != HTTP_UNIX;
}

/* Takes the one with that descriptor out, or NULL. */
static struct conn *conn_arrived(struct http_server *s, int fd)
{
    for (struct conn **p = &s->arriving; *p != NULL; p = &(*p)->next) {
        struct conn *c = *p;
        if (c->fd == fd) {
            *p = c->next;
            return c;
        }
    }
    return NULL;
}

static void conn_free(struct http_server *s, struct conn *c)
{
    if (c != NULL)
        s->network_conns -= c->peer.where != HTTP_UNIX;
    mem_free(c);
}

static void on_sweep(uv_timer_t *timer);

/* Only while there is something to look at: an idle service sleeps. */
static void sweep_on(struct http_server *s)
{
    if (!s->closing && !uv_is_active((uv_handle_t *)&s->sweep))
        uv_timer_start(&s->sweep, on_sweep, SWEEP_EVERY, SWEEP_EVERY);
}

static void conn_begin(struct http_server *s, struct conn *c)
{
    sweep_on(s);
    c->deadline = clock_now().mono + s->limits.time;
    c->waiting = true;
    c->prev = NULL;
    c->next = s->conns;
    if (c->next != NULL)
        c->next->prev = c;
    s->conns = c;
}

static void on_connection(void *arg, struct MHD_Connection *connection, void **context,
                          enum MHD_ConnectionNotificationCode code)
{
    struct http_server *s = arg;

    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        int fd = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
        *context = conn_arrived(s, fd);
        if (*context != NULL)
            conn_begin(s, *context);
        return;
    }
    struct conn *c = *context;
    if (c == NULL)
        return;
    if (c->next != NULL)
        c->next->prev = c->prev;
    *(c->prev != NULL ? &c->prev->next : &s->conns) = c->next;
    conn_free(s, c);
    *context = NULL;
}

static void on_accept(uv_poll_t *poll, int status, int events)
{
    struct listener *l = poll->data;
    struct http_server *s = l->server;

    (void)status;
    (void)events;
    for (int i = 0; i < ACCEPTS_A_TURN; i++) {
        struct sockaddr_storage sa;
        socklen_t len = sizeof sa;
        int fd = accept4(l->socket.fd, (struct sockaddr *)&sa, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0 && (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)) {
            /* Resumed by the next sweep, instead of spinning. */
            log_warning(NULL, "No new connections are taken for a moment: %s.", strerror(errno));
            s->paused = true;
            turned_away(s);
            sweep_on(s);
            for (struct listener *p = s->listeners; p != NULL; p = p->next)
                uv_poll_stop(&p->poll);
            make_room(s);
        }
        if (fd < 0)
            break;
        struct http_peer peer;
        bool full =
            !l->socket.is_unix && s->network_conns >= s->limits.connections && !make_room(s);
        if (full)
            turned_away(s);
        if (full || !listen_peer(&l->socket, fd, &sa, &peer)) {
            close(fd);
            continue;
        }
        peer.tls = l->engine == &s->engines[TLS];
        conn_free(s, conn_arrived(s, fd)); /* one that the library dropped without a word */
        conn_arrives(s, fd, &peer);
        if (MHD_add_connection(l->engine->daemon, fd, (struct sockaddr *)&sa, len) != MHD_YES)
            conn_free(s, conn_arrived(s, fd)); /* it has closed the descriptor */
    }
    run(s);
}

static void on_sweep(uv_timer_t *timer)
{
    struct http_server *s = timer->data;
    msec now = clock_now().mono;

    for (struct conn *c = s->conns, *next; c != NULL; c = next) {
        next = c->next;
        if (c->deadline <= now)
            conn_end(c);
    }
    if (s->paused) {
        s->paused = false;
        for (struct listener *l = s->listeners; l != NULL; l = l->next)
            uv_poll_start(&l->poll, UV_READABLE, on_accept);
    }
    if (s->conns == NULL)
        uv_timer_stop(timer);
}

/* ---- requests ---- */

static void *on_uri(void *arg, const char *uri, struct MHD_Connection *connection)
{
    struct conn *conn =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;

    conn->deadline = clock_now().mono + ((struct http_server *)arg)->limits.time;
    return http_call_new(arg, &((struct http_server *)arg)->limits, connection, conn, uri);
}

static enum MHD_Result on_request(void *arg, struct MHD_Connection *connection, const char *url,
                                  const char *method, const char *version, const char *upload,
                                  size_t *upload_size, void **context)
{
    struct http_server *s = arg;
    struct http_call *call = *context;

    (void)url;
    (void)version;
    if (call->method == NULL) {
        if (http_call_begin(call, method))
            return MHD_YES;
        http_reply(call, 413, "text/plain", "The request is too large.\n", 26, true);
        return http_call_queue(call);
    }
    if (*upload_size != 0) {
        /* A body without a length that passes the bound: nothing can be answered in its middle. */
        if (!buf_add(&call->body, upload, *upload_size))
            return MHD_NO;
        *upload_size = 0;
        return MHD_YES;
    }
    if (!call->handled) {
        call->handled = true;
        call->conn->waiting = false;
        call->conn->deadline = NEVER;
        s->fn(s->arg, call);
    }
    if (call->replied)
        return http_call_queue(call);
    call->suspended = true;
    MHD_suspend_connection(connection);
    return MHD_YES;
}

static void on_completed(void *arg, struct MHD_Connection *connection, void **context,
                         enum MHD_RequestTerminationCode code)
{
    const struct http_server *s = arg;
    struct http_call *call = *context;

    (void)connection;
    (void)code;
    if (call == NULL)
        return;
    *context = NULL;
    call->conn->waiting = true;
    call->conn->deadline = clock_now().mono + s->limits.time;
    http_call_gone(call);
}

/* Paths and queries are decoded by us, strictly. */
static size_t keep_escapes(void *arg, struct MHD_Connection *connection, char *s)
{
    (void)arg;
    (void)connection;
    return strlen(s);
}

/* ---- life ---- */

static void add_handle(struct http_server *s, uv_handle_t *h)
{
    h->data = s;
    s->handles++;
}

static bool engine_start(struct http_server *s, int which)
{
    struct engine *e = &s->engines[which];
    unsigned flags = MHD_USE_EPOLL | MHD_USE_NO_LISTEN_SOCKET | MHD_ALLOW_SUSPEND_RESUME |
                     (which == TLS ? MHD_USE_TLS : 0u);
    struct MHD_OptionItem tls[] = {{MHD_OPTION_HTTPS_MEM_CERT, 0, s->cert},
                                   {MHD_OPTION_HTTPS_MEM_KEY, 0, s->key},
                                   {MHD_OPTION_END, 0, NULL}};

    e->server = s;
    e->daemon = MHD_start_daemon(
        flags, 0, NULL, NULL, on_request, s, MHD_OPTION_NOTIFY_CONNECTION, on_connection, s,
        MHD_OPTION_NOTIFY_COMPLETED, on_completed, s, MHD_OPTION_URI_LOG_CALLBACK, on_uri, s,
        MHD_OPTION_UNESCAPE_CALLBACK, keep_escapes, NULL, MHD_OPTION_CONNECTION_LIMIT,
        s->limits.connections + LIBRARY_MORE, MHD_OPTION_CONNECTION_MEMORY_LIMIT, s->limits.header,
        MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_ARRAY, which == TLS ? tls : tls + 2,
        MHD_OPTION_END);
    if (e->daemon == NULL)
        return false;
    if (uv_poll_init(s->loop, &e->poll,
                     MHD_get_daemon_info(e->daemon, MHD_DAEMON_INFO_EPOLL_FD)->listen_fd) != 0) {
        MHD_stop_daemon(e->daemon);
        e->daemon = NULL;
        return false;
    }
    add_handle(s, (uv_handle_t *)&e->poll);
    uv_poll_start(&e->poll, UV_READABLE, on_ready);
    return true;
}

struct http_server *http_server_new(uv_loop_t *loop, const struct http_limits *limits,
                                    http_handler_fn *fn, void *arg, struct cause *c)
{
    struct http_server *s = mem_alloc(sizeof *s);

    s->loop = loop;
    s->limits = *limits;
    s->fn = fn;
    s->arg = arg;
    if (!engine_start(s, PLAIN)) {
        mem_free(s);
        cause_set(c, ERR_MEMORY, "The HTTP server could not be started.");
        return NULL;
    }
    uv_timer_init(loop, &s->kick);
    uv_timer_init(loop, &s->sweep);
    add_handle(s, (uv_handle_t *)&s->kick);
    add_handle(s, (uv_handle_t *)&s->sweep);
    return s;
}

enum err http_server_tls(struct http_server *s, const char *cert, const char *key, struct cause *c)
{
    if (MHD_is_feature_supported(MHD_FEATURE_TLS) != MHD_YES)
        return cause_set(c, ERR_UNSUPPORTED, "The HTTP library of this system speaks no TLS.");
    s->cert = mem_text(cert);
    s->key = mem_text(key);
    if (!engine_start(s, TLS))
        return cause_set(c, ERR_SYNTAX,
                         "The certificate and the key are none, or do not belong to each other.");
    return OK;
}

void http_server_group(struct http_server *s, const char *group)
{
    mem_free(s->group);
    s->group = mem_text(group);
}

enum err http_server_listen(struct http_server *s, const char *where, struct cause *c)
{
    struct listener *l = mem_alloc(sizeof *l);
    enum err e = listen_open(where, s->group, &l->socket, c);

    if (e != OK) {
        mem_free(l);
        return e;
    }
    if (uv_poll_init(s->loop, &l->poll, l->socket.fd) != 0) {
        listen_close(&l->socket);
        mem_free(l);
        return cause_set(c, ERR_IO, "no more descriptors to listen on %s", where);
    }
    l->server = s;
    l->engine = &s->engines[!l->socket.is_unix && s->engines[TLS].daemon != NULL ? TLS : PLAIN];
    l->next = s->listeners;
    s->listeners = l;
    s->handles++;
    l->poll.data = l;
    uv_poll_start(&l->poll, UV_READABLE, on_accept);
    return OK;
}

unsigned http_server_port(const struct http_server *s)
{
    unsigned port = 0;

    for (const struct listener *l = s->listeners; l != NULL; l = l->next)
        if (!l->socket.is_unix)
            port = listen_port(&l->socket);
    return port;
}

uint64_t http_server_turned_away(const struct http_server *s, msec *at)
{
    *at = s->turned_away_at;
    return s->turned_away;
}

bool http_server_url(const struct http_server *s, char *out)
{
    bool any = false;

    for (const struct listener *l = s->listeners; l != NULL; l = l->next)
        if (listen_url(&l->socket, l->engine == &l->server->engines[TLS], out))
            any = true; /* the list begins with the latest */
    return any;
}

static void server_unref(struct http_server *s)
{
    if (--s->handles > 0)
        return;
    mem_free(s->group);
    mem_free(s->cert);
    mem_free_secret(s->key);
    mem_free(s);
}

static void on_handle_closed(uv_handle_t *h)
{
    server_unref(h->data);
}

static void on_listener_closed(uv_handle_t *h)
{
    struct listener *l = h->data;

    server_unref(l->server);
    mem_free(l);
}

void http_server_free(struct http_server *s)
{
    if (s == NULL)
        return;
    s->closing = true;
    for (struct listener *l = s->listeners, *next; l != NULL; l = next) {
        next = l->next;
        uv_poll_stop(&l->poll);
        listen_close(&l->socket);
        uv_close((uv_handle_t *)&l->poll, on_listener_closed);
    }
    /* The library refuses to stop while a connection is suspended. */
    for (struct conn *c = s->conns; c != NULL; c = c->next)
        if (c->call != NULL)
            http_call_abandon(c->call);
    for (int i = 0; i < ENGINES; i++) {
        if (s->engines[i].daemon == NULL)
            continue;
        uv_poll_stop(&s->engines[i].poll);
        MHD_stop_daemon(s->engines[i].daemon);
        uv_close((uv_handle_t *)&s->engines[i].poll, on_handle_closed);
    }
    while (s->arriving != NULL) /* the library closed them without a word */
        conn_free(s, conn_arrived(s, s->arriving->fd));
    uv_close((uv_handle_t *)&s->kick, on_handle_closed);
    uv_close((uv_handle_t *)&s->sweep, on_handle_closed);
}
