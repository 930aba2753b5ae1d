/*
 * SPDX-License-Identifier: ISC
 */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "net/udp.h"
#include "sense/inside.h"
#include "sense/portmap.h"

/*
 * The router's outside address by NAT-PMP and PCP. Routers announce a change to everybody on the
 * network; an announcement only makes us ask at once, it is not believed itself.
 *
 * PCP tells the address in answer to a mapping alone: one of our own port for two minutes, taken
 * away again at once.
 */
enum {
    FIRST_WAIT = SECOND / 4, /* RFC 6886, section 3.1; but four times, not nine: it is on the LAN */
    TRIES = 4,
    MAPPING_LIFETIME = 120, /* the least that RFC 6887, section 15 recommends routers to grant */
};

struct mapping {
    struct udp_ask *ask, *undo;
    struct udp_listen *announcements;
    struct addr gateway;
    uint8_t nonce[PCP_NONCE];
    struct addr client;
    uint16_t port;
    bool has_epoch, restarted;
    uint32_t epoch;
    msec epoch_mono;
};

static enum family family_of(const struct source *s)
{
    return s->spec.families == FAMILY_BIT(V4) ? V4 : V6;
}

static bool is_pcp(const struct source *s)
{
    return s->spec.kind == &source_pcp;
}

static msec mono(const struct source *s)
{
    return net_now(s->real->options.net).mono;
}

/* Remembers the router's clock; true when it lost its state since the last answer. */
static bool note_epoch(struct source *s, uint32_t epoch)
{
    struct mapping *m = s->data;
    msec now = mono(s);
    bool lost = m->has_epoch &&
                portmap_restarted(m->epoch, epoch, (uint32_t)((now - m->epoch_mono) / SECOND));

    m->has_epoch = true;
    m->epoch = epoch;
    m->epoch_mono = now;
    return lost;
}

static void on_announcement(void *arg, const struct addr *from, const uint8_t *bytes, size_t n)
{
    struct source *s = arg;
    struct mapping *m = s->data;
    struct portmap_answer a;

    if (addr_equal(from, &m->gateway) && portmap_announcement(bytes, n, &a))
        real_ask_part(s);
}

/* --- questions --- */

static void prepare_pcp(void *arg, uint8_t *bytes, size_t len, const struct addr *local,
                        uint16_t local_port)
{
    struct source *s = arg;
    struct mapping *m = s->data;

    m->client = *local;
    m->port = local_port;
    pcp_request(bytes, local, local_port, m->nonce, MAPPING_LIFETIME);
}

static bool accept_answer(void *arg, const uint8_t *bytes, size_t n)
{
    struct source *s = arg;
    struct mapping *m = s->data;
    struct portmap_answer a;

    return is_pcp(s) ? pcp_read(bytes, n, m->nonce, &a) : natpmp_read(bytes, n, &a);
}

static struct udp_question question(struct source *s, char server[ADDR_TEXT_MAX])
{
    struct mapping *m = s->data;
    struct transport t = spec_transport(&s->spec);
    struct udp_question q = {.server = server,
                             .port = PORTMAP_PORT,
                             .family = m->gateway.family,
                             .first_wait = FIRST_WAIT,
                             .tries = TRIES,
                             .accept = accept_answer};
    const char *why;

    addr_text(&m->gateway, server);
    outlet_init(&q.outlet, &t, &why);
    return q;
}

static void on_undone(void *arg, const struct udp_answer *answer)
{
    ((struct mapping *)((struct source *)arg)->data)->undo = NULL;
}

static void undo_mapping(struct source *s)
{
    struct mapping *m = s->data;
    char server[ADDR_TEXT_MAX];
    struct udp_question q = question(s, server);

    udp_ask_stop(m->undo);
    q.len = PCP_REQUEST;
    q.tries = 1;
    pcp_request(q.bytes, &m->client, m->port, m->nonce, 0);
    m->undo = udp_ask_start(s->real->options.loop, &q, on_undone, s);
}

static void on_answer(void *arg, const struct udp_answer *got)
{
    struct source *s = arg;
    struct mapping *m = s->data;
    struct portmap_answer a = {0};
    char text[ADDR_TEXT_MAX];

    m->ask = NULL;
    if (got->error != NET_OK) {
        char words[160];
        snprintf(words, sizeof words, "the router %s does not speak %s: %s",
                 addr_text(&m->gateway, text), is_pcp(s) ? "PCP" : "NAT-PMP",
                 net_error_text(got->error));
        source_unknown_all(s, words);
        source_answered(s, false);
        return;
    }
    if (is_pcp(s))
        pcp_read(got->bytes, got->len, m->nonce, &a);
    else
        natpmp_read(got->bytes, got->len, &a);
    note_epoch(s, a.epoch);
    if (is_pcp(s) && a.ok)
        undo_mapping(s);
    if (a.has_addr && (s->spec.families & FAMILY_BIT(a.addr.family))) {
        source_known(s, &a.addr, a.ok ? NULL : portmap_result_text(is_pcp(s), a.result));
    } else {
        char words[200];
        snprintf(words, sizeof words, "the router %s has no address to tell: %s",
                 addr_text(&m->gateway, text), portmap_result_text(is_pcp(s), a.result));
        source_empty(s, family_of(s), words);
    }
    source_answered(s, a.has_addr);
}

static void ask_router(struct source *s)
{
    struct mapping *m = s->data;
    const struct if_route *route = real_route(s, family_of(s));
    char server[ADDR_TEXT_MAX];

    if (route == NULL || !route->has_gateway) {
        source_unknown_all(s, "there is no router: no default route leads over one");
        source_answered(s, false);
        return;
    }
    m->gateway = route->gateway;
    struct udp_question q = question(s, server);
    if (is_pcp(s)) {
        s->real->options.net->ops->random(s->real->options.net, m->nonce, sizeof m->nonce);
        q.len = PCP_REQUEST;
        q.prepare = prepare_pcp;
    } else {
        q.len = NATPMP_REQUEST;
        natpmp_request(q.bytes);
    }
    m->ask = udp_ask_start(s->real->options.loop, &q, on_answer, s);
}

static void open_router(struct source *s)
{
    struct mapping *m = s->data;

    m->announcements = udp_listen_new(s->real->options.loop, PORTMAP_GROUP, PORTMAP_ANNOUNCE_PORT,
                                      on_announcement, s);
}

static void close_router(struct source *s)
{
    struct mapping *m = s->data;

    udp_ask_stop(m->ask);
    udp_ask_stop(m->undo);
    udp_listen_free(m->announcements);
}

const struct source_kind source_natpmp = {.name = "natpmp",
                                          .polls = true,
                                          .every = MINUTE,
                                          .size = sizeof(struct mapping),
                                          .open = open_router,
                                          .ask = ask_router,
                                          .close = close_router};
const struct source_kind source_pcp = {.name = "pcp",
                                       .polls = true,
                                       .every = MINUTE,
                                       .size = sizeof(struct mapping),
                                       .open = open_router,
                                       .ask = ask_router,
                                       .close = close_router};
