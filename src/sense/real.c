/*
 * SPDX-License-Identifier: ISC
 */
#include "sense/real.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "sense/choose.h"
#include "sense/inside.h"
#include "sense/survey.h"

enum {
    LOOK_EVERY = HOUR,          /* the confirming look at the kernel's tables */
    LOOK_GONE = MINUTE,         /* likewise, while a gateway that matters is gone */
    RETRY_FIRST = MINUTE,       /* after a failed question; doubles up to the poll interval */
    NETWORK_DELAY = SECOND / 2, /* the network changed: routes follow addresses */
    NETWORK_GAP = 5 * SECOND,   /* between two questions because of that */
    METERED_EVERY = HOUR,       /* where traffic costs */
};

static struct real *of(const struct sense *sense)
{
    return (struct real *)sense;
}

const struct iftable *real_table(const struct real *r)
{
    return ifwatch_table(r->watch);
}

const struct if_link *real_uplink(const struct source *s)
{
    const struct iftable *t = real_table(s->real);
    struct addr a;

    if (t == NULL)
        return NULL;
    if (s->spec.interface != NULL)
        return iftable_find(t, s->spec.interface);
    return s->spec.source_address != NULL && addr_parse(s->spec.source_address, &a)
               ? iftable_holder(t, &a)
               : NULL;
}

const struct if_route *real_route(const struct source *s, enum family f)
{
    const struct iftable *t = real_table(s->real);

    if (t == NULL)
        return NULL;
    return spec_bound(&s->spec) ? iftable_route_by(t, real_uplink(s), f)
                                : iftable_default_route(t, f);
}

static msec mono(const struct real *r)
{
    return net_now(r->options.net).mono;
}

/* --- telling --- */

static void join(struct source *whole, int i, struct source *part)
{
    struct hold *h = &whole->places[i];

    whole->parts[i] = part;
    *h = (struct hold){.whole = whole, .next = part->wholes};
    if (h->next != NULL)
        h->next->prev = h;
    part->wholes = h;
}

static void part_from(struct source *whole, int i)
{
    struct hold *h = &whole->places[i];

    if (h->next != NULL)
        h->next->prev = h->prev;
    *(h->prev != NULL ? &h->prev->next : &whole->parts[i]->wholes) = h->next;
    whole->parts[i]->holds--;
}

static void tell_parents(struct source *part)
{
    struct source *told = NULL; /* one may have it in several places, which stand side by side */

    for (struct hold *h = part->wholes; h != NULL; h = h->next)
        if (h->whole != told && h->whole->spec.kind->part != NULL) {
            told = h->whole;
            told->spec.kind->part(told, part);
        }
}

static void tell(struct source *s, enum family f)
{
    struct real *r = s->real;

    s->tell &= ~FAMILY_BIT(f);
    if (s->holds > 0)
        tell_parents(s);
    if (s->uses > 0 && !r->quiet && r->sense.fn != NULL)
        r->sense.fn(r->sense.fn_arg, s, f);
}

static void set_value(struct source *s, enum family f, enum sensed_state state, bool empty,
                      const struct addrset *set, const char *error)
{
    static const struct addrset none;
    struct sensed *v = &s->values[f];
    struct moment now = net_now(s->real->options.net);
    bool first = v->asked == 0;

    if (set == NULL)
        set = &none;
    bool changed = v->state != state || !addrset_equal(&v->set, set);
    if (changed || first)
        v->since = now.wall;
    v->state = state;
    v->empty = empty;
    v->set = *set;
    v->asked = now.wall;
    v->took = s->asked_mono != 0 ? now.mono - s->asked_mono : 0;
    snprintf(v->error, sizeof v->error, "%s", error != NULL ? error : "");
    if (changed || first || (s->tell & FAMILY_BIT(f)))
        tell(s, f);
}

void source_set(struct source *s, enum family f, enum sensed_state state, const struct addrset *set,
                const char *error)
{
    set_value(s, f, state, false, set, error);
}

void source_empty(struct source *s, enum family f, const char *error)
{
    set_value(s, f, SENSED_UNKNOWN, true, NULL, error);
}

void source_known(struct source *s, const struct addr *a, const char *error)
{
    struct addrset set = {0};
    enum family f = (enum family)a->family;

    addrset_add(&set, a);
    source_set(s, f, SENSED_KNOWN, &set, error);
    if (s->spec.neutral) /* it found this one, so it says nothing of the other */
        source_set(s, f == V4 ? V6 : V4, SENSED_UNKNOWN, NULL, "");
}

void source_unknown(struct source *s, enum family f, const char *format, ...)
{
    char error[sizeof s->values[f].error];
    va_list args;

    va_start(args, format);
    vsnprintf(error, sizeof error, format, args);
    va_end(args);
    source_set(s, f, SENSED_UNKNOWN, NULL, error);
}

void source_unknown_all(struct source *s, const char *error)
{
    for (enum family f = V4; f < FAMILIES; f++)
        if (s->spec.families & FAMILY_BIT(f))
            source_set(s, f, SENSED_UNKNOWN, NULL, error);
}

/* --- asking --- */

static void ask(struct source *s)
{
    s->asking = true;
    s->ask_again = false;
    s->asked_mono = mono(s->real);
    s->spec.kind->ask(s);
}

static void on_timer(void *arg)
{
    struct source *s = arg;

    if (!s->asking)
        ask(s);
}

static void ask_at(struct source *s, msec at)
{
    s->real->options.net->ops->timer_set(s->timer, at);
}

/* A whole number of milliseconds below "most". */
static msec random_below(struct real *r, msec most)
{
    uint64_t bits;

    if (most <= 0)
        return 0;
    r->options.net->ops->random(r->options.net, &bits, sizeof bits);
    return (msec)(bits % (uint64_t)most);
}

static msec retry_after(const struct source *s, msec poll)
{
    msec wait = RETRY_FIRST;

    for (unsigned i = 1; i < s->failures && wait < poll; i++)
        wait *= 2;
    return wait < poll ? wait : poll;
}

/* Nobody needs its news at present: hearing costs nothing, asking would. */
static bool is_idle(const struct source *s)
{
    return s->idle > 0 && s->idle >= s->uses + s->holds;
}

/* 0: it is not asked again by itself. */
static msec poll_of(const struct source *s)
{
    const struct source_kind *k = s->spec.kind;
    msec poll = s->real->options.poll;

    if (!k->polls || s->spec.on_demand || is_idle(s))
        return 0;
    if (s->spec.metered && poll > 0)
        return poll > METERED_EVERY ? poll : METERED_EVERY;
    return k->every != 0 && k->every < poll ? k->every : poll;
}

void source_answered(struct source *s, bool well)
{
    struct real *r = s->real;
    msec poll = poll_of(s);
    msec jitter = r->options.jitter >= 0 ? r->options.jitter : poll / 5;

    s->asking = false;
    s->failures = well ? 0 : s->failures + 1;
    if (s->ask_again && !is_idle(s))
        ask_at(s, mono(r));
    else if (poll > 0 && well && poll == s->spec.kind->every) /* a promise: not later than that */
        ask_at(s, mono(r) + poll - random_below(r, jitter < poll ? jitter : poll / 5));
    else if (poll > 0)
        ask_at(s, mono(r) + (well ? poll : retry_after(s, poll)) + random_below(r, jitter));
}

/* --- life --- */

static void free_source(struct source *s)
{
    struct real *r = s->real;

    if (s->prev != NULL)
        s->prev->next = s->next;
    else
        r->sources = s->next;
    if (s->next != NULL)
        s->next->prev = s->prev;
    map_remove(r->by_key, s->key);
    if (s->spec.kind->close != NULL)
        s->spec.kind->close(s);
    for (int i = 0; i < PARTS_MAX; i++)
        if (s->parts[i] != NULL)
            part_from(s, i);
    r->options.net->ops->timer_free(s->timer);
    mem_free(s->data);
    spec_free(&s->spec);
    mem_free(s->key);
    mem_free(s);
}

/* Frees what nobody uses: later, since the last user may have let go inside an answer. */
static void on_sweep(void *arg)
{
    struct real *r = arg;
    bool again = true;

    while (again) {
        again = false;
        for (struct source *s = r->sources, *next; s != NULL; s = next) {
            next = s->next;
            if (s->uses == 0 && s->holds == 0) {
                free_source(s);
                again = true; /* its parts may be free now */
            }
        }
    }
}

/* The shared source of that question. Takes the spec over. */
static struct source *source_for(struct real *r, struct spec *spec)
{
    char *key = spec_key(spec);
    struct source *s = map_get(r->by_key, key);

    if (s != NULL) {
        char *entry = s->spec.entry; /* a command is run in the name of its latest user */
        s->spec.entry = spec->entry;
        spec->entry = entry;
        spec_free(spec);
        mem_free(key);
        return s;
    }
    s = mem_alloc(sizeof *s);
    s->real = r;
    s->spec = *spec;
    *spec = (struct spec){0};
    s->key = key;
    s->timer = r->options.net->ops->timer_new(r->options.net, on_timer, s);
    if (s->spec.kind->size > 0)
        s->data = mem_alloc(s->spec.kind->size);
    s->next = r->sources;
    if (s->next != NULL)
        s->next->prev = s;
    r->sources = s;
    map_set(r->by_key, key, s);
    for (unsigned i = 0; i < s->spec.part_count; i++)
        join(s, (int)i, real_hold(r, &s->spec.parts[i]));
    if (spec_bound(&s->spec) && real_table(r) != NULL)
        s->way = iftable_way_by(real_table(r), real_uplink(s));
    if (s->spec.kind->open != NULL)
        s->spec.kind->open(s);
    if (s->spec.on_demand)
        return s;
    if (s->spec.kind->polls)
        ask_at(s, mono(r)); /* from the loop */
    else
        ask(s); /* what it knows, it knows at once */
    return s;
}

struct source *real_hold(struct real *r, struct spec *spec)
{
    struct source *s = source_for(r, spec);

    s->holds++;
    return s;
}

static struct source *use(struct sense *sense, const struct view *settings, enum family family,
                          const char **why)
{
    struct real *r = of(sense);
    struct spec spec;
    bool quiet = r->quiet;

    if (!spec_make(&spec, settings, family, &r->options, why))
        return NULL;
    r->quiet = true;
    struct source *s = source_for(r, &spec);
    r->quiet = quiet;
    s->uses++;
    return s;
}

static void release(struct sense *sense, struct source *source)
{
    struct real *r = of(sense);

    if (--source->uses == 0 && source->holds == 0)
        r->options.net->ops->timer_set(r->sweep, mono(r));
}

static const struct sensed *value(const struct source *source, enum family family)
{
    return &source->values[family];
}

static void refresh(struct sense *sense, struct source *s)
{
    s->tell |= s->spec.families;
    for (int i = 0; i < PARTS_MAX; i++)
        if (s->parts[i] != NULL && !s->parts[i]->spec.on_demand)
            refresh(sense, s->parts[i]);
    if (!s->asking && !s->spec.kind->only_parts)
        ask_at(s, mono(of(sense)));
}

void real_ask_part(struct source *s)
{
    s->tell |= s->spec.families;
    if (s->asking)
        s->ask_again = true;
    else
        ask_at(s, mono(s->real));
}

static void attend(struct sense *sense, struct source *s, bool needed)
{
    bool before = is_idle(s);

    s->idle += needed ? -1u : 1u;
    bool now = is_idle(s);
    if (now == before)
        return;
    for (int i = 0; i < PARTS_MAX; i++)
        if (s->parts[i] != NULL)
            attend(sense, s->parts[i], needed);
    if (!s->spec.kind->polls || s->spec.on_demand || s->spec.kind->only_parts)
        return;
    if (now)
        ask_at(s, NEVER);
    else if (!s->asking)
        ask_at(s, mono(of(sense)));
}

static const char *name(const struct source *source)
{
    return source->spec.name;
}

static const char *kind(const struct source *source)
{
    return source->spec.kind->name;
}

static struct source *next(const struct sense *sense, const struct source *after)
{
    struct source *s = after == NULL ? of(sense)->sources : after->next;

    while (s != NULL && s->uses == 0)
        s = s->next;
    return s;
}

static bool facts(const struct sense *sense, enum family family, struct place_facts *out)
{
    return survey_facts(of(sense), family, out);
}

/* --- gateways --- */

/* The link that its word is about: the one it is asked by, or the one whose address it tells. */
static bool is_cut(const struct source *s, enum family f)
{
    const struct iftable *t = real_table(s->real);
    const struct if_route *r;

    if (t == NULL)
        return false;
    if (s->spec.kind == &source_interface && !spec_bound(&s->spec) &&
        !text_equal(s->spec.arg, "default"))
        r = iftable_route_by(t, iftable_find(t, s->spec.arg), f);
    else
        r = real_route(s, f);
    return r != NULL && r->gateway_gone;
}

static bool cut(const struct source *source, enum family family)
{
    struct source *s = (struct source *)(uintptr_t)source;

    if (!s->watches_cut) {
        s->watches_cut = true;
        ifwatch_gateways(s->real->watch);
        for (enum family f = V4; f < FAMILIES; f++)
            s->cut[f] = is_cut(s, f);
    }
    return s->cut[family];
}

static void look_at_gateways(struct source *s)
{
    for (enum family f = V4; f < FAMILIES && s->watches_cut; f++)
        if (s->cut[f] != is_cut(s, f)) {
            s->cut[f] = !s->cut[f];
            if (s->cut[f]) /* the kernel does not always tell that a neighbour is back */
                s->real->options.net->ops->timer_set(s->real->look, mono(s->real) + LOOK_GONE);
            tell(s, f);
        }
}

static const struct sense_ops ops = {.use = use,
                                     .release = release,
                                     .value = value,
                                     .refresh = refresh,
                                     .attend = attend,
                                     .name = name,
                                     .kind = kind,
                                     .cut = cut,
                                     .facts = facts,
                                     .next = next};

/* --- the network --- */

/* A polling source is asked soon, but not for each event of a line that flaps. */
static void ask_for_network(struct source *s)
{
    msec now = mono(s->real), at = now + NETWORK_DELAY;

    if (s->spec.on_demand || is_idle(s))
        return;
    if (s->asking) {
        s->ask_again = true;
        return;
    }
    if (s->network_mono > now)
        return; /* it will be already */
    if (s->network_mono != 0 && s->network_mono + NETWORK_GAP > at)
        at = s->network_mono + NETWORK_GAP;
    s->network_mono = at;
    ask_at(s, at);
}

/* Did the uplink of its own move? */
static bool uplink_moved(struct source *s, bool watched)
{
    uint64_t way = iftable_way_by(real_table(s->real), real_uplink(s));
    bool moved = watched && way != s->way;

    s->way = way;
    return moved;
}

static void on_network(void *arg)
{
    struct real *r = arg;
    struct net *net = r->options.net;
    uint64_t ways = iftable_ways_out(real_table(r)), addresses = iftable_addresses(real_table(r));
    bool watched = r->watched, moved = watched && ways != r->ways_out, any = moved;

    r->watched = true;
    r->ways_out = ways;
    if (addresses != r->addresses && net->ops->cut != NULL)
        net->ops->cut(net);
    r->addresses = addresses;
    for (struct source *s = r->sources; s != NULL; s = s->next) {
        bool own = spec_bound(&s->spec);
        bool mine = own ? uplink_moved(s, watched) || (moved && s->spec.mark != 0) : moved;
        any = any || mine;
        if (s->spec.kind->network != NULL)
            s->spec.kind->network(s);
        else if (s->spec.kind->polls && mine)
            ask_for_network(s);
        look_at_gateways(s);
    }
    if (any && net->ops->renew != NULL)
        net->ops->renew(net); /* kept connections belong to the network of before */
    if (moved)
        r->has_outside[V4] = r->has_outside[V6] = false;
    if (moved || !watched)
        survey_look(r);
}

static void on_look(void *arg)
{
    struct real *r = arg;

    bool gone = false;

    for (const struct source *s = r->sources; s != NULL; s = s->next)
        gone = gone || s->cut[V4] || s->cut[V6];
    ifwatch_look(r->watch);
    if (!gone)
        survey_look(r);
    r->options.net->ops->timer_set(r->look, mono(r) + (gone ? LOOK_GONE : LOOK_EVERY));
}

struct sense *sense_new(const struct sense_options *options)
{
    struct real *r = mem_alloc(sizeof *r);

    r->options = *options;
    r->sense.ops = &ops;
    r->by_key = map_new();
    r->by_device = map_new();
    r->watch = ifwatch_new(options->loop, on_network, r);
    r->sweep = options->net->ops->timer_new(options->net, on_sweep, r);
    r->look = options->net->ops->timer_new(options->net, on_look, r);
    if (options->poll > 0)
        options->net->ops->timer_set(r->look, mono(r) + LOOK_EVERY);
    return &r->sense;
}

void sense_free(struct sense *sense)
{
    struct real *r = of(sense);

    if (r == NULL)
        return;
    for (struct source *s = r->sources; s != NULL; s = s->next)
        s->uses = 0;
    if (r->survey != NULL)
        r->survey->holds--;
    on_sweep(r);
    map_free(r->by_key, NULL);
    map_free(r->by_device, NULL);
    ifwatch_free(r->watch);
    r->options.net->ops->timer_free(r->sweep);
    r->options.net->ops->timer_free(r->look);
    mem_free(r);
}

void sense_set_poll(struct sense *sense, msec poll, msec jitter)
{
    struct real *r = of(sense);

    if (r->options.poll == poll && r->options.jitter == jitter)
        return;
    r->options.poll = poll;
    r->options.jitter = jitter;
    for (struct source *s = r->sources; s != NULL; s = s->next)
        if (poll_of(s) > 0 && !s->asking)
            ask_at(s, mono(r) + random_below(r, poll));
}

void sense_survey(struct sense *sense)
{
    survey_begin(of(sense));
}

bool sense_survey_waits(const struct sense *sense)
{
    return survey_waits(of(sense));
}

void sense_set_outside(struct sense *sense, bool allowed)
{
    struct real *r = of(sense);

    if (r->options.no_outside == !allowed)
        return;
    r->options.no_outside = !allowed;
    for (struct source *s = r->sources; s != NULL; s = s->next)
        if (s->spec.kind->outside != NULL && !s->asking)
            ask_at(s, mono(r));
}

void sense_list_outside(const struct sense *sense, sense_outside_fn *fn, void *arg)
{
    for (const struct source *s = of(sense)->sources; s != NULL; s = s->next)
        if (s->spec.kind->outside != NULL && (s->uses > 0 || s->holds > 0))
            s->spec.kind->outside(s, fn, arg);
}

void sense_push(struct sense *sense, const char *device)
{
    const struct real *r = of(sense);

    for (struct source *s = source_of_device(r, device, NULL); s != NULL;
         s = source_of_device(r, device, s))
        ask(s);
}

void sense_set_push_stale(struct sense *sense, msec age)
{
    struct real *r = of(sense);

    if (r->options.push_stale == age)
        return;
    r->options.push_stale = age;
    for (struct source *s = r->sources; s != NULL; s = s->next)
        if (s->spec.kind == &source_pushed)
            ask(s);
}

const char *sense_pushed_by(const struct source *s, bool *prefix)
{
    if (s->spec.kind == &source_pushed) {
        *prefix = s->spec.length != 0;
        return s->spec.arg;
    }
    for (int i = 0; i < PARTS_MAX; i++) {
        const char *device = s->parts[i] != NULL ? sense_pushed_by(s->parts[i], prefix) : NULL;
        if (device != NULL)
            return device;
    }
    return NULL;
}

static void list(const struct iftable *t, msec mono_now,
                 void (*fn)(void *arg, const struct sense_candidate *c), void *arg)
{
    enum choice *why = mem_array(t->addr_count > 0 ? t->addr_count : 1, sizeof *why);

    for (enum family f = V4; f < FAMILIES; f++) {
        const struct if_link *out = iftable_default(t, f);
        for (size_t l = 0; l < t->link_count; l++) {
            const struct if_link *link = &t->links[l];
            choose_address(t, link->index, f, false, mono_now, why);
            for (size_t i = 0; i < t->addr_count; i++) {
                bool taken = why[i] == CHOICE_TAKEN && link == out;
                struct sense_candidate c = {.interface = link->name,
                                            .addr = t->addrs[i].addr,
                                            .length = t->addrs[i].length,
                                            .chosen = taken,
                                            .taken = taken};
                if (why[i] == CHOICE_ELSEWHERE || t->addrs[i].index != link->index)
                    continue;
                if (taken && addr_kind(&c.addr) != ADDR_PUBLIC) { /* it would be refused */
                    c.taken = false;
                    c.why = addr_kind_name(addr_kind(&c.addr));
                } else if (!taken)
                    c.why = why[i] != CHOICE_TAKEN ? choice_text(why[i])
                            : link->loopback       ? "it is this machine's own loop"
                                                   : "the default route goes elsewhere";
                fn(arg, &c);
            }
        }
    }
    mem_free(why);
}

void sense_list_candidates(const struct sense *sense,
                           void (*fn)(void *arg, const struct sense_candidate *c), void *arg)
{
    const struct iftable *t = real_table(of(sense));

    if (t != NULL)
        list(t, mono(of(sense)), fn, arg);
}

void sense_list_told(const struct sense *sense,
                     void (*fn)(void *arg, const struct sense_candidate *c), void *arg)
{
    survey_list(of(sense), fn, arg);
}
