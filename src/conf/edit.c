/*
 * SPDX-License-Identifier: ISC
 */
#include "conf/edit.h"

#include "base/mem.h"
#include "base/text.h"
#include "conf/edit_inside.h"
#include "conf/value.h"

#include <stdio.h>
#include <string.h>

/* What an edit means: which statement holds the value, who shares it, and in which steps it
 * changes. */

enum { STEPS_MAX = 12 }; /* divide, words to assignments, change: few are ever needed */

struct conf_entry *edit_target(const struct editing *ed)
{
    return &ed->c->entries[ed->target];
}

static void about(struct editing *ed, const char *setting)
{
    snprintf(ed->answer->setting, sizeof ed->answer->setting, "%s", setting);
}

/* --- who shares it --- */

static enum err ask(struct editing *ed, enum edit_shared shared, const char *setting, size_t n,
                    size_t at)
{
    ed->answer->shared = shared;
    ed->answer->hostnames = n;
    ed->answer->line = problem_line(ed->c, at);
    about(ed, setting);
    if (shared == EDIT_SHARED_LIST) /* the setting may stand nowhere yet */
        return cause_set(
            ed->cause, ERR_CONFLICT,
            "line %u is shared by %zu hostnames: change %s for all of them, or for this one",
            ed->answer->line, n, setting);
    return cause_set(
        ed->cause, ERR_CONFLICT,
        "%s stands on line %u for %zu hostnames: change it for all of them, or for this "
        "one",
        setting, ed->answer->line, n);
}

/* How many hostnames get their value of the setting from this very place? */
static size_t count_users(const struct conf *c, unsigned id, const struct assignment *a)
{
    struct found f;
    size_t n = 0;
    for (size_t i = 0; i < c->entry_count; i++)
        if (layers_written(c, &c->entries[i], id, &f) && f.a == a)
            n++;
    return n;
}

/* The last assignment of that name on the target's own statements, refused ones too. */
static struct assignment *own_assignment(const struct editing *ed, const char *name,
                                         const struct statement **st)
{
    const struct conf_entry *e = edit_target(ed);
    unsigned id;
    if (!layers_id(ed->c, name, &id))
        return NULL;
    for (unsigned i = form_of(e->first)->count; i > 0; i--)
        if (form_of(e->first)->set[i - 1].id == id) {
            *st = e->first;
            return &form_of(e->first)->set[i - 1];
        }
    for (const struct more *m = entry_more(e); m != NULL; m = m->next)
        for (unsigned i = form_of(m->st)->count; i > 0; i--)
            if (form_of(m->st)->set[i - 1].id == id) {
                *st = m->st;
                return &form_of(m->st)->set[i - 1];
            }
    return NULL;
}

/* A statement of the target's own; else its first. */
static const struct statement *own_statement(struct editing *ed)
{
    const struct conf_entry *e = edit_target(ed);
    if (edit_others(ed, e->first) == 0)
        return e->first;
    for (const struct more *m = entry_more(e); m != NULL; m = m->next)
        if (edit_others(ed, m->st) == 0)
            return m->st;
    return e->first;
}

/* The target gets statements of its own. */
static enum err divide(struct editing *ed)
{
    const struct conf_entry *e = edit_target(ed);
    bool ok = true;
    if (edit_others(ed, e->first) > 0)
        ok = edit_split(ed, e->first, e->hostname);
    for (const struct more *m = entry_more(e); m != NULL && ok; m = m->next)
        if (edit_others(ed, m->st) > 0)
            ok = edit_split(ed, m->st, e->hostname);
    if (!ok) {
        patches_clear(&ed->patches);
        return cause_set(ed->cause, ERR_UNSUPPORTED,
                         "the statement could not be divided; edit the file by hand");
    }
    return edit_step(ed, PROOF_SAME, NULL);
}

/*
 * Before a statement of the target is changed: is it its own? OK: go on. *again: a step was made,
 * look again.
 */
static enum err make_own(struct editing *ed, const struct statement *st, const char *setting,
                         bool *again)
{
    *again = false;
    size_t others = edit_others(ed, st);
    if (others == 0 || ed->share == EDIT_ALL)
        return OK;
    if (ed->share == EDIT_ASK)
        return ask(ed, EDIT_SHARED_LIST, setting, others + 1, st->at);
    *again = true;
    return divide(ed);
}

static enum proof proof_of(const struct editing *ed)
{
    return ed->share == EDIT_ALL ? PROOF_ALL : PROOF_ONE;
}

static enum err unwritable(struct editing *ed, const char *name)
{
    patches_clear(&ed->patches);
    about(ed, name);
    return cause_set(ed->cause, ERR_SYNTAX, "%s: this value can not be written into the file",
                     name);
}

/* --- settings of a hostname --- */

bool edit_has_value(const struct editing *ed, uint32_t entry, const struct edit_setting *s)
{
    char base[128];

    if (edit_base_name(s->name, base, sizeof base))
        return true; /* it is read from elsewhere */
    const struct setting *row = setting_find(base);
    struct view v = conf_entry_view(&ed->c->entries[entry]);
    const char *now = view_get(&v, base);
    struct value checked;

    value_init(&checked);
    const char *wanted = s->value;
    if (row != NULL && value_check(row, s->value, &checked) != VALUE_BAD && checked.changed)
        wanted = buf_str(&checked.form);
    bool same = text_equal(now, wanted);
    value_free(&checked);
    return same;
}

static enum err step_to_value(struct editing *ed, enum proof proof, const struct edit_setting *s,
                              const char *base)
{
    enum err e = edit_step(ed, proof, base);
    if (e == OK && !edit_has_value(ed, ed->target, s))
        return cause_set(ed->cause, ERR_UNSUPPORTED,
                         "%s would not hold where it could be written; edit the file by hand",
                         base);
    return e;
}

static enum err set_own(struct editing *ed, const struct statement *st, const struct assignment *a,
                        const struct edit_setting *s, const char *base, bool *again)
{
    enum err e = make_own(ed, st, base, again);
    if (e != OK || *again)
        return e;
    if (a == NULL) {
        if (!edit_insert(ed, st, s->name, s->value))
            return unwritable(ed, s->name);
    } else if ((a->flags & ASSIGNED_BARE) == 0) {
        if (!edit_replace(ed, st, a, s->name, s->value))
            return unwritable(ed, s->name);
    } else if (patch_is_bare(s->value) && strcmp(s->name, base) == 0) {
        patches_add(&ed->patches, in_file(st, a->value_at), in_file(st, a->value_end), s->value);
    } else {
        *again = true;
        return edit_unbare(ed, st) ? edit_step(ed, PROOF_SAME, NULL) : unwritable(ed, s->name);
    }
    return step_to_value(ed, proof_of(ed), s, base);
}

/* A value from a global line or an object: for all, or a value of the hostname's own. */
static enum err set_shared(struct editing *ed, const struct found *f, const struct edit_setting *s,
                           const char *base, bool *again)
{
    bool object = f->level == LEVEL_ACCOUNT;
    unsigned id;

    layers_id(ed->c, base, &id);
    if (ed->share == EDIT_ASK)
        return ask(ed, object ? EDIT_SHARED_OBJECT : EDIT_SHARED_GLOBAL, base,
                   count_users(ed->c, id, f->a), in_file(f->st, f->a->at));
    if (ed->share == EDIT_ONE)
        return set_own(ed, own_statement(ed), NULL, s, base, again);
    if (!ed->edit->owner && edit_leads_away(setting_find(base)))
        return cause_set(ed->cause, ERR_DENIED, "%s stands on line %u for others too: change it %s",
                         base, problem_line(ed->c, in_file(f->st, f->a->at)),
                         object ? "on the account" : "in the file");
    if (!edit_replace(ed, f->st, f->a, s->name, s->value))
        return unwritable(ed, s->name);
    return step_to_value(ed, PROOF_ALL, s, base);
}

static enum err set_one(struct editing *ed, const struct edit_setting *s)
{
    char base[128];
    edit_base_name(s->name, base, sizeof base);

    for (int i = 0; i < STEPS_MAX; i++) {
        const struct statement *st = NULL;
        struct found f;
        unsigned id;
        bool again = false;
        enum err e;
        struct assignment *a = own_assignment(ed, base, &st);
        if (a != NULL)
            e = set_own(ed, st, a, s, base, &again);
        else if (layers_id(ed->c, base, &id) && layers_written(ed->c, edit_target(ed), id, &f) &&
                 f.level > LEVEL_OWN && f.level != LEVEL_COMMAND)
            e = set_shared(ed, &f, s, base, &again);
        else
            e = set_own(ed, own_statement(ed), NULL, s, base, &again);
        if (e != OK || !again)
            return e;
    }
    return cause_set(ed->cause, ERR_UNSUPPORTED, "%s could not be changed; edit the file by hand",
                     base);
}

static enum err remove_own(struct editing *ed, const struct statement *st,
                           const struct assignment *a, const char *name, bool *again)
{
    enum err e = make_own(ed, st, name, again);
    if (e != OK || *again)
        return e;
    if ((a->flags & ASSIGNED_BARE) != 0) {
        *again = true;
        return edit_unbare(ed, st) ? edit_step(ed, PROOF_SAME, NULL) : unwritable(ed, name);
    }
    edit_delete(ed, st, a);
    e = edit_step(ed, proof_of(ed), name);
    const struct statement *left;
    *again = e == OK && own_assignment(ed, name, &left) != NULL;
    return e;
}

/* key=default: no value, whatever is inherited. */
static enum err default_own(struct editing *ed, const char *name)
{
    for (int i = 0; i < STEPS_MAX; i++) {
        bool again;
        const struct statement *st = own_statement(ed);
        enum err e = make_own(ed, st, name, &again);
        if (e != OK)
            return e;
        if (again)
            continue;
        if (!edit_insert(ed, st, name, NULL))
            return unwritable(ed, name);
        return edit_step(ed, proof_of(ed), name);
    }
    return ERR_UNSUPPORTED;
}

static enum err unset_one(struct editing *ed, const char *name)
{
    for (int i = 0; i < STEPS_MAX; i++) {
        const struct statement *st = NULL;
        struct found f;
        unsigned id;
        bool again = false;
        enum err e = OK;
        struct assignment *a = own_assignment(ed, name, &st);
        if (a != NULL) {
            e = remove_own(ed, st, a, name, &again);
        } else if (!layers_id(ed->c, name, &id) ||
                   !layers_written(ed->c, edit_target(ed), id, &f) || f.level == LEVEL_COMMAND) {
            return OK;
        } else if (i > 0) {
            return OK; /* its own is gone; what is inherited stays */
        } else if (ed->share == EDIT_ASK) {
            return ask(ed, f.level == LEVEL_ACCOUNT ? EDIT_SHARED_OBJECT : EDIT_SHARED_GLOBAL, name,
                       count_users(ed->c, id, f.a), in_file(f.st, f.a->at));
        } else if (ed->share == EDIT_ONE) {
            return default_own(ed, name);
        } else {
            return cause_set(ed->cause, ERR_UNSUPPORTED,
                             "%s stands on line %u for all hostnames; remove it there", name,
                             problem_line(ed->c, in_file(f.st, f.a->at)));
        }
        if (e != OK || !again)
            return e;
    }
    return cause_set(ed->cause, ERR_UNSUPPORTED, "%s could not be removed; edit the file by hand",
                     name);
}

/* --- secrets do not follow to another server --- */

/* The first secret of those ways that the target still has, beside those that the request sets. */
static bool next_secret(const struct editing *ed, const bool *moved, char *name, size_t room)
{
    struct found f;
    for (unsigned id = 0; id < ed->c->name_count; id++) {
        const char *candidate = ed->c->names[id].name;
        if (!moved[edit_way_of_secret(candidate)] || edit_sets(ed->edit, candidate) ||
            !edit_is_secret(ed, edit_target(ed), candidate) ||
            !layers_written(ed->c, edit_target(ed), id, &f))
            continue;
        snprintf(name, room, "%s", candidate);
        return true;
    }
    return false;
}

static enum err clear_secrets(struct editing *ed, const bool *moved)
{
    enum edit_share former = ed->share;
    char name[128];
    enum err e = OK;

    /* Each is gone after two steps at most; names may have other numbers after each. */
    for (size_t i = 0; i < 2 * ed->c->name_count && next_secret(ed, moved, name, sizeof name);
         i++) {
        const struct statement *st;
        ed->answer->secrets_cleared = true;
        if (own_assignment(ed, name, &st) != NULL) {
            e = unset_one(ed, name);
        } else {
            ed->share = former == EDIT_ALL ? EDIT_ALL : EDIT_ONE;
            e = default_own(ed, name);
            ed->share = former;
        }
        if (e != OK)
            return e;
    }
    return next_secret(ed, moved, name, sizeof name)
               ? cause_set(ed->cause, ERR_UNSUPPORTED, "%s could not be cleared", name)
               : OK;
}

/* Does the request name another value than there is? */
static bool changes(const struct editing *ed, const struct edit_setting *s)
{
    struct view v = conf_entry_view(edit_target(ed));
    const char *now = view_get(&v, s->name);
    return now == NULL || strcmp(now, s->value) != 0;
}

static enum err set_hostname(struct editing *ed)
{
    const struct edit *edit = ed->edit;
    enum err e = OK;

    bool moved[EDIT_WAYS] = {false};

    for (size_t i = 0; i < edit->count && !edit->owner; i++)
        if (changes(ed, &edit->settings[i]))
            moved[edit_way(edit->settings[i].name)] = true;
    moved[EDIT_WAY_NONE] = false;
    e = clear_secrets(ed, moved);
    for (size_t i = 0; i < edit->count && e == OK; i++)
        e = set_one(ed, &edit->settings[i]);
    return e;
}

/* --- hostnames --- */

static enum err remove_hostname(struct editing *ed)
{
    for (int i = 0; i < STEPS_MAX; i++) {
        const struct conf_entry *e = edit_target(ed);
        const struct statement *bare = NULL;
        const struct statement *st = e->first;
        const struct more *m = entry_more(e);
        while (st != NULL) {
            if (edit_others(ed, st) == 0)
                edit_delete_statement(ed, st);
            else
                edit_drop_host(ed, st, e->hostname);
            if (edit_others(ed, st) > 0 && edit_has_bare(st))
                bare = st;
            st = m != NULL ? m->st : NULL;
            m = m != NULL ? m->next : NULL;
        }
        struct cause first = {""};
        struct cause *caller = ed->cause;
        ed->cause = &first;
        enum err result = edit_step(ed, PROOF_REMOVED, NULL);
        ed->cause = caller;
        if (result == OK)
            return OK;
        /* "host=b a joe pw" without a: joe would be the hostname. */
        if (bare == NULL || i > 0)
            return cause_set(ed->cause, result, "%s", first.text);
        patches_clear(&ed->patches);
        if (!edit_unbare(ed, bare) || (result = edit_step(ed, PROOF_SAME, NULL)) != OK)
            return cause_set(ed->cause, result != OK ? result : ERR_UNSUPPORTED, "%s", first.text);
    }
    return ERR_UNSUPPORTED;
}

/* Can the name stand among the words of a statement? */
static enum err check_word(struct editing *ed, const char *name)
{
    if (name == NULL || *name == '\0' || strpbrk(name, ", \t\r\n#\\'\"=") != NULL)
        return cause_set(ed->cause, ERR_SYNTAX, "this can not be a hostname");
    if (strchr(name + 1, '@') != NULL)
        return cause_set(ed->cause, ERR_SYNTAX, "an @ in a hostname would look like an identity");
    return OK;
}

/* The other name takes the place of the first wherever that stands, so that the line stays. */
static enum err rename_hostname(struct editing *ed)
{
    const struct conf_entry *e = edit_target(ed);
    const char *name = ed->edit->name;

    enum err result = check_word(ed, name);
    if (result != OK)
        return result;
    if (edit_word_is(ed, name, strlen(name), e->hostname))
        return cause_set(ed->cause, ERR_EXISTS, "it has this name already");
    edit_rename_host(ed, e->first, e->hostname, name);
    for (const struct more *m = entry_more(e); m != NULL; m = m->next)
        edit_rename_host(ed, m->st, e->hostname, name);
    return edit_step(ed, PROOF_RENAMED, NULL);
}

static enum err add_hostname(struct editing *ed)
{
    const struct edit *edit = ed->edit;
    struct buf text;
    bool ok = true, bare = false;

    enum err e = check_word(ed, edit->target);
    if (e != OK)
        return e;
    buf_init(&text, LEX_FILE_MAX);
    for (size_t i = 0; i < edit->count; i++) {
        size_t at = text.len;
        if (i > 0)
            buf_text(&text, bare ? " " : ", ");
        ok = edit_pair(&text, edit->settings[i].name, edit->settings[i].value, false) && ok;
        bare = text_ends(edit->settings[i].name, "password") && text.len > at &&
               text.data[text.len - 1] != '\'' && text.data[text.len - 1] != '"';
    }
    buf_format(&text, "%sinherit=no %s", edit->count == 0 ? "" : bare ? " " : ", ", edit->target);
    if (ok)
        edit_append(ed, buf_str(&text));
    buf_wipe(&text);
    return ok ? edit_step(ed, PROOF_ADDED, NULL) : unwritable(ed, "");
}

static enum err enable(struct editing *ed, bool on)
{
    const struct statement *st;
    const struct edit_setting no = {"enabled", "no"}, yes = {"enabled", "yes"};
    enum err e = OK;

    if (ed->share == EDIT_ASK)
        ed->share = EDIT_ONE;
    if (!on)
        return set_one(ed, &no);
    if (own_assignment(ed, "enabled", &st) != NULL)
        e = unset_one(ed, "enabled");
    struct view v = conf_entry_view(edit_target(ed));
    if (e == OK && !text_equal(conf_text(&v, "enabled"), "yes"))
        e = set_one(ed, &yes);
    return e;
}

/* --- globals and objects --- */

/* The last global line that says something of the name; NULL: none does. */
static const struct global *last_global(const struct conf *c, const char *name)
{
    unsigned id;

    if (!layers_id(c, name, &id) || c->names[id].count == 0)
        return NULL;
    return &c->names[id].globals[c->names[id].count - 1];
}

static enum err set_global(struct editing *ed, const struct edit_setting *s)
{
    char base[128];
    unsigned id;
    struct buf text;

    edit_base_name(s->name, base, sizeof base);
    const struct global *last = last_global(ed->c, base);
    size_t places = layers_id(ed->c, base, &id) ? ed->c->names[id].count : 0;
    const struct setting *row = setting_find(base);
    if (places > 1 && (row == NULL || row->scope != SCOPE_GLOBAL))
        return cause_set(ed->cause, ERR_UNSUPPORTED,
                         "%s stands on several global lines; change it in the file", base);
    if (last != NULL) {
        if (!edit_replace(ed, statement_at(ed->c, last->seq), last->a, s->name, s->value))
            return unwritable(ed, s->name);
    } else {
        buf_init(&text, LEX_FILE_MAX);
        bool ok = edit_pair(&text, s->name, s->value, false);
        if (ok)
            edit_append(ed, buf_str(&text));
        buf_wipe(&text);
        if (!ok)
            return unwritable(ed, s->name);
    }
    return edit_step(ed, PROOF_ALL, base);
}

static enum err unset_global(struct editing *ed, const char *name)
{
    for (size_t i = 0; i < ed->c->n; i++) {
        const struct global *last = last_global(ed->c, name);
        if (last == NULL)
            return OK;
        edit_delete(ed, statement_at(ed->c, last->seq), last->a);
        enum err e = edit_step(ed, PROOF_ALL, name);
        if (e != OK)
            return e;
    }
    return cause_set(ed->cause, ERR_UNSUPPORTED, "%s could not be removed; edit the file by hand",
                     name);
}

static const struct object *find_object(struct editing *ed)
{
    return ed->edit->target != NULL ? map_get(ed->c->object_index, ed->edit->target) : NULL;
}

static enum err change_object(struct editing *ed, const struct edit_setting *s, const char *unset)
{
    char base[128];
    unsigned id;
    const struct object *o = find_object(ed);
    const struct assignment *a = NULL;

    if (o == NULL)
        return cause_set(ed->cause, ERR_NOT_FOUND, "there is no object %s",
                         ed->edit->target != NULL ? ed->edit->target : "");
    edit_base_name(s != NULL ? s->name : unset, base, sizeof base);
    if (layers_id(ed->c, base, &id))
        for (unsigned i = 0; i < form_of(o->st)->count; i++)
            if (form_of(o->st)->set[i].id == id)
                a = &form_of(o->st)->set[i];
    if (s == NULL) {
        if (a == NULL)
            return OK;
        edit_delete(ed, o->st, a);
    } else if (a != NULL ? !edit_replace(ed, o->st, a, s->name, s->value)
                         : !edit_insert(ed, o->st, s->name, s->value)) {
        return unwritable(ed, s->name);
    }
    return edit_step(ed, PROOF_ALL, base);
}

/* The secrets of an account that is told another server. */
static bool next_object_secret(struct editing *ed, const bool *moved, char *name, size_t room)
{
    const struct object *o = find_object(ed);
    for (size_t i = 0; o != NULL && i < ed->c->object_count; i++) {
        struct view v = conf_object_view(ed->c, i);
        for (unsigned k = 0; ed->c->objects[i] == o && k < form_of(o->st)->count; k++) {
            const char *candidate = ed->c->names[form_of(o->st)->set[k].id].name;
            if (!moved[edit_way_of_secret(candidate)] || edit_sets(ed->edit, candidate) ||
                !view_secret(&v, candidate))
                continue;
            snprintf(name, room, "%s", candidate);
            return true;
        }
    }
    return false;
}

static enum err clear_object(struct editing *ed)
{
    const struct edit *edit = ed->edit;
    bool moved[EDIT_WAYS] = {false};
    char name[128];

    for (size_t i = 0; i < edit->count && !edit->owner; i++)
        moved[edit_way(edit->settings[i].name)] = true;
    moved[EDIT_WAY_NONE] = false;
    while (next_object_secret(ed, moved, name, sizeof name)) {
        enum err e = change_object(ed, NULL, name);
        if (e != OK)
            return e;
        ed->answer->secrets_cleared = true;
    }
    return OK;
}

static enum err add_object(struct editing *ed)
{
    const struct edit *edit = ed->edit;
    struct edit_setting define = {"define", edit->target != NULL ? edit->target : ""};
    struct buf text;
    bool ok;

    enum err e = edit_check_value(ed, &define);
    if (e != OK)
        return e;
    if (find_object(ed) != NULL)
        return cause_set(ed->cause, ERR_EXISTS, "%s is defined already", edit->target);
    buf_init(&text, LEX_FILE_MAX);
    ok = edit_pair(&text, "define", edit->target, false);
    for (size_t i = 0; i < edit->count; i++) {
        buf_text(&text, i > 0 && text_ends(edit->settings[i - 1].name, "password") ? " " : ", ");
        ok = edit_pair(&text, edit->settings[i].name, edit->settings[i].value, false) && ok;
    }
    if (ok)
        edit_append(ed, buf_str(&text));
    buf_wipe(&text);
    return ok ? edit_step(ed, PROOF_SAME, NULL) : unwritable(ed, "");
}

static enum err remove_object(struct editing *ed)
{
    const struct object *o = find_object(ed);
    if (o == NULL)
        return cause_set(ed->cause, ERR_NOT_FOUND, "there is no object %s",
                         ed->edit->target != NULL ? ed->edit->target : "");
    edit_delete_statement(ed, o->st);
    return edit_step(ed, PROOF_SAME, NULL);
}

/* --- the whole edit --- */

/* Without its server a hostname goes to another one. */
static enum err clear_on_unset(struct editing *ed)
{
    bool moved[EDIT_WAYS] = {false};
    for (size_t i = 0; i < ed->edit->count && !ed->edit->owner; i++)
        moved[edit_way(ed->edit->settings[i].name)] = true;
    moved[EDIT_WAY_NONE] = false;
    return clear_secrets(ed, moved);
}

enum err edit_run_hostname(struct editing *ed)
{
    const struct edit *edit = ed->edit;
    enum err result = OK;

    switch (edit->what) {
    case EDIT_SET:
        return set_hostname(ed);
    case EDIT_UNSET:
        result = clear_on_unset(ed);
        for (size_t i = 0; i < edit->count && result == OK; i++)
            result = unset_one(ed, edit->settings[i].name);
        return result;
    case EDIT_REMOVE:
        return remove_hostname(ed);
    case EDIT_ENABLE:
    case EDIT_DISABLE:
        return enable(ed, edit->what == EDIT_ENABLE);
    case EDIT_RENAME:
        return rename_hostname(ed);
    case EDIT_ADD:
        return add_hostname(ed);
    }
    return ERR_UNSUPPORTED;
}

static enum err run_other(struct editing *ed)
{
    const struct edit *edit = ed->edit;
    bool object = edit->of == EDIT_OBJECT;
    enum err e = OK;

    if (object && edit->what == EDIT_ADD)
        return add_object(ed);
    if (object && edit->what == EDIT_REMOVE)
        return remove_object(ed);
    if (edit->what != EDIT_SET && edit->what != EDIT_UNSET)
        return cause_set(ed->cause, ERR_UNSUPPORTED, "this can only be done with hostnames");
    if (object)
        e = edit->what == EDIT_SET ? clear_object(ed) : OK;
    for (size_t i = 0; i < edit->count && e == OK; i++) {
        const struct edit_setting *s = &edit->settings[i];
        if (edit->what == EDIT_SET)
            e = object ? change_object(ed, s, NULL) : set_global(ed, s);
        else
            e = object ? change_object(ed, NULL, s->name) : unset_global(ed, s->name);
    }
    return e;
}

static enum err run(struct editing *ed)
{
    const struct conf_entry *found = NULL;
    const struct edit *edit = ed->edit;
    enum err e;

    ed->target = UINT32_MAX;
    if (edit->of == EDIT_HOSTNAME && edit->what != EDIT_ADD) {
        e = conf_entry_find(ed->c, edit->target != NULL ? edit->target : "", &found, ed->cause);
        if (e != OK)
            return e;
        ed->target = (uint32_t)(found - ed->c->entries);
    }
    e = edit_check_request(ed);
    if (e != OK)
        return e;
    ed->answer->setting[0] = '\0';
    e = edit->of == EDIT_HOSTNAME ? edit_run_hostname(ed) : run_other(ed);
    if (e == OK && ed->target != UINT32_MAX)
        snprintf(ed->answer->entry, sizeof ed->answer->entry, "%s", conf_entry_id(edit_target(ed)));
    return e;
}

void edit_begin(struct editing *ed, const char *bytes, size_t n, const struct edit *edit,
                const struct conf_options *options, struct edit_answer *answer, struct cause *cause)
{
    *ed = (struct editing){.edit = edit,
                           .options = *options,
                           .target = UINT32_MAX,
                           .answer = answer,
                           .cause = cause,
                           .share = edit->share};
    memset(answer, 0, sizeof *answer);
    ed->options.command_line = NULL;
    ed->options.assignments = ed->options.hosts = NULL;
    buf_init(&ed->text, LEX_FILE_MAX);
    ed->c = conf_parse(bytes, n, &ed->options);
}

enum err edit_finish(struct editing *ed, enum err e, struct buf *out)
{
    if (e == OK && !buf_add(out, ed->c->bytes, ed->c->n))
        e = cause_set(ed->cause, ERR_TOO_BIG, "the file would be too big");
    patches_clear(&ed->patches);
    buf_wipe(&ed->text);
    conf_unref(ed->c);
    return e;
}

enum err edit_apply(const char *bytes, size_t n, const struct edit *edit,
                    const struct conf_options *options, struct buf *out, struct edit_answer *answer,
                    struct cause *cause)
{
    struct editing ed;

    edit_begin(&ed, bytes, n, edit, options, answer, cause);
    struct conf *former = conf_ref(ed.c);
    enum err e = run(&ed);
    if (e == OK)
        e = edit_guard_all(&ed, former);
    if (e == OK)
        e = edit_guard_target(&ed, former);
    conf_unref(former);
    return edit_finish(&ed, e, out);
}
