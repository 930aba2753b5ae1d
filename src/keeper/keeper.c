/*
 * SPDX-License-Identifier: ISC
 */
#include "keeper/keeper.h"

#include <errno.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <uv.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "keeper/alive.h"
#include "keeper/channel.h"
#include "keeper/file.h"
#include "keeper/notify.h"
#include "keeper/reading.h"
#include "keeper/runner_local.h"
#include "keeper/watch.h"
#include "state/folder.h"

static const int signals[] = {SIGTERM, SIGINT, SIGHUP, SIGUSR1};
enum { SIGNALS = sizeof signals / sizeof signals[0] };

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
    int lock, status;
    bool ready, stopping;
    bool look_again; /* the file changed while a verdict was awaited */
};

/* ---- The configuration ---- */

/* Beside the file, where the worker cannot write: commands may be run from it. */
static char *last_good_path(const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash != NULL ? slash + 1 : path;
    return mem_format("%.*s.%s.last-good", (int)(name - path), path, name);
}

static void send_offered(struct keeper *k)
{
    struct message m;

    if (k->channel == NULL || k->offered.reading == NULL)
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
        cause_set(c, ERR_SYNTAX, "%s has errors", k->options->conf_path);
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
    if (k->current.reading != NULL && k->current.how == CONF_IF_GOOD &&
        same_reading(k->current.reading, r)) {
        reading_free(r);
        return;
    }
    show_problems(r);
    if (conf_has_errors(r->conf))
        log_error(NULL, "%s has errors: homing goes on with the configuration it has.",
                  k->options->conf_path);
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
    if (good) {
        reading_free(k->current.reading);
        k->current = k->offered;
        k->current.reading = r;
        runner_local_use(k->runner, r->conf);
        if (k->current.how == CONF_IF_GOOD)
            keep_last_good(k, r);
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
    runner->ops->run(runner, m->of.run.entry, m->of.run.setting, m->of.run.args.items,
                     m->of.run.env.items, m->of.run.limit, on_ran, r);
}

static void refuse_edit(struct keeper *k, const struct message *m)
{
    channel_send(k->channel, &(struct message){
                                 .type = MESSAGE_EDITED,
                                 .id = m->id,
                                 .of.edited = {ERR_UNSUPPORTED, "", "edits are not possible yet"}});
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
        refuse_edit(k, m);
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
    if (!k->stopping && alive_pid(k->alive) > 0) {
        /* It ends when it sees that nobody is there; if it went mad it is made to. */
        log_warning(NULL, "The worker does not speak any more: %s", why);
        kill(alive_pid(k->alive), SIGTERM);
    }
}

static const struct channel_events channel_events = {on_message, on_lost};

/* ---- The worker's life ---- */

static void on_started(void *arg, int fd)
{
    struct keeper *k = arg;

    k->channel = channel_open(&k->loop, fd, SIDE_KEEPER, &channel_events, k);
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
    clock_length_text(wait, length);
    if (number != 0)
        log_error(NULL, "The worker was ended by signal %d (%s); it is started again in %s.",
                  number, strsignal(number), length);
    else
        log_error(NULL, "The worker ended (status %d); it is started again in %s.", status, length);
    return true;
}

static void on_gone(void *arg)
{
    struct keeper *k = arg;

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

/* ---- Folders, arguments ---- */

static bool is_named(const struct reading *r, const char *variable, size_t n)
{
    for (size_t i = 0; i + 2 < r->given.count; i += 3)
        if (text_equal(r->given.items[i], "env") && strlen(r->given.items[i + 1]) == n &&
            strncmp(r->given.items[i + 1], variable, n) == 0)
            return true;
    return false;
}

/* Ours without what is not the worker's business: the service manager's socket, and the variables
 * that hold secrets of the configuration (they are handed over in messages). */
static char **worker_env(const struct reading *r)
{
    size_t count = 0, kept = 0;

    while (environ[count] != NULL)
        count++;
    char **env = mem_array(count + 1, sizeof *env);
    for (size_t i = 0; i < count; i++) {
        size_t n = strcspn(environ[i], "=");
        bool manager = text_starts(environ[i], "NOTIFY_SOCKET=") ||
                       text_starts(environ[i], "CREDENTIALS_DIRECTORY=");
        if (!manager && !is_named(r, environ[i], n))
            env[kept++] = mem_text(environ[i]);
    }
    return env;
}

static char **worker_args(const struct keeper_options *o)
{
    size_t count = 0, at = 0;

    while (o->worker_args != NULL && o->worker_args[count] != NULL)
        count++;
    char **args = mem_array(count + 5, sizeof *args);
    args[at++] = mem_text("homing");
    args[at++] = mem_text(KEEPER_WORKER_WORD);
    args[at++] = mem_text(o->state_folder);
    args[at++] = mem_text(o->socket);
    for (size_t i = 0; i < count; i++)
        args[at++] = mem_text(o->worker_args[i]);
    return args;
}

static void free_list(char **list)
{
    for (size_t i = 0; list != NULL && list[i] != NULL; i++)
        mem_free(list[i]);
    mem_free(list);
}

/* What the worker will write belongs to the user it becomes. */
static void give(const char *path, const char *user)
{
    const struct passwd *to = user != NULL && geteuid() == 0 ? getpwnam(user) : NULL;

    if (to != NULL && lchown(path, to->pw_uid, to->pw_gid) != 0)
        log_warning(NULL, "%s can not be given to the user %s: %s", path, user, strerror(errno));
}

static enum err make_folders(struct keeper *k, struct cause *c)
{
    const struct keeper_options *o = k->options;
    static const char *const files[] = {"lock",           "memory.db",          "memory.db-wal",
                                        "memory-copy.db", "memory-copy.db-wal", "fingerprint-key"};
    enum err e = folder_make(o->state_folder, c);

    if (e == OK)
        e = folder_lock(o->state_folder, &k->lock, c);
    if (e != OK)
        return e;
    give(o->state_folder, o->user);
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        char *path = mem_format("%s/%s", o->state_folder, files[i]);
        if (access(path, F_OK) == 0)
            give(path, o->user);
        mem_free(path);
    }
    const char *slash = strrchr(o->socket, '/');
    char *folder = slash != NULL && slash != o->socket
                       ? mem_text_n(o->socket, (size_t)(slash - o->socket))
                       : NULL;
    struct cause why;
    /* Without it the service runs; the worker says what does not work. */
    if (folder != NULL && access(folder, F_OK) != 0 && mkdir(folder, 0750) == 0)
        give(folder, o->user);
    else if (folder != NULL && access(folder, F_OK) != 0 && folder_make(folder, &why) != OK)
        log_warning(NULL, "The socket can not be made: %s", why.text);
    mem_free(folder);
    return OK;
}

static void no_dumps(void)
{
    const struct rlimit none = {0, 0};

    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    setrlimit(RLIMIT_CORE, &none);
}

/* ---- Life ---- */

static void start(struct keeper *k)
{
    for (int i = 0; i < SIGNALS; i++) {
        uv_signal_init(&k->loop, &k->signals[i]);
        k->signals[i].data = k;
        uv_signal_start(&k->signals[i], on_signal, signals[i]);
    }
    signal(SIGPIPE, SIG_IGN);
    k->watch = watch_new(&k->loop, k->options->conf_path, on_changed, k);
    k->worker_args = worker_args(k->options);
    k->worker_env = worker_env(k->offered.reading);
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
    free_list(k->worker_args);
    free_list(k->worker_env);
}

int keeper_run(const struct keeper_options *options)
{
    struct keeper k = {.options = options, .lock = -1};
    struct cause c;

    no_dumps();
    enum err e = make_folders(&k, &c);
    if (e != OK) {
        log_error(NULL, "%s", c.text);
        return e == ERR_BUSY ? KEEPER_RUNNING : KEEPER_FAILED;
    }
    uv_loop_init(&k.loop);
    k.runner = runner_local_new(&k.loop);
    k.last_good = last_good_path(options->conf_path);
    e = first_conf(&k, &c);
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
