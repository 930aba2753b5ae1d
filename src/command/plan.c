/*
 * SPDX-License-Identifier: ISC
 */
#include "command/ask.h"
#include "command/client.h"
#include "command/world.h"

#include "base/mem.h"
#include "base/text.h"
#include "engine/report.h"

/* What would be sent, by the real protocols as dry runs. */

struct planning {
    const struct command_call *call;
    struct world world;
    const struct conf_entry *entry;
    json_t *all; /* one document an entry, for --json */
    bool done;
    int status;
};

/* As the API has it, and which hostname it is about. */
static json_t *document(const struct planning *p, const struct engine_plan_result *r)
{
    json_t *doc = report_plan(r, false);

    json_object_set_new(doc, "id", json_string(conf_entry_id(p->entry)));
    return doc;
}

/* What a running service knows of it: its memory is its own. NULL: none runs. */
static json_t *ask_running(const struct planning *p)
{
    char *target = ask_target("/hostnames/%s", conf_entry_id(p->entry));
    json_t *doc = NULL;
    bool reached;
    struct cause cause;

    if (client_call(p->world.places.socket, "GET", target, NULL, &doc, &reached, &cause) != OK)
        doc = NULL;
    mem_free(target);
    return doc;
}

static bool is_told(const json_t *told, const struct engine_plan_result *r, enum family f)
{
    size_t i, k;
    json_t *record, *item;
    struct addr a;

    json_array_foreach(json_object_get(told, "records"), i, record)
    {
        const json_t *list = json_object_get(record, "published");
        struct addrset set = {.count = 0};
        if (!text_equal(json_string_value(json_object_get(record, "family")), family_name(f)))
            continue;
        json_array_foreach(list, k, item) if (addr_parse(json_string_value(item), &a))
            addrset_add(&set, &a);
        return json_is_array(list) && addrset_equal(&set, &r->wanted[f]) &&
               !text_equal(json_string_value(json_object_get(record, "state")), "needs-you");
    }
    return false;
}

static bool is_published(const struct planning *p, const json_t *told,
                         const struct engine_plan_result *r, enum family f)
{
    if (told != NULL)
        return is_told(told, r, f);
    const struct state_record *record =
        memstate_record(p->world.memory, conf_entry_id(p->entry), f);
    return record != NULL && record->published_known && !record->stopped &&
           addrset_equal(&record->published, &r->wanted[f]);
}

/* One that was found and is not published; no allow-private is set, or it would be. */
static bool show_refused(FILE *out, const struct engine_plan_result *r)
{
    bool any = false;

    for (int f = 0; f < FAMILIES; f++) {
        char text[ADDR_TEXT_MAX];
        if (r->refused[f] == ADDR_PUBLIC)
            continue;
        fprintf(out, "    %s is %s: it is not published unless allow-private=yes\n",
                addr_text(&r->refused_address[f], text), addr_kind_name(r->refused[f]));
        any = true;
    }
    return any;
}

static void show(const struct planning *p, const struct engine_plan_result *r)
{
    FILE *out = p->call->out;
    bool whole = command_given(p->call, "whole"), offline = command_given(p->call, "offline");

    json_t *told = ask_running(p);
    fprintf(out, "%s\n", conf_entry_id(p->entry));
    for (int f = 0; f < FAMILIES; f++) {
        char text[ADDRSET_TEXT_MAX];
        if (r->known[f])
            fprintf(out, "    %s should be %s%s\n", family_type((enum family)f),
                    addrset_text(&r->wanted[f], text),
                    is_published(p, told, r, (enum family)f)
                        ? ", and is by what homing remembers: it is sent only when forced"
                        : "");
    }
    json_decref(told);
    bool refused = show_refused(out, r);
    for (size_t i = 0; i < r->step_count; i++) {
        const struct engine_plan_step *s = &r->steps[i];
        fprintf(out, "    %s %s\n", s->writes || offline ? "would send" : "sent      ",
                whole && s->whole != NULL ? s->whole : s->text);
    }
    if (r->step_count == 0)
        fprintf(out, "    nothing would be sent\n");
    if (!outcome_is_good(r->cls) && r->cls != OUTCOME_NONE)
        fprintf(out, "    %s\n", outcome_rule(r->cls)->meaning);
    if (r->say != NULL && !(refused && r->cls == OUTCOME_NONE))
        fprintf(out, "    %s\n", r->say);
}

static void on_plan(void *arg, const struct engine_plan_result *r)
{
    struct planning *p = arg;

    if (p->call->json)
        json_array_append_new(p->all, document(p, r));
    else
        show(p, r);
    if (!outcome_is_good(r->cls) && r->cls != OUTCOME_NONE)
        p->status = STATUS_FAILED;
    else if (!r->known[V4] && !r->known[V6] && p->status == STATUS_RIGHT)
        p->status = STATUS_ADDRESS;
    p->done = true;
    uv_stop(&p->world.loop);
}

static void plan_one(struct planning *p, const struct conf_entry *e)
{
    struct cause cause = {""};

    p->entry = e;
    p->done = false;
    if (engine_plan(p->world.engine, p->world.loaded.conf, e,
                    command_given(p->call, "offline") ? PLAN_OFFLINE : PLAN_READS, on_plan, p,
                    &cause) != OK) {
        fprintf(p->call->err, "homing plan: %s: %s\n", conf_entry_id(e), cause.text);
        p->status = STATUS_FAILED;
        return;
    }
    world_run(&p->world, &p->done);
}

static int plan_all(struct planning *p)
{
    const struct conf *conf = p->world.loaded.conf;
    struct cause cause = {""};

    if (p->call->count > 0) {
        const struct conf_entry *e;
        if (conf_entry_find(conf, p->call->words[0], &e, &cause) != OK) {
            fprintf(p->call->err, "homing plan: %s\n", cause.text);
            return STATUS_USAGE;
        }
        plan_one(p, e);
    }
    for (size_t i = 0; p->call->count == 0 && i < conf_entry_count(conf); i++) {
        const struct conf_entry *e = conf_entry_at(conf, i);
        if (p->world.interrupted)
            return STATUS_FAILED;
        if (!conf_entry_parked(e) && conf_entry_enabled(e))
            plan_one(p, e);
    }
    return conf_has_errors(conf) ? STATUS_CONF : p->status;
}

static int run(const struct command_call *call)
{
    struct planning p = {.call = call, .status = STATUS_RIGHT};

    int status = world_open(&p.world, call, WORLD_READS, false);
    if (status != STATUS_RIGHT)
        return status;
    p.all = json_array();
    status = plan_all(&p);
    if (call->json)
        command_json(call, json_pack("{s:O}", "plans", p.all));
    json_decref(p.all);
    world_close(&p.world);
    return status;
}

static const struct command_option options[] = {
    {"offline", NULL, "send nothing at all, not even what only reads"},
    {"whole", NULL, "show headers and bodies too"},
    {NULL, NULL, NULL}};

const struct command command_plan = {
    .name = "plan",
    .summary = "Show what would be sent and why; change nothing",
    .arguments = "[HOST]",
    .help =
        "Runs the real protocol: what reads is sent, what would write is shown. Secrets are shown "
        "as dots.",
    .options = options,
    .most = 1,
    .json = true,
    .configured = true,
    .statuses = 1u << STATUS_RIGHT | 1u << STATUS_FAILED | 1u << STATUS_USAGE | 1u << STATUS_CONF |
                1u << STATUS_ADDRESS,
    .run = run,
};
