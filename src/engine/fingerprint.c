/*
 * SPDX-License-Identifier: ISC
 */
#include "engine/fingerprint.h"
#include "engine/setting_names.h"

#include "base/mem.h"
#include "base/sip.h"
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
    bool for_provider;
} counting[COUNTING_MAX], own[FINGERPRINT_OWN]; /* all, and those for the provider */
static size_t counting_count, own_count;

static void find_counting(void)
{
    for (const struct setting *s = setting_next(NULL); s != NULL; s = setting_next(s)) {
        const struct counting one = {s->name, counts_in(s), setting_for_provider(s)};
        if (one.in == 0 || counting_count == COUNTING_MAX)
            continue;
        counting[counting_count++] = one;
        if (one.for_provider && own_count < FINGERPRINT_OWN)
            own[own_count++] = one;
    }
}

void fingerprint_known_init(struct fingerprint_known *known)
{
    known->near = false;
    for (int of = 0; of < FINGERPRINTS; of++)
        buf_init(&known->same[of], INT32_MAX);
}

void fingerprint_known_fini(struct fingerprint_known *known)
{
    for (int of = 0; of < FINGERPRINTS; of++)
        buf_wipe(&known->same[of]); /* fields of a provider may be secrets */
}

/* Each text with its final NUL, so that no two of them run together. */
static void write(struct fingerprint_known *known, const char *name, const char *value, unsigned in)
{
    for (int of = 0; value != NULL && of < FINGERPRINTS; of++) {
        if ((in & BIT(of)) == 0)
            continue;
        buf_add(&known->same[of], name, strlen(name) + 1);
        buf_add(&known->same[of], value, strlen(value) + 1);
    }
}

static void write_same(const struct view *v, const struct fingerprint_field *fields,
                       size_t field_count, struct fingerprint_known *known)
{
    size_t n = 0;

    for (int of = 0; of < FINGERPRINTS; of++)
        buf_clear(&known->same[of]);
    for (size_t i = 0; i < counting_count; i++) {
        if (!counting[i].for_provider) {
            write(known, counting[i].name, view_get(v, counting[i].name), counting[i].in);
            continue;
        }
        for (int of = 0; of < FINGERPRINTS; of++)
            known->places[n][of] = known->same[of].len;
        n++;
    }
    for (size_t i = 0; i < field_count; i++)
        if (setting_find(fields[i].name) == NULL)
            write(known, fields[i].name, view_get(v, fields[i].name),
                  field_counts_in(fields[i].secret));
}

/* What all have in common from *at to the place, then the value that is the entry's. */
static void add_own(struct sip *s, const struct buf *same, size_t *at, size_t place,
                    const char *name, const char *value)
{
    sip_add(s, buf_str(same) + *at, place - *at);
    sip_add(s, name, strlen(name) + 1);
    sip_add(s, value, strlen(value) + 1);
    *at = place;
}

void fingerprints(const struct view *v, const struct fingerprint_field *fields, size_t field_count,
                  const uint8_t key[16], struct fingerprint_known *known,
                  uint64_t out[FINGERPRINTS])
{
    struct sip sips[FINGERPRINTS];
    size_t at[FINGERPRINTS] = {0};
    uint64_t words[2];

    memcpy(words, key, sizeof words);
    if (counting_count == 0)
        find_counting();
    if (!known->near)
        write_same(v, fields, field_count, known);
    for (int of = 0; of < FINGERPRINTS; of++)
        sip_init(&sips[of], words);
    for (size_t i = 0; i < own_count; i++) {
        const char *value = !known->near || known->said[i] ? view_get(v, own[i].name) : NULL;
        known->said[i] = value != NULL;
        for (int of = 0; value != NULL && of < FINGERPRINTS; of++)
            if ((own[i].in & BIT(of)) != 0)
                add_own(&sips[of], &known->same[of], &at[of], known->places[i][of], own[i].name,
                        value);
    }
    for (int of = 0; of < FINGERPRINTS; of++) {
        sip_add(&sips[of], buf_str(&known->same[of]) + at[of], known->same[of].len - at[of]);
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
