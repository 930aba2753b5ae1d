/*
 * SPDX-License-Identifier: ISC
 */
#include "command/ddclient_inside.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/text.h"
#include "decide/schedule.h"

/*
 * What runs after the updates: ddclient's postscript= with the addresses as arguments, once a
 * protocol, and hook= once a change with all about it in the environment. Neither is waited for;
 * a hook has a time limit all the same, which a small process of its own watches over.
 */

enum { ARGS_MAX = 4096 };

/* Runs the command in a process group of its own, and ends that when time is up. It holds none of
 * this program's files: the lock of the pid file ends with the program. */
static _Noreturn void watch(char *const *argv, char *const *envp, msec limit)
{
    struct timespec left = {limit / SECOND, limit % SECOND * 1000000};
    sigset_t ended;

    sigemptyset(&ended);
    sigaddset(&ended, SIGCHLD);
    sigprocmask(SIG_BLOCK, &ended, NULL);
    signal(SIGCHLD, SIG_DFL);
    close_range(STDERR_FILENO + 1, ~0U, 0);
    pid_t pid = fork();
    if (pid == 0) {
        sigprocmask(SIG_UNBLOCK, &ended, NULL);
        setpgid(0, 0);
        execve(argv[0], argv, envp);
        _exit(127);
    }
    if (pid < 0)
        _exit(1);
    setpgid(pid, pid);
    if (sigtimedwait(&ended, NULL, &left) < 0)
        kill(-pid, SIGKILL);
    waitpid(pid, NULL, 0);
    _exit(0);
}

/* Leaves no zombie: the child starts the command and ends at once. */
static bool start(char *const *argv, char *const *envp, msec limit)
{
    pid_t pid = fork();

    if (pid == 0) {
        sigset_t none;
        sigemptyset(&none);
        sigprocmask(SIG_SETMASK, &none, NULL);
        setsid();
        pid_t second = fork();
        if (second != 0)
            _exit(second < 0);
        if (limit != NEVER)
            watch(argv, envp, limit);
        execve(argv[0], argv, envp);
        _exit(127);
    }
    int status = 1;
    while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    return pid > 0 && status == 0;
}

/* This process's environment and "more". The array is owned, its texts are borrowed. */
static char **environment(char *const *more)
{
    extern char **environ;
    size_t count = 0, extra = 0;

    while (environ[count] != NULL)
        count++;
    while (more[extra] != NULL)
        extra++;
    char **all = mem_array(count + extra + 1, sizeof *all);
    memcpy(all, environ, count * sizeof *all);
    memcpy(all + count, more, extra * sizeof *all);
    return all;
}

/* The text its owner wrote goes to the shell, what was learned only as arguments. */
static bool run_shell(const char *text, char *const *args, char *const *more, msec limit)
{
    char *script = mem_format("%s \"$@\"", text);
    size_t count = 0;

    while (args[count] != NULL)
        count++;
    char **argv = mem_array(count + 5, sizeof *argv);
    argv[0] = (char[]){"/bin/sh"};
    argv[1] = (char[]){"-c"};
    argv[2] = script;
    argv[3] = (char[]){"sh"};
    memcpy(argv + 4, args, count * sizeof *argv);
    char **envp = environment(more);
    bool good = start(argv, envp, limit);
    mem_free(envp);
    mem_free(argv);
    mem_free(script);
    return good;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* All distinct addresses of the attempted hosts that share protocol and postscript, IPv4 first,
 * each family in order of its text. */
static void collect(const struct pass *p, const struct target *first, const char *postscript,
                    char **args, struct buf *hosts, bool *good)
{
    size_t count = 0;

    for (int f = 0; f < FAMILIES; f++) {
        struct map *seen = map_new();
        char text[ADDR_TEXT_MAX];
        size_t first_of_family = count;
        for (size_t i = 0; i < p->count; i++) {
            const struct target *t = &p->targets[i];
            if (t->due == 0 || !text_equal(t->protocol, first->protocol) ||
                !text_equal(conf_text(&t->view, "postscript"), postscript))
                continue;
            if (f == 0) {
                buf_format(hosts, "%s%s", hosts->len > 0 ? " " : "", t->host);
                *good = *good && t->good == t->due;
            }
            if (t->known[f] && map_get(seen, addr_text(&t->wanted[f], text)) == NULL &&
                count < ARGS_MAX) {
                map_set(seen, text, seen);
                args[count++] = mem_text(text);
            }
        }
        qsort(args + first_of_family, count - first_of_family, sizeof *args, by_text);
        map_free(seen, NULL);
    }
    args[count] = NULL;
}

static void run_postscript(struct pass *p, const struct target *first, const char *postscript)
{
    char **args = mem_array(ARGS_MAX + 1, sizeof *args);
    struct buf hosts;
    bool good = true;
    char *program = mem_text_n(postscript, strcspn(postscript, " "));

    buf_init(&hosts, 1 << 20);
    collect(p, first, postscript, args, &hosts, &good);
    char *more[] = {mem_format("HOMING_HOSTS=%s", buf_str(&hosts)),
                    mem_format("HOMING_STATUS=%s", good ? "good" : "failed"),
                    mem_format("HOMING_PROTOCOL=%s", first->protocol), NULL};
    if (access(program, X_OK) != 0 ||
        !run_shell(postscript, args, more, schedule_ddclient.hook_most))
        report_say(p->spec.report, REPORT_WARNING, "", "Can not execute post script: %s",
                   postscript);
    for (size_t i = 0; more[i] != NULL; i++)
        mem_free(more[i]);
    for (size_t i = 0; args[i] != NULL; i++)
        mem_free(args[i]);
    buf_free(&hosts);
    mem_free(program);
    mem_free(args);
}

static void run_hook(struct pass *p, const struct target *t, enum family f, const char *hook)
{
    static char *const none[] = {NULL};
    char old[ADDRSET_TEXT_MAX] = "", new[ADDR_TEXT_MAX];
    bool good = (t->good & FAMILY_BIT(f)) != 0;

    if (t->before_known[f])
        addrset_text(&t->before[f], old);
    addr_text(&t->wanted[f], new);
    char *more[] = {mem_format("HOMING_HOST=%s", t->host),
                    mem_format("HOMING_FAMILY=%s", family_name(f)),
                    mem_format("HOMING_OLD=%s", old),
                    mem_format("HOMING_NEW=%s", new),
                    mem_format("HOMING_OUTCOME=%s", good ? "good" : t->cached->of[f].status),
                    mem_format("HOMING_PROVIDER=%s", t->protocol),
                    NULL};
    if (!run_shell(hook, none, more, schedule_default.hook_most))
        report_say(p->spec.report, REPORT_WARNING, "", "the hook can not be started: %s", hook);
    for (size_t i = 0; more[i] != NULL; i++)
        mem_free(more[i]);
}

void hook_run(struct pass *p)
{
    for (size_t i = 0; i < p->count; i++) {
        const struct target *t = &p->targets[i];
        const char *postscript = t->due != 0 ? conf_text(&t->view, "postscript") : NULL;
        const char *hook = t->due != 0 ? conf_text(&t->view, "hook") : NULL;
        bool first = postscript != NULL && postscript[0] != '\0';
        for (size_t k = 0; k < i && first; k++)
            first = p->targets[k].due == 0 || !text_equal(p->targets[k].protocol, t->protocol) ||
                    !text_equal(conf_text(&p->targets[k].view, "postscript"), postscript);
        if (first)
            run_postscript(p, t, postscript);
        for (int f = 0; f < FAMILIES && hook != NULL && hook[0] != '\0'; f++)
            if ((t->due & FAMILY_BIT(f)) != 0 &&
                !(t->before_known[f] && addrset_has(&t->before[f], &t->wanted[f])))
                run_hook(p, t, (enum family)f, hook);
    }
}
