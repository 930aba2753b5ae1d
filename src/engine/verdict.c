/*
 * SPDX-License-Identifier: ISC
 */
/* The one sentence that a person can trust: the first that applies. */
#include "engine/report.h"
#include "engine/report_inside.h"

#include "base/text.h"

struct survey {
    const struct engine *e;
    long counts[SHOWN_STATES];
    long all;      /* that count: without the paused */
    long unproved; /* right, but the DNS was not asked */
    const struct entry *first[SHOWN_STATES];
    struct shown shown[SHOWN_STATES]; /* of the first of each */
    bool same_cause;                  /* all that need a person do for one reason */
    bool no_address;                  /* nobody's address is known */
    msec silent_since;                /* wall */
    const char *refused_kind;
    char address[FAMILIES][ADDRSET_TEXT_MAX];
    bool one[FAMILIES]; /* all hostnames want the same */
    bool any[FAMILIES];
    msec since;
};

static void look_at_address(struct survey *s, const struct entry *entry, enum family f,
                            const struct set **seen)
{
    const struct record *r = entry->record[f];
    const struct source_box *box = entry->rules->source[f];

    if (box == NULL || entry->bar != BAR_NONE)
        return;
    const struct sensed *sensed = s->e->seams.sense->ops->value(box->source, f);
    if (r->wanted == NULL) {
        if (r->lack == LACK_REFUSED && s->refused_kind == NULL) {
            s->refused_kind = addr_kind_name((enum addr_kind)r->refused);
            if (sensed != NULL)
                addrset_text(&sensed->set, s->address[f]);
        }
        if (sensed != NULL && sensed->since > s->silent_since)
            s->silent_since = sensed->since;
        return;
    }
    s->no_address = false;
    if (!s->any[f]) {
        s->any[f] = s->one[f] = true;
        *seen = r->wanted;
        addrset_text(set_addresses(r->wanted), s->address[f]);
    } else if (*seen != r->wanted) {
        s->one[f] = false;
    }
    if (sensed != NULL && sensed->since > s->since)
        s->since = sensed->since;
}

static void survey(const struct engine *e, struct survey *s)
{
    const struct set *seen[FAMILIES] = {NULL};

    *s = (struct survey){.e = e, .same_cause = true, .no_address = true};
    for (size_t i = 0; i < e->entry_count; i++) {
        const struct entry *entry = e->order[i];
        struct shown shown;
        show_entry(e, entry, &shown);
        if (s->counts[shown.state]++ == 0) {
            s->first[shown.state] = entry;
            s->shown[shown.state] = shown;
            if (shown.values.address == shown.address)
                s->shown[shown.state].values.address = s->shown[shown.state].address;
        } else if (shown.state == SHOWN_NEEDS_YOU) {
            const struct shown *first = &s->shown[SHOWN_NEEDS_YOU];
            s->same_cause = s->same_cause && text_equal(first->reason, shown.reason) &&
                            text_equal(first->values.provider, shown.values.provider);
        }
        if (shown.state == SHOWN_RIGHT && !text_equal(shown.reason, "dns_agrees"))
            s->unproved++;
        for (int f = 0; f < FAMILIES; f++)
            look_at_address(s, entry, (enum family)f, &seen[f]);
    }
    s->all = (long)e->entry_count - s->counts[SHOWN_PAUSED];
}

static json_t *action(const char *kind, const struct entry *entry)
{
    return json_pack("{s:s,s:o,s:o}", "kind", kind, "id",
                     entry != NULL ? report_id(entry) : json_null(), "message",
                     message_new(kind, NULL));
}

static void add_first(const struct survey *s, enum shown_state state, struct message_values *v)
{
    v->hostname = s->shown[state].values.hostname;
    v->provider = s->shown[state].values.provider;
    v->line = s->shown[state].values.line;
    v->at = s->shown[state].next_at;
}

/* The code of "needs" for a reason of show.c. */
static const char *needs_code(const char *reason)
{
    static const char *const codes[][2] = {
        {"auth", "needs_auth"},
        {"forbidden", "needs_forbidden"},
        {"feature", "needs_feature"},
        {"abuse", "needs_abuse"},
        {"agent", "needs_agent"},
        {"no-zone", "needs_no-zone"},
        {"no-host", "needs_no-host"},
        {"conflict", "needs_conflict"},
        {"input", "needs_input"},
        {"parked", "needs_parked"},
        {"closed", "needs_closed"},
        {"no_provider", "needs_provider"},
        {"no_dialogue", "needs_provider"},
    };
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
        if (text_equal(codes[i][0], reason))
            return codes[i][1];
    return "needs_several";
}

static const char *needs_you(const struct survey *s, struct message_values *v, json_t **act)
{
    long count = s->counts[SHOWN_NEEDS_YOU];

    v->count = count;
    v->all = s->all;
    add_first(s, SHOWN_NEEDS_YOU, v);
    if (!s->same_cause) {
        *act = action("show", NULL);
        return "needs_several";
    }
    *act = action(count > 1 && text_equal(s->shown[SHOWN_NEEDS_YOU].next, "modify")
                      ? "show"
                      : s->shown[SHOWN_NEEDS_YOU].next,
                  s->first[SHOWN_NEEDS_YOU]);
    return needs_code(s->shown[SHOWN_NEEDS_YOU].reason);
}

static const char *no_address(const struct survey *s, struct message_values *v, json_t **act)
{
    *act = action("sources", NULL);
    v->since = s->silent_since;
    if (s->refused_kind != NULL) {
        v->kind = s->refused_kind;
        v->address = s->address[V4][0] != '\0' ? s->address[V4] : s->address[V6];
        return "refused_address";
    }
    return s->silent_since != 0 ? "no_address" : "no_address_yet";
}

static const char *at_work(const struct survey *s, struct message_values *v)
{
    v->count = s->counts[SHOWN_CHANGING];
    v->done = s->counts[SHOWN_RIGHT];
    v->all = s->all;
    v->address = s->address[s->any[V4] ? V4 : V6];
    add_first(s, SHOWN_CHANGING, v);
    bool one = s->any[V4] ? s->one[V4] : s->one[V6];
    /* News for a minute; what is still at work later is just that. */
    return one && s->e->now.wall - s->since < MINUTE && v->count > 1 ? "at_work_address"
                                                                     : "at_work";
}

static const char *all_right(const struct survey *s, struct message_values *v)
{
    v->count = s->all;
    v->since = s->since;
    add_first(s, SHOWN_RIGHT, v);
    if (s->unproved == s->all)
        return "accepted";
    if (s->unproved > 0)
        return "accepted_some";
    v->address = s->address[s->any[V4] ? V4 : V6];
    v->other = s->address[V6];
    if ((s->any[V4] && !s->one[V4]) || (s->any[V6] && !s->one[V6]))
        return "all_right_many";
    return s->any[V4] && s->any[V6] ? "all_right_both" : "all_right";
}

static const char *sentence(const struct survey *s, struct message_values *v, json_t **act)
{
    const struct engine *e = s->e;

    v->count = (long)e->entry_count;
    if (e->entry_count == 0)
        return "empty";
    if (!e->on) {
        *act = action("on", NULL);
        return "service_off";
    }
    if (e->started && !e->clock_ok)
        return "wait_clock";
    if (e->trouble != NULL) {
        v->why = e->trouble;
        return "wait_memory";
    }
    if (s->counts[SHOWN_NEEDS_YOU] > 0)
        return needs_you(s, v, act);
    v->hostname = s->shown[SHOWN_PAUSED].values.hostname;
    if (s->all == 0)
        return "all_paused";
    if (s->no_address)
        return no_address(s, v, act);
    if (s->counts[SHOWN_CHANGING] > 0)
        return at_work(s, v);
    v->all = s->all;
    v->done = s->counts[SHOWN_RIGHT];
    enum shown_state state = s->counts[SHOWN_WAITING] > 0 ? SHOWN_WAITING : SHOWN_UNKNOWN;
    v->count = s->counts[state];
    add_first(s, state, v);
    if (state == SHOWN_WAITING)
        return "waiting";
    if (v->count > 0) {
        *act = action("sources", NULL);
        return "unknown";
    }
    return all_right(s, v);
}

json_t *report_verdict(struct engine *e)
{
    struct survey s;
    struct message_values v = {0}, paused = {0};
    json_t *act = NULL, *detail = json_null();

    e->now = net_now(e->seams.net);
    survey(e, &s);
    const char *code = sentence(&s, &v, &act);
    paused.count = s.counts[SHOWN_PAUSED];
    if (paused.count > 0 && !text_equal(code, "all_paused")) {
        add_first(&s, SHOWN_PAUSED, &paused);
        detail = message_new("paused_some", &paused);
    }
    if (e->conf_trouble != NULL) {
        json_decref(detail);
        detail = message_new("conf_refused", &(struct message_values){.why = e->conf_trouble});
    }
    return json_pack("{s:o,s:o,s:o,s:o,s:s}", "message", message_new(code, &v), "detail", detail,
                     "action", act != NULL ? act : json_null(), "counts",
                     report_counts(s.counts, (long)e->entry_count), "service",
                     e->on ? "on" : "off");
}
