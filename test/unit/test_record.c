/*
 * SPDX-License-Identifier: ISC
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "decide/record.h"

#include <string.h>

static struct sets *sets;
static struct due_rules rules;
static struct moment now;

static void lowest(void *arg, void *bytes, size_t n)
{
    (void)arg;
    memset(bytes, 0, n);
}
static const struct chance low = {lowest, NULL};

static int setup(void **state)
{
    (void)state;
    sets = sets_new();
    rules = (struct due_rules){30 * SECOND, 25 * DAY, 0, false};
    now = (struct moment){.mono = 1000000, .wall = 1800000000LL * SECOND};
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    sets_free(sets);
    return 0;
}

static const struct set *set_of(const char *text)
{
    struct addrset set = {0};
    struct addr a;

    if (addr_parse(text, &a))
        addrset_add(&set, &a);
    return set_get(sets, &set);
}

static bool tell(struct record *r, struct record_news news)
{
    struct record_world w = {&schedule_default, &rules, &low, now, "host"};
    return record_event(r, &news, &w);
}

static void wants(struct record *r, const char *text)
{
    const struct set *set = text != NULL ? set_of(text) : NULL;
    tell(r, (struct record_news){.event = RECORD_WANTED, .set = set, .lack = LACK_NOTHING});
    set_drop(set);
}

static void good(struct record *r, const char *text)
{
    const struct set *set = set_of(text);
    tell(r, (struct record_news){.event = RECORD_GOOD, .set = set, .cls = OUTCOME_GOOD});
    set_drop(set);
}

static void trouble(struct record *r, enum outcome_class cls, msec word)
{
    tell(r, (struct record_news){
                .event = RECORD_TROUBLE, .cls = cls, .word = word, .say = "the words"});
}

static void event(struct record *r, enum record_event e, bool counts)
{
    tell(r, (struct record_news){.event = e, .counts = counts});
}

static void pass(struct record *r, msec length)
{
    now.mono += length;
    now.wall += length;
    event(r, RECORD_LOOK, false);
}

#define assert_state(r, s)                                                                         \
    assert_string_equal(record_state_name((enum record_state)(r)->state), record_state_name(s))

/* A record whose first address was published a minute ago. */
static struct record published(void)
{
    struct record r;

    record_init(&r, V4);
    event(&r, RECORD_ENABLE, false);
    assert_state(&r, RECORD_UNKNOWN);
    wants(&r, "5.0.0.1");
    assert_state(&r, RECORD_READY);
    assert_int_equal(r.why, DUE_NEW);
    event(&r, RECORD_HANDED, false);
    assert_state(&r, RECORD_SENDING);
    good(&r, "5.0.0.1");
    assert_state(&r, RECORD_RIGHT);
    assert_int_equal(r.at, now.mono + 25 * DAY);
    pass(&r, MINUTE);
    return r;
}

static void test_life(void **state)
{
    struct record r = published();
    (void)state;
    pass(&r, 25 * DAY);
    assert_state(&r, RECORD_READY);
    assert_int_equal(r.why, DUE_MAX_INTERVAL);
    event(&r, RECORD_HANDED, false);
    good(&r, "5.0.0.1");
    assert_true(r.changed_at < r.published_at); /* it did not change */
    wants(&r, "5.0.0.2");
    assert_state(&r, RECORD_WAITING); /* min-interval */
    assert_int_equal(r.at, now.mono + 30 * SECOND);
    wants(&r, "5.0.0.1");
    assert_state(&r, RECORD_RIGHT);
    wants(&r, NULL);
    assert_state(&r, RECORD_UNKNOWN);
    event(&r, RECORD_DISABLE, false);
    assert_state(&r, RECORD_OFF);
    record_fini(&r);
}

static void test_trouble(void **state)
{
    struct record r = published();
    (void)state;
    wants(&r, "5.0.0.2");
    event(&r, RECORD_HANDED, false);
    trouble(&r, OUTCOME_SERVER, 0);
    assert_state(&r, RECORD_WAITING);
    assert_int_equal(r.at, now.mono + 48 * SECOND);
    assert_string_equal(record_trouble(&r)->say, "the words");
    pass(&r, 48 * SECOND);
    assert_state(&r, RECORD_READY);
    event(&r, RECORD_HANDED, false);
    trouble(&r, OUTCOME_SERVER, 0);
    assert_int_equal(r.at, now.mono + 96 * SECOND); /* the second step */
    event(&r, RECORD_ASKED, false);
    assert_state(&r, RECORD_READY); /* a person does not wait */
    event(&r, RECORD_HANDED, false);
    trouble(&r, OUTCOME_SERVER, HOUR);
    event(&r, RECORD_ASKED, true);
    assert_state(&r, RECORD_WAITING); /* but for the provider's word */
    assert_int_equal(r.hold, HOLD_WORD);
    event(&r, RECORD_FORCED, false);
    assert_state(&r, RECORD_READY);
    event(&r, RECORD_HANDED, false);
    good(&r, "5.0.0.2");
    assert_int_equal(r.failures, 0);
    record_fini(&r);
}

static void test_stops(void **state)
{
    static const struct {
        enum outcome_class cls;
        bool address; /* another address ends it */
    } rows[] = {
        {OUTCOME_NO_HOST, true},  {OUTCOME_CONFLICT, true},   {OUTCOME_INPUT, true},
        {OUTCOME_NO_ZONE, false}, {OUTCOME_FORBIDDEN, false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct record r = published();
        wants(&r, "5.0.0.2");
        event(&r, RECORD_HANDED, false);
        trouble(&r, rows[i].cls, 0);
        assert_state(&r, RECORD_STOPPED);
        pass(&r, 400 * DAY);
        assert_state(&r, RECORD_STOPPED);
        wants(&r, NULL);
        assert_state(&r, RECORD_STOPPED);
        wants(&r, "5.0.0.2");
        assert_state(&r, RECORD_STOPPED); /* the same that was refused */
        wants(&r, "5.0.0.3");
        assert_state(&r, rows[i].address ? RECORD_READY : RECORD_STOPPED);
        event(&r, RECORD_SETTINGS, false);
        assert_state(&r, RECORD_READY);
        event(&r, RECORD_HANDED, false);
        trouble(&r, rows[i].cls, 0);
        event(&r, RECORD_ASKED, false);
        assert_state(&r, RECORD_READY);
        record_fini(&r);
    }
}

static void test_address_changes_under_way(void **state)
{
    struct record r = published();
    (void)state;
    wants(&r, "5.0.0.2");
    event(&r, RECORD_HANDED, false);
    wants(&r, "5.0.0.3");
    assert_state(&r, RECORD_SENDING);
    good(&r, "5.0.0.2");
    assert_state(&r, RECORD_WAITING); /* the newer one, after min-interval */
    pass(&r, 30 * SECOND);
    event(&r, RECORD_HANDED, false);
    wants(&r, "5.0.0.4");
    trouble(&r, OUTCOME_NO_HOST, 0);
    assert_state(&r, RECORD_READY); /* that one was not refused */
    record_fini(&r);
}

static void test_back_at_the_refused_one(void **state)
{
    struct record r = published();
    (void)state;
    wants(&r, "5.0.0.2");
    event(&r, RECORD_HANDED, false);
    trouble(&r, OUTCOME_NO_HOST, 0);
    wants(&r, "5.0.0.3");
    assert_state(&r, RECORD_READY);
    wants(&r, NULL);
    wants(&r, "5.0.0.2"); /* and nothing was sent meanwhile */
    assert_state(&r, RECORD_STOPPED);
    wants(&r, "5.0.0.3");
    event(&r, RECORD_HANDED, false);
    wants(&r, "5.0.0.2");
    trouble(&r, OUTCOME_NO_HOST, 0);
    assert_state(&r, RECORD_READY); /* since then another was refused */
    wants(&r, "5.0.0.3");
    assert_state(&r, RECORD_STOPPED);
    event(&r, RECORD_ASKED, false);
    assert_state(&r, RECORD_READY);
    record_fini(&r);
}

static void test_refused_and_another_that_was_not_sent(void **state)
{
    struct record r = published();
    (void)state;
    wants(&r, "5.0.0.2");
    event(&r, RECORD_HANDED, false);
    trouble(&r, OUTCOME_NO_HOST, 0);
    wants(&r, "5.0.0.3");
    event(&r, RECORD_HANDED, false);
    event(&r, RECORD_RETURNED, false); /* it waited for others, and never left */
    assert_state(&r, RECORD_READY);
    wants(&r, "5.0.0.2");
    assert_state(&r, RECORD_STOPPED);
    record_fini(&r);
}

static void test_settings(void **state)
{
    struct record r = published();
    (void)state;
    event(&r, RECORD_SETTINGS, false);
    assert_state(&r, RECORD_RIGHT);
    event(&r, RECORD_SETTINGS, true);
    assert_state(&r, RECORD_READY);
    assert_int_equal(r.why, DUE_SETTINGS);
    event(&r, RECORD_HANDED, false);
    event(&r, RECORD_SETTINGS, true); /* changed again while it is under way */
    good(&r, "5.0.0.1");
    assert_state(&r, RECORD_WAITING);
    assert_int_equal(r.why, DUE_SETTINGS);
    pass(&r, 30 * SECOND);
    event(&r, RECORD_HANDED, false);
    event(&r, RECORD_SETTINGS, true);
    trouble(&r, OUTCOME_SERVER, 0);
    assert_true(r.settings);
    pass(&r, HOUR);
    event(&r, RECORD_HANDED, false);
    event(&r, RECORD_SETTINGS, true);
    tell(&r, (struct record_news){.event = RECORD_RETURNED, .cls = OUTCOME_NONE});
    assert_state(&r, RECORD_READY);
    event(&r, RECORD_HANDED, false);
    good(&r, "5.0.0.1");
    assert_state(&r, RECORD_RIGHT);
    record_fini(&r);
}

static void test_dns_and_persons(void **state)
{
    struct record r = published();
    (void)state;
    event(&r, RECORD_DIFFERS, false);
    assert_state(&r, RECORD_READY);
    assert_int_equal(r.why, DUE_DIFFERS);
    event(&r, RECORD_HANDED, false);
    good(&r, "5.0.0.1");
    event(&r, RECORD_ASKED, false);
    assert_state(&r, RECORD_RIGHT); /* one of many, and it is right */
    event(&r, RECORD_ASKED, true);
    assert_state(&r, RECORD_WAITING); /* min-interval */
    event(&r, RECORD_FORCED, false);
    assert_state(&r, RECORD_READY);
    record_fini(&r);
}

/* An answer is lost and the address returns to what is published: the other may stand there. */
static void test_astray(void **state)
{
    struct record r = published();
    (void)state;
    for (int i = 0; i < 2; i++) {
        struct record_news lost = {.event = i == 0 ? RECORD_RETURNED : RECORD_TROUBLE,
                                   .cls = i == 0 ? OUTCOME_OFFLINE : OUTCOME_SERVER,
                                   .counts = true};
        wants(&r, "5.0.0.2");
        event(&r, RECORD_HANDED, false);
        wants(&r, "5.0.0.1");
        tell(&r, lost);
        assert_int_equal(r.why, DUE_ASTRAY);
        assert_state(&r, i == 0 ? RECORD_READY : RECORD_WAITING);
        pass(&r, HOUR);
        event(&r, RECORD_HANDED, false);
        good(&r, "5.0.0.1");
        assert_state(&r, RECORD_RIGHT);
    }
    /* By another way out a wait of our own ends, the provider's word does not. */
    for (int i = 0; i < 2; i++) {
        wants(&r, "5.0.0.3");
        event(&r, RECORD_HANDED, false);
        trouble(&r, OUTCOME_SERVER, i == 0 ? 0 : HOUR);
        event(&r, RECORD_WAY, false);
        assert_state(&r, i == 0 ? RECORD_READY : RECORD_WAITING);
    }
    pass(&r, HOUR);
    event(&r, RECORD_HANDED, false);
    good(&r, "5.0.0.3");
    wants(&r, "5.0.0.3");
    /* The same set, sent again: whether it arrived or not, it is what stands there. */
    event(&r, RECORD_FORCED, false);
    event(&r, RECORD_HANDED, false);
    tell(&r, (struct record_news){.event = RECORD_TROUBLE, .cls = OUTCOME_SERVER, .counts = true});
    assert_state(&r, RECORD_RIGHT);
    record_fini(&r);
}

static void test_returned(void **state)
{
    struct record r = published();
    (void)state;
    wants(&r, "5.0.0.2");
    event(&r, RECORD_HANDED, false);
    tell(&r, (struct record_news){.event = RECORD_RETURNED, .cls = OUTCOME_AUTH, .say = "no"});
    assert_state(&r, RECORD_READY); /* the account answers for it */
    assert_int_equal(r.last, OUTCOME_AUTH);
    assert_int_equal(r.failures, 0);
    record_fini(&r);
}

static void test_lost_in_a_crash(void **state)
{
    struct record r = published();
    (void)state;
    wants(&r, "5.0.0.2");
    event(&r, RECORD_HANDED, false);
    now.mono += 20 * SECOND;
    event(&r, RECORD_LOST, false);
    assert_state(&r, RECORD_WAITING);
    assert_int_equal(r.at, now.mono + 28 * SECOND); /* counted from the attempt */
    assert_int_equal(r.failures, 1);
    record_fini(&r);
}

static void test_what_is_told(void **state)
{
    struct record r = published();
    (void)state;
    assert_false(tell(&r, (struct record_news){.event = RECORD_LOOK}));
    event(&r, RECORD_HANDED, false);
    trouble(&r, OUTCOME_NO_HOST, 0);
    assert_false(tell(
        &r,
        (struct record_news){.event = RECORD_TROUBLE, .cls = OUTCOME_NO_HOST, .say = "the words"}));
    assert_true(tell(&r, (struct record_news){
                             .event = RECORD_TROUBLE, .cls = OUTCOME_NO_HOST, .say = "others"}));
    r.failures = UINT16_MAX;
    trouble(&r, OUTCOME_SERVER, 0);
    assert_int_equal(r.failures, UINT16_MAX);
    assert_string_equal(record_state_name(RECORD_STATES), "?");
    record_fini(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_life, setup, teardown),
        cmocka_unit_test_setup_teardown(test_trouble, setup, teardown),
        cmocka_unit_test_setup_teardown(test_stops, setup, teardown),
        cmocka_unit_test_setup_teardown(test_address_changes_under_way, setup, teardown),
        cmocka_unit_test_setup_teardown(test_back_at_the_refused_one, setup, teardown),
        cmocka_unit_test_setup_teardown(test_refused_and_another_that_was_not_sent, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(test_settings, setup, teardown),
        cmocka_unit_test_setup_teardown(test_dns_and_persons, setup, teardown),
        cmocka_unit_test_setup_teardown(test_astray, setup, teardown),
        cmocka_unit_test_setup_teardown(test_returned, setup, teardown),
        cmocka_unit_test_setup_teardown(test_lost_in_a_crash, setup, teardown),
        cmocka_unit_test_setup_teardown(test_what_is_told, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
