/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_ENGINE_RENAMED_H
#define HOMING_ENGINE_RENAMED_H

#include "state/state.h"

/*
 * Where the history of a renamed hostname goes on: one event under the new identity that names the
 * former one. A running engine sees a new name by itself when it loads a configuration; this is for
 * who renames while none runs.
 */
void renamed_note(struct state_batch *batch, msec at, const char *id, const char *former,
                  const char *former_name);

#endif
