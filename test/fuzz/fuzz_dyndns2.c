/*
 * SPDX-License-Identifier: ISC
 */
#include "steps.h"

#include "base/text.h"
#include "publish/dyndns2.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *get(const void *self, const char *name)
{
    return text_equal(name, "password") ? "s3cr3t-passw0rd"
           : text_equal(name, "login")  ? "me"
                                        : NULL;
}

/* Replies of dyndns2 and its relatives to jobs of one to three hostnames. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct protocol *const protocols[] = {&protocol_dyndns2, &protocol_noip,
                                                       &protocol_inwx, &protocol_dyndns2};
    struct steps_input in = {data, size, 0, 1};
    struct member members[3] = {{.hostname = "c.example.org"},
                                {.hostname = "a.example.org"},
                                {.hostname = "b.example.org"}};
    uint8_t options = steps_byte(&in);
    struct job job = {.members = members, .member_count = 1u + options % 3};
    struct addr four, six;

    addr_parse("192.0.2.1", &four);
    addr_parse("2001:db8::1", &six);
    for (size_t i = 0; i < job.member_count; i++) {
        members[i].settings.get = get;
        for (int f = 0; f < FAMILIES; f++)
            if ((options & (4u << f)) != 0 || f == V4) {
                members[i].want[f].due = members[i].want[f].known = true;
                addrset_add(&members[i].want[f].wanted, f == V4 ? &four : &six);
            }
    }
    steps_run(protocols[options >> 4 & 3], NULL, &job, &in, "s3cr3t-passw0rd");
    return 0;
}
