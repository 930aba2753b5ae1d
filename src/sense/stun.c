/*
 * SPDX-License-Identifier: ISC
 */
#include "sense/stun.h"

#include <string.h>

enum {
    BINDING_REQUEST = 0x0001,
    BINDING_SUCCESS = 0x0101,
    MAPPED_ADDRESS = 0x0001,
    XOR_MAPPED_ADDRESS = 0x0020,
    HEADER = 20,
};
static const uint8_t cookie[4] = {0x21, 0x12, 0xa4, 0x42}; /* section 5 */

static unsigned word(const uint8_t *p)
{
    return (unsigned)p[0] << 8 | p[1];
}

void stun_request(uint8_t out[STUN_REQUEST], const uint8_t id[STUN_ID])
{
    memset(out, 0, STUN_REQUEST);
    out[1] = BINDING_REQUEST;
    memcpy(out + 4, cookie, sizeof cookie);
    memcpy(out + 8, id, STUN_ID);
}

bool stun_answers(const uint8_t *bytes, size_t n, const uint8_t id[STUN_ID])
{
    return n >= HEADER && word(bytes) == BINDING_SUCCESS && word(bytes + 2) == n - HEADER &&
           n % 4 == 0 && memcmp(bytes + 4, cookie, sizeof cookie) == 0 &&
           memcmp(bytes + 8, id, STUN_ID) == 0;
}

/* The value of an address attribute: zero, family, port, address (section 14.1). The XOR form is
 * mixed with cookie and id, which follow each other in the header. */
static bool read_address(const uint8_t *value, size_t n, const uint8_t *mask, struct addr *out)
{
    enum { IPV4 = 1, IPV6 = 2 };

    *out = (struct addr){0};
    if (n == 8 && value[1] == IPV4)
        out->family = V4;
    else if (n == 20 && value[1] == IPV6)
        out->family = V6;
    else
        return false;
    for (size_t i = 0; i < n - 4; i++)
        out->bytes[i] = value[4 + i] ^ (mask != NULL ? mask[i] : 0);
    return true;
}

bool stun_address(const uint8_t *bytes, size_t n, struct addr *out)
{
    struct addr plain = {0};
    bool has_plain = false;

    for (size_t at = HEADER; at + 4 <= n;) {
        unsigned type = word(bytes + at);
        size_t len = word(bytes + at + 2);
        if (len > n - at - 4)
            return false;
        if (type == XOR_MAPPED_ADDRESS)
            return read_address(bytes + at + 4, len, bytes + 4, out);
        if (type == MAPPED_ADDRESS)
            has_plain = read_address(bytes + at + 4, len, NULL, &plain);
        at += 4 + ((len + 3) & ~(size_t)3);
    }
    *out = plain;
    return has_plain;
}
