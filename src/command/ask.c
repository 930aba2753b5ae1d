/*
 * SPDX-License-Identifier: ISC
 */
#include "command/ask.h"

#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "command/client.h"
#include "command/offline.h"

static int status_of(enum err e)
{
    return e == ERR_SYNTAX || e == ERR_RANGE ? STATUS_USAGE : STATUS_FAILED;
}

static int tell(const struct command_call *call, enum err e, const struct cause *cause)
{
    fprintf(call->err, "homing %s: %s\n", call->command->name, cause->text);
    return status_of(e);
}

static int reach(const struct command_call *call, const char *method, const char *target,
                 const json_t *body, json_t **doc, bool *reached)
{
    struct places places;
    struct cause cause = {""};
    int status = STATUS_RIGHT;

    command_places(call, &places);
    *reached = false;
    *doc = NULL;
    if (!text_equal(places.socket, "no")) {
        enum err e = client_call(places.socket, method, target, body, doc, reached, &cause);
        if (e == ERR_DENIED && !*reached)
            *reached = true; /* it is there, and not for us */
        if (e != OK && *reached)
            status = tell(call, e, &cause);
    }
    places_free(&places);
    return status;
}

int ask(const struct command_call *call, const char *method, const char *target, const json_t *body,
        json_t **doc)
{
    struct places places;
    struct cause cause;
    bool reached;

    int status = reach(call, method, target, body, doc, &reached);
    if (reached)
        return status;
    static bool told; /* once a command, however many documents it reads */
    if (!told && !call->json && !text_starts(target, "/addresses") &&
        !text_starts(target, "/sources"))
        fputs("No service runs here; this is what homing remembers.\n", call->err);
    told = true;
    command_places(call, &places);
    enum err e = offline_document(&places, target, doc, &cause);
    if (e != OK)
        status = e == ERR_SYNTAX ? STATUS_CONF : STATUS_FAILED;
    if (e != OK)
        fprintf(call->err, "homing %s: %s\n", call->command->name, cause.text);
    places_free(&places);
    return status;
}

int ask_service(const struct command_call *call, const char *method, const char *target,
                const json_t *body, json_t **doc)
{
    struct places places;
    bool reached;

    int status = reach(call, method, target, body, doc, &reached);
    if (reached)
        return status;
    command_places(call, &places);
    fprintf(call->err,
            "homing %s: no service runs here (nobody listens at %s). Start it with \"homing run\", "
            "or use \"homing once\".\n",
            call->command->name, places.socket);
    places_free(&places);
    return STATUS_FAILED;
}

char *ask_target(const char *format, const char *id)
{
    const char *mark = strstr(format, "%s");
    char *escaped = client_escape(id);
    char *target = mem_format("%.*s%s%s", (int)(mark - format), format, escaped, mark + 2);

    mem_free(escaped);
    return target;
}

static const char *text_of(const json_t *host, const char *name)
{
    const char *value = json_string_value(json_object_get(host, name));
    return value != NULL ? value : "";
}

/* "HOST", "HOST@PROVIDER" or the whole identity. */
static bool is_meant(const json_t *host, const char *written)
{
    const json_t *provider = json_object_get(host, "provider");
    const char *name = text_of(host, "hostname");
    size_t n = strlen(name);

    if (text_equal(text_of(host, "id"), written) || text_case_equal(name, written) ||
        text_equal(text_of(host, "unicode"), written))
        return true;
    if (strncasecmp(written, name, n) != 0 || written[n] != '@')
        return false;
    return text_equal(text_of(provider, "id"), written + n + 1) ||
           text_equal(text_of(provider, "protocol"), written + n + 1);
}

static int choose(const struct command_call *call, const json_t *items, const char *written,
                  char **id)
{
    size_t count = 0, i;
    const json_t *host, *found = NULL;

    json_array_foreach(items, i, host)
    {
        if (is_meant(host, written)) {
            found = host;
            count++;
        }
    }
    if (count == 1) {
        *id = mem_text(text_of(found, "id"));
        return STATUS_RIGHT;
    }
    if (count == 0) {
        fprintf(call->err,
                "homing %s: there is no hostname %s in the configuration. \"homing list\" shows "
                "all.\n",
                call->command->name, written);
        return STATUS_FAILED;
    }
    fprintf(call->err, "homing %s: %s is kept at %zu places; write which one:\n",
            call->command->name, written, count);
    json_array_foreach(items, i, host)
    {
        if (is_meant(host, written))
            fprintf(call->err, "    %s\n", text_of(host, "id"));
    }
    return STATUS_USAGE;
}

int ask_entry(const struct command_call *call, const char *written, char **id)
{
    char *host = mem_text_n(written, strcspn(written, "@"));
    char *target = ask_target("/hostnames?limit=1000&search=%s", host);
    json_t *doc;

    int status = ask(call, "GET", target, NULL, &doc);
    if (status == STATUS_RIGHT) {
        status = choose(call, json_object_get(doc, "items"), written, id);
        json_decref(doc);
    }
    mem_free(target);
    mem_free(host);
    return status;
}
