/*
 * SPDX-License-Identifier: ISC
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "decide/looks.h"

static const uint32_t MIDDLE = UINT32_MAX / 2 + 1;

static void looks_three_times_after_an_update(void **state)
{
    struct look l;

    look_init(&l);
    assert_true(l.next == NEVER);
    look_published(&l, 1000, true);
    assert_true(l.next == 1000 + 5 * SECOND);
    assert_int_equal(look_result(&l, LOOK_DIFFERS, l.next, 0, MIDDLE),
                     LOOK_NOTHING); /* too early to count */
    assert_true(l.next == 1000 + MINUTE);
    assert_int_equal(look_result(&l, LOOK_AGREES, l.next, 0, MIDDLE), LOOK_NOTHING);
    assert_true(l.next == 1000 + 5 * MINUTE);
    msec now = l.next;
    assert_int_equal(look_result(&l, LOOK_AGREES, now, 0, MIDDLE), LOOK_NOTHING);
    assert_true(l.next == now + 6 * (msec)HOUR);
}

static void a_short_lag_leaves_looks_out(void **state)
{
    struct look l;

    look_init(&l);
    look_published(&l, 0, true);
    look_result(&l, LOOK_UNKNOWN, 5 * SECOND, 30 * SECOND, 0);
    assert_true(l.next == MINUTE);
    look_result(&l, LOOK_AGREES, MINUTE, 30 * SECOND, 0);
    assert_in_range(l.next, MINUTE + 5 * (msec)HOUR, MINUTE + 6 * (msec)HOUR);
}

static void heals_once_then_tells_then_is_quiet(void **state)
{
    struct look l;
    msec now = 10 * MINUTE;

    look_init(&l);
    look_published(&l, 0, true);
    l.stage = 3;
    assert_int_equal(look_result(&l, LOOK_DIFFERS, now, 0, 0), LOOK_NOTHING);
    assert_true(l.next == now + MINUTE);
    now = l.next;
    assert_int_equal(look_result(&l, LOOK_DIFFERS, now, 0, 0), LOOK_HEAL);
    look_published(&l, now, false); /* the healing */
    unsigned told = 0;
    for (int i = 0; i < 20; i++) {
        now = l.next;
        enum look_action a = look_result(&l, LOOK_DIFFERS, now, 0, 0);
        assert_int_not_equal(a, LOOK_HEAL);
        told += a == LOOK_GIVE_UP;
    }
    assert_int_equal(told, 1);
    assert_int_equal(look_result(&l, LOOK_AGREES, l.next, 0, 0), LOOK_RECOVERED);
    now = l.next;
    look_result(&l, LOOK_DIFFERS, now, 0, 0);
    assert_int_equal(look_result(&l, LOOK_DIFFERS, now + MINUTE, 0, 0), LOOK_HEAL);
}

/* How often it is healed and given up while the DNS never agrees, in ten looks. */
static void differs_on(struct look *l, unsigned *healed, unsigned *given_up)
{
    *healed = *given_up = 0;
    for (int i = 0; i < 10; i++) {
        msec now = l->next;
        enum look_action a = look_result(l, LOOK_DIFFERS, now, 0, 0);
        *given_up += a == LOOK_GIVE_UP;
        *healed += a == LOOK_HEAL;
        if (a == LOOK_HEAL)
            look_published(l, now, false);
    }
}

static void another_address_has_its_own_healing(void **state)
{
    struct look l;
    unsigned healed, given_up;

    look_init(&l);
    look_published(&l, 0, true);
    for (int i = 0; i < 3; i++) {
        differs_on(&l, &healed, &given_up);
        assert_int_equal(healed, 1);
        assert_int_equal(given_up, 1);
        look_published(&l, l.next, false); /* the same once more: max-interval, or a person */
        differs_on(&l, &healed, &given_up);
        assert_int_equal(healed + given_up, 0);
        look_published(&l, l.next, true);
    }
    assert_int_equal(look_result(&l, LOOK_AGREES, l.next, 0, 0), LOOK_RECOVERED);
    assert_int_equal(look_result(&l, LOOK_AGREES, l.next, 0, 0), LOOK_NOTHING);
}

static void one_sighting_and_a_minority_do_not_count(void **state)
{
    struct look l;

    look_init(&l);
    look_published(&l, 0, true);
    l.stage = 3;
    static const enum look_found between[] = {LOOK_AGREES, LOOK_LAGS, LOOK_UNKNOWN};
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(look_result(&l, LOOK_DIFFERS, 10 * MINUTE, 0, 0), LOOK_NOTHING);
        assert_int_equal(look_result(&l, between[i], 11 * MINUTE, 0, 0), LOOK_NOTHING);
    }
    assert_int_equal(look_result(&l, LOOK_DIFFERS, 12 * MINUTE, 0, 0), LOOK_NOTHING);
}

static void a_restart_spreads_the_looks(void **state)
{
    struct look l;

    look_init(&l);
    look_resume(&l, 100 * MINUTE, 10 * MINUTE, 0);
    assert_true(l.next == 100 * MINUTE);
    look_resume(&l, 100 * MINUTE, 10 * MINUTE, UINT32_MAX);
    assert_in_range(l.next, 109 * MINUTE, 110 * MINUTE);
    look_result(&l, LOOK_DIFFERS, l.next, 0, 0);
    assert_int_equal(look_result(&l, LOOK_DIFFERS, l.next, 0, 0), LOOK_HEAL);
    look_stop(&l);
    assert_true(l.next == NEVER);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(looks_three_times_after_an_update),
        cmocka_unit_test(a_short_lag_leaves_looks_out),
        cmocka_unit_test(heals_once_then_tells_then_is_quiet),
        cmocka_unit_test(another_address_has_its_own_healing),
        cmocka_unit_test(one_sighting_and_a_minority_do_not_count),
        cmocka_unit_test(a_restart_spreads_the_looks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
