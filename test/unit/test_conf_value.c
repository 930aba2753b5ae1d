/*
 * SPDX-License-Identifier: ISC
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"
#include "conf/settings.h"
#include "conf/value.h"

/* A setting, what is written, and its one form; NULL: it is refused. */
struct row {
    const char *setting, *written, *form;
};

static const struct row rows[] = {
    /* lengths of time; reference of the language, 1.8, as chapter 6 mends it */
    {"min-interval", "5", "5"},
    {"min-interval", "5s", "5"},
    {"min-interval", "5sec", "5"},
    {"min-interval", "5seconds", "5"},
    {"min-interval", "5M", "300"},
    {"min-interval", "5min", "300"},
    {"min-interval", "5 minutes", "300"},
    {"min-interval", "2hours", "7200"},
    {"min-interval", "3d", "259200"},
    {"min-interval", "1w", "604800"},
    {"min-interval", "1h30m", "5400"},
    {"min-interval", "1d 2h", "93600"},
    {"min-interval", "0", "0"},
    {"min-interval", "Infinity", "inf"},
    {"min-interval", "3months", NULL},
    {"min-interval", "3ms", NULL},
    {"min-interval", "1.5h", NULL},
    {"min-interval", "-1", NULL},
    {"min-interval", "", NULL},
    {"min-interval", "1h30", NULL},
    {"min-interval", "30 1h", NULL},
    {"min-interval", "99999999999999999999", NULL},
    {"min-interval", "100000000000d", NULL},
    {"min-interval", "5minutesX", NULL},
    {"settle", "200ms", "200ms"},
    {"settle", "2", "2"},
    {"settle", "2h", "60"},
    {"daemon", "0", "0"},
    {"daemon", "59", "60"},
    {"timeout", "0", "1"},
    {"lag", "1000d", "604800"},
    {"ttl", "1h", "3600"},
    {"ttl", "1", "1"},
    {"ttl", "inf", NULL},
    {"ttl", "99999999999", NULL},
    /* numbers */
    {"redirect", "5", "5"},
    {"redirect", "007", "7"},
    {"redirect", "99", "20"},
    {"redirect", "5x", NULL},
    {"redirect", "99999999999", NULL},
    {"quorum", "0", "1"},
    /* yes and no */
    {"wildcard", "Y", "yes"},
    {"wildcard", "tRuE", "yes"},
    {"wildcard", "on", "yes"},
    {"wildcard", "0", "no"},
    {"wildcard", "off", "no"},
    {"wildcard", "", NULL},
    {"wildcard", "2", NULL},
    /* names */
    {"mx", "Mail.Example.ORG", "mail.example.org"},
    {"mx", "mail.example.org.", "mail.example.org."},
    {"mx", "", ""},
    {"mx", "a..b", NULL},
    {"mx", "mail", NULL},
    {"mx", "mail.", NULL},
    {"mx", ".org", NULL},
    {"mx", "a b", NULL},
    {"zone", "org", "org"},
    {"zone", "a/b", NULL},
    /* servers */
    {"server", "example.org", "example.org"},
    {"server", "HTTPS://Example.org:8443/A/b", "https://example.org:8443/A/b"},
    {"server", "localhost", "localhost"},
    {"server", "[2001:DB8::1]:443", "[2001:db8::1]:443"},
    {"server", "[::1]", "[::1]"},
    {"server", "192.0.2.1:80", "192.0.2.1:80"},
    {"server", "[::1", NULL},
    {"server", "[192.0.2.1]", NULL},
    {"server", "[::1]x", NULL},
    {"server", "::1", NULL},
    {"server", "a:0", NULL},
    {"server", "a:65536", NULL},
    {"server", "a:", NULL},
    {"server", "a:b", NULL},
    {"server", ":80", NULL},
    {"server", "", NULL},
    {"server", "a b", NULL},
    {"server", "a@b", NULL},
    {"server", "a?b", NULL},
    {"server", "gopher://a", NULL},
    {"server", "https://", NULL},
    {"proxy", "", ""},
    {"urlv4", "https://a.org/x?y=z", "https://a.org/x?y=z"},
    {"urlv4", "a.org/x", "a.org/x"},
    {"urlv4", "", NULL},
    {"urlv4", "ftp://a.org", NULL},
    {"urlv4", "https://a.org/x y", NULL},
    {"urlv4", "https:///x", NULL},
    /* where the address comes from; reference of the language, 2.8 and 3.1 */
    {"usev4", "WebV4", "webv4"},
    {"usev4", "no", "disabled"},
    {"usev4", "none", "disabled"},
    {"usev4", "ip", "ipv4"},
    {"usev4", "if", "ifv4"},
    {"usev4", "web", "webv4"},
    {"usev4", "cmd", "cmdv4"},
    {"usev4", "fw", "fwv4"},
    {"usev4", "Cisco-ASA", "cisco-asa"},
    {"usev4", "", NULL},
    {"usev6", "if", "ifv6"},
    {"usev6", "cmd", "cmdv6"},
    {"usev6", "prefix", "prefix"},
    {"use", "web", "web"},
    {"webv4", "he", "he.net"},
    {"web", "https://x.org/?a=b", "https://x.org/?a=b"},
    {"web", "dnspark", NULL},
    {"webv6", "a\nb", NULL},
    {"use", "OLITEC-sx200", "olitec-SX200"},
    {"use", "off", "disabled"},
    {"ifv4", "eth0.5", "eth0.5"},
    {"ifv4", "Gi0/1", "Gi0/1"},
    {"ifv4", "", NULL},
    {"ifv4", "eth 0", NULL},
    {"ipv4", "192.0.2.1", "192.0.2.1"},
    {"ipv4", "010.000.002.001", "10.0.2.1"},
    {"ipv4", "192.0.2", NULL},
    {"ipv4", "192.0.2.256", NULL},
    {"ipv4", "192.0.2.1x", NULL},
    {"ipv4", "2001:db8::1", NULL},
    {"ipv6", "2001:DB8:0:0::1", "2001:db8::1"},
    {"ipv6", "192.0.2.1", NULL},
    {"ipv6", "yes", NULL},
    {"ip", "192.0.2.1", "192.0.2.1"},
    {"ip", "::1", "::1"},
    {"ip", "x", NULL},
    {"suffix", "::1:2:3:4", "::1:2:3:4"},
    {"suffix", "52:54:00:12:AB:56", "52:54:00:12:ab:56"},
    {"suffix", "52-54-00-12-34-56", "52-54-00-12-34-56"},
    {"suffix", "DNS", "dns"},
    {"suffix", "52:54:00:12:34", NULL},
    {"suffix", "52:54:00:12:34:5x", NULL},
    {"suffix", "52:54:00:12:34:56:78", NULL},
    /* words */
    {"enabled", "Watch", "watch"},
    {"enabled", "true", "yes"},
    {"enabled", "off", "no"},
    {"enabled", "never", NULL},
    {"policy", "first", "first"},
    {"policy", "yes", NULL},
    {"on-loss", "KEEP", "keep"},
    {"on-loss", "2001:DB8::2", "2001:db8::2"},
    {"on-loss", "drop", NULL},
    {"listen", "8245", "8245"},
    {"listen", "[::1]:8245", "[::1]:8245"},
    {"listen", "unix:/run/homing/page", "unix:/run/homing/page"},
    {"listen", "off", "no"},
    {"listen", "yes", NULL},
    {"listen", "localhost", NULL},
    {"define", "account:a.b-c_1", "account:a.b-c_1"},
    {"define", "account:", NULL},
    {"define", "account:-x", NULL},
    {"define", "accont:x", NULL},
    {"define", "veryverylongkindname:x", NULL},
    {"login", "", NULL},
    {"login", "x", "x"},
    {"password", "", ""},
    {"key-file", "", NULL},
    {"protocol", "DynDNS2", "dyndns2"},
    {"provider", "", NULL},
};

static void brings_values_into_one_form(void **state)
{
    struct value v;

    value_init(&v);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct row *r = &rows[i];
        const struct setting *s = setting_find(r->setting);
        assert_non_null(s);
        enum value_verdict verdict = value_check(s, r->written, &v);
        const char *form = verdict == VALUE_BAD ? NULL : v.changed ? buf_str(&v.form) : r->written;
        if (!text_equal(form, r->form))
            fail_msg("%s=%s: wanted %s, got %s", r->setting, r->written, r->form, form);
        if (verdict != VALUE_GOOD) {
            assert_true(v.say.len > 0);
            assert_non_null(v.code);
        }
        /* A value in its one form stays as it is. */
        if (form != NULL) {
            char again[100];
            snprintf(again, sizeof again, "%s", form);
            assert_int_not_equal(value_check(s, again, &v), VALUE_BAD);
            assert_string_equal(v.changed ? buf_str(&v.form) : again, again);
        }
    }
    value_free(&v);
}

static void holds_a_sound_table(void **state)
{
    struct value v;
    size_t count = 0;

    value_init(&v);
    for (const struct setting *s = setting_next(NULL); s != NULL; s = setting_next(s), count++) {
        assert_ptr_equal(setting_find(s->name), s);
        assert_int_equal(setting_index(s), count);
        assert_ptr_equal(setting_at(count), s);
        assert_true(s->scope != 0);
        assert_true(strlen(s->help) > 10 && text_ends(s->help, "."));
        assert_true(strlen(setting_type_name(s->type)) > 0);
        if (s->fallback != NULL && value_check(s, s->fallback, &v) != VALUE_GOOD)
            fail_msg("the default of %s is refused", s->name);
        /* a list may be one of words, too */
        assert_true(s->type == SETTING_HOSTS ||
                    (s->type == SETTING_CHOICE) == (s->choices != NULL));
        assert_true((s->type == SETTING_REF) == (s->refers != NULL));
        assert_true(((s->flags & SETTING_OLD) != 0) == (s->instead != NULL));
        assert_null(setting_gone(s->name));
        if (s->type == SETTING_COMMAND)
            assert_int_equal(s->class, SETTING_RUNS);
        if (s->type == SETTING_PATH)
            assert_int_equal(s->class, SETTING_FILE);
        /* What looks like a secret is one. */
        if (setting_name_is_secret(s->name) && s->type == SETTING_TEXT)
            assert_int_equal(s->class, SETTING_SECRET);
    }
    assert_int_equal(count, setting_count());
    assert_null(setting_at(count));
    assert_null(setting_find("nonsense"));
    assert_null(setting_find(NULL));
    assert_string_equal(setting_class_name(SETTING_RUNS), "command");
    value_free(&v);
}

static void guesses(void **state)
{
    static const char *const typing[][2] = {
        {"pasword", "password"}, {"Login", "login"}, {"min-intervall", "min-interval"},
        {"usev4x", "usev4"},     {"x", NULL},        {"colour", NULL}};
    for (size_t i = 0; i < sizeof typing / sizeof typing[0]; i++)
        assert_true(text_equal(setting_guess(typing[i][0]), typing[i][1]));
    char longest[100];
    memset(longest, 'a', sizeof longest - 1);
    longest[99] = '\0';
    assert_null(setting_guess(longest));
    assert_true(setting_name_is_secret(longest));
    assert_true(setting_name_is_secret("api-key"));
    assert_true(setting_name_is_secret("MyToken"));
    assert_false(setting_name_is_secret("description"));
    assert_non_null(setting_protocol_gone("dtdns"));
    assert_null(setting_protocol_gone("dyndns2"));
    assert_int_equal(setting_kind_scope("nothing"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(brings_values_into_one_form),
        cmocka_unit_test(holds_a_sound_table),
        cmocka_unit_test(guesses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
