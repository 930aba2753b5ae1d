/*
 * SPDX-License-Identifier: ISC
 */
#include "command/ask.h"
#include "command/show.h"

#include "base/mem.h"

static int run(const struct command_call *call)
{
    char *id = NULL;
    json_t *doc = NULL;
    int status = call->count > 0 ? ask_entry(call, call->words[0], &id) : STATUS_RIGHT;

    if (status != STATUS_RIGHT)
        return status;
    json_t *body = json_pack("{s:s?, s:b}", "id", id, "force", command_given(call, "force"));
    status = ask_service(call, "POST", "/update", body, &doc);
    if (status == STATUS_RIGHT && call->json)
        command_json(call, doc != NULL ? json_incref(doc) : json_object());
    else if (status == STATUS_RIGHT)
        fprintf(call->out, "Asked to update %s now. \"homing %s%s\" tells what became of it.\n",
                id != NULL ? call->words[0] : "everything", id != NULL ? "why " : "status",
                id != NULL ? call->words[0] : "");
    json_decref(doc);
    json_decref(body);
    mem_free(id);
    return status;
}

static const struct command_option options[] = {
    {"force", NULL, "also against the provider's word, and where nothing changed"},
    {NULL, NULL, NULL}};

const struct command command_update = {
    .name = "update",
    .summary = "Look at the addresses and update now",
    .arguments = "[HOST]",
    .help = "Ends waits of homing's own. What a provider blocked stays so unless --force is given.",
    .options = options,
    .most = 1,
    .json = true,
    .configured = true,
    .statuses = 1u << STATUS_RIGHT | 1u << STATUS_FAILED | 1u << STATUS_USAGE | 1u << STATUS_CONF,
    .run = run,
};
