/*
 * SPDX-License-Identifier: ISC
 */
#include "steps.h"

#include "base/text.h"
#include "publish/provider.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int replay_missing(void);

static const char secret[] = "s3cr3t-passw0rd";

static bool without_zone;

struct value {
    const char *name, *value;
};
static const struct value values[] = {
    {"password", secret},
    {"apikey", secret},
    {"secretapikey", secret},
    {"login", "example.com"},
    {"zone", "example.com"},
    {"dynurl", "https://x.example/?q=1"},
    {"urlv4", "http://x.example/4"},
    {"urlv6", "http://x.example/6"},
};
static const char *get(const void *self, const char *name)
{
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
        if (text_equal(values[i].name, name) && !(without_zone && text_equal(name, "zone")))
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

enum { PROTOCOLS = 48 }; /* of ddclient */

static struct registry *registry;
static const char *words[128];
static unsigned replies[128];
static size_t count;

/* Sends nothing; or has a target of its own, where answers can be signed. */
static bool left_out(const char *word)
{
    return text_equal(word, "emailonly") || text_equal(word, "nsupdate");
}

/* Every protocol of ddclient's is here and gets replies when it is named, but those left out. */
int replay_missing(void)
{
    uint8_t input[128];
    int missing = count == PROTOCOLS + 1 ? 0 : 1; /* protocol=command is homing's own word */

    for (size_t i = 0; i < count; i++) {
        LLVMFuzzerTestOneInput(input, steps_name(words[i], input, sizeof input));
        printf("%s (%s): %u replies\n", words[i],
               provider_info(registry_protocol(registry, words[i]))->speaks, replies[i]);
        missing += replies[i] == 0 && !left_out(words[i]);
    }
    return missing;
}

/* The member's addresses, as the options say. */
static void fill_want(struct want *w, int f, uint8_t options, const struct provider_info *info)
{
    struct addr a;
    bool wanted = info->one_family ? f == ((options >> 1) & 1) : f == V4 || (options & 4) != 0;

    w->due = w->known = wanted;
    addr_parse(f == V4 ? "192.0.2.10" : "2001:db8::10", &a);
    if (wanted && !(info->can_delete && (options & 64) != 0))
        addrset_add(&w->wanted, &a);
    if ((options & 32) != 0) {
        addr_parse(f == V4 ? "198.51.100.7" : "2001:db8::7", &a);
        w->published_known = true;
        addrset_add(&w->published, &a);
    }
}

/* Replies to each of ddclient's protocols; names and addresses are those of the recordings that
 * seeds are made of. Input: options, the word on a line, replies. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct steps_input in = {data, size, 0, 1};
    struct member members[2] = {{.hostname = "host.example.com"}, {.hostname = "www.example.com"}};

    if (registry == NULL) {
        registry = registry_new();
        for (const char *w = NULL;
             (w = registry_next_protocol(registry, w)) != NULL && count < 128;)
            words[count++] = w;
    }
    uint8_t options = steps_byte(&in);
    size_t word = steps_choose(&in, words, count);
    const struct provider *p = registry_protocol(registry, words[word]);
    const struct provider_info *info = provider_info(p);
    struct job job = {.members = members,
                      .member_count = 1,
                      .policy = POLICY_FIRST,
                      .independent = (options & 16) != 0,
                      .agent = "x"};

    if (text_equal(words[word], "nsupdate"))
        return 0;
    without_zone = (options & 8) != 0;
    if (info->batch.hosts > 1)
        job.member_count = 1u + (options & 1);
    for (size_t i = 0; i < job.member_count; i++) {
        members[i].settings.get = get;
        for (int f = 0; f < FAMILIES; f++)
            fill_want(&members[i].want[f], f, options, info);
    }
    replies[word] += steps_run(registry_dialogue(info->speaks), p, &job, &in,
                               sends_secret(info) ? secret : NULL);
    return 0;
}
