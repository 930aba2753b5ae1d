/*
 * SPDX-License-Identifier: ISC
 */
/* Of a spec: the text by which equal questions are known, and host parts of addresses. */
#include "sense/spec.h"

#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "sense/inside.h"

enum { KEY_MAX = 64 * 1024 };

/* --- keys --- */

static void add_text(struct buf *key, const char *s)
{
    if (s != NULL) {
        buf_format(key, "%zu:", strlen(s));
        buf_text(key, s);
    }
    buf_char(key, '|');
}

static void add_key(struct buf *key, const struct spec *s)
{
    const char *const texts[] = {s->kind->name, s->arg,    s->skip,      s->login,         s->proxy,
                                 s->ca_file,    s->ca_dir, s->interface, s->source_address};
    uint64_t password = 14695981039346656037u; /* FNV-1a: a key is no place for the text itself */

    for (const char *c = s->password; c != NULL && *c != '\0'; c++)
        password = (password ^ (unsigned char)*c) * 1099511628211u;

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        add_text(key, texts[i]);
    text_add_hex(key, &password, sizeof password);
    buf_format(key, " %u %d %d %u %d %d %d %d %lld %u %u %u ", s->mark, s->metered, s->on_demand,
               s->families, s->neutral, s->tls_unchecked, s->family_free, s->private_too,
               (long long)s->timeout, s->redirects, s->quorum, s->length);
    text_add_hex(key, s->suffix, sizeof s->suffix);
    for (unsigned i = 0; i < s->part_count; i++) {
        buf_char(key, '(');
        add_key(key, &s->parts[i]);
    }
}

char *spec_key(const struct spec *spec)
{
    struct buf key;

    buf_init(&key, KEY_MAX);
    add_key(&key, spec);
    return buf_take(&key);
}

/* --- suffixes --- */

static int nibble(char c)
{
    if (text_is_digit(c))
        return c - '0';
    c = text_lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Six pairs of hex digits with ":" or "-" between them. */
static bool read_mac(const char *s, uint8_t mac[6])
{
    for (int i = 0; i < 6; i++, s += 3) {
        int high = nibble(s[0]), low = high >= 0 ? nibble(s[1]) : -1;
        if (low < 0)
            return false;
        mac[i] = (uint8_t)(high << 4 | low);
        if (i == 5 ? s[2] != '\0' : s[2] != ':' && s[2] != '-')
            return false;
    }
    return true;
}

bool spec_suffix(const char *text, uint8_t out[16])
{
    uint8_t mac[6];
    struct addr a;

    memset(out, 0, 16);
    if (read_mac(text, mac)) {
        const uint8_t id[8] = {mac[0] ^ 0x02, mac[1], mac[2], 0xff, 0xfe, mac[3], mac[4], mac[5]};
        memcpy(out + 8, id, sizeof id);
        return true;
    }
    if (!text_starts(text, "::") || !addr_parse(text, &a) || a.family != V6)
        return false;
    memcpy(out, a.bytes, 16);
    return true;
}

struct addr spec_join(const struct addr *prefix, unsigned length, const uint8_t suffix[16])
{
    struct addr a = {.family = V6};

    for (unsigned bit = 0; bit < 128; bit++) {
        const uint8_t *from = bit < length ? prefix->bytes : suffix;
        a.bytes[bit / 8] |= from[bit / 8] & (uint8_t)(0x80 >> bit % 8);
    }
    return a;
}
