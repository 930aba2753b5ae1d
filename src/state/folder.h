/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_STATE_FOLDER_H
#define HOMING_STATE_FOLDER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

/*
 * The state folder: made 0700, locked by one instance, with the key of the fingerprints and what
 * was set aside. It knows nothing of what stands in the database.
 */

/* Makes the folder and its parents (0700), or takes the rights of others from an own one. */
enum err folder_make(const char *folder, struct cause *c);

/*
 * ERR_BUSY when another instance holds it: the cause names its process. The lock lasts as long as
 * any process has *fd open; it is inherited over fork and not over exec. A holder that has ended
 * and whose other half is about to is waited for.
 */
enum err folder_lock(const char *folder, int *fd, struct cause *c);
enum { FOLDER_LOCK_WAIT = 3000 /* ms */ };

/* The random key (0600), made at first use; *written is then a descriptor of its file, which nobody
 * has waited for on the disk yet, else -1. A key that a crash cut short is made again. */
enum { FOLDER_KEY_SIZE = 32 };
enum err folder_key(const char *folder, uint8_t key[FOLDER_KEY_SIZE], int *written,
                    struct cause *c);

/* Renames the file "name" and its companions ("-wal", "-shm") to a name with the time; the newest
 * three are kept. The new path is written to "aside". */
enum { FOLDER_PATH_MAX = 4096 };
enum err folder_set_aside(const char *folder, const char *name, char aside[FOLDER_PATH_MAX],
                          struct cause *c);

#endif
