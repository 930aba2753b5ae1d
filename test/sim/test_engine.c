/*
 * SPDX-License-Identifier: ISC
 */
/* The engine through single scenes: what it sends, and in which order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/exposition.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "engine/inside.h"
#include "engine/measure.h"
#include "scene.h"

#include <stdio.h>
#include <string.h>

static void test_twenty_names_a_request(void **state)
{
    struct scene s;
    (void)state;
    scene_prepare(&s);
    scene_verdict(&s, "empty", "No hostnames yet.");
    scene_start(&s, 0, 100, "");
    scene_verdict(&s, "no_address_yet", NULL);
    scene_pass(&s, 5 * SECOND);
    assert_int_equal(s.requests, 5);
    scene_verdict(&s, "accepted",
                  "All 100 hostnames were accepted by their providers; the DNS was not asked yet.");
    scene_address(&s, "5.1.1.2");
    scene_pass(&s, MINUTE);
    assert_int_equal(s.requests, 10);
    scene_pass(&s, 24 * (msec)DAY);
    assert_int_equal(s.requests, 10); /* nothing changed */
    scene_pass(&s, 2 * (msec)DAY);
    assert_int_equal(s.requests, 15); /* max-interval */
    scene_finish(&s);
}

static void test_one_bad_token_is_one_refusal(void **state)
{
    struct scene s;
    (void)state;
    scene_prepare(&s);
    s.answers[0] = "badauth";
    scene_start(&s, 0, 100, "");
    scene_pass(&s, DAY);
    assert_int_equal(s.requests, 1);
    scene_host(&s, 0, "needs-you", "auth");
    scene_host(&s, 99, "needs-you", "auth");
    scene_verdict(&s, "needs_auth", "100 of 100 hostnames need you: dyndns2 refuses the password");
    scene_finish(&s);
}

static void test_after_auth_one_record_is_tried_first(void **state)
{
    struct scene s;
    (void)state;
    scene_prepare(&s);
    s.answers[0] = "badauth";
    scene_start(&s, 0, 60, "");
    scene_pass(&s, MINUTE);
    assert_int_equal(s.requests, 1);
    scene_start(&s, 0, 60, "password=q,"); /* still wrong */
    scene_pass(&s, DAY);
    assert_int_equal(s.requests, 2);
    assert_int_equal(scene_names_in(s.last_url), 1);
    s.answers[0] = "good";
    scene_start(&s, 0, 60, "password=r,");
    scene_pass(&s, MINUTE);
    assert_int_equal(s.requests, 2 + 1 + 3); /* one, then 59 in three */
    scene_verdict(&s, "accepted", NULL);
    scene_finish(&s);
}

/* "S" for a request that leaves, "G" for the hostnames that are told as published after it. */
static void note_order(void *arg, const struct log_line *line)
{
    char *order = arg;
    size_t n = strlen(order);
    char sign = text_starts(line->text, "sends ") ? 'S' : strstr(line->text, " is ") ? 'G' : '\0';

    if (sign != '\0' && (sign == 'S' || n == 0 || order[n - 1] != 'G') && n < 15)
        order[n] = sign;
}

static void test_the_next_leaves_before_all_are_told(void **state)
{
    struct scene s;
    char order[16] = "";
    (void)state;
    scene_prepare(&s);
    int sink = log_add_sink(note_order, order, LOG_LEVEL_DEBUG);
    scene_start(&s, 0, 60, "");
    scene_pass(&s, MINUTE);
    log_remove_sink(sink);
    assert_int_equal(s.requests, 3);
    assert_string_equal(order, "SSGSG");
    scene_verdict(&s, "accepted", NULL);
    scene_finish(&s);
}

static void test_what_is_refused_stops_the_next(void **state)
{
    static const char *const refusals[] = {"badauth", "911", "500", "abuse"};
    (void)state;

    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        struct scene s;
        scene_prepare(&s);
        scene_start(&s, 0, 60, "");
        while (s.requests < 1)
            scene_pass(&s, 1);
        s.answers[0] = refusals[i];
        scene_pass(&s, 10 * SECOND);
        assert_int_equal(s.requests, 2);
        scene_host(&s, 0, "right", "taken");
        assert_null(entry_job(engine_entry(s.engine, scene_id(&s, 59))));
        scene_finish(&s);
    }
}

/* The attempts, then what was published so far while the last requests are under way. */
static void test_most_is_written_before_the_end(void **state)
{
    struct scene s;
    struct buf text;
    (void)state;
    scene_prepare(&s);
    buf_init(&text, 1 << 20);
    for (unsigned n = 0; n < 4; n++)
        scene_names(&text, n, n * 100, n == 0 ? 100 : 80, "");
    scene_load(&s, buf_str(&text));
    buf_free(&text);
    scene_address(&s, "5.1.1.1");
    scene_pass(&s, 3 * SECOND);
    uint64_t before = s.engine->commits_stored;
    engine_start(s.engine);
    while (s.requests < 17) /* the fifth of the first server */
        scene_pass(&s, 1);
    assert_int_equal(s.engine->commits_stored - before, 2);
    assert_int_equal(s.engine->under_way, 20);
    scene_pass(&s, SECOND);
    assert_int_equal(s.requests, 17);
    assert_int_equal(s.engine->commits_stored - before, 3);
    assert_int_equal(s.engine->under_way, 0);
    scene_verdict(&s, "accepted", NULL);
    scene_finish(&s);
}

static void test_trouble_delays_nobody_else(void **state)
{
    struct scene s;
    struct buf text;
    (void)state;
    scene_prepare(&s);
    s.answers[0] = NULL;
    s.answers[1] = "500";
    buf_init(&text, 1 << 20);
    for (unsigned n = 0; n < 3; n++)
        scene_names(&text, n, n * 100, 100, "");
    scene_load(&s, buf_str(&text));
    buf_free(&text);
    scene_address(&s, "5.1.1.1");
    scene_pass(&s, 3 * SECOND);
    engine_start(s.engine);
    scene_pass(&s, SECOND);
    assert_int_equal(s.by_server[2], 5); /* within a second */
    assert_int_equal(s.by_server[0], 1);
    assert_int_equal(s.by_server[1], 1);
    scene_host(&s, 250, "right", "taken");
    scene_host(&s, 150, "waiting", "server");
    scene_host(&s, 0, "changing", "sent");
    scene_finish(&s);
}

static void test_too_long_is_halved(void **state)
{
    struct scene s;
    (void)state;
    scene_prepare(&s);
    s.most_names = 6;
    scene_start(&s, 0, 20, "");
    scene_pass(&s, MINUTE);
    /* 20, 10 refused (both tens), then fives. */
    scene_verdict(&s, "accepted", NULL);
    assert_true(scene_names_in(s.last_url) <= 6);
    assert_true(s.requests <= 8);
    scene_finish(&s);
}

static void test_abuse_needs_a_person(void **state)
{
    struct scene s;
    struct cause cause;
    (void)state;
    scene_prepare(&s);
    s.answers[0] = "abuse";
    scene_start(&s, 0, 3, "");
    scene_pass(&s, DAY);
    assert_int_equal(s.requests, 1);
    scene_verdict(&s, "needs_abuse", NULL);
    assert_int_equal(engine_update(s.engine, scene_id(&s, 0), false, &cause), ERR_DENIED);
    scene_start(&s, 0, 3, "password=other,"); /* settings do not lift a block */
    scene_pass(&s, DAY);
    assert_int_equal(s.requests, 1);
    s.answers[0] = "good";
    assert_int_equal(engine_resume(s.engine, scene_id(&s, 1), &cause), OK);
    scene_pass(&s, MINUTE);
    assert_int_equal(s.requests, 3); /* one, then the others */
    scene_verdict(&s, "accepted", NULL);
    scene_finish(&s);
}

static void test_a_family_that_is_gone(void **state)
{
    static const struct {
        const char *settings, *sent; /* NULL: nothing is sent */
        const char *state, *reason;
    } rows[] = {
        {"", NULL, "unknown", "gone_kept"},
        {"on-loss=keep,", NULL, "unknown", "gone_kept"},
        {"on-loss=delete,", NULL, "unknown", "gone_kept"}, /* dyndns2 has no way to do that */
        {"on-loss=5.9.9.9,", "myip=5.9.9.9", "right", "taken"},
        {"on-loss=2a00::9,", NULL, "unknown", "gone_kept"}, /* of the other family */
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct scene s;
        scene_prepare(&s);
        scene_start(&s, 0, 1, rows[i].settings);
        scene_pass(&s, MINUTE);
        assert_int_equal(s.requests, 1);
        scene_address(&s, "none"); /* known: there is none */
        scene_pass(&s, MINUTE);
        assert_int_equal(s.requests, rows[i].sent != NULL ? 2 : 1);
        if (rows[i].sent != NULL)
            assert_non_null(strstr(s.last_url, rows[i].sent));
        scene_host(&s, 0, rows[i].state, rows[i].reason);
        scene_finish(&s);
    }
}

static void test_a_person_updates(void **state)
{
    struct scene s;
    struct cause cause;
    (void)state;
    scene_prepare(&s);
    scene_start(&s, 0, 3, "");
    scene_pass(&s, HOUR);
    assert_int_equal(s.requests, 1);
    assert_int_equal(engine_update(s.engine, NULL, false, &cause), OK);
    scene_pass(&s, MINUTE);
    assert_int_equal(s.requests, 1); /* all are right: nothing to send */
    assert_int_equal(engine_update(s.engine, scene_id(&s, 1), false, &cause), OK);
    scene_pass(&s, MINUTE);
    assert_int_equal(s.requests, 2);
    assert_int_equal(scene_names_in(s.last_url), 1);
    s.answers[0] = "500";
    scene_address(&s, "5.1.1.9");
    scene_pass(&s, MINUTE);
    unsigned tried = s.requests;
    s.answers[0] = "good";
    assert_int_equal(engine_update(s.engine, scene_id(&s, 0), false, &cause), OK);
    scene_pass(&s, SECOND);
    assert_true(s.requests > tried); /* a back-off does not hold a person back */
    assert_int_equal(engine_update(s.engine, "nobody", false, &cause), ERR_NOT_FOUND);
    scene_finish(&s);
}

static void test_commit_before_send(void **state)
{
    struct scene s;
    (void)state;
    scene_prepare(&s);
    sim_state_full(s.state, true);
    scene_start(&s, 0, 3, "");
    scene_pass(&s, HOUR);
    assert_int_equal(s.requests, 0); /* nothing that could not be remembered */
    scene_verdict(&s, "wait_memory", NULL);
    sim_state_full(s.state, false);
    scene_pass(&s, MINUTE);
    assert_int_equal(s.requests, 1);
    scene_finish(&s);
}

/* Who made room on the disk and says so waits for no retry. */
static void test_a_person_made_room(void **state)
{
    struct scene s;
    struct cause cause;
    (void)state;
    scene_prepare(&s);
    scene_start(&s, 0, 2, "");
    scene_pass(&s, MINUTE);
    unsigned before = s.requests;
    sim_state_full(s.state, true);
    scene_address(&s, "5.1.1.9");
    scene_pass(&s, HOUR);
    assert_int_equal(engine_update(s.engine, scene_id(&s, 0), false, &cause), OK);
    do
        scene_pass(&s, SECOND);
    while (s.engine->retry_at < s.engine->now.mono + 20 * SECOND);
    assert_int_equal(s.requests, before); /* there is none yet */
    sim_state_full(s.state, false);
    assert_int_equal(engine_update(s.engine, scene_id(&s, 0), false, &cause), OK);
    scene_pass(&s, 3 * SECOND);
    assert_true(s.requests > before);
    scene_finish(&s);
}

static void test_switch_and_clock(void **state)
{
    struct scene s;
    (void)state;
    scene_prepare(&s);
    sim_net_jump(s.net, -3000 * DAY);
    scene_start(&s, 0, 2, "");
    scene_pass(&s, HOUR);
    assert_int_equal(s.requests, 0);
    scene_verdict(&s, "wait_clock", NULL);
    sim_net_jump(s.net, 3000 * DAY);
    engine_switch(s.engine, false);
    scene_pass(&s, HOUR);
    assert_int_equal(s.requests, 0);
    scene_verdict(&s, "service_off", "Updates are off. 2 hostnames keep the address they have.");
    engine_switch(s.engine, true);
    scene_pass(&s, MINUTE);
    assert_int_equal(s.requests, 1);
    scene_finish(&s);
}

/* Without a way out nothing counts as tried: neither as a failure nor against the budget, and when
 * there is one it goes at once. */
static void test_no_route_is_no_try(void **state)
{
    static const char *const without[] = {"no-route", "no-name"};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct scene s;
        struct buf text;
        scene_prepare(&s);
        s.answers[0] = without[i];
        buf_init(&text, 4096);
        buf_text(&text, "protocol=noip, server=s0.example.net, login=u, password=p, usev4=ifv4, "
                        "ifv4=eth0, min-interval=0, min-error-interval=1h h0.example.org\n");
        scene_load(&s, buf_str(&text));
        buf_free(&text);
        scene_address(&s, "5.1.1.1");
        engine_start(s.engine);
        scene_pass(&s, HOUR);
        scene_host(&s, 0, "waiting", "offline");
        const struct record *r = engine_entry(s.engine, scene_id(&s, 0))->record[V4];
        assert_false(r->failed);
        assert_int_equal(r->failures, 0);
        s.answers[0] = "good";
        unsigned before = s.requests;
        engine_network_changed(s.engine);
        scene_pass(&s, SECOND);
        assert_int_equal(s.requests, before + 1);
        scene_host(&s, 0, "right", "taken");
        for (int k = 0; k < 20; k++) { /* the budget of an hour is whole: ten, nine for homing */
            char address[32];
            snprintf(address, sizeof address, "5.3.3.%d", k + 1);
            scene_address(&s, address);
            scene_pass(&s, 2 * SECOND);
        }
        assert_int_equal(s.requests, before + 9);
        scene_finish(&s);
    }
}

/* The lid is closed in the middle of a request and for a night; the address is another in the
 * morning. */
static void test_suspend_and_resume(void **state)
{
    struct scene s;
    (void)state;
    scene_prepare(&s);
    scene_start(&s, 0, 1, "min-interval=0,");
    scene_pass(&s, HOUR);
    assert_int_equal(s.requests, 1);
    s.answers[0] = NULL;
    scene_address(&s, "5.1.1.2");
    scene_pass(&s, 2 * SECOND);
    assert_int_equal(s.requests, 2); /* under way */
    sim_net_sleep(s.net, 8 * (msec)HOUR);
    s.answers[0] = "good";
    scene_address(&s, "5.1.1.3");
    engine_network_changed(s.engine);
    scene_pass(&s, 2 * MINUTE); /* the lost one is one failure: its first wait */
    assert_non_null(strstr(s.last_url, "5.1.1.3"));
    scene_host(&s, 0, "right", "taken");
    /* A wait that ended during the night is over at once. */
    s.answers[0] = "429";
    scene_address(&s, "5.1.1.4");
    scene_pass(&s, 10 * SECOND);
    scene_host(&s, 0, "waiting", "limit");
    s.answers[0] = "good";
    sim_net_sleep(s.net, 8 * (msec)HOUR);
    scene_pass(&s, 2 * SECOND);
    scene_host(&s, 0, "right", "taken");
    assert_non_null(strstr(s.last_url, "5.1.1.4"));
    scene_finish(&s);
}

/* A captive portal answers in the server's place: it is asked less and less, believed never, and
 * left behind within an hour of its going. */
static void test_captive_portal(void **state)
{
    struct scene s;
    (void)state;
    scene_prepare(&s);
    s.answers[0] = "<html><body>Welcome to the Grand Hotel. Please log in.</body></html>";
    scene_start(&s, 0, 1, "");
    scene_pass(&s, 6 * (msec)HOUR);
    assert_true(s.requests <= 12);
    scene_host(&s, 0, "waiting", "odd_answer");
    s.answers[0] = "good";
    scene_pass(&s, 75 * MINUTE);
    scene_host(&s, 0, "right", "taken");
    scene_finish(&s);
}

static void test_settings_that_count(void **state)
{
    struct scene s;
    (void)state;
    scene_prepare(&s);
    scene_start(&s, 0, 3, "");
    scene_pass(&s, HOUR);
    assert_int_equal(s.requests, 1);
    scene_start(&s, 0, 3, "description=x,");
    scene_pass(&s, HOUR);
    assert_int_equal(s.requests, 1);
    scene_start(&s, 0, 3, "password=new,"); /* tried when it is needed */
    scene_pass(&s, HOUR);
    assert_int_equal(s.requests, 1);
    scene_start(&s, 0, 3, "mx=mail.example.net,");
    scene_pass(&s, HOUR);
    assert_int_equal(s.requests, 2);
    assert_non_null(strstr(s.last_url, "mx=mail.example.net"));
    scene_finish(&s);
}

static void test_private_addresses_are_refused(void **state)
{
    struct scene s;
    (void)state;
    scene_prepare(&s);
    scene_start(&s, 0, 2, "");
    scene_address(&s, "192.168.1.5");
    scene_pass(&s, HOUR);
    assert_int_equal(s.requests, 0);
    scene_verdict(&s, "refused_address", NULL);
    scene_host(&s, 0, "unknown", "refused");
    scene_start(&s, 0, 2, "allow-private=yes,");
    scene_address(&s, "192.168.1.5");
    scene_pass(&s, HOUR);
    assert_int_equal(s.requests, 1);
    scene_finish(&s);
}

/* Whatever is to become of an address that is known to be gone, one that is not known stays. */
static void test_unknown_is_never_none(void **state)
{
    static const char *const settings[] = {"", "on-loss=5.9.9.9,",
                                           "on-loss=5.9.9.9, on-stop=loss,"};
    struct addrset none = {0};

    (void)state;
    for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++) {
        struct scene s;
        scene_prepare(&s);
        scene_start(&s, 0, 2, settings[i]);
        scene_pass(&s, MINUTE);
        sim_sense_set(s.sense, "eth0", V4, NULL);
        scene_pass(&s, HOUR);
        assert_int_equal(s.requests, 1);
        if (i == 0) {
            sim_sense_set(s.sense, "eth0", V4, &none);
            scene_pass(&s, HOUR);
            assert_int_equal(s.requests, 1);
            scene_host(&s, 0, "unknown", "gone_kept");
        }
        scene_address(&s, "5.1.1.1");
        scene_pass(&s, HOUR);
        assert_int_equal(s.requests, 1); /* it is there already */
        scene_finish(&s);
    }
}

/* A protocol of one address a hostname: IPv4 while there is one, else IPv6; nothing again and
 * again. */
static void test_one_address_a_hostname(void **state)
{
    struct scene s;
    struct addrset none = {0}, six = {0};
    struct addr a;
    (void)state;
    scene_prepare(&s);
    scene_load(
        &s, "protocol=changeip, server=s0.example.net, login=u, password=p, usev4=ifv4, ifv4=eth0, "
            "usev6=ifv6, ifv6=eth0, on-loss=keep h0.example.org\n");
    addr_parse("2600::1", &a);
    addrset_add(&six, &a);
    sim_sense_set(s.sense, "eth0", V6, &six);
    scene_address(&s, "5.1.1.1");
    engine_start(s.engine);
    scene_pass(&s, DAY);
    assert_int_equal(s.requests, 1);
    assert_non_null(strstr(s.last_url, "myip=5.1.1.1"));
    scene_host(&s, 0, "right", "taken");
    sim_sense_set(s.sense, "eth0", V4, &none);
    scene_pass(&s, DAY);
    assert_int_equal(s.requests, 2);
    assert_non_null(strstr(s.last_url, "myip=2600::1"));
    scene_finish(&s);
}

static void test_flapping(void **state)
{
    struct scene s;
    (void)state;
    scene_prepare(&s);
    scene_start(&s, 0, 1, "min-interval=0,");
    scene_pass(&s, MINUTE);
    unsigned before = s.requests;
    for (int i = 0; i < 50; i++) {
        char text[32];
        snprintf(text, sizeof text, "5.2.2.%d", i + 1);
        scene_address(&s, text);
        scene_pass(&s, 199);
    }
    unsigned during = s.requests - before;
    assert_true(during <= 11); /* one a second at most */
    scene_pass(&s, 5 * SECOND);
    assert_non_null(strstr(s.last_url, "5.2.2.50")); /* the last one wins */
    scene_finish(&s);
}

/* Fifty changes within ten seconds, at random: never two updates within a settle time, never more
 * than the provider allows, and the last address wins. */
static void test_flapping_at_random(void **state)
{
    enum {
        COMMIT = 50
    }; /* an attempt is on the disk before its request leaves: now sooner, now later */
    static const struct {
        const char *settle, *protocol;
        msec least; /* between two requests */
        unsigned budget;
    } rows[] = {{"settle=200ms\n", "dyndns2", 200, 50},
                {"settle=1\n", "dyndns2", SECOND, 50},
                {"settle=3\n", "dyndns2", 3 * SECOND, 50},
                {"settle=0\n", "noip", 0, 10},
                {"settle=200ms\n", "noip", 200, 10}};
    uint32_t seed = 7;

    (void)state;
    for (size_t i = 0; i < 100; i++) {
        size_t row = i % (sizeof rows / sizeof rows[0]);
        struct scene s;
        struct buf text;
        char address[32];
        scene_prepare(&s);
        buf_init(&text, 4096);
        buf_format(&text,
                   "%sprotocol=%s, server=s0.example.net, login=u, password=p, usev4=ifv4, "
                   "ifv4=eth0, min-interval=0 h.example.org\n",
                   rows[row].settle, rows[row].protocol);
        scene_load(&s, buf_str(&text));
        buf_free(&text);
        scene_address(&s, "5.1.1.1");
        engine_start(s.engine);
        scene_pass(&s, 2 * HOUR);
        unsigned before = s.requests;
        for (int k = 0; k < 50; k++) {
            seed = seed * 1664525u + 1013904223u;
            snprintf(address, sizeof address, "5.2.2.%u", 1 + (seed >> 24) % 5);
            scene_address(&s, k == 49 ? "5.2.2.77" : address);
            scene_pass(&s, (msec)(seed >> 8 & 0xffff) % 400);
        }
        scene_pass(&s, 5 * SECOND);
        assert_true(s.requests - before <= rows[row].budget);
        for (unsigned k = before + 1; k < s.requests && k < 64; k++)
            assert_true(s.at[k] - s.at[k - 1] + COMMIT >= rows[row].least);
        scene_pass(&s, 2 * HOUR);
        assert_non_null(strstr(s.last_url, "5.2.2.77"));
        scene_host(&s, 0, "right", "taken");
        scene_finish(&s);
    }
}

static void test_settle_is_the_files(void **state)
{
    static const struct {
        const char *settings;
        msec least; /* from the event to the request */
    } rows[] = {{"settle=0\n", 0}, {"", 200}, {"settle=3\n", 3 * SECOND}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct scene s;
        struct buf text;
        scene_prepare(&s);
        buf_init(&text, 1 << 16);
        buf_text(&text, rows[i].settings);
        scene_names(&text, 0, 0, 1, "min-interval=0,");
        scene_load(&s, buf_str(&text));
        scene_address(&s, "5.1.1.1");
        engine_start(s.engine);
        scene_pass(&s, MINUTE);
        unsigned before = s.requests;
        scene_address(&s, "5.1.1.2");
        if (rows[i].least > 0)
            scene_pass(&s, rows[i].least - 1);
        assert_int_equal(s.requests, before);
        scene_pass(&s, 2);
        assert_int_equal(s.requests, before + 1);
        buf_free(&text);
        scene_finish(&s);
    }
}

static void set_line(struct scene *s, const char *interface, const char *text)
{
    struct addrset set = {0};
    struct addr a;

    if (text != NULL && addr_parse(text, &a))
        addrset_add(&set, &a);
    sim_sense_set(s->sense, interface, V4, text != NULL ? &set : NULL);
}

static const char two_uplinks[] = "define=uplink:eth0, interface=eth0\n"
                                  "define=uplink:eth1, interface=eth1, source-address=5.9.9.9, "
                                  "standby=yes, mark=7\n"
                                  "protocol=dyndns2, server=s0.example.net, login=u, password=p, "
                                  "usev4=ifv4, uplink='eth0,eth1', %s h0.example.org\n";

static void start_uplinks(struct scene *s, const char *settings)
{
    struct buf text;

    scene_prepare(s);
    buf_init(&text, 4096);
    buf_format(&text, two_uplinks, settings);
    scene_load(s, buf_str(&text));
    buf_free(&text);
    set_line(s, "eth0", "5.1.1.1");
    set_line(s, "eth1", "5.2.2.2");
    engine_start(s->engine);
    scene_pass(s, 10 * SECOND);
}

static void test_the_first_uplink_that_works(void **state)
{
    struct scene s;
    (void)state;
    start_uplinks(&s, "");
    assert_int_equal(s.requests, 1);
    assert_non_null(strstr(s.last_url, "5.1.1.1"));
    assert_int_equal(s.last_mark, 0);
    assert_false(sim_sense_needed(s.sense, "eth1"));
    set_line(&s, "eth0", NULL);
    scene_pass(&s, 50 * SECOND);
    assert_int_equal(s.requests, 1);
    assert_true(sim_sense_needed(s.sense, "eth1")); /* asked before it is needed */
    scene_pass(&s, 20 * SECOND);
    assert_int_equal(s.requests, 2);
    assert_non_null(strstr(s.last_url, "5.2.2.2"));
    assert_int_equal(s.last_mark, 7); /* the request travels by way of it */
    set_line(&s, "eth0", "5.1.1.3");
    scene_pass(&s, 50 * SECOND);
    assert_int_equal(s.requests, 2);
    scene_pass(&s, 20 * SECOND);
    assert_int_equal(s.requests, 3);
    assert_non_null(strstr(s.last_url, "5.1.1.3"));
    assert_int_equal(s.last_mark, 0);
    for (int i = 0; i < 100; i++) { /* an uplink that never rests */
        set_line(&s, "eth0", i % 2 == 0 ? NULL : "5.1.1.3");
        scene_pass(&s, 7 * SECOND);
    }
    assert_int_equal(s.requests, 3);
    scene_host(&s, 0, "right", "taken");
    scene_finish(&s);
}

static void ignore_reply(void *arg, const struct reply *reply)
{
    (void)arg;
    (void)reply;
}

/* As verify/ does. */
static void ask_the_dns(struct scene *s, const char *interface)
{
    struct net *net = engine_net(s->engine);
    const struct transport by = {.interface = interface, .timeout = 5 * SECOND};
    struct request r;

    request_init(&r, REQUEST_DNS);
    r.server = mem_text("9.9.9.9");
    r.wire = mem_alloc(17);
    r.wire_len = 17;
    net->ops->send(net, &r, &by, ignore_reply, NULL);
}

/* The interface is as it was, and nothing comes back by it. */
static void test_a_dead_uplink(void **state)
{
    struct scene s;
    (void)state;
    start_uplinks(&s, "");
    ask_the_dns(&s, "eth0");
    scene_pass(&s, HOUR);
    assert_true(s.asked[0] >= 55 && s.asked[0] <= 65); /* it is silent else */
    assert_int_equal(s.asked[1], 0);
    assert_int_equal(s.requests, 1);
    s.dead = "eth0";
    scene_pass(&s, 4 * MINUTE);
    assert_int_equal(s.requests, 2);
    assert_non_null(strstr(s.last_url, "5.2.2.2"));
    assert_int_equal(s.last_mark, 7);
    assert_int_equal(s.asked[1], 1); /* for contrast: the standby is not asked without need */
    scene_pass(&s, DAY);
    assert_int_equal(s.requests, 2); /* still dead, and no wish to try it */
    s.dead = NULL;
    scene_pass(&s, 3 * MINUTE);
    assert_int_equal(s.requests, 3);
    assert_non_null(strstr(s.last_url, "5.1.1.1"));
    s.dead = "all"; /* the servers, or the whole place: no reason to go elsewhere */
    scene_pass(&s, DAY);
    assert_int_equal(s.requests, 3);
    scene_finish(&s);
}

/* The first try by a line that is dead from the start is its own, not the server's. */
static void test_an_update_by_a_dead_uplink(void **state)
{
    struct scene s;
    (void)state;
    start_uplinks(&s, "min-interval=0, timeout=10,");
    ask_the_dns(&s, "eth0");
    scene_pass(&s, 10 * MINUTE);
    s.dead = "eth0";
    set_line(&s, "eth0", "5.1.1.2");
    scene_pass(&s, 3 * MINUTE);
    assert_non_null(strstr(s.last_url, "5.2.2.2")); /* at once after the hold-down */
    assert_int_equal(s.last_mark, 7);
    s.dead = NULL;
    scene_pass(&s, 5 * MINUTE);
    assert_non_null(strstr(s.last_url, "5.1.1.2"));
    scene_host(&s, 0, "right", "taken");
    scene_finish(&s);
}

static void test_all_uplinks(void **state)
{
    struct scene s;
    (void)state;
    start_uplinks(&s, "uplink-mode=all,");
    const struct set *wanted = engine_entry(s.engine, scene_id(&s, 0))->record[V4]->wanted;
    char text[ADDRSET_TEXT_MAX];
    assert_string_equal(addrset_text(set_addresses(wanted), text), "5.1.1.1, 5.2.2.2");
    set_line(&s, "eth1", NULL);
    scene_pass(&s, 2 * MINUTE);
    wanted = engine_entry(s.engine, scene_id(&s, 0))->record[V4]->wanted;
    assert_string_equal(addrset_text(set_addresses(wanted), text), "5.1.1.1");
    scene_finish(&s);
}

static void crash(struct scene *s, const char *conf)
{
    engine_free(s->engine);
    sim_net_crash(s->net);
    sim_state_crash(s->state);
    sim_sense_restart(s->sense);
    scene_engine(s);
    scene_load(s, conf);
    engine_start(s->engine);
}

static void test_restart_remembers(void **state)
{
    struct scene s;
    struct buf text;
    (void)state;
    scene_prepare(&s);
    s.answers[1] = "badauth";
    buf_init(&text, 1 << 20);
    scene_names(&text, 0, 0, 3, "");
    scene_names(&text, 1, 10, 3, "");
    scene_load(&s, buf_str(&text));
    scene_address(&s, "5.1.1.1");
    engine_start(s.engine);
    scene_pass(&s, HOUR);
    assert_int_equal(s.requests, 2);
    crash(&s, buf_str(&text));
    buf_free(&text);
    scene_pass(&s, DAY);
    assert_int_equal(s.requests, 2);
    scene_host(&s, 3, "needs-you", "auth");
    scene_finish(&s);
}

/* A hostname was refused, another address is under way: what is remembered then is no stop of that
 * address, which nobody refused yet. Its attempt counts as a failed one; the next answer stops it.
 */
static void test_a_stop_that_had_ended(void **state)
{
    struct scene s;
    struct buf text;
    (void)state;
    scene_prepare(&s);
    s.answers[1] = "nohost";
    buf_init(&text, 1 << 20);
    scene_names(&text, 1, 0, 1, "");
    scene_load(&s, buf_str(&text));
    scene_address(&s, "5.1.1.1");
    engine_start(s.engine);
    scene_pass(&s, HOUR);
    struct memstate *disk = sim_state_disk(s.state);
    assert_true(memstate_record(disk, scene_id(&s, 0), V4)->stopped);
    s.answers[1] = NULL;
    scene_address(&s, "5.1.1.2");
    scene_pass(&s, 10 * SECOND);
    assert_int_equal(s.requests, 2);
    const struct state_record *r = memstate_record(disk, scene_id(&s, 0), V4);
    assert_true(r->attempt_open);
    assert_false(r->stopped);
    crash(&s, buf_str(&text));
    s.answers[1] = "nohost";
    scene_pass(&s, 30 * SECOND);
    assert_int_equal(s.requests, 2);
    for (int round = 0; round < 2; round++) { /* the second time by what was remembered */
        scene_pass(&s, DAY);
        assert_int_equal(s.requests, 3);
        scene_host(&s, 0, "needs-you", "no-host");
        assert_true(memstate_record(disk, scene_id(&s, 0), V4)->stopped);
        crash(&s, buf_str(&text));
    }
    buf_free(&text);
    scene_finish(&s);
}

/* A hostname goes from the configuration while its request is under way, and comes back: nobody
 * knows what became of the request. */
static void test_gone_while_under_way(void **state)
{
    struct scene s;
    (void)state;
    scene_prepare(&s);
    scene_start(&s, 0, 2, "");
    scene_pass(&s, HOUR);
    assert_int_equal(s.requests, 1);
    s.answers[0] = NULL;
    scene_address(&s, "5.1.1.2");
    scene_pass(&s, 5 * SECOND);
    assert_int_equal(s.requests, 2);
    char *gone = mem_text(scene_id(&s, 1));
    scene_start(&s, 0, 1, "");
    s.answers[0] = "good";
    scene_pass(&s, HOUR);
    const struct state_record *r = memstate_record(sim_state_disk(s.state), gone, V4);
    assert_true(r->attempt_open);
    scene_address(&s, "5.1.1.1"); /* it may have got the other one */
    scene_pass(&s, HOUR);
    unsigned before = s.requests;
    scene_start(&s, 0, 2, "");
    scene_pass(&s, HOUR);
    assert_int_equal(s.requests, before + 1);
    assert_non_null(strstr(s.last_url, "h1.example.org"));
    mem_free(gone);
    scene_finish(&s);
}

/* The clock is lost while a request is under way: what is remembered of it stays until the time is
 * known again and something else can take its place. */
static void test_the_clock_is_lost_while_under_way(void **state)
{
    const msec years = 50 * 365 * (msec)DAY;
    struct scene s;
    (void)state;
    scene_prepare(&s);
    scene_start(&s, 0, 1, "");
    scene_pass(&s, HOUR);
    assert_int_equal(s.requests, 1);
    struct memstate *disk = sim_state_disk(s.state);
    s.answers[0] = NULL;
    scene_address(&s, "5.1.1.2");
    scene_pass(&s, 5 * SECOND);
    assert_int_equal(s.requests, 2);
    assert_true(memstate_record(disk, scene_id(&s, 0), V4)->attempt_open);
    sim_net_jump(s.net, -years);
    scene_address(&s, "5.1.1.3"); /* something happens */
    scene_pass(&s, 5 * SECOND);
    assert_true(memstate_record(disk, scene_id(&s, 0), V4)->attempt_open);
    s.answers[0] = "good";
    scene_pass(&s, HOUR);
    sim_net_jump(s.net, years);
    scene_pass(&s, 2 * HOUR);
    const struct state_record *r = memstate_record(disk, scene_id(&s, 0), V4);
    assert_false(r->attempt_open);
    assert_true(r->published_known);
    scene_finish(&s);
}

/* Both at once: it goes from the configuration while its request is under way and the clock is not
 * believed, and what it was is remembered when the time is known again. */
static void test_gone_while_the_clock_is_lost(void **state)
{
    const msec years = 50 * 365 * (msec)DAY;
    struct scene s;
    (void)state;
    scene_prepare(&s);
    scene_start(&s, 0, 2, "");
    scene_pass(&s, HOUR);
    s.answers[0] = NULL;
    scene_address(&s, "5.1.1.2");
    scene_pass(&s, 5 * SECOND);
    assert_int_equal(s.requests, 2);
    char *gone = mem_text(scene_id(&s, 1));
    struct memstate *disk = sim_state_disk(s.state);
    msec at = memstate_record(disk, gone, V4)->attempt_at;
    sim_net_jump(s.net, -years);
    scene_address(&s, "5.1.1.3"); /* something happens */
    scene_pass(&s, 5 * SECOND);
    scene_start(&s, 0, 1, "");
    s.answers[0] = "good";
    scene_pass(&s, HOUR);
    sim_net_jump(s.net, years);
    scene_pass(&s, 2 * HOUR);
    const struct state_record *r = memstate_record(disk, gone, V4);
    assert_true(r->attempt_open);
    assert_int_equal(r->attempt_at, at);
    assert_false(memstate_record(disk, scene_id(&s, 0), V4)->attempt_open);
    mem_free(gone);
    scene_finish(&s);
}

static void test_secrets_that_differ_are_accounts_that_differ(void **state)
{
    struct scene s;
    (void)state;
    scene_prepare(&s);
    scene_load(
        &s, "protocol=dyndns2, server=s0.example.net, login=u, password=a, usev4=ifv4, ifv4=eth0 "
            "a.example.org\n"
            "protocol=dyndns2, server=s0.example.net, login=u, password=b, usev4=ifv4, ifv4=eth0 "
            "b.example.org\n");
    scene_address(&s, "5.1.1.1");
    engine_start(s.engine);
    scene_pass(&s, MINUTE);
    assert_int_equal(s.requests, 2);
    scene_finish(&s);
}

static const char *way_of(const struct scene *s, size_t n)
{
    return s->engine->order[n]->account->site->endpoint->key;
}

/* The breaker is that of the way by a proxy. Another proxy is another way, which the same account
 * goes from then on; what is under way by the former one ends there. */
static void test_another_proxy_is_another_way(void **state)
{
    struct scene s;
    (void)state;
    scene_prepare(&s);
    s.answers[0] = "500";
    scene_start(&s, 0, 1, "proxy=p1.example.net:3128");
    scene_pass(&s, DAY);
    const struct account_box *box = s.engine->order[0]->account;
    const struct endpoint_box *first = box->site->endpoint;
    unsigned before = s.requests;
    scene_pass(&s, MINUTE);
    assert_int_equal(s.requests, before);
    s.answers[0] = NULL;
    scene_start(&s, 0, 1, "proxy=p2.example.net:3128");
    assert_string_equal(way_of(&s, 0), "s0.example.net by proxy p2.example.net:3128");
    assert_ptr_equal(s.engine->order[0]->account, box);
    assert_ptr_equal(account_first(s.engine), box);
    assert_null(account_next(box));
    scene_pass(&s, 5 * SECOND);
    assert_int_equal(s.requests, before + 1);
    /* While it hangs. */
    const struct endpoint_box *second = box->site->endpoint;
    scene_start(&s, 0, 1, "proxy=p3.example.net:3128");
    s.answers[0] = "good";
    scene_pass(&s, DAY);
    assert_string_equal(way_of(&s, 0), "s0.example.net by proxy p3.example.net:3128");
    scene_host(&s, 0, "right", "taken");
    assert_int_equal(box->site->endpoint->endpoint.failures, 0);
    assert_int_equal(second->endpoint.failures, 1);
    assert_true(first->endpoint.failures > 1);
    scene_finish(&s);
}

/* The way of an account that has two is the first; its neighbour has its own. */
static void test_a_neighbours_proxy_is_not_the_accounts(void **state)
{
    struct scene s;
    (void)state;
    scene_prepare(&s);
    scene_load(&s, "protocol=dyndns2, server=s0.example.net, login=u, password=a, usev4=ifv4, "
                   "ifv4=eth0, proxy=p1.example.net a.example.org\n"
                   "protocol=dyndns2, server=s0.example.net, login=u, password=a, usev4=ifv4, "
                   "ifv4=eth0, proxy=p2.example.net b.example.org\n"
                   "protocol=dyndns2, server=s0.example.net, login=v, password=b, usev4=ifv4, "
                   "ifv4=eth0, proxy=p2.example.net c.example.org\n");
    assert_string_equal(way_of(&s, 0), "s0.example.net by proxy p1.example.net");
    assert_ptr_equal(s.engine->order[1]->account, s.engine->order[0]->account);
    assert_string_equal(way_of(&s, 2), "s0.example.net by proxy p2.example.net");
    scene_finish(&s);
}

/* Whatever ways they change to, all accounts are still gone through, each once. */
static void test_no_account_is_lost_between_proxies(void **state)
{
    static const char ways[][4] = {"111", "121", "212", "222", "312", "111"};
    struct scene s;
    (void)state;
    scene_prepare(&s);
    for (size_t round = 0; round < sizeof ways / sizeof ways[0]; round++) {
        struct buf text;
        unsigned count = 0;
        buf_init(&text, 4096);
        for (unsigned i = 0; i < 3; i++)
            buf_format(&text,
                       "protocol=dyndns2, server=s0.example.net, login=u%u, password=p, "
                       "usev4=ifv4, ifv4=eth0, proxy=p%c.example.net h%u.example.org\n",
                       i, ways[round][i], i);
        scene_load(&s, buf_str(&text));
        buf_free(&text);
        for (const struct account_box *b = account_first(s.engine); b != NULL; b = account_next(b))
            count++;
        assert_int_equal(count, 3);
        for (size_t i = 0; i < 3; i++)
            assert_int_equal(strstr(way_of(&s, i), "proxy p")[7], ways[round][i]);
    }
    scene_finish(&s);
}

/* All settings are others after a reload; only where the secret is, too, it was entered now. */
static void test_secrets_are_dated_where_they_changed(void **state)
{
    static const char *const before[] = {"p", "p", "q", "r", "r", "s"};
    static const char *const after[] = {"p", "x", "q", "r", "y", "x"};
    struct scene s;
    (void)state;
    scene_prepare(&s);
    for (int round = 0; round < 2; round++) {
        struct buf text;
        buf_init(&text, 4096);
        buf_format(&text, "usev4=ifv4, ifv4=eth0, ttl=%d\n", 60 + round);
        for (int i = 0; i < 6; i++)
            buf_format(&text,
                       "protocol=dyndns2, server=s0.example.net, login=u%d, password=%s "
                       "h%d.example.org%s\n",
                       i, round == 0 ? before[i] : after[i], i, i == 2 ? ",g.example.org" : "");
        scene_load(&s, buf_str(&text));
        buf_free(&text);
        scene_address(&s, "5.1.1.1");
        engine_start(s.engine);
        scene_pass(&s, MINUTE);
    }
    for (size_t i = 0; i < s.engine->entry_count; i++) {
        size_t n = i < 3 ? i : i - 1; /* its line */
        assert_int_equal(s.engine->order[i]->secrets_at != 0, strcmp(before[n], after[n]) != 0);
    }
    scene_finish(&s);
}

/* What stands there: 5.1.1.LAST, asked about as the checks would. */
static void dns_says(struct scene *s, size_t n, unsigned last, bool there)
{
    struct addrset set = {0};
    struct addr a = {.family = V4, .bytes = {5, 1, 1, (uint8_t)last}};

    addrset_add(&set, &a);
    engine_answered(s->engine, scene_id(s, n), V4, &set, there);
    scene_pass(s, SECOND);
}

static void test_without_memory_the_dns_is_asked(void **state)
{
    struct scene s;
    (void)state;
    scene_prepare(&s);
    engine_free(s.engine);
    s.asks = true;
    scene_engine(&s);
    scene_start(&s, 0, 4, "");
    scene_pass(&s, HOUR);
    assert_int_equal(s.requests, 0); /* whoever asks bounds how long that takes */
    scene_host(&s, 0, "waiting", "question");
    dns_says(&s, 0, 1, true);
    assert_int_equal(s.requests, 0);
    scene_host(&s, 0, "right", "taken");
    dns_says(&s, 1, 1, false);
    assert_int_equal(s.requests, 1);
    /* An answer about a former address is none. */
    scene_address(&s, "5.1.1.2");
    scene_pass(&s, SECOND);
    unsigned before = s.requests;
    dns_says(&s, 2, 1, true);
    scene_host(&s, 2, "waiting", "question");
    dns_says(&s, 2, 2, false);
    assert_int_equal(s.requests, before + 1);
    /* A person need not wait for an answer. */
    struct cause c;
    assert_int_equal(engine_update(s.engine, scene_id(&s, 3), false, &c), OK);
    scene_pass(&s, SECOND);
    assert_int_equal(s.requests, before + 2);
    scene_finish(&s);
}

static void test_after_doubtful_trouble_the_dns_is_asked(void **state)
{
    struct scene s;
    (void)state;
    scene_prepare(&s);
    engine_free(s.engine);
    s.asks = true;
    scene_engine(&s);
    scene_start(&s, 0, 1, "");
    scene_pass(&s, SECOND);
    dns_says(&s, 0, 1, false);
    assert_int_equal(s.requests, 1);
    s.answers[0] = "500";
    scene_address(&s, "5.1.1.2");
    scene_pass(&s, 2 * MINUTE);
    assert_int_equal(s.requests, 2);
    /* The back-off comes first, the question when it is over. */
    scene_pass(&s, HOUR);
    assert_int_equal(s.requests, 2);
    scene_host(&s, 0, "waiting", "question");
    dns_says(&s, 0, 2, false);
    assert_int_equal(s.requests, 3);
    scene_pass(&s, HOUR);
    assert_int_equal(s.requests, 3);
    dns_says(&s, 0, 2, true); /* it had arrived all the same */
    scene_pass(&s, DAY);
    assert_int_equal(s.requests, 3);
    scene_host(&s, 0, "right", "taken");
    scene_finish(&s);
}

/* An account that no hostname had for a while is the same when one has it again. */
static void test_an_account_comes_back(void **state)
{
    struct scene s;
    struct buf one, both;

    (void)state;
    scene_prepare(&s);
    buf_init(&one, 1 << 12);
    buf_init(&both, 1 << 12);
    scene_names(&one, 0, 0, 1, "");
    scene_names(&both, 0, 0, 1, "");
    scene_names(&both, 1, 1, 1, "");
    s.answers[1] = "abuse";
    scene_load(&s, buf_str(&both));
    scene_address(&s, "5.1.1.1");
    engine_start(s.engine);
    scene_pass(&s, HOUR);
    scene_host(&s, 1, "needs-you", "abuse");
    for (unsigned i = 0; i < 3; i++) {
        scene_load(&s, buf_str(&one));
        scene_pass(&s, HOUR);
        scene_load(&s, buf_str(&both));
        scene_pass(&s, HOUR);
        scene_host(&s, 1, "needs-you", "abuse");
    }
    assert_int_equal(s.by_server[1], 1);
    buf_free(&one);
    buf_free(&both);
    scene_finish(&s);
}

static void load_named(struct scene *s, const char *account)
{
    char *text = mem_format("define=account:acc, %s\n"
                            "account=acc, usev4=ifv4, ifv4=eth0 h0.example.org\n",
                            account);
    scene_load(s, text);
    mem_free(text);
}

/* The name stays, and it is another provider's account: nothing of it goes the former way. */
static void test_a_named_account_moves(void **state)
{
    struct scene s;
    (void)state;
    scene_prepare(&s);
    load_named(&s, "protocol=dyndns2, server=s0.example.net, login=u, password=p");
    scene_address(&s, "5.1.1.1");
    engine_start(s.engine);
    scene_pass(&s, MINUTE);
    assert_int_equal(s.requests, 1);
    s.answers[0] = "500";
    scene_address(&s, "5.1.1.2");
    scene_pass(&s, HOUR);
    unsigned former = s.by_server[0];
    load_named(&s, "protocol=porkbun, server=s1.example.net, login=u, password=q");
    scene_pass(&s, MINUTE); /* nor does that one's trouble hold it up */
    assert_int_equal(s.by_server[0], former);
    assert_string_equal(s.last_url, "https://s1.example.net/dns/h0.example.org/A");
    scene_finish(&s);
}

/* A session that was begun with one login is no session of another. */
static void test_a_session_goes_with_its_login(void **state)
{
    struct scene s;
    (void)state;
    scene_prepare(&s);
    s.answers[0] = "202";
    load_named(&s, "protocol=njalla, login=first, password=p");
    scene_address(&s, "5.1.1.1");
    engine_start(s.engine);
    scene_pass(&s, MINUTE);
    scene_address(&s, "5.1.1.2");
    scene_pass(&s, MINUTE);
    assert_string_equal(s.last_url, "https://s0.example.net/5.1.1.2?first");
    load_named(&s, "protocol=njalla, login=second, password=p");
    scene_pass(&s, MINUTE);
    assert_string_equal(s.last_url, "https://s0.example.net/5.1.1.2");
    scene_address(&s, "5.1.1.3");
    for (unsigned n = s.requests; s.requests == n;)
        scene_pass(&s, 1);
    assert_string_equal(s.last_url, "https://s0.example.net/5.1.1.3?second");
    load_named(&s, "protocol=njalla, login=third, password=p"); /* while that is under way */
    scene_pass(&s, MINUTE);
    assert_string_equal(s.last_url, "https://s0.example.net/5.1.1.3");
    scene_finish(&s);
}

/* Accounts that no hostname has any more are in no measurement: an alert would never end. */
static void test_only_accounts_with_hostnames_are_measured(void **state)
{
    struct exposition x;
    struct scene s;
    (void)state;
    scene_prepare(&s);
    s.answers[0] = "badauth";
    load_named(&s, "protocol=dyndns2, server=s0.example.net, login=u, password=p");
    scene_address(&s, "5.1.1.1");
    engine_start(s.engine);
    scene_pass(&s, MINUTE);
    for (int i = 0; i < 4; i++) { /* there and back again, twice */
        load_named(&s, i % 2 == 0 ? "protocol=porkbun, server=s1.example.net, login=u, password=q"
                                  : "protocol=dyndns2, server=s1.example.net, login=u, password=q");
        scene_pass(&s, MINUTE);
    }
    exposition_init(&x, EXPOSITION_OPENMETRICS);
    measure_engine(s.engine, &x);
    const char *text = buf_str(&x.text), *up = strstr(text, "homing_account_up{");
    assert_non_null(up);
    assert_null(strstr(up + 1, "homing_account_up{"));
    assert_null(strstr(text, "homing_account_needs_you{account=\"acc\",provider=\"dyndns2\"} 1"));
    assert_null(strstr(text, "(former)"));
    exposition_fini(&x);
    scene_finish(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_twenty_names_a_request),
        cmocka_unit_test(test_one_bad_token_is_one_refusal),
        cmocka_unit_test(test_after_auth_one_record_is_tried_first),
        cmocka_unit_test(test_the_next_leaves_before_all_are_told),
        cmocka_unit_test(test_what_is_refused_stops_the_next),
        cmocka_unit_test(test_most_is_written_before_the_end),
        cmocka_unit_test(test_trouble_delays_nobody_else),
        cmocka_unit_test(test_too_long_is_halved),
        cmocka_unit_test(test_abuse_needs_a_person),
        cmocka_unit_test(test_a_family_that_is_gone),
        cmocka_unit_test(test_a_person_updates),
        cmocka_unit_test(test_commit_before_send),
        cmocka_unit_test(test_a_person_made_room),
        cmocka_unit_test(test_switch_and_clock),
        cmocka_unit_test(test_no_route_is_no_try),
        cmocka_unit_test(test_suspend_and_resume),
        cmocka_unit_test(test_captive_portal),
        cmocka_unit_test(test_settings_that_count),
        cmocka_unit_test(test_private_addresses_are_refused),
        cmocka_unit_test(test_unknown_is_never_none),
        cmocka_unit_test(test_one_address_a_hostname),
        cmocka_unit_test(test_flapping),
        cmocka_unit_test(test_flapping_at_random),
        cmocka_unit_test(test_settle_is_the_files),
        cmocka_unit_test(test_the_first_uplink_that_works),
        cmocka_unit_test(test_a_dead_uplink),
        cmocka_unit_test(test_an_update_by_a_dead_uplink),
        cmocka_unit_test(test_all_uplinks),
        cmocka_unit_test(test_restart_remembers),
        cmocka_unit_test(test_a_stop_that_had_ended),
        cmocka_unit_test(test_gone_while_under_way),
        cmocka_unit_test(test_the_clock_is_lost_while_under_way),
        cmocka_unit_test(test_gone_while_the_clock_is_lost),
        cmocka_unit_test(test_secrets_that_differ_are_accounts_that_differ),
        cmocka_unit_test(test_another_proxy_is_another_way),
        cmocka_unit_test(test_a_neighbours_proxy_is_not_the_accounts),
        cmocka_unit_test(test_no_account_is_lost_between_proxies),
        cmocka_unit_test(test_secrets_are_dated_where_they_changed),
        cmocka_unit_test(test_a_named_account_moves),
        cmocka_unit_test(test_a_session_goes_with_its_login),
        cmocka_unit_test(test_only_accounts_with_hostnames_are_measured),
        cmocka_unit_test(test_without_memory_the_dns_is_asked),
        cmocka_unit_test(test_an_account_comes_back),
        cmocka_unit_test(test_after_doubtful_trouble_the_dns_is_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
