/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_COMMAND_EXPORT_LINE_H
#define HOMING_COMMAND_EXPORT_LINE_H

#include <stdbool.h>

#include "base/buf.h"

/*
 * One statement of a ddclient.conf, written so that ddclient's own reader, with all it does to
 * passwords and comments, and homing's take the same values from it. ddclient knows one password
 * a physical line, takes all up to the next blank for it, and changes every other text that holds
 * "password="; so each password stands on a line of its own, and such a text is cut in two.
 */
struct export_line {
    struct buf settings;
    struct buf passwords;
};

void export_line_init(struct export_line *l);
void export_line_free(struct export_line *l);

/* False: the file can not hold this value (a "#" outside of passwords, for one); l is as before. */
bool export_line_put(struct export_line *l, const char *name, const char *value);

/* Adds the statement with its newline. hostname: NULL for a global one. */
void export_line_end(const struct export_line *l, const char *hostname, struct buf *out);

#endif
