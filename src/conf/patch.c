/*
 * SPDX-License-Identifier: ISC
 */
#include "conf/patch.h"

#include "base/mem.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

void patches_clear(struct patches *p)
{
    for (size_t i = 0; i < p->count; i++)
        mem_free_secret(p->list[i].text);
    mem_free(p->list);
    memset(p, 0, sizeof *p);
}

void patches_add(struct patches *p, size_t from, size_t to, const char *text)
{
    if (p->count == p->room) {
        p->room = p->room == 0 ? 8 : p->room * 2;
        p->list = mem_resize(p->list, p->room, sizeof p->list[0]);
    }
    p->list[p->count++] = (struct patch){from, to, mem_text(text)};
}

bool patches_apply(struct patches *p, const char *bytes, size_t n, struct buf *out)
{
    size_t at = 0;
    bool fits = true;

    /* Few of them: an insertion sort keeps those of the same place in their order. */
    for (size_t i = 1; i < p->count; i++)
        for (size_t k = i; k > 0 && p->list[k - 1].from > p->list[k].from; k--) {
            struct patch swap = p->list[k];
            p->list[k] = p->list[k - 1];
            p->list[k - 1] = swap;
        }
    for (size_t i = 0; i < p->count; i++) {
        const struct patch *c = &p->list[i];
        if (c->from > at) {
            fits = buf_add(out, bytes + at, c->from - at) && fits;
            at = c->from;
        }
        if (c->text != NULL)
            fits = buf_text(out, c->text) && fits;
        if (c->to > at)
            at = c->to;
    }
    return buf_add(out, bytes + at, n - at) && fits;
}

/* Does the general rule or that of passwords need quotes? More than needed: other readers are
 * coarser. */
static bool needs_quotes(const char *value)
{
    if (*value == '\0' || strcmp(value, "default") == 0)
        return true;
    for (const char *s = value; *s != '\0'; s++)
        if ((unsigned char)*s <= ' ' || strchr(",'\"\\#", *s) != NULL)
            return true;
    return false;
}

static void write_quoted(struct buf *out, const char *value, char quote, bool literal)
{
    buf_char(out, quote);
    for (const char *s = value; *s != '\0'; s++) {
        if (!literal && (*s == quote || *s == '\\'))
            buf_char(out, '\\');
        buf_char(out, *s);
    }
    buf_char(out, quote);
}

/* In single quotes a password is literal; a quote in it must not look like its end. */
static bool single_can_hold(const char *value)
{
    for (const char *s = strchr(value, '\''); s != NULL; s = strchr(s + 1, '\''))
        if (s[1] == '\0' || s[1] == ',' || text_is_space(s[1]))
            return false;
    return true;
}

/*
 * Which quotes: those that stood there, where they do. A value that had none and needs some gets
 * double ones, and a double-quoted value that needs none loses them: so changing there and back
 * again leaves the file as it was, whether its writer quotes by habit (mostly with single quotes)
 * or by need.
 */
bool patch_value(struct buf *out, const char *value, unsigned how, const char *former,
                 size_t former_len)
{
    bool password = (how & PATCH_PASSWORD) != 0;
    if (strpbrk(value, "\r\n") != NULL)
        return false;
    bool needed = needs_quotes(value);
    char quote = former_len > 0 && (former[0] == '\'' || former[0] == '"') ? former[0] : 0;
    bool whole = quote != 0 && former_len > 1 && former[former_len - 1] == quote;
    if (quote == '"' && !needed) {
        char inside[256];
        size_t n = former_len - 2 < sizeof inside ? former_len - 2 : 0;
        if (whole && n > 0) {
            memcpy(inside, former + 1, n);
            inside[n] = '\0';
        }
        if (!whole || n == 0 || needs_quotes(inside))
            quote = 0;
        mem_wipe(inside, sizeof inside);
    }
    if (quote == 0 && (needed || (how & PATCH_QUOTED) != 0))
        quote = '"';
    if (quote == '\'' && password && !single_can_hold(value))
        quote = '"';
    if (quote == 0)
        return buf_text(out, value);
    write_quoted(out, value, quote, password && quote == '\'');
    return true;
}

bool patch_is_bare(const char *value)
{
    return !needs_quotes(value) && strchr(value, '=') == NULL;
}
