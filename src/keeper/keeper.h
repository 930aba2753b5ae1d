/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_KEEPER_KEEPER_H
#define HOMING_KEEPER_KEEPER_H

#include "conf/conf.h"

/*
 * The small process of the two: it owns the configuration file, hands its content to the worker,
 * watches it, applies edits to it, runs the commands that stand in it, and keeps a worker alive.
 * It speaks to the worker and to nobody else; no byte from the network reaches it but in a
 * checked message.
 */
struct keeper_options {
    const char *conf_path;
    const char *versions; /* folder of former versions, for undo; the worker must not write there */
    bool conf_must_exist; /* else a missing file is an empty configuration */
    const char *state_folder; /* it is locked here, and made when it is missing */
    const char *socket;       /* of the API: its folder is made for the worker */
    const char *user;         /* whom the worker becomes when we are root; NULL: nobody */
    const struct conf_providers *providers;
    const char *program;            /* what to start as worker */
    const char *const *worker_args; /* further arguments for it, ended by NULL */
};

/* Exit statuses of a worker that mean "trying again does not help", and so end the service. */
enum keeper_status {
    KEEPER_RIGHT = 0,
    KEEPER_FAILED = 1,
    KEEPER_USAGE = 2,
    KEEPER_CONF = 3,
    KEEPER_RUNNING = 75
};

/* Runs until it is told to stop (SIGTERM, SIGINT). HUP reads the file again, USR1 updates now.
 * Returns the exit status. Blocks the thread; uses a loop of its own. */
int keeper_run(const struct keeper_options *options);

/* The worker's command line: PROGRAM --worker STATE-FOLDER SOCKET [arguments...] [--read=FOLDER...]
 */
#define KEEPER_WORKER_WORD "--worker"
#define KEEPER_READ_WORD   "--read="

#endif
