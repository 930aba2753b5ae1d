/*
 * SPDX-License-Identifier: ISC
 */
#include "engine/checks.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "decide/looks.h"
#include "engine/healed.h"
#include "engine/inside.h"
#include "engine/readback.h"

#include <stdint.h>
#include <stdio.h>

/* After a start the looks at what was published before are spread: 20 ms for each name, at most 10
 * minutes. */
static const msec SPREAD_EACH = 20, SPREAD_MOST = 10 * MINUTE;
/* How long a record waits for its answer before it is sent without: from when it is asked, and with
 * its time in the queue. */
static const msec QUESTION_ASKED = 15 * SECOND, QUESTION_MOST = 2 * MINUTE;

enum {
    TTL_LONG = 3600, /* seconds: a longer one makes visitors wait */
    SERVED_MAX = 400,
    SERVED_NAMES = 3
};

/* The record waits for an answer before it is sent. */
struct question {
    struct heap_item end; /* then no answer is one, too; first: the heap gives it back */
    struct check *check;
    const struct set *about; /* counted */
};

/* Small: each hostname of a fleet has one for each family that is asked about. */
struct check {
    struct heap_item due; /* first: the heap gives it back */
    struct checks *checks;
    const char *entry; /* its pair's */
    struct look look;
    msec published_at;       /* of the record, as last seen; LONG_AGO never */
    uint64_t content;        /* what was published with it */
    const struct set *about; /* counted: what should be there, as last seen; NULL: not known */
    struct verify_job *job;
    struct readback *back;     /* verify=api: in place of the job */
    struct question *question; /* owned; NULL: the record waits for none */
    uint8_t family;            /* enum family */
    bool wanted;               /* the record is one that the DNS can be asked about */
};

/* Those of an entry. */
struct pair {
    char *entry;                   /* owned: identity */
    struct check *check[FAMILIES]; /* owned; NULL: there was nothing to look at yet */
};

struct checks {
    struct engine *engine;
    struct verify *verify;
    struct map *by_entry; /* identity to struct pair, owned */
    struct heap heap, ends;
    struct net_timer *timer;
    unsigned observer, running;
    bool intercepted; /* said, since a name server was last heard itself */
    struct healed *healed;
};

static uint32_t chance(struct checks *c)
{
    struct net *net = c->engine->seams.net;
    uint32_t r;

    net->ops->random(net, &r, sizeof r);
    return r;
}

static void plan(struct checks *c)
{
    msec next = c->running < CHECKS_AT_ONCE ? heap_next(&c->heap) : NEVER;
    msec end = heap_next(&c->ends);
    msec store = healed_at(c->healed);
    next = next < end ? next : end;
    c->engine->seams.net->ops->timer_set(c->timer, next < store ? next : store);
}

static bool asking(const struct check *check)
{
    return check->job != NULL || check->back != NULL;
}

static void set_due(struct check *check)
{
    heap_set(&check->checks->heap, &check->due,
             check->wanted && !asking(check) ? check->look.next : NEVER);
}

static void end_question(struct check *check)
{
    struct question *q = check->question;

    if (q == NULL)
        return;
    heap_set(&check->checks->ends, &q->end, NEVER);
    set_drop(q->about);
    mem_free(q);
    check->question = NULL;
}

static void cancel(struct check *check)
{
    if (!asking(check))
        return;
    verify_cancel(check->job);
    readback_cancel(check->back);
    check->job = NULL;
    check->back = NULL;
    check->checks->running--;
}

static void stop(struct check *check)
{
    cancel(check);
    end_question(check);
    look_stop(&check->look);
    check->wanted = false;
    set_due(check);
}

static bool waits_for_answer(const struct entry *entry, enum family f)
{
    const struct record *r = entry->record[f];
    return r->doubt && r->state == RECORD_WAITING && r->hold == HOLD_QUESTION;
}

/* What should be in the DNS: what was published, or for a hostname that is only watched, what is
 * wanted. */
static const struct set *expected(const struct entry *entry, enum family f)
{
    const struct record *r = entry->record[f];

    if (entry->rules->source[f] == NULL)
        return NULL;
    if (entry->bar == BAR_WATCH)
        return r->wanted;
    if (waits_for_answer(entry, f))
        return r->wanted;
    if (entry->bar != BAR_NONE || r->state != RECORD_RIGHT)
        return NULL;
    return r->published;
}

/* The record waits: its question comes at once, and again when it is about another address. */
static void follow_question(struct check *check, const struct entry *entry, msec now)
{
    const struct set *set = entry->record[check->family]->wanted;
    struct question *q = check->question;

    if (q != NULL && q->about == set)
        return;
    cancel(check);
    end_question(check);
    check->question = q = mem_alloc(sizeof *q);
    q->check = check;
    q->about = set_keep(set);
    heap_set(&check->checks->ends, &q->end, now + QUESTION_MOST);
    check->wanted = true;
    check->look.next = now;
    set_due(check);
}

static void follow(struct checks *c, struct check *check, const struct entry *entry, bool first)
{
    const struct record *r = entry->record[check->family];
    msec now = net_now(c->engine->seams.net).mono;

    if (load_verify(c->engine, entry) != NULL && waits_for_answer(entry, check->family)) {
        follow_question(check, entry, now);
        return;
    }
    if (check->question != NULL) { /* somebody decided otherwise meanwhile */
        cancel(check);
        end_question(check);
        look_stop(&check->look);
    }
    if (first) /* whenever it turns out to be right still, that was no news */
        check->published_at = r->published_at;
    if (load_verify(c->engine, entry) == NULL || expected(entry, check->family) == NULL) {
        if (check->wanted && r->state != RECORD_SENDING && r->state != RECORD_READY &&
            r->state != RECORD_WAITING)
            stop(check);
        return;
    }
    const struct set *set = expected(entry, check->family);
    bool watched = entry->bar == BAR_WATCH;
    bool other = check->about != set || (!watched && r->content != check->content);
    /* Who keeps a hostname that is only watched has the same time to follow. */
    bool published =
        watched ? check->about != NULL && other : r->published_at != check->published_at;
    if (published && !first) {
        cancel(check); /* its answer would be about the former address */
        look_published(&check->look, now, other);
    } else if (!check->wanted) {
        msec spread = SPREAD_EACH * (msec)(c->engine->entry_count * FAMILIES);
        look_resume(&check->look, now, spread < SPREAD_MOST ? spread : SPREAD_MOST, chance(c));
        if (!watched && check->about == NULL)
            check->look.healed =
                healed_with(c->healed, check->entry, check->family, set_addresses(set));
    }
    check->published_at = r->published_at;
    check->content = r->content;
    set_drop(check->about);
    check->about = set_keep(set);
    check->wanted = true;
    set_due(check);
}

static struct pair *pair_of(struct checks *c, const char *id)
{
    struct pair *pair = map_get(c->by_entry, id);

    if (pair == NULL) {
        pair = mem_alloc(sizeof *pair);
        pair->entry = mem_text(id);
        map_set(c->by_entry, pair->entry, pair);
    }
    return pair;
}

static struct check *check_new(struct checks *c, const struct pair *pair, enum family f)
{
    struct check *check = mem_alloc(sizeof *check);

    check->checks = c;
    check->entry = pair->entry;
    check->family = (uint8_t)f;
    look_init(&check->look);
    return check;
}

/* A record that nobody is asked about needs no check. */
static bool worth_a_check(const struct checks *c, const struct entry *entry, enum family f)
{
    return entry->record[f] != &record_none[f] && load_verify(c->engine, entry) != NULL;
}

static void on_entry_changed(void *arg, const char *id)
{
    struct checks *c = arg;
    const struct entry *entry = engine_entry(c->engine, id);
    struct pair *pair = map_get(c->by_entry, id);

    for (int f = 0; entry != NULL && f < FAMILIES; f++) {
        bool first = pair == NULL || pair->check[f] == NULL;
        if (first && !worth_a_check(c, entry, (enum family)f))
            continue;
        if (first) {
            pair = pair_of(c, id);
            pair->check[f] = check_new(c, pair, (enum family)f);
        }
        /* Published before this start: known from the state, not news. */
        bool old =
            first && entry->record[f]->published_at + MINUTE < net_now(c->engine->seams.net).mono;
        follow(c, pair->check[f], entry, old);
    }
    plan(c);
}

static void free_pair(void *p)
{
    struct pair *pair = p;

    for (int f = 0; f < FAMILIES; f++) {
        if (pair->check[f] == NULL)
            continue;
        stop(pair->check[f]);
        set_drop(pair->check[f]->about);
        mem_free(pair->check[f]);
    }
    mem_free(pair->entry);
    mem_free(pair);
}

static void on_entry_gone(void *arg, const char *id)
{
    struct checks *c = arg;
    struct pair *pair = map_remove(c->by_entry, id);
    msec now = net_now(c->engine->seams.net).mono;

    for (int f = 0; f < FAMILIES; f++)
        healed_note(c->healed, id, (enum family)f, NULL, now);
    if (pair != NULL)
        free_pair(pair);
    plan(c);
}

static enum look_found found_of(const struct verify_result *r)
{
    if (r->state == VERIFY_UNKNOWN)
        return LOOK_UNKNOWN;
    return r->state == VERIFY_AGREES ? LOOK_AGREES : r->majority ? LOOK_DIFFERS : LOOK_LAGS;
}

static msec lag_of(const struct entry *entry)
{
    struct view v = conf_entry_view(entry->conf);

    if (view_get(&v, "lag") != NULL)
        return conf_length(&v, "lag");
    return entry->account != NULL && entry->account->site->provider != NULL
               ? provider_info(entry->account->site->provider)->lag
               : 0;
}

/* The commonest fault of beginners: the zone stands in their account, and others serve it. "ZONE
 * (SERVERS)", owned; NULL when that is not what is seen. */
static char *served_by(const struct entry *entry, const struct verify_result *r)
{
    struct buf out;

    if (r->state != VERIFY_DIFFERS || !r->majority || r->agree > 0 || r->zone[0] == '\0' ||
        entry->bar != BAR_NONE)
        return NULL;
    buf_init(&out, SERVED_MAX);
    buf_format(&out, "%s (", r->zone);
    unsigned named = 0;
    for (unsigned i = 0; i < r->count && named < SERVED_NAMES; i++) {
        const char *name = r->servers[i].name;
        bool seen = false;
        for (unsigned k = 0; k < i; k++)
            seen = seen || text_case_equal(r->servers[k].name, name);
        if (!seen)
            buf_format(&out, "%s%s", named++ > 0 ? ", " : "", name);
    }
    buf_char(&out, ')');
    return buf_take(&out);
}

/* Said once for each TTL: it is not in homing's hands where the provider sets it. */
static void tell_ttl(const struct check *check, const struct entry *entry,
                     const struct verify_result *r)
{
    const struct engine_verified *v = entry->verified;
    char length[24];

    if (r->ttl < TTL_LONG || (v != NULL && v[check->family].ttl == r->ttl))
        return;
    log_notice(entry_name(entry),
               "When the %s address changes, visitors may keep the former one for up to %s: the "
               "record's TTL is %u s. Set ttl= to less, here or at the provider.",
               family_name(check->family), clock_length_text((msec)r->ttl * SECOND, length),
               (unsigned)r->ttl);
}

static void tell(const struct entry *entry, enum look_action action, const struct verify_result *r,
                 const char *served)
{
    bool differs = action == LOOK_GIVE_UP || action == LOOK_HEAL;

    if (action == LOOK_HEAL && entry->bar == BAR_NONE)
        log_warning(entry_name(entry), "%s It is sent once more.", r->say);
    else if (differs)
        log_warning(entry_name(entry), "%s %s", r->say,
                    entry->bar == BAR_WATCH
                        ? "It is only watched: nothing is sent."
                        : "It was sent again without effect; look at it at the provider.");
    else if (action == LOOK_RECOVERED)
        log_notice(entry_name(entry), "%s", r->say);
    else
        log_debug(entry_name(entry), "%s", r->say);
    if (differs && served != NULL)
        log_warning(entry_name(entry),
                    "The DNS serves the zone %s. When these are not the name servers of your "
                    "account at the provider, the zone there has no effect: enter its name servers "
                    "at the registrar of the domain.",
                    served);
}

/* Once, not for each hostname and look. */
static void tell_intercepted(struct checks *c, const struct entry *entry,
                             const struct verify_result *r)
{
    if (r->intercepted && !c->intercepted)
        log_warning(entry_name(entry), "%s The router or the line redirects port 53.", r->say);
    if (r->intercepted || r->answered > 0)
        c->intercepted = r->intercepted;
}

/* r NULL: nobody answered in time. */
static void answer(struct check *check, const struct verify_result *r)
{
    struct checks *c = check->checks;
    bool there = r != NULL && r->state == VERIFY_AGREES;
    const struct addrset about = *set_addresses(check->question->about);

    end_question(check);
    look_stop(&check->look);
    set_due(check);
    if (r != NULL)
        log_debug(check->entry, "%s", r->say);
    engine_answered(c->engine, check->entry, (enum family)check->family, &about, there);
}

static void on_verified(void *arg, const struct verify_result *r)
{
    struct check *check = arg;
    struct checks *c = check->checks;
    const struct entry *entry = engine_entry(c->engine, check->entry);
    struct moment now = net_now(c->engine->seams.net);

    bool api = check->back != NULL;
    check->job = NULL;
    check->back = NULL;
    c->running--;
    if (check->question != NULL) {
        answer(check, r);
        plan(c);
        return;
    }
    if (entry != NULL) {
        char *served = served_by(entry, r);
        tell_ttl(check, entry, r);
        tell_intercepted(c, entry, r);
        struct engine_verified v = {r->state == VERIFY_AGREES    ? VERIFIED_AGREES
                                    : r->state == VERIFY_DIFFERS ? VERIFIED_DIFFERS
                                                                 : VERIFIED_UNKNOWN,
                                    r->agree,
                                    r->answered,
                                    now.wall,
                                    api,
                                    r->majority,
                                    r->intercepted,
                                    r->ttl,
                                    served};
        enum look_action action =
            look_result(&check->look, found_of(r), now.mono, lag_of(entry), chance(c));
        if (action == LOOK_HEAL && entry->bar == BAR_NONE)
            healed_note(c->healed, check->entry, check->family, set_addresses(check->about),
                        now.mono);
        else if (r->state == VERIFY_AGREES)
            healed_note(c->healed, check->entry, check->family, NULL, now.mono);
        tell(entry, action, r, served);
        engine_verified(c->engine, check->entry, check->family, &v,
                        action == LOOK_HEAL && entry->bar == BAR_NONE);
        mem_free(served);
    }
    set_due(check);
    plan(c);
}

static void ask(struct checks *c, struct check *check)
{
    const struct entry *entry = engine_entry(c->engine, check->entry);
    const char *mode = entry != NULL ? load_verify(c->engine, entry) : NULL;
    const struct set *set = mode != NULL ? expected(entry, check->family) : NULL;

    if (set == NULL) {
        /* It is being sent; what comes of it plans the next look. */
        check->look.next = NEVER;
        set_due(check);
        return;
    }
    struct view v = conf_entry_view(entry->conf);
    struct transport transport = load_entry_transport(c->engine, entry);
    struct verify_question q = {.hostname = entry_name(entry),
                                .family = check->family,
                                .wanted = set_addresses(set),
                                .servers = conf_text(&v, "verify-server"),
                                .resolver = text_equal(mode, "resolver"),
                                .transport = &transport};
    if (text_equal(mode, "api"))
        check->back =
            readback_ask(c->engine, entry, check->family, set_addresses(set), on_verified, check);
    else
        check->job = verify_ask(c->verify, &q, on_verified, check);
    c->running++;
    msec end = net_now(c->engine->seams.net).mono + QUESTION_ASKED;
    if (check->question != NULL && end < check->question->end.at)
        heap_set(&c->ends, &check->question->end, end);
    set_due(check);
}

static void on_time(void *arg)
{
    struct checks *c = arg;
    msec now = net_now(c->engine->seams.net).mono;
    struct heap_item *item;

    while ((item = heap_take(&c->ends, now)) != NULL) {
        struct check *check = ((struct question *)item)->check;
        cancel(check);
        answer(check, NULL);
    }
    while (c->running < CHECKS_AT_ONCE && (item = heap_take(&c->heap, now)) != NULL)
        ask(c, (struct check *)item);
    healed_store(c->healed, now);
    plan(c);
}

struct checks *checks_new(struct engine *e, struct verify *v)
{
    struct checks *c = mem_alloc(sizeof *c);
    struct engine_observer observer = {
        .arg = c, .entry_changed = on_entry_changed, .entry_gone = on_entry_gone};

    c->engine = e;
    c->verify = v;
    c->by_entry = map_new_lent();
    c->healed = healed_new(e);
    c->timer = e->seams.net->ops->timer_new(e->seams.net, on_time, c);
    c->observer = engine_observe(e, &observer);
    for (size_t i = 0; i < e->entry_count; i++) {
        char *id = entry_make_id(e->order[i]);
        on_entry_changed(c, id);
        mem_free(id);
    }
    return c;
}

void checks_free(struct checks *c)
{
    if (c == NULL)
        return;
    engine_unobserve(c->engine, c->observer);
    map_free(c->by_entry, free_pair);
    healed_free(c->healed);
    heap_free(&c->heap);
    heap_free(&c->ends);
    c->engine->seams.net->ops->timer_free(c->timer);
    mem_free(c);
}

static void look_now(struct pair *pair, msec now)
{
    for (int f = 0; f < FAMILIES; f++) {
        struct check *check = pair->check[f];
        if (check == NULL || !check->wanted || asking(check))
            continue;
        check->look.next = now;
        set_due(check);
    }
}

void checks_now(struct checks *c, const char *entry)
{
    msec now = net_now(c->engine->seams.net).mono;
    void *pair = entry != NULL ? map_get(c->by_entry, entry) : NULL;

    if (pair != NULL)
        look_now(pair, now);
    for (size_t at = 0; entry == NULL && map_next(c->by_entry, &at, NULL, &pair);)
        look_now(pair, now);
    plan(c);
}
