/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_PUBLISH_NSUPDATE_PLAN_H
#define HOMING_PUBLISH_NSUPDATE_PLAN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/buf.h"
#include "publish/dnswire.h"
#include "publish/step.h"

/*
 * What a dynamic update does to one RRset: which values go, which come, and what must hold before
 * (RFC 2136, section 2.4), so that values which are not ours stay. Pure decisions and bytes.
 */
struct rrset_plan {
    enum family family;
    bool whole;              /* delete the RRset, then add: whatever stood there */
    bool touch;              /* values stay, the TTL changes */
    struct addrset existing; /* as read; unless "whole" a prerequisite */
    struct addrset drop, add, wanted;
};

enum rrset_verdict {
    RRSET_SAME,   /* it is as it should be */
    RRSET_CHANGE, /* see drop and add */
    RRSET_FOREIGN /* several values stand there and none is known to be ours: a person decides */
};

/* Makes the set exactly what is wanted (policies first and replace). */
void rrset_replace(struct rrset_plan *p, enum family f, const struct addrset *wanted);
/*
 * Changes only what is ours (policy keep): the values that homing published and, when nothing is
 * remembered of it, a single value (the first run adopts it). Several foreign ones are
 * RRSET_FOREIGN unless ours may stand beside them. ttl_differs: the set has another TTL than the
 * one configured.
 */
enum rrset_verdict rrset_keep(struct rrset_plan *p, enum family f, const struct want *want,
                              const struct addrset *existing, bool beside, bool ttl_differs);
bool rrset_changes(const struct rrset_plan *p);
/* Does this reading show the plan carried out? */
bool rrset_holds(const struct rrset_plan *p, const struct addrset *now);
/* Appends to the two sections and counts their records. */
void rrset_put(const struct rrset_plan *p, const struct dns_name *name, uint32_t ttl,
               struct buf *prerequisites, uint16_t *prerequisite_count, struct buf *updates,
               uint16_t *update_count);

#endif
