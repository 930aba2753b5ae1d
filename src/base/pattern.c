/*
 * SPDX-License-Identifier: ISC
 */
#include "base/pattern.h"

#include <limits.h>
#include <stdint.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"

enum {
    CODE_MAX = 1024, /* instructions of a pattern */
    SETS_MAX = 64,   /* character classes */
    DEPTH_MAX = 40,  /* nested groups */
    REPEAT_MAX = 255 /* of {n,m} */
};

enum op {
    OP_CHAR,  /* this byte, without case */
    OP_ANY,   /* any byte */
    OP_SET,   /* a byte of set x */
    OP_SPLIT, /* to x, failing that to y: both relative */
    OP_JUMP,  /* to x, relative */
    OP_START, /* ^ \A */
    OP_END,   /* $ \Z: the end, or before a last line end */
    OP_VERY_END,
    OP_BOUNDARY,
    OP_NO_BOUNDARY,
    OP_MATCH
};

struct inst {
    enum op op;
    int x, y;
};

struct set {
    uint8_t bits[32];
};

struct pattern {
    struct inst code[CODE_MAX];
    size_t len;
    struct set sets[SETS_MAX];
    size_t set_count;
};

struct parser {
    struct pattern *p;
    const char *at;
    const char *begin;
    struct cause *cause;
    bool failed;
    unsigned depth;
};

/* --- classes --- */

static void set_add(struct set *s, unsigned char c)
{
    s->bits[c / 8] |= (uint8_t)(1u << c % 8);
}

static bool set_has(const struct set *s, unsigned char c)
{
    return s->bits[c / 8] >> c % 8 & 1;
}

static bool is_word(char c)
{
    return text_is_alpha(c) || text_is_digit(c) || c == '_';
}

/* Adds what \d, \S and kin stand for; false when the letter names none. */
static bool set_add_named(struct set *s, char name)
{
    char kind = text_lower(name);

    if (kind != 's' && kind != 'd' && kind != 'w')
        return false;
    for (int c = 0; c < 256; c++) {
        bool in = kind == 's'   ? text_is_space((char)c)
                  : kind == 'd' ? text_is_digit((char)c)
                                : is_word((char)c);
        if (in == (kind == name))
            set_add(s, (unsigned char)c);
    }
    return true;
}

static void set_fold(struct set *s)
{
    for (int c = 'a'; c <= 'z'; c++)
        if (set_has(s, (unsigned char)c) || set_has(s, (unsigned char)(c - 32))) {
            set_add(s, (unsigned char)c);
            set_add(s, (unsigned char)(c - 32));
        }
}

/* --- reading the pattern --- */

static void fail(struct parser *ps, const char *what)
{
    if (!ps->failed)
        cause_set(ps->cause, ERR_SYNTAX,
                  "the pattern \"%s\" is not understood: %s at character %td", ps->begin, what,
                  ps->at - ps->begin + 1);
    ps->failed = true;
}

static void emit(struct parser *ps, enum op op, int x, int y)
{
    if (ps->p->len == CODE_MAX)
        fail(ps, "it is too long");
    else
        ps->p->code[ps->p->len++] = (struct inst){op, x, y};
}

/* Makes room for one instruction in front of what began at "start". Jumps are relative, so code
 * can move as a whole. */
static void insert(struct parser *ps, size_t start, enum op op, int x, int y)
{
    struct pattern *p = ps->p;

    emit(ps, op, x, y);
    if (ps->failed)
        return;
    memmove(&p->code[start + 1], &p->code[start], (p->len - 1 - start) * sizeof p->code[0]);
    p->code[start] = (struct inst){op, x, y};
}

static int hex_digit(char c)
{
    if (text_is_digit(c))
        return c - '0';
    c = text_lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The byte that an escape stands for; ps->at is behind the backslash. -1 after fail(). */
static int read_escape(struct parser *ps)
{
    char c = *ps->at;

    if (c == '\0') {
        fail(ps, "it ends in a backslash");
        return -1;
    }
    ps->at++;
    switch (c) {
    case 't':
        return '\t';
    case 'n':
        return '\n';
    case 'r':
        return '\r';
    case 'f':
        return '\f';
    case 'x':
        if (hex_digit(ps->at[0]) >= 0 && hex_digit(ps->at[1]) >= 0) {
            int value = hex_digit(ps->at[0]) * 16 + hex_digit(ps->at[1]);
            ps->at += 2;
            return value;
        }
        break;
    default:
        if (!text_is_alpha(c) && !text_is_digit(c))
            return (unsigned char)c;
        break;
    }
    ps->at -= 2;
    fail(ps, "an escape that has no meaning here");
    return -1;
}

/* One end of a range in a class. -1: a named class, already added, or a failure. */
static int read_class_byte(struct parser *ps, struct set *s)
{
    if (*ps->at != '\\')
        return (unsigned char)*ps->at++;
    ps->at++;
    if (set_add_named(s, *ps->at)) {
        ps->at++;
        return -1;
    }
    return read_escape(ps);
}

static void read_class(struct parser *ps)
{
    struct pattern *p = ps->p;
    struct set s = {{0}};
    bool negated = *ps->at == '^', first = true;

    if (negated)
        ps->at++;
    while (!ps->failed && (first || *ps->at != ']')) {
        first = false; /* a leading ] is itself */
        if (*ps->at == '\0' || (ps->at[0] == '[' && ps->at[1] == ':')) {
            fail(ps, *ps->at == '\0' ? "a class without its ]" : "a [: class");
            return;
        }
        int from = read_class_byte(ps, &s), to = from;
        if (from >= 0 && ps->at[0] == '-' && ps->at[1] != ']' && ps->at[1] != '\0') {
            ps->at++;
            to = read_class_byte(ps, &s);
            if (to < from)
                fail(ps, "a range that ends before it begins");
        }
        for (int c = from; c >= 0 && c <= to; c++)
            set_add(&s, (unsigned char)c);
    }
    if (ps->failed)
        return;
    ps->at++;
    if (p->set_count == SETS_MAX) {
        fail(ps, "too many classes");
        return;
    }
    set_fold(&s);
    for (size_t i = 0; negated && i < sizeof s.bits; i++)
        s.bits[i] = (uint8_t)~s.bits[i];
    p->sets[p->set_count] = s;
    emit(ps, OP_SET, (int)p->set_count++, 0);
}

static void read_alternatives(struct parser *ps);

static void read_group(struct parser *ps)
{
    if (ps->at[0] == '?') {
        if (ps->at[1] != ':') {
            fail(ps, "looking around or options");
            return;
        }
        ps->at += 2;
    }
    if (++ps->depth > DEPTH_MAX) {
        fail(ps, "too many nested groups");
        return;
    }
    read_alternatives(ps);
    ps->depth--;
    if (ps->failed)
        return;
    if (*ps->at != ')')
        fail(ps, "a group without its )");
    else
        ps->at++;
}

static void read_backslash(struct parser *ps)
{
    static const struct {
        char name;
        enum op op;
    } anchors[] = {{'b', OP_BOUNDARY},
                   {'B', OP_NO_BOUNDARY},
                   {'A', OP_START},
                   {'z', OP_VERY_END},
                   {'Z', OP_END}};
    struct set s = {{0}};

    for (size_t i = 0; i < sizeof anchors / sizeof anchors[0]; i++)
        if (*ps->at == anchors[i].name) {
            ps->at++;
            emit(ps, anchors[i].op, 0, 0);
            return;
        }
    if (set_add_named(&s, *ps->at)) {
        ps->at++;
        if (ps->p->set_count == SETS_MAX) {
            fail(ps, "too many classes");
            return;
        }
        ps->p->sets[ps->p->set_count] = s;
        emit(ps, OP_SET, (int)ps->p->set_count++, 0);
        return;
    }
    int c = read_escape(ps);
    if (c >= 0)
        emit(ps, OP_CHAR, text_lower((char)c), 0);
}

static void read_atom(struct parser *ps)
{
    char c = *ps->at++;

    switch (c) {
    case '(':
        read_group(ps);
        return;
    case '[':
        read_class(ps);
        return;
    case '\\':
        read_backslash(ps);
        return;
    case '.':
        emit(ps, OP_ANY, 0, 0);
        return;
    case '^':
        emit(ps, OP_START, 0, 0);
        return;
    case '$':
        emit(ps, OP_END, 0, 0);
        return;
    case '*':
    case '+':
    case '?':
        ps->at--;
        fail(ps, "nothing to repeat");
        return;
    default:
        emit(ps, OP_CHAR, text_lower(c), 0);
    }
}

/* {n}, {n,} or {n,m}; as in Perl, any other brace is itself. max -1: no bound. */
static bool read_braces(struct parser *ps, int *min, int *max)
{
    const char *s = ps->at;
    long numbers[2] = {0, -1};

    if (*s++ != '{' || !text_is_digit(*s))
        return false;
    for (; text_is_digit(*s); s++)
        numbers[0] = numbers[0] <= REPEAT_MAX ? numbers[0] * 10 + (*s - '0') : numbers[0];
    if (*s == ',') {
        s++;
        if (text_is_digit(*s))
            numbers[1] = 0;
        for (; text_is_digit(*s); s++)
            numbers[1] = numbers[1] <= REPEAT_MAX ? numbers[1] * 10 + (*s - '0') : numbers[1];
    } else {
        numbers[1] = numbers[0];
    }
    if (*s != '}')
        return false;
    ps->at = s + 1;
    *min = (int)numbers[0];
    *max = (int)numbers[1];
    if (*min > REPEAT_MAX || *max > REPEAT_MAX || (*max >= 0 && *max < *min))
        fail(ps, "a repetition that is too often or upside down");
    return true;
}

/* Puts a choice in front of the code at "start": take it first, or (lazy) pass it by first. */
static void insert_choice(struct parser *ps, size_t start, int past, bool lazy)
{
    insert(ps, start, OP_SPLIT, lazy ? past : 1, lazy ? 1 : past);
}

static void append_copy(struct parser *ps, const struct inst *code, size_t n)
{
    for (size_t i = 0; i < n && !ps->failed; i++)
        emit(ps, code[i].op, code[i].x, code[i].y);
}

static void append_loop(struct parser *ps, const struct inst *code, size_t n, bool lazy)
{
    size_t start = ps->p->len;

    append_copy(ps, code, n);
    if (ps->failed)
        return;
    insert_choice(ps, start, (int)n + 2, lazy);
    emit(ps, OP_JUMP, -(int)n - 1, 0);
}

/* Replaces the atom that began at "start" by its repetition. */
static void repeat(struct parser *ps, size_t start, int min, int max, bool lazy)
{
    struct pattern *p = ps->p;
    size_t n = p->len - start;
    struct inst *code = mem_array(n > 0 ? n : 1, sizeof *code);

    memcpy(code, &p->code[start], n * sizeof *code);
    p->len = start;
    for (int i = 0; i < min && !ps->failed; i++)
        append_copy(ps, code, n);
    if (max < 0)
        append_loop(ps, code, n, lazy);
    for (int i = min; i < max && !ps->failed; i++) {
        /* Optional copies, each with its own way past itself; taking a later one after an earlier
         * was passed by finds the same texts in the same order. */
        size_t at = p->len;
        append_copy(ps, code, n);
        if (!ps->failed)
            insert_choice(ps, at, (int)n + 1, lazy);
    }
    mem_free(code);
}

static void read_piece(struct parser *ps)
{
    size_t start = ps->p->len;
    int min, max;

    read_atom(ps);
    if (ps->failed)
        return;
    switch (*ps->at) {
    case '*':
        min = 0, max = -1, ps->at++;
        break;
    case '+':
        min = 1, max = -1, ps->at++;
        break;
    case '?':
        min = 0, max = 1, ps->at++;
        break;
    default:
        if (!read_braces(ps, &min, &max))
            return;
    }
    if (ps->failed)
        return;
    bool lazy = *ps->at == '?';
    if (lazy)
        ps->at++;
    if (*ps->at == '+' || *ps->at == '*' || *ps->at == '?') {
        fail(ps, "a repetition of a repetition");
        return;
    }
    repeat(ps, start, min, max, lazy);
}

static void read_alternatives(struct parser *ps)
{
    size_t start = ps->p->len;

    while (!ps->failed && *ps->at != '\0' && *ps->at != '|' && *ps->at != ')')
        read_piece(ps);
    if (ps->failed || *ps->at != '|')
        return;
    ps->at++;
    insert_choice(ps, start, (int)(ps->p->len - start) + 2, false);
    size_t jump = ps->p->len;
    emit(ps, OP_JUMP, 0, 0);
    if (++ps->depth > CODE_MAX)
        fail(ps, "too many alternatives");
    if (ps->failed)
        return;
    read_alternatives(ps);
    ps->depth--;
    if (!ps->failed)
        ps->p->code[jump].x = (int)(ps->p->len - jump);
}

struct pattern *pattern_new(const char *text, struct cause *c)
{
    struct pattern *p = mem_alloc(sizeof *p);
    struct parser ps = {.p = p, .at = text, .begin = text, .cause = c};

    read_alternatives(&ps);
    if (!ps.failed && *ps.at != '\0')
        fail(&ps, "a ) without its (");
    emit(&ps, OP_MATCH, 0, 0);
    if (ps.failed) {
        mem_free(p);
        return NULL;
    }
    return p;
}

void pattern_free(struct pattern *p)
{
    mem_free(p);
}

/* --- matching: all states advance together, in order of preference --- */

struct states {
    size_t pc[CODE_MAX];
    size_t count;
    uint32_t seen[CODE_MAX]; /* == round: already in */
    uint32_t round;
};

struct matcher {
    const struct pattern *p;
    const char *text;
    size_t n;
    size_t stack[2 * CODE_MAX];
};

static bool at_boundary(const struct matcher *m, size_t pos)
{
    bool before = pos > 0 && is_word(m->text[pos - 1]);
    bool after = pos < m->n && is_word(m->text[pos]);

    return before != after;
}

static bool holds(const struct matcher *m, enum op op, size_t pos)
{
    switch (op) {
    case OP_START:
        return pos == 0;
    case OP_VERY_END:
        return pos == m->n;
    case OP_END:
        return pos == m->n || (pos + 1 == m->n && m->text[pos] == '\n');
    case OP_BOUNDARY:
        return at_boundary(m, pos);
    default:
        return !at_boundary(m, pos);
    }
}

/* Adds a state and all that follows from it without a byte, best first. */
static void add(struct matcher *m, struct states *s, size_t pc, size_t pos)
{
    size_t depth = 0;

    m->stack[depth++] = pc;
    while (depth > 0) {
        pc = m->stack[--depth];
        if (s->seen[pc] == s->round)
            continue;
        s->seen[pc] = s->round;
        const struct inst *i = &m->p->code[pc];
        switch (i->op) {
        case OP_SPLIT:
            m->stack[depth++] = (size_t)((long)pc + i->y);
            m->stack[depth++] = (size_t)((long)pc + i->x);
            break;
        case OP_JUMP:
            m->stack[depth++] = (size_t)((long)pc + i->x);
            break;
        case OP_CHAR:
        case OP_ANY:
        case OP_SET:
        case OP_MATCH:
            s->pc[s->count++] = pc;
            break;
        default:
            if (holds(m, i->op, pos))
                m->stack[depth++] = pc + 1;
        }
    }
}

static bool takes(const struct pattern *p, const struct inst *i, char c)
{
    switch (i->op) {
    case OP_CHAR:
        return text_lower(c) == (char)i->x;
    case OP_SET:
        return set_has(&p->sets[i->x], (unsigned char)c);
    default:
        return i->op == OP_ANY;
    }
}

bool pattern_find(const struct pattern *p, const char *text, size_t n, size_t *end)
{
    struct states *both = mem_array(2, sizeof *both), *now = &both[0], *next = &both[1];
    struct matcher *m = mem_alloc(sizeof *m);
    bool found = false;

    m->p = p;
    m->text = text;
    m->n = n;
    now->round = next->round = 1;
    for (size_t pos = 0; pos <= n && (!found || now->count > 0); pos++) {
        if (!found)
            add(m, now, 0, pos); /* a later start is wanted less than all that go on */
        next->count = 0;
        next->round++;
        for (size_t k = 0; k < now->count; k++) {
            const struct inst *i = &p->code[now->pc[k]];
            if (i->op == OP_MATCH) {
                found = true;
                *end = pos;
                break; /* what is wanted less is given up */
            }
            if (pos < n && takes(p, i, text[pos]))
                add(m, next, now->pc[k] + 1, pos + 1);
        }
        struct states *swap = now;
        now = next;
        next = swap;
    }
    mem_free(m);
    mem_free(both);
    return found;
}
