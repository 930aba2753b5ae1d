/*
 * SPDX-License-Identifier: ISC
 */
/* What homing remembers while each call that changes the disk fails in its turn, the library's and
 * ours: what was said to be stored is there afterwards, nothing that was there is lost, and the
 * next start finds a memory that it believes. */
#include <dirent.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "former.h"
#include "medium.h"
#include "state/store.h"

enum { STORED = 0, TOLD = 1, NOT_OPENED = 2, NONE_FAILED = 100, POINTS = 24, CALLS_MOST = 2000 };

static char folder[] = "/tmp/homing-store-torture.XXXXXX";

static void remove_all(void)
{
    DIR *dir = opendir(folder);

    for (struct dirent *d = dir != NULL ? readdir(dir) : NULL; d != NULL; d = readdir(dir))
        if (d->d_name[0] != '.')
            unlinkat(dirfd(dir), d->d_name, 0);
    if (dir != NULL)
        closedir(dir);
}

static void on_done(void *arg, enum err result, const char *why)
{
    /* An error is told in words. */
    *(int *)arg = result == OK ? STORED : why != NULL && why[0] != '\0' ? TOLD : NOT_OPENED;
}

/* Opens it, remembers one hostname, closes it. */
static int remember(const char *entry)
{
    uv_loop_t loop;
    struct store *store;
    struct cause c;
    int result = NOT_OPENED;
    const struct store_options o = {.folder = folder, .loop = &loop, .lock = -1};

    uv_loop_init(&loop);
    if (store_open(&o, &store, &c) == OK) {
        struct state_batch *b = state_batch_new();
        const struct state_record r = {.entry = entry,
                                       .attempt_at = 2000,
                                       .attempt_open = true,
                                       .wait_end = 5000,
                                       .wait_length = 5 * MINUTE};
        state_batch_record(b, &r);
        store_state(store)->ops->commit(store_state(store), b, on_done, &result);
        uv_run(&loop, UV_RUN_DEFAULT);
        store_close(store);
    } else if (c.text[0] == '\0') {
        result = TOLD + NOT_OPENED; /* no word: seen below as a fault */
    }
    uv_run(&loop, UV_RUN_DEFAULT);
    uv_loop_close(&loop);
    return result;
}

static int status_of_child(unsigned long nth, int error, const char *entry)
{
    int status = -1;
    pid_t pid = fork();

    if (pid == 0) {
        medium_fails(nth, error);
        int result = remember(entry);
        _exit(result + (nth > medium_calls() ? NONE_FAILED : 0));
    }
    assert_true(pid > 0 && waitpid(pid, &status, 0) == pid);
    if (!WIFEXITED(status))
        fail_msg("call %lu: %s", nth, strsignal(WTERMSIG(status)));
    return WEXITSTATUS(status);
}

struct seen {
    bool former, latter;
    int events;
};

static void see(void *arg, const struct state_record *r)
{
    struct seen *s = arg;

    s->former = s->former || strcmp(r->entry, "former") == 0;
    s->latter = s->latter || strcmp(r->entry, "latter") == 0;
    assert_true(r->attempt_open && r->wait_length == 5 * MINUTE);
}

static const struct state_event happened[] = {
    {.at = 1000, .entry = "former", .family = V4, .kind = "attempt", .new_set = "192.0.2.1"},
    {.at = 2000, .entry = "former", .family = V4, .kind = "outcome", .cls = "good"},
};
enum { HAPPENED = sizeof happened / sizeof happened[0] };

static void see_event(void *arg, const struct state_event *e)
{
    struct seen *s = arg;
    const struct state_event *wanted = &happened[HAPPENED - ++s->events];

    assert_in_range(s->events, 1, HAPPENED);
    assert_int_equal(e->at, wanted->at);
    assert_string_equal(e->entry, wanted->entry);
    assert_string_equal(e->kind, wanted->kind);
}

/* The next start, with a good disk. */
static struct seen look(void)
{
    struct seen seen = {false, false, 0};
    const struct state_visitor v = {.arg = &seen, .record = see};
    uv_loop_t loop;
    struct store *store;
    struct cause c = {""};
    const struct store_options o = {.folder = folder, .loop = &loop, .lock = -1};

    uv_loop_init(&loop);
    if (store_open(&o, &store, &c) != OK)
        fail_msg("%s", c.text);
    assert_int_equal(store_state(store)->ops->load(store_state(store), &v, &c), OK);
    assert_int_equal(store_state(store)->ops->history(store_state(store), NULL, 0, SIZE_MAX,
                                                      see_event, &seen, &c),
                     OK);
    assert_false(store_was_lost(store));
    store_close(store);
    uv_run(&loop, UV_RUN_DEFAULT);
    uv_loop_close(&loop);
    return seen;
}

enum beginning { NO_MEMORY, MEMORY, FORMER_MEMORY };

static void prepare(enum beginning from)
{
    remove_all();
    if (from != NO_MEMORY)
        assert_int_equal(remember("former"), STORED);
    if (from == FORMER_MEMORY)
        former_make(folder, 2, happened, HAPPENED);
}

static void walk(enum beginning from)
{
    const char *wish = getenv("HOMING_TORTURE");
    unsigned long count, told = 0, tries = 0, step;

    prepare(from);
    medium_fails(0, 0);
    assert_int_equal(remember("latter"), STORED);
    count = medium_calls();
    assert_in_range(count, 4, CALLS_MOST);
    step = wish != NULL && strcmp(wish, "all") == 0 ? 1 : count / POINTS + 1;
    for (unsigned long nth = 1; nth <= count; nth += step) {
        prepare(from);
        int result = status_of_child(nth, nth % 2 != 0 ? ENOSPC : EIO, "latter") % NONE_FAILED;
        assert_in_range(result, STORED, NOT_OPENED);
        struct seen seen = look();
        assert_true(seen.former || from == NO_MEMORY);
        assert_int_equal(seen.events, from == FORMER_MEMORY ? HAPPENED : 0);
        assert_true(seen.latter || result != STORED);
        told += result != STORED;
        tries++;
    }
    printf("%lu calls failed, one a time; %lu of them were told\n", tries, told);
    assert_true(told > 0);
}

static void a_first_start(void **state)
{
    (void)state;
    walk(NO_MEMORY);
}

static void with_a_memory(void **state)
{
    (void)state;
    walk(MEMORY);
}

/* Whose first commit makes it one of today. */
static void with_a_former_memory(void **state)
{
    (void)state;
    walk(FORMER_MEMORY);
}

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) != NULL ? 0 : -1;
}

static int drop_folder(void **state)
{
    (void)state;
    remove_all();
    return rmdir(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_first_start),
        cmocka_unit_test(with_a_memory),
        cmocka_unit_test(with_a_former_memory),
    };
    return cmocka_run_group_tests(tests, make_folder, drop_folder);
}
