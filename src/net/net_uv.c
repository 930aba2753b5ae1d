/*
 * SPDX-License-Identifier: ISC
 */
#include "net/net_uv.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/random.h>

#include "base/log.h"
#include "base/mem.h"
#include "net/curl.h"
#include "net/dns.h"
#include "net/http.h"
#include "net/timers.h"

struct net_uv {
    struct net net;
    uv_loop_t *loop;
    struct timers *timers;
    struct http *http;
    struct exchange *running;                 /* under way */
    struct exchange *finished, **finished_at; /* in order, waiting to be told */
    uv_timer_t *turn;                         /* the next turn of the loop; owned by the loop */
};

struct exchange {
    struct net_uv *net;
    struct request request;
    struct reply reply;
    reply_fn *fn;
    void *arg;
    msec started;
    bool over;
    struct http_call *http;
    struct dns_call *dns;
    struct exchange *next, *prev;
};

static struct net_uv *of(struct net *net)
{
    return (struct net_uv *)net;
}

static struct moment now(struct net *net)
{
    return timers_now(of(net)->timers);
}

static struct net_timer *timer_new(struct net *net, void (*fn)(void *arg), void *arg)
{
    return timers_add(of(net)->timers, fn, arg);
}

static void random_bytes(struct net *net, void *bytes, size_t n)
{
    unsigned char *at = bytes;

    while (n > 0) {
        ssize_t got = getrandom(at, n, 0);
        if (got < 0 && errno != EINTR) {
            log_error(NULL, "the system gives no random numbers; homing cannot run without them");
            abort();
        }
        if (got > 0) {
            at += got;
            n -= (size_t)got;
        }
    }
}

/* --- telling replies --- */

static void tell(struct exchange *x)
{
    x->fn(x->arg, &x->reply);
    reply_free(&x->reply);
    mem_free(x);
}

static void tell_all(struct net_uv *n)
{
    log_gather();
    while (n->finished != NULL) {
        struct exchange *x = n->finished;
        n->finished = x->next;
        if (n->finished == NULL)
            n->finished_at = &n->finished;
        tell(x);
    }
    log_release();
    mem_wipe_stack(); /* of what was sent: once for all that were over in this turn of the loop */
}

static void on_turn(uv_timer_t *timer)
{
    tell_all(timer->data);
}

/* Its reply is complete; the receiver hears at the next turn of the loop. */
static void on_done(void *arg)
{
    struct exchange *x = arg;
    struct net_uv *n = x->net;

    x->over = true;
    x->http = NULL;
    x->dns = NULL;
    x->reply.took = clock_now().mono - x->started;
    request_free(&x->request);

    if (x->prev != NULL)
        x->prev->next = x->next;
    else
        n->running = x->next;
    if (x->next != NULL)
        x->next->prev = x->prev;
    x->next = NULL;
    *n->finished_at = x;
    n->finished_at = &x->next;
    uv_timer_start(n->turn, on_turn, 0, 0);
}

static struct exchange *send_request(struct net *net, struct request *request,
                                     const struct transport *transport, reply_fn *fn, void *arg)
{
    struct net_uv *n = of(net);
    struct exchange *x = mem_alloc(sizeof *x);

    *x = (struct exchange){.net = n, .fn = fn, .arg = arg, .started = clock_now().mono};
    request_move(&x->request, request);
    reply_init(&x->reply);
    x->reply.tag = x->request.tag;
    x->next = n->running;
    if (x->next != NULL)
        x->next->prev = x;
    n->running = x;
    uv_update_time(n->loop);
    if (x->request.kind == REQUEST_HTTP) {
        struct http_call *call = http_start(n->http, &x->request, transport, &x->reply, on_done, x);
        if (!x->over)
            x->http = call;
    } else {
        struct dns_call *call = dns_start(n->loop, &x->request, transport, &x->reply, on_done, x);
        if (!x->over)
            x->dns = call;
    }
    return x;
}

static void cancel(struct exchange *x)
{
    if (!x->over) {
        if (x->http != NULL)
            http_stop(x->http);
        if (x->dns != NULL)
            dns_stop(x->dns);
        on_done(x);
    }
    x->reply.error = NET_CANCELLED;
}

static void prepare(struct net *net)
{
    http_prepare(of(net)->http);
}

static void renew(struct net *net)
{
    http_renew(of(net)->http);
}

static void cut(struct net *net)
{
    http_cut(of(net)->http);
    for (struct exchange *x = of(net)->running, *next; x != NULL; x = next) {
        next = x->next;
        if (x->dns != NULL)
            dns_cut(x->dns);
    }
}

static const struct net_ops ops = {.now = now,
                                   .timer_new = timer_new,
                                   .timer_set = timers_set,
                                   .timer_free = timers_remove,
                                   .send = send_request,
                                   .cancel = cancel,
                                   .random = random_bytes,
                                   .prepare = prepare,
                                   .renew = renew,
                                   .cut = cut};

static void ignore_sigpipe(void)
{
    struct sigaction action;

    if (sigaction(SIGPIPE, NULL, &action) == 0 && !(action.sa_flags & SA_SIGINFO) &&
        action.sa_handler == SIG_DFL)
        signal(SIGPIPE, SIG_IGN);
}

struct net *net_uv_new(uv_loop_t *loop)
{
    struct net_uv *n = mem_alloc(sizeof *n);

    ignore_sigpipe();
    n->net.ops = &ops;
    n->loop = loop;
    n->timers = timers_new(loop);
    n->http = http_new(loop);
    n->finished_at = &n->finished;
    n->turn = mem_alloc(sizeof *n->turn);
    uv_timer_init(loop, n->turn);
    n->turn->data = n;
    return &n->net;
}

static void free_handle(uv_handle_t *handle)
{
    mem_free(handle);
}

void net_uv_free(struct net *net)
{
    if (net == NULL)
        return;
    struct net_uv *n = of(net);
    while (n->running != NULL || n->finished != NULL) { /* a receiver may send again */
        while (n->running != NULL)
            cancel(n->running);
        tell_all(n);
    }
    uv_close((uv_handle_t *)n->turn, free_handle);
    http_free(n->http);
    timers_free(n->timers);
    mem_free(n);
}
