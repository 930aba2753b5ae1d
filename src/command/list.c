/*
 * SPDX-License-Identifier: ISC
 */
#include "command/ask.h"
#include "command/show.h"

#include "base/mem.h"

enum { PAGE = 1000 };

/* All pages of the API's list as one. */
static int collect(const struct command_call *call, json_t **all)
{
    const char *word = call->count > 0 ? call->words[0] : "";
    json_t *doc = NULL;
    int status = STATUS_RIGHT;

    *all = NULL;
    for (size_t offset = 0; status == STATUS_RIGHT; offset += PAGE) {
        char *form = mem_format("/hostnames?limit=%d&offset=%zu&search=%%s", PAGE, offset);
        char *target = ask_target(form, word);
        status = ask(call, "GET", target, NULL, &doc);
        mem_free(target);
        mem_free(form);
        if (status != STATUS_RIGHT)
            break;
        json_t *items = json_object_get(doc, "items");
        size_t count = json_array_size(items);
        if (*all == NULL)
            *all = json_incref(doc);
        else
            json_array_extend(json_object_get(*all, "items"), items);
        json_decref(doc);
        if (count < PAGE)
            break;
    }
    return status;
}

static int run(const struct command_call *call)
{
    json_t *doc;
    int status = collect(call, &doc);

    if (status == STATUS_RIGHT && call->json)
        command_json(call, json_incref(doc));
    else if (status == STATUS_RIGHT && json_array_size(json_object_get(doc, "items")) == 0)
        fputs("There are no hostnames. \"homing add HOST provider=...\" adds one.\n", call->out);
    else if (status == STATUS_RIGHT)
        show_hosts(json_object_get(doc, "items"), call->out);
    json_decref(doc);
    return status;
}

const struct command command_list = {
    .name = "list",
    .summary = "Show all hostnames with their state and addresses",
    .arguments = "[WORD]",
    .help = "With a word: those that have it in their name, provider, address or description.",
    .most = 1,
    .json = true,
    .configured = true,
    .statuses = 1u << STATUS_RIGHT | 1u << STATUS_FAILED | 1u << STATUS_USAGE | 1u << STATUS_CONF,
    .run = run,
};
