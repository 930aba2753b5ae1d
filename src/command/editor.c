/*
 * SPDX-License-Identifier: ISC
 */
#include "command/editor.h"

#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "command/client.h"
#include "keeper/reading.h"

/* Of the wait for a service; a new worker of it is met again after such a pause. */
enum { AWAIT = 3 * SECOND, PAUSE = 50 * 1000 /* us */ };

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

/* The file's "ttl=default" is no value: where a word for one was given, it may be meant. */
static void tell_default(const struct command_call *call, const struct edit *edit,
                         const struct edit_answer *answer)
{
    bool meant = false;

    for (size_t i = 0; i < edit->count && edit->what == EDIT_SET && edit->of != EDIT_GLOBALS; i++)
        meant = meant || (text_equal(edit->settings[i].name, answer->setting) &&
                          text_equal(edit->settings[i].value, "default"));
    if (meant)
        fprintf(call->err, "The name alone takes a setting out: homing set %s %s\n", edit->target,
                answer->setting);
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

static bool same_file(const char *a, const char *b)
{
    char one[PATH_MAX], other[PATH_MAX];

    return a != NULL && realpath(a, one) != NULL && realpath(b, other) != NULL &&
           text_equal(one, other);
}

/* Does the service that runs by this file have the one that was written? One that found errors when
 * it started runs by its last good copy. */
static bool serves(const struct places *places, const char *file)
{
    char *copy = reading_last_good(places->config);
    bool ours = same_file(file, places->config) || same_file(file, copy);

    mem_free(copy);
    return ours;
}

/* One question. False: it is worth asking again. */
static bool ask_use(const struct places *places, enum editor_use *use, struct cause *cause)
{
    bool reached;
    json_t *nothing = json_object(), *doc;
    enum err e = client_call(places->socket, "POST", "/reload", nothing, &doc, &reached, cause);

    json_decref(nothing);
    if (e == OK) {
        const char *file = json_string_value(json_object_get(doc, "file"));
        *use = !serves(places, file)                          ? USE_NO_SERVICE
               : json_is_true(json_object_get(doc, "in_use")) ? USE_YES
                                                              : USE_NO;
        json_decref(doc);
        return true;
    }
    /* An older service, or one that does not hear us, sees the file's change by itself. */
    if (e == ERR_DENIED || (e == ERR_NOT_FOUND && (reached || *use == USE_NO_SERVICE))) {
        *use = USE_NO_SERVICE;
        return true;
    }
    *use = USE_LATE; /* it may be a new worker that begins: it was there */
    return false;
}

int editor_await(const struct command_call *call, const struct places *places, enum editor_use *use)
{
    const struct moment began = clock_now();
    enum editor_use found = USE_NO_SERVICE;
    struct cause cause = {""};

    while (!text_equal(places->socket, "no") && !ask_use(places, &found, &cause) &&
           clock_now().mono < began.mono + AWAIT)
        usleep(PAUSE);
    if (use != NULL)
        *use = found;
    if (found == USE_LATE)
        fprintf(call->err, "homing %s: written, but not in use yet: %s.\n", call->command->name,
                cause.text);
    else if (found == USE_NO)
        fprintf(call->err,
                "homing %s: written, but the service goes on with what it had: %s has an error. "
                "\"homing check\" shows it.\n",
                call->command->name, places->config);
    return found == USE_NO ? STATUS_FAILED : STATUS_RIGHT;
}

static void tell_edited(const struct editor *ed, const struct edit_answer *answer,
                        enum editor_use use)
{
    const struct command_call *call = ed->call;

    if (call->json)
        command_json(
            call, json_pack("{s:s, s:b, s:b, s:o}", "entry", answer->entry, "restart",
                            answer->restart, "secrets_cleared", answer->secrets_cleared, "in_use",
                            use == USE_NO_SERVICE ? json_null() : json_boolean(use == USE_YES)));
    else
        fprintf(call->out, "%s: done%s%s%s\n", ed->places.config,
                answer->entry[0] != '\0' ? ", " : "", answer->entry,
                answer->restart ? "; it counts from the next start of the service" : "");
}

int editor_apply(struct editor *ed, const struct edit *edit, struct edit_answer *out)
{
    const struct command_call *call = ed->call;
    struct save_place place = editor_place(ed);
    struct edit_answer answer = {0};
    struct cause cause = {""};

    places_make(&ed->places);
    enum err e = save_edit(&place, NULL, edit, NULL, &answer, &cause);
    if (out != NULL)
        *out = answer;
    if (e != OK) {
        fprintf(call->err, "homing %s: %s\n", call->command->name, cause.text);
        if (e == ERR_CONFLICT)
            tell_conflict(call, &answer);
        else if (e == ERR_RANGE)
            tell_default(call, edit, &answer);
        return editor_status(e);
    }
    enum editor_use use;
    int status = editor_await(call, &ed->places, &use);
    tell_edited(ed, &answer, use);
    if (!call->json && answer.entry[0] != '\0')
        tell_warnings(ed, answer.entry);
    return status;
}
