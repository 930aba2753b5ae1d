/*
 * SPDX-License-Identifier: ISC
 */
#include "conf_walk.h"

/*
 * The reader. Beyond not crashing: every hostname has an identity and can be found by it, and no
 * message holds the canary that stands in secrets.
 */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { OPTIONS = 16 };

/* The words of the text's first line, as a shell would pass them. */
static void options_of(char *line, const char *options[OPTIONS + 1])
{
    char *rest;
    size_t n = 0;

    line[strcspn(line, "\n")] = '\0';
    for (char *word = strtok_r(line, " ", &rest); word != NULL && n < OPTIONS;
         word = strtok_r(NULL, " ", &rest))
        options[n++] = word;
    options[n] = NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1 || size > 16384)
        return 0;
    const char *text = (const char *)data + 1;
    struct conf_options o = walk_options(data[0]);
    /* The text without NUL as the command line's. */
    char *line = mem_text_n(text, size - 1);
    bool canary = strstr(line, CANARY) != NULL || strlen(line) < size - 1;
    const char *options[OPTIONS + 1];
    if ((data[0] & 8) != 0) {
        options_of(line, options);
        o.command_line = options;
        o.hosts = (data[0] & 16) != 0 ? "a.example.org,b.example.org" : NULL;
    }
    if ((data[0] & 4) != 0)
        o.assignments = line;
    struct conf *c =
        (data[0] & 4) != 0 ? conf_parse("a.org\n", 6, &o) : conf_parse(text, size - 1, &o);
    walk(c, canary);
    conf_unref(c);
    mem_free(line);
    return 0;
}
