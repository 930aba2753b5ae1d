/*
 * SPDX-License-Identifier: ISC
 */
#include "base/mem.h"
#include "base/text.h"
#include "sense/inside.h"

/*
 * Sources that need no question: a literal address, and settings that cannot be meant.
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
