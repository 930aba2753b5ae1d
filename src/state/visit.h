/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_STATE_VISIT_H
#define HOMING_STATE_VISIT_H

#include "state/state.h"
#include "state/table.h"
#include "state/underway.h"

/*
 * Tells a visitor what stands in the rows of a database, which come table by table in the order of
 * enum table_id. Without a visitor it only looks whether every row makes sense: so it is when a
 * database is opened. Runs no statement.
 */
struct visit {
    const struct state_visitor *visitor; /* NULL: none */
    struct underway *underway;           /* owned */
    bool attempts;                       /* there were some */
    struct buf room;                     /* for the texts of a record or scope */
};

void visit_init(struct visit *visit, const struct state_visitor *visitor);
void visit_fini(struct visit *visit);
/* False for a table of which the visitor hears nothing. */
bool visit_wants(const struct visit *visit, enum table_id id);
/* A row of a table that it wants. False when it makes no sense. */
bool visit_row(struct visit *visit, enum table_id id, const struct row *r);
/* After the last row. */
void visit_end(struct visit *visit);

#endif
