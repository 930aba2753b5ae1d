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
} counting[COUNTING_MAX];
static size_t counting_count;

static void find_counting(void)
{
    for (const struct setting *s = setting_next(NULL); s != NULL; s = setting_next(s)) {
        unsigned in = counts_in(s);
        if (in != 0 && counting_count < COUNTING_MAX)
            counting[counting_count++] = (struct counting){s->name, in, setting_for_provider(s)};
    }
}

/* The text with its final NUL, so that no two texts run together. */
static void add_text(struct sip *s, const char *text)
{
    sip_add(s, text, strlen(text) + 1);
}

static void add(struct sip sips[FINGERPRINTS], const char *name, const char *value, unsigned in)
{
    for (int of = 0; value != NULL && of < FINGERPRINTS; of++) {
        if ((in & BIT(of)) == 0)
            continue;
        add_text(&sips[of], name);
        add_text(&sips[of], value);
    }
}

void fingerprints(const struct view *v, const struct fingerprint_field *fields, size_t field_count,
                  const uint8_t key[16], struct fingerprint_values *known,
                  uint64_t out[FINGERPRINTS])
{
    const char **value = known->values;
    struct sip sips[FINGERPRINTS];
    uint64_t words[2];

    memcpy(words, key, sizeof words);
    if (counting_count == 0)
        find_counting();
    for (int of = 0; of < FINGERPRINTS; of++)
        sip_init(&sips[of], words);
    for (size_t i = 0; i < counting_count; i++, value++) {
        if (!known->near || counting[i].for_provider)
            *value = view_get(v, counting[i].name);
        add(sips, counting[i].name, *value, counting[i].in);
    }
    for (size_t i = 0; i < field_count && i < FINGERPRINT_VALUES - COUNTING_MAX; i++, value++) {
        if (setting_find(fields[i].name) != NULL)
            continue;
        if (!known->near)
            *value = view_get(v, fields[i].name);
        add(sips, fields[i].name, *value, field_counts_in(fields[i].secret));
    }
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
