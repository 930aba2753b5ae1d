/*
 * SPDX-License-Identifier: ISC
 */
#include <stdio.h>

#include "sense/inside.h"

/*
 * The first of two sources that knows.
 */

static void either_part(struct source *s, struct source *part)
{
    enum family f = s->spec.families == FAMILY_BIT(V4) ? V4 : V6;
    const struct sensed *first = &s->parts[0]->values[f], *second = &s->parts[1]->values[f];
    const struct sensed *v =
        first->state != SENSED_KNOWN && second->state == SENSED_KNOWN ? second : first;
    bool answered = first->asked != 0 && second->asked != 0;

    /* Until the first has answered, the second's word would be published and then replaced. */
    if (answered || first->state == SENSED_KNOWN)
        source_set(s, f, v->state, &v->set, v->error);
}

static void either_ask(struct source *s)
{
    either_part(s, NULL);
    source_answered(s, true);
}

const struct source_kind source_either = {
    .name = "either", .ask = either_ask, .part = either_part, .only_parts = true};
