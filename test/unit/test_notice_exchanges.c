/*
 * SPDX-License-Identifier: ISC
 *
 * Every file of providers/notify/ against its proof: each case of exchanges/<id>.json through the
 * real interpreter, whole requests and outcomes compared. Then the same with a time-out, a 500, a
 * cut and a garbage reply: one outcome, never a good one. What a log would show of each request has
 * no secret in it.
 */
#include "exchanges.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "publish/notice.h"
#include "publish/provider_data.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct registry *registry;
static unsigned faults, cases;

static void complain(const char *id, const char *name, const char *what, const json_t *want,
                     const json_t *got)
{
    char *wanted = want != NULL ? json_dumps(want, JSON_INDENT(1) | JSON_ENCODE_ANY) : NULL;
    char *found = got != NULL ? json_dumps(got, JSON_INDENT(1) | JSON_ENCODE_ANY) : NULL;

    faults++;
    printf("%s, \"%s\": %s\n%s%s%s%s\n", id, name, what, wanted != NULL ? "wanted " : "",
           wanted != NULL ? wanted : "", found != NULL ? "\ngot " : "", found != NULL ? found : "");
    mem_free(wanted);
    mem_free(found);
}

static const char *setting_get(const void *self, const char *name)
{
    return json_string_value(json_object_get(self, name));
}

static bool setting_secret(const void *self, const char *name)
{
    (void)self;
    return text_equal(name, "password");
}

static void not_random(void *arg, void *bytes, size_t n)
{
    (void)arg;
    memset(bytes, 0x11, n);
}

/* One conversation over the step interface. */
struct talk {
    const struct provider *provider;
    struct notice notice;
    struct notice_job job;
    json_t *hosts;
    void *step;
    struct step_out out;
};

static const char *of(const json_t *notice, const char *name, const char *fallback)
{
    const char *text = json_string_value(json_object_get(notice, name));
    return text != NULL ? text : fallback;
}

static void talk_begin(struct talk *t, const struct provider *p, const json_t *given)
{
    const json_t *n = json_object_get(given, "notice");
    const char *slot = of(given, "slot", "tell");
    struct view v = {json_object_get(given, "settings"), setting_get, setting_secret};

    *t = (struct talk){.provider = p};
    t->hosts = json_pack("[{s:s,s:s,s:s,s:s,s:s}]", "hostname", "home.example.org", "provider",
                         "deSEC", "family", "IPv4", "new", "198.51.100.7", "old", "198.51.100.1");
    t->notice = (struct notice){
        .id = "n-1",
        .event = of(n, "event", "changed"),
        .level = of(n, "level", "plain"),
        .title = of(n, "title", "2 hostnames changed"),
        .text = of(n, "text",
                   "home.example.org: IPv4 198.51.100.7, was 198.51.100.1 (deSEC)\n"
                   "www.example.org: IPv4 198.51.100.7, was 198.51.100.1 (deSEC)"),
        .machine = "router",
        .at = 1700000000 * (msec)SECOND,
        .hosts = t->hosts,
    };
    notice_job_init(&t->job, slot, &v, text_equal(slot, "tell") ? &t->notice : NULL, "homing/test");
    step_out_init(&t->out);
    t->step = protocol_notice.start(&t->job.job, p);
}

static void talk_end(struct talk *t)
{
    protocol_notice.end(t->step);
    step_out_free(&t->out);
    notice_job_fini(&t->job);
    json_decref(t->hosts);
}

static void talk_go(struct talk *t, enum step_event event, const struct reply *reply)
{
    struct step_in in = {.event = event,
                         .reply = reply,
                         .now = {HOUR, 1700000000 * (msec)SECOND},
                         .random = not_random};

    step_out_free(&t->out);
    protocol_notice.go(t->step, &in, &t->out);
}

static void compare(const char *id, const char *name, const json_t *expect, const struct request *r)
{
    json_t *got = replay_request(r), *want = json_copy((json_t *)expect);

    if (json_object_get(want, "method") == NULL)
        json_object_set_new(want, "method",
                            json_string(json_object_get(want, "body") != NULL ? "POST" : "GET"));
    if (!json_equal(want, got))
        complain(id, name, "another request than expected", want, got);
    json_decref(got);
    json_decref(want);
}

/* Whatever the file calls a secret, also where a path or a whole address is one. */
static void hides_secrets(const struct provider *p, const char *name, const json_t *settings,
                          const struct request *r)
{
    struct buf shown;

    buf_init(&shown, 1 << 20);
    request_show(r, true, &shown);
    for (size_t i = 0; i < p->info.field_count; i++) {
        const struct provider_field *f = &p->info.fields[i];
        const char *value = f->secret ? setting_get(settings, f->name) : NULL;
        const char *tail = value != NULL ? strrchr(value, '/') : NULL;
        if (value != NULL && (strstr(buf_str(&shown), value) != NULL ||
                              (tail != NULL && strstr(buf_str(&shown), tail + 1) != NULL)))
            complain(p->info.id, name, "a secret is shown", NULL, NULL);
    }
    buf_free(&shown);
}

static void run_case(const struct provider *p, const json_t *c)
{
    const char *name = json_string_value(json_object_get(c, "case"));
    const json_t *given = json_object_get(c, "given"), *steps = json_object_get(c, "steps");
    struct talk t;

    cases++;
    talk_begin(&t, p, given);
    talk_go(&t, STEP_START, NULL);
    for (size_t i = 0; i < json_array_size(steps) && t.out.request_count == 1; i++) {
        const json_t *step = json_array_get(steps, i);
        struct reply reply;
        if (!t.out.requests[0].writes)
            complain(p->info.id, name, "a dry run would send it", NULL, NULL);
        compare(p->info.id, name, json_object_get(step, "expect"), &t.out.requests[0]);
        hides_secrets(p, name, json_object_get(given, "settings"), &t.out.requests[0]);
        replay_reply(json_object_get(step, "reply"), &reply);
        talk_go(&t, STEP_REPLY, &reply);
        reply_free(&reply);
    }
    if (!t.out.done || t.out.outcome_count != 1) {
        complain(p->info.id, name, "it does not end with one outcome", NULL, NULL);
    } else {
        const struct outcome *o = &t.out.outcomes[0];
        const char *say = json_string_value(json_object_get(c, "say"));
        if (!text_equal(outcome_rule(o->cls)->name,
                        json_string_value(json_object_get(c, "outcome"))))
            complain(p->info.id, name, outcome_rule(o->cls)->name, json_object_get(c, "outcome"),
                     NULL);
        if (say != NULL && !text_equal(say, o->say))
            complain(p->info.id, name, o->say != NULL ? o->say : "says nothing",
                     json_object_get(c, "say"), NULL);
        if (o->cls == OUTCOME_LIMIT && strstr(name, "too many") != NULL && o->wait == 0 &&
            json_object_get(json_object_get(json_array_get(steps, 0), "reply"), "headers") != NULL)
            complain(p->info.id, name, "the service's own wait is lost", NULL, NULL);
    }
    talk_end(&t);
}

/* What no service answers with when it took a message. */
static const char *const harms[] = {
    "{\"error\":\"timeout\"}",
    "{\"error\":\"reset\"}",
    "{\"status\":500,\"body\":\"oops\"}",
    "{\"status\":429,\"body\":\"\"}",
    "{\"status\":302,\"body\":\"<html>sign in</html>\"}",
};

static void harm_case(const struct provider *p, const json_t *c)
{
    const char *name = json_string_value(json_object_get(c, "case"));

    for (size_t i = 0; i < sizeof harms / sizeof harms[0]; i++) {
        json_t *spec = json_loads(harms[i], 0, NULL);
        struct reply reply;
        struct talk t;
        talk_begin(&t, p, json_object_get(c, "given"));
        talk_go(&t, STEP_START, NULL);
        replay_reply(spec, &reply);
        talk_go(&t, STEP_REPLY, &reply);
        if (!t.out.done || t.out.outcome_count != 1 || outcome_is_good(t.out.outcomes[0].cls))
            complain(p->info.id, name, harms[i], NULL, NULL);
        reply_free(&reply);
        talk_end(&t);
        json_decref(spec);
    }
}

static void prove(const struct provider *p)
{
    char *name = mem_format("%s.json", p->info.id);
    json_t *file = exchanges_load(NOTICES, name), *c;
    bool good = false, refused = false;
    size_t i;

    mem_free(name);
    if (file == NULL) {
        complain(p->info.id, "-", "has no exchanges file, or it is not JSON", NULL, NULL);
        return;
    }
    if (json_object_get(file, "source") == NULL)
        complain(p->info.id, "-", "no source", NULL, NULL);
    json_array_foreach(json_object_get(file, "cases"), i, c)
    {
        bool fine = text_equal(json_string_value(json_object_get(c, "outcome")), "good");
        good = good || fine;
        refused = refused || !fine;
        run_case(p, c);
        if (fine)
            harm_case(p, c);
    }
    if (!good || !refused)
        complain(p->info.id, "-", "a case that is good and one that is refused are needed", NULL,
                 NULL);
    json_decref(file);
}

static void test_services(void **state)
{
    (void)state;
    size_t count = 0;

    for (const char *id = registry_next_notify(registry, NULL); id != NULL;
         id = registry_next_notify(registry, id)) {
        const struct provider *p = registry_notify(registry, id);
        assert_non_null(p);
        prove(p);
        count++;
    }
    printf("%zu services, %u cases\n", count, cases);
    assert_true(count >= 13);
    assert_int_equal(faults, 0);
}

/* A service that tells people is no provider, and the other way round. */
static void test_apart(void **state)
{
    (void)state;
    assert_null(registry_provider(registry, "ntfy"));
    assert_null(registry_notify(registry, "desec"));
    for (const char *id = registry_next_provider(registry, NULL); id != NULL;
         id = registry_next_provider(registry, id))
        assert_false(provider_info(registry_provider(registry, id))->notify);
}

static void test_files_are_checked(void **state)
{
    static const char *const wrong[] = {
        "{\"format\":1,\"id\":\"x\",\"notify\":true,\"base\":\"{url}\",\"slots\":{\"update\":{}}}",
        "{\"format\":1,\"id\":\"x\",\"notify\":true,\"base\":\"https://a\",\"slots\":{}}",
        "{\"format\":1,\"id\":\"x\",\"base\":\"https://a\",\"slots\":{\"tell\":{\"path\":\"/\"}}}",
        "{\"format\":1,\"id\":\"x\",\"base\":\"https://a\",\"slots\":{\"update\":{\"path\":\"/"
        "{title}\"}}}",
        "{\"format\":1,\"id\":\"x\",\"notify\":true,\"base\":\"https://a\","
        "\"slots\":{\"tell\":{\"path\":\"/{nothing}\"}}}",
    };
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct provider *p = NULL;
        struct cause c;
        assert_int_not_equal(provider_parse(wrong[i], strlen(wrong[i]), "x", &p, &c), OK);
        assert_null(p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_services),
        cmocka_unit_test(test_apart),
        cmocka_unit_test(test_files_are_checked),
    };
    log_add_sink(log_to_file, stderr, LOG_LEVEL_WARNING);
    registry = registry_new();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    registry_free(registry);
    return failed;
}
