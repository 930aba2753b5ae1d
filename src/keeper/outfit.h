/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_KEEPER_OUTFIT_H
#define HOMING_KEEPER_OUTFIT_H

#include "keeper/keeper.h"
#include "keeper/reading.h"

/*
 * What a worker is born with: its folders, its words, its environment. It starts nothing.
 */

/* Makes and locks the state folder and gives it, and the socket's folder, to the user that the
 * worker becomes. ERR_BUSY: another instance has it. */
enum err outfit_folders(const struct keeper_options *o, int *lock, struct cause *c);

/* Owned lists, ended by NULL; see reading_free_list(). */
char **outfit_args(const struct keeper_options *o, char *const *folders);
char **outfit_env(const struct reading *r);

#endif
