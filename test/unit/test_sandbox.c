/*
 * SPDX-License-Identifier: ISC
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "keeper/sandbox.h"

/*
 * A process of its own for each case: it narrows itself by the very function that the worker uses,
 * tries one thing, and exits with errno of it (0: it was allowed).
 */
static char own[] = "/tmp/homing-test-sandbox-XXXXXX", other[] = "/tmp/homing-test-other-XXXXXX";
static char path[128];

static const char *in(const char *folder, const char *name)
{
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static int result(int r)
{
    return r < 0 ? errno : 0;
}

static int opened(const char *name, int flags)
{
    return result(open(name, flags | O_CLOEXEC, 0600));
}

static int writes_own(void)
{
    return opened(in(own, "new"), O_WRONLY | O_CREAT);
}
static int renames_own(void)
{
    char to[128];
    snprintf(to, sizeof to, "%s/renamed", own);
    return result(rename(in(own, "file"), to));
}
static int writes_other(void)
{
    return opened(in(other, "new"), O_WRONLY | O_CREAT);
}
static int writes_existing(void)
{
    return opened(in(other, "file"), O_WRONLY);
}
static int truncates_other(void)
{
    return result(truncate(in(other, "file"), 0));
}
static int removes_other(void)
{
    return result(unlink(in(other, "file")));
}
static int makes_folder(void)
{
    return result(mkdir(in(other, "folder"), 0700));
}
static int reads_other(void)
{
    return opened(in(other, "file"), O_RDONLY);
}
static int reads_resolver(void)
{
    return opened("/etc/nsswitch.conf", O_RDONLY);
}
static int writes_etc(void)
{
    return opened("/etc/homing-test-sandbox", O_WRONLY | O_CREAT);
}
static int executes(void)
{
    return result(execl("/bin/true", "true", (char *)NULL));
}
static int executes_own(void)
{
    return result(execl(in(own, "program"), "program", (char *)NULL));
}
static int traces_parent(void)
{
    return result((int)ptrace(PTRACE_ATTACH, getppid(), NULL, NULL));
}
static int signals_parent(void)
{
    return result(kill(getppid(), 0));
}
static int forks(void)
{
    pid_t child = fork();
    if (child == 0)
        _exit(0);
    return child < 0 ? errno : waitpid(child, NULL, 0) < 0 ? errno : 0;
}
static int has_sockets(void)
{
    return result(socket(AF_INET, SOCK_STREAM, 0));
}
static int is_marked(void)
{
    char text[4096] = "";
    FILE *f = fopen("/proc/self/status", "r");
    size_t n = f != NULL ? fread(text, 1, sizeof text - 1, f) : 0;
    struct rlimit core;
    text[n] = '\0';
    if (f != NULL)
        fclose(f);
    return strstr(text, "NoNewPrivs:\t1\n") != NULL && strstr(text, "Seccomp:\t2\n") != NULL &&
                   getrlimit(RLIMIT_CORE, &core) == 0 && core.rlim_max == 0
               ? 0
               : ENOSYS;
}

static int try_in(unsigned parts, int (*what)(void), struct sandbox_report *report)
{
    int report_pipe[2], status;

    assert_int_equal(pipe(report_pipe), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        const char *const writable[] = {own, NULL};
        const struct sandbox_options o = {.parts = parts, .writable = writable};
        struct cause c;
        if (sandbox_enter(&o, report, &c) != OK) {
            fprintf(stderr, "%s\n", c.text);
            _exit(255);
        }
        if (write(report_pipe[1], report, sizeof *report) != sizeof *report)
            _exit(254);
        _exit(what());
    }
    close(report_pipe[1]);
    assert_int_equal(read(report_pipe[0], report, sizeof *report), sizeof *report);
    close(report_pipe[0]);
    waitpid(child, &status, 0);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static const struct {
    const char *what;
    int (*fn)(void);
    int landlock; /* errno with Landlock alone; -1: depends */
    int seccomp;  /* with the filter alone */
    int since;    /* version of Landlock that refuses it */
} cases[] = {
    {"write in the own folder", writes_own, 0, 0, 1},
    {"rename in the own folder", renames_own, 0, 0, 1},
    {"create elsewhere", writes_other, EACCES, 0, 1},
    {"write elsewhere", writes_existing, EACCES, 0, 1},
    {"truncate elsewhere", truncates_other, EACCES, 0, 3},
    {"remove elsewhere", removes_other, EACCES, 0, 1},
    {"make a folder elsewhere", makes_folder, EACCES, 0, 1},
    {"read elsewhere", reads_other, EACCES, 0, 1},
    {"read the system's files", reads_resolver, 0, 0, 1},
    {"write in /etc", writes_etc, EACCES, -1, 1},
    {"start a program", executes, EACCES, EPERM, 1},
    {"start a program of its own", executes_own, EACCES, EPERM, 1},
    {"trace its parent", traces_parent, EPERM, EPERM, 1},
    {"signal its parent", signals_parent, EPERM, 0, 6},
    {"fork", forks, 0, 0, 1},
    {"open a socket", has_sockets, 0, 0, 1},
    {"its marks", is_marked, -1, 0, 1},
};

static void make(const char *folder, const char *name, mode_t mode)
{
    int fd = open(in(folder, name), O_WRONLY | O_CREAT, mode);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, "#!/bin/true\n", 12), 12);
    close(fd);
}

static void set_scene(void)
{
    make(own, "file", 0600);
    make(own, "program", 0700);
    make(other, "file", 0600);
    rmdir(in(other, "folder"));
    unlink("/etc/homing-test-sandbox");
}

static void each_part_refuses_alone(void **state)
{
    struct sandbox_report r;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        set_scene();
        int got = try_in(SANDBOX_SECCOMP, cases[i].fn, &r);
        assert_true(r.seccomp);
        if (cases[i].seccomp >= 0 && got != cases[i].seccomp)
            fail_msg("%s with the filter: %s", cases[i].what, strerror(got));
        set_scene();
        got = try_in(SANDBOX_LANDLOCK, cases[i].fn, &r);
        if (r.landlock >= cases[i].since && cases[i].landlock >= 0 && got != cases[i].landlock)
            fail_msg("%s with Landlock %d: %s", cases[i].what, r.landlock, strerror(got));
    }
    if (r.landlock == 0)
        print_message("this kernel has no Landlock: only the filter was proved\n");
    set_scene();
}

static void both_work_together(void **state)
{
    struct sandbox_report r;
    char text[SANDBOX_TEXT_MAX];

    set_scene();
    assert_int_equal(try_in(SANDBOX_ALL, writes_own, &r), 0);
    assert_int_equal(try_in(SANDBOX_ALL, is_marked, &r), 0);
    assert_int_not_equal(try_in(SANDBOX_ALL, executes, &r), 0);
    assert_non_null(strstr(sandbox_text(&r, NULL, text), "system call filter"));
}

static void a_missing_folder_is_an_error(void **state)
{
    pid_t child = fork();
    int status;

    if (child == 0) {
        const char *const writable[] = {"/tmp/homing-test-not-there", NULL};
        const struct sandbox_options o = {.parts = SANDBOX_LANDLOCK, .writable = writable};
        struct sandbox_report r;
        struct cause c;
        enum err e = sandbox_enter(&o, &r, &c);
        _exit(r.landlock == 0 || (e == ERR_NOT_FOUND && strstr(c.text, "not-there") != NULL) ? 0
                                                                                             : 1);
    }
    waitpid(child, &status, 0);
    assert_int_equal(status, 0);
}

static int enter(void **state)
{
    return mkdtemp(own) == NULL || mkdtemp(other) == NULL;
}

static int leave(void **state)
{
    static const char *const names[] = {"file", "new", "program", "renamed"};
    for (size_t i = 0; i < 4; i++) {
        unlink(in(own, names[i]));
        unlink(in(other, names[i]));
    }
    rmdir(in(other, "folder"));
    return rmdir(own) != 0 || rmdir(other) != 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_part_refuses_alone),
        cmocka_unit_test(both_work_together),
        cmocka_unit_test(a_missing_folder_is_an_error),
    };
    return cmocka_run_group_tests(tests, enter, leave);
}
