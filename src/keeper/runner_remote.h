/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_KEEPER_RUNNER_REMOTE_H
#define HOMING_KEEPER_RUNNER_REMOTE_H

#include "conf/runner.h"
#include "keeper/channel.h"

/*
 * The worker's runner: asks the keeper to run a command by the name of its setting, and tells who
 * asked what came of it. It never sees the command.
 */
struct runner_remote;

struct runner_remote *runner_remote_new(uv_loop_t *loop, struct channel *channel);
/* Everybody who waits is told that homing is stopping. NULL is fine. */
void runner_remote_free(struct runner_remote *r);
struct runner *runner_remote_runner(struct runner_remote *r);
/* A MESSAGE_RAN came. False when nobody asked. */
bool runner_remote_ran(struct runner_remote *r, const struct message *m);

#endif
