/*
 * SPDX-License-Identifier: ISC
 */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "keeper/channel.h"
#include "keeper/file.h"
#include "keeper/reading.h"
#include "keeper/runner_local.h"
#include "keeper/runner_remote.h"

static const char text[] =
    "protocol=dyndns2\nserver=s.example\nlogin=a\npassword_env=TEST_PASSWORD\n"
    "usev4=cmdv4\ncmdv4='echo 203.0.113.7 $HOMING_HOST'\n"
    "a.example.org\n"
    "postscript='exit 4', usev4=disabled, program=/bin/cat b.example.org\n"
    "cmdv4='echo bad', usev4=nonsuch c.example.org\n";

struct told {
    int calls;
    enum err error;
    int status;
    char output[200], why[300];
};

static void on_done(void *arg, const struct runner_result *r)
{
    struct told *t = arg;
    t->calls++;
    t->error = r->error;
    t->status = r->exit_status;
    snprintf(t->output, sizeof t->output, "%s", r->output);
    snprintf(t->why, sizeof t->why, "%s", r->why != NULL ? r->why : "");
}

/* ---- The keeper's end, as keeper.c has it ---- */

struct ends {
    uv_loop_t loop;
    struct channel *keeper, *worker;
    struct runner_local *local;
    struct runner_remote *remote;
    const char *lost;
};

struct running {
    struct ends *ends;
    uint32_t id;
};

static void on_ran(void *arg, const struct runner_result *r)
{
    struct running *running = arg;
    channel_send(
        running->ends->keeper,
        &(struct message){
            .type = MESSAGE_RAN,
            .id = running->id,
            .of.ran = {r->error, (uint32_t)r->exit_status, {r->output, r->output_len}, r->why}});
    mem_free(running);
}

static void keeper_hears(void *arg, const struct message *m)
{
    struct ends *e = arg;
    struct running *running = mem_alloc(sizeof *running);
    struct runner *r = runner_local_runner(e->local);

    assert_int_equal(m->type, MESSAGE_RUN);
    *running = (struct running){e, m->id};
    const struct runner_ask ask = {.entry = m->of.run.entry,
                                   .setting = m->of.run.setting,
                                   .args = m->of.run.args.items,
                                   .env = m->of.run.env.items,
                                   .input = m->of.run.input.len > 0 ? m->of.run.input.data : NULL,
                                   .input_len = m->of.run.input.len,
                                   .limit = m->of.run.limit};
    r->ops->run(r, &ask, on_ran, running);
}

static void worker_hears(void *arg, const struct message *m)
{
    struct ends *e = arg;
    assert_int_equal(m->type, MESSAGE_RAN);
    assert_true(runner_remote_ran(e->remote, m));
}

static void on_lost(void *arg, const char *why)
{
    ((struct ends *)arg)->lost = why;
}

static const struct channel_events at_keeper = {keeper_hears, on_lost},
                                   at_worker = {worker_hears, on_lost};

static void open_ends(struct ends *e)
{
    int pair[2];

    *e = (struct ends){0};
    uv_loop_init(&e->loop);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
    e->keeper = channel_open(&e->loop, pair[0], SIDE_KEEPER, &at_keeper, e);
    e->worker = channel_open(&e->loop, pair[1], SIDE_WORKER, &at_worker, e);
    e->local = runner_local_new(&e->loop);
    e->remote = runner_remote_new(&e->loop, e->worker);
}

static void close_ends(struct ends *e)
{
    runner_remote_free(e->remote);
    runner_local_free(e->local);
    channel_close(e->keeper);
    channel_close(e->worker);
    uv_run(&e->loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&e->loop), 0);
}

static struct told run_both(struct ends *e, struct runner *runner, const char *entry,
                            const char *setting)
{
    static const char *const env[] = {"HOMING_HOST=x", "PATH=/nowhere", NULL};
    struct told t = {0};

    const struct runner_ask ask = {.entry = entry,
                                   .setting = setting,
                                   .env = env,
                                   .input = "given\n",
                                   .input_len = 6,
                                   .limit = 5000};
    runner->ops->run(runner, &ask, on_done, &t);
    assert_int_equal(t.calls, 0);
    for (int i = 0; t.calls == 0 && i < 1000; i++)
        uv_run(&e->loop, UV_RUN_ONCE);
    assert_int_equal(t.calls, 1);
    return t;
}

static void finds_the_text_in_the_configuration(void **state)
{
    static const struct {
        const char *entry, *setting;
        enum err error;
        int status;
        const char *output;
    } cases[] = {
        {"a.example.org", "cmdv4", OK, 0, "203.0.113.7 x\n"},
        {"b.example.org", "postscript", OK, 4, ""},
        {"b.example.org", "program", OK, 0, "given\n"},
        {"a.example.org", "program", ERR_NOT_FOUND, 0, ""},
        {"a.example.org", "postscript", ERR_NOT_FOUND, 0, ""},
        {"a.example.org", "login", ERR_DENIED, 0, ""}, /* no command */
        {"a.example.org", "password", ERR_DENIED, 0, ""},
        {"a.example.org", "echo no", ERR_DENIED, 0, ""},
        {"c.example.org", "cmdv4", ERR_DENIED, 0, ""}, /* its statement has an error */
        {"d.example.org", "cmdv4", ERR_NOT_FOUND, 0, ""},
        {"", "cmdv4", OK, 0, "203.0.113.7 x\n"}, /* the globals' */
        {NULL, "cmdv6", ERR_NOT_FOUND, 0, ""},
    };
    struct ends e;

    setenv("TEST_PASSWORD", "s3cret", 1);
    struct reading *r = reading_of_bytes("test.conf", text, strlen(text), NULL);
    open_ends(&e);
    struct told t = run_both(&e, runner_local_runner(e.local), "a.example.org", "cmdv4");
    assert_int_equal(t.error, ERR_NOT_FOUND); /* no configuration yet */
    runner_local_use(e.local, r->conf);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        for (int remote = 0; remote < 2; remote++) {
            t = run_both(&e, remote ? runner_remote_runner(e.remote) : runner_local_runner(e.local),
                         cases[i].entry, cases[i].setting);
            if (t.error != cases[i].error || t.status != cases[i].status ||
                strcmp(t.output, cases[i].output) != 0)
                fail_msg("%s of %s%s: %s, status %d, \"%s\", %s", cases[i].setting, cases[i].entry,
                         remote ? " by the worker" : "", err_name(t.error), t.status, t.output,
                         t.why);
            assert_true((t.error == OK) == (t.why[0] == '\0'));
        }
    }
    close_ends(&e);
    reading_free(r);
}

static void who_asks_a_lost_keeper_is_told(void **state)
{
    const struct runner_ask ask = {.entry = "a.example.org", .setting = "cmdv4"};
    struct ends e;
    struct told t[2] = {{0}};

    open_ends(&e);
    struct runner *r = runner_remote_runner(e.remote);
    channel_close(e.keeper);
    e.keeper = NULL;
    r->ops->run(r, &ask, on_done, &t[0]); /* on its way when it ends */
    while (e.lost == NULL)
        uv_run(&e.loop, UV_RUN_ONCE);
    r->ops->run(r, &ask, on_done, &t[1]);
    assert_int_equal(t[1].calls, 0);
    uv_run(&e.loop, UV_RUN_NOWAIT);
    assert_int_equal(t[1].error, ERR_IO);
    close_ends(&e);
    assert_true(t[0].calls == 1 && t[0].error == ERR_IO);
    assert_int_equal(t[1].calls, 1);
}

static void a_peer_without_form_is_lost(void **state)
{
    struct ends e = {0};
    int pair[2];

    uv_loop_init(&e.loop);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
    e.keeper = channel_open(&e.loop, pair[0], SIDE_KEEPER, &at_keeper, &e);
    assert_int_equal(write(pair[1], "GET / HTTP/1.1\r\n\r\n", 18), 18);
    while (e.lost == NULL)
        uv_run(&e.loop, UV_RUN_ONCE);
    assert_non_null(strstr(e.lost, "no meaning"));
    assert_false(channel_send(e.keeper, &(struct message){.type = MESSAGE_WISH}));
    channel_close(e.keeper);
    uv_run(&e.loop, UV_RUN_DEFAULT);
    uv_loop_close(&e.loop);
    close(pair[1]);
}

/* Both sides read the same; the worker has neither the environment nor the files. */
static void the_worker_reads_what_it_is_given(void **state)
{
    char secret[] = "/tmp/homing-test-secret-XXXXXX";
    int fd = mkstemp(secret);
    struct buf wire;
    struct message_reader reader;
    struct message m, got;

    assert_true(fd >= 0 && write(fd, "from-a-file\n", 12) == 12);
    close(fd);
    char *conf =
        mem_format("%sprotocol=dyndns2, login=q, password_file=%s d.example.org\n", text, secret);
    setenv("TEST_PASSWORD", "s3cret", 1);
    struct reading *r = reading_of_bytes("test.conf", conf, strlen(conf), NULL);
    unsetenv("TEST_PASSWORD");
    unlink(secret);
    assert_int_equal(r->given.count, 6);
    buf_init(&wire, 1 << 20);
    reading_message(r, CONF_IF_GOOD, "", &m);
    assert_true(message_write(&m, &wire));
    message_reader_init(&reader, SIDE_KEEPER);
    message_reader_add(&reader, wire.data, wire.len);
    assert_int_equal(message_next(&reader, &got), OK);
    struct conf *theirs = reading_parse(&got, NULL);
    assert_int_equal(conf_problem_count(theirs), conf_problem_count(r->conf));
    assert_int_equal(conf_entry_count(theirs), conf_entry_count(r->conf));
    for (size_t i = 0; i < conf_entry_count(theirs); i++) {
        const struct conf_entry *a = conf_entry_at(theirs, i), *b = conf_entry_at(r->conf, i);
        struct view v = conf_entry_view(a);
        assert_string_equal(conf_entry_id(a), conf_entry_id(b));
        assert_string_equal(view_get(&v, "password"),
                            strcmp(conf_entry_hostname(a), "d.example.org") == 0 ? "from-a-file"
                                                                                 : "s3cret");
    }
    conf_unref(theirs);
    message_done(&got);
    message_reader_fini(&reader);
    buf_free(&wire);
    reading_free(r);
    mem_free(conf);
}

static void writes_files_whole(void **state)
{
    char folder[] = "/tmp/homing-test-file-XXXXXX", path[64], link_path[64];
    struct stat st;
    struct cause c;
    struct buf b;

    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/f", folder);
    snprintf(link_path, sizeof link_path, "%s/l", folder);
    buf_init(&b, 10);
    assert_int_equal(file_read(path, &b, &c), ERR_NOT_FOUND);
    assert_int_equal(file_write(path, "12345", 5, &c), OK);
    assert_int_equal(symlink("f", link_path), 0);
    assert_int_equal(file_write(link_path, "1234567890", 10, &c), OK);
    assert_int_equal(lstat(link_path, &st), 0);
    assert_true(S_ISLNK(st.st_mode));
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(file_read(path, &b, &c), OK);
    assert_string_equal(buf_str(&b), "1234567890");
    assert_int_equal(file_read(path, &b, &c), ERR_TOO_BIG);
    assert_int_equal(file_read(folder, &b, &c), ERR_UNSUPPORTED);
    assert_int_equal(file_write("/proc/homing-test", "x", 1, &c), ERR_NOT_FOUND);
    buf_free(&b);
    unlink(path);
    unlink(link_path);
    assert_int_equal(rmdir(folder), 0); /* nothing was left beside */
}

int main(void)
{
    signal(SIGPIPE, SIG_IGN);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_the_text_in_the_configuration),
        cmocka_unit_test(who_asks_a_lost_keeper_is_told),
        cmocka_unit_test(a_peer_without_form_is_lost),
        cmocka_unit_test(the_worker_reads_what_it_is_given),
        cmocka_unit_test(writes_files_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
