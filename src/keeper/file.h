/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_KEEPER_FILE_H
#define HOMING_KEEPER_FILE_H

#include "base/buf.h"
#include "base/error.h"

/*
 * Reading and writing whole small files safely. Nothing here knows what is in them.
 */

/* Appends the whole file; ERR_TOO_BIG when it passes the buffer's bound. */
enum err file_read(const char *path, struct buf *out, struct cause *c);

/*
 * All or nothing: beside, fsync, rename, fsync of the folder. The mode is 0600; owner and group are
 * those of the file before, where the system allows it. A symbolic link stays: what it points to is
 * written.
 */
enum err file_write(const char *path, const char *bytes, size_t n, struct cause *c);

#endif
