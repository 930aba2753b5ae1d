/*
 * SPDX-License-Identifier: ISC
 */
#include "engine/report.h"
#include "engine/exchanges.h"

#include "base/mem.h"
#include "base/text.h"
#include "engine/report_inside.h"
#include "engine/show.h"

#include <stdlib.h>
#include <string.h>

/* Small pieces */

json_t *report_time(msec wall)
{
    return wall > 0 && wall != NEVER ? json_integer(wall) : json_null();
}

static json_t *stamp(const struct engine *e, msec mono)
{
    return report_time(stamp_to_wall(mono, &e->now));
}

json_t *report_set(const struct addrset *set)
{
    json_t *list;
    char text[ADDR_TEXT_MAX];

    if (set == NULL)
        return json_null();
    list = json_array();
    for (size_t i = 0; i < set->count; i++)
        json_array_append_new(list, json_string(addr_text(&set->items[i], text)));
    return list;
}

static json_t *message_or_null(const char *code, const struct message_values *v)
{
    return code != NULL ? message_new(code, v) : json_null();
}

/* A hostname */

static json_t *verified_json(const struct entry *entry, enum family f)
{
    static const char *const states[] = {[VERIFIED_NEVER] = "never",
                                         [VERIFIED_AGREES] = "agrees",
                                         [VERIFIED_DIFFERS] = "differs",
                                         [VERIFIED_UNKNOWN] = "unknown"};
    if (entry->verified == NULL || entry->verified[f].state == VERIFIED_NEVER)
        return json_null();
    const struct engine_verified *v = &entry->verified[f];
    return json_pack("{s:s,s:i,s:i,s:o,s:s}", "state", states[v->state], "agree", (int)v->agree,
                     "servers", (int)v->servers, "at", report_time(v->at), "by",
                     v->api ? "provider" : "dns");
}

static json_t *record_json(const struct engine *e, const struct entry *entry, enum family f)
{
    const struct record *r = entry->record[f];
    const struct addrset none = {0};
    struct shown s;

    show_record(e, entry, f, &s);
    const struct addrset *wanted = r->wanted != NULL      ? set_addresses(r->wanted)
                                   : r->lack == LACK_GONE ? &none
                                                          : NULL;
    const char *source = entry->rules->source[f] != NULL
                             ? e->seams.sense->ops->name(entry->rules->source[f]->source)
                             : NULL;
    return json_pack("{s:s,s:s,s:o,s:o,s:o,s:s,s:o,s:o,s:o}", "family", family_name(f), "type",
                     family_type(f), "wanted", report_set(wanted), "published",
                     report_set(r->published != NULL ? set_addresses(r->published) : NULL),
                     "published_at", stamp(e, r->published_at), "state", shown_state_name(s.state),
                     "reason", message_new(s.reason, &s.values), "source", message_text(source),
                     "verified", verified_json(entry, f));
}

static const char *account_text(const struct entry *entry)
{
    struct view v = conf_entry_view(entry->conf);
    const char *account = view_get(&v, "account"), *login = view_get(&v, "login");
    return account != NULL ? account : login != NULL && !view_secret(&v, "login") ? login : "";
}

static json_t *provider_json(const struct engine *e, const struct entry *entry)
{
    return json_pack("{s:o,s:o,s:o}", "id", message_text(conf_entry_provider(entry->conf)), "name",
                     message_text(show_provider(e, entry)), "protocol",
                     message_text(conf_entry_protocol(entry->conf)));
}

static msec changed_at(const struct entry *entry)
{
    msec a = entry->record[V4]->changed_at, b = entry->record[V6]->changed_at;
    return a > b ? a : b;
}

static const char *description(const struct entry *entry)
{
    struct view v = conf_entry_view(entry->conf);
    const char *text = view_get(&v, "description");
    return text != NULL ? text : "";
}

json_t *report_id(const struct entry *entry)
{
    char *id = entry_make_id(entry);
    json_t *text = message_text(id);

    mem_free(id);
    return text;
}

static json_t *host_json(const struct engine *e, const struct entry *entry)
{
    static const char *const enabled[] = {[BAR_PAUSED] = "no", [BAR_WATCH] = "watch"};
    json_t *records = json_array();
    struct shown s;

    show_entry(e, entry, &s);
    for (int f = 0; f < FAMILIES; f++)
        if (entry->rules->source[f] != NULL || entry->record[f]->published != NULL)
            json_array_append_new(records, record_json(e, entry, (enum family)f));
    unsigned bar = entry->leaving ? BAR_PAUSED : entry->bar;
    bool off = bar == BAR_PAUSED || bar == BAR_WATCH;
    return json_pack(
        "{s:o,s:o,s:o,s:o,s:o,s:o,s:s,s:s,s:o,s:o,s:o,s:o,s:o}", "id", report_id(entry), "hostname",
        message_text(entry_name(entry)), "unicode", message_text(conf_entry_written(entry->conf)),
        "description", message_text(description(entry)), "provider", provider_json(e, entry),
        "account", message_text(account_text(entry)), "enabled", off ? enabled[bar] : "yes",
        "state", shown_state_name(s.state), "reason", message_new(s.reason, &s.values), "next",
        message_or_null(s.next, &s.values), "next_at", report_time(s.next_at), "changed_at",
        stamp(e, changed_at(entry)), "records", records);
}

json_t *report_hostname(struct engine *e, const char *id)
{
    const struct entry *entry = engine_entry(e, id);

    e->now = net_now(e->seams.net);
    return entry != NULL ? host_json(e, entry) : NULL;
}

/* The list */

json_t *report_counts(const long counts[SHOWN_STATES], long all)
{
    json_t *doc = json_object();

    json_object_set_new(doc, "all", json_integer(all));
    for (int s = 0; s < SHOWN_STATES; s++)
        json_object_set_new(doc, shown_state_name((enum shown_state)s), json_integer(counts[s]));
    return doc;
}

struct row {
    const struct engine *e;
    const struct entry *entry;
    enum shown_state state;
    size_t order;
};

static int by_hostname(const struct row *a, const struct row *b)
{
    return strcmp(entry_name(a->entry), entry_name(b->entry));
}

static int by_state(const struct row *a, const struct row *b)
{
    /* needs you, unknown, waiting, changing, right, paused */
    static const int rank[SHOWN_STATES] = {
        [SHOWN_NEEDS_YOU] = 0, [SHOWN_UNKNOWN] = 1, [SHOWN_WAITING] = 2,
        [SHOWN_CHANGING] = 3,  [SHOWN_RIGHT] = 4,   [SHOWN_PAUSED] = 5,
    };
    int order = rank[a->state] - rank[b->state];
    return order != 0 ? order : by_hostname(a, b);
}

static int by_provider(const struct row *a, const struct row *b)
{
    int order = strcmp(show_provider(a->e, a->entry), show_provider(b->e, b->entry));
    return order != 0 ? order : by_hostname(a, b);
}

static int by_changed(const struct row *a, const struct row *b)
{
    msec x = changed_at(a->entry), y = changed_at(b->entry);
    return x != y ? (x > y ? 1 : -1) : by_hostname(a, b);
}

static int by_order(const struct row *a, const struct row *b)
{
    return (a->order > b->order) - (a->order < b->order);
}

static const struct {
    const char *name;
    int (*compare)(const struct row *a, const struct row *b);
} sorts[] = {{"hostname", by_hostname},
             {"state", by_state},
             {"provider", by_provider},
             {"changed", by_changed}};

struct sorting {
    int (*compare)(const struct row *a, const struct row *b);
    bool down;
};

static int compare_rows(const void *a, const void *b, void *arg)
{
    const struct sorting *s = arg;
    int order = s->compare(a, b);
    return s->down ? -order : order;
}

static void sort_rows(struct row *rows, size_t count, const char *sort)
{
    struct sorting s = {by_order, sort != NULL && sort[0] == '-'};

    for (size_t i = 0; sort != NULL && i < sizeof sorts / sizeof sorts[0]; i++)
        if (text_equal(sorts[i].name, s.down ? sort + 1 : sort))
            s.compare = sorts[i].compare;
    qsort_r(rows, count, sizeof rows[0], compare_rows, &s);
}

static bool has(const char *text, const char *search)
{
    return text != NULL && strcasestr(text, search) != NULL;
}

static bool found(const struct engine *e, const struct entry *entry, const char *search)
{
    char text[ADDRSET_TEXT_MAX];

    if (search == NULL || *search == '\0' || has(entry_name(entry), search) ||
        has(conf_entry_written(entry->conf), search) || has(description(entry), search) ||
        has(show_provider(e, entry), search) || has(account_text(entry), search))
        return true;
    for (int f = 0; f < FAMILIES; f++) {
        const struct record *r = entry->record[f];
        if (r->published != NULL && has(addrset_text(set_addresses(r->published), text), search))
            return true;
        if (r->wanted != NULL && has(addrset_text(set_addresses(r->wanted), text), search))
            return true;
    }
    return false;
}

static bool in_state(enum shown_state state, const char *wanted)
{
    if (wanted == NULL)
        return true;
    if (text_equal(wanted, "at-work"))
        return state == SHOWN_CHANGING || state == SHOWN_WAITING;
    return text_equal(wanted, shown_state_name(state));
}

json_t *report_hostnames(struct engine *e, const struct report_query *query)
{
    struct row *rows = mem_array(e->entry_count, sizeof rows[0]);
    size_t limit = query->limit > 0 ? (size_t)query->limit : REPORT_LIMIT, count = 0;
    size_t from = query->offset > 0 ? (size_t)query->offset : 0;
    long counts[SHOWN_STATES] = {0};
    json_t *items = json_array();

    e->now = net_now(e->seams.net);
    for (size_t i = 0; i < e->entry_count; i++) {
        struct shown s;
        show_entry(e, e->order[i], &s);
        counts[s.state]++;
        if (in_state(s.state, query->state) && found(e, e->order[i], query->search))
            rows[count++] = (struct row){e, e->order[i], s.state, i};
    }
    sort_rows(rows, count, query->sort);
    for (size_t i = from; i < count && i - from < limit; i++)
        json_array_append_new(items, host_json(e, rows[i].entry));
    mem_free(rows);
    return json_pack("{s:I,s:o,s:o}", "total", (json_int_t)count, "counts",
                     report_counts(counts, (long)e->entry_count), "items", items);
}

/* Sources and addresses */

static json_t *source_json(const struct engine *e, const struct source_box *box, enum family f)
{
    static const char *const states[] = {
        [SENSED_UNKNOWN] = "unknown", [SENSED_NONE] = "none", [SENSED_KNOWN] = "known"};
    const struct sensed *s = e->seams.sense->ops->value(box->source, f);
    const char *name = e->seams.sense->ops->name(box->source);
    const struct addrset none = {0};
    enum sensed_state state = s != NULL ? s->state : SENSED_UNKNOWN;

    return json_pack("{s:o,s:o,s:s,s:s,s:s,s:o,s:o,s:o,s:o,s:o,s:i}", "id", message_text(name),
                     "name", message_text(name), "kind", e->seams.sense->ops->kind(box->source),
                     "family", family_name(f), "state", states[state], "addresses",
                     report_set(state == SENSED_KNOWN ? &s->set : &none), "since",
                     report_time(s != NULL ? s->since : 0), "asked",
                     report_time(s != NULL ? s->asked : 0), "took",
                     s != NULL && s->asked != 0 ? json_integer(s->took) : json_null(), "error",
                     message_text(s != NULL ? s->error : ""), "used_by", (int)box->user_count[f]);
}

json_t *report_sources(struct engine *e)
{
    json_t *list = json_array();

    for (size_t i = 0; i < e->source_count; i++)
        for (int f = 0; f < FAMILIES; f++)
            if (e->sources[i]->user_count[f] > 0)
                json_array_append_new(list, source_json(e, e->sources[i], (enum family)f));
    return list;
}

struct reading {
    json_t *list;
    msec from;
    size_t skip, told; /* events: not listed, and how many there were with these */
    bool one;          /* it is about one entry */
    char *former; /* owned: the entry was this one before "since"; NULL: it had no other name */
    msec since;
};

static void add_event(void *arg, const struct state_event *event)
{
    struct reading *r = arg;

    if (r->told++ < r->skip || event->at < r->from ||
        r->former != NULL) /* a name may have been another one's before */
        return;
    if (r->one && text_equal(event->cls, renamed_class) && event->old_set != NULL) {
        r->former = mem_text(event->old_set);
        r->since = event->at;
    }
    json_array_append_new(
        r->list, json_pack("{s:I,s:o,s:o,s:o,s:o,s:o,s:o,s:o}", "at", (json_int_t)event->at, "id",
                           message_text(event->entry), "family",
                           event->family >= 0 && event->family < FAMILIES
                               ? json_string(family_name((enum family)event->family))
                               : json_null(),
                           "kind", message_text(event->kind), "old", message_text(event->old_set),
                           "new", message_text(event->new_set), "class", message_text(event->cls),
                           "text", message_text(event->say)));
}

json_t *report_history(struct engine *e, const char *id, size_t most)
{
    enum { NAMES_MOST = 16 };
    struct reading r = {.list = json_array(), .one = true};
    struct state *state = e->seams.state;
    char *name = NULL;
    struct cause cause;

    state->ops->history(state, id, 0, most, add_event, &r, &cause);
    for (int i = 0; r.former != NULL && i < NAMES_MOST; i++) {
        size_t had = json_array_size(r.list);
        mem_free(name);
        name = r.former;
        r.former = NULL;
        if (had < most)
            state->ops->history(state, name, r.since, most - had, add_event, &r, &cause);
    }
    mem_free(name);
    mem_free(r.former);
    return r.list;
}

json_t *report_addresses(struct engine *e, msec from, msec to, size_t offset)
{
    enum { PICTURE = 5000 }; /* of a year's picture, the newest events */

    struct reading r = {.list = json_array(), .from = from, .skip = offset};
    const size_t end = offset + (from != 0 ? PICTURE : REPORT_HISTORY);
    struct state *state = e->seams.state;
    struct cause cause;
    json_t *detail;

    e->now = net_now(e->seams.net);
    json_t *place = report_place(e, &detail);
    state->ops->history(state, NULL, to, end, add_event, &r, &cause);
    return json_pack("{s:o,s:o,s:o,s:o,s:o}", "place", place, "detail", detail, "sources",
                     report_sources(e), "history", r.list, "next",
                     r.told == end ? json_integer((json_int_t)end) : json_null());
}

static const char *plan_code(const struct engine_plan_result *plan, bool refused)
{
    if (plan->cls == OUTCOME_NONE)
        return refused ? "why_refused" : "plan_no_address";
    if (!outcome_is_good(plan->cls))
        return "plan_refused";
    for (size_t i = 0; i < plan->step_count; i++)
        if (plan->steps[i].writes)
            return "plan_sends";
    return "plan_nothing";
}

json_t *report_plan(const struct engine_plan_result *plan, bool whole)
{
    json_t *requests = json_array();
    struct message_values v = {.say = plan->say};
    int f = plan->refused[V4] != ADDR_PUBLIC ? V4 : V6;
    bool refused = plan->refused[f] != ADDR_PUBLIC;
    char address[ADDR_TEXT_MAX];

    if (v.say == NULL)
        v.say = outcome_rule(plan->cls)->meaning;
    if (refused) {
        v.address = addr_text(&plan->refused_address[f], address);
        v.kind = addr_kind_name(plan->refused[f]);
    }
    for (size_t i = 0; i < plan->step_count; i++) {
        const struct engine_plan_step *s = &plan->steps[i];
        json_array_append_new(
            requests, json_pack("{s:o,s:b}", "text",
                                message_text(whole && s->whole != NULL ? s->whole : s->text),
                                "writes", s->writes));
    }
    return json_pack("{s:o,s:o}", "requests", requests, "message",
                     message_new(plan_code(plan, refused), &v));
}

/* ---- exchanges and parts ---- */

json_t *report_exchange(struct engine *e, const char *id)
{
    uint64_t number;
    const struct exchange *x =
        text_number(id, &number) ? exchanges_find(e->exchanges, number) : NULL;

    if (x == NULL)
        return NULL;
    const struct message_values v = {.provider = x->provider != NULL ? x->provider : x->host,
                                     .hostname = x->about};
    json_t *meaning = x->judged ? message_new(show_class(x->cls), &v) : json_null();
    json_t *doc =
        json_pack("{s:I,s:I,s:o,s:o,s:o,s:o,s:o,s:o,s:s}", "id", (json_int_t)x->id, "at",
                  (json_int_t)x->at, "about", message_text(x->about), "host", message_text(x->host),
                  "request", message_text(x->request), "answer", message_text(x->answer), "took",
                  x->took >= 0 ? json_integer((json_int_t)x->took) : json_null(), "meaning",
                  meaning, "advice", x->judged ? outcome_rule(x->cls)->advice : "");

    if (x->say != NULL)
        json_object_set_new(doc, "say", message_text(x->say));
    return doc;
}

static void add_part(json_t *list, const char *id, const char *state, msec since, const char *code,
                     const struct message_values *v)
{
    json_array_append_new(list,
                          json_pack("{s:s,s:s,s:o,s:o}", "id", id, "state", state, "since",
                                    since != 0 ? json_integer((json_int_t)since) : json_null(),
                                    "message", message_new(code, v)));
}

static void add_sources(const struct engine *e, json_t *list)
{
    const struct sense *s = e->seams.sense;
    struct message_values v = {0};
    msec since = 0;

    for (struct source *src = s->ops->next(s, NULL); src != NULL; src = s->ops->next(s, src)) {
        bool told = false, asked = false;
        for (int f = 0; f < FAMILIES; f++) {
            const struct sensed *now = s->ops->value(src, (enum family)f);
            if (now == NULL)
                continue;
            asked = true;
            told = told || now->state != SENSED_UNKNOWN;
            since = now->since > since ? now->since : since;
        }
        v.count += asked;
        v.done += told;
    }
    add_part(list, "sources", v.count == 0 || v.done == v.count ? "right" : "unknown", since,
             v.count == 0        ? "part_sources_none"
             : v.done == v.count ? "part_sources"
                                 : "part_sources_silent",
             &v);
}

static void add_dns(const struct engine *e, json_t *list)
{
    struct message_values agree = {0}, unknown = {0};
    msec at = 0;

    for (size_t i = 0; i < e->entry_count; i++)
        for (int f = 0; e->order[i]->verified != NULL && f < FAMILIES; f++) {
            const struct engine_verified *d = &e->order[i]->verified[f];
            if (d->state == VERIFIED_NEVER)
                continue;
            agree.count++;
            agree.done += d->state == VERIFIED_AGREES;
            unknown.count += d->state == VERIFIED_UNKNOWN;
            at = d->at > at ? d->at : at;
        }
    unknown.done = agree.done;
    if (unknown.count > 0)
        add_part(list, "dns", "unknown", at, "part_dns_unknown", &unknown);
    else
        add_part(list, "dns", "right", at, agree.count > 0 ? "part_dns" : "part_dns_never", &agree);
}

json_t *report_parts(struct engine *e)
{
    json_t *list = json_array();
    const struct message_values v = {.why = e->trouble};

    add_part(list, "memory", e->trouble != NULL ? "waiting" : "right", 0,
             e->trouble != NULL ? "part_memory_bad" : "part_memory", &v);
    add_sources(e, list);
    add_dns(e, list);
    return list;
}
