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

struct underway *underway_new(void);
void underway_free(struct underway *u);

bool underway_add(struct underway *u, const struct row *r); /* false: the row makes no sense */
bool underway_empty(const struct underway *u);
/* Makes the record what it is while it is under way, if it is; it is taken out then. */
void underway_apply(struct underway *u, struct state_record *r);
/* After the last of the records: one that has no row of its own yet. Valid until the next call;
 * false when none is left. */
bool underway_next(struct underway *u, struct state_record *r);

#endif
