/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_KEEPER_RUNNER_LOCAL_H
#define HOMING_KEEPER_RUNNER_LOCAL_H

#include <uv.h>

#include "conf/conf.h"
#include "conf/runner.h"

/*
 * A runner in the same process: for "homing once" and kin, and the half of the keeper that finds a
 * command's text. The text comes from the given configuration and nowhere else; a setting that is
 * not of the class "command" is refused.
 */
struct runner_local;

struct runner_local *runner_local_new(uv_loop_t *loop);
/* Running commands end, their callers are told. The loop must turn afterwards. */
void runner_local_free(struct runner_local *r);
/* From now on commands are looked up in this one (counted); NULL: none. */
void runner_local_use(struct runner_local *r, struct conf *conf);
struct runner *runner_local_runner(struct runner_local *r);

#endif
