/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_SENSE_REAL_H
#define HOMING_SENSE_REAL_H

#include <uv.h>

#include "conf/runner.h"
#include "net/net.h"
#include "sense/pushed.h"
#include "sense/sense.h"
#include "sense/services.h"

/*
 * The real sense: learns addresses from this machine's interfaces, from pages, commands, routers
 * and the configuration itself, and shares a source between all entries that ask the same.
 *
 * Sources that can only be asked are asked every "poll" with jitter, sooner after a failure, and
 * when the network changed. Sources that hear by themselves are compared with the kernel once an
 * hour.
 */
struct sense_options {
    struct net *net;
    uv_loop_t *loop;
    struct runner *runner; /* NULL: commands cannot be run */
    bool ddclient;         /* read texts as ddclient does */
    msec poll;             /* 0: nothing is asked again by itself (one pass) */
    msec jitter;           /* up to so much is added to each poll; -1: a fifth of it */
    /* The settings of a named object (define=KIND:NAME); NULL: there are none. */
    bool (*object)(void *arg, const char *kind, const char *name, struct view *out);
    void *object_arg;
    /* The outside services; NULL: the built-in ones. */
    const struct web_service *services;
    size_t service_count;
    bool no_outside; /* outside=no: ask nobody outside for an address */
    /* What devices told; must outlive the sense. NULL: none ever did. */
    const struct pushed *pushed;
    msec push_stale; /* so long after it was told, that is said beside it */
};

/*
 * The runner gets the identity of an entry from its pseudo-setting "@id".
 * The sense must be freed before its net.
 */
struct sense *sense_new(const struct sense_options *options);
void sense_free(struct sense *sense); /* NULL is fine */

/* The globals changed on a reload. */
void sense_set_poll(struct sense *sense, msec poll, msec jitter);
void sense_set_outside(struct sense *sense, bool allowed); /* see no_outside */

/* Each outside host that the sources in use may ask for an address, whether outside=no forbids it
 * or not. */
struct sense_outside {
    const char *host;
    const char *operator; /* of a built-in service; NULL: the configuration names the host */
    enum family family;
    const char *source;
};
typedef void sense_outside_fn(void *arg, const struct sense_outside *o);
void sense_list_outside(const struct sense *sense, sense_outside_fn *fn, void *arg);

/* A device has told something: the table of the options has it. */
void sense_push(struct sense *sense, const char *device);
void sense_set_push_stale(struct sense *sense, msec age); /* likewise on a reload */
/* The device whose word the source, or a part of it, passes on; NULL: none's. "prefix" is set when
 * that is about a prefix. */
const char *sense_pushed_by(const struct source *source, bool *prefix);

/* Learn what the verdict on the place needs of the router (the local network only), now and when
 * the network changes. */
void sense_survey(struct sense *sense);
bool sense_survey_waits(const struct sense *sense); /* its first answer is still to come */

/* Each address of this machine's interfaces, with why it would not be published: for people. */
struct sense_candidate {
    const char *interface; /* NULL: somebody told it: */
    const char *from;      /* "upnp", "pcp", "outside" ... */
    struct addr addr;
    unsigned length;
    bool chosen;     /* it is what the default interface would give */
    bool taken;      /* ... and it may be published */
    const char *why; /* static; when not taken */
};
void sense_list_candidates(const struct sense *sense,
                           void (*fn)(void *arg, const struct sense_candidate *c), void *arg);
/* The addresses that routers and outside services told, likewise. */
void sense_list_told(const struct sense *sense,
                     void (*fn)(void *arg, const struct sense_candidate *c), void *arg);

#endif
