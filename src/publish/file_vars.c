/*
 * SPDX-License-Identifier: ISC
 */
#include "publish/file.h"

#include "base/mem.h"
#include "base/text.h"
#include "publish/names.h"

#include <string.h>

static json_t *type_of(const struct file_run *r, enum family family)
{
    json_t *types = json_object_get(r->provider->root, "types");
    json_t *type = json_object_get(types, family_type(family));

    return type != NULL ? json_incref(type) : json_string(family_type(family));
}

bool file_is_bare(const struct file_run *r, const char *hostname)
{
    return text_equal(provider_text(r->provider, "names", "at"), "at-bare") &&
           strchr(hostname, '.') == NULL;
}

/* {name}: relative to the zone, as the provider writes it. NULL when there is no zone to it. */
static json_t *name_of(const struct file_run *r, const char *fqdn, const char *zone)
{
    const char *style = provider_text(r->provider, "names", "at");
    char *relative = zone != NULL ? name_relative(fqdn, zone) : NULL;
    json_t *out = NULL;

    if (text_equal(style, "fqdn")) {
        out = json_string(fqdn);
    } else if (text_equal(style, "fqdn.")) {
        char *text = mem_format("%s.", fqdn);
        out = json_string(text);
        mem_free(text);
    } else if (relative != NULL) {
        bool at = text_equal(style, "at") || text_equal(style, "at-bare");
        out = json_string(relative[0] == '\0' && at ? "@" : relative);
    } else if (file_is_bare(r, fqdn)) {
        out = json_string(fqdn);
    }
    mem_free(relative);
    return out;
}

static void put_zone(const struct file_run *r, struct vars *v, const struct file_zone *zone)
{
    bool dot = text_equal(provider_text(r->provider, "zones", "plain"), "dot");
    char *text = mem_format("%s%s", zone->name, dot ? "." : "");
    const char *key;
    json_t *value;

    vars_put_text(v, "zone", text);
    mem_free(text);
    json_object_foreach(zone->taken, key, value)
    {
        char *name = mem_format("zone.%s", key);
        vars_put(v, name, json_incref(value));
        mem_free(name);
    }
}

static void put_address(struct vars *v, const char *name, const struct addrset *set)
{
    char text[ADDR_TEXT_MAX];

    if (set->count > 0)
        vars_put_text(v, name, addr_text(&set->items[0], text));
}

static json_t *addresses(const struct addrset *set)
{
    json_t *out = json_array();
    char text[ADDR_TEXT_MAX];

    for (size_t i = 0; i < set->count; i++)
        json_array_append_new(out, json_string(addr_text(&set->items[i], text)));
    return out;
}

/* {label} and {parent}: a hostname cut at its first dot, for services that know no zones. */
static void put_labels(struct vars *v, const char *hostname)
{
    const char *dot = strchr(hostname, '.');
    char *label = dot != NULL ? mem_text_n(hostname, (size_t)(dot - hostname)) : NULL;

    vars_put_text(v, "label", label);
    vars_put_text(v, "parent", dot != NULL ? dot + 1 : NULL);
    mem_free(label);
}

void file_vars(struct file_run *r, struct vars *v, int member, enum family family)
{
    const struct member *m = &r->job->members[member];
    int zone = r->members[member].zone;
    const char *zone_name = zone >= 0 ? r->zones[zone].name : NULL;

    vars_init(v, &r->vars);
    v->settings = &m->settings;
    v->provider = r->provider;
    vars_put_text(v, "fqdn", m->hostname);
    vars_put_text(v, "host", m->hostname);
    put_labels(v, m->hostname);
    if (zone >= 0)
        put_zone(r, v, &r->zones[zone]);
    else
        zone_name = view_get(&m->settings, provider_text(r->provider, "zone-from", "zone"));
    vars_put(v, "name", name_of(r, m->hostname, zone_name));
    for (int f = V4; f <= V6; f++)
        if (m->want[f].known)
            put_address(v, f == V4 ? "ip4" : "ip6", &m->want[f].wanted);
    if (family < FAMILIES) {
        vars_put(v, "type", type_of(r, family));
        vars_put(v, "values", addresses(&m->want[family].wanted));
        put_address(v, "ip", &m->want[family].wanted);
        put_address(v, "value", &m->want[family].wanted);
    }
    vars_put(v, "ttl", file_ttl(r, member, NULL));
    const char *told = view_get(&m->settings, "ttl");
    vars_put(v, "ttlset", told != NULL && told[0] != '\0' ? file_ttl(r, member, NULL) : NULL);
}

void file_about(struct file_run *r, int member, enum family family)
{
    vars_fini(&r->about);
    file_vars(r, &r->about, member, family);
}

/* The nearest allowed value, rounded up where there is one. "auto" is the provider's own word for
 * "as you like" and stays. */
static long long within(const json_t *rules, long long ttl)
{
    const json_t *allow = json_object_get(rules, "allow");
    const json_t *min = json_object_get(rules, "min");
    const json_t *max = json_object_get(rules, "max");
    const json_t *automatic = json_object_get(rules, "auto");
    long long best = -1;

    if (json_is_integer(automatic) && json_integer_value(automatic) == ttl)
        return ttl;

    if (min != NULL && ttl < json_integer_value(min))
        ttl = json_integer_value(min);
    if (max != NULL && ttl > json_integer_value(max))
        ttl = json_integer_value(max);
    for (size_t i = 0; i < json_array_size(allow); i++) {
        long long one = json_integer_value(json_array_get(allow, i));
        if (best < 0 || (one >= ttl && (best < ttl || one < best)) ||
            (one < ttl && one > best && best < ttl))
            best = one;
    }
    return best >= 0 ? best : ttl;
}

json_t *file_ttl(const struct file_run *r, int member, const json_t *element)
{
    const json_t *rules = json_object_get(r->provider->root, "ttl");
    const char *text = view_get(&r->job->members[member].settings, "ttl");
    const json_t *unit = json_object_get(rules, "unit");
    json_t *standing = json_object_get(element, "ttl");
    json_t *fallback = json_object_get(rules, "default");
    uint64_t ttl;

    if (text == NULL)
        text = provider_default(r->provider, "ttl");
    if (text != NULL && text_number(text, &ttl) && ttl <= INT32_MAX) {
        long long seconds = within(rules, (long long)ttl);
        long long divisor = json_integer_value(unit) > 0 ? json_integer_value(unit) : 1;
        return json_integer(seconds / divisor);
    }
    if (standing != NULL)
        return json_incref(standing);
    return fallback != NULL ? json_incref(fallback) : NULL;
}
