/*
 * SPDX-License-Identifier: ISC
 */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/pattern.h"
#include "conf/runner.h"
#include "sense/extract.h"
#include "sense/inside.h"

/*
 * The address that a command prints. This room only names the entry and its setting; who runs it
 * reads the command itself from the configuration (conf/runner.h).
 */

/* A command under way: outlives a source that is closed, since a run cannot be called back. */
struct run {
    struct source *source; /* NULL: nobody waits any more */
};

struct running {
    struct run *run;
};

static bool take(struct source *s, const struct runner_result *result, struct addr *out)
{
    enum extract_reading reading = s->real->options.ddclient ? EXTRACT_DDCLIENT : EXTRACT_STRICT;
    struct pattern *skip = extract_pattern(s->spec.skip, NULL);
    size_t from = extract_skip(result->output, result->output_len, skip);
    bool found = false;

    pattern_free(skip);
    for (enum family f = V4; f < FAMILIES && !found; f++)
        if (s->spec.families & FAMILY_BIT(f))
            found =
                extract_address(result->output + from, result->output_len - from, f, reading, out);
    return found;
}

static bool is_zero(const struct addr *a)
{
    static const uint8_t zero[16];

    return memcmp(a->bytes, zero, sizeof zero) == 0;
}

static bool say_result(struct source *s, const struct runner_result *result)
{
    char words[200] = "";
    struct addr a;

    if (result->error != OK)
        snprintf(words, sizeof words, "%s", result->why != NULL ? result->why : "it was not run");
    else if (result->exit_status != 0)
        snprintf(words, sizeof words, "the command ended with status %d", result->exit_status);
    else if (!take(s, result, &a))
        snprintf(words, sizeof words, "the command printed no address");
    else if (is_zero(&a)) /* many devices say so while they reconnect: unknown, not none */
        snprintf(words, sizeof words, "the command printed %s, %s",
                 a.family == V4 ? "0.0.0.0" : "::", addr_kind_name(ADDR_UNSPECIFIED));
    if (words[0] != '\0')
        source_unknown_all(s, words);
    else
        source_known(s, &a, NULL);
    return words[0] == '\0';
}

static void on_result(void *arg, const struct runner_result *result)
{
    struct run *run = arg;
    struct source *s = run->source;

    mem_free(run);
    if (s == NULL)
        return;
    ((struct running *)s->data)->run = NULL;
    bool well = say_result(s, result);
    source_answered(s, well);
}

static void ask_command(struct source *s)
{
    struct runner *runner = s->real->options.runner;
    if (runner == NULL) {
        source_unknown_all(s, "commands are not run here");
        source_answered(s, false);
        return;
    }
    struct run *run = mem_alloc(sizeof *run);
    run->source = s;
    ((struct running *)s->data)->run = run;
    const struct runner_ask ask = {
        .entry = s->spec.entry, .setting = s->spec.setting, .limit = s->spec.timeout};
    runner->ops->run(runner, &ask, on_result, run);
}

static void close_command(struct source *s)
{
    struct running *r = s->data;

    if (r->run != NULL)
        r->run->source = NULL;
}

const struct source_kind source_command = {.name = "command",
                                           .polls = true,
                                           .size = sizeof(struct running),
                                           .ask = ask_command,
                                           .close = close_command};
