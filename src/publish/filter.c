/*
 * SPDX-License-Identifier: ISC
 */
#include "publish/filter.h"

#include "base/clock.h"
#include "base/marked.h"
#include "base/mem.h"
#include "base/text.h"
#include "publish/digest.h"

#include <string.h>

typedef json_t *filter_fn(const char *text, const struct vars *vars);

static char *digest(const EVP_MD *md, const char *text)
{
    uint8_t bytes[EVP_MAX_MD_SIZE];
    struct buf b;

    buf_init(&b, 2 * EVP_MAX_MD_SIZE);
    text_add_hex(&b, bytes, digest_of(md, text, strlen(text), bytes));
    return buf_take(&b);
}

char *filter_text(const char *name, const char *text)
{
    struct buf b;

    if (text_equal(name, "md5"))
        return digest(EVP_md5(), text);
    if (text_equal(name, "sha1"))
        return digest(EVP_sha1(), text);
    buf_init(&b, MARKED_MAX);
    text_add_base64(&b, text, strlen(text));
    return buf_take(&b);
}

static json_t *take_text(char *text)
{
    json_t *value = json_string_nocheck(text);
    mem_free_secret(text);
    return value;
}

static json_t *as_text(const char *text, const struct vars *vars)
{
    (void)vars;
    return json_string_nocheck(text);
}

static json_t *as_number(const char *text, const struct vars *vars)
{
    uint64_t n;
    (void)vars;
    return text_number(text, &n) && n <= INT64_MAX ? json_integer((json_int_t)n) : NULL;
}

static json_t *as_md5(const char *text, const struct vars *vars)
{
    (void)vars;
    return take_text(filter_text("md5", text));
}

static json_t *as_sha1(const char *text, const struct vars *vars)
{
    (void)vars;
    return take_text(filter_text("sha1", text));
}

static json_t *as_base64(const char *text, const struct vars *vars)
{
    (void)vars;
    return take_text(filter_text("b64", text));
}

static json_t *as_lower(const char *text, const struct vars *vars)
{
    char *copy = mem_text(text);
    (void)vars;
    text_lower_all(copy);
    return take_text(copy);
}

static json_t *as_upper(const char *text, const struct vars *vars)
{
    char *copy = mem_text(text);
    (void)vars;
    for (char *c = copy; *c != '\0'; c++)
        *c = *c >= 'a' && *c <= 'z' ? (char)(*c - ('a' - 'A')) : *c;
    return take_text(copy);
}

/* Unix seconds as ISO 8601 in UTC. */
static json_t *as_iso(const char *text, const struct vars *vars)
{
    char time[25];
    uint64_t seconds;
    (void)vars;
    if (!text_number(text, &seconds) || seconds > UINT32_MAX)
        return NULL;
    return json_string(clock_text((msec)seconds * SECOND, time));
}

/* What Markdown would take for its own: "*.example.org" would lose its star (CommonMark, 2.4). */
static json_t *as_md(const char *text, const struct vars *vars)
{
    struct buf out;

    (void)vars;
    buf_init(&out, 2 * strlen(text) + 1);
    for (; *text != '\0'; text++) {
        if (strchr("\\*_`~|[]<>", *text) != NULL)
            buf_char(&out, '\\');
        buf_char(&out, *text);
    }
    return take_text(buf_take(&out));
}

static json_t *as_label(const char *text, const struct vars *vars)
{
    (void)vars;
    return json_stringn_nocheck(text, strcspn(text, "."));
}

/* RFC 4648, section 6; blanks and "=" are left out. Returns bytes written or -1. */
static long from_base32(const char *s, uint8_t *out, size_t room)
{
    uint32_t bits = 0;
    unsigned count = 0;
    size_t used = 0;

    for (; *s != '\0'; s++) {
        char c = text_lower(*s);
        if (c == ' ' || c == '=')
            continue;
        if (!((c >= 'a' && c <= 'z') || (c >= '2' && c <= '7')))
            return -1;
        bits = bits << 5 | (uint32_t)(c >= 'a' ? c - 'a' : c - '2' + 26);
        count += 5;
        if (count >= 8) {
            if (used == room)
                return -1;
            count -= 8;
            out[used++] = (uint8_t)(bits >> count);
        }
    }
    return (long)used;
}

/* RFC 6238 with the usual 30 s, SHA-1 and six digits. */
static json_t *as_totp(const char *text, const struct vars *vars)
{
    uint8_t key[128], mac[EVP_MAX_MD_SIZE], counter[8];
    bool secret;
    json_t *now = vars_get(vars, "now", false, &secret);
    long size = from_base32(text, key, sizeof key);
    uint64_t step = (uint64_t)json_integer_value(now) / 30;

    json_decref(now);
    if (size <= 0)
        return NULL;
    for (int i = 7; i >= 0; i--, step >>= 8)
        counter[i] = (uint8_t)step;
    unsigned n = digest_mac(EVP_sha1(), key, (size_t)size, counter, sizeof counter, mac);
    mem_wipe(key, sizeof key);
    const uint8_t *at = mac + (mac[n - 1] & 15);
    uint32_t code =
        (uint32_t)(at[0] & 0x7f) << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
    return take_text(mem_format("%06u", code % 1000000));
}

static const struct {
    const char *name;
    filter_fn *fn;
} filters[] = {
    {"s", as_text},     {"n", as_number},    {"md5", as_md5},     {"sha1", as_sha1},
    {"b64", as_base64}, {"lower", as_lower}, {"upper", as_upper}, {"label", as_label},
    {"totp", as_totp},  {"iso", as_iso},     {"md", as_md},
};

bool filter_known(const char *name)
{
    for (size_t i = 0; i < sizeof filters / sizeof filters[0]; i++)
        if (text_equal(filters[i].name, name))
            return true;
    return false;
}

json_t *filter_apply(const char *name, const json_t *value, const struct vars *vars)
{
    char *text = json_scalar_text(value);
    json_t *out = NULL;

    for (size_t i = 0; text != NULL && i < sizeof filters / sizeof filters[0]; i++)
        if (text_equal(filters[i].name, name))
            out = filters[i].fn(text, vars);
    mem_free_secret(text);
    return out;
}
