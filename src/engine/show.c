/*
 * SPDX-License-Identifier: ISC
 */
#include "engine/show.h"

#include "base/text.h"

const char *shown_state_name(enum shown_state s)
{
    static const char *const names[SHOWN_STATES] = {
        [SHOWN_RIGHT] = "right",         [SHOWN_CHANGING] = "changing", [SHOWN_WAITING] = "waiting",
        [SHOWN_NEEDS_YOU] = "needs-you", [SHOWN_UNKNOWN] = "unknown",   [SHOWN_PAUSED] = "paused",
    };
    return names[s];
}

const char *show_provider(const struct engine *e, const struct entry *entry)
{
    const char *id = conf_entry_provider(entry->conf), *word = conf_entry_protocol(entry->conf);

    (void)e;
    if (entry->account != NULL) {
        const struct provider_info *info = provider_info(entry->account->site->provider);
        if (info->name != NULL && !info->compat)
            return info->name;
    }
    return id != NULL ? id : word != NULL ? word : "";
}

static void set(struct shown *s, enum shown_state state, const char *reason, const char *next)
{
    s->state = state;
    s->reason = reason;
    s->next = next;
}

/* Classes in words: of a wait, and of a stop with the act that ends it. */
static const struct {
    const char *wait, *stop, *act;
} classes[OUTCOME_CLASSES] = {
    [OUTCOME_AUTH] = {.stop = "auth", .act = "password"},
    [OUTCOME_FORBIDDEN] = {.stop = "forbidden", .act = "password"},
    [OUTCOME_FEATURE] = {.stop = "feature", .act = "modify"},
    [OUTCOME_ABUSE] = {.stop = "abuse", .act = "resume"},
    [OUTCOME_AGENT] = {.stop = "agent", .act = "modify"},
    [OUTCOME_NO_ZONE] = {.stop = "no-zone", .act = "modify"},
    [OUTCOME_NO_HOST] = {.stop = "no-host", .act = "modify"},
    [OUTCOME_CONFLICT] = {.stop = "conflict", .act = "modify"},
    [OUTCOME_INPUT] = {.stop = "input", .act = "modify"},
    [OUTCOME_LIMIT] = {.wait = "limit"},
    [OUTCOME_BUSY] = {.wait = "busy"},
    [OUTCOME_SERVER] = {.wait = "server"},
    [OUTCOME_UNKNOWN] = {.wait = "odd_answer"},
    [OUTCOME_TLS] = {.wait = "tls"},
    [OUTCOME_OFFLINE] = {.wait = "offline"},
};

static const char *wait_code(enum outcome_class cls)
{
    return classes[cls].wait != NULL ? classes[cls].wait : "failed";
}

const char *show_class(enum outcome_class cls)
{
    return outcome_is_good(cls)        ? "taken"
           : classes[cls].stop != NULL ? classes[cls].stop
                                       : wait_code(cls);
}

static void stopped(struct shown *s, enum outcome_class cls, const char *say)
{
    s->cls = cls;
    s->values.say = say;
    set(s, SHOWN_NEEDS_YOU, classes[cls].stop != NULL ? classes[cls].stop : "failed",
        classes[cls].act != NULL ? classes[cls].act : "modify");
}

static void waits(const struct engine *e, struct shown *s, const char *reason, msec mono,
                  const char *say)
{
    set(s, SHOWN_WAITING, reason, "next_send");
    s->next_at = mono == NEVER || mono <= e->now.mono ? 0 : e->now.wall + (mono - e->now.mono);
    s->values.at = s->next_at;
    s->values.say = say;
}

static bool barred(const struct entry *entry, struct shown *s)
{
    switch ((enum entry_bar)entry->bar) {
    case BAR_NONE:
        return false;
    case BAR_PAUSED:
        set(s, SHOWN_PAUSED, "paused", NULL);
        return true;
    case BAR_WATCH:
        set(s, SHOWN_PAUSED, "watched", NULL);
        return true;
    case BAR_PARKED:
        set(s, SHOWN_NEEDS_YOU, "parked", "modify");
        break;
    case BAR_NO_PROVIDER:
        set(s, SHOWN_NEEDS_YOU, "no_provider", "modify");
        break;
    case BAR_CLOSED:
        set(s, SHOWN_NEEDS_YOU, "closed", "modify");
        break;
    case BAR_NO_DIALOGUE:
        set(s, SHOWN_NEEDS_YOU, "no_dialogue", "modify");
        break;
    }
    s->values.line = (long)conf_entry_line(entry->conf);
    return true;
}

/* The whole account, its provider or its server is stopped or waits. False: it is not. */
static bool held_above(const struct engine *e, const struct account_box *box, struct shown *s)
{
    const struct account_box *const boxes[] = {box, box->site->refuser};
    const struct endpoint *p = &box->site->endpoint->endpoint;

    for (size_t i = 0; i < 2; i++) {
        const struct account *a = &boxes[i]->account;
        if (a->state == ACCOUNT_BLOCKED || a->state == ACCOUNT_STOPPED) {
            stopped(s, (enum outcome_class)a->last, account_trouble(a)->say);
            return true;
        }
        if (a->state == ACCOUNT_WAITING) {
            waits(e, s, wait_code((enum outcome_class)a->last), account_at(a),
                  account_trouble(a)->say);
            return true;
        }
    }
    if (p->state == ENDPOINT_OFFLINE) {
        waits(e, s, "offline", NEVER, p->say);
        s->next = "next_event";
        return true;
    }
    if (p->state == ENDPOINT_CLOSED || (p->state == ENDPOINT_PROBING && p->failures > 0)) {
        waits(e, s, wait_code((enum outcome_class)p->last), p->at, p->say);
        return true;
    }
    return false;
}

static void ready(const struct engine *e, const struct entry *entry, struct shown *s)
{
    if (!e->on)
        waits(e, s, "off", NEVER, NULL);
    else if (!e->clock_ok)
        waits(e, s, "clock", NEVER, NULL);
    else if (e->trouble != NULL)
        waits(e, s, "memory", e->retry_at, e->trouble);
    else if (held_above(e, entry->account, s))
        return;
    else if (account_budget_at(entry->account) > e->now.mono)
        waits(e, s, "budget", account_budget_at(entry->account), NULL);
    else
        set(s, SHOWN_CHANGING, "turn", NULL);
}

static void waiting(const struct engine *e, const struct record *r, struct shown *s)
{
    if (r->hold == HOLD_MIN_INTERVAL)
        waits(e, s, "min_interval", r->at, NULL);
    else if (r->hold == HOLD_QUESTION)
        waits(e, s, "question", NEVER, NULL);
    else
        waits(e, s, wait_code((enum outcome_class)r->last), r->at, record_trouble(r)->say);
}

/* A record whose address is not known: kept as it is. */
static void unknown(const struct engine *e, const struct entry *entry, enum family f,
                    struct shown *s)
{
    const struct record *r = entry->record[f];
    const struct source_box *box = entry->rules->source[f];

    if (box == NULL) {
        set(s, SHOWN_UNKNOWN, "no_source", NULL);
        s->nothing = true;
        return;
    }
    s->values.source = e->seams.sense->ops->name(box->source);
    const struct sensed *sensed = e->seams.sense->ops->value(box->source, f);
    if (r->lack == LACK_GONE) {
        bool kept = r->published != NULL && set_addresses(r->published)->count > 0;
        s->nothing = !kept;
        set(s, kept ? SHOWN_UNKNOWN : SHOWN_RIGHT, kept ? "gone_kept" : "none_here", NULL);
        if (kept)
            s->values.address = addrset_text(set_addresses(r->published), s->address);
    } else if (r->lack == LACK_ONE_FAMILY) {
        s->nothing = true;
        set(s, SHOWN_RIGHT, "one_family", NULL);
    } else if (r->lack == LACK_REFUSED) {
        s->values.kind = addr_kind_name((enum addr_kind)r->refused);
        set(s, SHOWN_UNKNOWN, "refused", NULL);
    } else {
        bool asked = sensed != NULL && sensed->asked != 0;
        s->values.say = asked ? sensed->error : NULL;
        set(s, SHOWN_UNKNOWN, asked ? "silent" : "asking", NULL);
    }
}

static void right(const struct engine *e, const struct entry *entry, enum family f, struct shown *s)
{
    const struct record *r = entry->record[f];
    const struct engine_verified *v = entry->verified != NULL ? &entry->verified[f] : NULL;

    set(s, SHOWN_RIGHT, "taken", NULL);
    if (r->at != NEVER) {
        s->next = "next_confirm";
        s->next_at = e->now.wall + (r->at - e->now.mono);
    }
    if (v == NULL || v->state == VERIFIED_NEVER || v->state == VERIFIED_UNKNOWN)
        return;
    s->values.agree = (long)v->agree;
    s->values.servers = (long)v->servers;
    if (v->state == VERIFIED_AGREES)
        s->reason = v->api ? "api_agrees" : "dns_agrees";
    else if (v->api)
        set(s, SHOWN_CHANGING, "api_differs", NULL);
    else
        set(s, SHOWN_CHANGING, v->agree > 0 && !v->majority ? "dns_follows" : "dns_differs", NULL);
}

void show_record(const struct engine *e, const struct entry *entry, enum family f,
                 struct shown *out)
{
    const struct record *r = entry->record[f];

    *out = (struct shown){.cls = OUTCOME_NONE};
    out->values.provider = show_provider(e, entry);
    out->values.hostname = conf_entry_written(entry->conf);
    out->values.family = family_name(f);
    if (barred(entry, out))
        return;
    switch ((enum record_state)r->state) {
    case RECORD_SENDING:
        set(out, SHOWN_CHANGING,
            entry_job(entry) != NULL && entry_job(entry)->run != NULL ? "sent" : "turn", NULL);
        break;
    case RECORD_READY:
        ready(e, entry, out);
        break;
    case RECORD_WAITING:
        waiting(e, r, out);
        break;
    case RECORD_STOPPED:
        stopped(out, (enum outcome_class)r->last, record_trouble(r)->say);
        break;
    case RECORD_RIGHT:
        right(e, entry, f, out);
        break;
    case RECORD_UNKNOWN:
    case RECORD_OFF:
    case RECORD_STATES:
        unknown(e, entry, f, out);
        break;
    }
}

void show_entry(const struct engine *e, const struct entry *entry, struct shown *out)
{
    /* Worst first. */
    static const int rank[SHOWN_STATES] = {
        [SHOWN_RIGHT] = 1,   [SHOWN_PAUSED] = 0,  [SHOWN_CHANGING] = 2,
        [SHOWN_WAITING] = 3, [SHOWN_UNKNOWN] = 4, [SHOWN_NEEDS_YOU] = 5,
    };
    struct shown other;
    bool any = false;

    show_record(e, entry, V4, out);
    any = entry->rules->source[V4] != NULL && !out->nothing;
    show_record(e, entry, V6, &other);
    bool counts = entry->rules->source[V6] != NULL && !other.nothing;
    if ((counts && (!any || rank[other.state] > rank[out->state])) ||
        (!any && !counts && entry->rules->source[V4] == NULL)) {
        *out = other;
        if (other.values.address == other.address)
            out->values.address = out->address;
    }
    if (out->nothing && out->state == SHOWN_RIGHT)
        out->state = SHOWN_UNKNOWN; /* no record at all: that is no claim */
}
