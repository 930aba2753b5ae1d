/*
 * SPDX-License-Identifier: ISC
 */
#include "command/ask.h"
#include "command/show.h"

#include "base/mem.h"
#include "base/text.h"
#include "sense/real.h"

/* "homing address" and "homing sources": what this place is called by, and who says so. */

static void show_source(const json_t *source, FILE *out)
{
    char *set = show_set(json_object_get(source, "addresses"));
    const char *state = show_text(source, "state"), *error = show_text(source, "error");
    char since[SHOW_TIME_MAX];

    fprintf(out, "%-5s %-30s %s", show_text(source, "family"), show_text(source, "name"),
            text_equal(state, "known") ? set : state);
    if (text_equal(state, "known") && json_is_number(json_object_get(source, "since")))
        fprintf(out, ", since %s", show_time(json_object_get(source, "since"), since));
    fputc('\n', out);
    if (error[0] != '\0')
        fprintf(out, "      %s\n", error);
    mem_free(set);
}

static void show_choice(const json_t *choice, FILE *out)
{
    const json_t *value = json_object_get(choice, "addresses");
    const char *note = show_text(choice, "note"), *name;
    char *set = show_set(value);
    json_t *setting;

    fprintf(out, "%-5s %-28s", show_text(choice, "family"), show_text(choice, "name"));
    json_object_foreach(json_object_get(choice, "settings"), name, setting)
        fprintf(out, " %s=%s", name, json_string_value(setting) ? json_string_value(setting) : "");
    if (json_array_size(value) > 0)
        fprintf(out, "  now %s", set);
    fputc('\n', out);
    if (note[0] != '\0')
        fprintf(out, "      %s\n", note);
    mem_free(set);
}

/* Every address of this machine, with why the default interface would not have it published. */
static void add_candidate(void *arg, const struct sense_candidate *c)
{
    char text[ADDR_TEXT_MAX];

    if (addr_kind(&c->addr) == ADDR_LOOPBACK)
        return;
    json_array_append_new(arg, json_pack("{s:s,s:s,s:s,s:i,s:b,s:s}", "family",
                                         family_name((enum family)c->addr.family), "interface",
                                         c->interface, "address", addr_text(&c->addr, text),
                                         "length", (int)c->length, "taken", c->taken, "why",
                                         c->why != NULL ? c->why : ""));
}

static void show_candidate(const json_t *c, FILE *out)
{
    const char *why = show_text(c, "why");

    fprintf(out, "%-5s %-30s on %s%s%s\n", show_text(c, "family"), show_text(c, "address"),
            show_text(c, "interface"), why[0] != '\0' ? ": not taken, " : "", why);
}

static int run_address(const struct command_call *call)
{
    json_t *doc;
    int status = ask(call, "GET", "/addresses", NULL, &doc);
    size_t i, known = 0;
    const json_t *source;

    if (status != STATUS_RIGHT)
        return status;
    json_array_foreach(json_object_get(doc, "sources"), i, source) known +=
        text_equal(show_text(source, "state"), "known");
    status = known > 0 ? STATUS_RIGHT : STATUS_ADDRESS;
    json_t *candidates = json_array();
    sense_list_machine(add_candidate, candidates);
    json_object_set_new(doc, "candidates", candidates);
    if (call->json) {
        command_json(call, doc);
        return status;
    }
    const char *place = show_message(json_object_get(doc, "place"));
    if (place[0] != '\0')
        fprintf(call->out, "%s\n", place);
    json_array_foreach(json_object_get(doc, "sources"), i, source) show_source(source, call->out);
    if (json_array_size(candidates) > 0)
        fprintf(call->out, "On this machine:\n");
    json_array_foreach(candidates, i, source) show_candidate(source, call->out);
    json_decref(doc);
    return status;
}

static int run_sources(const struct command_call *call)
{
    json_t *doc;
    int status = ask(call, "GET", "/sources", NULL, &doc);
    size_t i;
    const json_t *choice;

    if (status != STATUS_RIGHT)
        return status;
    if (call->json) {
        command_json(call, doc);
        return status;
    }
    const json_t *list = json_object_get(doc, "items");
    json_array_foreach(list, i, choice) show_choice(choice, call->out);
    json_decref(doc);
    return status;
}

const struct command command_address = {
    .name = "address",
    .summary = "Show this place's addresses, and which source tells them",
    .arguments = "",
    .help =
        "The sources that hostnames use, with what each says, since when, and its errors; then the "
        "addresses of this machine, each with the reason why it would not be published.",
    .json = true,
    .configured = true,
    .statuses = 1u << STATUS_RIGHT | 1u << STATUS_FAILED | 1u << STATUS_USAGE | 1u << STATUS_CONF |
                1u << STATUS_ADDRESS,
    .run = run_address,
};

const struct command command_sources = {
    .name = "sources",
    .summary = "Show the ways an address can be learned here",
    .arguments = "",
    .help = "Each way with its name for usev4= and usev6=, and what it says at present.",
    .json = true,
    .configured = true,
    .statuses = 1u << STATUS_RIGHT | 1u << STATUS_FAILED | 1u << STATUS_USAGE | 1u << STATUS_CONF,
    .run = run_sources,
};
