/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_BASE_BUF_H
#define HOMING_BASE_BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A growing buffer with an upper bound given at the start. Everything read from a peer, a file or
 * a person goes into one of these, so no unbounded read exists. What does not fit is refused whole
 * (the buffer stays as it was) and remembered in "overflow".
 * The bytes are always followed by a NUL that does not count.
 */
struct buf {
    char *data; /* owned; never NULL after the first append */
    size_t len;
    size_t room;   /* bytes allocated */
    size_t max;    /* upper bound of len */
    bool overflow; /* something was refused */
};

void buf_init(struct buf *b, size_t max);
void buf_free(struct buf *b);  /* back to empty with the same bound */
void buf_wipe(struct buf *b);  /* overwrites, then frees */
void buf_clear(struct buf *b); /* len 0, memory kept */

/* All return false when the bound would be passed. */
bool buf_add(struct buf *b, const void *bytes, size_t n);
/* Room for so many more at once: what comes in pieces, and is known to be long, is not copied as
 * the buffer grows. */
bool buf_reserve(struct buf *b, size_t n);
bool buf_text(struct buf *b, const char *s);
bool buf_char(struct buf *b, char c);
bool buf_number(struct buf *b, int64_t number); /* in decimal */
bool buf_format(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
bool buf_vformat(struct buf *b, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));

const char *buf_str(const struct buf *b); /* "" when empty; valid until the next change */
char *buf_take(struct buf *b);            /* the owned text; the buffer is empty afterwards */

#endif
