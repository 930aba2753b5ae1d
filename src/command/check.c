/*
 * SPDX-License-Identifier: ISC
 */
#include "command/command.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/text.h"
#include "command/load.h"

static json_t *problem_document(const struct conf_problem *p)
{
    return json_pack("{s:s, s:i, s:i, s:i, s:s, s:s, s:s?}", "severity",
                     p->severity == CONF_ERROR ? "error" : "warning", "line", (int)p->line,
                     "column", (int)p->column, "length", (int)p->length, "code", p->code, "text",
                     p->text, "hint", p->hint);
}

static void show_json(const struct command_call *call, const struct conf *conf, const char *file)
{
    json_t *list = json_array();
    size_t errors = 0;

    for (size_t i = 0; i < conf_problem_count(conf); i++) {
        const struct conf_problem *p = conf_problem_at(conf, i);
        json_array_append_new(list, problem_document(p));
        errors += p->severity == CONF_ERROR;
    }
    json_t *doc = json_pack("{s:s, s:i, s:i, s:o}", "file", file, "hostnames",
                            (int)conf_entry_count(conf), "errors", (int)errors, "problems", list);
    command_json(call, doc);
}

static void show_text(const struct command_call *call, const struct conf *conf, const char *file)
{
    struct buf out;
    size_t errors = 0, warnings = 0;

    buf_init(&out, 64 << 20);
    for (size_t i = 0; i < conf_problem_count(conf); i++) {
        const struct conf_problem *p = conf_problem_at(conf, i);
        conf_problem_show(conf, p, &out);
        errors += p->severity == CONF_ERROR;
        warnings += p->severity == CONF_WARNING;
    }
    fputs(buf_str(&out), call->out);
    buf_free(&out);
    size_t hosts = conf_entry_count(conf);
    fprintf(call->out, "%s: %zu hostname%s, %zu error%s, %zu warning%s\n", file, hosts,
            hosts == 1 ? "" : "s", errors, errors == 1 ? "" : "s", warnings,
            warnings == 1 ? "" : "s");
}

static int run(const struct command_call *call)
{
    struct places places;
    struct loaded loaded;
    struct cause cause;
    int status = STATUS_RIGHT;

    command_places(call, &places);
    if (call->count > 0) { /* a file that is named brings the provider files beside it */
        const struct places_given given = {.config = call->words[0]};
        places_free(&places);
        places_find(&places, &given);
    }
    const char *file = places.config;
    struct conf_options options = {
        .dialect = command_given(call, "ddclient") ? CONF_DDCLIENT : CONF_HOMING, .name = file};
    loaded_init(&loaded);
    load_providers(&loaded, places.providers);
    enum err e = load_conf(&loaded, file, &options, &cause);
    if (e != OK) {
        fprintf(call->err, "homing check: %s can not be read: %s\n", file, cause.text);
        status = STATUS_CONF;
    } else {
        if (call->json)
            show_json(call, loaded.conf, file);
        else
            show_text(call, loaded.conf, file);
        status = conf_has_errors(loaded.conf) ? STATUS_CONF : STATUS_RIGHT;
    }
    loaded_free(&loaded);
    places_free(&places);
    return status;
}

static const struct command_option options_of_check[] = {
    {"ddclient", NULL, "read it as \"homing ddclient\" does"}, {NULL, NULL, NULL}};

const struct command command_check = {
    .name = "check",
    .summary = "Tell all that is wrong with a configuration",
    .arguments = "[FILE]",
    .help = "Each problem as a good compiler's: file, line and column, the line, what is wrong and "
            "what was probably meant. Errors keep their hostnames from being updated; warnings do "
            "not.",
    .options = options_of_check,
    .most = 1,
    .json = true,
    .configured = true,
    .statuses = 1u << STATUS_RIGHT | 1u << STATUS_USAGE | 1u << STATUS_CONF,
    .run = run,
};
