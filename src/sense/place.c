/*
 * SPDX-License-Identifier: ISC
 */
#include "sense/place.h"

#include <stddef.h>

static bool in_net(const struct addr *a, const char *net, unsigned length)
{
    struct addr n;

    return addr_parse(net, &n) && addr_in(a, &n, length);
}

static bool seen_as_another(const struct place_facts *f, const struct addr *a)
{
    return f->has_outside && !addr_equal(&f->outside, a);
}

/* By the nearer router's own word. Home routers number their networks from 192.168.0.0/16, rarely
 * from 172.16.0.0/12; 10.0.0.0/8 is also what providers give to customers behind their own NAT. */
static enum place by_router(const struct place_facts *f, bool has_v6)
{
    if (f->router_word == ROUTER_EMPTY)
        return has_v6 ? PLACE_DSLITE_ODD : PLACE_EMPTY;
    if (f->router_word != ROUTER_TELLS)
        return PLACE_NAT;
    switch (addr_kind(&f->router)) {
    case ADDR_PUBLIC:
        return seen_as_another(f, &f->router) ? PLACE_VIA : PLACE_ROUTER;
    case ADDR_CGNAT:
        return PLACE_CGNAT;
    case ADDR_DSLITE:
        return PLACE_DSLITE;
    case ADDR_PRIVATE:
        return in_net(&f->router, "10.0.0.0", 8) ? PLACE_SHARED : PLACE_ROUTERS;
    default:
        return PLACE_NAT;
    }
}

enum place place_judge(const struct place_facts facts[FAMILIES], enum family family)
{
    const struct place_facts *f = &facts[family], *six = &facts[V6];
    bool has_v6 = six->way_out && six->has_own && addr_kind(&six->own) == ADDR_PUBLIC;

    if (!f->heard)
        return PLACE_UNKNOWN;
    if (!f->way_out)
        return PLACE_NO_WAY;
    if (!f->has_own)
        return f->tunnel ? PLACE_VPN : PLACE_UNKNOWN;
    enum addr_kind kind = addr_kind(&f->own);
    if (kind == ADDR_DSLITE)
        return PLACE_DSLITE;
    if (kind == ADDR_PUBLIC && seen_as_another(f, &f->own))
        return f->tunnel ? PLACE_VPN : PLACE_VIA;
    if (f->tunnel)
        return kind == ADDR_PUBLIC ? PLACE_VPN_PUBLIC : PLACE_VPN;
    if (kind == ADDR_PUBLIC)
        return PLACE_PUBLIC;
    if (family == V6)
        return PLACE_LOCAL;
    return kind == ADDR_CGNAT ? PLACE_CGNAT : by_router(f, has_v6);
}

const struct addr *place_address(enum place place, const struct place_facts *f)
{
    bool own = f->has_own, router = f->router_word == ROUTER_TELLS;

    switch (place) {
    case PLACE_ROUTER:
    case PLACE_ROUTERS:
    case PLACE_SHARED:
        return router ? &f->router : NULL;
    case PLACE_CGNAT:
    case PLACE_DSLITE:
    case PLACE_VIA: {
        bool mine = own && addr_kind(&f->own) != ADDR_PRIVATE;
        return mine ? &f->own : router ? &f->router : NULL;
    }
    default:
        return own ? &f->own : NULL;
    }
}
