/*
 * SPDX-License-Identifier: ISC
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scene.h"

#include "base/mem.h"
#include "base/text.h"
#include "engine/report.h"
#include "sim_registry.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

unsigned scene_names_in(const char *url)
{
    const char *at = strstr(url, "hostname=");
    unsigned count = 1;

    for (at = at != NULL ? at : ""; *at != '\0' && *at != '&'; at++)
        count += *at == ',';
    return count;
}

/* The question with an authoritative answer of one address (RFC 1035, 4.1). */
static msec name_server(struct scene *s, const struct request *request, struct reply *reply)
{
    uint8_t flags[] = {0x84, 0x00, 0, 1, 0, 1, 0, 0, 0, 0};
    static const uint8_t record[] = {0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4};
    size_t end = 12;

    s->dns_asked++;
    if (s->hijacked)
        flags[0] = flags[1] = 0x80;
    while (end < request->wire_len && request->wire[end] != 0)
        end += 1u + request->wire[end];
    end += 5; /* the root, type and class */
    assert_true(end <= request->wire_len);
    buf_add(&reply->body, request->wire, 2);
    buf_add(&reply->body, flags, sizeof flags);
    buf_add(&reply->body, request->wire + 12, end - 12);
    buf_add(&reply->body, record, sizeof record);
    buf_add(&reply->body, s->dns->bytes, 4);
    reply->sent = SENT_YES;
    return 20;
}

static msec world(void *arg, const struct request *request, const struct transport *transport,
                  struct reply *reply)
{
    struct scene *s = arg;
    const char *url = marked_str(&request->url);
    const char *server = strstr(url, "://s");
    unsigned n = server != NULL ? (unsigned)(server[4] - '0') % 4 : 0;
    const char *answer = s->answers[n], *interface = transport->interface;
    bool dead = s->dead != NULL && (text_equal(s->dead, "all") || text_equal(s->dead, interface));

    if (s->dns != NULL && request->kind == REQUEST_DNS)
        return name_server(s, request, reply);
    if (interface != NULL && request->kind == REQUEST_DNS) {
        s->asked[text_equal(interface, "eth1")]++;
        reply->has_peer = addr_parse("9.9.9.9", &reply->peer);
        return dead ? NEVER : 20;
    }
    s->last_mark = transport->mark;
    if (s->requests < sizeof s->at / sizeof s->at[0])
        s->at[s->requests] = net_now(sim_net_seam(s->net)).mono;
    s->requests++;
    s->by_server[n]++;
    snprintf(s->last_url, sizeof s->last_url, "%s", url);
    if (request->has_body)
        snprintf(s->last_body, sizeof s->last_body, "%s", marked_str(&request->body));
    reply->sent = SENT_YES;
    reply->status = 200;
    if (answer == NULL || dead)
        return NEVER;
    if (text_equal(answer, "no-route") || text_equal(answer, "no-name")) {
        reply->error = answer[3] == 'r' ? NET_NO_ROUTE : NET_NO_NAME;
        reply->sent = SENT_NO;
        reply->status = 0;
        return 5;
    }
    if (s->most_names != 0 && scene_names_in(url) > s->most_names)
        reply->status = 413;
    else if (answer[0] >= '0' && answer[0] <= '9' && strlen(answer) == 3 &&
             !text_equal(answer, "911"))
        reply->status = atoi(answer);
    else
        for (unsigned i = 0; i < scene_names_in(url); i++) {
            buf_text(&reply->body, answer);
            buf_char(&reply->body, '\n');
        }
    return 20;
}

static void run_hook(struct runner *runner, const struct runner_ask *ask, runner_fn *fn, void *arg)
{
    struct scene *s = (struct scene *)((char *)runner - offsetof(struct scene, runner));
    struct runner_result result = {.error = OK};
    const char *const *args = ask->args, *const *env = ask->env;

    s->hooks++;
    snprintf(s->hook, sizeof s->hook, "%s %s %s %s %s %s %s", ask->setting,
             args[0] != NULL ? args[0] : "(null)", env[0], env[1], env[2], env[3], env[4]);
    fn(arg, &result);
}

static const struct runner_ops runner_ops = {run_hook};

/* A protocol of one request, which can delete. With 202 it is given a session, which it shows. */
static void *tiny_start(const struct job *job, const struct provider *provider)
{
    (void)provider;
    return (void *)(uintptr_t)job;
}

static void tiny_go(void *step, const struct step_in *in, struct step_out *out)
{
    const struct job *job = step;
    const struct want *want = job->members[0].want;
    const char *session = memory_get(job->memory, "session", in->now.wall);
    char text[ADDRSET_TEXT_MAX];

    if (in->event == STEP_REPLY) {
        enum outcome_class cls = step_class_of_status(in->reply->status, true);
        step_outcome(out, 0, 0, cls, cls == OUTCOME_GOOD ? NULL : "it says no");
        if (in->reply->status == 202)
            memory_put(job->memory, "session", view_get(&job->members[0].settings, "login"), NEVER,
                       true);
    }
    out->done = in->event != STEP_START;
    if (out->done)
        return;
    struct request *r = step_request(out, REQUEST_HTTP);
    r->writes = true;
    request_method(r, "PUT");
    marked_text(&r->url, "https://s0.example.net/");
    marked_text(&r->url, want[V4].due ? addrset_text(&want[V4].wanted, text) : "none");
    if (session != NULL) {
        marked_text(&r->url, "?");
        marked_secret(&r->url, session);
    }
}

static void tiny_end(void *step)
{
    (void)step;
}

static const struct protocol tiny = {"tiny", tiny_start, tiny_go, tiny_end, REQUEST_HTTP};

static const struct protocol *dialogue(const char *name)
{
    return text_equal(name, "tiny") ? &tiny : sim_dialogue(name);
}

void scene_load(struct scene *s, const char *text)
{
    const struct conf_options options = {.dialect = CONF_HOMING, .name = "scene"};
    struct cause cause;

    conf_unref(s->conf);
    s->conf = conf_parse(text, strlen(text), &options);
    assert_false(conf_has_errors(s->conf));
    assert_int_equal(engine_load(s->engine, s->conf, &cause), OK);
}

void scene_engine(struct scene *s)
{
    const struct engine_seams seams = {.net = sim_net_seam(s->net),
                                       .sense = sim_sense_seam(s->sense),
                                       .state = sim_state_seam(s->state),
                                       .registry = sim_registry(),
                                       .runner = &s->runner,
                                       .dialogue = dialogue};
    const struct engine_options options = {.key = "a key", .asks = s->asks, .exchanges = true};
    s->engine = engine_new(&seams, &options);
}

void scene_prepare(struct scene *s)
{
    *s = (struct scene){.answers = {"good", "good", "good", "good"}, .runner = {&runner_ops}};
    s->net = sim_net_new(11, world, s);
    s->state = sim_state_new(s->net);
    s->sense = sim_sense_new(s->net);
    scene_engine(s);
}

void scene_finish(struct scene *s)
{
    engine_free(s->engine);
    sim_net_crash(s->net);
    scene_pass(s, 3 * SECOND); /* what the scene itself had in mind */
    sim_sense_free(s->sense);
    sim_state_free(s->state);
    sim_net_free(s->net);
    conf_unref(s->conf);
    mem_free(s->plan);
}

void scene_address(struct scene *s, const char *text)
{
    struct addrset set = {0};
    struct addr a;

    if (addr_parse(text, &a))
        addrset_add(&set, &a);
    sim_sense_set(s->sense, "eth0", V4, &set);
}

void scene_pass(struct scene *s, msec length)
{
    sim_net_run(s->net, net_now(sim_net_seam(s->net)).mono + length);
}

void scene_names(struct buf *out, unsigned server, unsigned from, unsigned count,
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

void scene_start(struct scene *s, unsigned server, unsigned count, const char *settings)
{
    struct buf text;

    buf_init(&text, 1 << 20);
    scene_names(&text, server, 0, count, settings);
    scene_load(s, buf_str(&text));
    buf_free(&text);
    scene_address(s, "5.1.1.1");
    engine_start(s->engine);
}

void scene_verdict(struct scene *s, const char *code, const char *text)
{
    json_t *doc = report_verdict(s->engine), *message = json_object_get(doc, "message");

    assert_string_equal(json_string_value(json_object_get(message, "code")), code);
    if (text != NULL)
        assert_string_equal(json_string_value(json_object_get(message, "text")), text);
    json_decref(doc);
}

void scene_host(struct scene *s, size_t n, const char *state, const char *reason)
{
    struct report_query all = {.limit = 1000};
    json_t *doc = report_hostnames(s->engine, &all);
    json_t *host = json_array_get(json_object_get(doc, "items"), n);

    assert_string_equal(json_string_value(json_object_get(host, "state")), state);
    assert_string_equal(json_string_value(json_object_get(json_object_get(host, "reason"), "code")),
                        reason);
    json_decref(doc);
}

const char *scene_id(const struct scene *s, size_t n)
{
    return conf_entry_id(conf_entry_at(s->conf, n));
}
