/*
 * SPDX-License-Identifier: ISC
 */
#include "sense/outside.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "net/dnsmsg.h"
#include "net/udp.h"
#include "sense/stun.h"

enum { STUN_FIRST_WAIT = SECOND / 2, STUN_TRIES = 4 }; /* RFC 8489, section 6.2.1, but not 39 s */

struct outside {
    webask_fn *fn; /* NULL: stopped */
    void *arg;
    struct net *net;
    enum family family;
    struct outside_place place;
    struct webask *page;
    struct exchange *exchange;
    struct udp_ask *udp;
    uint8_t id[STUN_ID];
};

enum outside_way outside_way(const char *url)
{
    if (text_starts(url, "dns:"))
        return OUTSIDE_DNS;
    return text_starts(url, "stun:") ? OUTSIDE_STUN : OUTSIDE_WEB;
}

/* --- addresses of services --- */

static bool copy_part(char *out, size_t room, const char *from, size_t n)
{
    if (n == 0 || n >= room)
        return false;
    memcpy(out, from, n);
    out[n] = '\0';
    return true;
}

/* "host", "host:port", "[address]:port" of n bytes. */
static bool read_authority(const char *s, size_t n, struct outside_place *out)
{
    const char *colon = NULL, *close = n > 0 && s[0] == '[' ? memchr(s, ']', n) : NULL;
    char number[8];
    uint64_t port;

    for (const char *c = close != NULL ? close : s; c < s + n; c++)
        if (*c == ':')
            colon = c;
    if (colon != NULL) {
        if (!copy_part(number, sizeof number, colon + 1, (size_t)(s + n - colon - 1)) ||
            !text_number(number, &port) || port == 0 || port > 65535)
            return false;
        out->port = (unsigned)port;
    }
    if (close != NULL)
        return copy_part(out->server, sizeof out->server, s + 1, (size_t)(close - s - 1));
    return copy_part(out->server, sizeof out->server, s, colon != NULL ? (size_t)(colon - s) : n);
}

bool outside_place(const char *url, struct outside_place *out)
{
    *out = (struct outside_place){.port = 0};
    if (text_starts(url, "stun:"))
        return read_authority(url + 5, strlen(url + 5), out);
    if (!text_starts(url, "dns://"))
        return false;
    const char *at = url + 6, *slash = strchr(at, '/'), *query;
    if (slash == NULL || !read_authority(at, (size_t)(slash - at), out))
        return false;
    query = strchr(slash, '?');
    out->chaos = query != NULL && strstr(query, "class=CH") != NULL;
    out->txt = query != NULL && strstr(query, "type=TXT") != NULL;
    return copy_part(out->name, sizeof out->name, slash + 1,
                     query != NULL ? (size_t)(query - slash - 1) : strlen(slash + 1));
}

bool outside_is_near(const char *url)
{
    static const char *const domains[] = {".localhost", ".local", ".home.arpa", ".internal",
                                          ".lan",       ".home",  ".test",      ".invalid"};
    char host[128];
    struct outside_place place = {.port = 0};
    struct addr a;

    webask_host(url, host, sizeof host);
    if (!read_authority(host, strlen(host), &place))
        return false;
    if (addr_parse(place.server, &a))
        return addr_kind(&a) != ADDR_PUBLIC;
    text_lower_all(place.server);
    if (strchr(place.server, '.') == NULL)
        return place.server[0] != '\0';
    for (size_t i = 0; i < sizeof domains / sizeof domains[0]; i++)
        if (text_ends(place.server, domains[i]))
            return true;
    return false;
}

/* --- answers --- */

static void tell(struct outside *o, const struct webask_answer *answer)
{
    webask_fn *fn = o->fn;
    void *arg = o->arg;

    mem_free(o);
    if (fn != NULL)
        fn(arg, answer);
}

static void say_error(const struct outside *o, struct webask_answer *answer, enum net_error error)
{
    answer->error = error;
    snprintf(answer->words, sizeof answer->words, "%.100s: %s", o->place.server,
             net_error_text(error));
}

static void on_page(void *arg, const struct webask_answer *answer)
{
    tell(arg, answer);
}

static bool take_dns(const struct outside *o, const struct dns_message *m, struct addr *out)
{
    struct addrset set;

    if (!o->place.txt) {
        if (!dnsmsg_addresses(m, o->place.name, o->family, &set, NULL) || set.count != 1)
            return false;
        *out = set.items[0];
        return true;
    }
    for (size_t i = 0; i < m->answer_count; i++)
        if (m->answers[i].type == DNS_TXT && m->answers[i].text != NULL &&
            extract_address(m->answers[i].text, strlen(m->answers[i].text), o->family,
                            EXTRACT_STRICT, out))
            return true;
    return false;
}

static void on_dns(void *arg, const struct reply *reply)
{
    struct outside *o = arg;
    struct webask_answer answer = {
        .error = reply->error, .has_local = reply->has_local, .local = reply->local};
    struct dns_message m = {0};

    if (reply->error != NET_OK)
        say_error(o, &answer, reply->error);
    else if (!dnsmsg_parse(&m, (const uint8_t *)buf_str(&reply->body), reply->body.len))
        say_error(o, &answer, NET_PROTOCOL);
    else if (m.rcode != 0)
        snprintf(answer.words, sizeof answer.words, "%.100s answered %s", o->place.server,
                 dnsmsg_rcode_name(m.rcode));
    else if (!take_dns(o, &m, &answer.addr))
        snprintf(answer.words, sizeof answer.words, "%.100s answered, but with no %s address",
                 o->place.server, family_name(o->family));
    else
        answer.found = true;
    dnsmsg_free(&m);
    tell(o, &answer);
}

static bool accept_stun(void *arg, const uint8_t *bytes, size_t n)
{
    struct outside *o = arg;

    return stun_answers(bytes, n, o->id);
}

static void on_stun(void *arg, const struct udp_answer *got)
{
    struct outside *o = arg;
    struct webask_answer answer = {
        .error = got->error, .has_local = got->has_local, .local = got->local};

    if (got->error != NET_OK)
        say_error(o, &answer, got->error);
    else if (!stun_address(got->bytes, got->len, &answer.addr) || answer.addr.family != o->family)
        snprintf(answer.words, sizeof answer.words, "%.100s answered, but with no %s address",
                 o->place.server, family_name(o->family));
    else
        answer.found = true;
    tell(o, &answer);
}

/* --- questions --- */

static bool begin_dns(struct outside *o, const struct outside_question *q)
{
    struct request r;
    enum dns_type type = o->place.txt ? DNS_TXT : q->family == V4 ? DNS_A : DNS_AAAA;

    request_init(&r, REQUEST_DNS);
    r.about = mem_text("find the address");
    r.server = mem_text(o->place.server);
    r.port = (uint16_t)o->place.port;
    r.family = (int)q->family;
    if (!dnsmsg_query(&r, o->place.name, type, o->place.chaos ? DNS_CH : DNS_IN, true)) {
        request_free(&r);
        return false;
    }
    o->exchange = q->net->ops->send(q->net, &r, &q->transport, on_dns, o);
    return true;
}

static bool begin_stun(struct outside *o, const struct outside_question *q)
{
    struct udp_question u = {.server = o->place.server,
                             .port = o->place.port != 0 ? (uint16_t)o->place.port : STUN_PORT,
                             .family = (int)q->family,
                             .len = STUN_REQUEST,
                             .first_wait = STUN_FIRST_WAIT,
                             .tries = STUN_TRIES,
                             .accept = accept_stun};
    const char *why;

    if (!outlet_init(&u.outlet, &q->transport, &why))
        return false;
    q->net->ops->random(q->net, o->id, sizeof o->id);
    stun_request(u.bytes, o->id);
    o->udp = udp_ask_start(q->loop, &u, on_stun, o);
    return true;
}

struct outside *outside_ask(const struct outside_question *q, webask_fn *fn, void *arg)
{
    struct outside *o = mem_alloc(sizeof *o);
    enum outside_way way = outside_way(q->url);
    struct addr literal;

    *o = (struct outside){.fn = fn, .arg = arg, .net = q->net, .family = q->family};
    bool fits = way == OUTSIDE_WEB ||
                (outside_place(q->url, &o->place) &&
                 (!addr_parse(o->place.server, &literal) || literal.family == q->family));
    if (fits && way == OUTSIDE_DNS && begin_dns(o, q))
        return o;
    if (fits && way == OUTSIDE_STUN && begin_stun(o, q))
        return o;
    /* A page; what is no address of a service at all becomes an error of that page. */
    struct webask_question page = {.url = q->url,
                                   .skip = q->skip,
                                   .family = (int)q->family,
                                   .reading = EXTRACT_STRICT,
                                   .transport = q->transport};
    o->page = webask_start(q->net, &page, on_page, o);
    return o;
}

void outside_stop(struct outside *o)
{
    if (o == NULL)
        return;
    o->fn = NULL;
    if (o->exchange != NULL) {
        o->net->ops->cancel(o->exchange); /* on_dns() frees it */
        return;
    }
    webask_stop(o->page);
    udp_ask_stop(o->udp);
    mem_free(o);
}
