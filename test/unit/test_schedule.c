/*
 * SPDX-License-Identifier: ISC
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "decide/schedule.h"

#include <string.h>

static const struct schedule *const plan = &schedule_default;

/* Chance that always gives the lowest or the highest. */
static void lowest(void *arg, void *bytes, size_t n)
{
    (void)arg;
    memset(bytes, 0, n);
}
static const struct chance low = {lowest, NULL};

static uint64_t highest_of(uint64_t bound)
{
    return bound - 1;
}

static void counting(void *arg, void *bytes, size_t n)
{
    uint64_t *next = arg;
    (*next)++;
    memcpy(bytes, next, n < sizeof *next ? n : sizeof *next);
}

static void test_waits(void **state)
{
    /* The lowest jitter: 80 % of our own lengths, all of the provider's. */
    static const struct {
        enum outcome_class cls;
        msec word;
        unsigned failures;
        msec expected;
    } rows[] = {
        {OUTCOME_SERVER, 0, 0, 48 * SECOND},
        {OUTCOME_SERVER, 0, 1, 48 * SECOND},
        {OUTCOME_SERVER, 0, 2, 96 * SECOND},
        {OUTCOME_UNKNOWN, 0, 3, 4 * MINUTE},
        {OUTCOME_SERVER, 0, 4, 12 * MINUTE},
        {OUTCOME_TLS, 0, 5, 24 * MINUTE},
        {OUTCOME_SERVER, 0, 6, 48 * MINUTE},
        {OUTCOME_SERVER, 0, 1000, 48 * MINUTE},
        {OUTCOME_SERVER, 30 * MINUTE, 1, 30 * MINUTE}, /* 911 */
        {OUTCOME_LIMIT, 0, 1, 12 * MINUTE},
        {OUTCOME_LIMIT, 0, 2, 24 * MINUTE},
        {OUTCOME_LIMIT, 0, 5, 192 * MINUTE},
        {OUTCOME_LIMIT, 0, 6, 288 * MINUTE}, /* six hours at most */
        {OUTCOME_LIMIT, 0, 60, 288 * MINUTE},
        {OUTCOME_LIMIT, 7 * SECOND, 3, 7 * SECOND},
        {OUTCOME_LIMIT, 900 * (msec)HOUR, 1, 24 * (msec)HOUR},
        {OUTCOME_BUSY, 0, 1, 24 * SECOND},
        {OUTCOME_BUSY, 0, 3, 96 * SECOND},
        {OUTCOME_BUSY, 0, 30, 48 * MINUTE},
        {OUTCOME_SESSION, 0, 1, 48 * SECOND}, /* what the protocol could not settle itself */
        {OUTCOME_OFFLINE, 99, 5, 30 * SECOND},
        {OUTCOME_GOOD, 0, 0, 0},
        {OUTCOME_AUTH, 60, 1, 0},
        {OUTCOME_ABUSE, 0, 1, 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_int_equal(schedule_wait(plan, rows[i].cls, rows[i].word, rows[i].failures, &low),
                         rows[i].expected);
}

static void test_jitter_is_a_fifth_both_ways(void **state)
{
    uint64_t next = 0;
    struct chance c = {counting, &next};
    msec least = NEVER, most = 0;
    (void)state;
    for (int i = 0; i < 30000; i++) {
        msec length = schedule_jitter(plan, MINUTE, &c);
        least = length < least ? length : least;
        most = length > most ? length : most;
    }
    assert_int_equal(least, 48 * SECOND);
    assert_int_equal(most, 72 * SECOND);
    assert_int_equal(schedule_jitter(plan, NEVER, &c), NEVER);
    assert_int_equal(schedule_jitter(plan, 0, &c), 0);
    assert_int_equal(schedule_jitter(&schedule_ddclient, MINUTE, &c), MINUTE);
    assert_int_equal(chance_below(&c, 0), 0);
    assert_int_equal(chance_below(NULL, 7), 0);
    assert_true(chance_below(&c, 5) <= highest_of(5));
}

static void test_word(void **state)
{
    (void)state;
    assert_int_equal(schedule_word(plan, 0), 0);
    assert_int_equal(schedule_word(plan, -5), 0);
    assert_int_equal(schedule_word(plan, 5), 5);
    assert_int_equal(schedule_word(plan, NEVER), 24 * (msec)HOUR);
}

static void test_waits_in_memory(void **state)
{
    struct moment now = {.mono = 1000, .wall = 5000000};
    struct wait w = wait_for(500, &now), none = wait_for(0, &now);
    (void)state;
    assert_false(wait_over(&w, &now));
    assert_int_equal(wait_end_wall(&w, &now), 5000500);
    assert_true(wait_over(&none, &now));
    assert_int_equal(wait_end_wall(&none, &now), 0);
    struct moment later = {.mono = 1500, .wall = 1};
    assert_true(wait_over(&w, &later)); /* the wall clock has no say */
    struct wait always = wait_for(NEVER, &now);
    assert_false(wait_over(&always, &later));
    assert_int_equal(wait_end_wall(&always, &now), NEVER);
    assert_int_equal(wait_for(-3, &now).length, 0);
    assert_int_equal(wait_longer(&w, 100, &now).end, 1500);
    assert_int_equal(wait_longer(&w, 700, &now).end, 1700);
    assert_int_equal(wait_longer(&none, 10, &now).end, 1010);
}

static void test_waits_across_a_restart(void **state)
{
    struct moment now = {.mono = 70, .wall = 1000000};
    static const struct {
        msec end, length, expected; /* left */
    } rows[] = {
        {1000400, 5000, 400},  /* as it was */
        {999000, 5000, 0},     /* over */
        {9000000, 5000, 5000}, /* the clock was set back: never longer than its length */
        {1000400, 0, 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_int_equal(wait_from_wall(rows[i].end, rows[i].length, &now).end - now.mono,
                         rows[i].expected);
    assert_int_equal(wait_from_wall(NEVER, NEVER, &now).end, NEVER);
}

static void test_stamps(void **state)
{
    struct moment now = {.mono = 100, .wall = 1000000};
    (void)state;
    assert_int_equal(stamp_from_wall(0, &now), LONG_AGO);
    assert_int_equal(stamp_from_wall(999990, &now), 90);
    assert_int_equal(stamp_from_wall(2000000, &now), 100); /* of the future: now */
    assert_int_equal(stamp_to_wall(LONG_AGO, &now), 0);
    assert_int_equal(stamp_to_wall(90, &now), 999990);
    assert_int_equal(stamp_to_wall(-2000000, &now), 1); /* long ago, not never */
    assert_int_equal(stamp_after(LONG_AGO, 5), LONG_AGO);
    assert_int_equal(stamp_after(5, NEVER), NEVER);
    assert_int_equal(stamp_after(NEVER - 1, 5), NEVER);
    assert_int_equal(stamp_after(5, 6), 11);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_waits),
        cmocka_unit_test(test_jitter_is_a_fifth_both_ways),
        cmocka_unit_test(test_word),
        cmocka_unit_test(test_waits_in_memory),
        cmocka_unit_test(test_waits_across_a_restart),
        cmocka_unit_test(test_stamps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
