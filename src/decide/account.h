/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_DECIDE_ACCOUNT_H
#define HOMING_DECIDE_ACCOUNT_H

#include <stdbool.h>
#include <stdint.h>

#include "decide/schedule.h"

/*
 * The machine of one account: credentials at a provider, which work or do not work as a whole. A
 * provider that refuses this client (agent) has one too. account_event() is the only place where
 * its state changes.
 *
 *   open     its records may be sent
 *   waiting  the provider asked for fewer requests
 *   probing  settings changed or a person asked after a stop: one record is tried first
 *   stopped  until its settings change or a person asks
 *   blocked  by the provider: until a person clears it
 */
enum account_state {
    ACCOUNT_OPEN,
    ACCOUNT_WAITING,
    ACCOUNT_PROBING,
    ACCOUNT_STOPPED,
    ACCOUNT_BLOCKED,
    ACCOUNT_STATES
};

/* What only those have whom a provider once limited or refused, or had a word for. */
struct account_trouble {
    struct wait wait;
    msec since; /* mono: of the last limit */
    char *say;  /* owned: the provider's words, or NULL */
    uint16_t failures;
};

/* Small: in a fleet each hostname may have its own. */
struct account {
    struct account_trouble *trouble; /* owned; NULL: never any */
    uint8_t state;                   /* enum account_state */
    uint8_t last;                    /* enum outcome_class */
    bool stopped : 1;
    bool hard : 1;
    bool probe : 1;  /* try with one record first */
    bool out : 1;    /* that one is under way */
    bool proven : 1; /* these credentials have worked */
};

enum account_event {
    ACCOUNT_LOOK,
    ACCOUNT_GOOD,     /* the provider accepted something */
    ACCOUNT_LIMIT,    /* cls, word, say, started */
    ACCOUNT_REFUSED,  /* cls, say: stops, or blocks for abuse */
    ACCOUNT_SENDING,  /* a job leaves */
    ACCOUNT_RETURNED, /* a job ended and told nothing about the account */
    ACCOUNT_SETTINGS, /* its settings changed: ends a stop, not a block */
    ACCOUNT_ASKED,    /* a person asks: ends a stop, not a block */
    ACCOUNT_CLEARED,  /* a person says that the block is lifted, or insists */
    ACCOUNT_EVENTS
};

struct account_news {
    enum account_event event;
    enum outcome_class cls;
    msec word;
    const char *say;
    msec started; /* mono: when the job began; what began before the last limit is old news */
};

struct account_world {
    const struct schedule *schedule;
    const struct chance *chance;
    struct moment now;
    const char *about;
    msec online; /* mono: of the last network event; for endpoints */
};

/* What may leave now. */
enum account_room { ROOM_NONE, ROOM_ONE, ROOM_ALL };

void account_init(struct account *a);
void account_fini(struct account *a);
bool account_event(struct account *a, const struct account_news *news,
                   const struct account_world *w);
enum account_room account_room(const struct account *a);
msec account_at(const struct account *a); /* mono: when it looks at itself again; NEVER */
/* Never NULL, though there was none. Valid until the next event. */
const struct account_trouble *account_trouble(const struct account *a);
/* As it was when the process ended; say may be NULL. */
void account_remember(struct account *a, const struct wait *wait, unsigned failures,
                      const char *say);
/*
 * Does this class stop the whole account? A right or a feature that is missing stops only the
 * record once the same credentials have worked for others.
 */
bool account_answers(const struct account *a, enum outcome_class cls);
const char *account_state_name(enum account_state s);

#endif
