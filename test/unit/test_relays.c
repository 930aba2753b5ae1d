/*
 * SPDX-License-Identifier: ISC
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "sense/plausible.h"
#include "sense/relays.h"

static void knows_relays(void **state)
{
    static const struct {
        const char *addr, *operator;
    } rows[] = {
        {"104.16.0.0", "Cloudflare"},
        {"104.27.255.255", "Cloudflare"},
        {"104.28.0.0", NULL},
        {"104.15.255.255", NULL},
        {"131.0.75.255", "Cloudflare"},
        {"131.0.76.0", NULL},
        {"2606:4700::6812:1", "Cloudflare"},
        {"2606:4701::1", NULL},
        {"2a06:98c7::1", "Cloudflare"},
        {"2a06:98c8::1", NULL},
        {"151.101.1.1", "Fastly"},
        {"199.232.255.255", "Fastly"},
        {"2a04:4e42::1", "Fastly"},
        {"2a04:4e41::1", NULL},
        {"9.9.9.9", NULL},
        {"2c0f:f248:ffff::", "Cloudflare"},
        {"23.235.32.0", "Fastly"},
        {"23.235.48.0", NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct addr a;
        assert_true(addr_parse(rows[i].addr, &a));
        const char *found = relay_of(&a);
        if (found == NULL ? rows[i].operator != NULL
                          : rows[i].operator == NULL || strcmp(found, rows[i].operator) != 0)
            fail_msg("%s: %s", rows[i].addr, found != NULL ? found : "none");
    }
}

/* Somebody outside says so: a doubt. The machine itself has it: none. */
static void doubts_what_others_say(void **state)
{
    struct iftable t;
    struct if_addr own = {.index = 2, .length = 24, .flags = IF_GLOBAL, .valid_s = IF_FOREVER};

    assert_true(addr_parse("151.101.1.1", &own.addr));
    iftable_init(&t);
    assert_string_equal(plausible_relay(&t, &own.addr), "Fastly");
    assert_string_equal(plausible_relay(NULL, &own.addr), "Fastly");
    iftable_addr(&t, &own);
    assert_null(plausible_relay(&t, &own.addr));
    iftable_free(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_relays),
        cmocka_unit_test(doubts_what_others_say),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
