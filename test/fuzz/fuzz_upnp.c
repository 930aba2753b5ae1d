/*
 * SPDX-License-Identifier: ISC
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "sense/igd.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What anybody on the network may answer to a search for a router: by the first byte the answer to
 * the search itself, a description, or an answer of the device. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct addr from = {.family = V4, .bytes = {192, 168, 1, 1}};
    static const char location[] = "http://192.168.1.1:5000/rootDesc.xml";
    char text[IGD_URL_MAX], *bytes;
    struct igd igd;

    if (size == 0)
        return 0;
    uint8_t kind = data[0];
    bytes = mem_alloc(size); /* of just this length, and without an end */
    memcpy(bytes, data + 1, --size);
    bytes = mem_resize(bytes, size > 0 ? size : 1, 1);
    if (kind == 's') {
        if (igd_location((const uint8_t *)bytes, size, &from, text) &&
            strncmp(text, "http://192.168.1.1", 18) != 0)
            abort();
    } else if (kind == 'd') {
        if (igd_describe(bytes, size, location, &igd) &&
            (strncmp(igd.control, "http://192.168.1.1", 18) != 0 ||
             strncmp(igd.service, "WAN", 3) != 0))
            abort();
    } else {
        igd_value(bytes, size, "NewExternalIPAddress", text, 64);
    }
    mem_free(bytes);
    return 0;
}
