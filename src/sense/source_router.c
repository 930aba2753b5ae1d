/*
 * SPDX-License-Identifier: ISC
 */
#include "base/text.h"
#include "sense/inside.h"

/*
 * The router's own word on its IPv4 address, by whichever protocol it speaks: NAT-PMP and UPnP are
 * asked at once, and PCP (which wants a mapping to be made for an answer) only where these say that
 * somebody is there but tell no public address. A private address is an answer, too: the verdict on
 * the place needs it.
 */
enum { NATPMP, UPNP, PCP, ROUTER_PARTS };

struct routing {
    bool asking;
    bool heard[ROUTER_PARTS]; /* in this round */
    bool pcp_asked;
};

static const struct sensed *said(const struct source *s, unsigned i)
{
    return &s->parts[i]->values[V4];
}

/* The part whose address counts: a public one, failing that any. NULL: none tells one. What a part
 * told before this round is no answer. */
static const struct source *best(const struct source *s, bool public_only)
{
    const struct routing *r = s->data;
    const struct source *any = NULL;

    for (unsigned i = 0; i < ROUTER_PARTS; i++) {
        const struct sensed *v = said(s, i);
        if (!r->heard[i] || v->state != SENSED_KNOWN)
            continue;
        if (addr_kind(&v->set.items[0]) == ADDR_PUBLIC)
            return s->parts[i];
        if (any == NULL || i == PCP)
            any = s->parts[i];
    }
    return public_only ? NULL : any;
}

static void finish(struct source *s)
{
    struct routing *r = s->data;
    const struct source *part = best(s, false);
    bool empty = false;

    r->asking = false;
    for (unsigned i = 0; i < ROUTER_PARTS; i++)
        empty = empty || (r->heard[i] && said(s, i)->empty);
    if (part != NULL)
        source_set(s, V4, SENSED_KNOWN, &part->values[V4].set, part->values[V4].error);
    else if (empty)
        source_empty(s, V4, said(s, said(s, UPNP)->empty ? UPNP : NATPMP)->error);
    else
        source_unknown_all(s, real_route(s, V4) == NULL
                                  ? "there is no router: no default route leads over one"
                                  : "no router here tells its address by UPnP, NAT-PMP or PCP");
    source_answered(s, part != NULL || empty);
}

static void router_part(struct source *s, struct source *part)
{
    struct routing *r = s->data;
    bool spoke = false;

    for (unsigned i = 0; i < ROUTER_PARTS; i++)
        if (s->parts[i] == part)
            r->heard[i] = true;
    if (!r->asking) { /* it announced a change */
        if (best(s, true) != NULL)
            source_set(s, V4, SENSED_KNOWN, &best(s, true)->values[V4].set, NULL);
        return;
    }
    for (unsigned i = 0; i < ROUTER_PARTS; i++)
        spoke = spoke || (r->heard[i] && (said(s, i)->empty || said(s, i)->state == SENSED_KNOWN));
    if (best(s, true) != NULL) {
        finish(s);
    } else if (r->pcp_asked ? r->heard[PCP] : r->heard[NATPMP] && r->heard[UPNP]) {
        if (r->pcp_asked || !spoke) {
            finish(s);
            return;
        }
        r->pcp_asked = true;
        real_ask_part(s->parts[PCP]);
    }
}

static void ask_router(struct source *s)
{
    *(struct routing *)s->data = (struct routing){.asking = true};
    real_ask_part(s->parts[NATPMP]);
    real_ask_part(s->parts[UPNP]);
}

const struct source_kind source_router = {.name = "router",
                                          .polls = true,
                                          .every = MINUTE,
                                          .size = sizeof(struct routing),
                                          .ask = ask_router,
                                          .part = router_part};
