/*
 * SPDX-License-Identifier: ISC
 */
/* What people get from the engine: plans, passes, commands after a change, news, removal,
 * documents. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"
#include "engine/report.h"
#include "scene.h"

#include <stdlib.h>
#include <string.h>

static void planned(void *arg, const struct engine_plan_result *result)
{
    struct scene *s = arg;
    json_t *doc = report_plan(result, false);

    mem_free(s->plan);
    char *text = json_dumps(doc, JSON_COMPACT | JSON_SORT_KEYS);
    s->plan = mem_text(text);
    free(text);
    json_decref(doc);
}

/* The line has no IPv6: its source says so, and is not waited for. */
static void test_plan_without_one_family(void **state)
{
    struct scene s;
    struct cause cause;
    (void)state;
    scene_prepare(&s);
    scene_load(&s, "protocol=dyndns2, server=s0.example.net, login=a, password=b, usev4=ifv4, "
                   "ifv4=eth0, usev6=ifv6, ifv6=eth0 h0.example.org\n");
    scene_address(&s, "5.1.1.1");
    engine_switch(s.engine, false);
    engine_start(s.engine);
    assert_int_equal(
        engine_plan(s.engine, s.conf, conf_entry_at(s.conf, 0), PLAN_READS, planned, &s, &cause),
        OK);
    scene_pass(&s, 5 * SECOND);
    assert_non_null(s.plan);
    assert_non_null(strstr(s.plan, "5.1.1.1"));
    scene_finish(&s);
}

static void test_plan(void **state)
{
    struct scene s;
    struct cause cause;
    (void)state;
    scene_prepare(&s);
    scene_start(&s, 0, 2, "");
    engine_switch(s.engine, false);
    scene_pass(&s, MINUTE);
    assert_int_equal(
        engine_plan(s.engine, s.conf, conf_entry_at(s.conf, 0), PLAN_READS, planned, &s, &cause),
        OK);
    assert_null(s.plan);
    scene_pass(&s, MINUTE);
    assert_string_equal(s.plan,
                        "{\"message\":{\"args\":{},\"code\":\"plan_sends\",\"text\":\"This "
                        "would be sent; nothing has been changed.\"},\"requests\":[{"
                        "\"text\":\"GET "
                        "https://s0.example.net/nic/update?hostname=h0.example.org&myip=5.1.1.1\","
                        "\"writes\":true}]}");
    assert_int_equal(s.requests, 0);
    assert_int_equal(
        engine_plan(s.engine, s.conf, conf_entry_at(s.conf, 1), PLAN_OFFLINE, planned, &s, &cause),
        OK);
    scene_pass(&s, MINUTE);
    assert_non_null(strstr(s.plan, "h1.example.org"));
    assert_int_equal(s.requests, 0);
    /* One that is under way at the end is given up. */
    sim_sense_set(s.sense, "eth0", V4, NULL);
    scene_pass(&s, SECOND);
    assert_int_equal(
        engine_plan(s.engine, s.conf, conf_entry_at(s.conf, 0), PLAN_READS, planned, &s, &cause),
        OK);
    scene_finish(&s);
}

/* What runs is not what the file says: the verdict tells it whatever else it has to say. */
static void test_conf_refused(void **state)
{
    static const struct {
        const char *why, *detail;
    } rows[] = {
        {NULL, NULL},
        {"homing.conf has an error on line 5: x\xff",
         "homing.conf has an error on line 5: x?. homing goes on with what was good before, until "
         "this is mended (homing check)."},
        {NULL, NULL},
    };
    struct scene s;
    (void)state;
    scene_prepare(&s);
    scene_start(&s, 0, 1, "");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        engine_conf_refused(s.engine, rows[i].why);
        scene_pass(&s, SECOND);
        json_t *doc = report_verdict(s.engine), *detail = json_object_get(doc, "detail");
        if (rows[i].detail == NULL)
            assert_true(json_is_null(detail));
        else
            assert_string_equal(json_string_value(json_object_get(detail, "text")), rows[i].detail);
        json_decref(doc);
    }
    engine_conf_refused(s.engine, "still"); /* and is freed with the engine */
    scene_finish(&s);
}

static void once_done(void *arg, const struct engine_once_result *result)
{
    struct scene *s = arg;
    s->done = true;
    s->once = *result;
}

static void test_once(void **state)
{
    struct scene s;
    struct buf text;
    (void)state;
    scene_prepare(&s);
    s.answers[1] = "nohost";
    s.answers[2] = "500";
    buf_init(&text, 1 << 20);
    for (unsigned n = 0; n < 3; n++)
        scene_names(&text, n, n * 10, 2, "");
    scene_load(&s, buf_str(&text));
    buf_free(&text);
    scene_address(&s, "5.1.1.1");
    engine_once(s.engine, MINUTE, once_done, &s);
    scene_pass(&s, 10 * SECOND);
    assert_true(s.done);
    assert_int_equal(s.once.published, 2);
    assert_int_equal(s.once.blocked, 2);
    assert_int_equal(s.once.failed, 2);
    assert_false(s.once.out_of_time);
    scene_finish(&s);
}

static void test_once_without_answers(void **state)
{
    struct scene s;
    (void)state;
    scene_prepare(&s);
    s.answers[0] = NULL; /* hangs */
    scene_start(&s, 0, 2, "");
    engine_once(s.engine, 20 * SECOND, once_done, &s);
    scene_pass(&s, 30 * SECOND);
    assert_true(s.done);
    assert_true(s.once.out_of_time);
    scene_finish(&s);
}

static void test_hook(void **state)
{
    struct scene s;
    (void)state;
    scene_prepare(&s);
    scene_start(&s, 0, 1, "postscript=/bin/true,");
    scene_pass(&s, MINUTE);
    scene_address(&s, "5.1.1.2");
    scene_pass(&s, MINUTE);
    assert_int_equal(s.hooks, 2);
    assert_string_equal(s.hook, "postscript 5.1.1.2 HOMING_HOST=h0.example.org HOMING_FAMILY=IPv4 "
                                "HOMING_OLD=5.1.1.1 HOMING_NEW=5.1.1.2 HOMING_OUTCOME=good");
    scene_start(&s, 0, 1, "hook=/bin/true,");
    scene_address(&s, "5.1.1.3");
    scene_pass(&s, MINUTE);
    assert_int_equal(s.hooks, 3);
    assert_non_null(strstr(s.hook, "hook (null) HOMING_HOST=h0.example.org"));
    scene_finish(&s);
}

static void entry_changed(void *arg, const char *entry)
{
    struct scene *s = arg;
    assert_non_null(entry);
    s->changed++;
}

static void entry_gone(void *arg, const char *entry)
{
    struct scene *s = arg;
    assert_non_null(strstr(entry, "h1.example.org"));
    s->gone++;
}

static void verdict_changed(void *arg)
{
    struct scene *s = arg;
    s->verdicts++;
}

static void many_changed(void *arg)
{
    *(unsigned *)arg += 1;
}

/* A fleet that changes at once is told of once to who wants no more. */
static void test_many_changes_are_told_as_one(void **state)
{
    struct scene s;
    unsigned many = 0;
    const struct engine_observer each = {
        .arg = &s, .entry_changed = entry_changed, .verdict_changed = verdict_changed};
    const struct engine_observer at_once = {
        .arg = &many, .entry_changed = NULL, .many_changed = many_changed};
    (void)state;
    scene_prepare(&s);
    scene_start(&s, 0, ENGINE_MANY + 1, "");
    scene_pass(&s, HOUR);
    engine_observe(s.engine, &each);
    engine_observe(s.engine, &at_once);
    engine_switch(s.engine, false);
    scene_pass(&s, MINUTE);
    assert_int_equal(s.changed, ENGINE_MANY + 1);
    assert_int_equal(many, 1);
    scene_finish(&s);
}

static void test_observers(void **state)
{
    struct scene s;
    struct engine_observer o = {.arg = &s,
                                .entry_changed = entry_changed,
                                .entry_gone = entry_gone,
                                .verdict_changed = verdict_changed};
    (void)state;
    scene_prepare(&s);
    unsigned handle = engine_observe(s.engine, &o);
    scene_start(&s, 0, 2, "");
    scene_pass(&s, MINUTE);
    assert_true(s.changed >= 4 && s.verdicts > 0);
    scene_start(&s, 0, 1, "");
    scene_pass(&s, MINUTE);
    assert_int_equal(s.gone, 1);
    engine_unobserve(s.engine, handle);
    unsigned before = s.changed;
    scene_address(&s, "5.1.1.3");
    scene_pass(&s, MINUTE);
    assert_int_equal(s.changed, before);
    scene_finish(&s);
}

static void stopped(void *arg)
{
    struct scene *s = arg;
    s->done = true;
}

static void test_stop_waits_for_nobody_long(void **state)
{
    struct scene s;
    (void)state;
    scene_prepare(&s);
    s.answers[0] = NULL;
    scene_start(&s, 0, 50, "");
    scene_pass(&s, 3 * SECOND);
    engine_stop(s.engine, stopped, &s);
    assert_false(s.done);
    scene_pass(&s, 6 * SECOND);
    assert_true(s.done);
    scene_finish(&s);
}

static void removed(void *arg, enum err result, const char *say)
{
    struct scene *s = arg;
    s->done = true;
    s->removed = result;
    if (result == ERR_DENIED)
        assert_string_equal(say, "it says no");
}

static const char njalla[] = "protocol=njalla, password=p, usev4=ifv4, ifv4=eth0 a.example.org\n";

static void test_remove(void **state)
{
    struct scene s;
    struct cause cause;
    (void)state;
    scene_prepare(&s);
    scene_load(&s, njalla);
    scene_address(&s, "5.1.1.1");
    engine_start(s.engine);
    scene_pass(&s, MINUTE);
    assert_string_equal(s.last_url, "https://s0.example.net/5.1.1.1");
    s.answers[0] = "403";
    assert_int_equal(engine_remove(s.engine, scene_id(&s, 0), removed, &s, &cause), OK);
    assert_int_equal(engine_remove(s.engine, scene_id(&s, 0), removed, &s, &cause), ERR_BUSY);
    assert_false(s.done);
    scene_pass(&s, MINUTE);
    assert_int_equal(s.removed, ERR_DENIED);
    s.answers[0] = "good";
    scene_address(&s, "5.1.1.2"); /* it stayed, and goes on */
    scene_pass(&s, MINUTE);
    engine_update(s.engine, scene_id(&s, 0), false, &cause);
    scene_pass(&s, MINUTE);
    assert_string_equal(s.last_url, "https://s0.example.net/5.1.1.2");
    s.done = false;
    assert_int_equal(engine_remove(s.engine, scene_id(&s, 0), removed, &s, &cause), OK);
    scene_pass(&s, 10 * SECOND);
    assert_true(s.done);
    assert_int_equal(s.removed, OK);
    assert_string_equal(s.last_url, "https://s0.example.net/none");
    unsigned requests = s.requests;
    scene_address(&s, "5.1.1.3"); /* on its way out: not published again */
    scene_pass(&s, 10 * SECOND);
    assert_int_equal(s.requests, requests);
    scene_load(&s, "");
    scene_pass(&s, HOUR);
    assert_int_equal(s.requests, requests);
    scene_finish(&s);
}

static void test_remove_what_stays(void **state)
{
    struct scene s;
    struct cause cause;
    (void)state;
    scene_prepare(&s);
    scene_load(&s, njalla);
    scene_address(&s, "5.1.1.1");
    engine_start(s.engine);
    assert_int_equal(engine_remove(s.engine, scene_id(&s, 0), removed, &s, &cause), OK);
    scene_pass(&s, SECOND);
    assert_true(s.done); /* nothing of ours is there */
    assert_int_equal(s.requests, 0);
    scene_pass(&s, 2 * MINUTE); /* still in the configuration: published */
    assert_int_equal(s.requests, 1);
    s.done = false;
    s.answers[0] = NULL;
    assert_int_equal(engine_remove(s.engine, scene_id(&s, 0), removed, &s, &cause), OK);
    scene_pass(&s, 100 * SECOND);
    assert_int_equal(s.removed, ERR_TIMEOUT);
    scene_start(&s, 0, 1, "");
    assert_int_equal(engine_remove(s.engine, scene_id(&s, 0), removed, &s, &cause),
                     ERR_UNSUPPORTED);
    assert_int_equal(engine_remove(s.engine, "nobody", removed, &s, &cause), ERR_NOT_FOUND);
    scene_finish(&s);
}

/* The page's own words for what is verified. */
static void test_verified(void **state)
{
    struct scene s;
    struct engine_verified agrees = {.state = VERIFIED_AGREES, .agree = 4, .servers = 4, .at = 1};
    struct engine_verified differs = {.state = VERIFIED_DIFFERS, .servers = 4, .at = 1};
    (void)state;
    scene_prepare(&s);
    scene_start(&s, 0, 1, "");
    scene_pass(&s, MINUTE);
    engine_verified(s.engine, scene_id(&s, 0), V4, &agrees, false);
    scene_host(&s, 0, "right", "dns_agrees");
    scene_verdict(&s, "all_right", NULL);
    engine_verified(s.engine, scene_id(&s, 0), V4, &differs, true);
    scene_pass(&s, MINUTE);
    assert_int_equal(s.requests, 2); /* one ordinary attempt */
    scene_pass(&s, DAY);
    assert_int_equal(s.requests, 2);
    scene_finish(&s);
}

/* An explanation says of the DNS what is so: nothing is counted where nobody is asked, whatever was
 * found in former times. */
static void test_why_the_dns_is_not_asked(void **state)
{
    static const struct {
        const char *settings, *text;
    } rows[] = {
        {"", "The DNS was not asked about it yet."},
        {"verify=no, ", "The DNS is not asked about it (verify=no)."},
        {"verify=api, ", "The DNS is not asked about it (verify=api)."},
    };
    struct engine_verified nothing = {.state = VERIFIED_UNKNOWN, .at = 1};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct scene s;
        bool said = false;

        scene_prepare(&s);
        scene_start(&s, 0, 1, rows[i].settings);
        scene_pass(&s, MINUTE);
        if (i > 0)
            engine_verified(s.engine, scene_id(&s, 0), V4, &nothing, false);
        json_t *doc = report_why(s.engine, scene_id(&s, 0)), *line;
        size_t k;
        json_array_foreach(json_object_get(doc, "explanation"), k, line)
        {
            const char *text = json_string_value(json_object_get(line, "text"));

            said = said || strcmp(text, rows[i].text) == 0;
            assert_null(strstr(text, "0 of 0"));
        }
        assert_true(said);
        json_decref(doc);
        scene_finish(&s);
    }
}

static void test_documents(void **state)
{
    struct scene s;
    struct report_query query = {.search = "H1.EX", .sort = "-hostname", .limit = 10};
    (void)state;
    scene_prepare(&s);
    scene_start(&s, 0, 20, "description='a note', ");
    scene_pass(&s, MINUTE);
    json_t *doc = report_hostnames(s.engine, &query);
    assert_int_equal(json_integer_value(json_object_get(doc, "total")), 1);
    json_decref(doc);
    query = (struct report_query){.sort = "-hostname", .offset = 1, .limit = 2};
    doc = report_hostnames(s.engine, &query);
    json_t *items = json_object_get(doc, "items");
    assert_int_equal(json_array_size(items), 2);
    assert_string_equal(json_string_value(json_object_get(json_array_get(items, 0), "hostname")),
                        "h8.example.org");
    json_decref(doc);
    doc = report_entry(s.engine, scene_id(&s, 0), "v1");
    json_t *settings = json_object_get(doc, "settings");
    assert_true(json_is_true(json_object_get(json_object_get(settings, "password"), "set")));
    assert_string_equal(json_string_value(json_object_get(settings, "login")), "u0");
    char *text = json_dumps(doc, 0);
    assert_null(strstr(text, "\"p\""));
    free(text);
    json_decref(doc);
    doc = report_why(s.engine, scene_id(&s, 0));
    assert_true(json_array_size(json_object_get(doc, "explanation")) >= 3);
    assert_true(json_array_size(json_object_get(doc, "history")) >= 2);
    json_decref(doc);
    doc = report_addresses(s.engine, 0, 0, 0);
    assert_int_equal(json_array_size(json_object_get(doc, "sources")), 1);
    assert_string_equal(json_string_value(json_object_get(json_object_get(doc, "place"), "code")),
                        "place_one");
    json_decref(doc);
    assert_null(report_why(s.engine, "nobody"));
    assert_null(report_entry(s.engine, "nobody", NULL));
    scene_finish(&s);
}

/* Of one hostname after the other, in the same millisecond: page by page it is what one page tells
 * that has room for all. */
static void test_pages_of_the_history(void **state)
{
    struct scene s;
    json_t *all, *page, *read = json_array();
    size_t offset = 0, pages = 0;
    (void)state;

    scene_prepare(&s);
    scene_start(&s, 0, 255, "");
    scene_pass(&s, MINUTE);
    all = report_addresses(s.engine, 1, 0, 0);
    const json_t *list = json_object_get(all, "history");
    assert_true(json_is_null(json_object_get(all, "next")));
    do {
        page = report_addresses(s.engine, 0, 0, offset);
        json_array_extend(read, json_object_get(page, "history"));
        offset = (size_t)json_integer_value(json_object_get(page, "next"));
        json_decref(page);
        pages++;
    } while (offset != 0);
    assert_true(pages > 2);
    assert_true(json_equal(list, read));
    assert_true(json_equal(json_object_get(json_array_get(read, REPORT_HISTORY - 1), "at"),
                           json_object_get(json_array_get(read, REPORT_HISTORY), "at")));
    json_decref(all);
    json_decref(read);
    scene_finish(&s);
}

static void test_every_message_is_whole(void **state)
{
    struct message_values v = {.count = 2, .say = "\xff odd"};
    (void)state;
    for (size_t i = 0; message_code(i) != NULL; i++) {
        json_t *doc = message_new(message_code(i), &v);
        const char *text = json_string_value(json_object_get(doc, "text"));
        assert_non_null(text);
        assert_true(text[0] != '\0');
        assert_null(strchr(text, '{'));
        json_decref(doc);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_plan),
        cmocka_unit_test(test_plan_without_one_family),
        cmocka_unit_test(test_conf_refused),
        cmocka_unit_test(test_once),
        cmocka_unit_test(test_once_without_answers),
        cmocka_unit_test(test_hook),
        cmocka_unit_test(test_observers),
        cmocka_unit_test(test_many_changes_are_told_as_one),
        cmocka_unit_test(test_stop_waits_for_nobody_long),
        cmocka_unit_test(test_remove),
        cmocka_unit_test(test_remove_what_stays),
        cmocka_unit_test(test_verified),
        cmocka_unit_test(test_why_the_dns_is_not_asked),
        cmocka_unit_test(test_documents),
        cmocka_unit_test(test_pages_of_the_history),
        cmocka_unit_test(test_every_message_is_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
