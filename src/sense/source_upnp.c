/*
 * SPDX-License-Identifier: ISC
 */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "net/udp.h"
#include "sense/igd.h"
#include "sense/inside.h"
#include "sense/webask.h"

/*
 * The router's outside address by UPnP (Internet Gateway Device 1 and 2): a search by multicast,
 * the description of who answered, then its address. The device is kept: looking for it takes two
 * seconds, asking it none. All of it in the loop and bounded, in time, in bytes and in the number
 * of those who answer: everybody on the network can.
 *
 * Of several devices the one on the gateway counts; without it another one is asked where the
 * configuration says "upnp", and nobody for "auto" and "router". Whoever answers must have an
 * address of this link, and leads to nobody but itself (igd.h).
 */
enum {
    SEARCH_AGAIN = 600,       /* ms: a datagram may get lost */
    SEARCH_WAIT = 2 * SECOND, /* in all; MX is 1 s */
    HOP_LIMIT = 2,            /* UPnP Device Architecture 1.1, section 1.3.2 */
    DEVICES_MAX = 8,          /* that are looked at */
    ANSWER_MAX = 64 * 1024,   /* bytes of a description or an answer */
    ANSWER_WAIT = 5 * SECOND, /* for one */
};

/* A request under way; outlives a source that is closed. */
struct asking {
    struct exchange *exchange;
    struct source *source; /* NULL: nobody waits any more */
    void (*fn)(struct source *s, const struct reply *reply);
};

struct upnp {
    struct net_timer *timer;
    struct udp_search *search;
    bool again; /* the second sending is over */
    struct asking *asking;
    char *found[DEVICES_MAX]; /* owned: URLs of descriptions; the gateway's first */
    unsigned found_count, at;
    char *device; /* owned: the description of the one that is used, or NULL */
    struct igd igd;
    bool kept;           /* it was found by a former question */
    struct addr gateway; /* of the default route when it was found; zero: none */
};

static void begin_search(struct source *s);
static void try_next(struct source *s);
static void ask_address(struct source *s);

static struct addr gateway_of(const struct source *s)
{
    const struct if_route *route = real_route(s, V4);
    return route != NULL && route->has_gateway ? route->gateway : (struct addr){.family = V4};
}

/* --- the end of a question --- */

static void answered(struct source *s, const char *words)
{
    source_empty(s, V4, words);
    source_answered(s, false);
}

static void nobody_there(struct source *s)
{
    source_unknown_all(s, "no router on this network speaks UPnP");
    source_answered(s, false);
}

/* --- requests --- */

static void on_reply(void *arg, const struct reply *reply)
{
    struct asking *a = arg;
    struct source *s = a->source;
    void (*fn)(struct source * s, const struct reply *reply) = a->fn;

    mem_free(a);
    if (s == NULL)
        return;
    ((struct upnp *)s->data)->asking = NULL;
    fn(s, reply);
}

/* Takes the request over. */
static void send_request(struct source *s, struct request *r,
                         void (*fn)(struct source *s, const struct reply *reply))
{
    struct net *net = s->real->options.net;
    struct transport transport = spec_transport(&s->spec);
    struct upnp *u = s->data;
    struct asking *a = mem_alloc(sizeof *a);

    transport.timeout = ANSWER_WAIT;
    r->family = V4;
    r->fresh = r->http1 = true;
    r->reply_max = ANSWER_MAX;
    *a = (struct asking){.source = s, .fn = fn};
    u->asking = a;
    a->exchange = net->ops->send(net, r, &transport, on_reply, a);
}

static void ask_device(struct source *s, const char *action,
                       void (*fn)(struct source *s, const struct reply *reply))
{
    struct upnp *u = s->data;
    struct buf body, header;
    struct request r;

    buf_init(&body, 2048);
    buf_init(&header, 256);
    igd_question(&u->igd, action, &body, &header);
    request_init(&r, REQUEST_HTTP);
    r.about = mem_text("ask the router for its address");
    request_method(&r, "POST");
    marked_text(&r.url, u->igd.control);
    marked_text(request_header(&r, "Content-Type"), "text/xml; charset=\"utf-8\"");
    marked_text(request_header(&r, "SOAPAction"), buf_str(&header));
    r.has_body = true;
    marked_text(&r.body, buf_str(&body));
    buf_free(&body);
    buf_free(&header);
    send_request(s, &r, fn);
}

/* --- the address --- */

static bool read_value(const struct reply *reply, const char *name, char *out, size_t room)
{
    return reply->error == NET_OK && reply->status == 200 &&
           igd_value(buf_str(&reply->body), reply->body.len, name, out, room);
}

/* While it reconnects it says 0.0.0.0: unknown, not none. */
static void on_status(struct source *s, const struct reply *reply)
{
    char status[32], words[200];
    struct buf line;

    if (!read_value(reply, "NewConnectionStatus", status, sizeof status))
        snprintf(status, sizeof status, "0.0.0.0");
    buf_init(&line, sizeof status);
    text_add_line(&line, status, strlen(status));
    snprintf(words, sizeof words, "the router says it has no address now (%s)", buf_str(&line));
    buf_free(&line);
    answered(s, words);
}

static void on_address(struct source *s, const struct reply *reply)
{
    struct upnp *u = s->data;
    char text[64], words[200], host[ADDR_TEXT_MAX + 8];
    struct addr a;

    bool told = read_value(reply, "NewExternalIPAddress", text, sizeof text);
    if (!told && u->kept) { /* it moved, or is another one now */
        begin_search(s);
    } else if (!told || !addr_parse(text, &a) || a.family != V4) {
        snprintf(words, sizeof words, "the router %s tells no address by UPnP",
                 webask_host(u->device, host, sizeof host));
        answered(s, words);
    } else if (text_equal(text, "0.0.0.0")) {
        ask_device(s, "GetStatusInfo", on_status);
    } else {
        source_known(s, &a, NULL);
        source_answered(s, true);
    }
}

static void ask_address(struct source *s)
{
    ask_device(s, "GetExternalIPAddress", on_address);
}

/* --- the description --- */

static void on_description(struct source *s, const struct reply *reply)
{
    struct upnp *u = s->data;
    const char *location = u->found[u->at++];

    if (reply->error != NET_OK || reply->status != 200 ||
        !igd_describe(buf_str(&reply->body), reply->body.len, location, &u->igd)) {
        try_next(s);
        return;
    }
    u->device = mem_text(location);
    u->gateway = gateway_of(s);
    ask_address(s);
}

static void try_next(struct source *s)
{
    struct upnp *u = s->data;
    struct request r;

    if (u->at == u->found_count) {
        nobody_there(s);
        return;
    }
    request_init(&r, REQUEST_HTTP);
    r.about = mem_text("ask a device what it is");
    request_method(&r, "GET");
    marked_text(&r.url, u->found[u->at]);
    send_request(s, &r, on_description);
}

/* --- the search --- */

static void forget_found(struct upnp *u)
{
    while (u->found_count > 0)
        mem_free(u->found[--u->found_count]);
    u->at = 0;
}

static void end_search(struct source *s)
{
    struct upnp *u = s->data;

    udp_search_free(u->search);
    u->search = NULL;
    s->real->options.net->ops->timer_set(u->timer, NEVER);
}

/* Has it an address of the link that the search went out by? */
static bool is_near(const struct source *s, const struct addr *a)
{
    const struct iftable *t = real_table(s->real);
    const struct if_route *route = real_route(s, V4);

    for (size_t i = 0; t != NULL && i < t->addr_count; i++)
        if ((route == NULL || t->addrs[i].index == route->index) && t->addrs[i].addr.family == V4 &&
            addr_in(a, &t->addrs[i].addr, t->addrs[i].length))
            return true;
    return false;
}

static void on_answer(void *arg, const struct addr *from, const uint8_t *bytes, size_t n)
{
    struct source *s = arg;
    struct upnp *u = s->data;
    char location[IGD_URL_MAX];

    if (u->search == NULL || !igd_location(bytes, n, from, location) || !is_near(s, from))
        return;
    struct addr gateway = gateway_of(s);
    if (addr_equal(&gateway, from)) { /* whoever else there is */
        forget_found(u);
        u->found[u->found_count++] = mem_text(location);
        end_search(s);
        try_next(s);
        return;
    }
    if (s->spec.on_demand) /* nobody asked for UPnP by name: only the router itself is believed */
        return;
    for (unsigned i = 0; i < u->found_count; i++)
        if (text_equal(u->found[i], location))
            return;
    if (u->found_count < DEVICES_MAX)
        u->found[u->found_count++] = mem_text(location);
}

static bool send_search(struct upnp *u)
{
    struct buf text;
    bool sent = false;

    buf_init(&text, 512);
    for (unsigned n = 0; igd_search(n, &text); n++) {
        sent = udp_search_send(u->search, buf_str(&text), text.len) || sent;
        buf_clear(&text);
    }
    buf_free(&text);
    return sent;
}

static void on_time(void *arg)
{
    struct source *s = arg;
    struct upnp *u = s->data;

    if (u->search == NULL)
        return;
    if (!u->again) {
        u->again = true;
        send_search(u);
        s->real->options.net->ops->timer_set(u->timer, net_now(s->real->options.net).mono +
                                                           SEARCH_WAIT - SEARCH_AGAIN);
        return;
    }
    end_search(s);
    try_next(s);
}

/* Our own address on the way to the gateway: from there the search leaves. */
static bool own_address(const struct source *s, struct addr *out)
{
    const struct iftable *t = real_table(s->real);
    const struct if_route *route = real_route(s, V4);

    for (size_t i = 0; route != NULL && i < t->addr_count; i++)
        if (t->addrs[i].index == route->index && t->addrs[i].addr.family == V4 &&
            route->has_gateway && addr_in(&route->gateway, &t->addrs[i].addr, t->addrs[i].length)) {
            *out = t->addrs[i].addr;
            return true;
        }
    return false;
}

static void begin_search(struct source *s)
{
    struct real *r = s->real;
    struct upnp *u = s->data;
    struct transport transport = spec_transport(&s->spec);
    struct udp_search_at at = {.group = IGD_GROUP, .port = IGD_PORT, .hops = HOP_LIMIT};
    const char *why;

    forget_found(u);
    mem_free(u->device);
    u->device = NULL;
    u->kept = false;
    at.has_local = own_address(s, &at.local);
    if (outlet_init(&at.outlet, &transport, &why))
        u->search = udp_search_new(r->options.loop, &at, on_answer, s);
    u->again = false;
    if (u->search == NULL || !send_search(u)) {
        end_search(s);
        nobody_there(s);
        return;
    }
    r->options.net->ops->timer_set(u->timer, net_now(r->options.net).mono + SEARCH_AGAIN);
}

/* --- the source --- */

static void open_upnp(struct source *s)
{
    struct net *net = s->real->options.net;
    ((struct upnp *)s->data)->timer = net->ops->timer_new(net, on_time, s);
}

static void ask_upnp(struct source *s)
{
    struct upnp *u = s->data;
    struct addr gateway = gateway_of(s);

    u->kept = u->device != NULL && addr_equal(&gateway, &u->gateway);
    if (u->kept)
        ask_address(s);
    else
        begin_search(s);
}

static void close_upnp(struct source *s)
{
    struct upnp *u = s->data;

    end_search(s);
    if (u->asking != NULL) {
        u->asking->source = NULL;
        s->real->options.net->ops->cancel(u->asking->exchange);
    }
    forget_found(u);
    s->real->options.net->ops->timer_free(u->timer);
    mem_free(u->device);
}

const struct source_kind source_upnp = {.name = "upnp",
                                        .polls = true,
                                        .every = MINUTE,
                                        .size = sizeof(struct upnp),
                                        .open = open_upnp,
                                        .ask = ask_upnp,
                                        .close = close_upnp};
