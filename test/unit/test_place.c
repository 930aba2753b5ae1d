/*
 * SPDX-License-Identifier: ISC
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "sense/place.h"

/* The facts as texts: NULL is not known. */
struct row {
    const char *own;     /* of the interface of the way out; NULL: there is no way out */
    const char *router;  /* "" silent, "-" it has none, else what it tells; NULL: unasked */
    const char *outside; /* seen by somebody; NULL: nobody was asked */
    const char *six;     /* own IPv6 address */
    bool tunnel;
    enum place expected;
    const char *about; /* the address of the verdict */
};

static const struct row rows[] = {
    {NULL, NULL, NULL, NULL, false, PLACE_NO_WAY, NULL},
    /* the interface */
    {"9.9.9.9", NULL, NULL, NULL, false, PLACE_PUBLIC, "9.9.9.9"},
    {"9.9.9.9", NULL, "9.9.9.9", NULL, false, PLACE_PUBLIC, "9.9.9.9"},
    {"9.9.9.9", NULL, "8.8.4.4", NULL, false, PLACE_VIA, "9.9.9.9"},
    {"100.64.3.4", NULL, "8.8.4.4", NULL, false, PLACE_CGNAT, "100.64.3.4"},
    {"192.0.0.2", NULL, "8.8.4.4", "2620:fe::1", true, PLACE_DSLITE, "192.0.0.2"},
    {"192.0.0.4", NULL, NULL, "2620:fe::1", false, PLACE_DSLITE, "192.0.0.4"},
    /* the router */
    {"192.168.1.2", "9.9.9.9", NULL, NULL, false, PLACE_ROUTER, "9.9.9.9"},
    {"192.168.1.2", "9.9.9.9", "9.9.9.9", NULL, false, PLACE_ROUTER, "9.9.9.9"},
    {"192.168.1.2", "9.9.9.9", "8.8.4.4", NULL, false, PLACE_VIA, "9.9.9.9"},
    {"192.168.2.2", "192.168.1.7", "9.9.9.9", NULL, false, PLACE_ROUTERS, "192.168.1.7"},
    {"192.168.2.2", "172.16.0.7", NULL, NULL, false, PLACE_ROUTERS, "172.16.0.7"},
    {"192.168.2.2", "10.3.0.7", "9.9.9.9", NULL, false, PLACE_SHARED, "10.3.0.7"},
    {"192.168.1.2", "100.64.0.7", "9.9.9.9", NULL, false, PLACE_CGNAT, "100.64.0.7"},
    {"192.168.1.2", "100.127.255.255", NULL, NULL, false, PLACE_CGNAT, "100.127.255.255"},
    {"192.168.1.2", "100.128.0.1", NULL, NULL, false, PLACE_ROUTER, "100.128.0.1"},
    {"192.168.1.2", "192.0.0.2", "9.9.9.9", "2620:fe::1", false, PLACE_DSLITE, "192.0.0.2"},
    {"192.168.1.2", "-", "9.9.9.9", "2620:fe::1", false, PLACE_DSLITE_ODD, "192.168.1.2"},
    {"192.168.1.2", "-", "9.9.9.9", NULL, false, PLACE_EMPTY, "192.168.1.2"},
    {"192.168.1.2", "-", "9.9.9.9", "fd00::1", false, PLACE_EMPTY, "192.168.1.2"},
    {"192.168.1.2", "", "9.9.9.9", NULL, false, PLACE_NAT, "192.168.1.2"},
    {"192.168.1.2", NULL, NULL, NULL, false, PLACE_NAT, "192.168.1.2"},
    {"192.168.1.2", "127.0.0.1", NULL, NULL, false, PLACE_NAT, "192.168.1.2"}, /* nonsense */
    /* tunnels */
    {"10.8.0.2", NULL, "8.8.4.4", NULL, true, PLACE_VPN, "10.8.0.2"},
    {"10.8.0.2", "9.9.9.9", NULL, NULL, true, PLACE_VPN, "10.8.0.2"},
    {"9.9.9.9", NULL, NULL, NULL, true, PLACE_VPN_PUBLIC, "9.9.9.9"},
    {"9.9.9.9", NULL, "9.9.9.9", NULL, true, PLACE_VPN_PUBLIC, "9.9.9.9"},
    {"9.9.9.9", NULL, "8.8.4.4", NULL, true, PLACE_VPN, "9.9.9.9"},
};

static bool put(struct addr *out, const char *text)
{
    if (text == NULL)
        return false;
    assert_true(addr_parse(text, out));
    return true;
}

static void make(const struct row *r, struct place_facts facts[FAMILIES])
{
    struct place_facts *f = &facts[V4];

    memset(facts, 0, FAMILIES * sizeof facts[0]);
    f->heard = facts[V6].heard = true;
    f->way_out = f->has_own = put(&f->own, r->own);
    f->tunnel = r->tunnel;
    f->has_outside = put(&f->outside, r->outside);
    f->router_word = r->router == NULL             ? ROUTER_UNASKED
                     : strcmp(r->router, "") == 0  ? ROUTER_SILENT
                     : strcmp(r->router, "-") == 0 ? ROUTER_EMPTY
                                                   : ROUTER_TELLS;
    if (f->router_word == ROUTER_TELLS)
        put(&f->router, r->router);
    facts[V6].way_out = facts[V6].has_own = put(&facts[V6].own, r->six);
}

static void judges(void **state)
{
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct place_facts facts[FAMILIES];
        char text[ADDR_TEXT_MAX] = "none";

        make(&rows[i], facts);
        enum place place = place_judge(facts, V4);
        const struct addr *about = place_address(place, &facts[V4]);
        if (about != NULL)
            addr_text(about, text);
        if (place != rows[i].expected ||
            strcmp(text, rows[i].about != NULL ? rows[i].about : "none") != 0)
            fail_msg("row %zu (own %s, router %s): %d about %s", i, rows[i].own, rows[i].router,
                     (int)place, text);
    }
}

static void judges_ipv6(void **state)
{
    static const struct {
        const char *own, *outside;
        bool tunnel;
        enum place expected;
    } six[] = {
        {NULL, NULL, false, PLACE_NO_WAY},
        {"2620:fe::1", NULL, false, PLACE_PUBLIC},
        {"2620:fe::1", "2620:fe::1", false, PLACE_PUBLIC},
        {"2620:fe::1", "2001:4860::1", false, PLACE_VIA},
        {"fd00::1", NULL, false, PLACE_LOCAL},
        {"fd00::1", "2620:fe::9", false, PLACE_LOCAL},
        {"2620:fe::1", NULL, true, PLACE_VPN_PUBLIC},
        {"fd00::1", NULL, true, PLACE_VPN},
    };

    for (size_t i = 0; i < sizeof six / sizeof six[0]; i++) {
        struct place_facts facts[FAMILIES] = {{.heard = true}, {.heard = true}};
        struct place_facts *f = &facts[V6];

        f->way_out = f->has_own = put(&f->own, six[i].own);
        f->has_outside = put(&f->outside, six[i].outside);
        f->tunnel = six[i].tunnel;
        assert_int_equal(place_judge(facts, V6), six[i].expected);
    }
}

static void is_careful_without_facts(void **state)
{
    struct place_facts facts[FAMILIES] = {{.heard = false}};

    assert_int_equal(place_judge(facts, V4), PLACE_UNKNOWN);
    facts[V4].heard = facts[V4].way_out = true;
    assert_int_equal(place_judge(facts, V4), PLACE_UNKNOWN);
    assert_null(place_address(PLACE_UNKNOWN, &facts[V4]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(judges),
        cmocka_unit_test(judges_ipv6),
        cmocka_unit_test(is_careful_without_facts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
