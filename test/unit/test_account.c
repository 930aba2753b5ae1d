/*
 * SPDX-License-Identifier: ISC
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "decide/account.h"

#include <string.h>

static struct moment now;

static void lowest(void *arg, void *bytes, size_t n)
{
    (void)arg;
    memset(bytes, 0, n);
}
static const struct chance low = {lowest, NULL};

static bool tell(struct account *a, struct account_news news)
{
    struct account_world w = {&schedule_default, &low, now, "account", LONG_AGO};
    return account_event(a, &news, &w);
}

static void event(struct account *a, enum account_event e)
{
    tell(a, (struct account_news){.event = e, .started = now.mono});
}

static void refuse(struct account *a, enum outcome_class cls)
{
    tell(a, (struct account_news){.event = ACCOUNT_REFUSED, .cls = cls, .say = "no"});
}

static void pass(struct account *a, msec length)
{
    now.mono += length;
    event(a, ACCOUNT_LOOK);
}

#define assert_state(a, s)                                                                         \
    assert_string_equal(account_state_name((enum account_state)(a)->state), account_state_name(s))

static void test_stop_and_probe(void **state)
{
    struct account a;
    (void)state;
    account_init(&a);
    event(&a, ACCOUNT_LOOK);
    assert_int_equal(account_room(&a), ROOM_ALL);
    refuse(&a, OUTCOME_AUTH);
    assert_state(&a, ACCOUNT_STOPPED);
    pass(&a, 400 * DAY);
    assert_int_equal(account_room(&a), ROOM_NONE);
    event(&a, ACCOUNT_GOOD); /* was under way */
    assert_state(&a, ACCOUNT_STOPPED);
    event(&a, ACCOUNT_SETTINGS);
    assert_state(&a, ACCOUNT_PROBING);
    assert_int_equal(account_room(&a), ROOM_ONE);
    event(&a, ACCOUNT_SENDING);
    assert_int_equal(account_room(&a), ROOM_NONE);
    event(&a, ACCOUNT_RETURNED); /* the server was down: nothing learned */
    assert_int_equal(account_room(&a), ROOM_ONE);
    event(&a, ACCOUNT_SENDING);
    refuse(&a, OUTCOME_AUTH);
    event(&a, ACCOUNT_ASKED);
    assert_state(&a, ACCOUNT_PROBING);
    event(&a, ACCOUNT_SENDING);
    event(&a, ACCOUNT_GOOD);
    assert_state(&a, ACCOUNT_OPEN);
    assert_true(a.proven);
    account_fini(&a);
}

static void test_block(void **state)
{
    struct account a;
    (void)state;
    account_init(&a);
    refuse(&a, OUTCOME_ABUSE);
    assert_state(&a, ACCOUNT_BLOCKED);
    event(&a, ACCOUNT_SETTINGS);
    assert_state(&a, ACCOUNT_BLOCKED);
    event(&a, ACCOUNT_ASKED);
    assert_state(&a, ACCOUNT_BLOCKED);
    refuse(&a, OUTCOME_AUTH); /* under way; a block is not softened */
    assert_int_equal(a.last, OUTCOME_ABUSE);
    event(&a, ACCOUNT_CLEARED);
    assert_state(&a, ACCOUNT_PROBING);
    account_fini(&a);
}

static void test_limit(void **state)
{
    struct account a;
    (void)state;
    account_init(&a);
    msec started = now.mono;
    tell(&a,
         (struct account_news){.event = ACCOUNT_LIMIT, .cls = OUTCOME_LIMIT, .started = started});
    assert_state(&a, ACCOUNT_WAITING);
    assert_int_equal(account_at(&a), now.mono + 12 * MINUTE);
    /* One that left before: no second offence, but its word counts. */
    now.mono += SECOND;
    tell(&a,
         (struct account_news){
             .event = ACCOUNT_LIMIT, .cls = OUTCOME_LIMIT, .started = started - 1, .word = HOUR});
    assert_int_equal(account_trouble(&a)->failures, 1);
    assert_int_equal(account_at(&a), now.mono + HOUR);
    event(&a, ACCOUNT_ASKED);
    assert_state(&a, ACCOUNT_WAITING); /* a person waits too */
    pass(&a, HOUR);
    assert_state(&a, ACCOUNT_OPEN);
    tell(&a,
         (struct account_news){.event = ACCOUNT_LIMIT, .cls = OUTCOME_LIMIT, .started = now.mono});
    assert_int_equal(account_at(&a), now.mono + 24 * MINUTE); /* doubled */
    event(&a, ACCOUNT_CLEARED);
    assert_state(&a, ACCOUNT_OPEN);
    event(&a, ACCOUNT_GOOD);
    assert_int_equal(account_trouble(&a)->failures, 0);
    a.trouble->failures = UINT16_MAX;
    tell(&a,
         (struct account_news){.event = ACCOUNT_LIMIT, .cls = OUTCOME_LIMIT, .started = now.mono});
    assert_int_equal(account_trouble(&a)->failures, UINT16_MAX);
    account_fini(&a);
}

static void test_who_answers(void **state)
{
    static const struct {
        enum outcome_class cls;
        bool fresh, proven; /* does the account answer? */
    } rows[] = {
        {OUTCOME_AUTH, true, true},       {OUTCOME_ABUSE, true, true},
        {OUTCOME_LIMIT, true, true},      {OUTCOME_AGENT, true, true},
        {OUTCOME_FORBIDDEN, true, false}, {OUTCOME_FEATURE, true, false},
        {OUTCOME_NO_HOST, false, false},  {OUTCOME_SERVER, false, false},
        {OUTCOME_NO_ZONE, false, false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct account a;
        account_init(&a);
        assert_int_equal(account_answers(&a, rows[i].cls), rows[i].fresh);
        event(&a, ACCOUNT_GOOD);
        assert_int_equal(account_answers(&a, rows[i].cls), rows[i].proven);
        account_fini(&a);
    }
    assert_string_equal(account_state_name(ACCOUNT_STATES), "?");
}

static void test_what_is_told(void **state)
{
    struct account a;
    (void)state;
    account_init(&a);
    assert_false(tell(&a, (struct account_news){.event = ACCOUNT_LOOK}));
    assert_true(
        tell(&a, (struct account_news){.event = ACCOUNT_REFUSED, .cls = OUTCOME_AUTH, .say = "x"}));
    assert_false(
        tell(&a, (struct account_news){.event = ACCOUNT_REFUSED, .cls = OUTCOME_AUTH, .say = "x"}));
    assert_true(
        tell(&a, (struct account_news){.event = ACCOUNT_REFUSED, .cls = OUTCOME_AUTH, .say = "y"}));
    account_fini(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stop_and_probe), cmocka_unit_test(test_block),
        cmocka_unit_test(test_limit),          cmocka_unit_test(test_who_answers),
        cmocka_unit_test(test_what_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
