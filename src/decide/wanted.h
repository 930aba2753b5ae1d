/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_DECIDE_WANTED_H
#define HOMING_DECIDE_WANTED_H

#include <stdbool.h>

#include "base/addr.h"

/*
 * What a record should be, from what a source says and the entry's own words. Unknown is never
 * none: only a source that *knows* there is no address leads to on-loss, and what may not be
 * published counts as unknown.
 */
enum wanted_loss { LOSS_KEEP, LOSS_DELETE, LOSS_ADDRESS };

struct wanted_rules {
    enum wanted_loss loss;
    struct addr loss_address; /* LOSS_ADDRESS; when of the other family: as LOSS_KEEP */
    bool any_kind;            /* allow-private=yes, or a fixed address: what its writer wanted */
};

/* Why a record wants nothing that could be published. */
enum wanted_lack {
    LACK_NOTHING,    /* it does not lack: there is something */
    LACK_UNKNOWN,    /* no source answered, or none was asked yet */
    LACK_GONE,       /* known to be gone, and on-loss=keep */
    LACK_REFUSED,    /* only addresses that are not published: see "refused" */
    LACK_ONE_FAMILY, /* the protocol carries one address a hostname, and that is the IPv4 one */
    LACKS
};

struct wanted {
    bool known;         /* false: leave the record alone */
    struct addrset set; /* empty with known: delete it */
    enum wanted_lack lack;
    enum addr_kind refused; /* of the first address that was refused; ADDR_PUBLIC: none was */
    struct addr refused_address;
};

/* "said": what the source knows, empty for "known to be none", NULL for unknown. */
struct wanted wanted_of(const struct addrset *said, enum family family,
                        const struct wanted_rules *rules);
/* "keep", "delete" or an address; false when it is none of these. NULL and "" mean keep. */
bool wanted_parse_loss(const char *text, struct wanted_rules *out);

#endif
