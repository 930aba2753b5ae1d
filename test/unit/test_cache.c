/*
 * SPDX-License-Identifier: ISC
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "command/cache.h"

struct reading {
    const char *line;
    const char *written; /* the entry's line as it is written again, under a 4.x stamp */
};

/* ddclient-language.md, 5.2 to 5.4: one entry a line of the file. */
static void entries(void **state)
{
    (void)state;
    static const struct reading table[] = {
        {"atime=1,ipv4=192.0.2.8,status-ipv4=good h", "atime=1,ipv4=192.0.2.8,status-ipv4=good h"},
        {"host=h,atime=1,mtime=2 h", "atime=1,mtime=2 h"},
        {"h", "h"},
        {"wtime=abc h", "h"},
        {"wtime=30 h", "h"},
        {"wtime=1795398282 h", "wtime=1795398282 h"},
        {"ipv4=,status-ipv4= h", "h"},
        {"ipv4=2001:db8::1 h", "h"},
        {"ipv4=010.000.002.001 h", "ipv4=10.0.2.1 h"},
        {"ipv6=2001:DB8:0:0::0001 h", "ipv6=2001:db8::1 h"},
        {"ip=192.0.2.8,status=good h", "ipv4=192.0.2.8,status-ipv4=good h"},
        {"ip=2001:db8::8,status=nochg h", "ipv6=2001:db8::8,status-ipv6=good h"},
        {"ipv4=192.0.2.8,status-ipv4=nochg h", "ipv4=192.0.2.8,status-ipv4=nochg h"},
        {"ip=192.0.2.9,ipv4=192.0.2.8,status=badauth,status-ipv4=good h",
         "ipv4=192.0.2.8,status-ipv4=good h"},
        {"atime=0,ip=,mtime=0,status=,wtime=30 h", "h"},
        {"atime=1795398282,backupmx=0,custom=0,host=h,ip=192.0.2.8,ipv4=192.0.2.8,mtime=1795398282,"
         "mx=,script=/nic/update,static=0,status=good,status-ipv4=good,status-ipv6=noconnect,"
         "warned-min-error-interval=0,warned-min-interval=0,wildcard=0,wtime=0 h",
         "atime=1795398282,backupmx=0,ipv4=192.0.2.8,mtime=1795398282,static=0,status-ipv4=good,"
         "status-ipv6=noconnect,wildcard=0 h"},
        {"ip=192.0.2.8,mtime=2,status=good,status-ipv4=noconnect,status-ipv6=noconnect h",
         "ipv4=192.0.2.8,mtime=2,status-ipv4=good,status-ipv6=noconnect h"},
        {"ip=192.0.2.8,status=badauth,status-ipv4=noconnect,status-ipv6=noconnect h",
         "ipv4=192.0.2.8,status-ipv4=badauth,status-ipv6=noconnect h"},
        {"status-ipv4='no, not now' h", "status-ipv4=\"no, not now\" h"},
        {"status-ipv4=good,,unknown=3 h trailing words", "status-ipv4=good h"},
    };

    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct cache c;
        struct buf out;
        char *text = mem_format("## ddclient-4.0.0\n## last updated\n%s\n", table[i].line);
        char *wanted = mem_format("%s\n", table[i].written);
        cache_init(&c);
        buf_init(&out, CACHE_FILE_MAX);
        assert_int_equal(cache_parse(&c, text, strlen(text), NULL), OK);
        cache_text(&c, 1000, &out);
        const char *entry = strchr(strchr(buf_str(&out), '\n') + 1, '\n') + 1;
        assert_string_equal(entry, wanted);
        mem_free(text);
        mem_free(wanted);
        buf_free(&out);
        cache_free(&c);
    }
}

static void stamps(void **state)
{
    (void)state;
    static const struct {
        const char *line;
        enum err result;
    } table[] = {
        {"## ddclient-4.0.1-rc.2", OK},
        {"## ddclient-3.8.2  ", OK},
        {"## foo-1", OK},
        {"", ERR_SYNTAX},
        {"## ddclient", ERR_SYNTAX},
        {"# ddclient-4", ERR_SYNTAX},
        {"## a b-4", ERR_SYNTAX},
        {"atime=1 h", ERR_SYNTAX},
        {"##  ddclient-4", ERR_SYNTAX},
    };

    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct cache c;
        char *text = mem_format("%s\natime=1 h\n", table[i].line);
        cache_init(&c);
        assert_int_equal(cache_parse(&c, text, strlen(text), NULL), table[i].result);
        assert_int_equal(c.count, table[i].result == OK ? 1 : 0);
        mem_free(text);
        cache_free(&c);
    }
    struct cache c;
    cache_init(&c);
    assert_int_equal(cache_parse(&c, "", 0, NULL), OK);
    cache_free(&c);
}

/* A file of 3.x goes back to 3.x: its stamp stays, "ip" and "status" are there, and what it
 * compares for the dyndns family. */
static void old_form_is_kept(void **state)
{
    (void)state;
    static const char text[] = "## ddclient-3.11.2\nip=192.0.2.8,mtime=7,status=good h\n"
                               "backupmx=0,ip=192.0.2.8,mx=,static=0,status=good,wildcard=0 i\n"
                               "backupmx=0,ip=192.0.2.8,status=good,wildcard=0 j\n";
    struct cache c;
    struct buf out;

    cache_init(&c);
    buf_init(&out, CACHE_FILE_MAX);
    assert_int_equal(cache_parse(&c, text, strlen(text), NULL), OK);
    cache_text(&c, 1000, &out);
    assert_true(strncmp(buf_str(&out), "## ddclient-3.11.2\n", 19) == 0);
    assert_non_null(strstr(buf_str(&out),
                           "ipv4=192.0.2.8,mtime=7,status-ipv4=good,ip=192.0.2.8,status=good h\n"));
    for (const char *host = "ij"; *host != '\0'; host++) {
        char *line = mem_format(
            "mx=,static=0,status-ipv4=good,wildcard=0,ip=192.0.2.8,status=good %c\n", *host);
        assert_non_null(strstr(buf_str(&out), line));
        mem_free(line);
    }
    buf_free(&out);
    cache_free(&c);
}

static void dates(void **state)
{
    (void)state;
    char out[CACHE_DATE_MAX];

    setenv("TZ", "UTC", 1);
    assert_string_equal(cache_date(1795398049, out), "Mon Nov 23 01:40:49 2026");
    assert_string_equal(cache_date(1793966400, out), "Fri Nov  6 12:00:00 2026");
    assert_string_equal(cache_date(0, out), "<never>");
}

/* Storing keeps what another process stored meanwhile, and hosts that nobody asked about. */
static void two_writers(void **state)
{
    (void)state;
    char folder[] = "/tmp/test_cache.XXXXXX";
    assert_non_null(mkdtemp(folder));
    char *path = mem_format("%s/deep/er/x.cache", folder);
    struct cache one, two, end;
    struct cause cause;

    cache_init(&one);
    cache_init(&two);
    cache_init(&end);
    assert_int_equal(cache_load(&one, path, &cause), OK);
    assert_int_equal(cache_save(&one, path, 1000, true, &cause), OK); /* nothing touched: no file */
    assert_int_equal(access(path, F_OK), -1);
    cache_entry(&one, "a")->mtime = 5;
    cache_entry(&one, "a")->touched = true;
    cache_set(&cache_entry(&one, "a")->settings, "0123");
    cache_entry(&one, "a")->failures = 3;
    cache_entry(&two, "b")->mtime = 6;
    cache_entry(&two, "b")->touched = true;
    cache_entry(&two, "a")->mtime = 1; /* read earlier, not touched */
    assert_int_equal(cache_save(&one, path, 1000, true, &cause), OK);
    assert_int_equal(cache_save(&two, path, 1000, true, &cause), OK);
    assert_int_equal(cache_load(&end, path, &cause), OK);
    assert_int_equal(end.count, 2);
    assert_int_equal(cache_find(&end, "a")->mtime, 5);
    assert_string_equal(cache_find(&end, "a")->settings, "0123");
    assert_int_equal(cache_find(&end, "a")->failures, 3);
    assert_int_equal(cache_find(&end, "b")->mtime, 6);
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    unlink(path);
    char *deep = mem_format("%s/deep/er", folder);
    rmdir(deep);
    *strrchr(deep, '/') = '\0';
    rmdir(deep);
    rmdir(folder);
    mem_free(deep);
    mem_free(path);
    cache_free(&one);
    cache_free(&two);
    cache_free(&end);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(entries),          cmocka_unit_test(stamps),
        cmocka_unit_test(old_form_is_kept), cmocka_unit_test(dates),
        cmocka_unit_test(two_writers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
