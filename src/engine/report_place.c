/*
 * SPDX-License-Identifier: ISC
 */
/* What this place is, in one sentence, with one more on IPv6 and its prefix. */
#include "engine/report_inside.h"

#include "base/text.h"

#include <string.h>

/* --- without facts of the place: what the sources of hostnames say --- */

static json_t *by_sources(const struct engine *e)
{
    struct message_values v = {0};
    char text[FAMILIES][ADDRSET_TEXT_MAX];
    const struct addrset *sets[FAMILIES] = {NULL};
    char refused[ADDR_TEXT_MAX];

    for (size_t i = 0; i < e->source_count; i++) {
        const struct source_box *box = e->sources[i];
        for (int f = 0; f < FAMILIES; f++) {
            if (box->state[f] != SENSED_KNOWN || box->user_count[f] == 0)
                continue;
            enum addr_kind kind = addr_kind(&box->set[f].items[0]);
            if (kind == ADDR_PUBLIC && sets[f] == NULL)
                sets[f] = &box->set[f];
            else if (kind != ADDR_PUBLIC && v.kind == NULL) {
                v.kind = addr_kind_name(kind);
                v.family = family_name((enum family)f);
                addr_text(&box->set[f].items[0], refused);
            }
        }
    }
    if (sets[V4] != NULL && sets[V6] != NULL) {
        v.address = addrset_text(sets[V4], text[V4]);
        v.other = addrset_text(sets[V6], text[V6]);
        return message_new("place_both", &v);
    }
    if (sets[V4] != NULL || sets[V6] != NULL) {
        enum family f = sets[V4] != NULL ? V4 : V6;
        v.family = family_name(f);
        v.address = addrset_text(sets[f], text[f]);
        return message_new("place_one", &v);
    }
    v.address = refused;
    return message_new(v.kind != NULL         ? "place_refused"
                       : e->source_count == 0 ? "place_unasked"
                                              : "place_unknown",
                       &v);
}

/* --- how long the prefix lasts --- */

enum { PREFIX = 64, EVENTS_MOST = 2000, NAME_MOST = 64 };
static const msec story_length = 30 * (msec)DAY;

struct prefix_story {
    char source[NAME_MOST]; /* the one that told last */
    bool known;
    struct addr last; /* the newest value that was not looked at yet */
    unsigned changes;
    msec since; /* wall: the prefix of now was seen first */
    msec from;  /* wall: the story begins */
};

/* The newest event comes first. */
static void read_event(void *arg, const struct state_event *event)
{
    struct prefix_story *s = arg;
    struct addr a;

    if (event->family != V6 || !text_equal(event->kind, "sensed") || event->new_set == NULL ||
        event->say == NULL || !addr_parse_n(event->new_set, strcspn(event->new_set, ","), &a) ||
        event->at < s->from)
        return;
    if (!s->known)
        snprintf(s->source, sizeof s->source, "%s", event->say);
    else if (strncmp(s->source, event->say, NAME_MOST - 1) != 0)
        return; /* another's addresses are others */
    if (s->known && !addr_in(&a, &s->last, PREFIX))
        s->changes++;
    if (s->changes == 0)
        s->since = event->at;
    s->last = a;
    s->known = true;
}

static void read_story(const struct engine *e, struct prefix_story *s)
{
    struct cause cause;

    *s = (struct prefix_story){.from = e->now.wall - story_length};
    e->seams.state->ops->history(e->seams.state, NULL, 0, EVENTS_MOST, read_event, s, &cause);
}

/* --- the sentences --- */

static const struct {
    const char *first, *six; /* of the place; of IPv6 as the second sentence */
} codes[PLACES] = {
    [PLACE_UNKNOWN] = {"place_unknown", NULL},
    [PLACE_NO_WAY] = {"place_no_way", "place6_none"},
    [PLACE_PUBLIC] = {"place_public", "place6_new"},
    [PLACE_ROUTER] = {"place_router", NULL},
    [PLACE_ROUTERS] = {"place_routers", NULL},
    [PLACE_SHARED] = {"place_shared", NULL},
    [PLACE_CGNAT] = {"place_cgnat", NULL},
    [PLACE_EMPTY] = {"place_empty", NULL},
    [PLACE_DSLITE] = {"place_dslite", NULL},
    [PLACE_DSLITE_ODD] = {"place_dslite_odd", NULL},
    [PLACE_NAT] = {"place_nat", NULL},
    [PLACE_LOCAL] = {"place_local", "place6_local"},
    [PLACE_VPN] = {"place_vpn", "place6_vpn"},
    [PLACE_VPN_PUBLIC] = {"place_vpn_public", "place6_vpn"},
    [PLACE_VIA] = {"place_via", "place6_via"},
};

struct said {
    struct message_values values;
    char address[ADDR_TEXT_MAX], outside[ADDR_TEXT_MAX];
};

static void fill(struct said *s, enum place place, const struct place_facts *f, enum family family)
{
    const struct addr *a = place_address(place, f);

    s->values = (struct message_values){.family = family_name(family), .source = f->link};
    if (a != NULL)
        s->values.address = addr_text(a, s->address);
    if (f->has_outside)
        s->values.other = addr_text(&f->outside, s->outside);
}

static json_t *six(const struct engine *e, enum place place, const struct place_facts *f)
{
    const char *code = codes[place].six;
    struct prefix_story story;
    struct said s;

    if (code == NULL)
        return json_null();
    fill(&s, place, f, V6);
    if (place == PLACE_PUBLIC) {
        read_story(e, &story);
        s.values.count = (long)story.changes;
        s.values.since = story.since;
        if (story.changes > 0)
            code = "place6_changing";
        else if (story.known && e->now.wall - story.since > DAY)
            code = "place6_stable";
    }
    return message_new(code, &s.values);
}

json_t *report_place(const struct engine *e, json_t **detail)
{
    const struct sense *sense = e->seams.sense;
    struct place_facts facts[FAMILIES];
    enum place place[FAMILIES];
    struct said s;

    *detail = json_null();
    for (int f = 0; f < FAMILIES; f++)
        if (sense->ops->facts == NULL || !sense->ops->facts(sense, (enum family)f, &facts[f]))
            return by_sources(e);
    for (int f = 0; f < FAMILIES; f++)
        place[f] = place_judge(facts, (enum family)f);
    bool none = place[V4] == PLACE_NO_WAY && place[V6] == PLACE_NO_WAY;
    if (place[V4] == PLACE_UNKNOWN)
        return by_sources(e);
    fill(&s, place[V4], &facts[V4], V4);
    if (!none)
        *detail = six(e, place[V6], &facts[V6]);
    return message_new(none                        ? "place_no_way_at_all"
                       : place[V4] == PLACE_NO_WAY ? "place_six_only"
                                                   : codes[place[V4]].first,
                       &s.values);
}
