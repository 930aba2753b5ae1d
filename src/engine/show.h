/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_ENGINE_SHOW_H
#define HOMING_ENGINE_SHOW_H

#include "engine/inside.h"
#include "engine/messages.h"

/*
 * What a person sees of a record or a hostname: one of six states, why, and what comes next, from
 * the machines' own facts. It changes nothing.
 */
enum shown_state {
    SHOWN_RIGHT,
    SHOWN_CHANGING,
    SHOWN_WAITING,
    SHOWN_UNKNOWN,
    SHOWN_NEEDS_YOU,
    SHOWN_PAUSED,
    SHOWN_STATES
};

struct shown {
    enum shown_state state;
    bool nothing;           /* no address is here and none is published: not worth a claim */
    const char *reason;     /* code of a message */
    const char *next;       /* code, or NULL: nothing to do */
    msec next_at;           /* wall; 0: not known */
    enum outcome_class cls; /* why a person is needed; OUTCOME_NONE */
    struct message_values values;
    char address[ADDRSET_TEXT_MAX];
};

const char *shown_state_name(enum shown_state s);
/* Two that say the same about a hostname have the same provider, reason, ... */
void show_record(const struct engine *e, const struct entry *entry, enum family f,
                 struct shown *out);
/* The worst of its records. */
void show_entry(const struct engine *e, const struct entry *entry, struct shown *out);
/* The code of the sentence that says what an outcome of this class means. */
const char *show_class(enum outcome_class cls);
const char *show_provider(const struct engine *e, const struct entry *entry);

#endif
