/*
 * SPDX-License-Identifier: ISC
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <openssl/hmac.h>

#include "publish/dnswire.h"
#include "publish/nsupdate.h"
#include "publish/tsig.h"
#include "stepkit.h"
#include "tsigkit.h"

#define SECRET "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
#define BARE   "01234567890123456789012345678901" /* SECRET without base64 */
#define PLAIN  "server=ns.example.org;zone=example.org"

/* Wire pieces, so that expected messages can be read. */
#define ZONE                                                                                       \
    "076578616d706c65036f726700"                                                                   \
    "00060001"
#define WWW      "03777777076578616d706c65036f726700"
#define WEB      "03776562076578616d706c65036f726700"
#define NO_CNAME "000500fe000000000000"
#define NO_A     "000100fe000000000000"
#define DEL_A    "000100ff000000000000"
#define DEL_AAAA "001c00ff000000000000"

static void add_hex(struct buf *b, const char *hex)
{
    unsigned byte;
    for (; hex[0] != '\0' && sscanf(hex, "%2x", &byte) == 1; hex += 2)
        buf_char(b, (char)byte);
}

/* An answer to a message: its id, opcode and question, then flags (0x0400 is AA) with the rcode,
 * and the answer section in hex. */
static void make_answer(const struct request *r, unsigned flags, const char *records,
                        unsigned count, struct buf *out)
{
    struct dns_reader reader = {r->wire, r->wire_len, 0};
    struct dns_header h;
    struct dns_name name;
    uint16_t type, cls;

    buf_init(out, DNS_MESSAGE_MAX);
    dns_read_header(&reader, &h);
    dns_read_question(&reader, &name, &type, &cls);
    dns_put_u16(out, h.id);
    dns_put_u16(out, 0x8000 | h.opcode << 11 | flags);
    dns_put_u16(out, 1);
    dns_put_u16(out, count);
    dns_put_u32(out, 0);
    dns_put_question(out, &name, type, cls);
    add_hex(out, records);
}

static void dns_answer(struct kit *k, unsigned flags, const char *records, unsigned count)
{
    struct buf b;
    make_answer(&k->last[0], flags, records, count, &b);
    kit_answer_bytes(k, NET_OK, 0, b.data, b.len);
    buf_free(&b);
}

static void expect(struct kit *k, const char *text)
{
    assert_string_equal(buf_str(&k->seen), text);
    buf_clear(&k->seen);
}

/* Two names and both families in one message, whole sets, no reading. */
static void writes_blindly(void **state)
{
    struct kit k;

    kit_init(&k, &protocol_nsupdate);
    kit_member(&k, "www.example.org", "192.0.2.1 2001:db8::1", PLAIN ";ttl=300");
    kit_member(&k, "web.example.org", "-4", PLAIN ";ttl=300");
    kit_start(&k, NULL);
    expect(&k, "DNS ns.example.org:53 udp "
               "01022800"
               "0001000200050000" ZONE WWW NO_CNAME WEB NO_CNAME WWW DEL_A WWW
               "000100010000012c0004c0000201" WWW DEL_AAAA WWW
               "001c00010000012c001020010db8000000000000000000000001" WEB DEL_A "\n");
    assert_true(k.last[0].writes);
    assert_true(k.last[0].keep_id);
    dns_answer(&k, DNS_NOERROR, "", 0);
    expect(&k, "= www.example.org A good\n= www.example.org AAAA good\n= web.example.org A good\n");
    assert_true(k.done);
    kit_fini(&k);
}

static void classifies_rcodes(void **state)
{
    static const struct {
        unsigned rcode;
        const char *said;
    } rows[] = {
        {DNS_FORMERR, "= all unknown\n"},
        {DNS_SERVFAIL, "= all server\n"},
        {DNS_NXDOMAIN, "= www.example.org A conflict\n"},
        {DNS_NOTIMP, "= all feature\n"},
        {DNS_REFUSED, "= www.example.org A forbidden\n"},
        {DNS_YXDOMAIN, "= www.example.org A conflict\n"},
        {DNS_YXRRSET, "= www.example.org A conflict\n"},
        {DNS_NXRRSET, "= www.example.org A conflict\n"},
        {DNS_NOTAUTH, "= all no-zone\n"},
        {DNS_NOTZONE, "= www.example.org A no-zone\n"},
        {11, "= all unknown\n"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct kit k;
        kit_init(&k, &protocol_nsupdate);
        kit_member(&k, "www.example.org", "192.0.2.1", PLAIN);
        kit_start(&k, NULL);
        buf_clear(&k.seen);
        dns_answer(&k, rows[i].rcode, "", 0);
        expect(&k, rows[i].said);
        assert_true(k.done);
        kit_fini(&k);
    }
}

/* One name of a message that is refused does not keep the others from their addresses. */
static void finds_the_culprit(void **state)
{
    struct kit k;

    kit_init(&k, &protocol_nsupdate);
    kit_member(&k, "www.example.org", "192.0.2.1", PLAIN);
    kit_member(&k, "web.example.org", "192.0.2.1", PLAIN);
    kit_start(&k, NULL);
    dns_answer(&k, DNS_YXRRSET, "", 0);
    dns_answer(&k, DNS_YXRRSET, "", 0);
    buf_clear(&k.seen);
    dns_answer(&k, DNS_NOERROR, "", 0);
    expect(&k, "= web.example.org A good\n");
    assert_true(k.done);
    kit_fini(&k);
}

#define RR_A(name, last) name "000100010000012c0004c00002" last

/* policy=keep: read, then change only what is ours, under the condition that it is still so. */
static void keeps_foreign_values(void **state)
{
    static const struct {
        const char *published; /* what homing remembers; NULL: nothing */
        const char *records;   /* what stands there */
        unsigned count;
        const char *outcome; /* NULL: a message follows */
        const char *message; /* counts and sections of the message */
    } rows[] = {
        {NULL, "", 0, NULL,
         "0001000200010000" ZONE WWW NO_CNAME WWW NO_A WWW "00010001000002580004c0000201"},
        {NULL, RR_A(WWW, "01"), 1, "= www.example.org A nochg\n", NULL},
        /* one value is adopted; its TTL stays */
        {NULL, RR_A(WWW, "07"), 1, NULL,
         "0001000200020000" ZONE WWW NO_CNAME WWW "00010001000000000004c0000207" WWW
         "000100fe000000000004c0000207" WWW "000100010000012c0004c0000201"},
        /* several of which none is ours are left to a person */
        {NULL, RR_A(WWW, "07") RR_A(WWW, "08"), 2, "= www.example.org A conflict\n", NULL},
        {"192.0.2.8", RR_A(WWW, "07") RR_A(WWW, "08"), 2, NULL,
         "0001000300020000" ZONE WWW NO_CNAME WWW "00010001000000000004c0000207" WWW
         "00010001000000000004c0000208" WWW "000100fe000000000004c0000208" WWW
         "000100010000012c0004c0000201"},
        /* ours is there beside a foreign one: nothing to do */
        {"192.0.2.1", RR_A(WWW, "07") RR_A(WWW, "01"), 2, "= www.example.org A nochg\n", NULL},
        {NULL, WWW "000500010000012c0009016100", 1, "= www.example.org A unknown\n", NULL},
        {NULL, WWW "000500010000012c0003016100", 1, "= www.example.org A conflict\n", NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct kit k;
        char text[1024];
        struct addr a;

        kit_init(&k, &protocol_nsupdate);
        k.job.policy = POLICY_KEEP;
        struct member *m = kit_member(&k, "www.example.org", "192.0.2.1", PLAIN);
        if (rows[i].published != NULL && addr_parse(rows[i].published, &a)) {
            m->want[V4].published_known = true;
            addrset_add(&m->want[V4].published, &a);
        }
        kit_start(&k, NULL);
        expect(&k, "DNS ns.example.org:53 udp 010200000001000000000000" WWW "00010001 (reads)\n");
        dns_answer(&k, 0x0400, rows[i].records, rows[i].count);
        if (rows[i].outcome != NULL) {
            expect(&k, rows[i].outcome);
        } else {
            snprintf(text, sizeof text, "DNS ns.example.org:53 udp 03042800%s\n", rows[i].message);
            expect(&k, text);
            dns_answer(&k, DNS_NOERROR, "", 0);
            expect(&k, "= www.example.org A good\n");
        }
        assert_true(k.done);
        kit_fini(&k);
    }
}

/* Somebody changed the set between the reading and the writing: read once more, then give up. */
static void reads_again_after_a_race(void **state)
{
    struct kit k;

    kit_init(&k, &protocol_nsupdate);
    k.job.policy = POLICY_KEEP;
    kit_member(&k, "www.example.org", "192.0.2.1", PLAIN);
    kit_start(&k, NULL);
    dns_answer(&k, 0x0400, RR_A(WWW, "07"), 1);
    buf_clear(&k.seen);
    dns_answer(&k, DNS_NXRRSET, "", 0);
    expect(&k, "DNS ns.example.org:53 udp 050600000001000000000000" WWW "00010001 (reads)\n");
    dns_answer(&k, 0x0400, RR_A(WWW, "08"), 1);
    buf_clear(&k.seen);
    dns_answer(&k, DNS_NXRRSET, "", 0);
    expect(&k, "= www.example.org A conflict\n");
    assert_true(k.done);
    kit_fini(&k);
}

/* A write that may have arrived is looked up, not repeated. */
static void confirms_after_silence(void **state)
{
    for (int arrived = 0; arrived < 2; arrived++) {
        struct kit k;
        kit_init(&k, &protocol_nsupdate);
        kit_member(&k, "www.example.org", "192.0.2.1", PLAIN);
        kit_start(&k, NULL);
        buf_clear(&k.seen);
        kit_answer(&k, NET_TIMEOUT, 0, "");
        expect(&k, "DNS ns.example.org:53 udp 030400000001000000000000" WWW "00010001 (reads)\n");
        dns_answer(&k, 0x0400, arrived ? RR_A(WWW, "01") : RR_A(WWW, "09"), 1);
        expect(&k, arrived ? "= www.example.org A good\n" : "= www.example.org A server\n");
        assert_true(k.done);
        kit_fini(&k);
    }
}

static void finds_the_zone(void **state)
{
    struct kit k;

    kit_init(&k, &protocol_nsupdate);
    kit_member(&k, "www.example.org", "192.0.2.1", "server=[2001:db8::53]:5353;tcp=yes");
    kit_start(&k, NULL);
    expect(&k, "DNS 2001:db8::53:5353 tcp 010200000001000000000000" WWW "00060001 (reads)\n");
    dns_answer(&k, 0x0400,
               "076578616d706c65036f726700"
               "000600010000003c0000",
               1);
    expect(&k, "DNS 2001:db8::53:5353 tcp 030428000001000100020000" ZONE WWW NO_CNAME WWW DEL_A WWW
               "00010001000002580004c0000201\n");
    dns_answer(&k, DNS_NOERROR, "", 0);
    expect(&k, "= www.example.org A good\n");
    kit_fini(&k);
}

static void refuses_bad_settings(void **state)
{
    static const char *const rows[][2] = {
        {"zone=example.org", "= all input\n"},
        {"zone=example.org;server=ns.example.org:0", "= all input\n"},
        {"zone=example.org;server=[::1", "= all input\n"},
        {"zone=example.net;server=ns", "= www.example.org A no-zone\n"},
        {"zone=a..b;server=ns", "= www.example.org A input\n"},
        {"zone=example.org;server=ns;password=/etc/key", "= all auth\n"},
        {"zone=example.org;server=ns;password=nonsense", "= all auth\n"},
        {"zone=example.org;server=ns;password=/etc/key;key-text=key {", "= all auth\n"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct kit k;
        kit_init(&k, &protocol_nsupdate);
        kit_member(&k, "www.example.org", "192.0.2.1", rows[i][0]);
        kit_start(&k, NULL);
        expect(&k, rows[i][1]);
        assert_true(k.done);
        kit_fini(&k);
    }
}

static void signed_answer(struct kit *k, const char *secret, unsigned flags, unsigned error,
                          uint64_t server_time)
{
    struct buf b;
    make_answer(&k->last[0], flags, "", 0, &b);
    sign_answer(&b, &k->last[0], secret, error, server_time);
    kit_answer_bytes(k, NET_OK, 0, b.data, b.len);
    buf_free(&b);
}

#define SIGNED PLAIN ";key-name=homing-key;password=" SECRET

/* The same key in every place where it may stand: the same signature. */
static void takes_keys_from_anywhere(void **state)
{
    static const char *const rows[] = {
        SIGNED,
        PLAIN ";login=homing-key;password=" SECRET,
        PLAIN ";login=hmac-sha256:homing-key;password=" SECRET,
        PLAIN ";password=hmac-sha256:homing-key:" SECRET,
        PLAIN ";login=/usr/bin/nsupdate;password=homing-key:" SECRET,
        PLAIN ";password=/etc/key;key-text=homing-key:" SECRET,
        PLAIN ";password=/k/Khoming-key.+163+1.private;key-text=Private-key-format: "
              "v1.3\nAlgorithm: 163\n"
              "Key: " SECRET,
    };
    char *first = NULL;

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct kit k;
        kit_init(&k, &protocol_nsupdate);
        kit_member(&k, "www.example.org", "192.0.2.1", rows[i]);
        kit_start(&k, NULL);
        if (first == NULL)
            first = buf_take(&k.seen);
        else
            assert_string_equal(buf_str(&k.seen), first);
        kit_fini(&k);
    }
    mem_free(first);
}

static void signs_and_verifies(void **state)
{
    struct kit k;

    static const struct {
        bool right_key;
        unsigned flags, error;
        const char *said;
    } rows[] = {
        {true, DNS_NOERROR, 0, "= www.example.org A good\n"},
        {true, DNS_REFUSED, 0, "= www.example.org A forbidden\n"},
        {false, DNS_NOERROR, 0, "= all unknown\n"},
        {true, DNS_NOTAUTH, DNS_BADKEY, "= all auth\n"},
        {false, DNS_NOTAUTH, DNS_BADSIG, "= all auth\n"},
        {false, DNS_NOTAUTH, DNS_BADTIME, "= all clock\n"}, /* an unsigned clock is not believed */
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        kit_init(&k, &protocol_nsupdate);
        kit_member(&k, "www.example.org", "192.0.2.1", SIGNED);
        kit_start(&k, NULL);
        buf_clear(&k.seen);
        signed_answer(&k, rows[i].right_key ? BARE : "another", rows[i].flags, rows[i].error,
                      1700005000);
        expect(&k, rows[i].said);
        assert_true(k.done);
        kit_fini(&k);
    }
    kit_init(&k, &protocol_nsupdate);
    kit_member(&k, "www.example.org", "192.0.2.1", SIGNED);
    kit_start(&k, NULL);
    buf_clear(&k.seen);
    dns_answer(&k, DNS_NOERROR, "", 0);
    expect(&k, "= all unknown\n"); /* "done" without a signature proves nothing */
    kit_fini(&k);
}

/* The server's clock is another: told in a signed answer, it is used once and remembered. */
static void follows_the_servers_clock(void **state)
{
    struct kit k;

    kit_init(&k, &protocol_nsupdate);
    kit_member(&k, "www.example.org", "192.0.2.1", SIGNED);
    kit_start(&k, NULL);
    signed_answer(&k, BARE, DNS_NOTAUTH, DNS_BADTIME, 1700005000);
    assert_int_equal(k.last_count, 1);
    assert_string_equal(memory_get(k.job.memory, "tsig/clock-offset", kit_now.wall), "5000");
    buf_clear(&k.seen);
    signed_answer(&k, BARE, DNS_NOTAUTH, DNS_BADTIME, 1700009000);
    expect(&k, "= all clock\n");
    assert_true(k.done);
    kit_fini(&k);
}

static void tidies_up_after_cancel(void **state)
{
    struct kit k;

    kit_init(&k, &protocol_nsupdate);
    k.job.policy = POLICY_KEEP;
    kit_member(&k, "www.example.org", "192.0.2.1", PLAIN);
    kit_start(&k, NULL);
    buf_clear(&k.seen);
    kit_go(&k, STEP_CANCEL, NULL);
    assert_false(k.done);
    kit_answer(&k, NET_CANCELLED, 0, "");
    expect(&k, "= all offline\n");
    assert_true(k.done);
    kit_fini(&k);
}

/* Three hundred names do not fit one message: none is forgotten, none is sent twice. */
static void splits_long_jobs(void **state)
{
    enum { MANY = 900 };
    static struct member members[MANY];
    static char names[MANY][64];
    struct kit k;
    unsigned good = 0, messages = 0;

    kit_init(&k, &protocol_nsupdate);
    struct member *first = kit_member(&k, "x.example.org", "192.0.2.1 2001:db8::1", PLAIN);
    for (size_t i = 0; i < MANY; i++) {
        members[i] = *first;
        snprintf(names[i], sizeof names[i], "a-name-of-some-length-%zu.example.org", i);
        members[i].hostname = names[i];
    }
    k.job.members = members;
    k.job.member_count = MANY;
    kit_start(&k, NULL);
    while (!k.done) {
        messages++;
        assert_true(k.last[0].tcp);
        assert_true(k.last[0].wire_len <= DNS_MESSAGE_MAX);
        struct buf b;
        make_answer(&k.last[0], DNS_NOERROR, "", 0, &b);
        struct reply reply;
        struct step_in in = {STEP_REPLY, &reply, kit_now, kit_random, &k};
        struct step_out out;
        reply_init(&reply);
        reply.tag = k.last[0].tag;
        buf_add(&reply.body, b.data, b.len);
        buf_free(&b);
        request_free(&k.last[0]);
        k.last_count = 0;
        step_out_init(&out);
        protocol_nsupdate.go(k.step, &in, &out);
        good += (unsigned)out.outcome_count;
        if (out.request_count > 0)
            request_move(&k.last[k.last_count++], &out.requests[0]);
        k.done = out.done;
        step_out_free(&out);
        reply_free(&reply);
    }
    assert_int_equal(good, MANY * FAMILIES);
    assert_true(messages > 1);
    k.job.member_count = 1;
    kit_fini(&k);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_blindly),
        cmocka_unit_test(classifies_rcodes),
        cmocka_unit_test(finds_the_culprit),
        cmocka_unit_test(keeps_foreign_values),
        cmocka_unit_test(reads_again_after_a_race),
        cmocka_unit_test(confirms_after_silence),
        cmocka_unit_test(finds_the_zone),
        cmocka_unit_test(refuses_bad_settings),
        cmocka_unit_test(takes_keys_from_anywhere),
        cmocka_unit_test(signs_and_verifies),
        cmocka_unit_test(follows_the_servers_clock),
        cmocka_unit_test(tidies_up_after_cancel),
        cmocka_unit_test(splits_long_jobs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
