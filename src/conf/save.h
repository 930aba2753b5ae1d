/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_CONF_SAVE_H
#define HOMING_CONF_SAVE_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/error.h"
#include "conf/edit.h"

/*
 * The configuration file on the disk: read whole, written whole or not at all (beside, fsync,
 * rename, fsync of the folder, mode 0600), its last ten versions kept for undo. One writer at a
 * time: the folder is locked while a file is replaced. Never decides what is written; see edit.h.
 */
struct save_place {
    const char *path;     /* homing.conf; a symbolic link is followed */
    const char *versions; /* folder for former versions, made when missing; NULL: none are kept */
    const struct conf_options *options;
};

enum { SAVE_VERSION_MAX = 33, SAVE_KEPT = 10 };

/*
 * What a version of the file is called, so that an editor can tell whether it was changed
 * meanwhile. It is a keyed hash with a key of this process: it says nothing about secrets, and it
 * is another one after a restart (the editor then sees a conflict that is none and loads the file
 * again).
 */
void save_version(const char *bytes, size_t n, char out[SAVE_VERSION_MAX]);

/* The whole file in out (wipe it). ERR_NOT_FOUND when there is none. version may be NULL. */
enum err save_read(const char *path, struct buf *out, char version[SAVE_VERSION_MAX],
                   struct cause *cause);

/*
 * Reads, edits and replaces the file. expected: the version that the editor saw; NULL: whatever is
 * there. A missing file counts as an empty one for EDIT_ADD and EDIT_SET of globals. ERR_CONFLICT
 * with answer->stale when it is another. version receives the new one (may be NULL).
 */
enum err save_edit(const struct save_place *place, const char *expected, const struct edit *edit,
                   char version[SAVE_VERSION_MAX], struct edit_answer *answer, struct cause *cause);

/* Replaces the file by these bytes, as homing import --write and the like do. */
enum err save_write(const struct save_place *place, const char *expected, const char *bytes,
                    size_t n, char version[SAVE_VERSION_MAX], struct cause *cause);

/*
 * Brings the version before the last save back. ERR_NOT_FOUND: there is none; ERR_CONFLICT: the
 * file was changed by hand since, which force overrides.
 */
enum err save_undo(const struct save_place *place, bool force, char version[SAVE_VERSION_MAX],
                   struct cause *cause);

#endif
