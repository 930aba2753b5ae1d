/*
 * SPDX-License-Identifier: ISC
 */
#include <stdio.h>

#include "base/text.h"
#include "sense/choose.h"
#include "sense/inside.h"

/*
 * Addresses and prefixes of this machine's interfaces, by the kernel's own word, at once.
 *
 * Unknown is never none: an address that vanished is unknown for as long as it may come back (a
 * lease renewed, a line that reconnects): an IPv6 address or prefix until its valid lifetime is
 * over, others for a minute. Only an interface that is there and works can have none.
 */
enum { HOLD = MINUTE };

struct held {
    msec length; /* how long what was last known may come back; 0: nothing was known */
    msec until;  /* mono: the end of that, while nothing is there; else 0 */
};

/* What looking at the tables gave. */
struct found {
    const struct if_addr *a; /* NULL: none */
    bool firm;               /* a "none" that can be believed */
    char words[200];
};

/* An interface that is down keeps its addresses as often as not: they lead nowhere meanwhile. */
static const struct if_link *find_link(const struct source *s, const struct iftable *t,
                                       enum family f, struct found *out)
{
    bool by_route = text_equal(s->spec.arg, "default");
    bool by_address = s->spec.source_address != NULL;
    const struct if_link *link = by_address ? real_uplink(s)
                                 : by_route ? iftable_default(t, f)
                                            : iftable_find(t, s->spec.arg);

    if (link == NULL && by_address) {
        snprintf(out->words, sizeof out->words, "no interface has the address %s", s->spec.arg);
    } else if (link == NULL && by_route) {
        out->firm = true;
        snprintf(out->words, sizeof out->words, "this machine has no %s way out (default route)",
                 family_name(f));
    } else if (link == NULL) {
        snprintf(out->words, sizeof out->words, "there is no interface %s", s->spec.arg);
    } else if (!link->up) {
        snprintf(out->words, sizeof out->words, "interface %s is down", link->name);
        return s->real->options.ddclient ? link : NULL;
    } else {
        out->firm = true;
    }
    return link;
}

/* The uplink's own source address, where it is of the family. */
static int own_address(const struct source *s, const struct iftable *t, enum family f, int taken)
{
    struct addr a;

    if (!addr_parse(s->spec.source_address, &a) || a.family != f)
        return taken;
    for (size_t i = 0; i < t->addr_count; i++)
        if (addr_equal(&t->addrs[i].addr, &a) && !(t->addrs[i].flags & IF_TENTATIVE))
            return (int)i;
    return -1;
}

static void look_for_address(const struct source *s, const struct iftable *t, enum family f,
                             msec mono, struct found *out)
{
    const struct if_link *link = find_link(s, t, f, out);
    bool tentative = false;

    if (link == NULL)
        return;
    int taken = choose_address(t, link->index, f, s->spec.private_too, mono, NULL);
    if (s->spec.source_address != NULL)
        taken = own_address(s, t, f, taken);
    if (taken >= 0) {
        out->a = &t->addrs[taken];
        return;
    }
    for (size_t i = 0; i < t->addr_count; i++)
        tentative =
            tentative || (t->addrs[i].index == link->index && t->addrs[i].addr.family == f &&
                          (t->addrs[i].flags & IF_TENTATIVE) && (t->addrs[i].flags & IF_GLOBAL));
    if (tentative)
        out->firm = false;
    if (out->words[0] == '\0')
        snprintf(out->words, sizeof out->words, "interface %s has no %s address to publish%s",
                 link->name, family_name(f),
                 tentative ? " yet: the kernel checks that nobody else has it" : "");
}

static void look_for_prefix(const struct source *s, const struct iftable *t, enum family f,
                            msec mono, struct found *out)
{
    const struct if_link *link = find_link(s, t, f, out);

    if (link == NULL)
        return;
    int taken = choose_prefix(t, link->index, s->spec.length, s->spec.private_too, mono);
    if (taken >= 0)
        out->a = &t->addrs[taken];
    else if (out->words[0] == '\0')
        snprintf(out->words, sizeof out->words,
                 "interface %s has no IPv6 prefix of at most %u bits that is in use", link->name,
                 s->spec.length);
}

/* RFC 4862, section 5.5.4: an address is invalid when its valid lifetime is over, and not before.
 * Routers renew lifetimes without our noticing, so the whole length counts. */
static void hold(struct source *s, const struct if_addr *a)
{
    struct held *h = s->data;

    h->until = 0;
    h->length = HOLD;
    if (a->addr.family == V6 && a->valid_s != IF_FOREVER && (msec)a->valid_s * SECOND > HOLD)
        h->length = (msec)a->valid_s * SECOND;
}

static void say_none(struct source *s, enum family f, const struct found *found, msec mono)
{
    struct held *h = s->data;

    if (!found->firm) { /* it is switched off or gone: that says nothing */
        source_set(s, f, SENSED_UNKNOWN, NULL, found->words);
        return;
    }
    if (h->until == 0)
        h->until = mono + (h->length != 0 ? h->length : HOLD);
    if (mono < h->until)
        s->real->options.net->ops->timer_set(s->timer, h->until);
    source_set(s, f, mono < h->until ? SENSED_UNKNOWN : SENSED_NONE, NULL, found->words);
}

static void say_found(struct source *s, enum family f, const struct found *found, msec mono)
{
    static const uint8_t no_suffix[16];

    if (found->a == NULL) {
        say_none(s, f, found, mono);
        return;
    }
    struct addr a = found->a->addr;
    if (s->spec.kind == &source_prefix)
        a = spec_join(&a, s->spec.length, no_suffix);
    hold(s, found->a);
    source_known(s, &a, NULL);
}

static void look(struct source *s)
{
    const struct iftable *t = real_table(s->real);
    enum family f = s->spec.families == FAMILY_BIT(V4) ? V4 : V6;
    msec mono = net_now(s->real->options.net).mono;
    struct found found = {.words = ""};

    if (t == NULL)
        return; /* network() comes when it is there */
    if (s->spec.kind == &source_prefix)
        look_for_prefix(s, t, f, mono, &found);
    else
        look_for_address(s, t, f, mono, &found);
    say_found(s, f, &found, mono);
}

static void ask_interface(struct source *s)
{
    if (!ifwatch_works(s->real->watch))
        source_unknown_all(s, "the kernel does not tell its interfaces to this program");
    look(s);
    source_answered(s, true);
}

const struct source_kind source_interface = {
    .name = "interface", .size = sizeof(struct held), .ask = ask_interface, .network = look};
const struct source_kind source_prefix = {
    .name = "prefix", .size = sizeof(struct held), .ask = ask_interface, .network = look};
