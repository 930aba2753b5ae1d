/*
 * SPDX-License-Identifier: ISC
 */
#include "conf/inside.h"

#include "base/mem.h"
#include "base/text.h"
#include "conf/value.h"

#include <stdlib.h>
#include <string.h>

/* The order in which layers are asked: reference of the language, 2.1, as mended. */

static bool is_homing(const struct conf *c)
{
    return c->options.dialect == CONF_HOMING;
}

/* The last of equal names counts; when it was refused, none does. */
const struct assignment *layers_in(const struct statement *st, unsigned id)
{
    const struct assignment *set = form_of(st)->set;

    for (unsigned i = form_of(st)->count; i > 0; i--)
        if (set[i - 1].id == id)
            return (set[i - 1].flags & ASSIGNED_BAD) == 0 ? &set[i - 1] : NULL;
    return NULL;
}

static bool take(struct found *f, const struct assignment *a, const struct statement *st,
                 enum level level)
{
    f->a = a;
    f->st = st;
    f->level = level;
    f->value = value_in(st, a);
    return true;
}

/* The last global value of the statements before "before" (UINT32_MAX: of the whole file). */
uint32_t layers_globals_before(const struct name *n, uint32_t seq)
{
    uint32_t low = 0, high = n->count;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (n->globals[middle].seq < seq)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

bool layers_global(const struct conf *c, unsigned id, uint32_t before, struct found *f)
{
    const struct name *n = &c->names[id];

    for (uint32_t low = layers_globals_before(n, before); low > 0; low--) {
        const struct global *g = &n->globals[low - 1];
        if ((g->a->flags & ASSIGNED_BAD) != 0)
            continue;
        const struct statement *st = statement_at(c, g->seq);
        return value_in(st, g->a) != NULL &&
               take(f, g->a, st, before == UINT32_MAX ? LEVEL_LATER : LEVEL_GLOBAL);
    }
    return false;
}

static bool in_command(const struct conf *c, unsigned id, struct found *f)
{
    const struct assignment *a = c->command != NULL ? layers_in(c->command, id) : NULL;
    return a != NULL && value_in(c->command, a) != NULL && take(f, a, c->command, LEVEL_COMMAND);
}

static bool in_own(const struct conf_entry *e, unsigned id, struct found *f)
{
    const struct assignment *a = layers_in(e->first, id);
    if (a != NULL)
        return take(f, a, e->first, LEVEL_OWN);
    for (const struct more *m = entry_more(e); m != NULL; m = m->next)
        if ((a = layers_in(m->st, id)) != NULL)
            return take(f, a, m->st, LEVEL_OWN);
    return false;
}

static bool in_account(const struct conf *c, const struct conf_entry *e, unsigned id,
                       struct found *f)
{
    if (e->seat->object == NULL ||
        (c->names[id].row != NULL && (c->names[id].row->flags & SETTING_META) != 0))
        return false;
    const struct statement *st = e->seat->object->st;
    const struct assignment *a = layers_in(st, id);
    return a != NULL && value_in(st, a) != NULL && take(f, a, st, LEVEL_ACCOUNT);
}

static bool in_snapshots(const struct conf *c, const struct conf_entry *e, unsigned id,
                         struct found *f)
{
    if (layers_global(c, id, e->first->seq, f))
        return true;
    for (const struct more *m = entry_more(e); m != NULL; m = m->next)
        if (layers_global(c, id, m->st->seq, f))
            return true;
    return false;
}

/* ddclient's order for a repeated host: each statement with its snapshot, the first wins (1.7). */
static bool in_own_ddclient(const struct conf *c, const struct conf_entry *e, unsigned id,
                            struct found *f)
{
    const struct assignment *a = layers_in(e->first, id);
    if (a != NULL)
        return take(f, a, e->first, LEVEL_OWN);
    if (layers_global(c, id, e->first->seq, f))
        return true;
    for (const struct more *m = entry_more(e); m != NULL; m = m->next) {
        if ((a = layers_in(m->st, id)) != NULL)
            return take(f, a, m->st, LEVEL_OWN);
        if (layers_global(c, id, m->st->seq, f))
            return true;
    }
    return false;
}

/* The whole run has one value: what the lines of a host say is ours to honour, but the command line
 * beats it, and of global lines the last one counts for all. */
static bool once_ddclient(const struct conf *c, const struct conf_entry *e, unsigned id,
                          struct found *f)
{
    return in_command(c, id, f) || in_own(e, id, f) ||
           ((e->flags & ENTRY_ALONE) == 0 && layers_global(c, id, UINT32_MAX, f));
}

bool layers_written(const struct conf *c, const struct conf_entry *e, unsigned id, struct found *f)
{
    const struct assignment *a;
    const struct setting *row = c->names[id].row;

    f->level = LEVEL_NONE;
    f->value = NULL;
    if (!c->names[id].used)
        return false;
    if (row != NULL && row->scope == SCOPE_GLOBAL)
        return in_command(c, id, f) || layers_global(c, id, UINT32_MAX, f);
    if ((e->flags & ENTRY_ABOVE) != 0 && (a = layers_in(c->above, id)) != NULL &&
        value_in(c->above, a) != NULL)
        return take(f, a, c->above, LEVEL_ABOVE);
    if (!is_homing(c)) {
        if (row != NULL && (row->flags & SETTING_ONCE) != 0)
            return once_ddclient(c, e, id, f) && f->value != NULL;
        /* A host of the command line alone has no place in the file, so no globals before it. */
        if (e->first != c->above && in_own_ddclient(c, e, id, f))
            return f->value != NULL;
        if (in_account(c, e, id, f) || in_command(c, id, f))
            return true;
        return (e->flags & ENTRY_ALONE) == 0 && layers_global(c, id, UINT32_MAX, f);
    }
    if (in_command(c, id, f))
        return true;
    if (in_own(e, id, f))
        return f->value != NULL; /* key=default: no other layer is asked */
    if (in_account(c, e, id, f))
        return true;
    return (e->flags & ENTRY_ALONE) == 0 &&
           (in_snapshots(c, e, id, f) || layers_global(c, id, UINT32_MAX, f));
}

bool layers_id(const struct conf *c, const char *name, unsigned *id)
{
    const struct setting *row = setting_find(name);
    if (row != NULL) {
        *id = (unsigned)setting_index(row);
        return true;
    }
    void *at = map_get(c->extra, name);
    if (at == NULL)
        return false;
    *id = (unsigned)(uintptr_t)at - 1;
    return true;
}

static unsigned row_id(const char *name)
{
    return (unsigned)setting_index(setting_find(name));
}

/*
 * ddclient's older arguments: usev6=if takes if= unless ifv6= is set, and any router model takes
 * fw= (reference of the language, 2.8, quirk 15 mended).
 */
static const struct older {
    const char *name, *older, *strategy;
    bool only_old; /* only when the strategy was written in the older way */
} older[] = {
    {"ipv4", "ip", "usev4", true},
    {"ipv6", "ip", "usev6", true},
    {"ifv4", "if", "usev4", true},
    {"ifv6", "if", "usev6", true},
    {"webv4", "web", "usev4", true},
    {"webv6", "web", "usev6", true},
    {"webv4-skip", "web-skip", "usev4", true},
    {"webv6-skip", "web-skip", "usev6", true},
    {"cmdv4", "cmd", "usev4", true},
    {"cmdv6", "cmd", "usev6", true},
    {"fwv4", "fw", "usev4", false},
    {"fwv6", "fw", "usev6", false},
    {"fwv4-skip", "fw-skip", "usev4", false},
    {"fwv6-skip", "fw-skip", "usev6", false},
};

void layers_name(struct name *n)
{
    for (size_t i = 0; i < sizeof older / sizeof older[0] && n->older == NULL; i++)
        if (strcmp(older[i].name, n->name) == 0)
            n->older = &older[i];
    n->for_provider = n->row != NULL && setting_for_provider(n->row);
    n->is_source = strcmp(n->name, "use") == 0 || strcmp(n->name, "usev4") == 0 ||
                   strcmp(n->name, "usev6") == 0;
}

static const char *older_argument(const struct conf *c, const struct conf_entry *e,
                                  const struct older *o)
{
    struct found f;

    if (o->only_old &&
        (!layers_written(c, e, row_id(o->strategy), &f) || (f.a->flags & ASSIGNED_OLD) == 0))
        return NULL;
    return layers_written(c, e, row_id(o->older), &f) ? f.value : NULL;
}

static bool off(const char *value)
{
    return value == NULL || strcmp(value, "disabled") == 0;
}

/* use=, usev4= and usev6= when they are not set (2.7); a provider= without any of them means auto.
 */
static const char *default_source(const struct conf *c, const struct conf_entry *e,
                                  const char *name)
{
    struct found use, four, six;
    bool has_use = layers_written(c, e, row_id("use"), &use);
    bool has_four = layers_written(c, e, row_id("usev4"), &four);
    bool has_six = layers_written(c, e, row_id("usev6"), &six);
    bool homing = e->seat->kind != NULL && e->seat->kind->provider != NULL && is_homing(c);

    if (strcmp(name, "use") != 0)
        return homing && !has_use && !has_four && !has_six ? "auto" : "disabled";
    if (homing)
        return "disabled";
    return (has_four && !off(four.value)) || (has_six && !off(six.value)) ? "disabled" : "ip";
}

const char layers_unasked[] = "";

static const char *find_default(const struct conf *c, const struct kind *kind,
                                const struct setting *row, const char *name)
{
    const struct conf_providers *p = c->options.providers;

    if (kind != NULL && kind->notify == NULL && p != NULL && p->default_of != NULL) {
        const char *value = p->default_of(p->self, kind->provider, kind->protocol, name);
        if (value != NULL)
            return value;
    }
    if (row == NULL)
        return NULL;
    /* ddclient's own server and protocol mean nothing to a provider file. */
    if (kind != NULL && kind->provider != NULL && (row->flags & SETTING_IDENTITY) != 0)
        return NULL;
    return row->fallback;
}

static const char *default_of(const struct conf *c, const struct kind *kind,
                              const struct setting *row, const char *name)
{
    if (kind == NULL || row == NULL || kind->defaults == NULL)
        return find_default(c, kind, row, name);
    const char **known = &kind->defaults[setting_index(row)];
    if (*known == layers_unasked)
        *known = find_default(c, kind, row, name);
    return *known;
}

const char *layers_default(const struct conf *c, const struct kind *kind, const char *name)
{
    return default_of(c, kind, setting_find(name), name);
}

bool layers_find(const struct conf *c, const struct conf_entry *e, unsigned id, struct found *f)
{
    const struct name *n = &c->names[id];
    if (layers_written(c, e, id, f))
        return true;
    f->level = LEVEL_DEFAULT;
    f->a = NULL;
    f->st = NULL;
    f->value = n->older != NULL ? older_argument(c, e, n->older) : NULL;
    if (f->value == NULL && n->is_source)
        f->value = default_source(c, e, n->name);
    if (f->value == NULL)
        f->value = default_of(c, e->seat->kind, n->row, n->name);
    return f->value != NULL;
}

const char *layers_value(const struct conf *c, const struct conf_entry *e, unsigned id)
{
    struct found f;
    return layers_find(c, e, id, &f) ? f.value : NULL;
}

enum likeness layers_likeness(const struct conf *c, const struct conf_entry *a,
                              const struct conf_entry *b)
{
    const struct statement *one = a->first, *other = b->first;
    enum likeness like = LIKE_SAME;

    if (entry_more(a) != NULL || entry_more(b) != NULL)
        return LIKE_NONE;
    if (one == other)
        return LIKE_SAME;
    /* Side by side, so that no global line is between them. */
    if (form_of(one)->count != form_of(other)->count || one->seq + 1 != other->seq ||
        ((one->flags ^ other->flags) & ~STATEMENT_SAID) != 0)
        return LIKE_NONE;
    for (unsigned i = 0; one->said != other->said && i < form_of(one)->count; i++) {
        const struct assignment *x = &form_of(one)->set[i], *y = &form_of(other)->set[i];
        const char *v = value_in(one, x), *w = value_in(other, y);
        /* Whether the others of a form have other values says nothing about the two. */
        if (x->id != y->id || ((x->flags ^ y->flags) & ~ASSIGNED_OWN) != 0 ||
            (v == NULL) != (w == NULL))
            return LIKE_NONE;
        if (v == w)
            continue;
        if (!c->names[x->id].for_provider)
            return LIKE_NONE;
        like = LIKE_NEAR;
    }
    return like;
}
