/*
 * SPDX-License-Identifier: ISC
 */
#include "state/row.h"

#include <string.h>

static struct cell *next(struct row *r, enum cell_type type)
{
    struct cell *c = &r->cells[r->count++];
    *c = (struct cell){.type = type};
    return c;
}

void row_number(struct row *r, int64_t value)
{
    next(r, CELL_NUMBER)->number = value;
}

void row_real(struct row *r, double value)
{
    next(r, CELL_REAL)->real = value == value ? value : 0; /* SQLite turns NaN into null */
}

void row_text(struct row *r, const char *value)
{
    next(r, value == NULL ? CELL_NULL : CELL_TEXT)->text = value;
}

int64_t row_get_number(const struct row *r, unsigned i)
{
    return i < r->count && r->cells[i].type == CELL_NUMBER ? r->cells[i].number : 0;
}

double row_get_real(const struct row *r, unsigned i)
{
    return i < r->count && r->cells[i].type == CELL_REAL ? r->cells[i].real : 0;
}

const char *row_get_text(const struct row *r, unsigned i)
{
    return i < r->count && r->cells[i].type == CELL_TEXT ? r->cells[i].text : NULL;
}

/* FNV-1a, 64 bits. It guards against decay, not against an enemy: who can write the file owns it.
 */
static uint64_t mix(uint64_t sum, const void *bytes, size_t n)
{
    const uint8_t *p = bytes;
    for (size_t i = 0; i < n; i++)
        sum = (sum ^ p[i]) * 1099511628211u;
    return sum;
}

static int64_t row_sum(const struct row *r, const char *table)
{
    uint64_t sum = mix(14695981039346656037u, table, strlen(table) + 1);

    for (unsigned i = 0; i < r->count; i++) {
        const struct cell *c = &r->cells[i];
        uint8_t type = (uint8_t)c->type;
        sum = mix(sum, &type, 1);
        if (c->type == CELL_NUMBER)
            sum = mix(sum, &c->number, sizeof c->number);
        else if (c->type == CELL_REAL)
            sum = mix(sum, &c->real, sizeof c->real);
        else if (c->type == CELL_TEXT)
            sum = mix(sum, c->text, strlen(c->text) + 1);
    }
    return (int64_t)sum;
}

void row_bind(const struct row *r, const char *table, sqlite3_stmt *statement)
{
    int at = 1;

    for (unsigned i = 0; i < r->count; i++, at++) {
        const struct cell *c = &r->cells[i];
        if (c->type == CELL_NUMBER)
            sqlite3_bind_int64(statement, at, c->number);
        else if (c->type == CELL_REAL)
            sqlite3_bind_double(statement, at, c->real);
        else if (c->type == CELL_TEXT)
            sqlite3_bind_text(statement, at, c->text, -1, SQLITE_STATIC);
        else
            sqlite3_bind_null(statement, at);
    }
    sqlite3_bind_int64(statement, at, row_sum(r, table));
}

bool row_read(struct row *r, const char *table, sqlite3_stmt *statement)
{
    int columns = sqlite3_column_count(statement);

    r->count = 0;
    if (columns < 1 || columns > ROW_CELLS_MAX)
        return false;
    for (int i = 0; i < columns - 1; i++) {
        switch (sqlite3_column_type(statement, i)) {
        case SQLITE_INTEGER:
            row_number(r, sqlite3_column_int64(statement, i));
            break;
        case SQLITE_FLOAT:
            row_real(r, sqlite3_column_double(statement, i));
            break;
        case SQLITE_TEXT:
            row_text(r, (const char *)sqlite3_column_text(statement, i));
            break;
        case SQLITE_NULL:
            row_text(r, NULL);
            break;
        default: /* we never write a blob */
            return false;
        }
    }
    return sqlite3_column_int64(statement, columns - 1) == row_sum(r, table);
}
