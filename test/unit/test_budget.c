/*
 * SPDX-License-Identifier: ISC
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "decide/budget.h"

#include <stdlib.h>

static void test_burst_then_rest(void **state)
{
    struct budget b;
    (void)state;
    budget_init(&b, 20, HOUR, 10, 0);
    assert_int_equal(budget_left(&b, false, 0), 18); /* a tenth is kept for persons */
    assert_int_equal(budget_left(&b, true, 0), 20);
    assert_int_equal(budget_at(&b, false, 1, 0), 0);
    budget_spend(&b, 18, 0);
    assert_int_equal(budget_left(&b, false, 1), 0);
    assert_int_equal(budget_left(&b, true, 1), 2);
    msec at = budget_at(&b, false, 1, 1);
    assert_true(at >= HOUR && at <= HOUR + HOUR / 8);
    assert_int_equal(budget_left(&b, false, at - 1), 0);
    assert_int_equal(budget_left(&b, false, at), 18);
    /* More at once, and more than there ever are. */
    budget_spend(&b, 10, at);
    assert_int_equal(budget_at(&b, false, 8, at), at);
    assert_true(budget_at(&b, false, 9, at) >= at + HOUR);
    assert_true(budget_at(&b, false, 90, at) >= at + HOUR);
    assert_int_equal(budget_at(&b, false, 90, at + 2 * HOUR), at + 2 * HOUR);
}

/* In no window of its length more than n, whatever is asked when. */
static void test_no_window_holds_more(void **state)
{
    (void)state;
    srand(7);
    for (int run = 0; run < 50; run++) {
        struct budget b;
        msec spent[4000], now = 0;
        size_t count = 0, from = 0;
        unsigned n = 1 + (unsigned)rand() % 30;
        msec per = (1 + rand() % 600) * (msec)SECOND;
        budget_init(&b, n, per, 0, 0);
        while (count < 4000) {
            now += rand() % (per / 10 + 2);
            unsigned left = budget_left(&b, false, now);
            unsigned take = left > 0 ? 1 + (unsigned)rand() % left : 0;
            budget_spend(&b, take, now);
            for (unsigned i = 0; i < take && count < 4000; i++)
                spent[count++] = now;
            if (take == 0)
                now = budget_at(&b, false, 1, now);
        }
        for (size_t i = 0; i < count; i++) {
            while (spent[from] <= spent[i] - per)
                from++;
            assert_true(i - from + 1 <= n);
        }
    }
}

static void test_one_and_none(void **state)
{
    struct budget b;
    (void)state;
    budget_init(&b, 1, MINUTE, 10, 0);
    assert_int_equal(budget_left(&b, false, 0), 1);
    budget_spend(&b, 1, 0);
    assert_int_equal(budget_left(&b, true, MINUTE - 1), 0);
    assert_int_equal(budget_left(&b, true, 2 * MINUTE), 1);
    budget_init(&b, 0, MINUTE, 10, 0);
    assert_int_equal(budget_at(&b, true, 1, 5), NEVER);
    budget_init(&b, 5, 1, 0, 0); /* a period below the slots */
    budget_spend(&b, 5, 0);
    assert_int_equal(budget_left(&b, false, 100), 5);
}

static void test_give_back_and_restore(void **state)
{
    struct budget b;
    (void)state;
    budget_init(&b, 10, HOUR, 0, 0);
    budget_spend(&b, 4, 0);
    budget_spend(&b, 4, 30 * MINUTE);
    budget_return(&b, 5);
    assert_int_equal(budget_left(&b, false, 30 * MINUTE), 7);
    budget_return(&b, 50);
    assert_int_equal(budget_left(&b, false, 30 * MINUTE), 10);
    /* After a restart all that was spent counts from its last time. */
    budget_restore(&b, 3, 40 * MINUTE, 50 * MINUTE);
    assert_int_equal(budget_left(&b, false, 50 * MINUTE), 3);
    assert_int_equal(budget_left(&b, false, 95 * MINUTE), 3);
    assert_int_equal(budget_left(&b, false, 120 * MINUTE), 10);
    budget_restore(&b, -5, NEVER, 0);
    assert_int_equal(budget_left(&b, false, 0), 0);
    budget_restore(&b, 10, 0, 0);
    assert_int_equal(budget_left(&b, false, 0), 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_burst_then_rest),
        cmocka_unit_test(test_no_window_holds_more),
        cmocka_unit_test(test_one_and_none),
        cmocka_unit_test(test_give_back_and_restore),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
