/*
 * SPDX-License-Identifier: ISC
 */
/* The engine through single scenes: what it sends, in which order, and what it says about it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/text.h"
#include "engine/engine.h"
#include "engine/report.h"
#include "sim_net.h"
#include "sim_registry.h"
#include "sim_sense.h"
#include "sim_state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct scene {
    bool asks; /* the DNS is asked before writes whose effect nobody knows */
    struct sim_net *net;
    struct sim_state *state;
    struct sim_sense *sense;
    struct engine *engine;
    struct conf *conf;
    unsigned requests;
    unsigned by_server[4];
    char last_url[4096];
    const char *answers[4]; /* by server number; NULL: hangs; "500", "413", "429": that status */
    unsigned most_names;    /* names a request may have, else 413; 0: any */
    bool done;
    enum err removed;
    struct engine_once_result once;
    char *plan; /* JSON of the last plan */
    struct runner runner;
    char hook[256];
    unsigned hooks, changed, gone, verdicts;
};

static unsigned names_in(const char *url)
{
    const char *at = strstr(url, "hostname=");
    unsigned count = 1;

    for (at = at != NULL ? at : ""; *at != '\0' && *at != '&'; at++)
        count += *at == ',';
    return count;
}

static msec world(void *arg, const struct request *request, const struct transport *transport,
                  struct reply *reply)
{
    struct scene *s = arg;
    const char *url = marked_str(&request->url);
    const char *server = strstr(url, "://s");
    unsigned n = server != NULL ? (unsigned)(server[4] - '0') % 4 : 0;
    const char *answer = s->answers[n];

    (void)transport;
    s->requests++;
    s->by_server[n]++;
    snprintf(s->last_url, sizeof s->last_url, "%s", url);
    reply->sent = SENT_YES;
    reply->status = 200;
    if (answer == NULL)
        return NEVER;
    if (s->most_names != 0 && names_in(url) > s->most_names)
        reply->status = 413;
    else if (answer[0] >= '0' && answer[0] <= '9' && strlen(answer) == 3 &&
             !text_equal(answer, "911"))
        reply->status = atoi(answer);
    else
        for (unsigned i = 0; i < names_in(url); i++) {
            buf_text(&reply->body, answer);
            buf_char(&reply->body, '\n');
        }
    return 20;
}

static void run_hook(struct runner *runner, const char *entry, const char *setting,
                     const char *const *args, const char *const *env, msec limit, runner_fn *fn,
                     void *arg)
{
    struct scene *s = (struct scene *)((char *)runner - offsetof(struct scene, runner));
    struct runner_result result = {.error = OK};

    (void)limit;
    (void)entry;
    s->hooks++;
    snprintf(s->hook, sizeof s->hook, "%s %s %s %s %s %s %s", setting,
             args[0] != NULL ? args[0] : "(null)", env[0], env[1], env[2], env[3], env[4]);
    fn(arg, &result);
}

static const struct runner_ops runner_ops = {run_hook};

/* A protocol of one request, which can delete. */
static void *tiny_start(const struct job *job, const struct provider *provider)
{
    (void)provider;
    return (void *)(uintptr_t)job;
}

static void tiny_go(void *step, const struct step_in *in, struct step_out *out)
{
    const struct job *job = step;
    const struct want *want = job->members[0].want;
    char text[ADDRSET_TEXT_MAX];

    if (in->event == STEP_REPLY) {
        enum outcome_class cls = step_class_of_status(in->reply->status, true);
        step_outcome(out, 0, 0, cls, cls == OUTCOME_GOOD ? NULL : "it says no");
    }
    out->done = in->event != STEP_START;
    if (out->done)
        return;
    struct request *r = step_request(out, REQUEST_HTTP);
    r->writes = true;
    request_method(r, "PUT");
    marked_text(&r->url, "https://s0.example.net/");
    marked_text(&r->url, want[V4].due ? addrset_text(&want[V4].wanted, text) : "none");
}

static void tiny_end(void *step)
{
    (void)step;
}

static const struct protocol tiny = {"tiny", tiny_start, tiny_go, tiny_end};

static const struct protocol *dialogue(const char *name)
{
    return text_equal(name, "tiny") ? &tiny : sim_dialogue(name);
}

static void load(struct scene *s, const char *text)
{
    const struct conf_options options = {.dialect = CONF_HOMING, .name = "scene"};
    struct cause cause;

    conf_unref(s->conf);
    s->conf = conf_parse(text, strlen(text), &options);
    assert_false(conf_has_errors(s->conf));
    assert_int_equal(engine_load(s->engine, s->conf, &cause), OK);
}

static void engine(struct scene *s)
{
    const struct engine_seams seams = {.net = sim_net_seam(s->net),
                                       .sense = sim_sense_seam(s->sense),
                                       .state = sim_state_seam(s->state),
                                       .registry = sim_registry(),
                                       .runner = &s->runner,
                                       .dialogue = dialogue};
    const struct engine_options options = {.key = "a key", .asks = s->asks};
    s->engine = engine_new(&seams, &options);
}

static void prepare(struct scene *s)
{
    *s = (struct scene){.answers = {"good", "good", "good", "good"}, .runner = {&runner_ops}};
    s->net = sim_net_new(11, world, s);
    s->state = sim_state_new(s->net);
    s->sense = sim_sense_new(s->net);
    engine(s);
}

static void finish(struct scene *s)
{
    engine_free(s->engine);
    sim_net_crash(s->net);
    sim_sense_free(s->sense);
    sim_state_free(s->state);
    sim_net_free(s->net);
    conf_unref(s->conf);
    mem_free(s->plan);
}

static void address(struct scene *s, const char *text)
{
    struct addrset set = {0};
    struct addr a;

    if (addr_parse(text, &a))
        addrset_add(&set, &a);
    sim_sense_set(s->sense, "eth0", V4, &set);
}

static void pass(struct scene *s, msec length)
{
    sim_net_run(s->net, net_now(sim_net_seam(s->net)).mono + length);
}

/* "protocol=.., server=sN.., .. usev4=.. hA,hB" for count names. */
static void names(struct buf *out, unsigned server, unsigned from, unsigned count,
                  const char *settings)
{
    buf_format(out,
               "protocol=dyndns2, server=s%u.example.net, login=u%u, password=p, usev4=ifv4, "
               "ifv4=eth0, %s",
               server, server, settings);
    for (unsigned i = 0; i < count; i++)
        buf_format(out, "%sh%u.example.org", i > 0 ? "," : " ", from + i);
    buf_char(out, '\n');
}

static void start(struct scene *s, unsigned server, unsigned count, const char *settings)
{
    struct buf text;

    buf_init(&text, 1 << 20);
    names(&text, server, 0, count, settings);
    load(s, buf_str(&text));
    buf_free(&text);
    address(s, "5.1.1.1");
    engine_start(s->engine);
}

/* The verdict is that; its text is asserted too when given. */
static void assert_verdict(struct scene *s, const char *code, const char *text)
{
    json_t *doc = report_verdict(s->engine), *message = json_object_get(doc, "message");

    assert_string_equal(json_string_value(json_object_get(message, "code")), code);
    if (text != NULL)
        assert_string_equal(json_string_value(json_object_get(message, "text")), text);
    json_decref(doc);
}

static void assert_host(struct scene *s, size_t n, const char *state, const char *reason)
{
    struct report_query all = {.limit = 1000};
    json_t *doc = report_hostnames(s->engine, &all);
    json_t *host = json_array_get(json_object_get(doc, "items"), n);

    assert_string_equal(json_string_value(json_object_get(host, "state")), state);
    assert_string_equal(json_string_value(json_object_get(json_object_get(host, "reason"), "code")),
                        reason);
    json_decref(doc);
}

static const char *id_of(const struct scene *s, size_t n)
{
    return conf_entry_id(conf_entry_at(s->conf, n));
}

/* Scenes */

static void test_twenty_names_a_request(void **state)
{
    struct scene s;
    (void)state;
    prepare(&s);
    assert_verdict(&s, "empty", "No hostnames yet.");
    start(&s, 0, 100, "");
    assert_verdict(&s, "no_address_yet", NULL);
    pass(&s, 5 * SECOND);
    assert_int_equal(s.requests, 5);
    assert_verdict(
        &s, "accepted",
        "All 100 hostnames were accepted by their providers; the DNS was not asked yet.");
    address(&s, "5.1.1.2");
    pass(&s, MINUTE);
    assert_int_equal(s.requests, 10);
    pass(&s, 24 * (msec)DAY);
    assert_int_equal(s.requests, 10); /* nothing changed */
    pass(&s, 2 * (msec)DAY);
    assert_int_equal(s.requests, 15); /* max-interval */
    finish(&s);
}

static void test_one_bad_token_is_one_refusal(void **state)
{
    struct scene s;
    (void)state;
    prepare(&s);
    s.answers[0] = "badauth";
    start(&s, 0, 100, "");
    pass(&s, DAY);
    assert_int_equal(s.requests, 1);
    assert_host(&s, 0, "needs-you", "auth");
    assert_host(&s, 99, "needs-you", "auth");
    assert_verdict(&s, "needs_auth", "100 of 100 hostnames need you: dyndns2 refuses the password");
    finish(&s);
}

static void test_after_auth_one_record_is_tried_first(void **state)
{
    struct scene s;
    (void)state;
    prepare(&s);
    s.answers[0] = "badauth";
    start(&s, 0, 60, "");
    pass(&s, MINUTE);
    assert_int_equal(s.requests, 1);
    start(&s, 0, 60, "password=q,"); /* still wrong */
    pass(&s, DAY);
    assert_int_equal(s.requests, 2);
    assert_int_equal(names_in(s.last_url), 1);
    s.answers[0] = "good";
    start(&s, 0, 60, "password=r,");
    pass(&s, MINUTE);
    assert_int_equal(s.requests, 2 + 1 + 3); /* one, then 59 in three */
    assert_verdict(&s, "accepted", NULL);
    finish(&s);
}

static void test_trouble_delays_nobody_else(void **state)
{
    struct scene s;
    struct buf text;
    (void)state;
    prepare(&s);
    s.answers[0] = NULL;
    s.answers[1] = "500";
    buf_init(&text, 1 << 20);
    for (unsigned n = 0; n < 3; n++)
        names(&text, n, n * 100, 100, "");
    load(&s, buf_str(&text));
    buf_free(&text);
    address(&s, "5.1.1.1");
    pass(&s, 3 * SECOND);
    engine_start(s.engine);
    pass(&s, SECOND);
    assert_int_equal(s.by_server[2], 5); /* within a second */
    assert_int_equal(s.by_server[0], 1);
    assert_int_equal(s.by_server[1], 1);
    assert_host(&s, 250, "right", "taken");
    assert_host(&s, 150, "waiting", "server");
    assert_host(&s, 0, "changing", "sent");
    finish(&s);
}

static void test_too_long_is_halved(void **state)
{
    struct scene s;
    (void)state;
    prepare(&s);
    s.most_names = 6;
    start(&s, 0, 20, "");
    pass(&s, MINUTE);
    /* 20, 10 refused (both tens), then fives. */
    assert_verdict(&s, "accepted", NULL);
    assert_true(names_in(s.last_url) <= 6);
    assert_true(s.requests <= 8);
    finish(&s);
}

static void test_abuse_needs_a_person(void **state)
{
    struct scene s;
    struct cause cause;
    (void)state;
    prepare(&s);
    s.answers[0] = "abuse";
    start(&s, 0, 3, "");
    pass(&s, DAY);
    assert_int_equal(s.requests, 1);
    assert_verdict(&s, "needs_abuse", NULL);
    assert_int_equal(engine_update(s.engine, id_of(&s, 0), false, &cause), ERR_DENIED);
    start(&s, 0, 3, "password=other,"); /* settings do not lift a block */
    pass(&s, DAY);
    assert_int_equal(s.requests, 1);
    s.answers[0] = "good";
    assert_int_equal(engine_resume(s.engine, id_of(&s, 1), &cause), OK);
    pass(&s, MINUTE);
    assert_int_equal(s.requests, 3); /* one, then the others */
    assert_verdict(&s, "accepted", NULL);
    finish(&s);
}

static void test_a_person_updates(void **state)
{
    struct scene s;
    struct cause cause;
    (void)state;
    prepare(&s);
    start(&s, 0, 3, "");
    pass(&s, HOUR);
    assert_int_equal(s.requests, 1);
    assert_int_equal(engine_update(s.engine, NULL, false, &cause), OK);
    pass(&s, MINUTE);
    assert_int_equal(s.requests, 1); /* all are right: nothing to send */
    assert_int_equal(engine_update(s.engine, id_of(&s, 1), false, &cause), OK);
    pass(&s, MINUTE);
    assert_int_equal(s.requests, 2);
    assert_int_equal(names_in(s.last_url), 1);
    s.answers[0] = "500";
    address(&s, "5.1.1.9");
    pass(&s, MINUTE);
    unsigned tried = s.requests;
    s.answers[0] = "good";
    assert_int_equal(engine_update(s.engine, id_of(&s, 0), false, &cause), OK);
    pass(&s, SECOND);
    assert_true(s.requests > tried); /* a back-off does not hold a person back */
    assert_int_equal(engine_update(s.engine, "nobody", false, &cause), ERR_NOT_FOUND);
    finish(&s);
}

static void test_commit_before_send(void **state)
{
    struct scene s;
    (void)state;
    prepare(&s);
    sim_state_full(s.state, true);
    start(&s, 0, 3, "");
    pass(&s, HOUR);
    assert_int_equal(s.requests, 0); /* nothing that could not be remembered */
    assert_verdict(&s, "wait_memory", NULL);
    sim_state_full(s.state, false);
    pass(&s, MINUTE);
    assert_int_equal(s.requests, 1);
    finish(&s);
}

static void test_switch_and_clock(void **state)
{
    struct scene s;
    (void)state;
    prepare(&s);
    sim_net_jump(s.net, -3000 * DAY);
    start(&s, 0, 2, "");
    pass(&s, HOUR);
    assert_int_equal(s.requests, 0);
    assert_verdict(&s, "wait_clock", NULL);
    sim_net_jump(s.net, 3000 * DAY);
    engine_switch(s.engine, false);
    pass(&s, HOUR);
    assert_int_equal(s.requests, 0);
    assert_verdict(&s, "service_off", "Updates are off. 2 hostnames keep the address they have.");
    engine_switch(s.engine, true);
    pass(&s, MINUTE);
    assert_int_equal(s.requests, 1);
    finish(&s);
}

static void test_settings_that_count(void **state)
{
    struct scene s;
    (void)state;
    prepare(&s);
    start(&s, 0, 3, "");
    pass(&s, HOUR);
    assert_int_equal(s.requests, 1);
    start(&s, 0, 3, "description=x,");
    pass(&s, HOUR);
    assert_int_equal(s.requests, 1);
    start(&s, 0, 3, "password=new,"); /* tried when it is needed */
    pass(&s, HOUR);
    assert_int_equal(s.requests, 1);
    start(&s, 0, 3, "mx=mail.example.net,");
    pass(&s, HOUR);
    assert_int_equal(s.requests, 2);
    assert_non_null(strstr(s.last_url, "mx=mail.example.net"));
    finish(&s);
}

static void test_private_addresses_are_refused(void **state)
{
    struct scene s;
    (void)state;
    prepare(&s);
    start(&s, 0, 2, "");
    address(&s, "192.168.1.5");
    pass(&s, HOUR);
    assert_int_equal(s.requests, 0);
    assert_verdict(&s, "refused_address", NULL);
    assert_host(&s, 0, "unknown", "refused");
    start(&s, 0, 2, "allow-private=yes,");
    address(&s, "192.168.1.5");
    pass(&s, HOUR);
    assert_int_equal(s.requests, 1);
    finish(&s);
}

static void test_unknown_is_never_none(void **state)
{
    struct scene s;
    struct addrset none = {0};
    (void)state;
    prepare(&s);
    start(&s, 0, 2, "");
    pass(&s, MINUTE);
    sim_sense_set(s.sense, "eth0", V4, NULL);
    pass(&s, HOUR);
    sim_sense_set(s.sense, "eth0", V4, &none);
    pass(&s, HOUR);
    assert_int_equal(s.requests, 1);
    assert_host(&s, 0, "unknown", "gone_kept");
    address(&s, "5.1.1.1");
    pass(&s, HOUR);
    assert_int_equal(s.requests, 1); /* it is there already */
    finish(&s);
}

/* A protocol of one address a hostname: IPv4 while there is one, else IPv6; nothing again and
 * again. */
static void test_one_address_a_hostname(void **state)
{
    struct scene s;
    struct addrset none = {0}, six = {0};
    struct addr a;
    (void)state;
    prepare(&s);
    load(&s,
         "protocol=changeip, server=s0.example.net, login=u, password=p, usev4=ifv4, ifv4=eth0, "
         "usev6=ifv6, ifv6=eth0, on-loss=keep h0.example.org\n");
    addr_parse("2600::1", &a);
    addrset_add(&six, &a);
    sim_sense_set(s.sense, "eth0", V6, &six);
    address(&s, "5.1.1.1");
    engine_start(s.engine);
    pass(&s, DAY);
    assert_int_equal(s.requests, 1);
    assert_non_null(strstr(s.last_url, "myip=5.1.1.1"));
    assert_host(&s, 0, "right", "taken");
    sim_sense_set(s.sense, "eth0", V4, &none);
    pass(&s, DAY);
    assert_int_equal(s.requests, 2);
    assert_non_null(strstr(s.last_url, "myip=2600::1"));
    finish(&s);
}

static void test_flapping(void **state)
{
    struct scene s;
    (void)state;
    prepare(&s);
    start(&s, 0, 1, "min-interval=0,");
    pass(&s, MINUTE);
    unsigned before = s.requests;
    for (int i = 0; i < 50; i++) {
        char text[32];
        snprintf(text, sizeof text, "5.2.2.%d", i + 1);
        address(&s, text);
        pass(&s, 199);
    }
    unsigned during = s.requests - before;
    assert_true(during <= 11); /* one a second at most */
    pass(&s, 5 * SECOND);
    assert_non_null(strstr(s.last_url, "5.2.2.50")); /* the last one wins */
    finish(&s);
}

static void test_restart_remembers(void **state)
{
    struct scene s;
    struct buf text;
    (void)state;
    prepare(&s);
    s.answers[1] = "badauth";
    buf_init(&text, 1 << 20);
    names(&text, 0, 0, 3, "");
    names(&text, 1, 10, 3, "");
    load(&s, buf_str(&text));
    address(&s, "5.1.1.1");
    engine_start(s.engine);
    pass(&s, HOUR);
    assert_int_equal(s.requests, 2);
    engine_free(s.engine);
    sim_net_crash(s.net);
    sim_state_crash(s.state);
    sim_sense_restart(s.sense);
    engine(&s);
    load(&s, buf_str(&text));
    buf_free(&text);
    engine_start(s.engine);
    pass(&s, DAY);
    assert_int_equal(s.requests, 2);
    assert_host(&s, 3, "needs-you", "auth");
    finish(&s);
}

static void test_secrets_that_differ_are_accounts_that_differ(void **state)
{
    struct scene s;
    (void)state;
    prepare(&s);
    load(&s, "protocol=dyndns2, server=s0.example.net, login=u, password=a, usev4=ifv4, ifv4=eth0 "
             "a.example.org\n"
             "protocol=dyndns2, server=s0.example.net, login=u, password=b, usev4=ifv4, ifv4=eth0 "
             "b.example.org\n");
    address(&s, "5.1.1.1");
    engine_start(s.engine);
    pass(&s, MINUTE);
    assert_int_equal(s.requests, 2);
    finish(&s);
}

static void planned(void *arg, const struct engine_plan_result *result)
{
    struct scene *s = arg;
    json_t *doc = report_plan(result);

    mem_free(s->plan);
    char *text = json_dumps(doc, JSON_COMPACT | JSON_SORT_KEYS);
    s->plan = mem_text(text);
    free(text);
    json_decref(doc);
}

static void test_plan(void **state)
{
    struct scene s;
    struct cause cause;
    (void)state;
    prepare(&s);
    start(&s, 0, 2, "");
    engine_switch(s.engine, false);
    pass(&s, MINUTE);
    assert_int_equal(
        engine_plan(s.engine, s.conf, conf_entry_at(s.conf, 0), false, planned, &s, &cause), OK);
    assert_null(s.plan);
    pass(&s, MINUTE);
    assert_string_equal(s.plan,
                        "{\"message\":{\"args\":{},\"code\":\"plan_sends\",\"text\":\"These "
                        "requests would be sent; those that write were not.\"},\"requests\":[{"
                        "\"text\":\"GET "
                        "https://s0.example.net/nic/update?hostname=h0.example.org&myip=5.1.1.1\","
                        "\"writes\":true}]}");
    assert_int_equal(s.requests, 0);
    assert_int_equal(
        engine_plan(s.engine, s.conf, conf_entry_at(s.conf, 1), true, planned, &s, &cause), OK);
    pass(&s, MINUTE);
    assert_non_null(strstr(s.plan, "h1.example.org"));
    assert_int_equal(s.requests, 0);
    /* One that is under way at the end is given up. */
    sim_sense_set(s.sense, "eth0", V4, NULL);
    pass(&s, SECOND);
    assert_int_equal(
        engine_plan(s.engine, s.conf, conf_entry_at(s.conf, 0), false, planned, &s, &cause), OK);
    finish(&s);
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
    prepare(&s);
    s.answers[1] = "nohost";
    s.answers[2] = "500";
    buf_init(&text, 1 << 20);
    for (unsigned n = 0; n < 3; n++)
        names(&text, n, n * 10, 2, "");
    load(&s, buf_str(&text));
    buf_free(&text);
    address(&s, "5.1.1.1");
    engine_once(s.engine, MINUTE, once_done, &s);
    pass(&s, 10 * SECOND);
    assert_true(s.done);
    assert_int_equal(s.once.published, 2);
    assert_int_equal(s.once.blocked, 2);
    assert_int_equal(s.once.failed, 2);
    assert_false(s.once.out_of_time);
    finish(&s);
}

static void test_once_without_answers(void **state)
{
    struct scene s;
    (void)state;
    prepare(&s);
    s.answers[0] = NULL; /* hangs */
    start(&s, 0, 2, "");
    engine_once(s.engine, 20 * SECOND, once_done, &s);
    pass(&s, 30 * SECOND);
    assert_true(s.done);
    assert_true(s.once.out_of_time);
    finish(&s);
}

static void test_hook(void **state)
{
    struct scene s;
    (void)state;
    prepare(&s);
    start(&s, 0, 1, "postscript=/bin/true,");
    pass(&s, MINUTE);
    address(&s, "5.1.1.2");
    pass(&s, MINUTE);
    assert_int_equal(s.hooks, 2);
    assert_string_equal(s.hook, "postscript 5.1.1.2 HOMING_HOST=h0.example.org HOMING_FAMILY=IPv4 "
                                "HOMING_OLD=5.1.1.1 HOMING_NEW=5.1.1.2 HOMING_OUTCOME=good");
    start(&s, 0, 1, "hook=/bin/true,");
    address(&s, "5.1.1.3");
    pass(&s, MINUTE);
    assert_int_equal(s.hooks, 3);
    assert_non_null(strstr(s.hook, "hook (null) HOMING_HOST=h0.example.org"));
    finish(&s);
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

static void test_observers(void **state)
{
    struct scene s;
    struct engine_observer o = {&s, entry_changed, entry_gone, verdict_changed, NULL};
    (void)state;
    prepare(&s);
    unsigned handle = engine_observe(s.engine, &o);
    start(&s, 0, 2, "");
    pass(&s, MINUTE);
    assert_true(s.changed >= 4 && s.verdicts > 0);
    start(&s, 0, 1, "");
    pass(&s, MINUTE);
    assert_int_equal(s.gone, 1);
    engine_unobserve(s.engine, handle);
    unsigned before = s.changed;
    address(&s, "5.1.1.3");
    pass(&s, MINUTE);
    assert_int_equal(s.changed, before);
    finish(&s);
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
    prepare(&s);
    s.answers[0] = NULL;
    start(&s, 0, 50, "");
    pass(&s, 3 * SECOND);
    engine_stop(s.engine, stopped, &s);
    assert_false(s.done);
    pass(&s, 6 * SECOND);
    assert_true(s.done);
    finish(&s);
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
    prepare(&s);
    load(&s, njalla);
    address(&s, "5.1.1.1");
    engine_start(s.engine);
    pass(&s, MINUTE);
    assert_string_equal(s.last_url, "https://s0.example.net/5.1.1.1");
    s.answers[0] = "403";
    assert_int_equal(engine_remove(s.engine, id_of(&s, 0), removed, &s, &cause), OK);
    assert_int_equal(engine_remove(s.engine, id_of(&s, 0), removed, &s, &cause), ERR_BUSY);
    assert_false(s.done);
    pass(&s, MINUTE);
    assert_int_equal(s.removed, ERR_DENIED);
    s.answers[0] = "good";
    address(&s, "5.1.1.2"); /* it stayed, and goes on */
    pass(&s, MINUTE);
    engine_update(s.engine, id_of(&s, 0), false, &cause);
    pass(&s, MINUTE);
    assert_string_equal(s.last_url, "https://s0.example.net/5.1.1.2");
    s.done = false;
    assert_int_equal(engine_remove(s.engine, id_of(&s, 0), removed, &s, &cause), OK);
    pass(&s, 10 * SECOND);
    assert_true(s.done);
    assert_int_equal(s.removed, OK);
    assert_string_equal(s.last_url, "https://s0.example.net/none");
    unsigned requests = s.requests;
    address(&s, "5.1.1.3"); /* on its way out: not published again */
    pass(&s, 10 * SECOND);
    assert_int_equal(s.requests, requests);
    load(&s, "");
    pass(&s, HOUR);
    assert_int_equal(s.requests, requests);
    finish(&s);
}

static void test_remove_what_stays(void **state)
{
    struct scene s;
    struct cause cause;
    (void)state;
    prepare(&s);
    load(&s, njalla);
    address(&s, "5.1.1.1");
    engine_start(s.engine);
    assert_int_equal(engine_remove(s.engine, id_of(&s, 0), removed, &s, &cause), OK);
    pass(&s, SECOND);
    assert_true(s.done); /* nothing of ours is there */
    assert_int_equal(s.requests, 0);
    pass(&s, 2 * MINUTE); /* still in the configuration: published */
    assert_int_equal(s.requests, 1);
    s.done = false;
    s.answers[0] = NULL;
    assert_int_equal(engine_remove(s.engine, id_of(&s, 0), removed, &s, &cause), OK);
    pass(&s, 100 * SECOND);
    assert_int_equal(s.removed, ERR_TIMEOUT);
    start(&s, 0, 1, "");
    assert_int_equal(engine_remove(s.engine, id_of(&s, 0), removed, &s, &cause), ERR_UNSUPPORTED);
    assert_int_equal(engine_remove(s.engine, "nobody", removed, &s, &cause), ERR_NOT_FOUND);
    finish(&s);
}

/* The page's own words for what is verified. */
static void test_verified(void **state)
{
    struct scene s;
    struct engine_verified agrees = {VERIFIED_AGREES, 4, 4, 1};
    struct engine_verified differs = {VERIFIED_DIFFERS, 0, 4, 1};
    (void)state;
    prepare(&s);
    start(&s, 0, 1, "");
    pass(&s, MINUTE);
    engine_verified(s.engine, id_of(&s, 0), V4, &agrees, false);
    assert_host(&s, 0, "right", "dns_agrees");
    assert_verdict(&s, "all_right", NULL);
    engine_verified(s.engine, id_of(&s, 0), V4, &differs, true);
    pass(&s, MINUTE);
    assert_int_equal(s.requests, 2); /* one ordinary attempt */
    pass(&s, DAY);
    assert_int_equal(s.requests, 2);
    finish(&s);
}

static void test_documents(void **state)
{
    struct scene s;
    struct report_query query = {.search = "H1.EX", .sort = "-hostname", .limit = 10};
    (void)state;
    prepare(&s);
    start(&s, 0, 20, "description='a note', ");
    pass(&s, MINUTE);
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
    doc = report_entry(s.engine, id_of(&s, 0), "v1");
    json_t *settings = json_object_get(doc, "settings");
    assert_true(json_is_true(json_object_get(json_object_get(settings, "password"), "set")));
    assert_string_equal(json_string_value(json_object_get(settings, "login")), "u0");
    char *text = json_dumps(doc, 0);
    assert_null(strstr(text, "\"p\""));
    free(text);
    json_decref(doc);
    doc = report_why(s.engine, id_of(&s, 0));
    assert_true(json_array_size(json_object_get(doc, "explanation")) >= 3);
    assert_true(json_array_size(json_object_get(doc, "history")) >= 2);
    json_decref(doc);
    doc = report_addresses(s.engine, 0, 0);
    assert_int_equal(json_array_size(json_object_get(doc, "sources")), 1);
    assert_string_equal(json_string_value(json_object_get(json_object_get(doc, "place"), "code")),
                        "place_one");
    json_decref(doc);
    assert_null(report_why(s.engine, "nobody"));
    assert_null(report_entry(s.engine, "nobody", NULL));
    finish(&s);
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

/* What stands there: 5.1.1.LAST, asked about as the checks would. */
static void dns_says(struct scene *s, size_t n, unsigned last, bool there)
{
    struct addrset set = {0};
    struct addr a = {.family = V4, .bytes = {5, 1, 1, (uint8_t)last}};

    addrset_add(&set, &a);
    engine_answered(s->engine, id_of(s, n), V4, &set, there);
    pass(s, SECOND);
}

static void test_without_memory_the_dns_is_asked(void **state)
{
    struct scene s;
    (void)state;
    prepare(&s);
    engine_free(s.engine);
    s.asks = true;
    engine(&s);
    start(&s, 0, 4, "");
    pass(&s, HOUR);
    assert_int_equal(s.requests, 0); /* whoever asks bounds how long that takes */
    assert_host(&s, 0, "waiting", "question");
    dns_says(&s, 0, 1, true);
    assert_int_equal(s.requests, 0);
    assert_host(&s, 0, "right", "taken");
    dns_says(&s, 1, 1, false);
    assert_int_equal(s.requests, 1);
    /* An answer about a former address is none. */
    address(&s, "5.1.1.2");
    pass(&s, SECOND);
    unsigned before = s.requests;
    dns_says(&s, 2, 1, true);
    assert_host(&s, 2, "waiting", "question");
    dns_says(&s, 2, 2, false);
    assert_int_equal(s.requests, before + 1);
    /* A person need not wait for an answer. */
    struct cause c;
    assert_int_equal(engine_update(s.engine, id_of(&s, 3), false, &c), OK);
    pass(&s, SECOND);
    assert_int_equal(s.requests, before + 2);
    finish(&s);
}

static void test_after_doubtful_trouble_the_dns_is_asked(void **state)
{
    struct scene s;
    (void)state;
    prepare(&s);
    engine_free(s.engine);
    s.asks = true;
    engine(&s);
    start(&s, 0, 1, "");
    pass(&s, SECOND);
    dns_says(&s, 0, 1, false);
    assert_int_equal(s.requests, 1);
    s.answers[0] = "500";
    address(&s, "5.1.1.2");
    pass(&s, 2 * MINUTE);
    assert_int_equal(s.requests, 2);
    /* The back-off comes first, the question when it is over. */
    pass(&s, HOUR);
    assert_int_equal(s.requests, 2);
    assert_host(&s, 0, "waiting", "question");
    dns_says(&s, 0, 2, false);
    assert_int_equal(s.requests, 3);
    pass(&s, HOUR);
    assert_int_equal(s.requests, 3);
    dns_says(&s, 0, 2, true); /* it had arrived all the same */
    pass(&s, DAY);
    assert_int_equal(s.requests, 3);
    assert_host(&s, 0, "right", "taken");
    finish(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_twenty_names_a_request),
        cmocka_unit_test(test_one_bad_token_is_one_refusal),
        cmocka_unit_test(test_after_auth_one_record_is_tried_first),
        cmocka_unit_test(test_trouble_delays_nobody_else),
        cmocka_unit_test(test_too_long_is_halved),
        cmocka_unit_test(test_abuse_needs_a_person),
        cmocka_unit_test(test_a_person_updates),
        cmocka_unit_test(test_commit_before_send),
        cmocka_unit_test(test_switch_and_clock),
        cmocka_unit_test(test_settings_that_count),
        cmocka_unit_test(test_private_addresses_are_refused),
        cmocka_unit_test(test_unknown_is_never_none),
        cmocka_unit_test(test_one_address_a_hostname),
        cmocka_unit_test(test_flapping),
        cmocka_unit_test(test_restart_remembers),
        cmocka_unit_test(test_secrets_that_differ_are_accounts_that_differ),
        cmocka_unit_test(test_plan),
        cmocka_unit_test(test_once),
        cmocka_unit_test(test_once_without_answers),
        cmocka_unit_test(test_hook),
        cmocka_unit_test(test_observers),
        cmocka_unit_test(test_stop_waits_for_nobody_long),
        cmocka_unit_test(test_remove),
        cmocka_unit_test(test_remove_what_stays),
        cmocka_unit_test(test_verified),
        cmocka_unit_test(test_without_memory_the_dns_is_asked),
        cmocka_unit_test(test_after_doubtful_trouble_the_dns_is_asked),
        cmocka_unit_test(test_documents),
        cmocka_unit_test(test_every_message_is_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
