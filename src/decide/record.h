/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_DECIDE_RECORD_H
#define HOMING_DECIDE_RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "decide/due.h"
#include "decide/set.h"
#include "decide/wanted.h"

/*
 * The machine of one record (an entry, one family). It knows what is wanted and what is published
 * and says when the record may be sent; whether its account and endpoint take it then is theirs to
 * say. record_event() is the only place where a state changes.
 *
 *   off      disabled or parked: nothing until that changes
 *   unknown  nothing is known to be wanted: the record is left alone
 *   right    wanted is published; looks again when max-interval ends
 *   waiting  due, and held back until "at"
 *   ready    due, to be handed to the account
 *   sending  an attempt is under way
 *   stopped  until settings change (for some classes also the address), or a person asks
 */
enum record_state {
    RECORD_OFF,
    RECORD_UNKNOWN,
    RECORD_RIGHT,
    RECORD_WAITING,
    RECORD_READY,
    RECORD_SENDING,
    RECORD_STOPPED,
    RECORD_STATES
};

/* What only those have that wait or were refused, since their last success, or whose last outcome
 * had words. */
struct record_trouble {
    struct wait wait;
    const struct set *refused_set; /* what the stop is about, eased or not; NULL; one count */
    char *say;                     /* owned: the last outcome's words, or NULL */
};

/* Small: there are two for each of a hundred thousand hostnames. */
struct record {
    const struct set *wanted;                  /* NULL: unknown; one count each */
    const struct set *published;               /* NULL: unknown */
    const struct set *tried;                   /* last sent; NULL: never */
    msec published_at, changed_at, attempt_at; /* mono; LONG_AGO: never */
    msec at;                                   /* mono: when it looks at itself again; NEVER */
    struct record_trouble *trouble;            /* owned; NULL: none */
    uint64_t content; /* the owner's: fingerprint of what was published with it; 0: none yet */
    uint16_t failures;
    uint8_t last;        /* enum outcome_class; OUTCOME_NONE: never */
    uint8_t state : 4;   /* enum record_state */
    uint8_t family : 4;  /* enum family */
    uint8_t lack : 4;    /* enum wanted_lack */
    uint8_t refused : 4; /* enum addr_kind */
    uint8_t why : 4;     /* enum due_why */
    uint8_t hold : 4;    /* enum due_hold */
    bool enabled : 1;
    bool stopped : 1;
    bool eased : 1;  /* not stopped, because another address than the refused one is wanted */
    bool open : 1;   /* an attempt is under way, or was when the process ended */
    bool failed : 1; /* the last attempt did not succeed */
    bool word : 1;   /* the wait is the provider's own word */
    bool forced : 1;
    bool asked : 1;
    bool settings : 1; /* settings that count changed since the last success */
    bool again : 1;    /* the same, while an attempt is under way */
    bool differs : 1;
    bool astray : 1; /* what was tried may stand there in place of what is published */
    bool doubt : 1;  /* nobody knows what stands there: ask first */
};

enum record_event {
    RECORD_LOOK, /* the time came, or facts were loaded */
    RECORD_ENABLE,
    RECORD_DISABLE,
    RECORD_WANTED,   /* set (NULL: unknown), lack, refused */
    RECORD_SETTINGS, /* some setting of the entry changed: stops end; "counts": it is due */
    RECORD_ASKED,    /* a person: stops and waits of our own end; "counts": also when unchanged */
    RECORD_FORCED,   /* a person insists */
    RECORD_WAY,      /* it goes by another way out: a wait of our own ends */
    RECORD_DIFFERS,  /* the DNS says something else */
    RECORD_HANDED,   /* handed over: an attempt begins */
    RECORD_GOOD,     /* outcome good or nochg: set is what stands there now */
    RECORD_TROUBLE,  /* an outcome that this record answers for: cls, word, say; "counts": what was
                        sent may have arrived all the same */
    RECORD_RETURNED, /* not its fault or not sent at all: cls and say may tell why; "counts" too */
    RECORD_LOST,     /* the process ended while an attempt was under way */
    RECORD_DOUBT,    /* what stands there is not known for sure: it is asked before it is sent */
    RECORD_ANSWERED, /* it was asked: set stands there already (nothing is sent); NULL: it does not
                      */
    RECORD_EVENTS
};

struct record_news {
    enum record_event event;
    const struct set *set;
    enum wanted_lack lack;
    enum addr_kind refused;
    enum outcome_class cls;
    msec word; /* the provider's own wait, 0: none */
    const char *say;
    bool counts;
};

/* What stays the same for all events of a turn. */
struct record_world {
    const struct schedule *schedule;
    const struct due_rules *rules;
    const struct chance *chance;
    struct moment now;
    const char *about; /* the hostname, for the log */
};

/* Of a family that nobody asks for: unknown for ever. */
extern const struct record record_none[FAMILIES];

void record_init(struct record *r, enum family family);
void record_fini(struct record *r);
/* Never NULL, though there was none. Valid until the next event. */
const struct record_trouble *record_trouble(const struct record *r);
/* As it was when the process ended; refused_set and say may be NULL. */
void record_remember(struct record *r, const struct wait *wait, const struct set *refused_set,
                     const char *say);
/* The one transition function. True when something that people may see changed. */
bool record_event(struct record *r, const struct record_news *news, const struct record_world *w);
const char *record_state_name(enum record_state s);

#endif
