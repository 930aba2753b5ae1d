/*
 * SPDX-License-Identifier: ISC
 */
#include "keeper/reading.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/text.h"
#include "conf/save.h"
#include "conf/settings.h"
#include "keeper/file.h"

/* Readers are called back without an argument, so the reading under way stands here. */
static struct message_texts *collecting;
static const struct message_texts *giving;

static void collect(const char *kind, const char *name, const char *value)
{
    struct message_texts *g = collecting;

    if (g->count + 3 > MESSAGE_TEXTS_MAX)
        return;
    g->items = mem_resize(g->items, g->count + 3, sizeof *g->items);
    g->items[g->count++] = mem_text(kind);
    g->items[g->count++] = mem_text(name);
    g->items[g->count++] = mem_text(value);
}

static const char *find(const struct message_texts *g, const char *kind, const char *name)
{
    for (size_t i = 0; i + 2 < g->count; i += 3)
        if (text_equal(g->items[i], kind) && text_equal(g->items[i + 1], name))
            return g->items[i + 2];
    return NULL;
}

static const char *env_and_collect(const char *name)
{
    const char *value = getenv(name);

    if (value != NULL && find(collecting, "env", name) == NULL)
        collect("env", name, value);
    return value;
}

static char *file_and_collect(const char *path, struct cause *c)
{
    char *text = conf_read_file(path, c);

    if (text != NULL && find(collecting, "file", path) == NULL)
        collect("file", path, text);
    return text;
}

static const char *given_env(const char *name)
{
    return find(giving, "env", name);
}

static char *given_file(const char *path, struct cause *c)
{
    const char *text = find(giving, "file", path);

    if (text == NULL)
        cause_set(c, ERR_NOT_FOUND, "it could not be read");
    return mem_text(text);
}

struct reading *reading_of_bytes(const char *path, const char *bytes, size_t n,
                                 const struct conf_providers *providers)
{
    struct reading *r = mem_alloc(sizeof *r);
    const struct conf_options options = {
        .dialect = CONF_HOMING,
        .name = path,
        .providers = providers,
        .getenv = env_and_collect,
        .read_file = file_and_collect,
    };

    r->path = mem_text(path);
    save_version(bytes, n, r->version);
    collecting = &r->given;
    r->conf = conf_parse(bytes, n, &options);
    collecting = NULL;
    r->bytes = conf_bytes(r->conf, &r->len);
    return r;
}

enum err reading_of_file(const char *path, const struct conf_providers *providers,
                         struct reading **out, struct cause *c)
{
    struct buf bytes;

    *out = NULL;
    buf_init(&bytes, READING_MAX);
    enum err e = file_read(path, &bytes, c);
    if (e == OK)
        *out = reading_of_bytes(path, buf_str(&bytes), bytes.len, providers);
    buf_wipe(&bytes);
    return e;
}

void reading_free(struct reading *r)
{
    if (r == NULL)
        return;
    conf_unref(r->conf);
    for (size_t i = 0; i < r->given.count; i++)
        mem_free_secret((char *)r->given.items[i]);
    mem_free(r->given.items);
    mem_free(r->path);
    mem_free(r);
}

enum err reading_error(const struct conf *conf, const char *path, struct cause *c)
{
    const char *name = strrchr(path, '/');

    name = name != NULL ? name + 1 : path;
    for (size_t i = 0; i < conf_problem_count(conf); i++) {
        const struct conf_problem *p = conf_problem_at(conf, i);
        if (p->severity == CONF_ERROR)
            return cause_set(c, ERR_SYNTAX, "%s has an error on line %u: %s", name, p->line,
                             p->text);
    }
    return cause_set(c, ERR_SYNTAX, "%s has errors", name);
}

char *reading_last_good(const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash != NULL ? slash + 1 : path;

    return mem_format("%.*s.%s.last-good", (int)(name - path), path, name);
}

void reading_message(const struct reading *r, enum message_how how, const char *why,
                     struct message *m)
{
    *m = (struct message){.type = MESSAGE_CONF,
                          .of.conf = {.version = r->version,
                                      .path = r->path,
                                      .why = why,
                                      .how = how,
                                      .bytes = {r->bytes, r->len},
                                      .given = r->given}};
}

struct conf *reading_parse(const struct message *m, const struct conf_providers *providers)
{
    const struct conf_options options = {
        .dialect = CONF_HOMING,
        .name = m->of.conf.path,
        .providers = providers,
        .getenv = given_env,
        .read_file = given_file,
    };

    giving = &m->of.conf.given;
    struct conf *conf = conf_parse(m->of.conf.bytes.data, m->of.conf.bytes.len, &options);
    giving = NULL;
    return conf;
}

/* The settings of a kind, set or unset; texts are borrowed. */
static size_t pick(const struct edit *edit, bool sets, struct edit_setting *out)
{
    size_t count = 0;

    for (size_t i = 0; i < edit->count; i++)
        if ((edit->settings[i].value != NULL) == sets)
            out[count++] = edit->settings[i];
    return count;
}

enum err reading_try(const struct message *m, const struct edit *edit,
                     const struct conf_providers *providers, struct conf **out,
                     struct edit_answer *answer, struct cause *c)
{
    const struct conf_options options = {
        .dialect = CONF_HOMING,
        .name = m->of.conf.path,
        .providers = providers,
        .getenv = given_env,
        .read_file = given_file,
    };
    struct edit_setting *settings = mem_array(edit->count + 1, sizeof *settings);
    const enum edit_what steps[] = {edit->what, EDIT_UNSET, EDIT_RENAME};
    struct edit step = *edit;
    struct buf now, after;
    enum err e = OK;

    *out = NULL;
    answer->entry[0] = '\0';
    giving = &m->of.conf.given;
    buf_init(&now, READING_MAX);
    buf_add(&now, m->of.conf.bytes.data, m->of.conf.bytes.len);
    for (size_t i = 0; e == OK && i < sizeof steps / sizeof steps[0]; i++) {
        step.settings = settings;
        step.count = steps[i] == EDIT_RENAME ? 0 : pick(edit, i == 0, settings);
        step.what = steps[i];
        if (steps[i] == EDIT_RENAME ? edit->name == NULL
                                    : step.count == 0 && (i > 0 || edit->what == EDIT_SET))
            continue;
        char *target = mem_text(answer->entry[0] != '\0' ? answer->entry : edit->target);
        step.target = target;
        buf_init(&after, READING_MAX);
        e = edit_apply(buf_str(&now), now.len, &step, &options, &after, answer, c);
        buf_wipe(&now);
        now = after;
        mem_free(target);
    }
    if (e == OK)
        *out = conf_parse(buf_str(&now), now.len, &options);
    giving = NULL;
    buf_wipe(&now);
    mem_free(settings);
    return e;
}

static bool is_there(const struct conf *in_use, const struct reading_tried *tried, size_t i)
{
    const struct conf_entry *found;

    for (size_t k = 0; k < i; k++)
        if (tried[k].error == OK && text_equal(tried[k].entry, tried[i].entry))
            return true;
    return conf_entry_find(in_use, tried[i].entry, &found, NULL) != ERR_NOT_FOUND;
}

void reading_try_many(const struct conf *in_use, const struct edit *edits, size_t count,
                      const struct conf_providers *providers, struct reading_tried *tried)
{
    const struct conf_options options = {
        .dialect = CONF_HOMING, .name = "", .providers = providers};

    for (size_t i = 0; i < count; i++) {
        struct reading_tried *t = &tried[i];
        struct edit_answer answer;
        struct buf text;
        buf_init(&text, READING_MAX);
        t->error = edit_apply("", 0, &edits[i], &options, &text, &answer, &t->cause);
        snprintf(t->setting, sizeof t->setting, "%s", answer.setting);
        snprintf(t->entry, sizeof t->entry, "%s", answer.entry);
        buf_wipe(&text);
        if (t->error == OK && edits[i].of == EDIT_HOSTNAME && is_there(in_use, tried, i))
            t->error = cause_set(&t->cause, ERR_EXISTS, "it is in the configuration already");
    }
}

/* ---- Folders ---- */

/* Settings that name a file which the worker opens. */
static const char *const opened_by_worker[] = {"filev4",     "filev6",      "ssl_ca_file",
                                               "ssl_ca_dir", "listen-cert", "listen-key",
                                               "push-cert",  "push-key"};
enum { OPENED = sizeof opened_by_worker / sizeof opened_by_worker[0] };

struct folders {
    char **list; /* ended by NULL */
    size_t count;
};

static void add_folder(struct folders *f, const char *path)
{
    const char *slash = path[0] == '/' ? strrchr(path, '/') : NULL;

    if (slash == NULL || slash == path)
        return; /* not a path, or right below the root: not all of that */
    char *folder = mem_text_n(path, (size_t)(slash - path));
    for (size_t i = 0; i < f->count; i++) {
        if (text_equal(f->list[i], folder)) {
            mem_free(folder);
            return;
        }
    }
    f->list = mem_resize(f->list, f->count + 2, sizeof *f->list);
    f->list[f->count++] = folder;
    f->list[f->count] = NULL;
}

static void add_of_view(struct folders *f, const struct view *v)
{
    for (int i = 0; i < OPENED; i++) {
        const char *path = view_get(v, opened_by_worker[i]);
        if (path != NULL)
            add_folder(f, path);
    }
}

char **reading_folders(const struct reading *r)
{
    struct folders f = {.list = mem_array(1, sizeof(char *))};
    struct view v = conf_globals(r->conf);

    add_of_view(&f, &v);
    for (size_t i = 0; i < conf_object_count(r->conf); i++) {
        v = conf_object_view(r->conf, i);
        add_of_view(&f, &v);
    }
    for (size_t i = 0; i < conf_entry_count(r->conf); i++) {
        v = conf_entry_view(conf_entry_at(r->conf, i));
        add_of_view(&f, &v);
    }
    return f.list;
}

void reading_free_list(char **list)
{
    for (size_t i = 0; list != NULL && list[i] != NULL; i++)
        mem_free(list[i]);
    mem_free(list);
}
