/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_COMMAND_JOURNAL_H
#define HOMING_COMMAND_JOURNAL_H

#include "base/view.h"

/*
 * Where the log of a long-running process goes: standard error, with the level in front as
 * sd-daemon(3) has it when that is the journal, and the system log where the configuration says
 * so. It is the process's own: there is one.
 */

/* Words of the command line, ended by NULL; may be NULL: "--verbose" shows info too, "--debug"
 * everything, whatever the configuration says; "--quiet" warnings and errors alone. */
void journal_start(char *const *words);
/* The globals of the configuration that is in use now: log-level, verbose, debug, quiet, syslog,
 * facility. */
void journal_follow(const struct view *globals);

#endif
