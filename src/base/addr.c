/*
 * SPDX-License-Identifier: ISC
 */
#include "base/addr.h"

#include <arpa/inet.h>
#include <string.h>

const char *family_name(enum family f)
{
    return f == V6 ? "IPv6" : "IPv4";
}

const char *family_type(enum family f)
{
    return f == V6 ? "AAAA" : "A";
}

size_t addr_len(enum family f)
{
    return f == V6 ? 16 : 4;
}

/* Four decimal numbers without leading zeros. A fleet reads some for every hostname. */
static bool parse_v4(const char *text, size_t n, uint8_t bytes[4])
{
    const char *end = text + n;

    for (int i = 0; i < 4; i++) {
        const char *from = text;
        unsigned value = 0;
        while (text < end && text - from < 3 && *text >= '0' && *text <= '9')
            value = 10 * value + (unsigned)(*text++ - '0');
        if (text == from || (*from == '0' && text - from > 1) || value > 255)
            return false;
        bytes[i] = (uint8_t)value;
        if (i < 3 && (text == end || *text++ != '.'))
            return false;
    }
    return text == end;
}

static bool parse_v6(const char *text, size_t n, uint8_t bytes[16])
{
    char copy[ADDR_TEXT_MAX];

    if (n >= sizeof copy || memchr(text, '\0', n) != NULL)
        return false;
    memcpy(copy, text, n);
    copy[n] = '\0';
    return inet_pton(AF_INET6, copy, bytes) == 1;
}

bool addr_parse_n(const char *text, size_t n, struct addr *out)
{
    *out = (struct addr){.family = memchr(text, ':', n) != NULL ? V6 : V4};
    return out->family == V6 ? parse_v6(text, n, out->bytes) : parse_v4(text, n, out->bytes);
}

bool addr_parse(const char *text, struct addr *out)
{
    return addr_parse_n(text, strlen(text), out);
}

/* The C library prints these by way of a format; a fleet prints some for every hostname. */
static void text_v4(const uint8_t bytes[4], char *out)
{
    for (int i = 0; i < 4; i++) {
        unsigned n = bytes[i];
        if (n >= 100)
            *out++ = (char)('0' + n / 100);
        if (n >= 10)
            *out++ = (char)('0' + n / 10 % 10);
        *out++ = (char)('0' + n % 10);
        *out++ = i < 3 ? '.' : '\0';
    }
}

const char *addr_text(const struct addr *a, char *out)
{
    if (a->family == V4)
        text_v4(a->bytes, out);
    else
        inet_ntop(AF_INET6, a->bytes, out, ADDR_TEXT_MAX);
    return out;
}

int addr_compare(const struct addr *a, const struct addr *b)
{
    if (a->family != b->family)
        return a->family < b->family ? -1 : 1;
    return memcmp(a->bytes, b->bytes, addr_len(a->family));
}

bool addr_equal(const struct addr *a, const struct addr *b)
{
    return addr_compare(a, b) == 0;
}

bool addr_in(const struct addr *a, const struct addr *net, unsigned length)
{
    if (a->family != net->family || length > addr_len(a->family) * 8)
        return false;
    size_t whole = length / 8;
    if (whole > 0 && a->bytes[0] != net->bytes[0]) /* so it is for nearly all that are asked */
        return false;
    if (memcmp(a->bytes, net->bytes, whole) != 0)
        return false;
    unsigned rest = length % 8;
    return rest == 0 || ((a->bytes[whole] ^ net->bytes[whole]) & (0xff00u >> rest) & 0xffu) == 0;
}

/* First match wins, so the narrow nets stand before the wide ones that hold them. */
static const struct {
    const char *net;
    uint8_t length;
    uint8_t kind;
} special[] = {
    {"192.0.0.9", 32, ADDR_PUBLIC},  /* RFC 7723 PCP anycast */
    {"192.0.0.10", 32, ADDR_PUBLIC}, /* RFC 8155 TURN anycast */
    {"192.0.0.0", 29, ADDR_DSLITE},
    {"192.0.0.0", 24, ADDR_RESERVED}, /* RFC 6890 */
    {"0.0.0.0", 8, ADDR_UNSPECIFIED},
    {"10.0.0.0", 8, ADDR_PRIVATE},
    {"172.16.0.0", 12, ADDR_PRIVATE},
    {"192.168.0.0", 16, ADDR_PRIVATE},
    {"100.64.0.0", 10, ADDR_CGNAT},
    {"127.0.0.0", 8, ADDR_LOOPBACK},
    {"169.254.0.0", 16, ADDR_LINK_LOCAL},
    {"192.0.2.0", 24, ADDR_DOCUMENTATION},
    {"198.51.100.0", 24, ADDR_DOCUMENTATION},
    {"203.0.113.0", 24, ADDR_DOCUMENTATION},
    {"198.18.0.0", 15, ADDR_BENCHMARK},
    {"192.88.99.0", 24, ADDR_6TO4},
    {"224.0.0.0", 4, ADDR_MULTICAST},
    {"240.0.0.0", 4, ADDR_RESERVED}, /* RFC 1112, and the limited broadcast */
    {"::", 128, ADDR_UNSPECIFIED},
    {"::1", 128, ADDR_LOOPBACK},
    {"::ffff:0:0", 96, ADDR_MAPPED},
    {"64:ff9b::", 96, ADDR_NAT64},
    {"64:ff9b:1::", 48, ADDR_NAT64},
    {"2001::", 32, ADDR_TEREDO},
    {"2001:2::", 48, ADDR_BENCHMARK},
    {"2001:db8::", 32, ADDR_DOCUMENTATION},
    {"3fff::", 20, ADDR_DOCUMENTATION},
    {"2001:1::1", 128, ADDR_PUBLIC},   /* RFC 7723 */
    {"2001:1::2", 128, ADDR_PUBLIC},   /* RFC 8155 */
    {"2001:3::", 32, ADDR_PUBLIC},     /* RFC 7450 AMT */
    {"2001:4:112::", 48, ADDR_PUBLIC}, /* RFC 7535 AS112 */
    {"2001::", 23, ADDR_RESERVED},     /* RFC 2928 */
    {"2002::", 16, ADDR_6TO4},
    {"fc00::", 7, ADDR_ULA},
    {"fe80::", 10, ADDR_LINK_LOCAL},
    {"ff00::", 8, ADDR_MULTICAST},
    {"2000::", 3, ADDR_PUBLIC},
    {"::", 0, ADDR_RESERVED},
};

enum { SPECIAL = sizeof special / sizeof special[0] };

/* The nets as addresses, read at the first look; reading them twice gives the same. */
static const struct addr *special_nets(void)
{
    static struct addr nets[SPECIAL];
    static bool filled;

    if (!__atomic_load_n(&filled, __ATOMIC_ACQUIRE)) {
        for (size_t i = 0; i < SPECIAL; i++) {
            struct addr net;
            if (addr_parse(special[i].net, &net))
                nets[i] = net;
        }
        __atomic_store_n(&filled, true, __ATOMIC_RELEASE);
    }
    return nets;
}

enum addr_kind addr_kind(const struct addr *a)
{
    const struct addr *nets = special_nets();

    for (size_t i = 0; i < SPECIAL; i++)
        if (addr_in(a, &nets[i], special[i].length))
            return special[i].kind;
    return ADDR_PUBLIC;
}

const char *addr_kind_name(enum addr_kind k)
{
    static const char *const names[ADDR_KINDS] = {
        [ADDR_PUBLIC] = "a public address",
        [ADDR_UNSPECIFIED] = "the unspecified address",
        [ADDR_PRIVATE] = "a private address (RFC 1918)",
        [ADDR_ULA] = "a unique local address (RFC 4193)",
        [ADDR_CGNAT] = "an address that the provider shares among customers (RFC 6598)",
        [ADDR_LOOPBACK] = "a loopback address",
        [ADDR_LINK_LOCAL] = "a link-local address",
        [ADDR_MULTICAST] = "a multicast address",
        [ADDR_DOCUMENTATION] = "an address reserved for documentation",
        [ADDR_BENCHMARK] = "an address reserved for benchmarks",
        [ADDR_NAT64] = "a NAT64 address (RFC 6052)",
        [ADDR_6TO4] = "a 6to4 address (RFC 3056)",
        [ADDR_TEREDO] = "a Teredo address (RFC 4380)",
        [ADDR_MAPPED] = "an IPv4 address written as IPv6",
        [ADDR_DSLITE] = "an address inside a DS-Lite or 464XLAT line (RFC 7335)",
        [ADDR_RESERVED] = "a reserved address",
    };
    return (unsigned)k < ADDR_KINDS ? names[k] : "an unknown kind of address";
}

static size_t position(const struct addrset *s, const struct addr *a)
{
    size_t i = 0;
    while (i < s->count && addr_compare(&s->items[i], a) < 0)
        i++;
    return i;
}

bool addrset_has(const struct addrset *s, const struct addr *a)
{
    size_t i = position(s, a);
    return i < s->count && addr_equal(&s->items[i], a);
}

bool addrset_add(struct addrset *s, const struct addr *a)
{
    size_t i = position(s, a);
    if (i < s->count && addr_equal(&s->items[i], a))
        return true;
    if (s->count == ADDRSET_MAX)
        return false;
    memmove(&s->items[i + 1], &s->items[i], (s->count - i) * sizeof s->items[0]);
    s->items[i] = *a;
    s->count++;
    return true;
}

bool addrset_remove(struct addrset *s, const struct addr *a)
{
    size_t i = position(s, a);
    if (i == s->count || !addr_equal(&s->items[i], a))
        return false;
    memmove(&s->items[i], &s->items[i + 1], (s->count - i - 1) * sizeof s->items[0]);
    s->count--;
    return true;
}

bool addrset_subset(const struct addrset *small, const struct addrset *large)
{
    for (size_t i = 0; i < small->count; i++)
        if (!addrset_has(large, &small->items[i]))
            return false;
    return true;
}

bool addrset_equal(const struct addrset *a, const struct addrset *b)
{
    return a->count == b->count && addrset_subset(a, b);
}

const char *addrset_text(const struct addrset *s, char *out)
{
    if (s->count == 0) {
        memcpy(out, "none", 5);
        return out;
    }
    char *p = out;
    for (size_t i = 0; i < s->count; i++) {
        if (i > 0) {
            *p++ = ',';
            *p++ = ' ';
        }
        addr_text(&s->items[i], p);
        p += strlen(p);
    }
    return out;
}
