/*
 * SPDX-License-Identifier: ISC
 */
#include <stdio.h>

#include "base/mem.h"
#include "sense/inside.h"
#include "sense/pushed.h"

/*
 * What a device tells us about itself (sense_push): its address, or with a length in the spec its
 * prefix. What it told once is believed until it tells otherwise, however long ago: a router whose
 * address does not change need not speak. That it was long ago is said.
 */

struct listening {
    struct net_timer *old;      /* when what it told gets old */
    struct source *next, *prev; /* of the same device */
};

static struct listening *listening(const struct source *s)
{
    return s->data;
}

static enum pushed_what what_of(const struct source *s, enum family f)
{
    return s->spec.length != 0 ? PUSHED_PREFIX : (enum pushed_what)f;
}

static const char *thing(const struct source *s, enum family f)
{
    return s->spec.length != 0 ? "IPv6 prefix (ip6lanprefix=)"
           : f == V4           ? "IPv4 address"
                               : "IPv6 address";
}

static void say_refused(const struct source *s, const struct pushed_value *v, char *out,
                        size_t room)
{
    char text[ADDR_TEXT_MAX];

    snprintf(out, room, "%s told %s, which is %s: it was not taken", s->spec.arg,
             addr_text(&v->refused_addr, text), addr_kind_name(addr_kind(&v->refused_addr)));
}

static void hear(struct source *s, enum family f)
{
    struct real *r = s->real;
    const struct pushed_value *v = pushed_get(r->options.pushed, s->spec.arg, what_of(s, f));
    struct moment now = net_now(r->options.net);
    msec old_at = r->options.push_stale < NEVER - v->told ? v->told + r->options.push_stale : NEVER;
    char say[sizeof s->values[f].error] = "", length[24];
    struct addrset set = {0};

    if (v->refused)
        say_refused(s, v, say, sizeof say);
    else if (v->known && old_at <= now.wall)
        snprintf(say, sizeof say, "%s told this %s ago and nothing since", s->spec.arg,
                 clock_length_text(now.wall - v->told, length));
    else if (v->known && old_at != NEVER)
        r->options.net->ops->timer_set(listening(s)->old, now.mono + (old_at - now.wall));
    if (!v->known && !v->refused)
        snprintf(say, sizeof say, "%s has told no %s yet", s->spec.arg, thing(s, f));
    if (v->known)
        addrset_add(&set, &v->addr);
    source_set(s, f, v->known ? SENSED_KNOWN : SENSED_UNKNOWN, &set, say);
    if (v->known) { /* also when it was told to a process before this one */
        s->values[f].since = v->since;
        s->values[f].asked = v->told;
    }
}

static void ask_pushed(struct source *s)
{
    s->asked_mono = 0;
    for (enum family f = V4; f < FAMILIES; f++)
        if (s->spec.families & FAMILY_BIT(f))
            hear(s, f);
    source_answered(s, true);
}

static void on_old(void *arg)
{
    ask_pushed(arg);
}

static void open_pushed(struct source *s)
{
    struct net *net = s->real->options.net;
    struct listening *l = listening(s);

    l->old = net->ops->timer_new(net, on_old, s);
    l->next = map_set(s->real->by_device, s->spec.arg, s);
    if (l->next != NULL)
        listening(l->next)->prev = s;
}

static void close_pushed(struct source *s)
{
    const struct listening *l = listening(s);

    s->real->options.net->ops->timer_free(l->old);
    if (l->next != NULL)
        listening(l->next)->prev = l->prev;
    if (l->prev != NULL)
        listening(l->prev)->next = l->next;
    else if (l->next != NULL)
        map_set(s->real->by_device, s->spec.arg, l->next);
    else
        map_remove(s->real->by_device, s->spec.arg);
}

struct source *source_of_device(const struct real *r, const char *device,
                                const struct source *after)
{
    return after != NULL ? listening(after)->next : map_get(r->by_device, device);
}

const struct source_kind source_pushed = {.name = "pushed",
                                          .size = sizeof(struct listening),
                                          .open = open_pushed,
                                          .ask = ask_pushed,
                                          .close = close_pushed};
