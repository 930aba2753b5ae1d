/*
 * SPDX-License-Identifier: ISC
 */
#include <stdio.h>

#include "base/mem.h"
#include "sense/panel.h"
#include "sense/survey.h"

/*
 * auto, in this order: the interface of the default route if it holds a public address; the
 * router's own word (IPv4; the second part) if that is one; a panel of outside services.
 *
 * A router that said nothing is left alone for an hour, or until the network changes.
 */
enum { SILENCE = HOUR };

enum phase { IDLE, WAITING, ROUTER, OUTSIDE };

struct deciding {
    struct panel panel; /* first */
    enum phase phase;
    msec silent_until; /* mono: no router speaks here */
};

static enum family family_of(const struct source *s)
{
    return s->spec.families == FAMILY_BIT(V4) ? V4 : V6;
}

static const struct sensed *interface_of(const struct source *s)
{
    return &s->parts[0]->values[family_of(s)];
}

static bool is_public(const struct sensed *v)
{
    return v->state == SENSED_KNOWN && addr_kind(&v->set.items[0]) == ADDR_PUBLIC;
}

/* An uplink's routes may stand in a table of their own: there the interface counts. */
static bool has_way_out(const struct source *s)
{
    const struct iftable *t = real_table(s->real);
    const struct if_link *link = real_uplink(s);
    enum family f = family_of(s);

    if (s->spec.interface != NULL || s->spec.source_address != NULL) {
        for (size_t i = 0; link != NULL && link->up && i < t->addr_count; i++)
            if (t->addrs[i].index == link->index && t->addrs[i].addr.family == f &&
                (t->addrs[i].flags & IF_GLOBAL))
                return true;
        return t == NULL;
    }
    for (size_t i = 0; t != NULL && i < t->route_count; i++)
        if (t->routes[i].family == f)
            return true;
    return t == NULL || s->spec.mark != 0;
}

static void take(struct source *s, const struct sensed *v)
{
    struct deciding *d = s->data;

    panel_stop(&d->panel);
    d->phase = IDLE;
    source_set(s, family_of(s), v->state, &v->set, v->error);
    if (s->asking)
        source_answered(s, true);
}

static void say_unknown(struct source *s, const char *words)
{
    struct deciding *d = s->data;

    d->phase = IDLE;
    source_unknown(s, family_of(s), "%s", words);
    source_answered(s, false);
}

/* --- the outside --- */

static void panel_done(struct source *s, const struct addr *a, const char *words)
{
    struct deciding *d = s->data;
    struct addrset set = {0};
    char doubt[256];

    if (a == NULL) {
        char text[256];
        snprintf(text, sizeof text, "no agreement: %.240s", words);
        say_unknown(s, text);
        return;
    }
    d->phase = IDLE;
    addrset_add(&set, a);
    survey_outside(s, a);
    source_set(s, family_of(s), SENSED_KNOWN, &set, survey_doubt(s, a, words, doubt, sizeof doubt));
    source_answered(s, true);
}

static void ask_outside(struct source *s)
{
    struct deciding *d = s->data;

    if (s->real->options.no_outside) {
        say_unknown(s, s->spec.part_count > 1
                           ? "neither the interface nor a router tells a public address, and "
                             "outside=no lets no outside host be asked"
                           : "the interface has no public address, and outside=no lets no outside "
                             "host be asked");
        return;
    }
    d->phase = OUTSIDE;
    panel_ask(&d->panel);
}

/* --- the router --- */

/* It told what it knows, or that it does not answer. */
static void hear_router(struct source *s)
{
    struct deciding *d = s->data;
    const struct sensed *router = &s->parts[1]->values[V4];

    if (is_public(router)) {
        take(s, router);
        return;
    }
    if (router->state != SENSED_KNOWN && !router->empty)
        d->silent_until = net_now(s->real->options.net).mono + SILENCE;
    ask_outside(s);
}

static void ask_router(struct source *s)
{
    ((struct deciding *)s->data)->phase = ROUTER;
    real_ask_part(s->parts[1]);
}

/* --- which way --- */

static void decide(struct source *s)
{
    struct deciding *d = s->data;
    const struct sensed *interface = interface_of(s);

    if (interface->asked == 0) { /* the kernel's tables are not here yet */
        d->phase = WAITING;
    } else if (is_public(interface)) {
        take(s, interface);
    } else if (!has_way_out(s)) {
        d->phase = IDLE;
        source_set(s, family_of(s),
                   interface->state == SENSED_KNOWN ? SENSED_UNKNOWN : interface->state, NULL,
                   interface->error);
        source_answered(s, true);
    } else if (s->spec.part_count > 1 && net_now(s->real->options.net).mono >= d->silent_until) {
        ask_router(s);
    } else {
        ask_outside(s);
    }
}

static void auto_part(struct source *s, struct source *part)
{
    struct deciding *d = s->data;
    const struct sensed *interface = interface_of(s);

    if (part != s->parts[0]) {
        if (d->phase == ROUTER)
            hear_router(s);
        else if (d->phase == IDLE && !is_public(interface) && is_public(&part->values[V4]))
            take(s, &part->values[V4]); /* it announced a change */
    } else if (d->phase == WAITING) {
        decide(s);
    } else if (is_public(interface)) {
        take(s, interface);
    } else {
        d->silent_until = 0; /* perhaps another network */
        if (d->phase == IDLE && !has_way_out(s))
            source_set(s, family_of(s), interface->state, NULL, interface->error);
    }
}

static void auto_open(struct source *s)
{
    struct deciding *d = s->data;

    panel_init(&d->panel, s, family_of(s), OUTSIDE_WEB, panel_done);
}

static void auto_close(struct source *s)
{
    panel_stop(&((struct deciding *)s->data)->panel);
}

const struct source_kind source_auto = {.name = "auto",
                                        .polls = true,
                                        .size = sizeof(struct deciding),
                                        .open = auto_open,
                                        .ask = decide,
                                        .close = auto_close,
                                        .part = auto_part,
                                        .outside = panel_outside};

/* --- usev4=stun, usev4=dns: a panel alone --- */

static void alone_done(struct source *s, const struct addr *a, const char *words)
{
    char doubt[256];

    if (a != NULL) {
        survey_outside(s, a);
        source_known(s, a, survey_doubt(s, a, words, doubt, sizeof doubt));
    } else {
        source_unknown(s, family_of(s), s->real->options.no_outside ? "%s" : "no agreement: %s",
                       words);
    }
    source_answered(s, a != NULL);
}

static void stun_open(struct source *s)
{
    panel_init(s->data, s, family_of(s), OUTSIDE_STUN, alone_done);
}

static void dns_open(struct source *s)
{
    panel_init(s->data, s, family_of(s), OUTSIDE_DNS, alone_done);
}

static void alone_ask(struct source *s)
{
    panel_ask(s->data);
}

static void alone_close(struct source *s)
{
    panel_stop(s->data);
}

const struct source_kind source_stun = {.name = "stun",
                                        .polls = true,
                                        .every = MINUTE,
                                        .size = sizeof(struct panel),
                                        .open = stun_open,
                                        .ask = alone_ask,
                                        .close = alone_close,
                                        .outside = panel_outside};
const struct source_kind source_dns = {.name = "dns",
                                       .polls = true,
                                       .size = sizeof(struct panel),
                                       .open = dns_open,
                                       .ask = alone_ask,
                                       .close = alone_close,
                                       .outside = panel_outside};
