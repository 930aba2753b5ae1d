/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_PUBLISH_NAMES_H
#define HOMING_PUBLISH_NAMES_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Domain names as providers write them: compared, cut at a zone, walked upwards. Names that come
 * from settings are A-labels in lower case without a final dot; those of replies may be anything.
 */

enum { NAME_TEXT_MAX = 1024 };

/* Brings a name of a reply to our form: lower case, no final dot, A-labels (RFC 3492, for names
 * that the other side has already mapped), "\052" and "\\052" as "*". False: it does not fit. */
bool name_normal(const char *name, char *out, size_t room);
/* Are both the same after name_normal()? */
bool name_equal(const char *a, const char *b);
/* Is name the zone itself or below it? Both in our form. */
bool name_within(const char *name, const char *zone);
/* The part of name before ".zone", "" at the apex; NULL when it is outside. Owned. */
char *name_relative(const char *name, const char *zone);
/* The suffixes of a name that may be a zone, longest first: start with the name (a leading "*." is
 * skipped), then one label less each time; NULL when fewer than two labels are left. */
const char *name_first_zone(const char *name);
const char *name_next_zone(const char *zone);

#endif
