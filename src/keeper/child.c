/*
 * SPDX-License-Identifier: ISC
 */
#include "keeper/child.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"

/* After the shell has ended somebody it started may hold its output open: wait this long for it,
 * and at least until the loop looked for it once (timers come before that in a turn). */
enum { DRAIN = 200, LAST_LOOK = 1 };

struct child {
    struct children *owner;
    struct child *next, *previous;
    runner_fn *fn;
    void *arg;
    uv_process_t process;
    uv_pipe_t output, input;
    uv_write_t write;
    uv_timer_t timer;
    struct buf said, given;
    msec limit;
    int open_handles, exit_status;
    bool feeds; /* it has an input */
    bool spawned, exited, drained, ended, over, told;
    enum err error;
    struct cause why;
};

struct children {
    uv_loop_t *loop;
    struct child *first;
    size_t count;
    bool leaving;
};

struct children *children_new(uv_loop_t *loop)
{
    struct children *c = mem_alloc(sizeof *c);
    c->loop = loop;
    return c;
}

size_t children_running(const struct children *c)
{
    return c->count;
}

static void release(struct children *c)
{
    if (c->leaving && c->count == 0)
        mem_free(c);
}

static void on_closed(uv_handle_t *handle)
{
    struct child *k = handle->data;
    struct children *c = k->owner;

    if (--k->open_handles > 0)
        return;
    if (k->previous != NULL)
        k->previous->next = k->next;
    else
        c->first = k->next;
    if (k->next != NULL)
        k->next->previous = k->previous;
    c->count--;
    buf_wipe(&k->said);
    buf_wipe(&k->given);
    mem_free(k);
    release(c);
}

static void tell(struct child *k)
{
    if (k->told)
        return;
    k->told = true;
    const struct runner_result r = {
        .error = k->error,
        .exit_status = k->exit_status,
        .output = buf_str(&k->said),
        .output_len = k->said.len,
        .why = k->error != OK ? k->why.text : NULL,
    };
    k->fn(k->arg, &r);
}

static void close_one(uv_handle_t *handle)
{
    if (!uv_is_closing(handle))
        uv_close(handle, on_closed);
}

/* Everything was said, or enough was waited. */
static void finish(struct child *k)
{
    if (k->over)
        return;
    k->over = true;
    tell(k);
    close_one((uv_handle_t *)&k->timer);
    close_one((uv_handle_t *)&k->output);
    if (k->feeds)
        close_one((uv_handle_t *)&k->input);
    if (k->spawned)
        close_one((uv_handle_t *)&k->process);
}

static void signal_group(struct child *k, int number)
{
    if (k->spawned && !k->exited)
        kill(-k->process.pid, number);
}

static void on_timer(uv_timer_t *timer);

/* From now on; the loop's clock stands still within a turn, which beginning many commands makes
 * long. */
static void start_timer(struct child *k, msec wait)
{
    uv_update_time(k->owner->loop);
    uv_timer_start(&k->timer, on_timer, (uint64_t)wait, 0);
}

static void give_up(struct child *k)
{
    signal_group(k, SIGTERM);
    start_timer(k, CHILD_GRACE);
}

static void on_timer(uv_timer_t *timer)
{
    struct child *k = timer->data;

    if (k->exited && !k->drained) {
        k->drained = true;
        uv_timer_start(&k->timer, on_timer, LAST_LOOK, 0);
    } else if (!k->spawned || k->exited) {
        finish(k);
    } else if (k->error == OK) {
        char length[24];
        k->error = cause_set(&k->why, ERR_TIMEOUT, "the command took longer than %s and was ended",
                             clock_length_text(k->limit, length));
        give_up(k);
    } else {
        signal_group(k, SIGKILL);
    }
}

static void on_ended(uv_process_t *process, int64_t status, int number)
{
    struct child *k = process->data;

    k->exited = true;
    k->exit_status = number != 0 ? 128 + number : (int)status;
    if (k->ended)
        finish(k);
    else if (!k->over)
        start_timer(k, DRAIN);
}

static void give_room(uv_handle_t *handle, size_t wanted, uv_buf_t *room)
{
    static char bytes[16 * 1024]; /* used up in the same turn by on_read() */
    *room = uv_buf_init(bytes, sizeof bytes);
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *bytes)
{
    struct child *k = stream->data;

    if (n > 0) {
        size_t fits = k->said.max - k->said.len;
        buf_add(&k->said, bytes->base, (size_t)n < fits ? (size_t)n : fits);
        if ((size_t)n > fits && k->feeds && k->error == OK) {
            k->error = cause_set(&k->why, ERR_TOO_BIG, "it printed more than %d KiB and was ended",
                                 RUNNER_OUTPUT_MAX / 1024);
            give_up(k);
        }
        mem_wipe(bytes->base, (size_t)n);
    } else if (n < 0) {
        k->ended = true;
        uv_read_stop(stream);
        if (k->exited)
            finish(k);
    }
}

/* What a command gets to see of our own environment. */
static const char *const passed_on[] = {"HOME", "USER",     "LOGNAME", "LANG", "LC_ALL",
                                        "TZ",   "LC_CTYPE", "TMPDIR",  NULL};

static char **make_env(const char *const *asked)
{
    size_t count = 2;

    for (size_t i = 0; asked != NULL && asked[i] != NULL; i++)
        count++;
    char **env = mem_array(count + sizeof passed_on / sizeof passed_on[0] + 1, sizeof *env);
    count = 0;
    env[count++] = mem_text("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
    env[count++] = mem_text("SHELL=/bin/sh");
    for (size_t i = 0; passed_on[i] != NULL; i++) {
        const char *value = getenv(passed_on[i]);
        if (value != NULL)
            env[count++] = mem_format("%s=%s", passed_on[i], value);
    }
    for (size_t i = 0; asked != NULL && asked[i] != NULL; i++)
        if (text_starts(asked[i], CHILD_ENV_PREFIX))
            env[count++] = mem_text(asked[i]);
    return env;
}

/* sh -c TEXT, or with arguments: sh -c 'TEXT "$@"' sh ARGUMENT...; a program by itself */
static char **make_args(const struct child_request *r)
{
    size_t count = 0;

    if (r->program) {
        char **alone = mem_array(2, sizeof *alone);
        alone[0] = mem_text(r->text);
        return alone;
    }
    while (r->args != NULL && r->args[count] != NULL)
        count++;
    char **args = mem_array(count + 5, sizeof *args);
    args[0] = mem_text("sh");
    args[1] = mem_text("-c");
    args[2] = count > 0 ? mem_format("%s \"$@\"", r->text) : mem_text(r->text);
    if (count > 0)
        args[3] = mem_text("sh");
    for (size_t i = 0; i < count; i++)
        args[4 + i] = mem_text(r->args[i]);
    return args;
}

static void free_list(char **list)
{
    for (size_t i = 0; list[i] != NULL; i++)
        mem_free_secret(list[i]);
    mem_free(list);
}

static int spawn(struct child *k, const struct child_request *request)
{
    char **args = make_args(request), **env = make_env(request->env);
    uv_stdio_container_t stdio[3] = {
        {.flags = k->feeds ? UV_CREATE_PIPE | UV_READABLE_PIPE : UV_IGNORE,
         .data.stream = (uv_stream_t *)&k->input},
        {.flags = UV_CREATE_PIPE | UV_WRITABLE_PIPE, .data.stream = (uv_stream_t *)&k->output},
        {.flags = UV_INHERIT_FD, .data.fd = 2},
    };
    const uv_process_options_t options = {
        .file = request->program ? request->text : "/bin/sh",
        .args = args,
        .env = env,
        .flags = UV_PROCESS_DETACHED, /* a session, so also a group, of its own */
        .stdio = stdio,
        .stdio_count = 3,
        .exit_cb = on_ended,
    };
    log_flush(); /* before what it writes to the same place */
    int result = uv_spawn(k->owner->loop, &k->process, &options);

    free_list(args);
    free_list(env);
    return result;
}

static struct child *child_new(struct children *c, runner_fn *fn, void *arg)
{
    struct child *k = mem_alloc(sizeof *k);

    k->owner = c;
    k->fn = fn;
    k->arg = arg;
    k->next = c->first;
    if (c->first != NULL)
        c->first->previous = k;
    c->first = k;
    c->count++;
    buf_init(&k->said, RUNNER_OUTPUT_MAX);
    buf_init(&k->given, RUNNER_INPUT_MAX);
    k->timer.data = k->output.data = k->process.data = k;
    uv_timer_init(c->loop, &k->timer);
    uv_pipe_init(c->loop, &k->output, 0);
    k->open_handles = 2;
    return k;
}

static void on_fed(uv_write_t *write, int status)
{
    struct child *k = write->data;

    (void)status; /* it need not read: what it answers tells */
    close_one((uv_handle_t *)&k->input);
}

/* The whole input, then its end. */
static void feed(struct child *k)
{
    uv_buf_t bytes = uv_buf_init(k->given.data, (unsigned)k->given.len);

    k->write.data = k;
    if (uv_write(&k->write, (uv_stream_t *)&k->input, &bytes, 1, on_fed) != 0)
        close_one((uv_handle_t *)&k->input);
}

void children_refuse(struct children *c, enum err error, const char *why, runner_fn *fn, void *arg)
{
    struct child *k = child_new(c, fn, arg);

    k->error = cause_set(&k->why, error, "%s", why);
    uv_timer_start(&k->timer, on_timer, 0, 0);
}

void children_run(struct children *c, const struct child_request *request, runner_fn *fn, void *arg)
{
    if (c->count >= CHILDREN_MAX) {
        children_refuse(c, ERR_BUSY, "too many commands run already", fn, arg);
        return;
    }
    struct child *k = child_new(c, fn, arg);
    k->limit = request->limit > 0 ? request->limit : MINUTE;
    if (request->input != NULL) {
        k->feeds = true;
        k->open_handles++;
        uv_pipe_init(c->loop, &k->input, 0);
        k->input.data = k;
        buf_add(&k->given, request->input, request->input_len);
    }
    int result = spawn(k, request);
    k->open_handles++; /* uv_spawn() initialises the process handle also when it fails */
    k->spawned = result == 0;
    if (result != 0) {
        k->error = cause_set(&k->why, ERR_IO, "%s can not be started: %s",
                             request->program ? request->text : "/bin/sh", uv_strerror(result));
        uv_close((uv_handle_t *)&k->process, on_closed);
        uv_timer_start(&k->timer, on_timer, 0, 0);
        return;
    }
    uv_read_start((uv_stream_t *)&k->output, give_room, on_read);
    if (k->feeds)
        feed(k);
    start_timer(k, k->limit);
}

void children_free(struct children *c)
{
    if (c == NULL)
        return;
    c->leaving = true;
    for (struct child *k = c->first; k != NULL; k = k->next) {
        if (k->over)
            continue;
        if (k->error == OK)
            k->error = cause_set(&k->why, ERR_IO, "homing is stopping");
        signal_group(k, SIGKILL);
        finish(k);
    }
    release(c);
}
