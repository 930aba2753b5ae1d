/*
 * SPDX-License-Identifier: ISC
 */
#include "command/ask.h"
#include "command/show.h"

#include "base/mem.h"

static void show_why(const json_t *doc, FILE *out)
{
    size_t i;
    const json_t *message;

    show_host(json_object_get(doc, "host"), out);
    if (json_array_size(json_object_get(doc, "explanation")) > 0)
        fputc('\n', out);
    json_array_foreach(json_object_get(doc, "explanation"), i, message)
        fprintf(out, "%s\n", show_message(message));
    if (json_array_size(json_object_get(doc, "history")) > 0)
        fputs("\nWhat happened, newest first:\n", out);
    show_events(json_object_get(doc, "history"), out);
}

static int run(const struct command_call *call)
{
    char *id = NULL;
    json_t *doc;
    int status = ask_entry(call, call->words[0], &id);

    if (status != STATUS_RIGHT)
        return status;
    char *target = ask_target("/hostnames/%s/why", id);
    status = ask(call, "GET", target, NULL, &doc);
    if (status == STATUS_RIGHT) {
        if (call->json)
            command_json(call, json_incref(doc));
        else
            show_why(doc, call->out);
        json_decref(doc);
    }
    mem_free(target);
    mem_free(id);
    return status;
}

const struct command command_why = {
    .name = "why",
    .summary = "Explain why a hostname is as it is, and what comes next",
    .arguments = "HOST",
    .help = "HOST, or HOST@PROVIDER where the same name is kept at several.",
    .least = 1,
    .most = 1,
    .json = true,
    .configured = true,
    .statuses = 1u << STATUS_RIGHT | 1u << STATUS_FAILED | 1u << STATUS_USAGE | 1u << STATUS_CONF,
    .run = run,
};
