/*
 * SPDX-License-Identifier: ISC
 */
#include "state/ahead.h"

#include <uv.h>

#include "base/mem.h"

struct ahead {
    uv_thread_t thread;
    uv_sem_t told; /* what it is to do */
    void (*fn)(void *arg);
    void *arg;
};

static void run(void *arg)
{
    struct ahead *a = arg;

    uv_sem_wait(&a->told);
    if (a->fn != NULL)
        a->fn(a->arg);
}

struct ahead *ahead_new(void)
{
    struct ahead *a = mem_alloc(sizeof *a);

    if (uv_sem_init(&a->told, 0) == 0) {
        if (uv_thread_create(&a->thread, run, a) == 0)
            return a;
        uv_sem_destroy(&a->told);
    }
    mem_free(a);
    return NULL;
}

void ahead_go(struct ahead *a, void (*fn)(void *arg), void *arg)
{
    a->fn = fn;
    a->arg = arg;
    uv_sem_post(&a->told);
}

void ahead_end(struct ahead *a)
{
    if (a == NULL)
        return;
    if (a->fn == NULL)
        uv_sem_post(&a->told);
    uv_thread_join(&a->thread);
    uv_sem_destroy(&a->told);
    mem_free(a);
}
