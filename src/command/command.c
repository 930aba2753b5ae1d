/*
 * SPDX-License-Identifier: ISC
 */
#include "command/command.h"

#include <jansson.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "command/load.h"

static const struct command *const commands[] = {
    &command_run,       &command_once,    &command_plan,    &command_check,  &command_add,
    &command_set,       &command_rename,  &command_remove,  &command_enable, &command_disable,
    &command_undo,      &command_list,    &command_status,  &command_why,    &command_log,
    &command_address,   &command_sources, &command_devices, &command_update, &command_notify,
    &command_providers, &command_import,  &command_export,  &command_report, &command_passwd,
    &command_ddclient,  &command_help,
};

/* Options that many commands share; each applies when the record says so. */
static const struct command_option option_config = {
    "config", "FILE", "read this configuration instead of the usual one"};
static const struct command_option option_state = {"state-dir", "FOLDER",
                                                   "what homing remembers is in this folder"};
static const struct command_option option_socket = {
    "socket", "PATH", "reach the running service at this socket; \"no\" reaches none"};
static const struct command_option option_json = {"json", NULL, "answer as JSON"};
static const struct command_option option_help = {"help", NULL, "show this help"};

enum { OPTIONS_MAX = 32 };

const struct command *command_at(size_t i)
{
    return i < sizeof commands / sizeof commands[0] ? commands[i] : NULL;
}

const struct command *command_find(const char *name)
{
    for (size_t i = 0; command_at(i) != NULL; i++)
        if (text_equal(commands[i]->name, name))
            return commands[i];
    return NULL;
}

const struct command_option *command_option_at(const struct command *c, size_t i)
{
    size_t own = 0;
    const struct command_option *shared[5];
    size_t count = 0;

    while (c->options != NULL && c->options[own].name != NULL)
        own++;
    if (i < own)
        return &c->options[i];
    if (c->configured) {
        shared[count++] = &option_config;
        shared[count++] = &option_state;
        shared[count++] = &option_socket;
    }
    if (c->json)
        shared[count++] = &option_json;
    if (!c->raw)
        shared[count++] = &option_help;
    return i - own < count ? shared[i - own] : NULL;
}

/* Where the option stands among those that apply, or -1. */
static int option_index(const struct command *c, const char *name, size_t len)
{
    const struct command_option *o;

    for (size_t i = 0; (o = command_option_at(c, i)) != NULL; i++)
        if (strlen(o->name) == len && memcmp(o->name, name, len) == 0)
            return (int)i;
    return -1;
}

const char *command_value(const struct command_call *call, const char *option)
{
    int i = option_index(call->command, option, strlen(option));
    return i < 0 || call->values == NULL ? NULL : call->values[i];
}

bool command_given(const struct command_call *call, const char *option)
{
    return command_value(call, option) != NULL;
}

void command_places(const struct command_call *call, struct places *p)
{
    places_find(p, &(struct places_given){command_value(call, "config"),
                                          command_value(call, "state-dir"),
                                          command_value(call, "socket")});
    char *folder = command_given(call, "state-dir") ? NULL : load_state_dir(p->config);
    if (folder != NULL && folder[0] == '/')
        places_state(p, folder);
    mem_free(folder);
}

void command_json(const struct command_call *call, json_t *doc)
{
    char *text = json_dumps(doc, JSON_INDENT(2));

    if (text != NULL)
        fprintf(call->out, "%s\n", text);
    free(text);
    json_decref(doc);
}

int command_usage(const struct command_call *call, const char *format, ...)
{
    const struct command *c = call->command;
    va_list args;

    fprintf(call->err, "homing%s%s: ", c != NULL ? " " : "", c != NULL ? c->name : "");
    va_start(args, format);
    vfprintf(call->err, format, args);
    va_end(args);
    fprintf(call->err, "\nSee \"homing help%s%s\".\n", c != NULL ? " " : "",
            c != NULL ? c->name : "");
    return STATUS_USAGE;
}

/* The nearest known option, or NULL when none is near. */
static const char *option_near(const struct command *c, const char *name)
{
    const struct command_option *o;
    const char *best = NULL;
    unsigned distance = 3;

    for (size_t i = 0; (o = command_option_at(c, i)) != NULL; i++) {
        unsigned d = text_distance(o->name, name);
        if (d < distance) {
            distance = d;
            best = o->name;
        }
    }
    return best;
}

/* Reads one option word; *used is 2 when the next word was its value. Returns a status, or -1. */
static int read_option(struct command_call *call, const char **values, char **words, size_t left,
                       size_t *used)
{
    const char *name = words[0] + 2;
    size_t len = strcspn(name, "=");
    int i = option_index(call->command, name, len);

    *used = 1;
    if (i < 0) {
        char *plain = mem_text_n(name, len);
        const char *near = option_near(call->command, plain);
        int status =
            near != NULL
                ? command_usage(call, "there is no option --%s. Did you mean --%s?", plain, near)
                : command_usage(call, "there is no option --%s.", plain);
        mem_free(plain);
        return status;
    }
    const struct command_option *o = command_option_at(call->command, (size_t)i);
    if (o->value == NULL) {
        if (name[len] == '=')
            return command_usage(call, "--%s takes no value.", o->name);
        values[i] = "";
        return -1;
    }
    if (name[len] == '=') {
        values[i] = name + len + 1;
        return -1;
    }
    if (left < 2)
        return command_usage(call, "--%s needs a value: --%s %s.", o->name, o->name, o->value);
    values[i] = words[1];
    *used = 2;
    return -1;
}

static int show_page(const struct command_call *call)
{
    struct buf page;

    buf_init(&page, 1 << 20);
    command_page(call->command, &page);
    fputs(buf_str(&page), call->out);
    buf_free(&page);
    return STATUS_RIGHT;
}

static int check_count(struct command_call *call)
{
    const struct command *c = call->command;

    if (call->count < c->least)
        return command_usage(call, "something is missing: homing %s %s", c->name, c->arguments);
    if (call->count > c->most)
        return command_usage(call, "\"%s\" is one word too many.", call->words[c->most]);
    return -1;
}

/* "-f": the command's letter, or -h. Returns a status, or -1. */
static int read_letter(struct command_call *call, const char **values, const char *word)
{
    const struct command *c = call->command;
    const char *name = word[2] != '\0'                             ? NULL
                       : word[1] == 'h'                            ? "help"
                       : c->letter != '\0' && word[1] == c->letter ? c->letter_of
                                                                   : NULL;

    if (name == NULL)
        return command_usage(call, "there is no option %s; options begin with two dashes.", word);
    values[option_index(c, name, strlen(name))] = "";
    return -1;
}

/* Sorts the words into options and arguments, then runs the command. */
static int run_command(struct command_call *call, char **words, size_t count)
{
    const char *values[OPTIONS_MAX] = {NULL};
    char **arguments = mem_array(count + 1, sizeof *arguments);
    bool options = true;
    int status = -1;

    for (size_t i = 0; i < count && status < 0;) {
        size_t used = 1;
        if (options && text_equal(words[i], "--"))
            options = false;
        else if (options && text_starts(words[i], "--"))
            status = read_option(call, values, words + i, count - i, &used);
        else if (options && words[i][0] == '-' && words[i][1] != '\0')
            status = read_letter(call, values, words[i]);
        else
            arguments[call->count++] = words[i];
        i += used;
    }
    call->words = arguments;
    call->values = values;
    if (status < 0 && command_given(call, "help"))
        status = show_page(call);
    if (status < 0)
        status = check_count(call);
    if (status < 0) {
        call->json = call->command->json && command_given(call, "json");
        status = call->command->run(call);
    }
    mem_free(arguments);
    return status;
}

static int unknown_command(const char *word)
{
    const char *best = NULL;
    unsigned distance = 3;

    for (size_t i = 0; command_at(i) != NULL; i++) {
        unsigned d = text_distance(commands[i]->name, word);
        if (d < distance) {
            distance = d;
            best = commands[i]->name;
        }
    }
    fprintf(stderr, "homing: there is no command \"%s\".", word);
    if (best != NULL)
        fprintf(stderr, " Did you mean \"%s\"?", best);
    fputs("\nSee \"homing help\".\n", stderr);
    return STATUS_USAGE;
}

/* The program was called by ddclient's name (the final d of "ddclientd" means daemon there). */
static bool called_ddclient(const char *argv0)
{
    const char *slash = strrchr(argv0, '/');
    const char *name = slash != NULL ? slash + 1 : argv0;
    return text_equal(name, "ddclient") || text_equal(name, "ddclientd");
}

int command_main(int argc, char **argv)
{
    struct command_call call = {.program = "homing", .out = stdout, .err = stderr};

    if (argc > 0 && called_ddclient(argv[0]) && command_find("ddclient") != NULL) {
        call.command = command_find("ddclient");
        call.program = argv[0];
        call.words = argv + 1;
        call.count = (size_t)argc - 1;
        return call.command->run(&call);
    }
    if (argc < 2) {
        struct buf text;
        buf_init(&text, 1 << 20);
        command_overview(&text);
        fputs(buf_str(&text), stderr);
        buf_free(&text);
        return STATUS_USAGE;
    }
    const char *word = argv[1];
    if (text_equal(word, "--version") || text_equal(word, "-V")) {
        puts("homing " HOMING_VERSION);
        return STATUS_RIGHT;
    }
    if (text_equal(word, "--help") || text_equal(word, "-h"))
        word = "help";
    call.command = command_find(word);
    if (call.command == NULL)
        return unknown_command(word);
    if (call.command->raw) {
        call.words = argv + 2;
        call.count = (size_t)argc - 2;
        return call.command->run(&call);
    }
    return run_command(&call, argv + 2, (size_t)argc - 2);
}
