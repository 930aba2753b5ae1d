/*
 * SPDX-License-Identifier: ISC
 */
#include "command/manual.h"

#include "base/text.h"
#include "command/command.h"
#include "conf/settings.h"

/* scdoc gives *, _, # and \ a meaning. */
static void add_plain(const char *s, struct buf *out)
{
    for (; *s != '\0'; s++) {
        if (*s == '*' || *s == '_' || *s == '#' || *s == '\\' || *s == '[' || *s == '|')
            buf_char(out, '\\');
        buf_char(out, *s);
    }
}

static void add_words(const char *const *words, struct buf *out)
{
    for (size_t i = 0; words[i] != NULL; i++) {
        buf_text(out, i > 0 ? ", *" : "*");
        add_plain(words[i], out);
        buf_char(out, '*');
    }
}

/* "number, 1 to 8; 2 by default; changes at the next start" */
static void add_facts(const struct setting *s, struct buf *out)
{
    if (s->type == SETTING_CHOICE && s->choices != NULL)
        add_words(s->choices, out);
    else
        add_plain(setting_type_name(s->type), out);
    if (s->min != 0 || s->max != 0) {
        buf_format(out, ", at least %ld", s->min);
        if (s->max != 0)
            buf_format(out, " and at most %ld", s->max);
        if (s->unit != NULL)
            buf_format(out, " %s", s->unit);
    }
    if (s->fallback != NULL) {
        buf_text(out, "; *");
        add_plain(s->fallback, out);
        buf_text(out, "* by default");
    }
    if (s->class == SETTING_SECRET)
        buf_text(out, "; secret");
    else if (s->class != SETTING_PLAIN)
        buf_text(out, "; only in the file, never through the page");
    if ((s->flags & SETTING_RESTART) != 0)
        buf_text(out, "; takes effect at the next start");
    if ((s->flags & SETTING_DDCLIENT) == 0)
        buf_text(out, "; not in ddclient");
}

static void add_setting(const struct setting *s, struct buf *out)
{
    buf_char(out, '*');
    add_plain(s->name, out);
    buf_text(out, "*=\n\t");
    add_plain(s->help, out);
    if (s->instead != NULL) {
        buf_text(out, " Better: ");
        add_plain(s->instead, out);
        buf_char(out, '.');
    }
    buf_text(out, "\n\t(");
    add_facts(s, out);
    buf_text(out, ")\n\n");
}

static void settings_in(unsigned scope, struct buf *out)
{
    for (const struct setting *s = setting_next(NULL); s != NULL; s = setting_next(s))
        if ((s->scope & scope) != 0)
            add_setting(s, out);
}

static void part_settings(struct buf *out)
{
    buf_text(out, "## FOR A HOSTNAME\n\n");
    settings_in(SCOPE_HOST, out);
    buf_text(out, "## FOR THE PROGRAM\n\n");
    for (const struct setting *s = setting_next(NULL); s != NULL; s = setting_next(s))
        if ((s->scope & SCOPE_GLOBAL) != 0 && (s->scope & SCOPE_HOST) == 0)
            add_setting(s, out);
}

static void part_objects(struct buf *out)
{
    const char *const *kinds = setting_kinds();

    for (size_t i = 0; kinds[i] != NULL; i++) {
        unsigned scope = setting_kind_scope(kinds[i]);
        buf_format(out, "*define=%s:*NAME\n\t", kinds[i]);
        bool first = true;
        for (const struct setting *s = setting_next(NULL); s != NULL; s = setting_next(s)) {
            if ((s->scope & scope) == 0 || (s->flags & SETTING_META) != 0)
                continue;
            buf_text(out, first ? "takes *" : ", *");
            add_plain(s->name, out);
            buf_char(out, '*');
            first = false;
        }
        buf_text(out, "\n\n");
    }
}

static void part_sources(struct buf *out)
{
    buf_text(out, "*usev4*=\n\t");
    add_words(setting_strategies(SETTING_USE4), out);
    buf_text(out, "\n\n*usev6*=\n\t");
    add_words(setting_strategies(SETTING_USE6), out);
    buf_text(out, "\n\n*use*=\n\t");
    add_words(setting_strategies(SETTING_USE), out);
    buf_text(out, "\n\nRouter models: ");
    add_words(setting_devices(), out);
    buf_text(out, ".\n");
}

static const struct {
    const char *name;
    void (*fn)(struct buf *out);
} parts[] = {
    {"commands", command_manual},
    {"settings", part_settings},
    {"objects", part_objects},
    {"sources", part_sources},
};

bool manual_part(const char *part, struct buf *out)
{
    if (text_equal(part, "protocols")) {
        add_words(setting_protocols(), out);
        buf_char(out, '\n');
        return true;
    }
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        if (text_equal(parts[i].name, part)) {
            parts[i].fn(out);
            return true;
        }
    }
    return false;
}
