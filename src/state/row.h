/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_STATE_ROW_H
#define HOMING_STATE_ROW_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"

/*
 * A row of the database as cells. Its last column is always a sum over the others: SQLite's own
 * check knows the shape of a page, not whether a text or number inside is still the one that was
 * written. Knows no table and runs no statement.
 */
enum cell_type { CELL_NULL, CELL_NUMBER, CELL_REAL, CELL_TEXT };
struct cell {
    enum cell_type type;
    int64_t number;
    double real;
    const char *text; /* borrowed */
    size_t length;    /* of the text */
};
enum { ROW_CELLS_MAX = 20, ROW_SETS = 2 };
struct row {
    unsigned count;
    struct cell cells[ROW_CELLS_MAX];
    char sets[ROW_SETS][ADDRSET_TEXT_MAX]; /* room for the texts of address sets */
};

/* Filling and reading go cell by cell; reading a cell of another type gives 0 or NULL. */
void row_number(struct row *r, int64_t value);
void row_real(struct row *r, double value);
void row_text(struct row *r, const char *value); /* NULL makes a null cell; borrowed */

int64_t row_get_number(const struct row *r, unsigned i);
double row_get_real(const struct row *r, unsigned i);
const char *row_get_text(const struct row *r, unsigned i); /* NULL for a null cell */

/* Binds the cells and, after them, their sum. Texts must live until the statement is reset. */
void row_bind(const struct row *r, const char *table, sqlite3_stmt *statement);
/* Reads a result row. False when the sum in its last column is not that of the others. Texts are
 * valid until the next step. */
bool row_read(struct row *r, const char *table, sqlite3_stmt *statement);

#endif
