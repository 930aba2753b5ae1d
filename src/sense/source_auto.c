/*
 * SPDX-License-Identifier: ISC
 */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "sense/inside.h"
#include "sense/services.h"
#include "sense/webask.h"

/*
 * auto: the interface of the default route if it holds a public address; else as many independent
 * outside services as "quorum" says must agree. (A router's own word, where one speaks, belongs
 * between the two.)
 *
 * Agreement counts operators, not services. One that failed or disagreed is asked last from then
 * on. Only public addresses count: a captive portal's or a proxy's private answer is none.
 */
enum { MOST = 16 /* services of a family that are considered */ };

struct candidate {
    const struct web_service *service;
    struct source *source;
    unsigned bad; /* failures and lone answers since it was last right */
    bool tried;   /* in this round */
    bool answered;
    struct webask *ask;
    struct webask_answer answer;
};

struct deciding {
    struct candidate candidates[MOST];
    unsigned count;
    unsigned turn;    /* who begins, so that all are asked alike */
    unsigned running; /* questions without an answer yet */
    bool waiting;     /* for the interfaces */
};

static enum family family_of(const struct source *s)
{
    return s->spec.families == FAMILY_BIT(V4) ? V4 : V6;
}

static void auto_open(struct source *s)
{
    const struct sense_options *o = &s->real->options;
    const struct web_service *list = o->services != NULL ? o->services : web_services;
    size_t n = o->services != NULL ? o->service_count : web_service_count;
    struct deciding *d = s->data;

    for (size_t i = 0; i < n && d->count < MOST; i++)
        if (list[i].automatic && (list[i].families & s->spec.families)) {
            d->candidates[d->count] = (struct candidate){.service = &list[i], .source = s};
            d->count++;
        }
    if (d->count > 0)
        o->net->ops->random(o->net, &d->turn, sizeof d->turn);
}

static void stop_asking(struct source *s)
{
    struct deciding *d = s->data;

    for (unsigned i = 0; i < d->count; i++) {
        webask_stop(d->candidates[i].ask);
        d->candidates[i].ask = NULL;
    }
    d->running = 0;
}

/* --- the outside round --- */

static bool says(const struct candidate *c, const struct addr *a)
{
    return c->answered && c->answer.found && addr_equal(&c->answer.addr, a);
}

/* How many operators say this. */
static unsigned operators_for(const struct deciding *d, const struct addr *a)
{
    unsigned n = 0;

    for (unsigned i = 0; i < d->count; i++) {
        bool counted = false;
        for (unsigned k = 0; k < i; k++)
            counted = counted || (says(&d->candidates[k], a) &&
                                  text_equal(d->candidates[k].service->operator,
                                             d->candidates[i].service->operator));
        if (says(&d->candidates[i], a) && !counted)
            n++;
    }
    return n;
}

/* The one to ask next: of those not asked yet the best, in turn. NULL: none is left. */
static struct candidate *pick(struct deciding *d)
{
    struct candidate *best = NULL;

    for (unsigned i = 0; i < d->count; i++) {
        struct candidate *c = &d->candidates[(i + d->turn) % d->count];
        if (!c->tried && (best == NULL || c->bad < best->bad))
            best = c;
    }
    return best;
}

static void on_answer(void *arg, const struct webask_answer *answer);

static bool ask_one(struct source *s)
{
    struct deciding *d = s->data;
    struct candidate *c = pick(d);

    if (c == NULL)
        return false;
    struct webask_question q = {.url = c->service->url,
                                .skip = c->service->skip,
                                .family = family_of(s),
                                .reading = EXTRACT_STRICT,
                                .transport = spec_transport(&s->spec)};
    c->tried = true;
    c->ask = webask_start(s->real->options.net, &q, on_answer, c);
    d->running++;
    return true;
}

/* What the odd ones said, for people. */
static void list_others(const struct deciding *d, const struct addr *agreed, struct buf *out)
{
    char text[ADDR_TEXT_MAX];

    for (unsigned i = 0; i < d->count; i++) {
        const struct candidate *c = &d->candidates[i];
        if (!c->answered || (agreed != NULL && says(c, agreed)))
            continue;
        if (out->len > 0)
            buf_text(out, "; ");
        if (c->answer.found)
            buf_format(out, "%s says %s", c->service->name, addr_text(&c->answer.addr, text));
        else
            buf_text(out, c->answer.words);
    }
}

static void agree(struct source *s, const struct addr *a)
{
    struct deciding *d = s->data;
    struct addr agreed = *a;
    struct buf others;

    for (unsigned i = 0; i < d->count; i++)
        if (d->candidates[i].answered)
            d->candidates[i].bad = says(&d->candidates[i], &agreed) ? 0 : d->candidates[i].bad + 1;
    buf_init(&others, 200);
    list_others(d, &agreed, &others);
    stop_asking(s);
    source_known(s, &agreed, buf_str(&others));
    buf_free(&others);
    source_answered(s, true);
}

static void give_up(struct source *s)
{
    struct deciding *d = s->data;
    struct buf b;

    for (unsigned i = 0; i < d->count; i++)
        d->candidates[i].bad += d->candidates[i].answered && !d->candidates[i].answer.found;
    buf_init(&b, 250);
    list_others(d, NULL, &b);
    source_unknown(s, family_of(s), "%s%s",
                   d->count == 0 ? "no outside service is known that tells this address"
                                 : "no agreement: ",
                   buf_str(&b));
    buf_free(&b);
    source_answered(s, false);
}

static void on_answer(void *arg, const struct webask_answer *answer)
{
    struct candidate *c = arg;
    struct source *s = c->source;
    struct deciding *d = s->data;

    c->ask = NULL;
    c->answered = true;
    c->answer = *answer;
    d->running--;
    if (answer->found && addr_kind(&answer->addr) != ADDR_PUBLIC) {
        char text[ADDR_TEXT_MAX];
        c->answer.found = false;
        snprintf(c->answer.words, sizeof c->answer.words, "%s says %s, %s", c->service->name,
                 addr_text(&answer->addr, text), addr_kind_name(addr_kind(&answer->addr)));
    }
    if (c->answer.found && operators_for(d, &answer->addr) >= s->spec.quorum)
        agree(s, &answer->addr);
    else if (d->running == 0 && !ask_one(s))
        give_up(s);
}

static void ask_outside(struct source *s)
{
    struct deciding *d = s->data;

    for (unsigned i = 0; i < d->count; i++)
        d->candidates[i].tried = d->candidates[i].answered = false;
    d->turn++;
    for (unsigned i = 0; i < s->spec.quorum; i++)
        ask_one(s);
    if (d->running == 0)
        give_up(s);
}

/* --- which way --- */

static bool has_way_out(const struct iftable *t, enum family f)
{
    for (size_t i = 0; t != NULL && i < t->route_count; i++)
        if (t->routes[i].family == f)
            return true;
    return t == NULL;
}

static bool is_public(const struct sensed *v)
{
    return v->state == SENSED_KNOWN && addr_kind(&v->set.items[0]) == ADDR_PUBLIC;
}

static void decide(struct source *s)
{
    struct deciding *d = s->data;
    enum family f = family_of(s);
    const struct sensed *interface = &s->parts[0]->values[f];

    d->waiting = interface->asked == 0; /* the kernel's tables are not here yet */
    if (d->waiting)
        return;
    if (is_public(interface)) {
        source_set(s, f, SENSED_KNOWN, &interface->set, interface->error);
        source_answered(s, true);
    } else if (!has_way_out(real_table(s->real), f)) {
        source_set(s, f, interface->state == SENSED_KNOWN ? SENSED_UNKNOWN : interface->state, NULL,
                   interface->error);
        source_answered(s, true);
    } else if (s->real->options.no_outside) {
        source_unknown(s, f,
                       "the interface has no public address, and no outside host may be asked");
        source_answered(s, true);
    } else {
        ask_outside(s);
    }
}

static void auto_part(struct source *s)
{
    struct deciding *d = s->data;
    enum family f = family_of(s);
    const struct sensed *interface = &s->parts[0]->values[f];

    if (d->waiting) {
        decide(s);
    } else if (is_public(interface)) {
        stop_asking(s);
        source_set(s, f, SENSED_KNOWN, &interface->set, interface->error);
        if (s->asking)
            source_answered(s, true);
    } else if (!s->asking && interface->state != s->values[f].state &&
               !has_way_out(real_table(s->real), f)) {
        source_set(s, f, interface->state, NULL, interface->error);
    }
}

const struct source_kind source_auto = {.name = "auto",
                                        .polls = true,
                                        .size = sizeof(struct deciding),
                                        .open = auto_open,
                                        .ask = decide,
                                        .close = stop_asking,
                                        .part = auto_part};
