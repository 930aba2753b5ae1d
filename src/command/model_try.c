/*
 * SPDX-License-Identifier: ISC
 *
 * What would be sent, for a form that is not saved yet.
 */
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "command/forms.h"
#include "command/model_inside.h"
#include "engine/report.h"
#include "keeper/reading.h"

/* ---- plans ---- */

struct planning {
    web_answer_fn *fn;
    void *arg;
    char *hostname; /* owned */
};

static void on_planned(void *arg, const struct engine_plan_result *r)
{
    struct planning *p = arg;
    json_t *doc = report_plan(r, true);
    struct web_answer a = {.error = OK, .doc = doc};
    p->fn(p->arg, &a);
    json_decref(doc);
    mem_free(p->hostname);
    mem_free(p);
}

static struct message said_message(const struct model *m)
{
    size_t n;
    const char *bytes = conf_bytes(m->conf, &n);

    return (struct message){.type = MESSAGE_CONF,
                            .of.conf = {.version = m->said.version,
                                        .path = m->said.path,
                                        .bytes = {bytes, n},
                                        .given = m->said.given}};
}

/* The configuration as it would be with the form saved. */
static enum err try_form(struct model *m, const char *id, const json_t *form, struct conf **out,
                         char target[512], char field[64], struct cause *c)
{
    const char *hostname = json_string_value(json_object_get(form, "hostname"));
    const struct conf_entry *entry = NULL;
    struct edit_answer answer = {0};
    struct changes ch = {0};
    enum err e = OK;

    if (id != NULL)
        e = conf_entry_find(m->conf, id, &entry, c);
    else if (hostname == NULL)
        e = cause_set(c, ERR_SYNTAX, "Which hostname?");
    if (e == OK && hostname != NULL)
        e = forms_hostname(hostname, c);
    if (e == OK)
        e = changes_read(m, form, entry, false, &ch, c);
    if (e == OK)
        e = changes_same_as(m, form, &ch, c);
    if (e == OK) {
        bool renamed = id != NULL && hostname != NULL;
        struct edit edit = {.what = id != NULL ? EDIT_SET : EDIT_ADD,
                            .of = EDIT_HOSTNAME,
                            .target = id != NULL ? conf_entry_id(entry) : hostname,
                            .name = renamed ? hostname : NULL,
                            .settings = ch.settings,
                            .count = ch.count,
                            .share = EDIT_ONE};
        struct message said = said_message(m);
        e = reading_try(&said, &edit, m->rooms.providers, out, &answer, c);
        snprintf(target, 512, "%s", answer.entry[0] != '\0' ? answer.entry : edit.target);
    }
    snprintf(field, 64, "%s", answer.setting[0] != '\0' ? answer.setting : ch.field);
    changes_free(&ch);
    return e;
}

enum err model_try_rename(const struct model *m, const char *id, const char *name, struct cause *c)
{
    const struct conf_entry *entry;
    struct edit_answer answer;
    struct conf *conf = NULL;

    enum err e = conf_entry_find(m->conf, id, &entry, c);
    if (e == OK)
        e = forms_hostname(name, c);
    if (e == OK) {
        struct message said = said_message(m);
        struct edit edit = {
            .what = EDIT_SET, .of = EDIT_HOSTNAME, .target = conf_entry_id(entry), .name = name};
        e = reading_try(&said, &edit, m->rooms.providers, &conf, &answer, c);
    }
    if (conf != NULL)
        conf_unref(conf);
    return e;
}

void model_plan(struct model *m, const json_t *body, web_answer_fn *fn, void *arg)
{
    const char *id = json_string_value(json_object_get(body, "id"));
    const json_t *form = json_object_get(body, "entry");
    char target[512] = "", field[64] = "";
    const struct conf_entry *entry;
    struct conf *conf = NULL;
    struct cause c;
    enum err e = OK;

    if (json_is_object(form))
        e = try_form(m, id, form, &conf, target, field, &c);
    else if (id != NULL)
        conf = conf_ref(m->conf);
    else
        e = cause_set(&c, ERR_SYNTAX, "The body needs an \"id\" or an \"entry\".");
    if (e == OK)
        e = conf_entry_find(conf, target[0] != '\0' ? target : id, &entry, &c);
    if (e == OK) {
        struct planning *p = mem_alloc(sizeof *p);
        *p = (struct planning){fn, arg, mem_text(conf_entry_hostname(entry))};
        e = engine_plan(m->rooms.engine, conf, entry, PLAN_READS, on_planned, p, &c);
        if (e != OK) {
            mem_free(p->hostname);
            mem_free(p);
        }
    }
    if (e != OK)
        model_refuse(fn, arg, e, field, &c);
    if (conf != NULL)
        conf_unref(conf);
}
