/*
 * SPDX-License-Identifier: ISC
 */
#include "command/ask.h"
#include "command/progress.h"
#include "command/show.h"

#include <signal.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"

enum {
    LOOK_EVERY = 200 * 1000, /* us */
    SOURCES_MOST = 30 * 1000 /* ms; a source that has not answered by then holds nobody up */
};

/* Has every source that somebody uses been asked since? */
static int sources_asked(const struct command_call *call, msec since, bool *all)
{
    json_t *doc, *source;
    size_t i;
    int status = ask_service(call, "GET", "/sources", NULL, &doc);

    *all = true;
    if (status != STATUS_RIGHT)
        return status;
    json_array_foreach(json_object_get(doc, "items"), i, source)
    {
        bool used = json_integer_value(json_object_get(source, "used_by")) > 0;
        *all = *all && (!used || json_integer_value(json_object_get(source, "asked")) >= since);
    }
    json_decref(doc);
    return STATUS_RIGHT;
}

static struct progress_counts counts_of(const json_t *verdict)
{
    struct progress_counts counts = {0};
    const char *name;
    const json_t *value;
    size_t changing = 0;

    json_object_foreach((json_t *)json_object_get(verdict, "counts"), name, value)
    {
        size_t n = (size_t)json_integer_value(value);
        if (text_equal(name, "all"))
            counts.total = n;
        else if (text_equal(name, "changing"))
            changing = n;
        else if (text_equal(name, "needs-you") || text_equal(name, "waiting"))
            counts.failed += n;
    }
    counts.done = counts.total - changing;
    return counts;
}

static volatile sig_atomic_t interrupted;

static void on_signal(int number)
{
    interrupted = number;
}

/* Ctrl-C ends the waiting, and the line of the progress with it. */
static void catch_signals(void)
{
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART | SA_RESETHAND};

    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

/* Until every source was asked and nothing is under way. */
static int follow(const struct command_call *call, const struct moment *began)
{
    struct progress *p = progress_new(call, "hostnames");
    bool asked = false, ended = false;
    int status = STATUS_RIGHT;
    json_t *verdict = NULL;

    catch_signals();
    while (!ended && !interrupted && status == STATUS_RIGHT) {
        json_decref(verdict);
        verdict = NULL;
        usleep(LOOK_EVERY);
        if (!asked)
            status = sources_asked(call, began->wall, &asked);
        if (status == STATUS_RIGHT)
            status = ask_service(call, "GET", "/verdict", NULL, &verdict);
        if (status != STATUS_RIGHT)
            break;
        const struct progress_counts counts = counts_of(verdict);
        asked = asked || clock_now().mono >= began->mono + SOURCES_MOST;
        ended = asked && counts.done == counts.total;
        progress_show(p, &counts);
    }
    progress_free(p); /* its line makes room for what came of it */
    if (ended) {
        status = show_status(json_object_get(verdict, "counts"));
        if (call->json)
            command_json(call, json_incref(verdict));
        else if (!command_given(call, "quiet"))
            show_verdict(verdict, call->out);
        else if (status != STATUS_RIGHT)
            show_verdict(verdict, call->err);
    } else if (interrupted) {
        fputs("Not waited for any longer: the service goes on. \"homing status\" tells how far.\n",
              call->err);
        status = STATUS_FAILED;
    }
    json_decref(verdict);
    return status;
}

static int run(const struct command_call *call)
{
    char *id = NULL;
    json_t *doc = NULL;
    struct moment began = clock_now();
    bool all = command_given(call, "all");

    if (all && call->count > 0)
        return command_usage(call, "--all and a hostname exclude each other.");
    int status = call->count > 0 ? ask_entry(call, call->words[0], &id) : STATUS_RIGHT;

    if (status != STATUS_RIGHT)
        return status;
    json_t *body = json_pack("{s:s?, s:b}", "id", id, "force", command_given(call, "force"));
    status = ask_service(call, "POST", "/update", body, &doc);
    if (status == STATUS_RIGHT && all)
        status = follow(call, &began);
    else if (status == STATUS_RIGHT && call->json)
        command_json(call, doc != NULL ? json_incref(doc) : json_object());
    else if (status == STATUS_RIGHT && !command_given(call, "quiet"))
        fprintf(call->out, "Asked to update %s now. \"homing %s%s\" tells what became of it.\n",
                id != NULL ? call->words[0] : "everything", id != NULL ? "why " : "status",
                id != NULL ? call->words[0] : "");
    json_decref(doc);
    json_decref(body);
    mem_free(id);
    return status;
}

static const struct command_option options[] = {
    {"all", NULL, "every hostname, and wait until each has its outcome"},
    {"force", NULL, "also against the provider's word, and where nothing changed"},
    PROGRESS_OPTION,
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
    .statuses = 1u << STATUS_RIGHT | 1u << STATUS_FAILED | 1u << STATUS_USAGE | 1u << STATUS_CONF |
                1u << STATUS_ADDRESS | 1u << STATUS_BLOCKED,
    .run = run,
};
