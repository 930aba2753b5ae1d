/*
 * SPDX-License-Identifier: ISC
 */
#include "state/store.h"

struct commit {
    uv_loop_t loop;
    bool done;
    enum err result;
};

static void on_commit(void *arg, enum err result, const char *why)
{
    struct commit *c = arg;

    (void)why;
    c->result = result;
    c->done = true;
    uv_stop(&c->loop);
}

enum err store_write(const char *folder, struct state_batch *batch, struct cause *cause)
{
    struct commit c = {.done = false};
    const struct store_options options = {.folder = folder, .loop = &c.loop, .lock = -1};
    struct store *store = NULL;

    uv_loop_init(&c.loop);
    enum err e = folder_make(folder, cause);
    if (e == OK)
        e = store_open(&options, &store, cause);
    if (e != OK) {
        state_batch_free(batch);
    } else {
        struct state *state = store_state(store);
        state->ops->commit(state, batch, on_commit, &c);
        while (!c.done)
            uv_run(&c.loop, UV_RUN_DEFAULT);
        store_close(store);
        e = c.result;
        if (e != OK)
            cause_set(cause, e, "the state folder %s can not be written", folder);
    }
    uv_run(&c.loop, UV_RUN_DEFAULT);
    uv_loop_close(&c.loop);
    return e;
}
