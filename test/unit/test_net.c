/*
 * SPDX-License-Identifier: ISC
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "net/dns.h"
#include "net/dnsmsg.h"
#include "net/http_error.h"
#include "net/net_uv.h"
#include "net/origin.h"
#include "net/redirect.h"
#include "net/turns.h"

static void redirects_stay_at_home(void **state)
{
    static const struct {
        const char *from, *to;
        bool allowed;
    } rows[] = {
        {"https://a.example/x", "https://a.example/y", true},
        {"https://a.example/x", "https://A.EXAMPLE:443/y", true},
        {"http://a.example/x", "https://a.example/x", true},
        {"http://a.example:8080/x", "https://a.example:8443/x", true},
        {"https://a.example/x", "http://a.example/x", false},
        {"https://a.example/x", "https://b.example/x", false},
        {"https://a.example/x", "https://a.example.evil.example/x", false},
        {"https://a.example/x", "https://a.example@evil.example/x", false},
        {"http://a.example/x", "http://a.example:8080/x", false},
        {"https://a.example/x", "https://a.example:8443/x", false},
        {"http://a.example/x", "ftp://a.example/x", false},
        {"http://a.example/x", "file:///etc/passwd", false},
        {"http://a.example/x", "", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (redirect_allowed(rows[i].from, rows[i].to) != rows[i].allowed)
            fail_msg("%s -> %s", rows[i].from, rows[i].to);
    assert_true(redirect_becomes_get(303, "PUT"));
    assert_true(redirect_becomes_get(302, "POST"));
    assert_false(redirect_becomes_get(302, "PUT"));
    assert_false(redirect_becomes_get(307, "POST"));
    assert_false(redirect_becomes_get(303, "HEAD"));
}

static void judges_errors(void **state)
{
    static const struct {
        CURLcode code;
        struct http_facts facts;
        enum net_error error;
    } rows[] = {
        {CURLE_OK, {0}, NET_OK},
        {CURLE_COULDNT_CONNECT, {.os_error = ECONNREFUSED}, NET_REFUSED},
        {CURLE_COULDNT_CONNECT, {.os_error = ENETUNREACH}, NET_NO_ROUTE},
        {CURLE_COULDNT_CONNECT, {.os_error = ECONNREFUSED, .proxied = true}, NET_PROXY},
        {CURLE_COULDNT_CONNECT, {0}, NET_NO_ROUTE},
        {CURLE_OPERATION_TIMEDOUT, {0}, NET_TIMEOUT},
        {CURLE_OPERATION_TIMEDOUT, {.name_unsolved = true}, NET_NO_NAME},
        {CURLE_SSL_CONNECT_ERROR, {0}, NET_TLS},
        {CURLE_SSL_CONNECT_ERROR,
         {.words = "OpenSSL SSL_connect: Connection reset by peer"},
         NET_RESET},
        {CURLE_PEER_FAILED_VERIFICATION, {0}, NET_TLS},
        {CURLE_RECV_ERROR, {.connect_code = 403, .proxied = true}, NET_PROXY},
        {CURLE_RECV_ERROR, {0}, NET_RESET},
        {CURLE_WRITE_ERROR, {0}, NET_TOO_BIG},
        {CURLE_URL_MALFORMAT, {0}, NET_INTERNAL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct http_facts f = rows[i].facts;
        if (f.words == NULL)
            f.words = "";
        if (http_error(rows[i].code, &f) != rows[i].error)
            fail_msg("row %zu", i);
    }
}

static void only_plain_addresses_share_an_origin(void **state)
{
    static const struct {
        const char *address, *target; /* NULL: curl takes it apart whole */
        const char *key;
    } rows[] = {
        {"http://a.example/", "/", "http://a.example:80"},
        {"https://A.example:8443/x/../y?z=%2F&q=a,b", "/x/../y?z=%2F&q=a,b",
         "https://A.example:8443"},
        {"https://[2001:db8::1]/x", "/x", "https://[2001:db8::1]:443"},
        {"http://a.example//x?y?z", "//x?y?z", "http://a.example:80"},
        {"http://a.example", NULL, NULL},
        {"http://a.example?x", NULL, NULL},
        {"http://a.example/x#y", NULL, NULL},
        {"http://user:secret@a.example/", NULL, NULL},
        {"http://a.example%2f/", NULL, NULL},
        {"http://a.example\\@b.example/", NULL, NULL},
        {"http://a.example:99999/", NULL, NULL},
        {"http://[a.example/", NULL, NULL},
        {"http:///x", NULL, NULL},
        {"http://a.example/x y", NULL, NULL},
        {"http://a.example/x HTTP/1.1\r\nX: y", NULL, NULL},
        {"http://a.example/x\x7f", NULL, NULL},
        {"http://a.example/\xc3\xbc", NULL, NULL},
        {"ftp://a.example/", NULL, NULL},
        {"a.example/", NULL, NULL},
    };
    struct map *all = map_new_lent();
    const char *target = NULL;

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct origin *o = origin_take(all, rows[i].address, &target);
        if ((o == NULL) != (rows[i].target == NULL))
            fail_msg("%s", rows[i].address);
        if (o == NULL)
            continue;
        assert_string_equal(target, rows[i].target);
        assert_string_equal(o->key, rows[i].key);
        origin_drop(o);
        assert_int_equal(map_count(all), 0);
    }
    struct origin *one = origin_take(all, "http://a.example/x", &target);
    struct origin *same = origin_take(all, "http://a.example/y", &target);
    struct origin *other = origin_take(all, "http://a.example:81/y", &target);
    assert_ptr_equal(one, same);
    assert_ptr_not_equal(one, other);
    origin_drop(one);
    origin_drop(other);
    assert_ptr_equal(origin_take(all, "http://a.example/", &target), same);
    origin_drop(same);
    origin_drop(same);
    assert_int_equal(map_count(all), 0);
    map_free(all, NULL);
}

static void makes_and_reads_messages(void **state)
{
    /* An answer to the query below: a CNAME, then its two addresses. */
    static const uint8_t rest[] = {
        0xc0, 0x0c, 0, 5, 0, 1, 0, 0, 0, 60, 0, 4, 1,   'b', 0xc0, 0x11, /* b.example */
        0xc0, 0x2a, 0, 1, 0, 1, 0, 0, 0, 30, 0, 4, 192, 0,   2,    1,
        0xc0, 0x2a, 0, 1, 0, 1, 0, 0, 0, 90, 0, 4, 192, 0,   2,    2};
    struct request r;
    struct dns_message m;
    struct addrset set;
    uint8_t answer[512];
    uint32_t ttl;

    request_init(&r, REQUEST_DNS);
    assert_false(dnsmsg_query(&r, "a..example", DNS_A, DNS_IN, true));
    assert_true(dnsmsg_query(&r, "wwww.Example", DNS_A, DNS_IN, true));
    size_t question = 12 + 14 + 4;
    memcpy(answer, r.wire, question);
    memcpy(answer + question, rest, sizeof rest);
    answer[2] |= 0x80;
    answer[7] = 3;
    answer[11] = 0; /* no EDNS in this one */
    size_t n = question + sizeof rest;
    assert_true(dns_answers(r.wire, r.wire_len, answer, n));
    assert_true(dnsmsg_parse(&m, answer, n));
    assert_int_equal(m.answer_count, 3);
    assert_true(dnsmsg_addresses(&m, "wwww.example", V4, &set, &ttl));
    assert_int_equal(set.count, 2);
    assert_int_equal(ttl, 30);
    assert_true(dnsmsg_addresses(&m, "wwww.example", V6, &set, NULL));
    assert_int_equal(set.count, 0);
    dnsmsg_free(&m);

    for (size_t cut = 0; cut < n; cut++) /* no prefix of it is a message */
        assert_false(dnsmsg_parse(&m, answer, cut));

    answer[0] ^= 1; /* another id */
    assert_false(dns_answers(r.wire, r.wire_len, answer, n));
    answer[0] ^= 1;
    answer[13] = 'W'; /* case does not matter */
    assert_true(dns_answers(r.wire, r.wire_len, answer, n));
    answer[13] = 'x'; /* another question */
    assert_false(dns_answers(r.wire, r.wire_len, answer, n));
    answer[13] = 'w';
    answer[2] &= 0x7f; /* our own query come back */
    assert_false(dns_answers(r.wire, r.wire_len, answer, n));
    answer[2] |= 0x80;
    answer[5] = 0; /* no question in it, no error either */
    assert_false(dns_answers(r.wire, r.wire_len, answer, n));
    answer[3] |= 5; /* a server that refuses may leave the question out */
    assert_true(dns_answers(r.wire, r.wire_len, answer, n));
    request_free(&r);
}

/* --- turns --- */

enum { TURNS = 40, LIMIT = 3 };
static struct turn turns[TURNS];
static struct turns *line;
static int began[TURNS], begun;

static bool begins(struct turn *turn)
{
    int i = (int)(turn - turns);

    if (i % 11 == 10) { /* it ends at once */
        turn->host = NULL;
        return false;
    }
    began[begun++] = i;
    return true;
}

static unsigned running_at(int host)
{
    unsigned n = 0;

    for (int i = host; i < TURNS; i += 2)
        n += turns[i].host != NULL && turns[i].running;
    return n;
}

static void gives_turns_in_order(void **state)
{
    static const char *const hosts[] = {"https://a:443", "http://b:80"};
    int last[2] = {-1, -1};

    line = turns_new(LIMIT, begins);
    for (int i = 0; i < TURNS; i++)
        if (turns_take(line, hosts[i % 2], i % 2 == 0, &turns[i]))
            began[begun++] = i;
    assert_int_equal(running_at(0), 1); /* alone until it has answered */
    assert_int_equal(running_at(1), LIMIT);
    turns_give(line, &turns[6], TURNS_NO_ANSWER); /* one that waits gives up */
    turns_give(line, &turns[0], TURNS_ANSWER);
    assert_int_equal(running_at(0), LIMIT);
    for (int done = 0; done < begun; done++) {
        turns_give(line, &turns[began[done]], TURNS_ANSWER);
        assert_true(running_at(0) <= LIMIT && running_at(1) <= LIMIT);
    }
    for (int i = 0; i < begun; i++) {
        assert_true(began[i] > last[began[i] % 2]);
        assert_int_not_equal(began[i], 6);
        last[began[i] % 2] = began[i];
    }
    assert_int_equal(begun, TURNS - 1 - 3); /* without 6; without 10, 21, 32 */
    turns_free(line);
}

static bool begins_all(struct turn *turn)
{
    return true;
}

static void streams_share_a_connection(void **state)
{
    enum { MANY = TURNS_STREAMS_MOST + 50 };
    static struct turn many[MANY];
    int running = 0;

    struct turns *t = turns_new(LIMIT, begins_all);
    for (int i = 0; i < MANY; i++)
        running += turns_take(t, "https://a:443", true, &many[i]);
    assert_int_equal(running, 1);
    turns_give(t, &many[0], TURNS_STREAMS);
    for (int i = 1; i < MANY; i++)
        running += many[i].running;
    assert_int_equal(running - 1, TURNS_STREAMS_MOST);
    turns_give(t, &many[1], TURNS_ANSWER); /* another server behind the name: by HTTP/1 */
    for (int i = 2; i <= TURNS_STREAMS_MOST; i++)
        turns_give(t, &many[i], TURNS_ANSWER);
    running = 0;
    for (int i = TURNS_STREAMS_MOST + 1; i < MANY; i++)
        running += many[i].running;
    assert_int_equal(running, LIMIT);
    for (int i = TURNS_STREAMS_MOST + 1; i < MANY; i++)
        turns_give(t, &many[i], TURNS_ANSWER);
    turns_free(t);
}

/* --- timers --- */

enum { TIMERS = 500 };
static struct net *net;
static struct net_timer *timers[TIMERS];
static msec due[TIMERS], last;
static int fired, index_of[TIMERS];

static void on_timer(void *arg)
{
    int i = *(int *)arg;

    assert_true(due[i] >= last);
    assert_true(net_now(net).mono >= due[i]);
    last = due[i];
    fired++;
    if (i % 7 == 0) { /* a timer may free itself */
        net->ops->timer_free(timers[i]);
        timers[i] = NULL;
    }
}

static void timers_fire_in_order(void **state)
{
    uv_loop_t loop;
    unsigned seed;
    int expected = 0;

    uv_loop_init(&loop);
    net = net_uv_new(&loop);
    net->ops->random(net, &seed, sizeof seed);
    print_message("seed %u\n", seed);
    msec start = net_now(net).mono;
    for (int i = 0; i < TIMERS; i++) {
        index_of[i] = i;
        timers[i] = net->ops->timer_new(net, on_timer, &index_of[i]);
        due[i] = start + rand_r(&seed) % 50;
        net->ops->timer_set(timers[i], due[i] + 1000);
        net->ops->timer_set(timers[i], due[i]);
    }
    for (int i = 0; i < TIMERS; i++) {
        if (i % 5 == 0)
            net->ops->timer_set(timers[i], NEVER);
        else
            expected++;
    }
    assert_int_equal(fired, 0);
    uv_run(&loop, UV_RUN_DEFAULT); /* ends by itself: idle timers do not keep it */
    assert_int_equal(fired, expected);
    for (int i = 0; i < TIMERS; i++)
        net->ops->timer_free(timers[i]);
    net_uv_free(net);
    uv_run(&loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&loop), 0);
}

static int order_of[8], ordered;

static void on_ordered(void *arg)
{
    order_of[ordered++] = *(int *)arg;
}

static void what_is_due_fires_as_it_was_set(void **state)
{
    static const int expected[] = {0, 1, 4, 2};
    struct net_timer *at[5];
    uv_loop_t loop;

    uv_loop_init(&loop);
    net = net_uv_new(&loop);
    msec now = net_now(net).mono;
    for (int i = 0; i < 5; i++)
        at[i] = net->ops->timer_new(net, on_ordered, &index_of[i]);
    const struct {
        int timer;
        msec when;
    } sets[] = {{4, now + 50}, {0, now}, {3, now},   {1, now - 10},
                {2, now + 20}, {4, now}, {3, NEVER}, {2, now + 10}};
    for (size_t i = 0; i < sizeof sets / sizeof sets[0]; i++)
        net->ops->timer_set(at[sets[i].timer], sets[i].when);
    assert_int_equal(ordered, 0);
    uv_run(&loop, UV_RUN_DEFAULT);
    assert_int_equal(ordered, 4);
    for (int i = 0; i < ordered; i++)
        assert_int_equal(order_of[i], expected[i]);
    for (int i = 0; i < 5; i++)
        net->ops->timer_free(at[i]);
    net_uv_free(net);
    uv_run(&loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&loop), 0);
}

/* What lies in a socket comes before a timer that is due: in a loop that begins, and after
 * something that took long. */
static struct {
    uv_poll_t poll;
    int ends[2];
    int events;
    char order[16]; /* 'e' for each event, 't' for each timer */
    struct net_timer *first, *second;
} news;

static void write_news(void)
{
    assert_int_equal(write(news.ends[1], "x", 1), 1);
}

static void on_news(uv_poll_t *poll, int status, int events)
{
    char byte;

    assert_int_equal(read(news.ends[0], &byte, 1), 1);
    strcat(news.order, "e");
    if (++news.events == 2) {
        write_news();
        net->ops->timer_set(news.second, net_now(net).mono + 1);
        usleep(60000);
    }
}

static void on_first(void *arg)
{
    strcat(news.order, "t");
    write_news();
}

static void on_second(void *arg)
{
    strcat(news.order, "t");
    uv_close((uv_handle_t *)&news.poll, NULL);
}

static void news_come_before_late_timers(void **state)
{
    uv_loop_t loop;

    uv_loop_init(&loop);
    net = net_uv_new(&loop);
    news.order[0] = '\0';
    assert_int_equal(pipe(news.ends), 0);
    write_news();
    uv_poll_init(&loop, &news.poll, news.ends[0]);
    uv_poll_start(&news.poll, UV_READABLE, on_news);
    news.first = net->ops->timer_new(net, on_first, NULL);
    news.second = net->ops->timer_new(net, on_second, NULL);
    net->ops->timer_set(news.first, net_now(net).mono);
    uv_run(&loop, UV_RUN_DEFAULT);
    assert_string_equal(news.order, "eteet");
    net->ops->timer_free(news.first);
    net->ops->timer_free(news.second);
    net_uv_free(net);
    uv_run(&loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&loop), 0);
    close(news.ends[0]);
    close(news.ends[1]);
}

/* --- kept connections --- */

enum { ON_ONE = 50 };
static int told_epoll, answered;

/* The loop's; counts what it is told. */
int epoll_ctl(int loop, int op, int fd, struct epoll_event *event)
{
    told_epoll++;
    return (int)syscall(SYS_epoll_ctl, loop, op, fd, event);
}

/* One connection, an answer to whatever comes by it. */
static void serve(void *arg)
{
    static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    int fd = accept(*(int *)arg, NULL, NULL);
    char request[4096];

    while (recv(fd, request, sizeof request, 0) > 0)
        send(fd, answer, sizeof answer - 1, MSG_NOSIGNAL);
    close(fd);
}

static void send_again(void *arg, const struct reply *reply)
{
    static int told_before;
    struct transport t = {0};
    struct request r;

    if (reply != NULL) {
        assert_int_equal(reply->error, NET_OK);
        assert_int_equal(reply->connects, answered == 0);
        answered++;
    }
    if (answered == 2)
        told_before = told_epoll;
    if (answered == ON_ONE) {
        assert_in_range(told_epoll - told_before, 0, ON_ONE / 4);
        return;
    }
    request_init(&r, REQUEST_HTTP);
    marked_text(&r.url, arg);
    net->ops->send(net, &r, &t, send_again, arg);
}

/* To take a kept connection up again for each request would cost six calls of the system. */
static void a_kept_connection_stays_with_the_loop(void **state)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t len = sizeof at;
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    char url[64];
    uv_thread_t server;
    uv_loop_t loop;

    assert_int_equal(bind(listener, (struct sockaddr *)&at, len), 0);
    assert_int_equal(listen(listener, 1), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&at, &len), 0);
    snprintf(url, sizeof url, "http://127.0.0.1:%u/", ntohs(at.sin_port));
    assert_int_equal(uv_thread_create(&server, serve, &listener), 0);
    uv_loop_init(&loop);
    net = net_uv_new(&loop);
    send_again(url, NULL);
    uv_run(&loop, UV_RUN_DEFAULT);
    assert_int_equal(answered, ON_ONE);
    net_uv_free(net);
    uv_run(&loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&loop), 0);
    uv_thread_join(&server);
    close(listener);
}

/* --- handles that serve again --- */

static struct {
    char url[64]; /* of a server that answers */
    struct exchange *waiting;
    unsigned step;
} served;

static void on_given_up(void *arg, const struct reply *reply)
{
    assert_int_equal(reply->error, NET_CANCELLED);
    if (arg != NULL) { /* nothing of the answer before it */
        assert_int_equal(reply->sent, SENT_NO);
        assert_int_equal(reply->status, 0);
        assert_int_equal(reply->connects, 0);
        assert_false(reply->has_peer || reply->has_local);
    }
    served.step++;
}

static struct exchange *send_to(const char *url, reply_fn *fn, void *arg)
{
    struct transport t = {0};
    struct request r;

    request_init(&r, REQUEST_HTTP);
    marked_text(&r.url, url);
    r.family = V4;
    return net->ops->send(net, &r, &t, fn, arg);
}

static void on_answered(void *arg, const struct reply *reply)
{
    assert_int_equal(reply->status, 200);
    net->ops->cancel(send_to(served.url, on_given_up, arg));
    net->ops->cancel(served.waiting);
    served.step++;
}

/* Its only address is of the other family, so the system has said nothing of it. */
static void on_nowhere(void *arg, const struct reply *reply)
{
    assert_int_equal(reply->error, NET_NO_ROUTE);
    served.step++;
    send_to(served.url, on_answered, served.url);
}

static void on_refused(void *arg, const struct reply *reply)
{
    assert_int_equal(reply->error, NET_REFUSED);
    served.step++;
    send_to("http://[::1]:1/", on_nowhere, NULL);
}

/* As long as one waits, the handles of those that are over serve others. */
static void a_handle_forgets_what_became_of_its_last_request(void **state)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t len = sizeof at;
    int answers = socket(AF_INET, SOCK_STREAM, 0), silent = socket(AF_INET, SOCK_STREAM, 0);
    char url[64];
    uv_thread_t server;
    uv_loop_t loop;

    assert_int_equal(bind(answers, (struct sockaddr *)&at, len), 0);
    assert_int_equal(bind(silent, (struct sockaddr *)&at, len), 0);
    assert_int_equal(listen(answers, 1), 0);
    assert_int_equal(listen(silent, 1), 0);
    assert_int_equal(getsockname(silent, (struct sockaddr *)&at, &len), 0);
    snprintf(url, sizeof url, "http://127.0.0.1:%u/", ntohs(at.sin_port));
    assert_int_equal(getsockname(answers, (struct sockaddr *)&at, &len), 0);
    snprintf(served.url, sizeof served.url, "http://127.0.0.1:%u/", ntohs(at.sin_port));
    assert_int_equal(uv_thread_create(&server, serve, &answers), 0);
    uv_loop_init(&loop);
    net = net_uv_new(&loop);
    served.waiting = send_to(url, on_given_up, NULL);
    send_to("http://127.0.0.1:1/", on_refused, NULL);
    uv_run(&loop, UV_RUN_DEFAULT);
    assert_int_equal(served.step, 5);
    net_uv_free(net);
    uv_run(&loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&loop), 0);
    uv_thread_join(&server);
    close(answers);
    close(silent);
}

/* --- replies --- */

static int replies;
static bool inside;

static void on_reply(void *arg, const struct reply *reply)
{
    assert_false(inside);
    assert_int_equal(reply->error, *(enum net_error *)arg);
    assert_int_equal(reply->sent, SENT_NO);
    replies++;
}

static void replies_come_once_and_later(void **state)
{
    static enum net_error internal = NET_INTERNAL, cancelled = NET_CANCELLED;
    static const char *const urls[] = {"ftp://127.0.0.1/", "nonsense:", "http://127.0.0.1:1/"};
    struct transport t = {0};
    struct request r;
    uv_loop_t loop;

    uv_loop_init(&loop);
    net = net_uv_new(&loop);
    inside = true;
    request_init(&r, REQUEST_HTTP);
    marked_text(&r.url, "http://127.0.0.1:1/");
    marked_text(request_header(&r, "X-A"), "a\r\nX-B: b");
    net->ops->send(net, &r, &t, on_reply, &internal);
    assert_int_equal(r.header_count, 0);
    for (size_t i = 0; i < 3; i++) {
        request_init(&r, REQUEST_HTTP);
        marked_text(&r.url, urls[i]);
        net->ops->cancel(net->ops->send(net, &r, &t, on_reply, &cancelled));
    }
    request_init(&r, REQUEST_DNS);
    net->ops->send(net, &r, &t, on_reply, &internal);
    assert_int_equal(replies, 0);
    inside = false;
    uv_run(&loop, UV_RUN_DEFAULT);
    assert_int_equal(replies, 5);

    request_init(&r, REQUEST_HTTP);
    marked_text(&r.url, "http://127.0.0.1:1/");
    net->ops->send(net, &r, &t, on_reply, &cancelled);
    net_uv_free(net); /* what is under way is answered */
    assert_int_equal(replies, 6);
    uv_run(&loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&loop), 0);
}

/* --- what replies leave on the stack --- */

enum { DEEP = 60 * 1024 };
static const char trace[] = "a secret's trace, longer than registers are";

static __attribute__((noinline)) void leave_traces(void)
{
    char below[DEEP];

    for (size_t i = 0; i + sizeof trace <= sizeof below; i += sizeof trace)
        memcpy(below + i, trace, sizeof trace);
    __asm__ volatile("" ::"r"(below) : "memory");
}

/* Not by pointers: what lies below the stack's end is nobody's. */
static __attribute__((noinline)) bool traces_left(void)
{
    static char copy[DEEP];
    int memory = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
    off_t from = (off_t)(uintptr_t)__builtin_frame_address(0) - DEEP;

    assert_true(memory >= 0);
    assert_int_equal(pread(memory, copy, sizeof copy, from), sizeof copy);
    close(memory);
    return memmem(copy, sizeof copy, trace, sizeof trace) != NULL;
}

static void on_traced_reply(void *arg, const struct reply *reply)
{
    int *left = arg;

    leave_traces();
    if (--*left > 0) { /* one after the other; the last one ends the loop */
        struct request r;
        request_init(&r, REQUEST_DNS);
        net->ops->send(net, &r, &(struct transport){0}, on_traced_reply, left);
    }
}

static void the_stack_is_wiped_after_replies(void **state)
{
    struct request r;
    uv_loop_t loop;
    int left = 3;

    leave_traces();
    assert_true(traces_left()); /* they would be seen */
    uv_loop_init(&loop);
    net = net_uv_new(&loop);
    request_init(&r, REQUEST_DNS);
    net->ops->send(net, &r, &(struct transport){0}, on_traced_reply, &left);
    uv_run(&loop, UV_RUN_DEFAULT);
    assert_int_equal(left, 0);
    assert_false(traces_left());

    left = 1;
    request_init(&r, REQUEST_DNS);
    net->ops->send(net, &r, &(struct transport){0}, on_traced_reply, &left);
    net_uv_free(net);
    assert_false(traces_left());
    uv_run(&loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&loop), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(redirects_stay_at_home),
        cmocka_unit_test(judges_errors),
        cmocka_unit_test(only_plain_addresses_share_an_origin),
        cmocka_unit_test(makes_and_reads_messages),
        cmocka_unit_test(timers_fire_in_order),
        cmocka_unit_test(what_is_due_fires_as_it_was_set),
        cmocka_unit_test(news_come_before_late_timers),
        cmocka_unit_test(gives_turns_in_order),
        cmocka_unit_test(streams_share_a_connection),
        cmocka_unit_test(a_kept_connection_stays_with_the_loop),
        cmocka_unit_test(a_handle_forgets_what_became_of_its_last_request),
        cmocka_unit_test(replies_come_once_and_later),
        cmocka_unit_test(the_stack_is_wiped_after_replies),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
