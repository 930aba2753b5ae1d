/*
 * SPDX-License-Identifier: ISC
 *
 * Which zone does each hostname belong to? Found at the provider, remembered for a day.
 */
#include "publish/file.h"

#include "base/mem.h"
#include "base/text.h"
#include "publish/names.h"

#include <string.h>

const char *file_zone_told(const struct file_run *r, size_t member)
{
    const struct provider_info *info = &r->provider->info;
    const char *told = view_get(&r->job->members[member].settings, "zone");
    bool knows = !info->compat;

    for (size_t i = 0; i < info->field_count && !knows; i++)
        knows = text_equal(info->fields[i].name, "zone");
    return knows && told != NULL && told[0] != '\0' ? told : NULL;
}

static int add_zone(struct file_run *r, const char *name, json_t *taken)
{
    for (size_t i = 0; i < r->zone_count; i++)
        if (text_equal(r->zones[i].name, name)) {
            json_decref(taken);
            return (int)i;
        }
    r->zones = mem_more(r->zones, r->zone_count, sizeof r->zones[0]);
    r->zones[r->zone_count] = (struct file_zone){.name = mem_text(name), .taken = taken};
    return (int)r->zone_count++;
}

static void settle(struct file_run *r, const char *name, json_t *taken)
{
    r->members[r->at_member].apex = text_equal(name, r->job->members[r->at_member].hostname);
    r->members[r->at_member].zone = add_zone(r, name, taken);
    r->members[r->at_member].zone_known = true;
}

static void keep(struct file_run *r, const char *name, const json_t *taken, msec wall)
{
    char *key = mem_format("zone/%s", name);
    char *text = json_dumps(taken, JSON_COMPACT);

    memory_put(r->job->memory, key, text, wall + DAY, false);
    free(text);
    mem_free(key);
}

/* A zone that this or an earlier job found. */
static bool remembered(struct file_run *r, const char *hostname, const char *only, msec wall)
{
    const char *zone = only != NULL ? only : name_first_zone(hostname);

    for (; zone != NULL; zone = only != NULL ? NULL : name_next_zone(zone)) {
        char *key = mem_format("zone/%s", zone);
        const char *text = memory_get(r->job->memory, key, wall);
        json_t *taken = text != NULL ? json_loads(text, 0, NULL) : NULL;
        mem_free(key);
        if (json_is_object(taken)) {
            settle(r, zone, taken);
            r->zones[r->members[r->at_member].zone].remembered = true;
            return true;
        }
        json_decref(taken);
    }
    return false;
}

bool file_zone_again(struct file_run *r, const struct file_record *rec)
{
    int z = r->members[rec->member].zone;

    if (z < 0 || !r->zones[z].remembered)
        return false;
    char *key = mem_format("zone/%s", r->zones[z].name);
    memory_forget(r->job->memory, key);
    mem_free(key);
    r->zones[z].remembered = false;
    r->zones[z].name[0] = '\0'; /* what is found now is another one */
    for (size_t i = 0; i < r->job->member_count; i++)
        if (r->members[i].zone == z) {
            r->members[i].zone = -1;
            r->members[i].zone_known = false;
        }
    r->at_member = 0;
    r->stage = FILE_ZONES;
    return true;
}

static void no_zone(struct file_run *r, struct step_out *out, const char *say)
{
    char *text = say != NULL ? mem_text(say)
                             : mem_format("no zone of this account holds %s",
                                          r->job->members[r->at_member].hostname);

    r->trying = NULL;
    r->members[r->at_member].zone_known = r->members[r->at_member].failed = true;
    for (size_t i = 0; i < r->record_count; i++)
        if (r->records[i].member == (int)r->at_member)
            file_tell(r, out, &r->records[i], OUTCOME_NO_ZONE, 0, text);
    mem_free(text);
}

static bool by(const struct file_run *r, const char *word)
{
    return text_equal(
        json_string_value(json_object_get(provider_slot_head(r->provider, "zone"), "by")), word);
}

static void ask(struct file_run *r, const struct step_in *in, struct step_out *out)
{
    file_about(r, (int)r->at_member, FAMILIES);
    if (r->trying != NULL)
        vars_put_text(&r->about, "try", r->trying);
    file_call(r, FOR_ZONE, "zone", SLOT_READ, in, out);
}

/* The domain of a service that gives out names below its own. */
static const char *own_domain(const struct file_run *r, const char *hostname)
{
    const char *const *domain = r->provider->info.domains;

    while (domain != NULL && *domain != NULL && !name_within(hostname, *domain))
        domain++;
    return domain != NULL ? *domain : NULL;
}

/* Does finding the zone give more than its name, an id above all? Else a told zone needs no asking.
 */
static bool gives_more(const json_t *head)
{
    const char *name;
    json_t *value;

    json_object_foreach(json_object_get(head, "take"), name,
                        value) if (!text_equal(name, "name")) return true;
    return false;
}

void file_zone_advance(struct file_run *r, const struct step_in *in, struct step_out *out)
{
    while (r->at_member < r->job->member_count && r->members[r->at_member].zone_known)
        r->at_member++;
    if (r->at_member == r->job->member_count) {
        for (size_t i = 0; i < r->record_count && !r->provider->info.apex_ok; i++)
            if (r->members[r->records[i].member].apex)
                file_tell(
                    r, out, &r->records[i], OUTCOME_INPUT, 0,
                    "this provider can not publish an address at the name of the zone itself");
        r->stage = provider_has(r->provider, "update") ? FILE_UPDATE : FILE_RECORDS;
        return;
    }
    const struct member *m = &r->job->members[r->at_member];
    const char *told = file_zone_told(r, r->at_member);
    const json_t *head = provider_slot_head(r->provider, "zone");

    if (r->trying != NULL) { /* the next suffix */
        ask(r, in, out);
        return;
    }

    if (told != NULL && !name_within(m->hostname, told) && !file_is_bare(r, m->hostname)) {
        char *say = mem_format("%s is not in the zone %s", m->hostname, told);
        no_zone(r, out, say);
        mem_free(say);
    } else if (head == NULL || (told != NULL && !gives_more(head))) {
        told = told != NULL ? told : own_domain(r, m->hostname);
        if (told != NULL)
            settle(r, told, json_object());
        r->members[r->at_member].zone_known = true; /* it may do without */
    } else if (!remembered(r, m->hostname, told, in->now.wall)) {
        r->trying = by(r, "suffix") || by(r, "probe")
                        ? told != NULL ? told : name_first_zone(m->hostname)
                        : NULL;
        if (r->trying == NULL && (by(r, "suffix") || by(r, "probe")))
            no_zone(r, out, NULL);
        else
            ask(r, in, out);
    }
}

static const char *text_member(const json_t *element, const char *name)
{
    return json_string_value(json_object_get(element, name));
}

/* The longest zone of a list that holds the hostname. */
static json_t *longest(const struct file_run *r, json_t *elements, char *zone, size_t room)
{
    const struct member *m = &r->job->members[r->at_member];
    const char *told = file_zone_told(r, r->at_member);
    json_t *best = NULL;
    size_t best_len = 0, i;
    json_t *one;

    json_array_foreach(elements, i, one)
    {
        char name[NAME_TEXT_MAX];
        const char *text = text_member(one, "name");
        if (text == NULL || !name_normal(text, name, sizeof name) || strlen(name) >= room)
            continue;
        bool fits = told != NULL ? text_equal(name, told) : name_within(m->hostname, name);
        if (fits && strlen(name) > best_len) {
            best = one;
            best_len = strlen(name);
            memcpy(zone, name, best_len + 1);
        }
    }
    return best;
}

static void found(struct file_run *r, struct step_out *out, const char *zone, json_t *element,
                  msec wall)
{
    const char *refused = text_member(element, "refused");

    if (refused != NULL) {
        no_zone(r, out, refused);
        return;
    }
    json_t *taken = element != NULL ? json_copy(element) : json_object();
    json_object_del(taken, "item");
    json_object_del(taken, "name");
    r->trying = NULL;
    keep(r, zone, taken, wall);
    settle(r, zone, taken);
}

static void next_try(struct file_run *r, struct step_out *out)
{
    r->trying = file_zone_told(r, r->at_member) != NULL ? NULL : name_next_zone(r->trying);
    if (r->trying == NULL)
        no_zone(r, out, NULL);
}

void file_zone_done(struct file_run *r, const struct step_in *in, struct step_out *out)
{
    const struct call *c = &r->over;
    char zone[NAME_TEXT_MAX] = "";
    json_t *element = NULL;

    if (!outcome_is_good(c->verdict.cls) && c->verdict.cls != OUTCOME_NONE &&
        c->verdict.cls != OUTCOME_NO_ZONE) {
        if (file_mended(r, &c->verdict)) {
            r->stage = FILE_CLOCK;
        } else if (outcome_rule(c->verdict.cls)->scope == SCOPE_RECORD) {
            no_zone(r, out, c->verdict.say);
        } else {
            file_fail_all(r, out, &c->verdict);
        }
        return;
    }
    bool none = !outcome_is_good(c->verdict.cls);
    if (r->trying != NULL) {
        bool chooses = json_object_get(provider_slot_head(r->provider, "zone"), "each") != NULL ||
                       json_object_get(provider_slot_head(r->provider, "zone"), "where") != NULL;
        element = chooses ? json_array_get(c->elements, 0) : c->taken;
        none = none || element == NULL;
        memcpy(zone, r->trying, strlen(r->trying) + 1);
    } else if (by(r, "owner") && json_array_size(c->elements) == 0) {
        const char *text = text_member(c->taken, "name");
        element = c->taken;
        none = none || text == NULL || !name_normal(text, zone, sizeof zone) ||
               !name_within(r->job->members[r->at_member].hostname, zone);
    } else {
        element = none ? NULL : longest(r, c->elements, zone, sizeof zone);
        none = element == NULL;
    }
    if (!none)
        found(r, out, zone, element, in->now.wall);
    else if (r->trying != NULL)
        next_try(r, out);
    else
        no_zone(r, out, NULL);
}
