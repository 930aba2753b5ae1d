/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_WEB_SECRET_H
#define HOMING_WEB_SECRET_H

#include <stdbool.h>

/*
 * Secrets that we generate: made at random, kept as SHA-256, compared in constant time. Nothing
 * that a person chose belongs here: such a password needs a slow hash.
 */
enum {
    SECRET_HASH_TEXT = 2 * 32 + 1, /* in hex, with its NUL */
    SECRET_MAX = 64,               /* the text of a secret, with its NUL */
};

/* prefix and 256 bits, for machines: letters, digits, "-" and "_". */
void secret_make(const char *prefix, char out[SECRET_MAX]);
/* 120 bits as 24 letters and digits that are not mistaken for each other: for the form of a router,
 * typed by a person, whatever it takes for special. */
void secret_make_plain(char out[SECRET_MAX]);
void secret_hash(const char *secret, char out[SECRET_HASH_TEXT]);
/* "" equals nothing. */
bool secret_same(const char *a, const char *b);

#endif
