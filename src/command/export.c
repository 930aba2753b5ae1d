/*
 * SPDX-License-Identifier: ISC
 */
#include "command/command.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "base/addr.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/text.h"
#include "command/export_line.h"
#include "command/export_words.h"
#include "command/load.h"
#include "conf/settings.h"

/*
 * homing.conf as a ddclient.conf, so that going back is possible: one statement a hostname, with
 * ddclient's words, and before them what ddclient knows for all of them only. What it can not do
 * stands there as a comment; a hostname for which it would send something else is left out.
 */
enum { SETTINGS_ONCE_MAX = 16 };
static const char cannot_hold[] = "ddclient's file can not hold this value";

struct export
{
    struct loaded loaded;
    struct buf text, left;           /* statements; what could not be said */
    struct map *hosts;               /* that stand in the text */
    struct map *told;                /* what is told once */
    char *shared[SETTINGS_ONCE_MAX]; /* owned: of the settings that ddclient knows one value of */
    size_t lost;
};

static void leave(struct export *x, const struct conf_entry *e, const char *setting,
                  const char *why)
{
    buf_format(&x->left, "# %s%s%s: %s\n", conf_entry_written(e), setting != NULL ? ", " : "",
               setting != NULL ? setting : "", why);
}

/* What holds for every hostname with it. */
static void tell_once(struct export *x, const char *setting, const char *value, const char *why)
{
    char *key = mem_format("%s=%s", setting, value);

    if (map_set(x->told, key, x) == NULL)
        buf_format(&x->left, "# %s: %s\n", key, why);
    mem_free(key);
}

static bool is_in(const char *word, const char *const *list)
{
    while (*list != NULL && !text_equal(*list, word))
        list++;
    return *list != NULL;
}

/* ddclient's protocol for the entry; NULL: it has none. One that it does not know would become its
 * default there, another company's server. */
static const char *word_of(const struct conf_entry *e)
{
    const char *id = conf_entry_provider(e);
    const struct export_word *word = id != NULL ? export_word_find(id) : NULL;
    const char *name = word != NULL ? word->word : id != NULL ? id : conf_entry_protocol(e);

    return name != NULL && is_in(name, setting_protocols()) ? name : NULL;
}

static bool goes(const struct conf_entry *e)
{
    return conf_entry_enabled(e) && !conf_entry_parked(e) && word_of(e) != NULL;
}

/* --- what ddclient has one value of --- */

static bool is_shared(const struct setting *s)
{
    return (s->flags & SETTING_ONCE) != 0 && !text_equal(s->name, "force");
}

static const char *value_of(const struct conf_entry *e, const char *name)
{
    struct view v = conf_entry_view(e);
    const char *value = conf_text(&v, name);

    return value != NULL ? value : "";
}

/* The value that most hostnames have. Owned. */
static char *most_have(struct export *x, const char *name)
{
    struct map *counts = map_new();
    const char *best = "";
    size_t most = 0;

    for (size_t i = 0; i < conf_entry_count(x->loaded.conf); i++) {
        const struct conf_entry *e = conf_entry_at(x->loaded.conf, i);
        if (!goes(e))
            continue;
        const char *value = value_of(e, name);
        size_t count = (size_t)(uintptr_t)map_get(counts, value) + 1;
        map_set(counts, value, (void *)(uintptr_t)count);
        if (count > most) {
            most = count;
            best = value;
        }
    }
    map_free(counts, NULL);
    return mem_text(best);
}

/* On a line of its own; told where ddclient's file can not hold it. */
static void put_global(struct export *x, const char *name, const char *value)
{
    struct export_line line;

    export_line_init(&line);
    if (export_line_put(&line, name, value))
        export_line_end(&line, NULL, &x->text);
    else
        buf_format(&x->left, "# %s: %s\n", name, cannot_hold);
    export_line_free(&line);
}

static void put_shared(struct export *x)
{
    size_t n = 0;

    for (const struct setting *s = setting_next(NULL); s != NULL; s = setting_next(s)) {
        if (!is_shared(s) || n == SETTINGS_ONCE_MAX)
            continue;
        const char *value = x->shared[n++] = most_have(x, s->name);
        if (value[0] == '\0' || text_equal(value, s->fallback))
            continue;
        put_global(x, s->name, value);
    }
}

static void check_shared(struct export *x, const struct conf_entry *e)
{
    size_t n = 0;

    for (const struct setting *s = setting_next(NULL); s != NULL; s = setting_next(s)) {
        if (!is_shared(s) || n == SETTINGS_ONCE_MAX)
            continue;
        if (!text_equal(value_of(e, s->name), x->shared[n++])) {
            leave(x, e, s->name, "ddclient has one for all hostnames, and most have another");
            x->lost++;
        }
    }
}

/* --- one hostname --- */

/* A hostname on its way out. */
struct going {
    struct export *x;
    const struct conf_entry *e;
    struct view view;
    const char *word, *host; /* host: what stands in the hostname's place */
    struct export_line line;
    struct map *names; /* of the settings that are written */
    bool lost;
};

static void lose(struct going *g, const char *setting, const char *why)
{
    if (!g->lost)
        leave(g->x, g->e, setting, why);
    g->lost = true;
}

/* A pattern says a second blank in another way: ddclient's reader leaves one of several. Owned. */
static char *pattern_text(const char *value)
{
    struct buf text;

    buf_init(&text, 64 * 1024);
    for (const char *s = value; *s != '\0'; s++) {
        if (*s == ' ' && s > value && s[-1] == ' ')
            buf_text(&text, "\\s");
        else
            buf_char(&text, *s);
    }
    return buf_take(&text);
}

static void put(struct going *g, const char *name, const char *value)
{
    if (text_equal(name, "host")) {
        g->host = value;
        return;
    }
    if (map_get(g->names, name) != NULL)
        return;
    map_set(g->names, name, g);
    char *pattern = text_ends(name, "-skip") ? pattern_text(value) : NULL;
    if (!export_line_put(&g->line, name, pattern != NULL ? pattern : value))
        lose(g, name, cannot_hold);
    mem_free(pattern);
}

/* filev4=PATH; the shell that runs the command sees the path as one word. */
static void put_file(struct going *g, const char *strategy, const char *command, const char *path)
{
    struct buf text;

    buf_init(&text, 64 * 1024);
    buf_text(&text, "cat '");
    for (const char *s = path; *s != '\0'; s++)
        buf_text(&text, *s == '\'' ? "'\\''" : (char[]){*s, '\0'});
    buf_char(&text, '\'');
    put(g, strategy, command);
    put(g, command, buf_str(&text));
    buf_free(&text);
}

static void put_source(struct going *g, enum family f)
{
    static const char *const theirs[][6] = {{"ipv4", "ifv4", "webv4", "cmdv4", "fwv4", NULL},
                                            {"ipv6", "ifv6", "webv6", "cmdv6", NULL}};
    static const char *const asked[] = {"auto",  "router", "upnp", "natpmp", "pcp",
                                        "tr064", "stun",   "dns",  NULL};
    const char *name = f == V4 ? "usev4" : "usev6";
    const char *file = f == V4 ? "filev4" : "filev6";
    const char *value = view_get(&g->view, name);

    if (value == NULL || text_equal(value, "disabled"))
        return;
    if (is_in(value, theirs[f]) || (f == V4 && is_in(value, setting_devices()))) {
        put(g, name, value);
    } else if (text_equal(value, file) && view_get(&g->view, file) != NULL) {
        put_file(g, name, f == V4 ? "cmdv4" : "cmdv6", view_get(&g->view, file));
    } else if (is_in(value, asked)) {
        put(g, name, f == V4 ? "webv4" : "webv6");
        tell_once(g->x, name, value, "ddclient asks a web service instead");
    } else {
        char *setting = mem_format("%s=%s", name, value);
        lose(g, setting, "ddclient has no such source");
        mem_free(setting);
    }
}

static bool has_field(const struct provider_info *info, const char *name)
{
    for (size_t i = 0; i < info->field_count; i++)
        if (text_equal(info->fields[i].name, name))
            return true;
    return false;
}

/* A setting that is written somewhere, under ddclient's name. */
static void put_setting(struct going *g, const struct provider_info *theirs, const char *name,
                        const char *value)
{
    const char *id = conf_entry_provider(g->e);
    const char *other = id != NULL ? export_word_setting(id, name) : name;
    const struct setting *s = setting_find(other);

    if ((s != NULL && (s->flags & SETTING_DDCLIENT) != 0) || has_field(theirs, other))
        put(g, other, value);
    else if (text_equal(name, "suffix"))
        lose(g, name, "ddclient knows the addresses of its own machine only");
    else if (!g->lost)
        leave(g->x, g->e, name, "ddclient has no such setting");
}

static void put_settings(struct going *g, const struct provider_info *theirs)
{
    static const char *const elsewhere[] = {"provider", "protocol", "usev4",   "usev6", "filev4",
                                            "filev6",   "force",    "account", NULL};
    bool own;

    for (const struct setting *s = setting_next(NULL); s != NULL; s = setting_next(s)) {
        const char *value = view_get(&g->view, s->name);
        if ((s->scope & SCOPE_HOST) != 0 && (s->flags & SETTING_META) == 0 && value != NULL &&
            conf_entry_origin(g->e, s->name, &own) != 0 && !is_in(s->name, elsewhere) &&
            !is_shared(s))
            put_setting(g, theirs, s->name, value);
    }
}

/* ddclient's own default; NULL: none. */
static const char *their_default(const struct provider *theirs, const char *name)
{
    const struct setting *s = setting_find(name);
    const char *value = provider_default(theirs, name);

    return value != NULL ? value : s != NULL ? s->fallback : NULL;
}

/* What only the provider's file knows, and where its default is not ddclient's. */
static void put_fields(struct going *g, const struct provider_info *ours,
                       const struct provider *theirs)
{
    bool other = conf_entry_provider(g->e) != NULL;

    for (size_t i = 0; ours != NULL && i < ours->field_count; i++) {
        const char *name = ours->fields[i].name, *value = view_get(&g->view, name);
        bool own, written = value != NULL && conf_entry_origin(g->e, name, &own) != 0;
        bool differs = other && value != NULL && !text_equal(name, "ttl") &&
                       has_field(provider_info(theirs), name) &&
                       !text_equal(value, their_default(theirs, name));
        if (written ? setting_find(name) == NULL : differs)
            put_setting(g, provider_info(theirs), name, value);
    }
}

static void put_login(struct going *g)
{
    const char *id = conf_entry_provider(g->e), *login = id != NULL ? export_word_login(id) : NULL;

    if (login != NULL)
        put(g, "login", login[0] != '\0' ? login : conf_entry_hostname(g->e));
}

static void check_needs(struct going *g, const struct provider_info *theirs)
{
    for (size_t i = 0; i < theirs->field_count && !g->lost; i++) {
        const struct provider_field *f = &theirs->fields[i];
        if (f->required && f->fallback == NULL && map_get(g->names, f->name) == NULL)
            lose(g, f->name, "ddclient needs it, and it is not set");
    }
}

static void put_all(struct going *g)
{
    const char *id = conf_entry_provider(g->e);
    const struct export_word *word = id != NULL ? export_word_find(id) : NULL;
    const struct provider *theirs = registry_about_protocol(g->x->loaded.registry, g->word);
    const struct provider *ours = id != NULL ? registry_about(g->x->loaded.registry, id) : theirs;

    put(g, "protocol", g->word);
    if (word != NULL && word->server != NULL && view_get(&g->view, "server") == NULL)
        put(g, "server", word->server);
    if (word != NULL && word->script != NULL)
        put(g, "script", word->script);
    put_source(g, V4);
    put_source(g, V6);
    if (theirs == NULL)
        return;
    put_settings(g, provider_info(theirs));
    put_fields(g, ours != NULL ? provider_info(ours) : NULL, theirs);
    put_login(g);
    check_needs(g, provider_info(theirs));
}

static void export_entry(struct export *x, const struct conf_entry *e)
{
    struct going g = {.x = x,
                      .e = e,
                      .view = conf_entry_view(e),
                      .word = word_of(e),
                      .host = conf_entry_written(e)};

    if (!goes(e)) {
        leave(x, e, NULL,
              conf_entry_parked(e)     ? "its statement has an error"
              : !conf_entry_enabled(e) ? "it is switched off"
                                       : "ddclient can not speak to this provider");
        x->lost += conf_entry_enabled(e) || conf_entry_parked(e);
        return;
    }
    g.names = map_new();
    export_line_init(&g.line);
    put_all(&g);
    if (!g.lost && map_get(x->hosts, g.host) != NULL)
        lose(&g, NULL, "it stands above at another provider; ddclient knows a hostname once");
    if (!g.lost) {
        map_set(x->hosts, g.host, x);
        export_line_end(&g.line, g.host, &x->text);
        check_shared(x, e);
    }
    x->lost += g.lost;
    export_line_free(&g.line);
    map_free(g.names, NULL);
}

static void export_globals(struct export *x)
{
    struct view v = conf_globals(x->loaded.conf);

    for (const struct setting *s = setting_next(NULL); s != NULL; s = setting_next(s)) {
        const char *value = view_get(&v, s->name);
        if ((s->scope & SCOPE_HOST) != 0 || (s->flags & SETTING_DDCLIENT) == 0 ||
            (s->scope & SCOPE_GLOBAL) == 0 || value == NULL || text_equal(value, s->fallback))
            continue;
        put_global(x, s->name, value);
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
    struct export x = {.hosts = map_new(), .told = map_new()};
    struct cause cause;
    int status;

    command_places(call, &places);
    struct conf_options options = {.dialect = CONF_HOMING, .name = places.config};
    loaded_init(&x.loaded);
    load_providers(&x.loaded, places.providers);
    buf_init(&x.text, 64 << 20);
    buf_init(&x.left, 64 << 20);
    x.lost = 0;
    if (load_conf(&x.loaded, places.config, &options, &cause) != OK) {
        fprintf(call->err, "homing export: %s can not be read: %s\n", places.config, cause.text);
        status = STATUS_CONF;
    } else {
        export_globals(&x);
        put_shared(&x);
        for (size_t i = 0; i < conf_entry_count(x.loaded.conf); i++)
            export_entry(&x, conf_entry_at(x.loaded.conf, i));
        status = write_out(call, &x);
    }
    for (size_t i = 0; i < SETTINGS_ONCE_MAX; i++)
        mem_free(x.shared[i]);
    map_free(x.hosts, NULL);
    map_free(x.told, NULL);
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
