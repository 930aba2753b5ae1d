/*
 * SPDX-License-Identifier: ISC
 */
#include "verify/verify.h"

#include "base/buf.h"
#include "base/mem.h"
#include "base/text.h"
#include "verify/ask.h"
#include "verify/delegation.h"
#include "verify/servers.h"

#include <stdio.h>
#include <string.h>

enum { RESOLV_CONF_MAX = 64 * 1024 };

struct verify {
    struct net *net;
    struct servers resolvers;
    struct delegations *delegations;
    struct verify_job *jobs; /* running */
};

struct verify_job {
    struct verify *home;
    struct verify_job *next;
    char hostname[VERIFY_NAME_MAX];
    enum family family;
    struct addrset wanted;
    struct transport transport;
    verify_fn *fn;
    void *arg;
    struct delegation_search *search;
    struct net_timer *turn; /* begins at the next turn of the loop */
    struct delegation delegation;
    uint16_t ports[VERIFY_SERVERS_MAX];
    unsigned next_candidate; /* of the delegation's addresses, the first that was not taken */
    bool no_route[FAMILIES]; /* there is no way out for this family */
    char sibling_name[VERIFY_NAME_MAX];
    struct ask *sibling;        /* a random name beside ours is asked for */
    bool sibling_asked, forged; /* forged: it answered, as no name server would */
    unsigned recursive;         /* servers that answered and offered recursion */
    unsigned asked, running;
    bool resolver; /* the servers are resolvers: their word counts without authority */
    bool serials;  /* second round: the SOA of each */
    unsigned intercepted;
    struct slot {
        struct verify_job *job;
        struct ask *ask;
        unsigned server;
    } slots[VERIFY_SERVERS_MAX];
    struct verify_result result;
};

static void read_resolv_conf(struct servers *s)
{
    FILE *f = fopen("/etc/resolv.conf", "re");
    char *text = mem_alloc(RESOLV_CONF_MAX);

    if (f != NULL) {
        size_t n = fread(text, 1, RESOLV_CONF_MAX - 1, f);
        text[n] = '\0';
        fclose(f);
    }
    servers_parse_resolv_conf(text, s);
    mem_free(text);
}

struct verify *verify_new(struct net *net, const char *resolver)
{
    struct verify *v = mem_alloc(sizeof *v);

    v->net = net;
    if (resolver != NULL)
        servers_parse(resolver, &v->resolvers);
    else
        read_resolv_conf(&v->resolvers);
    v->delegations = delegations_new(net, &v->resolvers);
    return v;
}

struct delegations *verify_delegations(struct verify *v)
{
    return v->delegations;
}

static void end_job(struct verify_job *j)
{
    for (struct verify_job **p = &j->home->jobs; *p != NULL; p = &(*p)->next) {
        if (*p == j) {
            *p = j->next;
            break;
        }
    }
    delegations_cancel(j->search);
    for (unsigned i = 0; i < VERIFY_SERVERS_MAX; i++)
        ask_cancel(j->slots[i].ask);
    ask_cancel(j->sibling);
    j->home->net->ops->timer_free(j->turn);
    mem_free(j);
}

void verify_cancel(struct verify_job *job)
{
    if (job != NULL)
        end_job(job);
}

void verify_free(struct verify *v)
{
    if (v == NULL)
        return;
    while (v->jobs != NULL)
        end_job(v->jobs);
    delegations_free(v->delegations);
    mem_free(v);
}

/* RFC 1982: is a older than b? */
static bool serial_older(uint32_t a, uint32_t b)
{
    return a != b && (uint32_t)(b - a) < 0x80000000u;
}

static bool counts(const struct verify_server *s)
{
    return s->error == NET_OK && s->authoritative;
}

/* Seen on a majority of the servers that are up to date? Those with an older SOA only lag behind.
 */
static bool differs_on_majority(const struct verify_result *r)
{
    uint32_t newest = 0;
    bool any = false;
    unsigned current = 0, differ = 0;

    for (unsigned i = 0; i < r->count; i++) {
        const struct verify_server *s = &r->servers[i];
        if (counts(s) && s->serial_known && (!any || serial_older(newest, s->serial))) {
            newest = s->serial;
            any = true;
        }
    }
    for (unsigned i = 0; i < r->count; i++) {
        const struct verify_server *s = &r->servers[i];
        if (!counts(s) || (any && s->serial_known && serial_older(s->serial, newest)))
            continue;
        current++;
        differ += !s->agrees;
    }
    return differ * 2 > current;
}

static void say_unknown(struct verify_job *j)
{
    struct verify_result *r = &j->result;
    char *say = r->say;

    if (r->no_delegation)
        snprintf(say, sizeof r->say, "The DNS knows no domain for %s.", j->hostname);
    else if (r->intercepted)
        snprintf(say, sizeof r->say,
                 "Somebody on the way answers DNS questions in the name servers' place, so %s "
                 "could not be checked.",
                 j->hostname);
    else if (r->no_route)
        snprintf(say, sizeof r->say, "The DNS could not be asked about %s: there is no way to it.",
                 j->hostname);
    else
        snprintf(say, sizeof r->say, "No name server of %s answered with authority.",
                 r->zone[0] != '\0' ? r->zone : j->hostname);
}

static void say(struct verify_job *j)
{
    struct verify_result *r = &j->result;
    char wanted[ADDRSET_TEXT_MAX], found[ADDRSET_TEXT_MAX];

    if (r->state == VERIFY_UNKNOWN)
        say_unknown(j);
    else if (r->state == VERIFY_AGREES)
        snprintf(r->say, sizeof r->say, "The DNS agrees: %u of %u name servers say %s for %s.",
                 r->agree, r->answered, addrset_text(&j->wanted, wanted), j->hostname);
    else
        snprintf(r->say, sizeof r->say,
                 "The DNS says %s for %s instead of %s (%u of %u name servers agree).%s%s",
                 addrset_text(&r->found, found), j->hostname, addrset_text(&j->wanted, wanted),
                 r->agree, r->answered, r->alias[0] != '\0' ? " The name is an alias of " : "",
                 r->alias);
}

static void finish(struct verify_job *j)
{
    struct verify_result *r = &j->result;

    r->no_route = true;
    for (unsigned i = 0; i < r->count && j->forged; i++)
        r->servers[i].authoritative = false;
    for (unsigned i = 0; i < r->count; i++) {
        const struct verify_server *s = &r->servers[i];
        r->no_route = r->no_route && (s->error == NET_NO_ROUTE || s->error == NET_NO_NAME);
        if (!counts(s))
            continue;
        r->answered++;
        r->agree += s->agrees;
        if (r->answered == 1 || !s->agrees) {
            r->found = s->set;
        }
        if (s->ttl > r->ttl)
            r->ttl = s->ttl;
    }
    if (r->count == 0)
        r->no_route = j->delegation.no_route;
    r->intercepted =
        r->answered == 0 && (j->delegation.intercepted || j->intercepted > 0 || j->forged);
    r->state = r->answered == 0          ? VERIFY_UNKNOWN
               : r->agree == r->answered ? VERIFY_AGREES
                                         : VERIFY_DIFFERS;
    r->majority = r->state == VERIFY_DIFFERS && differs_on_majority(r);
    say(j);

    verify_fn *fn = j->fn;
    void *arg = j->arg;
    struct verify_result copy = *r;
    end_job(j);
    fn(arg, &copy);
}

static void next_servers(struct verify_job *j);
static void ask_server(struct verify_job *j, unsigned i);

/* The nth address of the zone's servers: one of each server and family first, so that no server is
 * left out when there are many. */
static bool candidate(const struct delegation *d, unsigned n, const struct name_server **server,
                      const struct addr **address)
{
    for (int round = 0; round < ADDRSET_MAX; round++)
        for (int f = 0; f < FAMILIES; f++)
            for (size_t i = 0; i < d->count; i++)
                if (d->servers[i].addresses[f].count > round && n-- == 0) {
                    *server = &d->servers[i];
                    *address = &d->servers[i].addresses[f].items[round];
                    return true;
                }
    return false;
}

static void set_server(struct verify_job *j, unsigned i, const char *name,
                       const struct addr *address, uint16_t port)
{
    struct verify_server *s = &j->result.servers[i];

    *s = (struct verify_server){.error = NET_CANCELLED};
    snprintf(s->name, sizeof s->name, "%s", name);
    if (address != NULL)
        addr_text(address, s->address);
    j->ports[i] = port;
}

/* There is no way to this server: another one, of a family that has a way, takes its place. */
static bool take_other(struct verify_job *j, unsigned i)
{
    const struct name_server *server;
    const struct addr *address;
    struct addr gone;

    if (addr_parse(j->result.servers[i].address, &gone))
        j->no_route[gone.family] = true;
    while (candidate(&j->delegation, j->next_candidate, &server, &address)) {
        j->next_candidate++;
        if (j->no_route[address->family])
            continue;
        set_server(j, i, server->name, address, server->port);
        return true;
    }
    return false;
}

/* Are all wanted ones among what the answer holds? A set keeps no more than ADDRSET_MAX of them. */
static bool holds(const struct dns_message *m, const struct addrset *set,
                  const struct addrset *wanted)
{
    if (wanted->count == 0 || set->count < ADDRSET_MAX)
        return wanted->count == 0 ? set->count == 0 : addrset_subset(wanted, set);
    for (size_t w = 0; w < wanted->count; w++) {
        size_t i = 0;
        while (i < m->answer_count &&
               !((m->answers[i].type == DNS_A || m->answers[i].type == DNS_AAAA) &&
                 addr_equal(&m->answers[i].addr, &wanted->items[w])))
            i++;
        if (i == m->answer_count)
            return false;
    }
    return true;
}

/* What one server's answer says about the name. */
static void take_answer(struct verify_job *j, struct verify_server *s, const struct ask_answer *a)
{
    const struct dns_message *m = &a->message;

    s->authoritative = (m->authoritative || j->resolver) && (m->rcode == 0 || m->rcode == 3);
    if (!s->authoritative) {
        j->intercepted += a->recursion_available;
        return;
    }
    j->recursive += a->recursion_available;
    dnsmsg_addresses(m, j->hostname, j->family, &s->set, &s->ttl);
    for (size_t i = 0; i < m->answer_count; i++)
        if (m->answers[i].type == DNS_CNAME && m->answers[i].text != NULL &&
            text_case_equal(m->answers[i].owner, j->hostname))
            snprintf(j->result.alias, sizeof j->result.alias, "%s", m->answers[i].text);
    s->agrees = holds(m, &s->set, &j->wanted);
}

static void take_serial(struct verify_server *s, const struct ask_answer *a)
{
    const struct dns_message *m = &a->message;

    for (size_t i = 0; i < m->answer_count + m->authority_count; i++) {
        const struct dns_record *r =
            i < m->answer_count ? &m->answers[i] : &m->authority[i - m->answer_count];
        if (r->type == DNS_SOA) {
            s->serial_known = true;
            s->serial = r->serial;
        }
    }
}

static void server_answered(void *arg, const struct ask_answer *a)
{
    struct slot *slot = arg;
    struct verify_job *j = slot->job;
    struct verify_server *s = &j->result.servers[slot->server];

    slot->ask = NULL;
    j->running--;
    if (!j->serials)
        s->error = a->error;
    if (a->error == NET_NO_ROUTE && !j->serials && take_other(j, slot->server)) {
        ask_server(j, slot->server);
        return;
    }
    if (a->parsed && j->serials)
        take_serial(s, a);
    else if (a->parsed)
        take_answer(j, s, a);
    next_servers(j);
}

static bool all_agree(const struct verify_result *r)
{
    for (unsigned i = 0; i < r->count; i++)
        if (counts(&r->servers[i]) && !r->servers[i].agrees)
            return false;
    return true;
}

static void ask_server(struct verify_job *j, unsigned i)
{
    struct verify_server *s = &j->result.servers[i];
    struct slot *slot = &j->slots[i];
    enum dns_type type = j->serials ? DNS_SOA : j->family == V6 ? DNS_AAAA : DNS_A;

    *slot = (struct slot){j, NULL, i};
    slot->ask = ask_send(j->home->net, s->address[0] != '\0' ? s->address : s->name, j->ports[i],
                         j->hostname, type, j->resolver, &j->transport, server_answered, slot);
    if (slot->ask != NULL)
        j->running++;
    else
        s->error = NET_INTERNAL;
}

/* Servers of a zone do not resolve for others. When all that answer offer to, and say something
 * else than was published, somebody may have answered in their place, with authority. */
static bool looks_forged(const struct verify_job *j)
{
    unsigned answered = 0;

    for (unsigned i = 0; i < j->result.count; i++)
        answered += counts(&j->result.servers[i]);
    return !j->resolver && j->delegation.count > 0 && answered > 0 && j->recursive >= answered &&
           !all_agree(&j->result);
}

static void sibling_answered(void *arg, const struct ask_answer *a)
{
    struct verify_job *j = arg;
    struct addrset set = {0};
    uint32_t ttl;

    j->sibling = NULL;
    j->forged = a->parsed && a->message.rcode == 0 &&
                dnsmsg_addresses(&a->message, j->sibling_name, j->family, &set, &ttl) &&
                set.count > 0;
    next_servers(j);
}

/* A name that nobody has: whoever knows its address makes addresses up. */
static void ask_sibling(struct verify_job *j)
{
    struct verify_result *r = &j->result;
    unsigned i = 0;
    uint32_t random;

    j->sibling_asked = true;
    while (!counts(&r->servers[i]))
        i++;
    j->home->net->ops->random(j->home->net, &random, sizeof random);
    snprintf(j->sibling_name, sizeof j->sibling_name, "homing-%08x.%.200s", (unsigned)random,
             r->zone);
    j->sibling =
        ask_send(j->home->net, r->servers[i].address, j->ports[i], j->sibling_name,
                 j->family == V6 ? DNS_AAAA : DNS_A, false, &j->transport, sibling_answered, j);
    if (j->sibling == NULL)
        next_servers(j);
}

static void next_servers(struct verify_job *j)
{
    struct verify_result *r = &j->result;

    while (j->running < VERIFY_AT_ONCE && j->asked < r->count) {
        unsigned i = j->asked++;
        if (!j->serials || counts(&r->servers[i]))
            ask_server(j, i);
    }
    if (j->running > 0 || j->asked < r->count)
        return;
    if (!j->sibling_asked && looks_forged(j)) {
        ask_sibling(j);
        return;
    }
    if (j->serials || j->resolver || j->forged || all_agree(r)) {
        finish(j);
        return;
    }
    /* They differ: who is up to date decides what that means. A name below the zone's apex gives
     * the SOA in the authority section (RFC 2308), so asking for the name itself is enough. */
    j->serials = true;
    j->asked = 0;
    next_servers(j);
}

static void add_server(struct verify_job *j, const char *name, const struct addr *address,
                       uint16_t port)
{
    struct verify_result *r = &j->result;

    if (r->count < VERIFY_SERVERS_MAX)
        set_server(j, r->count++, name, address, port);
}

static void delegation_known(void *arg, const struct delegation *d)
{
    struct verify_job *j = arg;

    j->search = NULL;
    j->delegation = *d;
    snprintf(j->result.zone, sizeof j->result.zone, "%s", d->zone);
    j->result.no_delegation = d->no_zone;
    const struct name_server *server;
    const struct addr *address;
    while (j->result.count < VERIFY_SERVERS_MAX &&
           candidate(d, j->next_candidate, &server, &address)) {
        j->next_candidate++;
        add_server(j, server->name, address, server->port);
    }
    next_servers(j);
}

static void begin(void *arg)
{
    struct verify_job *j = arg;

    if (j->result.count > 0)
        next_servers(j);
    else
        j->search =
            delegations_find(j->home->delegations, j->hostname, &j->transport, delegation_known, j);
}

struct verify_job *verify_ask(struct verify *v, const struct verify_question *q, verify_fn *fn,
                              void *arg)
{
    struct verify_job *j = mem_alloc(sizeof *j);
    struct servers given = {0};

    j->home = v;
    j->family = q->family;
    j->wanted = *q->wanted;
    j->transport = *q->transport;
    j->resolver = q->resolver && q->servers == NULL;
    j->fn = fn;
    j->arg = arg;
    snprintf(j->hostname, sizeof j->hostname, "%s", q->hostname);
    if (j->resolver)
        given = v->resolvers;
    else if (q->servers == NULL || !servers_parse(q->servers, &given))
        given.count = 0;
    for (size_t i = 0; i < given.count; i++)
        add_server(j, given.items[i].name, NULL, given.items[i].port);
    j->next = v->jobs;
    v->jobs = j;
    j->turn = v->net->ops->timer_new(v->net, begin, j);
    v->net->ops->timer_set(j->turn, net_now(v->net).mono);
    return j;
}
