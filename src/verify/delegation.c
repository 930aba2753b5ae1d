/*
 * SPDX-License-Identifier: ISC
 */
#include "verify/delegation.h"

#include "base/map.h"
#include "base/mem.h"
#include "base/text.h"
#include "verify/ask.h"

#include <stdio.h>
#include <string.h>

enum {
    DEPTH_MAX = 12,   /* referrals on one way down */
    TRIES_MAX = 4,    /* servers of one zone that are asked before giving up */
    CACHE_MAX = 10000 /* zones remembered */
};
static const msec KEEP_LEAST = MINUTE, KEEP_MOST = DAY;

/* A zone whose servers are known. */
struct zone {
    struct delegation d;
    msec expires; /* mono */
};

struct delegations {
    struct net *net;
    struct servers resolvers;
    struct map *zones;                  /* zone name to struct zone */
    struct map *parents;                /* hostname's parent to struct zone's name (owned text) */
    struct delegation_search *searches; /* running */
};

struct delegation_search {
    struct delegations *home;
    struct delegation_search *next;
    char hostname[SERVER_NAME_MAX];
    struct transport transport;
    delegation_fn *fn;
    void *arg;
    struct net_timer *turn; /* answers from memory come at the next turn of the loop */
    enum {
        NEW,
        LEADS,
        FOLLOWS
    } role; /* followers take the answer of the leader with the same parent */

    struct delegation at; /* the zone whose servers are asked now, "" before the top-level domain */
    struct delegation found; /* the zone that is being looked up: names first, then addresses */
    uint32_t ttl;
    unsigned depth, resolver;
    unsigned address, tried; /* the next to be asked; how many were, of those that have a way */
    bool saw_recursion, saw_answer;
    unsigned waiting; /* address look-ups under way */
    struct ask *ask;  /* the one question under way while asking */
    struct lookup {
        struct delegation_search *search;
        struct ask *ask;
        unsigned server;
        enum family family;
    } lookups[SERVERS_MAX * FAMILIES];
};

struct delegations *delegations_new(struct net *net, const struct servers *resolvers)
{
    struct delegations *d = mem_alloc(sizeof *d);
    d->net = net;
    d->resolvers = *resolvers;
    d->zones = map_new();
    d->parents = map_new();
    return d;
}

static void unlink_search(struct delegation_search *s)
{
    for (struct delegation_search **p = &s->home->searches; *p != NULL; p = &(*p)->next) {
        if (*p == s) {
            *p = s->next;
            return;
        }
    }
}

static const char *parent_of(const char *name)
{
    const char *dot = strchr(name, '.');
    return dot != NULL ? dot + 1 : name;
}

static struct delegation_search *find_search(const struct delegations *d, const char *parent,
                                             unsigned role)
{
    for (struct delegation_search *s = d->searches; s != NULL; s = s->next)
        if (s->role == role && text_case_equal(parent_of(s->hostname), parent))
            return s;
    return NULL;
}

static void end_search(struct delegation_search *s)
{
    unlink_search(s);
    ask_cancel(s->ask);
    for (size_t i = 0; i < sizeof s->lookups / sizeof s->lookups[0]; i++)
        ask_cancel(s->lookups[i].ask);
    s->home->net->ops->timer_free(s->turn);
    mem_free(s);
}

void delegations_cancel(struct delegation_search *s)
{
    if (s == NULL)
        return;
    struct delegations *home = s->home;
    struct delegation_search *heir =
        s->role != LEADS ? NULL : find_search(home, parent_of(s->hostname), FOLLOWS);
    end_search(s);
    if (heir != NULL) {
        heir->role = NEW;
        home->net->ops->timer_set(heir->turn, net_now(home->net).mono);
    }
}

void delegations_free(struct delegations *d)
{
    if (d == NULL)
        return;
    while (d->searches != NULL)
        end_search(d->searches);
    map_free(d->zones, mem_free);
    map_free(d->parents, mem_free);
    mem_free(d);
}

/* Answers the search and all that followed it. */
static void finish(struct delegation_search *s, const struct delegation *d)
{
    struct delegations *home = s->home;
    struct delegation copy = *d;
    char parent[SERVER_NAME_MAX];

    snprintf(parent, sizeof parent, "%s", parent_of(s->hostname));
    do {
        delegation_fn *fn = s->fn;
        void *arg = s->arg;
        end_search(s);
        fn(arg, &copy);
        s = find_search(home, parent, FOLLOWS);
    } while (s != NULL);
}

static void give_up(struct delegation_search *s, bool no_zone)
{
    struct delegation nothing = {0};

    nothing.no_zone = no_zone;
    nothing.no_route = !s->saw_answer;
    nothing.intercepted = s->saw_recursion;
    finish(s, &nothing);
}

/* Is "name" the zone itself or below it? */
static bool is_within(const char *name, const char *zone)
{
    size_t n = strlen(name), z = strlen(zone);

    if (z == 0 || text_case_equal(name, zone))
        return true;
    return n > z && name[n - z - 1] == '.' && text_case_equal(name + n - z, zone);
}

static const struct zone *zone_known(const struct delegations *d, const char *name)
{
    const struct zone *z = map_get(d->zones, name);
    return z != NULL && z->expires > net_now(d->net).mono ? z : NULL;
}

static void remember_zone(struct delegation_search *s)
{
    struct delegations *home = s->home;
    struct zone *z = mem_alloc(sizeof *z);
    msec keep = (msec)s->ttl * SECOND;

    keep = keep < KEEP_LEAST ? KEEP_LEAST : keep > KEEP_MOST ? KEEP_MOST : keep;
    z->d = s->found;
    z->expires = net_now(home->net).mono + keep;
    if (map_count(home->zones) >= CACHE_MAX) { /* rare: begin anew rather than keep an order */
        map_free(home->zones, mem_free);
        home->zones = map_new();
    }
    mem_free(map_set(home->zones, s->found.zone, z));
}

static void remember_parent(struct delegation_search *s)
{
    if (map_count(s->home->parents) >= CACHE_MAX) {
        map_free(s->home->parents, mem_free);
        s->home->parents = map_new();
    }
    mem_free(map_set(s->home->parents, parent_of(s->hostname), mem_text(s->at.zone)));
}

static void ask_zone(struct delegation_search *s);

/* The zone's servers and their addresses are known: go on asking them. */
static void descend(struct delegation_search *s)
{
    remember_zone(s);
    s->at = s->found;
    s->address = s->tried = 0;
    if (++s->depth > DEPTH_MAX)
        give_up(s, false);
    else
        ask_zone(s);
}

static void address_found(void *arg, const struct ask_answer *a)
{
    struct lookup *l = arg;
    struct delegation_search *s = l->search;

    l->ask = NULL;
    if (a->parsed) {
        struct name_server *server = &s->found.servers[l->server];
        dnsmsg_addresses(&a->message, server->name, l->family, &server->addresses[l->family], NULL);
    }
    if (--s->waiting == 0)
        descend(s);
}

/* The addresses of servers inside of the zone stand with the referral (glue): nobody else is to be
 * believed about them, and a household's own resolver may tell another zone. What the section says
 * of other names is not looked at. */
static void take_glue(struct delegation_search *s, const struct dns_message *m)
{
    for (size_t i = 0; i < s->found.count; i++) {
        struct name_server *server = &s->found.servers[i];
        for (size_t k = 0; k < m->additional_count && is_within(server->name, s->found.zone); k++) {
            const struct dns_record *r = &m->additional[k];
            if ((r->type == DNS_A || r->type == DNS_AAAA) && r->cls == DNS_IN &&
                text_case_equal(r->owner, server->name))
                addrset_add(&server->addresses[r->addr.family], &r->addr);
        }
    }
}

static bool has_glue(const struct name_server *server)
{
    return server->addresses[V4].count > 0 || server->addresses[V6].count > 0;
}

static void find_addresses(struct delegation_search *s)
{
    const struct servers *resolvers = &s->home->resolvers;
    size_t used = 0;

    s->waiting = 1; /* held while asking, so that nothing goes on before all are sent */
    for (size_t i = 0; i < s->found.count; i++) {
        for (int f = 0; f < FAMILIES && !has_glue(&s->found.servers[i]); f++) {
            struct lookup *l = &s->lookups[used++];
            *l = (struct lookup){s, NULL, (unsigned)i, (enum family)f};
            l->ask = ask_send(s->home->net, resolvers->items[s->resolver].name,
                              resolvers->items[s->resolver].port, s->found.servers[i].name,
                              f == V6 ? DNS_AAAA : DNS_A, true, &s->transport, address_found, l);
            if (l->ask != NULL)
                s->waiting++;
        }
    }
    if (--s->waiting == 0)
        descend(s);
}

/* Takes the NS records of one owner out of a section. */
static bool take_servers(struct delegation_search *s, const struct dns_record *records,
                         size_t count)
{
    s->found = (struct delegation){0};
    s->ttl = UINT32_MAX;
    for (size_t i = 0; i < count && s->found.count < SERVERS_MAX; i++) {
        const struct dns_record *r = &records[i];
        if (r->type != DNS_NS || r->text == NULL || strlen(r->text) >= SERVER_NAME_MAX ||
            strlen(r->owner) >= SERVER_NAME_MAX)
            continue;
        if (s->found.count == 0)
            snprintf(s->found.zone, sizeof s->found.zone, "%s", r->owner);
        if (!text_case_equal(s->found.zone, r->owner))
            continue;
        struct name_server *server = &s->found.servers[s->found.count++];
        snprintf(server->name, sizeof server->name, "%s", r->text);
        server->port = 53;
        if (r->ttl < s->ttl)
            s->ttl = r->ttl;
    }
    return s->found.count > 0;
}

static void zone_answered(void *arg, const struct ask_answer *a)
{
    struct delegation_search *s = arg;

    s->ask = NULL;
    if (a->error == NET_NO_ROUTE)
        s->tried--; /* no way for this family; the other one may have one */
    if (a->parsed) {
        s->saw_answer = true;
        if (a->message.authoritative && (a->message.rcode == 0 || a->message.rcode == 3)) {
            /* A parent that says "no such name" for a zone above the hostname's own level knows no
             * delegation. */
            if (a->message.rcode == 3 && strchr(s->at.zone, '.') == NULL &&
                strchr(s->hostname, '.') != NULL) {
                give_up(s, true);
                return;
            }
            remember_parent(s);
            struct delegation d = s->at;
            finish(s, &d);
            return;
        }
        if (!a->message.authoritative && a->recursion_available)
            s->saw_recursion = true;
        if (!a->message.authoritative && a->message.rcode == 0 &&
            take_servers(s, a->message.authority, a->message.authority_count) &&
            is_within(s->hostname, s->found.zone) && is_within(s->found.zone, s->at.zone) &&
            strlen(s->found.zone) > strlen(s->at.zone)) {
            s->saw_recursion = false;
            take_glue(s, &a->message);
            find_addresses(s);
            return;
        }
    }
    ask_zone(s);
}

/* The nth address of the zone's servers, one of each server before the second of any. */
static bool nth_address(const struct delegation *d, unsigned n, struct addr *out, uint16_t *port)
{
    for (unsigned round = 0; round < ADDRSET_MAX; round++) {
        for (int f = 0; f < FAMILIES; f++) {
            for (size_t i = 0; i < d->count; i++) {
                if (d->servers[i].addresses[f].count > round && n-- == 0) {
                    *out = d->servers[i].addresses[f].items[round];
                    *port = d->servers[i].port;
                    return true;
                }
            }
        }
    }
    return false;
}

static void ask_zone(struct delegation_search *s)
{
    struct addr address;
    char text[ADDR_TEXT_MAX];
    uint16_t port;

    if (s->tried >= TRIES_MAX || !nth_address(&s->at, s->address, &address, &port)) {
        give_up(s, false);
        return;
    }
    s->address++;
    s->tried++;
    s->ask = ask_send(s->home->net, addr_text(&address, text), port, s->hostname, DNS_A, false,
                      &s->transport, zone_answered, s);
    if (s->ask == NULL)
        give_up(s, false);
}

static void top_answered(void *arg, const struct ask_answer *a);

static void ask_top(struct delegation_search *s)
{
    const struct servers *resolvers = &s->home->resolvers;
    const char *top = strrchr(s->hostname, '.');

    if (s->resolver >= resolvers->count) {
        give_up(s, false);
        return;
    }
    s->ask = ask_send(s->home->net, resolvers->items[s->resolver].name,
                      resolvers->items[s->resolver].port, top != NULL ? top + 1 : s->hostname,
                      DNS_NS, true, &s->transport, top_answered, s);
    if (s->ask == NULL)
        give_up(s, false);
}

static void top_answered(void *arg, const struct ask_answer *a)
{
    struct delegation_search *s = arg;

    s->ask = NULL;
    if (a->parsed && a->message.rcode == 0 &&
        take_servers(s, a->message.answers, a->message.answer_count)) {
        s->saw_answer = true;
        find_addresses(s);
        return;
    }
    if (a->parsed && a->message.rcode == 3) {
        s->saw_answer = true;
        give_up(s, true);
        return;
    }
    s->resolver++;
    ask_top(s);
}

/* First turn after delegations_find(): from memory as far as it reaches. */
static void begin(void *arg)
{
    struct delegation_search *s = arg;

    if (find_search(s->home, parent_of(s->hostname), LEADS) != NULL) {
        s->role = FOLLOWS;
        return;
    }
    s->role = LEADS;
    const char *zone = map_get(s->home->parents, parent_of(s->hostname));
    const struct zone *known = zone != NULL ? zone_known(s->home, zone) : NULL;

    if (known != NULL) {
        struct delegation d = known->d;
        finish(s, &d);
        return;
    }
    for (const char *suffix = s->hostname; suffix != NULL;) {
        known = zone_known(s->home, suffix);
        if (known != NULL) {
            s->at = known->d;
            ask_zone(s);
            return;
        }
        const char *dot = strchr(suffix, '.');
        suffix = dot != NULL ? dot + 1 : NULL;
    }
    ask_top(s);
}

struct delegation_search *delegations_find(struct delegations *d, const char *hostname,
                                           const struct transport *transport, delegation_fn *fn,
                                           void *arg)
{
    struct delegation_search *s = mem_alloc(sizeof *s);

    s->home = d;
    s->fn = fn;
    s->arg = arg;
    s->transport = *transport;
    /* A wildcard's zone is that of its parent; the name itself may be asked like any other. */
    snprintf(s->hostname, sizeof s->hostname, "%s",
             text_starts(hostname, "*.") ? hostname + 2 : hostname);
    s->next = d->searches;
    d->searches = s;
    s->turn = d->net->ops->timer_new(d->net, begin, s);
    d->net->ops->timer_set(s->turn, net_now(d->net).mono);
    return s;
}
