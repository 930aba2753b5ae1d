/*
 * SPDX-License-Identifier: ISC
 */
#include "publish/plan.h"

#include "base/mem.h"

#include <stdio.h>
#include <string.h>

/* What existing values are, as flags beside them. */
struct view_of {
    const struct plan_in *in;
    bool ours[PLAN_VALUES_MAX];
    bool surplus[PLAN_VALUES_MAX];
    struct addr missing[ADDRSET_MAX];
    size_t missing_count, surplus_count, ours_count;
};

static bool can(const struct plan_in *in, enum plan_kind kind)
{
    return (in->can & PLAN_CAN(kind)) != 0;
}

static struct plan_op *add_op(struct plan *out, enum plan_kind kind, int element)
{
    out->ops = mem_more(out->ops, out->op_count, sizeof out->ops[0]);
    struct plan_op *op = &out->ops[out->op_count++];
    memset(op, 0, sizeof *op);
    op->kind = kind;
    op->element = element;
    return op;
}

static void add_value(struct plan_op *op, const struct addr *a)
{
    if (op->value_count < PLAN_VALUES_MAX)
        op->values[op->value_count++] = *a;
}

static void refuse(struct plan *out, enum outcome_class cls, const char *what)
{
    out->cls = cls;
    snprintf(out->say, sizeof out->say, "%s", what);
}

static bool stands(const struct plan_in *in, const struct addr *a)
{
    for (size_t i = 0; i < in->existing_count; i++)
        if (addr_equal(&in->existing[i], a))
            return true;
    return false;
}

static void look(const struct plan_in *in, struct view_of *v)
{
    /* Where values are removed by name, removing one of two equal ones would remove both. */
    bool by_value = can(in, PLAN_ADD) && !can(in, PLAN_SET);

    *v = (struct view_of){.in = in};
    for (size_t i = 0; i < in->existing_count; i++) {
        const struct addr *e = &in->existing[i];
        bool wanted = addrset_has(in->wanted, e);
        v->ours[i] = in->policy == POLICY_REPLACE || in->existing_count == 1 || wanted ||
                     (in->published != NULL && addrset_has(in->published, e));
        v->surplus[i] = v->ours[i] && !wanted;
        for (size_t j = 0; j < i && wanted && in->policy == POLICY_REPLACE && !by_value; j++)
            if (addr_equal(&in->existing[j], e))
                v->surplus[i] = true; /* the same value twice */
        v->surplus_count += v->surplus[i];
        v->ours_count += v->ours[i];
    }
    for (size_t i = 0; i < in->wanted->count; i++)
        if (!stands(in, &in->wanted->items[i]))
            v->missing[v->missing_count++] = in->wanted->items[i];
}

static void tell_conflict(const struct plan_in *in, struct plan *out)
{
    size_t n = 0;
    char text[ADDR_TEXT_MAX];

    out->cls = OUTCOME_CONFLICT;
    n = (size_t)snprintf(out->say, sizeof out->say,
                         "there are several values and none is known to be ours: ");
    for (size_t i = 0; i < in->existing_count && n + 200 < sizeof out->say; i++)
        n += (size_t)snprintf(out->say + n, sizeof out->say - n, "%s%s", i > 0 ? ", " : "",
                              addr_text(&in->existing[i], text));
    snprintf(out->say + n, sizeof out->say - n,
             "; set policy=keep to add ours beside them, policy=replace to have only ours, or "
             "delete the "
             "wrong ones at the provider");
}

/* The whole set in one write. */
static void plan_set(const struct view_of *v, struct plan *out)
{
    const struct plan_in *in = v->in;
    bool whole_new = in->existing_count == 0 && can(in, PLAN_CREATE);
    struct plan_op *op = add_op(out, whole_new ? PLAN_CREATE : PLAN_SET, -1);

    for (size_t i = 0; i < in->existing_count; i++)
        if (!v->surplus[i])
            add_value(op, &in->existing[i]);
    for (size_t i = 0; i < v->missing_count; i++)
        add_value(op, &v->missing[i]);
    if (op->value_count > 0) {
        op->value = in->wanted->count > 0 ? in->wanted->items[0] : op->values[0];
        return;
    }
    if (can(in, PLAN_DELETE)) {
        op->kind = PLAN_DELETE;
        op->old = in->existing[0];
        for (size_t i = 0; i < in->existing_count; i++)
            add_value(op, &in->existing[i]); /* some want to be told what they delete */
    } else if (!in->empty_set) {
        out->op_count = 0;
        refuse(out, OUTCOME_INPUT,
               "this provider can not delete a record: delete it there by hand");
    }
}

/* Value by value: what is new comes first, so that the name never stands empty. */
static void plan_values(const struct view_of *v, struct plan *out)
{
    for (size_t i = 0; i < v->missing_count; i++)
        add_op(out, PLAN_ADD, -1)->value = v->missing[i];
    for (size_t i = 0; i < v->in->existing_count; i++)
        if (v->surplus[i]) {
            struct plan_op *op = add_op(out, PLAN_REMOVE, (int)i);
            op->value = op->old = v->in->existing[i];
        }
}

/* Record by record: old ones become new ones, then what is left is created or deleted. */
static void plan_records(const struct view_of *v, struct plan *out)
{
    const struct plan_in *in = v->in;
    size_t next = 0;
    bool replaced[PLAN_VALUES_MAX] = {false};

    for (size_t i = 0; i < in->existing_count && can(in, PLAN_REPLACE); i++) {
        bool stale = in->stale && v->ours[i] && !v->surplus[i];
        if (!stale && (!v->surplus[i] || next == v->missing_count))
            continue;
        struct plan_op *op = add_op(out, PLAN_REPLACE, (int)i);
        op->old = in->existing[i];
        op->value = stale ? in->existing[i] : v->missing[next++];
        replaced[i] = true;
    }
    for (; next < v->missing_count; next++) {
        if (!can(in, PLAN_CREATE)) {
            out->op_count = 0;
            refuse(out, OUTCOME_NO_HOST,
                   "the record does not exist, and it can not be created from here: create it at "
                   "the provider first");
            return;
        }
        struct plan_op *op = add_op(out, PLAN_CREATE, -1);
        op->value = v->missing[next];
        add_value(op, &op->value);
    }
    for (size_t i = 0; i < in->existing_count; i++) {
        if (!v->surplus[i] || replaced[i])
            continue;
        if (!can(in, PLAN_DELETE)) {
            if (out->op_count == 0)
                refuse(out, OUTCOME_INPUT,
                       "this provider can not delete a record: delete it there by hand");
            return;
        }
        add_op(out, PLAN_DELETE, (int)i)->old = in->existing[i];
    }
}

/* As the namesake does: the first record found is the one. */
static void plan_first(const struct plan_in *in, struct plan *out)
{
    const struct addr *want = &in->wanted->items[0];

    if (!in->no_compare && in->existing_count > 0 && addr_equal(&in->existing[0], want)) {
        out->cls = OUTCOME_NOCHG;
    } else if (can(in, PLAN_ADD)) {
        add_op(out, PLAN_ADD, -1)->value = *want;
        for (size_t i = 0; i < in->existing_count; i++)
            if (!addr_equal(&in->existing[i], want))
                add_op(out, PLAN_REMOVE, (int)i)->value = in->existing[i];
    } else if (in->existing_count == 0 && can(in, PLAN_CREATE)) {
        struct plan_op *op = add_op(out, PLAN_CREATE, -1);
        op->value = *want;
        add_value(op, want);
    } else if (can(in, PLAN_SET)) {
        struct plan_op *op = add_op(out, PLAN_SET, -1);
        op->value = *want;
        add_value(op, want);
    } else if (in->existing_count > 0 && can(in, PLAN_REPLACE)) {
        struct plan_op *op = add_op(out, PLAN_REPLACE, 0);
        op->value = *want;
        op->old = in->existing[0];
    } else {
        refuse(out, OUTCOME_NO_HOST,
               "the record does not exist, and this protocol does not create it: create it at the "
               "provider first");
    }
}

void plan_make(const struct plan_in *in, struct plan *out)
{
    struct view_of v;

    *out = (struct plan){.cls = OUTCOME_GOOD};
    if (in->existing_count > PLAN_VALUES_MAX) {
        refuse(out, OUTCOME_CONFLICT, "there are too many values at this name");
        return;
    }
    /* The namesakes delete nothing: who asks for that (on-loss=, remove --record) means ours. */
    if (in->policy == POLICY_FIRST && in->wanted->count > 0) {
        plan_first(in, out);
        return;
    }
    look(in, &v);
    if (v.missing_count > 0 && in->existing_count > 1 && v.ours_count == 0 &&
        in->policy != POLICY_BESIDE) {
        tell_conflict(in, out);
        return;
    }
    out->adopted = in->existing_count == 1 && v.surplus_count == 1 &&
                   (in->published == NULL || !addrset_has(in->published, &in->existing[0]));
    bool set = can(in, PLAN_SET);
    bool stale = in->stale && v.ours_count > 0 && (set || can(in, PLAN_REPLACE));
    if (v.missing_count == 0 && v.surplus_count == 0 && !stale) {
        out->cls = OUTCOME_NOCHG;
        return;
    }
    /* A whole set in one write where nothing foreign stands in it; else value by value, and only
     * where that is impossible the set with the foreign values put back. */
    bool by_value = can(in, PLAN_ADD) || can(in, PLAN_REPLACE);
    if (set && (v.ours_count == in->existing_count || !by_value || stale))
        plan_set(&v, out);
    else if (can(in, PLAN_ADD))
        plan_values(&v, out);
    else
        plan_records(&v, out);
}

void plan_free(struct plan *p)
{
    mem_free(p->ops);
    *p = (struct plan){0};
}
