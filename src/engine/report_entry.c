/*
 * SPDX-License-Identifier: ISC
 */
/* One hostname in full: its settings without secrets, and why it is as it is. */
#include "engine/report.h"
#include "engine/report_inside.h"

#include "base/mem.h"
#include "base/text.h"

/* Settings of the table, by number, without its header: its names of scopes are others than ours.
 */
#include "engine/setting_names.h"

/* How many hostnames have this setting of this line: counted once for each configuration. */
static long sharers(struct engine *e, const struct entry *entry, const char *name, unsigned line)
{
    for (size_t i = 0; i < e->shared_count; i++)
        if (e->shared[i].line == line && text_equal(e->shared[i].name, name))
            return e->shared[i].count;
    e->shared = mem_resize(e->shared, e->shared_count + 1, sizeof e->shared[0]);
    struct shared_setting *s = &e->shared[e->shared_count++];
    *s = (struct shared_setting){.name = mem_text(name), .line = line};
    s->count = (long)conf_entry_sharers(entry->conf, name);
    return s->count;
}

void report_forget_shared(struct engine *e)
{
    for (size_t i = 0; i < e->shared_count; i++)
        mem_free(e->shared[i].name);
    mem_free(e->shared);
    e->shared = NULL;
    e->shared_count = 0;
}

/* That there is one, and when it was entered, unless it was there when homing first looked. */
static json_t *told_secret(const struct entry *entry)
{
    json_t *told = json_pack("{s:b}", "set", 1);

    if (entry->secrets_at != 0)
        json_object_set_new(told, "at", json_integer((json_int_t)entry->secrets_at * SECOND));
    return told;
}

static void add_setting(struct engine *e, const struct entry *entry, const char *name,
                        json_t *settings, json_t *origins)
{
    struct view v = conf_entry_view(entry->conf);
    bool own = false;
    unsigned line = conf_entry_origin(entry->conf, name, &own);
    const char *value = view_get(&v, name);

    if (line == 0 || value == NULL || json_object_get(settings, name) != NULL)
        return;
    json_object_set_new(settings, name,
                        view_secret(&v, name) || text_has_login(value) ? told_secret(entry)
                                                                       : message_text(value));
    json_object_set_new(origins, name,
                        json_pack("{s:i,s:b,s:I}", "line", (int)line, "own", own, "count",
                                  (json_int_t)(own ? 1 : sharers(e, entry, name, line))));
}

json_t *report_entry(struct engine *e, const char *id, const char *version)
{
    const struct entry *entry = engine_entry(e, id);
    json_t *doc = report_hostname(e, id);
    json_t *settings = json_object(), *origins = json_object();

    if (doc == NULL) {
        json_decref(settings);
        json_decref(origins);
        return NULL;
    }
    for (size_t i = 0; setting_name_at(i) != NULL; i++)
        add_setting(e, entry, setting_name_at(i), settings, origins);
    if (entry->account != NULL) {
        const struct provider_info *info = provider_info(entry->account->site->provider);
        for (size_t i = 0; i < info->field_count; i++)
            add_setting(e, entry, info->fields[i].name, settings, origins);
    }
    json_object_set_new(doc, "settings", settings);
    json_object_set_new(doc, "origins", origins);
    json_object_set_new(doc, "version", message_text(version != NULL ? version : ""));
    return doc;
}

/* Why */

static void say(json_t *list, const char *code, const struct message_values *v)
{
    json_array_append_new(list, message_new(code, v));
}

static void explain_source(const struct engine *e, const struct entry *entry, enum family f,
                           json_t *list)
{
    const struct source_box *box = entry->rules->source[f];
    struct message_values v = {.family = family_name(f)};
    char text[ADDRSET_TEXT_MAX];

    if (box == NULL) {
        say(list, "why_no_source", &v);
        return;
    }
    const struct sensed *s = e->seams.sense->ops->value(box->source, f);
    v.source = e->seams.sense->ops->name(box->source);
    v.since = s != NULL ? s->since : 0;
    v.why = s != NULL && s->error[0] != '\0' ? s->error : "no answer yet";
    if (s == NULL || s->state == SENSED_UNKNOWN) {
        say(list, "why_source_unknown", &v);
    } else if (s->state == SENSED_NONE) {
        say(list, "why_source_none", &v);
    } else {
        v.address = addrset_text(&s->set, text);
        say(list, "why_source", &v);
    }
    if (entry->record[f]->lack == LACK_REFUSED && s != NULL) {
        v.kind = addr_kind_name((enum addr_kind)entry->record[f]->refused);
        say(list, "why_refused", &v);
    }
}

/* The setting because of which the DNS has no say about an entry; NULL when it is asked. What was
 * found before the setting was written says nothing any more. */
static const char *unasked_because(const struct engine *e, const struct entry *entry)
{
    struct view v = conf_entry_view(entry->conf);
    const char *mode = conf_text(&v, "verify");

    if (load_verify(e, entry) != NULL)
        return NULL;
    return text_equal(mode, "no")     ? "verify=no"
           : text_equal(mode, "api")  ? "verify=api"
           : conf_bool(&v, "proxied") ? "proxied=yes"
                                      : "outside=no";
}

static void explain_verified(const struct engine_verified *found, struct message_values *v,
                             json_t *list)
{
    enum { TTL_LONG = 3600 };

    v->at = found->at;
    if (found->api && found->state != VERIFIED_UNKNOWN) {
        say(list, found->state == VERIFIED_AGREES ? "why_api" : "why_api_differs", v);
        return;
    }
    say(list,
        v->servers > 0       ? "why_dns"
        : found->intercepted ? "why_dns_intercepted"
                             : "why_dns_nobody",
        v);
    v->served = found->served;
    if (found->served != NULL)
        say(list, "why_dns_elsewhere", v);
    v->count = (long)found->ttl;
    if (found->ttl >= TTL_LONG)
        say(list, "why_dns_ttl", v);
}

static void explain_published(const struct engine *e, const struct entry *entry, enum family f,
                              json_t *list)
{
    const struct record *r = entry->record[f];
    struct message_values v = {.family = family_name(f),
                               .provider = show_provider(e, entry),
                               .at = stamp_to_wall(r->published_at, &e->now)};
    char text[ADDRSET_TEXT_MAX];

    if (r->published == NULL) {
        say(list, "why_unpublished", &v);
        return;
    }
    v.address = addrset_text(set_addresses(r->published), text);
    say(list, "why_published", &v);
    v.why = unasked_because(e, entry);
    if (v.why != NULL) {
        say(list, "why_dns_unasked", &v);
        return;
    }
    if (entry->verified == NULL || entry->verified[f].state == VERIFIED_NEVER) {
        say(list, "why_dns_never", &v);
        return;
    }
    v.agree = (long)entry->verified[f].agree;
    v.servers = (long)entry->verified[f].servers;
    explain_verified(&entry->verified[f], &v, list);
}

static void explain_next(const struct engine *e, const struct entry *entry, enum family f,
                         json_t *list)
{
    const struct record *r = entry->record[f];
    struct message_values v = {.family = family_name(f), .provider = show_provider(e, entry)};
    struct shown s;

    show_record(e, entry, f, &s);
    if (r->wanted != NULL && r->why == DUE_NOT && r->state == RECORD_RIGHT) {
        say(list, "why_right", &v);
        return;
    }
    if (r->why != DUE_NOT) {
        v.why = due_why_name((enum due_why)r->why);
        say(list, "why_due", &v);
    }
    bool explained = r->wanted == NULL && r->lack == LACK_REFUSED && entry->bar == BAR_NONE;
    if (s.state != SHOWN_RIGHT && !explained)
        say(list, s.reason, &s.values);
    if (s.state == SHOWN_WAITING && s.next_at != 0) {
        v.at = s.next_at;
        v.why = r->state == RECORD_WAITING ? due_hold_name((enum due_hold)r->hold)
                                           : outcome_rule(r->last)->meaning;
        say(list, "why_held", &v);
    }
    /* Of an unknown address it is the source that has spoken, and that was told. */
    v.say = s.values.say != NULL ? s.values.say : record_trouble(r)->say;
    if (v.say != NULL && v.say[0] != '\0' && s.state != SHOWN_RIGHT && s.state != SHOWN_PAUSED &&
        s.state != SHOWN_UNKNOWN)
        say(list, "why_said", &v);
}

json_t *report_why(struct engine *e, const char *id)
{
    const struct entry *entry = engine_entry(e, id);
    json_t *list, *host = report_hostname(e, id);

    if (host == NULL)
        return NULL;
    list = json_array();
    for (int f = 0; f < FAMILIES; f++) {
        if (entry->rules->source[f] == NULL && entry->record[f]->published == NULL)
            continue;
        explain_source(e, entry, (enum family)f, list);
        explain_published(e, entry, (enum family)f, list);
        explain_next(e, entry, (enum family)f, list);
    }
    return json_pack("{s:o,s:o,s:o}", "host", host, "explanation", list, "history",
                     report_history(e, id, REPORT_ATTEMPTS));
}
