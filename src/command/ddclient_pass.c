/*
 * SPDX-License-Identifier: ISC
 */
#include "command/ddclient_inside.h"

#include "base/map.h"
#include "base/mem.h"

static void on_timer(void *arg)
{
    struct pass *p = arg;
    void (*step)(struct pass *) = p->step;

    p->step = NULL;
    if (step != NULL)
        step(p);
}

void pass_next(struct pass *p, void (*step)(struct pass *p))
{
    p->step = step;
    p->spec.net->ops->timer_set(p->timer, net_now(p->spec.net).mono);
}

static void finish(struct pass *p)
{
    target_release(p);
    p->spec.sense->fn = NULL;
    p->spec.on_done(p->spec.arg);
}

static void save(struct pass *p, bool durable)
{
    struct cause cause;

    if (p->spec.dry || p->spec.cache_path == NULL)
        return;
    if (cache_save(p->spec.cache, p->spec.cache_path, p->now.wall, durable, &cause) != OK)
        report_say(p->spec.report, REPORT_WARNING, "", "%s", cause.text);
}

void pass_sent(struct pass *p)
{
    for (size_t i = 0; i < p->count && !p->spec.dry; i++) {
        const struct target *t = &p->targets[i];
        p->result.failed += (t->due & ~(t->good | t->held)) != 0;
    }
    save(p, true);
    if (!p->spec.dry && !p->cancelled)
        hook_run(p);
    finish(p);
}

/* All sources have answered, or time is up: decide and send. */
static void decide(struct pass *p)
{
    for (size_t i = 0; i < p->count; i++) {
        struct target *t = &p->targets[i];
        if (p->cancelled)
            break;
        if (target_learn(p, t))
            target_decide(p, t);
        else
            p->result.lost++;
    }
    if (p->result.attempted > 0)
        save(p, false);
    send_all(p);
    if (p->lanes_busy == 0)
        pass_next(p, pass_sent);
}

/* An answer came (or the same again); when it was the last one, the pass goes on. */
static void sensed(void *arg, struct source *source, enum family family)
{
    struct pass *p = arg;

    for (size_t i = 0; i < p->count; i++) {
        struct target *t = &p->targets[i];
        if (t->sources[family] == source && t->waits[family]) {
            t->waits[family] = false;
            p->waiting--;
        }
    }
    if (p->waiting == 0 && p->step == NULL && p->lanes_busy == 0)
        pass_next(p, decide);
}

struct pass *pass_start(const struct pass_spec *spec)
{
    struct pass *p = mem_alloc(sizeof *p);

    p->spec = *spec;
    p->now = net_now(spec->net);
    p->lanes = map_new();
    p->sets = sets_new();
    p->timer = spec->net->ops->timer_new(spec->net, on_timer, p);
    spec->sense->fn = sensed;
    spec->sense->fn_arg = p;
    target_collect(p);
    p->result.hosts = p->count;
    if (p->waiting == 0)
        pass_next(p, decide);
    return p;
}

void pass_cancel(struct pass *p)
{
    if (p->cancelled)
        return;
    p->cancelled = true;
    if (p->lanes_busy > 0)
        send_cancel(p);
    else if (p->step == NULL)
        pass_next(p, decide);
}

const struct pass_result *pass_result(const struct pass *p)
{
    return &p->result;
}

void pass_free(struct pass *p)
{
    if (p == NULL)
        return;
    send_free(p);
    p->spec.net->ops->timer_free(p->timer);
    sets_free(p->sets);
    mem_free(p->targets);
    mem_free(p);
}
