/*
 * SPDX-License-Identifier: ISC
 */
#include "command/import.h"

#include <jansson.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"

/* ddns-updater's config.json: {"settings":[{"provider","domain","host","ip_version", ...}]}. */

static const char *text_of(const json_t *entry, const char *name)
{
    const char *value = json_string_value(json_object_get(entry, name));
    return value != NULL && value[0] != '\0' ? value : NULL;
}

/* Members that are not fields of the provider. */
static bool is_common(const char *name)
{
    static const char *const names[] = {"provider",   "domain",      "host",        "owner",
                                        "ip_version", "ipv6_suffix", "provider_ip", "ttl",
                                        "proxied",    "delay",       "mode"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (text_equal(names[i], name))
            return true;
    return false;
}

static void add_fields(struct import *im, const json_t *entry)
{
    const char *name;
    json_t *value;

    json_object_foreach((json_t *)(uintptr_t)entry, name, value)
    {
        char *text = NULL;
        if (is_common(name))
            continue;
        if (json_is_string(value))
            text = mem_text(json_string_value(value));
        else if (json_is_integer(value))
            text = mem_format("%lld", (long long)json_integer_value(value));
        else if (json_is_boolean(value))
            text = mem_text(json_is_true(value) ? "yes" : "no");
        if (text_equal(name, "zone_identifier") || text_equal(name, "zone_id"))
            import_note(im, 0, IMPORT_OTHER, name, "homing needs no such setting");
        else if (text == NULL || (text[0] != '\0' && !import_field(im, name, text)))
            import_note(im, 0, IMPORT_LEFT, name, "this provider has no such field here");
        mem_free_secret(text);
    }
}

/* "a.example.org,*.b.example.org"; in the older form "domain" is the zone and "host" the names. */
static void add_hosts(struct import *im, const char *domain, const char *host)
{
    char *list = mem_text(host != NULL ? host : domain);

    for (char *s = list; *s != '\0';) {
        size_t n = strcspn(s, ", ");
        char *name = mem_text_n(s, n);
        if (n > 0 && host == NULL)
            import_host(im, text_starts(name, "@.") ? name + 2 : name);
        else if (n > 0 && text_equal(name, "@"))
            import_host(im, domain);
        else if (n > 0) {
            char *full = mem_format("%s.%s", name, domain);
            import_host(im, full);
            mem_free(full);
        }
        mem_free(name);
        s += n + strspn(s + n, ", ");
    }
    mem_free(list);
}

static void add_sources(struct import *im, const json_t *entry)
{
    const char *version = text_of(entry, "ip_version");
    const char *suffix = text_of(entry, "ipv6_suffix");
    bool both = version == NULL || strstr(version, " ") != NULL;

    if (both || text_equal(version, "ipv4"))
        import_set(im, "usev4", "auto");
    if ((both && version != NULL) || text_equal(version, "ipv6"))
        import_set(im, "usev6", "auto");
    if (suffix != NULL) {
        char *plain = mem_text_n(suffix, strcspn(suffix, "/"));
        import_set(im, "suffix", plain);
        mem_free(plain);
    }
}

/* Where the domain is a credential, too: ddns-updater takes it from the hostname. */
static void add_domain(struct import *im, const json_t *entry, const char *domain, const char *host)
{
    const char *id = im->provider->id;
    bool by_token = text_equal(id, "spdyn") && text_of(entry, "token") != NULL;

    if (text_equal(id, "strato") || by_token)
        import_set(im, "login", domain);
    if (text_equal(id, "namecheap") && host != NULL)
        import_set(im, "zone", domain); /* in the older form */
}

static void add_entry(struct import *im, const json_t *entry, unsigned number)
{
    const char *provider = text_of(entry, "provider"), *domain = text_of(entry, "domain");
    const char *host = text_of(entry, "host");
    char *what = mem_format("entry %u", number);

    if (host == NULL)
        host = text_of(entry, "owner");
    if (text_equal(provider, "ovh") && text_equal(text_of(entry, "mode"), "api"))
        provider = "ovh-api"; /* else DynHost, with another login */
    import_begin(im, 0);
    if (provider == NULL || domain == NULL) {
        import_note(im, 0, IMPORT_LEFT, what, "it names no hostname, or no provider");
    } else if (!import_provider(im, "ddns-updater", provider)) {
        import_no_provider(im, 0, what, provider);
    } else {
        add_fields(im, entry);
        add_domain(im, entry, domain, host);
        const json_t *ttl = json_object_get(entry, "ttl");
        if (json_is_integer(ttl) && json_integer_value(ttl) > 0) {
            char *text = mem_format("%lld", (long long)json_integer_value(ttl));
            import_set(im, "ttl", text);
            mem_free(text);
        }
        if (json_is_boolean(json_object_get(entry, "proxied")))
            import_set(im, "proxied",
                       json_is_true(json_object_get(entry, "proxied")) ? "yes" : "no");
        add_sources(im, entry);
        add_hosts(im, domain, host);
        if (im->hosts.len > 0)
            import_note(im, 0, IMPORT_TAKEN, what, "%s at %s", buf_str(&im->hosts), provider);
        import_end(im);
    }
    mem_free(what);
}

static enum err read_updater(struct import *im, const char *bytes, size_t n, struct cause *cause)
{
    json_error_t error;
    json_t *doc = json_loadb(bytes, n, JSON_REJECT_DUPLICATES, &error);
    const json_t *settings = json_object_get(doc, "settings");
    enum err e = OK;

    if (doc == NULL)
        e = cause_set(cause, ERR_SYNTAX, "line %d: %s", error.line, error.text);
    else if (!json_is_array(settings))
        e = cause_set(cause, ERR_SYNTAX, "there is no list \"settings\" in it");
    for (size_t i = 0; e == OK && i < json_array_size(settings); i++)
        add_entry(im, json_array_get(settings, i), (unsigned)i + 1);
    json_decref(doc);
    return e;
}

static bool looks_updater(const char *bytes, size_t n)
{
    while (n > 0 && text_is_space(*bytes)) {
        bytes++;
        n--;
    }
    return n > 0 && *bytes == '{' && memmem(bytes, n, "\"settings\"", 10) != NULL;
}

const struct import_format import_updater = {
    .name = "ddns-updater",
    .about = "config.json of ddns-updater",
    .looks = looks_updater,
    .read = read_updater,
};
