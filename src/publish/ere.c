/*
 * SPDX-License-Identifier: ISC
 */
#include "publish/ere.h"

#include "base/mem.h"
#include "base/text.h"

#include <regex.h>
#include <string.h>

static bool compile(regex_t *re, const char *pattern)
{
    int flags = REG_EXTENDED;

    if (text_starts(pattern, "(?i)")) {
        pattern += 4;
        flags |= REG_ICASE;
    }
    return regcomp(re, pattern, flags) == 0;
}

bool ere_valid(const char *pattern)
{
    regex_t re;

    for (const char *c = pattern; *c != '\0'; c++) {
        if (c[0] == '\\' && text_is_digit(c[1]))
            return false;
        if (c[0] == '\\' && c[1] != '\0')
            c++;
    }
    if (strlen(pattern) > 512 || !compile(&re, pattern))
        return false;
    regfree(&re);
    return true;
}

bool ere_match(const char *pattern, const char *text)
{
    regex_t re;

    if (!compile(&re, pattern))
        return false;
    bool found = regexec(&re, text, 0, NULL, 0) == 0;
    regfree(&re);
    return found;
}

char *ere_take(const char *pattern, const char *text)
{
    regex_t re;
    regmatch_t at[2];
    char *out = NULL;

    if (!compile(&re, pattern))
        return NULL;
    if (regexec(&re, text, 2, at, 0) == 0) {
        const regmatch_t *m = re.re_nsub > 0 && at[1].rm_so >= 0 ? &at[1] : &at[0];
        out = mem_text_n(text + m->rm_so, (size_t)(m->rm_eo - m->rm_so));
    }
    regfree(&re);
    return out;
}

static bool is_blank(const char *s, size_t n)
{
    while (n > 0 && text_is_space(*s)) {
        s++;
        n--;
    }
    return n == 0;
}

/* The next line that is not blank, cut at the bound; false at the end, and "line" stays. */
static bool next_line(const char **text, char *line)
{
    while (**text != '\0') {
        const char *at = *text;
        size_t n = strcspn(at, "\n");
        *text += n + (at[n] != '\0');
        if (is_blank(at, n))
            continue;
        size_t kept = n < ERE_LINE_MAX ? n : ERE_LINE_MAX - 1;
        memcpy(line, at, kept);
        while (kept > 0 && line[kept - 1] == '\r')
            kept--;
        line[kept] = '\0';
        return true;
    }
    return false;
}

bool ere_match_lines(const char *pattern, const char *text, enum ere_lines which)
{
    char line[ERE_LINE_MAX] = "";
    bool found = false, any = false;
    regex_t re;

    if (!compile(&re, pattern))
        return false;
    for (size_t i = 0; i < ERE_LINES_MAX || which == ERE_LAST; i++) {
        if (!next_line(&text, line))
            break;
        any = true;
        if (which != ERE_LAST)
            found = regexec(&re, line, 0, NULL, 0) == 0;
        if (found || which == ERE_FIRST)
            break;
    }
    if (which == ERE_LAST && any)
        found = regexec(&re, line, 0, NULL, 0) == 0;
    regfree(&re);
    return found;
}
