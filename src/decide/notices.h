/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_DECIDE_NOTICES_H
#define HOMING_DECIDE_NOTICES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/addr.h"
#include "base/clock.h"

/*
 * What one receiver of notices is told, and when: transitions, never states. It writes no sentence
 * and delivers nothing.
 *
 *   changed    an address was published in place of another: after "gather" (30 s), so that a
 *              burst is one
 *   failing    a hostname has not become right for "after" (10 min)
 *   lost       the address of a published hostname is not known any more, for as long
 *   blocked    nothing goes on until a person acts: after "gather"
 *   recovered  what was told as failing or blocked has been right for 2 min, or for "after" if that
 *              is less
 *   back       the same of what was told as lost
 *   expiring   a credential ends: 14 days before, 3 days before, and when it has ended
 *
 * One message tells of all hostnames that the same happened to. At most 10 leave in an hour; what
 * happens meanwhile is merged, and a change that was taken back is not told at all. Only hostnames
 * that something is wrong with, or is to be told of, take memory.
 */
enum notice_event {
    NOTICE_BLOCKED, /* in the order in which they go out */
    NOTICE_FAILING,
    NOTICE_LOST,
    NOTICE_EXPIRING,
    NOTICE_CHANGED,
    NOTICE_RECOVERED,
    NOTICE_BACK,
    NOTICE_EVENTS
};
const char *notice_event_name(enum notice_event e); /* "blocked" */
bool notice_event_parse(const char *name, size_t n, enum notice_event *out);

/* How a hostname is, as far as people want to know. */
enum notice_state {
    NOTICE_AT_WORK, /* neither good nor bad: what was goes on */
    NOTICE_RIGHT,
    NOTICE_SETTLED, /* right, as its address is gone and the record with it: no address is back */
    NOTICE_GONE,    /* its address is not known, and it is published with one */
    NOTICE_FAILS,
    NOTICE_STOPPED, /* until a person acts */
    NOTICE_OFF,     /* paused or removed: forgotten without a word */
};

enum {
    NOTICE_CALM = 2 * MINUTE, /* right for so long counts as recovered */
    NOTICE_HOURLY = 10,       /* messages in an hour */
    NOTICE_ITEMS = 100,       /* hostnames that a message names; it counts all */
};

struct notices_rules {
    unsigned events; /* bits 1 << enum notice_event: what is told; the rest only counts as told */
    msec after;      /* how long it fails until that is told */
    msec gather;     /* how long a message waits for others that the same happens to */
    bool at_once;    /* right is right: there is no later look that could tell otherwise */
};

struct notice_item {
    char *entry;             /* owned: its identity; of expiring: the account */
    enum family family;      /* of changed */
    struct addrset old, now; /* of changed */
    unsigned times;          /* of changed: how often, until it was told */
    msec since;              /* wall: of what is told; of expiring: when it ends */
    char *reason;            /* owned; NULL: none */
};

struct notice_message {
    enum notice_event event;
    struct notice_item *items; /* owned; at most NOTICE_ITEMS, in the order they came */
    size_t item_count;
    size_t count; /* of all */
    msec at;      /* wall: the earliest "since" */
};

struct notices;

struct notices *notices_new(const struct notices_rules *rules, struct moment now);
void notices_free(struct notices *n);
void notices_use(struct notices *n, const struct notices_rules *rules);

/* How a hostname is now. reason: why, in a sentence; NULL for none. */
void notices_look(struct notices *n, const char *entry, enum notice_state state, const char *reason,
                  struct moment now);
/* Published in place of another set. */
void notices_changed(struct notices *n, const char *entry, enum family family,
                     const struct addrset *old, const struct addrset *now_set, struct moment now);
/* When the credential of an account ends (wall); 0: never, as far as known. */
void notices_expires(struct notices *n, const char *account, msec end, struct moment now);

/* Mono: when notices_take() may have something; NEVER. */
msec notices_next(struct notices *n, struct moment now);
/* The next message that is due; false: none. All: what waits to be gathered, too, and what was
 * wrong for long enough before this start (the end of the program). */
bool notices_take(struct notices *n, bool all, struct moment now, struct notice_message *out);
void notice_message_free(struct notice_message *m);

/* Nothing was told as wrong that has not become right again. */
bool notices_well(const struct notices *n);

/* What was told and what is to be, for the next start. */
struct notice_told {
    const char *entry;
    enum notice_state state; /* told: NOTICE_GONE, NOTICE_FAILS, NOTICE_STOPPED; RIGHT: nothing, or
                                of an account */
    msec since;              /* wall; of an account: the end that was told of */
    unsigned stage;          /* of an account: how many of its notices were told */
    enum notice_state now;   /* NOTICE_GONE, ...: so it is since "now_since" (wall); else RIGHT */
    msec now_since;
};
/* A change that waits to be told. */
struct notice_pending {
    const char *entry;
    enum family family;
    struct addrset old, now;
    unsigned times;
    msec at; /* wall: of the latest */
};
typedef void notice_pending_fn(void *arg, const struct notice_pending *pending);
/* Is there something to be kept that was not taken yet? Of a burst of changes only once a second.
 */
bool notices_take_news(struct notices *n, struct moment now);
msec notices_news_at(const struct notices *n); /* mono: when there will be; NEVER */
bool notices_walk(const struct notices *n, size_t *at, struct notice_told *out);
void notices_each_change(const struct notices *n, notice_pending_fn *fn, void *arg);
void notices_restore(struct notices *n, const struct notice_told *told, struct moment now);
void notices_restore_change(struct notices *n, const struct notice_pending *pending,
                            struct moment now);

#endif
