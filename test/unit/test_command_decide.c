/*
 * SPDX-License-Identifier: ISC
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "command/ddclient_decide.h"

/* ddclient-language.md, 5.5. Times are seconds before now; 0 is none. */
struct decision {
    const char *about;
    const char *v4, *status4, *v6, *status6; /* the cache; NULL: absent */
    int64_t mtime, atime, wtime;             /* wtime: seconds after now */
    const char *want4, *want6;
    const char *changed;
    bool force;
    unsigned due; /* 4 and 6 as bits 1 and 2 */
    bool held_min, held_error;
};
enum { NO = 0, FOUR = 1, SIX = 2, BOTH = 3 };

static void table_of_decisions(void **state)
{
    (void)state;
    static const char a[] = "192.0.2.1", b[] = "192.0.2.2", x[] = "2001:db8::1";
    static const struct decision table[] = {
        {"nothing known", NULL, NULL, NULL, NULL, 0, 0, 0, a, NULL, NULL, false, FOUR, 0, 0},
        {"same, recent", a, "good", NULL, NULL, 30, 30, 0, a, NULL, NULL, false, NO, 0, 0},
        {"same, later", a, "good", NULL, NULL, 31, 31, 0, a, NULL, NULL, false, NO, 0, 0},
        {"other, min-interval", b, "good", NULL, NULL, 30, 30, 0, a, NULL, NULL, false, NO, 1, 0},
        {"other, over", b, "good", NULL, NULL, 31, 31, 0, a, NULL, NULL, false, FOUR, 0, 0},
        {"failed, recent", b, "badauth", NULL, NULL, 7200, 300, 0, a, NULL, NULL, false, NO, 0, 1},
        {"failed, over", b, "badauth", NULL, NULL, 7200, 301, 0, a, NULL, NULL, false, FOUR, 0, 0},
        {"attempted, no status", NULL, NULL, NULL, NULL, 0, 60, 0, a, NULL, NULL, false, NO, 0, 1},
        {"force", a, "good", NULL, NULL, 1, 1, 0, a, NULL, NULL, true, FOUR, 0, 0},
        {"force against wtime", a, "good", NULL, NULL, 1, 1, 60, b, NULL, NULL, true, FOUR, 0, 0},
        {"wtime", b, "good", NULL, NULL, 3600, 3600, 60, a, NULL, NULL, false, NO, 0, 0},
        {"wtime over", b, "good", NULL, NULL, 3600, 3600, -1, a, NULL, NULL, false, FOUR, 0, 0},
        {"25 days", a, "good", NULL, NULL, 2160001, 2160001, 0, a, NULL, NULL, false, FOUR, 0, 0},
        {"not yet", a, "good", NULL, NULL, 2160000, 2160000, 0, a, NULL, NULL, false, NO, 0, 0},
        {"25 days, just failed", a, "badauth", NULL, NULL, 2160001, 60, 0, a, NULL, NULL, false, NO,
         0, 1},
        {"v6 changed", a, "good", NULL, NULL, 7200, 7200, 0, a, x, NULL, false, BOTH, 0, 0},
        {"v4 held, v6 not", b, "nohost", x, "good", 7200, 60, 0, a, "2001:db8::2", NULL, false,
         BOTH, 0, 0},
        {"nothing wanted", a, "good", NULL, NULL, 7200, 7200, 0, NULL, NULL, NULL, false, NO, 0, 0},
        {"options", a, "good", NULL, NULL, 10, 10, 0, a, NULL, "wildcard", false, FOUR, 0, 0},
        {"options, just failed", a, "nohost", NULL, NULL, 900, 10, 0, a, NULL, "mx", false, NO, 0,
         1},
        {"stamps of the future", b, "good", NULL, NULL, -900, -900, 0, a, NULL, NULL, false, FOUR,
         0, 0},
    };

    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        const struct decision *t = &table[i];
        static const int64_t now = 1795398049;
        struct cache_entry e = {.host = (char[]){"h"}};
        struct decide_facts facts = {.entry = &e,
                                     .min_interval = 30 * SECOND,
                                     .max_interval = 25 * DAY,
                                     .min_error_interval = 5 * MINUTE,
                                     .force = t->force,
                                     .changed = t->changed,
                                     .now = now};
        struct decide_result r;

        print_message("%s\n", t->about);
        if (t->v4 != NULL)
            e.of[V4].known = addr_parse(t->v4, &e.of[V4].addr);
        if (t->v6 != NULL)
            e.of[V6].known = addr_parse(t->v6, &e.of[V6].addr);
        e.of[V4].status = (char *)(uintptr_t)t->status4;
        e.of[V6].status = (char *)(uintptr_t)t->status6;
        e.mtime = t->mtime != 0 ? now - t->mtime : 0;
        e.atime = t->atime != 0 ? now - t->atime : 0;
        e.wtime = t->wtime != 0 ? now + t->wtime : 0;
        if (t->want4 != NULL)
            facts.known[V4] = addr_parse(t->want4, &facts.wanted[V4]);
        if (t->want6 != NULL)
            facts.known[V6] = addr_parse(t->want6, &facts.wanted[V6]);
        decide_host(&facts, &r);
        assert_int_equal(r.due, t->due);
        assert_int_equal(r.held_min, t->held_min);
        assert_int_equal(r.held_error, t->held_error);
    }
}

/* A record that is older than max-interval is sent; min-interval is for changes. */
static void old_records_wait_for_no_min_interval(void **state)
{
    (void)state;
    static const struct {
        msec min, max;
        int64_t age;
        const char *published;
        unsigned due;
    } table[] = {
        {30 * SECOND, 0, 0, "192.0.2.1", FOUR},        {30 * SECOND, 0, 15, "192.0.2.2", FOUR},
        {NEVER, 25 * DAY, 2160001, "192.0.2.2", FOUR}, {NEVER, 25 * DAY, 2160000, "192.0.2.2", NO},
        {HOUR, 10 * MINUTE, 601, "192.0.2.2", FOUR},   {HOUR, 10 * MINUTE, 600, "192.0.2.2", NO},
        {HOUR, 10 * MINUTE, 600, "192.0.2.1", NO},
    };

    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct cache_entry e = {.host = (char[]){"h"}, .mtime = 1795398049, .atime = 1795398049};
        struct decide_facts facts = {.entry = &e,
                                     .min_interval = table[i].min,
                                     .max_interval = table[i].max,
                                     .min_error_interval = 5 * MINUTE,
                                     .now = 1795398049 + table[i].age};
        struct decide_result r;

        e.of[V4].known = addr_parse(table[i].published, &e.of[V4].addr);
        e.of[V4].status = (char[]){"good"};
        facts.known[V4] = addr_parse("192.0.2.1", &facts.wanted[V4]);
        decide_host(&facts, &r);
        assert_int_equal(r.due, table[i].due);
    }
}

static void words(void **state)
{
    (void)state;
    struct cache_entry e = {.host = (char[]){"h"}, .mtime = 1795398049, .atime = 1795398049};
    struct decide_facts facts = {.entry = &e,
                                 .min_interval = 93784 * (msec)SECOND,
                                 .max_interval = NEVER,
                                 .min_error_interval = NEVER,
                                 .now = 1795398050};
    struct decide_result r;
    char length[DECIDE_LENGTH_MAX];

    setenv("TZ", "UTC", 1);
    e.of[V4].known = addr_parse("192.0.2.2", &e.of[V4].addr);
    e.of[V4].status = (char[]){"good"};
    facts.known[V4] = addr_parse("192.0.2.1", &facts.wanted[V4]);
    decide_host(&facts, &r);
    assert_int_equal(r.message_count, 1);
    assert_int_equal(r.messages[0].label, REPORT_WARNING);
    assert_string_equal(
        r.messages[0].text,
        "skipped update from 192.0.2.2 to 192.0.2.1 because it has been less than "
        "1 day, 2 hours, 3 minutes, 4 seconds since the previous update (on Mon Nov "
        "23 01:40:49 2026)");
    e.warned_min = 1; /* said already */
    decide_host(&facts, &r);
    assert_int_equal(r.message_count, 0);
    assert_true(r.held_min);
    facts.verbose = true;
    decide_host(&facts, &r);
    assert_int_equal(r.message_count, 1);
    e.of[V4].addr = facts.wanted[V4];
    decide_host(&facts, &r);
    assert_string_equal(r.messages[0].text,
                        "skipped update because IPv4 address is already set to 192.0.2.1");
    /* Failures in a row: 5 minutes, 10, 20 ... a day. */
    static const unsigned failures[] = {0, 1, 2, 3, 9, 10, 1000};
    static const int64_t intervals[] = {300, 300, 600, 1200, 76800, 86400, 86400};
    facts = (struct decide_facts){.entry = &e, .min_error_interval = 5 * MINUTE, .now = 1795398049};
    facts.known[V4] = addr_parse("192.0.2.9", &facts.wanted[V4]);
    e.of[V4].status = (char[]){"badauth"};
    for (size_t i = 0; i < sizeof failures / sizeof failures[0]; i++) {
        facts.failures = failures[i];
        e.atime = facts.now - intervals[i];
        decide_host(&facts, &r);
        assert_true(r.held_error);
        e.atime--;
        decide_host(&facts, &r);
        assert_int_equal(r.due, 1);
    }
    assert_string_equal(decide_length(60, length), "1 minute");
    assert_string_equal(decide_length(7201, length), "2 hours, 1 second");
    assert_string_equal(decide_length(0, length), "0 seconds");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table_of_decisions),
        cmocka_unit_test(old_records_wait_for_no_min_interval),
        cmocka_unit_test(words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
