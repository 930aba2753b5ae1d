/*
 * SPDX-License-Identifier: ISC
 */
#include "publish/nsupdate_plan.h"

#include <stddef.h>

void rrset_replace(struct rrset_plan *p, enum family f, const struct addrset *wanted)
{
    *p = (struct rrset_plan){.family = f, .whole = true, .add = *wanted, .wanted = *wanted};
}

/* Those of "from" that are (or are not) in "in". */
static void pick(struct addrset *out, const struct addrset *from, const struct addrset *in,
                 bool inside)
{
    for (size_t i = 0; i < from->count; i++)
        if (addrset_has(in, &from->items[i]) == inside)
            addrset_add(out, &from->items[i]);
}

enum rrset_verdict rrset_keep(struct rrset_plan *p, enum family f, const struct want *want,
                              const struct addrset *existing, bool beside, bool ttl_differs)
{
    const struct addrset *wanted = &want->wanted;
    struct addrset ours = {0};

    *p = (struct rrset_plan){.family = f, .existing = *existing, .wanted = *wanted};
    if (want->published_known)
        pick(&ours, existing, &want->published, true);
    if (ours.count == 0 && existing->count > 0 && !addrset_subset(wanted, existing)) {
        if (existing->count > 1 && !beside)
            return RRSET_FOREIGN;
        if (existing->count == 1)
            ours = *existing;
    }
    pick(&p->drop, &ours, wanted, false);
    pick(&p->add, wanted, existing, false);
    p->touch = ttl_differs && existing->count > 0 && wanted->count > 0;
    return rrset_changes(p) ? RRSET_CHANGE : RRSET_SAME;
}

bool rrset_changes(const struct rrset_plan *p)
{
    return p->whole || p->touch || p->drop.count > 0 || p->add.count > 0;
}

bool rrset_holds(const struct rrset_plan *p, const struct addrset *now)
{
    if (p->whole)
        return addrset_equal(now, &p->wanted);
    for (size_t i = 0; i < p->drop.count; i++)
        if (addrset_has(now, &p->drop.items[i]))
            return false;
    return addrset_subset(&p->wanted, now);
}

static void put_value(struct buf *b, const struct dns_name *name, const struct rrset_plan *p,
                      unsigned cls, uint32_t ttl, const struct addr *a)
{
    dns_put_record(b, name, dns_type_of(p->family), cls, ttl, a->bytes, addr_len(p->family));
}

static void put_prerequisites(const struct rrset_plan *p, const struct dns_name *name,
                              struct buf *b, uint16_t *count)
{
    if (p->existing.count == 0) { /* does not exist */
        dns_put_record(b, name, dns_type_of(p->family), DNS_NONE, 0, NULL, 0);
        ++*count;
    }
    for (size_t i = 0; i < p->existing.count; i++) { /* exists with exactly these values */
        put_value(b, name, p, DNS_IN, 0, &p->existing.items[i]);
        ++*count;
    }
}

void rrset_put(const struct rrset_plan *p, const struct dns_name *name, uint32_t ttl,
               struct buf *prerequisites, uint16_t *prerequisite_count, struct buf *updates,
               uint16_t *update_count)
{
    const struct addrset *add = p->touch ? &p->wanted : &p->add;

    if (!p->whole)
        put_prerequisites(p, name, prerequisites, prerequisite_count);
    if (p->whole) {
        dns_put_record(updates, name, dns_type_of(p->family), DNS_ANY, 0, NULL, 0);
        ++*update_count;
    }
    for (size_t i = 0; i < p->drop.count; i++) {
        put_value(updates, name, p, DNS_NONE, 0, &p->drop.items[i]);
        ++*update_count;
    }
    for (size_t i = 0; i < add->count; i++) {
        put_value(updates, name, p, DNS_IN, ttl, &add->items[i]);
        ++*update_count;
    }
}
