/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_PUBLISH_PLAN_H
#define HOMING_PUBLISH_PLAN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/addr.h"
#include "base/outcome.h"
#include "publish/step.h"

/*
 * The planner: what to write so that a set of values becomes what it should be, given what stands
 * there, which of it is ours, and what the provider can do. Pure: it sends and remembers nothing.
 * One call plans one name and one type; the other family is never looked at.
 */
enum plan_kind {
    PLAN_CREATE,  /* one record; where the API sets whole sets: the set, when none exists */
    PLAN_REPLACE, /* the record "element" gets "value" */
    PLAN_DELETE,  /* the record "element"; the whole set when it is -1 */
    PLAN_SET,     /* the set becomes "values" */
    PLAN_ADD,     /* "value" joins the set */
    PLAN_REMOVE,  /* "value" leaves the set */
    PLAN_KINDS
};
#define PLAN_CAN(kind) (1u << (kind))

enum { PLAN_VALUES_MAX = 64, PLAN_OPS_MAX = 2 * PLAN_VALUES_MAX };

struct plan_in {
    enum step_policy policy;
    unsigned can;                    /* PLAN_CAN() bits */
    bool empty_set;                  /* PLAN_SET may set no values at all */
    bool stale;                      /* write ours even when the value is right (its TTL differs) */
    bool no_compare;                 /* POLICY_FIRST: write without looking at the value */
    const struct addrset *wanted;    /* empty: delete ours */
    const struct addrset *published; /* what we wrote last; NULL when not known */
    const struct addr *existing;     /* in the order of the reply */
    size_t existing_count;           /* at most PLAN_VALUES_MAX */
};

struct plan_op {
    enum plan_kind kind;
    int element; /* index in existing, or -1 */
    struct addr value, old;
    struct addr values[PLAN_VALUES_MAX]; /* PLAN_SET, PLAN_CREATE of a set */
    size_t value_count;
};

struct plan {
    enum outcome_class cls; /* good: carry out the ops; else the outcome, nothing to write */
    char say[640];
    struct plan_op *ops; /* owned */
    size_t op_count;
    bool adopted; /* a single value that was not known to be ours is taken for ours */
};

void plan_make(const struct plan_in *in, struct plan *out);
void plan_free(struct plan *p);

#endif
