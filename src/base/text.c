/*
 * SPDX-License-Identifier: ISC
 */
#include "base/text.h"

#include <string.h>

char text_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

bool text_is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

bool text_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

bool text_is_alpha(char c)
{
    c = text_lower(c);
    return c >= 'a' && c <= 'z';
}

int text_case_compare(const char *a, const char *b)
{
    while (*a != '\0' && text_lower(*a) == text_lower(*b)) {
        a++;
        b++;
    }
    return (unsigned char)text_lower(*a) - (unsigned char)text_lower(*b);
}

bool text_equal(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

bool text_case_equal(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && text_case_compare(a, b) == 0);
}

bool text_starts(const char *s, const char *prefix)
{
    return strncmp(s, prefix, strlen(prefix)) == 0;
}

bool text_ends(const char *s, const char *suffix)
{
    size_t n = strlen(s);
    size_t m = strlen(suffix);
    return n >= m && memcmp(s + n - m, suffix, m) == 0;
}

void text_lower_all(char *s)
{
    for (; *s != '\0'; s++)
        *s = text_lower(*s);
}

/* Length of the well-formed sequence at s, 0 if it is none (RFC 3629, section 4). */
static size_t utf8_sequence(const unsigned char *s, size_t n)
{
    size_t length = s[0] < 0x80   ? 1
                    : s[0] < 0xc2 ? 0
                    : s[0] < 0xe0 ? 2
                    : s[0] < 0xf0 ? 3
                    : s[0] < 0xf5 ? 4
                                  : 0;
    if (length == 0 || length > n)
        return 0;
    for (size_t i = 1; i < length; i++)
        if ((s[i] & 0xc0) != 0x80)
            return 0;
    if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
        (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
        return 0;
    return length;
}

bool text_is_utf8(const char *s, size_t n)
{
    const unsigned char *p = (const unsigned char *)s;
    while (n > 0) {
        size_t step = utf8_sequence(p, n);
        if (step == 0)
            return false;
        p += step;
        n -= step;
    }
    return true;
}

bool text_number(const char *s, uint64_t *out)
{
    uint64_t value = 0;

    if (*s == '\0')
        return false;
    for (; *s != '\0'; s++) {
        if (!text_is_digit(*s))
            return false;
        uint64_t digit = (uint64_t)(*s - '0');
        if (value > (UINT64_MAX - digit) / 10)
            return false;
        value = value * 10 + digit;
    }
    *out = value;
    return true;
}

static const char base64_digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char hex_lower[] = "0123456789abcdef";
static const char hex_upper[] = "0123456789ABCDEF";

bool text_add_base64(struct buf *out, const void *bytes, size_t n)
{
    const uint8_t *p = bytes;

    if (!buf_reserve(out, (n + 2) / 3 * 4))
        return false;
    char *to = out->data + out->len;
    for (; n > 0; p += 3, to += 4) {
        uint32_t v = (uint32_t)p[0] << 16 | (n > 1 ? (uint32_t)p[1] << 8 : 0) | (n > 2 ? p[2] : 0);
        to[0] = base64_digits[v >> 18];
        to[1] = base64_digits[v >> 12 & 63];
        to[2] = n > 1 ? base64_digits[v >> 6 & 63] : '=';
        to[3] = n > 2 ? base64_digits[v & 63] : '=';
        n = n > 3 ? n - 3 : 0;
    }
    *to = '\0';
    out->len = (size_t)(to - out->data);
    return true;
}

bool text_add_hex(struct buf *out, const void *bytes, size_t n)
{
    const uint8_t *p = bytes;
    bool fits = true;

    for (size_t i = 0; i < n; i++) {
        const char pair[2] = {hex_lower[p[i] >> 4], hex_lower[p[i] & 15]};
        fits = buf_add(out, pair, sizeof pair) && fits;
    }
    return fits;
}

static bool is_unreserved(char c)
{
    return text_is_alpha(c) || text_is_digit(c) || c == '-' || c == '.' || c == '_' || c == '~';
}

bool text_add_percent(struct buf *out, const char *s, size_t n, const char *keep)
{
    bool fits = true;

    for (size_t i = 0, from = 0; i <= n; i++) {
        unsigned char c = i < n ? (unsigned char)s[i] : 0;
        if (i < n && (is_unreserved(s[i]) || (c != 0 && keep != NULL && strchr(keep, c) != NULL)))
            continue;
        fits = buf_add(out, s + from, i - from) && fits;
        from = i + 1;
        if (i < n) {
            char code[3] = {'%', hex_upper[c >> 4], hex_upper[c & 15]};
            fits = buf_add(out, code, 3) && fits;
        }
    }
    return fits;
}

bool text_add_line(struct buf *out, const char *s, size_t n)
{
    bool utf8, blank = false, fits = true;

    while (n > 0 && ((unsigned char)s[n - 1] & 0xc0) == 0x80 && !text_is_utf8(s, n))
        n--; /* it may have been cut in the middle of a character */
    if (n > 0 && (unsigned char)s[n - 1] >= 0xc0)
        n--;
    utf8 = text_is_utf8(s, n);
    for (size_t i = 0; i < n && fits; i++) {
        unsigned char c = (unsigned char)s[i];
        if (c <= 0x20 || c == 0x7f) {
            blank = out->len > 0;
            continue;
        }
        fits = (!blank || buf_char(out, ' ')) && buf_char(out, c < 0x80 || utf8 ? s[i] : '?');
        blank = false;
    }
    return fits;
}

long text_from_base64(const char *s, uint8_t *out, size_t room)
{
    size_t n = strlen(s);
    size_t used = 0;

    if (n % 4 != 0)
        return -1;
    for (size_t i = 0; i < n; i += 4) {
        uint32_t v = 0;
        size_t pad = 0;
        for (size_t j = 0; j < 4; j++) {
            char c = s[i + j];
            const char *digit = c != '\0' ? strchr(base64_digits, c) : NULL;
            if (c == '=' && i + 4 == n && j >= 2)
                pad++;
            else if (digit == NULL || pad > 0)
                return -1;
            v = v << 6 | (digit != NULL && c != '=' ? (uint32_t)(digit - base64_digits) : 0);
        }
        size_t bytes = 3 - pad;
        if (used + bytes > room)
            return -1;
        for (size_t j = 0; j < bytes; j++)
            out[used++] = (uint8_t)(v >> (16 - 8 * j));
    }
    return (long)used;
}

unsigned text_distance(const char *a, const char *b)
{
    enum { MOST = 64 };
    unsigned rows[3][MOST + 1];
    size_t n = strlen(a);
    size_t m = strlen(b);

    if (n > MOST || m > MOST)
        return 255;
    unsigned *before = rows[0], *last = rows[1], *row = rows[2];
    for (size_t j = 0; j <= m; j++)
        before[j] = last[j] = (unsigned)j;
    for (size_t i = 1; i <= n; i++) {
        row[0] = (unsigned)i;
        for (size_t j = 1; j <= m; j++) {
            unsigned best = last[j - 1] + (a[i - 1] != b[j - 1]);
            if (last[j] + 1 < best)
                best = last[j] + 1;
            if (row[j - 1] + 1 < best)
                best = row[j - 1] + 1;
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
                before[j - 2] + 1 < best)
                best = before[j - 2] + 1;
            row[j] = best;
        }
        unsigned *spare = before;
        before = last;
        last = row;
        row = spare;
    }
    return last[m];
}

bool text_has_login(const char *s)
{
    for (const char *at = strstr(s, "://"); at != NULL; at = strstr(at + 3, "://")) {
        size_t n = strcspn(at + 3, "/?#@ \t\"'");
        if (at[3 + n] == '@' && memchr(at + 3, ':', n) != NULL)
            return true;
    }
    return false;
}
