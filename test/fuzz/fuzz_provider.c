/*
 * SPDX-License-Identifier: ISC
 */
#include "steps.h"

#include "base/text.h"
#include "publish/provider.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int replay_missing(void);

static const char secret[] = "s3cr3t-passw0rd";

/* Made for this file: two providers want their requests signed. */
#define KEY_LINE "MIICdwIBADANBgkqhkiG9w0BAQEFAASCAmEwggJdAgEAAoGBANex1m8kbG3QnptH"
#define KEY(feed)                                                                                  \
    "-----BEGIN PRIVATE KEY-----" feed KEY_LINE feed                                               \
    "HJgDYikmKxeZYsDnzvkKRWK4PBTWKfu6B2tK8ZoU/DmerGGiCcSh2tLZn5cSgTI7" feed                        \
    "lbNvp23ux9/KaQ0JHioS55IBTLDPh+omq3JxtbZVHjvaAipZT8LCw1H2c99rsu3I" feed                        \
    "N27+g4uLGuNkXpDD9dZbRie7Q9mhAgMBAAECgYBjIXCUFAFhVwgOBVi25JcwokIb" feed                        \
    "znr8fY06F+ZbwKCcUvFop87RGNiBIDPrp2lCVd53aIvRbANUw0RtecULer1PiPb0" feed                        \
    "vxqhuIQbrpE78IobhJccBId5DOKhTbT3iS0Ic9mI2Y58+fjx69h82Vsfsa03YGTq" feed                        \
    "OZ/hKeIRONtIX7yqoQJBAOws4YnC2TZ3nRSjOidjOjL65A3bkZ/SaFyZykB6AA6E" feed                        \
    "IKd9Y9babtW/+gMtLvhp7QWWyCStgLYdL5wpNlVWiucCQQDpzNpMwe/v+Yld5MoR" feed                        \
    "NU+X+Q/s25gHTOpsdoc84mFcQNDtuOvxlaq/m/sqWjPyrgrs5kS864OytLlIw5Zl" feed                        \
    "Ra43AkEAoc86Eu15bnTTHUGb5UJ5rFXyi4AErLA2qkL/q98qTMe/q6EgFyL+ztnB" feed                        \
    "zA1X4gCI0Mx2gZKR3bPvW5lszVkGvwJAd2umeZx59SaNrsMFH6MOY77ZDo/f6KK1" feed                        \
    "/u7QBx5OwrNsxHA3PC/JhpOiyDBI5oVVmUnJBIJ7w5UiKvOUZ2gfIwJBAJA887CI" feed                        \
    "7jIszeskZHPrDkfbcPR3Et6Ebv989OLN4FzIA/3IE7RI2gviMDuxLmIU1KjUX92m" feed                        \
    "nn/GSsNNgkt0/iI=" feed "-----END PRIVATE KEY-----" feed

static const struct {
    const char *id, *password;
} keys[] = {
    {"gcp", "{\"client_email\": \"a@b.example\", \"private_key\": \"" KEY("\\n") "\"}"},
    {"transip", KEY("\n")},
};

struct settings {
    const struct provider_info *info;
    bool zone;        /* the zone is told */
    char hostile[64]; /* what fields that are no secret hold; "" for something harmless */
};

static const char *get(const void *self, const char *name)
{
    const struct settings *s = self;

    if (text_equal(name, "zone"))
        return s->zone ? "example.com" : NULL;
    for (size_t i = 0; i < s->info->field_count; i++) {
        const struct provider_field *f = &s->info->fields[i];
        if (!text_equal(f->name, name))
            continue;
        if (text_equal(name, "dynurl"))
            return "https://x.example/?q=1";
        if (f->choices != NULL)
            return f->choices[0];
        for (size_t k = 0; k < sizeof keys / sizeof keys[0] && f->secret; k++)
            if (text_equal(keys[k].id, s->info->id))
                return keys[k].password;
        if (f->secret)
            return secret;
        return s->hostile[0] != '\0' ? s->hostile : f->fallback != NULL ? f->fallback : "harmless";
    }
    return NULL;
}

/* What must be in no text; of a key a line. */
static const char *secret_of(const struct provider_info *info)
{
    for (size_t k = 0; k < sizeof keys / sizeof keys[0]; k++)
        if (text_equal(keys[k].id, info->id))
            return KEY_LINE;
    for (size_t i = 0; i < info->field_count; i++)
        if (info->fields[i].secret && !text_equal(info->fields[i].name, "dynurl"))
            return secret;
    return "\x01\x02";
}

static const char *ids[512];
static unsigned replies[512];
static size_t count;

/* Every provider file gets replies when it is named. */
int replay_missing(void)
{
    uint8_t input[128];
    int missing = 0;

    for (size_t i = 0; i < count; i++) {
        size_t n = steps_name(ids[i], input, sizeof input);
        input[0] = 128;
        LLVMFuzzerTestOneInput(input, n);
        printf("%s: %u replies\n", ids[i], replies[i]);
        missing += replies[i] == 0;
    }
    return missing;
}

/*
 * Hostile replies and settings for every provider file; names and addresses are those of the
 * providers' exchanges, of which seeds are made. Input: options, the provider's id on a
 * line, a length and that many bytes of a setting, replies.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct registry *registry;
    struct steps_input in = {data, size, 0, 1};
    struct settings settings = {0};
    struct member members[2] = {{.hostname = "home.example.com"}, {.hostname = "*.example.com"}};
    struct addr four, six;

    if (registry == NULL) {
        registry = registry_new();
        for (const char *id = NULL;
             (id = registry_next_provider(registry, id)) != NULL && count < 512;)
            if (text_equal(provider_info(registry_provider(registry, id))->speaks, "file") &&
                text_equal(provider_info(registry_provider(registry, id))->status, "alive"))
                ids[count++] = id;
    }
    uint8_t options = steps_byte(&in);
    size_t number = steps_choose(&in, ids, count);
    const struct provider *p = registry_provider(registry, ids[number]);
    struct job job = {.members = members,
                      .member_count = 1u + (options & 1),
                      .policy = (options & 16) == 0   ? POLICY_KEEP
                                : (options & 32) != 0 ? POLICY_BESIDE
                                                      : POLICY_REPLACE,
                      .agent = "x"};

    settings.info = provider_info(p);
    settings.zone = (options & 128) != 0;
    size_t n = steps_byte(&in) % sizeof settings.hostile;
    for (size_t i = 0; i < n; i++)
        settings.hostile[i] = (char)steps_byte(&in);
    settings.hostile[n] = '\0';
    addr_parse("198.51.100.7", &four);
    addr_parse("2001:db8::7", &six);
    for (size_t i = 0; i < job.member_count; i++) {
        members[i].settings = (struct view){.self = &settings, .get = get};
        for (int f = 0; f < FAMILIES; f++) {
            bool wanted = f == V4 || (options & 4) != 0;
            members[i].want[f].due = members[i].want[f].known = wanted;
            if (wanted && (options & 8) == 0)
                addrset_add(&members[i].want[f].wanted, f == V4 ? &four : &six);
        }
    }
    replies[number] += steps_run(registry_dialogue("file"), p, &job, &in, secret_of(settings.info));
    return 0;
}
