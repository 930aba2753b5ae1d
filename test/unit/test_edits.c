/*
 * SPDX-License-Identifier: ISC
 */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "conf/save.h"
#include "keeper/channel.h"
#include "keeper/edits.h"
#include "keeper/file.h"

static const char before[] =
    "# mine\nprotocol=dyndns2\nserver=s.example\nlogin=a\npassword=s3cret\n"
    "usev4=cmdv4, cmdv4=/usr/local/bin/address\nmax-interval=30d home.example.org\n";

static char folder[64], path[96], versions[96];

static int enter(void **state)
{
    struct cause c;
    snprintf(folder, sizeof folder, "/tmp/homing-test-edits-XXXXXX");
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/homing.conf", folder);
    snprintf(versions, sizeof versions, "%s/versions", folder);
    assert_int_equal(file_write(path, before, strlen(before), &c), OK);
    return 0;
}

static void remove_folder(const char *name)
{
    DIR *dir = opendir(name);

    for (struct dirent *d = dir != NULL ? readdir(dir) : NULL; d != NULL; d = readdir(dir))
        if (d->d_name[0] != '.')
            unlinkat(dirfd(dir), d->d_name, 0);
    if (dir != NULL)
        closedir(dir);
    rmdir(name);
}

static int leave(void **state)
{
    remove_folder(versions);
    remove_folder(folder);
    return 0;
}

static const char *content(void)
{
    static struct buf b;
    struct cause c;
    buf_free(&b);
    buf_init(&b, 100000);
    assert_int_equal(file_read(path, &b, &c), OK);
    return buf_str(&b);
}

static enum err ask(uint32_t what, uint32_t of, const char *target, const char *version,
                    const char *const *changes, struct message *answer)
{
    size_t n = 0;
    while (changes != NULL && changes[n] != NULL)
        n++;
    const struct message m = {.type = MESSAGE_EDIT,
                              .id = 5,
                              .of.edit = {.what = what,
                                          .of = of,
                                          .share = EDIT_ONE,
                                          .target = target,
                                          .version = version,
                                          .changes = {(const char **)(uintptr_t)changes, n}}};
    bool changed = edits_apply(path, versions, &m, NULL, answer);
    assert_int_equal(answer->type, MESSAGE_EDITED);
    assert_int_equal(answer->id, 5);
    assert_true(changed == (answer->of.edited.error == OK));
    assert_null(strstr(answer->of.edited.why, "s3cret"));
    return (enum err)answer->of.edited.error;
}

static void edits(void **state)
{
    static const char *const sets[] = {"ttl", "=300", "max-interval", "-", NULL};
    struct message a;
    char first[SAVE_VERSION_MAX];

    assert_int_equal(ask(EDIT_SET, EDIT_HOSTNAME, "home.example.org", "", sets, &a), OK);
    assert_non_null(strstr(content(), "ttl=300"));
    assert_null(strstr(content(), "max-interval"));
    assert_non_null(strstr(content(), "# mine\n"));
    snprintf(first, sizeof first, "%s", a.of.edited.version);
    save_version(content(), strlen(content()), first);
    assert_string_equal(a.of.edited.version, first);

    /* Whoever saw an older file is told, and nothing happens. */
    assert_int_equal(ask(EDIT_REMOVE, EDIT_HOSTNAME, "home.example.org", "0123", NULL, &a),
                     ERR_CONFLICT);
    assert_true(a.of.edited.stale);
    assert_int_equal(ask(EDIT_REMOVE, EDIT_HOSTNAME, "home.example.org", first, NULL, &a), OK);
    assert_null(strstr(content(), "home.example.org"));
    assert_int_equal(ask(MESSAGE_EDIT_UNDO, 0, "", "", NULL, &a), OK);
    assert_non_null(strstr(content(), "home.example.org"));
}

/* A request for nothing emptied the file once. */
static void nothing_asked_changes_nothing(void **state)
{
    static const struct {
        uint32_t what, of;
        const char *target;
        enum err e;
    } cases[] = {
        {EDIT_SET, EDIT_HOSTNAME, "home.example.org", OK},
        {EDIT_SET, EDIT_HOSTNAME, "nowhere.example.org", ERR_NOT_FOUND},
        {EDIT_SET, EDIT_GLOBALS, "", OK},
        {EDIT_UNSET, EDIT_HOSTNAME, "home.example.org", OK},
        {EDIT_UNSET, EDIT_GLOBALS, "", OK},
    };
    static const char *const each[] = {"@", "home.example.org", NULL};
    struct message a;
    (void)state;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(ask(cases[i].what, cases[i].of, cases[i].target, "", NULL, &a),
                         cases[i].e);
        assert_string_equal(content(), before);
    }
    assert_int_equal(ask(EDIT_SET, EDIT_HOSTNAME, "", "", each, &a), OK);
    assert_string_equal(content(), before);
}

static void what_names_commands_and_files_is_refused(void **state)
{
    static const struct {
        uint32_t what, of;
        const char *target, *changes[5];
    } cases[] = {
        {EDIT_SET, EDIT_HOSTNAME, "home.example.org", {"cmdv4", "=id"}},
        {EDIT_SET, EDIT_HOSTNAME, "home.example.org", {"postscript", "=id"}},
        {EDIT_SET, EDIT_HOSTNAME, "home.example.org", {"ttl", "=60", "postscript", "=id"}},
        {EDIT_SET, EDIT_HOSTNAME, "home.example.org", {"ssl_ca_file", "=/etc/shadow"}},
        {EDIT_SET, EDIT_HOSTNAME, "home.example.org", {"password_file", "=/etc/shadow"}},
        {EDIT_SET, EDIT_HOSTNAME, "home.example.org", {"cmdv4", "-"}},
        {EDIT_SET, EDIT_GLOBALS, "", {"cmdv4", "=id"}},
        {EDIT_SET, EDIT_GLOBALS, "", {"state-dir", "=/tmp"}},
        {EDIT_ADD, EDIT_HOSTNAME, "new.example.org", {"usev4", "=cmdv4", "cmdv4", "=id"}},
        {EDIT_ADD, EDIT_HOSTNAME, "new.example.org", {"login", "=x\npostscript=id"}},
        {EDIT_ADD, EDIT_HOSTNAME, "new.example.org\npostscript=id x", {"login", "=x"}},
        {MESSAGE_EDIT_MANY, 0, "", {"+", "new.example.org", "postscript", "=id"}},
        {MESSAGE_EDIT_MANY, 0, "", {"+", "new.example.org", "password_file", "=/etc/shadow"}},
        {MESSAGE_EDIT_MANY, 0, "", {"+", "new.example.org", "account", "=mine"}},
        {MESSAGE_EDIT_MANY, 0, "", {"cmdv4", "=id", "+", "new.example.org"}},
        {MESSAGE_EDIT_MANY, 0, "", {"server", "=evil.example", "+", "new.example.org"}},
        {MESSAGE_EDIT_MANY, 0, "", {"+", "new.example.org\nx=y a", "login", "=x"}},
    };
    struct message a;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        enum err e = ask(cases[i].what, cases[i].of, cases[i].target, "", cases[i].changes, &a);
        if (e == OK || strcmp(content(), before) != 0)
            fail_msg("case %zu: %s, now:\n%s", i, err_name(e), content());
    }
}

/* All of them in one version of the file, or none. */
static void many_at_once(void **state)
{
    static const char *const good[] = {
        "daemon",   "=10m", "+", "a.example.org", "protocol", "=dyndns2",       "login",    "=x",
        "password", "=p q", "+", "b.example.org", "server",   "=s.example.net", "password", "=r",
        NULL};
    static const char *const there[] = {
        "+",      "c.example.org",  "login",    "=x", "password", "=p", "+", "b.example.org",
        "server", "=s.example.net", "password", "=r", NULL};
    struct message a;
    char text[2048];

    assert_int_equal(ask(MESSAGE_EDIT_MANY, 0, "", "", good, &a), OK);
    assert_non_null(strstr(content(), "max-interval=30d home.example.org\n"));
    assert_non_null(strstr(content(), "daemon=10m"));
    assert_non_null(strstr(content(), "password=\"p q\", inherit=no a.example.org\n"));
    assert_non_null(strstr(content(), "password=r inherit=no b.example.org\n"));
    snprintf(text, sizeof text, "%s", content());
    assert_int_equal(ask(MESSAGE_EDIT_MANY, 0, "", "", there, &a), ERR_EXISTS);
    assert_string_equal(content(), text);
    assert_int_equal(ask(MESSAGE_EDIT_MANY, 0, "", "0123", good, &a), ERR_CONFLICT);
    assert_true(a.of.edited.stale);
    assert_int_equal(ask(MESSAGE_EDIT_UNDO, 0, "", "", NULL, &a), OK);
    assert_string_equal(content(), before);
}

/* The same change of several entries in one version of the file, or of none. */
static void each_of_several(void **state)
{
    static const char *const three[] = {
        "+", "a.example.org", "server", "=s.example.net", "password", "=p",
        "+", "b.example.org", "server", "=s.example.net", "password", "=p",
        NULL};
    static const char *const both[] = {"@", "a.example.org", "@", "b.example.org", NULL};
    static const char *const sets[] = {"password",      "=n", "@", "a.example.org", "@",
                                       "b.example.org", NULL};
    static const char *const evil[] = {"postscript", "=id",           "@", "a.example.org",
                                       "@",          "b.example.org", NULL};
    static const char *const nobody[] = {"@", "a.example.org", "@", "c.example.org", NULL};
    struct message a;
    char text[2048];

    assert_int_equal(ask(MESSAGE_EDIT_MANY, 0, "", "", three, &a), OK);
    snprintf(text, sizeof text, "%s", content());
    assert_int_equal(ask(EDIT_SET, EDIT_HOSTNAME, "", "", evil, &a), ERR_DENIED);
    assert_int_equal(ask(EDIT_REMOVE, EDIT_HOSTNAME, "", "", nobody, &a), ERR_NOT_FOUND);
    assert_string_equal(a.of.edited.entry, "c.example.org");
    assert_string_equal(content(), text);
    assert_int_equal(ask(EDIT_SET, EDIT_HOSTNAME, "", "", sets, &a), OK);
    assert_non_null(strstr(content(), "password=n inherit=no a.example.org\n"));
    assert_non_null(strstr(content(), "password=n inherit=no b.example.org\n"));
    assert_int_equal(ask(EDIT_REMOVE, EDIT_HOSTNAME, "", "", both, &a), OK);
    assert_string_equal(content(), before);
    assert_int_equal(ask(MESSAGE_EDIT_UNDO, 0, "", "", NULL, &a), OK);
    assert_int_equal(ask(MESSAGE_EDIT_UNDO, 0, "", "", NULL, &a), OK);
    assert_string_equal(content(), text);
}

static void a_missing_file_is_made(void **state)
{
    static const char *const sets[] = {"protocol", "=dyndns2", "login", "=a", "password",
                                       "=q",       "usev4",    "=auto", NULL};
    struct message a;
    struct stat st;

    unlink(path);
    assert_int_equal(ask(EDIT_ADD, EDIT_HOSTNAME, "new.example.org", "", sets, &a), OK);
    assert_non_null(strstr(content(), "new.example.org"));
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(edits, enter, leave),
        cmocka_unit_test_setup_teardown(nothing_asked_changes_nothing, enter, leave),
        cmocka_unit_test_setup_teardown(what_names_commands_and_files_is_refused, enter, leave),
        cmocka_unit_test_setup_teardown(many_at_once, enter, leave),
        cmocka_unit_test_setup_teardown(each_of_several, enter, leave),
        cmocka_unit_test_setup_teardown(a_missing_file_is_made, enter, leave),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
