/*
 * SPDX-License-Identifier: ISC
 */
#include "decide/wanted.h"

#include "base/text.h"

#include <stddef.h>

static struct wanted lost(enum family family, const struct wanted_rules *rules)
{
    struct wanted w = {0};

    if (rules->loss == LOSS_DELETE) {
        w.known = true;
    } else if (rules->loss == LOSS_ADDRESS && rules->loss_address.family == family) {
        w.known = true;
        addrset_add(&w.set, &rules->loss_address);
    } else {
        w.lack = LACK_GONE;
    }
    return w;
}

struct wanted wanted_of(const struct addrset *said, enum family family,
                        const struct wanted_rules *rules)
{
    struct wanted w = {0};

    if (said == NULL) {
        w.lack = LACK_UNKNOWN;
        return w;
    }
    if (said->count == 0)
        return lost(family, rules);
    for (size_t i = 0; i < said->count; i++) {
        enum addr_kind kind = addr_kind(&said->items[i]);
        if (kind == ADDR_PUBLIC || rules->any_kind) {
            addrset_add(&w.set, &said->items[i]);
        } else if (w.refused == ADDR_PUBLIC) {
            w.refused = kind;
            w.refused_address = said->items[i];
        }
    }
    w.known = w.set.count > 0;
    w.lack = w.known ? LACK_NOTHING : LACK_REFUSED;
    return w;
}

bool wanted_parse_loss(const char *text, struct wanted_rules *out)
{
    out->loss = LOSS_KEEP;
    if (text == NULL || *text == '\0' || text_case_equal(text, "keep"))
        return true;
    if (text_case_equal(text, "delete")) {
        out->loss = LOSS_DELETE;
        return true;
    }
    if (!addr_parse(text, &out->loss_address))
        return false;
    out->loss = LOSS_ADDRESS;
    return true;
}
