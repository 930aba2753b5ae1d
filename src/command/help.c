/*
 * SPDX-License-Identifier: ISC
 */
#include "command/command.h"
#include "command/manual.h"

static int run(const struct command_call *call)
{
    struct buf text;
    int status = STATUS_RIGHT;

    buf_init(&text, 1 << 20);
    if (command_given(call, "completion")) {
        if (!command_completion(command_value(call, "completion"), &text))
            status = command_usage(call, "completion is there for bash, zsh and fish.");
    } else if (command_given(call, "manual")) {
        if (!manual_part(command_value(call, "manual"), &text))
            status = command_usage(
                call, "the manual has commands, settings, objects, sources, outside, notify, "
                      "protocols, providers and operations.");
    } else if (call->count == 0) {
        command_overview(&text);
    } else {
        const struct command *c = command_find(call->words[0]);
        if (c != NULL)
            command_page(c, &text);
        else
            status = command_usage(call, "there is no command \"%s\".", call->words[0]);
    }
    fputs(buf_str(&text), call->out);
    buf_free(&text);
    return status;
}

static const struct command_option options[] = {
    {"completion", "SHELL", "print the completion script for bash, zsh or fish"},
    {"manual", "PART",
     "print a part of the manual as scdoc: commands, settings, objects, sources, outside, notify, "
     "protocols, providers, operations"},
    {NULL, NULL, NULL}};

const struct command command_help = {
    .name = "help",
    .summary = "Tell what the commands do",
    .arguments = "[COMMAND]",
    .help = "Without a word: all commands. With one: its options and exit statuses.",
    .options = options,
    .most = 1,
    .statuses = 1u << STATUS_RIGHT | 1u << STATUS_USAGE,
    .run = run,
};
