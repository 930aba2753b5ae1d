/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_COMMAND_PROGRESS_H
#define HOMING_COMMAND_PROGRESS_H

#include <stddef.h>

#include "command/command.h"

/*
 * Long work shows itself on call->err: how many are done, of how many, how many failed, and how
 * many a second. On a terminal it is one line that is written over, never wider than that, and
 * stays below the log's; elsewhere a plain line now and then; with --json a line of JSON each time;
 * with --quiet nothing. Work of under a second stays silent. It owns the clock of what it shows,
 * and does no work itself.
 */
struct progress;

struct progress_counts {
    size_t done, total, failed; /* total 0: not known before the end */
};

/* what: "records published". Borrowed. NULL for --quiet: the other functions take that. */
struct progress *progress_new(const struct command_call *call, const char *what);
/* Is it time to show something? Counting may cost. */
bool progress_due(const struct progress *p);
void progress_show(struct progress *p, const struct progress_counts *counts);
void progress_free(struct progress *p);

/* What the option of every command with progress is called. */
#define PROGRESS_OPTION                                                                            \
    {                                                                                              \
        "quiet", NULL, "no progress and no summary, only what went wrong"                          \
    }

#endif
