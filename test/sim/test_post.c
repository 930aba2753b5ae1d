/*
 * SPDX-License-Identifier: ISC
 */
/* Who is told of what, with the real engine on a simulated clock, line and disk. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/text.h"
#include "engine/post.h"
#include "scene.h"
#include "sim_registry.h"

#include <stdio.h>
#include <string.h>

enum { RECEIVER = 3 }; /* the server that takes messages; 0 to 2 publish */

static struct post *open_post(struct scene *s)
{
    return post_new(&(struct post_seams){.engine = s->engine, .machine = "router"});
}

static char *text_of(unsigned hosts, const char *settings)
{
    struct buf text;

    buf_init(&text, 1 << 20);
    buf_format(&text, "define=notify:hook, kind=webhook, url=https://s3.example.net/in%s\n",
               settings);
    scene_names(&text, 0, 0, hosts, "");
    return buf_take(&text);
}

static struct post *begin(struct scene *s, unsigned hosts, const char *settings)
{
    char *text = text_of(hosts, settings);

    scene_prepare(s);
    s->answers[RECEIVER] = "taken";
    scene_load(s, text);
    mem_free(text);
    scene_address(s, "5.1.1.1");
    struct post *p = open_post(s);
    engine_start(s->engine);
    scene_pass(s, MINUTE);
    assert_int_equal(s->by_server[RECEIVER], 0); /* the first publication is no change */
    return p;
}

static void finish(struct scene *s, struct post *p)
{
    post_free(p);
    scene_finish(s);
}

static long long count_of(const struct post *p, const char *name)
{
    json_t *doc = post_report(p);
    long long n = (long long)json_integer_value(
        json_object_get(json_array_get(json_object_get(doc, "items"), 0), name));
    json_decref(doc);
    return n;
}

static void next_address(struct scene *s, unsigned n)
{
    char text[32];

    snprintf(text, sizeof text, "5.1.%u.%u", 1 + n / 200, 1 + n % 200);
    scene_address(s, text);
}

static void test_one_message_for_all(void **state)
{
    struct scene s;
    struct post *p = begin(&s, 300, "");

    (void)state;
    scene_address(&s, "5.1.1.2");
    scene_pass(&s, 5 * MINUTE);
    assert_int_equal(s.by_server[RECEIVER], 1);
    assert_non_null(strstr(s.last_body, "\"event\":\"changed\""));
    assert_non_null(strstr(s.last_body, "300 hostnames have new addresses"));
    assert_non_null(strstr(s.last_body, "5.1.1.2, was 5.1.1.1"));
    finish(&s, p);
}

static void test_blocked_and_recovered(void **state)
{
    struct scene s;
    struct post *p = begin(&s, 100, "");

    (void)state;
    s.answers[0] = "badauth";
    scene_address(&s, "5.1.1.2");
    scene_pass(&s, DAY);
    assert_int_equal(s.by_server[RECEIVER], 1);
    assert_non_null(strstr(s.last_body, "100 hostnames need you"));
    s.answers[0] = "good";
    char *text = text_of(100, "");
    scene_load(&s, text);
    post_load(p);
    mem_free(text);
    struct cause c;
    assert_int_equal(engine_update(s.engine, NULL, false, &c), OK);
    scene_pass(&s, HOUR);
    assert_int_equal(s.by_server[RECEIVER], 3); /* what changed at last, and that all is well */
    assert_non_null(strstr(s.last_body, "100 hostnames are right again"));
    finish(&s, p);
}

/* Server and line go up and down by the minute for a day: the messages stay few. */
static void test_no_storm(void **state)
{
    struct scene s;
    struct post *p = begin(&s, 20, "");

    (void)state;
    for (unsigned i = 0; i < 24 * 60; i++) {
        s.answers[0] = i % 3 == 0 ? "good" : i % 3 == 1 ? "500" : "911";
        next_address(&s, i);
        scene_pass(&s, MINUTE);
    }
    assert_true(s.by_server[RECEIVER] <= 24 * 10 + 1);
    s.answers[0] = "good";
    scene_pass(&s, 3 * HOUR);
    unsigned told = s.by_server[RECEIVER];
    scene_pass(&s, DAY);
    assert_int_equal(s.by_server[RECEIVER], told); /* silence when nothing happens */
    assert_int_equal(count_of(p, "waiting"), 0);
    finish(&s, p);
}

/* The receiver is away for six hours while addresses change: publishing goes on, and what was kept
 * comes afterwards, in order, with its age. */
static void test_receiver_away(void **state)
{
    static const char *const away[] = {"503", NULL, "garbage that is a 404", "401"};
    (void)state;
    for (size_t i = 0; i < sizeof away / sizeof away[0]; i++) {
        struct scene s;
        struct post *p = begin(&s, 5, "");
        s.answers[RECEIVER] = i == 2 ? "404" : away[i];
        unsigned published = s.by_server[0];
        for (unsigned n = 1; n <= 12; n++) {
            next_address(&s, n);
            scene_pass(&s, 30 * MINUTE);
        }
        assert_int_equal(s.by_server[0], published + 12);
        assert_int_equal(count_of(p, "waiting"), 12);
        assert_true(s.by_server[RECEIVER] < 60); /* tries grow rare */
        s.answers[RECEIVER] = "taken";
        unsigned before = s.by_server[RECEIVER];
        scene_pass(&s, 3 * HOUR);
        assert_int_equal(s.by_server[RECEIVER], before + 12);
        assert_int_equal(count_of(p, "waiting"), 0);
        assert_non_null(strstr(s.last_body, "5.1.1.13, was 5.1.1.12"));
        assert_non_null(strstr(s.last_body, " old: there was no way to tell you before."));
        finish(&s, p);
    }
}

/* The line comes back while a message is on its way over the one that is gone. */
static void test_line_back_meanwhile(void **state)
{
    struct scene s;
    struct post *p = begin(&s, 5, "");

    (void)state;
    s.answers[RECEIVER] = "no-route";
    next_address(&s, 1);
    for (unsigned i = 0; s.by_server[RECEIVER] == 0 && i < 5 * MINUTE; i++)
        scene_pass(&s, 1);
    assert_int_equal(s.by_server[RECEIVER], 1);
    s.answers[RECEIVER] = "taken";
    post_network_changed(p);
    scene_pass(&s, 5 * SECOND);
    assert_int_equal(s.by_server[RECEIVER], 2);
    assert_int_equal(count_of(p, "waiting"), 0);
    finish(&s, p);
}

/* A queue has an end: the oldest go, and that is told. */
static void test_bounded(void **state)
{
    struct scene s;
    struct post *p = begin(&s, 1, "");

    (void)state;
    s.answers[RECEIVER] = NULL;
    for (unsigned n = 1; n <= 60; n++) {
        next_address(&s, n);
        scene_pass(&s, 20 * MINUTE);
    }
    assert_in_range(count_of(p, "waiting"), 50, 51); /* one may be under way */
    assert_true(count_of(p, "lost") >= 9);
    scene_pass(&s, 8 * (msec)DAY);
    assert_int_equal(count_of(p, "waiting"), 0); /* too old */
    s.answers[RECEIVER] = "taken";
    next_address(&s, 100);
    scene_pass(&s, HOUR);
    assert_non_null(strstr(s.last_body, "60 older messages could not be kept"));
    finish(&s, p);
}

/* The power goes while messages wait and a hostname is told as failing. */
static void test_power_cut(void **state)
{
    struct scene s;
    struct post *p = begin(&s, 3, "");
    char *text = text_of(3, "");

    (void)state;
    s.answers[0] = "500";
    scene_address(&s, "5.1.1.2");
    scene_pass(&s, HOUR);
    assert_int_equal(s.by_server[RECEIVER], 1);
    assert_non_null(strstr(s.last_body, "can not be updated"));
    s.answers[RECEIVER] = "503";
    s.answers[0] = "good";
    scene_pass(&s, 2 * HOUR);
    assert_int_equal(count_of(p, "waiting"), 2); /* changed, recovered */
    post_free(p);
    engine_free(s.engine);
    sim_net_crash(s.net);
    sim_state_crash(s.state);
    sim_sense_restart(s.sense);
    scene_engine(&s);
    scene_load(&s, text);
    p = open_post(&s);
    engine_start(s.engine);
    assert_int_equal(count_of(p, "waiting"), 2);
    s.answers[RECEIVER] = "taken";
    unsigned before = s.by_server[RECEIVER];
    scene_pass(&s, DAY);
    assert_int_equal(s.by_server[RECEIVER], before + 2);
    mem_free(text);
    finish(&s, p);
}

/* IPv6 was never there: nobody misses it, and the sign of life goes on. Later it is, and is lost,
 * and IPv4 fails meanwhile: both are told. */
static void test_families_apart(void **state)
{
    struct scene s;
    struct post *p = begin(&s, 1, "\nusev6=ifv6, ifv6=eth0");

    (void)state;
    scene_pass(&s, DAY);
    assert_int_equal(s.by_server[RECEIVER], 0);
    struct addrset six = {0};
    struct addr a;
    assert_true(addr_parse("2a00:1450::1", &a));
    addrset_add(&six, &a);
    sim_sense_set(s.sense, "eth0", V6, &six);
    scene_pass(&s, HOUR);
    assert_int_equal(s.by_server[RECEIVER], 0);
    sim_sense_set(s.sense, "eth0", V6, &(struct addrset){0});
    scene_pass(&s, HOUR);
    assert_int_equal(s.by_server[RECEIVER], 1);
    assert_non_null(strstr(s.last_body, "h0.example.org has lost an address"));
    s.answers[0] = "500";
    scene_address(&s, "5.1.1.2");
    scene_pass(&s, HOUR);
    assert_int_equal(s.by_server[RECEIVER], 2);
    assert_non_null(strstr(s.last_body, "h0.example.org can not be updated"));
    finish(&s, p);
}

/* Behind the router the line was dead for a night, so that the wait is an hour long. When an update
 * gets through, so does what waits. */
static void test_silent_line(void **state)
{
    struct scene s;
    struct post *p = begin(&s, 1, "");

    (void)state;
    s.answers[RECEIVER] = NULL;
    scene_address(&s, "5.1.1.2");
    scene_pass(&s, 9 * (msec)HOUR);
    assert_int_equal(count_of(p, "waiting"), 1);
    unsigned before = s.by_server[RECEIVER];
    s.answers[RECEIVER] = "taken";
    scene_address(&s, "5.1.1.3");
    scene_pass(&s, 2 * MINUTE);
    assert_int_equal(s.by_server[RECEIVER], before + 2);
    assert_int_equal(count_of(p, "waiting"), 0);
    /* What the service itself asked for is kept to. */
    s.answers[RECEIVER] = "429";
    scene_address(&s, "5.1.1.4");
    scene_pass(&s, 5 * MINUTE);
    before = s.by_server[RECEIVER];
    scene_address(&s, "5.1.1.5");
    scene_pass(&s, 5 * MINUTE);
    assert_int_equal(s.by_server[RECEIVER], before);
    finish(&s, p);
}

/* on-loss=delete: that the record went is told as what it is, for one family and for both. */
static void test_records_that_went(void **state)
{
    struct scene s;
    struct addrset six = {0}, none = {0};
    struct addr a;

    (void)state;
    scene_prepare(&s);
    s.answers[RECEIVER] = "taken";
    scene_load(&s, "define=notify:hook, kind=webhook, url=https://s3.example.net/in, on=changed\n"
                   "protocol=njalla, password=p, usev4=ifv4, ifv4=eth0, usev6=ifv6, ifv6=eth0, "
                   "on-loss=delete, verify=no h0.example.org\n");
    assert_true(addr_parse("2a00:1450::1", &a));
    addrset_add(&six, &a);
    scene_address(&s, "5.1.1.1");
    sim_sense_set(s.sense, "eth0", V6, &six);
    struct post *p = open_post(&s);
    engine_start(s.engine);
    scene_pass(&s, HOUR);
    sim_sense_set(s.sense, "eth0", V6, &none);
    scene_pass(&s, HOUR);
    assert_non_null(strstr(s.last_body, "h0.example.org has no such address any more"));
    sim_sense_set(s.sense, "eth0", V6, &six);
    scene_pass(&s, HOUR);
    assert_non_null(strstr(s.last_body, "h0.example.org is now 2a00:1450::1"));
    assert_non_null(strstr(s.last_body, ", was none"));
    sim_sense_set(s.sense, "eth0", V6, &none);
    scene_address(&s, "none");
    scene_pass(&s, HOUR);
    assert_non_null(strstr(s.last_body, "h0.example.org has no address any more"));
    assert_int_equal(s.by_server[RECEIVER], 3);
    finish(&s, p);
}

/* Nobody knows the address for an hour, then it is known to be gone and the record goes: it was
 * lost, and is not back. */
static void test_lost_for_good(void **state)
{
    struct scene s;
    struct addrset none = {0};

    (void)state;
    scene_prepare(&s);
    s.answers[RECEIVER] = "taken";
    scene_load(&s, "define=notify:hook, kind=webhook, url=https://s3.example.net/in\n"
                   "protocol=njalla, password=p, usev4=ifv4, ifv4=eth0, on-loss=delete, verify=no "
                   "h0.example.org\n");
    scene_address(&s, "5.1.1.1");
    struct post *p = open_post(&s);
    engine_start(s.engine);
    scene_pass(&s, HOUR);
    sim_sense_set(s.sense, "eth0", V4, NULL);
    scene_pass(&s, HOUR);
    assert_int_equal(s.by_server[RECEIVER], 1);
    assert_non_null(strstr(s.last_body, "has lost an address"));
    sim_sense_set(s.sense, "eth0", V4, &none);
    scene_pass(&s, HOUR);
    assert_int_equal(s.by_server[RECEIVER], 2);
    assert_non_null(strstr(s.last_body, "has no such address any more"));
    scene_address(&s, "5.1.1.2");
    scene_pass(&s, HOUR);
    assert_int_equal(s.by_server[RECEIVER], 3);
    assert_non_null(strstr(s.last_body, "h0.example.org is now 5.1.1.2"));
    finish(&s, p);
}

/* What was taken and does not stand there: in the DNS or, of what only the provider can tell,
 * there; and a hostname that is only watched. */
static void test_in_vain(void **state)
{
    const struct engine_verified ways[] = {
        {.state = VERIFIED_DIFFERS, .servers = 4, .majority = true, .at = 1},
        {.state = VERIFIED_DIFFERS, .agree = 1, .servers = 4, .majority = true, .at = 1},
        {.state = VERIFIED_DIFFERS, .servers = 1, .api = true, .majority = true, .at = 1},
    };
    const struct engine_verified agrees = {
        .state = VERIFIED_AGREES, .agree = 4, .servers = 4, .at = 1};
    const struct engine_verified follows = {
        .state = VERIFIED_DIFFERS, .agree = 3, .servers = 4, .at = 1};
    struct scene s;
    struct post *p = begin(&s, 2, "");

    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        engine_verified(s.engine, scene_id(&s, 0), V4, &ways[i], false);
        scene_pass(&s, HOUR);
        assert_int_equal(s.by_server[RECEIVER], 2 * i + 1);
        assert_non_null(strstr(s.last_body, "The DNS says something else for h0.example.org"));
        assert_null(strstr(s.last_body, "keeps trying"));
        engine_verified(s.engine, scene_id(&s, 0), V4, &agrees, false);
        scene_pass(&s, HOUR);
        assert_int_equal(s.by_server[RECEIVER], 2 * i + 2);
    }
    engine_verified(s.engine, scene_id(&s, 0), V4, &follows, false);
    scene_pass(&s, HOUR);
    assert_int_equal(s.by_server[RECEIVER], 6);
    /* One fails, of the other the DNS says something else. */
    engine_verified(s.engine, scene_id(&s, 0), V4, &ways[0], false);
    scene_pass(&s, HOUR);
    char *text = text_of(2, "\nenabled=watch");
    scene_load(&s, text);
    mem_free(text);
    post_load(p);
    engine_verified(s.engine, scene_id(&s, 0), V4, &agrees, false);
    engine_verified(s.engine, scene_id(&s, 1), V4, &agrees, false);
    scene_pass(&s, HOUR);
    unsigned before = s.by_server[RECEIVER];
    engine_verified(s.engine, scene_id(&s, 0), V4, &ways[0], false);
    engine_verified(s.engine, scene_id(&s, 1), V4, &ways[1], false);
    scene_pass(&s, HOUR);
    assert_int_equal(s.by_server[RECEIVER], before + 1);
    assert_non_null(strstr(s.last_body, "The DNS says something else for 2 hostnames"));
    assert_non_null(strstr(s.last_body, "homing only watches it"));
    finish(&s, p);
}

static struct post *crash_and_start(struct scene *s, struct post *p, const char *text)
{
    sim_state_full(s->state, true); /* nothing more is written */
    post_free(p);
    engine_free(s->engine);
    sim_net_crash(s->net);
    sim_state_crash(s->state);
    sim_state_full(s->state, false);
    sim_sense_restart(s->sense);
    scene_engine(s);
    scene_load(s, text);
    p = open_post(s);
    engine_start(s->engine);
    return p;
}

/* A hostname that was told as failing is taken out of the file while homing does not run: nothing
 * is wrong any more, and the sign of life comes. */
static void test_removed_meanwhile(void **state)
{
    struct scene s;
    struct buf text;

    (void)state;
    scene_prepare(&s);
    s.answers[RECEIVER] = "{\"ok\":true}";
    buf_init(&text, 1 << 16);
    buf_text(&text,
             "define=notify:k, kind=uptimekuma, url=https://s3.example.net, token=x, every=1m\n");
    scene_names(&text, 0, 0, 1, "");
    size_t stays = text.len;
    scene_names(&text, 1, 5, 1, "");
    scene_load(&s, buf_str(&text));
    scene_address(&s, "5.1.1.1");
    struct post *p = open_post(&s);
    engine_start(s.engine);
    scene_pass(&s, MINUTE);
    s.answers[1] = "badauth";
    scene_address(&s, "5.1.1.2");
    scene_pass(&s, HOUR);
    unsigned beats = s.by_server[RECEIVER];
    scene_pass(&s, HOUR);
    assert_int_equal(s.by_server[RECEIVER], beats);
    char *less = mem_text_n(buf_str(&text), stays);
    p = crash_and_start(&s, p, less);
    scene_pass(&s, HOUR);
    assert_in_range(s.by_server[RECEIVER], beats + 50, beats + 61);
    mem_free(less);
    buf_free(&text);
    finish(&s, p);
}

/* homing is started again every few minutes while a provider fails: that is told when its time has
 * come, with the true beginning, and once; and not when it has become right meanwhile. */
static void test_failing_over_restarts(void **state)
{
    for (int heals = 0; heals < 2; heals++) {
        struct scene s;
        struct post *p = begin(&s, 2, "");
        char *text = text_of(2, "");
        struct cause c;

        (void)state;
        s.answers[0] = "500";
        scene_address(&s, "5.1.1.2");
        scene_pass(&s, 4 * MINUTE);
        for (int i = 0; i < 2; i++) {
            p = crash_and_start(&s, p, text);
            if (heals && i == 1) {
                s.answers[0] = "good";
                assert_int_equal(engine_update(s.engine, NULL, false, &c), OK);
            }
            scene_pass(&s, 4 * MINUTE);
        }
        assert_int_equal(s.by_server[RECEIVER], 1);
        assert_non_null(strstr(s.last_body, heals ? "are now 5.1.1.2" : "can not be updated"));
        assert_non_null(strstr(s.last_body, heals ? "was 5.1.1.1" : "\"since\":18000000"));
        scene_pass(&s, HOUR);
        assert_int_equal(s.by_server[RECEIVER], 1);
        mem_free(text);
        finish(&s, p);
    }
}

/* The power goes between a change and the message that would have gathered it. */
static void test_power_cut_while_gathering(void **state)
{
    struct scene s;
    struct post *p = begin(&s, 3, ", gather=1h");
    char *text = text_of(3, ", gather=1h");

    (void)state;
    scene_address(&s, "5.1.1.2");
    scene_pass(&s, 10 * MINUTE);
    scene_address(&s, "5.1.1.3");
    scene_pass(&s, 10 * MINUTE);
    assert_int_equal(s.by_server[RECEIVER], 0);
    p = crash_and_start(&s, p, text);
    scene_pass(&s, 2 * HOUR);
    assert_int_equal(s.by_server[RECEIVER], 1);
    assert_non_null(strstr(s.last_body, "3 hostnames are now 5.1.1.3"));
    assert_non_null(strstr(s.last_body, "was 5.1.1.1, changed 2 times meanwhile"));
    /* It waited because that was asked for, not because there was no way. */
    assert_null(strstr(s.last_body, "no way to tell you"));
    mem_free(text);
    finish(&s, p);
}

/* Only what is asked for, of whom it is asked for. */
static void test_choice(void **state)
{
    struct scene s;
    struct buf text;

    (void)state;
    scene_prepare(&s);
    s.answers[RECEIVER] = "taken";
    buf_init(&text, 1 << 16);
    buf_text(&text, "define=notify:a, kind=webhook, url=https://s3.example.net/a, on=blocked\n"
                    "define=notify:b, kind=webhook, url=https://s3.example.net/b, on=changed\n"
                    "notify=b\n");
    scene_names(&text, 0, 0, 1, "");
    buf_text(&text, "notify=no\n");
    scene_names(&text, 1, 5, 1, "");
    scene_load(&s, buf_str(&text));
    buf_free(&text);
    scene_address(&s, "5.1.1.1");
    struct post *p = open_post(&s);
    engine_start(s.engine);
    scene_pass(&s, MINUTE);
    scene_address(&s, "5.1.1.2");
    scene_pass(&s, HOUR);
    assert_int_equal(s.by_server[RECEIVER], 1);
    assert_non_null(strstr(s.last_body, "h0."));
    s.answers[0] = s.answers[1] = "badauth";
    scene_address(&s, "5.1.1.3");
    scene_pass(&s, DAY);
    assert_int_equal(s.by_server[RECEIVER], 1);
    finish(&s, p);
}

/* A sign of life while all is well, and only then. */
static void test_beat(void **state)
{
    struct scene s;

    (void)state;
    scene_prepare(&s);
    s.answers[RECEIVER] = "{\"ok\":true}";
    struct buf text;
    buf_init(&text, 1 << 16);
    buf_text(&text,
             "define=notify:k, kind=uptimekuma, url=https://s3.example.net, token=x, every=1m\n");
    scene_names(&text, 0, 0, 3, "");
    scene_load(&s, buf_str(&text));
    buf_free(&text);
    scene_address(&s, "5.1.1.1");
    struct post *p = open_post(&s);
    engine_start(s.engine);
    scene_pass(&s, HOUR);
    unsigned beats = s.by_server[RECEIVER];
    assert_in_range(beats, 58, 61);
    s.answers[0] = "badauth";
    scene_address(&s, "5.1.1.2");
    scene_pass(&s, 2 * MINUTE);
    beats = s.by_server[RECEIVER];
    scene_pass(&s, HOUR);
    assert_in_range(s.by_server[RECEIVER], beats, beats);
    s.answers[0] = "good";
    struct cause c;
    assert_int_equal(engine_update(s.engine, NULL, false, &c), OK);
    scene_pass(&s, HOUR);
    assert_in_range(s.by_server[RECEIVER], beats + 50, beats + 61);
    /* Nobody keeps names right while updates are off. */
    engine_switch(s.engine, false);
    scene_pass(&s, MINUTE);
    beats = s.by_server[RECEIVER];
    scene_pass(&s, HOUR);
    assert_in_range(s.by_server[RECEIVER], beats, beats);
    finish(&s, p);
}

/* The address is away for a night. */
static void test_lost_and_back(void **state)
{
    struct scene s;
    struct post *p = begin(&s, 4, "");

    (void)state;
    scene_address(&s, "none");
    scene_pass(&s, 5 * MINUTE);
    assert_int_equal(s.by_server[RECEIVER], 0);
    scene_pass(&s, 8 * (msec)HOUR);
    assert_int_equal(s.by_server[RECEIVER], 1);
    assert_non_null(strstr(s.last_body, "4 hostnames have lost an address"));
    scene_address(&s, "5.1.1.1");
    scene_pass(&s, HOUR);
    assert_int_equal(s.by_server[RECEIVER], 2);
    assert_non_null(strstr(s.last_body, "4 hostnames have their address again"));
    finish(&s, p);
}

static const char terms_file[] = "{\"format\":1,\"id\":\"terms\",\"name\":\"Terms\",\"base\":"
                                 "\"https://s0.example.net\",\"slots\":{"
                                 "\"update\":{\"path\":\"/{fqdn}/{ip}\",\"reply\":\"text\"},"
                                 "\"credential\":{\"base\":\"https://s1.example.net\",\"path\":\"/"
                                 "token\",\"take\":{\"expires-in\":\"/in\"}}}}";

/* The token ends in twenty days: asked once a day, told 14 and 3 days before and at the end; a new
 * token ends it. */
static void test_credentials_end(void **state)
{
    struct scene s;
    struct provider *terms;
    struct cause c;
    struct buf text;

    (void)state;
    assert_int_equal(provider_parse(terms_file, strlen(terms_file), "terms", &terms, &c), OK);
    registry_add(sim_registry(), terms);
    scene_prepare(&s);
    s.answers[RECEIVER] = "taken";
    s.answers[1] = "{\"in\":1728000}";
    buf_init(&text, 1 << 16);
    buf_text(&text, "define=notify:hook, kind=webhook, url=https://s3.example.net/in, on=expiring\n"
                    "provider=terms, usev4=ifv4, ifv4=eth0, verify=no h.example.org\n");
    scene_load(&s, buf_str(&text));
    scene_address(&s, "5.1.1.1");
    struct post *p = open_post(&s);
    engine_start(s.engine);
    scene_pass(&s, HOUR);
    assert_int_equal(s.by_server[0], 1);
    assert_int_equal(s.by_server[1], 1);
    assert_int_equal(s.by_server[RECEIVER], 0);
    for (int day = 1; day <= 21; day++) { /* the world counts down */
        char answer[32];
        snprintf(answer, sizeof answer, "{\"in\":%d}", 1728000 - day * 86400 + 3600);
        s.answers[1] = answer;
        scene_pass(&s, DAY);
        assert_int_equal(s.by_server[1], 1 + day);
        assert_int_equal(s.by_server[RECEIVER], day < 7 ? 0 : day < 18 ? 1 : day < 21 ? 2 : 3);
    }
    assert_non_null(strstr(s.last_body, "The credentials for Terms have ended"));
    s.answers[1] = "{\"in\":31536000}";
    scene_load(&s, buf_str(&text));
    post_load(p);
    scene_pass(&s, 2 * (msec)DAY);
    assert_int_equal(s.by_server[RECEIVER], 3);
    buf_free(&text);
    finish(&s, p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_message_for_all),
        cmocka_unit_test(test_blocked_and_recovered),
        cmocka_unit_test(test_no_storm),
        cmocka_unit_test(test_receiver_away),
        cmocka_unit_test(test_line_back_meanwhile),
        cmocka_unit_test(test_bounded),
        cmocka_unit_test(test_power_cut),
        cmocka_unit_test(test_families_apart),
        cmocka_unit_test(test_silent_line),
        cmocka_unit_test(test_records_that_went),
        cmocka_unit_test(test_lost_for_good),
        cmocka_unit_test(test_in_vain),
        cmocka_unit_test(test_removed_meanwhile),
        cmocka_unit_test(test_failing_over_restarts),
        cmocka_unit_test(test_power_cut_while_gathering),
        cmocka_unit_test(test_choice),
        cmocka_unit_test(test_beat),
        cmocka_unit_test(test_lost_and_back),
        cmocka_unit_test(test_credentials_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
