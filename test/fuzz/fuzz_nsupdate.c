/*
 * SPDX-License-Identifier: ISC
 */
#include "steps.h"

#include "base/text.h"
#include "publish/nsupdate.h"
#include "publish/tsig.h"

#include "../unit/tsigkit.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool with_key, with_zone;

static const char *get(const void *self, const char *name)
{
    if (text_equal(name, "server"))
        return "192.0.2.53";
    if (with_key && text_equal(name, "password"))
        return "hmac-sha256:homing-key:czNjcjN0LXBhc3N3MHJk";
    return with_zone && text_equal(name, "zone") ? "example.org" : NULL;
}

/* Answers that bear a good signature go on where a stranger's end. */
static void sign(const struct request *r, unsigned how, struct buf *answer)
{
    static const unsigned errors[] = {0, 0, DNS_BADSIG, DNS_BADKEY, DNS_BADTIME, 0};

    if (with_key && answer->len >= 12 && answer->data[11] == 0)
        sign_answer(answer, r, "s3cr3t-passw0rd", errors[how % 6], 1700000000 + 1000 * (how / 6));
}

/* A key's text, and its reading. */
static void read_key(const uint8_t *data, size_t size)
{
    struct tsig_key key;
    struct cause cause = {""};
    char *text = mem_text_n((const char *)data, size);

    if (tsig_key_parse(text, "/etc/Kname.+163+1.private", &key, &cause) == OK)
        steps_must(key.secret_len > 0 && key.algorithm != NULL && key.name.len > 0);
    else
        steps_must(cause.text[0] != '\0');
    tsig_key_wipe(&key);
    mem_free(text);
}

/* Answers of a name server, signed and unsigned jobs, each policy; or the text of a key file. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct steps_input in = {data, size, 0, 1};
    struct member members[2] = {{.hostname = "a.example.org"}, {.hostname = "b.example.org"}};
    uint8_t options = steps_byte(&in);
    struct job job = {.members = members,
                      .member_count = 1u + (options & 1),
                      .policy = (enum step_policy)(options >> 1 & 3)};
    struct addr four, six, old_four, old_six;

    if ((options & 0x80) != 0) {
        read_key(data + 1, size - 1);
        return 0;
    }
    with_key = (options & 8) != 0;
    steps_sign = sign;
    with_zone = (options & 16) != 0;
    addr_parse("192.0.2.1", &four);
    addr_parse("2001:db8::1", &six);
    addr_parse("192.0.2.7", &old_four);
    addr_parse("2001:db8::7", &old_six);
    for (size_t i = 0; i < job.member_count; i++) {
        members[i].settings.get = get;
        for (int f = 0; f < FAMILIES; f++) {
            struct want *w = &members[i].want[f];
            w->due = w->known = true;
            if (f == V4 || (options & 32) == 0)
                addrset_add(&w->wanted, f == V4 ? &four : &six);
            w->published_known = (options & 64) != 0;
            if (w->published_known && i == 0)
                addrset_add(&w->published, f == V4 ? &old_four : &old_six);
        }
    }
    steps_run(&protocol_nsupdate, NULL, &job, &in, "czNjcjN0LXBhc3N3MHJk");
    return 0;
}
