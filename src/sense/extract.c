/*
 * SPDX-License-Identifier: ISC
 */
#include "sense/extract.h"

#include <string.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/pattern.h"
#include "base/text.h"

enum { SKIP_MAX = 1024 };

static bool is_alnum(char c)
{
    return text_is_alpha(c) || text_is_digit(c);
}

/* --- IPv4 --- */

/* One to three digits, at most 255; returns how many, or 0. */
static size_t read_octet(const char *s, size_t n, uint8_t *out)
{
    unsigned value = 0;
    size_t i = 0;

    for (; i < n && i < 3 && text_is_digit(s[i]); i++)
        value = value * 10 + (unsigned)(s[i] - '0');
    *out = (uint8_t)value;
    return value <= 255 ? i : 0;
}

/* Four octets at s; returns their length, or 0. */
static size_t read_quad(const char *s, size_t n, uint8_t *bytes)
{
    size_t at = 0;

    for (int k = 0; k < 4; k++) {
        if (k > 0 && (at >= n || s[at++] != '.'))
            return 0;
        size_t len = read_octet(s + at, n - at, &bytes[k]);
        if (len == 0)
            return 0;
        at += len;
    }
    return at;
}

static bool find_v4(const char *text, size_t n, bool strict, struct addr *out)
{
    for (size_t at = 0; at < n; at++) {
        if (!text_is_digit(text[at]) || (at > 0 && is_alnum(text[at - 1])))
            continue;
        *out = (struct addr){.family = V4};
        size_t len = read_quad(text + at, n - at, out->bytes), end = at + len;
        if (len == 0 || (end < n && is_alnum(text[end])))
            continue;
        bool goes_on = end + 1 < n && text[end] == '.' && text_is_digit(text[end + 1]);
        bool came_on = at >= 2 && text[at - 1] == '.' && text_is_digit(text[at - 2]);
        if (strict && (goes_on || came_on))
            continue;
        return true;
    }
    return false;
}

/* --- IPv6 --- */

static int hex_value(char c)
{
    if (text_is_digit(c))
        return c - '0';
    c = text_lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

struct groups {
    uint8_t bytes[16]; /* of what was written, from the left */
    size_t count;      /* 16-bit groups; an embedded IPv4 address counts two */
    size_t gap;        /* groups before "::" */
    bool has_gap;
};

/* Reads one written group (or the IPv4 tail) at *at. False when it is none. */
static bool read_group(const char *s, size_t n, size_t *at, struct groups *g)
{
    unsigned value = 0;
    size_t digits = 0;

    for (; *at + digits < n && hex_value(s[*at + digits]) >= 0; digits++)
        value = value << 4 | (unsigned)hex_value(s[*at + digits]);
    if (*at + digits < n && s[*at + digits] == '.') {
        if (g->count > 6)
            return false;
        size_t len = read_quad(s + *at, n - *at, &g->bytes[2 * g->count]);
        g->count += 2;
        *at += len;
        return len > 0 && *at == n;
    }
    if (digits == 0 || digits > 4 || g->count == 8)
        return false;
    g->bytes[2 * g->count] = (uint8_t)(value >> 8);
    g->bytes[2 * g->count + 1] = (uint8_t)value;
    g->count++;
    *at += digits;
    return true;
}

/* Is the whole run an IPv6 address: eight groups, or fewer with one "::" that stands for at least
 * one? (RFC 4291, section 2.2; leading zeros as in any text.) */
static bool whole_v6(const char *s, size_t n, struct addr *out)
{
    struct groups g = {.has_gap = false};
    size_t at = 0;

    if (n >= 2 && s[0] == ':' && s[1] == ':') {
        g.has_gap = true;
        at = 2;
    }
    while (at < n) {
        if (!read_group(s, n, &at, &g))
            return false;
        if (at == n)
            break;
        if (s[at++] != ':' || at == n) /* a single colon cannot end it */
            return false;
        if (s[at] == ':') {
            if (g.has_gap)
                return false;
            g.has_gap = true;
            g.gap = g.count;
            at++;
        }
    }
    if (g.has_gap ? g.count > 7 : g.count != 8)
        return false;
    *out = (struct addr){.family = V6};
    memcpy(out->bytes, g.bytes, 2 * g.gap);
    memcpy(out->bytes + 16 - 2 * (g.count - g.gap), g.bytes + 2 * g.gap, 2 * (g.count - g.gap));
    return true;
}

static bool in_run(char c)
{
    return is_alnum(c) || c == ':' || c == '.';
}

static bool find_v6(const char *text, size_t n, bool strict, struct addr *out)
{
    bool found = false;

    for (size_t at = 0, end; at < n; at = end) {
        struct addr a;
        if (!in_run(text[at])) {
            end = at + 1;
            continue;
        }
        for (end = at; end < n && in_run(text[end]); end++)
            ;
        size_t stop = end;
        if (strict && stop > at + 2 && text[stop - 1] == '.') /* the end of a sentence */
            stop--;
        if (!whole_v6(text + at, stop - at, &a))
            continue;
        bool global = (a.bytes[0] & 0xe0) == 0x20;
        if (!found || global)
            *out = a;
        found = true;
        if (!strict || global)
            return true;
    }
    return found;
}

bool extract_address(const char *text, size_t n, enum family family, enum extract_reading reading,
                     struct addr *out)
{
    bool strict = reading == EXTRACT_STRICT;

    return family == V4 ? find_v4(text, n, strict, out) : find_v6(text, n, strict, out);
}

/* --- skip --- */

size_t extract_skip(const char *text, size_t n, const struct pattern *pattern)
{
    size_t end = 0;

    return pattern != NULL && pattern_find(pattern, text, n, &end) ? end : 0;
}

struct pattern *extract_pattern(const char *skip, struct cause *c)
{
    struct buf b;
    struct pattern *p = NULL;
    const char *blank;

    cause_set(c, OK, "%s", "");
    if (skip == NULL || skip[0] == '\0')
        return NULL;
    buf_init(&b, SKIP_MAX);
    blank = strchr(skip, ' ');
    if (blank != NULL && buf_add(&b, skip, (size_t)(blank - skip)) && buf_text(&b, "\\s"))
        skip = blank + 1;
    if (buf_text(&b, skip) && !b.overflow)
        p = pattern_new(buf_str(&b), c);
    else
        cause_set(c, ERR_TOO_BIG, "a skip pattern has more than %d characters", SKIP_MAX);
    buf_free(&b);
    return p;
}
