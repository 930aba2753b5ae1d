/*
 * SPDX-License-Identifier: ISC
 */
/* Of the configuration: which source each entry has, and who uses a source. */
#include "engine/inside.h"

#include "base/mem.h"
#include "base/text.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct use {
    struct source *source;
    struct entry *entry;
    enum family family;
    bool counted; /* the sense counts it, and wants it released */
    size_t order;
};

static int compare_uses(const void *left, const void *right)
{
    const struct use *a = left, *b = right;
    if (a->source != b->source)
        return (uintptr_t)a->source < (uintptr_t)b->source ? -1 : 1;
    return (a->order > b->order) - (a->order < b->order);
}

static int compare_boxes(const void *left, const void *right)
{
    const struct source_box *a = *(struct source_box *const *)left;
    const struct source_box *b = *(struct source_box *const *)right;
    return (a->order > b->order) - (a->order < b->order);
}

static void boxes_free(struct engine *e, struct source_box **boxes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct source_box *box = boxes[i];
        for (unsigned u = 0; u < box->counted; u++)
            e->seams.sense->ops->release(e->seams.sense, box->source);
        for (int f = 0; f < FAMILIES; f++)
            if (!box->of_order[f])
                mem_free(box->users[f]);
        heap_set(&e->heap, &box->due, NEVER);
        mem_free(box);
    }
    mem_free(boxes);
}

static void box_add(struct engine *e, struct source_box *box, const struct use *use)
{
    size_t n = box->user_count[use->family]++;

    if ((n & (n + 1)) == 0) /* room doubles at 0, 1, 3, 7 ... */
        box->users[use->family] =
            mem_resize(box->users[use->family], 2 * (n + 1), sizeof box->users[0][0]);
    box->users[use->family][n] = use->entry;
    box->counted += use->counted;
    entry_loading(e, use->entry)->rules.source[use->family] = box;
}

/* Those who stand beside each other in the file need no list of their own: in a fleet all do. */
static void box_trim(struct engine *e, struct source_box *box)
{
    for (int f = 0; f < FAMILIES; f++) {
        struct entry **users = box->users[f];
        size_t count = box->user_count[f];
        if (count == 0)
            continue;
        struct entry **there = &e->order[conf_entry_number(users[0]->conf)];
        box->of_order[f] = there + count <= e->order + e->entry_count &&
                           memcmp(users, there, count * sizeof users[0]) == 0;
        if (box->of_order[f])
            mem_free(users);
        box->users[f] = box->of_order[f] ? there : mem_resize(users, count, sizeof users[0]);
    }
}

/* One box a source; the uses come sorted by pointer and by their order within. */
static void make_boxes(struct engine *e, struct use *uses, size_t count)
{
    struct source_box *box = NULL;

    if (count > 1)
        qsort(uses, count, sizeof uses[0], compare_uses);
    mem_free(e->by_source);
    e->by_source = mem_array(count, sizeof e->by_source[0]);
    e->source_count = 0;
    for (size_t i = 0; i < count; i++) {
        if (box == NULL || box->source != uses[i].source) {
            box = mem_alloc(sizeof *box);
            box->due.kind = DUE_SOURCE;
            box->source = uses[i].source;
            box->order = uses[i].order;
            e->by_source[e->source_count++] = box;
        }
        box_add(e, box, &uses[i]);
        if (load_fixed(e, box->source))
            entry_loading(e, uses[i].entry)->rules.any_kind = true;
    }
    for (size_t i = 0; i < e->source_count; i++)
        box_trim(e, e->by_source[i]);
    e->by_source = mem_resize(e->by_source, e->source_count, sizeof e->by_source[0]);
    e->sources = mem_array(e->source_count, sizeof e->sources[0]);
    if (e->source_count > 0)
        memcpy(e->sources, e->by_source, e->source_count * sizeof e->sources[0]);
    if (e->source_count > 1)
        qsort(e->sources, e->source_count, sizeof e->sources[0], compare_boxes);
}

/*
 * What the sense looked at to find the last entry's source, and what it saw. Nothing else counts
 * for it (sense.h), so an entry that says the same there has the same source; in a fleet that is
 * the next one.
 */
enum { SEEN_MAX = 64 };
struct sight {
    struct view of;
    struct {
        const char *name, *value;
    } seen[SEEN_MAX];
    unsigned count; /* SEEN_MAX: too much to remember */
    struct source *source;
};

static const char *sight_get(const void *self, const char *name)
{
    struct sight *s = (struct sight *)(uintptr_t)self;
    const char *value = view_get(&s->of, name);

    if (s->count < SEEN_MAX) {
        s->seen[s->count].name = name;
        s->seen[s->count].value = value;
        s->count++;
    }
    return value;
}

static bool sight_secret(const void *self, const char *name)
{
    return view_secret(&((const struct sight *)self)->of, name);
}

static bool same_sight(const struct sight *s, const struct view *v)
{
    if (s->count == 0 || s->count == SEEN_MAX)
        return false;
    for (unsigned i = 0; i < s->count; i++)
        if (!text_equal(view_get(v, s->seen[i].name), s->seen[i].value))
            return false;
    return true;
}

static struct source *look(struct engine *e, struct sight *s, const struct view *v, enum family f)
{
    const struct view through = {s, sight_get, sight_secret};
    const char *why;

    s->of = *v;
    s->count = 0;
    return s->source = e->seams.sense->ops->use(e->seams.sense, &through, f, &why);
}

static size_t find_uses(struct engine *e, struct use *uses)
{
    struct sight sights[FAMILIES] = {{.count = 0}};
    size_t count = 0;
    bool seen = false; /* of the entry before */

    for (size_t i = 0; i < e->entry_count; i++) {
        struct entry *entry = e->order[i];
        struct view v = conf_entry_view(entry->conf);
        bool near = seen && conf_entry_near(e->order[i - 1]->conf, entry->conf);
        seen = entry->bar != BAR_PARKED;
        for (int f = 0; f < FAMILIES && entry->bar != BAR_PARKED; f++) {
            bool known = near || same_sight(&sights[f], &v);
            struct source *s = known ? sights[f].source : look(e, &sights[f], &v, (enum family)f);
            if (s == NULL)
                continue;
            uses[count] = (struct use){s, entry, (enum family)f, !known, count};
            count++;
        }
    }
    return count;
}

void sources_attach(struct engine *e)
{
    struct source_box **former = e->sources;
    size_t former_count = e->source_count;
    struct use *uses = mem_array(e->entry_count * FAMILIES, sizeof uses[0]);

    make_boxes(e, uses, find_uses(e, uses));
    mem_free(uses);
    entry_settle(e);
    for (size_t i = 0; i < e->source_count; i++)
        for (int f = 0; f < FAMILIES; f++)
            follow_news(e, e->sources[i], (enum family)f);
    boxes_free(e, former, former_count);
}

void sources_forget(struct engine *e)
{
    boxes_free(e, e->sources, e->source_count);
    mem_free(e->by_source);
    e->sources = e->by_source = NULL;
    e->source_count = 0;
}
