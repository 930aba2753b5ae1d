/*
 * SPDX-License-Identifier: ISC
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "net/rtnl.h"
#include "sense/choose.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Datagrams of the kernel: each begins with its length (two bytes, little end first). */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct iftable t;

    iftable_init(&t);
    while (size >= 2) {
        size_t n = data[0] | (size_t)data[1] << 8;
        data += 2;
        size -= 2;
        n = n < size ? n : size;
        void *datagram = mem_alloc(n); /* aligned, and of just this length */
        memcpy(datagram, data, n);
        rtnl_apply(&t, datagram, n, 0, 1000);
        mem_free(datagram);
        data += n;
        size -= n;
    }
    for (size_t i = 0; i < t.link_count; i++)
        for (int f = V4; f < FAMILIES; f++) {
            int taken = choose_address(&t, t.links[i].index, (enum family)f, true, 2000, NULL);
            if (taken >= (int)t.addr_count ||
                (taken >= 0 && t.addrs[taken].index != t.links[i].index))
                abort();
            choose_prefix(&t, t.links[i].index, 64, false, 2000);
            iftable_default(&t, (enum family)f);
        }
    if (!iftable_same(&t, &t) && t.link_count + t.addr_count + t.route_count < IFTABLE_MAX)
        abort();
    iftable_free(&t);
    return 0;
}
