/*
 * SPDX-License-Identifier: ISC
 */
#include "command/progress.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "command/terminal.h"

/* ms: work shorter than SILENT shows nothing; then every so often, by where it goes. */
enum { SILENT = 1000, ON_TERMINAL = 200, AS_JSON = 1000, AS_LINES = 10000 };
enum { LINE_ROOM = 200 };

struct progress {
    const char *what;
    FILE *out;
    bool terminal, json, drawn;
    msec began, next; /* mono */
    int sink;
};

/* Back to the beginning of the line, and nothing on it (ECMA-48: CR, EL). */
static void clear(struct progress *p)
{
    if (!p->drawn)
        return;
    fputs("\r\033[K", p->out);
    fflush(p->out);
    p->drawn = false;
}

static void on_log(void *arg, const struct log_line *line)
{
    (void)line;
    clear(arg);
}

struct progress *progress_new(const struct command_call *call, const char *what)
{
    if (command_given(call, "quiet"))
        return NULL;
    struct progress *p = mem_alloc(sizeof *p);

    *p = (struct progress){.what = what, .out = call->err, .json = call->json, .sink = -1};
    p->terminal = !p->json && terminal_is(call->err);
    p->began = clock_now().mono;
    p->next = p->began + SILENT;
    if (p->terminal)
        p->sink = log_add_sink(on_log, p, LOG_LEVEL_DEBUG);
    return p;
}

bool progress_due(const struct progress *p)
{
    return p != NULL && clock_now().mono >= p->next;
}

void progress_line(const char *what, const struct progress_counts *counts, double seconds,
                   bool json, char *out, size_t room)
{
    double rate = seconds > 0 ? (double)counts->done / seconds : 0;
    char total[sizeof " of 18446744073709551615"] = "";

    if (counts->total > 0)
        snprintf(total, sizeof total, json ? "%zu" : " of %zu", counts->total);
    if (json)
        snprintf(out, room,
                 "{\"progress\": {\"done\": %zu, \"total\": %s, \"failed\": %zu, \"per_second\": "
                 "%.1f, \"seconds\": %.1f}}",
                 counts->done, total[0] != '\0' ? total : "null", counts->failed, rate, seconds);
    else
        snprintf(out, room, "%zu%s %s, %zu failed, %.*f a second", counts->done, total, what,
                 counts->failed, rate < 10 ? 1 : 0, rate);
}

void progress_show(struct progress *p, const struct progress_counts *counts)
{
    char line[LINE_ROOM];

    if (!progress_due(p))
        return;
    msec now = clock_now().mono;
    progress_line(p->what, counts, (double)(now - p->began) / 1000, p->json, line, sizeof line);
    clear(p);
    fputs(line, p->out);
    if (p->terminal)
        p->drawn = true;
    else
        fputc('\n', p->out);
    fflush(p->out);
    p->next = now + (p->terminal ? ON_TERMINAL : p->json ? AS_JSON : AS_LINES);
}

void progress_free(struct progress *p)
{
    if (p == NULL)
        return;
    clear(p);
    if (p->sink >= 0)
        log_remove_sink(p->sink);
    mem_free(p);
}
