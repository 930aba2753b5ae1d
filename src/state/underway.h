/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_STATE_UNDERWAY_H
#define HOMING_STATE_UNDERWAY_H

#include "state/row.h"
#include "state/state.h"

/*
 * Which records are under way, as the rows of attempts tell, while a database is read: those rows
 * come before the records'. Runs no statement.
 */
struct underway;

/* Makes the record what it is while that attempt is under way. One that is stopped is not handed
 * over, so its stop had ended; it would be told with what is tried now, which nobody refused. */
void underway_begin(const struct state_attempt *a, msec at, struct state_record *r);

struct underway *underway_new(void);
void underway_free(struct underway *u);

bool underway_add(struct underway *u, const struct row *r); /* false: the row makes no sense */
void underway_put(struct underway *u, const struct state_attempt *a, msec at);
bool underway_empty(const struct underway *u);
/* Begins the attempt of the record, if there is one; it is taken out then. */
void underway_apply(struct underway *u, struct state_record *r);
/* After the last of the records: one that has no row of its own yet. Valid until the next call;
 * false when none is left. */
bool underway_next(struct underway *u, struct state_record *r);

#endif
