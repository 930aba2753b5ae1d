/*
 * SPDX-License-Identifier: ISC
 */
#include "command/provider_trial.h"

#include <string.h>

#include "base/mem.h"
#include "base/outcome.h"
#include "base/text.h"
#include "command/trial_settings.h"
#include "command/world.h"
#include "conf/edit.h"

struct trial {
    const struct command_call *call;
    const struct provider_info *info;
    struct world world;
    struct trial_settings settings;
    bool done;
    int status;
};

/* What an edit of an empty configuration makes of it, so that every value is checked as always. */
static enum err make_conf(struct trial *t, struct loaded *loaded, struct cause *c)
{
    const struct conf_options options = {
        .dialect = CONF_HOMING, .name = "the settings given", .providers = &loaded->providers};
    const struct edit edit = {.what = EDIT_ADD,
                              .of = EDIT_HOSTNAME,
                              .target = t->call->words[0],
                              .settings = t->settings.list,
                              .count = t->settings.count,
                              .owner = true};
    struct edit_answer answer = {0};
    struct buf text;

    buf_init(&text, LOAD_MAX);
    enum err e = edit_apply("", 0, &edit, &options, &text, &answer, c);
    if (e == OK)
        load_conf_bytes(loaded, buf_str(&text), text.len, &options);
    buf_wipe(&text);
    return e;
}

/* False: it is not enough to try it with. */
static bool tell_problems(const struct trial *t, const struct conf *conf)
{
    bool good = !conf_has_errors(conf);

    for (size_t i = 0; i < conf_problem_count(conf); i++) {
        const struct conf_problem *p = conf_problem_at(conf, i);
        fprintf(t->call->err, "homing providers: %s%s%s\n", p->text, p->hint != NULL ? "; " : "",
                p->hint != NULL ? p->hint : "");
        good = good && !text_equal(p->code, "needs-field");
    }
    return good;
}

static void print_lines(FILE *out, const char *first, const char *text)
{
    fprintf(out, "    %s ", first);
    for (const char *c = text; *c != '\0'; c++) {
        fputc(*c, out);
        if (*c == '\n')
            fprintf(out, "    %*s ", (int)strlen(first), "");
    }
    fputc('\n', out);
}

static void show_steps(const struct trial *t, const struct engine_plan_result *r)
{
    FILE *out = t->call->out;
    bool offline = command_given(t->call, "offline"), send = command_given(t->call, "send");

    for (size_t i = 0; i < r->step_count; i++) {
        const struct engine_plan_step *s = &r->steps[i];
        bool left = send || !(s->writes || offline);
        print_lines(out, left ? "sent      " : "would send", s->whole != NULL ? s->whole : s->text);
        if (left && s->answer != NULL)
            print_lines(out, "answered  ", s->answer);
    }
    if (r->step_count == 0)
        fputs("    Nothing is to be sent.\n", out);
}

static void show(const struct trial *t, const struct engine_plan_result *r)
{
    FILE *out = t->call->out;
    bool good = outcome_is_good(r->cls), send = command_given(t->call, "send");
    char text[ADDRSET_TEXT_MAX];

    fprintf(out, "%s\n", t->call->words[0]);
    for (int f = 0; f < FAMILIES; f++)
        if (r->known[f])
            fprintf(out, "    %s should be %s\n", family_type((enum family)f),
                    addrset_text(&r->wanted[f], text));
    show_steps(t, r);
    const struct outcome_rule *rule = outcome_rule(r->cls);
    if (!good || send)
        fprintf(out, "%s: %s%s%s\n", rule->name, rule->meaning, r->say != NULL ? " " : "",
                r->say != NULL ? r->say : "");
    if (good && !send)
        fputs("Nothing was changed. With --send it is carried out once.\n", out);
}

static json_t *document(const struct trial *t, const struct engine_plan_result *r)
{
    json_t *steps = json_array();

    for (size_t i = 0; i < r->step_count; i++) {
        const struct engine_plan_step *s = &r->steps[i];
        json_array_append_new(steps, json_pack("{s:s?, s:b, s:s?}", "request", s->whole, "writes",
                                               s->writes, "answer", s->answer));
    }
    return json_pack("{s:s, s:s, s:o, s:s, s:s?}", "provider", t->info->id, "host",
                     t->call->words[0], "steps", steps, "outcome", outcome_rule(r->cls)->name,
                     "say", r->say);
}

static void on_tried(void *arg, const struct engine_plan_result *r)
{
    struct trial *t = arg;

    if (t->call->json)
        command_json(t->call, document(t, r));
    else
        show(t, r);
    t->status = !r->known[V4] && !r->known[V6] ? STATUS_ADDRESS
                : outcome_is_good(r->cls)      ? STATUS_RIGHT
                                               : STATUS_FAILED;
    t->done = true;
    uv_stop(&t->world.loop);
}

static int carry_out(struct trial *t, struct loaded *loaded)
{
    const struct command_call *call = t->call;
    enum engine_plan_how how = command_given(call, "send")      ? PLAN_SENDS
                               : command_given(call, "offline") ? PLAN_OFFLINE
                                                                : PLAN_READS;
    struct cause c = {""};

    t->status = STATUS_FAILED;
    enum err e = world_trial(&t->world, loaded, &c);
    if (e != OK) {
        fprintf(call->err, "homing providers: %s\n", c.text);
        return STATUS_FAILED;
    }
    struct conf *conf = t->world.loaded.conf;
    if (!tell_problems(t, conf))
        t->status = STATUS_CONF;
    else if (engine_plan(t->world.engine, conf, conf_entry_at(conf, 0), how, on_tried, t, &c) == OK)
        world_run(&t->world, &t->done);
    else
        fprintf(call->err, "homing providers: %s\n", c.text);
    world_close(&t->world);
    return t->status;
}

int provider_trial(const struct command_call *call, const struct places *places, struct provider *p)
{
    struct trial t = {.call = call, .info = provider_info(p)};
    struct loaded loaded;
    struct cause c = {""};

    loaded_init(&loaded);
    load_providers(&loaded, places->providers);
    registry_add(loaded.registry, p); /* in place of a namesake */
    int status = trial_settings_read(&t.settings, call, t.info);
    if (status == STATUS_RIGHT) {
        if (make_conf(&t, &loaded, &c) == OK) {
            status = carry_out(&t, &loaded);
        } else {
            fprintf(call->err, "homing providers: %s\n", c.text);
            status = STATUS_CONF;
        }
    }
    trial_settings_free(&t.settings);
    loaded_free(&loaded);
    return status;
}
