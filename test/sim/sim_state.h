/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_SIM_STATE_H
#define HOMING_SIM_STATE_H

#include "engine/memstate.h"
#include "sim_net.h"

/*
 * A disk that takes its time, may be full, and loses in a crash what had not reached it: some of
 * what was handed over is there afterwards although nobody was told, the rest is gone.
 */
struct sim_state;

struct sim_state *sim_state_new(struct sim_net *net);
void sim_state_free(struct sim_state *s);
struct state *sim_state_seam(struct sim_state *s);
struct memstate *sim_state_disk(const struct sim_state *s);
void sim_state_full(struct sim_state *s, bool full); /* commits fail */
void sim_state_crash(struct sim_state *s);
/* Mono: when the newest batch that reached the disk was handed over. */
msec sim_state_stored(const struct sim_state *s);

#endif
