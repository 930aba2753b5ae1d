/*
 * SPDX-License-Identifier: ISC
 */
#include "keeper/keeper.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>
#include <uv.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "keeper/alive.h"
#include "keeper/channel.h"
#include "keeper/edits.h"
#include "keeper/file.h"
#include "keeper/notify.h"
#include "keeper/outfit.h"
#include "keeper/reading.h"
#include "keeper/runner_local.h"
#include "keeper/watch.h"

static const int signals[] = {SIGTERM, SIGINT, SIGHUP, SIGUSR1};
enum { SIGNALS = sizeof signals / sizeof signals[0] };

/* Reading a fleet's file leaves as much memory free as it keeps. */
enum { TRIM_FROM = 100000 }; /* bytes of the file */

/* A reading with what the worker is told to do with it. */
struct offer {
    struct reading *reading; /* owned; NULL: none */
    enum message_how how;
    struct cause why;
};

struct keeper {
    const struct keeper_options *options;
    uv_loop_t loop;
    uv_signal_t signals[SIGNALS];
    struct alive *alive;
    struct channel *channel; /* NULL: no worker to speak to */
    struct watch *watch;
    struct runner_local *runner;
    struct offer current;             /* what the worker took; commands come from it */
    struct offer offered;             /* sent, no verdict yet */
    char *last_good;                  /* owned: path of the last good copy */
    char **worker_args, **worker_env; /* owned */
    char **folders;                   /* owned: what this worker may read besides the usual */
    int lock, status;
    bool ready, stopping;
    unsigned again;    /* workers that ended unasked */
    uint32_t again_at; /* Unix time of the last */
    char again_why[40];
    bool renewing;   /* the worker ends so that a new one begins: nothing more is for it */
    bool look_again; /* the file changed while a verdict was awaited */
    bool refused;    /* what the worker was given last had errors */
};

/* ---- The configuration ---- */

static void send_offered(struct keeper *k)
{
    struct message m;

    if (k->channel == NULL || k->offered.reading == NULL || k->renewing)
        return; /* it is sent when both are there */
    reading_message(k->offered.reading, k->offered.how, k->offered.why.text, &m);
    if (!channel_send(k->channel, &m))
        log_error(NULL, "The configuration is too big to be used.");
}

static void offer(struct keeper *k, struct reading *r, enum message_how how, const char *why)
{
    reading_free(k->offered.reading);
    k->offered.reading = r;
    k->offered.how = how;
    snprintf(k->offered.why.text, sizeof k->offered.why.text, "%s", why);
    send_offered(k);
}

static void show_problems(const struct reading *r)
{
    struct buf text;

    buf_init(&text, 1 << 20);
    for (size_t i = 0; i < conf_problem_count(r->conf); i++) {
        const struct conf_problem *p = conf_problem_at(r->conf, i);
        buf_clear(&text);
        conf_problem_show(r->conf, p, &text);
        for (char *line = text.data, *end; line != NULL && *line != '\0'; line = end) {
            end = strchr(line, '\n');
            if (end != NULL)
                *end++ = '\0';
            log_write(p->severity == CONF_ERROR ? LOG_LEVEL_ERROR : LOG_LEVEL_WARNING, NULL, "%s",
                      line);
        }
    }
    buf_free(&text);
}

static enum err read_conf(const struct keeper *k, struct reading **out, struct cause *c)
{
    const char *path = k->options->conf_path;
    enum err e = reading_of_file(path, k->options->providers, out, c);

    if (e == ERR_NOT_FOUND && !k->options->conf_must_exist) {
        log_notice(NULL, "There is no %s yet: it is made when a hostname is added.", path);
        *out = reading_of_bytes(path, "", 0, k->options->providers);
        return OK;
    }
    if (e == ERR_NOT_FOUND)
        cause_set(c, e,
                  "%s is not there; \"homing add\" makes it, or a copy of homing.conf.example",
                  path);
    return e;
}

/* The first one: with errors, the last good copy, and without that what is right in the file. */
static enum err first_conf(struct keeper *k, struct cause *c)
{
    struct reading *r, *good = NULL;
    struct cause why;
    enum err e = read_conf(k, &r, c);

    if (e == OK) {
        show_problems(r);
        if (!conf_has_errors(r->conf)) {
            offer(k, r, CONF_IF_GOOD, "");
            return OK;
        }
        reading_error(r->conf, k->options->conf_path, c);
    }
    if (reading_of_file(k->last_good, k->options->providers, &good, &why) == OK &&
        !conf_has_errors(good->conf)) {
        log_error(NULL, "%s: homing runs with the last good copy, %s, until it is mended.", c->text,
                  k->last_good);
        reading_free(r);
        offer(k, good, CONF_LAST_GOOD, c->text);
        return OK;
    }
    reading_free(good);
    if (e != OK)
        return e;
    log_error(NULL, "%s: hostnames of the wrong statements rest until it is mended.", c->text);
    offer(k, r, CONF_AS_IT_IS, c->text);
    return OK;
}

static bool same_reading(const struct reading *a, const struct reading *b)
{
    bool same = text_equal(a->version, b->version) && a->given.count == b->given.count;

    for (size_t i = 0; i < a->given.count && same; i++)
        same = text_equal(a->given.items[i], b->given.items[i]);
    return same;
}

static bool is_among(const char *word, char *const *list)
{
    for (; *list != NULL; list++)
        if (text_equal(word, *list))
            return true;
    return false;
}

/* The worker's folders are fixed when it starts: for another one a new worker takes over. */
static bool needs_new_worker(struct keeper *k, const struct reading *r)
{
    char **folders = reading_folders(r), **args;
    bool covered = true;

    for (size_t i = 0; folders[i] != NULL && covered; i++)
        covered = is_among(folders[i], k->folders);
    if (covered || conf_has_errors(r->conf)) {
        reading_free_list(folders);
        return false;
    }
    args = outfit_args(k->options, folders);
    alive_renew(k->alive, args);
    reading_free_list(k->worker_args);
    reading_free_list(k->folders);
    k->worker_args = args;
    k->folders = folders;
    return true;
}

/* A later one: refused whole when it has errors; the worker tells the page what is wrong. */
static void next_conf(struct keeper *k)
{
    struct reading *r;
    struct cause c;

    watch_follow(k->watch);
    k->look_again = k->offered.reading != NULL;
    if (k->look_again)
        return; /* one at a time: after the verdict */
    if (read_conf(k, &r, &c) != OK) {
        log_error(NULL, "%s: homing goes on with the configuration it has.", c.text);
        return;
    }
    if (k->current.reading != NULL && k->current.how == CONF_IF_GOOD && !k->refused &&
        same_reading(k->current.reading, r)) {
        reading_free(r);
        return;
    }
    show_problems(r);
    if (conf_has_errors(r->conf))
        log_error(NULL, "%s has errors: homing goes on with the configuration it has.",
                  k->options->conf_path);
    mem_wipe_stack();
    if (needs_new_worker(k, r) && k->channel != NULL) {
        log_notice(NULL, "The worker begins again: it may read other files now.");
        channel_send(k->channel, &(struct message){.type = MESSAGE_WISH, .of.wish = {WISH_STOP}});
        k->renewing = true;
    }
    offer(k, r, CONF_IF_GOOD, "");
}

static void keep_last_good(const struct keeper *k, const struct reading *r)
{
    struct cause c;

    if (r->len > 0 && file_write(k->last_good, r->bytes, r->len, &c) != OK)
        log_info(NULL, "No copy of the good configuration is kept: %s", c.text);
}

static void on_verdict(struct keeper *k, const char *version, bool good)
{
    struct reading *r = k->offered.reading;

    if (r == NULL || !text_equal(r->version, version))
        return;
    k->offered.reading = NULL;
    k->refused = !good;
    if (good) {
        bool large = r->len > TRIM_FROM;
        reading_free(k->current.reading);
        k->current = k->offered;
        k->current.reading = r;
        runner_local_use(k->runner, r->conf);
        if (k->current.how == CONF_IF_GOOD)
            keep_last_good(k, r);
        if (large)
            mem_trim();
    } else {
        reading_free(r);
    }
    if (k->ready)
        notify_ready();
    if (k->look_again)
        next_conf(k);
}

/* ---- What the worker asks ---- */

struct running {
    struct keeper *keeper;
    struct channel *channel; /* of the worker that asked */
    uint32_t id;
};

static void on_ran(void *arg, const struct runner_result *result)
{
    struct running *r = arg;
    const struct message m = {
        .type = MESSAGE_RAN,
        .id = r->id,
        .of.ran = {.error = result->error,
                   .status = (uint32_t)result->exit_status,
                   .output = {result->output, result->output_len},
                   .why = result->why},
    };

    if (r->keeper->channel == r->channel) /* else that worker is gone */
        channel_send(r->channel, &m);
    mem_free(r);
}

static void run_command(struct keeper *k, const struct message *m)
{
    struct running *r = mem_alloc(sizeof *r);
    struct runner *runner = runner_local_runner(k->runner);

    *r = (struct running){k, k->channel, m->id};
    /* Received lists are ended by NULL. */
    const struct runner_ask ask = {.entry = m->of.run.entry,
                                   .setting = m->of.run.setting,
                                   .args = m->of.run.args.items,
                                   .env = m->of.run.env.items,
                                   .input = m->of.run.input.len > 0 ? m->of.run.input.data : NULL,
                                   .input_len = m->of.run.input.len,
                                   .limit = m->of.run.limit};
    runner->ops->run(runner, &ask, on_ran, r);
}

static void edit(struct keeper *k, const struct message *m)
{
    struct message answer;
    bool done =
        edits_apply(k->options->conf_path, k->options->versions, m, k->options->providers, &answer);

    channel_send(k->channel, &answer);
    if (done)
        next_conf(k);
}

static void on_message(void *arg, const struct message *m)
{
    struct keeper *k = arg;

    switch (m->type) {
    case MESSAGE_READY:
        k->ready = true;
        notify_ready();
        break;
    case MESSAGE_STATUS:
        notify_status(m->of.status.text);
        break;
    case MESSAGE_VERDICT:
        on_verdict(k, m->of.verdict.version, m->of.verdict.good == 1);
        break;
    case MESSAGE_RUN:
        run_command(k, m);
        break;
    case MESSAGE_EDIT:
        edit(k, m);
        break;
    default: /* the reader lets no other through */
        break;
    }
}

static void drop_channel(struct keeper *k)
{
    channel_close(k->channel);
    k->channel = NULL;
}

static void on_lost(void *arg, const char *why)
{
    struct keeper *k = arg;

    drop_channel(k);
    if (!k->stopping && !k->renewing && alive_pid(k->alive) > 0) {
        /* It ends when it sees that nobody is there; if it went mad it is made to. */
        log_info(NULL, "The worker does not speak any more: %s.", why);
        kill(alive_pid(k->alive), SIGTERM);
    }
}

static const struct channel_events channel_events = {on_message, on_lost};

/* ---- The worker's life ---- */

static void on_started(void *arg, int fd)
{
    struct keeper *k = arg;

    k->renewing = false;
    k->channel = channel_open(&k->loop, fd, SIDE_KEEPER, &channel_events, k);
    if (k->again > 0)
        channel_send(k->channel,
                     &(struct message){.type = MESSAGE_AGAIN,
                                       .of.again = {k->again, k->again_at, k->again_why}});
    if (k->offered.reading == NULL && k->current.reading != NULL) {
        /* A new worker gets what the former one had. */
        runner_local_use(k->runner, NULL);
        k->offered = k->current;
        k->current.reading = NULL;
    }
    send_offered(k);
}

static bool is_final(int status)
{
    return status == KEEPER_USAGE || status == KEEPER_CONF || status == KEEPER_RUNNING;
}

static bool on_died(void *arg, int status, int number, unsigned wait)
{
    struct keeper *k = arg;
    char length[24];

    drop_channel(k);
    if (number == 0 && is_final(status) && !k->ready) {
        k->status = status;
        uv_stop(&k->loop);
        return false;
    }
    k->again++;
    k->again_at = (uint32_t)time(NULL);
    snprintf(k->again_why, sizeof k->again_why, number != 0 ? "signal %d" : "status %d",
             number != 0 ? number : status);
    clock_length_text(wait, length);
    if (number != 0)
        log_error(NULL, "The worker was ended by signal %d (%s); it is started again in %s.",
                  number, strsignal(number), length);
    else
        log_error(NULL, "The worker ended (status %d); it is started again in %s.", status, length);
    return true;
}

static void on_gone(void *arg, int status, int number)
{
    struct keeper *k = arg;

    if (number != 0)
        log_error(NULL, "The worker did not end by itself but by signal %d (%s).", number,
                  strsignal(number));
    if (status != 0 || number != 0)
        k->status = KEEPER_FAILED;
    drop_channel(k);
    uv_stop(&k->loop);
}

static const struct alive_events alive_events = {on_started, on_died, on_gone};

static void stop(struct keeper *k)
{
    if (k->stopping)
        return;
    k->stopping = true;
    notify_stopping();
    if (k->channel != NULL)
        channel_send(k->channel, &(struct message){.type = MESSAGE_WISH, .of.wish = {WISH_STOP}});
    alive_end(k->alive);
}

static void on_signal(uv_signal_t *handle, int number)
{
    struct keeper *k = handle->data;

    if (number == SIGHUP) {
        notify_reloading();
        next_conf(k);
        if (k->offered.reading == NULL && k->ready)
            notify_ready();
    } else if (number == SIGUSR1) {
        channel_send(k->channel, &(struct message){.type = MESSAGE_WISH, .of.wish = {WISH_UPDATE}});
    } else {
        stop(k);
    }
}

static void on_changed(void *arg)
{
    next_conf(arg);
}

/* ---- Life ---- */

static void no_dumps(void)
{
    const struct rlimit none = {0, 0};

    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    setrlimit(RLIMIT_CORE, &none);
}

static void start(struct keeper *k)
{
    for (int i = 0; i < SIGNALS; i++) {
        uv_signal_init(&k->loop, &k->signals[i]);
        k->signals[i].data = k;
        uv_signal_start(&k->signals[i], on_signal, signals[i]);
    }
    signal(SIGPIPE, SIG_IGN);
    k->watch = watch_new(&k->loop, k->options->conf_path, on_changed, k);
    k->folders = reading_folders(k->offered.reading);
    k->worker_args = outfit_args(k->options, k->folders);
    k->worker_env = outfit_env(k->offered.reading);
    const struct alive_options alive = {k->options->program, k->worker_args, k->worker_env,
                                        k->lock};
    k->alive = alive_new(&k->loop, &alive, &alive_events, k);
}

static void close_all(struct keeper *k)
{
    runner_local_free(k->runner);
    alive_free(k->alive);
    watch_free(k->watch);
    drop_channel(k);
    for (int i = 0; i < SIGNALS; i++)
        uv_close((uv_handle_t *)&k->signals[i], NULL);
    uv_run(&k->loop, UV_RUN_DEFAULT);
    reading_free_list(k->worker_args);
    reading_free_list(k->worker_env);
    reading_free_list(k->folders);
}

int keeper_run(const struct keeper_options *options)
{
    struct keeper k = {.options = options, .lock = -1};
    struct cause c;

    no_dumps();
    enum err e = outfit_folders(options, &k.lock, &c);
    if (e != OK) {
        log_error(NULL, "%s", c.text);
        return e == ERR_BUSY ? KEEPER_RUNNING : KEEPER_FAILED;
    }
    uv_loop_init(&k.loop);
    k.runner = runner_local_new(&k.loop);
    k.last_good = reading_last_good(options->conf_path);
    e = first_conf(&k, &c);
    mem_wipe_stack();
    if (e == OK) {
        start(&k);
        uv_run(&k.loop, UV_RUN_DEFAULT);
        close_all(&k);
    } else {
        log_error(NULL, "%s", c.text);
        k.status = KEEPER_CONF;
        runner_local_free(k.runner);
    }
    reading_free(k.current.reading);
    reading_free(k.offered.reading);
    uv_loop_close(&k.loop);
    mem_free(k.last_good);
    close(k.lock);
    return k.status;
}
