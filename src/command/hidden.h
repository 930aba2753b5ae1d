/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_COMMAND_HIDDEN_H
#define HOMING_COMMAND_HIDDEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/*
 * Asks a person for a secret: a line of the standard input that is not shown where that is a
 * terminal. Without a terminal the line is read as it comes, and nothing is asked. It keeps
 * nothing.
 */

/* Without the end of the line. False at the end of the input, or when the line does not fit. */
bool hidden_ask(FILE *to, const char *question, char *out, size_t room);

#endif
