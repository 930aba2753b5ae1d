/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_ENGINE_ENGINE_H
#define HOMING_ENGINE_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/clock.h"
#include "base/error.h"
#include "base/outcome.h"
#include "conf/conf.h"
#include "conf/runner.h"
#include "decide/schedule.h"
#include "net/net.h"
#include "publish/provider.h"
#include "publish/step.h"
#include "sense/sense.h"
#include "state/state.h"

/*
 * The conductor: the one place that knows the whole way. It follows the sources, asks decide/ what
 * is due, has the attempts committed, runs the jobs, remembers what they led to and tells those who
 * watch. It opens no socket and no file: everything it does goes through the seams. One thread; no
 * observer is called inside a call of the one who watches.
 */
struct engine;

struct engine_seams {
    struct net *net;
    struct sense *sense; /* its fn is set by the engine */
    struct state *state;
    struct registry *registry;
    struct runner *runner; /* NULL: no commands are run after a change */
    /* The wire dialogue of a name; NULL: registry_dialogue. */
    const struct protocol *(*dialogue)(const char *name);
};

enum { ENGINE_KEY_SIZE = 32 };
struct engine_options {
    const struct schedule *schedule; /* NULL: schedule_default */
    uint8_t key[ENGINE_KEY_SIZE];    /* of the state folder: keys the fingerprints of settings */
    const char *agent;               /* User-Agent, NULL: homing's own */
    /* Somebody asks the DNS (checks.h) and calls engine_answered(): where nobody knows what stands
     * at a provider that can not be read, nothing is sent before that. */
    bool asks;
    /* Somebody may ask what was exchanged with providers (report_exchange()): the latest is kept.
     */
    bool exchanges;
};

struct engine *engine_new(const struct engine_seams *seams, const struct engine_options *options);
/* The net as the engine uses it: what else speaks for its entries does so by this one, since what
 * becomes of it tells which ways out work. Its exchanges may end after the engine. */
struct net *engine_net(const struct engine *e);
/* At once: what is under way is abandoned. Stop first for a clean end. NULL is fine. */
void engine_free(struct engine *e);

/*
 * The configuration, first and on every reload. Entries are matched by identity: what is remembered
 * about them stays. The first load reads the state (an error is told and leaves an engine without
 * memory). Keeps a count of conf.
 */
enum err engine_load(struct engine *e, struct conf *conf, struct cause *c);
struct conf *engine_conf(const struct engine *e); /* borrowed; NULL before the first load */

void engine_start(struct engine *e);
/* Before engine_stop(): carries out on-loss= for the hostnames with on-stop=loss. done is called
 * once, later, when that is over or after "limit". */
void engine_leave(struct engine *e, msec limit, void (*done)(void *arg), void *arg);
/* Takes no new work, cancels jobs, waits for promised logouts (bounded) and for the last commit. */
void engine_stop(struct engine *e, void (*done)(void *arg), void *arg);
/* Instead of engine_stop(), or while it waits: what is known is committed, requests under way are
 * let go. It depends on no timer; engine_free() may follow at once. */
void engine_drop(struct engine *e);
/* The service's own switch (updates off): senses and shows, sends nothing. */
void engine_switch(struct engine *e, bool on);
/* The file of the configuration can not be used, and why, for people: what runs is what was good
 * before. NULL: it can again. Copies. */
void engine_conf_refused(struct engine *e, const char *why);
bool engine_is_on(const struct engine *e);
/* The longest that work was late within the last hour, and when (wall); 0: it was in time. */
msec engine_late(const struct engine *e, msec *at);

/*
 * A person's "update now": of one entry by identity, or of all (NULL). Asks the sources again, ends
 * stops and waits of our own, and sends one entry even when nothing changed. "force" also passes
 * the provider's own word, min-interval and blocks, and sends all. ERR_NOT_FOUND, ERR_DENIED
 * (parked, off, blocked without force; the cause says so).
 */
enum err engine_update(struct engine *e, const char *entry, bool force, struct cause *c);
/* A person says that what the provider blocked is cleared there. */
enum err engine_resume(struct engine *e, const char *entry, struct cause *c);
/*
 * Takes the records that homing published for the entry away at the provider, by the ordinary way
 * (accounts, budgets, commits). fn is called once, later: OK when nothing of ours stands there any
 * more; the entry should then leave the configuration within a minute, else it is published again.
 * ERR_UNSUPPORTED: this provider can not; ERR_DENIED, ERR_NOT_FOUND, ERR_BUSY at once.
 */
typedef void engine_removed_fn(void *arg, enum err result, const char *say);
enum err engine_remove(struct engine *e, const char *entry, engine_removed_fn *fn, void *arg,
                       struct cause *c);
/* The network changed in a way that no source shows (a route, a resolver). */
void engine_network_changed(struct engine *e);

/* What verify/ found for a record. */
struct engine_verified {
    enum { VERIFIED_NEVER, VERIFIED_AGREES, VERIFIED_DIFFERS, VERIFIED_UNKNOWN } state;
    unsigned agree, servers;
    msec at;          /* wall */
    bool api;         /* the provider was asked in place of the DNS */
    bool majority;    /* of the servers that are up to date says something else */
    bool intercepted; /* somebody on the way answered in the name servers' place */
    uint32_t ttl;     /* seconds: so long visitors may keep a former address; 0: not known */
    char *served;     /* copied. "example.org (ns1.example.net, ...)": who serves the zone, when no
                         server has what was published; else NULL */
};
/* "heal": the difference counts (verify's own rule): one ordinary attempt follows. */
void engine_verified(struct engine *e, const char *entry, enum family family,
                     const struct engine_verified *found, bool heal);

/* What the DNS was asked about a record that waits for it: are these addresses there already? Then
 * nothing is sent. "asked" that is not wanted any more is no answer. */
void engine_answered(struct engine *e, const char *entry, enum family family,
                     const struct addrset *asked, bool there);

/* One pass for "homing once": every source is asked, what is due is sent; done is called when
 * everything has an outcome or waits for more than this pass, or when "limit" is over. */
struct engine_once_result {
    unsigned published, unchanged, failed, waiting, blocked, no_address;
    unsigned left; /* not sent yet, or without an outcome, where it ended before it was done */
    bool out_of_time;
};
void engine_once(struct engine *e, msec limit,
                 void (*done)(void *arg, const struct engine_once_result *result), void *arg);
/* How far a pass is: its result if it ended now. Zeros when none is under way. Returns how many
 * records it is about. */
size_t engine_once_so_far(const struct engine *e, struct engine_once_result *result);

/*
 * What would be sent for an entry: the real protocol as a dry run. The entry may be of another
 * configuration (a form that is not saved yet); conf is the one it belongs to.
 */
enum engine_plan_how {
    PLAN_READS,   /* reads and sessions are sent, writes are shown */
    PLAN_OFFLINE, /* nothing is sent */
    PLAN_SENDS    /* a trial: everything is sent, once, and none of it is remembered */
};
struct engine_plan_step {
    const char *text;  /* masked, one line */
    const char *whole; /* masked, with headers and body */
    bool writes;
    /* What came back, masked, its beginning in one line; NULL: it was not sent. Nothing of the body
     * of a login's answer. */
    const char *answer;
};
struct engine_plan_result {
    const struct engine_plan_step *steps;
    size_t step_count;
    enum outcome_class cls; /* OUTCOME_GOOD: this is what would be sent, or nothing would */
    const char *say;        /* the outcome's words, or NULL */
    bool known[FAMILIES];   /* an address to publish is known */
    struct addrset wanted[FAMILIES];
    /* Else, where one was found that is not published: what it is, and it. ADDR_PUBLIC: none. */
    enum addr_kind refused[FAMILIES];
    struct addr refused_address[FAMILIES];
};
typedef void engine_plan_fn(void *arg, const struct engine_plan_result *result); /* once, later */
enum err engine_plan(struct engine *e, struct conf *conf, const struct conf_entry *entry,
                     enum engine_plan_how how, engine_plan_fn *fn, void *arg, struct cause *c);

/* Walks the sources of every entry that is in use, in the order of the file. */
void engine_each_source(const struct engine *e,
                        void (*fn)(void *arg, const struct conf_entry *entry, enum family family,
                                   const struct source *source),
                        void *arg);
/* What is published of the record, as far as homing knows; NULL: it does not know. Valid until the
 * next turn. */
const struct addrset *engine_published(const struct engine *e, const char *entry,
                                       enum family family);

/* Those who watch. Members may be NULL. Changes of a turn are told once at its end. */
enum { ENGINE_MANY = 4096 };
struct engine_observer {
    void *arg;
    void (*entry_changed)(void *arg, const char *entry);
    /* In place of the calls for each, when more than ENGINE_MANY changed at once; NULL: each. */
    void (*many_changed)(void *arg);
    void (*entry_gone)(void *arg, const char *entry);
    void (*verdict_changed)(void *arg);
    void (*source_changed)(void *arg, const char *source);
    /* Another set was published in place of the former, known one. At once, inside the turn: only
     * to be noted. */
    void (*published)(void *arg, const char *entry, enum family family,
                      const struct addrset *former, const struct addrset *now);
};
/* Copies; returns a handle for engine_unobserve(). */
unsigned engine_observe(struct engine *e, const struct engine_observer *observer);
void engine_unobserve(struct engine *e, unsigned handle);

#endif
