/*
 * SPDX-License-Identifier: ISC
 */
#include "net/timers.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"

enum { IDLE = -1, DUE = -2 };

/* Who comes this late to what is due was busy or away: events go first, as an answer that has come
 * meanwhile must not be taken for one that never came. So they do in a loop that begins: what the
 * system tells of interfaces and routes lies there, and who asks by them asks at once. */
enum { LATE = 20 };

struct net_timer {
    struct timers *timers;
    void (*fn)(void *arg);
    void *arg;
    msec due;
    uint64_t order;                /* of setting: equal times fire in the order they were set */
    long place;                    /* in the heap, IDLE, or DUE: in the queue */
    struct net_timer *next, *prev; /* in the queue */
};

struct timers {
    uv_poll_t poll;
    uv_prepare_t before; /* the wait for events: runs what is due, looks what the next timer is */
    uv_timer_t soon;     /* lets the loop not wait: needs no timer of the kernel */
    int fd;
    msec armed;       /* what the kernel was told; NEVER: nothing */
    bool begun;       /* the loop has looked for events */
    bool gave_way;    /* to events, once, since timers were late */
    unsigned handles; /* still to be closed */
    struct net_timer **heap;
    size_t count, room;
    struct net_timer *first, *last; /* the queue of those that were due when they were set */
    msec now;                       /* the clock as it was last read */
    uint64_t orders;
};

static bool earlier(const struct net_timer *a, const struct net_timer *b)
{
    return a->due != b->due ? a->due < b->due : a->order < b->order;
}

static void put(struct timers *t, size_t place, struct net_timer *timer)
{
    t->heap[place] = timer;
    timer->place = (long)place;
}

static void sift_up(struct timers *t, size_t at)
{
    struct net_timer *timer = t->heap[at];

    while (at > 0 && earlier(timer, t->heap[(at - 1) / 2])) {
        put(t, at, t->heap[(at - 1) / 2]);
        at = (at - 1) / 2;
    }
    put(t, at, timer);
}

static void sift_down(struct timers *t, size_t at)
{
    struct net_timer *timer = t->heap[at];

    for (size_t child; (child = 2 * at + 1) < t->count; at = child) {
        if (child + 1 < t->count && earlier(t->heap[child + 1], t->heap[child]))
            child++;
        if (!earlier(t->heap[child], timer))
            break;
        put(t, at, t->heap[child]);
    }
    put(t, at, timer);
}

static void enter_queue(struct timers *t, struct net_timer *timer)
{
    timer->place = DUE;
    timer->next = NULL;
    timer->prev = t->last;
    *(t->last != NULL ? &t->last->next : &t->first) = timer;
    t->last = timer;
}

static void leave_queue(struct timers *t, struct net_timer *timer)
{
    timer->place = IDLE;
    *(timer->prev != NULL ? &timer->prev->next : &t->first) = timer->next;
    *(timer->next != NULL ? &timer->next->prev : &t->last) = timer->prev;
}

static void enter_heap(struct timers *t, struct net_timer *timer)
{
    if (t->count == t->room) {
        t->room = t->room != 0 ? 2 * t->room : 16;
        t->heap = mem_resize(t->heap, t->room, sizeof(struct net_timer *));
    }
    put(t, t->count++, timer);
    sift_up(t, t->count - 1);
}

static void leave_heap(struct timers *t, struct net_timer *timer)
{
    size_t at = (size_t)timer->place;

    timer->place = IDLE;
    if (at == --t->count)
        return;
    put(t, at, t->heap[t->count]);
    sift_up(t, at);
    sift_down(t, (size_t)t->heap[at]->place);
}

static void take_out(struct net_timer *timer)
{
    if (timer->place == DUE)
        leave_queue(timer->timers, timer);
    else if (timer->place != IDLE)
        leave_heap(timer->timers, timer);
}

/* The one that fires first, or NULL. */
static struct net_timer *foremost(const struct timers *t)
{
    struct net_timer *heap = t->count > 0 ? t->heap[0] : NULL;

    if (heap == NULL || t->first == NULL)
        return heap != NULL ? heap : t->first;
    return earlier(heap, t->first) ? heap : t->first;
}

static void on_due(uv_poll_t *poll, int status, int events);

/* Timers that wait keep the loop alive, none do not. */
static void keep_alive(struct timers *t)
{
    bool wait = foremost(t) != NULL;

    if (wait == (uv_is_active((uv_handle_t *)&t->poll) != 0))
        return; /* to stop what is stopped would be a call of the system, too */
    if (wait)
        uv_poll_start(&t->poll, UV_READABLE, on_due);
    else
        uv_poll_stop(&t->poll);
}

static void run_due(struct timers *t, msec now)
{
    uint64_t newest = t->orders; /* what is set from now on waits for the next turn */

    log_gather();
    for (struct net_timer *timer;
         (timer = foremost(t)) != NULL && timer->due <= now && timer->order <= newest;) {
        take_out(timer);
        timer->fn(timer->arg);
    }
    log_release();
    if (!uv_is_closing((uv_handle_t *)&t->poll)) /* the last one may have been the end of all */
        keep_alive(t);
}

static void on_soon(uv_timer_t *timer)
{
    (void)timer;
}

static void turn_at_once(struct timers *t)
{
    uv_timer_start(&t->soon, on_soon, 0, 0);
}

/* Setting a timer of the kernel is dear where the machine is a guest, and requests set several
 * each: to wake up once too early is cheaper than to follow each change. */
static void look(uv_prepare_t *before)
{
    struct timers *t = before->data;
    struct itimerspec when = {{0, 0}, {0, 0}};

    msec now = timers_now(t).mono;
    bool late = t->begun ? t->count > 0 && now - t->heap[0]->due >= LATE : foremost(t) != NULL;
    t->begun = true;
    t->gave_way = late && !t->gave_way;
    if (t->gave_way) {
        turn_at_once(t);
        return;
    }
    run_due(t, now);
    const struct net_timer *next = foremost(t);
    msec due = next != NULL ? next->due : NEVER;
    if (due >= t->armed)
        return;
    if (due <= now) {
        turn_at_once(t);
        return;
    }
    t->armed = due;
    when.it_value.tv_sec = (time_t)(due / SECOND);
    when.it_value.tv_nsec = (long)(due % SECOND) * 1000000L + 1; /* all zero would stop it */
    timerfd_settime(t->fd, TFD_TIMER_ABSTIME, &when, NULL);
}

static void on_due(uv_poll_t *poll, int status, int events)
{
    struct timers *t = poll->data;
    uint64_t expirations;
    ssize_t got = read(t->fd, &expirations, sizeof expirations);

    (void)got;
    t->armed = NEVER; /* it fired */
    run_due(t, timers_now(t).mono);
}

struct moment timers_now(struct timers *t)
{
    struct moment now = clock_now();

    t->now = now.mono;
    return now;
}

struct timers *timers_new(uv_loop_t *loop)
{
    struct timers *t = mem_alloc(sizeof *t);

    t->fd = timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK);
    if (t->fd < 0 || uv_poll_init(loop, &t->poll, t->fd) != 0) {
        log_error(NULL, "the system gave no timer; homing cannot run without one");
        abort();
    }
    t->poll.data = t;
    t->armed = NEVER;
    uv_prepare_init(loop, &t->before);
    t->before.data = t;
    uv_prepare_start(&t->before, look);
    uv_unref((uv_handle_t *)&t->before);
    uv_timer_init(loop, &t->soon);
    t->soon.data = t;
    uv_unref((uv_handle_t *)&t->soon);
    t->handles = 3;
    return t;
}

static void on_closed(uv_handle_t *handle)
{
    struct timers *t = handle->data;

    if (--t->handles > 0)
        return;
    close(t->fd);
    mem_free(t->heap);
    mem_free(t);
}

void timers_free(struct timers *t)
{
    for (size_t i = 0; i < t->count; i++)
        t->heap[i]->place = IDLE;
    t->count = 0;
    while (t->first != NULL)
        leave_queue(t, t->first);
    uv_close((uv_handle_t *)&t->poll, on_closed);
    uv_close((uv_handle_t *)&t->before, on_closed);
    uv_close((uv_handle_t *)&t->soon, on_closed);
}

struct net_timer *timers_add(struct timers *t, void (*fn)(void *arg), void *arg)
{
    struct net_timer *timer = mem_alloc(sizeof *timer);

    *timer = (struct net_timer){.timers = t, .fn = fn, .arg = arg, .place = IDLE};
    return timer;
}

void timers_set(struct net_timer *timer, msec mono)
{
    struct timers *t = timer->timers;

    take_out(timer);
    if (mono != NEVER) {
        timer->due = mono;
        timer->order = ++t->orders;
        if (mono <= t->now)
            enter_queue(t, timer);
        else
            enter_heap(t, timer);
    }
    keep_alive(t);
}

void timers_remove(struct net_timer *timer)
{
    if (timer == NULL)
        return;
    if (timer->place != IDLE) {
        take_out(timer);
        keep_alive(timer->timers);
    }
    mem_free(timer);
}
