/*
 * SPDX-License-Identifier: ISC
 *
 * Secrets in what somebody else says: each dress in which a reply may repeat one becomes dots.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/marked.h"

#define DOTS "\xe2\x80\xa2\xe2\x80\xa2\xe2\x80\xa2"

static void every_dress_is_hidden(void **state)
{
    /* The secret is: p/q+ "&<\>' and an u with two dots */
    static const char secret[] = "p/q+ \"&<\\>'\xc3\xbc";
    static const struct {
        const char *said, *shown;
    } cases[] = {
        {"badauth p/q+ \"&<\\>'\xc3\xbc!", "badauth " DOTS "!"},
        {"pass=p%2Fq%2B%20%22%26%3C%5C%3E%27%C3%BC&x", "pass=" DOTS "&x"},
        {"pass=p%2fq%2b%20%22%26%3c%5c%3e%27%c3%bc&x", "pass=" DOTS "&x"},
        {"pass=p/q%2B%20%22&%3C%5C%3E'%C3%BC", "pass=" DOTS},
        {"pass=p%2Fq%2B+%22%26%3C%5C%3E%27%C3%BC", "pass=" DOTS},
        {"{\"p\":\"p/q+ \\\"&<\\\\>'\xc3\xbc\"}", "{\"p\":\"" DOTS "\"}"},
        {"{\"p\":\"p\\/q+ \\\"&<\\\\>'\xc3\xbc\"}", "{\"p\":\"" DOTS "\"}"},
        {"{\"p\":\"p/q+ \\\"&<\\\\>'\\u00fc\"}", "{\"p\":\"" DOTS "\"}"},
        {"<p>p/q+ &quot;&amp;&lt;\\&gt;&#39;\xc3\xbc</p>", "<p>" DOTS "</p>"},
        {"<p>p/q+ &#34;&amp;&lt;&#92;&gt;&apos;&#xFC;", "<p>" DOTS},
        {"%", "%"},
        {"p%2", "p%2"},
        {"p\\", "p\\"},
        {"p/q+ &", "p/q+ &"},
        /* base64 of it, of "a:" and it, of "ab:" and it; with its last characters, which are also
         * decided by what follows */
        {"cC9xKyAiJjxcPifDvA==", DOTS "A=="},
        {"YTpwL3ErICImPFw+J8O8", "YTp" DOTS},
        {"YTpwL3ErICImPFw-J8O8", "YTp" DOTS},
        {"YWI6cC9xKyAiJjxcPifDvA==", "YWI6" DOTS "A=="},
        {"another word, and p/q", "another word, and p/q"},
    };
    (void)state;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct marked m;
        struct buf out;
        marked_init(&m);
        assert_true(marked_encoded(&m, secret));
        buf_init(&out, 1000);
        assert_true(marked_hide(&m, cases[i].said, strlen(cases[i].said), &out));
        if (strcmp(buf_str(&out), cases[i].shown) != 0)
            fail_msg("%s became %s", cases[i].said, buf_str(&out));
        buf_free(&out);
        marked_free(&m);
    }
}

static void a_line_of_a_key_is_hidden(void **state)
{
    static const char *const keys[] = {
        "-----BEGIN-----\nMIICdwIBADANBgkq\nhkiG9w0BAQEFAASC\nshort\n",
        "-----BEGIN-----\\nMIICdwIBADANBgkq\\nhkiG9w0BAQEFAASC\\nshort"};
    (void)state;

    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        static const char said[] = "bad key: hkiG9w0BAQEFAASC, or short";
        struct marked m;
        struct buf out;
        marked_init(&m);
        assert_true(marked_encoded(&m, keys[i]));
        buf_init(&out, 1000);
        assert_true(marked_hide(&m, said, strlen(said), &out));
        assert_string_equal(buf_str(&out), "bad key: " DOTS ", or short");
        buf_free(&out);
        marked_free(&m);
    }
}

static void what_is_too_short_is_no_secret(void **state)
{
    struct marked m;
    (void)state;

    marked_init(&m);
    assert_true(marked_encoded(&m, "abc"));
    assert_false(marked_any_secret(&m));
    assert_true(marked_encoded(&m, "abcd"));
    assert_true(marked_any_secret(&m));
    marked_free(&m);
}

static void what_is_escaped_keeps_its_mark(void **state)
{
    struct marked m;
    struct buf out;
    (void)state;

    marked_init(&m);
    buf_init(&out, 100);
    assert_true(marked_percent(&m, "a b", 3, NULL, false));
    assert_true(marked_percent(&m, "", 0, NULL, true));
    assert_true(marked_percent(&m, "p/ q", 4, "/", true));
    m.text.max = m.text.len + 5;
    assert_false(marked_percent(&m, "ab  ", 4, NULL, true)); /* one byte too long: nothing of it */
    assert_true(marked_text(&m, "&x"));
    assert_string_equal(marked_str(&m), "a%20bp/%20q&x");
    assert_true(marked_show(&m, &out));
    assert_string_equal(buf_str(&out), "a%20b" DOTS "&x");
    buf_free(&out);
    marked_free(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_escaped_keeps_its_mark),
        cmocka_unit_test(every_dress_is_hidden),
        cmocka_unit_test(a_line_of_a_key_is_hidden),
        cmocka_unit_test(what_is_too_short_is_no_secret),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
