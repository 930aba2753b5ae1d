/*
 * SPDX-License-Identifier: ISC
 */
#include "net/ifwatch.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "net/rtnl.h"

/*
 * Two sockets: events arrive on one and are applied to the table as they come; dumps are asked for
 * on the other and fill a table of their own, which then replaces the first. An event that arrives
 * while a dump goes on may be newer or older than what the dump tells, so that dump is made again:
 * at once a few times, then with a pause, until one was not disturbed.
 */
enum {
    RECEIVE_ROOM = 1 << 20, /* of the event socket in the kernel */
    MESSAGE_ROOM = 64 * 1024,
    TRIES = 5,  /* of a disturbed dump before its result is taken for now */
    PAUSE = 300 /* ms; then another is made */
};

/* What a look asks for, in this order. */
static const struct {
    uint16_t type;
    size_t header; /* each begins with the family and is zero for "all" */
} dumps[] = {
    {RTM_GETLINK, sizeof(struct ifinfomsg)},
    {RTM_GETADDR, sizeof(struct ifaddrmsg)},
    {RTM_GETROUTE, sizeof(struct rtmsg)},
    {RTM_GETNEIGH, sizeof(struct ndmsg)}, /* once somebody wants to know of gateways */
};
enum { DUMPS = sizeof dumps / sizeof dumps[0] };

struct channel {
    uv_poll_t poll;
    int fd;
    struct ifwatch *watch;
};

struct ifwatch {
    uv_loop_t *loop;
    void (*changed)(void *arg);
    void (*routed)(void *arg); /* or NULL */
    void *arg;
    struct channel *events, *answers;
    struct iftable table, coming;
    bool complete;   /* the table is */
    bool looking;    /* "coming" is being filled */
    bool look_again; /* what was found meanwhile is not to be trusted */
    bool disturbed;  /* this dump was */
    bool gateways;   /* neighbours are heard, too */
    unsigned step, seq, tries;
    uv_timer_t *again; /* owned by the loop */
};

static int open_socket(unsigned groups)
{
    struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_groups = groups};
    int room = RECEIVE_ROOM;
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);

    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
    if (bind(fd, (struct sockaddr *)&address, sizeof address) != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

/* One datagram of the kernel's. -1 with errno; others' datagrams are EAGAIN. */
static ssize_t receive(int fd, void *bytes, size_t room)
{
    struct sockaddr_nl from;
    struct iovec part = {bytes, room};
    struct msghdr m = {
        .msg_name = &from, .msg_namelen = sizeof from, .msg_iov = &part, .msg_iovlen = 1};
    ssize_t n = recvmsg(fd, &m, MSG_DONTWAIT);

    if (n >= 0 && (from.nl_pid != 0 || (m.msg_flags & MSG_TRUNC))) {
        errno = from.nl_pid != 0 ? EINTR : ENOBUFS;
        return -1;
    }
    return n;
}

static bool ask(int fd, unsigned step, unsigned seq)
{
    char bytes[256];
    struct nlmsghdr *h = mnl_nlmsg_put_header(bytes);
    struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};

    h->nlmsg_type = dumps[step].type;
    h->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
    h->nlmsg_seq = seq;
    mnl_nlmsg_put_extra_header(h, dumps[step].header);
    return sendto(fd, h, h->nlmsg_len, 0, (struct sockaddr *)&kernel, sizeof kernel) ==
           (ssize_t)h->nlmsg_len;
}

/* --- looking: dump after dump into w->coming --- */

static void ask_step(struct ifwatch *w)
{
    if (++w->seq == 0)
        w->seq = 1;
    if (!ask(w->answers->fd, w->step, w->seq)) {
        log_warning(NULL, "the kernel does not list its interfaces: %s", strerror(errno));
        w->looking = false;
        uv_unref((uv_handle_t *)&w->answers->poll);
    }
}

static void on_again(uv_timer_t *timer)
{
    ifwatch_look(timer->data);
}

static void end_look(struct ifwatch *w)
{
    bool changed = !w->complete || !iftable_same(&w->table, &w->coming);

    w->looking = false;
    uv_unref((uv_handle_t *)&w->answers->poll);
    iftable_free(&w->table);
    w->table = w->coming;
    iftable_init(&w->coming);
    w->complete = true;
    if (w->disturbed || w->look_again)
        uv_timer_start(w->again, on_again, PAUSE, 0);
    if (changed)
        w->changed(w->arg);
}

static void begin_look(struct ifwatch *w)
{
    w->looking = true;
    uv_ref((uv_handle_t *)&w->answers->poll); /* listening keeps no program alive, asking does */
    w->look_again = w->disturbed = false;
    w->step = 0;
    iftable_free(&w->coming);
    ask_step(w);
}

static void next_step(struct ifwatch *w)
{
    if ((w->disturbed || w->look_again) && w->tries++ < TRIES) {
        begin_look(w);
    } else if (++w->step < (w->gateways ? DUMPS : DUMPS - 1)) {
        ask_step(w);
    } else {
        w->tries = 0;
        end_look(w);
    }
}

static void on_answers(uv_poll_t *poll, int status, int events)
{
    static union {
        char bytes[MESSAGE_ROOM];
        struct nlmsghdr aligned;
    } m;
    struct channel *c = poll->data;
    struct ifwatch *w = c->watch;

    for (;;) {
        ssize_t n = receive(c->fd, m.bytes, sizeof m.bytes);
        if (n < 0) {
            if (errno == EAGAIN)
                return;
            if (errno == EINTR)
                continue;
            w->disturbed = true; /* ENOBUFS */
            next_step(w);
            return;
        }
        if (!w->looking)
            continue;
        struct rtnl_result r = rtnl_apply(&w->coming, m.bytes, (size_t)n, w->seq, clock_now().mono);
        w->disturbed = w->disturbed || r.failed;
        if (r.done || r.failed)
            next_step(w);
    }
}

static void on_events(uv_poll_t *poll, int status, int events)
{
    static union {
        char bytes[MESSAGE_ROOM];
        struct nlmsghdr aligned;
    } m;
    struct channel *c = poll->data;
    struct ifwatch *w = c->watch;
    bool changed = false, routed = false;

    for (;;) {
        ssize_t n = receive(c->fd, m.bytes, sizeof m.bytes);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno == EAGAIN)
            break;
        if (n < 0) { /* ENOBUFS: events were lost */
            routed = true;
            ifwatch_look(w);
            break;
        }
        struct rtnl_result r = rtnl_apply(&w->table, m.bytes, (size_t)n, 0, clock_now().mono);
        changed = changed || r.changed;
        routed = routed || r.routes;
        w->look_again = w->look_again || (w->looking && r.tables);
    }
    if (changed && w->complete)
        w->changed(w->arg);
    if (routed && w->routed != NULL)
        w->routed(w->arg);
}

/* --- life --- */

static struct channel *open_channel(struct ifwatch *w, unsigned groups, uv_poll_cb fn)
{
    struct channel *c = mem_alloc(sizeof *c);

    c->watch = w;
    c->fd = open_socket(groups);
    if (c->fd < 0 || uv_poll_init(w->loop, &c->poll, c->fd) != 0) {
        log_warning(NULL, "the kernel's word on interfaces cannot be heard: %s", strerror(errno));
        if (c->fd >= 0)
            close(c->fd);
        mem_free(c);
        return NULL;
    }
    c->poll.data = c;
    uv_poll_start(&c->poll, UV_READABLE, fn);
    uv_unref((uv_handle_t *)&c->poll);
    return c;
}

static void free_channel(uv_handle_t *handle)
{
    struct channel *c = handle->data;

    close(c->fd);
    mem_free(c);
}

static void close_channel(struct channel *c)
{
    if (c != NULL)
        uv_close((uv_handle_t *)&c->poll, free_channel);
}

struct ifwatch *ifwatch_new(uv_loop_t *loop, void (*changed)(void *arg), void *arg)
{
    enum {
        GROUPS = RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR | RTMGRP_IPV4_ROUTE |
                 RTMGRP_IPV6_ROUTE
    };
    struct ifwatch *w = mem_alloc(sizeof *w);

    *w = (struct ifwatch){.loop = loop, .changed = changed, .arg = arg};
    w->again = mem_alloc(sizeof *w->again);
    uv_timer_init(loop, w->again);
    w->again->data = w;
    w->events = open_channel(w, GROUPS, on_events);
    w->answers = open_channel(w, 0, on_answers);
    ifwatch_look(w);
    return w;
}

static void free_handle(uv_handle_t *handle)
{
    mem_free(handle);
}

void ifwatch_free(struct ifwatch *w)
{
    if (w == NULL)
        return;
    uv_close((uv_handle_t *)w->again, free_handle);
    close_channel(w->events);
    close_channel(w->answers);
    iftable_free(&w->table);
    iftable_free(&w->coming);
    mem_free(w);
}

const struct iftable *ifwatch_table(const struct ifwatch *w)
{
    return w->complete ? &w->table : NULL;
}

bool ifwatch_works(const struct ifwatch *w)
{
    return w->answers != NULL;
}

void ifwatch_gateways(struct ifwatch *w)
{
    int group = RTNLGRP_NEIGH;

    if (w->gateways || w->events == NULL)
        return;
    w->gateways = true;
    if (setsockopt(w->events->fd, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof group) != 0)
        log_debug(NULL, "the kernel does not tell of neighbours: %s", strerror(errno));
    ifwatch_look(w);
}

void ifwatch_routes(struct ifwatch *w, void (*routed)(void *arg))
{
    w->routed = routed;
}

void ifwatch_look(struct ifwatch *w)
{
    if (w->answers == NULL)
        return;
    if (w->looking)
        w->look_again = true;
    else
        begin_look(w);
}
