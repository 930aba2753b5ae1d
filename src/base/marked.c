/*
 * SPDX-License-Identifier: ISC
 */
#include "base/marked.h"

#include "base/mem.h"

#include <string.h>

void marked_init(struct marked *m)
{
    *m = (struct marked){0};
    buf_init(&m->text, MARKED_MAX);
}

void marked_free(struct marked *m)
{
    buf_wipe(&m->text);
    mem_free(m->spans);
    m->spans = NULL;
    m->span_count = 0;
}

static void mark(struct marked *m, size_t from, size_t to)
{
    if (m->span_count > 0 && m->spans[m->span_count - 1].to == from) {
        m->spans[m->span_count - 1].to = to;
        return;
    }
    m->spans = mem_resize(m->spans, m->span_count + 1, sizeof m->spans[0]);
    m->spans[m->span_count++] = (struct marked_span){from, to};
}

/* Growing by realloc could leave a copy of a secret behind: move by hand and wipe. */
static bool reserve(struct marked *m, size_t n)
{
    struct buf *b = &m->text;
    if (n > b->max - b->len) {
        b->overflow = true;
        return false;
    }
    if (b->len + n + 1 > b->room) {
        size_t room = b->room * 2 > b->len + n + 1 ? b->room * 2 : b->len + n + 65;
        char *data = mem_alloc(room);
        if (b->len > 0)
            memcpy(data, b->data, b->len);
        mem_wipe(b->data, b->room);
        mem_free(b->data);
        b->data = data;
        b->room = room;
    }
    return true;
}

bool marked_add(struct marked *m, const char *s, size_t n, bool secret)
{
    size_t from = m->text.len;

    if (!reserve(m, n) || !buf_add(&m->text, s, n))
        return false;
    if (secret && n > 0)
        mark(m, from, m->text.len);
    return true;
}

bool marked_text(struct marked *m, const char *s)
{
    return marked_add(m, s, strlen(s), false);
}

bool marked_secret(struct marked *m, const char *s)
{
    return marked_add(m, s, strlen(s), true);
}

bool marked_join(struct marked *m, const struct marked *other)
{
    size_t at = m->text.len;

    if (!marked_add(m, buf_str(&other->text), other->text.len, false))
        return false;
    for (size_t i = 0; i < other->span_count; i++)
        mark(m, at + other->spans[i].from, at + other->spans[i].to);
    return true;
}

void marked_copy(struct marked *to, const struct marked *from)
{
    marked_init(to);
    marked_join(to, from);
}

bool marked_any_secret(const struct marked *m)
{
    return m->span_count > 0;
}

const char *marked_str(const struct marked *m)
{
    return buf_str(&m->text);
}

static const char dots[] = "\xe2\x80\xa2\xe2\x80\xa2\xe2\x80\xa2";

bool marked_show(const struct marked *m, struct buf *out)
{
    const char *s = buf_str(&m->text);
    size_t at = 0;
    bool fits = true;

    for (size_t i = 0; i < m->span_count; i++) {
        fits = buf_add(out, s + at, m->spans[i].from - at) && buf_text(out, dots) && fits;
        at = m->spans[i].to;
    }
    return buf_add(out, s + at, m->text.len - at) && fits;
}

/* The length of the longest secret that begins at text, or 0. */
static size_t secret_at(const struct marked *m, const char *text, size_t n)
{
    const char *s = buf_str(&m->text);
    size_t longest = 0;

    for (size_t i = 0; i < m->span_count; i++) {
        size_t length = m->spans[i].to - m->spans[i].from;
        if (length >= MARKED_SHORTEST && length <= n && length > longest &&
            memcmp(text, s + m->spans[i].from, length) == 0)
            longest = length;
    }
    return longest;
}

bool marked_hide(const struct marked *m, const char *text, size_t n, struct buf *out)
{
    bool fits = true;

    for (size_t at = 0; at < n && fits;) {
        size_t length = secret_at(m, text + at, n - at);
        fits = length > 0 ? buf_text(out, dots) : buf_char(out, text[at]);
        at += length > 0 ? length : 1;
    }
    return fits;
}
