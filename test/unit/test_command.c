/*
 * SPDX-License-Identifier: ISC
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/buf.h"
#include "command/command.h"

/* Every record is whole: what help lists can run, and says what it is for. */
static void records_are_whole(void **state)
{
    (void)state;
    const struct command *c;

    for (size_t i = 0; (c = command_at(i)) != NULL; i++) {
        assert_non_null(c->run);
        assert_ptr_equal(command_find(c->name), c);
        assert_true(strlen(c->name) > 0 && strlen(c->name) <= 10);
        assert_true(strlen(c->summary) > 0 && strlen(c->summary) < 65);
        assert_int_not_equal(c->summary[strlen(c->summary) - 1], '.');
        assert_non_null(c->arguments);
        assert_non_null(c->help);
        assert_true(c->raw || c->least <= c->most);
        assert_true(c->statuses & 1u << STATUS_RIGHT);
        const struct command_option *o;
        for (size_t k = 0; (o = command_option_at(c, k)) != NULL; k++) {
            assert_true(o->name[0] != '-');
            assert_int_not_equal(o->help[strlen(o->help) - 1], '.');
            for (size_t m = 0; m < k; m++)
                assert_string_not_equal(command_option_at(c, m)->name, o->name);
        }
    }
}

/* What is written from the records names every one of them. */
static void pages_name_all(void **state)
{
    (void)state;
    static const char *const shells[] = {"bash", "zsh", "fish"};
    struct buf out;
    const struct command *c;

    buf_init(&out, 1 << 20);
    command_overview(&out);
    for (size_t i = 0; (c = command_at(i)) != NULL; i++)
        assert_non_null(strstr(buf_str(&out), c->summary));
    buf_clear(&out);
    command_manual(&out);
    for (size_t i = 0; (c = command_at(i)) != NULL; i++)
        assert_non_null(strstr(buf_str(&out), c->name));
    for (size_t s = 0; s < 3; s++) {
        buf_clear(&out);
        assert_true(command_completion(shells[s], &out));
        for (size_t i = 0; (c = command_at(i)) != NULL; i++)
            assert_non_null(strstr(buf_str(&out), c->name));
    }
    assert_false(command_completion("tcl", &out));
    buf_free(&out);
}

struct run {
    const char *words[6];
    int status;
};

static void runs(void **state)
{
    (void)state;
    static const struct run table[] = {
        {{"homing", "--version"}, STATUS_RIGHT},
        {{"homing", "help"}, STATUS_RIGHT},
        {{"homing", "help", "help"}, STATUS_RIGHT},
        {{"homing", "help", "--help"}, STATUS_RIGHT},
        {{"homing", "--help"}, STATUS_RIGHT},
        {{"homing"}, STATUS_USAGE},
        {{"homing", "hepl"}, STATUS_USAGE},
        {{"homing", "help", "nonsense"}, STATUS_USAGE},
        {{"homing", "help", "--nonsense"}, STATUS_USAGE},
        {{"homing", "help", "-x"}, STATUS_USAGE},
        {{"homing", "help", "--manual=1"}, STATUS_USAGE},
        {{"homing", "help", "--completion"}, STATUS_USAGE},
        {{"homing", "help", "--completion", "tcl"}, STATUS_USAGE},
        {{"homing", "help", "--completion=bash"}, STATUS_RIGHT},
        {{"homing", "help", "help", "help"}, STATUS_USAGE},
        {{"homing", "help", "--", "help"}, STATUS_RIGHT},
    };

    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        int count = 0;
        while (count < 6 && table[i].words[count] != NULL)
            count++;
        print_message("%s %s %s\n", table[i].words[0], count > 1 ? table[i].words[1] : "",
                      count > 2 ? table[i].words[2] : "");
        assert_int_equal(command_main(count, (char **)(uintptr_t)table[i].words), table[i].status);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_are_whole),
        cmocka_unit_test(pages_name_all),
        cmocka_unit_test(runs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
