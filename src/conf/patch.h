/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_CONF_PATCH_H
#define HOMING_CONF_PATCH_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/*
 * Changes of a text as a list of replaced places, and how a value is written so that the language
 * reads it back. Knows bytes, not meanings.
 */
struct patch {
    size_t from, to;
    char *text; /* owned, may hold a secret; NULL: nothing */
};
struct patches {
    struct patch *list; /* owned */
    size_t count, room;
};

void patches_clear(struct patches *p);
/* Replaces the bytes from..to by text (copied; NULL for nothing). */
void patches_add(struct patches *p, size_t from, size_t to, const char *text);
/* The changed text. Places that overlap are cut once. False when out's bound is passed. */
bool patches_apply(struct patches *p, const char *bytes, size_t n, struct buf *out);

enum {
    PATCH_PASSWORD = 1, /* read by the rules of passwords */
    PATCH_QUOTED = 2    /* in quotes whatever it is */
};
/*
 * Appends value as the language reads it. former: the text with its quotes that it replaces ("" for
 * none): its quotes are kept. False when the value can not be written (a line break).
 */
bool patch_value(struct buf *out, const char *value, unsigned how, const char *former,
                 size_t former_len);
/* Can it stand unquoted behind the hostnames? */
bool patch_is_bare(const char *value);

#endif
