/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_TEST_UNIT_FORMER_H
#define HOMING_TEST_UNIT_FORMER_H

#include "state/state.h"

/*
 * Memories as former versions wrote them. Version 2: the values of records and scopes are columns,
 * an event is a row, with an index over their hostnames. Version 1: without what is under way too,
 * and with other sums.
 */
enum { FORMER_VERSIONS = 2 };

/* Makes the files of a memory of today, which nobody has open, those of a former version, with
 * these events as its history. A file that is not there stays so. */
void former_make(const char *folder, int version, const struct state_event *events, size_t count);
/* What a killed process of version 2 left under way: those are its lines. */
void former_attempts(const char *folder, int64_t number, msec at, const char *lines);

#endif
