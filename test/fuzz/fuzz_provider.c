/*
 * SPDX-License-Identifier: ISC
 */
#include "steps.h"

#include "base/text.h"
#include "publish/provider.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char secret[] = "s3cr3t-passw0rd";

struct settings {
    const struct provider_info *info;
    char hostile[64]; /* what fields that are no secret hold; "" for something harmless */
};

static const char *get(const void *self, const char *name)
{
    const struct settings *s = self;

    if (text_equal(name, "zone"))
        return NULL;
    for (size_t i = 0; i < s->info->field_count; i++) {
        const struct provider_field *f = &s->info->fields[i];
        if (!text_equal(f->name, name))
            continue;
        if (text_equal(name, "dynurl"))
            return "https://x.example/?q=1";
        if (f->choices != NULL)
            return f->choices[0];
        if (f->secret)
            return secret;
        return s->hostile[0] != '\0' ? s->hostile : "harmless";
    }
    return NULL;
}

static bool has_secret(const struct provider_info *info)
{
    for (size_t i = 0; i < info->field_count; i++)
        if (info->fields[i].secret && !text_equal(info->fields[i].name, "dynurl"))
            return true;
    return false;
}

/*
 * Hostile replies and settings for every provider file. Input: options, the provider's number, a
 * length and that many bytes of a setting, replies.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct registry *registry;
    static const char *ids[512];
    static size_t count;
    struct steps_input in = {data, size, 0, 1};
    struct settings settings = {0};
    struct member members[2] = {{.hostname = "a.example.org"}, {.hostname = "*.b.example.org"}};
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
    size_t number = (size_t)steps_byte(&in) << 8;
    number |= steps_byte(&in);
    const struct provider *p = registry_provider(registry, ids[number % count]);
    struct job job = {.members = members,
                      .member_count = 1u + (options & 1),
                      .policy = (options & 16) == 0   ? POLICY_KEEP
                                : (options & 32) != 0 ? POLICY_BESIDE
                                                      : POLICY_REPLACE,
                      .agent = "x"};

    settings.info = provider_info(p);
    size_t n = steps_byte(&in) % sizeof settings.hostile;
    for (size_t i = 0; i < n; i++)
        settings.hostile[i] = (char)steps_byte(&in);
    settings.hostile[n] = '\0';
    addr_parse("192.0.2.1", &four);
    addr_parse("2001:db8::1", &six);
    for (size_t i = 0; i < job.member_count; i++) {
        members[i].settings = (struct view){.self = &settings, .get = get};
        for (int f = 0; f < FAMILIES; f++) {
            bool wanted = f == V4 || (options & 4) != 0;
            members[i].want[f].due = members[i].want[f].known = wanted;
            if (wanted && (options & 8) == 0)
                addrset_add(&members[i].want[f].wanted, f == V4 ? &four : &six);
        }
    }
    steps_run(registry_dialogue("file"), p, &job, &in,
              has_secret(settings.info) ? secret : "\x01\x02");
    return 0;
}
