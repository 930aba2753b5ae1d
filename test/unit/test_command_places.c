/*
 * SPDX-License-Identifier: ISC
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <unistd.h>

#include "command/ddclient_mail.h"
#include "command/places.h"

static void forget(void)
{
    static const char *const names[] = {"HOMING_CONFIG",   "XDG_CONFIG_HOME", "XDG_STATE_HOME",
                                        "XDG_RUNTIME_DIR", "STATE_DIRECTORY", "RUNTIME_DIRECTORY"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        unsetenv(names[i]);
    setenv("HOME", "/nonexistent/home", 1);
}

struct row {
    const char *about;
    struct places_given given;
    const char *names[3], *values[3];
    /* what comes of it for root, and for a person */
    const char *config[2], *state[2], *socket[2];
};

static void finds(void **state)
{
    (void)state;
    static const struct row table[] = {
        {"nothing said",
         {NULL, NULL, NULL},
         {NULL},
         {NULL},
         {"/etc/homing/homing.conf", "/nonexistent/home/.config/homing/homing.conf"},
         {"/var/lib/homing", "/nonexistent/home/.local/state/homing"},
         {"/run/homing/homing.sock", "/nonexistent/home/.local/state/homing/homing.sock"}},
        {"all given",
         {"/a/b.conf", "/s", "/x.sock"},
         {"HOMING_CONFIG", "STATE_DIRECTORY", "RUNTIME_DIRECTORY"},
         {"/not/this", "/nor/this", "/nor/that"},
         {"/a/b.conf", "/a/b.conf"},
         {"/s", "/s"},
         {"/x.sock", "/x.sock"}},
        {"by systemd",
         {NULL, NULL, NULL},
         {"HOMING_CONFIG", "STATE_DIRECTORY", "RUNTIME_DIRECTORY"},
         {"/c.conf", "/var/lib/one:/var/lib/two", "/run/one:/run/two"},
         {"/c.conf", "/c.conf"},
         {"/var/lib/one", "/var/lib/one"},
         {"/run/one/homing.sock", "/run/one/homing.sock"}},
        {"by the folders of a person",
         {NULL, NULL, NULL},
         {"XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_RUNTIME_DIR"},
         {"/nonexistent/c", "/nonexistent/s", "/nonexistent/r"},
         {"/etc/homing/homing.conf", "/nonexistent/c/homing/homing.conf"},
         {"/var/lib/homing", "/nonexistent/s/homing"},
         {"/run/homing/homing.sock", "/nonexistent/r/homing/homing.sock"}},
        {"a relative variable counts as none",
         {NULL, NULL, NULL},
         {"XDG_CONFIG_HOME", "STATE_DIRECTORY", NULL},
         {"c", "s", NULL},
         {"/etc/homing/homing.conf", "/nonexistent/home/.config/homing/homing.conf"},
         {"/var/lib/homing", "/nonexistent/home/.local/state/homing"},
         {"/run/homing/homing.sock", "/nonexistent/home/.local/state/homing/homing.sock"}},
    };
    size_t who = geteuid() == 0 ? 0 : 1;

    if (access("/etc/homing/homing.conf", F_OK) == 0)
        skip(); /* a machine where homing is installed: a person has its configuration, too */
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        struct places p;
        print_message("%s\n", table[i].about);
        forget();
        for (size_t k = 0; k < 3 && table[i].names[k] != NULL; k++)
            setenv(table[i].names[k], table[i].values[k], 1);
        places_find(&p, &table[i].given);
        assert_string_equal(p.config, table[i].config[who]);
        assert_string_equal(p.state, table[i].state[who]);
        assert_string_equal(p.socket, table[i].socket[who]);
        places_free(&p);
    }
}

static void beside_the_configuration(void **state)
{
    (void)state;
    struct places p;

    forget();
    places_find(&p, &(struct places_given){"x.conf", NULL, NULL});
    assert_string_equal(p.providers, "./providers.d");
    assert_string_equal(p.versions, "./versions");
    places_free(&p);
    places_find(&p, &(struct places_given){"/x.conf", NULL, NULL});
    assert_string_equal(p.providers, "/providers.d");
    places_state(&p, "/elsewhere");
    assert_string_equal(p.access, "/elsewhere/access");
    places_free(&p);
}

/* The mail of ddclient: headers cannot be forged, and recipients are no options of sendmail. */
static void mails(void **state)
{
    (void)state;
    struct buf out;
    const char *at = " a@example.com,-oQ/tmp  b@example.com, ";
    static const char *const wanted[] = {"a@example.com", "b@example.com"};
    struct mail m = {.to = "a@example.com\nBcc: c@example.com",
                     .from = "",
                     .program = "ddclient",
                     .host = "here",
                     .body = "WARNING: x\n",
                     .now = 1795398049 * (msec)SECOND};

    for (size_t i = 0; i < 2; i++) {
        char *address = mail_next_address(&at);
        assert_string_equal(address, wanted[i]);
        free(address);
    }
    assert_null(mail_next_address(&at));
    setenv("TZ", "UTC", 1);
    buf_init(&out, 1 << 16);
    mail_text(&m, &out);
    assert_string_equal(buf_str(&out),
                        "To: a@example.comBcc: c@example.com\n"
                        "Subject: status report from ddclient@here\n"
                        "Date: Mon, 23 Nov 2026 01:40:49 +0000\n"
                        "MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n"
                        "Content-Transfer-Encoding: 8bit\nAuto-Submitted: auto-generated\n\n"
                        "WARNING: x\n\n\n-- \n   ddclient@here (version " HOMING_VERSION ")\n");
    buf_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds),
        cmocka_unit_test(beside_the_configuration),
        cmocka_unit_test(mails),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
