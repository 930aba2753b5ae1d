/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_BASE_PATTERN_H
#define HOMING_BASE_PATTERN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/*
 * Patterns as people write them in "skip" settings: the part of Perl's regular expressions that
 * such patterns use, matched without regard to ASCII case, "." also matching line ends.
 *
 * Understood: literals, . [classes] \s \S \d \D \w \W \b \B \A \z \Z ^ $ \t \n \r \f \xHH, groups
 * (...) and (?:...), a|b, * + ? {n} {n,} {n,m} and their lazy forms. Not: back references, looking
 * around, possessive forms.
 *
 * Matching takes time in proportion to the text, whatever the pattern: all its states advance
 * together and nothing is tried twice.
 */
struct pattern;

/* NULL, with the cause, when it is malformed or uses what is not understood. */
struct pattern *pattern_new(const char *text, struct cause *c);
void pattern_free(struct pattern *p); /* NULL is fine */

/* The first match, as Perl finds it (leftmost; greedy and lazy parts each their way): *end is the
 * offset behind it. */
bool pattern_find(const struct pattern *p, const char *text, size_t n, size_t *end);

#endif
