/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_STATE_LINES_H
#define HOMING_STATE_LINES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

/*
 * A text of lines that hold the same values each: a value that is as in the line before is not
 * written again, so what neighbours have in common stands there once. Before the first line all
 * numbers are 0 and no text is there. A value is
 *     =                the same as in the line before
 *     !                no text
 *     NUMBER,          a number
 *     LENGTH:BYTES,    a text, in which any character may stand but NUL
 * and those that are missing at a line's end are the same.
 */
enum { LINES_VALUES = 13 };

struct lines {
    struct buf text; /* the lines so far */
    unsigned count;
    unsigned value, same; /* of the line that is begun; how many of the last ones are the same */
    struct lines_latest {
        bool there;
        int64_t number;
        size_t at, length; /* of a text */
    } latest[LINES_VALUES];
};

void lines_init(struct lines *l);
void lines_fini(struct lines *l);  /* as after lines_init() */
void lines_clear(struct lines *l); /* likewise; keeps the room */

/* The values of a line one by one, in the same order in each, then its end. */
void lines_text(struct lines *l, const char *text); /* NULL is fine */
void lines_number(struct lines *l, int64_t number);
void lines_end(struct lines *l);

struct lines_value {
    const char *text; /* NULL: none, or it is a number */
    int64_t number;   /* 0 for a text */
};

/* Reads the next line, of at most "count" values, of *at, which is changed on the way and stands at
 * its NUL after the last. "values" are those of the line before, all empty for the first; the texts
 * last as long as the whole. False when the line makes no sense: *at and "values" are worth nothing
 * then. */
bool lines_read(char **at, struct lines_value *values, unsigned count);

#endif
