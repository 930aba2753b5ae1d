/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_COMMAND_DDCLIENT_INSIDE_H
#define HOMING_COMMAND_DDCLIENT_INSIDE_H

#include "command/ddclient_decide.h"
#include "command/ddclient_pass.h"
#include "decide/set.h"
#include "engine/run_job.h"

/* What the files of a pass share. */

struct target {
    const struct conf_entry *entry;
    struct view view;
    const char *host;     /* as written: the key in the cache */
    const char *protocol; /* ddclient's word, or the provider's id */
    const struct provider *provider;
    struct source *sources[FAMILIES]; /* NULL: none wanted */
    bool waits[FAMILIES];             /* no answer yet */
    bool known[FAMILIES];
    struct addr wanted[FAMILIES];
    const struct set *sets[FAMILIES]; /* one count each, when known */
    struct cache_entry *cached;       /* NULL in a dry run of an unknown host */
    unsigned due;                     /* FAMILY_BIT()s to send */
    unsigned reported, good;          /* likewise */
    unsigned held;                    /* likewise: the service asks to wait, which is no failure */
    struct addrset before[FAMILIES];  /* what the cache said before, for hooks */
    bool before_known[FAMILIES];
};

/* Jobs of one account: one after the other. */
struct lane {
    struct pass *pass;
    const char *account;
    struct memory *memory; /* owned */
    struct errand *first, *last;
    struct errand *now; /* under way */
};

/* One job and what it is about. */
struct errand {
    struct errand *next;
    struct lane *lane;
    struct target **targets; /* owned array; as the job's members */
    struct member *members;  /* owned */
    struct job job;
    struct transport transport;
    const struct protocol *dialogue;
    struct run_job *run; /* while under way */
    bool too_long;       /* to be sent again in halves */
    bool asked;          /* a request went out */
};

struct pass {
    struct pass_spec spec;
    struct pass_result result;
    struct moment now; /* of its begin */
    struct target *targets;
    size_t count;
    size_t waiting; /* answers of sources that are still to come */
    struct map *lanes;
    size_t lanes_busy;
    struct sets *sets;
    struct net_timer *timer; /* the next step, outside of callbacks */
    void (*step)(struct pass *p);
    bool cancelled;
};

/* The hosts in ddclient's order, with their sources. */
void target_collect(struct pass *p);
void target_release(struct pass *p);
/* Takes what the sources say; false and a message when the host has no address at all. */
bool target_learn(struct pass *p, struct target *t);
/* "[host]"; "[host][usev4=webv4 webv4=x]" with a family. Owned. */
char *target_context(const struct target *t, int family);
void target_decide(struct pass *p, struct target *t);

/* Puts all due targets into lanes and starts these. */
void send_all(struct pass *p);
void send_cancel(struct pass *p);
void send_free(struct pass *p);

/* The next step comes from the loop. */
void pass_next(struct pass *p, void (*step)(struct pass *p));
/* All lanes are through. */
void pass_sent(struct pass *p);

/* postscript= and hook= after the updates. */
void hook_run(struct pass *p);

#endif
