/*
 * SPDX-License-Identifier: ISC
 */
#include "sense/panel.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

static void add_members(struct panel *p, const struct web_service *list, size_t n,
                        enum outside_way way)
{
    for (size_t i = 0; i < n && p->count < PANEL_MOST; i++)
        if (list[i].automatic && (list[i].families & FAMILY_BIT(p->family)) &&
            outside_way(list[i].url) == way)
            p->members[p->count++] = (struct panel_member){.service = &list[i], .panel = p};
}

void panel_init(struct panel *p, struct source *s, enum family family, enum outside_way way,
                void (*done)(struct source *s, const struct addr *a, const char *words))
{
    const struct sense_options *o = &s->real->options;

    *p = (struct panel){.source = s, .family = family, .way = way, .done = done};
    if (o->services != NULL) {
        add_members(p, o->services, o->service_count, way);
    } else {
        add_members(p, web_services, web_service_count, way);
        add_members(p, other_services, other_service_count, way);
    }
    o->net->ops->random(o->net, &p->turn, sizeof p->turn);
}

void panel_outside(const struct source *s, sense_outside_fn *fn, void *arg)
{
    const struct panel *p = s->data;

    for (unsigned i = 0; i < p->count; i++) {
        const struct web_service *service = p->members[i].service;
        struct outside_place place;
        char host[128];
        bool page = p->way == OUTSIDE_WEB || !outside_place(service->url, &place);
        const struct sense_outside told = {
            .host = page ? webask_host(service->url, host, sizeof host) : place.server,
            .operator= service->operator,
            .family = p->family,
            .source = s->spec.name};
        fn(arg, &told);
    }
}

void panel_stop(struct panel *p)
{
    for (unsigned i = 0; i < p->count; i++) {
        outside_stop(p->members[i].ask);
        p->members[i].ask = NULL;
    }
    p->running = 0;
}

static bool says(const struct panel_member *m, const struct addr *a)
{
    return m->answered && m->answer.found && addr_equal(&m->answer.addr, a);
}

/* How many operators say this. */
static unsigned operators_for(const struct panel *p, const struct addr *a)
{
    unsigned n = 0;

    for (unsigned i = 0; i < p->count; i++) {
        bool counted = false;
        for (unsigned k = 0; k < i; k++)
            counted =
                counted || (says(&p->members[k], a) && text_equal(p->members[k].service->operator,
                                                                  p->members[i].service->operator));
        n += says(&p->members[i], a) && !counted;
    }
    return n;
}

/* The one to ask next: of those not asked yet the best, in turn. NULL: none is left. */
static struct panel_member *pick(struct panel *p)
{
    struct panel_member *best = NULL;

    for (unsigned i = 0; i < p->count; i++) {
        struct panel_member *m = &p->members[(i + p->turn) % p->count];
        if (!m->tried && (best == NULL || m->bad < best->bad))
            best = m;
    }
    return best;
}

static void on_answer(void *arg, const struct webask_answer *answer);

static bool ask_one(struct panel *p)
{
    struct panel_member *m = pick(p);

    if (m == NULL)
        return false;
    struct outside_question q = {.net = p->source->real->options.net,
                                 .loop = p->source->real->options.loop,
                                 .url = m->service->url,
                                 .skip = m->service->skip,
                                 .family = p->family,
                                 .transport = spec_transport(&p->source->spec)};
    m->tried = true;
    m->ask = outside_ask(&q, on_answer, m);
    p->running++;
    return true;
}

static void describe(const struct panel_member *m, char *out, size_t room)
{
    char text[ADDR_TEXT_MAX], times[32] = "";

    if (m->bad > 1)
        snprintf(times, sizeof times, " (%u times in a row)", m->bad);
    if (m->answer.found)
        snprintf(out, room, "%s says %s%s", m->service->name, addr_text(&m->answer.addr, text),
                 times);
    else
        snprintf(out, room, "%.150s%s", m->answer.words, times);
}

/* What those said who do not say "agreed" (NULL: all), as far as there is room. */
static void list_others(const struct panel *p, const struct addr *agreed, struct buf *out)
{
    static const char more[] = "; ...";
    char words[200];

    for (unsigned i = 0; i < p->count; i++) {
        const struct panel_member *m = &p->members[i];
        if (!m->answered || (agreed != NULL && says(m, agreed)))
            continue;
        describe(m, words, sizeof words);
        if (out->len > 0 && out->len + strlen(words) + 2 * sizeof more > out->max) {
            buf_text(out, more);
            return;
        }
        buf_format(out, "%s%s", out->len > 0 ? "; " : "", words);
    }
}

static void end_round(struct panel *p, const struct addr *agreed)
{
    struct addr a = agreed != NULL ? *agreed : (struct addr){0};
    struct buf words;

    for (unsigned i = 0; i < p->count; i++) {
        struct panel_member *m = &p->members[i];
        if (m->answered && agreed != NULL && says(m, &a))
            m->bad = 0;
        else if (m->answered && (agreed != NULL || !m->answer.found))
            m->bad++;
    }
    buf_init(&words, 220);
    list_others(p, agreed != NULL ? &a : NULL, &words);
    panel_stop(p);
    p->done(p->source, agreed != NULL ? &a : NULL, buf_str(&words));
    buf_free(&words);
}

static void on_answer(void *arg, const struct webask_answer *answer)
{
    struct panel_member *m = arg;
    struct panel *p = m->panel;

    m->ask = NULL;
    m->answered = true;
    m->answer = *answer;
    p->running--;
    if (answer->found && addr_kind(&answer->addr) != ADDR_PUBLIC) {
        char text[ADDR_TEXT_MAX];
        m->answer.found = false;
        snprintf(m->answer.words, sizeof m->answer.words, "%s says %s, %s", m->service->name,
                 addr_text(&answer->addr, text), addr_kind_name(addr_kind(&answer->addr)));
    }
    if (m->answer.found && operators_for(p, &answer->addr) >= p->source->spec.quorum)
        end_round(p, &answer->addr);
    else if (p->running == 0 && !ask_one(p))
        end_round(p, NULL);
}

void panel_ask(struct panel *p)
{
    if (p->source->real->options.no_outside) {
        p->done(p->source, NULL, "outside=no: no outside host is asked");
        return;
    }
    for (unsigned i = 0; i < p->count; i++)
        p->members[i].tried = p->members[i].answered = false;
    p->turn++;
    for (unsigned i = 0; i < p->source->spec.quorum; i++)
        ask_one(p);
    if (p->running == 0)
        p->done(p->source, NULL, "no service is known that tells this address");
}
