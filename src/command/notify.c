/*
 * SPDX-License-Identifier: ISC
 */
#include "command/ask.h"
#include "command/client.h"
#include "command/show.h"
#include "command/telling.h"
#include "command/world.h"

#include "base/mem.h"
#include "base/text.h"

/* ---- the list ---- */

static void show_last(const struct command_call *call, const json_t *item)
{
    const json_t *last = json_object_get(item, "last");
    long long waiting = (long long)json_integer_value(json_object_get(item, "waiting"));
    char time[SHOW_TIME_MAX];

    if (json_is_object(last)) {
        bool good = json_is_true(json_object_get(last, "good"));
        const char *what = show_text(last, "title");
        fprintf(call->out, "%s  %s%s", show_time(json_object_get(last, "at"), time),
                good ? "" : "not delivered: ", good ? "" : show_text(last, "say"));
        if (good)
            fprintf(call->out, "%s", what[0] != '\0' ? what : "sign of life");
    } else {
        fputs("nothing yet", call->out);
    }
    if (waiting > 0)
        fprintf(call->out, "; %lld wait%s, since %s", waiting, waiting == 1 ? "s" : "",
                show_time(json_object_get(item, "oldest"), time));
    fputc('\n', call->out);
}

static int show_list(const struct command_call *call)
{
    json_t *doc, *item;
    size_t i;

    int status = ask(call, "GET", "/notify", NULL, &doc);
    if (status != STATUS_RIGHT)
        return status;
    if (call->json) {
        command_json(call, doc);
        return STATUS_RIGHT;
    }
    if (json_array_size(json_object_get(doc, "items")) == 0)
        fputs("Nobody is told. Add a line such as define=notify:phone, kind=ntfy, topic=...; "
              "\"homing notify --kinds\" shows what there is.\n",
              call->out);
    json_array_foreach(json_object_get(doc, "items"), i, item)
    {
        fprintf(call->out, "%-16s %-16s ", show_text(item, "name"), show_text(item, "service"));
        show_last(call, item);
    }
    json_decref(doc);
    return STATUS_RIGHT;
}

/* ---- the kinds ---- */

static void show_kind(const struct command_call *call, const char *kind, const char *help)
{
    fprintf(call->out, "%-14s %s\n", kind, help);
}

static int show_kinds(const struct command_call *call)
{
    struct places places;
    struct loaded loaded;

    command_places(call, &places);
    loaded_init(&loaded);
    load_providers(&loaded, places.providers);
    struct registry *registry = loaded.registry;
    for (const char *id = registry_next_notify(registry, NULL); id != NULL;
         id = registry_next_notify(registry, id)) {
        const struct provider_info *info = provider_info(registry_notify(registry, id));
        show_kind(call, id, info->help != NULL ? info->help : info->name);
        fputs("              ", call->out);
        for (size_t i = 0; i < info->field_count; i++)
            fprintf(call->out, " %s=%s", info->fields[i].name,
                    info->fields[i].required ? "" : " (if wanted)");
        fprintf(call->out, "%s\n",
                info->can_beat ? "; a sign of life every= 5m while all is well" : "");
    }
    show_kind(call, "mail",
              "By an SMTP server, or by a program such as sendmail.\n               to= "
              "mail-server= login= password= mail-from=, or to= sendmail=");
    show_kind(call, "command",
              "A program of yours, with the message on its standard input.\n               "
              "command=");
    loaded_free(&loaded);
    places_free(&places);
    return STATUS_RIGHT;
}

/* ---- a test ---- */

static int tell_result(const struct command_call *call, const char *name, bool good,
                       const char *text)
{
    if (good)
        fprintf(call->out, "%s: %s\n", name, text);
    else
        fprintf(call->err, "homing notify: %s could not be told: %s\n", name, text);
    return good ? STATUS_RIGHT : STATUS_FAILED;
}

struct test {
    uv_loop_t *loop;
    bool done, good;
    char *text; /* owned */
};

static void on_told(void *arg, enum err result, const char *text)
{
    struct test *t = arg;

    if (t->done)
        return; /* it was interrupted, and told so */
    t->done = true;
    t->good = result == OK;
    t->text = mem_text(text);
    uv_stop(t->loop);
}

/* No service runs: delivered from here. */
static int test_here(const struct command_call *call, const char *name)
{
    struct world w;
    struct test t = {.loop = &w.loop};
    struct cause cause;
    int status = world_open(&w, call, WORLD_READS, true);

    if (status != STATUS_RIGHT)
        return status;
    struct mailer *mailer = mailer_new(&w.loop);
    struct post *post = telling_new(w.engine, mailer, false);
    if (post_test(post, name, on_told, &t, &cause) == OK) {
        world_run(&w, &t.done);
        status = tell_result(call, name, t.good, t.done ? t.text : "interrupted");
    } else {
        fprintf(call->err, "homing notify: %s\n", cause.text);
        status = STATUS_USAGE;
    }
    t.done = true;
    post_free(post);
    mailer_free(mailer);
    world_close(&w);
    mem_free(t.text);
    return status;
}

static int test(const struct command_call *call, const char *name)
{
    char *escaped = client_escape(name);
    char *target = mem_format("/notify/%s/test", escaped);
    struct places places;
    struct cause cause = {""};
    bool reached = false;
    json_t *doc = NULL;
    enum err e = ERR_NOT_FOUND;
    int status;

    command_places(call, &places);
    if (!text_equal(places.socket, "no"))
        e = client_call(places.socket, "POST", target, NULL, &doc, &reached, &cause);
    if (e == OK)
        status = tell_result(call, name, json_is_true(json_object_get(doc, "good")),
                             show_text(doc, "text"));
    else if (reached || e == ERR_DENIED)
        status = STATUS_FAILED;
    else
        status = test_here(call, name);
    if (e != OK && (reached || e == ERR_DENIED))
        fprintf(call->err, "homing notify: %s\n", cause.text);
    json_decref(doc);
    places_free(&places);
    mem_free(target);
    mem_free(escaped);
    return status;
}

static int run(const struct command_call *call)
{
    const char *name = command_value(call, "test");

    if (name != NULL)
        return test(call, name);
    return command_given(call, "kinds") ? show_kinds(call) : show_list(call);
}

static const struct command_option options[] = {
    {"test", "NAME", "send a test message to this notify object now"},
    {"kinds", NULL, "show the services that can be written to, and what each wants"},
    {NULL, NULL, NULL}};

const struct command command_notify = {
    .name = "notify",
    .summary = "Show who is told of changes and trouble; send a test",
    .arguments = "",
    .help = "Shows the notify objects of the configuration (define=notify:NAME) with the last "
            "delivery of each and what still waits for a way out. See NOTIFICATIONS in "
            "homing.conf(5).",
    .options = options,
    .json = true,
    .configured = true,
    .statuses = 1u << STATUS_RIGHT | 1u << STATUS_FAILED | 1u << STATUS_USAGE | 1u << STATUS_CONF,
    .run = run,
};
