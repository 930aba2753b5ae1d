/*
 * SPDX-License-Identifier: ISC
 */
#include "command/command.h"

#include <string.h>

#include "base/text.h"

/* Everything that is written from the records: help and the manual's list. */

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
