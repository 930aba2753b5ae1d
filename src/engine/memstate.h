/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_ENGINE_MEMSTATE_H
#define HOMING_ENGINE_MEMSTATE_H

#include "net/net.h"
#include "state/state.h"

/*
 * A struct state that remembers as long as the process runs: for passes without a state folder and
 * for the simulator, whose "disk" it is. Nothing of it reaches a file. Of history only the newest
 * events are kept.
 */
struct memstate;

enum { MEMSTATE_EVENTS = 1000 };

/* net gives the turn in which commits are answered. */
struct memstate *memstate_new(struct net *net);
void memstate_free(struct memstate *m); /* answers that are due are not given any more */
struct state *memstate_state(struct memstate *m);

/* For the simulator, which decides itself when a batch reaches its disk: takes in the batch (which
 * stays the caller's). */
void memstate_apply(struct memstate *m, const struct state_batch *batch);
/* Before another engine's commits: what the former one left under way becomes part of the records,
 * as in a database. */
void memstate_settle(struct memstate *m);
/* What is remembered about a record, or NULL. Valid until the next call or commit. */
const struct state_record *memstate_record(struct memstate *m, const char *entry,
                                           enum family family);

#endif
