/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_COMMAND_REMEMBERED_H
#define HOMING_COMMAND_REMEMBERED_H

#include "engine/memstate.h"
#include "sense/sense.h"

/*
 * A sense that asks nobody: each source says what was last wanted of its entry, by what is
 * remembered; a literal address says itself. For reading commands when no service runs.
 */
struct remembered;

struct remembered *remembered_new(struct memstate *memory);
void remembered_free(struct remembered *r); /* after the engine that used it */
struct sense *remembered_sense(struct remembered *r);

#endif
