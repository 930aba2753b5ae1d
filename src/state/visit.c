/*
 * SPDX-License-Identifier: ISC
 */
#include "state/visit.h"

void visit_init(struct visit *visit, const struct state_visitor *visitor)
{
    *visit = (struct visit){.visitor = visitor, .underway = underway_new()};
    buf_init(&visit->room, INT32_MAX);
}

void visit_fini(struct visit *visit)
{
    underway_free(visit->underway);
    buf_free(&visit->room);
}

bool visit_wants(const struct visit *visit, enum table_id id)
{
    const struct state_visitor *v = visit->visitor;

    switch (id) {
    case TABLE_ATTEMPT:
    case TABLE_RECORD:
        return v == NULL || v->record != NULL;
    case TABLE_SCOPE:
        return v == NULL || v->scope != NULL;
    case TABLE_BUCKET:
        return v == NULL || v->bucket != NULL;
    case TABLE_MEMORY:
        return v == NULL || v->memory != NULL;
    default:
        return false;
    }
}

static bool tell_attempts(struct visit *visit, const struct row *r)
{
    visit->attempts = true;
    return underway_add(visit->underway, r);
}

static bool tell_record(struct visit *visit, const struct row *r)
{
    struct state_record record;

    if (!table_record_from(r, &visit->room, &record))
        return false;
    underway_apply(visit->underway, &record);
    if (visit->visitor != NULL)
        visit->visitor->record(visit->visitor->arg, &record);
    return true;
}

static bool tell_scope(struct visit *visit, const struct row *r)
{
    struct state_scope scope;

    if (!table_scope_from(r, &visit->room, &scope))
        return false;
    if (visit->visitor != NULL)
        visit->visitor->scope(visit->visitor->arg, &scope);
    return true;
}

static bool tell_bucket(const struct visit *visit, const struct row *r)
{
    struct state_bucket bucket;

    if (!table_bucket_from(r, &bucket))
        return false;
    if (visit->visitor != NULL)
        visit->visitor->bucket(visit->visitor->arg, &bucket);
    return true;
}

static bool tell_memory(const struct visit *visit, const struct row *r)
{
    const char *account;
    struct memory_item item;

    if (!table_memory_from(r, &account, &item))
        return false;
    if (visit->visitor != NULL)
        visit->visitor->memory(visit->visitor->arg, account, &item);
    return true;
}

bool visit_row(struct visit *visit, enum table_id id, const struct row *r)
{
    switch (id) {
    case TABLE_ATTEMPT:
        return tell_attempts(visit, r);
    case TABLE_RECORD:
        return tell_record(visit, r);
    case TABLE_SCOPE:
        return tell_scope(visit, r);
    case TABLE_BUCKET:
        return tell_bucket(visit, r);
    case TABLE_MEMORY:
        return tell_memory(visit, r);
    default:
        return true;
    }
}

/* Those that never had an outcome have no row of their own. */
void visit_end(struct visit *visit)
{
    struct state_record record;

    while (visit->visitor != NULL && visit->visitor->record != NULL &&
           underway_next(visit->underway, &record))
        visit->visitor->record(visit->visitor->arg, &record);
}
