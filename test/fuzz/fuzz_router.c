/*
 * SPDX-License-Identifier: ISC
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "sense/outside.h"
#include "sense/portmap.h"
#include "sense/stun.h"
#include "sense/tr064.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What a router, a STUN server or somebody in their place sends; and addresses of services. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t nonce[PCP_NONCE] = "abcdefghijk";
    struct portmap_answer a;
    struct outside_place place;
    struct addr addr;
    char host[128];

    if (natpmp_read(data, size, &a) && a.ok && (!a.has_addr || a.result != 0))
        abort();
    if (pcp_read(data, size, nonce, &a) && a.ok && !a.has_addr)
        abort();
    portmap_announcement(data, size, &a);
    if (size >= 20 && stun_answers(data, size, data + 8))
        stun_address(data, size, &addr);
    stun_address(data, size, &addr);
    for (int f = V4; f < FAMILIES; f++)
        tr064_read((const char *)data, size, (enum family)f, &addr);
    char *text = mem_text_n((const char *)data, size);
    outside_place(text, &place);
    webask_host(text, host,
                sizeof host); /* of a device's description, as anybody may announce it */
    if (strlen(host) >= sizeof host)
        abort();
    mem_free(text);
    return 0;
}
