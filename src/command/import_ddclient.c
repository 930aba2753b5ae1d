/*
 * SPDX-License-Identifier: ISC
 */
#include "command/import.h"

#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "command/cache.h"
#include "command/load.h"
#include "conf/settings.h"

/*
 * ddclient.conf is homing's own language; it becomes plain statements all the same, so that what
 * holds for each host is seen, and what belongs to ddclient's process is told. Its cache tells what
 * is published.
 */

/* Settings of ddclient's process that homing has in another way. */
static bool of_process(const char *name)
{
    static const char *const names[] = {"cache",    "pid",        "file",     "syslog", "facility",
                                        "priority", "foreground", "verbose",  "debug",  "quiet",
                                        "exec",     "test",       "max-warn", "force",  "jitter"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (text_equal(names[i], name))
            return true;
    return false;
}

/* Adds a setting of the entry if it is written somewhere. */
static void add_setting(struct import *im, const struct conf_entry *e, const char *name)
{
    struct view view = conf_entry_view(e);
    bool own;
    const char *value = view_get(&view, name);

    if (value != NULL && conf_entry_origin(e, name, &own) != 0)
        import_set(im, name, value);
}

static void add_entry(struct import *im, const struct conf_entry *e)
{
    const struct provider *p = load_provider_of(im->registry, e);

    import_begin(im, conf_entry_line(e));
    im->provider = p != NULL ? provider_info(p) : NULL;
    if (conf_entry_provider(e) != NULL)
        import_set(im, "provider", conf_entry_provider(e));
    else
        import_set(im, "protocol", conf_entry_protocol(e));
    for (const struct setting *s = setting_next(NULL); s != NULL; s = setting_next(s)) {
        bool host = (s->scope & SCOPE_HOST) != 0 && (s->flags & SETTING_META) == 0;
        if (host && !of_process(s->name) && !text_equal(s->name, "provider") &&
            !text_equal(s->name, "protocol"))
            add_setting(im, e, s->name);
    }
    for (size_t i = 0; im->provider != NULL && i < im->provider->field_count; i++)
        if (setting_find(im->provider->fields[i].name) == NULL)
            add_setting(im, e, im->provider->fields[i].name);
    import_host(im, conf_entry_written(e));
    import_end(im);
}

static void add_globals(struct import *im, const struct conf *conf)
{
    struct view globals = conf_globals(conf);

    for (const struct setting *s = setting_next(NULL); s != NULL; s = setting_next(s)) {
        const char *value = view_get(&globals, s->name);
        if ((s->scope & SCOPE_GLOBAL) == 0 || (s->flags & SETTING_META) != 0 || value == NULL ||
            text_equal(value, s->fallback))
            continue;
        if (of_process(s->name)) {
            import_note(im, 0, IMPORT_OTHER, s->name,
                        "it belongs to ddclient's process; homing does this by itself");
            continue;
        }
        if ((s->scope & SCOPE_HOST) != 0)
            continue;
        import_begin(im, 0);
        import_set(im, s->name, value);
        import_end(im);
        import_note(im, 0, IMPORT_TAKEN, s->name, NULL);
    }
}

static enum err read_conf(struct import *im, const char *bytes, size_t n, struct cause *cause)
{
    struct loaded loaded;
    struct conf_options options = {.dialect = CONF_DDCLIENT, .name = "ddclient.conf"};

    (void)cause;
    loaded_init(&loaded);
    load_conf_bytes(&loaded, bytes, n, &options);
    for (size_t i = 0; i < conf_problem_count(loaded.conf); i++) {
        const struct conf_problem *p = conf_problem_at(loaded.conf, i);
        bool lost = p->severity == CONF_ERROR || text_equal(p->code, "no-environment");
        import_note(im, p->line, lost ? IMPORT_LEFT : IMPORT_OTHER, p->code, "%s", p->text);
    }
    add_globals(im, loaded.conf);
    for (size_t i = 0; i < conf_entry_count(loaded.conf); i++) {
        const struct conf_entry *e = conf_entry_at(loaded.conf, i);
        if (conf_entry_parked(e)) {
            import_note(im, conf_entry_line(e), IMPORT_LEFT, conf_entry_written(e),
                        "its line has an error");
            continue;
        }
        add_entry(im, e);
        import_note(im, conf_entry_line(e), IMPORT_TAKEN, conf_entry_written(e), NULL);
    }
    loaded_free(&loaded);
    return OK;
}

static bool looks_conf(const char *bytes, size_t n)
{
    return memchr(bytes, '=', n) != NULL; /* the last that is tried */
}

const struct import_format import_ddclient = {
    .name = "ddclient",
    .about = "ddclient.conf",
    .looks = looks_conf,
    .read = read_conf,
};

static enum err read_cache(struct import *im, const char *bytes, size_t n, struct cause *cause)
{
    struct cache cache;

    cache_init(&cache);
    enum err e = cache_parse(&cache, bytes, n, cause);
    for (size_t i = 0; i < cache.count && e == OK; i++) {
        const struct cache_entry *entry = cache.entries[i];
        for (int f = 0; f < FAMILIES; f++) {
            char text[ADDR_TEXT_MAX], date[CACHE_DATE_MAX];
            if (entry->of[f].known)
                import_note(im, 0, IMPORT_OTHER, entry->host,
                            "%s was %s on %s; homing asks the provider or the DNS before it writes",
                            family_type((enum family)f), addr_text(&entry->of[f].addr, text),
                            cache_date(entry->mtime, date));
        }
    }
    cache_free(&cache);
    return e;
}

static bool looks_cache(const char *bytes, size_t n)
{
    struct cache cache;

    cache_init(&cache);
    bool is = n > 4 && memcmp(bytes, "## ", 3) == 0 && cache_parse(&cache, bytes, n, NULL) == OK;
    cache_free(&cache);
    return is;
}

const struct import_format import_ddclient_cache = {
    .name = "ddclient-cache",
    .about = "ddclient.cache",
    .looks = looks_cache,
    .read = read_cache,
};
