/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_BASE_ERROR_H
#define HOMING_BASE_ERROR_H

#include <stdbool.h>

/*
 * How errors travel. A function that can fail returns enum err and, if a person may read about it,
 * fills a cause: one sentence that says what happened, to what, and what to do next. A cause never
 * holds a secret.
 */
enum err {
    OK = 0,
    ERR_SYNTAX, /* input is not of its form */
    ERR_RANGE,  /* a value outside what is allowed */
    ERR_NOT_FOUND,
    ERR_EXISTS,
    ERR_CONFLICT, /* changed meanwhile by somebody else */
    ERR_DENIED,   /* not allowed */
    ERR_TOO_BIG,
    ERR_IO,   /* the system refused; the cause has its words */
    ERR_FULL, /* no space left */
    ERR_BUSY, /* somebody else has it */
    ERR_TIMEOUT,
    ERR_MEMORY,
    ERR_UNSUPPORTED,
    ERR_COUNT
};

const char *err_name(enum err e); /* "not found": for logs, never NULL */
enum err err_from_errno(int error);

enum { CAUSE_MAX = 1024 };
struct cause {
    char text[CAUSE_MAX];
};

/* Sets the sentence (cut at the bound) and returns e, so that "return cause_set(...)" reads well.
 * c may be NULL. */
enum err cause_set(struct cause *c, enum err e, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
