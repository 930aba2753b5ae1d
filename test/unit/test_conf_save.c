/*
 * SPDX-License-Identifier: ISC
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "conf/save.h"

static char folder[64], path[128], versions[128];
static struct conf_options options = {.name = "homing.conf"};
static struct save_place place = {path, versions, &options};

static int make_folder(void **state)
{
    snprintf(folder, sizeof folder, "/tmp/homing-save.XXXXXX");
    if (mkdtemp(folder) == NULL)
        return -1;
    snprintf(path, sizeof path, "%s/homing.conf", folder);
    snprintf(versions, sizeof versions, "%s/versions", folder);
    return 0;
}

static void empty(const char *name)
{
    DIR *d = opendir(name);
    struct dirent *e;
    while (d != NULL && (e = readdir(d)) != NULL)
        if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
            unlinkat(dirfd(d), e->d_name, 0);
    if (d != NULL)
        closedir(d);
}

static int drop_folder(void **state)
{
    empty(versions);
    rmdir(versions);
    empty(folder);
    return rmdir(folder);
}

static void write_text(const char *text)
{
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    fputs(text, f);
    assert_int_equal(fclose(f), 0);
}

static void assert_text(const char *text)
{
    struct buf b;
    struct cause cause;
    buf_init(&b, 1 << 20);
    assert_int_equal(save_read(path, &b, NULL, &cause), OK);
    assert_string_equal(buf_str(&b), text);
    buf_free(&b);
}

static size_t count_files(const char *name)
{
    DIR *d = opendir(name);
    size_t n = 0;
    while (d != NULL && readdir(d) != NULL)
        n++;
    if (d != NULL)
        closedir(d);
    return n > 2 ? n - 2 : 0;
}

static enum err set(const char *expected, const char *name, const char *value, char *version,
                    struct edit_answer *answer)
{
    struct edit_setting s = {name, value};
    struct edit e = {
        .what = EDIT_SET, .target = "a.org", .settings = &s, .count = 1, .owner = true};
    struct cause cause;
    return save_edit(&place, expected, &e, version, answer, &cause);
}

static void writes_and_takes_back(void **state)
{
    struct edit_answer answer;
    struct stat st;
    char version[SAVE_VERSION_MAX];
    struct cause cause;
    char text[64];

    write_text("ttl=0 a.org\n");
    chmod(path, 0644);
    for (int i = 1; i <= 15; i++) {
        snprintf(text, sizeof text, "%d", i);
        assert_int_equal(set(NULL, "ttl", text, version, &answer), OK);
    }
    assert_text("ttl=15 a.org\n");
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(count_files(folder), 2); /* no temporary file stays */
    assert_int_equal(count_files(versions), SAVE_KEPT);
    for (int i = 14; i >= 5; i--) {
        assert_int_equal(save_undo(&place, false, version, &cause), OK);
        snprintf(text, sizeof text, "ttl=%d a.org\n", i);
        assert_text(text);
    }
    assert_int_equal(save_undo(&place, false, version, &cause), ERR_NOT_FOUND);
}

static void loses_no_hand_edit(void **state)
{
    struct edit_answer answer;
    struct cause cause;

    write_text("ttl=1 a.org\n");
    assert_int_equal(set(NULL, "ttl", "2", NULL, &answer), OK);
    write_text("ttl=2 a.org\nb.org\n");
    assert_int_equal(save_undo(&place, false, NULL, &cause), ERR_CONFLICT);
    assert_text("ttl=2 a.org\nb.org\n");
    assert_int_equal(save_undo(&place, true, NULL, &cause), OK);
    assert_text("ttl=1 a.org\n");
}

static void tells_two_editors_apart(void **state)
{
    struct edit_answer answer;
    char first[SAVE_VERSION_MAX], second[SAVE_VERSION_MAX];
    struct buf b;
    struct cause cause;

    write_text("ttl=1, description=x a.org\n");
    buf_init(&b, 1 << 20);
    assert_int_equal(save_read(path, &b, first, &cause), OK);
    buf_free(&b);
    assert_int_equal(set(first, "ttl", "2", second, &answer), OK);
    assert_int_equal(set(first, "description", "y", NULL, &answer), ERR_CONFLICT);
    assert_true(answer.stale);
    assert_text("ttl=2, description=x a.org\n");
    assert_int_equal(set(second, "description", "y", NULL, &answer), OK);
    assert_text("ttl=2, description=y a.org\n");
}

/* Four processes add hostnames at once, and all of them are there afterwards. */
static void loses_no_line(void **state)
{
    enum { WRITERS = 4, EACH = 10 };
    pid_t child[WRITERS];
    char name[32];

    write_text("# head\n");
    for (int w = 0; w < WRITERS; w++) {
        child[w] = fork();
        if (child[w] == 0) {
            int failures = 0;
            for (int i = 0; i < EACH; i++) {
                struct edit_setting s = {"provider", "duckdns"};
                struct edit_answer answer;
                struct cause cause;
                snprintf(name, sizeof name, "h%d-%d.org", w, i);
                struct edit e = {
                    .what = EDIT_ADD, .target = name, .settings = &s, .count = 1, .owner = true};
                if (save_edit(&place, NULL, &e, NULL, &answer, &cause) != OK)
                    failures++;
            }
            _exit(failures);
        }
    }
    for (int w = 0; w < WRITERS; w++) {
        int status;
        waitpid(child[w], &status, 0);
        assert_int_equal(status, 0);
    }
    struct buf b;
    struct cause cause;
    buf_init(&b, 1 << 20);
    assert_int_equal(save_read(path, &b, NULL, &cause), OK);
    struct conf *c = conf_parse(buf_str(&b), b.len, &options);
    assert_int_equal(conf_entry_count(c), WRITERS * EACH);
    assert_int_equal(strncmp(buf_str(&b), "# head\n", 7), 0);
    conf_unref(c);
    buf_free(&b);
}

static void follows_links_and_fails_whole(void **state)
{
    struct edit_answer answer;
    struct stat st;
    char target[160];

    snprintf(target, sizeof target, "%s/real.conf", folder);
    write_text("ttl=1 a.org\n");
    assert_int_equal(rename(path, target), 0);
    assert_int_equal(symlink(target, path), 0);
    assert_int_equal(set(NULL, "ttl", "2", NULL, &answer), OK);
    assert_int_equal(lstat(path, &st), 0);
    assert_true(S_ISLNK(st.st_mode));
    assert_text("ttl=2 a.org\n");
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rename(target, path), 0);

    /* No place for the former version: nothing is written. */
    struct save_place bad = {path, "/dev/null/versions", &options};
    struct edit_setting s = {"ttl", "3"};
    struct edit e = {.what = EDIT_SET, .target = "a.org", .settings = &s, .count = 1};
    struct cause cause;
    assert_int_not_equal(save_edit(&bad, NULL, &e, NULL, &answer, &cause), OK);
    assert_text("ttl=2 a.org\n");
}

static void begins_with_nothing(void **state)
{
    struct edit_setting s = {"provider", "duckdns"};
    struct edit e = {.what = EDIT_ADD, .target = "a.org", .settings = &s, .count = 1};
    struct edit_answer answer;
    struct cause cause;
    struct stat st;

    assert_int_equal(save_edit(&place, NULL, &e, NULL, &answer, &cause), OK);
    assert_text("provider=duckdns, inherit=no a.org\n");
    assert_string_equal(answer.entry, "a.org@duckdns");
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
}

static void writes_whole_texts(void **state)
{
    char version[SAVE_VERSION_MAX], other[SAVE_VERSION_MAX];
    struct cause cause;

    assert_int_equal(save_write(&place, NULL, "a.org\n", 6, version, &cause), OK);
    assert_text("a.org\n");
    assert_int_equal(save_write(&place, version, "b.org\n", 6, other, &cause), OK);
    assert_int_equal(save_write(&place, version, "c.org\n", 6, other, &cause), ERR_CONFLICT);
    assert_text("b.org\n");
    assert_int_equal(save_undo(&place, false, NULL, &cause), OK);
    assert_text("a.org\n");

    struct save_place plain = {path, NULL, &options};
    assert_int_equal(save_write(&plain, NULL, "d.org\n", 6, NULL, &cause), OK);
    assert_text("d.org\n");
    assert_int_equal(save_undo(&plain, false, NULL, &cause), ERR_NOT_FOUND);
}

/* A medium that is full in the middle of a write: the old text stays, nothing is left behind. */
static void survives_a_full_medium(void **state)
{
    struct rlimit limit = {.rlim_cur = 10, .rlim_max = RLIM_INFINITY}, former;
    struct save_place plain = {path, NULL, &options};
    struct edit_answer answer;
    struct cause cause;
    struct edit_setting s = {"description", "longer than ten bytes"};
    struct edit e = {.what = EDIT_SET, .target = "a.org", .settings = &s, .count = 1};

    write_text("ttl=1 a.org\n");
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &former);
    setrlimit(RLIMIT_FSIZE, &limit);
    enum err plainly = save_edit(&plain, NULL, &e, NULL, &answer, &cause);
    enum err kept = save_edit(&place, NULL, &e, NULL, &answer, &cause);
    setrlimit(RLIMIT_FSIZE, &former);
    assert_int_not_equal(plainly, OK);
    assert_int_not_equal(kept, OK);
    assert_text("ttl=1 a.org\n");
    assert_int_equal(count_files(folder), 2); /* the file and the empty folder of versions */
    assert_int_equal(count_files(versions), 0);
}

static void tells_what_can_not_be_read(void **state)
{
    struct buf b;
    struct cause cause;
    struct edit_answer answer;
    struct edit e = {.what = EDIT_REMOVE, .target = "a.org"};
    struct save_place nowhere = {"/nonexistent/homing.conf", NULL, &options};

    buf_init(&b, 100);
    assert_int_equal(save_read(path, &b, NULL, &cause), ERR_NOT_FOUND);
    assert_int_not_equal(save_read(folder, &b, NULL, &cause), OK);
    assert_int_equal(save_edit(&nowhere, NULL, &e, NULL, &answer, &cause), ERR_NOT_FOUND);
    buf_free(&b);
    buf_init(&b, 3);
    write_text("ttl=1 a.org\n");
    assert_int_equal(save_read(path, &b, NULL, &cause), ERR_TOO_BIG);
    buf_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(writes_and_takes_back, make_folder, drop_folder),
        cmocka_unit_test_setup_teardown(loses_no_hand_edit, make_folder, drop_folder),
        cmocka_unit_test_setup_teardown(tells_two_editors_apart, make_folder, drop_folder),
        cmocka_unit_test_setup_teardown(loses_no_line, make_folder, drop_folder),
        cmocka_unit_test_setup_teardown(follows_links_and_fails_whole, make_folder, drop_folder),
        cmocka_unit_test_setup_teardown(begins_with_nothing, make_folder, drop_folder),
        cmocka_unit_test_setup_teardown(writes_whole_texts, make_folder, drop_folder),
        cmocka_unit_test_setup_teardown(survives_a_full_medium, make_folder, drop_folder),
        cmocka_unit_test_setup_teardown(tells_what_can_not_be_read, make_folder, drop_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
