/*
 * SPDX-License-Identifier: ISC
 */
#include "conf/edit_inside.h"

#include "base/mem.h"
#include "base/text.h"

#include <string.h>

/* The bytes of statements: which belong to what, and what takes their place. */

static unsigned name_bits(const void *arg, const char *name)
{
    const struct setting *row = setting_find(name);
    if (text_ends(name, "password"))
        return LEX_PASSWORD | (row == NULL ? LEX_UNKNOWN : LEX_REAL);
    if (row == NULL)
        return LEX_UNKNOWN | (setting_name_is_secret(name) ? LEX_TOKEN : 0);
    return LEX_REAL | (row->class == SETTING_SECRET ? LEX_TOKEN : 0);
}

const struct lex_statement *edit_lex(struct editing *ed, struct lex *lx, const struct statement *st)
{
    lex_init(lx, ed->c->bytes, ed->c->n);
    lx->keep_backslash = ed->options.dialect == CONF_HOMING;
    lx->name_of = name_bits;
    lx->at = st->at;
    return lex_next(lx);
}

void edit_unlex(struct lex *lx)
{
    lex_fini(lx);
}

bool edit_word_is(const struct editing *ed, const char *text, size_t n, const char *hostname)
{
    if (ed->options.dialect == CONF_DDCLIENT)
        return strlen(hostname) == n && memcmp(text, hostname, n) == 0;
    char *host = entries_hostname(text, n);
    bool same = host != NULL && strcmp(host, hostname) == 0;
    mem_free(host);
    return same;
}

static const char *target_hostname(const struct editing *ed)
{
    return ed->c->entries[ed->target].hostname;
}

static const struct lex_assignment *host_assignment(const struct lex_statement *ls)
{
    for (size_t i = ls->set_count; i > 0; i--)
        if (strcmp(ls->set[i - 1].name, "host") == 0)
            return &ls->set[i - 1];
    return NULL;
}

/* Walks the names of host=. */
static bool next_item(const char **at, const char **item, size_t *n)
{
    while (**at == ',' || text_is_space(**at))
        (*at)++;
    if (**at == '\0')
        return false;
    *item = *at;
    *n = strcspn(*at, ",");
    *at += *n;
    while (*n > 0 && text_is_space((*item)[*n - 1]))
        (*n)--;
    return true;
}

size_t edit_others(struct editing *ed, const struct statement *st)
{
    struct lex lx;
    const struct lex_statement *ls = edit_lex(ed, &lx, st);
    const char *hostname = target_hostname(ed), *at, *item;
    size_t others = 0, n;

    for (size_t i = 0; ls != NULL && i < ls->word_count && ls->words[i].group == 0; i++)
        if (ls->words[i].len > 0 &&
            !edit_word_is(ed, ls->words[i].text, ls->words[i].len, hostname))
            others++;
    const struct lex_assignment *host = ls != NULL ? host_assignment(ls) : NULL;
    at = host != NULL ? host->value : "";
    while (next_item(&at, &item, &n))
        if (!edit_word_is(ed, item, n, hostname))
            others++;
    edit_unlex(&lx);
    return others;
}

static bool is_password(const char *name)
{
    return text_ends(name, "password");
}

/*
 * Would the unquoted value of this setting, ending here, take what stands right behind for its own?
 * A comma ends a password only before a blank, and # is part of every secret.
 */
static bool tight(const struct editing *ed, size_t at, const char *name)
{
    const char *bytes = ed->c->bytes;
    unsigned bits = name_bits(NULL, name);
    if (at >= ed->c->n || (bits & (LEX_PASSWORD | LEX_TOKEN)) == 0)
        return false;
    return bytes[at] == '#' || (bytes[at] == ',' && (bits & LEX_PASSWORD) != 0 &&
                                at + 1 < ed->c->n && !text_is_space(bytes[at + 1]));
}

bool edit_pair(struct buf *out, const char *name, const char *value, bool quoted)
{
    buf_text(out, name);
    buf_char(out, '=');
    if (value == NULL)
        return buf_text(out, "default");
    return patch_value(
        out, value, (is_password(name) ? PATCH_PASSWORD : 0) | (quoted ? PATCH_QUOTED : 0), "", 0);
}

bool edit_replace(struct editing *ed, const struct statement *st, const struct assignment *a,
                  const char *name, const char *value)
{
    struct buf text;
    const char *bytes = ed->c->bytes;
    size_t at = in_file(st, a->at), end = in_file(st, a->value_end);
    size_t value_at = in_file(st, a->value_at);
    bool ok;

    buf_init(&text, LEX_FILE_MAX);
    /* "password_env=PW" gives way as a whole. */
    if ((a->flags & ASSIGNED_INDIRECT) != 0 || strlen(name) != strcspn(bytes + at, "= \t")) {
        ok = edit_pair(&text, name, value, tight(ed, end, name));
        patches_add(&ed->patches, at, end, buf_str(&text));
    } else {
        ok = patch_value(&text, value,
                         (is_password(name) ? PATCH_PASSWORD : 0) |
                             (tight(ed, end, name) ? PATCH_QUOTED : 0),
                         bytes + value_at, end - value_at);
        patches_add(&ed->patches, value_at, end, buf_str(&text));
    }
    buf_wipe(&text);
    return ok;
}

/* What stands between two assignments: as between the last two, else a comma and a blank. */
static void separator(const struct editing *ed, const struct lex_statement *ls, struct buf *out)
{
    const struct lex_assignment *last = &ls->set[ls->set_count - 1];
    const char *bytes = ed->c->bytes;

    /* ddclient would take the comma for a part of the password. */
    if (is_password(last->name) && !last->quoted && last->value_len > 0) {
        buf_char(out, ' ');
        return;
    }
    if (ls->set_count > 1) {
        size_t from = last[-1].value_end, to = last->at;
        bool plain = to > from && to - from < 8;
        for (size_t i = from; i < to; i++)
            if (bytes[i] != ' ' && bytes[i] != ',' && bytes[i] != '\t')
                plain = false;
        if (plain) {
            buf_add(out, bytes + from, to - from);
            return;
        }
    }
    buf_text(out, ", ");
}

bool edit_insert(struct editing *ed, const struct statement *st, const char *name,
                 const char *value)
{
    struct lex lx;
    const struct lex_statement *ls = edit_lex(ed, &lx, st);
    struct buf text;
    bool ok = ls != NULL;

    buf_init(&text, LEX_FILE_MAX);
    if (ok && ls->set_count > 0) {
        separator(ed, ls, &text);
        ok = edit_pair(&text, name, value,
                       value != NULL && tight(ed, ls->set[ls->set_count - 1].value_end, name));
        patches_add(&ed->patches, ls->set[ls->set_count - 1].value_end,
                    ls->set[ls->set_count - 1].value_end, buf_str(&text));
    } else if (ok) {
        ok = edit_pair(&text, name, value, false);
        buf_char(&text, ' ');
        patches_add(&ed->patches, ls->at, ls->at, buf_str(&text));
    }
    buf_wipe(&text);
    edit_unlex(&lx);
    return ok;
}

static bool gap_has(const struct editing *ed, size_t from, size_t to, char c)
{
    return to > from && memchr(ed->c->bytes + from, c, to - from) != NULL;
}

static size_t line_start(const struct editing *ed, size_t at)
{
    while (at > 0 && ed->c->bytes[at - 1] != '\n')
        at--;
    return at;
}

void edit_delete_statement(struct editing *ed, const struct statement *st)
{
    struct lex lx;
    const struct lex_statement *ls = edit_lex(ed, &lx, st);
    const char *bytes = ed->c->bytes;
    size_t from = line_start(ed, st->at), to = ls != NULL ? ls->line_end : st->end;

    /* The mark at the head of the file stays. */
    if (from == 0 && ed->c->n >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0)
        from = 3;
    /* Without a line break behind it, the one before it goes. */
    if (to == ed->c->n && to > 0 && bytes[to - 1] != '\n' && from > 0 && bytes[from - 1] == '\n') {
        from--;
        if (from > 0 && bytes[from - 1] == '\r')
            from--;
    }
    patches_add(&ed->patches, from, to, NULL);
    edit_unlex(&lx);
}

/* Only blanks around the statement on its line? */
static bool fills_line(const struct editing *ed, const struct lex_statement *ls)
{
    return !gap_has(ed, ls->end, ls->line_end, '#');
}

void edit_delete(struct editing *ed, const struct statement *st, const struct assignment *a)
{
    struct lex lx;
    const struct lex_statement *ls = edit_lex(ed, &lx, st);
    size_t i = 0;

    while (ls != NULL && i < ls->set_count && ls->set[i].at != in_file(st, a->at))
        i++;
    if (ls == NULL || i == ls->set_count) {
        edit_unlex(&lx);
        return;
    }
    const struct lex_assignment *t = &ls->set[i];
    if (ls->set_count == 1 && ls->word_count == 0 && fills_line(ed, ls)) {
        edit_delete_statement(ed, st);
    } else if (i > 0) {
        size_t from = t[-1].value_end;
        bool glues = !t[-1].quoted && tight(ed, t->value_end, t[-1].name);
        patches_add(&ed->patches, gap_has(ed, from, t->at, '#') ? t->at : from, t->value_end,
                    glues ? " " : NULL);
    } else {
        size_t next = ls->set_count > 1    ? t[1].at
                      : ls->word_count > 0 ? ls->words[0].at
                                           : t->value_end;
        patches_add(&ed->patches, t->at,
                    gap_has(ed, t->value_end, next, '\n') ? t->value_end : next, NULL);
    }
    edit_unlex(&lx);
}

static const char *line_break(const struct editing *ed)
{
    const char *nl = ed->c->n > 0 ? memchr(ed->c->bytes, '\n', ed->c->n) : NULL;
    return nl != NULL && nl > ed->c->bytes && nl[-1] == '\r' ? "\r\n" : "\n";
}

/* Does the file end while a line is to be continued? Then only a blank line ends it. */
static bool ends_continued(const struct editing *ed)
{
    for (size_t i = 0; i < ed->c->problem_count; i++)
        if (strcmp(ed->c->problems[i].code, "continued-end") == 0)
            return true;
    return false;
}

bool edit_append(struct editing *ed, const char *statement)
{
    struct buf text;
    size_t n = ed->c->n;
    bool open = n > 0 && ed->c->bytes[n - 1] != '\n' &&
                !(n == 3 && memcmp(ed->c->bytes, "\xef\xbb\xbf", 3) == 0);

    buf_init(&text, LEX_FILE_MAX);
    if (open)
        buf_text(&text, line_break(ed));
    if (ends_continued(ed))
        buf_text(&text, line_break(ed));
    buf_text(&text, statement);
    if (!open)
        buf_text(&text, line_break(ed));
    patches_add(&ed->patches, n, n, buf_str(&text));
    buf_wipe(&text);
    return true;
}

bool edit_has_bare(const struct statement *st)
{
    for (unsigned i = 0; i < form_of(st)->count; i++)
        if ((form_of(st)->set[i].flags & ASSIGNED_BARE) != 0)
            return true;
    return false;
}

bool edit_unbare(struct editing *ed, const struct statement *st)
{
    struct lex lx;
    const struct lex_statement *ls = edit_lex(ed, &lx, st);
    struct buf text;
    size_t from = 0, at;
    bool ok = ls != NULL && ls->word_count > 0;

    buf_init(&text, LEX_FILE_MAX);
    at = ok ? ls->words[0].at : 0;
    if (ok && ls->set_count > 0) {
        separator(ed, ls, &text);
        at = ls->set[ls->set_count - 1].value_end;
    }
    bool first = true;
    for (unsigned i = 0; ok && i < form_of(st)->count; i++) {
        if ((form_of(st)->set[i].flags & ASSIGNED_BARE) == 0)
            continue;
        if (!first)
            buf_text(&text, ", ");
        first = false;
        ok = edit_pair(&text, ed->c->names[form_of(st)->set[i].id].name,
                       value_in(st, &form_of(st)->set[i]), false);
    }
    if (ok && ls->set_count == 0)
        buf_char(&text, ' ');
    for (size_t i = 0; ok && i < ls->word_count; i++)
        if (ls->words[i].group == 0)
            from = ls->words[i].end;
    if (ok) {
        patches_add(&ed->patches, at, at, buf_str(&text));
        patches_add(&ed->patches, from, ls->words[ls->word_count - 1].end, NULL);
    }
    buf_wipe(&text);
    edit_unlex(&lx);
    return ok;
}

/* host= without that name, or with another one in its place. */
static void change_list(struct editing *ed, const struct lex_assignment *host, const char *hostname,
                        const char *instead)
{
    struct buf list, text;
    const char *at = host->value, *item;
    size_t n;

    buf_init(&list, LEX_FILE_MAX);
    buf_init(&text, LEX_FILE_MAX);
    while (next_item(&at, &item, &n)) {
        bool same = edit_word_is(ed, item, n, hostname);
        if (same && instead == NULL)
            continue;
        if (list.len > 0)
            buf_char(&list, ',');
        if (same)
            buf_text(&list, instead);
        else
            buf_add(&list, item, n);
    }
    if (strcmp(buf_str(&list), host->value) != 0) {
        patch_value(&text, buf_str(&list), 0, ed->c->bytes + host->value_at,
                    host->value_end - host->value_at);
        patches_add(&ed->patches, host->value_at, host->value_end, buf_str(&text));
    }
    buf_free(&list);
    buf_free(&text);
}

void edit_drop_host(struct editing *ed, const struct statement *st, const char *hostname)
{
    struct lex lx;
    const struct lex_statement *ls = edit_lex(ed, &lx, st);
    size_t hosts = 0;

    while (ls != NULL && hosts < ls->word_count && ls->words[hosts].group == 0)
        hosts++;
    for (size_t i = 0; i < hosts; i++) {
        const struct lex_word *w = &ls->words[i];
        if (!edit_word_is(ed, w->text, w->len, hostname))
            continue;
        if (i + 1 < hosts)
            patches_add(&ed->patches, w->at, gap_has(ed, w->end, w[1].at, '#') ? w->end : w[1].at,
                        NULL);
        else if (i > 0)
            patches_add(&ed->patches, gap_has(ed, w[-1].end, w->at, '#') ? w->at : w[-1].end,
                        w->end, NULL);
        else
            patches_add(&ed->patches, w->at, w->end, NULL);
    }
    const struct lex_assignment *host = ls != NULL ? host_assignment(ls) : NULL;
    if (host != NULL)
        change_list(ed, host, hostname, NULL);
    edit_unlex(&lx);
}

void edit_rename_host(struct editing *ed, const struct statement *st, const char *hostname,
                      const char *name)
{
    struct lex lx;
    const struct lex_statement *ls = edit_lex(ed, &lx, st);

    for (size_t i = 0; ls != NULL && i < ls->word_count && ls->words[i].group == 0; i++)
        if (edit_word_is(ed, ls->words[i].text, ls->words[i].len, hostname))
            patches_add(&ed->patches, ls->words[i].at, ls->words[i].end, name);
    const struct lex_assignment *host = ls != NULL ? host_assignment(ls) : NULL;
    if (host != NULL)
        change_list(ed, host, hostname, name);
    edit_unlex(&lx);
}

/* The assignments as they are written, for another statement. */
static bool copy_assignments(struct editing *ed, const struct lex_statement *ls, struct buf *out)
{
    const char *former = "";
    bool bare = false, ok = true;

    for (size_t i = 0; i < ls->set_count; i++) {
        const struct lex_assignment *a = &ls->set[i];
        if (strcmp(a->name, "host") == 0)
            continue;
        if (*former != '\0')
            buf_text(out, bare ? " " : ", ");
        if (gap_has(ed, a->at, a->value_end, '\n'))
            ok = edit_pair(out, a->name, a->value, false) && ok;
        else
            buf_add(out, ed->c->bytes + a->at, a->value_end - a->at);
        former = a->name;
        bare = is_password(a->name) && !a->quoted && a->value_len > 0;
    }
    if (*former != '\0')
        buf_char(out, ' ');
    return ok;
}

bool edit_split(struct editing *ed, const struct statement *st, const char *hostname)
{
    struct lex lx;
    const struct lex_statement *ls = edit_lex(ed, &lx, st);
    struct buf text;
    const char *written = entry_written(&ed->c->entries[ed->target]);
    unsigned group = 0;

    if (ls == NULL || ls->broken) {
        edit_unlex(&lx);
        return false;
    }
    bool open = ls->line_end == ed->c->n && (ed->c->n == 0 || ed->c->bytes[ed->c->n - 1] != '\n');
    buf_init(&text, LEX_FILE_MAX);
    if (open)
        buf_text(&text, line_break(ed));
    bool ok = copy_assignments(ed, ls, &text);
    buf_text(&text, written);
    for (size_t i = 0; i < ls->word_count; i++) {
        if (ls->words[i].group == 0)
            continue;
        buf_text(&text, ls->words[i].group != group ? " " : ",");
        group = ls->words[i].group;
        buf_add(&text, ls->words[i].text, ls->words[i].len);
    }
    if (!open)
        buf_text(&text, line_break(ed));
    patches_add(&ed->patches, ls->line_end, ls->line_end, buf_str(&text));
    buf_wipe(&text);
    edit_unlex(&lx);
    edit_drop_host(ed, st, hostname);
    return ok;
}
