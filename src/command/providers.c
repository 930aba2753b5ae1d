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
        const struct provider *p = id != NULL ? registry_provider(registry, id) : NULL;
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
        const struct provider *p = registry_provider(registry, id);
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
        const struct provider *p = registry_provider(registry, id);
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

/* The smallest file that is whole, to be filled in. */
static const char model[] =
    "{\n"
    "  \"format\": 1, \"id\": \"%s\", \"name\": \"%s\",\n"
    "  \"website\": \"https://www.example.net\", \"docs\": \"https://www.example.net/api\",\n"
    "  \"status\": \"alive\", \"evidence\": \"documented\", \"checked\": \"2026-01-01\",\n"
    "  \"help\": \"Where to find what the fields want.\",\n"
    "  \"fields\": {\"password\": {\"label\": \"Token\", \"secret\": true, \"required\": true}},\n"
    "  \"base\": \"https://api.example.net\", \"server\": \"fixed\",\n"
    "  \"slots\": {\n"
    "    \"update\": {\n"
    "      \"path\": \"/update\", \"reply\": \"text\",\n"
    "      \"query\": {\"hostname\": \"{fqdn}\", \"myip\": \"{ip}\"},\n"
    "      \"headers\": {\"Authorization\": \"Bearer {password}\"},\n"
    "      \"errors\": [{\"when\": {\"text\": \"^badauth\"}, \"is\": \"auth\"}],\n"
    "      \"ok\": {\"text\": \"^(good|nochg)\"}\n"
    "    }\n"
    "  }\n"
    "}\n";

static int write_new(const struct command_call *call, const struct places *places, const char *id)
{
    char *path = mem_format("%s/%s.json", places->providers, id);
    int status = STATUS_FAILED;

    for (const char *s = id; *s != '\0'; s++)
        if (!text_is_alpha(*s) && !text_is_digit(*s) && *s != '-') {
            mem_free(path);
            return command_usage(call, "an id has letters, digits and \"-\" only.");
        }
    mkdir(places->providers, 0755);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    FILE *file = fd >= 0 ? fdopen(fd, "w") : NULL;
    if (file == NULL) {
        fprintf(call->err, "homing providers: %s can not be made: %s\n", path, strerror(errno));
    } else {
        struct buf text;
        buf_init(&text, 64 * 1024);
        for (const char *s = model; *s != '\0'; s++) {
            if (s[0] == '%' && s[1] == 's') {
                buf_text(&text, id);
                s++;
            } else {
                buf_char(&text, *s);
            }
        }
        bool good = fwrite(buf_str(&text), 1, text.len, file) == text.len;
        good = fclose(file) == 0 && good;
        buf_free(&text);
        status = good ? STATUS_RIGHT : STATUS_FAILED;
        fprintf(call->out,
                "%s is a beginning: change it, then \"homing providers --test %s\" tells what is "
                "wrong with it.\n",
                path, path);
    }
    mem_free(path);
    return status;
}

static int test_file(const struct command_call *call, const char *path)
{
    struct buf bytes;
    struct cause cause;
    struct provider *p = NULL;

    buf_init(&bytes, 1 << 20);
    enum err e = load_file(path, &bytes, &cause);
    if (e == OK)
        e = provider_parse(buf_str(&bytes), bytes.len, path, &p, &cause);
    if (e == OK)
        show_one(provider_info(p), call->out);
    else
        fprintf(call->err, "homing providers: %s: %s\n", path, cause.text);
    provider_free(p);
    buf_free(&bytes);
    return e == OK ? STATUS_RIGHT : STATUS_CONF;
}

static int run(const struct command_call *call)
{
    struct places places;
    struct loaded loaded;
    int status;

    command_places(call, &places);
    loaded_init(&loaded);
    if (command_given(call, "new")) {
        status = write_new(call, &places, command_value(call, "new"));
    } else if (command_given(call, "test")) {
        status = test_file(call, command_value(call, "test"));
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
    {"test", "FILE", "check a provider file"},
    {NULL, NULL, NULL}};

const struct command command_providers = {
    .name = "providers",
    .summary = "Show the providers, and what each wants to know",
    .arguments = "[WORD]",
    .help = "With a word: those that have it in their name or domain; of a single one, all its "
            "fields.",
    .options = options,
    .most = 1,
    .json = true,
    .configured = true,
    .statuses = 1u << STATUS_RIGHT | 1u << STATUS_FAILED | 1u << STATUS_USAGE | 1u << STATUS_CONF,
    .run = run,
};
