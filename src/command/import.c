/*
 * SPDX-License-Identifier: ISC
 */
#include "command/import.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "command/import_why.h"
#include "conf/settings.h"

void import_init(struct import *im, struct registry *registry)
{
    *im = (struct import){.registry = registry};
    buf_init(&im->text, IMPORT_MAX);
    buf_init(&im->shown, IMPORT_MAX);
    buf_init(&im->settings, IMPORT_MAX);
    buf_init(&im->settings_shown, IMPORT_MAX);
    buf_init(&im->hosts, IMPORT_MAX);
    buf_init(&im->comment, IMPORT_MAX);
}

static void values_free(struct import_statement *st)
{
    for (size_t i = 0; i < st->count; i++) {
        mem_free(st->values[i].name);
        mem_free_secret(st->values[i].value);
    }
    mem_free(st->values);
    mem_free(st->hosts);
    *st = (struct import_statement){0};
}

void import_free(struct import *im)
{
    for (size_t i = 0; i < im->statement_count; i++)
        values_free(&im->statements[i]);
    mem_free(im->statements);
    values_free(&im->now);
    for (size_t i = 0; i < im->note_count; i++) {
        mem_free(im->notes[i].what);
        mem_free(im->notes[i].why);
        for (size_t k = 0; k < IMPORT_ARGS; k++)
            mem_free(im->notes[i].args[k]);
    }
    mem_free(im->notes);
    buf_wipe(&im->text);
    buf_free(&im->shown);
    buf_wipe(&im->settings);
    buf_free(&im->settings_shown);
    buf_wipe(&im->hosts);
    buf_wipe(&im->comment);
}

void import_note(struct import *im, unsigned line, enum import_fate fate, const char *what,
                 const char *why, ...)
{
    char text[CAUSE_MAX] = "";
    va_list args;

    if (why != NULL) {
        va_start(args, why);
        vsnprintf(text, sizeof text, why, args);
        va_end(args);
    }
    im->notes = mem_more(im->notes, im->note_count, sizeof *im->notes);
    im->notes[im->note_count++] = (struct import_note){
        .line = line,
        .fate = fate,
        .what = mem_text(what),
        .why = why != NULL ? mem_text(text) : NULL,
        .code = import_why_code(why),
    };
    struct import_note *note = &im->notes[im->note_count - 1];
    const char *hole = note->code != NULL ? strstr(why, "%s") : NULL;
    va_start(args, why);
    for (size_t i = 0; hole != NULL && i < IMPORT_ARGS; i++, hole = strstr(hole + 2, "%s"))
        note->args[i] = mem_text(va_arg(args, const char *));
    va_end(args);
}

void import_quote(const char *value, struct buf *out)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "-_.:/@+%*=[]";
    if (value[0] != '\0' && strspn(value, plain) == strlen(value)) {
        buf_text(out, value);
        return;
    }
    buf_char(out, '"');
    for (; *value != '\0'; value++) {
        if (*value == '"' || *value == '\\')
            buf_char(out, '\\');
        if (*value != '\n' && *value != '\r')
            buf_char(out, *value);
    }
    buf_char(out, '"');
}

void import_begin(struct import *im, unsigned line)
{
    buf_clear(&im->settings);
    buf_clear(&im->settings_shown);
    buf_clear(&im->hosts);
    buf_clear(&im->comment);
    values_free(&im->now);
    im->line = line;
    im->provider = im->closed = NULL;
    im->about_hosts = false;
}

void import_comment(struct import *im, const char *text)
{
    buf_text(&im->comment, "# ");
    for (; *text != '\0'; text++)
        buf_char(&im->comment, (unsigned char)*text < 0x20 ? ' ' : *text);
    buf_char(&im->comment, '\n');
}

static const struct provider_field *field_named(const struct provider_info *p, const char *name)
{
    for (size_t i = 0; i < p->field_count; i++)
        if (text_equal(p->fields[i].name, name))
            return &p->fields[i];
    return NULL;
}

bool import_is_secret(const struct import *im, const char *setting)
{
    const struct setting *row = setting_find(setting);
    const struct provider_field *f =
        im->provider != NULL ? field_named(im->provider, setting) : NULL;

    if (f != NULL && f->secret)
        return true;
    return row != NULL ? row->class == SETTING_SECRET : setting_name_is_secret(setting);
}

void import_set(struct import *im, const char *setting, const char *value)
{
    const char *between = im->settings.len > 0 ? ", " : "";

    im->about_hosts =
        im->about_hosts || text_equal(setting, "provider") || text_equal(setting, "protocol");

    buf_format(&im->settings, "%s%s=", between, setting);
    import_quote(value, &im->settings);
    buf_format(&im->settings_shown, "%s%s=", between, setting);
    if (import_is_secret(im, setting))
        buf_text(&im->settings_shown, "...");
    else
        import_quote(value, &im->settings_shown);
    im->now.values = mem_more(im->now.values, im->now.count, sizeof *im->now.values);
    im->now.values[im->now.count++] =
        (struct import_value){mem_text(setting), mem_text(value), import_is_secret(im, setting)};
}

/* Letters of any alphabet, and what stands in DNS names; nothing that means something to the
 * language. */
static bool is_hostname(const char *s)
{
    if (*s == '\0')
        return false;
    for (; *s != '\0'; s++)
        if (!text_is_alpha(*s) && !text_is_digit(*s) && strchr(".-_*@", *s) == NULL &&
            (unsigned char)*s < 0x80)
            return false;
    return true;
}

/* What provider= takes; protocol= also knows the bare labels and record numbers of ddclient. */
static bool is_whole(const char *s)
{
    if (text_starts(s, "*."))
        s += 2;
    return strpbrk(s, "@*") == NULL && strchr(s, '.') != NULL && s[0] != '.';
}

void import_host(struct import *im, const char *hostname)
{
    bool whole = im->provider != NULL && !im->provider->compat;

    if (!is_hostname(hostname) || (whole && !is_whole(hostname))) {
        import_note(im, im->line, IMPORT_LEFT, hostname, "this is no hostname");
        return;
    }
    if (im->hosts.len > 0)
        buf_char(&im->hosts, ',');
    buf_text(&im->hosts, hostname);
    im->hostnames++;
}

void import_end(struct import *im)
{
    if ((im->settings.len == 0 || im->about_hosts) && im->hosts.len == 0) {
        import_begin(im, 0); /* as a line without hosts it would hold for all others */
        return;
    }
    /* Nothing of the file it is put into shall change what it means. */
    const char *alone = im->hosts.len > 0 ? "inherit=no, " : "";
    const char *blank = im->hosts.len > 0 ? " " : "";
    buf_format(&im->text, "%s%s", buf_str(&im->comment), alone);
    buf_text(&im->text, buf_str(&im->settings));
    buf_format(&im->text, "%s%s\n", blank, buf_str(&im->hosts));
    buf_format(&im->shown, "%s%s%s%s%s\n", buf_str(&im->comment), alone,
               buf_str(&im->settings_shown), blank, buf_str(&im->hosts));
    im->now.line = im->line;
    im->now.hosts = mem_text(buf_str(&im->hosts));
    im->statements = mem_more(im->statements, im->statement_count, sizeof *im->statements);
    im->statements[im->statement_count++] = im->now;
    im->now = (struct import_statement){0};
    import_begin(im, 0);
    if (im->tell != NULL)
        im->tell(im->tell_arg, im);
}

void import_drop(struct import *im)
{
    for (const char *s = buf_str(&im->hosts); *s != '\0' && im->hostnames > 0;) {
        im->hostnames--;
        s += strcspn(s, ",");
        s += *s == ',';
    }
    import_begin(im, 0);
}

static const struct provider_info *find_provider(struct import *im, const char *id)
{
    const struct provider *p =
        im->registry != NULL && id != NULL ? registry_about(im->registry, id) : NULL;
    return p != NULL ? provider_info(p) : NULL;
}

/* The id as it is, or the provider's interface that routers and simple programs use. */
static const struct provider_info *find_simple(struct import *im, const char *id)
{
    static const char *const suffixes[] = {"-dyndns", "-dynhost", ""};
    const struct provider_info *found = NULL;

    for (size_t i = 0; found == NULL && i < sizeof suffixes / sizeof suffixes[0]; i++) {
        char *name = mem_format("%s%s", id, suffixes[i]);
        found = find_provider(im, name);
        mem_free(name);
    }
    return found;
}

/* "www.hetzner.com": the provider that is called by the first word of the domain, if that domain is
 * its own. */
static const struct provider_info *find_by_domain(struct import *im, const char *theirs)
{
    const char *at = strchr(theirs, '@');
    const char *domain = at != NULL ? at + 1 : theirs;

    if (text_starts(domain, "www."))
        domain += 4;
    char *id = mem_text_n(domain, strcspn(domain, "."));
    const struct provider_info *p = id[0] != '\0' ? find_simple(im, id) : NULL;
    mem_free(id);
    return p != NULL && strchr(domain, '.') != NULL && p->website != NULL &&
                   strstr(p->website, domain) != NULL
               ? p
               : NULL;
}

bool import_provider(struct import *im, const char *program, const char *theirs)
{
    const char *known = import_name(program, theirs);
    bool exact = known != NULL && known[0] == '=';
    char *id = mem_text(exact ? known + 1 : known != NULL ? known : theirs);

    text_lower_all(id);
    /* ddns-go speaks to the APIs only. */
    if (exact || text_equal(program, "ddns-go"))
        im->provider = find_provider(im, id);
    else
        im->provider = find_simple(im, id);
    if (im->provider == NULL && known == NULL)
        im->provider = find_by_domain(im, id);
    mem_free(id);
    if (im->provider != NULL && !text_equal(im->provider->status, "alive") &&
        !text_equal(im->provider->status, "legacy")) {
        im->closed = im->provider;
        im->provider = NULL;
    }
    if (im->provider != NULL)
        import_set(im, "provider", im->provider->id);
    return im->provider != NULL;
}

void import_no_provider(struct import *im, unsigned line, const char *what, const char *theirs)
{
    const struct provider_info *p = im->closed;

    if (p != NULL)
        import_note(im, line, IMPORT_LEFT, what, "%s can not be updated any more%s%s", p->name,
                    p->note != NULL ? ": " : "", p->note != NULL ? p->note : "");
    else
        import_note(im, line, IMPORT_LEFT, what, "homing knows no provider \"%s\"", theirs);
}

/* What several programs call the same thing, in the order in which our own names are tried. */
static const char *const login_names[] = {
    "login",           "username",   "user",          "email",   "id",
    "customer-number", "access-key", "access-key-id", "app-key", NULL};
static const char *const secret_names[] = {"password",
                                           "token",
                                           "apikey",
                                           "api-key",
                                           "key",
                                           "secret",
                                           "personal-access-token",
                                           "secret-key",
                                           "access-secret",
                                           "access-key-secret",
                                           "client-key",
                                           NULL};
static const char *const zone_names[] = {"zone-id", "zone-identifier", NULL};
static const char *const *const alike[] = {login_names, secret_names, zone_names};

static bool among(const char *const *names, const char *name)
{
    for (; *names != NULL; names++)
        if (text_equal(*names, name))
            return true;
    return false;
}

/* The provider's field that their name means, or NULL. */
static const struct provider_field *field_like(const struct provider_info *p, const char *name)
{
    const struct provider_field *f = field_named(p, name);

    for (size_t g = 0; f == NULL && g < sizeof alike / sizeof alike[0]; g++)
        if (among(alike[g], name))
            for (size_t i = 0; f == NULL && alike[g][i] != NULL; i++)
                f = field_named(p, alike[g][i]);
    return f;
}

/* Where "key", "id" or "secret" is something else than these words say; NULL: nothing is known. */
static const char *special_field(const struct provider_info *p, const char *name)
{
    static const struct {
        const char *provider, *theirs, *ours;
    } rows[] = {
        {"domeneshop-dyndns", "token", "login"},
        {"domeneshop-dyndns", "secret", "password"},
        {"godaddy", "key", "login"},
        {"netcup", "api-key", "apikey"},
        {"ovh", "app-key", "apikey"},
        {"ovh", "app-secret", "password"},
        {"ovh", "api-endpoint", "endpoint"},
        {"porkbun", "id", "apikey"},
        {"porkbun", "secret", "secretapikey"},
        {"porkbun", "secret-api-key", "secretapikey"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (text_equal(rows[i].provider, p->id) && text_equal(rows[i].theirs, name))
            return rows[i].ours;
    return NULL;
}

/* Two of their names may mean one of ours; the second would hide the first. */
static bool is_set(const struct import *im, const char *setting)
{
    for (size_t i = 0; i < im->now.count; i++)
        if (text_equal(im->now.values[i].name, setting))
            return true;
    return false;
}

bool import_field(struct import *im, const char *theirs, const char *value)
{
    char *name = mem_text(theirs);
    const char *setting = NULL;

    text_lower_all(name);
    for (char *s = name; *s != '\0'; s++)
        if (*s == '_')
            *s = '-';
    if (im->provider != NULL) {
        const struct provider_field *f = field_like(im->provider, name);
        const char *special = special_field(im->provider, name);
        setting = special != NULL ? special : f != NULL ? f->name : NULL;
    } else if (among(login_names, name)) {
        setting = "login";
    } else if (among(secret_names, name)) {
        setting = "password";
    }
    if (setting != NULL && is_set(im, setting))
        setting = NULL;
    if (setting != NULL)
        import_set(im, setting, value);
    mem_free(name);
    return setting != NULL;
}

static const struct import_format *const formats[] = {
    &import_ddclient_cache, &import_inadyn, &import_openwrt,  &import_nethserver,
    &import_updater,        &import_go,     &import_ddclient,
};

const struct import_format *import_format_at(size_t i)
{
    return i < sizeof formats / sizeof formats[0] ? formats[i] : NULL;
}

const struct import_format *import_format_of(const char *name, const char *bytes, size_t n)
{
    const struct import_format *f;

    for (size_t i = 0; (f = import_format_at(i)) != NULL; i++)
        if (name != NULL ? text_equal(f->name, name) : f->looks(bytes, n))
            return f;
    return NULL;
}
