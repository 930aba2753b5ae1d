/*
 * SPDX-License-Identifier: ISC
 */
#include "command/command.h"

#include <string.h>

#include "base/text.h"

/* Everything that is written from the records: help, the manual's list, completion. */

static const struct {
    int status;
    const char *meaning;
} meanings[] = {
    {STATUS_RIGHT, "all is right"},
    {STATUS_FAILED, "some of it failed"},
    {STATUS_USAGE, "the command line makes no sense"},
    {STATUS_CONF, "the configuration has errors"},
    {STATUS_ADDRESS, "no address could be learned"},
    {STATUS_BLOCKED, "it waits until a person acts"},
    {STATUS_RUNNING, "another instance runs already"},
};

static bool ends_with(const struct command *c, int status)
{
    if (status == STATUS_RUNNING)
        return c->may_find_running;
    return (c->statuses & 1u << status) != 0;
}

void command_overview(struct buf *out)
{
    const struct command *c;

    buf_text(out, "homing keeps DNS names pointing home.\n\nUse: homing COMMAND [words]\n\n");
    for (size_t i = 0; (c = command_at(i)) != NULL; i++)
        buf_format(out, "  %-10s %s\n", c->name, c->summary);
    buf_text(out,
             "\n\"homing help COMMAND\" tells more; \"homing --version\" tells the version.\n");
}

/* "--config FILE" */
static void option_title(const struct command_option *o, struct buf *out)
{
    buf_format(out, "--%s", o->name);
    if (o->value != NULL)
        buf_format(out, " %s", o->value);
}

void command_page(const struct command *c, struct buf *out)
{
    const struct command_option *o;

    buf_format(out, "homing %s %s%s\n\n%s.\n", c->name, c->raw ? "" : "[options] ", c->arguments,
               c->summary);
    if (c->help[0] != '\0')
        buf_format(out, "\n%s\n", c->help);
    if (command_option_at(c, 0) != NULL)
        buf_text(out, "\nOptions:\n");
    for (size_t i = 0; (o = command_option_at(c, i)) != NULL; i++) {
        struct buf title;
        buf_init(&title, 256);
        option_title(o, &title);
        buf_format(out, "  %-20s %s\n", buf_str(&title), o->help);
        buf_free(&title);
    }
    buf_text(out, "\nExit status:\n");
    for (size_t i = 0; i < sizeof meanings / sizeof meanings[0]; i++)
        if (ends_with(c, meanings[i].status))
            buf_format(out, "  %-3d %s\n", meanings[i].status, meanings[i].meaning);
}

/* scdoc gives *, _, \ and some others a meaning. */
static void add_scdoc(const char *s, struct buf *out)
{
    for (; *s != '\0'; s++) {
        if (strchr("*_\\#<>~[", *s) != NULL)
            buf_char(out, '\\');
        buf_char(out, *s);
    }
}

void command_manual(struct buf *out)
{
    const struct command *c;
    const struct command_option *o;

    for (size_t i = 0; (c = command_at(i)) != NULL; i++) {
        buf_format(out, "*homing %s* ", c->name);
        add_scdoc(c->arguments, out);
        buf_text(out, "\n\t");
        add_scdoc(c->summary, out);
        buf_text(out, ". ");
        for (const char *s = c->help; *s != '\0'; s++) {
            char one[2] = {*s == '\n' ? ' ' : *s, '\0'};
            add_scdoc(one, out);
        }
        buf_text(out, "\n\n");
        for (size_t k = 0; (o = command_option_at(c, k)) != NULL; k++) {
            if (o->name == NULL || text_equal(o->name, "help"))
                continue;
            buf_text(out, "\t*--");
            add_scdoc(o->name, out);
            buf_text(out, "*");
            if (o->value != NULL)
                buf_format(out, " %s", o->value);
            buf_text(out, "\n\t\t");
            add_scdoc(o->help, out);
            buf_text(out, ".\n\n");
        }
    }
}

static void option_words(const struct command *c, struct buf *out)
{
    const struct command_option *o;

    for (size_t k = 0; (o = command_option_at(c, k)) != NULL; k++)
        buf_format(out, "%s--%s", k > 0 ? " " : "", o->name);
}

static void complete_bash(struct buf *out)
{
    const struct command *c;

    buf_text(out, "_homing() {\n"
                  "    local word=\"${COMP_WORDS[COMP_CWORD]}\"\n"
                  "    if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
                  "        COMPREPLY=($(compgen -W \"");
    for (size_t i = 0; (c = command_at(i)) != NULL; i++)
        buf_format(out, "%s%s", i > 0 ? " " : "", c->name);
    buf_text(out, "\" -- \"$word\"))\n        return\n    fi\n    case \"${COMP_WORDS[1]}\" in\n");
    for (size_t i = 0; (c = command_at(i)) != NULL; i++) {
        buf_format(out, "    %s) COMPREPLY=($(compgen -W \"", c->name);
        option_words(c, out);
        buf_text(out, "\" -- \"$word\")) ;;\n");
    }
    buf_text(out, "    esac\n}\ncomplete -o default -F _homing homing\n");
}

static void complete_zsh(struct buf *out)
{
    const struct command *c;

    buf_text(out, "#compdef homing\nif (( CURRENT == 2 )); then\n    compadd");
    for (size_t i = 0; (c = command_at(i)) != NULL; i++)
        buf_format(out, " %s", c->name);
    buf_text(out, "\nelse\n    case $words[2] in\n");
    for (size_t i = 0; (c = command_at(i)) != NULL; i++) {
        buf_format(out, "    %s) compadd -- ", c->name);
        option_words(c, out);
        buf_text(out, " ;;\n");
    }
    buf_text(out, "    esac\n    _files\nfi\n");
}

static void complete_fish(struct buf *out)
{
    const struct command *c;
    const struct command_option *o;

    for (size_t i = 0; (c = command_at(i)) != NULL; i++) {
        buf_format(out, "complete -c homing -n __fish_use_subcommand -f -a %s -d '%s'\n", c->name,
                   c->summary);
        for (size_t k = 0; (o = command_option_at(c, k)) != NULL; k++)
            buf_format(out, "complete -c homing -n '__fish_seen_subcommand_from %s' -l %s%s\n",
                       c->name, o->name, o->value != NULL ? " -r" : "");
    }
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
