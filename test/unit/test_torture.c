/*
 * SPDX-License-Identifier: ISC
 */
/* The reader, the check and the editor while each allocation, and each call that writes, fails in
 * its turn: the program ends, or says so; the file is the old one or the new one, whole. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <errno.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "conf/save.h"

static const char before[] = "usev4=ipv4, ipv4=9.9.9.9\n"
                             "define=account:one, login=me, password='a b'\n"
                             "protocol=dyndns2, account=one, ttl=1 a.example.org\n"
                             "protocol=nosuch, ttl=soon c.example.org\n";
static const char after[] = "usev4=ipv4, ipv4=9.9.9.9\n"
                            "define=account:one, login=me, password='a b'\n"
                            "protocol=dyndns2, account=one, ttl=2 a.example.org\n"
                            "protocol=nosuch, ttl=soon c.example.org\n";
enum { ENDED_WELL = 0, SAID_SO = 1, NONE_FAILED = 100, CALLS_MOST = 20000, STDERR = 2 };

static char folder[] = "/tmp/homing-torture.XXXXXX", path[64], versions[64];
static struct conf_options options = {.name = "homing.conf"};
static struct save_place place = {path, versions, &options};

/* Calls that change the disk: the linker leads them here (--wrap). The nth fails. */
static unsigned long failing;

static bool fails(void)
{
    if (failing == 0 || --failing != 0)
        return false;
    errno = ENOSPC;
    return true;
}

/* clang-format off */
#define WRAPPED(type, name, params, args)                                                          \
    type __real_##name params;                                                                     \
    type __wrap_##name params;                                                                     \
    type __wrap_##name params                                                                      \
    {                                                                                              \
        return fails() ? (type)-1 : __real_##name args;                                            \
    }
WRAPPED(ssize_t, write, (int fd, const void *p, size_t n), (fd, p, n))
WRAPPED(int, fsync, (int fd), (fd))
WRAPPED(int, renameat, (int a, const char *b, int c, const char *d), (a, b, c, d))
WRAPPED(int, fchmod, (int fd, mode_t mode), (fd, mode))
WRAPPED(int, linkat, (int a, const char *b, int c, const char *d, int e), (a, b, c, d, e))
/* clang-format on */

static void write_before(void)
{
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    fputs(before, f);
    assert_int_equal(fclose(f), 0);
}

/* One edit, as the page asks for it. */
static int edit_once(void)
{
    struct edit_setting one = {"ttl", "2"};
    struct edit edit = {
        .what = EDIT_SET, .target = "a.example.org", .settings = &one, .count = 1, .owner = true};
    struct edit_answer answer;
    struct cause cause;
    enum err e = save_edit(&place, NULL, &edit, NULL, &answer, &cause);
    return e == OK ? ENDED_WELL : SAID_SO;
}

/* In a process of its own, of which nothing is left but what it did to the disk. */
static int status_of_child(unsigned long allocation, unsigned long call)
{
    pid_t pid = fork();
    if (pid == 0) {
        close(STDERR); /* "out of memory", a thousand times */
        mem_torture(allocation);
        failing = call;
        int result = edit_once();
        _exit(failing > 0 ? NONE_FAILED + result : result);
    }
    int status = 0;
    assert_true(pid > 0 && waitpid(pid, &status, 0) == pid);
    return status;
}

/* True when the new text stands there; else the old one does, whole. */
static bool is_after(void)
{
    char text[sizeof before + sizeof after] = "";
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    size_t n = fread(text, 1, sizeof text - 1, f);
    fclose(f);
    text[n] = '\0';
    if (strcmp(text, after) == 0)
        return true;
    assert_string_equal(text, before);
    return false;
}

static void every_allocation_fails_once(void **state)
{
    unsigned long n = 0;
    int status;

    (void)state;
    do {
        write_before();
        status = status_of_child(++n, 0);
        /* Ended by its own word, not by an error of ours. */
        assert_true(WIFEXITED(status) ? WEXITSTATUS(status) == ENDED_WELL
                                      : WTERMSIG(status) == SIGABRT);
        assert_true(!WIFEXITED(status) || is_after());
        is_after();
    } while (!WIFEXITED(status) && n < CALLS_MOST);
    printf("%lu allocations failed, one a time\n", n - 1);
    assert_in_range(n, 50, CALLS_MOST - 1);
}

static void every_write_fails_once(void **state)
{
    unsigned long n = 0;
    int status, told = 0;

    (void)state;
    do {
        write_before();
        status = status_of_child(0, ++n);
        assert_true(WIFEXITED(status));
        int result = WEXITSTATUS(status) % NONE_FAILED;
        told += result == SAID_SO;
        assert_true(result == SAID_SO || is_after());
        is_after();
    } while (WEXITSTATUS(status) < NONE_FAILED && n < CALLS_MOST);
    printf("%lu calls failed, one a time; %d of them were told\n", n - 1, told);
    assert_true(n > 5 && told > 3 && is_after());
}

static int make_folder(void **state)
{
    if (mkdtemp(folder) == NULL)
        return -1;
    snprintf(path, sizeof path, "%s/homing.conf", folder);
    snprintf(versions, sizeof versions, "%s/versions", folder);
    return 0;
}

static int drop_folder(void **state)
{
    char command[128];
    snprintf(command, sizeof command, "rm -r %s", folder);
    return system(command) == 0 ? 0 : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_allocation_fails_once),
        cmocka_unit_test(every_write_fails_once),
    };
    return cmocka_run_group_tests(tests, make_folder, drop_folder);
}
