/*
 * SPDX-License-Identifier: ISC
 */
#include "keeper/runner_remote.h"

#include "base/log.h"
#include "base/mem.h"

struct asked {
    struct asked *next;
    uint32_t id;
    runner_fn *fn;
    void *arg;
};

struct runner_remote {
    struct runner runner;    /* first */
    struct channel *channel; /* borrowed */
    struct asked *asked;
    struct asked *unsent; /* the channel would not take them: told at the next turn */
    uint32_t last_id;
    uv_timer_t timer;
};

static void tell_all(struct asked **list, enum err error, const char *why)
{
    const struct runner_result result = {.error = error, .output = "", .why = why};
    struct asked *a = *list;

    *list = NULL;
    while (a != NULL) {
        struct asked *next = a->next;
        a->fn(a->arg, &result);
        mem_free(a);
        a = next;
    }
}

static void on_timer(uv_timer_t *timer)
{
    struct runner_remote *r = timer->data;
    tell_all(&r->unsent, ERR_IO, "the keeper of the configuration can not be asked");
}

static struct message_texts texts_of(const char *const *list)
{
    struct message_texts t = {.items = (const char **)list};

    while (list != NULL && list[t.count] != NULL)
        t.count++;
    return t;
}

static void run(struct runner *runner, const struct runner_ask *ask, runner_fn *fn, void *arg)
{
    struct runner_remote *r = (struct runner_remote *)runner;
    struct asked *a = mem_alloc(sizeof *a);
    struct message m = {
        .type = MESSAGE_RUN,
        .id = ++r->last_id,
        .of.run = {.entry = ask->entry,
                   .setting = ask->setting,
                   .limit = ask->limit > 0 && ask->limit < UINT32_MAX ? (uint32_t)ask->limit : 0,
                   .args = texts_of(ask->args),
                   .env = texts_of(ask->env),
                   .input = {ask->input, ask->input != NULL ? ask->input_len : 0}},
    };

    *a = (struct asked){NULL, m.id, fn, arg};
    log_flush(); /* before what the command writes to the same place */
    struct asked **list = channel_send(r->channel, &m) ? &r->asked : &r->unsent;
    a->next = *list;
    *list = a;
    if (r->unsent != NULL)
        uv_timer_start(&r->timer, on_timer, 0, 0);
}

bool runner_remote_ran(struct runner_remote *r, const struct message *m)
{
    for (struct asked **at = &r->asked; *at != NULL; at = &(*at)->next) {
        struct asked *a = *at;
        if (a->id != m->id)
            continue;
        *at = a->next;
        char *output = mem_text_n(m->of.ran.output.data, m->of.ran.output.len); /* ended by NUL */
        const struct runner_result result = {
            .error = (enum err)m->of.ran.error,
            .exit_status = (int)m->of.ran.status,
            .output = output,
            .output_len = m->of.ran.output.len,
            .why = m->of.ran.error != OK ? m->of.ran.why : NULL,
        };
        a->fn(a->arg, &result);
        mem_free(output);
        mem_free(a);
        return true;
    }
    return false;
}

static const struct runner_ops ops = {run};

struct runner_remote *runner_remote_new(uv_loop_t *loop, struct channel *channel)
{
    struct runner_remote *r = mem_alloc(sizeof *r);

    r->runner.ops = &ops;
    r->channel = channel;
    uv_timer_init(loop, &r->timer);
    r->timer.data = r;
    return r;
}

static void on_closed(uv_handle_t *handle)
{
    mem_free(handle->data);
}

void runner_remote_free(struct runner_remote *r)
{
    if (r == NULL)
        return;
    tell_all(&r->unsent, ERR_IO, "homing is stopping");
    tell_all(&r->asked, ERR_IO, "homing is stopping");
    uv_close((uv_handle_t *)&r->timer, on_closed);
}

struct runner *runner_remote_runner(struct runner_remote *r)
{
    return &r->runner;
}
