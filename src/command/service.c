/*
 * SPDX-License-Identifier: ISC
 */
#include "command/service.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <uv.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "command/command.h"
#include "command/journal.h"
#include "keeper/reading.h"
#include "keeper/sandbox.h"
#include "keeper/worker.h"
#include "state/store.h"

static const char user_name[] = "homing";

struct service {
    const char *state_folder, *socket;
    uv_loop_t loop;
    uv_signal_t term;
    struct worker *worker;
    struct store *store; /* NULL before the first configuration */
    struct conf *conf;   /* counted; what runs now */
    int status;
    bool stopping;
};

/* ---- Starting and stopping ---- */

static enum err open_store(struct service *s, struct cause *c)
{
    struct view globals = conf_globals(s->conf);
    const char *sync = conf_text(&globals, "state-sync");
    const struct store_options options = {
        .folder = s->state_folder,
        .loop = &s->loop,
        .lock = WORKER_LOCK_FD, /* the keeper's lock, which lasts as long as we do */
        .sync = text_equal(sync, "process") ? STORE_SYNC_PROCESS : STORE_SYNC_DISK,
    };
    return store_open(&options, &s->store, c);
}

static void finish(struct service *s)
{
    store_close(s->store);
    s->store = NULL;
    worker_free(s->worker);
    s->worker = NULL;
    uv_close((uv_handle_t *)&s->term, NULL);
}

static void stop(struct service *s, int status)
{
    if (s->stopping)
        return;
    s->stopping = true;
    s->status = status;
    finish(s);
}

/* ---- What the keeper says ---- */

static bool start(struct service *s)
{
    struct cause c;

    if (open_store(s, &c) != OK) {
        log_error(NULL, "%s", c.text);
        stop(s, STATUS_FAILED);
        return false;
    }
    worker_ready(s->worker);
    return true;
}

static void on_conf(void *arg, const struct message *m)
{
    struct service *s = arg;
    struct conf *conf = reading_parse(m, NULL);
    bool good = !conf_has_errors(conf) || m->of.conf.how != CONF_IF_GOOD;

    if (s->stopping) {
        conf_unref(conf);
        return;
    }
    if (good) {
        conf_unref(s->conf);
        s->conf = conf_ref(conf);
        if (s->store == NULL && !start(s)) {
            conf_unref(conf);
            return;
        }
        log_info(NULL, "The configuration is in use: %zu hostnames.", conf_entry_count(conf));
    }
    conf_unref(conf);
    worker_verdict(s->worker, m->of.conf.version, good);
}

static void on_update(void *arg)
{
    (void)arg;
    log_notice(NULL, "Asked to update now.");
}

static void on_stop(void *arg)
{
    stop(arg, STATUS_RIGHT);
}

static const struct worker_events worker_events = {on_conf, on_update, on_stop};

static void on_term(uv_signal_t *handle, int number)
{
    stop(handle->data, STATUS_RIGHT);
}

/* ---- The process ---- */

/* Words after the socket: "--read=PATH" for files that the configuration names. */
enum { READABLE_MAX = 64 };

static enum err narrow(const struct service *s, char **words, struct cause *c)
{
    const char *slash = strrchr(s->socket, '/');
    char *folder = slash != NULL && slash != s->socket
                       ? mem_text_n(s->socket, (size_t)(slash - s->socket))
                       : NULL;
    const char *writable[3] = {s->state_folder};
    const char *readable[READABLE_MAX + 1] = {NULL};
    struct sandbox_report report;
    char text[SANDBOX_TEXT_MAX];

    if (folder != NULL && access(folder, F_OK) == 0)
        writable[1] = folder;
    for (size_t n = 0; *words != NULL && n < READABLE_MAX; words++)
        if (text_starts(*words, "--read="))
            readable[n++] = *words + strlen("--read=");
    const struct sandbox_options options = {
        .parts = SANDBOX_ALL, .user = user_name, .writable = writable, .readable = readable};
    enum err e = sandbox_enter(&options, &report, c);
    if (e == OK)
        log_debug(NULL, "The worker is narrowed: %s.", sandbox_text(&report, user_name, text));
    if (e == OK && report.landlock == 0)
        log_warning(NULL, "This kernel has no Landlock: only the user's rights and the system "
                          "call filter narrow the worker.");
    mem_free(folder);
    return e;
}

int service_main(int argc, char **argv)
{
    struct service s = {0};
    struct cause c;

    umask(077);
    if (argc < 4) {
        fputs("homing: the worker is started by \"homing run\"\n", stderr);
        return STATUS_USAGE;
    }
    s.state_folder = argv[2];
    s.socket = argv[3];
    journal_start(argv + 4);
    if (narrow(&s, argv + 4, &c) != OK) {
        log_error(NULL, "The worker can not be narrowed: %s", c.text);
        return STATUS_FAILED;
    }
    signal(SIGPIPE, SIG_IGN);
    uv_loop_init(&s.loop);
    uv_signal_init(&s.loop, &s.term);
    s.term.data = &s;
    uv_signal_start(&s.term, on_term, SIGTERM);
    s.worker = worker_new(&s.loop, &worker_events, &s);
    if (s.worker == NULL) {
        fputs("homing: the worker is started by \"homing run\"\n", stderr);
        return STATUS_USAGE;
    }
    uv_run(&s.loop, UV_RUN_DEFAULT);
    conf_unref(s.conf);
    uv_loop_close(&s.loop);
    return s.status;
}
