/*
 * SPDX-License-Identifier: ISC
 */
#include "net/dns.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/text.h"
#include "net/http_error.h"
#include "net/outlet.h"
#include "net/sockaddr.h"

enum {
    HEADER = 12,
    MESSAGE_MAX = 65535,
    SERVERS_MAX = 8,         /* addresses of one server that are tried */
    ROUNDS = 3,              /* of UDP, waiting 1, 2 and 4 s */
    WRITE_WAIT = 5 * SECOND, /* for the answer to a write by UDP */
    PORT = 53,
};

struct dns_call {
    uv_loop_t *loop;
    const struct request *request;
    struct reply *reply;
    void (*done)(void *arg);
    void *arg;
    struct outlet outlet;
    uint64_t started, timeout; /* uv_now() and length */
    uv_timer_t timer;
    struct lookup *lookup;
    struct addr servers[SERVERS_MAX];
    size_t server_count;
    unsigned attempt;      /* of UDP, or connections of TCP */
    enum net_error reason; /* why attempts so far came to nothing */
    unsigned reached;      /* servers that there was a way to, as bits */
    bool way_lost;         /* to one of them */
    bool tcp;
    struct link *link;      /* the socket in use */
    uint8_t *wire;          /* 2 bytes of length for TCP, then the message as sent */
    struct buf got;         /* TCP: what has come */
    size_t written;         /* TCP: bytes that have left */
    const struct addr *now; /* the server in use */
};

/* A socket in the loop; closed after its handle. */
struct link {
    uv_poll_t poll;
    int fd;
    struct dns_call *call;
};

struct lookup {
    uv_getaddrinfo_t req;
    struct dns_call *call; /* NULL when nobody waits any more */
};

static void attempt_next(struct dns_call *call);

/* --- the message --- */

static unsigned word(const uint8_t *p)
{
    return (unsigned)p[0] << 8 | p[1];
}

/* The end of the question section, or 0 when there is none to trust. Names in a question are not
 * compressed. */
static size_t question_end(const uint8_t *message, size_t len)
{
    size_t at = HEADER;

    for (unsigned n = word(message + 4); n > 0; n--) {
        while (at < len && message[at] != 0) {
            if (message[at] > 63)
                return 0;
            at += 1u + message[at];
        }
        at += 1 + 4; /* the root label, type, class */
        if (at > len)
            return 0;
    }
    return at;
}

bool dns_answers(const uint8_t *query, size_t query_len, const uint8_t *answer, size_t answer_len)
{
    enum { OPCODE = 0x78, RESPONSE = 0x80, UPDATE = 5 << 3 };
    size_t end;

    if (query_len < HEADER || answer_len < HEADER)
        return false;
    if (word(query) != word(answer) || !(answer[2] & RESPONSE) ||
        (query[2] & OPCODE) != (answer[2] & OPCODE))
        return false;
    if (word(answer + 4) == 0)
        return (answer[3] & 0x0f) != 0 || (answer[2] & OPCODE) == UPDATE;
    end = question_end(query, query_len);
    if (end == 0 || end != question_end(answer, answer_len) || word(query + 4) != word(answer + 4))
        return false;
    for (size_t i = HEADER; i < end; i++) /* names compare without case; so may the rest */
        if (text_lower((char)query[i]) != text_lower((char)answer[i]))
            return false;
    return true;
}

static void random_id(uint8_t *id)
{
    while (getrandom(id, 2, 0) != 2)
        ;
}

/* --- the end --- */

static void free_link(uv_handle_t *handle)
{
    struct link *link = handle->data;

    close(link->fd);
    mem_free(link);
}

static void close_link(struct dns_call *call)
{
    if (call->link == NULL)
        return;
    uv_poll_stop(&call->link->poll);
    uv_close((uv_handle_t *)&call->link->poll, free_link);
    call->link = NULL;
}

static void free_call(uv_handle_t *handle)
{
    mem_free(handle->data);
}

static void close_call(struct dns_call *call)
{
    close_link(call);
    if (call->lookup != NULL) {
        call->lookup->call = NULL;
        uv_cancel((uv_req_t *)&call->lookup->req);
    }
    if (call->wire != NULL)
        mem_wipe(call->wire, 2 + call->request->wire_len);
    mem_free(call->wire);
    buf_wipe(&call->got);
    uv_close((uv_handle_t *)&call->timer, free_call);
}

static void finish(struct dns_call *call, enum net_error error)
{
    void (*done)(void *arg) = call->done;
    void *arg = call->arg;

    call->reply->error = error;
    close_call(call);
    done(arg);
}

/* Our end of the attempt under way is gone. */
static bool link_gone(const struct dns_call *call)
{
    struct addr local;

    return call->link != NULL && sockaddr_local(call->link->fd, &local) && sockaddr_gone(&local);
}

static void fail_attempt(struct dns_call *call, enum net_error error)
{
    call->way_lost = call->way_lost || link_gone(call);
    close_link(call);
    /* The best reason wins: one that says a server is there over one that says nothing is. */
    if (call->reason == NET_OK || call->reason == NET_NO_ROUTE)
        call->reason = error;
    attempt_next(call);
}

static void accept_answer(struct dns_call *call, const uint8_t *message, size_t len)
{
    struct reply *reply = call->reply;

    reply->sent = SENT_YES;
    reply->has_local = sockaddr_local(call->link->fd, &reply->local);
    reply->has_peer = sockaddr_peer(call->link->fd, &reply->peer);
    reply->body.max = MESSAGE_MAX;
    buf_add(&reply->body, message, len);
    memcpy(reply->body.data, call->request->wire, 2);
    finish(call, NET_OK);
}

/* --- UDP --- */

static void on_datagram(uv_poll_t *poll, int status, int events)
{
    enum { TRUNCATED = 0x02 };
    struct link *link = poll->data;
    struct dns_call *call = link->call;
    uint8_t message[MESSAGE_MAX];
    ssize_t n = recv(link->fd, message, sizeof message, MSG_DONTWAIT);

    if (n < 0) {
        int error = errno;
        if (error == EAGAIN || error == EINTR)
            return;
        if (error == ECONNREFUSED)
            call->reply->sent = SENT_NO; /* nobody listens there */
        fail_attempt(call, net_error_from_errno(error));
        return;
    }
    if (!dns_answers(call->wire + 2, call->request->wire_len, message, (size_t)n))
        return;
    if ((message[2] & TRUNCATED) && !call->request->writes) {
        close_link(call);
        call->tcp = true;
        call->attempt = 0;
        call->servers[0] = *call->now;
        call->server_count = 1;
        attempt_next(call);
        return;
    }
    accept_answer(call, message, (size_t)n);
}

/* --- TCP --- */

static void read_stream(struct dns_call *call)
{
    uint8_t bytes[4096];
    ssize_t n = recv(call->link->fd, bytes, sizeof bytes, MSG_DONTWAIT);

    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n <= 0) {
        fail_attempt(call, n == 0 ? NET_RESET : net_error_from_errno(errno));
        return;
    }
    if (!buf_add(&call->got, bytes, (size_t)n)) {
        fail_attempt(call, NET_PROTOCOL);
        return;
    }
    const uint8_t *got = (const uint8_t *)call->got.data;
    if (call->got.len < 2 || call->got.len < 2 + word(got))
        return;
    if (dns_answers(call->wire + 2, call->request->wire_len, got + 2, word(got)))
        accept_answer(call, got + 2, word(got));
    else
        fail_attempt(call, NET_PROTOCOL);
}

static void on_stream(uv_poll_t *poll, int status, int events);

/* What the connection takes now; errno when that is nothing. */
static int write_more(struct dns_call *call)
{
    size_t left = 2 + call->request->wire_len - call->written;
    ssize_t n = send(call->link->fd, call->wire + call->written, left, MSG_DONTWAIT | MSG_NOSIGNAL);

    if (n < 0)
        return errno;
    call->reply->sent = SENT_MAYBE;
    call->written += (size_t)n;
    return 0;
}

static void await_stream(struct dns_call *call)
{
    bool all = call->written == 2 + call->request->wire_len;
    uv_poll_start(&call->link->poll, all ? UV_READABLE : UV_WRITABLE, on_stream);
}

static bool waits(int error)
{
    return error == EAGAIN || error == EINTR;
}

/* A server that is near is connected already, which spares a turn of the loop. 0 or errno. */
static int begin_stream(struct dns_call *call)
{
    call->written = 0;
    buf_clear(&call->got);
    int error = write_more(call);
    if (error != 0 && !waits(error))
        return error;
    await_stream(call);
    return 0;
}

static void write_stream(struct dns_call *call)
{
    int error = 0;
    socklen_t len = sizeof error;

    if (call->written == 0 && getsockopt(call->link->fd, SOL_SOCKET, SO_ERROR, &error, &len) == 0 &&
        error != 0) {
        fail_attempt(call, net_error_from_errno(error));
        return;
    }
    error = write_more(call);
    if (error != 0 && !waits(error))
        fail_attempt(call, net_error_from_errno(error));
    else
        await_stream(call);
}

static void on_stream(uv_poll_t *poll, int status, int events)
{
    struct link *link = poll->data;

    if (events & UV_WRITABLE)
        write_stream(link->call);
    else
        read_stream(link->call);
}

/* --- attempts --- */

/* A connected (or connecting) socket to the server; 0 or errno. */
static int open_link(struct dns_call *call, const struct addr *server)
{
    int type = call->tcp ? SOCK_STREAM : SOCK_DGRAM;
    struct sockaddr_storage ss;
    socklen_t len =
        sockaddr_from_addr(&ss, server, call->request->port != 0 ? call->request->port : PORT);
    int fd = socket(ss.ss_family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (fd < 0)
        return errno;
    int error = outlet_apply(&call->outlet, fd, server->family);
    if (error == 0 && connect(fd, (struct sockaddr *)&ss, len) != 0 && errno != EINPROGRESS)
        error = errno;
    if (error != 0) {
        close(fd);
        return error;
    }
    struct link *link = mem_alloc(sizeof *link);
    *link = (struct link){.fd = fd, .call = call};
    if (uv_poll_init(call->loop, &link->poll, fd) != 0) { /* the loop has no room for it */
        close(fd);
        mem_free(link);
        return EMFILE;
    }
    link->poll.data = link;
    call->link = link;
    call->now = server;
    call->reply->connects++;
    return 0;
}

static bool send_datagram(struct dns_call *call)
{
    struct link *link = call->link;

    if (!call->request->keep_id)
        random_id(call->wire + 2);
    if (send(link->fd, call->wire + 2, call->request->wire_len, MSG_DONTWAIT) < 0)
        return false;
    call->reply->sent = SENT_MAYBE;
    return uv_poll_start(&link->poll, UV_READABLE, on_datagram) == 0;
}

static void on_waited(uv_timer_t *timer)
{
    fail_attempt(timer->data, NET_TIMEOUT);
}

static uint64_t time_left(const struct dns_call *call)
{
    uint64_t gone = uv_now(call->loop) - call->started;

    return gone < call->timeout ? call->timeout - gone : 0;
}

/* How many attempts there are. After a write may have left, none by UDP or TCP. */
static bool may_try(const struct dns_call *call)
{
    if (call->request->writes && call->reply->sent != SENT_NO)
        return false;
    return call->attempt < call->server_count * (call->tcp ? 1 : ROUNDS) && time_left(call) > 0;
}

static void attempt_next(struct dns_call *call)
{
    while (may_try(call)) {
        unsigned n = call->attempt++;
        unsigned round = n / (unsigned)call->server_count;
        uint64_t wait = time_left(call);
        int error = open_link(call, &call->servers[n % call->server_count]);

        if (error == 0) {
            error = call->tcp ? begin_stream(call) : send_datagram(call) ? 0 : errno;
            if (error != 0)
                close_link(call);
        }
        unsigned server = 1u << n % call->server_count;
        if (error != 0) {
            enum net_error reason = net_error_from_errno(error);
            call->way_lost = call->way_lost || (reason == NET_NO_ROUTE && (call->reached & server));
            if (call->reason == NET_OK || call->reason == NET_NO_ROUTE)
                call->reason = reason;
            continue;
        }
        call->reached |= server;
        if (!call->tcp) {
            uint64_t most = call->request->writes ? WRITE_WAIT : (uint64_t)SECOND << round;
            wait = wait < most ? wait : most;
        }
        uv_timer_start(&call->timer, on_waited, wait, 0);
        return;
    }
    enum net_error reason = call->reason != NET_OK ? call->reason : NET_TIMEOUT;
    /* Our address went while its answer was awaited: the silence says nothing of the server. */
    bool silent = reason == NET_TIMEOUT || reason == NET_RESET;
    finish(call, silent && call->way_lost ? NET_NO_ROUTE : reason);
}

/* --- the server's addresses --- */

static void on_looked_up(uv_getaddrinfo_t *req, int status, struct addrinfo *found)
{
    struct lookup *lookup = req->data;
    struct dns_call *call = lookup->call;

    mem_free(lookup);
    if (call != NULL) {
        call->lookup = NULL;
        for (struct addrinfo *i = found; i != NULL && call->server_count < SERVERS_MAX;
             i = i->ai_next)
            if (sockaddr_to_addr(i->ai_addr, &call->servers[call->server_count]) &&
                (!call->outlet.has_source ||
                 call->outlet.source.family == call->servers[call->server_count].family))
                call->server_count++;
    }
    uv_freeaddrinfo(found);
    if (call == NULL)
        return;
    if (status != 0)
        finish(call, net_error_from_lookup(status));
    else if (call->server_count == 0)
        finish(call, NET_NO_ROUTE);
    else
        attempt_next(call);
}

static void on_no_name(uv_timer_t *timer)
{
    finish(timer->data, NET_NO_NAME);
}

static bool look_up(struct dns_call *call)
{
    static const int families[] = {AF_INET, AF_INET6};
    struct addrinfo hints = {.ai_socktype = SOCK_DGRAM, .ai_family = AF_UNSPEC};
    struct lookup *lookup = mem_alloc(sizeof *lookup);

    if (call->request->family >= 0)
        hints.ai_family = families[call->request->family];
    lookup->call = call;
    lookup->req.data = lookup;
    if (uv_getaddrinfo(call->loop, &lookup->req, on_looked_up, call->request->server, NULL,
                       &hints) != 0) {
        mem_free(lookup);
        return false;
    }
    call->lookup = lookup;
    uv_timer_start(&call->timer, on_no_name, call->timeout, 0);
    return true;
}

struct dns_call *dns_start(uv_loop_t *loop, const struct request *request,
                           const struct transport *transport, struct reply *reply,
                           void (*done)(void *arg), void *arg)
{
    struct dns_call *call = mem_alloc(sizeof *call);
    const char *why = "the message or its server is missing";
    msec timeout = transport->timeout > 0 ? transport->timeout : TIMEOUT_DEFAULT;

    *call = (struct dns_call){.loop = loop,
                              .request = request,
                              .reply = reply,
                              .done = done,
                              .arg = arg,
                              .started = uv_now(loop),
                              .timeout = (uint64_t)timeout,
                              .tcp = request->tcp};
    uv_timer_init(loop, &call->timer);
    call->timer.data = call;
    buf_init(&call->got, 2 + MESSAGE_MAX);
    if (request->server == NULL || request->wire_len < HEADER || request->wire_len > MESSAGE_MAX ||
        !outlet_init(&call->outlet, transport, &why)) {
        reply->detail = mem_text(why);
        finish(call, NET_INTERNAL);
        return NULL;
    }
    call->wire = mem_alloc(2 + request->wire_len);
    call->wire[0] = (uint8_t)(request->wire_len >> 8);
    call->wire[1] = (uint8_t)request->wire_len;
    memcpy(call->wire + 2, request->wire, request->wire_len);
    if (addr_parse(request->server, &call->servers[0])) {
        call->server_count = 1;
        attempt_next(call);
        return call;
    }
    if (!look_up(call)) {
        finish(call, NET_INTERNAL);
        return NULL;
    }
    return call;
}

void dns_cut(struct dns_call *call)
{
    if (link_gone(call))
        fail_attempt(call, NET_TIMEOUT);
}

void dns_stop(struct dns_call *call)
{
    call->reply->error = NET_CANCELLED;
    close_call(call);
}
