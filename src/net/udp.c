/*
 * SPDX-License-Identifier: ISC
 */
#include "net/udp.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "net/http_error.h"
#include "net/sockaddr.h"

/* A socket in the loop, closed after its handle, and whose it is. */
struct socket_link {
    uv_poll_t poll;
    int fd;
    struct udp_ask *ask;
    struct udp_listen *listen;
    struct udp_search *search;
};

struct udp_ask {
    uv_loop_t *loop;
    struct udp_question q;
    char *server;
    void (*fn)(void *arg, const struct udp_answer *answer); /* NULL: stopped or answered */
    void *arg;
    uv_timer_t timer;
    uv_getaddrinfo_t lookup;
    bool looking; /* the lookup's callback is still to come */
    bool closed;  /* the timer's is over */
    struct socket_link *link;
    unsigned sent;
};

static void free_link(uv_handle_t *handle)
{
    struct socket_link *link = handle->data;

    close(link->fd);
    mem_free(link);
}

static void close_link(struct socket_link *link)
{
    if (link != NULL)
        uv_close((uv_handle_t *)&link->poll, free_link);
}

static void free_if_over(struct udp_ask *a)
{
    if (!a->closed || a->looking)
        return;
    mem_free(a->server);
    mem_free(a);
}

static void on_timer_closed(uv_handle_t *handle)
{
    struct udp_ask *a = handle->data;

    a->closed = true;
    free_if_over(a);
}

static void end(struct udp_ask *a)
{
    a->fn = NULL;
    close_link(a->link);
    a->link = NULL;
    if (a->looking)
        uv_cancel((uv_req_t *)&a->lookup);
    uv_close((uv_handle_t *)&a->timer, on_timer_closed);
}

static void answer(struct udp_ask *a, enum net_error error, const uint8_t *bytes, size_t n)
{
    struct udp_answer answer = {.error = error, .bytes = bytes, .len = n};

    if (a->link != NULL)
        answer.has_local = sockaddr_local(a->link->fd, &answer.local);
    a->fn(a->arg, &answer);
    end(a);
}

static void on_wait_over(uv_timer_t *timer);

static void send_again(struct udp_ask *a)
{
    uint64_t wait = (uint64_t)a->q.first_wait << a->sent;

    if (a->sent++ == a->q.tries) {
        answer(a, NET_TIMEOUT, NULL, 0);
        return;
    }
    if (send(a->link->fd, a->q.bytes, a->q.len, MSG_DONTWAIT) < 0 && errno != EAGAIN) {
        answer(a, net_error_from_errno(errno), NULL, 0);
        return;
    }
    uv_timer_start(&a->timer, on_wait_over, wait, 0);
}

static void on_wait_over(uv_timer_t *timer)
{
    send_again(timer->data);
}

static void on_datagram(uv_poll_t *poll, int status, int events)
{
    struct socket_link *link = poll->data;
    struct udp_ask *a = link->ask;
    uint8_t bytes[UDP_ANSWER_MAX];
    ssize_t n = recv(link->fd, bytes, sizeof bytes, MSG_DONTWAIT);

    if (n >= 0 && a->q.accept(a->arg, bytes, (size_t)n))
        answer(a, NET_OK, bytes, (size_t)n);
    else if (n < 0 && errno != EAGAIN && errno != EINTR)
        answer(a, net_error_from_errno(errno), NULL, 0);
}

static struct socket_link *open_link(uv_loop_t *loop, int fd)
{
    struct socket_link *link = mem_alloc(sizeof *link);

    link->fd = fd;
    link->poll.data = link;
    if (uv_poll_init(loop, &link->poll, fd) == 0)
        return link;
    close(fd);
    mem_free(link);
    return NULL;
}

/* Connects to the server; 0 or errno. */
static int connect_to(struct udp_ask *a, const struct sockaddr *sa, socklen_t len)
{
    int fd = socket(sa->sa_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    struct sockaddr_storage own;
    socklen_t own_len = sizeof own;
    struct addr local;

    if (fd < 0)
        return errno;
    int error = outlet_apply(&a->q.outlet, fd, sa->sa_family == AF_INET ? V4 : V6);
    if (error == 0 && connect(fd, sa, len) != 0)
        error = errno;
    if (error != 0) {
        close(fd);
        return error;
    }
    a->link = open_link(a->loop, fd);
    if (a->link == NULL)
        return ENOMEM;
    a->link->ask = a;
    if (a->q.prepare != NULL && getsockname(fd, (struct sockaddr *)&own, &own_len) == 0 &&
        sockaddr_to_addr((struct sockaddr *)&own, &local))
        a->q.prepare(a->arg, a->q.bytes, a->q.len, &local,
                     ntohs(own.ss_family == AF_INET ? ((struct sockaddr_in *)&own)->sin_port
                                                    : ((struct sockaddr_in6 *)&own)->sin6_port));
    uv_poll_start(&a->link->poll, UV_READABLE, on_datagram);
    return 0;
}

static void begin(struct udp_ask *a, const struct sockaddr *sa, socklen_t len)
{
    int error = connect_to(a, sa, len);

    if (error != 0)
        answer(a, net_error_from_errno(error), NULL, 0);
    else
        send_again(a);
}

static void on_literal(uv_timer_t *timer)
{
    struct udp_ask *a = timer->data;
    struct sockaddr_storage ss;
    struct addr server;

    addr_parse(a->server, &server);
    socklen_t len = sockaddr_from_addr(&ss, &server, a->q.port);
    begin(a, (struct sockaddr *)&ss, len);
}

static void on_looked_up(uv_getaddrinfo_t *req, int status, struct addrinfo *found)
{
    struct udp_ask *a = req->data;

    a->looking = false;
    if (a->fn == NULL) {
        free_if_over(a);
    } else if (status != 0 || found == NULL) {
        answer(a, net_error_from_lookup(status), NULL, 0);
    } else {
        struct sockaddr_storage ss;
        struct addr server;
        sockaddr_to_addr(found->ai_addr, &server);
        socklen_t len = sockaddr_from_addr(&ss, &server, a->q.port);
        begin(a, (struct sockaddr *)&ss, len);
    }
    uv_freeaddrinfo(found);
}

static void on_no_name(uv_timer_t *timer)
{
    answer(timer->data, NET_NO_NAME, NULL, 0);
}

static void look_up(struct udp_ask *a)
{
    enum { LOOKUP_WAIT = 5 * SECOND };
    struct addrinfo hints = {.ai_socktype = SOCK_DGRAM, .ai_family = AF_UNSPEC};

    if (a->q.family >= 0)
        hints.ai_family = a->q.family == V4 ? AF_INET : AF_INET6;
    a->lookup.data = a;
    a->looking = uv_getaddrinfo(a->loop, &a->lookup, on_looked_up, a->server, NULL, &hints) == 0;
    uv_timer_start(&a->timer, on_no_name, a->looking ? LOOKUP_WAIT : 0, 0);
}

struct udp_ask *udp_ask_start(uv_loop_t *loop, const struct udp_question *q,
                              void (*fn)(void *arg, const struct udp_answer *answer), void *arg)
{
    struct udp_ask *a = mem_alloc(sizeof *a);
    struct addr literal;

    *a = (struct udp_ask){.loop = loop, .q = *q, .fn = fn, .arg = arg};
    a->server = mem_text(q->server);
    a->q.server = a->server;
    uv_timer_init(loop, &a->timer);
    a->timer.data = a;
    if (addr_parse(a->server, &literal))
        uv_timer_start(&a->timer, on_literal, 0, 0); /* from the loop */
    else
        look_up(a);
    return a;
}

void udp_ask_stop(struct udp_ask *a)
{
    if (a != NULL)
        end(a);
}

/* One datagram from whoever sent it. */
static void receive(const struct socket_link *link,
                    void (*fn)(void *arg, const struct addr *from, const uint8_t *bytes, size_t n),
                    void *arg)
{
    uint8_t bytes[UDP_ANSWER_MAX];
    struct sockaddr_storage ss;
    socklen_t len = sizeof ss;
    struct addr from;
    ssize_t n = recvfrom(link->fd, bytes, sizeof bytes, MSG_DONTWAIT, (struct sockaddr *)&ss, &len);

    if (n >= 0 && sockaddr_to_addr((struct sockaddr *)&ss, &from))
        fn(arg, &from, bytes, (size_t)n);
}

/* --- listening --- */

struct udp_listen {
    struct socket_link *link;
    void (*fn)(void *arg, const struct addr *from, const uint8_t *bytes, size_t n);
    void *arg;
};

static void on_announcement(uv_poll_t *poll, int status, int events)
{
    struct socket_link *link = poll->data;

    receive(link, link->listen->fn, link->listen->arg);
}

struct udp_listen *udp_listen_new(uv_loop_t *loop, const char *group, uint16_t port,
                                  void (*fn)(void *arg, const struct addr *from,
                                             const uint8_t *bytes, size_t n),
                                  void *arg)
{
    struct sockaddr_in any = {.sin_family = AF_INET, .sin_port = htons(port)};
    struct ip_mreqn membership = {.imr_ifindex = 0};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), one = 1;

    /* Others on this machine may listen, too. 224.0.0.1 is every host's, so joining may be refused
     * without harm. */
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) != 0 ||
        bind(fd, (struct sockaddr *)&any, sizeof any) != 0) {
        if (fd >= 0)
            close(fd);
        return NULL;
    }
    inet_pton(AF_INET, group, &membership.imr_multiaddr);
    setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &membership, sizeof membership);

    struct udp_listen *l = mem_alloc(sizeof *l);
    *l = (struct udp_listen){.fn = fn, .arg = arg, .link = open_link(loop, fd)};
    if (l->link == NULL) {
        mem_free(l);
        return NULL;
    }
    l->link->listen = l;
    uv_poll_start(&l->link->poll, UV_READABLE, on_announcement);
    uv_unref((uv_handle_t *)&l->link->poll);
    return l;
}

void udp_listen_free(struct udp_listen *l)
{
    if (l == NULL)
        return;
    close_link(l->link);
    mem_free(l);
}

/* --- searching --- */

struct udp_search {
    struct socket_link *link;
    struct sockaddr_in group;
    void (*fn)(void *arg, const struct addr *from, const uint8_t *bytes, size_t n);
    void *arg;
};

static void on_found(uv_poll_t *poll, int status, int events)
{
    struct socket_link *link = poll->data;

    receive(link, link->search->fn, link->search->arg);
}

/* Ties the socket to where the search leaves. */
static int prepare_search(int fd, const struct udp_search_at *at)
{
    struct in_addr local;
    unsigned char hops = (unsigned char)at->hops;
    int error = outlet_apply(&at->outlet, fd, V4);

    if (error != 0)
        return error;
    memcpy(&local, at->local.bytes, sizeof local);
    if (setsockopt(fd, IPPROTO_IP, IP_MULTICAST_TTL, &hops, sizeof hops) != 0 ||
        (at->has_local && setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, &local, sizeof local) != 0))
        return errno;
    return 0;
}

struct udp_search *udp_search_new(uv_loop_t *loop, const struct udp_search_at *at,
                                  void (*fn)(void *arg, const struct addr *from,
                                             const uint8_t *bytes, size_t n),
                                  void *arg)
{
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    struct sockaddr_in group = {.sin_family = AF_INET, .sin_port = htons(at->port)};

    if (fd < 0)
        return NULL;
    if (prepare_search(fd, at) != 0 || inet_pton(AF_INET, at->group, &group.sin_addr) != 1) {
        close(fd);
        return NULL;
    }
    struct udp_search *s = mem_alloc(sizeof *s);
    *s = (struct udp_search){.fn = fn, .arg = arg, .group = group, .link = open_link(loop, fd)};
    if (s->link == NULL) {
        mem_free(s);
        return NULL;
    }
    s->link->search = s;
    uv_poll_start(&s->link->poll, UV_READABLE, on_found);
    return s;
}

bool udp_search_send(struct udp_search *s, const void *bytes, size_t n)
{
    return sendto(s->link->fd, bytes, n, MSG_DONTWAIT, (const struct sockaddr *)&s->group,
                  sizeof s->group) == (ssize_t)n;
}

void udp_search_free(struct udp_search *s)
{
    if (s == NULL)
        return;
    close_link(s->link);
    mem_free(s);
}
