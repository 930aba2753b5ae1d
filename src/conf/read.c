/*
 * SPDX-License-Identifier: ISC
 */
#include "base/mem.h"
#include "base/text.h"
#include "conf/inside.h"
#include "conf/value.h"

#include <stdlib.h>
#include <string.h>

/* Statements into memory: names to rows, values checked and kept, words to hostnames. */

/* One statement while it is read. */
struct reader {
    struct conf *c;
    struct lex lx;
    struct value checked;
    struct buf taken; /* a value that came from the environment or a file */
    struct statement *st;
    struct assignment *set; /* owned, grows; copied into the arena at the end */
    size_t count, room;
    size_t from;      /* the statement's first byte */
    unsigned context; /* SCOPE_ bits of what the statement is */
    bool parked;
};

enum { EXTRA_MAX = 60000 }; /* numbers of names fit into 16 bits */

/* --- names --- */

static unsigned new_name(struct conf *c, const char *name, const struct setting *row)
{
    if (c->name_count == c->name_room) {
        c->name_room = c->name_room == 0 ? 256 : c->name_room * 2;
        c->names = mem_resize(c->names, c->name_room, sizeof c->names[0]);
    }
    c->names[c->name_count] = (struct name){.name = name, .row = row};
    layers_name(&c->names[c->name_count]);
    return (unsigned)c->name_count++;
}

unsigned read_name_id(struct conf *c, const char *name)
{
    unsigned id;
    if (layers_id(c, name, &id))
        return id;
    if (c->name_count >= EXTRA_MAX)
        return (unsigned)c->name_count - 1;
    const char *kept = arena_text(&c->arena, name, strlen(name));
    id = new_name(c, kept, NULL);
    map_set(c->extra, kept, (void *)(uintptr_t)(id + 1));
    return id;
}

static const char *const suffixes[] = {"_env", "_file", "_credential"};
enum { BY_ENV, BY_FILE, BY_CREDENTIAL, BY_VALUE };

/* "password_env" is password, by the environment. base has room for the name. */
static int split_suffix(const char *name, char *base)
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

/* The tokenizer's question. */
static unsigned name_bits(const void *arg, const char *name)
{
    const struct setting *row = setting_find(name);
    if (text_ends(name, "password"))
        return LEX_PASSWORD | (row == NULL ? LEX_UNKNOWN : LEX_REAL);
    if (row == NULL)
        return LEX_UNKNOWN | (setting_name_is_secret(name) ? LEX_TOKEN : 0);
    return LEX_REAL | (row->class == SETTING_SECRET ? LEX_TOKEN : 0);
}

/* --- problems of the tokenizer --- */

static size_t end_of_line(const struct conf *c, size_t at)
{
    const char *nl = at < c->n ? memchr(c->bytes + at, '\n', c->n - at) : NULL;
    return nl != NULL ? (size_t)(nl - c->bytes) : c->n;
}

static void take_note(void *arg, enum lex_note what, size_t from, size_t to)
{
    struct reader *r = arg;
    struct conf *c = r->c;
    enum conf_severity severity = CONF_WARNING;
    const char *code = "", *say = "", *hint = NULL;

    switch (what) {
    case LEX_NOTE_BLANKS:
        code = "blank-equals", say = "there are blanks around the =; it is read as an assignment";
        hint = "write it without them; elsewhere this would be a hostname";
        break;
    case LEX_NOTE_COMMENT:
        problem_secret(c, from + 1, to); /* an old password may stand there */
        return;
    case LEX_NOTE_COMMA:
    case LEX_NOTE_COMMA_LAST:
        /* In ddclient the comma belongs to the password, so it is told once; as a mere separator
         * only where a file of ddclient's is read. */
        if (c->told_comma || (what == LEX_NOTE_COMMA && c->options.dialect == CONF_HOMING))
            return;
        c->told_comma = true;
        code = "password-comma", say = "the comma behind the password is not part of it";
        hint = "if it is, put the password into quotes";
        break;
    case LEX_NOTE_COMMA_NAME:
        code = "password-comma", say = "this comma and what follows are part of the password";
        hint = "if a setting begins here, put a blank behind the comma";
        break;
    case LEX_NOTE_UNTERMINATED:
        severity = CONF_ERROR;
        code = "open-quote",
        say = "this quote is not closed on its line; the statement is left out";
        hint = "close it, or write it as \\' or \\\" if it is part of the value";
        if (!r->lx.command_line)
            problem_secret(c, to, end_of_line(c, to));
        break;
    case LEX_NOTE_ESCAPE:
        code = "lone-backslash", say = "the value ends with a backslash that protects nothing";
        break;
    case LEX_NOTE_NUL:
        severity = CONF_ERROR, code = "nul", say = "there is a NUL byte here";
        hint = "the file may be damaged, or is not text";
        break;
    case LEX_NOTE_PENDING:
        code = "continued-end", say = "the file ends although the line is to be continued";
        hint = "what stands here is used; remove the backslash";
        break;
    case LEX_NOTE_TRAILING:
        code = "blanks-backslash",
        say = "there are blanks behind the backslash; the line is continued";
        hint = "if it is not meant to be, remove the backslash";
        break;
    }
    if (r->lx.command_line)
        from = to = SIZE_MAX;
    problem_add(c, severity, code, from, to, mem_text(say), mem_text(hint));
}

/* --- values --- */

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

static char *read_named_file(struct reader *r, const char *path, struct cause *cause);

static const char *from_environment(const struct conf *c, const char *name)
{
    return c->options.getenv != NULL ? c->options.getenv(name) : getenv(name);
}

/* The value that _env, _file or _credential names; NULL with a problem told. In r->taken. */
static const char *fetch(struct reader *r, const struct lex_assignment *a, int by, const char *base,
                         struct assignment *out)
{
    struct conf *c = r->c;
    struct cause cause = {""};

    out->flags |= ASSIGNED_INDIRECT;
    if (by == BY_ENV) {
        const char *v = *a->value == '\0' ? NULL : from_environment(c, a->value);
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
        const char *folder = from_environment(c, "CREDENTIALS_DIRECTORY");
        if (folder == NULL) {
            refuse(r, a, out, "no-credentials",
                   mem_format("the service has no credentials, so %s is not known", base),
                   mem_text("give it one with LoadCredential= in the service's unit"));
            return NULL;
        }
        path = mem_format("%s/%s", folder, a->value);
    } else {
        refuse(r, a, out, "bad-path",
               mem_text(by == BY_FILE ? "the file's name does not begin with /"
                                      : "this is not the name of a credential"),
               NULL);
        return NULL;
    }
    char *text = read_named_file(r, path, &cause);
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

static char *read_named_file(struct reader *r, const char *path, struct cause *cause)
{
    char *(*reader)(const char *, struct cause *) = r->c->options.read_file;
    return reader(path, cause);
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

static bool needs_reference(const struct setting *row, const char *value)
{
    if (row->type == SETTING_REF || strcmp(row->name, "uplink") == 0 ||
        strcmp(row->name, "notify") == 0)
        return true;
    if (row->type != SETTING_USE && row->type != SETTING_USE4 && row->type != SETTING_USE6)
        return false;
    const char *const *words = setting_strategies(row->type);
    const char *const *devices = setting_devices();
    for (size_t i = 0; words[i] != NULL; i++)
        if (strcmp(words[i], value) == 0)
            return false;
    for (size_t i = 0; devices[i] != NULL && row->type != SETTING_USE6; i++)
        if (strcmp(devices[i], value) == 0)
            return false;
    return true;
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

static struct assignment *more_set(struct reader *r)
{
    if (r->count == r->room) {
        r->room = r->room == 0 ? 16 : r->room * 2;
        r->set = mem_resize(r->set, r->room, sizeof r->set[0]);
    }
    struct assignment *a = &r->set[r->count++];
    memset(a, 0, sizeof *a);
    return a;
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

static void read_assignment(struct reader *r, const struct lex_assignment *a)
{
    char stack[128];
    char *base = a->name_len < sizeof stack ? stack : mem_alloc(a->name_len + 1);
    int by = split_suffix(a->name, base);
    const struct setting *row = setting_find(base);
    bool holds = row_holds(r, row);
    bool secret = !holds || row->class == SETTING_SECRET || text_has_login(a->value);

    /* What an unknown name holds may be a secret; with _env and its kin it is only a name. */
    if (by == BY_VALUE && secret && !r->lx.command_line)
        problem_secret(r->c, a->value_at, a->value_end);
    if (row == NULL && told_gone(r, a, base))
        goto out;
    struct assignment *out = more_set(r);
    out->id = (uint16_t)read_name_id(r->c, base);
    out->at = (uint32_t)(a->at - r->from);
    out->value_at = (uint32_t)(a->value_at - r->from);
    out->value_end = (uint32_t)(a->value_end - r->from);
    const char *text = by == BY_VALUE ? a->value : fetch(r, a, by, base, out);
    if (text == NULL)
        goto out;
    if (is_default(r, a, row, by)) {
        out->flags |= ASSIGNED_UNSET;
        goto out;
    }
    if (holds) {
        check_place(r, a, row);
        check_value(r, a, text, row, out);
    } else {
        out->flags |= ASSIGNED_UNKNOWN;
        out->value = arena_text(&r->c->arena, text, strlen(text));
    }
out:
    if (base != stack)
        mem_free(base);
}

/* --- words --- */

static void read_bare(struct reader *r, const char *name, const struct lex_word *first, size_t n)
{
    struct buf whole;
    buf_init(&whole, VALUE_MAX);
    for (size_t i = 0; i < n; i++) {
        if (i > 0)
            buf_char(&whole, ',');
        buf_add(&whole, first[i].text, first[i].len);
    }
    struct assignment *out = more_set(r);
    out->id = (uint16_t)read_name_id(r->c, name);
    out->at = out->value_at = (uint32_t)(first->at - r->from);
    out->value_end = (uint32_t)(first[n - 1].end - r->from);
    out->flags = ASSIGNED_BARE;
    out->value = arena_text(&r->c->arena, buf_str(&whole), whole.len);
    if (strcmp(name, "password") == 0)
        problem_secret(r->c, first->at, first[n - 1].end);
    buf_wipe(&whole);
}

/* "host login=joe": ddclient takes it for the login. True when it must not be used as that. */
static bool misplaced(struct reader *r, const struct lex_word *w)
{
    const char *equals = memchr(w->text, '=', w->len);
    char name[64];
    if (equals == NULL || equals == w->text || (size_t)(equals - w->text) >= sizeof name)
        return false;
    memcpy(name, w->text, (size_t)(equals - w->text));
    name[equals - w->text] = '\0';
    char base[64];
    split_suffix(name, base);
    if (setting_find(base) == NULL && setting_guess(base) == NULL)
        return false;
    enum conf_severity severity = problem_fault(r->c);
    problem_secret(r->c, w->at + (size_t)(equals - w->text) + 1, w->end);
    problem_add(r->c, severity, "late-setting", w->at, w->end,
                mem_text("a setting stands behind the hostnames, where ddclient takes it for the "
                         "login or the password"),
                mem_text("put settings before the hostnames"));
    if (severity == CONF_ERROR)
        r->parked = true;
    const struct setting *row = setting_find(base);
    /* A login is shown; this one would show a secret. */
    return severity == CONF_ERROR || row == NULL || row->class == SETTING_SECRET;
}

static void read_surplus(struct reader *r, const struct lex_word *w, const struct lex_word *last)
{
    enum conf_severity severity = problem_fault(r->c);
    problem_secret(r->c, w->at, last->end);
    problem_add(
        r->c, severity, "surplus-word", w->at, last->end,
        mem_text("hostnames, login and password are there already; this word has no meaning"),
        mem_text("hostnames are separated by commas; a value with blanks is quoted"));
    if (severity == CONF_ERROR)
        r->parked = true;
}

static void read_words(struct reader *r, const struct lex_statement *ls)
{
    static const char *const meaning[] = {NULL, "login", "password"};
    const struct lex_word *last = ls->word_count > 0 ? &ls->words[ls->word_count - 1] : NULL;

    for (size_t i = 0; i < ls->word_count;) {
        const struct lex_word *w = &ls->words[i];
        size_t n = 1;
        while (i + n < ls->word_count && w[n].group == w->group)
            n++;
        if (w->group > 2) {
            read_surplus(r, w, last);
            return;
        }
        if (w->group > 0) {
            if (!misplaced(r, w))
                read_bare(r, meaning[w->group], w, n);
        }
        i += n;
    }
}

/* --- statements --- */

static struct statement *new_statement(struct conf *c, const struct lex_statement *ls)
{
    size_t blocks = c->statement_count / STATEMENT_BLOCK;
    if (c->statement_count % STATEMENT_BLOCK == 0) {
        if ((blocks & (blocks - 1)) == 0) /* room doubles at 0, 1, 2, 4 ... */
            c->statements =
                mem_resize(c->statements, blocks == 0 ? 1 : 2 * blocks, sizeof c->statements[0]);
        c->statements[blocks] = mem_array(STATEMENT_BLOCK, sizeof c->statements[0][0]);
    }
    struct statement *st = statement_at(c, c->statement_count);
    st->seq = (uint32_t)c->statement_count++;
    st->at = (uint32_t)ls->at;
    st->end = (uint32_t)ls->end;
    return st;
}

static void keep_set(struct reader *r, struct statement *st)
{
    st->count = (uint16_t)(r->count < UINT16_MAX ? r->count : UINT16_MAX);
    /* What the command line says stays where it is: it may be a global line, which is pointed at.
     */
    bool hosts = r->context == SCOPE_HOST && !r->lx.command_line;
    struct arena *arena = hosts ? &r->c->sets : &r->c->arena;
    st->set = arena_alloc(arena, st->count * sizeof st->set[0]);
    if (st->count > 0)
        memcpy(st->set, r->set, st->count * sizeof st->set[0]);
    if (r->parked)
        st->flags |= STATEMENT_PARKED;
    if (hosts)
        st->flags |= STATEMENT_HOSTS;
    for (unsigned i = 0; i < st->count; i++) {
        struct assignment *a = &st->set[i];
        const struct setting *row = r->c->names[a->id].row;
        r->c->names[a->id].used = true;
        if (row == NULL || a->value == NULL || (a->flags & (ASSIGNED_UNKNOWN | ASSIGNED_BAD)) != 0)
            continue;
        if (strcmp(row->name, "inherit") == 0 && strcmp(a->value, "no") == 0)
            st->flags |= STATEMENT_ALONE;
        if (!needs_reference(row, a->value))
            continue;
        struct conf *c = r->c;
        if (c->reference_count == c->reference_room) {
            c->reference_room = c->reference_room == 0 ? 16 : c->reference_room * 2;
            c->references = mem_resize(c->references, c->reference_room, sizeof c->references[0]);
        }
        c->references[c->reference_count++] =
            (struct reference){a, st, (r->context & SCOPE_OBJECTS) != 0};
    }
}

static void add_globals(struct conf *c, struct statement *st)
{
    for (unsigned i = 0; i < st->count; i++) {
        struct name *n = &c->names[st->set[i].id];
        bool last = true; /* of equal names only the last counts, right or wrong */
        for (unsigned k = i + 1; k < st->count && last; k++)
            last = st->set[k].id != st->set[i].id;
        if (!last)
            continue;
        if (n->count == n->room) {
            n->room = n->room == 0 ? 4 : n->room * 2;
            n->globals = mem_resize(n->globals, n->room, sizeof n->globals[0]);
        }
        n->globals[n->count++] = (struct global){st->seq, &st->set[i]};
    }
}

/* Hostnames of the words, then those of host=. */
static void add_hosts(struct reader *r, struct statement *st, const struct lex_statement *ls)
{
    struct conf *c = r->c;
    for (size_t i = 0; i < ls->word_count && ls->words[i].group == 0; i++)
        if (ls->words[i].len > 0)
            entries_add(c, st, ls->words[i].text, ls->words[i].len, (uint32_t)ls->words[i].at,
                        (uint32_t)ls->words[i].end);
    for (unsigned i = 0; i < st->count; i++) {
        const struct setting *row = c->names[st->set[i].id].row;
        if (row == NULL || strcmp(row->name, "host") != 0 || st->set[i].value == NULL)
            continue;
        for (const char *p = st->set[i].value; *p != '\0';) {
            size_t n = strcspn(p, ",");
            size_t skip = 0;
            while (skip < n && text_is_space(p[skip]))
                skip++;
            size_t len = n;
            while (len > skip && text_is_space(p[len - 1]))
                len--;
            if (len > skip)
                entries_add(c, st, p + skip, len - skip, (uint32_t)in_file(st, st->set[i].value_at),
                            (uint32_t)in_file(st, st->set[i].value_end));
            p += p[n] == ',' ? n + 1 : n;
        }
    }
}

static void add_object(struct reader *r, struct statement *st, const char *define,
                       const struct lex_statement *ls, const struct lex_assignment *at)
{
    struct conf *c = r->c;
    const char *colon = strchr(define, ':');

    if (ls->word_count > 0) {
        problem_add(
            c, CONF_ERROR, "object-hosts", ls->words[0].at, ls->words[ls->word_count - 1].end,
            mem_text("a statement with define= has no hostnames"),
            mem_text("write the hostnames on another line and refer to the object by name"));
        return;
    }
    if (map_get(c->object_index, define) != NULL) {
        problem_add(c, CONF_ERROR, "defined-twice", at->value_at, at->value_end,
                    mem_format("%s is defined already, on line %u", define,
                               problem_line(
                                   c, ((struct object *)map_get(c->object_index, define))->st->at)),
                    mem_text("give one of them another name"));
        return;
    }
    struct object *o = arena_alloc(&c->arena, sizeof *o);
    o->conf = c;
    o->kind = arena_text(&c->arena, define, (size_t)(colon - define));
    o->name = arena_text(&c->arena, colon + 1, strlen(colon + 1));
    o->st = st;
    if (c->object_count == c->object_room) {
        c->object_room = c->object_room == 0 ? 16 : c->object_room * 2;
        c->objects = mem_resize(c->objects, c->object_room, sizeof c->objects[0]);
    }
    c->objects[c->object_count++] = o;
    map_set(c->object_index, define, o);
}

/* The last assignment of that name as it is written, or NULL. */
static const struct lex_assignment *written(const struct lex_statement *ls, const char *name)
{
    for (size_t i = ls->set_count; i > 0; i--)
        if (strcmp(ls->set[i - 1].name, name) == 0)
            return &ls->set[i - 1];
    return NULL;
}

/* What the statement is, by what it holds. */
static unsigned context_of(const struct conf *c, const struct lex_statement *ls,
                           const struct lex_assignment *define)
{
    if (define != NULL) {
        char kind[16] = "";
        size_t n = strcspn(define->value, ":");
        if (n < sizeof kind)
            memcpy(kind, define->value, n);
        unsigned scope = setting_kind_scope(kind);
        return scope != 0 ? scope : SCOPE_OBJECTS;
    }
    const struct lex_assignment *host = written(ls, "host");
    const struct lex_assignment *named = written(ls, "host_env");
    const char *env = named != NULL ? from_environment(c, named->value) : NULL;

    if (env != NULL && env[strspn(env, ", ")] != '\0')
        return SCOPE_HOST;
    return ls->word_count > 0 || (host != NULL && host->value[strspn(host->value, ", ")] != '\0')
               ? SCOPE_HOST
               : SCOPE_GLOBAL;
}

static void read_statement(struct reader *r, const struct lex_statement *ls)
{
    struct conf *c = r->c;
    const struct lex_assignment *define = written(ls, "define");

    r->count = 0;
    r->parked = ls->broken;
    r->from = ls->at;
    r->context = context_of(c, ls, define);
    for (size_t i = 0; i < ls->set_count; i++)
        read_assignment(r, &ls->set[i]);
    if (r->context == SCOPE_HOST)
        read_words(r, ls);
    if (ls->broken && r->context != SCOPE_HOST)
        return; /* its meaning is not known, so nothing of it holds (quirk 8) */
    struct statement *st = new_statement(c, ls);
    keep_set(r, st);
    if (define != NULL) {
        const struct assignment *d = layers_in(st, read_name_id(c, "define"));
        if (d != NULL && d->value != NULL)
            add_object(r, st, d->value, ls, define);
    } else if (r->context == SCOPE_HOST) {
        add_hosts(r, st, ls);
    } else {
        add_globals(c, st);
    }
}

static void reader_init(struct reader *r, struct conf *c, const char *bytes, size_t n)
{
    memset(r, 0, sizeof *r);
    r->c = c;
    lex_init(&r->lx, bytes, n);
    r->lx.keep_backslash = c->options.dialect == CONF_HOMING;
    r->lx.name_of = name_bits;
    r->lx.name_arg = c;
    r->lx.note = take_note;
    r->lx.note_arg = r;
    value_init(&r->checked);
    buf_init(&r->taken, VALUE_MAX);
}

static void reader_fini(struct reader *r)
{
    lex_fini(&r->lx);
    value_free(&r->checked);
    buf_wipe(&r->taken);
    mem_free(r->set);
}

void read_file(struct conf *c)
{
    struct reader r;
    const struct lex_statement *ls;

    for (size_t i = 0; i < setting_count(); i++)
        new_name(c, setting_at(i)->name, setting_at(i));
    reader_init(&r, c, c->bytes, c->n);
    while ((ls = lex_next(&r.lx)) != NULL)
        if (ls->set_count > 0 || ls->word_count > 0)
            read_statement(&r, ls);
    reader_fini(&r);
}

/* --- the command line (reference of the language, 4.3) --- */

static struct statement *outside_statement(struct reader *r)
{
    struct lex_statement none = {0};
    struct statement *st = new_statement(r->c, &none);
    keep_set(r, st);
    st->flags |= STATEMENT_OUTSIDE;
    return st;
}

/* "name=value" as it came from the command line, without quoting. */
static void read_option(struct reader *r, const char *pair)
{
    const char *equals = strchr(pair, '=');
    if (equals == NULL)
        return;
    char *name = mem_text_n(pair, (size_t)(equals - pair));
    char *value = mem_text(equals + 1);
    struct lex_assignment a = {.name = name,
                               .value = value,
                               .name_len = strlen(name),
                               .value_len = strlen(value),
                               .quoted = true};
    read_assignment(r, &a);
    mem_free(name);
    mem_free_secret(value);
}

static void read_options(struct conf *c)
{
    struct reader r;
    reader_init(&r, c, "", 0);
    r.lx.command_line = true;
    r.context = SCOPE_HOST;
    for (const char *const *p = c->options.command_line; p != NULL && *p != NULL; p++)
        read_option(&r, *p);
    if (r.count > 0) {
        c->command = outside_statement(&r);
        check_option_protocol(c);
    }
    reader_fini(&r);
}

/* Every entry of the list gets the flag; names that the file does not have become entries. */
static void above_hosts(struct conf *c, struct statement *st, const char *list)
{
    for (const char *p = list; p != NULL && *p != '\0';) {
        size_t n = strcspn(p, ",");
        char *host = entries_hostname(p, n);
        if (n > 0 && c->options.dialect == CONF_DDCLIENT) {
            mem_free(host);
            host = mem_text_n(p, n);
        }
        if (n > 0 && host != NULL) {
            uint32_t i = entries_first(c, host);
            if (i == UINT32_MAX) {
                entries_add(c, st, p, n, 0, 0);
                i = entries_first(c, host);
            }
            for (; i != UINT32_MAX; i = c->entries[i].next)
                c->entries[i].flags |= ENTRY_ABOVE;
        }
        mem_free(host);
        p += p[n] == ',' ? n + 1 : n;
    }
}

static void read_above(struct conf *c, char **selected)
{
    struct reader r;
    const char *text = c->options.assignments;
    const char *hosts = c->options.hosts;

    reader_init(&r, c, text, strlen(text));
    r.lx.command_line = true;
    r.context = SCOPE_HOST;
    const struct lex_statement *ls = lex_next(&r.lx);
    if (ls != NULL) {
        for (size_t i = 0; i < ls->set_count; i++)
            read_assignment(&r, &ls->set[i]);
        if (ls->word_count > 0)
            problem_add(c, CONF_ERROR, "surplus-word", SIZE_MAX, SIZE_MAX,
                        mem_text("unexpected content in the argument of --options"), NULL);
    }
    struct statement *st = outside_statement(&r);
    const struct assignment *host = layers_in(st, read_name_id(c, "host"));
    if (host != NULL && host->value != NULL)
        *selected = hosts != NULL ? mem_format("%s,%s", hosts, host->value) : mem_text(host->value);
    else if (hosts != NULL)
        *selected = mem_text(hosts);
    if (*selected != NULL) {
        c->above = st;
        above_hosts(c, st, *selected);
    } else {
        add_globals(c, st);
    }
    reader_fini(&r);
}

void read_command_line(struct conf *c)
{
    char *selected = NULL;

    if (c->options.command_line != NULL)
        read_options(c);
    if (c->options.assignments != NULL)
        read_above(c, &selected);
    else if (c->options.hosts != NULL)
        selected = mem_text(c->options.hosts);
    for (size_t i = 0; selected != NULL && i < c->entry_count; i++)
        if (!entries_in_list(selected, c->entries[i].written) &&
            !entries_in_list(selected, c->entries[i].hostname))
            c->entries[i].flags |= ENTRY_DROPPED;
    mem_free(selected);
}
