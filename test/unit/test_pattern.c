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

#include "base/pattern.h"

/* Ends as Perl's $+[0] says, with /is. -1: no match. */
static void matches_as_perl_does(void **state)
{
    static const struct {
        const char *pattern, *text;
        int end;
    } rows[] = {
        {"abc", "xxABCabc", 5},
        {"a.c", "a\nc", 3},
        {"a*", "aaab", 3},
        {"a*?", "aaab", 0},
        {"a+?", "aaab", 1},
        {"a+?b", "aaab", 4},
        {".*a", "babab", 4},
        {".*?a", "babab", 2},
        {"a|ab", "ab", 1},
        {"ab|a", "ab", 2},
        {"(a|ab)(c|bcd)", "abcd", 4},
        {"x(?:ab)*y", "xababy", 6},
        {"(?:a|b|c|)+d", "abcabcd", 7},
        {"(a*)*b", "aaab", 4},
        {"(a*)+c", "aaab", -1},
        {"a{2}", "aaaa", 2},
        {"a{2,}", "aaaa", 4},
        {"a{2,3}", "aaaa", 3},
        {"a{2,3}?", "aaaa", 2},
        {"a{0,2}b", "aab", 3},
        {"a{,2}", "a{,2}", 5},
        {"a{x", "a{x", 3},
        {"[a-c]+", "xABCd", 4},
        {"[^a-c]+", "abcxyz", 6},
        {"[]x]+", "a]x]", 4},
        {"[a\\]]+", "a]b", 2},
        {"[\\d.]+", "ip 1.2", 6},
        {"[a-]+", "-a-b", 3},
        {"\\d+\\s\\w+", "x 12 ab_1-", 9},
        {"\\S+", "  ab ", 4},
        {"\\D", "1a", 2},
        {"^b", "ab", -1},
        {"^a", "ab", 1},
        {"b$", "ab\n", 2},
        {"b\\z", "ab\n", -1},
        {"\\bfoo\\b", "afoo foo", 8},
        {"o\\B", "foo", 2},
        {"\\x41\\.", "xA.", 3},
        {"a\\tb\\nc\\rd\\f", "a\tb\nc\rd\f", 8},
        {"[\\x61\\t]+", "xa\ta", 4},
        {"\\x4A", "J", 1},
        {"st_wan_ip\\[0\\] = \"", "var st_wan_ip[0] = \"1.2.3.4\"", 20},
        {"", "abc", 0},
        {"a||b", "b", 0},
        {"WAN.*?IP.*Address", "wan ip address ip address x", 25},
        {"IP Address</B></td><TD NOWRAP width=\"50%\">",
         "ip address</b></td><td nowrap width=\"50%\">", 42},
        {"\xc3\xa4+", "\xc3\xa4\xa4", 3},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct cause c = {""};
        struct pattern *p = pattern_new(rows[i].pattern, &c);
        size_t end = 0;
        if (p == NULL)
            fail_msg("%s: %s", rows[i].pattern, c.text);
        bool found = pattern_find(p, rows[i].text, strlen(rows[i].text), &end);
        if ((found ? (int)end : -1) != rows[i].end)
            fail_msg("%s on %s: %d %zu, not %d", rows[i].pattern, rows[i].text, found, end,
                     rows[i].end);
        pattern_free(p);
    }
}

static void refuses_what_it_does_not_understand(void **state)
{
    static const char *const rows[] = {
        "(",           ")",      "a)", "(a",  "[a",      "[",     "*a",     "a**",   "a++",
        "a{3,2}",      "a{999}", "\\", "a\\", "\\1",     "\\q",   "(?=a)",  "(?i)a", "[b-a]",
        "[[:alpha:]]", "\\p{L}", "+",  "a|*", "(?<n>a)", "\\xg1", "[\\x1g]"};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct cause c = {""};
        struct pattern *p = pattern_new(rows[i], &c);
        if (p != NULL || c.text[0] == '\0')
            fail_msg("%s was taken", rows[i]);
    }
    char deep[2001];
    memset(deep, '(', 2000);
    deep[2000] = '\0';
    assert_null(pattern_new(deep, NULL));
    memset(deep, 'a', 2000);
    assert_null(pattern_new(deep, NULL));
    assert_null(pattern_new("(a{200}){200}", NULL));
    memset(deep, '|', 2000);
    assert_null(pattern_new(deep, NULL));
    for (size_t i = 0; i < 1000; i++)
        memcpy(deep + 2 * i, "\\d", 2);
    assert_null(pattern_new(deep, NULL));
    for (size_t i = 0; i < 500; i++)
        memcpy(deep + 4 * i, "[ab]", 4);
    assert_null(pattern_new(deep, NULL));
}

/* A pattern that takes a backtracking matcher longer than the universe lasts. */
static void stays_linear(void **state)
{
    static char text[20001];
    size_t end;

    memset(text, 'a', 20000);
    struct pattern *p = pattern_new("(a+)+(a+)+(.*)*b", NULL);
    assert_non_null(p);
    assert_false(pattern_find(p, text, 20000, &end));
    pattern_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(matches_as_perl_does),
        cmocka_unit_test(refuses_what_it_does_not_understand),
        cmocka_unit_test(stays_linear),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
