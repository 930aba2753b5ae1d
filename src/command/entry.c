/*
 * SPDX-License-Identifier: ISC
 */
#include "command/ask.h"
#include "command/editor.h"

#include <string.h>

#include "base/mem.h"
#include "base/text.h"

/* Commands that edit the configuration: add, set, remove, enable, disable, undo. */

/* Splits "name=value" words. False: one is none. The names are owned by the array's first item. */
static bool read_settings(const struct command_call *call, size_t from, struct edit_setting *out,
                          char **names)
{
    for (size_t i = from; i < call->count; i++) {
        const char *equal = strchr(call->words[i], '=');
        if (equal == NULL || equal == call->words[i])
            return false;
        names[i - from] = mem_text_n(call->words[i], (size_t)(equal - call->words[i]));
        out[i - from] = (struct edit_setting){names[i - from], equal + 1};
    }
    return true;
}

static enum edit_share share_of(const struct command_call *call)
{
    return command_given(call, "all")    ? EDIT_ALL
           : command_given(call, "only") ? EDIT_ONE
                                         : EDIT_ASK;
}

static bool names_object(const struct command_call *call) /* KIND:NAME */
{
    return strchr(call->words[0], ':') != NULL;
}

/* One edit with the words after the target as settings. */
static int edit_with(const struct command_call *call, enum edit_what what, bool settings)
{
    size_t count = settings && call->count > 0 ? call->count - 1 : 0;
    struct edit_setting *list = mem_array(count + 1, sizeof *list);
    char **names = mem_array(count + 1, sizeof *names);
    struct editor ed;
    int status;

    bool globals = settings && strchr(call->words[0], '=') != NULL; /* "homing set daemon=5m" */
    if (globals) {
        mem_free(list);
        mem_free(names);
        count = call->count;
        list = mem_array(count + 1, sizeof *list);
        names = mem_array(count + 1, sizeof *names);
    }
    editor_open(&ed, call);
    if (settings && !read_settings(call, globals ? 0 : 1, list, names)) {
        status = command_usage(call, "settings are written name=value.");
    } else {
        bool object = !globals && names_object(call);
        const struct edit edit = {.what = what,
                                  .of = globals  ? EDIT_GLOBALS
                                        : object ? EDIT_OBJECT
                                                 : EDIT_HOSTNAME,
                                  .target = globals ? NULL : call->words[0],
                                  .settings = list,
                                  .count = count,
                                  .share = share_of(call),
                                  .owner = true};
        status = editor_apply(&ed, &edit, NULL);
    }
    for (size_t i = 0; i < count; i++)
        mem_free(names[i]);
    mem_free(names);
    mem_free(list);
    editor_close(&ed);
    return status;
}

/* Names without a value are taken out: "homing set HOST ttl". */
static int run_set(const struct command_call *call)
{
    bool unset = call->count > 1;

    for (size_t i = 1; i < call->count; i++)
        unset = unset && strchr(call->words[i], '=') == NULL;
    if (!unset)
        return edit_with(call, EDIT_SET, true);
    struct edit_setting *list = mem_array(call->count, sizeof *list);
    struct editor ed;
    for (size_t i = 1; i < call->count; i++)
        list[i - 1].name = call->words[i];
    const struct edit edit = {.what = EDIT_UNSET,
                              .of = names_object(call) ? EDIT_OBJECT : EDIT_HOSTNAME,
                              .target = call->words[0],
                              .settings = list,
                              .count = call->count - 1,
                              .share = share_of(call),
                              .owner = true};
    editor_open(&ed, call);
    int status = editor_apply(&ed, &edit, NULL);
    editor_close(&ed);
    mem_free(list);
    return status;
}

/* ddclient would send what names nobody to dyndns.org; here that is a slip. */
static bool says_who_publishes(const struct command_call *call)
{
    static const char *const words[] = {"provider=", "protocol=", "account=", "server="};

    for (size_t i = 1; i < call->count; i++)
        for (size_t k = 0; k < sizeof words / sizeof words[0]; k++)
            if (text_starts(call->words[i], words[k]))
                return true;
    return names_object(call);
}

static int run_add(const struct command_call *call)
{
    if (!says_who_publishes(call))
        return command_usage(
            call,
            "nothing says who publishes %s. Add provider=NAME (\"homing providers\" "
            "lists them) and what it wants, or account=NAME.",
            call->words[0]);
    return edit_with(call, EDIT_ADD, true);
}

/* With --record the service takes the record away at the provider first. */
static int remove_record(const struct command_call *call)
{
    char *id = NULL;
    json_t *doc = NULL;
    int status = ask_entry(call, call->words[0], &id);

    if (status != STATUS_RIGHT)
        return status;
    char *target = ask_target("/hostnames/%s?record=1", id);
    status = ask_service(call, "DELETE", target, NULL, &doc);
    if (status == STATUS_RIGHT && call->json)
        command_json(call, doc != NULL ? json_incref(doc) : json_object());
    else if (status == STATUS_RIGHT)
        fprintf(call->out, "%s is gone, and its record at the provider.\n", call->words[0]);
    json_decref(doc);
    mem_free(target);
    mem_free(id);
    return status;
}

static int run_remove(const struct command_call *call)
{
    return command_given(call, "record") ? remove_record(call)
                                         : edit_with(call, EDIT_REMOVE, false);
}

static int run_enable(const struct command_call *call)
{
    return edit_with(call, EDIT_ENABLE, false);
}

static int run_disable(const struct command_call *call)
{
    return edit_with(call, EDIT_DISABLE, false);
}

static int run_undo(const struct command_call *call)
{
    struct editor ed;
    struct cause cause = {""};

    editor_open(&ed, call);
    struct save_place place = editor_place(&ed);
    enum err e = save_undo(&place, command_given(call, "force"), NULL, &cause);
    int status = editor_status(e);
    if (e != OK) {
        fprintf(call->err, "homing undo: %s\n", cause.text);
    } else {
        fprintf(call->out, "%s is what it was before the last change.\n", ed.places.config);
        status = editor_await(call, &ed.places, NULL);
    }
    editor_close(&ed);
    return status;
}

static const struct command_option sharing[] = {
    {"all", NULL, "where a value is shared by several hostnames, change it for all of them"},
    {"only", NULL, "change it for this hostname alone"},
    {NULL, NULL, NULL}};
static const struct command_option removing[] = {
    {"record", NULL, "take our record away at the provider, too (the service does it)"},
    {NULL, NULL, NULL}};
static const struct command_option forcing[] = {
    {"force", NULL, "also when the file was changed by hand since"}, {NULL, NULL, NULL}};

enum { STATUSES = 1u << STATUS_RIGHT | 1u << STATUS_FAILED | 1u << STATUS_USAGE };

const struct command command_add = {
    .name = "add",
    .summary = "Add a hostname to the configuration",
    .arguments = "HOST name=value ...",
    .help = "For example: homing add home.example.org provider=cloudflare password=TOKEN. \"homing "
            "providers WORD\" tells what a provider wants. A name of the form KIND:NAME adds an "
            "object (define=account:cf). A word on the command line is seen by everybody on this "
            "machine: password_file=PATH or password_env=NAME keep a secret out of it.",
    .least = 1,
    .most = COMMAND_ANY,
    .json = true,
    .configured = true,
    .statuses = STATUSES,
    .run = run_add,
};

const struct command command_set = {
    .name = "set",
    .summary = "Change settings of a hostname, or of homing itself",
    .arguments = "[HOST] name[=value] ...",
    .help =
        "Names without a value are taken out. Without a hostname the settings are those of all: "
        "homing set daemon=5m.",
    .options = sharing,
    .least = 1,
    .most = COMMAND_ANY,
    .json = true,
    .configured = true,
    .statuses = STATUSES,
    .run = run_set,
};

const struct command command_remove = {
    .name = "remove",
    .summary = "Take a hostname out of the configuration",
    .arguments = "HOST",
    .help = "The record at the provider stays as it is, unless --record is given.",
    .options = removing,
    .least = 1,
    .most = 1,
    .json = true,
    .configured = true,
    .statuses = STATUSES,
    .run = run_remove,
};

const struct command command_enable = {
    .name = "enable",
    .summary = "Keep a hostname up to date again",
    .arguments = "HOST",
    .help = "",
    .options = sharing,
    .least = 1,
    .most = 1,
    .json = true,
    .configured = true,
    .statuses = STATUSES,
    .run = run_enable,
};

const struct command command_disable = {
    .name = "disable",
    .summary = "Leave a hostname alone for now",
    .arguments = "HOST",
    .help = "Nothing is sent for it; its settings and its record stay.",
    .options = sharing,
    .least = 1,
    .most = 1,
    .json = true,
    .configured = true,
    .statuses = STATUSES,
    .run = run_disable,
};

const struct command command_undo = {
    .name = "undo",
    .summary = "Take the last change of the configuration back",
    .arguments = "",
    .help = "The last ten versions are kept.",
    .options = forcing,
    .configured = true,
    .statuses = STATUSES,
    .run = run_undo,
};
