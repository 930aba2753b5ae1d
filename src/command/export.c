/*
 * SPDX-License-Identifier: ISC
 */
#include "command/command.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/text.h"
#include "command/load.h"
#include "conf/settings.h"

/*
 * homing.conf as a ddclient.conf, so that going back is possible: one statement a hostname, with
 * ddclient's words. What ddclient can not do stands there as a comment.
 */

/* Providers whose word, server or script in ddclient is another than their id. */
static const struct {
    const char *ours, *word, *server, *script;
} words[] = {
    {"3322", "dyndns2", "members.3322.org", "/dyndns/update"},
    {"cloudns-dyndns", "cloudns", NULL, NULL},
    {"ddnsfm", "ddns.fm", NULL, NULL},
    {"ddnss", "dyndns2", "ddnss.de", NULL},
    {"ddnss-key", "ddnss", NULL, NULL},
    {"desec", "dyndns2", "update.dedyn.io", NULL},
    {"desec-dyndns", "dyndns2", "update.dedyn.io", NULL},
    {"dnshome", "dyndns2", "www.dnshome.de", NULL},
    {"dnsmadeeasy-dyndns", "dnsmadeeasy", NULL, NULL},
    {"dnsomatic", "dyndns2", "updates.dnsomatic.com", NULL},
    {"domaindiscount24", "keysystems", NULL, NULL},
    {"domeneshop-dyndns", "domeneshop", NULL, NULL},
    {"dslreports", "dslreports1", NULL, NULL},
    {"dyfi", "dyndns2", "www.dy.fi", NULL},
    {"dyndns", "dyndns2", "members.dyndns.org", "/v3/update"},
    {"dyndns-custom", "dyndns2", "members.dyndns.org", NULL},
    {"dyndns-static", "dyndns2", "members.dyndns.org", NULL},
    {"dynu-dyndns", "dynu", NULL, NULL},
    {"dynv6-dyndns", "dyndns2", "dynv6.com", NULL},
    {"easydns-dyndns", "easydns", NULL, NULL},
    {"eurodyndns", "namecheap", NULL, NULL},
    {"henet", "he.net", NULL, NULL},
    {"infomaniak-dyndns", "infomaniak", NULL, NULL},
    {"inwx-dyndns", "inwx", NULL, NULL},
    {"joker", "dyndns2", "svc.joker.com", NULL},
    {"loopia-dyndns", "dyndns2", "dns.loopia.se", "/XDynDNSServer/XDynDNS.php"},
    {"luadns-dyndns", "dyndns2", "app.luadns.com", NULL},
    {"moniker", "keysystems", NULL, NULL},
    {"myonlineportal", "dyndns2", "myonlineportal.net", "/updateddns"},
    {"mythicbeasts-dyndns", "mythicdyn", NULL, NULL},
    {"nicru", "dyndns2", "api.nic.ru", "/dyndns/update"},
    {"njalla-dyndns", "njalla", NULL, NULL},
    {"nsupdateinfo", "dyndns2", "ipv4.nsupdate.info", NULL},
    {"opendns", "dyndns2", "updates.opendns.com", NULL},
    {"orgdns", "dyndns2", "www.orgdns.org", NULL},
    {"ovh-dynhost", "ovh", NULL, NULL},
    {"regfish", "regfishde", NULL, NULL},
    {"rrpproxy", "keysystems", NULL, NULL},
    {"selfhost", "dyndns2", "carol.selfhost.de", NULL},
    {"simply-dyndns", "simply.com", NULL, NULL},
    {"strato", "dyndns2", "dyndns.strato.com", NULL},
    {"tunnelbroker", "dyndns2", "ipv4.tunnelbroker.net", NULL},
    {"updatedip", "dyndns2", "updatedip.com", NULL},
    {"websupport", "dyndns2", "dyndns.websupport.sk", NULL},
};

struct export
{
    struct loaded loaded;
    struct buf text, left; /* statements; what could not be said */
    size_t count, lost;
};

/* ddclient's password rule: blanks and "#" in single quotes, all else as it is. False: it can not
 * be written at all. */
static bool quote_password(const char *value, struct buf *out)
{
    bool apostrophe = strchr(value, '\'') != NULL;
    bool blank = strpbrk(value, " \t") != NULL;

    if (value[0] == '\0' || (!apostrophe && strpbrk(value, " \t,\"\\") != NULL)) {
        buf_char(out, '\'');
        buf_text(out, value);
        buf_char(out, '\'');
        return strstr(value, "  ") == NULL && strchr(value, '\t') == NULL;
    }
    buf_text(out, value);
    return !(apostrophe && blank) && value[0] != '\'' && !text_ends(value, ",");
}

static bool quote(const char *name, const char *value, struct buf *out)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "-_.:/@+%*=?&;~[]{}()!$|<>^";

    if (text_ends(name, "password"))
        return quote_password(value, out);
    if (value[0] == '\0' || strspn(value, plain) == strlen(value)) {
        buf_text(out, value);
        return true;
    }
    buf_char(out, '"');
    for (const char *s = value; *s != '\0'; s++) {
        if (*s == '"' || *s == '\\')
            buf_char(out, '\\');
        buf_char(out, *s);
    }
    buf_char(out, '"');
    return strchr(value, '#') == NULL && strstr(value, "  ") == NULL;
}

static void leave(struct export *x, const char *what, const char *why)
{
    buf_format(&x->left, "# %s: %s\n", what, why);
}

static void put(struct export *x, struct buf *line, const char *name, const char *value)
{
    /* A blank must stand before "password=" (ddclient takes it for text otherwise). */
    buf_format(line, "%s%s=", line->len > 0 ? ", " : "", name);
    if (!quote(name, value, line)) {
        char *what = mem_format("%s=", name);
        leave(x, what, "its value has characters that ddclient's file can not hold");
        mem_free(what);
    }
}

/* The ddclient word of an entry, with server and script where these are not its defaults. */
static const char *word_of(struct export *x, const struct conf_entry *e, const char **server,
                           const char **script)
{
    const char *id = conf_entry_provider(e);

    *server = *script = NULL;
    if (id == NULL)
        return conf_entry_protocol(e);
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (text_equal(words[i].ours, id)) {
            *server = words[i].server;
            *script = words[i].script;
            return words[i].word;
        }
    }
    return registry_about_protocol(x->loaded.registry, id) != NULL ? id : NULL;
}

static void put_sources(struct export *x, const struct conf_entry *e, struct buf *line)
{
    struct view v = conf_entry_view(e);
    static const char *const names[] = {"usev4", "usev6"};
    static const char *const plain[] = {"webv4", "webv6"};

    for (size_t i = 0; i < 2; i++) {
        const char *value = view_get(&v, names[i]);
        if (value == NULL || text_equal(value, "disabled"))
            continue;
        if (text_equal(value, "auto"))
            put(x, line, names[i], plain[i]);
        else
            put(x, line, names[i], value);
    }
}

/* The settings that ddclient has too; others are named in a comment. */
static void put_settings(struct export *x, const struct conf_entry *e, struct buf *line)
{
    struct view v = conf_entry_view(e);

    for (const struct setting *s = setting_next(NULL); s != NULL; s = setting_next(s)) {
        const char *value = view_get(&v, s->name);
        bool own;
        if ((s->scope & SCOPE_HOST) == 0 || (s->flags & SETTING_META) != 0 || value == NULL ||
            conf_entry_origin(e, s->name, &own) == 0 || text_equal(s->name, "provider") ||
            text_equal(s->name, "protocol") || text_starts(s->name, "usev"))
            continue;
        if ((s->flags & SETTING_DDCLIENT) != 0) {
            put(x, line, s->name, value);
        } else {
            char *what = mem_format("%s, %s", conf_entry_written(e), s->name);
            leave(x, what, "ddclient has no such setting");
            mem_free(what);
        }
    }
}

static void export_entry(struct export *x, const struct conf_entry *e)
{
    const char *server, *script, *word = word_of(x, e, &server, &script);
    struct view v = conf_entry_view(e);
    struct buf line;

    if (!conf_entry_enabled(e) || conf_entry_parked(e) || word == NULL) {
        leave(x, conf_entry_written(e),
              conf_entry_parked(e)     ? "its statement has an error"
              : !conf_entry_enabled(e) ? "it is switched off"
                                       : "ddclient can not speak to this provider");
        x->lost += word == NULL || conf_entry_parked(e);
        return;
    }
    buf_init(&line, 1 << 20);
    put(x, &line, "protocol", word);
    if (server != NULL && view_get(&v, "server") == NULL)
        put(x, &line, "server", server);
    if (script != NULL)
        put(x, &line, "script", script);
    put_sources(x, e, &line);
    put_settings(x, e, &line);
    buf_format(&x->text, "%s %s\n", buf_str(&line), conf_entry_written(e));
    buf_wipe(&line);
    x->count++;
}

static void export_globals(struct export *x)
{
    struct view v = conf_globals(x->loaded.conf);

    for (const struct setting *s = setting_next(NULL); s != NULL; s = setting_next(s)) {
        const char *value = view_get(&v, s->name);
        struct buf line;
        if ((s->scope & SCOPE_HOST) != 0 || (s->flags & SETTING_DDCLIENT) == 0 ||
            (s->scope & SCOPE_GLOBAL) == 0 || value == NULL || text_equal(value, s->fallback))
            continue;
        buf_init(&line, 1 << 20);
        put(x, &line, s->name, value);
        buf_format(&x->text, "%s\n", buf_str(&line));
        buf_free(&line);
    }
}

static int write_out(const struct command_call *call, const struct export *x)
{
    const char *path = command_value(call, "output");
    FILE *file = call->out;

    if (path != NULL) {
        int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        file = fd >= 0 ? fdopen(fd, "w") : NULL;
        if (file == NULL) {
            fprintf(call->err, "homing export: %s can not be made: %s\n", path, strerror(errno));
            return STATUS_FAILED;
        }
    }
    fprintf(file, "# Made by homing from its configuration, for ddclient.\n%s%s", buf_str(&x->text),
            buf_str(&x->left));
    if (path != NULL && fclose(file) != 0) {
        fprintf(call->err, "homing export: %s can not be written: %s\n", path, strerror(errno));
        return STATUS_FAILED;
    }
    return x->lost > 0 ? STATUS_FAILED : STATUS_RIGHT;
}

static int run(const struct command_call *call)
{
    struct places places;
    struct export x;
    struct cause cause;
    int status;

    command_places(call, &places);
    struct conf_options options = {.dialect = CONF_HOMING, .name = places.config};
    loaded_init(&x.loaded);
    load_providers(&x.loaded, places.providers);
    buf_init(&x.text, 64 << 20);
    buf_init(&x.left, 64 << 20);
    x.count = x.lost = 0;
    if (load_conf(&x.loaded, places.config, &options, &cause) != OK) {
        fprintf(call->err, "homing export: %s can not be read: %s\n", places.config, cause.text);
        status = STATUS_CONF;
    } else {
        export_globals(&x);
        for (size_t i = 0; i < conf_entry_count(x.loaded.conf); i++)
            export_entry(&x, conf_entry_at(x.loaded.conf, i));
        status = write_out(call, &x);
    }
    buf_wipe(&x.text);
    buf_free(&x.left);
    loaded_free(&x.loaded);
    places_free(&places);
    return status;
}

static const struct command_option options_of_export[] = {
    {"output", "FILE", "write to this new file, readable by you alone, instead of the terminal"},
    {NULL, NULL, NULL}};

const struct command command_export = {
    .name = "export",
    .summary = "Write the configuration as a ddclient.conf",
    .arguments = "",
    .help =
        "So that going back is possible. It holds the passwords. What ddclient can not do is told "
        "in comments at its end.",
    .options = options_of_export,
    .configured = true,
    .statuses = 1u << STATUS_RIGHT | 1u << STATUS_FAILED | 1u << STATUS_USAGE | 1u << STATUS_CONF,
    .run = run,
};
