/*
 * SPDX-License-Identifier: ISC
 */
#include "net/lane.h"

#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "net/sockaddr.h"

enum {
    IDLE_TIME = 2 * MINUTE, /* curl itself drops kept connections after 118 s */
    KEPT_CONNECTIONS = 64   /* idle ones a lane keeps at most */
};

/*
 * A socket in the loop. Those of connections stay from their first request to closing: curl lets a
 * kept one go and takes it up again at every request, and to stay registered spares six calls of
 * the system. Others are closed behind our back, so they stay only as long as curl asks: those of
 * name look-ups, and those of attempts to connect that come to nothing, for which curl 7.88 calls
 * no callback (an attempt that took too long, the slower one of two addresses). What the loop kept
 * of them would stand in the way of the next socket with that number, whoever's it is.
 */
struct watch {
    uv_poll_t poll;
    struct lane *lane;
    struct watch *next; /* of the lane */
    curl_socket_t fd;
    int events;  /* what it is registered for */
    bool wanted; /* curl wants to hear of it */
    bool kept;   /* a connection's that served a request */
    bool inside; /* the loop knows it */
};

/* Hands over what curl calls done. Each turn asks anew, since a receiver may remove others. */
static void collect(struct lane *lane)
{
    CURLMsg *message;
    int left;

    while ((message = curl_multi_info_read(lane->multi, &left)) != NULL)
        if (message->msg == CURLMSG_DONE)
            lane->owner->finished(message->easy_handle, message->data.result);
}

static void on_socket_ready(uv_poll_t *poll, int status, int events)
{
    struct watch *w = poll->data;
    struct lane *lane = w->lane;
    int flags = 0, running;

    if (!w->wanted) { /* an idle connection was closed by its server, say: curl looks before use */
        w->events = 0;
        uv_poll_stop(poll);
        return;
    }
    if (status < 0) {
        /* The loop has let it go. An answer may have come before the error, so curl is to read. */
        w->events = 0;
        flags = CURL_CSELECT_IN | CURL_CSELECT_OUT;
    }
    if (events & UV_READABLE)
        flags |= CURL_CSELECT_IN;
    if (events & UV_WRITABLE)
        flags |= CURL_CSELECT_OUT;
    curl_multi_socket_action(lane->multi, w->fd, flags, &running);
    collect(lane);
}

static void on_timer(uv_timer_t *timer)
{
    struct lane *lane = timer->data;
    int running;

    curl_multi_socket_action(lane->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    collect(lane);
}

static int set_timer(CURLM *multi, long ms, void *arg)
{
    struct lane *lane = arg;

    if (ms < 0) {
        uv_timer_stop(&lane->timer);
    } else {
        uv_update_time(lane->timer.loop);
        uv_timer_start(&lane->timer, on_timer, (uint64_t)ms, 0);
    }
    return 0;
}

static void free_watch(uv_handle_t *handle)
{
    mem_free(handle->data);
}

static struct watch **find_watch(struct lane *lane, curl_socket_t fd)
{
    struct watch **at = &lane->watches;

    while (*at != NULL && (*at)->fd != fd)
        at = &(*at)->next;
    return at;
}

static struct watch *add_watch(struct lane *lane, curl_socket_t fd)
{
    struct watch *w = mem_alloc(sizeof *w);

    *w = (struct watch){.lane = lane, .fd = fd, .next = lane->watches};
    w->poll.data = w;
    lane->watches = w;
    return w;
}

static void drop_watch(struct lane *lane, curl_socket_t fd)
{
    struct watch **at = find_watch(lane, fd), *w = *at;

    if (w == NULL)
        return;
    *at = w->next;
    if (w->inside)
        uv_close((uv_handle_t *)&w->poll, free_watch);
    else
        mem_free(w);
}

static bool take_in(struct watch *w)
{
    w->inside = w->inside || uv_poll_init_socket(w->lane->timer.loop, &w->poll, w->fd) == 0;
    w->poll.data = w;
    return w->inside;
}

/* The socket of the connection that the request was done by, and that curl keeps. */
static curl_socket_t kept_socket(CURL *easy)
{
    curl_socket_t fd = CURL_SOCKET_BAD;

    curl_easy_getinfo(easy, CURLINFO_ACTIVESOCKET, &fd);
    return fd;
}

static int set_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *socket_arg)
{
    struct lane *lane = arg;
    struct watch *w = *find_watch(lane, fd);

    if (what == CURL_POLL_REMOVE) {
        if (w != NULL && !w->kept)
            w->kept = kept_socket(easy) == fd; /* close_socket() tells its end */
        if (w == NULL || !w->kept) {
            drop_watch(lane, fd);
        } else if (w->wanted) {
            w->wanted = false;
            uv_unref((uv_handle_t *)&w->poll);
        }
        return 0;
    }
    if (w == NULL)
        w = add_watch(lane, fd);
    if (!take_in(w)) {
        drop_watch(lane, fd);
        return -1;
    }
    int events = 0;
    if (what & CURL_POLL_IN)
        events |= UV_READABLE;
    if (what & CURL_POLL_OUT)
        events |= UV_WRITABLE;
    w->wanted = true;
    uv_ref((uv_handle_t *)&w->poll);
    if (events == w->events)
        return 0;
    w->events = events;
    return uv_poll_start(&w->poll, events, on_socket_ready) == 0 ? 0 : -1;
}

static int close_socket(void *arg, curl_socket_t fd)
{
    drop_watch(arg, fd);
    return close(fd);
}

void lane_cut(struct lane *lane)
{
    struct addr local;

    for (struct watch *w = lane->watches; w != NULL; w = w->next)
        if (sockaddr_local(w->fd, &local) && sockaddr_gone(&local)) {
            shutdown(w->fd, SHUT_RDWR); /* curl sees its end */
            lane->cut = true;
        }
}

struct lane *lane_new(uv_loop_t *loop, const struct outlet *outlet, int family,
                      unsigned connections, const struct lane_owner *owner, void *owner_arg)
{
    struct lane *lane = mem_alloc(sizeof *lane);

    *lane = (struct lane){.outlet = *outlet,
                          .family = family,
                          .connections = connections,
                          .owner = owner,
                          .owner_arg = owner_arg,
                          .turns = turns_new(connections, owner->go),
                          .multi = curl_multi_init()};
    uv_timer_init(loop, &lane->timer);
    uv_timer_init(loop, &lane->idle);
    uv_unref((uv_handle_t *)&lane->idle);
    lane->timer.data = lane->idle.data = lane;
    lane->open = 2;
    curl_multi_setopt(lane->multi, CURLMOPT_SOCKETFUNCTION, set_socket);
    curl_multi_setopt(lane->multi, CURLMOPT_SOCKETDATA, lane);
    curl_multi_setopt(lane->multi, CURLMOPT_TIMERFUNCTION, set_timer);
    curl_multi_setopt(lane->multi, CURLMOPT_TIMERDATA, lane);
    curl_multi_setopt(lane->multi, CURLMOPT_MAX_HOST_CONNECTIONS, (long)connections);
    curl_multi_setopt(lane->multi, CURLMOPT_MAXCONNECTS, (long)KEPT_CONNECTIONS);
    curl_multi_setopt(lane->multi, CURLMOPT_PIPELINING, CURLPIPE_MULTIPLEX);
    return lane;
}

static void on_closed(uv_handle_t *handle)
{
    struct lane *lane = handle->data;

    if (--lane->open == 0)
        mem_free(lane);
}

static void on_idle(uv_timer_t *timer)
{
    struct lane *lane = timer->data;

    lane->owner->idled(lane->owner_arg, lane);
}

void lane_free(struct lane *lane)
{
    turns_free(lane->turns);
    curl_multi_cleanup(lane->multi); /* may still take sockets and the timer back */
    while (lane->watches != NULL)
        drop_watch(lane, lane->watches->fd);
    uv_close((uv_handle_t *)&lane->timer, on_closed);
    uv_close((uv_handle_t *)&lane->idle, on_closed);
}

void lane_enter(struct lane *lane)
{
    lane->calls++;
    uv_timer_stop(&lane->idle);
}

struct carrier *lane_take(struct lane *lane)
{
    struct carrier *c = lane->spare;

    if (c == NULL)
        return carrier_new();
    lane->spare = c->next;
    return c;
}

void lane_give(struct lane *lane, struct carrier *c)
{
    c->next = lane->spare;
    lane->spare = c;
}

void lane_leave(struct lane *lane)
{
    if (--lane->calls > 0)
        return;
    while (lane->spare != NULL)
        carrier_free(lane_take(lane));
    uv_timer_start(&lane->idle, on_idle, lane->retired ? 0 : IDLE_TIME, 0);
}

bool lane_add(struct lane *lane, CURL *easy)
{
    curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, close_socket);
    curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, lane);
    return curl_multi_add_handle(lane->multi, easy) == CURLM_OK;
}

void lane_remove(struct lane *lane, CURL *easy)
{
    curl_multi_remove_handle(lane->multi, easy);
}
