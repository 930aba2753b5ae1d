/*
 * SPDX-License-Identifier: ISC
 */
#include "steps.h"

#include "base/text.h"
#include "publish/provider.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char secret[] = "s3cr3t-passw0rd";

static const char *get(const void *self, const char *name)
{
    static const struct {
        const char *name, *value;
    } values[] = {
        {"password", secret},
        {"apikey", secret},
        {"secretapikey", secret},
        {"login", "example.org"},
        {"zone", "example.org"},
        {"dynurl", "https://x.example/?q=1"},
        {"urlv4", "http://x.example/4"},
        {"urlv6", "http://x.example/6"},
    };
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
        if (text_equal(values[i].name, name))
            return values[i].value;
    return NULL;
}

/* A secret that the protocol never sends can not come back. */
static bool sends_secret(const struct provider_info *info)
{
    for (size_t i = 0; i < info->field_count; i++)
        if (text_equal(info->fields[i].name, "password") ||
            text_equal(info->fields[i].name, "apikey"))
            return true;
    return false;
}

/* Replies to each of ddclient's protocols; the second byte chooses the word. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct registry *registry;
    static const char *words[128];
    static size_t count;
    struct steps_input in = {data, size, 0, 1};
    struct member members[2] = {{.hostname = "a.example.org"}, {.hostname = "b.example.org"}};
    struct addr four, six;

    if (registry == NULL) {
        registry = registry_new();
        for (const char *w = NULL;
             (w = registry_next_protocol(registry, w)) != NULL && count < 128;)
            words[count++] = w;
    }
    uint8_t options = steps_byte(&in);
    const struct provider *p = registry_protocol(registry, words[steps_byte(&in) % count]);
    const struct protocol *protocol = registry_dialogue(provider_info(p)->speaks);
    struct job job = {.members = members, .member_count = 1, .policy = POLICY_FIRST, .agent = "x"};

    if (provider_info(p)->batch.hosts > 1)
        job.member_count = 1u + (options & 1);
    addr_parse("192.0.2.1", &four);
    addr_parse("2001:db8::1", &six);
    for (size_t i = 0; i < job.member_count; i++) {
        members[i].settings.get = get;
        for (int f = 0; f < FAMILIES; f++) {
            bool wanted = provider_info(p)->one_family ? f == ((options >> 1) & 1)
                                                       : f == V4 || (options & 4) != 0;
            members[i].want[f].due = members[i].want[f].known = wanted;
            if (wanted)
                addrset_add(&members[i].want[f].wanted, f == V4 ? &four : &six);
        }
    }
    steps_run(protocol, p, &job, &in, sends_secret(provider_info(p)) ? secret : NULL);
    return 0;
}
