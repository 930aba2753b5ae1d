/*
 * SPDX-License-Identifier: ISC
 */
#include "command/ask.h"
#include "command/show.h"

#include "base/mem.h"
#include "base/text.h"

static int show_all(const struct command_call *call)
{
    json_t *verdict, *hosts;
    int status = ask(call, "GET", "/verdict", NULL, &verdict);

    if (status != STATUS_RIGHT)
        return status;
    if (call->json) {
        status = show_status(json_object_get(verdict, "counts"));
        command_json(call, verdict);
        return status;
    }
    show_verdict(verdict, call->out);
    status = show_status(json_object_get(verdict, "counts"));
    json_decref(verdict);
    /* What is not right comes with its reason. */
    static const char *const states[] = {"needs-you", "waiting", "unknown", "changing"};
    for (size_t s = 0; s < sizeof states / sizeof states[0]; s++) {
        char *target = ask_target("/hostnames?limit=20&state=%s", states[s]);
        size_t i;
        const json_t *host;
        if (ask(call, "GET", target, NULL, &hosts) == STATUS_RIGHT) {
            json_array_foreach(json_object_get(hosts, "items"), i, host)
            {
                fprintf(call->out, "\n");
                show_host(host, call->out);
            }
            json_decref(hosts);
        }
        mem_free(target);
    }
    return status;
}

static int show_one(const struct command_call *call)
{
    static const struct {
        const char *state;
        int status;
    } table[] = {
        {"needs-you", STATUS_BLOCKED}, {"waiting", STATUS_FAILED}, {"unknown", STATUS_ADDRESS}};
    char *id = NULL;
    json_t *doc;
    int status = ask_entry(call, call->words[0], &id);

    if (status != STATUS_RIGHT)
        return status;
    char *target = ask_target("/hostnames/%s", id);
    status = ask(call, "GET", target, NULL, &doc);
    if (status == STATUS_RIGHT) {
        for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
            if (text_equal(show_text(doc, "state"), table[i].state))
                status = table[i].status;
        if (call->json)
            command_json(call, json_incref(doc));
        else
            show_host(doc, call->out);
        json_decref(doc);
    }
    mem_free(target);
    mem_free(id);
    return status;
}

static int run(const struct command_call *call)
{
    return call->count > 0 ? show_one(call) : show_all(call);
}

const struct command command_status = {
    .name = "status",
    .summary = "Tell whether all is right, and what is not",
    .arguments = "[HOST]",
    .help = "With a hostname: everything about that one. The exit status tells the worst of it.",
    .most = 1,
    .json = true,
    .configured = true,
    .statuses = 1u << STATUS_RIGHT | 1u << STATUS_FAILED | 1u << STATUS_USAGE | 1u << STATUS_CONF |
                1u << STATUS_ADDRESS | 1u << STATUS_BLOCKED,
    .run = run,
};
