/*
 * SPDX-License-Identifier: ISC
 */
#include "keeper/worker.h"

#include "base/log.h"
#include "base/mem.h"
#include "keeper/channel.h"
#include "keeper/runner_remote.h"

struct editing {
    struct editing *next;
    uint32_t id;
    worker_edited_fn *fn;
    void *arg;
};

struct worker {
    const struct worker_events *events;
    void *arg;
    struct channel *channel;
    struct runner_remote *runner;
    struct editing *editing;
    uint32_t last_id;
    uv_timer_t timer; /* refuses edits that could not be sent */
    bool lost;
};

static void tell_edited(struct worker *w, uint32_t id, bool all, enum err error,
                        const char *version, const char *why)
{
    for (struct editing **at = &w->editing; *at != NULL;) {
        struct editing *e = *at;
        if (!all && e->id != id) {
            at = &e->next;
            continue;
        }
        *at = e->next;
        e->fn(e->arg, error, version, why);
        mem_free(e);
        if (!all)
            return;
    }
}

static void on_message(void *arg, const struct message *m)
{
    struct worker *w = arg;

    switch (m->type) {
    case MESSAGE_CONF:
        w->events->conf(w->arg, m);
        break;
    case MESSAGE_WISH:
        if (m->of.wish.wish == WISH_STOP)
            w->events->stop(w->arg);
        else
            w->events->update(w->arg);
        break;
    case MESSAGE_EDITED:
        tell_edited(w, m->id, false, (enum err)m->of.edited.error, m->of.edited.version,
                    m->of.edited.error != OK ? m->of.edited.why : NULL);
        break;
    case MESSAGE_RAN:
        runner_remote_ran(w->runner, m);
        break;
    default: /* the reader lets no other through */
        break;
    }
}

static void on_lost(void *arg, const char *why)
{
    struct worker *w = arg;

    w->lost = true;
    log_error(NULL, "The keeper of the configuration is gone (%s): homing stops.", why);
    w->events->stop(w->arg);
}

static const struct channel_events channel_events = {on_message, on_lost};

static void on_timer(uv_timer_t *timer)
{
    tell_edited(timer->data, 0, true, ERR_IO, "",
                "the keeper of the configuration can not be asked");
}

struct worker *worker_new(uv_loop_t *loop, const struct worker_events *events, void *arg)
{
    struct worker *w = mem_alloc(sizeof *w);

    w->events = events;
    w->arg = arg;
    w->channel = channel_open(loop, WORKER_CHANNEL_FD, SIDE_WORKER, &channel_events, w);
    if (w->channel == NULL) {
        mem_free(w);
        return NULL;
    }
    w->runner = runner_remote_new(loop, w->channel);
    uv_timer_init(loop, &w->timer);
    w->timer.data = w;
    return w;
}

static void on_closed(uv_handle_t *handle)
{
    mem_free(handle->data);
}

void worker_free(struct worker *w)
{
    if (w == NULL)
        return;
    tell_edited(w, 0, true, ERR_IO, "", "homing is stopping");
    runner_remote_free(w->runner);
    channel_close(w->channel);
    uv_close((uv_handle_t *)&w->timer, on_closed);
}

struct runner *worker_runner(struct worker *w)
{
    return runner_remote_runner(w->runner);
}

void worker_ready(struct worker *w)
{
    channel_send(w->channel, &(struct message){.type = MESSAGE_READY});
}

void worker_status(struct worker *w, const char *text)
{
    channel_send(w->channel, &(struct message){.type = MESSAGE_STATUS, .of.status = {text}});
}

void worker_verdict(struct worker *w, const char *version, bool good)
{
    channel_send(w->channel,
                 &(struct message){.type = MESSAGE_VERDICT, .of.verdict = {version, good}});
}

void worker_edit(struct worker *w, enum message_edit kind, const char *entry, const char *version,
                 bool for_all, const struct message_texts *changes, worker_edited_fn *fn, void *arg)
{
    struct editing *e = mem_alloc(sizeof *e);
    const struct message m = {
        .type = MESSAGE_EDIT,
        .id = ++w->last_id,
        .of.edit = {.kind = kind,
                    .entry = entry,
                    .version = version,
                    .for_all = for_all,
                    .changes = changes != NULL ? *changes : (struct message_texts){0}},
    };

    *e = (struct editing){w->editing, m.id, fn, arg};
    w->editing = e;
    if (!channel_send(w->channel, &m)) {
        e->id = 0;
        uv_timer_start(&w->timer, on_timer, 0, 0);
    }
}
