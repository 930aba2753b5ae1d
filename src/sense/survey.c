/*
 * SPDX-License-Identifier: ISC
 */
#include "sense/survey.h"

#include <stdio.h>
#include <string.h>

#include "sense/choose.h"
#include "sense/plausible.h"

static msec mono(const struct real *r)
{
    return net_now(r->options.net).mono;
}

static bool own_address(const struct real *r, enum family f, struct addr *out)
{
    const struct iftable *t = real_table(r);
    const struct if_link *link = t != NULL ? iftable_default(t, f) : NULL;
    int taken = link != NULL ? choose_address(t, link->index, f, true, mono(r), NULL) : -1;

    if (taken >= 0)
        *out = t->addrs[taken].addr;
    return taken >= 0;
}

void survey_begin(struct real *r)
{
    struct spec spec;

    if (r->survey != NULL)
        return;
    spec_router(&spec);
    r->survey = real_hold(r, &spec);
    survey_look(r);
}

void survey_look(struct real *r)
{
    const struct iftable *t = real_table(r);
    const struct if_route *route = t != NULL ? iftable_default_route(t, V4) : NULL;
    struct addr own;

    if (r->survey == NULL || route == NULL || !route->has_gateway ||
        (own_address(r, V4, &own) && addr_kind(&own) == ADDR_PUBLIC))
        return;
    real_ask_part(r->survey);
}

bool survey_waits(const struct real *r)
{
    const struct iftable *t = real_table(r);
    const struct if_route *route = t != NULL ? iftable_default_route(t, V4) : NULL;
    struct addr own;

    if (r->survey == NULL || !ifwatch_works(r->watch))
        return false;
    if (t == NULL)
        return true;
    return route != NULL && route->has_gateway && r->survey->values[V4].asked == 0 &&
           !(own_address(r, V4, &own) && addr_kind(&own) == ADDR_PUBLIC);
}

/* --- facts --- */

static bool is_router(const struct source *s)
{
    const struct source_kind *k = s->spec.kind;

    return (k == &source_natpmp || k == &source_pcp || k == &source_upnp || k == &source_tr064) &&
           !spec_bound(&s->spec);
}

static void look_at_routers(const struct real *r, struct place_facts *out)
{
    for (const struct source *s = r->sources; s != NULL; s = s->next) {
        const struct sensed *v = &s->values[V4];
        if (!is_router(s) || v->asked == 0)
            continue;
        if (v->state == SENSED_KNOWN) {
            bool better = out->router_word != ROUTER_TELLS ||
                          addr_kind(&v->set.items[0]) == ADDR_PUBLIC ||
                          (s->spec.kind == &source_pcp && addr_kind(&out->router) != ADDR_PUBLIC);
            out->router_word = ROUTER_TELLS;
            if (better)
                out->router = v->set.items[0];
        } else if (out->router_word != ROUTER_TELLS) {
            bool empty = v->empty || out->router_word == ROUTER_EMPTY;
            out->router_word = empty ? ROUTER_EMPTY : ROUTER_SILENT;
        }
    }
}

bool survey_facts(const struct real *r, enum family f, struct place_facts *out)
{
    const struct iftable *t = real_table(r);
    const struct if_link *link = t != NULL ? iftable_default(t, f) : NULL;

    *out = (struct place_facts){.heard = t != NULL, .way_out = link != NULL};
    if (link != NULL) {
        snprintf(out->link, sizeof out->link, "%s", link->name);
        out->tunnel = link->tunnel;
    }
    out->has_own = own_address(r, f, &out->own);
    if (f == V4)
        look_at_routers(r, out);
    out->has_outside = r->has_outside[f];
    out->outside = r->outside[f];
    return out->heard;
}

void survey_outside(struct source *s, const struct addr *a)
{
    struct real *r = s->real;

    if (spec_bound(&s->spec) || s->spec.proxy != NULL)
        return;
    r->has_outside[a->family] = true;
    r->outside[a->family] = *a;
}

const char *survey_doubt(const struct source *s, const struct addr *a, const char *words, char *out,
                         size_t room)
{
    const struct iftable *t = real_table(s->real);
    const char *relay = plausible_relay(t, a);
    enum family f = s->spec.families == FAMILY_BIT(V6) ? V6 : V4;
    const struct if_link *link = spec_bound(&s->spec) ? real_uplink(s)
                                 : t != NULL          ? iftable_default(t, f)
                                                      : NULL;

    if (relay != NULL) {
        snprintf(out, room,
                 "%.100s%san address of %s's network: a relay (a service's own front, a VPN) was "
                 "seen, hardly this place",
                 words, words[0] != '\0' ? "; " : "", relay);
        return out;
    }
    if (link == NULL || !link->tunnel || s->spec.interface != NULL)
        return words;
    snprintf(out, room,
             "%.150s%sthe way out is the tunnel %s: this may be the address of its other end (a "
             "VPN), not of this place",
             words, words[0] != '\0' ? "; " : "", link->name);
    return out;
}

/* --- candidates --- */

static const char *why_not(const struct real *r, const struct addr *a, bool outside)
{
    struct addr own;
    bool has_public = own_address(r, (enum family)a->family, &own) &&
                      addr_kind(&own) == ADDR_PUBLIC && !addr_equal(&own, a);

    if (addr_kind(a) != ADDR_PUBLIC)
        return addr_kind_name(addr_kind(a));
    return !has_public ? NULL
           : outside   ? "this machine has a public address itself: a proxy or VPN on the way"
                       : "this machine has a public address itself";
}

/* Did one of the same kind, asked for another reason, tell the same already? */
static bool told_before(const struct source *s)
{
    const struct sensed *v = &s->values[V4];

    for (const struct source *p = s->prev; p != NULL; p = p->prev) {
        const struct sensed *w = &p->values[V4];
        if (p->spec.kind == s->spec.kind && is_router(p) && w->state == SENSED_KNOWN &&
            addr_equal(&w->set.items[0], &v->set.items[0]))
            return true;
    }
    return false;
}

void survey_list(const struct real *r, void (*fn)(void *arg, const struct sense_candidate *c),
                 void *arg)
{
    for (const struct source *s = r->sources; s != NULL; s = s->next) {
        const struct sensed *v = &s->values[V4];
        if (!is_router(s) || v->state != SENSED_KNOWN || told_before(s))
            continue;
        struct sense_candidate c = {.from = s->spec.kind->name,
                                    .addr = v->set.items[0],
                                    .why = why_not(r, &v->set.items[0], false)};
        c.taken = c.why == NULL;
        fn(arg, &c);
    }
    for (enum family f = V4; f < FAMILIES; f++) {
        if (!r->has_outside[f])
            continue;
        struct sense_candidate c = {
            .from = "outside", .addr = r->outside[f], .why = why_not(r, &r->outside[f], true)};
        c.taken = c.why == NULL;
        fn(arg, &c);
    }
}
