/*
 * SPDX-License-Identifier: ISC
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"

#include <errno.h>

/* Each kind has a name of its own, and what is none has one, too. */
static void names(void **state)
{
    (void)state;
    for (int i = 0; i < ERR_COUNT; i++)
        for (int k = 0; k < i; k++)
            assert_string_not_equal(err_name((enum err)i), err_name((enum err)k));
    assert_string_equal(err_name(ERR_COUNT), "unknown");
    assert_string_equal(err_name((enum err) - 1), "unknown");
}

static void errno_of_the_system(void **state)
{
    static const struct {
        int error;
        enum err kind;
    } rows[] = {{0, OK},
                {ENOENT, ERR_NOT_FOUND},
                {ENOTDIR, ERR_NOT_FOUND},
                {EEXIST, ERR_EXISTS},
                {EACCES, ERR_DENIED},
                {EPERM, ERR_DENIED},
                {EROFS, ERR_DENIED},
                {ENOSPC, ERR_FULL},
                {EDQUOT, ERR_FULL},
                {ENOMEM, ERR_MEMORY},
                {ETIMEDOUT, ERR_TIMEOUT},
                {EBUSY, ERR_BUSY},
                {EAGAIN, ERR_BUSY},
                {EIO, ERR_IO},
                {EINTR, ERR_IO}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_int_equal(err_from_errno(rows[i].error), rows[i].kind);
}

/* The words are cut to their room; without a place for them the kind is enough. */
static void causes(void **state)
{
    char much[2 * CAUSE_MAX];
    struct cause c;
    (void)state;
    assert_int_equal(cause_set(&c, ERR_BUSY, "line %d: %s", 7, "taken"), ERR_BUSY);
    assert_string_equal(c.text, "line 7: taken");
    memset(much, 'x', sizeof much - 1);
    much[sizeof much - 1] = '\0';
    assert_int_equal(cause_set(&c, ERR_IO, "%s", much), ERR_IO);
    assert_int_equal(strlen(c.text), sizeof c.text - 1);
    assert_int_equal(cause_set(NULL, ERR_FULL, "%s", "nobody asks"), ERR_FULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names), cmocka_unit_test(errno_of_the_system), cmocka_unit_test(causes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
