/*
 * SPDX-License-Identifier: ISC
 */
#include "command/trial_settings.h"

#include <string.h>

#include "base/addr.h"
#include "base/mem.h"
#include "base/text.h"
#include "command/hidden.h"
#include "conf/settings.h"

enum { SECRET_ROOM = 16 * 1024 };

static void add(struct trial_settings *t, const char *name, size_t n, const char *value)
{
    if (t->count < TRIAL_SETTINGS_MOST)
        t->list[t->count++] = (struct edit_setting){mem_text_n(name, n), mem_text(value)};
}

void trial_settings_free(struct trial_settings *t)
{
    for (size_t i = 0; i < t->count; i++) {
        mem_free((char *)(uintptr_t)t->list[i].name);
        mem_free_secret((char *)(uintptr_t)t->list[i].value);
    }
}

static bool has(const struct trial_settings *t, const char *name)
{
    for (size_t i = 0; i < t->count; i++)
        if (text_equal(t->list[i].name, name))
            return true;
    return false;
}

static bool is_secret(const struct provider_info *info, const char *name)
{
    const struct setting *row = setting_find(name);

    for (size_t i = 0; i < info->field_count; i++)
        if (text_equal(info->fields[i].name, name))
            return info->fields[i].secret;
    if (text_ends(name, "_file") || text_ends(name, "_env"))
        return false;
    return row != NULL ? row->class == SETTING_SECRET : setting_name_is_secret(name);
}

static int read_words(struct trial_settings *t, const struct command_call *call,
                      const struct provider_info *info)
{
    for (size_t i = 1; i < call->count; i++) {
        const char *word = call->words[i], *equal = strchr(word, '=');
        if (equal == NULL || equal == word)
            return command_usage(call, "settings are written name=value.");
        add(t, word, (size_t)(equal - word), equal + 1);
        const char *name = t->list[t->count - 1].name;
        if (is_secret(info, name))
            return command_usage(call,
                                 "a word on the command line is seen by everybody on this machine. "
                                 "Leave %s= out and you are asked for it; or %s_file=PATH, or "
                                 "%s_env=NAME.",
                                 name, name, name);
    }
    return STATUS_RIGHT;
}

/* Where the secret comes from already: NAME_file= or NAME_env=. */
static bool is_elsewhere(const struct trial_settings *t, const char *name)
{
    char *file = mem_format("%s_file", name), *env = mem_format("%s_env", name);
    bool is = has(t, file) || has(t, env) || has(t, name);

    mem_free(file);
    mem_free(env);
    return is;
}

/* In the order of the file's fields, one line each. */
static void ask_secrets(struct trial_settings *t, const struct provider_info *info, FILE *to)
{
    char *line = mem_alloc(SECRET_ROOM);

    for (size_t i = 0; i < info->field_count; i++) {
        const struct provider_field *f = &info->fields[i];
        if (!f->secret || is_elsewhere(t, f->name))
            continue;
        char *question = mem_format("%s (%s%s):", f->label != NULL ? f->label : f->name, f->name,
                                    f->required ? "" : ", may be empty");
        if (hidden_ask(to, question, line, SECRET_ROOM) && line[0] != '\0')
            add(t, f->name, strlen(f->name), line);
        mem_wipe(line, SECRET_ROOM);
        mem_free(question);
    }
    mem_free(line);
}

/* An address that is given is published; without one, what the machine has now. */
static void add_sources(struct trial_settings *t, const struct provider_info *info)
{
    static const char *const use[FAMILIES] = {"usev4", "usev6"}, *const ip[FAMILIES] = {"ipv4",
                                                                                        "ipv6"};
    bool given = false;

    for (int f = 0; f < FAMILIES; f++)
        given = given || has(t, ip[f]) || has(t, use[f]);
    for (int f = 0; f < FAMILIES; f++) {
        if (has(t, use[f]))
            continue;
        bool wanted = !given && info->family_ok[f] && (f == V4 || !info->one_family);
        add(t, use[f], strlen(use[f]), has(t, ip[f]) ? ip[f] : wanted ? "auto" : "disabled");
    }
}

int trial_settings_read(struct trial_settings *t, const struct command_call *call,
                        const struct provider_info *info)
{
    const char *word = info->compat ? "protocol" : "provider";
    int status = read_words(t, call, info);

    if (status == STATUS_RIGHT) {
        add(t, word, strlen(word), info->id);
        add_sources(t, info);
        ask_secrets(t, info, call->err);
    }
    return status;
}
