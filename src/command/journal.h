/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_COMMAND_JOURNAL_H
#define HOMING_COMMAND_JOURNAL_H

#include <stdbool.h>

#include "base/view.h"

/*
 * Where the log of a long-running process goes: standard error, with the level in front as
 * sd-daemon(3) has it when that is the journal, and the system log where the configuration says
 * so. It is the process's own: there is one.
 */

/* Words of the command line, ended by NULL; may be NULL: "--verbose" shows info too, "--debug"
 * everything, whatever the configuration says; "--quiet" warnings and errors alone; "--json": each
 * line is an object, {"log": {"level", "about", "text"}}. */
void journal_start(char *const *words);
/* Somebody keeps a line of its own at the end of standard error: fn is called before each line of
 * the log that goes there, and, with over, after it. NULL: nobody does any more. */
void journal_around(void (*fn)(void *arg, bool over), void *arg);
/* The globals of the configuration that is in use now: log-level, verbose, debug, quiet, syslog,
 * facility. */
void journal_follow(const struct view *globals);

#endif
