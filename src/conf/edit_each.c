/*
 * SPDX-License-Identifier: ISC
 */
#include "conf/edit.h"

#include "base/mem.h"
#include "base/text.h"
#include "conf/edit_inside.h"

#include <stdio.h>
#include <string.h>

/*
 * The same edit of many hostnames. Those whose statements hold nobody else change together: one
 * proof a setting, whatever their number. Those that share a statement with others follow one after
 * the other, each with proofs of its own.
 */

/* A proof reads the whole file: more of them would keep the keeper from its other work. */
enum { ALONE_MOST = 200 };

struct each {
    struct editing ed;
    const struct conf *former; /* before the first change */
    const char *const *targets;
    size_t count;
    bool *together;    /* owned, by the number of the entry: it is changed with the others */
    uint32_t *members; /* owned, by the number of the statement: how many of them stand in it */
};

static void members_count(struct each *m)
{
    const struct conf *c = m->ed.c;

    memset(m->members, 0, c->statement_count * sizeof m->members[0]);
    for (size_t i = 0; i < c->entry_count; i++) {
        const struct conf_entry *e = &c->entries[i];
        if (!m->together[i])
            continue;
        m->members[e->first->seq]++;
        for (const struct more *more = entry_more(e); more != NULL; more = more->next)
            m->members[more->st->seq]++;
    }
}

/* Do all its statements hold nobody else? To be set, it must have one. */
static bool is_whole(const struct each *m, const struct conf_entry *e)
{
    if (m->members[e->first->seq] != e->first->hosts ||
        (entry_more(e) != NULL && m->ed.edit->what != EDIT_REMOVE))
        return false;
    for (const struct more *more = entry_more(e); more != NULL; more = more->next)
        if (m->members[more->st->seq] != more->st->hosts)
            return false;
    return true;
}

/* Finds all targets; leaves those together that can be. */
static enum err choose(struct each *m)
{
    const struct conf *c = m->ed.c;
    const struct conf_entry *found;
    bool more = true;

    for (size_t i = 0; i < m->count; i++) {
        enum err e = conf_entry_find(c, m->targets[i], &found, m->ed.cause);
        if (e != OK) {
            snprintf(m->ed.answer->entry, sizeof m->ed.answer->entry, "%s", m->targets[i]);
            return e;
        }
        m->together[found - c->entries] = true;
    }
    /* One that leaves takes those along that stand in one statement with it. */
    while (more) {
        more = false;
        members_count(m);
        for (size_t i = 0; i < c->entry_count; i++)
            if (m->together[i] && !is_whole(m, &c->entries[i])) {
                m->together[i] = false;
                more = true;
            }
    }
    return OK;
}

static enum err step(struct each *m, enum proof proof, const char *setting)
{
    m->ed.members = m->together;
    enum err e = edit_step(&m->ed, proof, setting);
    m->ed.members = NULL;
    if (e != OK)
        patches_clear(&m->ed.patches);
    return e;
}

static enum err remove_together(struct each *m)
{
    const struct conf *c = m->ed.c;

    for (size_t i = 0; i < c->statement_count; i++)
        if (m->members[i] > 0)
            edit_delete_statement(&m->ed, statement_at(c, i));
    return step(m, PROOF_REMOVED, NULL);
}

static const struct assignment *assigned(const struct conf *c, const struct statement *st,
                                         const char *name)
{
    unsigned id;

    if (!layers_id(c, name, &id))
        return NULL;
    for (unsigned i = form_of(st)->count; i > 0; i--)
        if (form_of(st)->set[i - 1].id == id)
            return &form_of(st)->set[i - 1];
    return NULL;
}

/* One setting, in each statement of theirs; NULL for a value removes it. */
static enum err set_together(struct each *m, const struct edit_setting *s)
{
    struct editing *ed = &m->ed;
    const struct conf *c = ed->c;
    bool ok = true;

    members_count(m);
    for (size_t i = 0; i < c->statement_count && ok; i++) {
        const struct statement *st = statement_at(c, i);
        const struct assignment *a = assigned(c, st, s->name);
        if (m->members[i] == 0 || (a == NULL && s->value == NULL))
            continue;
        if (a == NULL)
            ok = edit_insert(ed, st, s->name, s->value);
        else if (s->value == NULL)
            edit_delete(ed, st, a);
        else
            ok = (a->flags & ASSIGNED_BARE) == 0 && edit_replace(ed, st, a, s->name, s->value);
    }
    if (!ok) {
        patches_clear(&ed->patches);
        return ERR_UNSUPPORTED;
    }
    enum err e = step(m, PROOF_ONE, s->name);
    for (size_t i = 0; i < ed->c->entry_count && e == OK && s->value != NULL; i++)
        if (m->together[i] && !edit_has_value(ed, (uint32_t)i, s))
            e = ERR_UNSUPPORTED;
    return e;
}

static bool all_enabled(const struct each *m)
{
    for (size_t i = 0; i < m->ed.c->entry_count; i++)
        if (m->together[i] && (m->ed.c->entries[i].flags & ENTRY_ENABLED) == 0)
            return false;
    return true;
}

static enum err run_together(struct each *m)
{
    const struct edit *edit = m->ed.edit;
    const struct edit_setting no = {"enabled", "no"}, none = {"enabled", NULL},
                              yes = {"enabled", "yes"};
    enum err e = OK;

    switch (edit->what) {
    case EDIT_REMOVE:
        return remove_together(m);
    case EDIT_DISABLE:
        return set_together(m, &no);
    case EDIT_ENABLE:
        e = set_together(m, &none);
        return e != OK || all_enabled(m) ? e : set_together(m, &yes);
    default:
        for (size_t i = 0; i < edit->count && e == OK; i++)
            e = set_together(m, &edit->settings[i]);
        return e;
    }
}

/* Another server or provider clears secrets: that is decided for each alone. */
static bool may_together(const struct edit *edit)
{
    char base[128];

    for (size_t i = 0; i < edit->count; i++)
        if (edit_way(edit->settings[i].name) != EDIT_WAY_NONE ||
            edit_base_name(edit->settings[i].name, base, sizeof base))
            return false;
    return true;
}

/* Those that changed together, proved by the rules for secrets. */
static enum err guard_together(struct each *m)
{
    enum err e = OK;

    for (size_t i = 0; i < m->ed.c->entry_count && e == OK && m->ed.edit->what == EDIT_SET; i++)
        if (m->together[i]) {
            m->ed.target = (uint32_t)i;
            e = edit_guard_target(&m->ed, m->former);
        }
    m->ed.target = UINT32_MAX;
    return e;
}

/* One after the other; of those that changed together only the identity is known now. */
static enum err run_alone(struct each *m, const bool *done)
{
    struct editing *ed = &m->ed;
    const struct conf_entry *found;
    size_t alone = 0;
    enum err e = OK;

    for (size_t i = 0; i < m->count; i++)
        alone += !done[i];
    if (alone > ALONE_MOST)
        return cause_set(ed->cause, ERR_TOO_BIG,
                         "%zu of these hostnames share lines with others; take %d at once at most",
                         alone, ALONE_MOST);
    for (size_t i = 0; i < m->count && e == OK; i++) {
        if (done[i])
            continue;
        snprintf(ed->answer->entry, sizeof ed->answer->entry, "%s", m->targets[i]);
        e = conf_entry_find(ed->c, m->targets[i], &found, ed->cause);
        if (e != OK)
            break;
        ed->target = (uint32_t)(found - ed->c->entries);
        e = edit_run_hostname(ed);
        if (e == OK && ed->target != UINT32_MAX)
            e = edit_guard_target(ed, m->former);
        ed->target = UINT32_MAX;
    }
    return e;
}

static enum err run(struct each *m)
{
    bool *done = mem_array(m->count, sizeof done[0]);
    const struct conf_entry *found;
    struct editing *ed = &m->ed;
    struct cause *told = ed->cause, quiet;
    enum err e = edit_check_request(ed);

    if (e == OK) {
        ed->answer->setting[0] = '\0';
        e = choose(m);
    }
    if (e == OK && may_together(ed->edit)) {
        for (size_t i = 0; i < m->count; i++)
            done[i] = conf_entry_find(ed->c, m->targets[i], &found, told) == OK &&
                      m->together[found - ed->c->entries];
        struct conf *before = conf_ref(ed->c);
        ed->cause = &quiet;
        enum err together = run_together(m);
        ed->cause = told;
        if (together != OK) { /* the text as it was; each alone may have a way */
            conf_unref(ed->c);
            ed->c = conf_ref(before);
            memset(done, 0, m->count * sizeof done[0]);
        }
        conf_unref(before);
        if (together == OK)
            e = guard_together(m);
    }
    if (e == OK)
        e = run_alone(m, done);
    if (e == OK)
        e = edit_guard_all(ed, m->former);
    mem_free(done);
    return e;
}

enum err edit_apply_each(const char *bytes, size_t n, const struct edit *edit,
                         const char *const *targets, size_t count,
                         const struct conf_options *options, struct buf *out,
                         struct edit_answer *answer, struct cause *cause)
{
    struct each m = {.targets = targets, .count = count};

    edit_begin(&m.ed, bytes, n, edit, options, answer, cause);
    struct conf *former = conf_ref(m.ed.c);
    m.former = former;
    m.together = mem_array(former->entry_count + 1, sizeof m.together[0]);
    m.members = mem_array(former->statement_count + 1, sizeof m.members[0]);
    enum err e = edit->of != EDIT_HOSTNAME || edit->what == EDIT_ADD || edit->what == EDIT_UNSET
                     ? cause_set(cause, ERR_UNSUPPORTED, "this can not be done with many at once")
                     : run(&m);
    if (e == OK)
        answer->entry[0] = '\0';
    conf_unref(former);
    mem_free(m.together);
    mem_free(m.members);
    return edit_finish(&m.ed, e, out);
}
