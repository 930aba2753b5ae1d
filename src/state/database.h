/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_STATE_DATABASE_H
#define HOMING_STATE_DATABASE_H

#include <stdint.h>

#include "state/state.h"

/*
 * One SQLite file: opened and checked as a whole, changed in transactions, read. It blocks; which
 * thread calls and what happens with a damaged file is the store's business. Nothing here is safe
 * for two threads at once.
 */
struct database;

struct database_options {
    const char *path;
    bool history;      /* keeps events; the copy does not */
    bool asked_soon;   /* what is in it is asked for next: it is kept as it was read till then */
    bool sync_full;    /* each commit reaches the disk (synchronous=FULL), else it survives the
                          process only (NORMAL) */
    uint64_t rows_max; /* newest events that are kept, and those of their row (state/history.h) */
    msec age_max;      /* older ones go */
};

/*
 * Opens or creates (0600). The whole file is checked: shape, tables, every row's sum.
 * ERR_SYNTAX: damaged; ERR_UNSUPPORTED: made by a newer homing; others: the system's words. In all
 * of these *out is NULL and the file is as it was.
 */
enum err database_open(const struct database_options *o, struct database **out, struct cause *c);
void database_close(struct database *db); /* NULL is fine */

bool database_is_new(const struct database *db); /* it had no tables when opened */
/* Counts commits: tells which of two files knows more. */
int64_t database_generation(const struct database *db);
msec database_clock_floor(const struct database *db);
/* The id of the fingerprint key the rows were made with; 0 when never set. */
int64_t database_key_id(const struct database *db);

/* All batches in one transaction, with the next generation, the clock floor, and the key's id. On
 * any error nothing of it counts as stored: all of it is there or nothing, and only where a new
 * file could not be waited for it is all. What a former process left as under way becomes part of
 * the records with the first. */
enum err database_commit(struct database *db, const struct state_batch *const *batches, size_t n,
                         msec wall, int64_t key_id, struct cause *c);
/* Everything but events replaced by what "from" holds, its generation too. With "doubt" published
 * sets are not believed: they come out as unknown. */
enum err database_take_over(struct database *db, struct database *from, bool doubt,
                            struct cause *c);

enum err database_load(struct database *db, const struct state_visitor *v, struct cause *c);
enum err database_history(struct database *db, const char *entry, msec before, size_t most,
                          void (*fn)(void *arg, const struct state_event *e), void *arg,
                          struct cause *c);

#endif
