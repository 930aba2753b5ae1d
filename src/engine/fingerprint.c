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
static struct counting {
    const char *name;
    unsigned in;
    bool for_provider;
} counting[FINGERPRINT_NAMES];
static size_t counting_count;

static void find_counting(void)
{
    for (const struct setting *s = setting_next(NULL); s != NULL; s = setting_next(s)) {
        unsigned in = counts_in(s);
        if (in != 0 && counting_count < FINGERPRINT_NAMES)
            counting[counting_count++] = (struct counting){s->name, in, setting_for_provider(s)};
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

/* With the final NUL, so that no two texts run together. */
static void write(struct fingerprint_known *known, const char *text, unsigned in)
{
    for (int of = 0; of < FINGERPRINTS; of++)
        if ((in & BIT(of)) != 0)
            buf_add(&known->same[of], text, strlen(text) + 1);
}

static void write_both(struct fingerprint_known *known, const char *name, const char *value,
                       unsigned in)
{
    if (value == NULL)
        return;
    write(known, name, in);
    write(known, value, in);
}

static void write_own(struct fingerprint_known *known, const char *name, unsigned in)
{
    struct fingerprint_own *own = &known->own[known->own_count++];

    write(known, name, in);
    own->name = name;
    own->in = in;
    for (int of = 0; of < FINGERPRINTS; of++)
        own->places[of] = known->same[of].len;
}

static void write_same(const struct view *v, const struct fingerprint_field *fields,
                       size_t field_count, struct fingerprint_known *known)
{
    known->own_count = 0;
    for (int of = 0; of < FINGERPRINTS; of++)
        buf_clear(&known->same[of]);
    for (const struct counting *c = counting; c < counting + counting_count; c++) {
        const char *value = view_get(v, c->name);
        if (!c->for_provider)
            write_both(known, c->name, value, c->in);
        else if (value != NULL)
            write_own(known, c->name, c->in);
    }
    for (size_t i = 0; i < field_count; i++)
        if (setting_find(fields[i].name) == NULL)
            write_both(known, fields[i].name, view_get(v, fields[i].name),
                       field_counts_in(fields[i].secret));
}

/* What all have in common, from *at to the place. */
static void add_same(struct sip *s, const struct buf *same, size_t *at, size_t place)
{
    sip_add(s, buf_str(same) + *at, place - *at);
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
    for (const struct fingerprint_own *own = known->own; own < known->own + known->own_count;
         own++) {
        const char *value = view_get(v, own->name);
        size_t size = value != NULL ? strlen(value) + 1 : 0;
        for (int of = 0; of < FINGERPRINTS; of++) {
            if ((own->in & BIT(of)) == 0)
                continue;
            add_same(&sips[of], &known->same[of], &at[of], own->places[of]);
            sip_add(&sips[of], value, size);
        }
    }
    for (int of = 0; of < FINGERPRINTS; of++) {
        add_same(&sips[of], &known->same[of], &at[of], known->same[of].len);
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
