/*
 * SPDX-License-Identifier: ISC
 */
/* The writers of small files while each call that changes the disk fails in its turn: the file is
 * the former one or the new one, whole; who says that it was written has written it; nothing is
 * left beside it. */
#include <dirent.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/mem.h"
#include "command/cache.h"
#include "keeper/file.h"
#include "medium.h"
#include "web/access_file.h"

static char folder[] = "/tmp/homing-write-torture.XXXXXX", path[64];

static const char longer[] = "a longer line that goes over more than one\nand another\n";

static enum err write_file(const char *text, struct cause *c)
{
    return file_write(path, text, strlen(text), c);
}

static enum err write_access(const char *text, struct cause *c)
{
    return access_file_write(path, text, strlen(text), c);
}

/* Its own form; the text only tells two of them apart. */
static enum err write_cache(const char *text, struct cause *c)
{
    struct cache cache;

    cache_init(&cache);
    struct cache_entry *e = cache_entry(&cache, "home.example.org");
    e->touched = true;
    e->mtime = (msec)strlen(text) * SECOND;
    cache_set(&e->of[V4].status, "good");
    enum err result = cache_save(&cache, path, 1700000000000, true, c);
    cache_free(&cache);
    return result;
}

static char *content(void)
{
    struct buf text;
    struct cause c;

    buf_init(&text, 1 << 20);
    assert_int_equal(file_read(path, &text, &c), OK);
    return buf_take(&text);
}

static unsigned files_in_folder(void)
{
    DIR *dir = opendir(folder);
    unsigned n = 0;

    for (const struct dirent *d = readdir(dir); d != NULL; d = readdir(dir))
        n += d->d_name[0] != '.';
    closedir(dir);
    return n;
}

static void walk(enum err (*write_it)(const char *text, struct cause *c))
{
    struct cause c;
    unsigned told = 0, calls = 0;

    unlink(path);
    assert_int_equal(write_it(longer, &c), OK);
    char *new_text = content();
    for (unsigned long nth = 1;; nth++) {
        unlink(path);
        assert_int_equal(write_it("short\n", &c), OK);
        char *old_text = content();
        c.text[0] = '\0';
        medium_fails(nth, nth % 2 != 0 ? ENOSPC : EIO);
        enum err e = write_it(longer, &c);
        bool over = medium_calls() < nth;
        medium_fails(0, 0);
        char *text = content();
        bool changed = strcmp(text, new_text) == 0;
        assert_true(changed || strcmp(text, old_text) == 0);
        assert_true(changed || e != OK);
        assert_true(e == OK || c.text[0] != '\0');
        told += e != OK;
        mem_free(text);
        mem_free(old_text);
        if (over)
            break;
        calls++;
        /* What could not be removed just now may lie there until the next time. */
        assert_in_range(files_in_folder(), 1, 2);
        assert_int_equal(write_it(longer, &c), OK);
    }
    mem_free(new_text);
    printf("%u calls failed, one a time; %u of them were told\n", calls, told);
    assert_true(calls >= 4 && told >= 3);
}

static void the_keepers_files(void **state)
{
    (void)state;
    walk(write_file);
}

static void the_access_file(void **state)
{
    (void)state;
    walk(write_access);
}

static void the_cache(void **state)
{
    (void)state;
    walk(write_cache);
}

static int make_folder(void **state)
{
    (void)state;
    if (mkdtemp(folder) == NULL)
        return -1;
    snprintf(path, sizeof path, "%s/file", folder);
    return 0;
}

static int drop_folder(void **state)
{
    char command[128];

    (void)state;
    snprintf(command, sizeof command, "rm -r %s", folder);
    return system(command) == 0 ? 0 : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_keepers_files),
        cmocka_unit_test(the_access_file),
        cmocka_unit_test(the_cache),
    };
    return cmocka_run_group_tests(tests, make_folder, drop_folder);
}
