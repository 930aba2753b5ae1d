/*
 * SPDX-License-Identifier: ISC
 */
#include "command/export_line.h"

#include <string.h>

#include "base/text.h"

enum { LINE_MAX_BYTES = 1 << 20 };

void export_line_init(struct export_line *l)
{
    buf_init(&l->settings, LINE_MAX_BYTES);
    buf_init(&l->passwords, LINE_MAX_BYTES);
}

void export_line_free(struct export_line *l)
{
    buf_wipe(&l->settings);
    buf_wipe(&l->passwords);
}

/* ddclient: as it is up to a blank, or from the first to the last apostrophe of the line, nothing
 * escaped. homing: the same, but an apostrophe before a blank or a comma ends it. */
static bool put_password(const char *name, const char *value, struct buf *out)
{
    bool plain = value[0] != '\0' && strpbrk(value, " \t\\") == NULL && value[0] != '\'' &&
                 value[0] != '"' && !text_ends(value, ",");

    for (const char *s = value; *s != '\0' && !plain; s++)
        if (*s == '\'' && (s[1] == '\0' || s[1] == ' ' || s[1] == '\t' || s[1] == ','))
            return false;
    buf_format(out, plain ? "    %s=%s \\\n" : "    %s='%s' \\\n", name, value);
    return true;
}

/* A text of the length n that reads on as "password=": its place for the cut, else 0. */
static size_t cut_here(const char *s)
{
    static const char word[] = "password";
    size_t n = sizeof word - 1;

    if (!text_starts(s, word))
        return 0;
    n += strspn(s + n, " \t");
    return s[n] == '=' ? sizeof "pass" - 1 : 0;
}

static void put_text(const char *value, bool quoted, struct buf *out)
{
    for (const char *s = value; *s != '\0'; s++) {
        size_t cut = cut_here(s);
        if (cut > 0) {
            buf_add(out, s, cut);
            buf_text(out, "\\\n");
            s += cut;
        }
        if (quoted && (*s == '"' || *s == '\\'))
            buf_char(out, '\\');
        buf_char(out, *s);
    }
}

/* Runs of blanks become one in ddclient, whatever quotes stand around them. */
static bool can_hold(const char *value)
{
    return strpbrk(value, "#\t\r\n") == NULL && strstr(value, "  ") == NULL;
}

bool export_line_put(struct export_line *l, const char *name, const char *value)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "-_.:/@+%*=?&;~[]{}()!$|<>^";
    struct buf *out = &l->settings;

    if (strpbrk(value, "\r\n") != NULL)
        return false;
    if (text_ends(name, "password"))
        return put_password(name, value, &l->passwords);
    if (!can_hold(value))
        return false;
    bool quoted = value[0] != '\0' && strspn(value, plain) != strlen(value);
    buf_format(out, "%s%s=", out->len > 0 ? ", " : "", name);
    buf_text(out, quoted ? "\"" : "");
    put_text(value, quoted, out);
    buf_text(out, quoted ? "\"" : "");
    return true;
}

void export_line_end(const struct export_line *l, const char *hostname, struct buf *out)
{
    const char *passwords = buf_str(&l->passwords);

    buf_text(out, buf_str(&l->settings));
    if (passwords[0] != '\0')
        buf_format(out, " \\\n%s   ", passwords);
    if (hostname != NULL)
        buf_format(out, " %s", hostname);
    buf_char(out, '\n');
}
