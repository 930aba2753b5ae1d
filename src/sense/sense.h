/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_SENSE_SENSE_H
#define HOMING_SENSE_SENSE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/addr.h"
#include "base/clock.h"
#include "base/view.h"
#include "sense/place.h"

/*
 * The seam between the engine and the sources of addresses. A source is asked for by the settings
 * of an entry; entries whose settings lead to the same question share one source. The real sense
 * watches interfaces, asks web services, runs commands (by the keeper); the simulator has another.
 */
struct sense;
struct source;

enum sensed_state {
    SENSED_UNKNOWN, /* not asked yet, or no answer: keep what is published */
    SENSED_NONE,    /* known: there is no such address here (the interface has none) */
    SENSED_KNOWN
};

struct sensed {
    enum sensed_state state;
    struct addrset set; /* SENSED_KNOWN; usually one */
    msec since;         /* wall time when state and set became what they are */
    msec asked;         /* wall time of the last answer or failure */
    msec took;          /* how long the last answer took */
    bool empty;         /* unknown, but who was asked answered: it has none itself */
    char error[256];    /* why unknown, or a doubt; "" when none. Without secrets */
};

/* A source has a new state or set for the family. Never called inside sense_use(). */
typedef void sense_fn(void *arg, struct source *source, enum family family);

struct sense_ops {
    /* The source that these settings mean for the family, or NULL with *why (static text) when the
     * entry wants none ("disabled"). Shared and counted: one release a use. What it asks the
     * settings for, by literal names, decides alone: settings that answer the same mean the same
     * source. */
    struct source *(*use)(struct sense *sense, const struct view *settings, enum family family,
                          const char **why);
    void (*release)(struct sense *sense, struct source *source);
    const struct sensed *(*value)(const struct source *source, enum family family);
    /* Ask again now (a person's wish, a network event, a new pass); the answer comes by sense_fn,
     * also when nothing changed, if "tell" was given to sense_new. */
    void (*refresh)(struct sense *sense, struct source *source);
    const char *(*name)(const struct source *source); /* "interface eth0", "web ipify-ipv4" */
    const char *(*kind)(
        const struct source *source); /* "interface", "web", "command", "fixed", ... */
    /* One of its users needs no news of the source for a while, or does again: what no user needs
     * is not asked (hearing goes on). From use() on news are needed, and at release() they must be.
     * NULL: all are always asked. */
    void (*attend)(struct sense *sense, struct source *source, bool needed);
    /* By what the kernel knows of the link: is the gateway gone that leads out where the source's
     * address belongs to, or its questions travel? Its changes are told by sense_fn. May be NULL.
     */
    bool (*cut)(const struct source *source, enum family family);
    /* What is known of the place, whatever the entries ask for; false while nothing is. May be
     * NULL. */
    bool (*facts)(const struct sense *sense, enum family family, struct place_facts *out);
    /* Walks all sources in use; start with NULL. */
    struct source *(*next)(const struct sense *sense, const struct source *after);
};

struct sense {
    const struct sense_ops *ops;
    sense_fn *fn; /* set by the engine before first use */
    void *fn_arg;
};

#endif
