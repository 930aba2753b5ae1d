/*
 * SPDX-License-Identifier: ISC
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/pattern.h"
#include "sense/extract.h"
#include "sense/spec.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A skip pattern up to the first line end, then the text of a page. What is found is an address,
 * and is found again in its own canonical text. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    const char *line = memchr(text, '\n', size);
    size_t skip_len = line != NULL ? (size_t)(line - text) : 0;
    char *skip = mem_text_n(text, skip_len);
    struct pattern *pattern = extract_pattern(skip, NULL);
    size_t from = line != NULL ? skip_len + 1 : 0;
    uint8_t suffix[16];

    from += extract_skip(text + from, size - from, pattern);
    if (from > size)
        abort();
    for (int f = V4; f < FAMILIES; f++)
        for (int reading = EXTRACT_STRICT; reading <= EXTRACT_DDCLIENT; reading++) {
            struct addr a, again;
            char canonical[ADDR_TEXT_MAX];
            if (!extract_address(text + from, size - from, (enum family)f,
                                 (enum extract_reading)reading, &a))
                continue;
            addr_text(&a, canonical);
            if (a.family != f || !addr_parse(canonical, &again) || !addr_equal(&a, &again) ||
                !extract_address(canonical, strlen(canonical), (enum family)f,
                                 (enum extract_reading)reading, &again) ||
                !addr_equal(&a, &again))
                abort();
        }
    spec_suffix(skip, suffix);
    pattern_free(pattern);
    mem_free(skip);
    return 0;
}
