/*
 * SPDX-License-Identifier: ISC
 */
#include "conf/lex.h"

#include "base/mem.h"
#include "base/text.h"

#include <string.h>

enum { END = -1 }; /* end of the line or of the file */

void lex_init(struct lex *lx, const char *src, size_t n)
{
    memset(lx, 0, sizeof *lx);
    lx->src = src;
    lx->n = n;
    lx->noted_tail = SIZE_MAX;
    buf_init(&lx->text, LEX_FILE_MAX * (size_t)2);
    /* A byte-order mark is no part of the text (quirk 27). */
    if (n >= 3 && memcmp(src, "\xef\xbb\xbf", 3) == 0)
        lx->at = 3;
}

void lex_fini(struct lex *lx)
{
    buf_wipe(&lx->text);
    mem_free(lx->st.set);
    mem_free(lx->st.words);
}

static void note(struct lex *lx, enum lex_note what, size_t from, size_t to)
{
    if (lx->note != NULL)
        lx->note(lx->note_arg, what, from, to);
}

static void note_tail(struct lex *lx, enum lex_note what, size_t at)
{
    if (lx->noted_tail == at)
        return;
    lx->noted_tail = at;
    note(lx, what, at, at + 1);
}

static void note_comment(struct lex *lx, size_t from, size_t to)
{
    if (from < lx->noted_comment)
        return;
    lx->noted_comment = to > from ? to : from + 1;
    note(lx, LEX_NOTE_COMMENT, from, to);
}

static bool is_blank(int c)
{
    return c == ' ' || c == '\t' || c == '\v' || c == '\f' || c == '\r';
}

static size_t skip_blanks(const struct lex *lx, size_t at)
{
    while (at < lx->n && is_blank(lx->src[at]))
        at++;
    return at;
}

static size_t line_end(const struct lex *lx, size_t at)
{
    const char *nl = at < lx->n ? memchr(lx->src + at, '\n', lx->n - at) : NULL;
    return nl != NULL ? (size_t)(nl - lx->src) : lx->n;
}

/*
 * Behind a continued line: whole-line comments are passed over (quirk 21). Gives where the next
 * text begins, or a blank line or the end of the file, which end the statement.
 */
static size_t continued(struct lex *lx, size_t at, size_t backslash, bool *ended)
{
    *ended = false;
    for (;;) {
        size_t k = skip_blanks(lx, at);
        if (k >= lx->n) {
            note_tail(lx, LEX_NOTE_PENDING, backslash);
            *ended = true;
            return lx->n;
        }
        if (lx->src[k] == '\n') {
            *ended = true;
            return k;
        }
        if (lx->src[k] != '#')
            return at;
        at = line_end(lx, k);
        if (at < lx->n)
            at++;
    }
}

/* Does the backslash at "at" continue the line? Gives the place behind the line break. */
static bool continues(struct lex *lx, size_t at, bool quoted, size_t *behind)
{
    size_t k = skip_blanks(lx, at + 1);
    if (k < lx->n && lx->src[k] == '#' && k > at + 1 && !quoted) {
        size_t end = line_end(lx, k);
        note_comment(lx, k, end);
        k = end;
    }
    if (k < lx->n && lx->src[k] != '\n')
        return false;
    *behind = k < lx->n ? k + 1 : lx->n;
    return true;
}

/* What look() does where a line may end or go on. */
static int look_closely(struct lex *lx, size_t *at, size_t *next, bool quoted)
{
    size_t behind;
    bool ended;

    for (;;) {
        while (*at < lx->n && lx->src[*at] == '\r')
            (*at)++;
        if (*at >= lx->n) {
            *next = lx->n;
            return END;
        }
        unsigned char c = (unsigned char)lx->src[*at];
        *next = *at + 1;
        if (lx->command_line)
            return c;
        if (c == '\n')
            return END;
        if (c != '\\' || !continues(lx, *at, quoted, &behind))
            return c;
        size_t k = *at + 1;
        while (k < lx->n && lx->src[k] == '\r')
            k++;
        size_t tail = skip_blanks(lx, k);
        if (tail > k && tail < lx->n && lx->src[tail] == '\n')
            note_tail(lx, LEX_NOTE_TRAILING, *at);
        *at = continued(lx, behind, *at, &ended);
        if (ended) {
            *next = *at;
            return END;
        }
    }
}

/* The character at *at, with line ends and continuation lines out of the way; *next is behind it.
 */
static inline int look(struct lex *lx, size_t *at, size_t *next, bool quoted)
{
    unsigned char c = *at < lx->n ? (unsigned char)lx->src[*at] : '\n';

    if (c <= '\r' || c == '\\')
        return look_closely(lx, at, next, quoted);
    *next = *at + 1;
    return c;
}

static bool comment(const struct lex *lx, int c)
{
    return c == '#' && !lx->command_line;
}

/* Characters that stand for themselves wherever they stand: most of a file. */
static bool is_plain(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '-' && c <= ':') || (c >= '@' && c <= 'Z') || c == '_';
}

/* How many of them follow one another at "at"; what else there is is looked at one by one. */
static size_t plain_run(const struct lex *lx, size_t at)
{
    size_t from = at;

    while (at < lx->n && is_plain((unsigned char)lx->src[at]))
        at++;
    return at - from;
}

/* Moves over blanks and commas to the next character. */
static int skip_separators(struct lex *lx, size_t *at, bool commas)
{
    size_t next;
    for (;;) {
        int c = look(lx, at, &next, false);
        if (c != END && (is_blank(c) || (commas && c == ',')) && *at < lx->n)
            *at = next;
        else
            return c;
    }
}

/* Texts stand in one buffer; pointers into it are made when the statement is whole. */
struct piece {
    size_t from;
};

static struct piece begin(struct lex *lx)
{
    return (struct piece){lx->text.len};
}

static size_t finish(struct lex *lx, struct piece p)
{
    size_t n = lx->text.len - p.from;
    if (lx->text.len + 1 < lx->text.room)
        lx->text.data[++lx->text.len] = '\0'; /* one stands there already */
    else
        buf_char(&lx->text, '\0');
    return n;
}

static bool is_name_plain(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || c == '-' || c == '_' || (c >= '0' && c <= '9');
}

/* How many plain characters of a name follow one another behind its first. */
static size_t name_run(const struct lex *lx, size_t at)
{
    size_t from = at;

    while (at < lx->n && is_name_plain((unsigned char)lx->src[at]))
        at++;
    return at - from;
}

static bool name_char(int c, bool first)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (!first && ((c >= '0' && c <= '9') || c == '_' || c == '-'));
}

/* What a value is read by. */
struct reading {
    struct lex *lx;
    size_t at;   /* next character */
    size_t end;  /* behind the last character of the value */
    bool broken; /* a NUL */
    bool open;   /* the quote is not closed */
};

static void add(struct reading *r, int c, size_t at, size_t next)
{
    if (c == 0) {
        note(r->lx, LEX_NOTE_NUL, at, next);
        r->broken = true;
        return;
    }
    buf_char(&r->lx->text, (char)c);
    r->end = next;
}

static void add_plain(struct reading *r)
{
    size_t n = plain_run(r->lx, r->at);

    if (n == 0)
        return;
    buf_add(&r->lx->text, r->lx->src + r->at, n);
    r->at += n;
    r->end = r->at;
}

/*
 * The character behind a backslash. A pair of backslashes is one, also at the end of a line, where
 * the second alone would continue it.
 */
static int look_escaped(struct lex *lx, size_t *at, size_t *next, bool quoted)
{
    size_t k = *at;
    while (k < lx->n && lx->src[k] == '\r')
        k++;
    if (k < lx->n && lx->src[k] == '\\') {
        *at = k;
        *next = k + 1;
        return '\\';
    }
    return look(lx, at, next, quoted);
}

/* Behind an opening quote at "open"; the general rule (reference of the language, 1.4). */
static void read_quoted(struct reading *r, char quote, size_t open)
{
    struct lex *lx = r->lx;
    size_t next;

    for (;;) {
        int c = look(lx, &r->at, &next, true);
        if (c == END) {
            note(lx, LEX_NOTE_UNTERMINATED, open, open + 1);
            r->open = true;
            return;
        }
        if (c == quote) {
            r->at = r->end = next;
            return;
        }
        if (c == '\\') {
            size_t escaped = next, behind;
            int e = look_escaped(lx, &escaped, &behind, true);
            if (e != END && (!lx->keep_backslash || e == '\\' || e == '"' || e == '\'')) {
                c = e;
                next = behind;
            }
        }
        add(r, c, r->at, next);
        r->at = next;
    }
}

static void read_general(struct reading *r, unsigned kind)
{
    struct lex *lx = r->lx;
    size_t next;

    for (;;) {
        add_plain(r);
        int c = look(lx, &r->at, &next, false);
        if (c == END || is_blank(c) || c == ',' || (lx->command_line && c == '\n'))
            return;
        if (comment(lx, c) && (kind & (LEX_PASSWORD | LEX_TOKEN)) == 0)
            return;
        if (c == '\'' || c == '"') {
            size_t open = r->at;
            r->at = r->end = next;
            read_quoted(r, (char)c, open);
            if (r->open)
                return;
            continue;
        }
        if (c == '\\') {
            size_t escaped = next;
            int e = look_escaped(lx, &escaped, &next, false);
            if (e == END) {
                note(lx, LEX_NOTE_ESCAPE, r->at, r->at + 1);
                r->at = r->end = escaped;
                return;
            }
            c = e;
        }
        add(r, c, r->at, next);
        r->at = next;
    }
}

static bool separator(int c)
{
    return c == END || is_blank(c) || c == ',';
}

/* 'it''s': the quote that ends a single-quoted password has a separator behind it (quirk 4). */
static void read_single_password(struct reading *r, size_t open)
{
    struct lex *lx = r->lx;
    size_t next, after, unused;

    for (;;) {
        int c = look(lx, &r->at, &next, true);
        if (c == END) {
            note(lx, LEX_NOTE_UNTERMINATED, open, open + 1);
            r->open = true;
            return;
        }
        if (c == '\'') {
            after = next;
            int follows = look(lx, &after, &unused, false);
            if (separator(follows) || (lx->command_line && follows == '\n')) {
                r->at = r->end = next;
                return;
            }
        }
        add(r, c, r->at, next);
        r->at = next;
    }
}

/* Is this comma, the next character being at "next", the end of an unquoted password (quirk 2)? So
 * it is before a continued line's end, however that goes on. */
static bool comma_ends(struct lex *lx, size_t next)
{
    size_t at = next, unused;
    int c = look(lx, &at, &unused, false);
    return c == END || is_blank(c) || (at != next && lx->src[next] == '\\');
}

/* "abc,login=x": is there a known name and a = behind the comma? */
static bool assignment_follows(struct lex *lx, size_t at)
{
    char name[40];
    size_t n = 0, next;
    for (;; at = next) {
        int c = look(lx, &at, &next, false);
        if (!name_char(c, n == 0) || n == sizeof name - 1) {
            name[n] = '\0';
            return c == '=' && n > 0 && (lx->name_of(lx->name_arg, name) & LEX_UNKNOWN) == 0;
        }
        name[n++] = (char)c;
    }
}

static void read_bare_password(struct reading *r)
{
    struct lex *lx = r->lx;
    size_t next;

    for (;;) {
        add_plain(r);
        int c = look(lx, &r->at, &next, false);
        if (c == END || is_blank(c) || (lx->command_line && c == '\n'))
            return;
        if (c == ',') {
            if (comma_ends(lx, next)) {
                size_t behind = next;
                skip_separators(lx, &behind, true);
                note(lx, assignment_follows(lx, behind) ? LEX_NOTE_COMMA : LEX_NOTE_COMMA_LAST,
                     r->at, next);
                return;
            }
            if (assignment_follows(lx, next))
                note(lx, LEX_NOTE_COMMA_NAME, r->at, next);
        }
        add(r, c, r->at, next);
        r->at = next;
    }
}

/* False when a quote stays open: what follows has no meaning. */
static bool read_value(struct lex *lx, struct lex_assignment *a, unsigned kind, size_t *at)
{
    size_t next;
    struct reading r = {.lx = lx, .at = *at, .end = *at};
    int c = look(lx, &r.at, &next, false);

    a->value_at = r.end = c == END ? *at : r.at;
    a->quoted = c == '\'' || c == '"';
    a->quote = a->quoted ? (char)c : 0;
    if ((kind & LEX_PASSWORD) == 0 || c == '"' || lx->command_line) {
        read_general(&r, kind);
    } else if (c == '\'') {
        r.at = next;
        read_single_password(&r, a->value_at);
    } else {
        read_bare_password(&r);
    }
    if (r.broken || r.open)
        lx->st.broken = true;
    a->value_end = r.end;
    *at = r.at;
    return !r.open;
}

static struct lex_assignment *more_assignments(struct lex *lx)
{
    struct lex_statement *st = &lx->st;
    if (st->set_count == lx->set_room) {
        lx->set_room = lx->set_room == 0 ? 16 : lx->set_room * 2;
        st->set = mem_resize(st->set, lx->set_room, sizeof st->set[0]);
    }
    struct lex_assignment *a = &st->set[st->set_count++];
    memset(a, 0, sizeof *a);
    return a;
}

/*
 * "name=" at *at, or "name =" of a known name. Gives its bits and leaves *at behind the "="; 0 when
 * the text is no assignment (then *at is unchanged). The name is left in lx->text.
 */
static unsigned read_name(struct lex *lx, size_t *at, struct lex_assignment *a)
{
    struct piece p = begin(lx);
    size_t here = *at, next, end = *at;
    int c;

    for (;; here = next) {
        c = look(lx, &here, &next, false);
        if (!name_char(c, lx->text.len == p.from))
            break;
        if (lx->text.len == p.from)
            a->at = here;
        next += name_run(lx, next);
        buf_add(&lx->text, lx->src + here, next - here);
        end = next;
    }
    a->name_len = lx->text.len - p.from;
    a->name_end = end;
    if (a->name_len == 0 || (c != '=' && !is_blank(c)))
        return 0;
    unsigned kind = lx->name_of(lx->name_arg, lx->text.data + p.from) | 16;
    if (c != '=') {
        if ((kind & LEX_UNKNOWN) != 0 || skip_separators(lx, &here, false) != '=')
            return 0;
        note(lx, LEX_NOTE_BLANKS, a->at, here + 1);
        here++;
        size_t value = here;
        if (skip_separators(lx, &value, false) != END)
            here = value;
        *at = here;
        return kind;
    }
    *at = next;
    return kind;
}

/* The assignments at the head of a statement; gives the character that stands behind them. */
static int read_assignments(struct lex *lx, size_t *at)
{
    for (;;) {
        int c = skip_separators(lx, at, true);
        if (c == END || comment(lx, c) || (lx->command_line && c == '\n'))
            return c;
        struct lex_assignment a = {0};
        struct piece p = begin(lx);
        unsigned kind = read_name(lx, at, &a);
        if (kind == 0) {
            lx->text.len = p.from;
            return c;
        }
        a.name = (const char *)p.from;
        finish(lx, p);
        struct piece v = begin(lx);
        bool closed = read_value(lx, &a, kind, at);
        a.value = (const char *)v.from;
        a.value_len = finish(lx, v);
        *more_assignments(lx) = a;
        lx->st.end = a.value_end > a.name_end ? a.value_end : *at;
        if (!closed)
            return END;
    }
}

static struct lex_word *more_words(struct lex *lx)
{
    struct lex_statement *st = &lx->st;
    if (st->word_count == lx->word_room) {
        lx->word_room = lx->word_room == 0 ? 16 : lx->word_room * 2;
        st->words = mem_resize(st->words, lx->word_room, sizeof st->words[0]);
    }
    struct lex_word *w = &st->words[st->word_count++];
    memset(w, 0, sizeof *w);
    return w;
}

/* One word up to a blank, a comma or a comment. */
static int read_word(struct lex *lx, size_t *at, unsigned group)
{
    struct lex_word *w = more_words(lx);
    struct piece p = begin(lx);
    struct reading r = {.lx = lx, .at = *at, .end = *at};
    size_t next;
    int c;

    w->at = *at;
    for (;;) {
        add_plain(&r);
        c = look(lx, &r.at, &next, false);
        if (separator(c) || comment(lx, c) || (lx->command_line && c == '\n'))
            break;
        add(&r, c, r.at, next);
        r.at = next;
    }
    if (r.broken)
        lx->st.broken = true;
    w->text = (const char *)p.from;
    w->len = finish(lx, p);
    w->end = r.end;
    w->group = group;
    lx->st.end = r.end;
    *at = r.at;
    return c;
}

/* Words behind the assignments; a comma glues the next one to the same group (1.6). */
static void read_words(struct lex *lx, size_t *at)
{
    unsigned group = 0;
    int c = skip_separators(lx, at, true);

    while (c != END && !comment(lx, c) && !(lx->command_line && c == '\n')) {
        c = read_word(lx, at, group);
        size_t before = *at;
        bool comma = false;
        for (;;) {
            c = skip_separators(lx, at, false);
            if (c != ',')
                break;
            comma = true;
            (*at)++;
        }
        if (!comma && *at > before)
            group++;
    }
}

/* Passes over blank lines and comments. False at the end of the file. */
static bool find_statement(struct lex *lx)
{
    if (lx->command_line)
        return lx->at < lx->n;
    while (lx->at < lx->n) {
        size_t k = skip_blanks(lx, lx->at);
        if (k < lx->n && lx->src[k] != '\n' && lx->src[k] != '#') {
            lx->at = k;
            return true;
        }
        size_t end = line_end(lx, k);
        lx->at = end < lx->n ? end + 1 : lx->n;
    }
    return false;
}

static void resolve(struct lex *lx)
{
    const char *base = buf_str(&lx->text);
    for (size_t i = 0; i < lx->st.set_count; i++) {
        lx->st.set[i].name = base + (size_t)lx->st.set[i].name;
        lx->st.set[i].value = base + (size_t)lx->st.set[i].value;
    }
    for (size_t i = 0; i < lx->st.word_count; i++)
        lx->st.words[i].text = base + (size_t)lx->st.words[i].text;
}

const struct lex_statement *lex_next(struct lex *lx)
{
    struct lex_statement *st = &lx->st;

    if (!find_statement(lx))
        return NULL;
    st->set_count = st->word_count = 0;
    st->broken = false;
    buf_clear(&lx->text);
    size_t at = lx->at;
    st->at = st->end = at;
    int c = read_assignments(lx, &at);
    if (st->set_count > 0)
        st->at = st->set[0].at;
    if (c != END)
        read_words(lx, &at);
    if (st->set_count == 0 && st->word_count > 0)
        st->at = st->words[0].at;
    resolve(lx);
    /* What is left of the line is a comment, or lost behind an open quote. */
    size_t end = line_end(lx, at);
    if (!lx->command_line && at < end)
        note_comment(lx, at, end);
    lx->at = st->line_end = lx->command_line ? lx->n : end < lx->n ? end + 1 : lx->n;
    return st;
}
