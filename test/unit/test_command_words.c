/*
 * SPDX-License-Identifier: ISC
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "command/ddclient_words.h"

/* ddclient-language.md, 4.1: what the words mean, or the message. */
struct reading {
    const char *argv[8];
    const char *name, *value; /* of one option that must be there; NULL name: none at all */
    const char *message;      /* NULL: the words are accepted */
    size_t stray;
};

static void readings(void **state)
{
    (void)state;
    static const struct reading table[] = {
        {{"-daemon=0", "-syslog", "-quiet", "-force"}, "daemon", "0", NULL, 0},
        {{"-daemon=0", "-syslog", "-quiet", "-force"}, "syslog", "yes", NULL, 0},
        {{"--daemon", "5m", "--foreground"}, "daemon", "5m", NULL, 0},
        {{"-ip", "192.0.2.1", "-file", "F", "-daemon", "0"}, "ip", "192.0.2.1", NULL, 0},
        {{"-host", "-force"}, "host", "-force", NULL, 0},
        {{"-postscript", "/x/y z"}, "postscript", "/x/y z", NULL, 0},
        {{"--verb"}, "verbose", "yes", NULL, 0},
        {{"--VERBOSE"}, "verbose", "yes", NULL, 0},
        {{"-noexec"}, "exec", "no", NULL, 0},
        {{"--no-exec"}, "exec", "no", NULL, 0},
        {{"-noquiet", "-quiet"}, "quiet", "yes", NULL, 0},
        {{"-use=if", "-if=ppp0"}, "if", "ppp0", NULL, 0},
        {{"-web", "x"}, "web", "x", NULL, 0},
        {{"-options=a=b,c=d"}, "options", "a=b,c=d", NULL, 0},
        {{"stray", "-force", "more", "--", "-x"}, "force", "yes", NULL, 3},
        {{"-timeout=-5"}, "timeout", "-5", NULL, 0},
        {{"-version=short", "-nonsense"}, "version", "short", NULL, 0},
        {{"-version"}, "version", "", NULL, 0},
        {{"-help", "-nonsense"}, "help", "yes", NULL, 0},
        {{"-postscript", "/bin/true"}, "postscript", "/bin/true", NULL, 0},
        {{"--login=a", "--login=b"}, "login", "b", NULL, 0},
        {{NULL}, NULL, NULL, NULL, 0},
        {{"-nonsense"}, NULL, NULL, "Unknown option: nonsense", 0},
        {{"-d"}, NULL, NULL, "Option d is ambiguous (daemon, debug)", 0},
        {{"-exec=0"}, NULL, NULL, "Option exec does not take an argument", 0},
        {{"-file"}, NULL, NULL, "Option file requires an argument", 0},
        {{"-file="}, NULL, NULL, "Option file requires an argument", 0},
        {{"-timeout=5m"},
         NULL,
         NULL,
         "Value \"5m\" invalid for option timeout (number expected)",
         0},
        {{"-nofile"}, NULL, NULL, "Unknown option: nofile", 0},
    };

    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct words w;
        struct buf message;
        size_t count = 0;

        while (count < 8 && table[i].argv[count] != NULL)
            count++;
        print_message("%s\n", count > 0 ? table[i].argv[0] : "(nothing)");
        buf_init(&message, 4096);
        bool good = words_read(&w, (char *const *)(uintptr_t)table[i].argv, count, &message);
        assert_int_equal(good, table[i].message == NULL);
        if (table[i].message != NULL)
            assert_string_equal(buf_str(&message), table[i].message);
        if (table[i].name != NULL)
            assert_string_equal(words_get(&w, table[i].name), table[i].value);
        if (good)
            assert_int_equal(w.stray_count, table[i].stray);
        words_free(&w);
        buf_free(&message);
    }
}

/* No two options share a name, and each says what it does or what became of it. */
static void options_are_whole(void **state)
{
    (void)state;
    const struct words_option *o;

    for (size_t i = 0; (o = words_option_at(i)) != NULL; i++) {
        assert_true((o->help != NULL) != (o->gone != NULL));
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(words_option_at(k)->name, o->name);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(readings),
        cmocka_unit_test(options_are_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
