/*
 * SPDX-License-Identifier: ISC
 */
/* What a difference in the DNS leads to, over hours and days. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/checks.h"
#include "engine/inside.h"
#include "engine/report.h"
#include "scene.h"

#include <stdlib.h>
#include <string.h>

struct dns_scene {
    struct scene scene;
    struct verify *verify;
    struct checks *checks;
    struct addr says;
};

static void begin(struct dns_scene *d, const char *settings, const char *says)
{
    struct scene *s = &d->scene;

    scene_prepare(s);
    assert_true(addr_parse(says, &d->says));
    s->dns = &d->says;
    d->verify = verify_new(sim_net_seam(s->net), "9.9.9.9");
    d->checks = checks_new(s->engine, d->verify);
    scene_start(s, 1, 1, settings);
}

static void end(struct dns_scene *d)
{
    checks_free(d->checks);
    verify_free(d->verify);
    scene_finish(&d->scene);
}

static void dns_says(struct dns_scene *d, const char *text)
{
    assert_true(addr_parse(text, &d->says));
}

/* The DNS never follows. Each address is sent once and once more, however long that is so; when it
 * has agreed in between, it is worth another attempt. */
static void test_each_address_is_healed_once(void **state)
{
    struct dns_scene d;
    const struct scene *s = &d.scene;

    (void)state;
    begin(&d, "verify-server=9.9.9.9", "6.6.6.6");
    unsigned sent = 0;
    static const char *const addresses[] = {"5.1.1.1", "5.2.2.2", "5.3.3.3", "5.1.1.1"};
    for (size_t i = 0; i < sizeof addresses / sizeof addresses[0]; i++) {
        scene_address(&d.scene, addresses[i]);
        scene_pass(&d.scene, MINUTE);
        assert_int_equal(s->by_server[1], sent + 1);
        scene_pass(&d.scene, 30 * MINUTE);
        assert_int_equal(s->by_server[1], sent + 2);
        scene_pass(&d.scene, 3 * (msec)DAY);
        sent += 2;
        assert_int_equal(s->by_server[1], sent);
    }
    dns_says(&d, "5.1.1.1");
    scene_pass(&d.scene, DAY);
    dns_says(&d, "6.6.6.6");
    scene_pass(&d.scene, 2 * (msec)DAY);
    assert_int_equal(s->by_server[1], sent + 1);
    assert_true(s->dns_asked > 40);
    end(&d);
}

/* The DNS never follows and the machine is started again every day: nothing is sent for that. */
static void test_healed_over_restarts(void **state)
{
    struct dns_scene d;
    struct scene *s = &d.scene;

    (void)state;
    begin(&d, "verify-server=9.9.9.9", "6.6.6.6");
    scene_pass(s, HOUR);
    assert_int_equal(s->by_server[1], 2);
    for (int day = 0; day < 5; day++) {
        checks_free(d.checks);
        verify_free(d.verify);
        engine_free(s->engine);
        sim_net_crash(s->net);
        sim_state_crash(s->state);
        sim_sense_restart(s->sense);
        scene_engine(s);
        d.verify = verify_new(sim_net_seam(s->net), "9.9.9.9");
        d.checks = checks_new(s->engine, d.verify);
        struct cause c;
        assert_int_equal(engine_load(s->engine, s->conf, &c), OK);
        engine_start(s->engine);
        scene_pass(s, DAY);
        assert_int_equal(s->by_server[1], day < 3 ? 2 : 4);
        if (day == 2) {
            scene_address(s, "5.2.2.2");
            scene_pass(s, HOUR);
            assert_int_equal(s->by_server[1], 4);
        }
    }
    end(&d);
}

/* The router redirects port 53: what it says is no reason to send anything, and is told as what it
 * is. */
static void test_a_hijacked_port(void **state)
{
    struct dns_scene d;
    struct scene *s = &d.scene;

    (void)state;
    begin(&d, "verify-server=9.9.9.9", "6.6.6.6");
    s->hijacked = true;
    scene_pass(s, DAY);
    const struct engine_verified *v = engine_entry(s->engine, scene_id(s, 0))->verified;
    assert_int_equal(v[V4].state, VERIFIED_UNKNOWN);
    assert_true(v[V4].intercepted);
    assert_int_equal(s->by_server[1], 1);
    json_t *doc = report_why(s->engine, scene_id(s, 0));
    char *text = json_dumps(doc, 0);
    assert_non_null(strstr(text, "why_dns_intercepted"));
    free(text);
    json_decref(doc);
    s->hijacked = false;
    dns_says(&d, "5.1.1.1");
    scene_pass(s, DAY);
    assert_int_equal(v[V4].state, VERIFIED_AGREES);
    assert_false(v[V4].intercepted);
    end(&d);
}

/* Somebody else keeps it: that the DNS does not follow another address is known within minutes, and
 * nothing is ever sent. */
static void test_who_is_watched_must_follow(void **state)
{
    struct dns_scene d;
    struct scene *s = &d.scene;

    (void)state;
    begin(&d, "verify-server=9.9.9.9, enabled=watch", "5.1.1.1");
    scene_address(s, "5.1.1.1");
    scene_pass(s, HOUR);
    assert_int_equal(engine_entry(s->engine, scene_id(s, 0))->verified[V4].state, VERIFIED_AGREES);
    scene_host(s, 0, "paused", "watched");
    unsigned asked = s->dns_asked;
    scene_address(s, "5.2.2.2");
    scene_pass(s, 10 * MINUTE);
    assert_in_range(s->dns_asked - asked, 3, 10);
    assert_int_equal(engine_entry(s->engine, scene_id(s, 0))->verified[V4].state, VERIFIED_DIFFERS);
    assert_int_equal(s->by_server[1], 0);
    end(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_address_is_healed_once),
        cmocka_unit_test(test_healed_over_restarts),
        cmocka_unit_test(test_a_hijacked_port),
        cmocka_unit_test(test_who_is_watched_must_follow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
