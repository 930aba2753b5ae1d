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

static void add_text(struct row *r, const char *value, size_t length)
{
    struct cell *c = next(r, CELL_TEXT);

    c->text = value;
    c->length = length;
}

void row_text(struct row *r, const char *value)
{
    if (value != NULL)
        add_text(r, value, strlen(value));
    else
        next(r, CELL_NULL);
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

/*
 * Eight bytes at a time. For one word the step is a bijection of the sum and for one sum a
 * bijection of the word, so a change inside one word never goes unnoticed, and any other one in
 * 2^64 does. It guards against decay, not against an enemy: who can write the file owns it.
 */
static uint64_t mix(uint64_t sum, uint64_t word)
{
    sum = (sum ^ word) * 0x9e3779b97f4a7c15u; /* odd: 2^64 divided by the golden ratio */
    return sum ^ sum >> 32;
}

static uint64_t mix_text(uint64_t sum, const char *text, size_t length)
{
    uint64_t word;

    for (; length >= sizeof word; text += sizeof word, length -= sizeof word) {
        memcpy(&word, text, sizeof word);
        sum = mix(sum, word);
    }
    word = 0;
    memcpy(&word, text, length);
    return mix(sum, word);
}

static int64_t row_sum(const struct row *r, const char *table)
{
    uint64_t sum = mix_text(0, table, strlen(table));

    for (unsigned i = 0; i < r->count; i++) {
        const struct cell *c = &r->cells[i];
        uint64_t bits = (uint64_t)c->number;
        sum = mix(sum, (uint64_t)c->type | (uint64_t)c->length << 8);
        if (c->type == CELL_REAL)
            memcpy(&bits, &c->real, sizeof bits);
        if (c->type == CELL_TEXT)
            sum = mix_text(sum, c->text, c->length);
        else
            sum = mix(sum, bits);
    }
    return (int64_t)sum;
}

/* What homing wrote before: FNV-1a, byte by byte. */
static uint64_t former_mix(uint64_t sum, const void *bytes, size_t n)
{
    const uint8_t *p = bytes;
    for (size_t i = 0; i < n; i++)
        sum = (sum ^ p[i]) * 1099511628211u;
    return sum;
}

static int64_t former_sum(const struct row *r, const char *table)
{
    uint64_t sum = former_mix(14695981039346656037u, table, strlen(table) + 1);

    for (unsigned i = 0; i < r->count; i++) {
        const struct cell *c = &r->cells[i];
        uint8_t type = (uint8_t)c->type;
        sum = former_mix(sum, &type, 1);
        if (c->type == CELL_NUMBER)
            sum = former_mix(sum, &c->number, sizeof c->number);
        else if (c->type == CELL_REAL)
            sum = former_mix(sum, &c->real, sizeof c->real);
        else if (c->type == CELL_TEXT)
            sum = former_mix(sum, c->text, c->length + 1);
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
            sqlite3_bind_text(statement, at, c->text, (int)c->length, SQLITE_STATIC);
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
        /* One look for all of it. That is for a connection which no other thread uses meanwhile. */
        sqlite3_value *value = sqlite3_column_value(statement, i);
        switch (sqlite3_value_type(value)) {
        case SQLITE_INTEGER:
            row_number(r, sqlite3_value_int64(value));
            break;
        case SQLITE_FLOAT:
            row_real(r, sqlite3_value_double(value));
            break;
        case SQLITE_TEXT: {
            const char *text = (const char *)sqlite3_value_text(value);
            if (text == NULL) /* no memory */
                return false;
            add_text(r, text, (size_t)sqlite3_value_bytes(value));
            break;
        }
        case SQLITE_NULL:
            row_text(r, NULL);
            break;
        default: /* we never write a blob */
            return false;
        }
    }
    int64_t sum = sqlite3_column_int64(statement, columns - 1);
    return sum == row_sum(r, table) || sum == former_sum(r, table);
}
