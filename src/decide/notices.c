/*
 * SPDX-License-Identifier: ISC
 */
#include "decide/notices.h"

#include <string.h>

#include "base/map.h"
#include "base/mem.h"
#include "base/text.h"
#include "decide/budget.h"
#include "decide/heap.h"

struct change {
    struct addrset old, now;
    msec at; /* wall: of the latest */
    unsigned times;
};

/* A hostname that something is wrong with, or is to be told of; or an account. */
struct watch {
    struct heap_item due; /* first: the heap gives it back */
    char *entry;          /* owned */
    enum notice_state state, told;
    msec since, since_wall; /* of "state" */
    msec told_since;        /* wall: of "told" */
    char *reason;           /* owned */
    bool ripe;              /* its state waits for a message */
    struct change *changes; /* owned, FAMILIES of them; NULL: none */
    msec end;               /* of an account: wall; 0: a hostname */
    unsigned stage;         /* of an account: notices that were told of this end */
};

struct notices {
    struct notices_rules rules;
    struct map *watches;
    struct heap heap;
    struct budget budget;
    size_t waiting[NOTICE_EVENTS]; /* ripe ones */
    msec first[NOTICE_EVENTS];     /* mono: since when the first of them is */
    size_t wrong;                  /* told as wrong */
    msec news_at; /* mono: when what is to be kept is worth keeping; 0: now; NEVER */
};

static const char *const event_names[NOTICE_EVENTS] = {
    [NOTICE_BLOCKED] = "blocked",   [NOTICE_FAILING] = "failing", [NOTICE_LOST] = "lost",
    [NOTICE_EXPIRING] = "expiring", [NOTICE_CHANGED] = "changed", [NOTICE_RECOVERED] = "recovered",
    [NOTICE_BACK] = "back",
};

static const msec BURST = SECOND; /* of changes, until they are kept together */
/* An end that is told as so many seconds from now wavers. */
static const msec END_SAME = HOUR;
/* How long before its end a credential is told of, one after the other. */
static const msec stages[] = {14 * DAY, 3 * DAY, 0};
enum { STAGES = sizeof stages / sizeof stages[0] };

const char *notice_event_name(enum notice_event e)
{
    return event_names[e];
}

bool notice_event_parse(const char *name, size_t n, enum notice_event *out)
{
    for (int i = 0; i < NOTICE_EVENTS; i++)
        if (strlen(event_names[i]) == n && memcmp(event_names[i], name, n) == 0) {
            *out = (enum notice_event)i;
            return true;
        }
    return false;
}

static void free_watch(void *p)
{
    struct watch *w = p;

    mem_free(w->entry);
    mem_free(w->reason);
    mem_free(w->changes);
    mem_free(w);
}

struct notices *notices_new(const struct notices_rules *rules, struct moment now)
{
    struct notices *n = mem_alloc(sizeof *n);

    n->rules = *rules;
    n->watches = map_new();
    n->news_at = NEVER;
    budget_init(&n->budget, NOTICE_HOURLY, HOUR, 0, now.mono);
    return n;
}

void notices_free(struct notices *n)
{
    if (n == NULL)
        return;
    map_free(n->watches, free_watch);
    heap_free(&n->heap);
    mem_free(n);
}

void notices_use(struct notices *n, const struct notices_rules *rules)
{
    n->rules = *rules;
}

bool notices_well(const struct notices *n)
{
    return n->wrong == 0;
}

/* ---- what waits for a message ---- */

static bool is_bad(enum notice_state s)
{
    return s == NOTICE_GONE || s == NOTICE_FAILS || s == NOTICE_STOPPED;
}

static enum notice_event event_of(const struct watch *w)
{
    if (w->end != 0)
        return NOTICE_EXPIRING;
    switch (w->state) {
    case NOTICE_STOPPED:
        return NOTICE_BLOCKED;
    case NOTICE_FAILS:
        return NOTICE_FAILING;
    case NOTICE_GONE:
        return NOTICE_LOST;
    default:
        return w->told == NOTICE_GONE ? NOTICE_BACK : NOTICE_RECOVERED;
    }
}

static void wait_for(struct notices *n, enum notice_event e, msec now)
{
    if (n->waiting[e]++ == 0)
        n->first[e] = now;
}

static void unripe(struct notices *n, struct watch *w)
{
    if (w->ripe)
        n->waiting[event_of(w)]--;
    w->ripe = false;
    heap_set(&n->heap, &w->due, NEVER);
}

static void set_told(struct notices *n, struct watch *w, enum notice_state told)
{
    n->wrong += (size_t)is_bad(told) - (size_t)is_bad(w->told);
    if (told != w->told)
        n->news_at = 0;
    w->told = told;
    w->told_since = w->since_wall;
}

/* Nothing is wrong with it and nothing is to be told. */
static void drop_if_idle(struct notices *n, struct watch *w)
{
    if (w->end == 0 && w->changes == NULL && w->told == NOTICE_RIGHT && w->state == NOTICE_RIGHT)
        free_watch(map_remove(n->watches, w->entry));
}

static void worth_keeping(struct notices *n, msec at)
{
    if (n->news_at > at)
        n->news_at = at;
}

static struct watch *watch_of(struct notices *n, const char *entry)
{
    struct watch *w = map_get(n->watches, entry);

    if (w != NULL)
        return w;
    w = mem_alloc(sizeof *w);
    w->entry = mem_text(entry);
    w->state = w->told = NOTICE_RIGHT;
    map_set(n->watches, entry, w);
    return w;
}

/* ---- hostnames ---- */

/* When the present state is to be told, from its begin; NEVER: it is not news. */
static msec delay_of(const struct notices *n, const struct watch *w)
{
    if (w->state == NOTICE_RIGHT)
        return w->told == NOTICE_RIGHT              ? NEVER
               : n->rules.at_once                   ? 0
               : n->rules.after < (msec)NOTICE_CALM ? n->rules.after
                                                    : (msec)NOTICE_CALM;
    if (w->state <= w->told) /* something as bad was told: the end of it comes next */
        return NEVER;
    return w->state == NOTICE_STOPPED ? 0 : n->rules.after;
}

static void plan(struct notices *n, struct watch *w)
{
    msec delay = delay_of(n, w);
    heap_set(&n->heap, &w->due, delay == NEVER ? NEVER : w->since + delay);
}

static void forget(struct notices *n, struct watch *w)
{
    unripe(n, w);
    set_told(n, w, NOTICE_RIGHT);
    for (int f = 0; w->changes != NULL && f < FAMILIES; f++)
        n->waiting[NOTICE_CHANGED] -= w->changes[f].times > 0;
    free_watch(map_remove(n->watches, w->entry));
}

void notices_look(struct notices *n, const char *entry, enum notice_state state, const char *reason,
                  struct moment now)
{
    struct watch *w = map_get(n->watches, entry);

    if (state == NOTICE_AT_WORK || (w == NULL && !is_bad(state)))
        return;
    if (state == NOTICE_OFF) {
        forget(n, w);
        return;
    }
    if (state == NOTICE_SETTLED && w != NULL && w->told == NOTICE_GONE) {
        unripe(n, w);
        set_told(n, w, NOTICE_RIGHT);
    }
    state = state == NOTICE_SETTLED ? NOTICE_RIGHT : state;
    if (w == NULL)
        w = watch_of(n, entry);
    if (is_bad(state)) {
        char *copy = mem_text(reason);
        mem_free(w->reason);
        w->reason = copy;
    }
    if (state == w->state)
        return;
    unripe(n, w);
    w->state = state;
    w->since = now.mono;
    w->since_wall = now.wall;
    worth_keeping(n, now.mono + BURST);
    plan(n, w);
    drop_if_idle(n, w);
}

static struct change *change_of(struct notices *n, struct watch *w, enum family family,
                                const struct addrset *old, msec now)
{
    if (w->changes == NULL)
        w->changes = mem_array(FAMILIES, sizeof w->changes[0]);
    struct change *c = &w->changes[family];
    if (c->times == 0) {
        c->old = *old;
        wait_for(n, NOTICE_CHANGED, now);
    }
    return c;
}

void notices_changed(struct notices *n, const char *entry, enum family family,
                     const struct addrset *old, const struct addrset *now_set, struct moment now)
{
    struct watch *w = watch_of(n, entry);

    struct change *c = change_of(n, w, family, old, now.mono);
    c->times++;
    c->now = *now_set;
    c->at = now.wall;
    worth_keeping(n, now.mono + BURST);
}

/* ---- credentials ---- */

static void plan_end(struct notices *n, struct watch *w, struct moment now)
{
    msec left = w->stage < STAGES ? w->end - stages[w->stage] - now.wall : NEVER;

    heap_set(&n->heap, &w->due, left == NEVER ? NEVER : now.mono + (left > 0 ? left : 0));
}

void notices_expires(struct notices *n, const char *account, msec end, struct moment now)
{
    struct watch *w = map_get(n->watches, account);

    if (w == NULL && end == 0)
        return;
    if (w != NULL && end - w->end < END_SAME && w->end - end < END_SAME) {
        if (!w->ripe)
            plan_end(n, w, now); /* the clock may have been set */
        return;
    }
    if (w != NULL)
        forget(n, w);
    if (end == 0)
        return;
    w = watch_of(n, account);
    w->end = w->since_wall = end;
    plan_end(n, w, now);
}

/* Of the notices whose time has come the latest is told. */
static void end_told(struct notices *n, struct watch *w, struct moment now)
{
    while (w->stage < STAGES && w->end - stages[w->stage] <= now.wall)
        w->stage++;
    n->news_at = 0;
    plan_end(n, w, now);
}

/* ---- messages ---- */

static void ripen(struct notices *n, msec now)
{
    struct heap_item *item;

    while ((item = heap_take(&n->heap, now)) != NULL) {
        struct watch *w = (struct watch *)item;
        w->ripe = true;
        wait_for(n, event_of(w), item->at);
    }
}

static void ripen_all(struct notices *n, msec now)
{
    size_t at = 0;
    void *value;

    while (map_next(n->watches, &at, NULL, &value)) {
        struct watch *w = value;
        msec delay = w->end == 0 && !w->ripe ? delay_of(n, w) : NEVER;
        if (delay == NEVER || w->since + delay > now)
            continue;
        heap_set(&n->heap, &w->due, NEVER);
        w->ripe = true;
        wait_for(n, event_of(w), now);
    }
}

static struct notice_item *add_item(struct notice_message *m, const struct watch *w, msec since)
{
    if (m->count++ == 0 || since < m->at)
        m->at = since;
    if (m->item_count == NOTICE_ITEMS)
        return NULL;
    m->items = mem_more(m->items, m->item_count, sizeof m->items[0]);
    struct notice_item *item = &m->items[m->item_count++];
    *item = (struct notice_item){.entry = mem_text(w->entry), .since = since};
    return item;
}

static void take_changes(struct notices *n, struct watch *w, struct notice_message *m)
{
    for (int f = 0; w->changes != NULL && f < FAMILIES; f++) {
        struct change *c = &w->changes[f];
        if (c->times == 0)
            continue;
        n->waiting[NOTICE_CHANGED]--;
        struct notice_item *item = addrset_equal(&c->old, &c->now) ? NULL : add_item(m, w, c->at);
        if (item == NULL)
            continue;
        item->family = (enum family)f;
        item->old = c->old;
        item->now = c->now;
        item->times = c->times;
    }
    mem_free(w->changes);
    w->changes = NULL;
}

/* Near enough to being told to go along with the others. */
static bool goes_along(const struct notices *n, const struct watch *w, enum notice_event e,
                       msec now)
{
    msec delay = delay_of(n, w);
    return w->end == 0 && delay != NEVER && event_of(w) == e && now - w->since >= delay / 2;
}

static void take_state(struct notices *n, struct watch *w, struct notice_message *m,
                       struct moment now)
{
    bool over = w->end == 0 &&
                w->state == NOTICE_RIGHT; /* how long it was wrong is what people want to know */
    struct notice_item *item = add_item(m, w, over ? w->told_since : w->since_wall);

    if (item != NULL)
        item->reason = mem_text(w->reason);
    unripe(n, w);
    if (w->end != 0)
        end_told(n, w, now);
    else
        set_told(n, w, w->state);
}

/* All that the event has happened to. */
static void collect(struct notices *n, enum notice_event e, struct moment now,
                    struct notice_message *m)
{
    size_t at = 0;
    void *value;

    *m = (struct notice_message){.event = e};
    while (map_next(n->watches, &at, NULL, &value)) {
        struct watch *w = value;
        if (e == NOTICE_CHANGED)
            take_changes(n, w, m);
        else if ((w->ripe && event_of(w) == e) || goes_along(n, w, e, now.mono))
            take_state(n, w, m, now);
        drop_if_idle(n, w);
    }
}

static msec gather_of(const struct notices *n, enum notice_event e)
{
    return e == NOTICE_EXPIRING ? 0 : n->rules.gather;
}

msec notices_next(struct notices *n, struct moment now)
{
    msec next = heap_next(&n->heap), room = NEVER;

    for (int e = 0; e < NOTICE_EVENTS; e++) {
        if (n->waiting[e] == 0)
            continue;
        if (room == NEVER)
            room = budget_at(&n->budget, true, 1, now.mono);
        msec at = n->first[e] + gather_of(n, (enum notice_event)e);
        at = at > room ? at : room;
        next = at < next ? at : next;
    }
    return next;
}

bool notices_take(struct notices *n, bool all, struct moment now, struct notice_message *out)
{
    ripen(n, now.mono);
    if (all)
        ripen_all(n, now.mono);
    for (int e = 0; e < NOTICE_EVENTS; e++) {
        bool told = (n->rules.events & 1u << e) != 0;
        if (n->waiting[e] == 0 ||
            (!all && n->first[e] + gather_of(n, (enum notice_event)e) > now.mono))
            continue;
        if (told && !all && budget_left(&n->budget, true, now.mono) == 0)
            return false;
        collect(n, (enum notice_event)e, now, out);
        if (told && out->count > 0) {
            budget_spend(&n->budget, 1, now.mono);
            return true;
        }
        notice_message_free(out);
    }
    return false;
}

void notice_message_free(struct notice_message *m)
{
    for (size_t i = 0; i < m->item_count; i++) {
        mem_free(m->items[i].entry);
        mem_free(m->items[i].reason);
    }
    mem_free(m->items);
    *m = (struct notice_message){0};
}

/* ---- over a restart ---- */

msec notices_news_at(const struct notices *n)
{
    return n->news_at;
}

bool notices_take_news(struct notices *n, struct moment now)
{
    bool news = n->news_at <= now.mono;
    if (news)
        n->news_at = NEVER;
    return news;
}

bool notices_walk(const struct notices *n, size_t *at, struct notice_told *out)
{
    void *value;

    while (map_next(n->watches, at, NULL, &value)) {
        const struct watch *w = value;
        if (w->end != 0 ? w->stage > 0 : is_bad(w->told) || is_bad(w->state)) {
            bool bad = w->end == 0 && is_bad(w->state);
            *out = (struct notice_told){.entry = w->entry,
                                        .state = w->end != 0 ? NOTICE_RIGHT : w->told,
                                        .since = w->end != 0 ? w->end : w->told_since,
                                        .stage = w->stage,
                                        .now = bad ? w->state : NOTICE_RIGHT,
                                        .now_since = bad ? w->since_wall : 0};
            return true;
        }
    }
    return false;
}

void notices_restore(struct notices *n, const struct notice_told *told, struct moment now)
{
    struct watch *w = watch_of(n, told->entry);

    w->since_wall = told->since;
    w->since = now.mono;
    if (told->stage > 0) {
        w->end = told->since;
        w->stage = told->stage;
        plan_end(n, w, now);
        return;
    }
    w->state = told->state; /* until somebody says otherwise */
    set_told(n, w, told->state);
    if (!is_bad(told->now) || told->now == told->state)
        return;
    /* It was not right for so long already; whether it is meanwhile is seen before it is told. */
    msec ago = now.wall > told->now_since ? now.wall - told->now_since : 0;
    msec seen = n->rules.after < (msec)NOTICE_CALM ? n->rules.after : (msec)NOTICE_CALM;
    w->state = told->now;
    w->since_wall = told->now_since;
    w->since = now.mono - ago;
    msec due = w->since + (delay_of(n, w) == NEVER ? 0 : delay_of(n, w));
    heap_set(&n->heap, &w->due,
             delay_of(n, w) == NEVER ? NEVER
             : due > now.mono + seen ? due
                                     : now.mono + seen);
}

void notices_each_change(const struct notices *n, notice_pending_fn *fn, void *arg)
{
    size_t at = 0;
    void *value;

    while (map_next(n->watches, &at, NULL, &value)) {
        const struct watch *w = value;
        for (int f = 0; w->changes != NULL && f < FAMILIES; f++) {
            const struct change *c = &w->changes[f];
            if (c->times > 0)
                fn(arg, &(struct notice_pending){w->entry, (enum family)f, c->old, c->now, c->times,
                                                 c->at});
        }
    }
}

void notices_restore_change(struct notices *n, const struct notice_pending *pending,
                            struct moment now)
{
    struct change *c =
        change_of(n, watch_of(n, pending->entry), pending->family, &pending->old, now.mono);

    c->times += pending->times;
    c->now = pending->now;
    c->at = pending->at;
}
