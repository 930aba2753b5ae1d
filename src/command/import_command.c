/*
 * SPDX-License-Identifier: ISC
 */
#include "command/command.h"

#include <jansson.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "command/editor.h"
#include "command/import.h"
#include "command/import_cache.h"
#include "command/load.h"
#include "command/progress.h"
#include "conf/save.h"

static const char *const fates[] = {
    [IMPORT_TAKEN] = "taken", [IMPORT_OTHER] = "note", [IMPORT_LEFT] = "left out"};

static void show_text(const struct command_call *call, const struct import *im, const char *file)
{
    bool quiet = command_given(call, "quiet");

    for (size_t i = 0; i < im->note_count; i++) {
        const struct import_note *n = &im->notes[i];
        if (quiet && n->fate != IMPORT_LEFT)
            continue;
        fprintf(call->out, "%s", file);
        if (n->line > 0)
            fprintf(call->out, ":%u", n->line);
        fprintf(call->out, ": %s: %s%s%s\n", fates[n->fate], n->what, n->why != NULL ? ": " : "",
                n->why != NULL ? n->why : "");
    }
    if (im->shown.len > 0 && !quiet)
        fprintf(call->out, "\n%s", buf_str(&im->shown));
}

static void show_json(const struct command_call *call, const struct import *im, const char *file,
                      const struct import_format *format)
{
    json_t *notes = json_array();

    for (size_t i = 0; i < im->note_count; i++) {
        const struct import_note *n = &im->notes[i];
        json_array_append_new(notes,
                              json_pack("{s:i, s:s, s:s, s:s?}", "line", (int)n->line, "fate",
                                        fates[n->fate], "what", n->what, "why", n->why));
    }
    command_json(call, json_pack("{s:s, s:s, s:i, s:s, s:o}", "file", file, "format", format->name,
                                 "hostnames", (int)im->hostnames, "text", buf_str(&im->shown),
                                 "notes", notes));
}

/* The file with the statements behind it; OK only when it means what was told. */
static enum err append(struct loaded *l, const struct import *im, const struct buf *old,
                       const char *from, const struct conf_options *options, struct buf *out,
                       struct cause *cause)
{
    size_t before, after;

    load_conf_bytes(l, buf_str(old), old->len, options);
    before = conf_entry_count(l->conf);
    buf_add(out, buf_str(old), old->len);
    if (old->len > 0 && old->data[old->len - 1] != '\n')
        buf_char(out, '\n');
    buf_format(out, "\n# Taken over from %s\n%s", from, buf_str(&im->text));
    if (out->overflow)
        return cause_set(cause, ERR_TOO_BIG, "the configuration would be too long");
    load_conf_bytes(l, buf_str(out), out->len, options);
    after = conf_entry_count(l->conf);
    if (after != before + im->hostnames)
        return cause_set(cause, ERR_EXISTS,
                         "%zu of the %zu hostnames are in the configuration already; take them out "
                         "there first, or out of %s",
                         before + im->hostnames - after, im->hostnames, from);
    return OK;
}

static int write_conf(const struct command_call *call, const struct import *im, struct loaded *l,
                      const char *from, const struct places *places)
{
    const struct conf_options options = {
        .dialect = CONF_HOMING, .name = places->config, .providers = &l->providers};
    const struct save_place place = {places->config, places->versions, &options};
    char version[SAVE_VERSION_MAX];
    struct buf old, text;
    struct cause cause = {""};

    buf_init(&old, LOAD_MAX);
    buf_init(&text, LOAD_MAX);
    enum err e = save_read(places->config, &old, version, &cause);
    bool none = e == ERR_NOT_FOUND;
    if (none)
        e = OK;
    if (e == OK)
        e = append(l, im, &old, from, &options, &text, &cause);
    places_make(places);
    if (e == OK)
        e = save_write(&place, none ? NULL : version, buf_str(&text), text.len, NULL, &cause);
    if (e == OK && !command_given(call, "quiet"))
        fprintf(call->json ? call->err : call->out,
                "\nWritten to %s. \"homing plan\" shows what "
                "would be sent, \"homing undo\" takes it back.\n",
                places->config);
    if (e != OK)
        fprintf(call->err, "homing import: nothing was written: %s\n", cause.text);
    buf_wipe(&old);
    buf_wipe(&text);
    return e == OK ? editor_await(call, places, NULL) : STATUS_FAILED;
}

static int write_cache(const struct command_call *call, const struct buf *bytes, struct loaded *l,
                       const struct places *places)
{
    const struct conf_options options = {.dialect = CONF_HOMING, .name = places->config};
    struct cause cause = {""};
    size_t count = 0;

    enum err e = load_conf(l, places->config, &options, &cause);
    if (e == OK)
        e = import_cache_write(buf_str(bytes), bytes->len, l->conf, places->state, &count, &cause);
    if (e == OK)
        fprintf(call->json ? call->err : call->out,
                "\nhoming now remembers %zu record%s of %s as published.\n", count,
                count == 1 ? "" : "s", call->words[0]);
    else
        fprintf(call->err, "homing import: nothing was written: %s\n", cause.text);
    return e == OK ? STATUS_RIGHT : e == ERR_BUSY ? STATUS_RUNNING : STATUS_FAILED;
}

static int finish(const struct command_call *call, const struct import *im)
{
    size_t left = 0;

    for (size_t i = 0; i < im->note_count; i++)
        left += im->notes[i].fate == IMPORT_LEFT;
    if (!call->json && !command_given(call, "quiet") && (im->hostnames > 0 || left > 0))
        fprintf(call->out, "\n%zu hostname%s; %zu line%s could not be carried over.\n",
                im->hostnames, im->hostnames == 1 ? "" : "s", left, left == 1 ? "" : "s");
    return left > 0 ? STATUS_FAILED : STATUS_RIGHT;
}

static void tell(void *progress, const struct import *im)
{
    size_t left = 0;

    if (!progress_due(progress))
        return;
    for (size_t i = 0; i < im->note_count; i++)
        left += im->notes[i].fate == IMPORT_LEFT;
    progress_show(progress, &(struct progress_counts){.done = im->hostnames, .failed = left});
}

static int import_bytes(const struct command_call *call, const struct buf *bytes, const char *file,
                        const struct places *places)
{
    const struct import_format *format =
        import_format_of(command_value(call, "format"), buf_str(bytes), bytes->len);
    struct loaded loaded;
    struct import im;
    struct cause cause;
    int status = STATUS_RIGHT;

    if (format == NULL) {
        fprintf(call->err, "homing import: %s is of no form that homing knows%s\n", file,
                command_given(call, "format") ? " under that name" : "");
        return STATUS_CONF;
    }
    loaded_init(&loaded);
    load_providers(&loaded, places->providers);
    import_init(&im, loaded.registry);
    im.tell = tell;
    im.tell_arg = progress_new(call, "hostnames read");
    enum err e = format->read(&im, buf_str(bytes), bytes->len, &cause);
    progress_free(im.tell_arg);
    if (e != OK) {
        fprintf(call->err, "homing import: %s (%s): %s\n", file, format->about, cause.text);
        status = STATUS_CONF;
    } else {
        import_mask(&im);
        if (call->json)
            show_json(call, &im, file, format);
        else
            show_text(call, &im, file);
        status = finish(call, &im);
        if (command_given(call, "write") &&
            (im.hostnames > 0 || format == &import_ddclient_cache)) {
            int written = format == &import_ddclient_cache
                              ? write_cache(call, bytes, &loaded, places)
                              : write_conf(call, &im, &loaded, file, places);
            status = written != STATUS_RIGHT ? written : status;
        }
    }
    import_free(&im);
    loaded_free(&loaded);
    return status;
}

static int run(const struct command_call *call)
{
    struct places places;
    struct buf bytes;
    struct cause cause;
    int status;

    command_places(call, &places);
    buf_init(&bytes, IMPORT_MAX);
    if (load_file(call->words[0], &bytes, &cause) != OK) {
        fprintf(call->err, "homing import: %s can not be read: %s\n", call->words[0], cause.text);
        status = STATUS_CONF;
    } else {
        status = import_bytes(call, &bytes, call->words[0], &places);
    }
    buf_wipe(&bytes);
    places_free(&places);
    return status;
}

static const struct command_option options[] = {
    {"write", NULL,
     "put the result into the configuration; of a cache, into what homing remembers"},
    {"format", "NAME",
     "what it is: ddclient, ddclient-cache, inadyn, openwrt, nethserver, ddns-updater, ddns-go"},
    PROGRESS_OPTION,
    {NULL, NULL, NULL}};

const struct command command_import = {
    .name = "import",
    .summary = "Take over another program's configuration",
    .arguments = "FILE",
    .help =
        "Tells line by line what became of a ddclient.conf, ddclient.cache, inadyn.conf, "
        "ddns-updater's config.json, ddns-go's yaml, OpenWrt's /etc/config/ddns or NethServer's "
        "dyndns database, and what could not be carried over and why.",
    .options = options,
    .least = 1,
    .most = 1,
    .json = true,
    .configured = true,
    .statuses = 1u << STATUS_RIGHT | 1u << STATUS_FAILED | 1u << STATUS_USAGE | 1u << STATUS_CONF,
    .may_find_running = true,
    .run = run,
};
