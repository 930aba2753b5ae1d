/*
 * SPDX-License-Identifier: ISC
 */
#include "command/ask.h"
#include "command/editor.h"

#include <unistd.h>

#include "base/mem.h"
#include "engine/renamed.h"
#include "state/batch.h"
#include "state/store.h"

/* Who is meant: identity and name as they are now. Owned texts. */
struct former {
    char *id, *name;
};

static enum err find(const struct editor *ed, const char *written, struct former *out,
                     struct cause *c)
{
    const struct conf_entry *entry;
    struct buf bytes;

    buf_init(&bytes, LOAD_MAX);
    enum err e = save_read(ed->places.config, &bytes, NULL, c);
    struct conf *conf = conf_parse(buf_str(&bytes), bytes.len, &ed->options);
    if (e == OK)
        e = conf_entry_find(conf, written, &entry, c);
    if (e == OK)
        *out = (struct former){mem_text(conf_entry_id(entry)), mem_text(conf_entry_written(entry))};
    conf_unref(conf);
    buf_wipe(&bytes);
    return e;
}

/* A running service notes by itself that it is the same hostname; without one this does. */
static void remember(const struct editor *ed, const struct former *former, const char *id)
{
    char *memory = mem_format("%s/memory.db", ed->places.state);
    struct cause cause = {""};

    if (access(memory, F_OK) == 0) {
        struct state_batch *batch = state_batch_new();
        renamed_note(batch, clock_now().wall, id, former->id, former->name);
        enum err e = store_write(ed->places.state, batch, &cause);
        if (e != OK && e != ERR_BUSY)
            fprintf(ed->call->err, "homing rename: its history begins anew: %s\n", cause.text);
    }
    mem_free(memory);
}

static int rename_here(const struct command_call *call)
{
    struct editor ed;
    struct former former = {0};
    struct edit_answer answer;
    struct cause cause = {""};

    editor_open(&ed, call);
    enum err e = find(&ed, call->words[0], &former, &cause);
    int status = editor_status(e);
    if (e != OK) {
        fprintf(call->err, "homing rename: %s\n", cause.text);
    } else {
        const struct edit edit = {.what = EDIT_RENAME,
                                  .of = EDIT_HOSTNAME,
                                  .target = former.id,
                                  .name = call->words[1],
                                  .owner = true};
        status = editor_apply(&ed, &edit, &answer);
    }
    if (status == STATUS_RIGHT)
        remember(&ed, &former, answer.entry);
    if (status == STATUS_RIGHT && !call->json)
        fprintf(call->out, "The record of %s stays at the provider.\n", former.name);
    mem_free(former.id);
    mem_free(former.name);
    editor_close(&ed);
    return status;
}

/* With --record the service takes the former name's record away at the provider first. */
static int rename_there(const struct command_call *call)
{
    char *id = NULL;
    json_t *doc = NULL;
    int status = ask_entry(call, call->words[0], &id);

    if (status != STATUS_RIGHT)
        return status;
    char *target = ask_target("/hostnames/%s/rename", id);
    json_t *body = json_pack("{s:s,s:b}", "hostname", call->words[1], "record", 1);
    status = ask_service(call, "POST", target, body, &doc);
    if (status == STATUS_RIGHT && call->json)
        command_json(call, doc != NULL ? json_incref(doc) : json_object());
    else if (status == STATUS_RIGHT)
        fprintf(call->out, "%s is called %s now. The former name's record is gone.\n",
                call->words[0], call->words[1]);
    json_decref(body);
    json_decref(doc);
    mem_free(target);
    mem_free(id);
    return status;
}

static int run_rename(const struct command_call *call)
{
    return command_given(call, "record") ? rename_there(call) : rename_here(call);
}

static const struct command_option renaming[] = {
    {"record", NULL, "take the former name's record away at the provider (the service does it)"},
    {NULL, NULL, NULL}};

const struct command command_rename = {
    .name = "rename",
    .summary = "Give a hostname another name; its settings and history stay",
    .arguments = "HOST NAME",
    .help = "The name is changed in its place in the file. The record of the former name stays at "
            "the provider, unless --record is given; \"homing undo\" takes the change of the file "
            "back.",
    .options = renaming,
    .least = 2,
    .most = 2,
    .json = true,
    .configured = true,
    .statuses = 1u << STATUS_RIGHT | 1u << STATUS_FAILED | 1u << STATUS_USAGE,
    .run = run_rename,
};
