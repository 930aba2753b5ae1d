/*
 * SPDX-License-Identifier: ISC
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "command/export_line.h"
#include "command/export_words.h"

/* What ddclient's reader makes of these was seen with ddclient 3.10 and 4.0. */
static void writes_what_ddclient_reads(void **state)
{
    static const struct {
        const char *name, *value, *text; /* text NULL: the file can not hold it */
    } rows[] = {
        {"login", "joe", "login=joe h\n"},
        {"login", "", "login= h\n"},
        {"login", "a b,c", "login=\"a b,c\" h\n"},
        {"login", "a\"b\\c", "login=\"a\\\"b\\\\c\" h\n"},
        {"login", "a#b", NULL},
        {"cmdv4", "a  b", NULL},
        {"login", "a\nb", NULL},
        {"webv4", "http://x.org/?password=b", "webv4=http://x.org/?pass\\\nword=b h\n"},
        {"cmdv4", "get --password =b", "cmdv4=\"get --pass\\\nword =b\" h\n"},
        {"webv4", "http://x.org/password/", "webv4=http://x.org/password/ h\n"},
        /* A comma behind it would be part of it, so it stands alone, whatever follows. */
        {"password", "abc", " \\\n    password=abc \\\n    h\n"},
        {"password", "a#b", " \\\n    password=a#b \\\n    h\n"},
        {"password", "it's", " \\\n    password=it's \\\n    h\n"},
        {"password", "", " \\\n    password='' \\\n    h\n"},
        {"password", "a  b", " \\\n    password='a  b' \\\n    h\n"},
        {"password", "p,", " \\\n    password='p,' \\\n    h\n"},
        {"password", "p\\", " \\\n    password='p\\' \\\n    h\n"},
        {"password", "\"p\"", " \\\n    password='\"p\"' \\\n    h\n"},
        {"password", "'p", " \\\n    password=''p' \\\n    h\n"},
        {"password", "it's it", " \\\n    password='it's it' \\\n    h\n"},
        {"password", "its' it", NULL},
        {"password", "a\nb", NULL},
        {"fw-password", "x y", " \\\n    fw-password='x y' \\\n    h\n"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct export_line line;
        struct buf out;
        export_line_init(&line);
        buf_init(&out, 1000);
        bool held = export_line_put(&line, rows[i].name, rows[i].value);
        assert_int_equal(held, rows[i].text != NULL);
        export_line_end(&line, "h", &out);
        if (held)
            assert_string_equal(buf_str(&out), rows[i].text);
        buf_free(&out);
        export_line_free(&line);
    }
}

static void has_ddclients_names(void **state)
{
    assert_string_equal(export_word_setting("namecheap", "zone"), "login");
    assert_string_equal(export_word_setting("ns1", "password"), "login");
    assert_string_equal(export_word_setting("tunnelbroker", "record-id"), "host");
    assert_string_equal(export_word_setting("cloudflare", "zone"), "zone");
    assert_string_equal(export_word_login("desec"), "");
    assert_string_equal(export_word_login("dynv6-dyndns"), "none");
    assert_null(export_word_login("cloudflare"));
    /* The provider's API, where ddclient's word of that name is another interface. */
    assert_null(export_word_find("inwx")->word);
    assert_string_equal(export_word_find("inwx-dyndns")->word, "inwx");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_what_ddclient_reads),
        cmocka_unit_test(has_ddclients_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
