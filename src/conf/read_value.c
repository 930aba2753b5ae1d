/*
 * SPDX-License-Identifier: ISC
 */
#include "base/mem.h"
#include "base/text.h"
#include "conf/reader.h"
#include "conf/settings.h"

#include <stdlib.h>
#include <string.h>

/* One assignment: the name to its row, the value from where it stands, checked and kept. */

static const char *const suffixes[] = {
    [BY_ENV] = "_env", [BY_FILE] = "_file", [BY_CREDENTIAL] = "_credential"};

int read_suffix(const char *name, char *base)
{
    size_t n = strlen(name);
    memcpy(base, name, n + 1);
    if (setting_find(name) != NULL)
        return BY_VALUE;
    for (int i = 0; i < BY_VALUE; i++) {
        size_t m = strlen(suffixes[i]);
        if (n > m && strcmp(name + n - m, suffixes[i]) == 0) {
            base[n - m] = '\0';
            return i;
        }
    }
    return BY_VALUE;
}

const char *read_environment(const struct conf *c, const char *name)
{
    return c->options.getenv != NULL ? c->options.getenv(name) : getenv(name);
}

struct assignment *read_more(struct reader *r)
{
    if (r->count == r->room) {
        r->room = r->room == 0 ? 16 : r->room * 2;
        r->set = mem_resize(r->set, r->room, sizeof r->set[0]);
    }
    struct assignment *a = &r->set[r->count++];
    memset(a, 0, sizeof *a);
    return a;
}

static void refuse(struct reader *r, const struct lex_assignment *a, struct assignment *out,
                   const char *code, char *say, char *hint)
{
    enum conf_severity severity = problem_fault(r->c);
    bool outside = r->lx.command_line;
    problem_add(r->c, severity, code, outside ? SIZE_MAX : a->value_at,
                outside ? SIZE_MAX : a->value_end, say, hint);
    out->flags |= ASSIGNED_BAD | ASSIGNED_TOLD;
    if (severity == CONF_ERROR) {
        r->parked = true;
        out->flags |= ASSIGNED_ERROR;
    }
}

/* The value that _env, _file or _credential names; NULL with a problem told. In r->taken. */
static const char *fetch(struct reader *r, const struct lex_assignment *a, int by, const char *base,
                         struct assignment *out)
{
    struct conf *c = r->c;
    struct cause cause = {""};

    out->flags |= ASSIGNED_INDIRECT;
    if (by == BY_ENV) {
        const char *v = *a->value == '\0' ? NULL : read_environment(c, a->value);
        if (v == NULL)
            refuse(r, a, out, "no-environment",
                   mem_format("the environment variable for %s is not set", base),
                   mem_text("set it for the service, for example with systemctl edit"));
        return v;
    }
    char *path = NULL;
    if (by == BY_FILE && *a->value == '/') {
        path = mem_text(a->value);
    } else if (by == BY_CREDENTIAL && *a->value != '\0' && strchr(a->value, '/') == NULL) {
        const char *folder = read_environment(c, "CREDENTIALS_DIRECTORY");
        if (folder == NULL) {
            refuse(r, a, out, "no-credentials",
                   mem_format("the service has no credentials, so %s is not known", base),
                   mem_text("give it one with LoadCredential= in the service's unit"));
            return NULL;
        }
        path = mem_format("%s/%s", folder, a->value);
    } else {
        refuse(r, a, out, "bad-path",
               mem_format(by == BY_FILE ? "%s_file= is not a whole path, which begins with /"
                                        : "%s_credential= is not the name of a credential",
                          base),
               by == BY_FILE
                   ? mem_text("write the path from / on: the service runs in another folder")
                   : NULL);
        return NULL;
    }
    char *text = c->options.read_file(path, &cause);
    mem_free(path);
    if (text == NULL) {
        refuse(r, a, out, "no-file",
               mem_format("the file that holds %s can not be read: %s", base, cause.text),
               mem_text("make it readable for the service, and for nobody else"));
        return NULL;
    }
    buf_wipe(&r->taken);
    size_t n = strcspn(text, "\r\n");
    buf_add(&r->taken, text, n);
    mem_free_secret(text);
    return buf_str(&r->taken);
}

/* Does the row of the table hold in this kind of statement? */
static bool row_holds(const struct reader *r, const struct setting *row)
{
    if (row == NULL)
        return false;
    if ((row->flags & SETTING_META) != 0)
        return true;
    return (r->context & SCOPE_OBJECTS) != 0 ? (row->scope & (r->context | SCOPE_BOTH)) != 0
                                             : (row->scope & SCOPE_BOTH) != 0;
}

static void check_value(struct reader *r, const struct lex_assignment *a, const char *text,
                        const struct setting *row, struct assignment *out)
{
    struct conf *c = r->c;
    struct value *v = &r->checked;

    enum value_verdict verdict = value_check(row, text, v);
    char *say = v->say.len > 0 ? mem_text(buf_str(&v->say)) : NULL;
    char *hint = v->hint.len > 0 ? mem_text(buf_str(&v->hint)) : NULL;
    if (verdict == VALUE_BAD) {
        char *whole = mem_format("%s: %s", row->name, say);
        mem_free(say);
        refuse(r, a, out, v->code, whole, hint);
        return;
    }
    if (verdict == VALUE_NOTED) {
        char *whole = mem_format("%s: %s", row->name, say);
        mem_free(say);
        problem_add(c, CONF_WARNING, v->code, r->lx.command_line ? SIZE_MAX : a->value_at,
                    a->value_end, whole, hint);
    } else {
        mem_free(say);
        mem_free(hint);
    }
    const char *form = v->changed ? buf_str(&v->form) : text;
    out->value = arena_text(&c->arena, form, strlen(form));
    if (v->old)
        out->flags |= ASSIGNED_OLD;
}

/* Settings that can not do anything where they stand. */
static void check_place(struct reader *r, const struct lex_assignment *a, const struct setting *row)
{
    struct conf *c = r->c;
    if (r->lx.command_line || (row->flags & SETTING_META) != 0)
        return;
    if (r->context == SCOPE_HOST && (row->scope & SCOPE_HOST) == 0)
        problem_add(c, CONF_WARNING, "global-only", a->at, a->name_end,
                    mem_format("%s belongs to the whole program and has no effect here", row->name),
                    mem_text("put it on a line without hostnames"));
    else if ((r->context & SCOPE_OBJECTS) != 0 && (row->scope & r->context) == 0)
        problem_add(c, CONF_WARNING, "not-here", a->at, a->name_end,
                    mem_format("%s is no setting of this kind of object", row->name), NULL);
}

static bool is_default(const struct reader *r, const struct lex_assignment *a,
                       const struct setting *row, int by)
{
    return r->c->options.dialect == CONF_HOMING && by == BY_VALUE && !a->quoted &&
           strcmp(a->value, "default") == 0 &&
           (row == NULL || (row->type != SETTING_INTERFACE && (row->flags & SETTING_META) == 0));
}

static bool told_gone(struct reader *r, const struct lex_assignment *a, const char *base)
{
    const char *gone = setting_gone(base);
    if (gone == NULL)
        return false;
    problem_add(r->c, CONF_WARNING, "gone-setting", r->lx.command_line ? SIZE_MAX : a->at,
                a->name_end, mem_format("%s is no longer a setting: %s", base, gone), NULL);
    return true;
}

static void place(const struct reader *r, const struct lex_assignment *a, struct assignment *out)
{
    out->at = (uint32_t)(a->at - r->from);
    out->value_at = (uint32_t)(a->value_at - r->from);
    out->value_end = (uint32_t)(a->value_end - r->from);
}

const struct assignment *read_before(const struct reader *r, size_t place, const char *name)
{
    const struct assignment *former = place < r->former ? &r->set[place] : NULL;
    bool same = former != NULL && (former->flags & ASSIGNED_PLAIN) != 0 &&
                strcmp(r->c->names[former->id].name, name) == 0;

    return same ? former : NULL;
}

static void read_value(struct reader *r, const struct lex_assignment *a, const char *base, int by,
                       const struct setting *row)
{
    struct conf *c = r->c;
    bool holds = row_holds(r, row), login = text_has_login(a->value);
    bool secret = !holds || row->class == SETTING_SECRET || login;
    size_t told = problem_told(c);

    /* What an unknown name holds may be a secret; with _env and its kin it is only a name. */
    if (by == BY_VALUE && secret && !r->lx.command_line)
        problem_secret(c, a->value_at, a->value_end);
    if (row == NULL && told_gone(r, a, base))
        return;
    struct assignment *out = read_more(r);
    out->id = (uint16_t)(row != NULL ? setting_index(row) : read_name_id(c, base));
    place(r, a, out);
    const char *text = by == BY_VALUE ? a->value : fetch(r, a, by, base, out);
    if (text == NULL)
        return;
    if (is_default(r, a, row, by)) {
        out->flags |= ASSIGNED_UNSET;
        return;
    }
    if (!holds) {
        out->flags |= ASSIGNED_UNKNOWN;
        out->value = arena_text(&c->arena, text, strlen(text));
        return;
    }
    check_place(r, a, row);
    check_value(r, a, text, row, out);
    if (by == BY_VALUE && !login && out->flags == 0 && told == problem_told(c) &&
        strcmp(out->value, text) == 0 && strcmp(text, "default") != 0)
        out->flags |= ASSIGNED_PLAIN;
}

void read_assignment(struct reader *r, const struct lex_assignment *a)
{
    const struct assignment *former = read_before(r, r->count, a->name);
    const struct setting *row =
        former != NULL ? r->c->names[former->id].row : setting_find(a->name);
    char stack[128];

    if (former != NULL && strcmp(former->value, a->value) == 0) {
        struct assignment again = *former;
        place(r, a, &again);
        *read_more(r) = again;
        if (row->class == SETTING_SECRET)
            problem_secret(r->c, a->value_at, a->value_end);
    } else if (row != NULL) {
        read_value(r, a, a->name, BY_VALUE, row);
    } else {
        char *base = a->name_len < sizeof stack ? stack : mem_alloc(a->name_len + 1);
        int by = read_suffix(a->name, base);
        read_value(r, a, base, by, setting_find(base));
        if (base != stack)
            mem_free(base);
    }
}
