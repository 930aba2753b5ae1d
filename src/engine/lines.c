/*
 * SPDX-License-Identifier: ISC
 */
#include "engine/lines.h"

#include <string.h>

#include "base/log.h"
#include "base/map.h"
#include "base/mem.h"
#include "decide/line.h"
#include "decide/schedule.h"

enum {
    SERVERS = 4,                  /* of a family, that answered a question last */
    QUESTION_MAX = 512,           /* bytes of such a question */
    PROBE_TIMEOUT = 3 * SECOND,   /* two attempts of net/dns */
    CONTRAST_EVERY = 10 * MINUTE, /* at most, by a line that is not asked otherwise */
};

/* A DNS server that answered, and what it was asked. */
struct server {
    struct addr addr;
    uint16_t port;
    uint8_t *wire; /* owned */
    size_t len;    /* 0: none */
};

struct line_watch {
    struct lines *all;
    char *key; /* owned */
    enum family family;
    unsigned uses;
    char *interface, *source_address; /* owned, or NULL */
    uint32_t mark;
    unsigned asks; /* owners that let it be asked */
    msec every;    /* the shortest of theirs */
    struct line line;
    bool works; /* as was told last */
    struct exchange *probe;
    unsigned next_server;
    struct net_timer *timer;
};

struct lines {
    struct net seam; /* first: the seam is cast back */
    struct net *net;
    void (*changed)(void *arg, const struct line_watch *line);
    void *arg;
    struct map *watches; /* by key */
    struct net_ops ops;  /* of the seam */
    unsigned carried;    /* requests whose replies are still to come */
    bool ended;
    struct server servers[FAMILIES][SERVERS];
    unsigned learned[FAMILIES];
    struct server silent[FAMILIES]; /* the last that did not answer, while none is learned */
};

/* A request that is listened to. */
struct carried {
    struct lines *all;
    char *keys[FAMILIES]; /* owned: of watched lines it may travel by */
    struct server asked;  /* a question that may be asked again; else len 0 */
    bool literal;         /* its address is known beforehand */
    reply_fn *fn;
    void *arg;
};

static struct lines *back(struct net *net)
{
    return (struct lines *)net;
}

static msec mono(const struct lines *l)
{
    return net_now(l->net).mono;
}

static char *key_of(const struct transport *t, enum family f)
{
    return mem_format("%d|%s|%s|%lu", (int)f, t->interface != NULL ? t->interface : "",
                      t->source_address != NULL ? t->source_address : "", (unsigned long)t->mark);
}

/* --- news of a line --- */

static void plan(struct line_watch *w);
static void ask(struct line_watch *w, const struct server *s);
static const struct server *choose(struct line_watch *w);

static const char *way_name(const struct line_watch *w)
{
    return w->interface != NULL        ? w->interface
           : w->source_address != NULL ? w->source_address
                                       : "a routing mark";
}

static void say(struct line_watch *w)
{
    const char *why = lines_trouble(w);

    log_notice(NULL, "%s by way of %s: %s", family_name(w->family), way_name(w),
               why != NULL ? why : "answers come back again");
    w->works = why == NULL;
}

static void tell(struct line_watch *w)
{
    say(w);
    w->all->changed(w->all->arg, w);
}

static void heard(struct line_watch *w, bool probe)
{
    struct lines *l = w->all;
    msec now_mono = mono(l);
    bool first = probe && !w->line.answers;
    bool changed = line_heard(&w->line, probe, now_mono);
    void *value;

    plan(w);
    if (first)
        log_debug(NULL, "%s by way of %s: answers come back", family_name(w->family), way_name(w));
    if (changed)
        tell(w);
    for (size_t at = 0; map_next(l->watches, &at, NULL, &value);) {
        struct line_watch *other = value;
        if (other != w && other->family == w->family && line_contrast(&other->line, now_mono))
            tell(other);
    }
}

/* Is it the line, or are it the servers? Others are asked once, those that cost as well: what a
 * server answered before, or else the very question that met silence here. */
static void compare(const struct line_watch *w)
{
    struct lines *l = w->all;
    void *value;

    for (size_t at = 0; map_next(l->watches, &at, NULL, &value);) {
        struct line_watch *other = value;
        msec gap = other->asks > 0 ? other->every : CONTRAST_EVERY;
        if (other == w || other->family != w->family || other->probe != NULL ||
            (other->line.asked != LONG_AGO && mono(l) - other->line.asked < gap))
            continue;
        const struct server *s = choose(other);
        ask(other, s != NULL ? s : &l->silent[w->family]);
    }
}

static void silent(struct line_watch *w, bool probe)
{
    bool changed = line_silent(&w->line, probe, mono(w->all));

    plan(w);
    if (changed)
        tell(w);
    if (line_in_doubt(&w->line))
        compare(w);
}

/* --- asking --- */

static void on_probe(void *arg, const struct reply *reply)
{
    struct line_watch *w = arg;

    w->probe = NULL;
    if (w->all == NULL) { /* released meanwhile */
        mem_free(w);
        return;
    }
    if (reply->error == NET_OK || reply->error == NET_REFUSED)
        heard(w, true);
    else if (reply->error == NET_TIMEOUT || reply->error == NET_NO_ROUTE)
        silent(w, true);
    else
        plan(w);
}

static const struct server *choose(struct line_watch *w)
{
    for (unsigned i = 0; i < SERVERS; i++) {
        w->next_server = (w->next_server + 1) % SERVERS;
        const struct server *s = &w->all->servers[w->family][w->next_server];
        if (s->len > 0)
            return s;
    }
    return NULL;
}

static void ask(struct line_watch *w, const struct server *s)
{
    const struct transport way = {.interface = w->interface,
                                  .source_address = w->source_address,
                                  .mark = w->mark,
                                  .timeout = PROBE_TIMEOUT};
    char server[ADDR_TEXT_MAX];
    struct request r;

    if (s == NULL || s->len == 0)
        return;
    w->line.asked = mono(w->all);
    request_init(&r, REQUEST_DNS);
    r.about = mem_text("see whether anything comes back by this line");
    r.server = mem_text(addr_text(&s->addr, server));
    r.port = s->port;
    r.family = (int)w->family;
    r.wire = mem_alloc(s->len);
    r.wire_len = s->len;
    memcpy(r.wire, s->wire, s->len);
    w->probe = w->all->net->ops->send(w->all->net, &r, &way, on_probe, w);
}

/* Without a server to ask nothing is planned: the next that answers somebody is learned, and then
 * there was an answer. */
static void plan(struct line_watch *w)
{
    const struct lines *l = w->all;
    bool can = w->asks > 0 && l->learned[w->family] > 0 && w->probe == NULL;
    msec at = line_probe_at(&w->line, w->every), now = mono(l);

    /* A line that nobody asks is believed in again some time. */
    if (!can)
        at = !line_works(&w->line, now) ? now + MINUTE : NEVER;
    l->net->ops->timer_set(w->timer, at > now ? at : now);
}

static void on_time(void *arg)
{
    struct line_watch *w = arg;
    bool believed = !w->works && line_works(&w->line, mono(w->all));

    if (w->asks > 0 && w->probe == NULL)
        ask(w, choose(w));
    plan(w);
    if (believed)
        tell(w);
}

/* --- listening --- */

static void free_ended(struct lines *l)
{
    if (l->ended && l->carried == 0)
        mem_free(l);
}

static void learn(struct lines *l, struct carried *c, const struct reply *reply)
{
    enum family f = (enum family)reply->peer.family;
    struct server *at = NULL;

    for (unsigned i = 0; i < SERVERS && at == NULL; i++)
        if (l->servers[f][i].len > 0 && addr_equal(&l->servers[f][i].addr, &reply->peer))
            at = &l->servers[f][i];
    if (at == NULL)
        at = &l->servers[f][l->learned[f]++ % SERVERS];
    bool first = at->len == 0;
    mem_free(at->wire);
    *at = c->asked;
    at->addr = reply->peer;
    c->asked = (struct server){.len = 0};
    void *value;
    for (size_t i = 0; first && map_next(l->watches, &i, NULL, &value);)
        plan(value);
}

/* Somebody else may have more luck with it. */
static void keep_silent(struct lines *l, struct carried *c)
{
    struct server *at = &l->silent[c->asked.addr.family];

    if (!c->literal || c->asked.len == 0)
        return;
    mem_free(at->wire);
    *at = c->asked;
    c->asked = (struct server){.len = 0};
}

static bool came_back(enum net_error error)
{
    return error == NET_OK || error == NET_REFUSED || error == NET_RESET || error == NET_TLS ||
           error == NET_TOO_BIG || error == NET_PROTOCOL || error == NET_REDIRECT;
}

/* A router says that there is no way on; or this machine, whose address may merely be on its way
 * back: that is for lines that are asked soon. */
static bool no_way(const struct carried *c, const struct reply *reply, enum family f)
{
    const struct line_watch *w = map_get(c->all->watches, c->keys[f]);
    return reply->error == NET_NO_ROUTE && c->keys[V4 + V6 - f] == NULL && w->asks > 0;
}

/* The family that it travelled by tells the line: that of the peer, or the only one it may have. */
static void note(struct carried *c, const struct reply *reply)
{
    bool known = reply->has_peer && addr_kind(&reply->peer) == ADDR_PUBLIC;

    for (enum family f = V4; f < FAMILIES; f++) {
        struct line_watch *w = c->keys[f] != NULL ? map_get(c->all->watches, c->keys[f]) : NULL;
        if (w == NULL)
            continue;
        if (came_back(reply->error) && known && reply->peer.family == f)
            heard(w, false);
        else if (reply->error == NET_TIMEOUT || no_way(c, reply, f))
            silent(w, false);
    }
}

/* Is it known of every line that it may have gone by that nothing comes back? */
static bool went_nowhere(const struct carried *c)
{
    bool any = false;

    for (enum family f = V4; f < FAMILIES; f++) {
        const struct line_watch *w =
            c->keys[f] != NULL ? map_get(c->all->watches, c->keys[f]) : NULL;
        if (w == NULL)
            continue;
        if (lines_trouble(w) == NULL)
            return false;
        any = true;
    }
    return any;
}

static void on_reply(void *arg, const struct reply *reply)
{
    struct carried *c = arg;
    struct lines *l = c->all;
    struct reply told = *reply;

    if (!l->ended) {
        if (c->asked.len > 0 && reply->error == NET_OK && reply->has_peer &&
            addr_kind(&reply->peer) == ADDR_PUBLIC)
            learn(l, c, reply);
        else if (reply->error == NET_TIMEOUT)
            keep_silent(l, c);
        note(c, reply);
        if (reply->error == NET_TIMEOUT && went_nowhere(c))
            told.error = NET_NO_ROUTE;
    }
    c->fn(c->arg, &told);
    for (enum family f = V4; f < FAMILIES; f++)
        mem_free(c->keys[f]);
    mem_free(c->asked.wire);
    mem_free(c);
    l->carried--;
    free_ended(l);
}

/* The only family that it can travel by, as far as that can be told; -1: either. */
static int only_family(const struct request *r)
{
    const char *host = r->kind == REQUEST_DNS ? r->server : strstr(marked_str(&r->url), "://");
    struct addr a;

    if (r->family >= 0 || host == NULL)
        return r->family;
    if (r->kind != REQUEST_DNS)
        host += 3;
    return addr_parse_n(host, strcspn(host, "/?#:"), &a) ? (int)a.family : -1;
}

static bool leads_outside(const struct request *r)
{
    struct addr a;

    return r->kind != REQUEST_DNS || r->server == NULL || !addr_parse(r->server, &a) ||
           addr_kind(&a) == ADDR_PUBLIC;
}

/* What may be sent to the same server again: the question itself, but no write, and nothing that is
 * signed; for those the name servers of the root, which it need not know to answer. */
static struct server question_of(const struct request *r)
{
    static const uint8_t root[] = {0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0, 1};
    bool plain = !r->writes && !r->keep_id && r->wire_len <= QUESTION_MAX;
    const uint8_t *wire = plain ? r->wire : root;
    struct server s = {.port = r->port, .len = plain ? r->wire_len : sizeof root};

    if (s.len > 0) {
        s.wire = mem_alloc(s.len);
        memcpy(s.wire, wire, s.len);
    }
    return s;
}

static struct carried *listen_to(struct lines *l, const struct request *r,
                                 const struct transport *t)
{
    struct carried *c = mem_alloc(sizeof *c);
    int family = only_family(r);

    *c = (struct carried){.all = l};
    for (enum family f = V4; f < FAMILIES; f++) {
        char *key = t->proxy == NULL && (family < 0 || family == (int)f) && leads_outside(r)
                        ? key_of(t, f)
                        : NULL;
        if (key != NULL && map_get(l->watches, key) != NULL)
            c->keys[f] = key;
        else
            mem_free(key);
    }
    if (r->kind == REQUEST_DNS && !r->tcp) {
        c->asked = question_of(r);
        c->literal = r->server != NULL && addr_parse(r->server, &c->asked.addr);
    }
    return c;
}

/* --- the seam --- */

static struct moment now(struct net *net)
{
    return net_now(back(net)->net);
}

static struct net_timer *timer_new(struct net *net, void (*fn)(void *arg), void *arg)
{
    struct net *inner = back(net)->net;
    return inner->ops->timer_new(inner, fn, arg);
}

static struct exchange *send_request(struct net *net, struct request *request,
                                     const struct transport *transport, reply_fn *fn, void *arg)
{
    struct lines *l = back(net);
    struct net *inner = l->net;

    if (map_count(l->watches) == 0)
        return inner->ops->send(inner, request, transport, fn, arg);
    struct carried *c = listen_to(l, request, transport);
    c->fn = fn;
    c->arg = arg;
    l->carried++;
    return inner->ops->send(inner, request, transport, on_reply, c);
}

static void random_bytes(struct net *net, void *bytes, size_t n)
{
    struct net *inner = back(net)->net;
    inner->ops->random(inner, bytes, n);
}

static void prepare(struct net *net)
{
    struct net *inner = back(net)->net;
    if (inner->ops->prepare != NULL)
        inner->ops->prepare(inner);
}

static void renew(struct net *net)
{
    struct net *inner = back(net)->net;
    if (inner->ops->renew != NULL)
        inner->ops->renew(inner);
}

static void cut(struct net *net)
{
    struct net *inner = back(net)->net;
    if (inner->ops->cut != NULL)
        inner->ops->cut(inner);
}

struct lines *lines_new(struct net *net, void (*changed)(void *arg, const struct line_watch *line),
                        void *arg)
{
    struct lines *l = mem_alloc(sizeof *l);

    *l = (struct lines){.net = net, .changed = changed, .arg = arg, .watches = map_new()};
    l->ops = (struct net_ops){.now = now,
                              .timer_new = timer_new,
                              .timer_set = net->ops->timer_set,
                              .timer_free = net->ops->timer_free,
                              .send = send_request,
                              .cancel = net->ops->cancel,
                              .random = random_bytes,
                              .prepare = prepare,
                              .renew = renew,
                              .cut = cut};
    l->seam.ops = &l->ops;
    return l;
}

void lines_free(struct lines *l)
{
    if (l == NULL)
        return;
    map_free(l->watches, NULL);
    for (int f = 0; f < FAMILIES; f++) {
        mem_free(l->silent[f].wire);
        for (unsigned i = 0; i < SERVERS; i++)
            mem_free(l->servers[f][i].wire);
    }
    l->ended = true;
    free_ended(l);
}

struct net *lines_net(struct lines *l)
{
    return &l->seam;
}

struct line_watch *lines_watch(struct lines *l, const struct transport *way, enum family family)
{
    char *key = key_of(way, family);
    struct line_watch *w = map_get(l->watches, key);

    if (w != NULL) {
        mem_free(key);
        w->uses++;
        return w;
    }
    w = mem_alloc(sizeof *w);
    *w = (struct line_watch){.all = l,
                             .key = key,
                             .family = family,
                             .uses = 1,
                             .interface = mem_text(way->interface),
                             .source_address = mem_text(way->source_address),
                             .mark = way->mark,
                             .works = true};
    line_init(&w->line);
    w->timer = l->net->ops->timer_new(l->net, on_time, w);
    map_set(l->watches, key, w);
    return w;
}

void lines_release(struct line_watch *w)
{
    if (w == NULL || --w->uses > 0)
        return;
    struct net *net = w->all->net;
    map_remove(w->all->watches, w->key);
    net->ops->timer_free(w->timer);
    mem_free(w->key);
    mem_free(w->interface);
    mem_free(w->source_address);
    w->all = NULL;
    if (w->probe != NULL)
        net->ops->cancel(w->probe); /* on_probe() frees it */
    else
        mem_free(w);
}

void lines_ask(struct line_watch *w, msec former, msec every)
{
    w->asks += (every > 0) - (former > 0);
    if (every > 0 && (w->asks == 1 || every < w->every))
        w->every = every;
    plan(w);
}

void lines_gateway(struct line_watch *w, bool gone)
{
    if (line_gateway(&w->line, gone, mono(w->all)))
        say(w);
    plan(w);
}

const char *lines_trouble(const struct line_watch *w)
{
    if (line_works(&w->line, mono(w->all)))
        return NULL;
    return w->line.gateway_gone ? "its gateway does not answer" : "no answer comes back by it";
}
