/*
 * SPDX-License-Identifier: ISC
 */
#include "base/marked.h"

#include "base/mem.h"
#include "base/text.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

enum {
    LINE_SHORTEST = 16,
    FIRST_ROOM = 192, /* behind the first piece: enough for the others of most addresses */
};

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
    m->spans = mem_more(m->spans, m->span_count, sizeof m->spans[0]);
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
        size_t room = b->room * 2 > b->len + n + 1 ? b->room * 2 : b->len + n + FIRST_ROOM;
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

bool marked_percent(struct marked *m, const char *s, size_t n, const char *keep, bool secret)
{
    size_t from = m->text.len;

    if (!reserve(m, n))
        return false;
    if (!text_add_percent(&m->text, s, n, keep)) {
        m->text.len = from;
        m->text.data[from] = '\0';
        return false;
    }
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

static bool add_apart(struct marked *m, const char *dress, size_t n)
{
    return marked_add(m, dress, n, true) && marked_text(m, "\n"); /* spans do not touch */
}

/* Those characters of base64 that only the secret decides, wherever it begins among three bytes. */
static bool add_base64(struct marked *m, const char *secret, size_t n)
{
    bool fits = true;

    for (size_t before = 0; before < 3; before++) {
        struct buf plain, b;
        buf_init(&plain, MARKED_MAX);
        buf_init(&b, 2 * MARKED_MAX);
        fits = buf_add(&plain, "\0\0", before) && buf_add(&plain, secret, n) &&
               text_add_base64(&b, buf_str(&plain), plain.len) && fits;
        size_t from = (8 * before + 5) / 6, to = 8 * (before + n) / 6;
        fits = fits && add_apart(m, b.data + from, to - from);
        for (size_t i = 0; i < b.len; i++)
            b.data[i] = b.data[i] == '+' ? '-' : b.data[i] == '/' ? '_' : b.data[i];
        fits = fits && add_apart(m, b.data + from, to - from); /* RFC 4648, section 5 */
        buf_wipe(&plain);
        buf_wipe(&b);
    }
    return fits;
}

/* Each line of a key is as secret as the whole; a configuration writes their ends as two signs. */
static bool add_lines(struct marked *m, const char *secret)
{
    bool fits = true;

    for (const char *at = secret; *at != '\0' && fits;) {
        const char *feed = strchr(at, '\n'), *written = strstr(at, "\\n");
        bool two = written != NULL && (feed == NULL || written < feed);
        const char *end = two ? written : feed != NULL ? feed : at + strlen(at);
        if (end - at >= LINE_SHORTEST && (at != secret || *end != '\0'))
            fits = add_apart(m, at, (size_t)(end - at));
        at = *end == '\0' ? end : end + (two ? 2 : 1);
    }
    return fits;
}

bool marked_encoded(struct marked *m, const char *secret)
{
    size_t n = strlen(secret);

    return n < MARKED_SHORTEST ||
           (add_apart(m, secret, n) && add_base64(m, secret, n) && add_lines(m, secret));
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

/* ---- what somebody else says ---- */

static int hex_at(const char *s, size_t n)
{
    int value = 0;

    for (size_t i = 0; i < n; i++) {
        char c = text_lower(s[i]);
        if (!text_is_digit(c) && (c < 'a' || c > 'f'))
            return -1;
        value = value * 16 + (text_is_digit(c) ? c - '0' : c - 'a' + 10);
    }
    return value;
}

/* The length of the UTF-8 character at s, and its number; each other byte counts for one. */
static size_t character(const char *s, size_t room, unsigned *out)
{
    const unsigned char *u = (const unsigned char *)s;
    size_t n = u[0] < 0xc0 ? 1 : u[0] < 0xe0 ? 2 : u[0] < 0xf0 ? 3 : 4;

    *out = u[0];
    if (n == 1 || n > room || !text_is_utf8(s, n))
        return 1;
    *out = u[0] & (0xffu >> (n + 1));
    for (size_t i = 1; i < n; i++)
        *out = *out << 6 | (u[i] & 0x3fu);
    return n;
}

/*
 * How much of the text stands for the beginning of the secret in one way of writing, or 0; *took:
 * so much of the secret. Where a way of writing escapes a character, it is not looked for bare.
 */
typedef size_t way_fn(const char *secret, size_t left, const char *text, size_t room, size_t *took);

static size_t way_plain(const char *secret, size_t left, const char *text, size_t room,
                        size_t *took)
{
    (void)left;
    *took = 1;
    return room > 0 && *text == *secret;
}

/* RFC 3986, whatever it leaves as it is; and a form's plus sign. */
static size_t way_percent(const char *secret, size_t left, const char *text, size_t room,
                          size_t *took)
{
    *took = 1;
    if (room > 0 && *text == '%')
        return room > 2 && hex_at(text + 1, 2) == (unsigned char)*secret ? 3 : 0;
    if (room > 0 && *text == '+' && *secret == ' ')
        return 1;
    return way_plain(secret, left, text, room, took);
}

/* RFC 8259, section 7. */
static size_t way_json(const char *secret, size_t left, const char *text, size_t room, size_t *took)
{
    unsigned c;

    if (room < 2 || *text != '\\')
        return way_plain(secret, left, text, room, took);
    *took = character(secret, left, &c);
    if (text[1] != 'u')
        return strchr("\"\\/", text[1]) != NULL && text[1] == *secret ? 2 : 0;
    if (c < 0x10000)
        return room > 5 && hex_at(text + 2, 4) == (int)c ? 6 : 0;
    return room > 11 && hex_at(text + 2, 4) == (int)(0xd7c0 + (c >> 10)) && text[6] == '\\' &&
                   text[7] == 'u' && hex_at(text + 8, 4) == (int)(0xdc00 + (c & 0x3ff))
               ? 12
               : 0;
}

static size_t way_html(const char *secret, size_t left, const char *text, size_t room, size_t *took)
{
    static const struct {
        const char *word;
        char c;
    } words[] = {{"&amp;", '&'},  {"&lt;", '<'},    {"&gt;", '>'},
                 {"&quot;", '"'}, {"&apos;", '\''}, {"&#39;", '\''}};
    unsigned c;

    if (room == 0 || *text != '&')
        return way_plain(secret, left, text, room, took);
    *took = 1;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        size_t n = strlen(words[i].word);
        if (words[i].c == *secret && n <= room && memcmp(text, words[i].word, n) == 0)
            return n;
    }
    char decimal[16], hex[16];
    *took = character(secret, left, &c);
    size_t n = (size_t)snprintf(decimal, sizeof decimal, "&#%u;", c);
    if (n <= room && memcmp(text, decimal, n) == 0)
        return n;
    n = (size_t)snprintf(hex, sizeof hex, "&#x%x;", c);
    return n <= room && strncasecmp(text, hex, n) == 0 ? n : 0;
}

static size_t stands_for(way_fn *way, const char *secret, size_t length, const char *text,
                         size_t room)
{
    size_t at = 0;

    for (size_t i = 0, took; i < length; i += took) {
        size_t used = way(secret + i, length - i, text + at, room - at, &took);
        if (used == 0)
            return 0;
        at += used;
    }
    return at;
}

/* The length of the longest text at "text" that stands for a secret, or 0. */
static size_t secret_at(const struct marked *m, const char *text, size_t n)
{
    static way_fn *const ways[] = {way_plain, way_percent, way_json, way_html};
    const char *s = buf_str(&m->text);
    size_t longest = 0;

    for (size_t i = 0; i < m->span_count; i++) {
        size_t length = m->spans[i].to - m->spans[i].from;
        for (size_t w = 0; length >= MARKED_SHORTEST && w < sizeof ways / sizeof ways[0]; w++) {
            size_t found = stands_for(ways[w], s + m->spans[i].from, length, text, n);
            longest = found > longest ? found : longest;
        }
    }
    return longest;
}

bool marked_hide(const struct marked *m, const char *text, size_t n, struct buf *out)
{
    /* What can stand for a secret begins as the secret does, or with an escape's first sign. */
    bool begins[256] = {['%'] = true, ['+'] = true, ['\\'] = true, ['&'] = true};
    const char *s = buf_str(&m->text);
    size_t shown = 0;
    bool fits = true;

    for (size_t i = 0; i < m->span_count; i++)
        begins[(unsigned char)s[m->spans[i].from]] = true;
    for (size_t at = 0, length; at < n && fits; at += length > 0 ? length : 1) {
        length = begins[(unsigned char)text[at]] ? secret_at(m, text + at, n - at) : 0;
        if (length > 0) {
            fits = buf_add(out, text + shown, at - shown) && buf_text(out, dots);
            shown = at + length;
        }
    }
    return fits && buf_add(out, text + shown, n - shown);
}
