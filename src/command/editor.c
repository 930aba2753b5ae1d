/*
 * SPDX-License-Identifier: ISC
 */
#include "command/editor.h"

#include "base/buf.h"
#include "state/folder.h"

void editor_open(struct editor *ed, const struct command_call *call)
{
    ed->call = call;
    command_places(call, &ed->places);
    loaded_init(&ed->loaded);
    load_providers(&ed->loaded, ed->places.providers);
    ed->options = (struct conf_options){
        .dialect = CONF_HOMING, .name = ed->places.config, .providers = &ed->loaded.providers};
}

void editor_close(struct editor *ed)
{
    loaded_free(&ed->loaded);
    places_free(&ed->places);
}

struct save_place editor_place(const struct editor *ed)
{
    return (struct save_place){ed->places.config, ed->places.versions, &ed->options};
}

int editor_status(enum err e)
{
    switch (e) {
    case OK:
        return STATUS_RIGHT;
    case ERR_SYNTAX:
    case ERR_RANGE:
        return STATUS_USAGE;
    default:
        return STATUS_FAILED;
    }
}

static void tell_conflict(const struct command_call *call, const struct edit_answer *answer)
{
    if (answer->shared == EDIT_NOT_SHARED)
        return;
    fputs("--all changes it for all of them, --only for this one.\n", call->err);
}

/* What the reader warns of where the entry stands: it was written, and may not do what was meant.
 */
static void tell_warnings(struct editor *ed, const char *id)
{
    struct cause cause;
    struct buf out;

    if (load_conf(&ed->loaded, ed->places.config, &ed->options, &cause) != OK)
        return;
    const struct conf_entry *entry = conf_entry_by_id(ed->loaded.conf, id);
    buf_init(&out, 1 << 20);
    for (size_t i = 0; entry != NULL && i < conf_problem_count(ed->loaded.conf); i++) {
        const struct conf_problem *p = conf_problem_at(ed->loaded.conf, i);
        if (p->line == conf_entry_line(entry))
            conf_problem_show(ed->loaded.conf, p, &out);
    }
    fputs(buf_str(&out), ed->call->err);
    buf_free(&out);
}

int editor_apply(struct editor *ed, const struct edit *edit, struct edit_answer *out)
{
    const struct command_call *call = ed->call;
    struct save_place place = editor_place(ed);
    struct edit_answer answer = {0};
    struct cause cause = {""};

    enum err e = folder_make(ed->places.state, &cause); /* for the former versions */
    if (e == OK)
        e = save_edit(&place, NULL, edit, NULL, &answer, &cause);
    if (out != NULL)
        *out = answer;
    if (e != OK) {
        fprintf(call->err, "homing %s: %s\n", call->command->name, cause.text);
        if (e == ERR_CONFLICT)
            tell_conflict(call, &answer);
        return editor_status(e);
    }
    if (call->json)
        command_json(call, json_pack("{s:s, s:b, s:b}", "entry", answer.entry, "restart",
                                     answer.restart, "secrets_cleared", answer.secrets_cleared));
    else
        fprintf(call->out, "%s: done%s%s%s\n", ed->places.config,
                answer.entry[0] != '\0' ? ", " : "", answer.entry,
                answer.restart ? "; it counts from the next start of the service" : "");
    if (!call->json && answer.entry[0] != '\0')
        tell_warnings(ed, answer.entry);
    return STATUS_RIGHT;
}
