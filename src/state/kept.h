/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_STATE_KEPT_H
#define HOMING_STATE_KEPT_H

#include "state/table.h"

/*
 * The rows of a database as they were read and checked when it was opened, packed, until somebody
 * asks for them: most who open a database want to know next what is in it. Knows no file.
 */
struct kept;

struct kept *kept_new(void);
void kept_free(struct kept *k); /* NULL is fine */

void kept_add(struct kept *k, enum table_id id, const struct row *r); /* copies */
/* In the order in which they were added; a row is valid during the call. False when fn said so. */
bool kept_each(const struct kept *k, bool (*fn)(void *arg, enum table_id id, const struct row *r),
               void *arg);

#endif
