/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_STATE_STORE_H
#define HOMING_STATE_STORE_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "state/folder.h"
#include "state/state.h"

/*
 * What homing remembers, on disk: a struct state over two SQLite files in the state folder,
 * "memory.db" and "memory-copy.db" (the same without history), with one writer thread. When one is
 * damaged it is set aside, kept, named in a warning, and made again from the other: waits and stops
 * survive, published sets are no longer believed, so that homing asks before it writes. When both
 * are lost it begins without memory, which leads to asking too.
 *
 * It never decides what is due, and never lets a failed write pass as a good one: the engine is
 * told by the done callback, on the loop's thread.
 */
struct store;

enum store_sync {
    STORE_SYNC_DISK,   /* a commit has reached the disk when it is done */
    STORE_SYNC_PROCESS /* it survives the end of the process, not a power cut (slow media) */
};

struct store_options {
    const char *folder;
    uv_loop_t *loop; /* done callbacks come on its thread */
    int lock;        /* the lock when the caller holds it (see folder_lock), or -1 */
    bool reads; /* only: nothing is made, set aside or brought level. What is damaged is an error */
    enum store_sync sync;
    uint64_t history_rows; /* 0: STORE_HISTORY_ROWS */
    msec history_age;      /* 0: STORE_HISTORY_AGE */
};
enum { STORE_HISTORY_ROWS = 100000 };
#define STORE_HISTORY_AGE (400 * DAY)

/* ERR_BUSY: a second instance (exit 75; the cause names the first). Reads and checks everything, so
 * it takes time with the size of the history. */
enum err store_open(const struct store_options *o, struct store **out, struct cause *c);
/* Writes what was handed over, calls what is to be called, then frees. The loop must run once more
 * afterwards. NULL is fine. */
void store_close(struct store *s);

/*
 * One batch, written and closed again, for who has no loop and where no service runs; the folder is
 * made. Takes the batch over. ERR_BUSY as above, ERR_IO.
 */
enum err store_write(const char *folder, struct state_batch *batch, struct cause *c);

struct state *store_state(struct store *s);
/* Memory was damaged or is partly gone: nothing in it proves what is published. */
bool store_was_lost(const struct store *s);
/* The key for fingerprints of settings, FOLDER_KEY_SIZE bytes. When it had to be made anew the
 * loaded fingerprints are empty: unknown, not different. */
const uint8_t *store_key(const struct store *s);
/* Why writing fails at present, in a sentence for people; NULL when all is well. */
const char *store_trouble(const struct store *s);

#endif
