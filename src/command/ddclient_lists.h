/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_COMMAND_DDCLIENT_LISTS_H
#define HOMING_COMMAND_DDCLIENT_LISTS_H

#include <stdio.h>

#include "command/ddclient_words.h"

/*
 * What "homing ddclient" prints without working on hosts: help, version and lists. It reads no
 * configuration.
 */

/* --help, --version, --list-*: whatever w->at_once says. */
void lists_print(const struct words *w, const char *program, FILE *out);
void lists_help(const char *program, FILE *out);

#endif
