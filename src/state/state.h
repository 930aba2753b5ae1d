/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_STATE_STATE_H
#define HOMING_STATE_STATE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/addr.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/outcome.h"

/*
 * The seam between the engine and what is remembered: published sets, attempts, waits, budgets,
 * account memory, history. Intent is a text file, this is memory: losing it costs checks, never a
 * setting. The real one is SQLite on a writer thread (state/store.h); the simulator has another.
 *
 * Rule of the house: an attempt is committed *before* its requests leave. An attempt without an
 * outcome counts as a failed one after a crash.
 */

/* A record's memory. Key: the entry's identity (conf) and the family. */
struct state_record {
    const char *entry; /* "home.example.org@cloudflare/token"; borrowed */
    enum family family;
    bool published_known;
    struct addrset published;
    msec published_at;       /* wall, of the last good; 0 never */
    msec changed_at;         /* wall, when published last became another set */
    msec attempt_at;         /* wall, of the last attempt that was committed; 0 never */
    bool attempt_open;       /* committed, but no outcome was stored: the process ended between */
    enum outcome_class last; /* of the last outcome; OUTCOME_NONE when never */
    const char *say;         /* the last outcome's words; borrowed, NULL when none */
    unsigned failures;       /* in a row */
    msec wait_end, wait_length; /* wall end and length: never waits longer than length */
    bool stopped;               /* until settings or address change or a person asks */
    char fingerprint[33];       /* of the settings that count, keyed; hex */
    struct addrset tried;       /* what was last sent */
};

/*
 * Records that are under way together: one row for many of them, so that what is committed before
 * requests leave is little. Their own rows stay as they are until an outcome comes; load() tells
 * each as it then is: with attempt_open, not stopped (a stop had ended before), and attempt_at,
 * tried and fingerprint from here.
 */
struct state_attempt {
    const char *entry; /* borrowed */
    enum family family;
    struct addrset tried;
    char fingerprint[33];
};
struct state_attempts {
    int64_t number; /* replaces what stood under it */
    msec at;        /* wall */
    size_t count;   /* 0: none of them is under way any more */
    const struct state_attempt *items;
};

/* An account's or endpoint's memory. Kind "account", "endpoint", "provider", "zone". */
struct state_scope {
    const char *kind, *key; /* borrowed */
    enum outcome_class last;
    const char *say; /* borrowed, NULL when none */
    unsigned failures;
    msec wait_end, wait_length;
    bool stopped, stopped_hard;
    char fingerprint[33];
};

/* One token bucket of an account's budget. */
struct state_bucket {
    const char *key; /* "account|limit number|scope"; borrowed */
    double level;    /* tokens left */
    msec at;         /* wall, when level was true */
};

/* One line of history. */
struct state_event {
    msec at;
    const char *entry;             /* NULL: about homing, a source, an account */
    int family;                    /* -1 when none */
    const char *kind;              /* "sensed", "attempt", "outcome", "verified", "notice" */
    const char *old_set, *new_set; /* texts or NULL */
    const char *cls;               /* outcome's name or NULL */
    const char *say;               /* sentence or NULL */
};

/* Changes that are committed together. */
struct state_batch;
struct state_batch *state_batch_new(void);
void state_batch_free(struct state_batch *b);
bool state_batch_empty(const struct state_batch *b);
void state_batch_record(struct state_batch *b, const struct state_record *r);     /* copies */
void state_batch_attempts(struct state_batch *b, const struct state_attempts *a); /* copies */
/* What is stored as under way goes into the records' own rows; no number is taken any more. What
 * the engine has of them follows: only records that it does not have any more stay so. */
void state_batch_settle(struct state_batch *b);
void state_batch_scope(struct state_batch *b, const struct state_scope *s);
void state_batch_bucket(struct state_batch *b, const struct state_bucket *k);
void state_batch_memory(struct state_batch *b, const char *account,
                        const struct memory *m); /* non-secret items */
void state_batch_event(struct state_batch *b, const struct state_event *e);
void state_batch_forget_entry(struct state_batch *b, const char *entry);

struct state;
/* Once for each commit(), never before it returned. On an error nothing of the batch is stored. */
typedef void state_done_fn(void *arg, enum err result, const char *why);

struct state_visitor {
    void *arg;
    void (*record)(void *arg, const struct state_record *r);
    void (*scope)(void *arg, const struct state_scope *s);
    void (*bucket)(void *arg, const struct state_bucket *b);
    void (*memory)(void *arg, const char *account, const struct memory_item *item);
    void (*clock_floor)(void *arg, msec wall); /* the latest wall time ever stored */
};

struct state_ops {
    /* Everything, at start. */
    enum err (*load)(struct state *state, const struct state_visitor *v, struct cause *c);
    /* Takes the batch over. Batches are committed in order. fn may be NULL. */
    void (*commit)(struct state *state, struct state_batch *batch, state_done_fn *fn, void *arg);
    /* What was told last comes first, at most "most" events, of one entry or of all (NULL), older
     * than "before" (0: now). Waits for commits that were handed over before. */
    enum err (*history)(struct state *state, const char *entry, msec before, size_t most,
                        void (*fn)(void *arg, const struct state_event *e), void *arg,
                        struct cause *c);
};

struct state {
    const struct state_ops *ops;
};

#endif
