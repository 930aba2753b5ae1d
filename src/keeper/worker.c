/*
 * SPDX-License-Identifier: ISC
 */
#include "keeper/worker.h"

#include <stdio.h>
#include <time.h>

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
    struct worker_past past;
};

/* The one with that id, or all with id 0. */
static void tell_edited(struct worker *w, uint32_t id, enum err error,
                        const struct edit_answer *answer, const char *version, const char *why)
{
    for (struct editing **at = &w->editing; *at != NULL;) {
        struct editing *e = *at;
        if (id != 0 && e->id != id) {
            at = &e->next;
            continue;
        }
        *at = e->next;
        e->fn(e->arg, error, answer, version, why);
        mem_free(e);
        if (id != 0)
            return;
    }
}

static void refuse_all(struct worker *w, const char *why)
{
    tell_edited(w, 0, ERR_IO, &(struct edit_answer){0}, "", why);
}

static void on_edited(struct worker *w, const struct message *m)
{
    struct edit_answer answer = {
        .shared = (enum edit_shared)m->of.edited.shared,
        .hostnames = m->of.edited.hostnames,
        .line = m->of.edited.line,
        .stale = m->of.edited.stale == 1,
        .system = m->of.edited.system == 1,
        .secrets_cleared = m->of.edited.secrets_cleared == 1,
        .restart = m->of.edited.restart == 1,
    };

    snprintf(answer.setting, sizeof answer.setting, "%s", m->of.edited.setting);
    snprintf(answer.entry, sizeof answer.entry, "%s", m->of.edited.entry);
    if (m->of.edited.error == OK)
        w->past.unwritten_why[0] = '\0';
    if (answer.system) {
        w->past.unwritten_at = (long long)time(NULL) * 1000;
        snprintf(w->past.unwritten_why, sizeof w->past.unwritten_why, "%s", m->of.edited.why);
    }
    if (m->id != 0)
        tell_edited(w, m->id, (enum err)m->of.edited.error, &answer, m->of.edited.version,
                    m->of.edited.error != OK ? m->of.edited.why : NULL);
}

static void on_again(struct worker *w, const struct message *m)
{
    w->past.again = m->of.again.count;
    w->past.again_at = (long long)m->of.again.seconds * 1000;
    snprintf(w->past.again_why, sizeof w->past.again_why, "%s", m->of.again.why);
}

const struct worker_past *worker_past(const struct worker *w)
{
    return &w->past;
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
        on_edited(w, m);
        break;
    case MESSAGE_AGAIN:
        on_again(w, m);
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
    w->events->orphaned(w->arg);
}

static const struct channel_events channel_events = {on_message, on_lost};

static void on_timer(uv_timer_t *timer)
{
    refuse_all(timer->data, "the keeper of the configuration can not be asked");
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
    refuse_all(w, "homing is stopping");
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

static void ask(struct worker *w, struct message *m, worker_edited_fn *fn, void *arg)
{
    struct editing *e = mem_alloc(sizeof *e);

    m->type = MESSAGE_EDIT;
    m->id = ++w->last_id;
    *e = (struct editing){w->editing, m->id, fn, arg};
    w->editing = e;
    if (!channel_send(w->channel, m))
        uv_timer_start(&w->timer, on_timer, 0, 0);
}

static size_t add_changes(char **words, const struct edit *edit)
{
    for (size_t i = 0; i < edit->count; i++) {
        words[2 * i] = mem_text(edit->settings[i].name);
        words[2 * i + 1] = edit->settings[i].value != NULL
                               ? mem_format("=%s", edit->settings[i].value)
                               : mem_text("-");
    }
    return 2 * edit->count;
}

static void ask_change(struct worker *w, struct message *m, char **words, size_t count,
                       worker_edited_fn *fn, void *arg)
{
    m->of.edit.changes = (struct message_texts){(const char **)(uintptr_t)words, count};
    ask(w, m, fn, arg);
    for (size_t i = 0; i < count; i++)
        mem_free_secret(words[i]);
    mem_free(words);
}

void worker_edit(struct worker *w, const struct edit *edit, const char *version,
                 worker_edited_fn *fn, void *arg)
{
    const struct edit_setting name = {"hostname", edit->name};
    const struct edit renaming = {.settings = &name, .count = 1};
    const struct edit *changes = edit->what == EDIT_RENAME ? &renaming : edit;
    char **words = mem_array(2 * changes->count + 1, sizeof *words);
    struct message m = {
        .of.edit = {.what = edit->what,
                    .of = edit->of,
                    .share = edit->share,
                    .target = edit->target,
                    .version = version},
    };

    ask_change(w, &m, words, add_changes(words, changes), fn, arg);
}

void worker_edit_many(struct worker *w, const struct edit *edits, size_t count, const char *version,
                      worker_edited_fn *fn, void *arg)
{
    struct message m = {.of.edit = {.what = MESSAGE_EDIT_MANY, .version = version}};
    size_t most = 1, n = 0;

    for (size_t i = 0; i < count; i++)
        most += 2 * edits[i].count + 2;
    char **words = mem_array(most, sizeof *words);
    for (size_t i = 0; i < count; i++) {
        if (edits[i].of == EDIT_HOSTNAME) {
            words[n++] = mem_text("+");
            words[n++] = mem_text(edits[i].target);
        }
        n += add_changes(words + n, &edits[i]);
    }
    ask_change(w, &m, words, n, fn, arg);
}

void worker_edit_each(struct worker *w, const struct edit *edit, const char *const *targets,
                      size_t count, const char *version, worker_edited_fn *fn, void *arg)
{
    char **words = mem_array(2 * (edit->count + count) + 1, sizeof *words);
    size_t n = add_changes(words, edit);
    struct message m = {
        .of.edit = {.what = edit->what, .of = edit->of, .share = edit->share, .version = version},
    };

    for (size_t i = 0; i < count; i++) {
        words[n++] = mem_text("@");
        words[n++] = mem_text(targets[i]);
    }
    ask_change(w, &m, words, n, fn, arg);
}

void worker_undo(struct worker *w, const char *version, worker_edited_fn *fn, void *arg)
{
    struct message m = {.of.edit = {.what = MESSAGE_EDIT_UNDO, .version = version}};
    ask(w, &m, fn, arg);
}

void worker_reload(struct worker *w, worker_edited_fn *fn, void *arg)
{
    struct message m = {.of.edit = {.what = MESSAGE_EDIT_NONE}};
    ask(w, &m, fn, arg);
}
