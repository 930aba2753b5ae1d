/*
 * SPDX-License-Identifier: ISC
 */
#include "steps.h"

#include "base/text.h"
#include "publish/program.h"
#include "publish/provider.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *get(const void *self, const char *name)
{
    return text_equal(name, "password") ? "s3cr3t-passw0rd"
           : text_equal(name, "@id")    ? "a.example.org@command"
                                        : NULL;
}

/* What a program of the user's own prints (protocol=command). */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct registry *registry;
    struct steps_input in = {data, size, 0, 1};
    struct member members[2] = {{.hostname = "a.example.org"}, {.hostname = "*.example.org"}};
    uint8_t options = steps_byte(&in);
    struct job job = {.members = members, .member_count = 1u + (options & 1)};
    struct addr four, six;

    if (registry == NULL)
        registry = registry_new();
    addr_parse("192.0.2.1", &four);
    addr_parse("2001:db8::1", &six);
    for (size_t i = 0; i < job.member_count; i++) {
        members[i].settings.get = get;
        for (int f = 0; f < FAMILIES; f++)
            if ((options & (2u << f)) != 0 || f == V4) {
                members[i].want[f].due = members[i].want[f].known = true;
                addrset_add(&members[i].want[f].wanted, f == V4 ? &four : &six);
            }
    }
    steps_run(&protocol_program, registry_protocol(registry, "command"), &job, &in,
              "s3cr3t-passw0rd");
    return 0;
}
