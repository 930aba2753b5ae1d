/*
 * SPDX-License-Identifier: ISC
 */
#include "sense/webask.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/pattern.h"
#include "base/text.h"

enum {
    PAGE_MAX = 256 * 1024 /* no page that tells an address is longer */
};

struct webask {
    webask_fn *fn; /* NULL: stopped */
    void *arg;
    struct net *net;
    struct exchange *exchange;
    struct pattern *skip;
    int family;
    enum extract_reading reading;
    char host[128];
};

const char *webask_host(const char *url, char *out, size_t room)
{
    const char *from = strstr(url, "://");
    from = from != NULL ? from + 3 : url;
    size_t n = strcspn(from, "/?#");

    for (size_t i = n; i-- > 0;)
        if (from[i] == '@') {
            from += i + 1;
            n -= i + 1;
            break;
        }
    snprintf(out, room, "%.*s", (int)(n < room ? n : room), from);
    return out;
}

static bool take(const struct webask *a, const char *text, size_t n, struct webask_answer *answer)
{
    size_t from = extract_skip(text, n, a->skip);

    if (a->skip != NULL && from == 0)
        snprintf(answer->words, sizeof answer->words,
                 "the skip pattern is not in the page of %s: its first address is taken", a->host);
    if (a->family >= 0)
        return extract_address(text + from, n - from, (enum family)a->family, a->reading,
                               &answer->addr);
    return extract_address(text + from, n - from, V4, a->reading, &answer->addr) ||
           extract_address(text + from, n - from, V6, a->reading, &answer->addr);
}

static bool is_zero(const struct addr *a)
{
    static const uint8_t zero[16];

    return memcmp(a->bytes, zero, sizeof zero) == 0;
}

static void judge(const struct webask *a, const struct reply *reply, struct webask_answer *answer)
{
    static const char *const wanted[] = {"IPv4 or IPv6 address", "IPv4 address", "IPv6 address"};

    answer->error = reply->error;
    answer->has_local = reply->has_local;
    answer->local = reply->local;
    if (reply->error != NET_OK)
        snprintf(answer->words, sizeof answer->words, "%s: %s", a->host,
                 net_error_text(reply->error));
    else if (reply->status / 100 != 2)
        snprintf(answer->words, sizeof answer->words, "%s answered with status %d%s", a->host,
                 reply->status,
                 reply->status == 401   ? " (login refused)"
                 : reply->status == 403 ? " (not allowed)"
                 : reply->status / 100 == 3
                     ? " (sent elsewhere: a login page of the network, perhaps)"
                     : "");
    else if (!take(a, buf_str(&reply->body), reply->body.len, answer))
        snprintf(answer->words, sizeof answer->words, "%s answered, but with no %s in it", a->host,
                 wanted[a->family + 1]);
    else if (is_zero(&answer->addr))
        snprintf(answer->words, sizeof answer->words,
                 "%s answered with the address of nothing (%s)", a->host,
                 answer->addr.family == V4 ? "0.0.0.0" : "::");
    else
        answer->found = true;
}

static void free_ask(struct webask *a)
{
    pattern_free(a->skip);
    mem_free(a);
}

static void on_reply(void *arg, const struct reply *reply)
{
    struct webask *a = arg;
    struct webask_answer answer = {.found = false};

    if (a->fn != NULL) {
        judge(a, reply, &answer);
        a->fn(a->arg, &answer);
    }
    free_ask(a);
}

static void add_login(struct request *r, const char *login, const char *password)
{
    struct buf plain, coded;
    struct marked *value = request_header(r, "Authorization");

    buf_init(&plain, 1024);
    buf_init(&coded, 2048);
    buf_format(&plain, "%s:%s", login, password);
    text_add_base64(&coded, buf_str(&plain), plain.len);
    marked_text(value, "Basic ");
    marked_secret(value, buf_str(&coded));
    buf_wipe(&plain);
    buf_wipe(&coded);
}

struct webask *webask_start(struct net *net, const struct webask_question *q, webask_fn *fn,
                            void *arg)
{
    struct webask *a = mem_alloc(sizeof *a);
    struct request r;

    *a = (struct webask){.fn = fn,
                         .arg = arg,
                         .net = net,
                         .skip = extract_pattern(q->skip, NULL),
                         .family = q->family,
                         .reading = q->reading};
    webask_host(q->url, a->host, sizeof a->host);
    request_init(&r, REQUEST_HTTP);
    r.about = mem_text("find the address");
    request_method(&r, "GET");
    marked_text(&r.url, q->url);
    r.family = q->family_free ? -1 : q->family;
    r.fresh = true;
    r.reply_max = PAGE_MAX;
    if (q->login != NULL && q->password != NULL)
        add_login(&r, q->login, q->password);
    a->exchange = net->ops->send(net, &r, &q->transport, on_reply, a);
    return a;
}

void webask_stop(struct webask *a)
{
    if (a == NULL)
        return;
    a->fn = NULL;
    a->net->ops->cancel(a->exchange);
}
