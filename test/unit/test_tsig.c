/*
 * SPDX-License-Identifier: ISC
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "publish/tsig.h"

#define SECRET "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="

/* Zone example.com, delete RRset www A, add www 300 A 192.0.2.1; id 0x1234. */
static const char update[] =
    "123428000001000000020000076578616d706c6503636f6d000006000103777777076578616d706c6503636f6d0000"
    "0100ff00000000000003777777076578616d706c6503636f6d00000100010000012c0004c0000201";
/* Answers to it, made by an implementation of its own: signed a second later; signed BADTIME. */
static const char good_answer[] =
    "1234a8000001000000000001076578616d706c6503636f6d00000600010a686f6d696e672d6b65790000fa00ff0000"
    "0000003d0b686d61632d7368613235360000006553f101012c0020ef021c874988c75378aa1dc3aa2d16ebd5c1c044"
    "5de15cacc716ef1f4931992b123400000000";
static const char badtime_answer[] =
    "1234a8090001000000000001076578616d706c6503636f6d00000600010a686f6d696e672d6b65790000fa00ff0000"
    "000000430b686d61632d7368613235360000006553f100012c002044d0293e32b0a61581f2700cc3b4f4a44efc5895"
    "7259af7a9df10d170204113612340012000600006554180f";

static size_t from_hex(const char *hex, uint8_t *out)
{
    size_t n = 0;
    unsigned byte;
    for (; hex[0] != '\0' && sscanf(hex, "%2x", &byte) == 1; hex += 2)
        out[n++] = (uint8_t)byte;
    return n;
}

static void message_of(struct buf *b, const char *hex)
{
    uint8_t bytes[512];
    buf_init(b, DNS_MESSAGE_MAX);
    buf_add(b, bytes, from_hex(hex, bytes));
}

static void signs_with_every_hash(void **state)
{
    static const struct {
        const char *algorithm, *mac;
    } rows[] = {
        {"hmac-md5", "6e23e05ac27ead8b105e839c6d338c29"},
        {"HMAC-MD5.SIG-ALG.REG.INT.", "6e23e05ac27ead8b105e839c6d338c29"},
        {"hmac-sha1", "96e91072e687c187b55caaf4dccb5560a2d2357d"},
        {"hmac-sha224", "c4d0411d39978988d4e6ca2d51abcef3ae3b8d58da4835b1b0faa7c1"},
        {"hmac-sha256", "49ba6d43bcd344cb32cafc1f3e0214ee424ad2ccee888d48739b078e59418c9e"},
        {"hmac-sha256-128", "49ba6d43bcd344cb32cafc1f3e0214ee"},
        {"hmac-sha384", "5dc146e0b1016f586b027c3dbae318d91c7913f91e30fec1eb387bc7aa9b1b4bc15d4be83f"
                        "a4d2129dfbe57641971479"},
        {"hmac-sha512", "df7597531fae2d3bef65b48730639dbb5d606fa71c5eb0ad29544cbfacc59a8997efc047b0"
                        "f43432a176967b7b67574bf18a3b49a23d42a9"
                        "6f37b1f044bb8281"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct tsig_key key;
        struct tsig_mac mac;
        struct buf b, hex;
        struct cause c;
        assert_int_equal(tsig_key_make("Homing-Key.", rows[i].algorithm, SECRET, &key, &c), OK);
        message_of(&b, update);
        assert_true(tsig_sign(&b, &key, 1700000000, &mac));
        buf_init(&hex, 4096);
        text_add_hex(&hex, mac.bytes, mac.len);
        assert_string_equal(buf_str(&hex), rows[i].mac);
        assert_int_equal(b.data[11], 1);
        buf_free(&hex);
        buf_free(&b);
    }
}

/* The worked message of the reference, byte by byte. */
static void makes_the_whole_record(void **state)
{
    static const char whole[] = "123428000001000000020001076578616d706c6503636f6d000006000103777777"
                                "076578616d706c6503636f6d0000"
                                "0100ff00000000000003777777076578616d706c6503636f6d0000010001000001"
                                "2c0004c00002010a686f6d696e67"
                                "2d6b65790000fa00ff00000000003d0b686d61632d7368613235360000006553f1"
                                "00012c002049ba6d43bcd344cb32"
                                "cafc1f3e0214ee424ad2ccee888d48739b078e59418c9e123400000000";
    struct tsig_key key;
    struct tsig_mac mac;
    struct buf b, hex;

    tsig_key_make("homing-key", NULL, SECRET, &key, NULL);
    message_of(&b, update);
    tsig_sign(&b, &key, 1700000000, &mac);
    buf_init(&hex, 4096);
    text_add_hex(&hex, b.data, b.len);
    assert_string_equal(buf_str(&hex), whole);
    buf_free(&hex);
    buf_free(&b);
}

static void reads_keys(void **state)
{
#define FILE256 "key \"homing-key\" {\n\talgorithm hmac-sha256;\n\tsecret \"" SECRET "\";\n};\n"
    static const struct {
        const char *text, *file, *name;
        size_t mac_len;
    } fine[] = {
        {FILE256, NULL, "homing-key", 32},
        {"# a comment {\n/* key \"no\" { */ // more\n" FILE256, NULL, "homing-key", 32},
        {"key homing-key{algorithm HMAC-SHA512;secret " SECRET ";};", NULL, "homing-key", 64},
        {"options { x; };\nkey \"k.example.org.\" { secret \"" SECRET
         "\"; algorithm hmac-sha512-256; };",
         NULL, "k.example.org", 32},
        {"homing-key:" SECRET "\n", NULL, "homing-key", 32},
        {"hmac-sha1:homing-key:" SECRET, NULL, "homing-key", 20},
        {"Private-key-format: v1.3\nAlgorithm: 165 (HMAC_SHA512)\nKey: " SECRET "\nBits: AAA=\n",
         "/etc/Khoming-key.+165+12345.private", "homing-key", 64},
        {"homing-key. IN KEY 512 3 157 MDEyMzQ1Njc4OTAxMjM0NTY3OD kwMTIzNDU2Nzg5MDE=\n", NULL,
         "homing-key", 16},
    };
    for (size_t i = 0; i < sizeof fine / sizeof fine[0]; i++) {
        struct tsig_key key;
        struct cause c = {""};
        char name[DNS_NAME_TEXT_MAX];
        assert_int_equal(tsig_key_parse(fine[i].text, fine[i].file, &key, &c), OK);
        assert_string_equal(dns_name_text(&key.name, name), fine[i].name);
        assert_int_equal(key.mac_len, fine[i].mac_len);
        assert_int_equal(key.secret_len, 32);
        assert_memory_equal(key.secret, "01234567890123456789012345678901", 32);
    }

    static const char *const wrong[] = {
        "",
        "x",
        "key",
        "key \"a\" {",
        "key \"a\" { algorithm hmac-sha256; };",
        "key \"a\" { secret \"" SECRET "\"; };",
        "key \"a\" { algorithm hmac-sha3; secret \"" SECRET "\"; };",
        "a:not base64!",
        "hmac-sha256-8:a:" SECRET,
        "hmac-sha256-60:a:" SECRET,
        "hmac-sha256-512:a:" SECRET,
        "a..b:" SECRET,
        "a:",
        "Private-key-format: v1.3\nAlgorithm: 165\nKey: " SECRET,
        "homing-key. IN KEY 512 3 5 " SECRET,
        "homing-key. IN KEY 512",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct tsig_key key;
        struct cause c = {""};
        assert_int_not_equal(tsig_key_parse(wrong[i], NULL, &key, &c), OK);
        assert_string_not_equal(c.text, "");
        assert_null(strstr(c.text, "MDEy"));
        assert_int_equal(key.secret_len, 0);
    }
}

static struct tsig_answer verdict_of(const char *hex, uint64_t now, int flip, size_t cut)
{
    struct tsig_key key;
    struct tsig_mac mac;
    struct buf b;
    uint8_t bytes[512];
    size_t n = from_hex(hex, bytes);

    tsig_key_make("homing-key", "hmac-sha256", SECRET, &key, NULL);
    message_of(&b, update);
    tsig_sign(&b, &key, 1700000000, &mac);
    buf_free(&b);
    if (flip >= 0)
        bytes[flip] ^= 1;
    return tsig_verify(bytes, n - cut, &key, &mac, now);
}

static void verifies_answers(void **state)
{
    assert_int_equal(verdict_of(good_answer, 1700000000, -1, 0).verdict, TSIG_GOOD);
    assert_int_equal(verdict_of(good_answer, 1700000301, -1, 0).verdict, TSIG_GOOD);
    assert_int_equal(verdict_of(good_answer, 1700000302, -1, 0).verdict, TSIG_LATE);
    assert_int_equal(verdict_of(good_answer, 1699999700, -1, 0).verdict, TSIG_LATE);
    assert_int_equal(verdict_of(update, 1700000000, -1, 0).verdict, TSIG_MISSING);

    /* Whatever bit is turned, or byte missing, it is never good. The id is restored from the
     * record (RFC 8945, section 5.3.2), so that it alone may change on its way. */
    size_t n = strlen(good_answer) / 2;
    for (size_t i = 2; i < n; i++) {
        struct tsig_answer a = verdict_of(good_answer, 1700000000, (int)i, 0);
        assert_int_not_equal(a.verdict, TSIG_GOOD);
    }
    for (size_t cut = 1; cut <= n; cut++)
        assert_int_not_equal(verdict_of(good_answer, 1700000000, -1, cut).verdict, TSIG_GOOD);

    struct tsig_answer late = verdict_of(badtime_answer, 1700000000, -1, 0);
    assert_int_equal(late.verdict, TSIG_ERROR);
    assert_int_equal(late.error, DNS_BADTIME);
    assert_true(late.error_signed);
    assert_int_equal(late.server_time_s, 1700009999);
    late = verdict_of(badtime_answer, 1700000000, (int)strlen(badtime_answer) / 2 - 1, 0);
    assert_false(late.error_signed);
    assert_int_equal(late.server_time_s, 0);
}

static void knows_names(void **state)
{
    static const char *const wrong[] = {
        "",       "..",
        ".a",     "a..b",
        "a\\",    "a\\25",
        "a\\256", "a23456789012345678901234567890123456789012345678901234567890abcd"};
    struct dns_name n, zone;
    char text[DNS_NAME_TEXT_MAX], longest[256] = "";

    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        assert_false(dns_name_parse(wrong[i], &n));
    assert_true(dns_name_parse("*.Ex\\.am\\009ple.ORG.", &n));
    assert_string_equal(dns_name_text(&n, text), "*.Ex\\046am\\009ple.ORG");
    assert_true(dns_name_parse(".", &n));
    assert_int_equal(n.len, 1);
    for (size_t i = 0; i < 127; i++)
        strcat(longest, "a.");
    assert_true(dns_name_parse(longest, &n));
    assert_int_equal(n.len, DNS_NAME_MAX);
    strcat(longest, "b");
    assert_false(dns_name_parse(longest, &n));

    dns_name_parse("Example.org", &zone);
    dns_name_parse("www.example.ORG", &n);
    assert_true(dns_name_in(&n, &zone));
    assert_true(dns_name_in(&zone, &zone));
    assert_false(dns_name_in(&zone, &n));
    dns_name_parse("notexample.org", &n);
    assert_false(dns_name_in(&n, &zone));
}

/* A name that points at itself ends the reading, not the program. */
static void survives_loops(void **state)
{
    static const uint8_t loop[] = {0xc0, 0x02, 0xc0, 0x00}, chain[] = {1, 'a', 0xc0, 0x00};
    struct dns_reader r = {loop, sizeof loop, 0};
    struct dns_name n;

    assert_false(dns_read_name(&r, &n));
    r = (struct dns_reader){chain, sizeof chain, 0};
    assert_false(dns_read_name(&r, &n));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signs_with_every_hash),
        cmocka_unit_test(makes_the_whole_record),
        cmocka_unit_test(reads_keys),
        cmocka_unit_test(verifies_answers),
        cmocka_unit_test(knows_names),
        cmocka_unit_test(survives_loops),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
