/*
 * SPDX-License-Identifier: ISC
 */
/* Drives scripted protocols through run_job on the simulated net. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/text.h"
#include "engine/run_job.h"
#include "sim_net.h"

#include <stdio.h>
#include <string.h>

/* A protocol that does what its script says, one letter a call:
 * r read, w write, l login/logout, t wait 5 s, g good for all, p good for member 0 only, d done.
 * Each call of go() takes the letters up to the next blank; what happened is written to the trace.
 */
struct script {
    const char *at;
    const char *on_cancel; /* the turn after a cancel */
    const struct job *job;
};
static const char *script_text, *script_cancel;
static char trace[1024];

static void note(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    size_t n = strlen(trace);
    vsnprintf(trace + n, sizeof trace - n, format, args);
    va_end(args);
}

static void *script_start(const struct job *job, const struct provider *provider)
{
    struct script *s = mem_alloc(sizeof *s);
    (void)provider;
    *s = (struct script){script_text, script_cancel, job};
    return s;
}

static void script_go(void *step, const struct step_in *in, struct step_out *out)
{
    struct script *s = step;
    static const char *const events[] = {"start", "reply", "timer", "cancel"};

    note("%s", events[in->event]);
    if (in->event == STEP_REPLY)
        note(":%s", net_error_text(in->reply->error));
    note(" ");
    if (in->event == STEP_CANCEL)
        s->at = s->on_cancel;
    for (; *s->at != '\0' && *s->at != ' '; s->at++) {
        switch (*s->at) {
        case 'r':
        case 'w':
        case 'l': {
            struct request *r = step_request(out, REQUEST_HTTP);
            request_method(r, "GET");
            marked_text(&r->url, "https://user@Ddns.example.net:8443/x");
            r->writes = *s->at == 'w';
            r->session = *s->at == 'l';
            break;
        }
        case 't':
            out->wait = 5 * SECOND;
            break;
        case 'g':
            step_outcome(out, -1, 0, OUTCOME_GOOD, NULL);
            break;
        case 'p':
            step_outcome(out, 0, FAMILY_BIT(V4), OUTCOME_GOOD, NULL);
            break;
        case 'd':
            out->done = true;
            break;
        }
    }
    if (*s->at == ' ')
        s->at++;
}

static void script_end(void *step)
{
    note("end");
    mem_free(step);
}

static const struct protocol scripted = {"scripted", script_start, script_go, script_end,
                                         REQUEST_HTTP};

struct stage {
    struct sim_net *net;
    struct run_job *run;
    struct member members[2];
    struct job job;
    struct transport transport;
    struct run_spec spec;
    unsigned done, in_flight, most_in_flight;
    msec delay;
    struct run_result result;
};

static msec world(void *arg, const struct request *request, const struct transport *transport,
                  struct reply *reply)
{
    struct stage *s = arg;
    (void)request;
    (void)transport;
    reply->status = 200;
    reply->sent = SENT_YES;
    if (sim_net_pending(s->net) + 1 > s->most_in_flight)
        s->most_in_flight = sim_net_pending(s->net) + 1;
    return s->delay;
}

static void on_request(void *arg, const struct run_request *r)
{
    (void)arg;
    assert_string_equal(r->host, "ddns.example.net:8443");
    note("[%s%s] ", r->writes ? "write" : r->session ? "session" : "read", r->whole ? "+" : "");
}

static void on_outcome(void *arg, const struct outcome *o)
{
    (void)arg;
    note("{%d/%u %s} ", o->member, o->families, outcome_rule(o->cls)->name);
}

static void on_done(void *arg, const struct run_result *result)
{
    struct stage *s = arg;
    s->done++;
    s->result = *result;
}

static void prepare(struct stage *s, const char *text, const char *cancel)
{
    *s = (struct stage){.delay = 100};
    trace[0] = '\0';
    script_text = text;
    script_cancel = cancel;
    s->net = sim_net_new(7, world, s);
    for (size_t i = 0; i < 2; i++) {
        s->members[i].hostname = i == 0 ? "a.example.org" : "b.example.org";
        s->members[i].want[V4].due = true;
    }
    s->job = (struct job){.members = s->members, .member_count = 2};
    s->spec = (struct run_spec){.net = sim_net_seam(s->net),
                                .protocol = &scripted,
                                .job = &s->job,
                                .transport = &s->transport,
                                .logout_most = 3 * SECOND,
                                .on_request = on_request,
                                .on_outcome = on_outcome,
                                .on_done = on_done,
                                .arg = s};
}

static void finish(struct stage *s, const char *expected)
{
    sim_net_settle(s->net, NEVER - 1);
    assert_int_equal(s->done, 1);
    assert_string_equal(trace, expected);
    sim_net_free(s->net);
}

static void start(struct stage *s)
{
    s->run = run_job_start(&s->spec);
    assert_string_equal(trace, ""); /* nothing inside the call */
}

static void test_simple(void **state)
{
    struct stage s;
    (void)state;
    prepare(&s, "w gd", "");
    start(&s);
    finish(&s, "start [write] reply:answered {-1/0 good} end");
    assert_int_equal(s.result.requests, 1);
    assert_int_equal(s.result.writes, 1);
    assert_true(s.result.wrote);
    assert_int_equal(s.result.took, 100);
}

static void test_several_and_timer(void **state)
{
    struct stage s;
    (void)state;
    prepare(&s, "rr - t gd", "");
    start(&s);
    finish(&s, "start [read] [read] reply:answered reply:answered timer {-1/0 good} end");
    assert_int_equal(s.result.took, 5100);
    assert_int_equal(s.most_in_flight, 2);
}

static void test_forgotten_records_get_an_outcome(void **state)
{
    struct stage s;
    (void)state;
    prepare(&s, "w pd", "");
    start(&s);
    finish(&s, "start [write] reply:answered {0/1 good} {1/1 unknown} end");
}

static void test_a_protocol_that_asks_for_nothing_ends(void **state)
{
    struct stage s;
    (void)state;
    prepare(&s, "-", "");
    start(&s);
    finish(&s, "start {0/1 unknown} {1/1 unknown} end");
}

static void test_dry_run_shows_writes(void **state)
{
    struct stage s;
    (void)state;
    prepare(&s, "r w l gd", "");
    s.job.dry = true;
    s.spec.whole = true;
    start(&s);
    finish(&s, "start [read+] reply:answered [write+] reply:not sent (dry run) [session+] "
               "reply:answered {-1/0 good} end");
    assert_int_equal(s.result.writes, 0);
    assert_false(s.result.wrote);
}

static void test_cancel_waits_for_the_logout(void **state)
{
    struct stage s;
    (void)state;
    prepare(&s, "l w gd", "l d d d");
    s.delay = SECOND;
    start(&s);
    sim_net_run(s.net, HOUR + 1500); /* the write is under way */
    run_job_cancel(s.run);
    run_job_cancel(s.run);
    finish(
        &s,
        "start [session] reply:answered [write] cancel [session] reply:the request was cancelled "
        "{0/1 unknown} {1/1 unknown} end");
    assert_true(s.result.cancelled);
    assert_true(s.result.wrote);
}

static void test_cancel_is_bounded(void **state)
{
    struct stage s;
    (void)state;
    prepare(&s, "r", "l - -");
    s.delay = NEVER;
    start(&s);
    sim_net_run(s.net, HOUR + 10);
    run_job_cancel(s.run);
    sim_net_run(s.net, HOUR + 10 + 3 * SECOND);
    assert_int_equal(s.done, 1);
    finish(&s, "start [read] cancel [session] reply:the request was cancelled {0/1 offline} {1/1 "
               "offline} end");
}

static void test_time_limit(void **state)
{
    struct stage s;
    (void)state;
    prepare(&s, "w", "d");
    s.delay = NEVER;
    s.spec.limit = 10 * SECOND;
    start(&s);
    finish(&s, "start [write] cancel {0/1 server} {1/1 server} end");
    assert_true(s.result.overtime);
    assert_true(s.result.wrote);
}

static void test_gates_and_gap(void **state)
{
    struct stage s;
    struct run_gate gate = {.limit = 1};
    (void)state;
    prepare(&s, "www - - gd", "");
    s.spec.account = &gate;
    s.spec.gap = SECOND;
    start(&s);
    finish(&s, "start [write] reply:answered [write] reply:answered [write] reply:answered "
               "{-1/0 good} end");
    assert_int_equal(s.result.took, 2100);
    assert_int_equal(s.most_in_flight, 1);
    assert_int_equal(gate.busy, 0);
}

static void test_gate_is_shared_by_jobs(void **state)
{
    struct stage s;
    struct run_gate account = {.limit = 2}, endpoint = {.limit = 1};
    (void)state;
    prepare(&s, "r gd", "");
    s.spec.account = &account;
    s.spec.endpoint = &endpoint;
    for (int i = 0; i < 5; i++)
        run_job_start(&s.spec);
    sim_net_settle(s.net, NEVER - 1);
    assert_int_equal(s.done, 5);
    assert_int_equal(s.most_in_flight, 1);
    assert_int_equal(account.busy + endpoint.busy, 0);
    assert_null(account.first);
    assert_null(endpoint.first);
    sim_net_free(s.net);
}

/* Whom a gate has woken passes the room on when it has nothing to send now: those behind it would
 * wait until their time is over. */
static void test_room_is_passed_on(void **state)
{
    static const char *const idle[] = {"gd", "t gd", "r gd"};
    struct run_gate gate = {.limit = 1};
    struct stage s;
    (void)state;

    for (size_t i = 0; i < 3; i++) {
        prepare(&s, "r gd", "");
        s.spec.account = i == 1 ? &gate : NULL;
        s.spec.endpoint = i == 1 ? NULL : &gate;
        run_job_start(&s.spec);
        script_text = idle[i];
        struct run_job *second = run_job_start(&s.spec);
        script_text = "r gd";
        run_job_start(&s.spec);
        run_job_start(&s.spec);
        msec begin = net_now(s.spec.net).mono;
        sim_net_run(s.net, begin + s.delay - 1);
        if (i == 2)
            run_job_cancel(second);
        sim_net_run(s.net, begin + SECOND);
        assert_int_equal(s.done, i == 1 ? 3 : 4);
        sim_net_settle(s.net, NEVER - 1);
        assert_int_equal(s.done, 4);
        assert_int_equal(gate.busy, 0);
        assert_null(gate.first);
        sim_net_free(s.net);
    }
}

static bool on_answered(void *arg, const struct outcome *outcomes, size_t count)
{
    (void)arg;
    note("answered:%s/%zu ", outcome_rule(outcomes[0].cls)->name, count);
    return true;
}

/* Outcomes that are put off come after the next job's request, and before its answer. */
static void test_the_next_leaves_first(void **state)
{
    struct run_gate gate = {.limit = 1};
    struct stage s;
    (void)state;

    prepare(&s, "w gd", "");
    s.spec.account = &gate;
    s.spec.on_answered = on_answered;
    run_job_start(&s.spec);
    run_job_start(&s.spec);
    sim_net_settle(s.net, NEVER - 1);
    assert_string_equal(trace, "start [write] reply:answered answered:good/1 start [write] "
                               "{-1/0 good} endreply:answered answered:good/1 {-1/0 good} end");
    assert_int_equal(s.done, 2);
    assert_int_equal(gate.busy, 0);
    assert_int_equal(s.result.took, 200);
    sim_net_free(s.net);
}

static void test_only_whole_answers_are_put_off(void **state)
{
    struct stage s;
    (void)state;

    prepare(&s, "w pd", "");
    s.spec.on_answered = on_answered;
    start(&s);
    finish(&s, "start [write] reply:answered {0/1 good} {1/1 unknown} end");
}

static void end_it(void *arg)
{
    struct stage *s = arg;
    run_job_cancel(s->run);
    run_job_abandon(s->run);
}

static bool on_answered_at_the_end(void *arg, const struct outcome *outcomes, size_t count)
{
    struct stage *s = arg;
    sim_net_at(s->net, net_now(s->spec.net).mono, end_it, s);
    return on_answered(arg, outcomes, count);
}

/* What was put off is told although its time is over meanwhile; or not at all, without a leak. */
static void test_the_end_while_put_off(void **state)
{
    struct stage s;
    (void)state;

    prepare(&s, "w gd", "");
    s.spec.on_answered = on_answered;
    s.spec.limit = s.delay;
    start(&s);
    finish(&s, "start [write] reply:answered answered:good/1 {-1/0 good} end");
    assert_false(s.result.overtime);

    prepare(&s, "gd", "");
    s.spec.on_answered = on_answered_at_the_end;
    start(&s);
    sim_net_settle(s.net, NEVER - 1);
    assert_string_equal(trace, "start answered:good/1 end");
    sim_net_free(s.net);
}

static void test_abandon(void **state)
{
    struct stage s;
    (void)state;
    prepare(&s, "w", "");
    s.delay = MINUTE;
    start(&s);
    sim_net_run(s.net, HOUR + 10);
    run_job_abandon(s.run);
    sim_net_settle(s.net, NEVER - 1);
    assert_int_equal(s.done, 0);
    assert_string_equal(trace, "start [write] end");
    sim_net_free(s.net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_simple),
        cmocka_unit_test(test_several_and_timer),
        cmocka_unit_test(test_forgotten_records_get_an_outcome),
        cmocka_unit_test(test_a_protocol_that_asks_for_nothing_ends),
        cmocka_unit_test(test_dry_run_shows_writes),
        cmocka_unit_test(test_cancel_waits_for_the_logout),
        cmocka_unit_test(test_cancel_is_bounded),
        cmocka_unit_test(test_time_limit),
        cmocka_unit_test(test_gates_and_gap),
        cmocka_unit_test(test_gate_is_shared_by_jobs),
        cmocka_unit_test(test_room_is_passed_on),
        cmocka_unit_test(test_the_next_leaves_first),
        cmocka_unit_test(test_only_whole_answers_are_put_off),
        cmocka_unit_test(test_the_end_while_put_off),
        cmocka_unit_test(test_abandon),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
