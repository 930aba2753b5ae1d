/*
 * SPDX-License-Identifier: ISC
 */
#include "command/import.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* Letters: a shorter text stands in every sentence. */
enum { MASKED_MIN = 3, PAIRS = 1 << 16 };

/* Every secret of an import, so found that a note costs its length and not the number of them. */
struct secrets {
    const char **all; /* owned, the texts borrowed; by bytes */
    size_t count;
    size_t *lengths; /* owned: each once, the longest first */
    size_t length_count;
    bool *begins; /* owned: PAIRS; does one begin with these two bytes? */
};

static size_t pair(const char *s)
{
    return (size_t)(unsigned char)s[0] << 8 | (unsigned char)s[1];
}

static int by_bytes(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int longest_first(const void *a, const void *b)
{
    size_t x = *(const size_t *)a, y = *(const size_t *)b;
    return x < y ? 1 : x > y ? -1 : 0;
}

static void secrets_add(struct secrets *s, const char *value)
{
    size_t n = strlen(value);

    if (n < MASKED_MIN)
        return;
    s->all[s->count] = value;
    s->lengths[s->count++] = n;
    s->begins[pair(value)] = true;
}

static void secrets_init(struct secrets *s, const struct import *im)
{
    size_t most = 0, kept = 0;

    for (size_t i = 0; i < im->statement_count; i++)
        most += im->statements[i].count;
    *s = (struct secrets){
        .all = mem_alloc((most + 1) * sizeof *s->all),
        .lengths = mem_alloc((most + 1) * sizeof *s->lengths),
        .begins = mem_alloc(PAIRS * sizeof *s->begins),
    };
    for (size_t i = 0; i < im->statement_count; i++)
        for (size_t v = 0; v < im->statements[i].count; v++)
            if (im->statements[i].values[v].secret)
                secrets_add(s, im->statements[i].values[v].value);
    qsort(s->all, s->count, sizeof *s->all, by_bytes);
    qsort(s->lengths, s->count, sizeof *s->lengths, longest_first);
    for (size_t i = 0; i < s->count; i++)
        if (kept == 0 || s->lengths[i] != s->lengths[kept - 1])
            s->lengths[kept++] = s->lengths[i];
    s->length_count = kept;
}

static void secrets_free(struct secrets *s)
{
    mem_free(s->all);
    mem_free(s->lengths);
    mem_free(s->begins);
}

static bool is_secret(const struct secrets *s, const char *at, size_t n)
{
    size_t low = 0, high = s->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strncmp(s->all[middle], at, n);
        if (order == 0 && s->all[middle][n] == '\0')
            return true;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}

/* Bytes of the longest secret that stands there; 0: none does. */
static size_t secret_at(const struct secrets *s, const char *at, size_t left)
{
    if (left < MASKED_MIN || !s->begins[pair(at)])
        return 0;
    for (size_t i = 0; i < s->length_count; i++)
        if (s->lengths[i] <= left && is_secret(s, at, s->lengths[i]))
            return s->lengths[i];
    return 0;
}

static void mask(const struct secrets *s, char **text)
{
    if (*text == NULL)
        return;
    size_t left = strlen(*text), found = 0;
    struct buf out;

    buf_init(&out, left); /* dots are no longer than what they hide */
    for (const char *at = *text; left > 0;) {
        size_t n = secret_at(s, at, left);
        found += n;
        if (n > 0)
            buf_text(&out, "...");
        else
            buf_char(&out, *at);
        at += n > 0 ? n : 1;
        left -= n > 0 ? n : 1;
    }
    if (found > 0) {
        mem_free_secret(*text);
        *text = mem_text(buf_str(&out));
    }
    buf_free(&out);
}

void import_mask(struct import *im)
{
    struct secrets s;

    secrets_init(&s, im);
    for (size_t i = 0; s.count > 0 && i < im->note_count; i++) {
        mask(&s, &im->notes[i].what);
        mask(&s, &im->notes[i].why);
        for (size_t k = 0; k < IMPORT_ARGS; k++)
            mask(&s, &im->notes[i].args[k]);
    }
    secrets_free(&s);
}
