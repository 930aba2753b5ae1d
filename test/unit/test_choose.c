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

#include "sense/choose.h"

struct given {
    const char *addr;
    uint8_t length;
    unsigned flags;
    uint32_t preferred, valid;
    enum choice why;
};
enum { G = IF_GLOBAL, MOST = 6, ETH = 2 };

static void fill(struct iftable *t, const struct given *rows)
{
    iftable_init(t);
    iftable_link(t, &(struct if_link){.index = ETH, .name = "eth0", .up = true});
    for (size_t i = 0; i < MOST && rows[i].addr != NULL; i++) {
        struct if_addr a = {.index = ETH,
                            .length = rows[i].length,
                            .flags = rows[i].flags,
                            .preferred_s = rows[i].preferred,
                            .valid_s = rows[i].valid};
        assert_true(addr_parse(rows[i].addr, &a.addr));
        assert_true(iftable_addr(t, &a));
    }
}

#define EVER IF_FOREVER

static void chooses(void **state)
{
    static const struct {
        const char *name;
        enum family family;
        bool private_too;
        struct given rows[MOST];
    } cases[] = {
        {"the only static one",
         V6,
         false,
         {{"fd00::1", 128, G, 3000, 3000, CHOICE_ULA},
          {"2001:db8:4341:781::8214", 128, G, 3000, 3000, CHOICE_LIFETIME},
          {"2001:db8:4341:781:1:2:3:4", 64, G | IF_TEMPORARY, 3000, 3000, CHOICE_TEMPORARY},
          {"2001:db8:4341:781:5:6:7:8", 64, G, 3000, 3000, CHOICE_LIFETIME},
          {"2001:db8:4341:781::100", 128, G | IF_PERMANENT, EVER, EVER, CHOICE_TAKEN}}},
        {"a lease before autoconfiguration",
         V6,
         false,
         {{"2001:db8:450a:e723:dbc5:1c4e:9e9b:97a2", 64, G, 3000, 3000, CHOICE_PREFIX},
          {"2001:db8:450a:e723::21", 128, G, 300, 300, CHOICE_TAKEN}}},
        {"the shorter text",
         V6,
         false,
         {{"2001:db8:450a:e723:adee:be82:7fba:ffb2", 64, G, 3000, 3000, CHOICE_TEXT},
          {"2001:db8:450a:e723::21", 64, G, 300, 300, CHOICE_TAKEN}}},
        {"the longer life",
         V6,
         false,
         {{"2001:db8:1:1:1:1:1:1", 64, G, 300, 300, CHOICE_SOONER},
          {"2001:db8:1:2:1:1:1:1", 64, G, 300, 3000, CHOICE_TAKEN}}},
        {"the kernel's order",
         V6,
         false,
         {{"2001:db8:1:1:1:1:1:1", 64, G, 300, 300, CHOICE_TAKEN},
          {"2001:db8:1:2:1:1:1:1", 64, G, 300, 300, CHOICE_LATER}}},
        {"none that is ready",
         V6,
         false,
         {{"2001:db8::1", 64, G | IF_TENTATIVE, EVER, EVER, CHOICE_TENTATIVE},
          {"2001:db8::2", 64, G | IF_DUPLICATE, EVER, EVER, CHOICE_DUPLICATE},
          {"2001:db8::3", 64, G | IF_DEPRECATED, 0, 3000, CHOICE_DEPRECATED},
          {"fe80::1", 64, 0, EVER, EVER, CHOICE_SCOPE},
          {"::5", 64, G, EVER, EVER, CHOICE_SCOPE}}},
        {"local ones are not wanted", V6, false, {{"fd00::1", 64, G, EVER, EVER, CHOICE_ULA}}},
        {"local ones are wanted",
         V6,
         true,
         {{"fd00::1", 64, G | IF_DEPRECATED, EVER, EVER, CHOICE_DEPRECATED},
          {"fd00::2", 64, G, EVER, EVER, CHOICE_TAKEN}}},
        {"a public one goes first",
         V6,
         true,
         {{"fd00::1", 64, G, EVER, EVER, CHOICE_ULA},
          {"2001:db8::2", 64, G, 300, 300, CHOICE_TAKEN}}},
        {"the first IPv4",
         V4,
         false,
         {{"192.168.1.2", 24, G, EVER, EVER, CHOICE_TAKEN},
          {"192.168.1.3", 24, G, EVER, EVER, CHOICE_LATER},
          {"2001:db8::2", 64, G, 300, 300, CHOICE_ELSEWHERE}}},
        {"the public IPv4",
         V4,
         false,
         {{"169.254.1.1", 16, 0, EVER, EVER, CHOICE_SCOPE},
          {"192.168.1.2", 24, G, EVER, EVER, CHOICE_PRIVATE},
          {"9.9.9.9", 24, G, 30, 30, CHOICE_TAKEN}}},
    };
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        struct iftable t;
        enum choice why[MOST];
        int expected = -1;
        fill(&t, cases[c].rows);
        int got = choose_address(&t, ETH, cases[c].family, cases[c].private_too, 0, why);
        for (size_t i = 0; i < t.addr_count; i++) {
            if (why[i] != cases[c].rows[i].why)
                fail_msg("%s: %s: %s", cases[c].name, cases[c].rows[i].addr, choice_text(why[i]));
            if (cases[c].rows[i].why == CHOICE_TAKEN)
                expected = (int)i;
        }
        assert_int_equal(got, expected);
        assert_int_equal(choose_address(&t, ETH + 1, cases[c].family, true, 0, NULL), -1);
        iftable_free(&t);
    }
}

static void chooses_prefixes(void **state)
{
    static const struct given rows[MOST] = {{"2001:db8:1::1", 64, G | IF_DEPRECATED, 0, 30000, 0},
                                            {"2001:db8:2::1", 64, G, 300, 30000, 0},
                                            {"2001:db8:3::1", 64, G, 400, 4000, 0},
                                            {"2001:db8:4::1", 128, G, 4000, 4000, 0},
                                            {"2001:db8:5::1", 64, G | IF_TEMPORARY, 4000, 4000, 0},
                                            {"fd00::1", 64, G, EVER, EVER, 0}};
    struct iftable t;

    fill(&t, rows);
    assert_int_equal(choose_prefix(&t, ETH, 64, false, 0), 2);
    assert_int_equal(choose_prefix(&t, ETH, 64, true, 0), 5);
    assert_int_equal(choose_prefix(&t, ETH, 128, false, 0), 3);
    assert_int_equal(choose_prefix(&t, ETH, 48, false, 0), -1);
    assert_int_equal(choose_prefix(&t, ETH, 64, false, 500 * SECOND), -1); /* all ran out */
    iftable_free(&t);
}

static void finds_the_way_out(void **state)
{
    struct iftable t;
    struct if_addr a = {.index = 3, .flags = IF_GLOBAL, .length = 24};

    iftable_init(&t);
    iftable_link(&t, &(struct if_link){.index = 1, .name = "lo", .up = true, .loopback = true});
    iftable_link(&t, &(struct if_link){.index = 2, .name = "eth0", .up = true});
    iftable_link(&t, &(struct if_link){.index = 3, .name = "ppp0", .up = true});
    assert_null(iftable_default(&t, V4));
    iftable_route(&t, &(struct if_route){.index = 1, .family = V4, .metric = 0});
    iftable_route(&t, &(struct if_route){.index = 2, .family = V4, .metric = 100});
    iftable_route(&t, &(struct if_route){.index = 3, .family = V4, .metric = 200});
    assert_null(iftable_default(&t, V4)); /* nobody has an address */
    addr_parse("9.9.9.9", &a.addr);
    assert_true(iftable_addr(&t, &a));
    assert_false(iftable_addr(&t, &a));
    assert_string_equal(iftable_default(&t, V4)->name, "ppp0");
    a.index = 2;
    iftable_addr(&t, &a);
    assert_string_equal(iftable_default(&t, V4)->name, "eth0");
    assert_null(iftable_default(&t, V6));
    assert_true(iftable_drop_link(&t, 2));
    assert_false(iftable_drop_link(&t, 2));
    assert_string_equal(iftable_default(&t, V4)->name, "ppp0");
    assert_int_equal(t.addr_count, 1);
    assert_int_equal(t.route_count, 2);
    iftable_free(&t);
}

static void tells_ways_out_from_noise(void **state)
{
    struct iftable t;
    struct if_addr a = {.index = 2, .flags = IF_GLOBAL, .length = 24}, beside = a;
    uint64_t before, now;

    iftable_init(&t);
    iftable_link(&t, &(struct if_link){.index = 2, .name = "eth0", .up = true});
    addr_parse("9.9.9.9", &a.addr);
    iftable_addr(&t, &a);
    iftable_route(&t, &(struct if_route){.index = 2, .family = V4});
    before = iftable_ways_out(&t);

    iftable_link(&t, &(struct if_link){.index = 7, .name = "veth1", .up = true});
    beside.index = 7;
    addr_parse("172.17.0.1", &beside.addr);
    iftable_addr(&t, &beside);
    addr_parse("fe80::1", &beside.addr);
    beside.index = 2;
    beside.flags = 0;
    iftable_addr(&t, &beside);
    a.valid_s = 77;
    iftable_addr(&t, &a);
    assert_true(iftable_ways_out(&t) == before);

    addr_parse("9.9.9.10", &beside.addr);
    beside.flags = IF_GLOBAL;
    iftable_addr(&t, &beside);
    now = iftable_ways_out(&t);
    assert_true(now != before);
    iftable_drop_addr(&t, 2, &beside.addr);
    assert_true(iftable_ways_out(&t) == before);
    iftable_route(&t, &(struct if_route){
                          .index = 2, .family = V4, .has_gateway = true, .gateway = beside.addr});
    assert_true(iftable_ways_out(&t) != before);
    iftable_drop_link(&t, 2);
    assert_true(iftable_ways_out(&t) == 0);
    iftable_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chooses),
        cmocka_unit_test(chooses_prefixes),
        cmocka_unit_test(finds_the_way_out),
        cmocka_unit_test(tells_ways_out_from_noise),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
