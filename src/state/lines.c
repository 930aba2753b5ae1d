/*
 * SPDX-License-Identifier: ISC
 */
#include "state/lines.h"

#include <string.h>

void lines_init(struct lines *l)
{
    *l = (struct lines){.count = 0};
    buf_init(&l->text, INT32_MAX);
}

void lines_fini(struct lines *l)
{
    buf_free(&l->text);
    lines_clear(l);
}

void lines_clear(struct lines *l)
{
    buf_clear(&l->text);
    l->count = l->value = l->same = 0;
    memset(l->latest, 0, sizeof l->latest);
}

/* ---- Writing ---- */

/* Where the next value goes, after those that are the same and were not written yet. */
static struct lines_latest *next(struct lines *l)
{
    for (; l->same > 0; l->same--)
        buf_char(&l->text, '=');
    return &l->latest[l->value++];
}

static void leave_out(struct lines *l)
{
    l->value++;
    l->same++;
}

static bool is_same(const struct lines *l, const struct lines_latest *former, const char *text)
{
    if (text == NULL || !former->there)
        return text == NULL && !former->there;
    return strncmp(l->text.data + former->at, text, former->length) == 0 &&
           text[former->length] == '\0';
}

void lines_text(struct lines *l, const char *text)
{
    if (is_same(l, &l->latest[l->value], text)) {
        leave_out(l);
        return;
    }
    struct lines_latest *now = next(l);
    *now = (struct lines_latest){.there = text != NULL};
    if (text == NULL) {
        buf_char(&l->text, '!');
        return;
    }
    now->length = strlen(text);
    buf_number(&l->text, (int64_t)now->length);
    buf_char(&l->text, ':');
    now->at = l->text.len;
    buf_add(&l->text, text, now->length);
    buf_char(&l->text, ',');
}

void lines_number(struct lines *l, int64_t number)
{
    if (l->latest[l->value].number == number) {
        leave_out(l);
        return;
    }
    next(l)->number = number;
    buf_number(&l->text, number);
    buf_char(&l->text, ',');
}

void lines_end(struct lines *l)
{
    buf_char(&l->text, '\n');
    l->value = l->same = 0;
    l->count++;
}

/* ---- Reading ---- */

/* Digits, of a number or of a text's length, until what ends them; NULL when they make no sense. */
static char *take_digits(char *at, int64_t *out, char *end)
{
    bool below = *at == '-';
    char *first = at + below, *last = first;
    uint64_t number = 0;

    for (; *last >= '0' && *last <= '9'; last++) {
        if (number > INT64_MAX / 10)
            return NULL;
        number = 10 * number + (uint64_t)(*last - '0');
    }
    if (last == first || number > (uint64_t)INT64_MAX + below)
        return NULL;
    *end = *last;
    *out = (int64_t)(below ? 0 - number : number);
    return last + 1;
}

static char *take_value(char *at, struct lines_value *v)
{
    char end;
    int64_t number;

    if (*at == '=')
        return at + 1;
    *v = (struct lines_value){NULL, 0};
    if (*at == '!')
        return at + 1;
    if ((at = take_digits(at, &number, &end)) == NULL)
        return NULL;
    if (end == ',') {
        v->number = number;
        return at;
    }
    size_t length = (size_t)number;
    if (end != ':' || number < 0 || strnlen(at, length + 1) <= length || at[length] != ',')
        return NULL;
    at[length] = '\0';
    v->text = at;
    return at + length + 1;
}

bool lines_read(char **at, struct lines_value *values, unsigned count)
{
    char *p = *at;

    for (unsigned i = 0; i < count && p != NULL && *p != '\n'; i++)
        p = take_value(p, &values[i]);
    if (p == NULL || *p != '\n')
        return false;
    *at = p + 1;
    return true;
}
