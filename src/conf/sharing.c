/*
 * SPDX-License-Identifier: ISC
 */
/* How many hostnames a setting that somebody wrote is for. */
#include "conf/inside.h"

/* What decides where an entry has a value from that is not its own: as long as all of this is the
 * same, so is the answer. */
struct manner {
    const struct form *form; /* NULL: of none */
    const struct object *object;
    unsigned flags;
    uint32_t globals; /* of that name, that stand before it */
};

static struct manner manner_of(const struct conf *c, const struct conf_entry *e, unsigned id)
{
    return (struct manner){.form = form_of(e->first),
                           .object = e->seat->object,
                           .flags = e->flags & (ENTRY_ALONE | ENTRY_ABOVE),
                           .globals = layers_globals_before(&c->names[id], e->first->seq)};
}

static bool same(const struct manner *a, const struct manner *b)
{
    return a->form == b->form && a->object == b->object && a->flags == b->flags &&
           a->globals == b->globals;
}

size_t conf_entry_sharers(const struct conf_entry *e, const char *setting)
{
    const struct conf *c = e->seat->kind->conf;
    struct found mine, other;
    struct manner last = {.form = NULL};
    bool shares = false;
    size_t count = 0;
    unsigned id;

    if (!layers_id(c, setting, &id) || !layers_written(c, e, id, &mine))
        return 0;
    for (size_t i = 0; i < conf_entry_count(c); i++) {
        const struct conf_entry *x = conf_entry_at(c, i);
        bool one = entry_more(x) == NULL; /* statement; else each of them has its say */
        if (one && mine.level == LEVEL_OWN && x->first != mine.st)
            continue;
        const struct manner now = manner_of(c, x, id);
        if (!one || !same(&now, &last))
            shares = layers_written(c, x, id, &other) && other.a == mine.a && other.st == mine.st;
        last = one ? now : (struct manner){.form = NULL};
        count += shares;
    }
    return count;
}
