/*
 * SPDX-License-Identifier: ISC
 */
#include "command/world.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/map.h"
#include "base/mem.h"
#include "base/text.h"
#include "command/pushing.h"
#include "engine/uplinks.h"
#include "net/net_uv.h"
#include "state/batch.h"

static bool find_object(void *arg, const char *kind, const char *name, struct view *out)
{
    const struct world *w = arg;
    const struct conf *conf = w->loaded.conf;

    for (size_t i = 0; i < conf_object_count(conf); i++) {
        if (text_equal(conf_object_kind(conf, i), kind) &&
            text_equal(conf_object_name(conf, i), name)) {
            *out = conf_object_view(conf, i);
            return true;
        }
    }
    return false;
}

static void on_signal(uv_signal_t *handle, int number)
{
    struct world *w = handle->data;

    (void)number;
    w->interrupted = true;
    uv_stop(&w->loop);
}

static void open_loop(struct world *w, bool quiet)
{
    static const int numbers[] = {SIGINT, SIGTERM};

    uv_loop_init(&w->loop);
    for (size_t i = 0; i < 2; i++) {
        uv_signal_init(&w->loop, &w->signals[i]);
        w->signals[i].data = w;
        uv_signal_start(&w->signals[i], on_signal, numbers[i]);
        uv_unref((uv_handle_t *)&w->signals[i]);
    }
    w->net = net_uv_new(&w->loop);
    w->runner = runner_local_new(&w->loop);
    runner_local_use(w->runner, w->loaded.conf);
    struct sense_options options = {.net = w->net,
                                    .loop = &w->loop,
                                    .runner = runner_local_runner(w->runner),
                                    .object = find_object,
                                    .object_arg = w,
                                    .pushed = w->pushed = pushed_new(),
                                    .push_stale = NEVER,
                                    .no_outside = load_no_outside(w->loaded.conf)};
    w->real_sense = quiet ? NULL : sense_new(&options);
    w->sense = w->real_sense;
}

/* Copying what a store remembers into memory. */
struct copying {
    struct state_batch *batch;
    struct map *memories; /* account to owned struct memory */
};

static void copy_record(void *arg, const struct state_record *r)
{
    state_batch_record(((struct copying *)arg)->batch, r);
}

static void copy_scope(void *arg, const struct state_scope *s)
{
    state_batch_scope(((struct copying *)arg)->batch, s);
}

static void copy_bucket(void *arg, const struct state_bucket *b)
{
    state_batch_bucket(((struct copying *)arg)->batch, b);
}

/* Sessions and ids are found again when needed; what people are told is shown (engine/post.c), and
 * which uplinks count decides. */
static void copy_memory(void *arg, const char *account, const struct memory_item *item)
{
    struct copying *c = arg;

    if (!text_starts(account, "notify/") && !text_equal(account, uplinks_account))
        return;
    struct memory *m = map_get(c->memories, account);
    if (m == NULL)
        map_set(c->memories, account, m = memory_new());
    memory_put(m, item->key, item->value, item->expires, false);
}

static void ignore_floor(void *arg, msec wall)
{
    (void)arg;
    (void)wall;
}

static void copy_event(void *arg, const struct state_event *e)
{
    state_batch_event(arg, e);
}

/* What happened is told from the end, and remembered in its order. */
static void copy_history(struct state *state, struct state_batch *to)
{
    const struct change *events[MEMSTATE_EVENTS];
    struct state_batch *newest = state_batch_new();
    size_t count = 0;

    state->ops->history(state, NULL, 0, MEMSTATE_EVENTS, copy_event, newest, NULL);
    for (const struct change *g = batch_first(newest); g != NULL; g = g->next)
        events[count++] = g;
    while (count > 0)
        state_batch_event(to, events[--count]->of.event);
    state_batch_free(newest);
}

static void free_memory(void *memory)
{
    memory_free(memory);
}

static void copy_store(struct world *w, struct store *store)
{
    struct state *state = store_state(store);
    struct copying c = {state_batch_new(), map_new()};
    const struct state_visitor visitor = {.arg = &c,
                                          .record = copy_record,
                                          .scope = copy_scope,
                                          .bucket = copy_bucket,
                                          .memory = copy_memory,
                                          .clock_floor = ignore_floor};

    if (state->ops->load(state, &visitor, NULL) == OK) {
        copy_history(state, c.batch);
        const char *account;
        void *memory;
        for (size_t at = 0; map_next(c.memories, &at, &account, &memory);)
            state_batch_memory(c.batch, account, memory);
        memstate_apply(w->memory, c.batch);
    }
    state_batch_free(c.batch);
    map_free(c.memories, free_memory);
}

/* Without a state folder there is nothing to read, and none is made. */
static void read_memory(struct world *w, uint8_t key[ENGINE_KEY_SIZE])
{
    char *file = mem_format("%s/memory.db", w->places.state);
    const struct store_options options = {
        .folder = w->places.state, .loop = &w->loop, .lock = -1, .reads = true};
    struct store *store = NULL;
    struct cause unsaid; /* then nothing is known; who keeps it tells what is wrong with it */

    w->memory = memstate_new(w->net);
    w->state = memstate_state(w->memory);
    if (access(file, R_OK) == 0 && store_open(&options, &store, &unsaid) == OK) {
        copy_store(w, store);
        pushing_read(w->pushed, store_state(store), NULL);
        memcpy(key, store_key(store), ENGINE_KEY_SIZE);
        store_close(store);
    }
    mem_free(file);
}

static enum err keep_memory(struct world *w, uint8_t key[ENGINE_KEY_SIZE], struct cause *cause)
{
    struct view globals = conf_globals(w->loaded.conf);
    const struct store_options options = {
        .folder = w->places.state,
        .loop = &w->loop,
        .lock = -1,
        .sync = text_equal(conf_text(&globals, "state-sync"), "process") ? STORE_SYNC_PROCESS
                                                                         : STORE_SYNC_DISK};

    enum err e = store_open(&options, &w->store, cause);
    if (e == OK) {
        w->state = store_state(w->store);
        pushing_read(w->pushed, w->state, NULL);
        memcpy(key, store_key(w->store), ENGINE_KEY_SIZE);
    }
    return e;
}

static enum err make_engine(struct world *w, const struct engine_options *options,
                            struct cause *cause)
{
    const struct engine_seams seams = {.net = w->net,
                                       .sense = w->sense,
                                       .state = w->state,
                                       .registry = w->loaded.registry,
                                       .runner = runner_local_runner(w->runner)};
    w->engine = engine_new(&seams, options);
    return engine_load(w->engine, w->loaded.conf, cause);
}

static enum err open_engine(struct world *w, enum world_memory memory, struct cause *cause)
{
    struct engine_options options = {0};
    enum err e = OK;

    if (memory == WORLD_KEEPS)
        e = keep_memory(w, options.key, cause);
    else
        read_memory(w, options.key);
    if (e != OK)
        return e;
    if (w->sense == NULL) {
        w->remembered = remembered_new(w->memory);
        w->sense = remembered_sense(w->remembered);
    }
    return make_engine(w, &options, cause);
}

static enum err load(struct world *w, struct cause *cause)
{
    struct conf_options options = {.dialect = CONF_HOMING, .name = w->places.config};

    loaded_init(&w->loaded);
    load_providers(&w->loaded, w->places.providers);
    struct cause why;
    enum err e = load_conf(&w->loaded, w->places.config, &options, &why);
    if (e != OK)
        cause_set(cause, e, "%s can not be read: %s", w->places.config, why.text);
    return e;
}

static void tell_errors(const struct world *w, const struct command_call *call)
{
    struct buf out;

    buf_init(&out, 64 << 20);
    for (size_t i = 0; i < conf_problem_count(w->loaded.conf); i++) {
        const struct conf_problem *p = conf_problem_at(w->loaded.conf, i);
        if (p->severity == CONF_ERROR)
            conf_problem_show(w->loaded.conf, p, &out);
    }
    fputs(buf_str(&out), call->err);
    buf_free(&out);
}

int world_open(struct world *w, const struct command_call *call, enum world_memory memory,
               bool quiet)
{
    struct cause cause = {""};

    memset(w, 0, sizeof *w);
    command_places(call, &w->places);
    enum err e = load(w, &cause);
    if (e != OK) {
        fprintf(call->err, "homing %s: %s\n", call->command->name, cause.text);
        loaded_free(&w->loaded);
        places_free(&w->places);
        return STATUS_CONF;
    }
    tell_errors(w, call);
    open_loop(w, quiet);
    e = open_engine(w, memory, &cause);
    if (e != OK) {
        fprintf(call->err, "homing %s: %s\n", call->command->name, cause.text);
        world_close(w);
        return e == ERR_BUSY ? STATUS_RUNNING : STATUS_FAILED;
    }
    return STATUS_RIGHT;
}

enum err world_read(struct world *w, const struct places *places, bool quiet, struct cause *cause)
{
    memset(w, 0, sizeof *w);
    places_find(&w->places, &(struct places_given){places->config, places->state, places->socket});
    enum err e = load(w, cause);
    if (e != OK) {
        loaded_free(&w->loaded);
        places_free(&w->places);
        return e;
    }
    open_loop(w, quiet);
    e = open_engine(w, WORLD_READS, cause);
    if (e != OK)
        world_close(w);
    return e;
}

enum err world_trial(struct world *w, struct loaded *loaded, struct cause *cause)
{
    const struct engine_options options = {0};

    memset(w, 0, sizeof *w);
    w->loaded = *loaded;
    *loaded = (struct loaded){0};
    open_loop(w, false);
    w->memory = memstate_new(w->net);
    w->state = memstate_state(w->memory);
    enum err e = make_engine(w, &options, cause);
    if (e != OK)
        world_close(w);
    return e;
}

void world_run(struct world *w, const bool *done)
{
    while (!*done && !w->interrupted)
        uv_run(&w->loop, UV_RUN_DEFAULT);
}

void world_close(struct world *w)
{
    engine_free(w->engine);
    store_close(w->store);
    sense_free(w->real_sense);
    pushed_free(w->pushed);
    remembered_free(w->remembered);
    memstate_free(w->memory);
    runner_local_free(w->runner);
    for (size_t i = 0; i < 2; i++)
        uv_close((uv_handle_t *)&w->signals[i], NULL);
    net_uv_free(w->net);
    uv_run(&w->loop, UV_RUN_DEFAULT);
    uv_loop_close(&w->loop);
    loaded_free(&w->loaded);
    places_free(&w->places);
}
