/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_COMMAND_WORLD_H
#define HOMING_COMMAND_WORLD_H

#include <uv.h>

#include "command/command.h"
#include "command/load.h"
#include "command/remembered.h"
#include "engine/engine.h"
#include "engine/memstate.h"
#include "keeper/runner_local.h"
#include "sense/real.h"
#include "state/store.h"

/*
 * All the rooms on one loop in this process: for commands that do the work of the service without
 * it (once, plan, and the reading commands when none runs).
 */
enum world_memory {
    WORLD_KEEPS, /* what comes of it is remembered; ERR_BUSY when a service runs */
    WORLD_READS  /* what is remembered is read when nobody has it, and nothing is written */
};

struct world {
    struct places places;
    struct loaded loaded;
    uv_loop_t loop;
    uv_signal_t signals[2];
    struct net *net;
    struct runner_local *runner;
    struct sense *sense;           /* one of these two */
    struct pushed *pushed;         /* what devices told to the service */
    struct sense *real_sense;      /* owned */
    struct remembered *remembered; /* owned; quiet */
    struct store *store;           /* WORLD_KEEPS, else NULL */
    struct memstate *memory;       /* WORLD_READS */
    struct state *state;
    struct engine *engine; /* not started */
    bool interrupted;
};

/* quiet (with WORLD_READS): nobody is asked for an address, what is remembered counts. Problems of
 * the configuration are told on call->err. STATUS_RIGHT, or a status after telling why. */
int world_open(struct world *w, const struct command_call *call, enum world_memory memory,
               bool quiet);
/* The same without telling, for documents. */
enum err world_read(struct world *w, const struct places *places, bool quiet, struct cause *cause);
/* For a trial: with a configuration that is in no file, and a memory that starts and ends empty.
 * Takes over what is loaded, also on error. */
enum err world_trial(struct world *w, struct loaded *loaded, struct cause *cause);
void world_close(struct world *w);
/* Turns the loop until *done or a signal. */
void world_run(struct world *w, const bool *done);

#endif
