/*
 * SPDX-License-Identifier: ISC
 *
 * What devices told, with its ages, in and out of the memory.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "sense/pushed.h"

static struct addr addr(const char *text)
{
    struct addr a;
    assert_true(addr_parse(text, &a));
    return a;
}

static void ages_are_kept(void **state)
{
    struct pushed *p = pushed_new();
    struct addr a = addr("81.2.3.4"), b = addr("81.2.3.5");
    const struct pushed_value *v = pushed_get(p, "fritz", PUSHED_V4);
    (void)state;

    assert_false(v->known);
    assert_true(pushed_set(p, "fritz", PUSHED_V4, &a, 0, 1000));
    assert_false(pushed_set(p, "fritz", PUSHED_V4, &a, 0, 2000));
    v = pushed_get(p, "fritz", PUSHED_V4);
    assert_int_equal(v->since, 1000);
    assert_int_equal(v->told, 2000);
    assert_true(pushed_set(p, "fritz", PUSHED_V4, &b, 0, 3000));
    assert_int_equal(v->since, 3000);
    assert_false(pushed_get(p, "fritz", PUSHED_V6)->known);
    assert_false(pushed_get(p, "other", PUSHED_V4)->known);
    pushed_forget(p, "fritz");
    assert_false(pushed_get(p, "fritz", PUSHED_V4)->known);
    pushed_free(p);
}

static void what_is_refused_is_not_taken(void **state)
{
    struct pushed *p = pushed_new();
    struct addr a = addr("81.2.3.4"), b = addr("10.0.0.1");
    (void)state;

    pushed_set(p, "fritz", PUSHED_V4, &a, 0, 1000);
    pushed_refuse(p, "fritz", PUSHED_V4, &b, 2000);
    const struct pushed_value *v = pushed_get(p, "fritz", PUSHED_V4);
    assert_true(v->known && v->refused);
    assert_true(addr_equal(&v->addr, &a));
    assert_int_equal(v->told, 1000);
    assert_false(pushed_set(p, "fritz", PUSHED_V4, &a, 0, 3000));
    assert_false(v->refused);
    pushed_free(p);
}

static void the_memory_is_told_of_changes_and_of_age(void **state)
{
    struct pushed *p = pushed_new();
    struct addr a = addr("81.2.3.4"), b = addr("81.2.3.5");
    (void)state;

    assert_false(pushed_to_keep(p, "fritz", 1));
    pushed_set(p, "fritz", PUSHED_V4, &a, 0, 1000);
    assert_true(pushed_to_keep(p, "fritz", 600));
    pushed_kept(p, "fritz");
    assert_false(pushed_to_keep(p, "fritz", 600));
    pushed_set(p, "fritz", PUSHED_V4, &a, 0, 1500);
    assert_false(pushed_to_keep(p, "fritz", 600));
    pushed_set(p, "fritz", PUSHED_V4, &a, 0, 1600);
    assert_true(pushed_to_keep(p, "fritz", 600));
    pushed_kept(p, "fritz");
    pushed_set(p, "fritz", PUSHED_V4, &b, 0, 1601);
    assert_true(pushed_to_keep(p, "fritz", 600));
    pushed_kept(p, "fritz");
    pushed_set(p, "fritz", PUSHED_V4, &b, 0, 1000); /* the clock went backwards */
    assert_true(pushed_to_keep(p, "fritz", 600));
    pushed_free(p);
}

static void texts_come_back(void **state)
{
    static const struct {
        const char *what, *in, *out; /* out NULL: refused */
    } cases[] = {
        {"v4", "81.2.3.4 1000 2000", "81.2.3.4 1000 2000"},
        {"v6", "2a02:3100::1 1000 2000", "2a02:3100::1 1000 2000"},
        {"prefix", "2a02:3100::/56 1000 2000", "2a02:3100::/56 1000 2000"},
        {"v4", "2a02:3100::1 1000 2000", NULL},
        {"v6", "81.2.3.4 1000 2000", NULL},
        {"v6", "2a02:3100::/64 1000 2000", NULL},
        {"prefix", "2a02:3100:: 1000 2000", NULL},
        {"prefix", "2a02:3100::/0 1000 2000", NULL},
        {"prefix", "2a02:3100::/129 1000 2000", NULL},
        {"prefix", "2a02:3100::/x 1000 2000", NULL},
        {"v4", "81.2.3.4 1000", NULL},
        {"v4", "81.2.3.4 1000 2000 3000", NULL},
        {"v4", "81.2.3.4 -1 2000", NULL},
        {"v4", "81.2.3.4 1000 99999999999999999999999999", NULL},
        {"v4", "81.2.3.4", NULL},
        {"v4", "", NULL},
        {"v5", "81.2.3.4 1000 2000", NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct pushed *p = pushed_new();
        char text[PUSHED_TEXT_MAX];
        bool good = pushed_restore(p, "fritz", cases[i].what, cases[i].in);
        if (good != (cases[i].out != NULL))
            fail_msg("%s \"%s\"", cases[i].what, cases[i].in);
        for (enum pushed_what w = PUSHED_V4; good && w < PUSHED_WHATS; w++)
            if (strcmp(pushed_what_name(w), cases[i].what) == 0)
                assert_string_equal(pushed_text(pushed_get(p, "fritz", w), text), cases[i].out);
        pushed_free(p);
    }
}

static void prefixes_are_cut(void **state)
{
    struct pushed *p = pushed_new();
    struct addr a = addr("2a02:3100:1:2:3::4");
    char text[PUSHED_ADDRESS_MAX];
    (void)state;

    assert_true(pushed_set(p, "fritz", PUSHED_PREFIX, &a, 56, 1000));
    assert_string_equal(pushed_address(pushed_get(p, "fritz", PUSHED_PREFIX), text),
                        "2a02:3100:1::/56");
    a = addr("2a02:3100:1:5::");
    assert_false(pushed_set(p, "fritz", PUSHED_PREFIX, &a, 56, 2000));
    assert_true(pushed_set(p, "fritz", PUSHED_PREFIX, &a, 64, 3000));
    pushed_free(p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ages_are_kept),
        cmocka_unit_test(what_is_refused_is_not_taken),
        cmocka_unit_test(the_memory_is_told_of_changes_and_of_age),
        cmocka_unit_test(texts_come_back),
        cmocka_unit_test(prefixes_are_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
