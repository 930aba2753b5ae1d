/*
 * SPDX-License-Identifier: ISC
 */
#include "keeper/alive.h"

#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"

struct alive {
    uv_loop_t *loop;
    struct alive_options options;
    const struct alive_events *events;
    void *arg;
    uv_process_t *process; /* owned; NULL: none runs */
    uv_timer_t timer;
    uint64_t started_at; /* ms of the loop */
    unsigned wait;
    bool ending, killing, renewing;
};

static void on_process_closed(uv_handle_t *handle)
{
    mem_free(handle);
}

static void on_timer(uv_timer_t *timer);

static void again(struct alive *a, int status, int number)
{
    /* One that lived for long gets a fresh start. */
    if (uv_now(a->loop) - a->started_at > ALIVE_WAIT_MOST)
        a->wait = ALIVE_WAIT_FIRST;
    unsigned wait = a->wait;
    a->wait = a->wait * 2 < ALIVE_WAIT_MOST ? a->wait * 2 : ALIVE_WAIT_MOST;
    if (a->events->died(a->arg, status, number, wait))
        uv_timer_start(&a->timer, on_timer, wait, 0);
}

static void on_ended(uv_process_t *process, int64_t status, int number)
{
    struct alive *a = process->data;

    uv_close((uv_handle_t *)process, on_process_closed);
    a->process = NULL;
    a->killing = false;
    if (a->ending) {
        uv_timer_stop(&a->timer);
        a->events->gone(a->arg, (int)status, number);
    } else if (a->renewing) {
        a->renewing = false;
        uv_timer_start(&a->timer, on_timer, 0, 0);
    } else {
        again(a, (int)status, number);
    }
}

static int spawn(struct alive *a, int theirs)
{
    uv_stdio_container_t stdio[] = {
        {.flags = UV_IGNORE},
        {.flags = UV_INHERIT_FD, .data.fd = 1},
        {.flags = UV_INHERIT_FD, .data.fd = 2},
        {.flags = UV_INHERIT_FD, .data.fd = theirs},
        {.flags = UV_INHERIT_FD, .data.fd = a->options.lock},
    };
    const uv_process_options_t options = {
        .file = a->options.program,
        .args = (char **)(uintptr_t)a->options.args,
        .env = (char **)(uintptr_t)a->options.env,
        .flags = UV_PROCESS_DETACHED, /* signals of the terminal are for the keeper */
        .stdio = stdio,
        .stdio_count = sizeof stdio / sizeof stdio[0],
        .exit_cb = on_ended,
    };
    a->process = mem_alloc(sizeof *a->process);
    a->process->data = a;
    log_flush();
    int result = uv_spawn(a->loop, a->process, &options);
    if (result != 0) {
        uv_close((uv_handle_t *)a->process, on_process_closed);
        a->process = NULL;
    }
    return result;
}

static void start(struct alive *a)
{
    int pair[2];

    a->started_at = uv_now(a->loop);
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) {
        log_error(NULL, "The worker can not be started: no descriptors are left.");
        again(a, 1, 0);
        return;
    }
    int result = spawn(a, pair[1]);
    close(pair[1]);
    if (result != 0) {
        close(pair[0]);
        log_error(NULL, "The worker can not be started: %s: %s", a->options.program,
                  uv_strerror(result));
        again(a, 1, 0);
        return;
    }
    a->events->started(a->arg, pair[0]);
}

static void on_timer(uv_timer_t *timer)
{
    struct alive *a = timer->data;

    if (a->process == NULL) {
        if (a->ending)
            a->events->gone(a->arg, 0, 0);
        else
            start(a);
    } else {
        uv_process_kill(a->process, a->killing ? SIGKILL : SIGTERM);
        a->killing = true;
        uv_timer_start(timer, on_timer, ALIVE_STOP_KILL, 0);
    }
}

struct alive *alive_new(uv_loop_t *loop, const struct alive_options *options,
                        const struct alive_events *events, void *arg)
{
    struct alive *a = mem_alloc(sizeof *a);

    a->loop = loop;
    a->options = *options;
    a->events = events;
    a->arg = arg;
    a->wait = ALIVE_WAIT_FIRST;
    uv_timer_init(loop, &a->timer);
    a->timer.data = a;
    uv_timer_start(&a->timer, on_timer, 0, 0);
    return a;
}

void alive_renew(struct alive *a, char *const *args)
{
    a->options.args = args;
    if (a->ending || a->process == NULL)
        return; /* the next one is started with them anyway */
    a->renewing = true;
    uv_timer_start(&a->timer, on_timer, ALIVE_STOP_TERM, 0);
}

void alive_end(struct alive *a)
{
    if (a->ending)
        return;
    a->ending = true;
    uv_timer_start(&a->timer, on_timer, a->process != NULL ? ALIVE_STOP_TERM : 0, 0);
}

static void on_closed(uv_handle_t *handle)
{
    mem_free(handle->data);
}

void alive_free(struct alive *a)
{
    if (a != NULL)
        uv_close((uv_handle_t *)&a->timer, on_closed);
}

int alive_pid(const struct alive *a)
{
    return a->process != NULL ? a->process->pid : 0;
}
