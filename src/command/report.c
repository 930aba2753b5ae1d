/*
 * SPDX-License-Identifier: ISC
 */
#include "command/ask.h"

#include "net/curl.h"
#include <openssl/crypto.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <uv.h>

#include "base/mem.h"
#include "base/text.h"
#include "command/load.h"
#include "conf/settings.h"

/* "homing report": what somebody who helps needs to know, without secrets. */

static void show_program(const struct command_call *call)
{
    struct utsname system;

    fprintf(call->out, "homing %s\n", HOMING_VERSION);
    if (uname(&system) == 0)
        fprintf(call->out, "system: %s %s %s\n", system.sysname, system.release, system.machine);
    fprintf(call->out, "libraries: %s; %s; SQLite %s; libuv %s; jansson %s\n", curl_version(),
            OpenSSL_version(OPENSSL_VERSION), sqlite3_libversion(), uv_version_string(),
            jansson_version_str());
}

/* The file the system calls itself by (os-release(5)). */
static void show_distribution(const struct command_call *call)
{
    struct buf text;

    buf_init(&text, 64 * 1024);
    if (load_file("/etc/os-release", &text, NULL) == OK) {
        for (const char *s = buf_str(&text); s != NULL && *s != '\0';) {
            const char *end = strchrnul(s, '\n');
            if (text_starts(s, "PRETTY_NAME="))
                fprintf(call->out, "distribution: %.*s\n", (int)(end - s - 12), s + 12);
            s = *end != '\0' ? end + 1 : end;
        }
    }
    buf_free(&text);
}

static void show_setting(const struct command_call *call, const struct view *v, const char *name)
{
    const char *value = view_get(v, name);

    if (value == NULL)
        return;
    /* A command or URL of one's own may hold a password, too. */
    const struct setting *row = setting_find(name);
    bool hide = view_secret(v, name) || text_has_login(value) ||
                (row != NULL && (row->class == SETTING_SECRET || row->class == SETTING_RUNS));
    fprintf(call->out, " %s=%s", name, hide || strchr(value, '?') != NULL ? "..." : value);
}

static void show_entry(const struct command_call *call, struct loaded *l,
                       const struct conf_entry *e)
{
    struct view v = conf_entry_view(e);
    const struct provider *p = load_provider_of(l->registry, e);
    bool own;

    fprintf(call->out, "  %s%s:", conf_entry_id(e), conf_entry_parked(e) ? " (parked)" : "");
    for (const struct setting *s = setting_next(NULL); s != NULL; s = setting_next(s))
        if ((s->flags & SETTING_META) == 0 && conf_entry_origin(e, s->name, &own) != 0)
            show_setting(call, &v, s->name);
    for (size_t i = 0; p != NULL && i < provider_info(p)->field_count; i++)
        if (setting_find(provider_info(p)->fields[i].name) == NULL)
            show_setting(call, &v, provider_info(p)->fields[i].name);
    fputc('\n', call->out);
}

static void show_configuration(const struct command_call *call)
{
    struct places places;
    struct loaded l;
    struct buf problems;
    struct cause cause;

    command_places(call, &places);
    const struct conf_options options = {.dialect = CONF_HOMING, .name = places.config};
    fprintf(call->out, "\nconfiguration %s, state %s, socket %s\n", places.config, places.state,
            places.socket);
    loaded_init(&l);
    load_providers(&l, places.providers);
    buf_init(&problems, 16 << 20);
    if (load_conf(&l, places.config, &options, &cause) != OK) {
        fprintf(call->out, "it can not be read: %s\n", cause.text);
    } else {
        for (size_t i = 0; i < conf_problem_count(l.conf); i++)
            conf_problem_show(l.conf, conf_problem_at(l.conf, i), &problems);
        fputs(buf_str(&problems), call->out);
        for (size_t i = 0; i < conf_entry_count(l.conf); i++)
            show_entry(call, &l, conf_entry_at(l.conf, i));
    }
    buf_free(&problems);
    loaded_free(&l);
    places_free(&places);
}

static void show_document(const struct command_call *call, const char *target)
{
    json_t *doc;

    fprintf(call->out, "\n%s\n", target);
    if (ask(call, "GET", target, NULL, &doc) != STATUS_RIGHT)
        return;
    char *text = json_dumps(doc, JSON_INDENT(1));
    fprintf(call->out, "%s\n", text != NULL ? text : "{}");
    free(text);
    json_decref(doc);
}

static int run(const struct command_call *call)
{
    fputs(
        "What somebody who helps needs to know. It holds hostnames and addresses, and no secrets: "
        "look it\nthrough before you send it.\n\n",
        call->out);
    show_program(call);
    show_distribution(call);
    show_configuration(call);
    show_document(call, "/verdict");
    show_document(call, "/hostnames?limit=100");
    show_document(call, "/addresses");
    return STATUS_RIGHT;
}

const struct command command_report = {
    .name = "report",
    .summary = "Print what somebody who helps needs, without secrets",
    .arguments = "",
    .help =
        "Versions, the configuration with dots for secrets and commands, what is wrong with it, "
        "the state of the hostnames and sources. Look it through before you send it.",
    .configured = true,
    .statuses = 1u << STATUS_RIGHT | 1u << STATUS_USAGE,
    .run = run,
};
