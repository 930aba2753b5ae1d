/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_PUBLISH_ERE_H
#define HOMING_PUBLISH_ERE_H

#include <stdbool.h>

/*
 * POSIX extended patterns of provider files. "(?i)" in front ignores case. Back-references are
 * refused: replies are hostile, and matching must stay quick.
 */
/* Longer lines are looked at this far only, longer texts for this many lines. */
enum { ERE_LINE_MAX = 4096, ERE_LINES_MAX = 1000 };

bool ere_valid(const char *pattern);
bool ere_match(const char *pattern, const char *text);
/* The first group (or the whole match without one); owned, NULL when nothing matches. */
char *ere_take(const char *pattern, const char *text);

enum ere_lines { ERE_ANY, ERE_FIRST, ERE_LAST };
/* Looks in each line of the text, or only in the first or last one that is not blank. */
bool ere_match_lines(const char *pattern, const char *text, enum ere_lines which);

#endif
