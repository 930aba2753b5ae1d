/*
 * SPDX-License-Identifier: ISC
 */
#include "engine/fingerprint.h"
#include "engine/setting_names.h"

#include "base/mem.h"
#include "base/text.h"
#include "conf/settings.h"

#include <string.h>

/* Settings that stand in the record or beside it, so that another value must be sent. */
static const char *const contents[] = {"mx",  "backupmx", "wildcard", "static",
                                       "ttl", "proxied",  NULL};
/* Of the account scope, but about the schedule or the checking, not about how it is sent. */
static const char *const aside[] = {"verify", "verify-server", "lag", "on-loss", "on-stop", NULL};
/* Beside the secrets. */
static const char *const credentials[] = {"provider", "protocol",
                                          "server",   "login",
                                          "key-name", "key-algorithm",
                                          "key-file", "script",
                                          "path",     "use-personal-access-token",
                                          NULL};

static bool listed(const char *const *list, const char *name)
{
    for (; *list != NULL; list++)
        if (text_equal(*list, name))
            return true;
    return false;
}

#define BIT(of) (1u << (of))

/* Which fingerprints a setting of the table counts in. */
static unsigned counts_in(const struct setting *s)
{
    unsigned bits = 0;

    if (listed(contents, s->name))
        bits |= BIT(FINGERPRINT_CONTENT);
    if (((s->scope & SCOPE_ACCOUNT) == 0 && !text_equal(s->name, "record-id")) ||
        listed(aside, s->name))
        return bits;
    bits |= BIT(FINGERPRINT_SETTINGS);
    if (s->class == SETTING_SECRET)
        bits |= BIT(FINGERPRINT_CREDENTIALS) | BIT(FINGERPRINT_SECRETS);
    else if (listed(credentials, s->name))
        bits |= BIT(FINGERPRINT_CREDENTIALS);
    return bits;
}

static unsigned field_counts_in(bool secret)
{
    return BIT(FINGERPRINT_SETTINGS) |
           (secret ? BIT(FINGERPRINT_CREDENTIALS) | BIT(FINGERPRINT_SECRETS)
                   : BIT(FINGERPRINT_CONTENT));
}

/* The rows that count, found once: a fleet has a hundred thousand hostnames. */
enum { COUNTING_MAX = 128 };
static struct counting {
    const char *name;
    unsigned in;
} counting[COUNTING_MAX];
static size_t counting_count;

static void find_counting(void)
{
    for (const struct setting *s = setting_next(NULL); s != NULL; s = setting_next(s)) {
        unsigned in = counts_in(s);
        if (in != 0 && counting_count < COUNTING_MAX)
            counting[counting_count++] = (struct counting){s->name, in};
    }
}

/* SipHash-2-4 (Aumasson and Bernstein, 2012) over a stream of texts. */
struct sip {
    uint64_t v[4];
    uint64_t word;
    uint64_t length;
};

static uint64_t rotate(uint64_t x, int n)
{
    return x << n | x >> (64 - n);
}

static void sip_round(uint64_t v[4])
{
    v[0] += v[1];
    v[2] += v[3];
    v[1] = rotate(v[1], 13) ^ v[0];
    v[3] = rotate(v[3], 16) ^ v[2];
    v[0] = rotate(v[0], 32);
    v[2] += v[1];
    v[0] += v[3];
    v[1] = rotate(v[1], 17) ^ v[2];
    v[3] = rotate(v[3], 21) ^ v[0];
    v[2] = rotate(v[2], 32);
}

static void sip_word(struct sip *s, uint64_t word)
{
    s->v[3] ^= word;
    sip_round(s->v);
    sip_round(s->v);
    s->v[0] ^= word;
}

static void sip_init(struct sip *s, const uint8_t *key)
{
    uint64_t k[2];

    memcpy(k, key, sizeof k);
    *s = (struct sip){.v = {k[0] ^ 0x736f6d6570736575ULL, k[1] ^ 0x646f72616e646f6dULL,
                            k[0] ^ 0x6c7967656e657261ULL, k[1] ^ 0x7465646279746573ULL}};
}

/* The text with its final NUL, so that no two texts run together. */
static void sip_text(struct sip *s, const char *text)
{
    do {
        s->word |= (uint64_t)(unsigned char)*text << (8 * (s->length % 8));
        if (++s->length % 8 == 0) {
            sip_word(s, s->word);
            s->word = 0;
        }
    } while (*text++ != '\0');
}

static uint64_t sip_end(struct sip *s)
{
    sip_word(s, s->word | s->length << 56);
    s->v[2] ^= 0xff;
    for (int i = 0; i < 4; i++)
        sip_round(s->v);
    return s->v[0] ^ s->v[1] ^ s->v[2] ^ s->v[3];
}

static void add(struct sip sips[FINGERPRINTS], const struct view *v, const char *name, unsigned in)
{
    const char *value = view_get(v, name);

    for (int of = 0; value != NULL && of < FINGERPRINTS; of++) {
        if ((in & BIT(of)) == 0)
            continue;
        sip_text(&sips[of], name);
        sip_text(&sips[of], value);
    }
}

void fingerprints(const struct view *v, const struct fingerprint_field *fields, size_t field_count,
                  const uint8_t key[16], uint64_t out[FINGERPRINTS])
{
    struct sip sips[FINGERPRINTS];

    if (counting_count == 0)
        find_counting();
    for (int of = 0; of < FINGERPRINTS; of++)
        sip_init(&sips[of], key);
    for (size_t i = 0; i < counting_count; i++)
        add(sips, v, counting[i].name, counting[i].in);
    for (size_t i = 0; i < field_count; i++)
        if (setting_find(fields[i].name) == NULL)
            add(sips, v, fields[i].name, field_counts_in(fields[i].secret));
    for (int of = 0; of < FINGERPRINTS; of++) {
        bool none = of == FINGERPRINT_SECRETS && sips[of].length == 0;
        uint64_t made = sip_end(&sips[of]);
        out[of] = none ? 0 : made != 0 ? made : 1; /* 0 means unknown */
    }
    mem_wipe(sips, sizeof sips);
}

const char *setting_name_at(size_t n)
{
    const struct setting *s = setting_at(n);
    return s != NULL ? s->name : NULL;
}
