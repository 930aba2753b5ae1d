/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_SIM_WORLD_H
#define HOMING_SIM_WORLD_H

#include "sim_net.h"
#include "sim_state.h"

/*
 * The other side: servers that work, hang, refuse, are down, overloaded or unreachable, accounts
 * with passwords and limits, and the names they hold. It watches every request for the rules of the
 * schedule, with its own book-keeping: what was told to the client, and when, decides what may come
 * next. The first rule that is broken is kept in words.
 */
enum {
    WORLD_SERVERS = 3,
    WORLD_ACCOUNTS = 4,
    WORLD_HOSTS = 16,
    WORLD_INTERFACES = 2,
    WORLD_LIMIT_N = 10
};
#define WORLD_LOSS "5.250.250.250" /* nobody's address otherwise */

enum server_mode {
    MODE_WORKS,
    MODE_HANGS,
    MODE_5XX,
    MODE_LIMIT, /* 429 */
    MODE_GARBAGE,
    MODE_REFUSED,
    MODE_NO_ROUTE,
    MODE_911,
    MODES
};

/* What was told to the client and must be kept to. Forgotten when it could not be remembered. */
struct promise {
    msec until; /* mono; 0: none */
    msec told;  /* mono */
};

struct server {
    enum server_mode mode;
    msec word; /* Retry-After of this phase; 0: without */
    unsigned failures;
    msec since; /* mono, of the last failure that counts */
    unsigned strange;
    struct promise closed;
    bool by_word;
    msec word_told; /* mono, never forgotten */
};

struct world_account {
    int server;
    char word[16]; /* its protocol */
    char login[16];
    unsigned password;       /* configured */
    unsigned right_password; /* at the provider */
    bool abused;             /* the provider blocks it */
    bool knows_refusal;      /* badauth was told */
    msec refusal_told;
    bool trial; /* after a refusal: one record is tried before the others follow */
    unsigned in_flight;
    msec changed;                    /* mono: when its password was changed last */
    bool knows_block, maybe_blocked; /* the latter even if the client may have forgotten */
    struct promise limit;
    msec limit_told; /* mono, never forgotten */
    msec writes[64]; /* mono, a ring of the last requests */
    unsigned write_count;
    bool present; /* stands in the configuration */
};

struct world_host {
    char name[32];
    char id[128]; /* of its entry */
    int account;
    bool family[FAMILIES];
    int interface;
    bool both; /* the other interface is its second uplink */
    bool present;
    enum { LOSS_KEEPS, LOSS_DELETES, LOSS_PARKS, LOSS_KINDS } loss; /* on-loss= */
    bool on_stop;                                                   /* on-stop=loss */
    bool disabled;      /* enabled=no: what on-loss= says is done */
    msec asked;         /* mono: when one of these was changed last, or the service was stopped */
    msec changed;       /* mono: when it came or went last */
    bool unknown_there; /* the provider does not know it */
    bool knows_unknown; /* ... and said so, of these: */
    struct addrset refused[FAMILIES];
    bool refused_none[FAMILIES]; /* no address was refused, too */
    bool maybe_stopped;          /* even if the client may have forgotten */
    bool mx;                     /* a setting that counts */
    struct addrset dns[FAMILIES];
    bool confirmed[FAMILIES]; /* the client knows that this stands there */
    struct addrset value[FAMILIES];
    msec confirmed_at[FAMILIES];
    bool maybe[FAMILIES]; /* a write's answer was lost: it is read before it is written again */
    struct promise wait;
    bool excuse[FAMILIES]; /* one request without a change is in order */
    bool insisted;         /* by force: waits do not count once */
    bool failed; /* the last word about it was none that is good: a person's wish is a new try */
    unsigned sent;
};

/* What is true of an interface's family, whatever anybody knows of it. */
struct world_line {
    bool gone;  /* known to be none; false: there is an address, or nobody knows */
    msec until; /* mono: when it was so last */
};

struct world {
    struct sim_net *net;
    struct world_line lines[WORLD_INTERFACES][FAMILIES];
    struct memstate *disk;
    bool lossless; /* no answer is lost any more */
    bool up;       /* the client may send */
    bool network;  /* an event let offline ones try again */
    unsigned life; /* of the client */
    msec floor;    /* wall: nothing may be sent below */
    struct server servers[WORLD_SERVERS];
    struct world_account accounts[WORLD_ACCOUNTS];
    struct world_host hosts[WORLD_HOSTS];
    unsigned account_count, host_count;
    unsigned long requests, published, needless_excused, losses;
    msec api[64]; /* mono, a ring: an API counts its requests by our address */
    unsigned api_count;
    char broken[1024]; /* the first rule that was broken; "" when none */
};

sim_world_fn world_answer;
bool world_gone(const struct world *w, const struct world_host *h, enum family f);
/* Can its provider's way to speak take a record away? */
bool world_deletes(const struct world *w, const struct world_host *h);
void world_broken(struct world *w, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The client crashed: what it could not remember is no promise any more. "stored": mono time up to
 * which its disk knows everything; "jumped": the wall clock stepped since. */
void world_crashed(struct world *w, msec stored, bool jumped);
/* The client is told to end: what is under way it gives up, and hears no answer to. */
void world_stopping(struct world *w);
/* A person asked for a host (or for all, NULL). */
void world_asked(struct world *w, struct world_host *h, bool force);
/* It goes by another way out from now on: what failed by the former one says nothing of it. */
void world_way(struct world *w, struct world_host *h);
/* Settings of an account or host changed and were loaded. */
void world_account_changed(struct world *w, unsigned account);
void world_host_changed(struct world *w, struct world_host *h);
void world_excuse(struct world_host *h); /* both families may be sent once without a change */

#endif
