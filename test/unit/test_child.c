/*
 * SPDX-License-Identifier: ISC
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "keeper/child.h"

struct told {
    int calls, status;
    enum err error;
    char text[256];
    size_t len;
    char why[256];
};

static void on_done(void *arg, const struct runner_result *r)
{
    struct told *t = arg;
    t->calls++;
    t->status = r->exit_status;
    t->error = r->error;
    t->len = r->output_len;
    snprintf(t->text, sizeof t->text, "%.*s", (int)r->output_len, r->output);
    snprintf(t->why, sizeof t->why, "%s", r->why != NULL ? r->why : "");
}

static struct told run(const struct child_request *request)
{
    struct told t = {0};
    uv_loop_t loop;

    uv_loop_init(&loop);
    struct children *c = children_new(&loop);
    children_run(c, request, on_done, &t);
    assert_int_equal(t.calls, 0);
    uv_run(&loop, UV_RUN_DEFAULT);
    assert_int_equal(t.calls, 1);
    assert_int_equal(children_running(c), 0);
    children_free(c);
    assert_int_equal(uv_loop_close(&loop), 0);
    return t;
}

static void runs(void **state)
{
    static const char *const args[] = {"203.0.113.7", "$(id)", "; echo no", NULL};
    static const char *const env[] = {"HOMING_HOST=a.example", "PATH=/nowhere", "LD_PRELOAD=/x.so",
                                      NULL};
    static const struct {
        struct child_request request;
        enum err error;
        int status;
        const char *text;
    } cases[] = {
        {{.text = "echo 203.0.113.7", .limit = 5000}, OK, 0, "203.0.113.7\n"},
        {{.text = "exit 3", .limit = 5000}, OK, 3, ""},
        {{.text = "kill -9 $$", .limit = 5000}, OK, 128 + 9, ""},
        {{.text = "/not/there", .limit = 5000}, OK, 127, ""},
        /* Arguments stay arguments, whatever they contain. */
        {{.text = "printf '%s|'", .args = args, .limit = 5000},
         OK,
         0,
         "203.0.113.7|$(id)|; echo no|"},
        {{.text = "echo $HOMING_HOST $LD_PRELOAD; command -v true >/dev/null && echo path",
          .env = env,
          .limit = 5000},
         OK,
         0,
         "a.example\npath\n"},
        {{.text = "cat", .limit = 5000}, OK, 0, ""}, /* no input */
        /* Its own group, so that the limit ends all of it. */
        {{.text = "ps -o pgid= -p $$ | tr -d ' ' | grep -qx $$ && echo own", .limit = 5000},
         OK,
         0,
         "own\n"},
        {{.text = "echo first; sleep 100", .limit = 1500}, ERR_TIMEOUT, 128 + 15, "first\n"},
        /* A program: no shell, no arguments, and the input as it is. */
        {{.text = "/bin/cat",
          .program = true,
          .args = args,
          .input = "a\0$(id)\n",
          .input_len = 8,
          .limit = 5000},
         OK,
         0,
         "a"},
        {{.text = "/bin/echo no", .program = true, .limit = 5000}, ERR_IO, 0, ""},
        {{.text = "/bin/true", .program = true, .input = "not read", .input_len = 8, .limit = 5000},
         OK,
         0,
         ""},
        {{.text = "head -c 100000 /dev/zero | tr '\\0' x; sleep 100", .input = "", .limit = 20000},
         ERR_TOO_BIG,
         128 + 15,
         NULL},
    };
    setenv("SECRET", "s3cret", 1);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct told t = run(&cases[i].request);
        if (t.error != cases[i].error || t.status != cases[i].status ||
            (cases[i].text != NULL && strcmp(t.text, cases[i].text) != 0))
            fail_msg("%s: %s, status %d, \"%s\" %s", cases[i].request.text, err_name(t.error),
                     t.status, t.text, t.why);
    }
    struct told t = run(&(struct child_request){.text = "env", .limit = 5000});
    assert_null(strstr(t.text, "s3cret"));
}

static void bounds_output(void **state)
{
    struct told t = run(
        &(struct child_request){.text = "head -c 1000000 /dev/zero | tr '\\0' x", .limit = 20000});
    assert_int_equal(t.error, OK);
    assert_int_equal(t.len, RUNNER_OUTPUT_MAX);
}

static void a_background_process_does_not_hold_it(void **state)
{
    struct told t = run(&(struct child_request){.text = "sleep 30 & echo $!", .limit = 20000});
    assert_int_equal(t.error, OK);
    pid_t left = (pid_t)strtol(t.text, NULL, 10);
    assert_true(left > 1);
    assert_int_equal(kill(left, SIGKILL), 0); /* it was left alone */
}

/* A turn of the loop that takes long: it begins a command, and the command is over before its
 * output was ever looked for. */
struct slow_turn {
    struct children *children;
    struct told told;
};

static void on_slow_turn(uv_poll_t *poll, int status, int events)
{
    struct slow_turn *turn = poll->data;

    uv_close((uv_handle_t *)poll, NULL);
    children_run(turn->children, &(struct child_request){.text = "echo 203.0.113.7", .limit = HOUR},
                 on_done, &turn->told);
    usleep(600 * 1000); /* of which the loop's clock knows nothing */
}

static void a_slow_turn_loses_no_output(void **state)
{
    struct told before = {0};
    struct slow_turn turn = {0};
    uv_loop_t loop;
    uv_poll_t poll;
    int ends[2];

    uv_loop_init(&loop);
    turn.children = children_new(&loop);
    assert_int_equal(pipe(ends), 0);
    uv_poll_init(&loop, &poll, ends[0]);
    poll.data = &turn;
    children_run(turn.children, &(struct child_request){.text = ":", .limit = HOUR}, on_done,
                 &before);
    usleep(200 * 1000); /* it ended, and its signal waits for the loop */
    assert_int_equal(write(ends[1], "x", 1), 1);
    uv_poll_start(&poll, UV_READABLE, on_slow_turn);
    uv_run(&loop, UV_RUN_DEFAULT);
    assert_int_equal(turn.told.calls, 1);
    assert_string_equal(turn.told.text, "203.0.113.7\n");
    children_free(turn.children);
    assert_int_equal(uv_loop_close(&loop), 0);
    close(ends[0]);
    close(ends[1]);
}

static void who_ignores_the_end_is_killed(void **state)
{
    struct told t = run(
        &(struct child_request){.text = "trap '' TERM; while :; do sleep 1; done", .limit = 100});
    assert_int_equal(t.error, ERR_TIMEOUT);
    assert_int_equal(t.status, 128 + 9);
}

static void stopping_ends_all(void **state)
{
    struct told t[3] = {{0}};
    uv_loop_t loop;

    uv_loop_init(&loop);
    struct children *c = children_new(&loop);
    children_run(c, &(struct child_request){.text = "sleep 100", .limit = HOUR}, on_done, &t[0]);
    children_run(c, &(struct child_request){.text = "sleep 100 | cat", .limit = HOUR}, on_done,
                 &t[1]);
    children_refuse(c, ERR_DENIED, "no", on_done, &t[2]);
    uv_run(&loop, UV_RUN_NOWAIT);
    children_free(c);
    uv_run(&loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&loop), 0);
    for (int i = 0; i < 3; i++)
        assert_int_equal(t[i].calls, 1);
    assert_string_equal(t[0].why, "homing is stopping");
    assert_int_equal(t[2].error, ERR_DENIED);
}

static void not_more_than_fit(void **state)
{
    struct told t[CHILDREN_MAX + 1] = {{0}};
    uv_loop_t loop;
    int busy = 0;

    uv_loop_init(&loop);
    struct children *c = children_new(&loop);
    for (int i = 0; i <= CHILDREN_MAX; i++)
        children_run(c, &(struct child_request){.text = ":", .limit = 20000}, on_done, &t[i]);
    uv_run(&loop, UV_RUN_DEFAULT);
    for (int i = 0; i <= CHILDREN_MAX; i++)
        busy += t[i].error == ERR_BUSY;
    assert_int_equal(busy, 1);
    children_free(c);
    assert_int_equal(uv_loop_close(&loop), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(runs),
        cmocka_unit_test(bounds_output),
        cmocka_unit_test(a_background_process_does_not_hold_it),
        cmocka_unit_test(a_slow_turn_loses_no_output),
        cmocka_unit_test(who_ignores_the_end_is_killed),
        cmocka_unit_test(stopping_ends_all),
        cmocka_unit_test(not_more_than_fit),
    };
    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
