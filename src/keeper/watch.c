/*
 * SPDX-License-Identifier: ISC
 */
#include "keeper/watch.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"

enum { PLACES = 2 }; /* the file as named, and what it really is */

struct place {
    uv_fs_event_t event;
    char *folder, *name; /* owned; folder NULL: not watched */
    bool started;
};

struct watch {
    char *path; /* owned */
    struct place places[PLACES];
    uv_timer_t timer;
    void (*changed)(void *arg);
    void *arg;
    int open_handles;
    bool failed; /* told once */
};

static void on_settled(uv_timer_t *timer)
{
    struct watch *w = timer->data;
    w->changed(w->arg);
}

static void on_event(uv_fs_event_t *event, const char *name, int events, int status)
{
    struct watch *w = event->data;
    const struct place *p = event == &w->places[0].event ? &w->places[0] : &w->places[1];

    /* Without a name something happened to the folder itself. */
    if (name == NULL || text_equal(name, p->name))
        uv_timer_start(&w->timer, on_settled, WATCH_SETTLE, 0);
}

static void split(const char *path, char **folder, char **name)
{
    const char *slash = strrchr(path, '/');

    *folder = slash == NULL   ? mem_text(".")
              : slash == path ? mem_text("/")
                              : mem_text_n(path, (size_t)(slash - path));
    *name = mem_text(slash == NULL ? path : slash + 1);
}

static void stop(struct place *p)
{
    if (p->started)
        uv_fs_event_stop(&p->event);
    p->started = false;
    mem_free(p->folder);
    mem_free(p->name);
    p->folder = p->name = NULL;
}

static void start(struct watch *w, struct place *p, const char *path)
{
    stop(p);
    split(path, &p->folder, &p->name);
    int result = uv_fs_event_start(&p->event, on_event, p->folder, 0);
    p->started = result == 0;
    if (result != 0 && !w->failed) {
        w->failed = true;
        log_warning(NULL,
                    "Changes of %s are not noticed by themselves (%s): reload homing after a "
                    "change.",
                    path, uv_strerror(result));
    }
}

void watch_follow(struct watch *w)
{
    char real[PATH_MAX];

    start(w, &w->places[0], w->path);
    if (realpath(w->path, real) != NULL && !text_equal(real, w->path))
        start(w, &w->places[1], real);
    else
        stop(&w->places[1]);
}

struct watch *watch_new(uv_loop_t *loop, const char *path, void (*changed)(void *arg), void *arg)
{
    struct watch *w = mem_alloc(sizeof *w);

    w->path = mem_text(path);
    w->changed = changed;
    w->arg = arg;
    uv_timer_init(loop, &w->timer);
    w->timer.data = w;
    for (int i = 0; i < PLACES; i++) {
        uv_fs_event_init(loop, &w->places[i].event);
        w->places[i].event.data = w;
    }
    w->open_handles = 1 + PLACES;
    watch_follow(w);
    return w;
}

static void on_closed(uv_handle_t *handle)
{
    struct watch *w = handle->data;

    if (--w->open_handles > 0)
        return;
    mem_free(w->path);
    mem_free(w);
}

void watch_free(struct watch *w)
{
    if (w == NULL)
        return;
    for (int i = 0; i < PLACES; i++) {
        stop(&w->places[i]);
        uv_close((uv_handle_t *)&w->places[i].event, on_closed);
    }
    uv_close((uv_handle_t *)&w->timer, on_closed);
}
