/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_STATE_TABLE_H
#define HOMING_STATE_TABLE_H

#include "state/lines.h"
#include "state/row.h"
#include "state/state.h"

/*
 * The tables of the database, their SQL in one place, and how a record, scope, bucket or item
 * becomes a row and comes back (events: state/history.h). Opens nothing.
 */
enum table_id {
    TABLE_META,
    TABLE_ATTEMPT, /* before the records: it is known then which of them are under way */
    TABLE_RECORD,
    TABLE_SCOPE,
    TABLE_BUCKET,
    TABLE_MEMORY,
    TABLE_HISTORY,
    TABLES
};

struct table {
    const char *name;
    const char *create; /* exactly as it then stands in sqlite_schema */
    const char *put;    /* insert or replace a row */
    const char *drop;   /* delete by the first column; NULL when nobody does */
    const char *all;    /* every row, in order of its key; NULL when nobody reads it so */
    unsigned columns;   /* with the sum */
};
extern const struct table tables[TABLES];

/* Databases of version 1 have no table of attempts. Those of versions 1 and 2 have a column for
 * each value of a record, and in place of the history a row for each event, with an index. */
enum { SCHEMA_VERSION = 3, SCHEMA_ATTEMPTS = 2, SCHEMA_LINES = 3 };
extern const char former_event_name[];

/* A bit for each statement that makes a table, of today and of former versions. */
unsigned table_bit(const char *create);
/* The version whose tables those of a database, with history or without, are; 0: of none. */
int64_t table_bits_version(unsigned bits, bool history);

struct meta {
    const char *key; /* "schema", "generation", "clock", "key" */
    int64_t number;
};

void table_meta_row(const struct meta *m, struct row *r);
/* "lines", which are empty before, hold the row's text. */
void table_attempts_row(const struct state_attempts *attempts, struct lines *lines, struct row *r);
void table_record_row(const struct state_record *record, struct lines *lines, struct row *r);
void table_scope_row(const struct state_scope *scope, struct lines *lines, struct row *r);
void table_bucket_row(const struct state_bucket *bucket, struct row *r);
void table_memory_row(const char *account, const struct memory_item *item, struct row *r);

/* Back. Texts of the result point into the row. False when a value makes no sense. */
bool table_meta_from(const struct row *r, struct meta *m);
bool table_attempts_from(const struct row *r, struct state_attempts *attempts); /* without items */
/* "room" holds texts of the result instead. */
bool table_record_from(const struct row *r, struct buf *room, struct state_record *record);
bool table_scope_from(const struct row *r, struct buf *room, struct state_scope *scope);
bool table_bucket_from(const struct row *r, struct state_bucket *bucket);
bool table_memory_from(const struct row *r, const char **account, struct memory_item *item);
bool former_event_from(const struct row *r, struct state_event *event);

/* The items of a row of attempts, one by one while there are more. "text" is the caller's copy of
 * the row's, which is changed on the way. */
struct table_items {
    char *at; /* the next one */
    bool former;
    struct lines_value values[LINES_VALUES];
};
void table_items_begin(struct table_items *items, char *text);
bool table_items_more(const struct table_items *items);
bool table_items_next(struct table_items *items,
                      struct state_attempt *attempt); /* false: no sense */

#endif
