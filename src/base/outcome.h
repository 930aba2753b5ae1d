/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_BASE_OUTCOME_H
#define HOMING_BASE_OUTCOME_H

#include <stdbool.h>

#include "base/addr.h"
#include "base/clock.h"

/*
 * What a job led to. One list of classes for all providers and protocols; each has a scope (what it
 * is about) and a duty (what the schedule does next).
 */
enum outcome_class {
    OUTCOME_GOOD,      /* published */
    OUTCOME_NOCHG,     /* it was so already */
    OUTCOME_EXISTS,    /* "already exists": good if a re-read agrees */
    OUTCOME_NONE,      /* an empty result of a read; never leaves the protocol */
    OUTCOME_AUTH,      /* credentials refused */
    OUTCOME_FORBIDDEN, /* credentials known, right missing */
    OUTCOME_FEATURE,   /* not in this plan or paid for */
    OUTCOME_ABUSE,     /* blocked by the provider */
    OUTCOME_AGENT,     /* our client is refused: our fault */
    OUTCOME_NO_ZONE,
    OUTCOME_NO_HOST,
    OUTCOME_CONFLICT,  /* a CNAME, foreign values, a prerequisite that did not hold */
    OUTCOME_INPUT,     /* the provider calls a value wrong */
    OUTCOME_NO_RECORD, /* the record's id is stale */
    OUTCOME_LIMIT,     /* too many requests */
    OUTCOME_BUSY,      /* locked, a prior change is pending */
    OUTCOME_SESSION,   /* log in again */
    OUTCOME_CLOCK,     /* our clock is refused */
    OUTCOME_TOO_LONG,  /* halve the batch */
    OUTCOME_SERVER,    /* trouble there: 5xx, 911, dnserr, time-out, reset */
    OUTCOME_UNKNOWN,   /* an answer that fits no rule */
    OUTCOME_OFFLINE,   /* no route, no name look-up: not a try */
    OUTCOME_TLS,       /* the server could not prove who it is; nothing was sent */
    OUTCOME_CLASSES
};

enum outcome_scope {
    SCOPE_RECORD,
    SCOPE_ZONE,
    SCOPE_ACCOUNT,
    SCOPE_PROVIDER,
    SCOPE_ENDPOINT,
    SCOPE_JOB
};
enum outcome_duty {
    DUTY_DONE,      /* nothing more to do */
    DUTY_STOP,      /* until settings (for SCOPE_RECORD also the address) change or a person asks */
    DUTY_STOP_HARD, /* until a person clears it (abuse) */
    DUTY_WAIT,      /* the provider's word, else the base wait of the class */
    DUTY_BACKOFF,   /* 1, 2, 5, 15, 30, 60 min with jitter */
    DUTY_REPEAT,    /* at once, once, inside the protocol or by halving the job */
    DUTY_OFFLINE,   /* not a try: on the next network event, or after 30 s */
};

struct outcome_rule {
    const char *name; /* "good", "no-host": as in provider files, API, metrics */
    enum outcome_scope scope;
    enum outcome_duty duty;
    const char
        *meaning; /* a sentence for people: "The provider refuses the login or the password." */
    const char *advice; /* what to do next; "" when homing goes on by itself */
};

const struct outcome_rule *outcome_rule(enum outcome_class c); /* never NULL */
bool outcome_class_parse(const char *name, enum outcome_class *out);
bool outcome_is_good(enum outcome_class c); /* good or nochg */

/* One outcome of a job. */
struct outcome {
    int member;        /* index in the job, or -1: the whole scope of its class */
    unsigned families; /* FAMILY_BIT()s it is about; 0 with member -1 */
    enum outcome_class cls;
    msec wait; /* the provider's own word (Retry-After), 0 when none */
    char *say; /* owned: the provider's words or what was found, without secrets; may be NULL */
    bool set_known; /* sets[] below tell what now stands at the provider */
    struct addrset sets[FAMILIES];
};

#endif
