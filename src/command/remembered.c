/*
 * SPDX-License-Identifier: ISC
 */
#include "command/remembered.h"

#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "sense/real.h"
#include "sense/spec.h"

/* Each belongs to one entry and family: what is remembered is kept by entry. */
struct source {
    struct source *next;
    char *name; /* owned */
    struct sensed values[FAMILIES];
};

struct remembered {
    struct sense base;
    struct memstate *memory;
    struct source *first;
};

static struct remembered *of(const struct sense *sense)
{
    return (struct remembered *)(uintptr_t)sense;
}

static bool literal(const struct view *settings, enum family family, struct addr *out)
{
    static const struct {
        const char *strategy, *value, *argument;
    } table[FAMILIES][2] = {[V4] = {{"usev4", "ipv4", "ipv4"}, {"use", "ip", "ip"}},
                            [V6] = {{"usev6", "ipv6", "ipv6"}, {"use", "ip", "ip"}}};

    for (size_t i = 0; i < 2; i++) {
        const char *text = view_get(settings, table[family][i].argument);
        if (text_equal(view_get(settings, table[family][i].strategy), table[family][i].value) &&
            text != NULL && addr_parse(text, out) && out->family == family)
            return true;
    }
    return false;
}

static void fill(struct remembered *r, struct sensed *value, const struct view *settings,
                 enum family family)
{
    const char *id = view_get(settings, "@id");
    const struct state_record *record = id != NULL ? memstate_record(r->memory, id, family) : NULL;
    struct addr address;

    if (literal(settings, family, &address)) {
        addrset_add(&value->set, &address);
        value->state = SENSED_KNOWN;
    } else if (record != NULL && record->tried.count > 0 &&
               (record->failures > 0 || record->stopped)) {
        value->set = record->tried;
        value->state = SENSED_KNOWN;
    } else if (record != NULL && record->published_known && record->published.count > 0) {
        value->set = record->published;
        value->state = SENSED_KNOWN;
    }
    value->asked = record != NULL ? record->attempt_at : 0;
    value->since = value->asked;
}

static struct source *use(struct sense *sense, const struct view *settings, enum family family,
                          const char **why)
{
    struct remembered *r = of(sense);
    const struct sense_options none = {.ddclient = false};
    struct spec spec;

    if (!spec_make(&spec, settings, family, &none, why))
        return NULL;
    struct source *s = mem_alloc(sizeof *s);
    s->name = mem_text(spec.name);
    spec_free(&spec);
    fill(r, &s->values[family], settings, family);
    s->next = r->first;
    r->first = s;
    return s;
}

static void release(struct sense *sense, struct source *source)
{
    struct source **at = &of(sense)->first;

    while (*at != source)
        at = &(*at)->next;
    *at = source->next;
    mem_free(source->name);
    mem_free(source);
}

static const struct sensed *value_of(const struct source *source, enum family family)
{
    return &source->values[family];
}

static void refresh(struct sense *sense, struct source *source)
{
    (void)sense;
    (void)source;
}

static const char *name_of(const struct source *source)
{
    return source->name;
}

static const char *kind_of(const struct source *source)
{
    (void)source;
    return "fixed"; /* what was once published may be so again, whatever its kind */
}

static struct source *next(const struct sense *sense, const struct source *after)
{
    return after == NULL ? of(sense)->first : after->next;
}

static const struct sense_ops ops = {.use = use,
                                     .release = release,
                                     .value = value_of,
                                     .refresh = refresh,
                                     .name = name_of,
                                     .kind = kind_of,
                                     .next = next};

struct remembered *remembered_new(struct memstate *memory)
{
    struct remembered *r = mem_alloc(sizeof *r);

    r->base.ops = &ops;
    r->memory = memory;
    return r;
}

struct sense *remembered_sense(struct remembered *r)
{
    return &r->base;
}

void remembered_free(struct remembered *r)
{
    if (r == NULL)
        return;
    while (r->first != NULL)
        release(&r->base, r->first);
    mem_free(r);
}
