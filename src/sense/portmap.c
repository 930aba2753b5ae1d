/*
 * SPDX-License-Identifier: ISC
 */
#include "sense/portmap.h"

#include <string.h>

enum {
    RESPONSE = 0x80,
    PCP_VERSION = 2,
    PCP_MAP = 1,
    PCP_ANNOUNCE = 0,
    PCP_HEADER = 24,
    UDP = 17,
};
static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}; /* ::ffff:0:0/96 */

static unsigned word(const uint8_t *p)
{
    return (unsigned)p[0] << 8 | p[1];
}

static uint32_t number(const uint8_t *p)
{
    return (uint32_t)word(p) << 16 | word(p + 2);
}

const char *portmap_result_text(bool pcp, unsigned result)
{
    static const char *const natpmp[] = {
        "it is well",
        "it does not speak this version",
        "it does not allow this",
        "it has no address itself (its own connection is down, or behind another router)",
        "it is out of resources",
        "it does not know this question"};
    static const char *const codes[] = {
        "it is well",
        "it does not speak this version",
        "it does not allow this",
        "it found the question malformed",
        "it does not know this question",
        "it does not know an option",
        "it found an option malformed",
        "it has no connection to the outside",
        "it is out of resources (or its own address is shared by its provider)",
        "it does not map this protocol",
        "this host has too many mappings",
        "it cannot give the wished outside port",
        "the question came by way of another address",
        "there are too many remote peers"};

    if (pcp)
        return result < sizeof codes / sizeof codes[0] ? codes[result] : "an unknown code";
    return result < sizeof natpmp / sizeof natpmp[0] ? natpmp[result] : "an unknown code";
}

static bool is_zero(const struct addr *a)
{
    static const uint8_t zero[16];

    return memcmp(a->bytes, zero, sizeof zero) == 0;
}

/* --- NAT-PMP --- */

void natpmp_request(uint8_t out[NATPMP_REQUEST])
{
    out[0] = 0; /* version */
    out[1] = 0; /* external address */
}

bool natpmp_read(const uint8_t *bytes, size_t n, struct portmap_answer *out)
{
    *out = (struct portmap_answer){0};
    /* A router that speaks PCP alone says so in its own version (RFC 6887, section 9.2). */
    if (n >= PCP_HEADER && bytes[0] == PCP_VERSION && (bytes[1] & RESPONSE) && bytes[3] == 1) {
        out->result = 1;
        return true;
    }
    if (n < 8 || bytes[0] != 0 || bytes[1] != RESPONSE)
        return false;
    out->result = word(bytes + 2);
    out->epoch = number(bytes + 4);
    if (out->result == 0 && n < 12)
        return false;
    if (n >= 12) {
        out->addr.family = V4;
        memcpy(out->addr.bytes, bytes + 8, 4);
        out->has_addr = !is_zero(&out->addr);
    }
    out->ok = out->result == 0 && out->has_addr;
    return true;
}

/* --- PCP --- */

static void put_address(uint8_t out[16], const struct addr *a)
{
    if (a->family == V6) {
        memcpy(out, a->bytes, 16);
        return;
    }
    memcpy(out, mapped, sizeof mapped);
    memcpy(out + 12, a->bytes, 4);
}

static void take_address(const uint8_t in[16], struct addr *out)
{
    bool v4 = memcmp(in, mapped, sizeof mapped) == 0;

    *out = (struct addr){.family = v4 ? V4 : V6};
    memcpy(out->bytes, v4 ? in + 12 : in, v4 ? 4 : 16);
}

void pcp_request(uint8_t out[PCP_REQUEST], const struct addr *client, uint16_t port,
                 const uint8_t nonce[PCP_NONCE], uint32_t lifetime)
{
    struct addr any = {.family = client->family};

    memset(out, 0, PCP_REQUEST);
    out[0] = PCP_VERSION;
    out[1] = PCP_MAP;
    for (int i = 0; i < 4; i++)
        out[4 + i] = (uint8_t)(lifetime >> (24 - 8 * i));
    put_address(out + 8, client);
    memcpy(out + 24, nonce, PCP_NONCE);
    out[36] = UDP;
    out[40] = (uint8_t)(port >> 8);
    out[41] = (uint8_t)port;
    put_address(out + 44, &any); /* any outside address */
}

bool pcp_read(const uint8_t *bytes, size_t n, const uint8_t nonce[PCP_NONCE],
              struct portmap_answer *out)
{
    *out = (struct portmap_answer){0};
    if (n < PCP_HEADER || n > 1100 || n % 4 != 0)
        return false;
    if (bytes[0] == 0) { /* a router that knows NAT-PMP only (RFC 6887, appendix A) */
        out->result = 1;
        return true;
    }
    if (bytes[0] != PCP_VERSION || bytes[1] != (RESPONSE | PCP_MAP))
        return false;
    out->result = bytes[3];
    out->epoch = number(bytes + 8);
    if (n < PCP_REQUEST)
        return out->result != 0;
    if (memcmp(bytes + 24, nonce, PCP_NONCE) != 0)
        return false;
    take_address(bytes + 44, &out->addr);
    out->has_addr = !is_zero(&out->addr);
    out->ok = out->result == 0 && out->has_addr;
    return true;
}

bool portmap_announcement(const uint8_t *bytes, size_t n, struct portmap_answer *out)
{
    if (natpmp_read(bytes, n, out))
        return true;
    *out = (struct portmap_answer){0};
    if (n < PCP_HEADER || bytes[0] != PCP_VERSION || bytes[1] != (RESPONSE | PCP_ANNOUNCE))
        return false;
    out->result = bytes[3];
    out->epoch = number(bytes + 8);
    return true;
}

bool portmap_restarted(uint32_t old_epoch, uint32_t new_epoch, uint32_t elapsed_s)
{
    uint64_t server;

    if ((uint64_t)new_epoch + 1 < old_epoch) /* it went back */
        return true;
    server = new_epoch > old_epoch ? new_epoch - old_epoch : 0;
    return (uint64_t)elapsed_s + 2 < server - server / 16 ||
           server + 2 < (uint64_t)elapsed_s - elapsed_s / 16;
}
