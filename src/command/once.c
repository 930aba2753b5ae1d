/*
 * SPDX-License-Identifier: ISC
 */
#include "command/world.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/text.h"
#include "command/journal.h"
#include "command/progress.h"
#include "command/telling.h"

/* One pass of the service in this process. */

struct pass {
    struct world world;
    struct engine_once_result result;
    bool done, told, stopped, interrupted;
    struct mailer *mailer;
    struct post *post;
    struct progress *progress;
    uv_timer_t look;
};

enum { LOOK_EVERY = 100 }; /* ms */

static void on_look(uv_timer_t *timer)
{
    struct pass *p = timer->data;
    struct engine_once_result r;

    if (!progress_due(p->progress))
        return;
    size_t total = engine_once_so_far(p->world.engine, &r);
    const struct progress_counts counts = {.done = (size_t)r.published + r.unchanged + r.failed +
                                                   r.blocked,
                                           .total = total,
                                           .failed = (size_t)r.failed + r.blocked};
    progress_show(p->progress, &counts);
}

static void start_look(struct pass *p)
{
    uv_timer_init(&p->world.loop, &p->look);
    p->look.data = p;
    uv_timer_start(&p->look, on_look, LOOK_EVERY, LOOK_EVERY);
    uv_unref((uv_handle_t *)&p->look);
}

static void end_look(struct pass *p)
{
    uv_close((uv_handle_t *)&p->look, NULL);
    progress_free(p->progress);
    p->progress = NULL;
}

static void on_done(void *arg, const struct engine_once_result *result)
{
    struct pass *p = arg;

    if (p->interrupted)
        return; /* its end is no outcome */
    p->result = *result;
    p->done = true;
    uv_stop(&p->world.loop);
}

/* What came of it until now; what is under way is ended and comes to nothing. */
static void interrupt(struct pass *p)
{
    engine_once_so_far(p->world.engine, &p->result);
    p->interrupted = true;
}

static void begin_telling(struct pass *p)
{
    p->mailer = mailer_new(&p->world.loop);
    p->post = telling_new(p->world.engine, p->mailer, true);
}

static void on_told(void *arg)
{
    struct pass *p = arg;
    p->told = true;
    uv_stop(&p->world.loop);
}

static void tell(struct pass *p)
{
    post_flush(p->post, on_told, p);
    world_run(&p->world, &p->told);
}

static void end_telling(struct pass *p)
{
    post_free(p->post);
    mailer_free(p->mailer);
}

static void on_stopped(void *arg)
{
    struct pass *p = arg;
    p->stopped = true;
    uv_stop(&p->world.loop);
}

static int status_of(const struct pass *p)
{
    const struct engine_once_result *r = &p->result;

    if (conf_has_errors(p->world.loaded.conf))
        return STATUS_CONF;
    if (r->blocked > 0)
        return STATUS_BLOCKED;
    if (r->failed > 0 || r->waiting > 0 || r->out_of_time)
        return STATUS_FAILED;
    return r->no_address > 0 ? STATUS_ADDRESS : STATUS_RIGHT;
}

static void show(const struct command_call *call, const struct pass *p)
{
    const struct engine_once_result *r = &p->result;

    if (call->json) {
        command_json(call, json_pack("{s:i, s:i, s:i, s:i, s:i, s:i, s:i, s:b, s:b}", "published",
                                     (int)r->published, "unchanged", (int)r->unchanged, "failed",
                                     (int)r->failed, "waiting", (int)r->waiting, "blocked",
                                     (int)r->blocked, "no_address", (int)r->no_address, "left",
                                     (int)r->left, "out_of_time", r->out_of_time, "interrupted",
                                     p->interrupted));
        return;
    }
    fprintf(call->out,
            "%u published, %u unchanged, %u failed, %u waiting, %u wait%s for you, %u without an "
            "address",
            r->published, r->unchanged, r->failed, r->waiting, r->blocked,
            r->blocked == 1 ? "s" : "", r->no_address);
    if (r->left > 0)
        fprintf(call->out, ", %u not reached", r->left);
    fputs(r->out_of_time ? "; the time was over.\n" : ".\n", call->out);
    if (p->interrupted)
        fputs("Interrupted. What was done is remembered; the next pass goes on with the rest.\n",
              call->out);
    if (r->blocked + r->failed + r->waiting + r->no_address > 0)
        fputs("\"homing status\" tells which, and why.\n", call->out);
}

static void start_journal(const struct command_call *call)
{
    static char verbose[] = "--verbose", debug[] = "--debug", quiet[] = "--quiet",
                json[] = "--json";
    char *words[3] = {NULL};
    size_t n = 0;

    if (command_given(call, "debug"))
        words[n++] = debug;
    else if (command_given(call, "verbose"))
        words[n++] = verbose;
    else if (command_given(call, "quiet"))
        words[n++] = quiet;
    if (call->json)
        words[n] = json;
    journal_start(words);
}

static int run(const struct command_call *call)
{
    const char *limit_text = command_value(call, "limit");
    uint64_t seconds = 120;
    struct pass p = {.done = false};

    if (limit_text != NULL &&
        (!text_number(limit_text, &seconds) || seconds < 1 || seconds > 86400))
        return command_usage(call, "--limit wants a number of seconds.");
    p.progress = progress_new(call, "records");
    start_journal(call);
    int status = world_open(&p.world, call, WORLD_KEEPS, false);
    if (status != STATUS_RIGHT) {
        progress_free(p.progress);
        return status;
    }
    start_look(&p);
    begin_telling(&p);
    engine_start(p.world.engine);
    if (command_given(call, "force"))
        engine_update(p.world.engine, NULL, true, NULL);
    engine_once(p.world.engine, (msec)seconds * SECOND, on_done, &p);
    world_run(&p.world, &p.done);
    end_look(&p);
    if (!p.done)
        interrupt(&p);
    else
        tell(&p);
    p.world.interrupted = false; /* a second one ends it at once */
    engine_stop(p.world.engine, on_stopped, &p);
    world_run(&p.world, &p.stopped);
    if (!command_given(call, "quiet"))
        show(call, &p);
    status = p.interrupted ? STATUS_FAILED : status_of(&p);
    end_telling(&p);
    world_close(&p.world);
    return status;
}

static const struct command_option options[] = {
    {"force", NULL, "also what a provider holds back, and what did not change"},
    PROGRESS_OPTION,
    {"limit", "SECONDS", "end after this time at the latest (120)"},
    {"verbose", NULL, "tell what is done, not only what matters"},
    {"debug", NULL, "tell everything"},
    {NULL, NULL, NULL}};

const struct command command_once = {
    .name = "once",
    .summary = "Do one pass of the service's work, then end",
    .arguments = "",
    .help =
        "Asks every source, sends what is due, remembers what came of it, tells who is to be told "
        "(define=notify:NAME). For cron and scripts; where the service runs, use \"homing "
        "update\".",
    .options = options,
    .json = true,
    .configured = true,
    .statuses = 1u << STATUS_RIGHT | 1u << STATUS_FAILED | 1u << STATUS_USAGE | 1u << STATUS_CONF |
                1u << STATUS_ADDRESS | 1u << STATUS_BLOCKED,
    .may_find_running = true,
    .run = run,
};
