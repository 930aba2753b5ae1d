/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_COMMAND_SHOW_H
#define HOMING_COMMAND_SHOW_H

#include <jansson.h>
#include <stdio.h>

/* The API's documents as text for people. Prints only. */

const char *show_text(const json_t *object, const char *name); /* "" when absent or null */
/* The English text of a message, "" when null. */
const char *show_message(const json_t *message);
/* "2026-11-26 14:05", local time, of Unix milliseconds; "never" for null and 0. The buffer has
 * SHOW_TIME_MAX bytes; returns it. */
enum { SHOW_TIME_MAX = 32 };
const char *show_time(const json_t *ms, char *out);
/* All addresses of a record's set: "a, b", "none", "unknown". Owned. */
char *show_set(const json_t *addresses);

void show_verdict(const json_t *verdict, FILE *out);
void show_hosts(const json_t *items, FILE *out); /* a table */
void show_host(const json_t *host, FILE *out);   /* everything about one */
void show_events(const json_t *events, FILE *out);

/* The exit status that tells how the hosts are: the worst of them. */
int show_status(const json_t *counts);

#endif
