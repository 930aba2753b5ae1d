/*
 * SPDX-License-Identifier: ISC
 */
#include <stdio.h>

#include "sense/inside.h"

/*
 * Sources made of others: the first of two that knows, and a host's part behind a prefix.
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

static void suffix_part(struct source *s, struct source *part)
{
    const struct sensed *v = &s->parts[0]->values[V6];
    struct addrset set = {0};

    if (v->asked == 0)
        return;
    for (unsigned i = 0; i < v->set.count; i++) {
        struct addr a = spec_join(&v->set.items[i], s->spec.length, s->spec.suffix);
        addrset_add(&set, &a);
    }
    source_set(s, V6, v->state, &set, v->error);
}

static void suffix_ask(struct source *s)
{
    suffix_part(s, NULL);
    source_answered(s, true);
}

const struct source_kind source_suffix = {
    .name = "prefix", .ask = suffix_ask, .part = suffix_part, .only_parts = true};
