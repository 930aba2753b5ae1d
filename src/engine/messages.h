/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_ENGINE_MESSAGES_H
#define HOMING_ENGINE_MESSAGES_H

#include <jansson.h>
#include <stdbool.h>

#include "base/clock.h"

/*
 * The catalogue of what the engine tells people: a code with named values, which a page translates,
 * and its English text. One table; a sentence is never glued from parts of sentences.
 *
 * In a text {name} stands for a value, which in the arguments is a message too where it is words of
 * ours ("a private address"); "at" and "since" are Unix times in milliseconds and are
 * written as the local clock. Where a count decides the form, the table has two.
 */
struct message_values {
    long count, all, done; /* numbers */
    long line, agree, servers;
    msec at, since; /* wall; 0: none */
    const char *provider, *hostname, *family, *address, *other, *say, *source, *kind, *why, *served;
};

/* A new reference: {"code","args","text"}. The code must be in the table. */
json_t *message_new(const char *code, const struct message_values *values);
/* A text from outside as JSON: bytes that are no UTF-8 become question marks. NULL gives null. */
json_t *message_text(const char *text);
/* The code of words of ours that stand inside of a sentence; NULL: they are from elsewhere. */
const char *message_phrase(const char *text);
json_t *message_phrase_doc(const char *text); /* that code, or null */
/* A point in time as the local clock shows it: the hour today, else with the date. */
struct buf;
void message_time(struct buf *out, msec wall);
/* Every code, for tests and documents; NULL at the end. */
const char *message_code(size_t n);

#endif
