/*
 * SPDX-License-Identifier: ISC
 */
#include "command/service.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <uv.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "command/command.h"
#include "command/journal.h"
#include "command/load.h"
#include "command/page.h"
#include "command/pushing.h"
#include "command/telling.h"
#include "engine/checks.h"
#include "engine/engine.h"
#include "keeper/keeper.h"
#include "keeper/reading.h"
#include "keeper/sandbox.h"
#include "keeper/worker.h"
#include "net/iftable.h"
#include "net/ifwatch.h"
#include "net/net_uv.h"
#include "sense/real.h"
#include "state/store.h"
#include "verify/verify.h"

static const char user_name[] = "homing";
static const char providers_word[] = "--providers=";
#define POLL_DEFAULT (5 * MINUTE) /* ddclient's daemon=300 */
enum { LEAVE_MOST = 6 * SECOND }; /* the keeper waits a little longer */
enum { ORPHAN_MOST = 10 };        /* seconds that a worker outlives its keeper at most */

/* Between two tries for the sake of routes that come and go: a router's do so all the time. */
enum { ROUTES_GAP = SECOND, ROUTES_GAP_MOST = 30 * SECOND };

enum { LAST_TURNS = 16 };

struct service {
    const char *state_folder, *socket;
    uv_loop_t loop;
    uv_signal_t term;
    uv_timer_t ending;
    struct loaded loaded; /* provider files */
    struct worker *worker;
    struct conf *conf; /* counted; what runs now */
    /* The rooms; NULL before the first configuration. */
    struct store *store;
    struct net *net;
    struct pushing *pushing;
    struct sense *sense;
    struct engine *engine;
    struct ifwatch *network;
    uint64_t ways_out; /* as last seen */
    bool ways_seen;
    uv_timer_t routes; /* what changed of them waits for the gap's end */
    uint64_t routes_at, routes_gap;
    struct verify *verify;
    struct checks *checks;
    struct mailer *mailer;
    struct post *post;
    struct page *page;
    int status;
    bool stopping;
};

/* ---- Starting ---- */

static enum err open_store(struct service *s, struct cause *c)
{
    struct view globals = conf_globals(s->conf);
    const char *sync = conf_text(&globals, "state-sync");
    const struct store_options options = {
        .folder = s->state_folder,
        .loop = &s->loop,
        .lock = WORKER_LOCK_FD, /* the keeper's lock, which lasts as long as we do */
        .sync = text_equal(sync, "process") ? STORE_SYNC_PROCESS : STORE_SYNC_DISK,
        .history_age = conf_length(&globals, "history"),
    };
    return store_open(&options, &s->store, c);
}

/* define=KIND:NAME, for the sources. */
static bool find_object(void *arg, const char *kind, const char *name, struct view *out)
{
    const struct service *s = arg;

    for (size_t i = 0; i < conf_object_count(s->conf); i++) {
        if (text_equal(conf_object_kind(s->conf, i), kind) &&
            text_equal(conf_object_name(s->conf, i), name)) {
            *out = conf_object_view(s->conf, i);
            return true;
        }
    }
    return false;
}

static msec poll_of(const struct conf *conf)
{
    struct view globals = conf_globals(conf);
    msec poll = conf_length(&globals, "daemon");
    return poll > 0 && poll != NEVER ? poll : POLL_DEFAULT;
}

static msec jitter_of(const struct conf *conf)
{
    struct view globals = conf_globals(conf);
    return conf_text(&globals, "jitter") != NULL ? conf_length(&globals, "jitter") : -1;
}

static struct sense *make_sense(struct service *s)
{
    const struct sense_options options = {
        .net = s->net,
        .loop = &s->loop,
        .runner = worker_runner(s->worker),
        .poll = poll_of(s->conf),
        .jitter = jitter_of(s->conf),
        .object = find_object,
        .object_arg = s,
        .pushed = pushing_table(s->pushing),
        .push_stale = NEVER, /* see pushing_conf() */
        .no_outside = load_no_outside(s->conf),
    };
    return sense_new(&options);
}

static struct engine *make_engine(struct service *s)
{
    const struct engine_seams seams = {
        .net = s->net,
        .sense = s->sense,
        .state = store_state(s->store),
        .registry = s->loaded.registry,
        .runner = worker_runner(s->worker),
    };
    struct engine_options options = {.asks = true, .exchanges = true};

    memcpy(options.key, store_key(s->store), sizeof options.key);
    struct engine *engine = engine_new(&seams, &options);
    mem_wipe(options.key, sizeof options.key);
    return engine;
}

static struct page *make_page(struct service *s, const struct message *said)
{
    const struct model_rooms rooms = {
        .loop = &s->loop,
        .engine = s->engine,
        .sense = s->sense,
        .pushed = pushing_table(s->pushing),
        .registry = s->loaded.registry,
        .providers = &s->loaded.providers,
        .worker = s->worker,
        .verify = s->verify,
        .post = s->post,
        .state_folder = s->state_folder,
    };
    return page_new(&rooms, s->pushing, s->socket, said, s->conf);
}

/* What waited for a way out need not wait on. */
static void try_again(struct service *s)
{
    engine_network_changed(s->engine);
    post_network_changed(s->post);
}

/* Another way out, or the first after there was none. */
static void on_network(void *arg)
{
    struct service *s = arg;
    const struct iftable *table = ifwatch_table(s->network);
    uint64_t now = table != NULL ? iftable_ways_out(table) : s->ways_out;

    if (s->ways_seen && now != s->ways_out)
        try_again(s);
    s->ways_seen = true;
    s->ways_out = now;
}

static void follow_routes(uv_timer_t *timer)
{
    struct service *s = timer->data;
    uint64_t now = uv_now(&s->loop), twice = 2 * s->routes_gap;

    if (now - s->routes_at > ROUTES_GAP_MOST)
        s->routes_gap = ROUTES_GAP;
    else
        s->routes_gap = twice < ROUTES_GAP_MOST ? twice : ROUTES_GAP_MOST;
    s->routes_at = now;
    try_again(s);
}

/* Who could not be reached may be behind a route of their own: a host's, a VPN's. */
static void on_routes(void *arg)
{
    struct service *s = arg;
    uint64_t now = uv_now(&s->loop), next = s->routes_at + s->routes_gap;

    if (now >= next)
        follow_routes(&s->routes);
    else if (!uv_is_active((uv_handle_t *)&s->routes))
        uv_timer_start(&s->routes, follow_routes, next - now, 0);
}

/* The service's own switch: a setting, so that it lasts. */
static void set_switch(const struct service *s)
{
    struct view globals = conf_globals(s->conf);
    engine_switch(s->engine, conf_bool(&globals, "updates"));
}

static enum err start(struct service *s, const struct message *said, struct cause *c)
{
    enum err e = open_store(s, c);

    if (e != OK)
        return e;
    s->net = net_uv_new(&s->loop);
    s->pushing = pushing_new(&s->loop, store_state(s->store));
    s->sense = make_sense(s);
    s->engine = make_engine(s);
    pushing_start(s->pushing, s->engine, s->sense);
    e = engine_load(s->engine, s->conf, c);
    if (e != OK)
        return e;
    s->verify = verify_new(engine_net(s->engine), NULL);
    s->checks = checks_new(s->engine, s->verify);
    s->mailer = mailer_new(&s->loop);
    s->post = telling_new(s->engine, s->mailer, false);
    set_switch(s);
    s->page = make_page(s, said);
    pushing_conf(s->pushing, s->conf);
    engine_start(s->engine);
    sense_survey(s->sense);
    s->network = ifwatch_new(&s->loop, on_network, s);
    ifwatch_routes(s->network, on_routes);
    worker_ready(s->worker);
    return OK;
}

/* ---- Stopping ---- */

static void finish(uv_timer_t *timer)
{
    struct service *s = timer->data;

    pushing_stop(s->pushing);
    page_free(s->page);
    ifwatch_free(s->network);
    post_free(s->post);
    mailer_free(s->mailer);
    if (s->checks != NULL)
        checks_free(s->checks);
    if (s->verify != NULL)
        verify_free(s->verify);
    engine_free(s->engine);
    sense_free(s->sense);
    pushing_free(s->pushing);
    net_uv_free(s->net);
    store_close(s->store);
    worker_free(s->worker);
    uv_close((uv_handle_t *)&s->term, NULL);
    uv_close((uv_handle_t *)&s->ending, NULL);
    uv_close((uv_handle_t *)&s->routes, NULL);
    uv_stop(&s->loop);
}

/* The engine calls from inside itself: it goes at the next turn. */
static void finish_soon(void *arg)
{
    struct service *s = arg;
    uv_timer_start(&s->ending, finish, 0, 0);
}

static void left(void *arg)
{
    struct service *s = arg;
    engine_stop(s->engine, finish_soon, s);
}

static void stop(struct service *s, int status)
{
    if (s->stopping)
        return;
    s->stopping = true;
    s->status = status;
    if (s->engine != NULL)
        engine_leave(s->engine, LEAVE_MOST, left, s);
    else
        finish_soon(s);
}

/* ---- What the keeper says ---- */

/* A good one takes the place of the former. */
static enum err use(struct service *s, const struct message *said, struct conf *conf,
                    struct cause *c)
{
    struct conf *former = s->conf;
    enum err e = OK;

    s->conf = conf_ref(conf);
    struct view globals = conf_globals(conf);
    journal_follow(&globals);
    if (s->engine == NULL) {
        e = start(s, said, c);
    } else {
        sense_set_poll(s->sense, poll_of(conf), jitter_of(conf));
        sense_set_outside(s->sense, !load_no_outside(conf));
        e = engine_load(s->engine, conf, c);
        pushing_conf(s->pushing, conf);
        set_switch(s);
        post_load(s->post);
        page_conf(s->page, said, conf);
    }
    if (former != NULL)
        conf_unref(former);
    return e;
}

static void on_conf(void *arg, const struct message *m)
{
    struct service *s = arg;
    struct cause c;

    if (s->stopping)
        return;
    struct conf *conf = reading_parse(m, &s->loaded.providers);
    bool good = !conf_has_errors(conf) || m->of.conf.how != CONF_IF_GOOD;
    size_t count = conf_entry_count(conf);
    enum err e = OK;
    if (good)
        e = use(s, m, conf, &c);
    else
        reading_error(conf, m->of.conf.path, &c);
    conf_unref(conf);
    if (e != OK) {
        log_error(NULL, "%s", c.text);
        stop(s, STATUS_FAILED);
        return;
    }
    if (s->engine != NULL)
        engine_conf_refused(s->engine, !good                              ? c.text
                                       : m->of.conf.how == CONF_LAST_GOOD ? m->of.conf.why
                                                                          : NULL);
    if (good)
        log_info(NULL, "The configuration is in use: %zu hostname%s.", count,
                 count == 1 ? "" : "s");
    else if (s->page != NULL)
        page_refused(s->page, m->of.conf.version);
    worker_verdict(s->worker, m->of.conf.version, good);
}

static void on_update(void *arg)
{
    struct service *s = arg;
    struct cause c;

    if (s->engine == NULL || s->stopping)
        return;
    log_notice(NULL, "Asked to update now.");
    if (engine_update(s->engine, NULL, false, &c) != OK)
        log_warning(NULL, "%s", c.text);
}

static void on_stop(void *arg)
{
    stop(arg, STATUS_RIGHT);
}

/* On-loss= is for an end that somebody asked for. A clock that stands still must not keep us, nor
 * a thread or a disk that hangs: the alarm is the kernel's own. */
static void on_orphaned(void *arg)
{
    struct service *s = arg;

    alarm(ORPHAN_MOST);
    s->stopping = true;
    s->status = STATUS_FAILED;
    if (s->engine != NULL)
        engine_drop(s->engine);
    finish_soon(s);
}

static const struct worker_events worker_events = {on_conf, on_update, on_stop, on_orphaned};

static void on_term(uv_signal_t *handle, int number)
{
    stop(handle->data, STATUS_RIGHT);
}

/* ---- The process ---- */

enum { READABLE_MAX = 256 };

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
    for (size_t n = 0; *words != NULL && n < READABLE_MAX; words++) {
        if (text_starts(*words, KEEPER_READ_WORD))
            readable[n++] = *words + strlen(KEEPER_READ_WORD);
        else if (text_starts(*words, providers_word))
            readable[n++] = *words + strlen(providers_word);
    }
    const struct sandbox_options options = {
        .parts = SANDBOX_ALL, .user = user_name, .writable = writable, .readable = readable};
    enum err e = sandbox_enter(&options, &report, c);
    if (e == OK)
        log_debug(NULL, "The worker is narrowed: %s.", sandbox_text(&report, user_name, text));
    if (e == OK && report.landlock == 0)
        log_warning(NULL,
                    "Landlock is not to be had (%s): only the user's rights and the system call "
                    "filter narrow the worker.",
                    strerror(report.landlock_error));
    mem_free(folder);
    return e;
}

int service_main(int argc, char **argv)
{
    struct service s = {0};
    struct cause c;

    umask(077);
    prctl(PR_SET_NAME, "homing-worker", 0, 0, 0);
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
    loaded_init(&s.loaded);
    for (char **word = argv + 4; *word != NULL; word++)
        if (text_starts(*word, providers_word))
            load_providers(&s.loaded, *word + strlen(providers_word));
    signal(SIGPIPE, SIG_IGN);
    uv_loop_init(&s.loop);
    uv_signal_init(&s.loop, &s.term);
    s.term.data = &s;
    uv_timer_init(&s.loop, &s.ending);
    s.ending.data = &s;
    uv_timer_init(&s.loop, &s.routes);
    s.routes.data = &s;
    s.routes_gap = ROUTES_GAP;
    uv_signal_start(&s.term, on_term, SIGTERM);
    s.worker = worker_new(&s.loop, &worker_events, &s);
    if (s.worker == NULL) {
        fputs("homing: the worker is started by \"homing run\"\n", stderr);
        return STATUS_USAGE;
    }
    uv_run(&s.loop, UV_RUN_DEFAULT);
    /* All that must be kept is. What closes has its turns; a thread that waits for a resolver is
     * not waited for: it could take seconds. */
    for (int i = 0; i < LAST_TURNS && uv_loop_alive(&s.loop); i++)
        uv_run(&s.loop, UV_RUN_NOWAIT);
    if (uv_loop_alive(&s.loop))
        _exit(s.status);
    if (s.conf != NULL)
        conf_unref(s.conf);
    loaded_free(&s.loaded);
    uv_loop_close(&s.loop);
    return s.status;
}
