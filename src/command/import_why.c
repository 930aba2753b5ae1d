/*
 * SPDX-License-Identifier: ISC
 */
#include "command/import_why.h"

#include <string.h>

#include "base/buf.h"
#include "base/text.h"
#include "engine/messages.h"

/* clang-format off */
static const struct row {
    const char *code;
    const char *format;
    const char *names[IMPORT_ARGS]; /* of its values, in their order */
} rows[] = {
    {"import_no_hostname", "this is no hostname", {NULL}},
    {"import_closed", "%s can not be updated any more%s%s", {"provider"}},
    {"import_unknown", "homing knows no provider \"%s\"", {"provider"}},
    {"import_process", "it belongs to ddclient's process; homing does this by itself", {NULL}},
    {"import_error", "its line has an error", {NULL}},
    {"import_cache", "%s was %s on %s; homing asks the provider or the DNS before it writes",
     {"record", "address", "date"}},
    {"import_parameters", "parameters after \"?\" are not carried over", {NULL}},
    {"import_auto", "%s=auto asks the interface, the router or several services instead",
     {"setting"}},
    {"import_suffix", "use suffix= or another source instead", {NULL}},
    {"import_no_login", "this provider has no login", {NULL}},
    {"import_no_password", "this provider has no password", {NULL}},
    {"import_no_field", "this provider has no such field here", {NULL}},
    {"import_webhook", "see define=notify: in homing.conf(5)", {NULL}},
    {"import_agent", "homing says its own name to servers", {NULL}},
    {"import_no_setting", "homing has no such setting for a hostname", {NULL}},
    {"import_needless", "homing needs no such setting", {NULL}},
    {"import_each", "as %s= of each hostname", {"setting"}},
    {"import_as", "as %s=%s", {"setting", "value"}},
    {"import_no_server", "it names no server", {NULL}},
    {"import_pattern",
     "its request is a pattern of its own; it is taken for dyndns2: compare with \"homing plan\", "
     "or write a provider file (homing providers --new)", {NULL}},
    {"import_incomplete", "it names no hostname, or no provider", {NULL}},
    {"import_other", "this record is of another kind", {NULL}},
    {"import_network",
     "OpenWrt's network \"%s\" is known there only: %s=auto takes the address of the default route",
     {"network", "setting"}},
    {"import_request",
     "it has an update %s of its own: write a provider file for it (homing providers --new)",
     {"kind"}},
    {"import_odd", "this line is not understood", {NULL}},
    {"import_command", "a command is written into homing.conf by hand; all is taken without it",
     {NULL}},
    {"import_stays", "homing.conf says %s, which stays", {"setting"}},
    {"import_no_source",
     "nothing says where its address comes from: choose that in Modify afterwards", {NULL}},
    {"import_there", "it stands in homing.conf already, and stays as it is", {NULL}},
    {"import_file",
     "%s= names a command or a file of this machine, which the page never sets: \"homing import "
     "FILE --write\" there takes it", {"setting"}},
};
/* clang-format on */

static const struct row *find(const char *format)
{
    for (size_t i = 0; format != NULL && i < sizeof rows / sizeof rows[0]; i++)
        if (text_equal(rows[i].format, format) || text_equal(rows[i].code, format))
            return &rows[i];
    return NULL;
}

const char *import_why_code(const char *format)
{
    const struct row *row = find(format);
    return row != NULL ? row->code : NULL;
}

const char *import_why_at(size_t n)
{
    return n < sizeof rows / sizeof rows[0] ? rows[n].code : NULL;
}

json_t *import_why_doc(const struct import_note *n)
{
    const struct row *row = find(n->code);
    json_t *args = json_object();

    if (n->why == NULL) {
        json_decref(args);
        return json_null();
    }
    for (size_t i = 0; row != NULL && i < IMPORT_ARGS && row->names[i] != NULL; i++)
        json_object_set_new(args, row->names[i],
                            message_text(n->args[i] != NULL ? n->args[i] : ""));
    return json_pack("{s:s,s:o,s:o}", "code", row != NULL ? row->code : "import_said", "args", args,
                     "text", message_text(n->why));
}

json_t *import_why_new(const char *format, const char *value)
{
    struct buf text;
    const char *hole = strstr(format, "%s");
    struct import_note note = {.code = import_why_code(format)};

    buf_init(&text, 2 * CAUSE_MAX);
    if (hole != NULL && value != NULL) {
        buf_add(&text, format, (size_t)(hole - format));
        buf_text(&text, value);
        buf_text(&text, hole + 2);
    } else {
        buf_text(&text, format);
    }
    note.args[0] = (char *)(uintptr_t)value;
    note.why = (char *)(uintptr_t)buf_str(&text);
    json_t *doc = import_why_doc(&note);
    buf_free(&text);
    return doc;
}
