/*
 * SPDX-License-Identifier: ISC
 */
#include "command/import_inadyn.h"

#include <string.h>

#include "base/mem.h"
#include "base/text.h"

/*
 * inadyn.conf of inadyn 2.x (its manual page inadyn.conf(5)): options "name = value" and sections
 * "provider NAME[:N] { ... }" and "custom NAME { ... }". The older form is import_inadyn_old.c.
 */

struct reader {
    const char *at, *end;
    unsigned line;
    struct import *im;
    char *iface, *forced, *ca_file; /* owned: the global ones */
    bool ipv6;                      /* allow-ipv6 = true */
    struct inadyn_section *section; /* the one under way */
    struct cause *cause;
};

static void skip_space(struct reader *r)
{
    while (r->at < r->end) {
        if (text_is_space(*r->at)) {
            r->line += *r->at == '\n';
            r->at++;
        } else if (*r->at == '#' || (*r->at == '/' && r->end - r->at > 1 && r->at[1] == '/')) {
            while (r->at < r->end && *r->at != '\n')
                r->at++;
        } else if (*r->at == '/' && r->end - r->at > 1 && r->at[1] == '*') {
            for (r->at += 2; r->at < r->end && !(r->at[-1] == '*' && *r->at == '/'); r->at++)
                r->line += *r->at == '\n';
            r->at += r->at < r->end;
        } else {
            return;
        }
    }
}

/* What ends a word beside a blank. Keys in base64 have "+" and "=", and inadyn's own examples have
 * one without quotes. */
static const char name_ends[] = "{}=,+()#", value_ends[] = "{},#";

/* A word or a quoted text; false at the end or at punctuation. */
static bool read_word(struct reader *r, const char *ends, struct buf *out)
{
    skip_space(r);
    buf_clear(out);
    if (r->at == r->end)
        return false;
    char quote = *r->at == '"' || *r->at == '\'' ? *r->at++ : '\0';
    const char *begin = r->at;
    for (; r->at < r->end; r->at++) {
        if (quote != '\0' ? *r->at == quote : text_is_space(*r->at) || strchr(ends, *r->at))
            break;
        if (quote == '"' && *r->at == '\\' && r->at + 1 < r->end)
            r->at++;
        r->line += *r->at == '\n';
        buf_char(out, *r->at);
    }
    if (quote != '\0') {
        r->at += r->at < r->end;
        return true;
    }
    return r->at > begin;
}

static bool read_char(struct reader *r, char c)
{
    skip_space(r);
    if (r->at == r->end || *r->at != c)
        return false;
    r->at++;
    return true;
}

/* After the name of an option: "= value" or "= { a, b }". Calls fn for each value. */
static bool read_values(struct reader *r,
                        void (*fn)(struct reader *r, const char *name, const char *value,
                                   unsigned line),
                        const char *name)
{
    struct buf value;
    bool good = true;

    read_char(r, '+');
    if (!read_char(r, '='))
        return false;
    buf_init(&value, 64 * 1024);
    if (read_char(r, '{')) {
        while (good && !read_char(r, '}')) {
            unsigned line = r->line;
            good = read_word(r, value_ends, &value);
            if (good)
                fn(r, name, buf_str(&value), line);
            read_char(r, ',');
        }
    } else {
        unsigned line = r->line;
        good = read_word(r, value_ends, &value);
        if (good)
            fn(r, name, buf_str(&value), line);
    }
    buf_wipe(&value);
    return good;
}

static bool is_yes(const char *value)
{
    return text_case_equal(value, "true") || text_case_equal(value, "yes") ||
           text_case_equal(value, "on") || text_equal(value, "1");
}

void inadyn_keep(char **slot, const char *value)
{
    mem_free_secret(*slot);
    *slot = mem_text(value);
}

static void in_section(struct reader *r, const char *name, const char *value, unsigned line)
{
    struct inadyn_section *s = r->section;
    const struct {
        const char *name;
        char **slot;
    } texts[] = {{"username", &s->username},
                 {"password", &s->password},
                 {"iface", &s->iface},
                 {"checkip-command", &s->command},
                 {"checkip-server", &s->check_server},
                 {"checkip-path", &s->check_path},
                 {"ddns-server", &s->server},
                 {"ddns-path", &s->path},
                 {"ttl", &s->ttl},
                 {"proxied", &s->proxied}};

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        if (text_equal(name, texts[i].name)) {
            inadyn_keep(texts[i].slot, value);
            return;
        }
    }
    if (text_equal(name, "hostname") || text_equal(name, "alias")) {
        if (s->hosts.len > 0)
            buf_char(&s->hosts, ',');
        buf_text(&s->hosts, value);
    } else if (text_equal(name, "wildcard")) {
        s->wildcard = is_yes(value);
    } else if (text_equal(name, "ssl")) {
        s->plain = !is_yes(value);
    } else if (text_equal(name, "checkip-ssl")) {
        s->check_plain = !is_yes(value);
    } else if (text_equal(name, "user-agent")) {
        import_note(r->im, line, IMPORT_OTHER, name, "homing says its own name to servers");
    } else {
        import_note(r->im, line, IMPORT_LEFT, name, "homing has no such setting for a hostname");
    }
}

/* What homing trusts by itself. */
static bool is_system_bundle(const char *path)
{
    static const char *const bundles[] = {"/etc/ssl/certs/ca-certificates.crt", "/etc/ssl/cert.pem",
                                          "/etc/pki/tls/certs/ca-bundle.crt"};

    for (size_t i = 0; i < sizeof bundles / sizeof bundles[0]; i++)
        if (text_equal(bundles[i], path))
            return true;
    return false;
}

static void in_globals(struct reader *r, const char *name, const char *value, unsigned line)
{
    struct import *im = r->im;

    if (text_equal(name, "iface")) {
        inadyn_keep(&r->iface, value);
        import_note(im, line, IMPORT_TAKEN, name, "as %s= of each hostname", "ifv4");
    } else if (text_equal(name, "allow-ipv6")) {
        r->ipv6 = is_yes(value);
        import_note(im, line, IMPORT_TAKEN, name, "as %s= of each hostname", "usev6");
    } else if (text_equal(name, "period")) {
        import_begin(im, line);
        import_set(im, "daemon", value);
        import_end(im);
        import_note(im, line, IMPORT_TAKEN, name, "as %s=%s", "daemon", value);
    } else if (text_equal(name, "forced-update")) {
        inadyn_keep(&r->forced, value);
        import_note(im, line, IMPORT_TAKEN, name, "as %s= of each hostname", "max-interval");
    } else if (text_equal(name, "ca-trust-file") && !is_system_bundle(value)) {
        inadyn_keep(&r->ca_file, value);
        import_note(im, line, IMPORT_TAKEN, name, "as %s= of each hostname", "ssl_ca_file");
    } else {
        import_note(im, line, IMPORT_OTHER, name, "homing needs no such setting");
    }
}

static void add_source(struct import *im, const struct inadyn_section *s, bool six)
{
    const char *use = six ? "usev6" : "usev4";

    if (s->command != NULL) {
        import_set(im, use, six ? "cmdv6" : "cmdv4");
        import_set(im, six ? "cmdv6" : "cmdv4", s->command);
    } else if (s->iface != NULL) {
        import_set(im, use, six ? "ifv6" : "ifv4");
        import_set(im, six ? "ifv6" : "ifv4", s->iface);
    } else if (s->check_server != NULL && !text_equal(s->check_server, "default")) {
        char *url = mem_format("%s://%s%s", s->check_plain ? "http" : "https", s->check_server,
                               s->check_path != NULL ? s->check_path : "/");
        import_set(im, use, six ? "webv6" : "webv4");
        import_set(im, six ? "webv6" : "webv4", url);
        mem_free(url);
    } else {
        import_set(im, use, "auto");
    }
}

/* The hostname that a section's name for it stands for. Owned. */
static char *whole_name(const struct import *im, const struct inadyn_section *s, const char *host)
{
    const char *id = im->provider != NULL ? im->provider->id : NULL;

    if (text_equal(id, "namecheap") && s->username != NULL && strchr(host, '.') == NULL)
        return text_equal(host, "@") ? mem_text(s->username)
                                     : mem_format("%s.%s", host, s->username);
    if (text_equal(id, "tunnelbroker") && strchr(host, '.') == NULL)
        return mem_format("%s.tunnelbroker.net", host); /* a tunnel has none */
    /* "/nic/update?hostname=%h.example.org&myip=%i" asks for more than it names. */
    const char *from = s->custom && s->path != NULL ? strstr(s->path, "hostname=") : NULL;
    const char *hole = from != NULL ? strstr(from, "%h") : NULL;

    if (hole == NULL)
        return mem_text(host);
    from += sizeof "hostname=" - 1;
    size_t before = (size_t)(hole - from), behind = strcspn(hole, "&") - 2;
    if (memchr(from, '&', before) != NULL)
        return mem_text(host);
    return mem_format("%.*s%s%.*s", (int)before, from, host, (int)behind, hole + 2);
}

static void add_hosts(struct import *im, const struct inadyn_section *s)
{
    const char *at = buf_str(&s->hosts);

    while (*at != '\0') {
        size_t n = strcspn(at, ",");
        char *host = mem_text_n(at, n), *whole = whole_name(im, s, host);
        import_host(im, whole);
        mem_free(whole);
        mem_free(host);
        at += n + (at[n] == ',');
    }
}

/* Where the section's requests go: a provider, or for "custom" a server that speaks dyndns2. */
static bool add_target(struct import *im, const struct inadyn_section *s, const char *name,
                       char *what)
{
    if (!s->custom) {
        if (import_provider(im, "inadyn", name))
            return true;
        import_no_provider(im, s->line, what, name);
        return false;
    }
    if (s->server == NULL) {
        import_note(im, s->line, IMPORT_LEFT, what, "it names no server");
        return false;
    }
    size_t path = s->path != NULL ? strcspn(s->path, "?") : 0;
    char *script = s->path != NULL ? mem_text_n(s->path, path) : NULL;
    bool other = s->path != NULL && strstr(s->path, "hostname=") == NULL;
    import_set(im, "protocol", "dyndns2");
    import_set(im, "server", s->server);
    if (script != NULL && !text_equal(script, "/nic/update"))
        import_set(im, "script", script);
    if (other)
        import_note(im, s->line, IMPORT_OTHER, what,
                    "its request is a pattern of its own; it is taken for dyndns2: compare "
                    "with \"homing plan\", or write a provider file (homing providers --new)");
    mem_free(script);
    return true;
}

/* What inadyn's username and password are at providers where they are something else. "" is left
 * out: nothing is lost by that. */
struct credentials {
    const char *provider, *username, *password;
};

static const struct credentials *credentials_of(const struct import *im)
{
    static const struct credentials rows[] = {
        {"cloudflare", "zone", "password"}, {"duckdns", "password", ""},
        {"dynv6", "password", ""},          {"dynv6-dyndns", "password", ""},
        {"henet", "", "password"},          {"hetzner", "zone", "password"},
        {"namecheap", "zone", "password"},  {"porkbun", "apikey", "secretapikey"},
    };

    for (size_t i = 0; im->provider != NULL && i < sizeof rows / sizeof rows[0]; i++)
        if (text_equal(rows[i].provider, im->provider->id))
            return &rows[i];
    return NULL;
}

static void set_if(struct import *im, const char *setting, const char *value)
{
    if (setting[0] != '\0' && value != NULL)
        import_set(im, setting, value);
}

static void add_credentials(struct import *im, const struct inadyn_section *s)
{
    const struct credentials *c = credentials_of(im);

    if (c != NULL && s->username != NULL) {
        set_if(im, c->username, s->username);
        set_if(im, c->password, s->password);
        return;
    }
    if (im->provider != NULL && text_equal(im->provider->id, "dnspod") && s->username != NULL &&
        s->password != NULL) { /* its token is "ID,TOKEN" */
        char *token = mem_format("%s,%s", s->username, s->password);
        import_set(im, "password", token);
        mem_free_secret(token);
        return;
    }
    if (s->username != NULL && !import_field(im, "username", s->username) &&
        (s->password != NULL || !import_field(im, "password", s->username)))
        import_note(im, s->line, IMPORT_LEFT, "username", "this provider has no login");
    if (s->password != NULL && !import_field(im, "password", s->password))
        import_note(im, s->line, IMPORT_LEFT, "password", "this provider has no password");
    if (im->provider != NULL && text_equal(im->provider->id, "tunnelbroker")) {
        import_set(im, "record-id", buf_str(&s->hosts)); /* there the hostname is the tunnel's */
        import_set(im, "verify", "no");
    }
}

void inadyn_add(struct import *im, const struct inadyn_section *s)
{
    char *what = mem_format("%s %s", s->custom ? "custom" : "provider", s->name);
    char *name = mem_text_n(s->name, strcspn(s->name, ":"));
    bool six = text_starts(name, "ipv6@") || s->ipv6;
    bool four = !text_starts(name, "ipv6@");

    import_begin(im, s->line);
    if (s->hosts.len == 0) {
        import_note(im, s->line, IMPORT_LEFT, what, "it names no hostname, or no provider");
    } else if (add_target(im, s, name, what)) {
        add_credentials(im, s);
        if (s->plain)
            import_set(im, "ssl", "no");
        if (s->wildcard)
            import_set(im, "wildcard", "yes");
        if (s->ttl != NULL && !text_equal(s->ttl, "-1"))
            import_set(im, "ttl", s->ttl);
        if (s->proxy != NULL)
            import_set(im, "proxy", s->proxy);
        if (s->ca_file != NULL)
            import_set(im, "ssl_ca_file", s->ca_file);
        if (s->forced != NULL)
            import_set(im, "max-interval", s->forced);
        if (s->proxied != NULL)
            import_set(im, "proxied", is_yes(s->proxied) ? "yes" : "no");
        if (four)
            add_source(im, s, false);
        if (six)
            add_source(im, s, true);
        add_hosts(im, s);
        bool any = im->hosts.len > 0;
        import_end(im);
        if (any)
            import_note(im, s->line, IMPORT_TAKEN, what, "%s", buf_str(&s->hosts));
    }
    mem_free(what);
    mem_free(name);
}

void inadyn_section_free(struct inadyn_section *s)
{
    char *texts[] = {s->name,         s->username,   s->password, s->iface,  s->command,
                     s->check_server, s->check_path, s->server,   s->path,   s->ttl,
                     s->proxied,      s->proxy,      s->forced,   s->ca_file};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        mem_free_secret(texts[i]);
    buf_free(&s->hosts);
}

static enum err read_section(struct reader *r, bool custom, unsigned line)
{
    struct inadyn_section s = {.custom = custom, .line = line};
    struct buf word;
    enum err e = OK;

    buf_init(&word, 4096);
    buf_init(&s.hosts, 1 << 20);
    r->section = &s;
    if (!read_word(r, name_ends, &word) || !read_char(r, '{'))
        e = cause_set(r->cause, ERR_SYNTAX, "line %u: a section is \"provider NAME { ... }\"",
                      line);
    s.name = mem_text(buf_str(&word));
    while (e == OK && !read_char(r, '}')) {
        unsigned at = r->line;
        if (!read_word(r, name_ends, &word) || !read_values(r, in_section, buf_str(&word)))
            e = cause_set(r->cause, ERR_SYNTAX,
                          "line %u: \"name = value\" or the end of the section is missing", at);
        read_char(r, ',');
    }
    if (e == OK) {
        if (s.iface == NULL && r->iface != NULL)
            s.iface = mem_text(r->iface);
        s.ipv6 = r->ipv6;
        s.forced = mem_text(r->forced);
        s.ca_file = mem_text(r->ca_file);
        inadyn_add(r->im, &s);
    }
    r->section = NULL;
    inadyn_section_free(&s);
    buf_free(&word);
    return e;
}

static enum err read_inadyn(struct import *im, const char *bytes, size_t n, struct cause *cause)
{
    struct reader r = {.at = bytes, .end = bytes + n, .line = 1, .im = im, .cause = cause};
    struct buf word;
    enum err e = OK;

    if (inadyn_looks_old(bytes, n))
        return inadyn_read_old(im, bytes, n, cause);
    buf_init(&word, 4096);
    for (skip_space(&r); e == OK && r.at < r.end; skip_space(&r)) {
        unsigned line = r.line;
        if (!read_word(&r, name_ends, &word))
            e = cause_set(cause, ERR_SYNTAX, "line %u: \"%c\" is not expected here", line, *r.at);
        else if (text_equal(buf_str(&word), "provider") || text_equal(buf_str(&word), "custom"))
            e = read_section(&r, text_equal(buf_str(&word), "custom"), line);
        else if (!read_values(&r, in_globals, buf_str(&word)))
            e = cause_set(cause, ERR_SYNTAX, "line %u: \"name = value\" is expected", line);
    }
    buf_free(&word);
    mem_free(r.iface);
    mem_free(r.forced);
    mem_free(r.ca_file);
    return e;
}

static bool looks_inadyn(const char *bytes, size_t n)
{
    bool found = false; /* a line that begins a section */

    for (const char *s = bytes, *end = bytes + n; s < end && !found;) {
        const char *newline = memchr(s, '\n', (size_t)(end - s));
        const char *stop = newline != NULL ? newline : end;
        while (s < stop && text_is_space(*s))
            s++;
        size_t left = (size_t)(stop - s);
        found = memchr(s, '{', left) != NULL && ((left > 9 && memcmp(s, "provider ", 9) == 0) ||
                                                 (left > 7 && memcmp(s, "custom ", 7) == 0));
        s = stop + 1;
    }
    return found || inadyn_looks_old(bytes, n);
}

const struct import_format import_inadyn = {
    .name = "inadyn",
    .about = "inadyn.conf",
    .looks = looks_inadyn,
    .read = read_inadyn,
};
