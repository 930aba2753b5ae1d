/*
 * SPDX-License-Identifier: ISC
 */
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "command/command.h"
#include "command/journal.h"
#include "command/load.h"
#include "command/places.h"
#include "keeper/keeper.h"

static int run(const struct command_call *call)
{
    static char debug[] = "--debug", verbose[] = "--verbose";
    struct places places;
    struct loaded loaded;
    char *words[4] = {NULL};
    size_t n = 0;

    command_places(call, &places);
    places_make(&places); /* it is watched */
    umask(077);
    if (command_given(call, "debug"))
        words[n++] = debug;
    else if (command_given(call, "verbose"))
        words[n++] = verbose;
    journal_start(words);
    /* Read beside the configuration by keeper and worker, the same by both. */
    char *providers = mem_format("--providers=%s", places.providers);
    words[n++] = providers;
    loaded_init(&loaded);
    load_providers(&loaded, places.providers);
    const struct keeper_options options = {
        .conf_path = places.config,
        .versions = places.versions,
        .conf_must_exist = command_given(call, "config"),
        .state_folder = places.state,
        .socket = places.socket,
        .user = "homing",
        .providers = &loaded.providers,
        .program = "/proc/self/exe", /* the same build, also when the file was replaced */
        .worker_args = (const char *const *)words,
    };
    int status = keeper_run(&options);
    loaded_free(&loaded);
    mem_free(providers);
    places_free(&places);
    return status;
}

static const struct command_option options[] = {
    {"verbose", NULL, "log what is done, not only what matters"},
    {"debug", NULL, "log everything"},
    {NULL, NULL, NULL},
};

const struct command command_run = {
    .name = "run",
    .summary = "Be the service: keep all hostnames right, serve the page",
    .arguments = "",
    .help =
        "Runs in the foreground until it is stopped (SIGTERM, Ctrl-C) and logs to standard error. "
        "SIGHUP reads the configuration again; that also happens by itself when the file changes. "
        "SIGUSR1 "
        "asks every source and updates what is due now.\n"
        "One process owns the configuration and runs its commands; the other faces the network, "
        "starts "
        "nothing and writes only the state folder.",
    .options = options,
    .configured = true,
    .statuses = 1u << STATUS_RIGHT | 1u << STATUS_FAILED | 1u << STATUS_USAGE | 1u << STATUS_CONF,
    .may_find_running = true,
    .run = run,
};
