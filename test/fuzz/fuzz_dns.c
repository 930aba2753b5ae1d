/*
 * SPDX-License-Identifier: ISC
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "net/dns.h"
#include "net/dnsmsg.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* An answer of whoever it is to one question. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct request query;
    struct dns_message m;
    struct addrset set;

    if (query.wire == NULL) {
        request_init(&query, REQUEST_DNS);
        if (!dnsmsg_query(&query, "www.example", DNS_A, DNS_IN, true))
            abort();
    }
    dns_answers(query.wire, query.wire_len, data, size);
    dns_answers(data, size, data, size);
    dns_answers(data, size / 2, data + size / 2, size - size / 2);
    if (!dnsmsg_parse(&m, data, size))
        return 0;
    for (int f = V4; f < FAMILIES; f++) {
        dnsmsg_addresses(&m, "www.example", (enum family)f, &set, NULL);
        if (m.answer_count > 0)
            dnsmsg_addresses(&m, m.answers[0].owner, (enum family)f, &set, NULL);
    }
    dnsmsg_free(&m);
    return 0;
}
