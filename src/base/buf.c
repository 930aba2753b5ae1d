/*
 * SPDX-License-Identifier: ISC
 */
#include "base/buf.h"

#include "base/mem.h"

#include <stdio.h>
#include <string.h>

void buf_init(struct buf *b, size_t max)
{
    *b = (struct buf){.max = max};
}

void buf_free(struct buf *b)
{
    size_t max = b->max;
    mem_free(b->data);
    buf_init(b, max);
}

void buf_wipe(struct buf *b)
{
    mem_wipe(b->data, b->room);
    buf_free(b);
}

void buf_clear(struct buf *b)
{
    b->len = 0;
    b->overflow = false;
    if (b->data != NULL)
        b->data[0] = '\0';
}

/* Not by realloc(), which leaves a copy behind where it moves: much of what buffers hold is secret.
 */
static void grow(struct buf *b, size_t room)
{
    char *more = mem_resize(NULL, room, 1);

    if (b->len > 0)
        memcpy(more, b->data, b->len + 1);
    mem_wipe(b->data, b->room);
    mem_free(b->data);
    b->data = more;
    b->room = room;
}

static bool make_room(struct buf *b, size_t n)
{
    if (n > b->max - b->len) {
        b->overflow = true;
        return false;
    }
    if (b->len + n + 1 > b->room) {
        size_t room = b->room < 32 ? 64 : b->room * 2;
        if (room < b->len + n + 1)
            room = b->len + n + 1;
        grow(b, room);
    }
    return true;
}

bool buf_reserve(struct buf *b, size_t n)
{
    if (!make_room(b, n))
        return false;
    b->data[b->len] = '\0';
    return true;
}

bool buf_add(struct buf *b, const void *bytes, size_t n)
{
    if (!make_room(b, n))
        return false;
    if (n > 0)
        memcpy(b->data + b->len, bytes, n);
    b->len += n;
    b->data[b->len] = '\0';
    return true;
}

bool buf_text(struct buf *b, const char *s)
{
    return buf_add(b, s, strlen(s));
}

bool buf_char(struct buf *b, char c)
{
    if (!make_room(b, 1))
        return false;
    b->data[b->len++] = c;
    b->data[b->len] = '\0';
    return true;
}

bool buf_number(struct buf *b, int64_t number)
{
    char digits[20], *first = digits + sizeof digits; /* 2^63 has 19, with a sign 20 */
    uint64_t left = number < 0 ? -(uint64_t)number : (uint64_t)number;

    do
        *--first = (char)('0' + left % 10);
    while ((left /= 10) > 0);
    if (number < 0)
        *--first = '-';
    return buf_add(b, first, (size_t)(digits + sizeof digits - first));
}

bool buf_vformat(struct buf *b, const char *format, va_list args)
{
    make_room(b, 0);
    size_t left = b->room - b->len;
    va_list again;

    /* What there is room for is mostly enough; else it tells how much is. */
    va_copy(again, args);
    int n = vsnprintf(b->data + b->len, left, format, again);
    va_end(again);
    if (n < 0 || !make_room(b, (size_t)n)) {
        b->data[b->len] = '\0';
        return false;
    }
    if ((size_t)n >= left)
        vsnprintf(b->data + b->len, (size_t)n + 1, format, args);
    b->len += (size_t)n;
    return true;
}

bool buf_format(struct buf *b, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    bool fits = buf_vformat(b, format, args);
    va_end(args);
    return fits;
}

const char *buf_str(const struct buf *b)
{
    return b->data != NULL ? b->data : "";
}

char *buf_take(struct buf *b)
{
    char *out = b->data != NULL ? b->data : mem_text("");
    buf_init(b, b->max);
    return out;
}
