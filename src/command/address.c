/*
 * SPDX-License-Identifier: ISC
 */
#include "command/ask.h"
#include "command/show.h"

#include "base/mem.h"
#include "base/text.h"

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

static void show_candidate(const json_t *c, FILE *out)
{
    const char *why = show_text(c, "why"), *interface = show_text(c, "interface");
    const char *from = show_text(c, "from");

    fprintf(out, "%-5s %-30s %s%s%s%s\n", show_text(c, "family"), show_text(c, "address"),
            interface[0] != '\0'          ? "on "
            : text_equal(from, "outside") ? "seen from "
                                          : "told by ",
            interface[0] != '\0' ? interface : from, why[0] != '\0' ? ": not taken, " : "", why);
}

static void show_sentence(const json_t *message, FILE *out)
{
    const char *text = show_message(message);

    if (text[0] != '\0')
        fprintf(out, "%s\n", text);
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
    const json_t *candidates = json_object_get(doc, "candidates");
    if (call->json) {
        command_json(call, doc);
        return status;
    }
    show_sentence(json_object_get(doc, "place"), call->out);
    show_sentence(json_object_get(doc, "detail"), call->out);
    json_array_foreach(json_object_get(doc, "sources"), i, source) show_source(source, call->out);
    if (json_array_size(candidates) > 0)
        fprintf(call->out, "Candidates:\n");
    json_array_foreach(candidates, i, source) show_candidate(source, call->out);
    json_decref(doc);
    return status;
}

static void show_outside(const json_t *outside, FILE *out)
{
    const json_t *hosts = json_object_get(outside, "hosts"), *host;
    size_t i;

    if (json_is_false(json_object_get(outside, "allowed"))) {
        fputs("\nNo outside host is asked (outside=no), but your providers and what verify-server= "
              "names.\n",
              out);
        return;
    }
    fputs("\nOutside hosts that may be asked (outside=no in homing.conf: none of them):\n", out);
    json_array_foreach(hosts, i, host)
    {
        const char *operator= json_string_value(json_object_get(host, "operator"));
        fprintf(out, "%-5s %-34s %s, for %s\n", show_text(host, "family"), show_text(host, "host"),
                operator!= NULL ? operator: "named in homing.conf", show_text(host, "source"));
    }
    fputs("DNS   the name servers of your hostnames' zones, and of the domains above them: whether "
          "they say what was published (verify=)\n",
          out);
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
    show_outside(json_object_get(doc, "outside"), call->out);
    json_decref(doc);
    return status;
}

const struct command command_address = {
    .name = "address",
    .summary = "Show this place's addresses, and which source tells them",
    .arguments = "",
    .help =
        "What this place is and what that means for being reached from outside; then the sources "
        "that hostnames use, with what each says, since when, and its errors; then the addresses "
        "of this machine and those that its router and others tell, each with the reason why it "
        "is not taken.",
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
    .help = "Each way with its name for usev4= and usev6=, and what it says at present; then the "
            "outside hosts that homing may ask.",
    .json = true,
    .configured = true,
    .statuses = 1u << STATUS_RIGHT | 1u << STATUS_FAILED | 1u << STATUS_USAGE | 1u << STATUS_CONF,
    .run = run_sources,
};
