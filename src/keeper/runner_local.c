/*
 * SPDX-License-Identifier: ISC
 */
#include "keeper/runner_local.h"

#include "base/mem.h"
#include "base/text.h"
#include "conf/settings.h"
#include "keeper/child.h"

struct runner_local {
    struct runner runner; /* first */
    uv_loop_t *loop;
    struct conf *conf; /* counted; may be NULL */
    struct children *children;
};

/* An entry's identity, a named object as "define=KIND:NAME", or nothing for the globals. */
static enum err find_view(struct conf *conf, const char *whose, struct view *view, struct cause *c)
{
    static const char define[] = "define=";
    const struct conf_entry *entry;

    if (whose == NULL || whose[0] == '\0') {
        *view = conf_globals(conf);
        return OK;
    }
    for (size_t i = 0; text_starts(whose, define) && i < conf_object_count(conf); i++) {
        char *name =
            mem_format("%s%s:%s", define, conf_object_kind(conf, i), conf_object_name(conf, i));
        bool same = text_equal(name, whose);
        mem_free(name);
        if (same) {
            *view = conf_object_view(conf, i);
            return OK;
        }
    }
    enum err e = conf_entry_find(conf, whose, &entry, c);
    if (e != OK)
        return e;
    if (conf_entry_parked(entry))
        return cause_set(c, ERR_DENIED, "the statement of %s has an error", whose);
    *view = conf_entry_view(entry);
    return OK;
}

static enum err find_text(const struct runner_local *r, const char *entry, const char *name,
                          const char **text, bool *program, struct cause *c)
{
    const struct setting *setting = setting_find(name);
    struct view view;

    if (setting == NULL || setting->class != SETTING_RUNS)
        return cause_set(c, ERR_DENIED, "%s is no setting that names a command", name);
    if (r->conf == NULL)
        return cause_set(c, ERR_NOT_FOUND, "there is no configuration");
    enum err e = find_view(r->conf, entry, &view, c);
    if (e != OK)
        return e;
    *program = setting->type == SETTING_PROGRAM;
    *text = view_get(&view, name);
    if (*text == NULL || **text == '\0')
        return cause_set(c, ERR_NOT_FOUND, "%s= is not set%s%s", name,
                         entry != NULL && *entry != '\0' ? " for " : "",
                         entry != NULL ? entry : "");
    return OK;
}

static void run(struct runner *runner, const struct runner_ask *ask, runner_fn *fn, void *arg)
{
    struct runner_local *r = (struct runner_local *)runner;
    struct cause why;
    const char *text = NULL;
    bool program = false;
    enum err e = find_text(r, ask->entry, ask->setting, &text, &program, &why);

    if (e != OK) {
        children_refuse(r->children, e, why.text, fn, arg);
        return;
    }
    const struct child_request request = {.text = text,
                                          .program = program,
                                          .args = ask->args,
                                          .env = ask->env,
                                          .input = ask->input,
                                          .input_len = ask->input_len,
                                          .limit = ask->limit};
    children_run(r->children, &request, fn, arg);
}

static const struct runner_ops ops = {run};

struct runner_local *runner_local_new(uv_loop_t *loop)
{
    struct runner_local *r = mem_alloc(sizeof *r);

    r->runner.ops = &ops;
    r->loop = loop;
    r->children = children_new(loop);
    return r;
}

void runner_local_free(struct runner_local *r)
{
    if (r == NULL)
        return;
    children_free(r->children);
    if (r->conf != NULL)
        conf_unref(r->conf);
    mem_free(r);
}

void runner_local_use(struct runner_local *r, struct conf *conf)
{
    struct conf *former = r->conf;

    r->conf = conf != NULL ? conf_ref(conf) : NULL;
    if (former != NULL)
        conf_unref(former);
}

struct runner *runner_local_runner(struct runner_local *r)
{
    return &r->runner;
}
