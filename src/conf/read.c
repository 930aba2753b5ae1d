/*
 * SPDX-License-Identifier: ISC
 */
#include "base/mem.h"
#include "base/text.h"
#include "conf/reader.h"

#include <stdlib.h>
#include <string.h>

/* Statements into memory: names to rows, values checked and kept, words to hostnames. */

enum { EXTRA_MAX = 60000 }; /* numbers of names fit into 16 bits */

/* --- names --- */

/* Can its value be the name of an object? */
static bool may_refer(const struct setting *row)
{
    return row->type == SETTING_REF || row->type == SETTING_USE || row->type == SETTING_USE4 ||
           row->type == SETTING_USE6 || strcmp(row->name, "uplink") == 0 ||
           strcmp(row->name, "notify") == 0;
}

/* What the tokenizer wants to know of it. */
static unsigned bits_of(const char *name, const struct setting *row)
{
    if (text_ends(name, "password"))
        return LEX_PASSWORD | (row == NULL ? LEX_UNKNOWN : LEX_REAL);
    if (row == NULL)
        return LEX_UNKNOWN | (setting_name_is_secret(name) ? LEX_TOKEN : 0);
    return LEX_REAL | (row->class == SETTING_SECRET ? LEX_TOKEN : 0);
}

static unsigned new_name(struct conf *c, const char *name, const struct setting *row)
{
    if (c->name_count == c->name_room) {
        c->name_room = c->name_room == 0 ? 256 : c->name_room * 2;
        c->names = mem_resize(c->names, c->name_room, sizeof c->names[0]);
    }
    c->names[c->name_count] = (struct name){.name = name,
                                            .row = row,
                                            .bits = bits_of(name, row),
                                            .refers = row != NULL && may_refer(row)};
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

/* The tokenizer's question. */
static unsigned name_bits(const void *arg, const char *name)
{
    const struct reader *r = arg;
    const struct assignment *former = read_before(r, r->lx.st.set_count, name);
    const struct setting *row = former == NULL ? setting_find(name) : NULL;

    return former != NULL ? r->c->names[former->id].bits
           : row != NULL  ? r->c->names[setting_index(row)].bits
                          : bits_of(name, NULL);
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

/* --- words --- */

static void read_bare(struct reader *r, const char *name, const struct lex_word *first, size_t n)
{
    struct buf whole;
    buf_init(&whole, VALUE_MAX);
    for (size_t i = 0; i < n && n > 1; i++) {
        if (i > 0)
            buf_char(&whole, ',');
        buf_add(&whole, first[i].text, first[i].len);
    }
    struct assignment *out = read_more(r);
    out->id = (uint16_t)read_name_id(r->c, name);
    out->at = out->value_at = (uint32_t)(first->at - r->from);
    out->value_end = (uint32_t)(first[n - 1].end - r->from);
    out->flags = ASSIGNED_BARE;
    out->value = n == 1 ? arena_text(&r->c->arena, first->text, first->len)
                        : arena_text(&r->c->arena, buf_str(&whole), whole.len);
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
    read_suffix(name, base);
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

/* Of a row that may refer: does this value? */
static bool refers(const struct setting *row, const char *value)
{
    if (row->type != SETTING_USE && row->type != SETTING_USE4 && row->type != SETTING_USE6)
        return true;
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

static void add_reference(struct reader *r, struct statement *st, struct assignment *a)
{
    struct conf *c = r->c;

    if (c->reference_count == c->reference_room) {
        c->reference_room = c->reference_room == 0 ? 16 : c->reference_room * 2;
        c->references = mem_resize(c->references, c->reference_room, sizeof c->references[0]);
    }
    c->references[c->reference_count++] =
        (struct reference){a, st, (r->context & SCOPE_OBJECTS) != 0};
}

static void keep_set(struct reader *r, struct statement *st)
{
    uint16_t count = (uint16_t)(r->count < UINT16_MAX ? r->count : UINT16_MAX);
    /* What the command line says stays where it is: it may be a global line, which is pointed at.
     */
    bool hosts = r->context == SCOPE_HOST && !r->lx.command_line;
    struct arena *arena = hosts ? &r->c->forms : &r->c->arena;
    struct form *form = arena_alloc(arena, sizeof *form + count * sizeof form->set[0]);
    form->count = count;
    st->said = arena_alloc(arena, sizeof *st->said);
    st->said->form = form;
    if (r->parked)
        st->flags |= STATEMENT_PARKED;
    if (hosts)
        st->flags |= STATEMENT_HOSTS;
    for (unsigned i = 0; i < count; i++) {
        struct assignment *a = &form->set[i];
        const char *value = r->set[i].value;
        *a = r->set[i];
        struct name *n = &r->c->names[a->id];
        n->used = true;
        a->flags &= (uint16_t)~ASSIGNED_PLAIN;
        if (value == NULL || (a->flags & (ASSIGNED_UNKNOWN | ASSIGNED_BAD)) != 0)
            continue;
        if (a->id == r->inherit && strcmp(value, "no") == 0)
            st->flags |= STATEMENT_ALONE;
        if (n->refers && refers(n->row, value))
            add_reference(r, st, a);
    }
}

static void add_globals(struct conf *c, struct statement *st)
{
    for (unsigned i = 0; i < form_of(st)->count; i++) {
        struct name *n = &c->names[form_of(st)->set[i].id];
        bool last = true; /* of equal names only the last counts, right or wrong */
        for (unsigned k = i + 1; k < form_of(st)->count && last; k++)
            last = form_of(st)->set[k].id != form_of(st)->set[i].id;
        if (!last)
            continue;
        if (n->count == n->room) {
            n->room = n->room == 0 ? 4 : n->room * 2;
            n->globals = mem_resize(n->globals, n->room, sizeof n->globals[0]);
        }
        n->globals[n->count++] = (struct global){st->seq, &form_of(st)->set[i]};
    }
}

/* Hostnames of the words, then those of host=. */
static void add_hosts(struct reader *r, struct statement *st, const struct lex_statement *ls)
{
    struct conf *c = r->c;
    for (size_t i = 0; i < ls->word_count && ls->words[i].group == 0; i++)
        if (ls->words[i].len > 0)
            entries_add(c, st,
                        &(struct word){ls->words[i].text, ls->words[i].len,
                                       (uint32_t)ls->words[i].at, (uint32_t)ls->words[i].end});
    for (unsigned i = 0; i < form_of(st)->count; i++) {
        const struct assignment *a = &form_of(st)->set[i];
        if (a->id != r->host || a->value == NULL)
            continue;
        for (const char *p = a->value; *p != '\0';) {
            size_t n = strcspn(p, ",");
            size_t skip = 0;
            while (skip < n && text_is_space(p[skip]))
                skip++;
            size_t len = n;
            while (len > skip && text_is_space(p[len - 1]))
                len--;
            if (len > skip)
                entries_add(c, st,
                            &(struct word){p + skip, len - skip, (uint32_t)in_file(st, a->value_at),
                                           (uint32_t)in_file(st, a->value_end)});
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
    if (ls->word_count > 0)
        return SCOPE_HOST;
    const struct lex_assignment *host = written(ls, "host");
    const struct lex_assignment *named = written(ls, "host_env");
    const char *env = named != NULL ? read_environment(c, named->value) : NULL;

    if (env != NULL && env[strspn(env, ", ")] != '\0')
        return SCOPE_HOST;
    return host != NULL && host->value[strspn(host->value, ", ")] != '\0' ? SCOPE_HOST
                                                                          : SCOPE_GLOBAL;
}

static void read_statement(struct reader *r, const struct lex_statement *ls)
{
    struct conf *c = r->c;
    const struct lex_assignment *define = written(ls, "define");

    unsigned context = context_of(c, ls, define);
    if (context != r->context)
        r->former = 0;
    r->context = context;
    r->parked = ls->broken;
    r->from = ls->at;
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
        if (d != NULL && value_in(st, d) != NULL)
            add_object(r, st, value_in(st, d), ls, define);
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
    r->inherit = (unsigned)setting_index(setting_find("inherit"));
    r->host = (unsigned)setting_index(setting_find("host"));
    lex_init(&r->lx, bytes, n);
    r->lx.keep_backslash = c->options.dialect == CONF_HOMING;
    r->lx.name_of = name_bits;
    r->lx.name_arg = r;
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
    c->login = (unsigned)setting_index(setting_find("login"));
    reader_init(&r, c, c->bytes, c->n);
    while ((ls = lex_next(&r.lx)) != NULL)
        if (ls->set_count > 0 || ls->word_count > 0) {
            read_statement(&r, ls);
            r.former = r.count;
            r.count = 0;
        }
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
                entries_add(c, st, &(struct word){p, n, 0, 0});
                i = entries_first(c, host);
            }
            for (; i != UINT32_MAX; i = entry_next(&c->entries[i]))
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
    const char *named = host != NULL ? value_in(st, host) : NULL;
    if (named != NULL)
        *selected = hosts != NULL ? mem_format("%s,%s", hosts, named) : mem_text(named);
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
        if (!entries_in_list(selected, entry_written(&c->entries[i])) &&
            !entries_in_list(selected, c->entries[i].hostname))
            c->entries[i].flags |= ENTRY_DROPPED;
    mem_free(selected);
}
