/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_COMMAND_JOURNAL_H
#define HOMING_COMMAND_JOURNAL_H

#include <stdbool.h>

/*
 * Where the log of a long-running process goes: standard error, with the level in front as
 * sd-daemon(3) has it when that is the journal. The words are those of the command line:
 * "--verbose" shows info too, "--debug" everything.
 */
void journal_start(char *const *words); /* ended by NULL; may be NULL */

#endif
