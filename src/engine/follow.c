/*
 * SPDX-License-Identifier: ISC
 */
/* From sources to what records should be. */
#include "engine/inside.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"

#include <stdint.h>

struct source_box *follow_box(const struct engine *e, const struct source *source)
{
    size_t low = 0, high = e->source_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        struct source_box *box = e->by_source[middle];
        if (box->source == source)
            return box;
        if ((uintptr_t)box->source < (uintptr_t)source)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

/* Such a protocol is never asked for IPv6 while there is an IPv4 address. */
static bool one_family(const struct entry *entry)
{
    return entry->account != NULL && entry->account->site->provider != NULL &&
           provider_info(entry->account->site->provider)->one_family;
}

static bool has_four(const struct entry *entry)
{
    const struct set *four = entry->rules->source[V4] != NULL ? entry->record[V4]->wanted : NULL;
    return four != NULL && set_addresses(four)->count > 0;
}

static void follow_record(struct engine *e, struct entry *entry, enum family f)
{
    struct record_news news = {.event = RECORD_WANTED, .lack = LACK_UNKNOWN};
    struct record *r = entry->record[f];
    struct wanted_rules rules;
    const struct addrset none = {0};
    struct wanted w;

    if (entry->rules->source[f] == NULL) {
        engine_record(e, entry, f, &news);
        return;
    }
    if (f == V6 && one_family(entry) && has_four(entry)) {
        news.lack = LACK_ONE_FAMILY;
        engine_record(e, entry, f, &news);
        return;
    }
    const struct sensed *s = e->seams.sense->ops->value(entry->rules->source[f]->source, f);
    load_wanted_rules(entry, &rules);
    if (leave_in_vain(entry))
        rules.loss = LOSS_KEEP;
    w = wanted_of(s == NULL || s->state == SENSED_UNKNOWN ? NULL
                  : s->state == SENSED_NONE               ? &none
                                                          : &s->set,
                  f, &rules);
    news.lack = w.lack;
    news.refused = w.refused;
    if (w.known)
        news.set = set_get(e->sets, &w.set);
    if (w.lack == LACK_REFUSED && r->lack != LACK_REFUSED) {
        char text[ADDR_TEXT_MAX];
        log_warning(entry_name(entry), "%s is %s; it was not published",
                    addr_text(&w.refused_address, text), addr_kind_name(w.refused));
    }
    if (w.lack == LACK_GONE && r->lack != LACK_GONE && leave_in_vain(entry))
        leave_tell_in_vain(entry);
    engine_record(e, entry, f, &news);
    set_drop(news.set);
}

/* A hostname on its way out: known to be wanted nowhere, or left alone. */
static void follow_removal(struct engine *e, struct entry *entry, enum family f)
{
    struct record_news news = {.event = RECORD_WANTED, .lack = LACK_UNKNOWN};
    const struct addrset none = {0};

    if (removal_wants(entry_removal(entry), f)) {
        news.lack = LACK_NOTHING;
        news.set = set_get(e->sets, &none);
    }
    engine_record(e, entry, f, &news);
    set_drop(news.set);
}

/* On its way out, too: what on-loss= says takes the place of what homing published. */
static void follow_leaving(struct engine *e, struct entry *entry, enum family f)
{
    struct record_news news = {.event = RECORD_WANTED, .lack = LACK_UNKNOWN};
    struct addrset set;

    if (leave_wants(entry, f, &set)) {
        news.lack = LACK_NOTHING;
        news.set = set_get(e->sets, &set);
    }
    engine_record(e, entry, f, &news);
    set_drop(news.set);
}

void follow_entry(struct engine *e, struct entry *entry, enum family f)
{
    if (entry_removal(entry) != NULL) {
        follow_removal(e, entry, f);
        return;
    }
    if (entry->leaving) {
        follow_leaving(e, entry, f);
        return;
    }
    follow_record(e, entry, f);
    if (f == V4 && entry->rules->source[V6] != NULL && one_family(entry))
        follow_record(e, entry, V6);
}

/* Has the source something new to say? Then it is remembered as said. */
bool follow_news(struct engine *e, struct source_box *box, enum family f)
{
    const struct sensed *s = e->seams.sense->ops->value(box->source, f);
    enum sensed_state state = s != NULL ? s->state : SENSED_UNKNOWN;
    bool same =
        state == box->state[f] && (state != SENSED_KNOWN || addrset_equal(&s->set, &box->set[f]));

    box->state[f] = state;
    if (s != NULL)
        box->set[f] = s->set;
    return !same;
}

static void online(struct engine *e)
{
    struct endpoint_news news = {.event = ENDPOINT_ONLINE};

    e->online = e->now.mono;
    for (struct endpoint_box *box = e->away, *next; box != NULL; box = next) {
        next = box->away_next;
        engine_endpoint(e, box, &news);
    }
}

void engine_network_changed(struct engine *e)
{
    e->now = net_now(e->seams.net);
    online(e);
    engine_wake(e);
}

/* What failed by the former way out says nothing of the new one. */
static void follow_way(struct engine *e, struct source_box *box, enum family f)
{
    const char *uplink = uplinks_chosen(box->source), *former = box->uplink[f];
    struct record_news way = {.event = RECORD_WAY};
    struct endpoint_news asked = {.event = ENDPOINT_ASKED};

    if (uplink == NULL || uplink == former)
        return;
    box->uplink[f] = uplink;
    for (size_t i = 0; former != NULL && i < box->user_count[f]; i++) {
        struct entry *entry = box->users[f][i];
        engine_record(e, entry, f, &way);
        if (entry->account != NULL)
            engine_endpoint(e, entry->account->site->endpoint, &asked);
    }
}

static void follow_family(struct engine *e, struct source_box *box, enum family f)
{
    static const char *const states[] = {
        [SENSED_UNKNOWN] = "unknown", [SENSED_NONE] = "none", [SENSED_KNOWN] = "known"};
    struct addrset former = box->set[f];
    bool known = box->state[f] == SENSED_KNOWN;

    if (!follow_news(e, box, f))
        return;
    tell_event(e, NULL, (int)f, "sensed", known ? &former : NULL,
               box->state[f] == SENSED_KNOWN ? &box->set[f] : NULL, states[box->state[f]],
               e->seams.sense->ops->name(box->source));
    online(e);
    follow_way(e, box, f);
    for (size_t i = 0; i < box->user_count[f]; i++)
        follow_entry(e, box->users[f][i], f);
}

/* The burst is over. */
void follow_settled(struct engine *e, struct source_box *box)
{
    box->first = 0;
    for (int f = 0; f < FAMILIES; f++) {
        if (box->changed[f])
            follow_family(e, box, (enum family)f);
        box->changed[f] = false;
    }
    tell_source(e, box);
}

void follow_sensed(void *arg, struct source *source, enum family family)
{
    struct engine *e = arg;
    struct source_box *box = follow_box(e, source);

    plan_sensed(e);
    if (box == NULL)
        return;
    e->now = net_now(e->seams.net);
    box->changed[family] = true;
    if (box->first == 0)
        box->first = e->now.mono;
    msec at = e->now.mono + e->schedule.settle;
    msec most = box->first + e->schedule.settle_most;
    bool rests = at < most || e->schedule.settle > e->schedule.settle_most;
    heap_set(&e->heap, &box->due, rests ? at : most);
    engine_wake(e);
}

static void each_of(const struct entry *entry, enum family f,
                    void (*fn)(void *arg, const struct conf_entry *entry, enum family family,
                               const struct source *source),
                    void *arg)
{
    const struct source *source;

    for (unsigned n = 0; entry->rules->source[f] != NULL &&
                         (source = uplinks_inner(entry->rules->source[f]->source, n)) != NULL;
         n++)
        fn(arg, entry->conf, f, source);
}

void engine_each_source(const struct engine *e,
                        void (*fn)(void *arg, const struct conf_entry *entry, enum family family,
                                   const struct source *source),
                        void *arg)
{
    for (size_t i = 0; i < e->entry_count; i++)
        for (enum family f = V4; f < FAMILIES; f++)
            each_of(e->order[i], f, fn, arg);
}

const struct addrset *engine_published(const struct engine *e, const char *id, enum family f)
{
    const struct entry *entry = engine_entry(e, id);

    return entry != NULL && entry->record[f]->published != NULL
               ? set_addresses(entry->record[f]->published)
               : NULL;
}
