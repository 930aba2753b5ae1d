/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_PUBLISH_STEP_H
#define HOMING_PUBLISH_STEP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/clock.h"
#include "base/exchange.h"
#include "base/memory.h"
#include "base/outcome.h"
#include "base/view.h"

/*
 * The step interface: how to publish records is a small state machine without input or output. It
 * is called until it is done; each call says why (start, a reply, the timer, cancel) and is
 * answered with requests as data (several at once if wanted), a wait, and outcomes of members, some
 * of which may come early. Whoever drives it (the engine, a dry run, a test, a fuzzer) carries the
 * requests.
 *
 * Order of calls: start() once; go(STEP_START) once; then go(STEP_REPLY) once for every request it
 * asked for, in any order, and go(STEP_TIMER) when a wait it asked for is over; until out->done.
 * go(STEP_CANCEL) may come at any time between calls: afterwards it may only ask for a promised
 * logout (request.session), else it is done. Replies to requests in flight at a cancel still come,
 * as NET_CANCELLED. end() once, always.
 *
 * MUST: report an outcome for every member and family that was due, before or with done.
 * MUST: set request.writes on everything that may change something, whatever its method.
 * MUST NOT: repeat a write whose reply said SENT_MAYBE without reading in between.
 * MUST NOT: use anything but what it is given here: no clock, no files, no randomness of its own.
 */

struct provider; /* publish/provider.h */

/* One record (a member and a family): what it should be. */
struct want {
    bool due;              /* send it, even when published says the same (max-interval, force) */
    bool known;            /* wanted is known; when false the record must be left alone */
    struct addrset wanted; /* with known: empty means "delete it" (on-loss=delete) */
    bool published_known;  /* published is what we last published and believe to stand there */
    struct addrset published;
};

struct member {
    const char *hostname; /* A-labels, lower case, no final dot; a wildcard begins with "*." */
    struct view settings;
    struct want want[FAMILIES];
    /* A record that is known but not due rides along: it is there for protocols which must send
     * both families at once. */
};

enum step_policy {
    POLICY_KEEP,    /* nothing was chosen: foreign values stay; several and none of ours: ask */
    POLICY_REPLACE, /* the set becomes exactly ours */
    POLICY_FIRST,   /* as ddclient: the first value found is taken for ours */
    POLICY_BESIDE   /* policy=keep was chosen: ours joins several foreign values */
};

struct job {
    const struct member
        *members; /* at least one; all of one account (and zone where that matters) */
    size_t member_count;
    struct memory *memory; /* the account's; read and changed freely */
    enum step_policy policy;
    bool dry; /* nothing that writes will be sent: replies come as NET_DRY */
    /* ddclient's way: every record is asked about, whatever became of another; a refused account or
     * a server in trouble is met once for each. */
    bool independent;
    const char *agent; /* User-Agent for protocols that must name it */
};

enum step_event { STEP_START, STEP_REPLY, STEP_TIMER, STEP_CANCEL };

struct step_in {
    enum step_event event;
    const struct reply *reply; /* STEP_REPLY: borrowed */
    struct moment now; /* wall is already corrected by nothing: protocols keep offsets in memory */
    void (*random)(void *arg, void *bytes, size_t n);
    void *random_arg;
};

struct step_out {
    struct request *requests; /* owned by the caller afterwards */
    size_t request_count;
    struct outcome *outcomes; /* likewise */
    size_t outcome_count;
    msec wait; /* call with STEP_TIMER after this; -1: no timer wanted */
    bool done;
};

/* A family of wire dialogues. Adding one is one file with one of these, and a row in registry.c. */
struct protocol {
    const char *name; /* "dyndns2", "nsupdate", "file" */
    /* "provider" is the checked provider file for protocols that read one, else NULL. Returns the
     * running instance; job stays valid until end(). */
    void *(*start)(const struct job *job, const struct provider *provider);
    void (*go)(void *step, const struct step_in *in, struct step_out *out);
    void (*end)(void *step);
    enum request_kind kind; /* of its requests */
};

/* For protocols: fill "out". */
void step_out_init(struct step_out *out);
struct request *step_request(struct step_out *out,
                             enum request_kind kind); /* initialised; valid until the next one */
/* families as bits; say may be NULL; returns it to fill in wait and sets. Valid until the next one.
 */
struct outcome *step_outcome(struct step_out *out, int member, unsigned families,
                             enum outcome_class cls, const char *say, ...)
    __attribute__((format(printf, 5, 6)));
/* For drivers. */
void step_out_free(struct step_out *out);

/*
 * The class of a reply that never became an answer of the provider: offline, tls, server ... by
 * reply->error; and the default class of an HTTP status (provider-format.md, section 5) for a
 * writing or reading request. Fills *say (owned) with a sentence that names the host.
 */
enum outcome_class step_class_of_error(const struct request *r, const struct reply *reply,
                                       char **say);
enum outcome_class step_class_of_status(int status, bool writes);

#endif
