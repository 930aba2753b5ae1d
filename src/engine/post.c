/*
 * SPDX-License-Identifier: ISC
 */
/* The post's life: the notify objects, and from the engine's facts to messages. */
#include "engine/post.h"

#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "engine/post_inside.h"
#include "engine/show.h"

/* The first sign of life after a start waits for the first looks. */
static const msec BEAT_FIRST = 15 * SECOND;
static const msec LOOK_AGAIN = 2 * SECOND;

void post_wake(struct post *p)
{
    p->seams.engine->seams.net->ops->timer_set(p->timer, post_now(p).mono);
}

/* ---- facts ---- */

static bool is_published(const struct entry *entry, enum family f)
{
    const struct set *s = entry->record[f]->published;
    return s != NULL && set_addresses(s)->count > 0;
}

/* A hostname that homing only watches: what the DNS says. */
static enum notice_state watched(const struct entry *entry)
{
    bool agrees = false;

    for (int f = 0; entry->verified != NULL && f < FAMILIES; f++) {
        if (entry->verified[f].state == VERIFIED_DIFFERS)
            return NOTICE_FAILS;
        agrees = agrees || entry->verified[f].state == VERIFIED_AGREES;
    }
    return agrees ? NOTICE_RIGHT : NOTICE_AT_WORK;
}

/* Waits that are no failure, however long they last. */
static bool is_patience(const char *reason)
{
    static const char *const codes[] = {"min_interval", "question", "off", "clock", "budget"};

    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
        if (text_equal(codes[i], reason))
            return true;
    return false;
}

/* Sent, taken, and somebody else's value stands there. */
static bool is_in_vain(const struct shown *s)
{
    return text_equal(s->reason, "dns_differs") || text_equal(s->reason, "api_differs");
}

static enum notice_state state_of(const struct entry *entry, enum family f, const struct shown *s)
{
    switch (s->state) {
    case SHOWN_RIGHT:
        return NOTICE_RIGHT;
    case SHOWN_CHANGING:
        return is_in_vain(s) ? NOTICE_FAILS : NOTICE_AT_WORK;
    case SHOWN_WAITING:
        return is_patience(s->reason) ? NOTICE_AT_WORK : NOTICE_FAILS;
    case SHOWN_NEEDS_YOU:
        return NOTICE_STOPPED;
    case SHOWN_PAUSED:
        return entry->bar == BAR_WATCH ? watched(entry) : NOTICE_OFF;
    default:
        return text_equal(s->reason, "asking") || !is_published(entry, f) ? NOTICE_AT_WORK
                                                                          : NOTICE_GONE;
    }
}

/* A family without an address that never had one: nobody misses it. */
static bool counts(const struct entry *entry, enum family f, const struct shown *s)
{
    return entry->rules->source[f] != NULL && !s->nothing &&
           (s->state != SHOWN_UNKNOWN || is_published(entry, f));
}

static bool is_bad(enum notice_state s)
{
    return s == NOTICE_FAILS || s == NOTICE_GONE || s == NOTICE_STOPPED;
}

/* There is no such address here, and what on-loss= says was done about it. */
static bool is_settled(const struct engine *e, const struct entry *entry, enum family f)
{
    const struct sensed *s = e->seams.sense->ops->value(entry->rules->source[f]->source, f);
    return s != NULL && s->state == SENSED_NONE;
}

/* A and AAAA fail and recover apart: the worst of what counts, and which family that is. */
static enum notice_state worst_of(const struct engine *e, const struct entry *entry,
                                  enum family *which)
{
    enum notice_state worst = NOTICE_RIGHT;
    bool any = false, settled = false;

    for (int f = 0; f < FAMILIES; f++) {
        struct shown shown;
        show_record(e, entry, (enum family)f, &shown);
        if (!counts(entry, (enum family)f, &shown))
            continue;
        enum notice_state state = state_of(entry, (enum family)f, &shown);
        settled = settled || (state == NOTICE_RIGHT && is_settled(e, entry, (enum family)f));
        if (!any || state == NOTICE_OFF || (is_bad(state) && state > worst) ||
            (state == NOTICE_AT_WORK && worst == NOTICE_RIGHT)) {
            worst = state;
            *which = (enum family)f;
        }
        any = true;
    }
    if (any)
        return worst == NOTICE_RIGHT && settled ? NOTICE_SETTLED : worst;
    struct shown shown; /* nothing is here and nothing is published, or nothing is known yet */
    *which = entry->rules->source[V4] != NULL ? V4 : V6;
    show_record(e, entry, *which, &shown);
    return shown.nothing ? NOTICE_RIGHT : state_of(entry, *which, &shown);
}

bool post_in_vain(const struct engine *e, const struct entry *entry)
{
    enum family f = V4;
    struct shown shown;

    if (worst_of(e, entry, &f) != NOTICE_FAILS)
        return false;
    show_record(e, entry, f, &shown);
    return entry->bar == BAR_WATCH || is_in_vain(&shown);
}

/* ---- who is told ---- */

static bool is_in_list(const char *list, const char *name)
{
    while (*list != '\0') {
        list += strspn(list, ", \t");
        size_t n = strcspn(list, ", \t");
        if (n > 0 && strlen(name) == n && strncmp(list, name, n) == 0)
            return true;
        list += n;
    }
    return false;
}

/* notify=: these; unset: all; "no" is the name of none. */
static bool is_told_of(const struct receiver *r, const struct entry *entry)
{
    struct view v = conf_entry_view(entry->conf);
    const char *list = conf_text(&v, "notify");
    return list == NULL || is_in_list(list, r->name);
}

static void look(struct receiver *r, const struct entry *entry, enum notice_state state,
                 const char *reason)
{
    char *id = entry_make_id(entry);

    notices_look(r->notices, id, is_told_of(r, entry) ? state : NOTICE_OFF, reason,
                 post_now(r->post));
    mem_free(id);
}

static void look_at(struct post *p, const struct entry *entry)
{
    enum family f = V4;
    enum notice_state state = worst_of(p->seams.engine, entry, &f);
    char *reason = is_bad(state) ? text_reason(p->seams.engine, entry, f) : NULL;

    for (struct receiver *r = p->receivers; r != NULL; r = r->next)
        look(r, entry, state, reason);
    mem_free(reason);
}

static void on_entry_changed(void *arg, const char *id)
{
    struct post *p = arg;
    const struct entry *entry = p->receivers != NULL ? engine_entry(p->seams.engine, id) : NULL;

    if (entry == NULL)
        return;
    look_at(p, entry);
    post_wake(p);
}

static void on_entry_gone(void *arg, const char *id)
{
    struct post *p = arg;

    for (struct receiver *r = p->receivers; r != NULL; r = r->next)
        notices_look(r->notices, id, NOTICE_OFF, NULL, post_now(p));
}

static void on_published(void *arg, const char *id, enum family family,
                         const struct addrset *former, const struct addrset *now)
{
    struct post *p = arg;

    if (p->receivers == NULL)
        return;
    const struct entry *entry = engine_entry(p->seams.engine, id);
    for (struct receiver *r = p->receivers; entry != NULL && r != NULL; r = r->next) {
        if (is_told_of(r, entry))
            notices_changed(r->notices, id, family, former, now, post_now(p));
        send_line_works(r);
    }
    post_wake(p);
}

/* ---- time ---- */

static void gather(struct receiver *r, bool all)
{
    struct notice_message m;

    while (notices_take(r->notices, all, post_now(r->post), &m)) {
        queue_add(r, text_letter(r->post, &m));
        notice_message_free(&m);
    }
}

/* Nothing more can leave now. */
static void end_flush(struct post *p)
{
    for (const struct receiver *r = p->receivers; r != NULL; r = r->next)
        if (send_has_more(r))
            return;
    void (*fn)(void *arg) = p->flushed;
    p->flushed = NULL;
    fn(p->flush_arg);
}

static void turn(void *arg)
{
    struct post *p = arg;
    struct moment now = post_now(p);
    msec next = terms_turn(p);

    for (struct receiver *r = p->receivers; r != NULL; r = r->next) {
        gather(r, false);
        r->dirty = notices_take_news(r->notices, now) || r->dirty;
        queue_expire(r, now.wall);
        send_next(r);
        queue_store(r);
        msec at = notices_next(r->notices, now), send = send_at(r);
        msec news = notices_news_at(r->notices);
        at = send < at ? send : at;
        at = news < at ? news : at;
        next = at < next ? at : next;
    }
    /* What can not go on now: the clock is not set, or nothing has begun yet. */
    if (next <= now.mono)
        next = now.mono + LOOK_AGAIN;
    p->seams.engine->seams.net->ops->timer_set(p->timer, next);
    if (p->flushed != NULL)
        end_flush(p);
}

void post_flush(struct post *p, void (*fn)(void *arg), void *arg)
{
    const struct engine *e = p->seams.engine;

    for (size_t i = 0; p->receivers != NULL && i < e->entry_count; i++)
        look_at(p, e->order[i]);
    for (struct receiver *r = p->receivers; r != NULL; r = r->next) {
        gather(r, true);
        if (r->beats)
            r->beat_at = post_now(p).mono;
    }
    p->flushed = fn;
    p->flush_arg = arg;
    post_wake(p);
}

void post_network_changed(struct post *p)
{
    for (struct receiver *r = p->receivers; r != NULL; r = r->next)
        send_network_changed(r);
    post_wake(p);
}

/* ---- the configuration ---- */

static unsigned events_of(const struct receiver *r)
{
    const char *list = conf_text(&r->view, "on");
    unsigned bits = 0;
    enum notice_event e;

    if (!r->tells)
        return 0;
    if (list == NULL)
        return (1u << NOTICE_EVENTS) - 1;
    while (*list != '\0') {
        list += strspn(list, ", \t");
        size_t n = strcspn(list, ", \t");
        if (n > 0 && notice_event_parse(list, n, &e))
            bits |= 1u << e;
        list += n;
    }
    return bits;
}

static struct receiver *receiver_named(struct post *p, const char *name)
{
    for (struct receiver *r = p->receivers; r != NULL; r = r->next)
        if (text_equal(r->name, name))
            return r;
    return NULL;
}

static struct receiver *receiver_add(struct post *p, const char *name)
{
    struct receiver *r = mem_alloc(sizeof *r), **end = &p->receivers;
    const struct notices_rules none = {0};

    while (*end != NULL)
        end = &(*end)->next;
    *end = r;
    r->post = p;
    r->name = mem_text(name);
    r->notices = notices_new(&none, post_now(p));
    r->trouble = OUTCOME_GOOD;
    r->beat_at = NEVER;
    return r;
}

static void configure(struct receiver *r, const struct view *v)
{
    const char *kind = conf_text(v, "kind");
    struct moment now = post_now(r->post);

    mem_free(r->kind);
    r->kind = mem_text(kind != NULL ? kind : "");
    r->view = *v;
    r->seen = true;
    send_way(r);
    r->events = events_of(r);
    notices_use(r->notices, &(struct notices_rules){r->events, conf_length(v, "after"),
                                                    conf_length(v, "gather"), r->post->seams.once});
    r->every = conf_length(v, "every");
    if (!r->beats || r->post->seams.once)
        r->beat_at = NEVER;
    else if (r->beat_at == NEVER || r->beat_at > now.mono + r->every)
        r->beat_at = now.mono + BEAT_FIRST;
    r->wait = now.mono; /* another token, perhaps */
    r->failures = 0;
}

static void receiver_free(struct receiver *r)
{
    send_abandon(r);
    for (struct letter *l = r->first; l != NULL; l = l->next)
        if (l->fn != NULL)
            l->fn(l->arg, ERR_IO, "homing is stopping, or nobody of this name is told any more");
    queue_free(r);
    notices_free(r->notices);
    mem_free(r->name);
    mem_free(r->kind);
    mem_free(r->told_event);
    mem_free(r->told_title);
    mem_free(r->told_say);
    mem_free(r);
}

/* Who is not told any more: what waited for them is forgotten in the state, too. */
static void drop_unseen(struct post *p)
{
    for (struct receiver **at = &p->receivers; *at != NULL;) {
        struct receiver *r = *at;
        if (r->seen) {
            at = &r->next;
            continue;
        }
        *at = r->next;
        struct state *state = p->seams.engine->seams.state;
        struct state_batch *batch = state_batch_new();
        struct memory *empty = memory_new();
        char *account = mem_format("notify/%s", r->name);
        state_batch_memory(batch, account, empty);
        state->ops->commit(state, batch, NULL, NULL);
        mem_free(account);
        memory_free(empty);
        receiver_free(r);
    }
}

void post_load(struct post *p)
{
    struct engine *e = p->seams.engine;
    struct conf *former = p->conf;

    for (struct receiver *r = p->receivers; r != NULL; r = r->next)
        r->seen = false;
    p->conf = conf_ref(engine_conf(e));
    for (size_t i = 0; i < conf_object_count(p->conf); i++) {
        if (!text_equal(conf_object_kind(p->conf, i), "notify"))
            continue;
        struct view v = conf_object_view(p->conf, i);
        const char *name = conf_object_name(p->conf, i);
        struct receiver *r = receiver_named(p, name);
        configure(r != NULL ? r : receiver_add(p, name), &v);
    }
    drop_unseen(p);
    terms_load(p);
    if (!p->loaded && p->receivers != NULL) {
        p->loaded = true;
        queue_load(p);
    }
    for (size_t i = 0; p->receivers != NULL && i < e->entry_count; i++)
        look_at(p, e->order[i]);
    conf_unref(former);
    post_wake(p);
}

/* ---- life ---- */

struct post *post_new(const struct post_seams *seams)
{
    struct post *p = mem_alloc(sizeof *p);
    struct net *net = seams->engine->seams.net;
    const struct engine_observer observer = {.arg = p,
                                             .entry_changed = on_entry_changed,
                                             .entry_gone = on_entry_gone,
                                             .published = on_published};

    p->seams = *seams;
    p->seams.machine = mem_text(seams->machine);
    p->terms = map_new();
    p->timer = net->ops->timer_new(net, turn, p);
    p->observer = engine_observe(seams->engine, &observer);
    post_load(p);
    return p;
}

void post_free(struct post *p)
{
    if (p == NULL)
        return;
    engine_unobserve(p->seams.engine, p->observer);
    terms_free(p);
    while (p->receivers != NULL) {
        struct receiver *r = p->receivers;
        gather(r, true);
        queue_store(r);
        p->receivers = r->next;
        receiver_free(r);
    }
    p->seams.engine->seams.net->ops->timer_free(p->timer);
    conf_unref(p->conf);
    mem_free((char *)(uintptr_t)p->seams.machine);
    mem_free(p);
}

/* ---- what people see ---- */

static json_t *time_or_null(msec at)
{
    return at != 0 ? json_integer(at) : json_null();
}

static json_t *receiver_doc(const struct receiver *r)
{
    struct moment now = post_now(r->post);
    json_t *on = json_array();
    const char *service = r->service != NULL ? provider_info(r->service)->name : r->kind;
    bool waits = r->first != NULL && r->wait > now.mono;

    for (int e = 0; e < NOTICE_EVENTS; e++)
        if ((r->events & 1u << e) != 0)
            json_array_append_new(on, json_string(notice_event_name((enum notice_event)e)));
    json_t *last = r->told_at == 0
                       ? json_null()
                       : json_pack("{s:I,s:b,s:s?,s:s?,s:s?}", "at", (json_int_t)r->told_at, "good",
                                   r->told_good, "event", r->told_event, "title", r->told_title,
                                   "say", r->told_say);
    return json_pack("{s:s,s:s,s:s,s:o,s:b,s:b,s:I,s:I,s:o,s:o,s:o,s:I}", "name", r->name, "kind",
                     r->kind, "service", service, "on", on, "tells", r->tells, "beats", r->beats,
                     "every", (json_int_t)(r->beats ? r->every : 0), "waiting",
                     (json_int_t)(r->waiting + (send_letter(r) != NULL)), "oldest",
                     time_or_null(r->first != NULL ? r->first->at : 0), "next_at",
                     time_or_null(waits ? now.wall + r->wait - now.mono : 0), "last", last, "lost",
                     (json_int_t)r->lost);
}

json_t *post_report(const struct post *p)
{
    json_t *items = json_array();

    for (const struct receiver *r = p->receivers; r != NULL; r = r->next)
        json_array_append_new(items, receiver_doc(r));
    return json_pack("{s:o}", "items", items);
}

enum err post_test(struct post *p, const char *name, post_test_fn *fn, void *arg, struct cause *c)
{
    struct receiver *r = receiver_named(p, name);

    if (r == NULL)
        return cause_set(c, ERR_NOT_FOUND,
                         "there is no notify object %s: add a line with define=notify:%s", name,
                         name);
    send_test(r, fn, arg);
    return OK;
}
