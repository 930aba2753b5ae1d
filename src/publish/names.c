/*
 * SPDX-License-Identifier: ISC
 */
#include "publish/names.h"

#include "base/mem.h"
#include "base/text.h"

#include <stdint.h>
#include <string.h>

/* RFC 3492, section 5: the parameters of Punycode. */
enum { BASE = 36, T_MIN = 1, T_MAX = 26, SKEW = 38, DAMP = 700, BIAS = 72, FIRST = 128 };
enum { LABEL_POINTS = 63 };

/* One code point of well-formed UTF-8. */
static uint32_t decode(const unsigned char **at)
{
    const unsigned char *p = *at;
    size_t more = p[0] < 0x80 ? 0 : p[0] < 0xe0 ? 1 : p[0] < 0xf0 ? 2 : 3;
    uint32_t point = more == 0 ? p[0] : p[0] & (0x3fu >> more);

    for (size_t i = 1; i <= more; i++)
        point = point << 6 | (p[i] & 0x3f);
    *at = p + more + 1;
    return point;
}

static uint32_t adapt(uint32_t delta, uint32_t points, bool first)
{
    uint32_t k = 0;

    delta = first ? delta / DAMP : delta / 2;
    delta += delta / points;
    for (; delta > (BASE - T_MIN) * T_MAX / 2; k += BASE)
        delta /= BASE - T_MIN;
    return k + (BASE - T_MIN + 1) * delta / (delta + SKEW);
}

static bool add_integer(struct buf *out, uint32_t q, uint32_t bias)
{
    for (uint32_t k = BASE;; k += BASE) {
        uint32_t t = k <= bias ? T_MIN : k >= bias + T_MAX ? T_MAX : k - bias;
        uint32_t digit = q < t ? q : t + (q - t) % (BASE - t);
        if (!buf_char(out, (char)(digit < 26 ? 'a' + digit : '0' + (digit - 26))))
            return false;
        if (q < t)
            return true;
        q = (q - t) / (BASE - t);
    }
}

/* RFC 3492, section 6.3. */
static bool add_punycode(struct buf *out, const uint32_t *points, size_t count)
{
    uint32_t n = FIRST, delta = 0, bias = BIAS;
    uint32_t done = 0;

    for (size_t i = 0; i < count; i++)
        if (points[i] < FIRST && buf_char(out, (char)points[i]))
            done++;
    uint32_t basic = done;
    if (basic > 0)
        buf_char(out, '-');
    while (done < count) {
        uint32_t m = UINT32_MAX;
        for (size_t i = 0; i < count; i++)
            if (points[i] >= n && points[i] < m)
                m = points[i];
        if (m - n > (UINT32_MAX - delta) / (done + 1))
            return false;
        delta += (m - n) * (done + 1);
        n = m;
        for (size_t i = 0; i < count; i++) {
            if (points[i] < n)
                delta++;
            if (points[i] == n) {
                if (!add_integer(out, delta, bias))
                    return false;
                bias = adapt(delta, done + 1, done == basic);
                delta = 0;
                done++;
            }
        }
        delta++;
        n++;
    }
    return true;
}

static bool add_label(struct buf *out, const char *label, size_t n)
{
    uint32_t points[LABEL_POINTS];
    size_t count = 0;
    bool ascii = true;

    for (size_t i = 0; i < n; i++)
        ascii = ascii && (unsigned char)label[i] < 0x80;
    if (ascii) {
        bool fits = true;
        for (size_t i = 0; i < n; i++)
            fits = buf_char(out, text_lower(label[i])) && fits;
        return fits;
    }
    const unsigned char *at = (const unsigned char *)label;
    const unsigned char *end = at + n;
    while (at < end) {
        if (count == LABEL_POINTS)
            return false;
        uint32_t point = decode(&at);
        points[count++] = point < 0x80 ? (uint32_t)text_lower((char)point) : point;
    }
    return buf_text(out, "xn--") && add_punycode(out, points, count);
}

bool name_normal(const char *name, char *out, size_t room)
{
    struct buf b;
    bool fits = true;

    if (strlen(name) >= room || !text_is_utf8(name, strlen(name)))
        return false;
    buf_init(&b, room - 1);
    for (const char *at = name;;) {
        size_t n = strcspn(at, ".");
        if (text_equal(at, "\\052") || text_starts(at, "\\052."))
            fits = buf_char(&b, '*') && fits;
        else
            fits = add_label(&b, at, n) && fits;
        at += n;
        if (at[0] == '\0' || (at[0] == '.' && at[1] == '\0' && b.len > 0))
            break;
        fits = buf_char(&b, '.') && fits;
        at++;
    }
    if (fits)
        memcpy(out, buf_str(&b), b.len + 1);
    buf_free(&b);
    return fits;
}

bool name_equal(const char *a, const char *b)
{
    char left[NAME_TEXT_MAX], right[NAME_TEXT_MAX];

    if (text_equal(a, b))
        return true;
    return name_normal(a, left, sizeof left) && name_normal(b, right, sizeof right) &&
           text_equal(left, right);
}

bool name_within(const char *name, const char *zone)
{
    size_t n = strlen(name);
    size_t m = strlen(zone);

    if (m == 0 || n < m || strcmp(name + n - m, zone) != 0)
        return false;
    return n == m || name[n - m - 1] == '.';
}

char *name_relative(const char *name, const char *zone)
{
    if (!name_within(name, zone))
        return NULL;
    size_t n = strlen(name);
    size_t m = strlen(zone);
    return mem_text_n(name, n == m ? 0 : n - m - 1);
}

static bool has_two_labels(const char *name)
{
    const char *dot = strchr(name, '.');
    return dot != NULL && dot != name && dot[1] != '\0';
}

const char *name_first_zone(const char *name)
{
    if (text_starts(name, "*."))
        name += 2;
    return has_two_labels(name) ? name : NULL;
}

const char *name_next_zone(const char *zone)
{
    const char *dot = strchr(zone, '.');
    return dot != NULL && has_two_labels(dot + 1) ? dot + 1 : NULL;
}
