/*
 * SPDX-License-Identifier: ISC
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "decide/endpoint.h"

#include <string.h>

static struct moment now = {.mono = 1000000};
static msec online = LONG_AGO;

static void lowest(void *arg, void *bytes, size_t n)
{
    (void)arg;
    memset(bytes, 0, n);
}
static const struct chance low = {lowest, NULL};

static void tell(struct endpoint *e, enum endpoint_event what, enum outcome_class cls, msec word,
                 msec started)
{
    struct account_world w = {&schedule_default, &low, now, "endpoint", online};
    struct endpoint_news news = {what, cls, word, "its words", started};
    endpoint_event(e, &news, &w);
}

static void event(struct endpoint *e, enum endpoint_event what)
{
    if (what == ENDPOINT_ONLINE)
        online = now.mono;
    tell(e, what, OUTCOME_GOOD, 0, now.mono);
}

static void fail_now(struct endpoint *e, msec word)
{
    tell(e, ENDPOINT_TROUBLE, OUTCOME_SERVER, word, now.mono);
}

static void pass(struct endpoint *e, msec length)
{
    now.mono += length;
    event(e, ENDPOINT_LOOK);
}

#define assert_state(e, s)                                                                         \
    assert_string_equal(endpoint_state_name((enum endpoint_state)(e)->state),                      \
                        endpoint_state_name(s))

static void test_breaker(void **state)
{
    static const msec steps[] = {48 * SECOND, 96 * SECOND, 4 * MINUTE, 12 * MINUTE,
                                 24 * MINUTE, 48 * MINUTE, 48 * MINUTE};
    struct endpoint e;
    (void)state;
    endpoint_init(&e);
    event(&e, ENDPOINT_LOOK);
    assert_int_equal(endpoint_room(&e), ROOM_ALL);
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        event(&e, ENDPOINT_SENDING);
        msec started = now.mono;
        now.mono += SECOND;
        tell(&e, ENDPOINT_TROUBLE, OUTCOME_SERVER, 0, started);
        assert_state(&e, ENDPOINT_CLOSED);
        assert_int_equal(endpoint_room(&e), ROOM_NONE);
        assert_int_equal(e.at, now.mono + steps[i]);
        /* Another that was under way then: the same failure. */
        tell(&e, ENDPOINT_TROUBLE, OUTCOME_SERVER, 0, started);
        assert_int_equal(e.at, now.mono + steps[i]);
        pass(&e, steps[i]);
        assert_state(&e, ENDPOINT_PROBING);
        assert_int_equal(endpoint_room(&e), ROOM_ONE);
    }
    event(&e, ENDPOINT_SENDING);
    assert_int_equal(endpoint_room(&e), ROOM_NONE);
    event(&e, ENDPOINT_RETURNED); /* it was not sent after all */
    assert_int_equal(endpoint_room(&e), ROOM_ONE);
    event(&e, ENDPOINT_SENDING);
    event(&e, ENDPOINT_GOOD);
    assert_state(&e, ENDPOINT_OPEN);
    assert_int_equal(e.failures, 0);
    endpoint_fini(&e);
}

static void test_old_news(void **state)
{
    struct endpoint e;
    (void)state;
    endpoint_init(&e);
    msec before = now.mono;
    now.mono += SECOND;
    fail_now(&e, 0);
    tell(&e, ENDPOINT_GOOD, OUTCOME_GOOD, 0, before); /* began before it went down */
    assert_state(&e, ENDPOINT_CLOSED);
    tell(&e, ENDPOINT_TROUBLE, OUTCOME_SERVER, HOUR, before); /* but its word counts */
    assert_int_equal(e.at, now.mono + HOUR);
    endpoint_fini(&e);
}

static void test_persons_and_words(void **state)
{
    struct endpoint e;
    (void)state;
    endpoint_init(&e);
    fail_now(&e, 0);
    event(&e, ENDPOINT_ASKED);
    assert_state(&e, ENDPOINT_PROBING);
    fail_now(&e, HOUR);
    event(&e, ENDPOINT_ASKED);
    assert_state(&e, ENDPOINT_CLOSED);
    event(&e, ENDPOINT_FORCED);
    assert_state(&e, ENDPOINT_PROBING);
    endpoint_fini(&e);
}

static void test_strange(void **state)
{
    struct endpoint e;
    (void)state;
    endpoint_init(&e);
    for (int i = 0; i < 2; i++)
        tell(&e, ENDPOINT_STRANGE, OUTCOME_UNKNOWN, 0, now.mono);
    assert_state(&e, ENDPOINT_OPEN);
    event(&e, ENDPOINT_GOOD);
    for (int i = 0; i < 3; i++)
        tell(&e, ENDPOINT_STRANGE, OUTCOME_UNKNOWN, 0, now.mono);
    assert_state(&e, ENDPOINT_CLOSED);
    pass(&e, MINUTE);
    tell(&e, ENDPOINT_STRANGE, OUTCOME_UNKNOWN, 0, now.mono); /* the probe: still strange */
    assert_state(&e, ENDPOINT_CLOSED);
    assert_int_equal(e.failures, 2);
    e.strange = UINT8_MAX;
    e.failures = UINT16_MAX;
    tell(&e, ENDPOINT_STRANGE, OUTCOME_UNKNOWN, 0, now.mono);
    assert_int_equal(e.failures, UINT16_MAX);
    endpoint_fini(&e);
}

static void test_offline(void **state)
{
    struct endpoint e;
    (void)state;
    endpoint_init(&e);
    tell(&e, ENDPOINT_AWAY, OUTCOME_OFFLINE, 0, now.mono);
    assert_state(&e, ENDPOINT_OFFLINE);
    assert_int_equal(e.at, now.mono + 30 * SECOND);
    assert_int_equal(e.failures, 0); /* not a try */
    pass(&e, 30 * SECOND);
    assert_int_equal(endpoint_room(&e), ROOM_ONE);
    tell(&e, ENDPOINT_AWAY, OUTCOME_OFFLINE, 0, now.mono);
    event(&e, ENDPOINT_ONLINE);
    assert_state(&e, ENDPOINT_OPEN);
    /* A back-off does not end because the line comes and goes. */
    fail_now(&e, 0);
    tell(&e, ENDPOINT_AWAY, OUTCOME_OFFLINE, 0, now.mono);
    event(&e, ENDPOINT_ONLINE);
    assert_state(&e, ENDPOINT_CLOSED);
    assert_string_equal(endpoint_state_name(ENDPOINT_STATES), "?");
    endpoint_fini(&e);
}

/* What went out by the line of before says nothing about the line of now. */
static void test_away_with_the_former_line(void **state)
{
    struct endpoint e;
    (void)state;
    endpoint_init(&e);
    msec started = now.mono;
    now.mono += SECOND;
    event(&e, ENDPOINT_ONLINE);
    tell(&e, ENDPOINT_AWAY, OUTCOME_OFFLINE, 0, started);
    assert_int_equal(endpoint_room(&e), ROOM_ONE); /* at once */
    tell(&e, ENDPOINT_AWAY, OUTCOME_OFFLINE, 0, now.mono);
    assert_state(&e, ENDPOINT_OFFLINE);
    endpoint_fini(&e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_breaker),           cmocka_unit_test(test_old_news),
        cmocka_unit_test(test_persons_and_words), cmocka_unit_test(test_strange),
        cmocka_unit_test(test_offline),           cmocka_unit_test(test_away_with_the_former_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
