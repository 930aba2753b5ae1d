/*
 * SPDX-License-Identifier: ISC
 */
#include "command/ddclient_inside.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "command/load.h"

static int compare(const void *left, const void *right)
{
    const struct target *a = left, *b = right;
    int order = strcmp(a->protocol, b->protocol);
    return order != 0 ? order : strcmp(a->host, b->host);
}

/* Which settings the strategy reads, for messages: "webv4" of usev4=webv4. */
static const char *argument_of(const char *strategy, enum family f, bool neutral)
{
    static const char *const names[] = {"ip", "if", "web", "cmd", "fw"};
    static const char *const v4[] = {"ipv4", "ifv4", "webv4", "cmdv4", "fwv4"};
    static const char *const v6[] = {"ipv6", "ifv6", "webv6", "cmdv6", "fwv6"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (text_equal(strategy, names[i]) || text_equal(strategy, v4[i]) ||
            text_equal(strategy, v6[i]))
            return neutral ? names[i] : f == V4 ? v4[i] : v6[i];
    }
    return NULL;
}

/* Does the family's address come from use=? */
static bool is_neutral(const struct target *t, int family)
{
    const char *strategy = view_get(&t->view, family == V4 ? "usev4" : "usev6");
    return strategy == NULL || text_equal(strategy, "disabled");
}

char *target_context(const struct target *t, int family)
{
    if (family < 0)
        return mem_format("[%s]", t->host);
    bool neutral = is_neutral(t, family);
    const char *name = neutral ? "use" : family == V4 ? "usev4" : "usev6";
    const char *strategy = view_get(&t->view, name);
    const char *argument = argument_of(strategy, (enum family)family, neutral);
    /* The path of a page can hold secrets; a command's text is its owner's own. */
    const char *value = argument != NULL ? view_get(&t->view, argument) : NULL;
    if (argument == NULL)
        return mem_format("[%s][%s=%s]", t->host, name, strategy != NULL ? strategy : "ip");
    if (value != NULL && strchr(value, '/') != NULL &&
        (text_starts(argument, "web") || text_starts(argument, "fw")))
        return mem_format("[%s][%s=%s %s=...]", t->host, name, strategy, argument);
    return mem_format("[%s][%s=%s %s=%s]", t->host, name, strategy, argument,
                      value != NULL ? value : "<undefined>");
}

static void use_sources(struct pass *p, struct target *t)
{
    struct sense *sense = p->spec.sense;

    for (int f = 0; f < FAMILIES; f++) {
        const char *why = NULL;
        t->sources[f] = sense->ops->use(sense, &t->view, (enum family)f, &why);
        if (t->sources[f] == NULL)
            continue;
        const struct sensed *value = sense->ops->value(t->sources[f], (enum family)f);
        t->waits[f] = value->state == SENSED_UNKNOWN && value->asked == 0;
        p->waiting += t->waits[f];
    }
}

void target_collect(struct pass *p)
{
    size_t all = conf_entry_count(p->spec.conf);

    p->targets = mem_array(all > 0 ? all : 1, sizeof *p->targets);
    for (size_t i = 0; i < all; i++) {
        const struct conf_entry *e = conf_entry_at(p->spec.conf, i);
        struct target *t = &p->targets[p->count];
        if (conf_entry_parked(e) || !conf_entry_enabled(e))
            continue;
        t->entry = e;
        t->view = conf_entry_view(e);
        t->host = conf_entry_written(e);
        t->protocol = conf_entry_protocol(e);
        if (t->protocol == NULL)
            t->protocol = conf_entry_provider(e);
        t->provider = load_provider_of(p->spec.registry, e);
        p->count++;
    }
    if (p->count > 1)
        qsort(p->targets, p->count, sizeof *p->targets, compare);
    for (size_t i = 0; i < p->count; i++)
        use_sources(p, &p->targets[i]);
}

void target_release(struct pass *p)
{
    for (size_t i = 0; i < p->count; i++) {
        for (int f = 0; f < FAMILIES; f++) {
            struct target *t = &p->targets[i];
            if (t->sources[f] != NULL)
                p->spec.sense->ops->release(p->spec.sense, t->sources[f]);
            t->sources[f] = NULL;
            set_drop(t->sets[f]);
            t->sets[f] = NULL;
        }
    }
}

/* Whoever reads a page should know when it told a private address. */
static void doubt(struct pass *p, const struct target *t, enum family f)
{
    enum addr_kind kind = addr_kind(&t->wanted[f]);
    const char *how = p->spec.sense->ops->kind(t->sources[f]);

    if (kind == ADDR_PUBLIC || kind == ADDR_DOCUMENTATION || text_equal(how, "fixed"))
        return;
    char text[ADDR_TEXT_MAX];
    char *context = target_context(t, (int)f);
    report_say(p->spec.report, REPORT_WARNING, context,
               "found %s, which is %s: others can not reach it", addr_text(&t->wanted[f], text),
               addr_kind_name(kind));
    mem_free(context);
}

static void say_not_found(struct pass *p, const struct target *t, int f)
{
    const struct sensed *value = p->spec.sense->ops->value(t->sources[f], (enum family)f);
    char *context = target_context(t, f);

    if (value->error[0] != '\0')
        report_say(p->spec.report, REPORT_WARNING, context, "%s", value->error);
    else
        report_say(p->spec.report, REPORT_WARNING, context, "did not find an %s address",
                   is_neutral(t, f) ? "IPv4 or IPv6" : family_name((enum family)f));
    mem_free(context);
}

/* use= wants an address of either family: one is enough, and what fails for both is told once. */
static void say_all_not_found(struct pass *p, const struct target *t)
{
    bool satisfied = (t->known[V4] && is_neutral(t, V4)) || (t->known[V6] && is_neutral(t, V6));

    for (int f = 0; f < FAMILIES; f++) {
        if (t->sources[f] == NULL || t->known[f] || (is_neutral(t, f) && satisfied))
            continue;
        satisfied = satisfied || is_neutral(t, f);
        say_not_found(p, t, f);
    }
}

bool target_learn(struct pass *p, struct target *t)
{
    bool any = false;

    for (int f = 0; f < FAMILIES; f++) {
        if (t->sources[f] == NULL)
            continue;
        const struct sensed *value = p->spec.sense->ops->value(t->sources[f], (enum family)f);
        char *context = target_context(t, f);
        if (value->state == SENSED_KNOWN && value->set.count > 0) {
            struct addrset one = {0};
            char text[ADDR_TEXT_MAX];
            t->known[f] = any = true;
            t->wanted[f] = value->set.items[0];
            addrset_add(&one, &t->wanted[f]);
            t->sets[f] = set_get(p->sets, &one);
            report_say(p->spec.report, REPORT_DEBUG, context, "found %s address: %s",
                       family_name((enum family)f), addr_text(&t->wanted[f], text));
            doubt(p, t, (enum family)f);
            if (value->error[0] != '\0')
                report_say(p->spec.report, p->spec.first ? REPORT_WARNING : REPORT_INFO, context,
                           "%s", value->error);
        }
        mem_free(context);
    }
    say_all_not_found(p, t);
    if (t->known[V4] && t->known[V6] && t->provider != NULL &&
        provider_info(t->provider)->one_family) {
        t->known[V6] = false;
        set_drop(t->sets[V6]);
        t->sets[V6] = NULL;
    }
    if (!any) {
        char *context = target_context(t, -1);
        report_say(p->spec.report, REPORT_WARNING, context, "unable to determine IP address");
        mem_free(context);
    }
    return any;
}

/* FNV-1a: it only has to tell one set of plain settings from another. */
static char *settings_hash(const struct target *t)
{
    static const char *const names[] = {"server", "login", "zone"};
    uint64_t h = 14695981039346656037u;

    for (size_t i = 0; i <= sizeof names / sizeof names[0]; i++) {
        const char *s = i == 0 ? t->protocol : view_get(&t->view, names[i - 1]);
        for (; s != NULL && *s != '\0'; s++)
            h = (h ^ (unsigned char)*s) * 1099511628211u;
        h = (h ^ 0xff) * 1099511628211u;
    }
    return mem_format("%016llx", (unsigned long long)h);
}

struct watched {
    const char *name;
    size_t offset;
    bool dyndns1; /* there only */
};
static const struct watched watched[] = {
    {"backupmx", offsetof(struct cache_entry, backupmx), false},
    {"mx", offsetof(struct cache_entry, mx), false},
    {"static", offsetof(struct cache_entry, is_static), true},
    {"wildcard", offsetof(struct cache_entry, wildcard), false},
};

static bool watches(const struct target *t, const struct watched *w)
{
    if (text_equal(t->protocol, "dyndns1"))
        return true;
    return !w->dyndns1 &&
           (text_equal(t->protocol, "dyndns2") || text_equal(t->protocol, "easydns"));
}

/* As ddclient has it in the cache: 0 and 1 for booleans. NULL when unset. */
static const char *watched_value(const struct target *t, const struct watched *w)
{
    if (text_equal(w->name, "mx")) {
        const char *mx = view_get(&t->view, "mx");
        return mx != NULL && mx[0] != '\0' ? mx : NULL;
    }
    return conf_bool(&t->view, w->name) ? "1" : "0";
}

static char **watched_slot(struct cache_entry *e, const struct watched *w)
{
    return (char **)(void *)((char *)e + w->offset);
}

/* What the cache says of the option; NULL when nothing. An mx= that was not set leaves no trace but
 * that of the others. */
static const char *remembered(const struct cache_entry *e, const struct watched *w)
{
    const char *value = *watched_slot((struct cache_entry *)(uintptr_t)e, w);

    return value == NULL && text_equal(w->name, "mx") && e->backupmx != NULL ? "" : value;
}

/* The options that changed since the last attempt: "mx, wildcard"; NULL when none. Owned. */
static char *find_changed(const struct target *t, const char *hash)
{
    struct buf names;
    char *result = NULL;

    buf_init(&names, 256);
    for (size_t i = 0; t->cached != NULL && i < sizeof watched / sizeof watched[0]; i++) {
        const char *was = watches(t, &watched[i]) ? remembered(t->cached, &watched[i]) : NULL;
        const char *is = was != NULL ? watched_value(t, &watched[i]) : NULL;
        if (was != NULL && !text_equal(was, is != NULL ? is : ""))
            buf_format(&names, "%s%s", names.len > 0 ? ", " : "", watched[i].name);
    }
    if (t->cached != NULL && t->cached->settings != NULL && !text_equal(t->cached->settings, hash))
        buf_format(&names, "%sprotocol, server, login or zone", names.len > 0 ? ", " : "");
    if (names.len > 0)
        result = mem_text(buf_str(&names));
    buf_free(&names);
    return result;
}

/* An attempt begins: what the cache says from now on if this process ends in the middle. */
static void note_attempt(struct pass *p, struct target *t, const char *hash)
{
    struct cache_entry *e = cache_entry(p->spec.cache, t->host);

    t->cached = e;
    e->touched = true;
    e->atime = p->now.wall / SECOND;
    e->wtime = e->warned_min = e->warned_error = 0;
    e->failures++;
    for (int f = 0; f < FAMILIES; f++) {
        t->before_known[f] = e->of[f].known;
        if (e->of[f].known)
            addrset_add(&t->before[f], &e->of[f].addr);
        cache_set(&e->of[f].status, NULL);
    }
    for (size_t i = 0; i < sizeof watched / sizeof watched[0]; i++)
        if (watches(t, &watched[i]))
            cache_set(watched_slot(e, &watched[i]), watched_value(t, &watched[i]));
    cache_set(&e->settings, hash);
}

static void note_hold(struct pass *p, struct target *t, const struct decide_result *r)
{
    int64_t now = p->now.wall / SECOND;

    if (t->cached == NULL || (!r->held_min && !r->held_error))
        return;
    t->cached->touched = true;
    if (r->held_min)
        t->cached->warned_min = now;
    if (r->held_error)
        t->cached->warned_error = now;
}

void target_decide(struct pass *p, struct target *t)
{
    char *hash = settings_hash(t);
    struct decide_result r;

    t->cached = cache_find(p->spec.cache, t->host);
    char *changed = find_changed(t, hash);
    struct decide_facts facts = {.entry = t->cached,
                                 .min_interval = conf_length(&t->view, "min-interval"),
                                 .max_interval = conf_length(&t->view, "max-interval"),
                                 .min_error_interval = conf_length(&t->view, "min-error-interval"),
                                 .force = p->spec.first && conf_bool(&t->view, "force"),
                                 .changed = changed,
                                 .verbose = p->spec.verbose,
                                 .silent_errors = p->spec.silent_errors,
                                 .now = p->now.wall / SECOND};
    /* A file that was edited since may hold what was missing: the first interval again. */
    if (t->cached != NULL && p->spec.conf_time / SECOND <= t->cached->atime)
        facts.failures = t->cached->failures;
    memcpy(facts.known, t->known, sizeof facts.known);
    memcpy(facts.wanted, t->wanted, sizeof facts.wanted);
    decide_host(&facts, &r);
    char *context = target_context(t, -1);
    for (unsigned i = 0; i < r.message_count; i++)
        report_say(p->spec.report, r.messages[i].label, context, "%s", r.messages[i].text);
    mem_free(context);
    t->due = r.due;
    if (t->due != 0) {
        p->result.attempted++;
        if (!p->spec.dry)
            note_attempt(p, t, hash);
    } else if (!p->spec.dry) {
        note_hold(p, t, &r);
    }
    mem_free(changed);
    mem_free(hash);
}
