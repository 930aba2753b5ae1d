/*
 * SPDX-License-Identifier: ISC
 */
#include <string.h>

#include "base/text.h"
#include "command/command.h"
#include "conf/settings.h"

/*
 * What a shell completes, written from the records and the settings table: commands, their options,
 * hostnames where a command takes one, names of settings where it takes these. Hostnames are asked
 * of "homing list" at the key press; nothing of them is expanded by the shell.
 */

/* The hostnames, a line each: below the title, up to the first blank. */
#define HOSTS "homing list 2>/dev/null | sed -n '2,$s/ .*//p'"

static bool takes(const struct command *c, const char *what)
{
    return strstr(c->arguments, what) != NULL && !c->raw;
}

static void option_words(const struct command *c, struct buf *out)
{
    const struct command_option *o;

    for (size_t k = 0; (o = command_option_at(c, k)) != NULL; k++)
        buf_format(out, "%s--%s", k > 0 ? " " : "", o->name);
}

/* The names of the commands that take WHAT, joined. */
static void taking(const char *what, const char *comma, struct buf *out)
{
    const struct command *c;
    bool first = true;

    for (size_t i = 0; (c = command_at(i)) != NULL; i++) {
        if (!takes(c, what))
            continue;
        buf_format(out, "%s%s", first ? "" : comma, c->name);
        first = false;
    }
}

/* The options that want a value, once each, joined. */
static void valued(const char *comma, struct buf *out)
{
    const struct command *c;
    const struct command_option *o;
    struct buf seen;

    buf_init(&seen, 4096);
    buf_char(&seen, ' ');
    for (size_t i = 0; (c = command_at(i)) != NULL; i++) {
        for (size_t k = 0; (o = command_option_at(c, k)) != NULL; k++) {
            char word[64];
            snprintf(word, sizeof word, " %s ", o->name);
            if (o->value == NULL || strstr(buf_str(&seen), word) != NULL)
                continue;
            buf_format(out, "%s--%s", seen.len > 1 ? comma : "", o->name);
            buf_format(&seen, "%s ", o->name);
        }
    }
    buf_free(&seen);
}

static void command_words(struct buf *out)
{
    const struct command *c;

    for (size_t i = 0; (c = command_at(i)) != NULL; i++)
        buf_format(out, "%s%s", i > 0 ? " " : "", c->name);
}

static void setting_words(struct buf *out)
{
    bool first = true;

    for (const struct setting *s = setting_next(NULL); s != NULL; s = setting_next(s)) {
        if ((s->scope & SCOPE_HOST) == 0 || (s->flags & (SETTING_OLD | SETTING_META)) != 0)
            continue;
        buf_format(out, "%s%s=", first ? "" : " ", s->name);
        first = false;
    }
}

/* A sentence within single quotes; how the shell writes one of these within. */
static void quoted(const char *s, const char *quote, struct buf *out)
{
    for (; *s != '\0'; s++) {
        if (*s == '\'')
            buf_text(out, quote);
        else
            buf_char(out, *s);
    }
}

static void complete_bash(struct buf *out)
{
    const struct command *c;

    buf_text(out, "_homing() {\n"
                  "    local word=\"${COMP_WORDS[COMP_CWORD]}\" words host\n"
                  "    COMPREPLY=()\n"
                  "    if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
                  "        COMPREPLY=($(compgen -W \"");
    command_words(out);
    buf_text(out, "\" -- \"$word\"))\n        return\n    fi\n"
                  "    case \"${COMP_WORDS[COMP_CWORD-1]}\" in\n    ");
    valued(" | ", out);
    buf_text(out, ") return ;;\n    esac\n    case \"${COMP_WORDS[1]}\" in\n");
    for (size_t i = 0; (c = command_at(i)) != NULL; i++) {
        buf_format(out, "    %s) words=\"", c->name);
        option_words(c, out);
        buf_text(out, "\" ;;\n");
    }
    buf_text(out, "    esac\n    case \"${COMP_WORDS[1]} $word\" in\n    *' '-*) ;;\n    ");
    taking("HOST", "' '* | ", out);
    buf_text(out, "' '*)\n        while read -r host; do\n"
                  "            [[ $host != \"$word\"* ]] || COMPREPLY+=(\"$host\")\n"
                  "        done < <(" HOSTS ") ;;&\n    ");
    taking("name", "' '* | ", out);
    buf_text(out, "' '*) COMPREPLY+=($(compgen -W \"");
    setting_words(out);
    buf_text(out, "\" -- \"$word\")) ;;\n    ");
    taking("COMMAND", "' '* | ", out);
    buf_text(out, "' '*) COMPREPLY=($(compgen -W \"");
    command_words(out);
    buf_text(out,
             "\" -- \"$word\")) ;;\n    esac\n"
             "    [ ${#COMPREPLY[@]} -gt 0 ] || COMPREPLY=($(compgen -W \"$words\" -- \"$word\"))\n"
             "    [[ \"${COMPREPLY[*]}\" != *= ]] || compopt -o nospace 2>/dev/null\n"
             "}\ncomplete -o default -F _homing homing\n");
}

static void complete_zsh(struct buf *out)
{
    const struct command *c;
    const struct command_option *o;

    buf_text(out, "#compdef homing\nlocal -a commands options hosts settings\n"
                  "if (( CURRENT == 2 )); then\n    commands=(\n");
    for (size_t i = 0; (c = command_at(i)) != NULL; i++) {
        buf_format(out, "        '%s:", c->name);
        quoted(c->summary, "'\\''", out);
        buf_text(out, "'\n");
    }
    buf_text(out, "    )\n    _describe command commands\n    return\nfi\n"
                  "case $words[CURRENT-1] in\n");
    valued("|", out);
    buf_text(out, ") _files; return ;;\nesac\ncase $words[2] in\n");
    for (size_t i = 0; (c = command_at(i)) != NULL; i++) {
        buf_format(out, "%s) options=(", c->name);
        for (size_t k = 0; (o = command_option_at(c, k)) != NULL; k++) {
            buf_format(out, "\n    '--%s:", o->name);
            quoted(o->help, "'\\''", out);
            buf_char(out, '\'');
        }
        buf_text(out, ") ;;\n");
    }
    buf_text(out, "esac\nif [[ $PREFIX == -* ]]; then\n    _describe -o option options\n"
                  "    return\nfi\ncase $words[2] in\n");
    taking("HOST", "|", out);
    buf_text(out, ") hosts=(${(f)\"$(" HOSTS ")\"}); compadd -a hosts ;|\n");
    taking("name", "|", out);
    buf_text(out, ") settings=(");
    setting_words(out);
    buf_text(out, "); compadd -S '' -a settings ;;\n");
    taking("FILE", "|", out);
    buf_text(out, ") _files ;;\n");
    taking("COMMAND", "|", out);
    buf_text(out, ") compadd ");
    command_words(out);
    buf_text(out, " ;;\nesac\n");
}

/* "complete" for a command's words: the head of a line, to which what is offered is added. */
static void fish_line(const char *commands, struct buf *out)
{
    buf_format(out, "complete -c homing -n '__fish_seen_subcommand_from %s'", commands);
}

static void fish_arguments(const char *what, const char *offered, struct buf *out)
{
    struct buf commands;

    buf_init(&commands, 1024);
    taking(what, " ", &commands);
    fish_line(buf_str(&commands), out);
    buf_format(out, " %s\n", offered);
    buf_free(&commands);
}

static void complete_fish(struct buf *out)
{
    const struct command *c;
    const struct command_option *o;
    struct buf words;

    buf_text(out, "complete -c homing -f\n");
    for (size_t i = 0; (c = command_at(i)) != NULL; i++) {
        buf_format(out, "complete -c homing -n __fish_use_subcommand -a %s -d '", c->name);
        quoted(c->summary, "\\'", out);
        buf_text(out, "'\n");
        for (size_t k = 0; (o = command_option_at(c, k)) != NULL; k++) {
            fish_line(c->name, out);
            buf_format(out, " -l %s%s -d '", o->name, o->value != NULL ? " -rF" : "");
            quoted(o->help, "\\'", out);
            buf_text(out, "'\n");
        }
    }
    fish_arguments("HOST",
                   "-a '(homing list 2>/dev/null | tail -n +2 | string replace -r \" .*\" \"\")'",
                   out);
    fish_arguments("FILE", "-F", out);
    buf_init(&words, 1 << 16);
    buf_text(&words, "-a '");
    setting_words(&words);
    buf_char(&words, '\'');
    fish_arguments("name", buf_str(&words), out);
    buf_clear(&words);
    buf_text(&words, "-a '");
    command_words(&words);
    buf_char(&words, '\'');
    fish_arguments("COMMAND", buf_str(&words), out);
    buf_free(&words);
}

bool command_completion(const char *shell, struct buf *out)
{
    static const struct {
        const char *name;
        void (*write)(struct buf *out);
    } shells[] = {{"bash", complete_bash}, {"zsh", complete_zsh}, {"fish", complete_fish}};

    for (size_t i = 0; i < sizeof shells / sizeof shells[0]; i++) {
        if (text_equal(shells[i].name, shell)) {
            shells[i].write(out);
            return true;
        }
    }
    return false;
}
