/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_COMMAND_IMPORT_WHY_H
#define HOMING_COMMAND_IMPORT_WHY_H

#include <jansson.h>

#include "command/import.h"

/*
 * What is said of the lines of another program's file: each sentence with its code and the names of
 * its values, for pages that say it in another language. One table; knows no file.
 */

/* The code of a format of import_note(); NULL for one that only quotes. */
const char *import_why_code(const char *format);
/* {"code","args","text"} of a note; null when it says nothing. */
json_t *import_why_doc(const struct import_note *n);
/* The same of a sentence with at most one value (NULL: none). */
json_t *import_why_new(const char *format, const char *value);
/* Every code, for tests; NULL at the end. */
const char *import_why_at(size_t n);

#endif
