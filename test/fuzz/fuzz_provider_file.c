/*
 * SPDX-License-Identifier: ISC
 */
#include "steps.h"

#include "base/text.h"
#include "publish/provider.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *get(const void *self, const char *name)
{
    (void)self;
    return text_equal(name, "zone") ? NULL : "s3cr3t-passw0rd";
}

/* A provider file, a NUL, replies: what the checker accepts must be carried out without harm. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct provider *p;
    struct cause c;
    const uint8_t *end = memchr(data, '\0', size);
    size_t n = end != NULL ? (size_t)(end - data) : size;
    struct steps_input in = {data, size, end != NULL ? n + 1 : n, 1};
    struct member member = {.hostname = "a.example.org", .settings = {.get = get}};
    struct job job = {.members = &member, .member_count = 1, .agent = "x"};
    struct addr four;

    if (provider_parse((const char *)data, n, "fuzz.json", &p, &c) != OK)
        return 0;
    const struct provider_info *info = provider_info(p);
    if (info->can_read || text_equal(info->speaks, "file")) {
        addr_parse("192.0.2.1", &four);
        member.want[V4].due = member.want[V4].known = true;
        addrset_add(&member.want[V4].wanted, &four);
        if (text_equal(info->status, "alive") && text_equal(info->speaks, "file"))
            steps_run(registry_dialogue("file"), p, &job, &in, "\x01\x02");
    }
    provider_free(p);
    return 0;
}
