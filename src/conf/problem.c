/*
 * SPDX-License-Identifier: ISC
 */
#include "base/buf.h"
#include "base/mem.h"
#include "base/text.h"
#include "conf/inside.h"

#include <stdlib.h>
#include <string.h>

/* Ten thousand wrong lines are told as the first of them and a number. */
enum { PROBLEMS_MAX = 1000, SHOWN_MAX = 160 };

enum conf_severity problem_fault(const struct conf *c)
{
    return c->options.dialect == CONF_HOMING ? CONF_ERROR : CONF_WARNING;
}

unsigned problem_line(const struct conf *c, size_t at)
{
    size_t low = 0, high = (c->line_count - 1) / LINES_APART + 1;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (c->lines[middle] <= at)
            low = middle;
        else
            high = middle;
    }
    unsigned line = (unsigned)low * LINES_APART + 1;
    const char *end = c->bytes + (at < c->n ? at : c->n);
    for (const char *p = c->bytes + c->lines[low]; (p = memchr(p, '\n', (size_t)(end - p))) != NULL;
         p++)
        line++;
    return line;
}

static size_t line_begin(const struct conf *c, unsigned line)
{
    size_t at = c->lines[(line - 1) / LINES_APART];

    for (unsigned i = (line - 1) % LINES_APART; i > 0; i--)
        at = (size_t)((char *)memchr(c->bytes + at, '\n', c->n - at) - c->bytes) + 1;
    return at;
}

/* from == to == SIZE_MAX: on the command line. */
void problem_add(struct conf *c, enum conf_severity severity, const char *code, size_t from,
                 size_t to, char *text, char *hint)
{
    if (severity == CONF_ERROR)
        c->error_count++;
    if (c->problem_count >= PROBLEMS_MAX) {
        c->unkept++;
        mem_free(text);
        mem_free(hint);
        return;
    }
    if (c->problem_count == c->problem_room) {
        c->problem_room = c->problem_room == 0 ? 16 : c->problem_room * 2;
        c->problems = mem_resize(c->problems, c->problem_room, sizeof c->problems[0]);
    }
    struct conf_problem *p = &c->problems[c->problem_count++];
    memset(p, 0, sizeof *p);
    p->severity = severity;
    p->code = mem_text(code);
    p->text = text;
    p->hint = hint;
    if (from != SIZE_MAX) {
        p->line = problem_line(c, from);
        p->column = (unsigned)(from - line_begin(c, p->line)) + 1;
        p->length = to > from ? (unsigned)(to - from) : 1;
    }
}

size_t problem_told(const struct conf *c)
{
    return c->problem_count + c->unkept;
}

bool problem_full(const struct conf *c)
{
    return c->problem_count >= PROBLEMS_MAX;
}

void problem_secret(struct conf *c, size_t from, size_t to)
{
    if (to <= from)
        return;
    if (c->secret_count == c->secret_room) {
        c->secret_room = c->secret_room == 0 ? 16 : c->secret_room * 2;
        c->secrets = mem_resize(c->secrets, c->secret_room, sizeof c->secrets[0]);
    }
    c->secrets[c->secret_count++] = (struct span){(uint32_t)from, (uint32_t)to};
}

static int by_place(const void *a, const void *b)
{
    const struct conf_problem *p = a, *q = b;
    if (p->line != q->line)
        return p->line < q->line ? -1 : 1;
    if (p->column != q->column)
        return p->column < q->column ? -1 : 1;
    return strcmp(p->text, q->text);
}

static int by_from(const void *a, const void *b)
{
    const struct span *p = a, *q = b;
    return p->from < q->from ? -1 : p->from > q->from;
}

/* In their order and apart from each other, so that they can be searched. */
static void join_secrets(struct conf *c)
{
    size_t kept = 0;
    qsort(c->secrets, c->secret_count, sizeof c->secrets[0], by_from);
    for (size_t i = 1; i < c->secret_count; i++) {
        struct span *last = &c->secrets[kept];
        if (c->secrets[i].from > last->to)
            c->secrets[++kept] = c->secrets[i];
        else if (c->secrets[i].to > last->to)
            last->to = c->secrets[i].to;
    }
    c->secret_count = kept + 1;
}

void problem_finish(struct conf *c)
{
    if (c->problem_count > 0)
        qsort(c->problems, c->problem_count, sizeof c->problems[0], by_place);
    if (c->problem_count == 0) { /* then no message shows anything of the file */
        mem_free(c->secrets);
        c->secrets = NULL;
        c->secret_count = c->secret_room = 0;
    }
    if (c->secret_count > 0)
        join_secrets(c);
    if (c->unkept > 0) {
        size_t n = c->unkept;
        c->problem_count--; /* the last one makes room for the number */
        struct conf_problem *p = &c->problems[c->problem_count];
        mem_free(p->code);
        mem_free(p->text);
        mem_free(p->hint);
        problem_add(c, CONF_WARNING, "more-problems", c->n, c->n,
                    mem_format("%zu more problems are not listed", n + 1), NULL);
    }
}

size_t conf_problem_count(const struct conf *c)
{
    return c->problem_count;
}

const struct conf_problem *conf_problem_at(const struct conf *c, size_t i)
{
    return i < c->problem_count ? &c->problems[i] : NULL;
}

bool conf_has_errors(const struct conf *c)
{
    return c->error_count > 0;
}

/* The first secret that ends behind "at". */
static size_t secret_from(const struct conf *c, size_t at)
{
    size_t low = 0, high = c->secret_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (c->secrets[middle].to <= at)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/*
 * One line as people may see it: secrets as three dots, control characters as question marks; below
 * it the caret, which follows what is shown and not the bytes.
 */
struct line_view {
    struct buf text, marks;
    size_t from, to; /* bytes to mark */
    bool marked;
};

static void show_char(struct line_view *lv, size_t at, unsigned char c)
{
    bool inside = at >= lv->from && at < lv->to;
    bool continuation = (c & 0xc0) == 0x80;
    buf_char(&lv->text, c == '\t' || (c >= 0x20 && c != 0x7f) ? (char)c : '?');
    if (continuation)
        return;
    buf_char(&lv->marks, c == '\t' ? '\t' : inside ? lv->marked ? '~' : '^' : ' ');
    if (inside)
        lv->marked = true;
}

static void show_dots(struct line_view *lv, size_t from, size_t to)
{
    bool inside = from < lv->to && to > lv->from;
    buf_text(&lv->text, "...");
    for (int i = 0; i < 3; i++) {
        buf_char(&lv->marks, inside ? lv->marked ? '~' : '^' : ' ');
        if (inside)
            lv->marked = true;
    }
}

static void show_line(const struct conf *c, const struct conf_problem *p, struct buf *out)
{
    size_t begin = line_begin(c, p->line);
    size_t end = p->line < c->line_count ? line_begin(c, p->line + 1) : c->n;
    struct line_view lv = {.from = begin + p->column - 1};

    lv.to = lv.from + p->length;
    while (end > begin && (c->bytes[end - 1] == '\n' || c->bytes[end - 1] == '\r'))
        end--;
    buf_init(&lv.text, 8 * SHOWN_MAX);
    buf_init(&lv.marks, 8 * SHOWN_MAX);
    size_t at = begin;
    if (lv.from > begin + SHOWN_MAX / 2 && end - begin > SHOWN_MAX) {
        at = lv.from - SHOWN_MAX / 2;
        buf_text(&lv.text, "...");
        buf_text(&lv.marks, "   ");
    }
    for (size_t s = secret_from(c, at); at < end && lv.text.len < SHOWN_MAX;) {
        if (s < c->secret_count && at >= c->secrets[s].from && at < c->secrets[s].to) {
            show_dots(&lv, at, c->secrets[s].to);
            at = c->secrets[s].to;
            s = secret_from(c, at);
            continue;
        }
        show_char(&lv, at, (unsigned char)c->bytes[at]);
        at++;
        if (s < c->secret_count && c->secrets[s].to <= at)
            s = secret_from(c, at);
    }
    if (!lv.marked)
        buf_char(&lv.marks, '^');
    while (lv.marks.len > 0 && text_is_space(lv.marks.data[lv.marks.len - 1]))
        lv.marks.data[--lv.marks.len] = '\0';
    buf_format(out, "%5u | %s\n      | %s\n", p->line, buf_str(&lv.text), buf_str(&lv.marks));
    buf_free(&lv.text);
    buf_free(&lv.marks);
}

void conf_problem_show(const struct conf *c, const struct conf_problem *p, struct buf *out)
{
    const char *word = p->severity == CONF_ERROR ? "error" : "warning";
    if (p->line == 0)
        buf_format(out, "command line: %s: %s\n", word, p->text);
    else
        buf_format(out, "%s:%u:%u: %s: %s\n", c->name, p->line, p->column, word, p->text);
    if (p->line > 0 && p->line <= c->line_count && strcmp(p->code, "more-problems") != 0)
        show_line(c, p, out);
    if (p->hint != NULL)
        buf_format(out, "      = %s\n", p->hint);
}
