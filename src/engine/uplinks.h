/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_ENGINE_UPLINKS_H
#define HOMING_ENGINE_UPLINKS_H

#include "net/net.h"
#include "sense/sense.h"
#include "state/state.h"

/*
 * Between the engine and the sense: makes one source of those that an entry with several uplinks
 * has (uplink=a,b): each uplink's own source is asked by way of it, and decide/uplink says whose
 * word counts; one by which nothing comes back (lines.h) does not work. An entry with one uplink or
 * none has its source handed through. Which uplinks count is remembered, so that a restart is no
 * reason to change.
 */
struct uplinks;

/* lookup: the settings of define=uplink:NAME; false when there is none. The inner sense is not
 * taken over, but its fn is set. */
struct uplinks *uplinks_new(struct sense *inner, struct net *net,
                            bool (*lookup)(void *arg, const char *name, struct view *out),
                            void *lookup_arg);
void uplinks_free(struct uplinks *u); /* every source is released. NULL is fine */
struct sense *uplinks_sense(struct uplinks *u);
/* To be used in place of the net: what becomes of requests tells which uplinks work. */
struct net *uplinks_net(struct uplinks *u);

/* Adds what counts now to the batch, if that changed since the last call. */
void uplinks_keep(struct uplinks *u, struct state_batch *batch);
/* An item of that account's memory, as it was stored. */
extern const char uplinks_account[];
void uplinks_remember(struct uplinks *u, const char *key, const char *value);

/* The uplink whose word counts for the source now (of several, the first that works): requests
 * about it travel that way. NULL: it has no choice, or made none yet. Borrowed. */
const char *uplinks_chosen(const struct source *source);

/* The nth source of the inner sense that it is made of; NULL at the end. */
const struct source *uplinks_inner(const struct source *source, unsigned n);

#endif
