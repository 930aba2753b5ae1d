/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_STATE_BATCH_H
#define HOMING_STATE_BATCH_H

#include "state/state.h"

/*
 * What is inside a struct state_batch, for those who store one: the database here, the simulator's
 * memory in tests. A batch owns copies of everything; it knows nothing about where they go.
 */
enum change_kind {
    CHANGE_RECORD,
    CHANGE_ATTEMPTS,
    CHANGE_SETTLE, /* all go, into the records */
    CHANGE_SCOPE,
    CHANGE_BUCKET,
    CHANGE_MEMORY_CLEAR, /* all items of the account go; those that stay follow as items */
    CHANGE_MEMORY_ITEM,
    CHANGE_EVENT,
    CHANGE_FORGET /* the entry's records, both families; its history stays */
};

struct change {
    struct change *next; /* in the order they were added */
    enum change_kind kind;
    union {
        const struct state_record *record;
        const struct state_attempts *attempts;
        const struct state_scope *scope;
        const struct state_bucket *bucket;
        const struct state_event *event;
        const struct change_memory {
            const char *account;
            struct memory_item item; /* empty with CHANGE_MEMORY_CLEAR */
        } * memory;
        const char *forget;
    } of; /* owned by the batch, with every text inside */
};

const struct change *batch_first(const struct state_batch *b); /* NULL: empty */

#endif
