/*
 * SPDX-License-Identifier: ISC
 */
#include "base/pool.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { PIECES = 5000, SIZE = 41 };

static void test_pieces_are_apart_and_zero(void **state)
{
    static unsigned char *pieces[PIECES];
    struct pool p;

    (void)state;
    pool_init(&p, SIZE);
    for (int i = 0; i < PIECES; i++) {
        pieces[i] = pool_take(&p);
        assert_int_equal((uintptr_t)pieces[i] % sizeof(void *), 0);
        for (int k = 0; k < SIZE; k++)
            assert_int_equal(pieces[i][k], 0);
        memset(pieces[i], i % 255 + 1, SIZE);
    }
    for (int i = 0; i < PIECES; i++)
        for (int k = 0; k < SIZE; k++)
            assert_int_equal(pieces[i][k], i % 255 + 1);
    pool_fini(&p);
}

static void test_what_is_given_back_is_used_again(void **state)
{
    struct pool p;

    (void)state;
    pool_init(&p, SIZE);
    char *first = pool_take(&p), *second = pool_take(&p), *kept = pool_take(&p);
    memset(first, 'x', SIZE);
    memset(second, 'x', SIZE);
    pool_give(&p, first);
    pool_give(&p, NULL);
    pool_give(&p, second);
    char *third = pool_take(&p), *fourth = pool_take(&p);
    assert_ptr_equal(third, second);
    assert_ptr_equal(fourth, first);
    for (int k = 0; k < SIZE; k++)
        assert_int_equal(third[k] | fourth[k], 0);
    pool_give(&p, third);
    pool_give(&p, kept);
    assert_non_null(p.blocks);
    pool_give(&p, fourth);
    assert_null(p.blocks); /* went with the last piece */
    memset(pool_take(&p), 'x', SIZE);
    pool_fini(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pieces_are_apart_and_zero),
        cmocka_unit_test(test_what_is_given_back_is_used_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
