/*
 * SPDX-License-Identifier: ISC
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/addr.h"

static void parses_only_whole_addresses(void **state)
{
    static const struct {
        const char *text;
        bool good;
        const char *canonical;
    } rows[] = {
        {"192.0.2.1", true, "192.0.2.1"},
        {"0.0.0.0", true, "0.0.0.0"},
        {"255.255.255.255", true, "255.255.255.255"},
        {"256.0.0.1", false, NULL},
        {"1.2.3", false, NULL},
        {"1.2.3.4.5", false, NULL},
        {"01.2.3.4", false, NULL},
        {"1.2.3.00", false, NULL},
        {"1.2.3.0040", false, NULL},
        {"1.2.3.1000", false, NULL},
        {"1.2.3.", false, NULL},
        {".1.2.3", false, NULL},
        {"1..2.3", false, NULL},
        {"1.2.3.4.", false, NULL},
        {"1.2.3.-4", false, NULL},
        {"1.2.3.0x4", false, NULL},
        {" 1.2.3.4", false, NULL},
        {"1.2.3.4 ", false, NULL},
        {"", false, NULL},
        {"2001:DB8::1", true, "2001:db8::1"},
        {"2001:db8:0:0:1:0:0:1", true, "2001:db8::1:0:0:1"},
        {"::ffff:1.2.3.4", true, "::ffff:1.2.3.4"},
        {"::", true, "::"},
        {"2001:db8::1%eth0", false, NULL},
        {"[2001:db8::1]", false, NULL},
        {":::", false, NULL},
        {"1::2::3", false, NULL},
        {"2001:db8:1:2:3:4:5:6:7", false, NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct addr a;
        char text[ADDR_TEXT_MAX];
        assert_int_equal(addr_parse(rows[i].text, &a), rows[i].good);
        if (rows[i].good)
            assert_string_equal(addr_text(&a, text), rows[i].canonical);
    }
}

static void knows_kinds(void **state)
{
    static const struct {
        const char *text;
        enum addr_kind kind;
    } rows[] = {
        {"8.8.8.8", ADDR_PUBLIC},
        {"9.9.9.10", ADDR_PUBLIC},
        {"10.1.2.3", ADDR_PRIVATE},
        {"172.15.255.255", ADDR_PUBLIC},
        {"172.16.0.1", ADDR_PRIVATE},
        {"172.31.255.255", ADDR_PRIVATE},
        {"172.32.0.0", ADDR_PUBLIC},
        {"192.168.0.1", ADDR_PRIVATE},
        {"100.63.255.255", ADDR_PUBLIC},
        {"100.64.0.0", ADDR_CGNAT},
        {"100.127.255.255", ADDR_CGNAT},
        {"100.128.0.0", ADDR_PUBLIC},
        {"192.0.0.4", ADDR_DSLITE},
        {"192.0.0.9", ADDR_PUBLIC},
        {"192.0.0.100", ADDR_RESERVED},
        {"198.51.100.7", ADDR_DOCUMENTATION},
        {"255.255.255.255", ADDR_RESERVED},
        {"224.0.0.1", ADDR_MULTICAST},
        {"0.1.2.3", ADDR_UNSPECIFIED},
        {"::1", ADDR_LOOPBACK},
        {"fe80::1", ADDR_LINK_LOCAL},
        {"fd00::1", ADDR_ULA},
        {"2002::1", ADDR_6TO4},
        {"2001:0:1::1", ADDR_TEREDO},
        {"64:ff9b::102:304", ADDR_NAT64},
        {"2001:db8::1", ADDR_DOCUMENTATION},
        {"3fff:fff::1", ADDR_DOCUMENTATION},
        {"2a02:810d::1", ADDR_PUBLIC},
        {"4000::1", ADDR_RESERVED},
        {"::ffff:8.8.8.8", ADDR_MAPPED},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct addr a;
        assert_true(addr_parse(rows[i].text, &a));
        if (addr_kind(&a) != rows[i].kind)
            fail_msg("%s is %s", rows[i].text, addr_kind_name(addr_kind(&a)));
    }
}

static void sets_are_sorted_and_bounded(void **state)
{
    struct addrset s = {0}, t = {0};
    struct addr a;
    char text[ADDRSET_TEXT_MAX];

    assert_true(addr_parse("192.0.2.9", &a) && addrset_add(&s, &a));
    assert_true(addr_parse("192.0.2.1", &a) && addrset_add(&s, &a) && addrset_add(&s, &a));
    assert_int_equal(s.count, 2);
    assert_string_equal(addrset_text(&s, text), "192.0.2.1, 192.0.2.9");
    assert_true(addrset_subset(&t, &s));
    assert_false(addrset_equal(&t, &s));
    for (int i = 20; s.count < ADDRSET_MAX; i++) {
        a.bytes[3] = (uint8_t)i;
        assert_true(addrset_add(&s, &a));
    }
    a.bytes[3] = 200;
    assert_false(addrset_add(&s, &a));
    a.bytes[3] = 9;
    assert_true(addrset_remove(&s, &a));
    assert_false(addrset_remove(&s, &a));
    assert_string_equal(addrset_text(&t, text), "none");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parses_only_whole_addresses),
        cmocka_unit_test(knows_kinds),
        cmocka_unit_test(sets_are_sorted_and_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
