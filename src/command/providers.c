/*
 * SPDX-License-Identifier: ISC
 */
#include "command/command.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/text.h"
#include "command/forms.h"
#include "command/load.h"
#include "command/provider_trial.h"
#include "publish/builtin.h"

static bool has(const char *text, const char *word)
{
    return text != NULL && strcasestr(text, word) != NULL;
}

static bool any_has(const char *const *texts, const char *word)
{
    for (; texts != NULL && *texts != NULL; texts++)
        if (has(*texts, word))
            return true;
    return false;
}

static bool matches(const struct provider_info *p, const char *word)
{
    return word == NULL || has(p->id, word) || has(p->name, word) || has(p->website, word) ||
           any_has(p->domains, word) || any_has(p->formerly, word);
}

/* The API's document of all providers, with those that match. */
static json_t *documents(struct registry *registry, const char *word, size_t *count)
{
    json_t *all = forms_providers(registry), *items = json_array(), *item;
    size_t i;

    json_array_foreach(json_object_get(all, "items"), i, item)
    {
        const char *id = json_string_value(json_object_get(item, "id"));
        const struct provider *p = id != NULL ? registry_about(registry, id) : NULL;
        if (p != NULL && matches(provider_info(p), word))
            json_array_append(items, item);
    }
    json_decref(all);
    *count = json_array_size(items);
    return json_pack("{s:o}", "items", items);
}

static void show_one(const struct provider_info *p, FILE *out)
{
    fprintf(out, "%s: %s%s%s\n", p->id, p->name, p->website != NULL ? ", " : "",
            p->website != NULL ? p->website : "");
    if (p->help != NULL)
        fprintf(out, "    %s\n", p->help);
    if (p->note != NULL)
        fprintf(out, "    %s\n", p->note);
    fprintf(out, "    %s; known from: %s%s%s\n", p->status, p->evidence,
            p->checked != NULL ? ", " : "", p->checked != NULL ? p->checked : "");
    for (size_t i = 0; i < p->field_count; i++) {
        const struct provider_field *f = &p->fields[i];
        fprintf(out, "    %-20s %s%s%s%s\n", f->name, f->label != NULL ? f->label : "",
                f->required ? " (needed)" : "", f->help != NULL ? ": " : "",
                f->help != NULL ? f->help : "");
    }
}

static int show_all(const struct command_call *call, struct registry *registry, const char *word)
{
    const struct provider_info *only = NULL;
    size_t count = 0;

    if (call->json) {
        command_json(call, documents(registry, word, &count));
        return count > 0 ? STATUS_RIGHT : STATUS_FAILED;
    }
    for (const char *id = registry_next_provider(registry, NULL); id != NULL;
         id = registry_next_provider(registry, id)) {
        const struct provider *p = registry_about(registry, id);
        const struct provider_info *info = p != NULL ? provider_info(p) : NULL;
        if (info == NULL || !matches(info, word))
            continue;
        count++;
        only = info;
        if (word != NULL && text_equal(info->id, word)) {
            count = 1;
            break;
        }
    }
    if (count == 1) {
        show_one(only, call->out);
        return STATUS_RIGHT;
    }
    for (const char *id = registry_next_provider(registry, NULL); id != NULL && count > 0;
         id = registry_next_provider(registry, id)) {
        const struct provider *p = registry_about(registry, id);
        const struct provider_info *info = p != NULL ? provider_info(p) : NULL;
        if (info != NULL && matches(info, word))
            fprintf(call->out, "%-20s %s%s%s%s\n", info->id, info->name,
                    text_equal(info->status, "alive") ? "" : " (",
                    text_equal(info->status, "alive") ? "" : info->status,
                    text_equal(info->status, "alive") ? "" : ")");
    }
    if (count == 0)
        fprintf(call->err,
                "homing providers: none has \"%s\" in its name. A server that speaks dyndns2 needs "
                "no provider file: protocol=dyndns2, server=...\n",
                word);
    return count > 0 ? STATUS_RIGHT : STATUS_FAILED;
}

/* The starter with this id, also as the name. */
static void add_starter(const char *id, struct buf *out)
{
    static const char *const holes[] = {"\"id\": \"example\"", "\"name\": \"Example DNS\""};
    const char *rest = builtin_starter;

    for (size_t i = 0; i < sizeof holes / sizeof holes[0]; i++) {
        const char *hole = strstr(rest, holes[i]), *colon = strchr(holes[i], ':');
        buf_add(out, rest, (size_t)(hole - rest));
        buf_format(out, "%.*s: \"%s\"", (int)(colon - holes[i]), holes[i], id);
        rest = hole + strlen(holes[i]);
    }
    buf_text(out, rest);
}

static int write_new(const struct command_call *call, const struct places *places, const char *id)
{
    char *path = mem_format("%s/%s.json", places->providers, id);
    int status = STATUS_FAILED;

    for (const char *s = id; *s != '\0'; s++)
        if ((*s < 'a' || *s > 'z') && !text_is_digit(*s) && *s != '-') {
            mem_free(path);
            return command_usage(call, "an id has lower-case letters, digits and \"-\" only.");
        }
    places_make(places);
    mkdir(places->providers, 0755);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    FILE *file = fd >= 0 ? fdopen(fd, "w") : NULL;
    if (file == NULL) {
        fprintf(call->err, "homing providers: %s can not be made: %s\n", path, strerror(errno));
    } else {
        struct buf text;
        buf_init(&text, 64 * 1024);
        add_starter(id, &text);
        bool good = fwrite(buf_str(&text), 1, text.len, file) == text.len;
        good = fclose(file) == 0 && good;
        buf_free(&text);
        status = good ? STATUS_RIGHT : STATUS_FAILED;
        fprintf(call->out,
                "%s is a beginning: change it, then \"homing providers --test %s\" tells what is "
                "wrong with it, and with a hostname behind it what would be sent.\n",
                path, path);
    }
    mem_free(path);
    return status;
}

static int test_file(const struct command_call *call, const struct places *places, const char *path)
{
    struct buf bytes;
    struct cause cause;
    struct provider *p = NULL;

    buf_init(&bytes, 1 << 20);
    enum err e = load_file(path, &bytes, &cause);
    if (e == OK)
        e = provider_parse(buf_str(&bytes), bytes.len, path, &p, &cause);
    buf_free(&bytes);
    if (e != OK) {
        fprintf(call->err, "homing providers: %s: %s\n", path, cause.text);
        return STATUS_CONF;
    }
    if (call->count > 0)
        return provider_trial(call, places, p);
    if (command_given(call, "send"))
        e = ERR_SYNTAX;
    else
        show_one(provider_info(p), call->out);
    provider_free(p);
    return e == OK ? STATUS_RIGHT : command_usage(call, "--send wants a hostname to try it with.");
}

static int run(const struct command_call *call)
{
    struct places places;
    struct loaded loaded;
    int status;

    command_places(call, &places);
    loaded_init(&loaded);
    if (!command_given(call, "test") &&
        (call->count > 1 || command_given(call, "send") || command_given(call, "offline"))) {
        status = command_usage(call, "only --test takes a hostname with settings.");
    } else if (command_given(call, "new")) {
        status = write_new(call, &places, command_value(call, "new"));
    } else if (command_given(call, "test")) {
        status = test_file(call, &places, command_value(call, "test"));
    } else {
        load_providers(&loaded, places.providers);
        status = show_all(call, loaded.registry, call->count > 0 ? call->words[0] : NULL);
    }
    loaded_free(&loaded);
    places_free(&places);
    return status;
}

static const struct command_option options[] = {
    {"new", "ID", "begin a provider file of your own in providers.d"},
    {"test", "FILE", "check a provider file; with a hostname, show what would be sent for it"},
    {"send", NULL, "with --test: carry it out once and show each step"},
    {"offline", NULL, "with --test: send nothing at all, not even what only reads"},
    {NULL, NULL, NULL}};

const struct command command_providers = {
    .name = "providers",
    .summary = "Show the providers, and what each wants to know",
    .arguments = "[WORD] | --test FILE [HOST [name=value ...]]",
    .help = "With a word: those that have it in their name or domain; of a single one, all its "
            "fields. --test FILE tells the first fault of a provider file. With a hostname it is a "
            "dry run: what reads is sent, what would write is shown, secrets as dots. ipv4=ADDRESS "
            "and ipv6=ADDRESS tell what to publish; else it is what this machine has now. Secrets "
            "are asked for, or read as lines of the standard input in the order of the file's "
            "fields, or come by password_file=PATH or password_env=NAME: they never stand on the "
            "command line.",
    .options = options,
    .most = COMMAND_ANY,
    .json = true,
    .configured = true,
    .statuses = 1u << STATUS_RIGHT | 1u << STATUS_FAILED | 1u << STATUS_USAGE | 1u << STATUS_CONF |
                1u << STATUS_ADDRESS,
    .run = run,
};
