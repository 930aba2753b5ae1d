/*
 * SPDX-License-Identifier: ISC
 */
#include "net/iftable.h"

#include <string.h>

#include "base/mem.h"

void iftable_init(struct iftable *t)
{
    *t = (struct iftable){0};
}

void iftable_free(struct iftable *t)
{
    mem_free(t->links);
    mem_free(t->addrs);
    mem_free(t->routes);
    iftable_init(t);
}

/* One more element at the end; NULL when there are too many. */
static void *grow(void **array, size_t *count, size_t size)
{
    if (*count == IFTABLE_MAX)
        return NULL;
    *array = mem_more(*array, *count, size);
    return (char *)*array + (*count)++ * size;
}

static void shrink(void *array, size_t *count, size_t size, size_t at)
{
    char *from = (char *)array + at * size;

    memmove(from, from + size, (*count - at - 1) * size);
    --*count;
}

bool iftable_link(struct iftable *t, const struct if_link *link)
{
    for (size_t i = 0; i < t->link_count; i++) {
        struct if_link *l = &t->links[i];
        if (l->index != link->index)
            continue;
        bool changed = strcmp(l->name, link->name) != 0 || l->up != link->up;
        *l = *link;
        return changed;
    }
    struct if_link *l = grow((void **)&t->links, &t->link_count, sizeof *l);
    if (l != NULL)
        *l = *link;
    return l != NULL;
}

bool iftable_drop_link(struct iftable *t, int index)
{
    bool changed = false;

    for (size_t i = t->addr_count; i-- > 0;)
        if (t->addrs[i].index == index)
            shrink(t->addrs, &t->addr_count, sizeof t->addrs[0], i), changed = true;
    for (size_t i = t->route_count; i-- > 0;)
        if (t->routes[i].index == index)
            shrink(t->routes, &t->route_count, sizeof t->routes[0], i), changed = true;
    for (size_t i = t->link_count; i-- > 0;)
        if (t->links[i].index == index)
            shrink(t->links, &t->link_count, sizeof t->links[0], i), changed = true;
    return changed;
}

bool iftable_addr(struct iftable *t, const struct if_addr *a)
{
    for (size_t i = 0; i < t->addr_count; i++) {
        struct if_addr *old = &t->addrs[i];
        if (old->index != a->index || !addr_equal(&old->addr, &a->addr))
            continue;
        bool changed = old->flags != a->flags || old->length != a->length;
        *old = *a;
        return changed;
    }
    struct if_addr *new = grow((void **)&t->addrs, &t->addr_count, sizeof *new);
    if (new != NULL)
        *new = *a;
    return new != NULL;
}

bool iftable_drop_addr(struct iftable *t, int index, const struct addr *a)
{
    for (size_t i = 0; i < t->addr_count; i++)
        if (t->addrs[i].index == index && addr_equal(&t->addrs[i].addr, a)) {
            shrink(t->addrs, &t->addr_count, sizeof t->addrs[0], i);
            return true;
        }
    return false;
}

static bool same_route(const struct if_route *a, const struct if_route *b)
{
    return a->index == b->index && a->family == b->family && a->metric == b->metric;
}

bool iftable_route(struct iftable *t, const struct if_route *r)
{
    for (size_t i = 0; i < t->route_count; i++) {
        struct if_route *old = &t->routes[i];
        if (!same_route(old, r))
            continue;
        bool changed = old->has_gateway != r->has_gateway ||
                       (r->has_gateway && !addr_equal(&old->gateway, &r->gateway));
        bool gone = old->gateway_gone && !changed;
        *old = *r;
        old->gateway_gone = gone;
        return changed;
    }
    struct if_route *new = grow((void **)&t->routes, &t->route_count, sizeof *new);
    if (new != NULL)
        *new = *r;
    return new != NULL;
}

bool iftable_drop_route(struct iftable *t, const struct if_route *r)
{
    for (size_t i = 0; i < t->route_count; i++)
        if (same_route(&t->routes[i], r)) {
            shrink(t->routes, &t->route_count, sizeof t->routes[0], i);
            return true;
        }
    return false;
}

bool iftable_drop_metric(struct iftable *t, enum family family, uint32_t metric)
{
    size_t former = t->route_count;

    for (size_t i = t->route_count; i-- > 0;)
        if (t->routes[i].family == family && t->routes[i].metric == metric)
            shrink(t->routes, &t->route_count, sizeof t->routes[0], i);
    return t->route_count != former;
}

bool iftable_gateway(struct iftable *t, int index, const struct addr *gateway, bool gone)
{
    bool changed = false;

    for (size_t i = 0; i < t->route_count; i++) {
        struct if_route *r = &t->routes[i];
        if (r->index != index || !r->has_gateway || r->gateway_gone == gone ||
            !addr_equal(&r->gateway, gateway))
            continue;
        r->gateway_gone = gone;
        changed = true;
    }
    return changed;
}

const struct if_link *iftable_find(const struct iftable *t, const char *name)
{
    for (size_t i = 0; i < t->link_count; i++)
        if (strcmp(t->links[i].name, name) == 0)
            return &t->links[i];
    return NULL;
}

const struct if_link *iftable_at(const struct iftable *t, int index)
{
    for (size_t i = 0; i < t->link_count; i++)
        if (t->links[i].index == index)
            return &t->links[i];
    return NULL;
}

static bool has_global(const struct iftable *t, int index, enum family family)
{
    for (size_t i = 0; i < t->addr_count; i++)
        if (t->addrs[i].index == index && t->addrs[i].addr.family == family &&
            (t->addrs[i].flags & IF_GLOBAL))
            return true;
    return false;
}

const struct if_route *iftable_default_route(const struct iftable *t, enum family family)
{
    const struct if_route *best = NULL;

    for (size_t i = 0; i < t->route_count; i++) {
        const struct if_route *r = &t->routes[i];
        const struct if_link *link = iftable_at(t, r->index);
        if (r->family == family && link != NULL && !link->loopback &&
            (best == NULL || r->metric < best->metric) && has_global(t, r->index, family))
            best = r;
    }
    return best;
}

const struct if_link *iftable_default(const struct iftable *t, enum family family)
{
    const struct if_route *route = iftable_default_route(t, family);

    return route != NULL ? iftable_at(t, route->index) : NULL;
}

/* FNV-1a: nobody gains by a collision. */
static uint64_t mix(uint64_t hash, const void *bytes, size_t n)
{
    for (const uint8_t *b = bytes; n > 0; b++, n--)
        hash = (hash ^ *b) * 1099511628211u;
    return hash;
}

static uint64_t mix_addr(uint64_t hash, const struct addr *a)
{
    return mix(mix(hash, &a->family, 1), a->bytes, addr_len((enum family)a->family));
}

uint64_t iftable_ways_out(const struct iftable *t)
{
    uint64_t all = 0;

    for (enum family f = V4; f < FAMILIES; f++) {
        const struct if_route *r = iftable_default_route(t, f);
        uint64_t hash = 14695981039346656037u;
        if (r == NULL)
            continue;
        hash = mix(hash, &r->index, sizeof r->index);
        if (r->has_gateway)
            hash = mix_addr(hash, &r->gateway);
        all += hash;
        for (size_t i = 0; i < t->addr_count; i++) /* a sum: their order means nothing */
            if (t->addrs[i].index == r->index && (t->addrs[i].flags & IF_GLOBAL) &&
                !(t->addrs[i].flags & IF_TENTATIVE))
                all += mix_addr(hash, &t->addrs[i].addr);
    }
    return all;
}

uint64_t iftable_addresses(const struct iftable *t)
{
    uint64_t all = 0;

    for (size_t i = 0; i < t->addr_count; i++)
        if (t->addrs[i].flags & IF_GLOBAL)
            all += mix_addr(14695981039346656037u, &t->addrs[i].addr);
    return all;
}

uint64_t iftable_way_by(const struct iftable *t, const struct if_link *link)
{
    uint64_t all = 0;

    if (link == NULL)
        return 0;
    uint64_t hash = mix(14695981039346656037u, &link->index, sizeof link->index);
    all += mix(hash, &link->up, sizeof link->up);
    for (size_t i = 0; i < t->addr_count; i++)
        if (t->addrs[i].index == link->index && (t->addrs[i].flags & IF_GLOBAL) &&
            !(t->addrs[i].flags & IF_TENTATIVE))
            all += mix_addr(hash, &t->addrs[i].addr);
    for (size_t i = 0; i < t->route_count; i++)
        if (t->routes[i].index == link->index && t->routes[i].has_gateway)
            all += mix_addr(hash + 1, &t->routes[i].gateway);
    return all;
}

const struct if_route *iftable_route_by(const struct iftable *t, const struct if_link *link,
                                        enum family family)
{
    const struct if_route *best = NULL;

    for (size_t i = 0; link != NULL && i < t->route_count; i++) {
        const struct if_route *r = &t->routes[i];
        if (r->index == link->index && r->family == family &&
            (best == NULL || r->metric < best->metric))
            best = r;
    }
    return best;
}

const struct if_link *iftable_holder(const struct iftable *t, const struct addr *a)
{
    for (size_t i = 0; i < t->addr_count; i++)
        if (addr_equal(&t->addrs[i].addr, a))
            return iftable_at(t, t->addrs[i].index);
    return NULL;
}

bool iftable_same(const struct iftable *a, const struct iftable *b)
{
    if (a->link_count != b->link_count || a->addr_count != b->addr_count ||
        a->route_count != b->route_count)
        return false;
    for (size_t i = 0; i < a->link_count; i++) {
        const struct if_link *l = &a->links[i], *m = iftable_at(b, l->index);
        if (m == NULL || strcmp(l->name, m->name) != 0 || l->up != m->up || l->tunnel != m->tunnel)
            return false;
    }
    for (size_t i = 0, k; i < a->addr_count; i++) {
        const struct if_addr *x = &a->addrs[i];
        for (k = 0; k < b->addr_count; k++)
            if (b->addrs[k].index == x->index && addr_equal(&b->addrs[k].addr, &x->addr))
                break;
        if (k == b->addr_count || b->addrs[k].flags != x->flags || b->addrs[k].length != x->length)
            return false;
    }
    for (size_t i = 0, k; i < a->route_count; i++) {
        const struct if_route *x = &a->routes[i], *y;
        for (k = 0; k < b->route_count && !same_route(x, &b->routes[k]); k++)
            ;
        y = k < b->route_count ? &b->routes[k] : NULL;
        if (y == NULL || x->has_gateway != y->has_gateway || x->gateway_gone != y->gateway_gone ||
            (x->has_gateway && !addr_equal(&x->gateway, &y->gateway)))
            return false;
    }
    return true;
}
