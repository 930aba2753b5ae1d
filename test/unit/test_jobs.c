/*
 * SPDX-License-Identifier: ISC
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "decide/jobs.h"

#include "base/buf.h"

#include <string.h>

enum { A = FAMILY_BIT(V4), Q = FAMILY_BIT(V6) };

/* A candidate as written: zone, same, wanted IPv4, due; its owner is its letter. */
struct given {
    const char *zone, *same, *v4;
    unsigned due;
};

struct row {
    const char *what;
    struct jobs_rules rules;
    unsigned most;
    const char *expected; /* jobs in order: letters with their due bits, "|" between */
    struct given given[6];
};

static const struct row rows[] = {
    {"alone", {true, 0, 0, JOBS_ALONE}, 20, "a3|b3", {{.due = A | Q}, {.due = A | Q}}},
    {"one family at a time", {false, 0, 0, JOBS_ALONE}, 20, "a1|b2", {{.due = A | Q}, {.due = Q}}},
    {"by zone, which must be known",
     {true, 0, 0, JOBS_ZONE},
     20,
     "a1c2|b1|d1|e1",
     {{"x.org", .due = A}, {"y.org", .due = A}, {"x.org", .due = Q}, {.due = A}, {.due = A}}},
    {"by account",
     {true, 0, 0, JOBS_ACCOUNT},
     20,
     "a1b2c3",
     {{.due = A}, {.due = Q}, {.due = A | Q}}},
    {"no more than the provider takes",
     {true, 2, 0, JOBS_ACCOUNT},
     20,
     "a1b1|c1d1|e1",
     {{.due = A}, {.due = A}, {.due = A}, {.due = A}, {.due = A}}},
    {"less after too-long", {true, 4, 0, JOBS_ACCOUNT}, 1, "a1|b1", {{.due = A}, {.due = A}}},
    {"by addresses and settings",
     {true, 0, 0, JOBS_ADDRESSES},
     20,
     "a1c1|b1|d1|e2",
     {{.same = "s", .v4 = "5.0.0.1", .due = A},
      {.same = "s", .v4 = "5.0.0.2", .due = A},
      {.same = "s", .v4 = "5.0.0.1", .due = A},
      {.same = "t", .v4 = "5.0.0.1", .due = A},
      {.same = "s", .v4 = "5.0.0.1", .due = Q}}},
    {"an unknown address is another",
     {true, 0, 0, JOBS_ADDRESSES},
     20,
     "a1|b1c1",
     {{.same = "s", .v4 = "5.0.0.1", .due = A}, {.same = "s", .due = A}, {.same = "s", .due = A}}},
    {"families apart, hosts together",
     {false, 0, 0, JOBS_ACCOUNT},
     20,
     "a1c1|b2",
     {{.due = A | Q}, {.due = Q}, {.due = A}}},
    {"no more than fits into a URL",
     {true, 0, 250, JOBS_ACCOUNT},
     20,
     "a1b1|c1d1|e1",
     {{.due = A}, {.due = A}, {.due = A}, {.due = A}, {.due = A}}},
    {"nobody", {true, 0, 0, JOBS_ACCOUNT}, 20, "", {{.due = 0}}},
};

static void add_job(void *arg, const struct jobs_candidate *const *members, size_t count)
{
    struct buf *out = arg;

    if (out->len > 0)
        buf_char(out, '|');
    for (size_t i = 0; i < count; i++)
        buf_format(out, "%c%u", *(const char *)members[i]->owner, members[i]->due);
}

static void test_rows(void **state)
{
    static char letters[] = "abcdef";
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct sets *sets = sets_new();
        struct jobs_candidate c[6] = {{0}};
        struct buf out;
        size_t count = 0;

        for (; count < 6 && rows[i].given[count].due != 0; count++) {
            const struct given *g = &rows[i].given[count];
            struct addrset set = {0};
            struct addr a;
            c[count] = (struct jobs_candidate){.zone = g->zone,
                                               .same = g->same,
                                               .bytes = 100,
                                               .due = g->due,
                                               .owner = &letters[count]};
            if (g->v4 != NULL && addr_parse(g->v4, &a)) {
                addrset_add(&set, &a);
                c[count].wanted[V4] = set_get(sets, &set);
            }
        }
        buf_init(&out, 1000);
        jobs_group(c, count, &rows[i].rules, rows[i].most, add_job, &out);
        if (strcmp(buf_str(&out), rows[i].expected) != 0)
            fail_msg("%s: %s, not %s", rows[i].what, buf_str(&out), rows[i].expected);
        buf_free(&out);
        for (size_t k = 0; k < count; k++)
            set_drop(c[k].wanted[V4]);
        sets_free(sets);
    }
}

/* Sets are ordered by content: how many, then which. */
static void test_sets_of_several(void **state)
{
    struct sets *sets = sets_new();
    struct jobs_candidate c[4] = {{0}};
    struct jobs_rules rules = {true, 0, 0, JOBS_ADDRESSES};
    static char letters[] = "abcd";
    struct buf out;
    (void)state;
    for (size_t i = 0; i < 4; i++) {
        struct addrset set = {0};
        struct addr a = {.family = V4, .bytes = {5, 0, 0, 1}};
        addrset_add(&set, &a);
        a.bytes[3] = (uint8_t)(2 + i / 2);
        if (i != 1)
            addrset_add(&set, &a);
        c[i] = (struct jobs_candidate){
            .due = A, .owner = &letters[i], .wanted[V4] = set_get(sets, &set)};
    }
    buf_init(&out, 1000);
    jobs_group(c, 4, &rules, 20, add_job, &out);
    assert_string_equal(buf_str(&out), "a1|b1|c1d1");
    buf_free(&out);
    for (size_t i = 0; i < 4; i++)
        set_drop(c[i].wanted[V4]);
    sets_free(sets);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_rows),
                                       cmocka_unit_test(test_sets_of_several)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
