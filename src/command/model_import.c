/*
 * SPDX-License-Identifier: ISC
 *
 * Moving in from the page: another program's file becomes edits of the configuration. What would
 * become of each line is told before anything is written.
 */
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "command/forms.h"
#include "command/import.h"
#include "command/import_why.h"
#include "command/model_inside.h"

/* One edit that the file leads to: a hostname, or a setting for all of them. */
struct item {
    struct edit edit;
    struct edit_setting *settings; /* owned array; texts belong to the import */
    char *hostname;                /* owned; NULL: for all hostnames */
    unsigned line;
    const char *at; /* its provider or protocol, as people call it; borrowed */
    struct reading_tried *tried;
};

struct moving {
    struct model *model;
    const struct import_format *format;
    struct import im;
    struct item *items; /* owned */
    size_t count;
    struct reading_tried *tried; /* owned, one an item */
};

static void moving_free(struct moving *v)
{
    for (size_t i = 0; i < v->count; i++) {
        mem_free(v->items[i].settings);
        mem_free(v->items[i].hostname);
    }
    mem_free(v->items);
    mem_free(v->tried);
    import_free(&v->im);
}

/* ---- from statements to edits ---- */

/* A command that follows an update: the hostname does without it. */
static bool can_be_missing(const char *name)
{
    return text_equal(name, "postscript") || text_equal(name, "hook");
}

static void note_missing(struct moving *v, const char *name)
{
    for (size_t i = 0; i < v->im.note_count; i++)
        if (text_equal(v->im.notes[i].what, name) &&
            text_equal(v->im.notes[i].code, "import_command"))
            return;
    import_note(&v->im, 0, IMPORT_LEFT, name,
                "a command is written into homing.conf by hand; all is taken without it");
}

static const char *value_of(const struct import_statement *st, const char *name)
{
    for (size_t i = 0; i < st->count; i++)
        if (text_equal(st->values[i].name, name))
            return st->values[i].value;
    return NULL;
}

static const char *place_of(const struct moving *v, const struct import_statement *st)
{
    const char *id = value_of(st, "provider"), *protocol = value_of(st, "protocol");
    const struct provider *p = id != NULL ? registry_about(v->model->rooms.registry, id) : NULL;

    return p != NULL && provider_info(p)->name != NULL ? provider_info(p)->name
           : id != NULL                                ? id
           : protocol != NULL                          ? protocol
                                                       : "dyndns2";
}

static struct item *add_item(struct moving *v, const struct import_statement *st)
{
    v->items = mem_more(v->items, v->count, sizeof *v->items);
    struct item *it = &v->items[v->count++];

    *it = (struct item){.line = st->line, .edit = {.share = EDIT_ALL}};
    it->settings = mem_array(st->count + 1, sizeof *it->settings);
    return it;
}

static void add_hostname(struct moving *v, const struct import_statement *st, const char *host,
                         size_t n, bool paused)
{
    struct item *it = add_item(v, st);

    it->hostname = mem_text_n(host, n);
    it->at = place_of(v, st);
    for (size_t i = 0; i < st->count; i++) {
        if (can_be_missing(st->values[i].name))
            note_missing(v, st->values[i].name);
        else if (!paused || !text_equal(st->values[i].name, "enabled"))
            it->settings[it->edit.count++] =
                (struct edit_setting){st->values[i].name, st->values[i].value};
    }
    if (paused)
        it->settings[it->edit.count++] = (struct edit_setting){"enabled", "no"};
}

/* Each setting for all hostnames alone, so that one that is refused holds no other back. */
static void add_settings(struct moving *v, const struct import_statement *st)
{
    for (size_t i = 0; i < st->count; i++) {
        struct item *it = add_item(v, st);
        it->settings[it->edit.count++] =
            (struct edit_setting){st->values[i].name, st->values[i].value};
    }
}

static void add_items(struct moving *v, bool paused)
{
    for (size_t s = 0; s < v->im.statement_count; s++) {
        const struct import_statement *st = &v->im.statements[s];
        if (st->hosts[0] == '\0')
            add_settings(v, st);
        for (const char *at = st->hosts; *at != '\0';) {
            size_t n = strcspn(at, ",");
            add_hostname(v, st, at, n, paused);
            at += n + (at[n] == ',');
        }
    }
}

/* ---- trying ---- */

/* What stands in homing.conf for all hostnames already is not overwritten by a file of others. */
static enum err check_setting(const struct moving *v, const struct edit_setting *s, struct cause *c)
{
    const char *value = forms_global(v->model->conf, s->name);

    if (value != NULL && !text_equal(value, s->value))
        return cause_set(c, ERR_EXISTS, "%s=%.80s", s->name, value);
    return OK;
}

static void try_items(struct moving *v)
{
    struct edit *edits = mem_array(v->count + 1, sizeof *edits);

    v->tried = mem_array(v->count + 1, sizeof *v->tried);
    for (size_t i = 0; i < v->count; i++) {
        struct item *it = &v->items[i];
        it->edit.settings = it->settings;
        it->edit.target = it->hostname;
        it->edit.what = it->hostname != NULL ? EDIT_ADD : EDIT_SET;
        it->edit.of = it->hostname != NULL ? EDIT_HOSTNAME : EDIT_GLOBALS;
        it->tried = &v->tried[i];
        edits[i] = it->edit;
    }
    reading_try_many(v->model->conf, edits, v->count, v->model->rooms.providers, v->tried);
    for (size_t i = 0; i < v->count; i++) {
        struct item *it = &v->items[i];
        if (it->hostname == NULL && it->tried->error == OK)
            it->tried->error = check_setting(v, &it->settings[0], &it->tried->cause);
    }
    mem_free(edits);
}

/* ---- telling ---- */

static bool has_source(const struct item *it)
{
    for (size_t i = 0; i < it->edit.count; i++)
        if (text_starts(it->settings[i].name, "use"))
            return true;
    return false;
}

static json_t *why_of(const struct item *it)
{
    const struct reading_tried *t = it->tried;

    if (t->error == OK)
        return has_source(it) ? json_null()
                              : import_why_new("nothing says where its address comes from: choose "
                                               "that in Modify afterwards",
                                               NULL);
    if (t->error == ERR_EXISTS)
        return import_why_new("it stands in homing.conf already, and stays as it is", NULL);
    if (t->error == ERR_DENIED && t->setting[0] != '\0')
        return import_why_new("%s= names a command or a file of this machine, which the page never "
                              "sets: \"homing import FILE --write\" there takes it",
                              t->setting);
    return import_why_new("%s", t->cause.text);
}

static json_t *hostname_doc(const struct item *it)
{
    return json_pack("{s:i,s:s,s:s,s:s,s:o}", "line", (int)it->line, "hostname", it->hostname, "at",
                     it->at, "fate",
                     it->tried->error == OK           ? "taken"
                     : it->tried->error == ERR_EXISTS ? "there"
                                                      : "left",
                     "why", why_of(it));
}

static json_t *note_doc(const struct import_note *n)
{
    static const char *const fates[] = {
        [IMPORT_TAKEN] = "taken", [IMPORT_OTHER] = "other", [IMPORT_LEFT] = "left"};
    json_t *what = json_string(n->what);

    return json_pack("{s:i,s:s,s:o,s:o}", "line", (int)n->line, "fate", fates[n->fate], "what",
                     what != NULL ? what : json_string("?"), "why", import_why_doc(n));
}

/* What becomes of a setting for all hostnames. */
static json_t *setting_doc(const struct item *it)
{
    const struct reading_tried *t = it->tried;
    json_t *why = t->error == OK ? json_null()
                  : t->error == ERR_EXISTS
                      ? import_why_new("homing.conf says %s, which stays", t->cause.text)
                      : import_why_new("%s", t->cause.text);

    return json_pack("{s:i,s:s,s:s,s:o}", "line", (int)it->line, "fate",
                     t->error == OK ? "taken" : "left", "what", it->settings[0].name, "why", why);
}

/* A hostname's own row tells what becomes of it. */
static bool has_row(const struct moving *v, const struct import_note *n)
{
    for (size_t i = 0; n->fate == IMPORT_TAKEN && i < v->count; i++) {
        const struct item *it = &v->items[i];
        if (text_equal(it->hostname != NULL ? it->hostname : it->settings[0].name, n->what))
            return true;
    }
    return false;
}

static json_t *describe(const struct moving *v)
{
    json_t *hostnames = json_array(), *notes = json_array();
    size_t taken = 0;

    for (size_t i = 0; i < v->count; i++) {
        const struct item *it = &v->items[i];
        taken += it->tried->error == OK && it->hostname != NULL;
        if (it->hostname != NULL)
            json_array_append_new(hostnames, hostname_doc(it));
        else
            json_array_append_new(notes, setting_doc(it));
    }
    for (size_t i = 0; i < v->im.note_count; i++)
        if (!has_row(v, &v->im.notes[i]))
            json_array_append_new(notes, note_doc(&v->im.notes[i]));
    return json_pack("{s:s,s:s,s:i,s:o,s:o,s:b}", "format", v->format->name, "file",
                     v->format->about, "count", (int)taken, "hostnames", hostnames, "notes", notes,
                     "written", 0);
}

/* ---- the wish ---- */

static void refuse(web_answer_fn *fn, void *arg, enum err e, const char *code, const char *text)
{
    struct web_answer a = {.error = e, .code = code, .text = text, .field = "text"};
    fn(arg, &a);
}

/* A person's file has some; whoever has thousands sits at the machine. */
static bool fits(const struct moving *v)
{
    size_t texts = 0;

    for (size_t i = 0; i < v->count; i++)
        texts += v->items[i].tried->error == OK ? 2 * v->items[i].edit.count + 2 : 0;
    return texts < MESSAGE_TEXTS_MAX;
}

/* The settings for all hostnames as one edit, then the hostnames. */
static void write_items(struct moving *v, json_t *doc, const struct web_edit *who,
                        web_answer_fn *fn, void *arg)
{
    struct edit *edits = mem_array(v->count + 1, sizeof *edits);
    struct edit_setting *globals = mem_array(v->count + 1, sizeof *globals);
    struct edit all = {
        .what = EDIT_SET, .of = EDIT_GLOBALS, .share = EDIT_ALL, .settings = globals};
    size_t count = 1;

    for (size_t i = 0; i < v->count; i++) {
        const struct item *it = &v->items[i];
        if (it->tried->error != OK)
            continue;
        if (it->hostname != NULL)
            edits[count++] = it->edit;
        else
            globals[all.count++] = it->settings[0];
    }
    edits[0] = all;
    size_t from = all.count > 0 ? 0 : 1;
    model_edit_many(v->model, edits + from, count - from, doc, who, fn, arg);
    mem_free(globals);
    mem_free(edits);
}

void model_import(struct model *m, const json_t *body, const struct web_edit *who,
                  web_answer_fn *fn, void *arg)
{
    const json_t *text = json_object_get(body, "text");
    const char *format = json_string_value(json_object_get(body, "format"));
    struct moving v = {.model = m};
    struct cause c;

    if (!json_is_string(text)) {
        refuse(fn, arg, ERR_SYNTAX, NULL, "The body needs a \"text\": the file as it is.");
        return;
    }
    const char *bytes = json_string_value(text);
    size_t n = json_string_length(text);
    v.format = import_format_of(format, bytes, n);
    if (v.format == NULL) {
        refuse(fn, arg, ERR_SYNTAX, "import-unknown",
               "This is no file of a program that homing knows.");
        return;
    }
    import_init(&v.im, m->rooms.registry);
    enum err e = v.format->read(&v.im, bytes, n, &c);
    if (e != OK) {
        refuse(fn, arg, e, NULL, c.text);
        moving_free(&v);
        return;
    }
    add_items(&v, json_is_true(json_object_get(body, "paused")));
    import_mask(&v.im);
    try_items(&v);
    json_t *doc = describe(&v);
    bool any = false;
    for (size_t i = 0; i < v.count; i++)
        any = any || v.items[i].tried->error == OK;
    bool apply = any && json_is_true(json_object_get(body, "apply"));
    if (apply && !fits(&v)) {
        refuse(fn, arg, ERR_TOO_BIG, "import-many",
               "These are more hostnames than the page takes over at once; \"homing import FILE "
               "--write\" on the machine takes any number.");
    } else if (apply) {
        write_items(&v, doc, who, fn, arg);
    } else {
        struct web_answer a = {.error = OK, .doc = doc};
        fn(arg, &a);
    }
    json_decref(doc);
    moving_free(&v);
}
