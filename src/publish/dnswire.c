/*
 * SPDX-License-Identifier: ISC
 */
#include "publish/dnswire.h"

#include "base/text.h"

#include <string.h>

enum { LABEL_MAX = 63, POINTERS_MAX = 64 };

const char *dns_rcode_name(unsigned code)
{
    static const char *const names[] = {
        [DNS_NOERROR] = "NOERROR",   [DNS_FORMERR] = "FORMERR", [DNS_SERVFAIL] = "SERVFAIL",
        [DNS_NXDOMAIN] = "NXDOMAIN", [DNS_NOTIMP] = "NOTIMP",   [DNS_REFUSED] = "REFUSED",
        [DNS_YXDOMAIN] = "YXDOMAIN", [DNS_YXRRSET] = "YXRRSET", [DNS_NXRRSET] = "NXRRSET",
        [DNS_NOTAUTH] = "NOTAUTH",   [DNS_NOTZONE] = "NOTZONE", [DNS_BADSIG] = "BADSIG",
        [DNS_BADKEY] = "BADKEY",     [DNS_BADTIME] = "BADTIME", [DNS_BADTRUNC] = "BADTRUNC",
    };
    const char *name = code < sizeof names / sizeof names[0] ? names[code] : NULL;
    return name != NULL ? name : "an unknown code";
}

uint16_t dns_type_of(enum family f)
{
    return f == V4 ? DNS_A : DNS_AAAA;
}

/* One character of a name's text: *at moves on; -1 at a bad escape. */
static int text_byte(const char *text, size_t *at)
{
    if (text[*at] != '\\')
        return (unsigned char)text[(*at)++];
    const char *s = text + ++*at;
    if (!text_is_digit(s[0])) {
        if (s[0] == '\0')
            return -1;
        ++*at;
        return (unsigned char)s[0];
    }
    if (!text_is_digit(s[1]) || !text_is_digit(s[2]))
        return -1;
    int value = (s[0] - '0') * 100 + (s[1] - '0') * 10 + (s[2] - '0');
    *at += 3;
    return value <= 255 ? value : -1;
}

bool dns_name_parse(const char *text, struct dns_name *out)
{
    size_t at = 0, label = 0; /* label: where the length of the current one stands */

    out->len = 0;
    if (strcmp(text, ".") == 0) {
        out->wire[out->len++] = 0;
        return true;
    }
    size_t len = 1;
    while (text[at] != '\0') {
        if (len >= DNS_NAME_MAX)
            return false;
        if (text[at] == '.') {
            if (len - label - 1 == 0)
                return false;
            out->wire[label] = (uint8_t)(len - label - 1);
            label = len++;
            at++;
        } else {
            int c = text_byte(text, &at);
            if (c < 0 || len - label - 1 == LABEL_MAX)
                return false;
            out->wire[len++] = (uint8_t)c;
        }
    }
    if (len - label - 1 > 0) { /* no final dot */
        if (len >= DNS_NAME_MAX)
            return false;
        out->wire[label] = (uint8_t)(len - label - 1);
        label = len++;
    }
    if (len == 1)
        return false;
    out->wire[label] = 0;
    out->len = len;
    return true;
}

const char *dns_name_text(const struct dns_name *n, char *out)
{
    size_t to = 0;

    for (size_t at = 0; at < n->len && n->wire[at] != 0;) {
        size_t end = at + 1 + n->wire[at];
        if (to > 0)
            out[to++] = '.';
        for (at++; at < end; at++) {
            uint8_t c = n->wire[at];
            if (c <= 0x20 || c >= 0x7f || c == '.' || c == '\\') {
                out[to++] = '\\';
                out[to++] = (char)('0' + c / 100);
                out[to++] = (char)('0' + c / 10 % 10);
                out[to++] = (char)('0' + c % 10);
            } else {
                out[to++] = (char)c;
            }
        }
    }
    if (to == 0)
        out[to++] = '.';
    out[to] = '\0';
    return out;
}

static bool bytes_equal(const uint8_t *a, const uint8_t *b, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (text_lower((char)a[i]) != text_lower((char)b[i]))
            return false;
    return true;
}

/* Lengths of labels are below 'A', so comparing them as letters does no harm. */
bool dns_name_equal(const struct dns_name *a, const struct dns_name *b)
{
    return a->len == b->len && bytes_equal(a->wire, b->wire, a->len);
}

bool dns_name_in(const struct dns_name *n, const struct dns_name *zone)
{
    for (size_t at = 0; at < n->len; at += 1u + n->wire[at]) {
        if (n->len - at == zone->len)
            return zone->len > 0 && bytes_equal(n->wire + at, zone->wire, zone->len);
        if (n->wire[at] == 0)
            break;
    }
    return false;
}

void dns_name_lower(struct dns_name *n)
{
    for (size_t i = 0; i < n->len; i++)
        n->wire[i] = (uint8_t)text_lower((char)n->wire[i]);
}

static void put(struct buf *b, uint64_t v, size_t bytes)
{
    uint8_t out[8];
    for (size_t i = 0; i < bytes; i++)
        out[i] = (uint8_t)(v >> (8 * (bytes - 1 - i)));
    buf_add(b, out, bytes);
}

void dns_put_u8(struct buf *b, unsigned v)
{
    put(b, v, 1);
}

void dns_put_u16(struct buf *b, unsigned v)
{
    put(b, v, 2);
}

void dns_put_u32(struct buf *b, uint32_t v)
{
    put(b, v, 4);
}

void dns_put_u48(struct buf *b, uint64_t v)
{
    put(b, v, 6);
}

void dns_put_name(struct buf *b, const struct dns_name *n)
{
    buf_add(b, n->wire, n->len);
}

void dns_put_header(struct buf *b, uint16_t id, unsigned opcode, const uint16_t counts[4])
{
    dns_put_u16(b, id);
    dns_put_u16(b, opcode << 11);
    for (size_t i = 0; i < 4; i++)
        dns_put_u16(b, counts[i]);
}

void dns_put_question(struct buf *b, const struct dns_name *n, unsigned type, unsigned cls)
{
    dns_put_name(b, n);
    dns_put_u16(b, type);
    dns_put_u16(b, cls);
}

void dns_put_record(struct buf *b, const struct dns_name *n, unsigned type, unsigned cls,
                    uint32_t ttl, const void *data, size_t len)
{
    dns_put_question(b, n, type, cls);
    dns_put_u32(b, ttl);
    dns_put_u16(b, (unsigned)len);
    buf_add(b, data, len);
}

bool dns_get(struct dns_reader *r, size_t bytes, uint64_t *out)
{
    if (r->len - r->at < bytes)
        return false;
    *out = 0;
    for (size_t i = 0; i < bytes; i++)
        *out = *out << 8 | r->bytes[r->at++];
    return true;
}

static bool get_u16(struct dns_reader *r, uint16_t *out)
{
    uint64_t v;
    if (!dns_get(r, 2, &v))
        return false;
    *out = (uint16_t)v;
    return true;
}

bool dns_read_header(struct dns_reader *r, struct dns_header *out)
{
    uint16_t flags;

    *out = (struct dns_header){0};
    if (!get_u16(r, &out->id) || !get_u16(r, &flags))
        return false;
    out->response = (flags & 0x8000) != 0;
    out->authoritative = (flags & 0x0400) != 0;
    out->truncated = (flags & 0x0200) != 0;
    out->opcode = flags >> 11 & 0xf;
    out->rcode = flags & 0xf;
    for (size_t i = 0; i < 4; i++)
        if (!get_u16(r, &out->counts[i]))
            return false;
    return true;
}

bool dns_read_name(struct dns_reader *r, struct dns_name *out)
{
    size_t at = r->at, end = 0; /* end: where the name ends in the record, once a pointer was met */

    out->len = 0;
    for (unsigned pointers = 0;;) {
        if (at >= r->len)
            return false;
        uint8_t c = r->bytes[at];
        if (c >= 0xc0) {
            if (at + 1 >= r->len || ++pointers > POINTERS_MAX)
                return false;
            if (end == 0)
                end = at + 2;
            at = (size_t)(c & 0x3f) << 8 | r->bytes[at + 1];
            continue;
        }
        if (c > LABEL_MAX || r->len - at < 1u + c || out->len + 1u + c > DNS_NAME_MAX)
            return false;
        memcpy(out->wire + out->len, r->bytes + at, 1u + c);
        out->len += 1u + c;
        at += 1u + c;
        if (c == 0)
            break;
    }
    r->at = end != 0 ? end : at;
    return true;
}

bool dns_read_question(struct dns_reader *r, struct dns_name *n, uint16_t *type, uint16_t *cls)
{
    return dns_read_name(r, n) && get_u16(r, type) && get_u16(r, cls);
}

bool dns_read_record(struct dns_reader *r, struct dns_record *out)
{
    uint64_t ttl;

    out->start = r->at;
    if (!dns_read_question(r, &out->name, &out->type, &out->cls) || !dns_get(r, 4, &ttl) ||
        !get_u16(r, &out->data_len) || r->len - r->at < out->data_len)
        return false;
    out->ttl = (uint32_t)ttl;
    out->data_at = r->at;
    r->at += out->data_len;
    return true;
}

bool dns_record_addr(const struct dns_reader *r, const struct dns_record *rr, struct addr *out)
{
    enum family f = rr->type == DNS_A ? V4 : V6;

    if (rr->type != dns_type_of(f) || rr->cls != DNS_IN || rr->data_len != addr_len(f))
        return false;
    *out = (struct addr){.family = (uint8_t)f};
    memcpy(out->bytes, r->bytes + rr->data_at, rr->data_len);
    return true;
}
