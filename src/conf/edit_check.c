/*
 * SPDX-License-Identifier: ISC
 */
#include "conf/edit_inside.h"
#include "conf/identity.h"

#include "base/mem.h"
#include "base/text.h"

#include <string.h>

/* The proof of a step: former and new reading side by side. */

/* Problems that an edit may bring: they are true, and no reason to refuse it. */
static bool harmless(const char *code)
{
    static const char *const codes[] = {"no-source",     "no-provider",    "old-word",
                                        "value-bound",   "password-comma", "first-wins",
                                        "more-problems", "needs-field",    "unusable-provider",
                                        "blank-equals",  "continued-end",  "no-effect"};
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
        if (strcmp(codes[i], code) == 0)
            return true;
    return false;
}

static size_t count_code(const struct conf *c, const char *code)
{
    size_t n = 0;
    for (size_t i = 0; i < c->problem_count; i++)
        if (strcmp(c->problems[i].code, code) == 0)
            n++;
    return n;
}

static enum err new_problem(struct editing *ed, const struct conf *fresh)
{
    for (size_t i = 0; i < fresh->problem_count; i++) {
        const struct conf_problem *p = &fresh->problems[i];
        if (harmless(p->code) || count_code(fresh, p->code) <= count_code(ed->c, p->code))
            continue;
        return cause_set(ed->cause, strncmp(p->code, "bad-", 4) == 0 ? ERR_RANGE : ERR_SYNTAX,
                         "%s%s%s", p->text, p->hint != NULL ? "; " : "",
                         p->hint != NULL ? p->hint : "");
    }
    return OK;
}

/* The names that stand in either text; others have the same default on both sides. */
struct compared {
    const char **names; /* owned array of borrowed texts */
    size_t count;
};

static void collect(const struct conf *c, const struct conf *skip, struct compared *out)
{
    bool *used = mem_array(c->name_count, sizeof used[0]);
    for (size_t i = 0; i < c->statement_count; i++)
        for (unsigned k = 0; k < form_of(statement_at(c, i))->count; k++)
            used[form_of(statement_at(c, i))->set[k].id] = true;
    for (unsigned id = 0; id < c->name_count; id++) {
        const struct setting *row = c->names[id].row;
        if (!used[id] || (row != NULL && (row->flags & SETTING_META) != 0))
            continue;
        bool there = false;
        for (size_t k = 0; skip != NULL && k < out->count && !there; k++)
            there = strcmp(out->names[k], c->names[id].name) == 0;
        if (!there) {
            out->names = mem_more(out->names, out->count, sizeof out->names[0]);
            out->names[out->count++] = c->names[id].name;
        }
    }
    mem_free(used);
}

static const char *look(const struct conf_entry *e, const char *name)
{
    struct view v = conf_entry_view(e);
    return view_get(&v, name);
}

/* The first setting, but for "except", that is not the same; NULL for none. */
static const char *difference(const struct compared *names, const struct conf_entry *a,
                              const struct conf_entry *b, const char *except)
{
    if ((a->flags & ENTRY_PARKED) == 0 && (b->flags & ENTRY_PARKED) != 0)
        return "validity";
    for (size_t i = 0; i < names->count; i++) {
        const char *name = names->names[i];
        if (except != NULL && strcmp(name, except) == 0)
            continue;
        if (!text_equal(look(a, name), look(b, name)))
            return name;
    }
    return NULL;
}

/* A change of the provider changes what other settings default to; that is no harm. */
static bool sets_defaults(const char *setting)
{
    return setting != NULL &&
           (strcmp(setting, "provider") == 0 || strcmp(setting, "protocol") == 0 ||
            strcmp(setting, "account") == 0 || text_starts(setting, "use"));
}

static bool written_same(const struct compared *names, const struct conf *a, uint32_t i,
                         const struct conf *b, uint32_t k, const char *except)
{
    struct found f, g;
    unsigned ida, idb;
    for (size_t n = 0; n < names->count; n++) {
        const char *name = names->names[n];
        if (strcmp(name, except) == 0)
            continue;
        bool there = layers_id(a, name, &ida) && layers_written(a, &a->entries[i], ida, &f);
        bool here = layers_id(b, name, &idb) && layers_written(b, &b->entries[k], idb, &g);
        /* Another account brings its own values. */
        if (strcmp(except, "account") == 0 &&
            ((there && f.level == LEVEL_ACCOUNT) || (here && g.level == LEVEL_ACCOUNT)))
            continue;
        if (there != here || (there && !text_equal(f.value, g.value)))
            return false;
    }
    return true;
}

static enum err refuse(struct editing *ed, const struct conf_entry *e, const char *what)
{
    return cause_set(ed->cause, ERR_UNSUPPORTED,
                     "this edit would change the %s of %s too; edit the file by hand", what,
                     entry_written(e));
}

static enum err compare_pair(struct editing *ed, struct conf *fresh, const struct compared *names,
                             uint32_t i, uint32_t k, const char *except, bool renamed)
{
    const struct conf_entry *a = &ed->c->entries[i], *b = &fresh->entries[k];
    if (!renamed && strcmp(a->hostname, b->hostname) != 0)
        return refuse(ed, a, "hostname");
    const char *what = difference(names, a, b, except);
    if (what == NULL || (sets_defaults(except) && strcmp(what, "validity") != 0 &&
                         written_same(names, ed->c, i, fresh, k, except)))
        return OK;
    return refuse(ed, a, what);
}

/* All hostnames but the target, in their order; then the target with itself. */
static enum err compare_entries(struct editing *ed, struct conf *fresh, enum proof proof,
                                const char *setting, uint32_t target, uint32_t fresh_target)
{
    struct compared names = {0};
    uint32_t k = 0;
    enum err e = OK;

    collect(ed->c, NULL, &names);
    collect(fresh, ed->c, &names);
    for (uint32_t i = 0; i < ed->c->entry_count && e == OK; i++) {
        bool member = ed->members != NULL && ed->members[i];
        if (i == target || (member && proof == PROOF_REMOVED))
            continue;
        if (k == fresh_target)
            k++;
        if (k >= fresh->entry_count)
            e = refuse(ed, &ed->c->entries[i], "place");
        else
            e = compare_pair(ed, fresh, &names, i, k++,
                             proof == PROOF_ALL || member ? setting : NULL, false);
    }
    if (e == OK && target != UINT32_MAX && fresh_target != UINT32_MAX)
        e = compare_pair(ed, fresh, &names, target, fresh_target,
                         proof == PROOF_SAME ? NULL : setting, proof == PROOF_RENAMED);
    mem_free(names.names);
    return e;
}

/* Where the target is in the new reading: a split may move it. */
static uint32_t moved_target(const struct editing *ed, const struct conf *fresh)
{
    const struct conf_entry *e = &ed->c->entries[ed->target];
    for (uint32_t i = entries_first(fresh, e->hostname); i != UINT32_MAX;
         i = entry_next(&fresh->entries[i]))
        if (conf_entry_is(&fresh->entries[i], conf_entry_id(e)))
            return i;
    return UINT32_MAX;
}

static enum err check_counts(struct editing *ed, const struct conf *fresh, enum proof proof)
{
    size_t wanted = ed->c->entry_count + (proof == PROOF_ADDED);

    if (proof == PROOF_REMOVED && ed->members == NULL)
        wanted--;
    for (size_t i = 0; proof == PROOF_REMOVED && ed->members != NULL && i < ed->c->entry_count; i++)
        wanted -= ed->members[i];
    if (fresh->entry_count == wanted)
        return OK;
    if (fresh->entry_count < wanted)
        return cause_set(ed->cause, ERR_EXISTS,
                         "there is an entry for this hostname and account already");
    return cause_set(ed->cause, ERR_UNSUPPORTED,
                     "this edit would bring other hostnames; edit the file by hand");
}

static enum err prove(struct editing *ed, struct conf *fresh, enum proof proof, const char *setting,
                      uint32_t *target)
{
    enum err e = check_counts(ed, fresh, proof);
    if (e != OK || (e = new_problem(ed, fresh)) != OK)
        return e;
    switch (proof) {
    case PROOF_ADDED:
        *target = (uint32_t)fresh->entry_count - 1;
        e = compare_entries(ed, fresh, proof, NULL, UINT32_MAX, *target);
        return e != OK || (fresh->entries[*target].flags & ENTRY_PARKED) == 0
                   ? e
                   : cause_set(ed->cause, ERR_SYNTAX, "the hostname could not be used like this");
    case PROOF_REMOVED:
        *target = UINT32_MAX;
        return compare_entries(ed, fresh, proof, NULL, ed->target, UINT32_MAX);
    case PROOF_SAME:
        if (ed->target != UINT32_MAX && (*target = moved_target(ed, fresh)) == UINT32_MAX)
            return cause_set(ed->cause, ERR_UNSUPPORTED,
                             "the statement could not be divided; edit the file by hand");
        return compare_entries(ed, fresh, proof, NULL, ed->target, *target);
    case PROOF_ONE:
    case PROOF_ALL:
    case PROOF_RENAMED:
        *target = ed->target;
        return compare_entries(ed, fresh, proof, setting, ed->target, ed->target);
    }
    return OK;
}

enum err edit_step(struct editing *ed, enum proof proof, const char *setting)
{
    struct buf text;
    uint32_t target = ed->target;
    enum err e = OK;

    buf_init(&text, LEX_FILE_MAX);
    if (!patches_apply(&ed->patches, ed->c->bytes, ed->c->n, &text)) {
        buf_wipe(&text);
        return cause_set(ed->cause, ERR_TOO_BIG, "the file would be too big");
    }
    patches_clear(&ed->patches);
    struct conf *fresh = conf_parse(buf_str(&text), text.len, &ed->options);
    e = prove(ed, fresh, proof, setting, &target);
    if (e == OK) {
        conf_unref(ed->c);
        ed->c = fresh;
        buf_wipe(&ed->text);
        ed->text = text;
        ed->target = target;
        return OK;
    }
    conf_unref(fresh);
    buf_wipe(&text);
    return e;
}
