/*
 * SPDX-License-Identifier: ISC
 */
#include "base/mem.h"
#include "base/text.h"
#include "sense/inside.h"

/*
 * Sources that need no question: a literal address; settings that cannot be meant; and what
 * somebody tells us (sense_push).
 */

static void ask_fixed(struct source *s)
{
    struct addr a;

    if (addr_parse(s->spec.arg, &a))
        source_known(s, &a, NULL);
    source_answered(s, true);
}

const struct source_kind source_fixed = {.name = "fixed", .ask = ask_fixed};

static void ask_broken(struct source *s)
{
    source_unknown_all(s, s->spec.arg);
    source_answered(s, true);
}

const struct source_kind source_broken = {.name = "none", .ask = ask_broken};

static void ask_pushed(struct source *s)
{
    for (enum family f = V4; f < FAMILIES; f++)
        if (s->spec.families & FAMILY_BIT(f)) {
            struct sensed *v = &s->values[f];
            if (v->state == SENSED_KNOWN)
                source_set(s, f, SENSED_KNOWN, &v->set, NULL);
            else
                source_unknown(s, f, "%s has told no %s address yet", s->spec.arg, family_name(f));
        }
    source_answered(s, true);
}

const struct source_kind source_pushed = {.name = "pushed", .ask = ask_pushed};
