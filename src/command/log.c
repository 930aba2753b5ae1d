/*
 * SPDX-License-Identifier: ISC
 */
#include "command/ask.h"
#include "command/show.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/text.h"

static void show_line(const struct command_call *call, const json_t *line)
{
    char time[SHOW_TIME_MAX];
    const char *about = show_text(line, "about");

    if (call->json) {
        char *text = json_dumps(line, JSON_COMPACT);
        fprintf(call->out, "%s\n", text != NULL ? text : "{}");
        free(text);
        return;
    }
    fprintf(call->out, "%s  %-7s %s%s%s\n", show_time(json_object_get(line, "at"), time),
            show_text(line, "level"), about, about[0] != '\0' ? ": " : "", show_text(line, "text"));
}

/* One look; *after becomes the last line's number. */
static int look(const struct command_call *call, long long *after)
{
    const char *level = command_value(call, "level");
    char *search = ask_target("%s", call->count > 0 ? call->words[0] : "");
    char *target = mem_format("/log?after=%lld&limit=1000&search=%s%s%s", *after, search,
                              level != NULL ? "&level=" : "", level != NULL ? level : "");
    json_t *doc;
    size_t i;
    const json_t *line;

    int status = ask_service(call, "GET", target, NULL, &doc);
    if (status == STATUS_RIGHT) {
        json_array_foreach(json_object_get(doc, "lines"), i, line)
        {
            show_line(call, line);
            *after = (long long)json_number_value(json_object_get(line, "id"));
        }
        fflush(call->out);
        json_decref(doc);
    }
    mem_free(target);
    mem_free(search);
    return status;
}

static int run(const struct command_call *call)
{
    long long after = 0;
    int status = look(call, &after);

    while (status == STATUS_RIGHT && command_given(call, "follow")) {
        usleep(500 * 1000);
        status = look(call, &after);
    }
    return status;
}

static const struct command_option options[] = {
    {"follow", NULL, "go on with what is still to come (-f)"},
    {"level", "LEVEL", "no less than error, warning, notice, info or debug"},
    {NULL, NULL, NULL}};

const struct command command_log = {
    .name = "log",
    .summary = "Show what the service said, and with -f what it says",
    .arguments = "[WORD]",
    .help =
        "With a word: the lines that have it. With --json: one document a line. Older lines are "
        "in the system's journal.",
    .options = options,
    .letter = 'f',
    .letter_of = "follow",
    .most = 1,
    .json = true,
    .configured = true,
    .statuses = 1u << STATUS_RIGHT | 1u << STATUS_FAILED | 1u << STATUS_USAGE,
    .run = run,
};
