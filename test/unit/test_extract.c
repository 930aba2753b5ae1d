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

#include "base/error.h"
#include "base/pattern.h"
#include "sense/extract.h"

static const char *found_in(const char *text, enum family f, enum extract_reading reading,
                            char *out)
{
    struct addr a;

    if (!extract_address(text, strlen(text), f, reading, &a))
        return "none";
    return addr_text(&a, out);
}

struct row {
    const char *text, *ddclient, *strict; /* strict NULL: the same */
};

static void check(const struct row *rows, size_t n, enum family f)
{
    char got[ADDR_TEXT_MAX];

    for (size_t i = 0; i < n; i++) {
        const char *d = found_in(rows[i].text, f, EXTRACT_DDCLIENT, got);
        if (strcmp(d, rows[i].ddclient) != 0)
            fail_msg("ddclient's reading of <%s>: %s, not %s", rows[i].text, d, rows[i].ddclient);
        const char *want = rows[i].strict != NULL ? rows[i].strict : rows[i].ddclient;
        const char *s = found_in(rows[i].text, f, EXTRACT_STRICT, got);
        if (strcmp(s, want) != 0)
            fail_msg("strict reading of <%s>: %s, not %s", rows[i].text, s, want);
    }
}

static void finds_ipv4(void **state)
{
    static const struct row rows[] = {
        {"1.1.1.1\n2.2.2.2", "1.1.1.1", NULL},
        {"1.2.3.4:123", "1.2.3.4", NULL},
        {"001.002.003.004", "1.2.3.4", NULL},
        {"ip:010.020.030.040!", "10.20.30.40", NULL},
        {"_1.2.3.4_", "1.2.3.4", NULL},
        {"-1.2.3.4", "1.2.3.4", NULL},
        {"1.2.3.4.5", "1.2.3.4", "none"},
        {"300.1.2.3.4", "1.2.3.4", "none"},
        {"version 1.2.3.4.5, address 5.6.7.8", "1.2.3.4", "5.6.7.8"},
        {"It is 1.2.3.4. Bye", "1.2.3.4", NULL},
        {"1.2.3.256", "none", NULL},
        {"1.2.3", "none", NULL},
        {"v1.2.3.4x", "none", NULL},
        {"a1.2.3.4", "none", NULL},
        {"1.2.3.4a", "none", NULL},
        {"0001.2.3.4", "none", NULL},
        {"x 1.2.3.999 5.6.7.8", "5.6.7.8", NULL},
        {"{\"ip\":\"192.0.2.7\"}", "192.0.2.7", NULL},
        {"<b>192.0.2.7</b>", "192.0.2.7", NULL},
        {"0.0.0.0", "0.0.0.0", NULL},
        {"1.2.3.", "none", NULL},
        {"1..2.3.4", "none", NULL},
        {"", "none", NULL},
    };
    check(rows, sizeof rows / sizeof rows[0], V4);
}

static void finds_ipv6(void **state)
{
    static const struct row rows[] = {
        {"::1\n::2", "::1", NULL},
        {"2001:DB8:0:0::0001/64", "2001:db8::1", NULL},
        {"2001:0000:0db8::00a0", "2001:0:db8::a0", NULL},
        {"fe80::1%eth0", "fe80::1", NULL},
        {"[fe80::1%250]:123", "fe80::1", NULL},
        {"[::1]:123", "::1", NULL},
        {"::ffff:192.0.2.1", "::ffff:192.0.2.1", NULL},
        {"::12345", "none", NULL},
        {"::ffff:192.0.2.300", "none", NULL},
        {"addr:2001:db8::1", "none", NULL},
        {"2001:db8::1.", "none", "2001:db8::1"},
        {"x2001:db8::1 fe80::1", "fe80::1", NULL},
        {"00:11:22:33:44:55", "none", NULL},
        {"00:11:22:33:44:55:66:77", "0:11:22:33:44:55:66:77", NULL},
        {"time 12::30", "12::30", NULL},
        {"at 12::30 it was 2001:db8::7", "12::30", "2001:db8::7"},
        {"fe80:: 2000::", "fe80::", "2000::"},
        {"1::", "1::", NULL},
        {"fec0::", "fec0::", NULL},
        {"1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8", NULL},
        {"1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0", NULL},
        {"::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8", NULL},
        {"1:2:3:4::5:6:7:8", "none", NULL},
        {"1:2:3:4:5:6:7:8::", "none", NULL},
        {"1:2:3:4:5:6:7", "none", NULL},
        {"1:2:3:4:5:6:7:8:9", "none", NULL},
        {"::", "::", NULL},
        {":::", "none", NULL},
        {"1::2::3", "none", NULL},
        {"1:2:3:4:5:6:192.0.2.1", "1:2:3:4:5:6:c000:201", NULL},
        {"1:2:3:4:5::192.0.2.1", "1:2:3:4:5:0:c000:201", NULL},
        {"1:2:3:4:5:6::192.0.2.1", "none", NULL},
        {"1:2:3:4:5:6:7:192.0.2.1", "none", NULL},
        {"1::2:192.0.2.1", "1::2:c000:201", NULL},
        {"192.0.2.1", "none", NULL},
        {"::1.", "none", "::1"},
        {"12345::", "none", NULL},
        {"g::", "none", NULL},
        {"1:", "none", NULL},
        {":1", "none", NULL},
        {"", "none", NULL},
    };
    check(rows, sizeof rows / sizeof rows[0], V6);
}

static void skips(void **state)
{
    static const struct {
        const char *text, *skip, *found;
    } rows[] = {
        {"first 198.51.100.1 Current IP Address: 198.51.100.2 x", "", "198.51.100.1"},
        {"first 198.51.100.1 Current IP Address: 198.51.100.2 x", "IP Address:", "198.51.100.2"},
        {"first 198.51.100.1 Current IP Address: 198.51.100.2 x", "nosuch", "198.51.100.1"},
        {"192.0.2.1 skip 192.0.2.2 skip2 192.0.2.3", "skip", "192.0.2.2"},
        {"192.0.2.1 skip 192.0.2.2 skip2 192.0.2.3", "skip2", "192.0.2.3"},
        {"192.0.2.1 skip 192.0.2.2 skip2 192.0.2.3", ".*skip", "192.0.2.3"},
        {"a\tb 1.1.1.1 a b 2.2.2.2", "a b", "1.1.1.1"},
        {"a\tb\tc 1.1.1.1 a b c 2.2.2.2", "a b c", "2.2.2.2"}, /* the first blank alone */
        {"inet 1.1.1.1\ninet 2.2.2.2", ".*INET", "2.2.2.2"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct cause c;
        struct pattern *p = extract_pattern(rows[i].skip, &c);
        size_t n = strlen(rows[i].text), from = extract_skip(rows[i].text, n, p);
        char got[ADDR_TEXT_MAX];
        assert_string_equal(c.text, "");
        const char *found = found_in(rows[i].text + from, V4, EXTRACT_DDCLIENT, got);
        if (strcmp(found, rows[i].found) != 0)
            fail_msg("<%s> after <%s>: %s, not %s", rows[i].text, rows[i].skip, found,
                     rows[i].found);
        pattern_free(p);
    }
    struct cause c;
    assert_null(extract_pattern("a(b", &c));
    assert_non_null(strstr(c.text, "a(b"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_ipv4),
        cmocka_unit_test(finds_ipv6),
        cmocka_unit_test(skips),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
