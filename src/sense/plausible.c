/*
 * SPDX-License-Identifier: ISC
 */
#include "sense/plausible.h"

#include <stdio.h>

#include "sense/relays.h"

static const struct if_addr *own_address(const struct iftable *t, const struct addr *a)
{
    for (size_t i = 0; t != NULL && i < t->addr_count; i++)
        if (addr_equal(&t->addrs[i].addr, a))
            return &t->addrs[i];
    return NULL;
}

bool plausible_local(const struct iftable *t, const struct webask_answer *answer)
{
    /* All of 127.0.0.0/8 is ours with one address of it on the interface. */
    return t == NULL || !answer->has_local || addr_kind(&answer->local) == ADDR_LOOPBACK ||
           own_address(t, &answer->local) != NULL;
}

void plausible_doubt(const struct iftable *t, const struct webask_answer *answer, bool proxied,
                     char *out, size_t room)
{
    const struct if_addr *own = own_address(t, &answer->addr);
    char local[ADDR_TEXT_MAX];

    out[0] = '\0';
    if (own != NULL && (own->flags & IF_TEMPORARY))
        snprintf(out, room,
                 "this is a temporary (privacy) address of this machine that will be gone soon; "
                 "usev6=ifv6 publishes a lasting one");
    else if (!proxied && own == NULL && answer->has_local &&
             answer->local.family == answer->addr.family &&
             addr_kind(&answer->local) == ADDR_PUBLIC)
        snprintf(out, room,
                 "seen from outside as another address than this machine's own %s: a proxy or "
                 "VPN on the way",
                 addr_text(&answer->local, local));
}

const char *plausible_relay(const struct iftable *t, const struct addr *a)
{
    return own_address(t, a) == NULL ? relay_of(a) : NULL;
}
