/*
 * SPDX-License-Identifier: ISC
 */
#include <stdio.h>

#include "base/mem.h"
#include "sense/panel.h"

/*
 * auto, in this order: the interface of the default route if it holds a public address; the
 * router's own word (IPv4; parts after the first) if that is one; a panel of outside services.
 *
 * A router that said nothing is left alone for an hour, or until the network changes.
 */
enum { SILENCE = HOUR, ROUTERS = PARTS_MAX - 1 };

enum phase { IDLE, WAITING, ROUTER, OUTSIDE };

struct deciding {
    struct panel panel;
    enum phase phase;
    bool heard[ROUTERS]; /* in this round */
    msec silent_until;   /* mono: no router speaks here */
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

    if (a == NULL) {
        char text[256];
        snprintf(text, sizeof text, "no agreement: %.240s", words);
        say_unknown(s, text);
        return;
    }
    d->phase = IDLE;
    addrset_add(&set, a);
    source_set(s, family_of(s), SENSED_KNOWN, &set, words);
    source_answered(s, true);
}

static void ask_outside(struct source *s)
{
    struct deciding *d = s->data;

    if (s->real->options.no_outside) {
        say_unknown(s, "the interface has no public address, and no outside host may be asked");
        return;
    }
    d->phase = OUTSIDE;
    panel_ask(&d->panel);
}

/* --- the router --- */

static const struct source *public_router(const struct source *s)
{
    for (unsigned i = 1; i < s->spec.part_count; i++)
        if (is_public(&s->parts[i]->values[family_of(s)]))
            return s->parts[i];
    return NULL;
}

static bool all_heard(const struct source *s)
{
    const struct deciding *d = s->data;

    for (unsigned i = 1; i < s->spec.part_count; i++)
        if (!d->heard[i - 1])
            return false;
    return true;
}

/* A router told what it knows, or that it does not answer. */
static void hear_router(struct source *s)
{
    struct deciding *d = s->data;
    const struct source *router = public_router(s);

    if (router != NULL) {
        take(s, &router->values[family_of(s)]);
    } else if (all_heard(s)) {
        bool spoke = false;
        for (unsigned i = 1; i < s->spec.part_count; i++)
            spoke = spoke || s->parts[i]->values[family_of(s)].state == SENSED_KNOWN;
        if (!spoke)
            d->silent_until = net_now(s->real->options.net).mono + SILENCE;
        ask_outside(s);
    }
}

static void ask_router(struct source *s)
{
    struct deciding *d = s->data;

    d->phase = ROUTER;
    for (unsigned i = 1; i < s->spec.part_count; i++)
        d->heard[i - 1] = false;
    for (unsigned i = 1; i < s->spec.part_count; i++)
        real_ask_part(s->parts[i]);
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
        for (unsigned i = 1; i < s->spec.part_count; i++)
            if (s->parts[i] == part)
                d->heard[i - 1] = true;
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
                                        .part = auto_part};

/* --- usev4=stun, usev4=dns: a panel alone --- */

static void alone_done(struct source *s, const struct addr *a, const char *words)
{
    if (a != NULL)
        source_known(s, a, words);
    else
        source_unknown(s, family_of(s), "no agreement: %s", words);
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
                                        .close = alone_close};
const struct source_kind source_dns = {.name = "dns",
                                       .polls = true,
                                       .size = sizeof(struct panel),
                                       .open = dns_open,
                                       .ask = alone_ask,
                                       .close = alone_close};
