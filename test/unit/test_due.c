/*
 * SPDX-License-Identifier: ISC
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "decide/due.h"

/* Times of a row are seconds before now; 0 for published and attempt: never. */
struct row {
    const char *what;
    const char *wanted, *published; /* NULL: unknown, "": the empty set */
    bool forced, asked, settings, differs, astray, failed, word, strict;
    int published_ago, attempt_ago, wait_s;
    int min, max, error; /* seconds; max -1: NEVER */
    enum due_why why;
    enum due_hold hold;
    int in; /* seconds from now; -1: never */
};

static const struct row rows[] = {
    {"nothing is known to be wanted", NULL, "5.0.0.1", .forced = true, .max = 10,
     .published_ago = 99, .why = DUE_NOT, .in = -1},
    {"it is there", "5.0.0.1", "5.0.0.1", .published_ago = 10, .max = 100, .why = DUE_NOT,
     .in = 90},
    {"it is there for ever", "5.0.0.1", "5.0.0.1", .published_ago = 10, .max = -1, .why = DUE_NOT,
     .in = -1},
    {"not yet known", "5.0.0.1", NULL, .max = -1, .why = DUE_NEW},
    {"changed", "5.0.0.2", "5.0.0.1", .published_ago = 100, .min = 30, .max = -1,
     .why = DUE_CHANGED},
    {"to be removed", "", "5.0.0.1", .published_ago = 100, .min = 30, .max = -1,
     .why = DUE_CHANGED},
    {"known to be none, as wanted", "", "", .published_ago = 100, .max = -1, .why = DUE_NOT,
     .in = -1},
    {"changed too soon", "5.0.0.2", "5.0.0.1", .published_ago = 10, .min = 30, .max = -1,
     .why = DUE_CHANGED, .hold = HOLD_MIN_INTERVAL, .in = 20},
    {"exactly at its end", "5.0.0.2", "5.0.0.1", .published_ago = 30, .min = 30, .max = -1,
     .why = DUE_CHANGED},
    {"forced", "5.0.0.1", "5.0.0.1", .forced = true, .published_ago = 1, .wait_s = 99, .word = true,
     .min = 30, .max = -1, .why = DUE_FORCED},
    {"settings", "5.0.0.1", "5.0.0.1", .settings = true, .published_ago = 40, .min = 30, .max = -1,
     .why = DUE_SETTINGS},
    {"the DNS differs", "5.0.0.1", "5.0.0.1", .differs = true, .published_ago = 10, .min = 30,
     .max = -1, .why = DUE_DIFFERS, .hold = HOLD_MIN_INTERVAL, .in = 20},
    {"another may have arrived", "5.0.0.1", "5.0.0.1", .astray = true, .failed = true,
     .published_ago = 40, .attempt_ago = 10, .wait_s = 50, .max = -1, .why = DUE_ASTRAY,
     .hold = HOLD_BACKOFF, .in = 50},
    {"asked for", "5.0.0.1", "5.0.0.1", .asked = true, .published_ago = 40, .min = 30, .max = -1,
     .why = DUE_ASKED},
    {"asked for too soon", "5.0.0.1", "5.0.0.1", .asked = true, .published_ago = 4, .min = 30,
     .max = -1, .why = DUE_ASKED, .hold = HOLD_MIN_INTERVAL, .in = 26},
    {"max-interval", "5.0.0.1", "5.0.0.1", .published_ago = 100, .min = 300, .max = 100,
     .why = DUE_MAX_INTERVAL},
    {"after a failure", "5.0.0.2", "5.0.0.1", .failed = true, .published_ago = 100,
     .attempt_ago = 10, .wait_s = 50, .min = 30, .max = -1, .why = DUE_CHANGED,
     .hold = HOLD_BACKOFF, .in = 50},
    {"after a failure, the setting is longer", "5.0.0.2", "5.0.0.1", .failed = true,
     .published_ago = 100, .attempt_ago = 10, .wait_s = 50, .error = 300, .max = -1,
     .why = DUE_CHANGED, .hold = HOLD_ERROR_INTERVAL, .in = 290},
    {"after max-interval failures wait too", "5.0.0.1", "5.0.0.1", .failed = true,
     .published_ago = 200, .attempt_ago = 10, .error = 300, .max = 100, .why = DUE_MAX_INTERVAL,
     .hold = HOLD_ERROR_INTERVAL, .in = 290},
    {"a person does not wait for our own back-off", "5.0.0.2", "5.0.0.1", .asked = true,
     .failed = true, .published_ago = 100, .attempt_ago = 10, .wait_s = 50, .error = 300, .max = -1,
     .why = DUE_CHANGED},
    {"a person waits for the provider's word", "5.0.0.2", "5.0.0.1", .asked = true, .failed = true,
     .published_ago = 100, .attempt_ago = 10, .wait_s = 50, .word = true, .max = -1,
     .why = DUE_CHANGED, .hold = HOLD_WORD, .in = 50},
    /* ddclient-language, 5.5: an interval is over when now is past its end */
    {"ddclient, 30 s after", "5.0.0.2", "5.0.0.1", .strict = true, .published_ago = 30, .min = 30,
     .max = -1, .why = DUE_CHANGED, .hold = HOLD_MIN_INTERVAL, .in = 0},
    {"ddclient, 31 s after", "5.0.0.2", "5.0.0.1", .strict = true, .published_ago = 31, .min = 30,
     .max = -1, .why = DUE_CHANGED},
    {"ddclient, 300 s after a failure", "5.0.0.2", "5.0.0.1", .strict = true, .failed = true,
     .published_ago = 900, .attempt_ago = 300, .error = 300, .max = -1, .why = DUE_CHANGED,
     .hold = HOLD_ERROR_INTERVAL, .in = 0},
};

static const struct addrset *set_of(const char *text, struct addrset *out)
{
    struct addr a;

    *out = (struct addrset){0};
    if (text == NULL)
        return NULL;
    if (addr_parse(text, &a))
        addrset_add(out, &a);
    return out;
}

static void test_rows(void **state)
{
    const struct moment now = {.mono = 1000000, .wall = 1};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct row *r = &rows[i];
        struct addrset wanted, published;
        struct due_facts f = {
            .wanted = set_of(r->wanted, &wanted),
            .published = set_of(r->published, &published),
            .forced = r->forced,
            .asked = r->asked,
            .settings = r->settings,
            .differs = r->differs,
            .astray = r->astray,
            .failed = r->failed,
            .word = r->word,
            .published_at = r->published_ago ? now.mono - r->published_ago * SECOND : LONG_AGO,
            .attempt_at = r->attempt_ago ? now.mono - r->attempt_ago * SECOND : LONG_AGO,
            .wait = wait_for(r->wait_s * SECOND, &now)};
        struct due_rules rules = {r->min * SECOND, r->max < 0 ? NEVER : r->max * SECOND,
                                  r->error * SECOND, r->strict};
        struct due d = due_look(&f, &rules, &now);
        msec at = r->in < 0 ? NEVER : now.mono + r->in * SECOND;
        if (r->strict && r->hold != HOLD_NONE)
            at++; /* one unit past the end */
        if (d.why != r->why || d.hold != r->hold || d.at != at)
            fail_msg("%s: %s, held by %s, at %lld", r->what, due_why_name(d.why),
                     due_hold_name(d.hold), (long long)(d.at - now.mono));
    }
}

static void test_names(void **state)
{
    (void)state;
    for (int i = 0; i < DUE_WHYS; i++)
        assert_true(due_why_name((enum due_why)i)[0] != '\0');
    for (int i = 0; i < HOLDS; i++)
        assert_true(due_hold_name((enum due_hold)i)[0] != '\0');
    assert_string_equal(due_why_name(DUE_WHYS), "?");
    assert_string_equal(due_hold_name(HOLDS), "?");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_rows), cmocka_unit_test(test_names)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
