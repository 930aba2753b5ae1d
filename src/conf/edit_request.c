/*
 * SPDX-License-Identifier: ISC
 */
#include "base/text.h"
#include "conf/edit_inside.h"
#include "conf/value.h"

#include <stdio.h>
#include <string.h>

/* What may be edited at all, and by whom; and that no secret follows to another server. */

/*
 * Settings that say where secrets are sent: to the provider (or whoever is told), or to the
 * router's status page. Another value of one of them must not take a secret along.
 */
static const struct {
    const char *name;
    enum edit_way way;
} ways[] = {
    {"server", EDIT_WAY_PROVIDER},      {"provider", EDIT_WAY_PROVIDER},
    {"protocol", EDIT_WAY_PROVIDER},    {"proxy", EDIT_WAY_PROVIDER},
    {"kind", EDIT_WAY_PROVIDER},        {"url", EDIT_WAY_PROVIDER},
    {"mail-server", EDIT_WAY_PROVIDER}, {"fw", EDIT_WAY_ROUTER},
    {"fwv4", EDIT_WAY_ROUTER},          {"fwv6", EDIT_WAY_ROUTER},
};
enum { WAYS = sizeof ways / sizeof ways[0] };

enum edit_way edit_way(const char *name)
{
    for (size_t i = 0; i < WAYS; i++)
        if (strcmp(ways[i].name, name) == 0)
            return ways[i].way;
    return strcmp(name, "account") == 0 ? EDIT_WAY_PROVIDER : EDIT_WAY_NONE;
}

enum edit_way edit_way_of_secret(const char *name)
{
    return text_starts(name, "fw-") ? EDIT_WAY_ROUTER : EDIT_WAY_PROVIDER;
}

bool edit_sets(const struct edit *edit, const char *name)
{
    for (size_t i = 0; i < edit->count; i++)
        if (strcmp(edit->settings[i].name, name) == 0)
            return true;
    return false;
}

bool edit_is_secret(const struct editing *ed, const struct conf_entry *e, const char *name)
{
    struct view v = conf_entry_view(e);
    const struct setting *row = setting_find(name);
    return (row == NULL || row->scope != SCOPE_GLOBAL) && view_secret(&v, name);
}

static const char *const indirect[] = {"_env", "_file", "_credential"};

/* The name without _env and its kin; true when it had one. */
bool edit_base_name(const char *name, char *base, size_t room)
{
    snprintf(base, room, "%s", name);
    if (setting_find(name) != NULL)
        return false;
    for (size_t i = 0; i < 3; i++)
        if (text_ends(name, indirect[i]) && strlen(name) > strlen(indirect[i])) {
            base[strlen(base) - strlen(indirect[i])] = '\0';
            return true;
        }
    return false;
}

/* A global server or proxy would take the credentials of all hostnames elsewhere. */
bool edit_leads_away(const struct setting *row)
{
    return row != NULL && edit_way(row->name) != EDIT_WAY_NONE;
}

static enum err check_allowed(struct editing *ed, const struct edit_setting *s)
{
    char base[128];
    bool suffixed = edit_base_name(s->name, base, sizeof base);
    const struct setting *row = setting_find(base);

    snprintf(ed->answer->setting, sizeof ed->answer->setting, "%s", s->name);
    for (const char *p = s->name; *p != '\0'; p++)
        if (!text_is_alpha(*p) && (p == s->name || (!text_is_digit(*p) && *p != '-' && *p != '_')))
            return cause_set(ed->cause, ERR_SYNTAX, "this is not the name of a setting");
    if (strlen(s->name) >= sizeof base || *s->name == '\0')
        return cause_set(ed->cause, ERR_SYNTAX, "this is not the name of a setting");
    if (row != NULL && (row->flags & SETTING_META) != 0)
        return cause_set(ed->cause, ERR_DENIED, "%s= is not edited as a setting", base);
    if (ed->edit->owner)
        return OK;
    if (suffixed || (row != NULL && (row->class == SETTING_RUNS || row->class == SETTING_FILE)))
        return cause_set(ed->cause, ERR_DENIED,
                         "%s names a command or a file of this machine: change it in the file",
                         s->name);
    if (ed->edit->of == EDIT_GLOBALS && edit_leads_away(row))
        return cause_set(ed->cause, ERR_DENIED,
                         "%s for all hostnames at once is changed in the file only", s->name);
    return OK;
}

/* The value in its one form; what it is refused for is told. */
enum err edit_check_value(struct editing *ed, const struct edit_setting *s)
{
    char base[128];
    struct value v;
    enum err e = OK;

    if (strpbrk(s->value, "\r\n") != NULL)
        return cause_set(ed->cause, ERR_SYNTAX, "%s: a value has no line break", s->name);
    if (edit_base_name(s->name, base, sizeof base))
        return OK;
    const struct setting *row = setting_find(base);
    if (row == NULL)
        return OK;
    value_init(&v);
    if (value_check(row, s->value, &v) == VALUE_BAD)
        e = cause_set(ed->cause, ERR_RANGE, "%s: %s%s%s", s->name, buf_str(&v.say),
                      v.hint.len > 0 ? "; " : "", buf_str(&v.hint));
    value_free(&v);
    return e;
}

enum err edit_check_request(struct editing *ed)
{
    const struct edit *edit = ed->edit;
    enum err e = OK;

    for (size_t i = 0; i < edit->count && e == OK; i++) {
        const struct setting *row = setting_find(edit->settings[i].name);
        e = check_allowed(ed, &edit->settings[i]);
        if (e == OK && edit->what != EDIT_UNSET)
            e = edit_check_value(ed, &edit->settings[i]);
        if (row != NULL && (row->flags & SETTING_RESTART) != 0)
            ed->answer->restart = true;
    }
    return e;
}

/* --- nobody but the owner sends a secret elsewhere --- */

static const char *written_value(const struct conf *c, const struct conf_entry *e, const char *name,
                                 enum level *level)
{
    struct found f;
    unsigned id;
    if (!layers_id(c, name, &id) || !layers_written(c, e, id, &f))
        return NULL;
    *level = f.level;
    return f.value;
}

/* A secret of an account or a global line, with a server or router of the hostname's own. */
static bool foreign_secret(const struct editing *ed, const struct conf_entry *e)
{
    bool own[EDIT_WAYS] = {false}, foreign = false;
    enum level level = LEVEL_NONE;
    for (size_t i = 0; i < WAYS; i++)
        if (written_value(ed->c, e, ways[i].name, &level) != NULL && level == LEVEL_OWN)
            own[ways[i].way] = true;
    for (unsigned id = 0; id < ed->c->name_count; id++) {
        const char *name = ed->c->names[id].name;
        foreign = foreign ||
                  (own[edit_way_of_secret(name)] && written_value(ed->c, e, name, &level) != NULL &&
                   level > LEVEL_OWN && edit_is_secret(ed, e, name));
    }
    return foreign;
}

/* Of an edit for all: does a hostname keep its secret although its server changed? */
static bool keeps_secret(const struct editing *ed, const struct conf *former, size_t i)
{
    const struct conf_entry *e = &former->entries[i], *f = &ed->c->entries[i];
    bool changed[EDIT_WAYS] = {false};
    enum level level;
    for (size_t k = 0; k < WAYS; k++)
        if (!text_equal(written_value(former, e, ways[k].name, &level),
                        written_value(ed->c, f, ways[k].name, &level)))
            changed[ways[k].way] = true;
    for (unsigned id = 0; id < ed->c->name_count; id++) {
        const char *name = ed->c->names[id].name;
        if (!changed[edit_way_of_secret(name)] || edit_sets(ed->edit, name) ||
            !edit_is_secret(ed, f, name))
            continue;
        const char *now = written_value(ed->c, f, name, &level);
        if (now != NULL && text_equal(now, written_value(former, e, name, &level)))
            return true;
    }
    return false;
}

/* RFC 2136 in ddclient's words: the password is the name of a key file, which homing opens. */
static const char *key_file(const struct conf *c, const struct conf_entry *e)
{
    enum level level;
    const char *password =
        e->seat->kind->protocol != NULL && strcmp(e->seat->kind->protocol, "nsupdate") == 0
            ? written_value(c, e, "password", &level)
            : NULL;
    return password != NULL && password[0] == '/' ? password : NULL;
}

/* A key file that the same hostname did not name before? */
static bool new_key_file(const struct conf *former, const struct conf *c,
                         const struct conf_entry *e)
{
    const char *name = key_file(c, e);
    if (name == NULL)
        return false;
    for (uint32_t i = entries_first(former, e->hostname); i != UINT32_MAX;
         i = entry_next(&former->entries[i]))
        if (text_equal(name, key_file(former, &former->entries[i])))
            return false;
    return true;
}

static bool runs_program(const struct conf_entry *e)
{
    return e->seat->kind->fields != NULL && map_get(e->seat->kind->fields, "program") != NULL;
}

/* A program that the same hostname did not run before, by whatever way it comes (protocol=, an
 * account object, a global line)? */
static bool new_program(const struct conf *former, const struct conf *c, const struct conf_entry *e)
{
    enum level level;
    const char *name = runs_program(e) ? written_value(c, e, "program", &level) : NULL;
    if (name == NULL)
        return false;
    for (uint32_t i = entries_first(former, e->hostname); i != UINT32_MAX;
         i = entry_next(&former->entries[i]))
        if (runs_program(&former->entries[i]) &&
            text_equal(name, written_value(former, &former->entries[i], "program", &level)))
            return false;
    return true;
}

enum err edit_guard_all(struct editing *ed, const struct conf *former)
{
    if (ed->edit->owner ||
        ed->edit->what == EDIT_RENAME) /* whose proof is that all settings stay */
        return OK;
    for (size_t i = 0; i < ed->c->entry_count; i++)
        if (new_key_file(former, ed->c, &ed->c->entries[i]))
            return cause_set(
                ed->cause, ERR_DENIED,
                "this password would be the name of a key file: change it in the file");
    for (size_t i = 0; i < ed->c->entry_count; i++)
        if (new_program(former, ed->c, &ed->c->entries[i]))
            return cause_set(ed->cause, ERR_DENIED,
                             "a program of this machine would be run for %s: change it in the file",
                             entry_written(&ed->c->entries[i]));
    return OK;
}

enum err edit_guard_target(struct editing *ed, const struct conf *former)
{
    const struct edit *edit = ed->edit;
    bool touched = false;

    if (edit->owner || edit->of != EDIT_HOSTNAME || ed->target == UINT32_MAX)
        return OK;
    for (size_t i = 0; i < edit->count; i++)
        touched = touched || edit_way(edit->settings[i].name) != EDIT_WAY_NONE ||
                  edit_is_secret(ed, edit_target(ed), edit->settings[i].name);
    if (touched && foreign_secret(ed, edit_target(ed)))
        return cause_set(
            ed->cause, ERR_DENIED,
            "a shared secret would go to this hostname's own server: type a secret for "
            "it, or change the file");
    for (size_t i = 0; touched && ed->share == EDIT_ALL && edit->what != EDIT_ADD &&
                       i < former->entry_count && i < ed->c->entry_count;
         i++)
        if (keeps_secret(ed, former, i))
            return cause_set(ed->cause, ERR_DENIED,
                             "the secret of %s would go to another server: change it on its own",
                             entry_written(&ed->c->entries[i]));
    return OK;
}
