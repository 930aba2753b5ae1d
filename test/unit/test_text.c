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

#include "base/clock.h"
#include "base/map.h"
#include "base/marked.h"
#include "base/mem.h"
#include "base/text.h"

static void writes_numbers(void **state)
{
    static const struct {
        int64_t number;
        const char *text;
    } rows[] = {{0, "0"},
                {7, "7"},
                {-1, "-1"},
                {1795732674550, "1795732674550"},
                {INT64_MAX, "9223372036854775807"},
                {INT64_MIN, "-9223372036854775808"}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct buf b;
        buf_init(&b, strlen(rows[i].text));
        assert_true(buf_number(&b, rows[i].number));
        assert_string_equal(buf_str(&b), rows[i].text);
        assert_false(buf_number(&b, 0));
        buf_free(&b);
    }
}

static void encodes(void **state)
{
    static const char *const rows[][2] = {
        {"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"}, {"foobar", "Zm9vYmFy"}};
    for (size_t i = 0; i < 5; i++) {
        struct buf b;
        uint8_t back[16];
        buf_init(&b, 100);
        text_add_base64(&b, rows[i][0], strlen(rows[i][0]));
        assert_string_equal(buf_str(&b), rows[i][1]);
        assert_int_equal(text_from_base64(rows[i][1], back, sizeof back), strlen(rows[i][0]));
        assert_memory_equal(back, rows[i][0], strlen(rows[i][0]));
        buf_free(&b);
    }
    uint8_t out[8];
    assert_int_equal(text_from_base64("Zg=", out, 8), -1);
    assert_int_equal(text_from_base64("Z===", out, 8), -1);
    assert_int_equal(text_from_base64("Zg==Zg==", out, 8), -1);

    struct buf b;
    buf_init(&b, 100);
    text_add_percent(&b, "a b/@\xc3\xa4", 7, "@");
    assert_string_equal(buf_str(&b), "a%20b%2F@%C3%A4");
    buf_free(&b);
}

static void makes_one_line_of_anything(void **state)
{
    static const struct {
        const char *text;
        size_t n; /* 0: all of it */
        const char *line;
    } rows[] = {
        {"", 0, ""},
        {"  one\r\n\ttwo \x1b[31m \n", 0, "one two [31m"},
        {"gr\xc3\xbc\xc3\x9f", 0, "gr\xc3\xbc\xc3\x9f"},
        {"gr\xc3\xbc\xc3\x9f", 5, "gr\xc3\xbc"}, /* cut in the middle of a character */
        {"a\xff"
         "b\xc3\xbc c",
         0, "a?b?? c"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct buf b;
        buf_init(&b, 100);
        assert_true(text_add_line(&b, rows[i].text, rows[i].n ? rows[i].n : strlen(rows[i].text)));
        assert_string_equal(buf_str(&b), rows[i].line);
        buf_free(&b);
    }
}

static void hides_secrets_in_what_comes_back(void **state)
{
    struct marked m;
    struct buf out;

    marked_init(&m);
    buf_init(&out, 200);
    marked_secret(&m, "token");
    marked_text(&m, "\n");
    marked_secret(&m, "token-two");
    marked_text(&m, "\n");
    marked_secret(&m, "abc"); /* too short to be told from a word */
    assert_true(marked_hide(&m, "abc token-two, token.", 21, &out));
    assert_string_equal(buf_str(&out), "abc \xe2\x80\xa2\xe2\x80\xa2\xe2\x80\xa2, "
                                       "\xe2\x80\xa2\xe2\x80\xa2\xe2\x80\xa2.");
    buf_clear(&out);
    assert_true(marked_hide(&m, "toke", 4, &out));
    assert_string_equal(buf_str(&out), "toke");
    marked_free(&m);
    buf_free(&out);
}

static void measures_typing_errors(void **state)
{
    assert_int_equal(text_distance("password", "pasword"), 1);
    assert_int_equal(text_distance("login", "lgoin"), 1);
    assert_int_equal(text_distance("", "abc"), 3);
    assert_int_equal(text_distance("kitten", "sitting"), 3);
}

static void checks_utf8(void **state)
{
    assert_true(text_is_utf8("gr\xc3\xbc\xc3\x9f", 6));
    assert_false(text_is_utf8("\xc0\x80", 2));
    assert_false(text_is_utf8("\xed\xa0\x80", 3));
    assert_false(text_is_utf8("\xf4\x90\x80\x80", 4));
    assert_false(text_is_utf8("\xc3", 1));
}

static void marks_survive(void **state)
{
    struct marked m, n;
    struct buf shown;

    marked_init(&m);
    marked_text(&m, "key=");
    marked_secret(&m, "s3");
    marked_secret(&m, "cret");
    marked_text(&m, "&x");
    marked_copy(&n, &m);
    marked_join(&n, &m);
    assert_string_equal(marked_str(&n), "key=s3cret&xkey=s3cret&x");
    assert_int_equal(n.span_count, 2);
    buf_init(&shown, 200);
    marked_show(&n, &shown);
    assert_null(strstr(buf_str(&shown), "s3"));
    assert_non_null(strstr(buf_str(&shown), "&xkey="));
    buf_free(&shown);
    marked_free(&m);
    marked_free(&n);
}

static void maps_keep_order(void **state)
{
    struct map *m = map_new();
    char key[16];
    static int values[5000];

    for (int i = 0; i < 5000; i++) {
        snprintf(key, sizeof key, "k%d", i);
        assert_null(map_set(m, key, &values[i]));
    }
    for (int i = 0; i < 5000; i += 2) {
        snprintf(key, sizeof key, "k%d", i);
        assert_ptr_equal(map_remove(m, key), &values[i]);
        assert_null(map_remove(m, key));
    }
    assert_int_equal(map_count(m), 2500);
    size_t at = 0;
    void *value;
    int seen = 0;
    while (map_next(m, &at, NULL, &value))
        assert_ptr_equal(value, &values[1 + 2 * seen++]);
    assert_int_equal(seen, 2500);
    assert_ptr_equal(map_get(m, "k4999"), &values[4999]);
    assert_ptr_equal(map_first(m, "k4999", &values[0]), &values[4999]);
    assert_ptr_equal(map_first(m, "new", &values[0]), &values[0]);
    assert_ptr_equal(map_get(m, "new"), &values[0]);
    map_free(m, NULL);
}

static void reads_http_dates(void **state)
{
    static const char *const forms[] = {"Sun, 06 Nov 1994 08:49:37 GMT",
                                        "Sunday, 06-Nov-94 08:49:37 GMT",
                                        "Sun Nov  6 08:49:37 1994"};
    msec t;
    for (size_t i = 0; i < 3; i++) {
        assert_true(clock_parse_http_date(forms[i], &t));
        assert_int_equal(t / SECOND, 784111777);
    }
    assert_false(clock_parse_http_date("tomorrow", &t));
}

/* A time that no calendar has, as a hostile peer may say. */
static void tells_times(void **state)
{
    char text[25];

    (void)state;
    assert_string_equal(clock_text(784111777 * (msec)SECOND, text), "1994-11-06T08:49:37Z");
    assert_string_equal(clock_text(INT64_MAX, text), "never");
    assert_string_equal(clock_length_text(NEVER, text), "ever");
    assert_string_equal(clock_length_text(1, text), "1 s");
}

/* What does not fit is not there in part, and says so. */
static void marks_have_a_bound(void **state)
{
    struct marked m, n;

    (void)state;
    char *much = mem_alloc(MARKED_MAX);
    memset(much, 'x', MARKED_MAX - 1);
    marked_init(&m);
    marked_init(&n);
    assert_true(marked_text(&m, much));
    assert_false(marked_text(&m, "yy"));
    assert_false(marked_secret(&m, "s3cret"));
    marked_secret(&n, "s3cret");
    assert_false(marked_join(&m, &n));
    assert_int_equal(m.text.len, MARKED_MAX - 1);
    assert_false(marked_any_secret(&m));
    assert_true(m.text.overflow);
    mem_free(much);
    marked_free(&m);
    marked_free(&n);
}

/* Room that was reserved holds a text at once, and what would pass the bound is refused. */
static void reserves_room(void **state)
{
    struct buf b;

    (void)state;
    buf_init(&b, 100);
    assert_true(buf_reserve(&b, 100));
    assert_string_equal(buf_str(&b), "");
    const char *at = buf_str(&b);
    for (int i = 0; i < 100; i++)
        assert_true(buf_char(&b, 'x'));
    assert_ptr_equal(buf_str(&b), at);
    assert_false(buf_reserve(&b, 1));
    assert_int_equal(strlen(buf_str(&b)), 100);
    buf_free(&b);
}

static void finds_a_login_in_an_address(void **state)
{
    static const struct {
        const char *text;
        bool has;
    } cases[] = {
        {"http://me:secret@host.example/x", true},
        {"curl -s 'https://me:secret@host.example/'", true},
        {"http://a.example/ https://:x@b.example", true},
        {"http://host.example:8080/ip", false},
        {"http://me@host.example/", false},
        {"http://host.example/a:b@c", false},
        {"http://host.example?a:b@c", false},
        {"home.example.org", false},
        {"://", false},
        {"", false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        if (text_has_login(cases[i].text) != cases[i].has)
            fail_msg("%s", cases[i].text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reserves_room),
        cmocka_unit_test(finds_a_login_in_an_address),
        cmocka_unit_test(writes_numbers),
        cmocka_unit_test(encodes),
        cmocka_unit_test(makes_one_line_of_anything),
        cmocka_unit_test(hides_secrets_in_what_comes_back),
        cmocka_unit_test(measures_typing_errors),
        cmocka_unit_test(checks_utf8),
        cmocka_unit_test(marks_survive),
        cmocka_unit_test(maps_keep_order),
        cmocka_unit_test(reads_http_dates),
        cmocka_unit_test(tells_times),
        cmocka_unit_test(marks_have_a_bound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
