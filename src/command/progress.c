/*
 * SPDX-License-Identifier: ISC
 */
#include "command/progress.h"

#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "command/journal.h"
#include "command/terminal.h"

/* ms: work shorter than SILENT shows nothing; then every so often, by where it goes. */
enum { SILENT = 1000, ON_TERMINAL = 200, AS_JSON = 1000, AS_LINES = 10000 };
enum { LINE_ROOM = 200 };

struct progress {
    const char *what;
    FILE *out;
    bool terminal, json, drawn;
    msec began, next;     /* mono */
    char line[LINE_ROOM]; /* the last one that was shown; "" before the first */
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

static void draw(struct progress *p)
{
    fputs(p->line, p->out);
    fflush(p->out);
    p->drawn = true;
}

static void on_log(void *arg, bool over)
{
    struct progress *p = arg;

    if (!over)
        clear(p);
    else if (p->line[0] != '\0')
        draw(p);
}

struct progress *progress_new(const struct command_call *call, const char *what)
{
    if (command_given(call, "quiet"))
        return NULL;
    struct progress *p = mem_alloc(sizeof *p);

    *p = (struct progress){.what = what, .out = call->err, .json = call->json};
    p->terminal = !p->json && terminal_is(call->err);
    p->began = clock_now().mono;
    p->next = p->began + SILENT;
    if (p->terminal)
        journal_around(on_log, p);
    return p;
}

bool progress_due(const struct progress *p)
{
    return p != NULL && clock_now().mono >= p->next;
}

static void write_json(struct progress *p, const struct progress_counts *counts, double seconds,
                       double rate)
{
    char total[sizeof "18446744073709551615"] = "null";

    if (counts->total > 0)
        snprintf(total, sizeof total, "%zu", counts->total);
    snprintf(p->line, sizeof p->line,
             "{\"progress\": {\"done\": %zu, \"total\": %s, \"failed\": %zu, \"per_second\": %.1f, "
             "\"seconds\": %.1f}}",
             counts->done, total, counts->failed, rate, seconds);
}

/* The longest that fits: a line that wraps could not be written over. */
static void write_line(struct progress *p, const struct progress_counts *counts, double rate)
{
    size_t room = p->terminal ? terminal_columns(p->out) : sizeof p->line;
    int digits = rate < 10 ? 1 : 0;
    char of[sizeof " of 18446744073709551615"] = "", per[sizeof "/18446744073709551615"] = "";
    char *line = p->line;
    size_t most = sizeof p->line;

    if (counts->total > 0) {
        snprintf(of, sizeof of, " of %zu", counts->total);
        snprintf(per, sizeof per, "/%zu", counts->total);
    }
    snprintf(line, most, "%zu%s %s, %zu failed, %.*f a second", counts->done, of, p->what,
             counts->failed, digits, rate);
    if (strlen(line) >= room)
        snprintf(line, most, "%zu%s, %zu failed, %.*f/s", counts->done, of, counts->failed, digits,
                 rate);
    if (strlen(line) >= room)
        snprintf(line, most, "%zu%s, %zu failed", counts->done, per, counts->failed);
    if (strlen(line) >= room)
        snprintf(line, room < most ? room : most, "%zu%s", counts->done, per);
}

void progress_show(struct progress *p, const struct progress_counts *counts)
{
    if (!progress_due(p))
        return;
    msec now = clock_now().mono;
    double seconds = (double)(now - p->began) / 1000;
    double rate = seconds > 0 ? (double)counts->done / seconds : 0;
    clear(p);
    if (p->json)
        write_json(p, counts, seconds, rate);
    else
        write_line(p, counts, rate);
    if (p->terminal)
        draw(p);
    else
        fprintf(p->out, "%s\n", p->line);
    fflush(p->out);
    p->next = now + (p->terminal ? ON_TERMINAL : p->json ? AS_JSON : AS_LINES);
}

void progress_free(struct progress *p)
{
    if (p == NULL)
        return;
    if (p->terminal)
        journal_around(NULL, NULL);
    clear(p);
    mem_free(p);
}
