/*
 * SPDX-License-Identifier: ISC
 */
/* Memory of no length, and what happens when there is none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"

#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static void nothing_is_something(void **state)
{
    (void)state;
    char *none = mem_array(0, 8), *no_size = mem_array(8, 0), *empty = mem_alloc(0);
    assert_true(none != NULL && no_size != NULL && empty != NULL);
    none = mem_resize(none, 0, 8);
    assert_non_null(none);
    mem_free(none);
    mem_free(no_size);
    mem_free(empty);
    mem_free(NULL);
    mem_free_secret(NULL);
    assert_null(mem_text(NULL));
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
static long resident_kib(void)
{
    long pages = 0;
    FILE *f = fopen("/proc/self/statm", "r");

    assert_non_null(f);
    assert_int_equal(fscanf(f, "%*d %ld", &pages), 1);
    fclose(f);
    return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

/* One piece in a hundred is kept, so that free() alone can give little back. */
static void what_was_freed_goes_back(void **state)
{
    enum { PIECES = 160000, SIZE = 200, KIB = PIECES * SIZE / 1024 };
    void **pieces = mem_array(PIECES, sizeof pieces[0]);

    (void)state;
    for (size_t i = 0; i < PIECES; i++) {
        pieces[i] = mem_alloc(SIZE);
        memset(pieces[i], 1, SIZE);
    }
    for (size_t i = 0; i < PIECES; i++)
        if (i % 100 != 0)
            mem_free(pieces[i]);
    long full = resident_kib();
    mem_trim();
    assert_true(resident_kib() < full - KIB / 3);
    for (size_t i = 0; i < PIECES; i += 100)
        mem_free(pieces[i]);
    mem_free(pieces);
}
#endif

/* One by one as with the room for all, and taking some away in between does no harm. */
static void an_array_grows_by_itself(void **state)
{
    unsigned *numbers = NULL;
    size_t count = 0, moves = 0;

    (void)state;
    for (unsigned i = 0; i < 3000; i++) {
        unsigned *more = mem_more(numbers, count, sizeof *numbers);
        moves += more != numbers;
        numbers = more;
        numbers[count++] = i;
        if (i % 1000 == 999)
            count -= 300;
    }
    assert_int_equal(count, 2100);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(numbers[i], i < 700 ? i : i < 1400 ? i + 300 : i + 600);
    assert_true(moves <= 13); /* it doubles: not each time */
    mem_free(numbers);
}

static void secrets_are_overwritten(void **state)
{
    char text[] = "s3cret and more";
    static const char zeros[sizeof text];

    (void)state;
    mem_wipe(text, 6);
    assert_memory_equal(text, zeros, 6);
    assert_string_equal(text + 6, " and more");
}

#ifndef __SANITIZE_ADDRESS__ /* which has a word of its own for it */
static void too_much(void)
{
    mem_free(mem_array(SIZE_MAX / 4, 8));
}
#endif

static void the_third(void)
{
    mem_torture(3);
    for (int i = 0; i < 3; i++)
        mem_free(mem_alloc(1));
}

static void not_given(void)
{
    mem_given(NULL);
}

/* It ends the program with a word, rather than going on with nothing. */
static void without_memory_the_program_ends(void **state)
{
    static void (*const ways[])(void) = {
#ifndef __SANITIZE_ADDRESS__
        too_much,
#endif
        the_third, not_given};
    static const char said[] = "homing: out of memory\n";

    (void)state;
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        char heard[sizeof said] = "";
        int ends[2], status;
        assert_int_equal(pipe(ends), 0);
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            const struct rlimit none = {0, 0};
            setrlimit(RLIMIT_CORE, &none);
            signal(SIGABRT, SIG_DFL);
            dup2(ends[1], STDERR_FILENO);
            ways[i]();
            _exit(0);
        }
        close(ends[1]);
        assert_int_equal(read(ends[0], heard, sizeof heard - 1), sizeof said - 1);
        assert_string_equal(heard, said);
        close(ends[0]);
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
        cmocka_unit_test(what_was_freed_goes_back),
#endif
        cmocka_unit_test(nothing_is_something),
        cmocka_unit_test(an_array_grows_by_itself),
        cmocka_unit_test(secrets_are_overwritten),
        cmocka_unit_test(without_memory_the_program_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
