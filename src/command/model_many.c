/*
 * SPDX-License-Identifier: ISC
 *
 * What a person does with several hostnames at once: one change of homing.conf, one undo.
 */
#include <string.h>

#include "base/map.h"
#include "base/mem.h"
#include "base/text.h"
#include "command/model_inside.h"

enum { IDS_MAX = 20000 };

/* The entries that the body names, each once. */
struct ids {
    const char **items; /* owned array; texts belong to the configuration */
    size_t count;
};

static enum err read_ids(const struct model *m, const json_t *body, struct ids *out,
                         struct cause *c)
{
    const json_t *list = json_object_get(body, "ids");
    size_t n = json_array_size(list);
    struct map *seen;
    enum err e = OK;

    *out = (struct ids){0};
    if (!json_is_array(list) || n == 0 || n > IDS_MAX)
        return cause_set(c, ERR_SYNTAX, "The body needs \"ids\": 1 to %d hostnames.", IDS_MAX);
    out->items = mem_array(n, sizeof out->items[0]);
    seen = map_new();
    for (size_t i = 0; i < n && e == OK; i++) {
        const char *id = json_string_value(json_array_get(list, i));
        const struct conf_entry *entry;
        if (id == NULL)
            e = cause_set(c, ERR_SYNTAX, "Each of \"ids\" is a text.");
        else
            e = conf_entry_find(m->conf, id, &entry, c);
        if (e == OK && map_get(seen, conf_entry_id(entry)) == NULL) {
            map_set(seen, conf_entry_id(entry), out);
            out->items[out->count++] = conf_entry_id(entry);
        }
    }
    map_free(seen, NULL);
    return e;
}

/* ---- by the engine ---- */

/* Those that can be are; the answer counts them, and is a refusal only when none could. */
static void answer_counted(size_t count, size_t refused, const struct cause *c, enum err e,
                           web_answer_fn *fn, void *arg)
{
    if (refused == count) {
        model_refuse(fn, arg, e, NULL, c);
        return;
    }
    json_t *doc = json_pack("{s:I,s:I}", "count", (json_int_t)(count - refused), "refused",
                            (json_int_t)refused);
    struct web_answer a = {.error = OK, .doc = doc};
    fn(arg, &a);
    json_decref(doc);
}

static void update_all(struct model *m, const struct ids *ids, const struct web_edit *who,
                       web_answer_fn *fn, void *arg)
{
    struct cause c = {""}, first = {""};
    enum err e = OK;
    size_t refused = 0;

    log_notice(NULL, "%s asks for an update of %zu hostnames.", who->who, ids->count);
    for (size_t i = 0; i < ids->count; i++) {
        enum err one = engine_update(m->rooms.engine, ids->items[i], false, &c);
        if (one != OK && refused++ == 0) {
            e = one;
            first = c;
        }
    }
    answer_counted(ids->count, refused, &first, e, fn, arg);
}

/* Those that are switched off are switched on; of the others the provider's block is cleared. */
static void resume_all(struct model *m, const struct ids *ids, const struct web_edit *who,
                       web_answer_fn *fn, void *arg)
{
    struct edit edit = {.what = EDIT_ENABLE, .of = EDIT_HOSTNAME, .share = EDIT_ONE};
    const char **off = mem_array(ids->count, sizeof off[0]);
    struct cause c = {""};
    size_t count = 0, refused = 0;
    enum err e = OK;

    for (size_t i = 0; i < ids->count; i++) {
        const struct conf_entry *entry;
        if (conf_entry_find(m->conf, ids->items[i], &entry, &c) != OK)
            continue;
        if (!conf_entry_enabled(entry)) {
            off[count++] = ids->items[i];
        } else {
            enum err one = engine_resume(m->rooms.engine, ids->items[i], &c);
            refused += one != OK;
            e = one != OK ? one : e;
        }
    }
    if (count > 0)
        model_edit_each(m, &edit, off, count, who, fn, arg);
    else
        answer_counted(ids->count, refused, &c, e, fn, arg);
    mem_free(off);
}

/* ---- by the keeper ---- */

static void change_all(struct model *m, const struct ids *ids, const json_t *body,
                       const struct web_edit *who, web_answer_fn *fn, void *arg)
{
    struct changes ch = {0};
    struct cause c = {""};
    enum err e = OK;

    for (size_t i = 0; i < ids->count && e == OK; i++) {
        const struct conf_entry *entry;
        changes_free(&ch);
        e = conf_entry_find(m->conf, ids->items[i], &entry, &c);
        if (e == OK)
            e = changes_read(m, body, entry, false, &ch, &c);
    }
    for (size_t i = 0; i < ch.count && e == OK; i++) {
        if (ch.settings[i].value != NULL)
            continue;
        snprintf(ch.field, sizeof ch.field, "%s", ch.settings[i].name);
        e = cause_set(&c, ERR_UNSUPPORTED, "%s is unset for one hostname at a time.",
                      ch.settings[i].name);
    }
    if (e == OK) {
        struct edit edit = {.what = EDIT_SET,
                            .of = EDIT_HOSTNAME,
                            .settings = ch.settings,
                            .count = ch.count,
                            .share = EDIT_ONE};
        model_edit_each(m, &edit, ids->items, ids->count, who, fn, arg);
    } else {
        model_refuse(fn, arg, e, ch.field, &c);
    }
    changes_free(&ch);
}

/* ---- at the providers, too ---- */

/* The records first, then the hostnames whose records are gone: what stays there stays known. */
struct removing_all {
    struct model *m;
    char **ids; /* owned */
    size_t count, waiting, failed;
    bool *gone;          /* owned */
    char *version, *who; /* owned */
    char *kept, *say;    /* owned: the first whose record stays, and why */
    web_answer_fn *fn;
    void *arg;
};
struct removing_one {
    struct removing_all *all;
    size_t at;
};

static void removing_free(struct removing_all *r)
{
    for (size_t i = 0; i < r->count; i++)
        mem_free(r->ids[i]);
    mem_free(r->ids);
    mem_free(r->gone);
    mem_free(r->version);
    mem_free(r->who);
    mem_free(r->kept);
    mem_free(r->say);
    mem_free(r);
}

static void on_dropped(void *arg, const struct web_answer *a)
{
    struct removing_all *r = arg;

    if (a->error != OK || r->failed == 0) {
        r->fn(r->arg, a);
    } else {
        char *text = mem_format("%zu of %zu hostnames stay here, because their records were not "
                                "removed at the provider. %s: %s.",
                                r->failed, r->count, r->kept, r->say);
        struct web_answer kept = {
            .error = ERR_DENIED,
            .code = "records-stay",
            .args = json_pack("{s:I,s:I,s:s,s:s}", "count", (json_int_t)r->failed, "all",
                              (json_int_t)r->count, "hostname", r->kept, "say", r->say),
            .text = text};
        r->fn(r->arg, &kept);
        json_decref(kept.args);
        mem_free(text);
    }
    removing_free(r);
}

static void removing_look(struct removing_all *r)
{
    const struct edit edit = {.what = EDIT_REMOVE, .of = EDIT_HOSTNAME, .share = EDIT_ONE};
    const struct web_edit who = {.version = r->version, .who = r->who};
    const char **gone;
    size_t count = 0;

    if (--r->waiting > 0)
        return;
    gone = mem_array(r->count, sizeof gone[0]);
    for (size_t i = 0; i < r->count; i++)
        if (r->gone[i])
            gone[count++] = r->ids[i];
    if (count > 0)
        model_edit_each(r->m, &edit, gone, count, &who, on_dropped, r);
    else
        on_dropped(r, &(struct web_answer){.error = OK});
    mem_free(gone);
}

static void removing_failed(struct removing_all *r, size_t at, const char *say)
{
    if (r->failed++ > 0)
        return;
    r->kept = mem_text_n(r->ids[at], strcspn(r->ids[at], "@"));
    r->say = mem_text(say);
}

static void on_removed(void *arg, enum err result, const char *say)
{
    struct removing_one *one = arg;
    struct removing_all *r = one->all;

    r->gone[one->at] = result == OK;
    if (result != OK)
        removing_failed(r, one->at, say);
    mem_free(one);
    removing_look(r);
}

static void remove_all(struct model *m, const struct ids *ids, const struct web_edit *who,
                       web_answer_fn *fn, void *arg)
{
    struct removing_all *r = mem_alloc(sizeof *r);
    struct cause c;

    *r = (struct removing_all){.m = m,
                               .ids = mem_array(ids->count, sizeof r->ids[0]),
                               .count = ids->count,
                               .waiting = 1,
                               .gone = mem_array(ids->count, sizeof r->gone[0]),
                               .version = mem_text(who->version),
                               .who = mem_text(who->who),
                               .fn = fn,
                               .arg = arg};
    log_notice(NULL, "%s asks to remove the records of %zu hostnames at the provider, too.",
               who->who, ids->count);
    for (size_t i = 0; i < ids->count; i++)
        r->ids[i] = mem_text(ids->items[i]);
    for (size_t i = 0; i < ids->count; i++) {
        struct removing_one *one = mem_alloc(sizeof *one);
        *one = (struct removing_one){r, i};
        r->waiting++;
        if (engine_remove(m->rooms.engine, r->ids[i], on_removed, one, &c) == OK)
            continue;
        removing_failed(r, i, c.text);
        mem_free(one);
        r->waiting--;
    }
    removing_look(r);
}

/* ---- the wish ---- */

void model_many(struct model *m, const json_t *body, const struct web_edit *who, web_answer_fn *fn,
                void *arg)
{
    const char *act = json_string_value(json_object_get(body, "act"));
    struct edit edit = {.of = EDIT_HOSTNAME, .share = EDIT_ONE};
    struct ids ids;
    struct cause c = {""};
    enum err e = read_ids(m, body, &ids, &c);

    edit.what = text_equal(act, "pause") ? EDIT_DISABLE : EDIT_REMOVE;
    if (e != OK)
        model_refuse(fn, arg, e, NULL, &c);
    else if (text_equal(act, "update"))
        update_all(m, &ids, who, fn, arg);
    else if (text_equal(act, "resume"))
        resume_all(m, &ids, who, fn, arg);
    else if (text_equal(act, "change"))
        change_all(m, &ids, body, who, fn, arg);
    else if (text_equal(act, "remove") && json_is_true(json_object_get(body, "record")))
        remove_all(m, &ids, who, fn, arg);
    else if (text_equal(act, "remove") || text_equal(act, "pause"))
        model_edit_each(m, &edit, ids.items, ids.count, who, fn, arg);
    else
        model_refuse(
            fn, arg,
            cause_set(&c, ERR_SYNTAX, "\"act\" is one of update, pause, resume, change, remove."),
            NULL, &c);
    mem_free(ids.items);
}
