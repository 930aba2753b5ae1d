/*
 * SPDX-License-Identifier: ISC
 */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <uv.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "command/ask.h"
#include "command/client.h"
#include "command/show.h"
#include "state/folder.h"
#include "web/access.h"

/* ---- without a service: the file itself ---- */

/* The document that the API would answer with. */
typedef enum err file_fn(const struct command_call *call, struct access *a, json_t **doc,
                         struct cause *c);

static json_t *device_doc(const struct device *d)
{
    json_t *hosts = json_array();

    for (size_t i = 0; i < d->host_count; i++)
        json_array_append_new(hosts, json_string(d->hosts[i]));
    return json_pack("{s:s,s:I,s:o,s:[],s:[]}", "name", d->name, "created_at",
                     (json_int_t)d->created, "may_name", hosts, "addresses", "hostnames");
}

static enum err file_list(const struct command_call *call, struct access *a, json_t **doc,
                          struct cause *c)
{
    json_t *items = json_array();
    const struct device *d;
    size_t at = 0;

    while ((d = access_device_next(a, &at)) != NULL)
        json_array_append_new(items, device_doc(d));
    *doc = json_pack("{s:o,s:n}", "items", items, "listen");
    return OK;
}

static enum err file_add(const struct command_call *call, struct access *a, json_t **doc,
                         struct cause *c)
{
    char password[ACCESS_SECRET_MAX];
    const char *const *hosts = (const char *const *)call->words + 2;

    enum err e = access_device_add(a, call->words[1], hosts, call->count - 2, password, c);
    if (e == OK)
        *doc = json_pack("{s:s,s:s}", "name", call->words[1], "password", password);
    mem_wipe(password, sizeof password);
    return e;
}

static enum err no_device(const struct command_call *call, struct cause *c)
{
    return cause_set(c, ERR_NOT_FOUND,
                     "There is no device of the name %s. \"homing devices\" shows all.",
                     call->words[1]);
}

static enum err file_password(const struct command_call *call, struct access *a, json_t **doc,
                              struct cause *c)
{
    char password[ACCESS_SECRET_MAX];

    if (access_device_renew(a, call->words[1], password) != OK)
        return no_device(call, c);
    *doc = json_pack("{s:s,s:s}", "name", call->words[1], "password", password);
    mem_wipe(password, sizeof password);
    return OK;
}

static enum err file_remove(const struct command_call *call, struct access *a, json_t **doc,
                            struct cause *c)
{
    if (access_device_remove(a, call->words[1]) != OK)
        return no_device(call, c);
    *doc = json_object();
    return OK;
}

/* The service must be able to read it: its folder's owner owns the file too. */
static void give_to_folder_owner(const struct places *p)
{
    struct stat folder;

    if (geteuid() == 0 && stat(p->state, &folder) == 0 &&
        chown(p->access, folder.st_uid, folder.st_gid) != 0)
        log_warning(NULL, "%s could not be given to the owner of its folder.", p->access);
}

static enum err use_file(const struct command_call *call, const struct places *p, file_fn *fn,
                         json_t **doc, struct cause *c)
{
    uv_loop_t loop;
    enum err e = fn != file_list ? folder_make(p->state, c) : OK; /* nothing may have run yet */

    if (e != OK)
        return e;
    e = ERR_IO;
    uv_loop_init(&loop);
    struct access *a = access_new(&loop, p->access, c);
    if (a != NULL) {
        e = fn(call, a, doc, c);
        uv_run(&loop, UV_RUN_DEFAULT); /* until it is written */
        access_free(a);
    }
    uv_loop_close(&loop);
    if (e == OK && fn != file_list) {
        if (access(p->access, F_OK) != 0)
            return cause_set(c, ERR_IO, "%s could not be written.", p->access);
        give_to_folder_owner(p);
    }
    return e;
}

/* ---- showing ---- */

static void show_lines(const struct command_call *call, const json_t *device)
{
    const json_t *item;
    char time[SHOW_TIME_MAX], again[SHOW_TIME_MAX];
    size_t i;

    fprintf(call->out, "%s\n", show_text(device, "name"));
    json_array_foreach(json_object_get(device, "addresses"), i, item)
    {
        const json_t *refused = json_object_get(item, "refused");
        if (show_text(item, "address")[0] != '\0')
            fprintf(call->out, "    %s  since %s, last told %s\n", show_text(item, "address"),
                    show_time(json_object_get(item, "since"), time),
                    show_time(json_object_get(item, "told"), again));
        if (json_is_object(refused))
            fprintf(call->out, "    %s was told %s and not taken: it is %s\n",
                    show_text(refused, "address"), show_time(json_object_get(refused, "at"), time),
                    show_text(refused, "kind"));
    }
    if (i == 0)
        fprintf(call->out, "    has told nothing yet\n");
    json_array_foreach(json_object_get(device, "hostnames"), i, item)
        fprintf(call->out, "    %s %s\n", i == 0 ? "keeps" : "     ", json_string_value(item));
    json_array_foreach(json_object_get(device, "may_name"), i, item) fprintf(
        call->out, "    %s %s\n", i == 0 ? "may name" : "        ", json_string_value(item));
}

static void show_devices(const struct command_call *call, const json_t *doc)
{
    const json_t *device;
    size_t i;

    json_array_foreach(json_object_get(doc, "items"), i, device) show_lines(call, device);
    if (i == 0)
        fprintf(call->err,
                "No device may push its address yet: see \"homing devices add NAME\".\n");
}

static void show_password(const struct command_call *call, const json_t *doc)
{
    fprintf(call->out, "name      %s\npassword  %s\n", show_text(doc, "name"),
            show_text(doc, "password"));
    fprintf(call->err,
            "The password is shown this once. Take the address with usev4=pushed, pushed=%s; what "
            "a router is told stands in homing.conf(5), \"Pushed by a router\".\n",
            show_text(doc, "name"));
}

static void show_removed(const struct command_call *call, const json_t *doc)
{
    (void)doc;
    fprintf(call->out, "%s may not push its address any more.\n", call->words[1]);
}

/* ---- the words ---- */

static const struct action {
    const char *word, *method, *target; /* %s: the device */
    size_t least, most;                 /* words, with this one */
    bool body;
    file_fn *file;
    void (*show)(const struct command_call *call, const json_t *doc);
} actions[] = {
    {"list", "GET", "/devices", 1, 1, false, file_list, show_devices},
    {"add", "POST", "/devices", 2, DEVICE_HOSTS_MOST, true, file_add, show_password},
    {"password", "POST", "/devices/%s/password", 2, 2, false, file_password, show_password},
    {"remove", "DELETE", "/devices/%s", 2, 2, false, file_remove, show_removed},
};

static json_t *body_of(const struct command_call *call)
{
    json_t *hosts = json_array();

    for (size_t i = 2; i < call->count; i++)
        json_array_append_new(hosts, json_string(call->words[i]));
    return json_pack("{s:s,s:o}", "name", call->words[1], "hosts", hosts);
}

static int act(const struct command_call *call, const struct action *a)
{
    char *target = strstr(a->target, "%s") != NULL ? ask_target(a->target, call->words[1])
                                                   : mem_text(a->target);
    json_t *body = a->body ? body_of(call) : NULL, *doc = NULL;
    struct places places;
    struct cause c = {""};
    bool reached = false;

    command_places(call, &places);
    enum err e = ERR_NOT_FOUND;
    if (!text_equal(places.socket, "no"))
        e = client_call(places.socket, a->method, target, body, &doc, &reached, &c);
    if (!reached && e != ERR_DENIED) /* else it is there, and not for us */
        e = use_file(call, &places, a->file, &doc, &c);
    else if (reached && e == ERR_NOT_FOUND)
        no_device(call, &c);
    if (e != OK)
        fprintf(call->err, "homing devices: %s\n", c.text);
    else if (call->json)
        command_json(call, json_incref(doc));
    else
        a->show(call, doc);
    places_free(&places);
    mem_free(target);
    json_decref(body);
    json_decref(doc);
    return e == OK ? STATUS_RIGHT : STATUS_FAILED;
}

static int run(const struct command_call *call)
{
    const char *word = call->count > 0 ? call->words[0] : "list";

    for (size_t i = 0; i < sizeof actions / sizeof actions[0]; i++) {
        const struct action *a = &actions[i];
        size_t count = call->count > 0 ? call->count : 1;
        if (!text_equal(a->word, word))
            continue;
        if (count < a->least || count > a->most)
            return command_usage(call,
                                 a->most > 2    ? "%s takes a name, and hostnames"
                                 : a->most == 2 ? "%s takes a name"
                                                : "%s takes nothing more",
                                 word);
        return act(call, a);
    }
    return command_usage(call, "%s is none of list, add, password and remove", word);
}

const struct command command_devices = {
    .name = "devices",
    .summary = "Show which devices may push their address, or change that",
    .arguments = "[list | add NAME [HOST...] | password NAME | remove NAME]",
    .help =
        "Routers and other devices tell their address to listen-push= with a name and a password "
        "of their own. \"add\" makes them; the password is shown this once, and kept as a hash. "
        "With "
        "hostnames the device may name these in a push; without, those that take their address "
        "from it. \"password\" gives it another one. \"remove\" ends it and forgets what it told; "
        "what is published stays.",
    .most = DEVICE_HOSTS_MOST,
    .json = true,
    .configured = true,
    .statuses = 1u << STATUS_RIGHT | 1u << STATUS_FAILED | 1u << STATUS_USAGE,
    .run = run,
};
