/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_STATE_HISTORY_H
#define HOMING_STATE_HISTORY_H

#include <sqlite3.h>

#include "state/state.h"

/*
 * The history in a database: rows of up to HISTORY_ROW events that came with one commit, so that
 * what the hostnames of a request have in common (its text, the addresses, the time) stands there
 * once, and a row costs its sum, its place and its statement once. Nothing is decided by history: a
 * row that decayed is left out. It runs its statements on the database's connection, inside the
 * transactions of others.
 */
struct history;

enum { HISTORY_ROW = 64 };

/* The newest rows_max events are kept, and those of their row; none of them longer than age_max. */
struct history *history_new(sqlite3 *sql, uint64_t rows_max, msec age_max);
void history_free(struct history *h); /* before the connection is closed; NULL is fine */

/* In a transaction. False: the connection tells why, and the transaction is to be rolled back. */
bool history_add(struct history *h, const struct state_event *e); /* its texts may go then */
bool history_end(struct history *h, msec wall); /* the last: writes what was added, bounds it */
void history_drop(struct history *h);           /* rolled back: what was added is not written */
/* Makes the table. With "former" it takes in, in place of it, the table of versions 1 and 2. */
bool history_make(struct history *h, bool former);

/* As state_ops.history; with "former" from the table of versions 1 and 2. False: as above. */
bool history_tell(const struct history *h, bool former, const char *entry, msec before, size_t most,
                  void (*fn)(void *arg, const struct state_event *e), void *arg);

#endif
