/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_COMMAND_TERMINAL_H
#define HOMING_COMMAND_TERMINAL_H

#include <stdbool.h>
#include <stdio.h>

/*
 * What a stream is: a terminal whose lines can be written over, how wide they are, and one that may
 * be coloured. It writes nothing and remembers nothing.
 */

/* A terminal that knows control sequences (TERM is neither empty nor "dumb"). */
bool terminal_is(FILE *stream);
/* The same, and nobody set NO_COLOR to anything but nothing (https://no-color.org). */
bool terminal_has_colours(FILE *stream);
/* How wide it is, 80 where it does not say. */
size_t terminal_columns(FILE *stream);

#endif
