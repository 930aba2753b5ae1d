/*
 * SPDX-License-Identifier: ISC
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/log.h"

struct heard {
    unsigned lines;
    enum log_level level;
    char about[64], text[256];
    uint64_t exchange;
};

static void hear(void *arg, const struct log_line *line)
{
    struct heard *h = arg;

    h->lines++;
    h->level = line->level;
    h->exchange = line->exchange;
    snprintf(h->about, sizeof h->about, "%s", line->about != NULL ? line->about : "-");
    snprintf(h->text, sizeof h->text, "%s", line->text);
}

/* Every sink gets what it asked for and nothing below, until it is removed. */
static void sinks_and_levels(void **state)
{
    struct heard little = {0}, much = {0};
    (void)state;
    log_error("nobody", "hears this");
    int a = log_add_sink(hear, &little, LOG_LEVEL_WARNING);
    int b = log_add_sink(hear, &much, LOG_LEVEL_DEBUG);
    log_error(NULL, "%s %d", "one", 1);
    assert_int_equal(little.lines, 1);
    assert_string_equal(little.text, "one 1");
    assert_string_equal(little.about, "-");
    log_warning("host", "two");
    log_exchange(77);
    log_notice("host", "three");
    log_exchange(0);
    assert_int_equal(much.exchange, 77);
    log_info("host", "four");
    log_debug("host", "five");
    assert_int_equal(little.lines, 2);
    assert_int_equal(much.lines, 5);
    assert_int_equal(much.exchange, 0);
    log_remove_sink(a);
    log_remove_sink(-1);
    log_remove_sink(LOG_SINKS_MAX);
    log_error("host", "six");
    assert_int_equal(little.lines, 2);
    assert_int_equal(much.lines, 6);
    log_remove_sink(b);
}

static void a_bound_of_sinks(void **state)
{
    struct heard h = {0};
    int handles[LOG_SINKS_MAX];
    (void)state;
    for (int i = 0; i < LOG_SINKS_MAX; i++)
        assert_true((handles[i] = log_add_sink(hear, &h, LOG_LEVEL_ERROR)) >= 0);
    assert_int_equal(log_add_sink(hear, &h, LOG_LEVEL_ERROR), -1);
    log_error(NULL, "all");
    assert_int_equal(h.lines, LOG_SINKS_MAX);
    for (int i = 0; i < LOG_SINKS_MAX; i++)
        log_remove_sink(handles[i]);
}

static void level_names(void **state)
{
    (void)state;
    assert_string_equal(log_level_name(LOG_LEVEL_ERROR), "error");
    assert_string_equal(log_level_name(LOG_LEVEL_DEBUG), "debug");
    assert_string_equal(log_level_name((enum log_level)99), "unknown");
}

/* No peer can forge a line, end one, or speak to the terminal. */
static void lines_of_a_file(void **state)
{
    static const struct {
        const char *about, *text, *line;
    } rows[] = {
        {"host", "said \"good\"", "notice: host: said \"good\"\n"},
        {NULL, "about nobody", "notice: about nobody\n"},
        {"a\nb", "x\r\ny\x1b[2J\x7f", "notice: a\\x0ab: x\\x0d\\x0ay\\x1b[2J\\x7f\n"},
        {"caf\xc3\xa9.example", "\xe2\x82\xac", "notice: caf\xc3\xa9.example: \xe2\x82\xac\n"},
        {"host", "", "notice: host: \n"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char *text = NULL;
        size_t n = 0;
        FILE *f = open_memstream(&text, &n);
        int handle = log_add_sink(log_to_file, f, LOG_LEVEL_NOTICE);
        log_notice(rows[i].about, "%s", rows[i].text);
        log_remove_sink(handle);
        fclose(f);
        assert_string_equal(text, rows[i].line);
        free(text);
    }
}

/* A sink that keeps lines back while it may. */
struct keeper {
    unsigned kept, written;
};

static void keep(void *arg, const struct log_line *line)
{
    struct keeper *k = arg;

    (void)line;
    *(log_gathering() ? &k->kept : &k->written) += 1;
}

static void write_kept(void *arg)
{
    struct keeper *k = arg;

    k->written += k->kept;
    k->kept = 0;
}

static void *write_a_line(void *arg)
{
    (void)arg;
    log_notice("other", "thread");
    log_flush();
    return NULL;
}

static void check_kept(const struct keeper *k, unsigned kept, unsigned written)
{
    assert_int_equal(k->kept, kept);
    assert_int_equal(k->written, written);
}

static void gathered_lines(void **state)
{
    struct keeper k = {0};
    pthread_t thread;
    (void)state;

    int sink = log_add_sink(keep, &k, LOG_LEVEL_NOTICE);
    log_may_keep(sink, write_kept);
    log_notice("host", "at once");
    check_kept(&k, 0, 1);
    log_gather();
    log_notice("host", "kept");
    log_gather();
    log_warning("host", "kept");
    log_release(); /* not the last */
    check_kept(&k, 2, 1);
    pthread_create(&thread, NULL, write_a_line, NULL);
    pthread_join(thread, NULL);
    check_kept(&k, 2, 2);
    log_flush();
    check_kept(&k, 0, 4);
    log_notice("host", "kept again");
    log_error("host", "takes it along");
    check_kept(&k, 0, 6);
    log_notice("host", "kept");
    log_release();
    check_kept(&k, 0, 7);
    log_gather();
    log_notice("host", "kept");
    log_remove_sink(sink);
    check_kept(&k, 0, 8);
    log_release();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sinks_and_levels), cmocka_unit_test(a_bound_of_sinks),
        cmocka_unit_test(gathered_lines), cmocka_unit_test(level_names),
        cmocka_unit_test(lines_of_a_file)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
