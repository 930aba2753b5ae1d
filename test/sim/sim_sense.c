/*
 * SPDX-License-Identifier: ISC
 */
#include "sim_sense.h"

#include "base/mem.h"
#include "base/text.h"

enum { ANSWER_MOST = 2000 };

struct source {
    struct source *next;
    struct sim_sense *sense;
    char *name; /* owned: of the interface */
    char *shown;
    struct sensed said[FAMILIES]; /* what those who use it see */
    bool real[FAMILIES];          /* truth is known */
    struct addrset truth[FAMILIES];
    unsigned uses;
    unsigned idle; /* of those, who need no news */
    unsigned life; /* answers of a former life do not count */
};

struct sim_sense {
    struct sense seam; /* first: the seam is cast back */
    struct sim_net *net;
    struct source *sources;
    unsigned life;
};

struct answer {
    struct source *source;
    enum family family;
    unsigned life;
};

static struct sim_sense *back(const struct sense *sense)
{
    return (struct sim_sense *)(uintptr_t)sense;
}

static void answer(void *arg)
{
    struct answer *a = arg;
    struct source *s = a->source;
    struct sim_sense *sense = s->sense;
    enum family f = a->family;
    msec wall = net_now(sim_net_seam(sense->net)).wall;
    struct sensed *said = &s->said[f];
    bool live = a->life == sense->life;

    mem_free(a);
    if (!live)
        return;
    said->asked = said->since = wall;
    said->state = !s->real[f]              ? SENSED_UNKNOWN
                  : s->truth[f].count == 0 ? SENSED_NONE
                                           : SENSED_KNOWN;
    said->set = s->truth[f];
    if (s->uses > 0 && sense->seam.fn != NULL)
        sense->seam.fn(sense->seam.fn_arg, s, f);
}

static void answer_in(struct source *s, enum family f, msec delay)
{
    struct answer *a = mem_alloc(sizeof *a);
    msec now = net_now(sim_net_seam(s->sense->net)).mono;

    *a = (struct answer){s, f, s->sense->life};
    sim_net_at(s->sense->net, now + delay, answer, a);
}

static struct source *source_of(struct sim_sense *s, const char *name)
{
    struct source *source = s->sources;

    while (source != NULL && !text_equal(source->name, name))
        source = source->next;
    if (source == NULL) {
        source = mem_alloc(sizeof *source);
        source->sense = s;
        source->name = mem_text(name);
        source->shown = mem_format("interface %s", name);
        source->next = s->sources;
        s->sources = source;
    }
    return source;
}

static struct source *use(struct sense *sense, const struct view *settings, enum family family,
                          const char **why)
{
    struct sim_sense *s = back(sense);
    const char *how = view_get(settings, family == V4 ? "usev4" : "usev6");
    const char *uplink = view_get(settings, "uplink");
    const char *name = uplink != NULL ? uplink : view_get(settings, family == V4 ? "ifv4" : "ifv6");

    *why = "disabled";
    if (!text_equal(how, family == V4 ? "ifv4" : "ifv6") || name == NULL)
        return NULL;
    struct source *source = source_of(s, name);
    source->uses++;
    if (source->said[family].asked == 0)
        answer_in(source, family, (msec)sim_net_below(s->net, ANSWER_MOST));
    return source;
}

static void release(struct sense *sense, struct source *source)
{
    (void)sense;
    source->uses--;
}

static const struct sensed *value(const struct source *source, enum family family)
{
    return &source->said[family];
}

static void refresh(struct sense *sense, struct source *source)
{
    (void)sense;
    answer_in(source, V4, (msec)sim_net_below(source->sense->net, ANSWER_MOST));
    answer_in(source, V6, (msec)sim_net_below(source->sense->net, ANSWER_MOST));
}

static void attend(struct sense *sense, struct source *source, bool needed)
{
    (void)sense;
    source->idle += needed ? -1u : 1u;
}

static const char *name(const struct source *source)
{
    return source->shown;
}

static const char *kind(const struct source *source)
{
    (void)source;
    return "interface";
}

static struct source *next(const struct sense *sense, const struct source *after)
{
    struct source *s = after == NULL ? back(sense)->sources : after->next;
    while (s != NULL && s->uses == 0)
        s = s->next;
    return s;
}

static const struct sense_ops ops = {
    .use = use,
    .release = release,
    .value = value,
    .refresh = refresh,
    .attend = attend,
    .name = name,
    .kind = kind,
    .next = next,
};

struct sim_sense *sim_sense_new(struct sim_net *net)
{
    struct sim_sense *s = mem_alloc(sizeof *s);
    s->seam.ops = &ops;
    s->net = net;
    return s;
}

void sim_sense_free(struct sim_sense *s)
{
    while (s != NULL && s->sources != NULL) {
        struct source *source = s->sources;
        s->sources = source->next;
        mem_free(source->name);
        mem_free(source->shown);
        mem_free(source);
    }
    mem_free(s);
}

struct sense *sim_sense_seam(struct sim_sense *s)
{
    return &s->seam;
}

void sim_sense_set(struct sim_sense *s, const char *interface, enum family f,
                   const struct addrset *set)
{
    struct source *source = source_of(s, interface);

    source->real[f] = set != NULL;
    source->truth[f] = set != NULL ? *set : (struct addrset){0};
    answer_in(source, f, 0);
}

bool sim_sense_needed(const struct sim_sense *s, const char *interface)
{
    for (const struct source *source = s->sources; source != NULL; source = source->next)
        if (text_equal(source->name, interface))
            return source->idle < source->uses;
    return false;
}

void sim_sense_restart(struct sim_sense *s)
{
    s->life++;
    for (struct source *source = s->sources; source != NULL; source = source->next) {
        source->uses = source->idle = 0;
        for (int f = 0; f < FAMILIES; f++)
            source->said[f] = (struct sensed){0};
    }
}
