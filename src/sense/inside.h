/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_SENSE_INSIDE_H
#define HOMING_SENSE_INSIDE_H

#include "base/map.h"
#include "net/ifwatch.h"
#include "net/net.h"
#include "sense/real.h"
#include "sense/spec.h"

/*
 * What the sources share: for the files of this room only. A kind of source is a file with one
 * struct source_kind and a row in spec.c's table of words.
 */

struct source_kind {
    const char *name; /* "interface", "web" ... */
    bool polls;       /* is asked every "poll" of the options; else it hears by itself */
    msec every;       /* but at least so often; 0: no bound of its own */
    size_t size;      /* of its own data, zeroed before open() */
    void (*open)(struct source *s); /* may be NULL */
    /* Find out. Leads to one source_known/none/unknown for each family of the spec, now or later.
     * Never called again before that. */
    void (*ask)(struct source *s);
    void (*close)(struct source *s); /* stops what is under way; may be NULL */
    /* The tables of interfaces changed; NULL: nothing to do but, if it polls, to ask again. */
    void (*network)(struct source *s);
    /* A part has a new value; NULL: it has no parts. */
    void (*part)(struct source *s, struct source *part);
    /* Tells the outside hosts that it may ask; NULL: it asks none. */
    void (*outside)(const struct source *s, sense_outside_fn *fn, void *arg);
    bool only_parts; /* its answers are those of its parts: it is not asked itself */
};

enum { PARTS_MAX = 3 };

/* A part's place in a whole, in the list of the part's places. */
struct hold {
    struct source *whole;
    struct hold *next, *prev;
};

struct source {
    struct real *real;
    struct spec spec; /* owned */
    char *key;        /* of the spec */
    struct sensed values[FAMILIES];
    unsigned uses;  /* by the engine */
    unsigned holds; /* by sources that have it as a part */
    unsigned idle;  /* of those, who need no news at present */
    void *data;     /* of the kind */
    struct net_timer *timer;
    bool asking;
    bool ask_again;    /* what is under way is out of date */
    unsigned tell;     /* families whose next answer is told even if nothing changed */
    unsigned failures; /* in a row, of a polling source */
    msec asked_mono;   /* when the last question began */
    msec network_mono; /* when it was last asked because of the network */
    uint64_t way;      /* its uplink's interface, as it was at the last change */
    bool watches_cut;  /* somebody wants to know: */
    bool cut[FAMILIES];
    struct source *parts[PARTS_MAX];
    struct hold places[PARTS_MAX]; /* of its parts */
    struct hold *wholes;           /* whose part it is */
    struct source *next, *prev;
};

struct real {
    struct sense sense;
    struct sense_options options;
    struct ifwatch *watch;
    struct net_timer *look;  /* the confirming look at the interfaces */
    struct net_timer *sweep; /* frees what nobody uses any more */
    struct source *sources;
    struct map *by_key;
    struct map *by_device;        /* the first of its sources: see source_pushed.c */
    bool quiet;                   /* inside use(): nothing is told */
    bool watched;                 /* the tables were complete once */
    uint64_t ways_out, addresses; /* as they were at the last change */
    struct source
        *survey; /* the router, asked for the verdict on the place; NULL: nobody wants it */
    bool has_outside[FAMILIES];
    struct addr outside[FAMILIES]; /* as seen on the way out of now */
};

/* The tables, or NULL when they are not there (yet). */
const struct iftable *real_table(const struct real *r);
/* The interface that the source's uplink names, by itself or by its address. NULL: it has no
 * uplink, the uplink has a routing mark alone, or there is no such interface now. */
const struct if_link *real_uplink(const struct source *s);
/* The default route by which its questions leave; NULL: none is known. */
const struct if_route *real_route(const struct source *s, enum family f);
/* A part of a composite source, shared like any other. Takes the spec over. */
struct source *real_hold(struct real *r, struct spec *spec);
/* Ask it now; its answer is told to whom it is a part of, also when nothing changed. */
void real_ask_part(struct source *s);

/* --- answers; "error" is a doubt with source_known(), and may be NULL there --- */
void source_known(struct source *s, const struct addr *a, const char *error);
void source_set(struct source *s, enum family f, enum sensed_state state, const struct addrset *set,
                const char *error);
void source_unknown(struct source *s, enum family f, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Unknown, since who was asked has none itself. */
void source_empty(struct source *s, enum family f, const char *error);
/* Every family of the spec. */
void source_unknown_all(struct source *s, const char *error);
/* The question is answered: the next one can be planned. */
void source_answered(struct source *s, bool well);

/* The sources of what a device tells: the first with "after" NULL, then the one after it. */
struct source *source_of_device(const struct real *r, const char *device,
                                const struct source *after);

struct transport spec_transport(const struct spec *spec);

extern const struct source_kind source_fixed, source_broken, source_interface, source_prefix,
    source_web, source_device, source_command, source_file, source_auto, source_either,
    source_suffix, source_suffix_dns, source_pushed, source_natpmp, source_pcp, source_upnp,
    source_stun, source_dns, source_tr064, source_router;

#endif
