/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_KEEPER_WORKER_H
#define HOMING_KEEPER_WORKER_H

#include <uv.h>

#include "conf/conf.h"
#include "conf/edit.h"
#include "conf/runner.h"
#include "keeper/message.h"

/*
 * The worker's side of the seam to the keeper: it receives configurations and wishes, and passes on
 * what the worker asks for. It reads no file and starts nothing; what a configuration means is
 * the program's business.
 */
struct worker;

/* The descriptors a worker is born with. */
enum { WORKER_CHANNEL_FD = 3, WORKER_LOCK_FD = 4 };

struct worker_events {
    /* A configuration, to be read with reading_parse(). Answer with worker_verdict(). */
    void (*conf)(void *arg, const struct message *m);
    void (*update)(void *arg); /* a person wants everything looked at now */
    void (*stop)(void *arg);   /* end cleanly */
    /* The keeper is gone: nobody asked for an end, nobody is left to end us if we do not. Keep what
     * is known and end, without waiting for anything. */
    void (*orphaned)(void *arg);
};

/* NULL when WORKER_CHANNEL_FD is no channel: started by hand. */
struct worker *worker_new(uv_loop_t *loop, const struct worker_events *events, void *arg);
void worker_free(struct worker *w); /* NULL is fine */

struct runner *worker_runner(struct worker *w);
void worker_ready(struct worker *w);
void worker_status(struct worker *w, const char *text); /* for "systemctl status" */
void worker_verdict(struct worker *w, const char *version, bool good);

/* What went wrong between the two: workers that ended before this one, and the file that could not
 * be written ("" when it could, or since). Times are Unix ms. */
struct worker_past {
    unsigned again;
    long long again_at, unwritten_at;
    char again_why[64], unwritten_why[256];
};
const struct worker_past *worker_past(const struct worker *w);

/*
 * Asks for an edit of the file; in edit->settings a value NULL unsets. version: the one the person
 * saw, or NULL. fn comes once, later, with the file's version afterwards; a new configuration
 * follows by itself. The keeper never takes us for the owner: edit->owner is not passed on.
 */
typedef void worker_edited_fn(void *arg, enum err error, const struct edit_answer *answer,
                              const char *version, const char *why);
void worker_edit(struct worker *w, const struct edit *edit, const char *version,
                 worker_edited_fn *fn, void *arg);
/* Several at once, in one new version of the file: at most one of globals, which comes first, and
 * hostnames that are added. All of them, or none: then answer->entry tells the hostname. */
void worker_edit_many(struct worker *w, const struct edit *edits, size_t count, const char *version,
                      worker_edited_fn *fn, void *arg);
/* The same edit of many entries (edit_apply_each); likewise. */
void worker_edit_each(struct worker *w, const struct edit *edit, const char *const *targets,
                      size_t count, const char *version, worker_edited_fn *fn, void *arg);
/* The file as it was before the last edit. */
void worker_undo(struct worker *w, const char *version, worker_edited_fn *fn, void *arg);
/* No edit, but the file is read now, without waiting until its change is noticed. */
void worker_reload(struct worker *w, worker_edited_fn *fn, void *arg);

#endif
