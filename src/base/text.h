/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_BASE_TEXT_H
#define HOMING_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/* ASCII only, whatever the locale. */
char text_lower(char c);
bool text_is_space(char c); /* blank, \t \n \v \f \r */
bool text_is_digit(char c);
bool text_is_alpha(char c);
int text_case_compare(const char *a, const char *b);
bool text_equal(const char *a, const char *b); /* NULL equals only NULL */
bool text_case_equal(const char *a, const char *b);
bool text_starts(const char *s, const char *prefix);
bool text_ends(const char *s, const char *suffix);
void text_lower_all(char *s);               /* in place */
bool text_is_utf8(const char *s, size_t n); /* RFC 3629: shortest forms, no surrogates */

/* Decimal, nothing around it, no sign; false on overflow. */
bool text_number(const char *s, uint64_t *out);

/* Encodings; each appends to the buffer and returns what buf_add() does. */
bool text_add_base64(struct buf *out, const void *bytes, size_t n);
bool text_add_hex(struct buf *out, const void *bytes, size_t n); /* lower case */
/* RFC 3986: all but unreserved characters and those in "keep" become %XX. */
bool text_add_percent(struct buf *out, const char *s, size_t n, const char *keep);
/* What somebody else wrote, as one line for people: control characters and blanks in a row become
 * one blank; all but ASCII becomes "?" where it is no UTF-8. */
bool text_add_line(struct buf *out, const char *s, size_t n);
/* Strict (padding needed, no blanks). Return bytes written or -1. */
long text_from_base64(const char *s, uint8_t *out, size_t room);

/* The distance of Damerau and Levenshtein, for "did you mean"; texts up to 64 bytes, else 255. */
unsigned text_distance(const char *a, const char *b);

/* Does an address with a login and a password stand in it, "http://me:secret@host/"? A text of a
 * person that has one is shown as a secret is. */
bool text_has_login(const char *s);

#endif
