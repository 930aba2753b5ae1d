/*
 * SPDX-License-Identifier: ISC
 */
#include "command/import.h"

#include <string.h>

#include "base/mem.h"
#include "base/text.h"

/*
 * OpenWrt's /etc/config/ddns (ddns-scripts): UCI sections "config service 'NAME'" with "option
 * NAME 'VALUE'" lines.
 */

enum { OPTIONS_MAX = 64 };
struct section {
    char *name; /* owned */
    unsigned line;
    bool service;
    struct {
        char *name, *value; /* owned */
        unsigned line;
        bool used;
    } options[OPTIONS_MAX];
    size_t count;
};

static void section_clear(struct section *s)
{
    for (size_t i = 0; i < s->count; i++) {
        mem_free(s->options[i].name);
        mem_free_secret(s->options[i].value);
    }
    mem_free(s->name);
    *s = (struct section){0};
}

/* The value, marked as used; NULL when absent or empty. */
static const char *get(struct section *s, const char *name)
{
    for (size_t i = 0; i < s->count; i++) {
        if (text_equal(s->options[i].name, name)) {
            s->options[i].used = true;
            return s->options[i].value[0] != '\0' ? s->options[i].value : NULL;
        }
    }
    return NULL;
}

static bool is_on(struct section *s, const char *name)
{
    const char *value = get(s, name);
    return value != NULL && (text_equal(value, "1") || text_case_equal(value, "on") ||
                             text_case_equal(value, "true") || text_case_equal(value, "yes"));
}

static void add_source(struct import *im, struct section *s, bool six)
{
    const char *source = get(s, "ip_source");
    const char *interface = get(s, "ip_interface"), *url = get(s, "ip_url"),
               *script = get(s, "ip_script"), *network = get(s, "ip_network");
    const char *use = six ? "usev6" : "usev4";

    if (text_equal(source, "interface") && interface != NULL) {
        import_set(im, use, six ? "ifv6" : "ifv4");
        import_set(im, six ? "ifv6" : "ifv4", interface);
    } else if (text_equal(source, "web") && url != NULL) {
        import_set(im, use, six ? "webv6" : "webv4");
        import_set(im, six ? "webv6" : "webv4", url);
    } else if (text_equal(source, "script") && script != NULL) {
        import_set(im, use, six ? "cmdv6" : "cmdv4");
        import_set(im, six ? "cmdv6" : "cmdv4", script);
    } else {
        import_set(im, use, "auto");
        if (source == NULL || text_equal(source, "network"))
            import_note(im, s->line, IMPORT_OTHER, "ip_source",
                        "OpenWrt's network \"%s\" is known there only: %s=auto takes the address "
                        "of the default route",
                        network != NULL ? network : "wan", use);
    }
}

/* "5" and "minutes" as "5m". */
static void add_interval(struct import *im, struct section *s, const char *theirs, const char *ours)
{
    char *value_name = mem_format("%s_interval", theirs);
    char *unit_name = mem_format("%s_unit", theirs);
    const char *value = get(s, value_name), *unit = get(s, unit_name);

    if (value != NULL && !text_equal(value, "0")) {
        char *length = mem_format("%s%c", value, unit != NULL ? unit[0] : 'm');
        import_set(im, ours, length);
        mem_free(length);
    }
    mem_free(value_name);
    mem_free(unit_name);
}

/* "sub@example.org" of the REST services: hostname and zone. */
static void add_host(struct import *im, const char *domain)
{
    const char *at = strchr(domain, '@');

    if (at == NULL) {
        import_host(im, domain);
        return;
    }
    char *name = mem_text_n(domain, (size_t)(at - domain));
    char *host = name[0] != '\0' && !text_equal(name, "@") ? mem_format("%s.%s", name, at + 1)
                                                           : mem_text(at + 1);
    import_set(im, "zone", at + 1);
    import_host(im, host);
    mem_free(host);
    mem_free(name);
}

/* Services whose update address has the record in [USERNAME] and the zone in [DOMAIN], and one that
 * takes the label alone. */
static void add_whole_host(struct import *im, struct section *s, const char *domain)
{
    static const char *const records[] = {"digitalocean", "gandi", "namecheap", NULL};
    const char *id = im->provider != NULL ? im->provider->id : NULL;
    const char *username = get(s, "username");
    bool record = false;

    for (size_t i = 0; records[i] != NULL; i++)
        record = record || text_equal(records[i], id);
    if (text_equal(id, "duckdns") && strchr(domain, '.') == NULL) {
        char *host = mem_format("%s.duckdns.org", domain);
        import_host(im, host);
        mem_free(host);
    } else if (record && username != NULL && strchr(domain, '@') == NULL) {
        char *both = mem_format("%s@%s", text_equal(username, "@") ? "" : username, domain);
        add_host(im, both);
        mem_free(both);
    } else {
        add_host(im, domain);
    }
}

/* What the username is where it is no login: "" is said by other settings, or not at all. */
static const char *username_of(const char *provider)
{
    static const struct {
        const char *provider, *setting;
    } rows[] = {{"digitalocean", ""},  {"duckdns", ""},         {"freedns-key", ""},
                {"gandi", ""},         {"henet", ""},           {"namecheap", ""},
                {"porkbun", "apikey"}, {"nsupdate", "key-name"}};

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (text_equal(rows[i].provider, provider))
            return rows[i].setting;
    return NULL;
}

static void note_unused(struct import *im, const struct section *s)
{
    static const char *const known[] = {
        "lookup_host",     "service_name",   "interface",    "use_syslog",
        "use_logfile",     "dns_server",     "force_dnstcp", "retry_count",
        "retry_max_count", "retry_interval", "retry_unit",   "is_glue",
        "force_ipversion", "check_interval", "check_unit",   NULL};

    for (size_t i = 0; i < s->count; i++) {
        bool needless = false;
        for (size_t k = 0; known[k] != NULL; k++)
            needless = needless || text_equal(known[k], s->options[i].name);
        if (!s->options[i].used)
            import_note(im, s->options[i].line, needless ? IMPORT_OTHER : IMPORT_LEFT,
                        s->options[i].name,
                        needless ? "homing needs no such setting"
                                 : "homing has no such setting for a hostname");
    }
}

static void add_credentials(struct import *im, struct section *s)
{
    const char *username = get(s, "username"), *password = get(s, "password");
    const char *id = im->provider != NULL ? im->provider->id : NULL;
    const char *setting = username_of(id);

    if (text_equal(id, "dnspod") && username != NULL && password != NULL) {
        char *token = mem_format("%s,%s", username, password); /* its token is "ID,TOKEN" */
        import_set(im, "password", token);
        mem_free_secret(token);
        return;
    }
    if (text_equal(id, "nsupdate") && get(s, "dns_server") != NULL)
        import_set(im, "server", get(s, "dns_server"));
    if (setting != NULL && setting[0] != '\0' && username != NULL)
        import_set(im, setting, username);
    if (setting != NULL)
        username = NULL;
    if (text_equal(id, "porkbun") && password != NULL) {
        import_set(im, "secretapikey", password);
        password = NULL;
    }
    /* "Bearer" there means that the password is a token. */
    if (username != NULL && !text_equal(username, "Bearer") &&
        !import_field(im, "username", username))
        import_note(im, s->line, IMPORT_LEFT, "username", "this provider has no login");
    if (password != NULL && !import_field(im, "password", password))
        import_note(im, s->line, IMPORT_LEFT, "password", "this provider has no password");
}

static void add_rest(struct import *im, struct section *s, const char *domain)
{
    const char *proxy = get(s, "proxy"), *ca = get(s, "cacert");
    bool six = is_on(s, "use_ipv6");

    add_credentials(im, s);
    if (im->provider != NULL && get(s, "use_https") != NULL && !is_on(s, "use_https"))
        import_set(im, "ssl", "no");
    if (proxy != NULL)
        import_set(im, "proxy", proxy);
    if (ca != NULL && ca[0] == '/' && !text_equal(ca, "/etc/ssl/certs"))
        import_set(im, "ssl_ca_file", ca);
    add_interval(im, s, "force", "max-interval");
    add_source(im, s, six);
    if (get(s, "enabled") != NULL && !is_on(s, "enabled"))
        import_set(im, "enabled", "no");
    add_whole_host(im, s, domain);
}

/* "http://[USERNAME]:[PASSWORD]@HOST/PATH?hostname=[DOMAIN]&myip=[IP]" is dyndns2 with a server of
 * one's own. */
static bool speaks_dyndns2(struct import *im, const char *url, bool tls)
{
    static const char user[] = "[USERNAME]:[PASSWORD]@";
    static const char *const queries[] = {"?hostname=[DOMAIN]&myip=[IP]",
                                          "?myip=[IP]&hostname=[DOMAIN]"};
    const char *host = url != NULL ? strstr(url, "://") : NULL;
    bool known = false;

    if (host == NULL || !text_starts(host + 3, user))
        return false;
    host += 3 + sizeof user - 1;
    size_t n = strcspn(host, "/?"), path = strcspn(host + n, "?");
    for (size_t i = 0; i < 2; i++)
        known = known || text_equal(host + n + path, queries[i]);
    if (!known || n == 0)
        return false;
    char *server = mem_text_n(host, n), *script = mem_text_n(host + n, path);
    import_set(im, "protocol", "dyndns2");
    import_set(im, "server", server);
    if (!text_equal(script, "/nic/update"))
        import_set(im, "script", script);
    if (text_starts(url, "http:") && !tls)
        import_set(im, "ssl", "no");
    mem_free(server);
    mem_free(script);
    return true;
}

static void add_section(struct import *im, struct section *s)
{
    const char *domain = get(s, "domain"), *service = get(s, "service_name"),
               *url = get(s, "update_url"), *script = get(s, "update_script");
    char *what = mem_format("service %s", s->name != NULL ? s->name : "");

    if (domain == NULL)
        domain = get(s, "lookup_host");
    import_begin(im, s->line);
    if (domain == NULL) {
        import_note(im, s->line, IMPORT_LEFT, what, "it names no hostname, or no provider");
    } else if ((service == NULL || text_equal(service, "custom")) &&
               !speaks_dyndns2(im, url, is_on(s, "use_https"))) {
        import_note(im, s->line, IMPORT_LEFT, what,
                    "it has an update %s of its own: write a provider file for it (homing "
                    "providers --new)",
                    script != NULL && url == NULL ? "script" : "URL");
    } else if (service != NULL && !text_equal(service, "custom") &&
               !import_provider(im, "openwrt", service)) {
        import_no_provider(im, s->line, what, service);
    } else {
        add_rest(im, s, domain);
        bool any = im->hosts.len > 0;
        import_end(im);
        if (any)
            import_note(im, s->line, IMPORT_TAKEN, what, "%s", domain);
        note_unused(im, s);
    }
    mem_free(what);
}

/* The next word of a line: plain, or in quotes as a shell has them. */
static bool next_word(const char **at, const char *end, struct buf *out)
{
    const char *s = *at;

    buf_clear(out);
    while (s < end && text_is_space(*s))
        s++;
    if (s == end || *s == '#')
        return false;
    while (s < end && !text_is_space(*s)) {
        char quote = *s == '\'' || *s == '"' ? *s++ : '\0';
        if (quote == '\0') {
            buf_char(out, *s++);
            continue;
        }
        while (s < end && *s != quote)
            buf_char(out, *s++);
        s += s < end;
    }
    *at = s;
    return true;
}

static void read_line(struct import *im, struct section *section, const char *s, const char *end,
                      unsigned line)
{
    struct buf words[3];
    size_t count = 0;

    for (size_t i = 0; i < 3; i++)
        buf_init(&words[i], 64 * 1024);
    while (count < 3 && next_word(&s, end, &words[count]))
        count++;
    if (count >= 2 && text_equal(buf_str(&words[0]), "config")) {
        if (section->service)
            add_section(im, section);
        section_clear(section);
        section->service = text_equal(buf_str(&words[1]), "service");
        section->name = mem_text(buf_str(&words[2]));
        section->line = line;
    } else if (count == 3 && section->count < OPTIONS_MAX &&
               text_equal(buf_str(&words[0]), "option")) {
        section->options[section->count].name = mem_text(buf_str(&words[1]));
        section->options[section->count].value = mem_text(buf_str(&words[2]));
        section->options[section->count++].line = line;
    } else if (count > 0 && section->service) {
        import_note(im, line, IMPORT_LEFT, buf_str(&words[0]), "this line is not understood");
    }
    for (size_t i = 0; i < 3; i++)
        buf_wipe(&words[i]);
}

static enum err read_openwrt(struct import *im, const char *bytes, size_t n, struct cause *cause)
{
    struct section section = {0};
    const char *end = bytes + n;
    unsigned line = 0;

    (void)cause;
    for (const char *s = bytes; s < end;) {
        const char *newline = memchr(s, '\n', (size_t)(end - s));
        const char *stop = newline != NULL ? newline : end;
        read_line(im, &section, s, stop, ++line);
        s = stop + 1;
    }
    if (section.service)
        add_section(im, &section);
    section_clear(&section);
    return OK;
}

static bool looks_openwrt(const char *bytes, size_t n)
{
    static const char *const marks[] = {"config service", "config 'service'", "config\tservice"};

    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++)
        if (memmem(bytes, n, marks[i], strlen(marks[i])) != NULL)
            return memmem(bytes, n, "option", 6) != NULL;
    return false;
}

const struct import_format import_openwrt = {
    .name = "openwrt",
    .about = "/etc/config/ddns of OpenWrt",
    .looks = looks_openwrt,
    .read = read_openwrt,
};
