/*
 * SPDX-License-Identifier: ISC
 */
#include "conf_walk.h"

/*
 * The reader. Beyond not crashing: every hostname has an identity and can be found by it, and no
 * message holds the canary that stands in secrets.
 */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1 || size > 16384)
        return 0;
    const char *text = (const char *)data + 1;
    struct conf_options o = walk_options(data[0]);
    /* The text without NUL as the command line's. */
    char *line = mem_text_n(text, size - 1);
    if ((data[0] & 4) != 0)
        o.assignments = line;
    struct conf *c =
        (data[0] & 4) != 0 ? conf_parse("a.org\n", 6, &o) : conf_parse(text, size - 1, &o);
    walk(c, strstr(line, CANARY) != NULL || strlen(line) < size - 1);
    conf_unref(c);
    mem_free(line);
    return 0;
}
