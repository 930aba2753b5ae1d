/*
 * SPDX-License-Identifier: ISC
 *
 * Waits of those who guess, and the access file as text and back.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "web/access_file.h"

static void waits_grow_to_a_bound(void **state)
{
    struct throttle *t = throttle_new();
    msec now = 1000 * DAY;
    (void)state;

    for (int i = 0; i < THROTTLE_FREE; i++) {
        throttle_fail(t, "192.0.2.1", now);
        assert_int_equal(throttle_wait(t, "192.0.2.1", now), 0);
    }
    for (msec wanted = SECOND; wanted < THROTTLE_MOST_ADDRESS; wanted *= 2) {
        throttle_fail(t, "192.0.2.1", now);
        assert_int_equal(throttle_wait(t, "192.0.2.1", now), wanted);
        now += wanted;
        assert_int_equal(throttle_wait(t, "192.0.2.1", now), 0);
    }
    for (int i = 0; i < 100; i++)
        throttle_fail(t, "192.0.2.1", now);
    assert_int_equal(throttle_wait(t, "192.0.2.1", now), THROTTLE_MOST_ADDRESS);
    assert_int_equal(throttle_wait(t, "192.0.2.2", now), 0);
    for (int i = 0; i < 100; i++) {
        throttle_fail(t, THROTTLE_ACCOUNT, now);
        throttle_fail(t, THROTTLE_ACCOUNT " fritz", now);
    }
    assert_int_equal(throttle_wait(t, THROTTLE_ACCOUNT, now), THROTTLE_MOST_ACCOUNT);
    assert_int_equal(throttle_wait(t, THROTTLE_ACCOUNT " fritz", now), THROTTLE_MOST_ACCOUNT);
    assert_int_equal(throttle_wait(t, THROTTLE_ACCOUNT " other", now), 0);
    /* A clock that jumps back prolongs nothing. */
    assert_int_equal(throttle_wait(t, "192.0.2.1", now - 300 * DAY), THROTTLE_MOST_ADDRESS);
    throttle_clear(t, "192.0.2.1");
    assert_int_equal(throttle_wait(t, "192.0.2.1", now), 0);
    throttle_free(t);
}

static void keys_are_networks(void **state)
{
    static const char *const cases[][2] = {
        {"192.0.2.1", "192.0.2.1"},
        {"2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"},
        {"2001:db8:1:2::1", "2001:db8:1:2::/64"},
        {"::1", "::/64"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct addr a;
        char key[THROTTLE_KEY_MAX];
        assert_true(addr_parse(cases[i][0], &a));
        assert_string_equal(throttle_key(&a, key), cases[i][1]);
    }
}

static void many_keys_are_bounded(void **state)
{
    struct throttle *t = throttle_new();
    struct throttle_item item;
    size_t at = 0, count = 0;
    (void)state;

    for (int i = 0; i < THROTTLE_KEYS + 500; i++) {
        char key[32];
        snprintf(key, sizeof key, "key%d", i);
        throttle_fail(t, key, i);
    }
    while (throttle_next(t, &at, &item))
        count++;
    assert_int_equal(count, THROTTLE_KEYS);
    throttle_free(t);
}

#define HASH "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static const char whole[] = "owner $argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA\n"
                            "link " HASH " 1800000000000\n"
                            "token laptop full " HASH " 1790000000000\n"
                            "token prometheus read " HASH " 1790000000000\n"
                            "session " HASH " 1790000000000 1790000000001\n"
                            "device fritz " HASH " 1790000000000\n"
                            "device-host fritz home.example.org\n"
                            "device-host fritz www.example.org\n"
                            "device office-2 " HASH " 1790000000001\n"
                            "wait account 5 1790000000000 2000\n"
                            "wait 2001:db8::/64 7 1790000000000 8000\n";

static void the_file_comes_back(void **state)
{
    struct access_data *d = mem_alloc(sizeof *d);
    struct cause c;
    struct buf out;
    (void)state;

    d->throttle = throttle_new();
    d->devices = devices_new();
    assert_int_equal(access_data_parse(d, whole, &c), OK);
    buf_init(&out, 1 << 16);
    access_data_text(d, &out);
    assert_string_equal(strchr(buf_str(&out), '\n') + 1, whole); /* below its comment */
    buf_free(&out);
    throttle_free(d->throttle);
    devices_free(d->devices);
    mem_free(d);
}

static void odd_lines_are_refused(void **state)
{
    static const char *const lines[] = {
        "owner",
        "owner secret",
        "owner $argon2id$a b",
        "link abc 1",
        "link " HASH,
        "link " HASH " -1",
        "token a admin " HASH " 1",
        "token a/b full " HASH " 1",
        "token a full " HASH "0 1",
        "session " HASH " 1",
        "wait account many 1 1",
        "wait account 5 1 1 1",
        "rule of thumb",
        " owner x",
        "link " HASH " 99999999999999999999",
    };
    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        struct access_data *d = mem_alloc(sizeof *d);
        struct cause c;
        d->throttle = throttle_new();
        d->devices = devices_new();
        if (access_data_parse(d, lines[i], &c) != ERR_SYNTAX)
            fail_msg("accepted: %s", lines[i]);
        throttle_free(d->throttle);
        devices_free(d->devices);
        mem_free(d);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(waits_grow_to_a_bound), cmocka_unit_test(keys_are_networks),
        cmocka_unit_test(many_keys_are_bounded), cmocka_unit_test(the_file_comes_back),
        cmocka_unit_test(odd_lines_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
