/*
 * SPDX-License-Identifier: ISC
 */
#include "net/dnsmsg.h"

#include "net/ldns.h"
#include <string.h>

#include "base/mem.h"
#include "base/text.h"

enum {
    UDP_SIZE = 1232,
    RECORDS_MAX = 512, /* of a section that are looked at */
    CNAMES_MAX = 8,
};

bool dnsmsg_query(struct request *r, const char *name, enum dns_type type, unsigned cls,
                  bool recurse)
{
    ldns_rdf *owner = NULL;
    ldns_pkt *packet;
    uint8_t *wire = NULL;
    size_t len = 0;

    if (name[0] == '\0')
        name = ".";
    if (ldns_str2rdf_dname(&owner, name) != LDNS_STATUS_OK)
        return false;
    packet = ldns_pkt_query_new(owner, (ldns_rr_type)type, (ldns_rr_class)cls,
                                recurse ? LDNS_RD : 0); /* takes the owner */
    if (packet == NULL) {
        ldns_rdf_deep_free(owner);
        return false;
    }
    ldns_pkt_set_edns_udp_size(packet, UDP_SIZE);
    if (ldns_pkt2wire(&wire, packet, &len) == LDNS_STATUS_OK) {
        mem_free(r->wire);
        r->wire = mem_alloc(len);
        memcpy(r->wire, wire, len);
        r->wire_len = len;
    }
    LDNS_FREE(wire);
    ldns_pkt_free(packet);
    return r->wire != NULL;
}

/* The name as text, owned. */
static char *name_text(const ldns_rdf *name)
{
    char *escaped = name != NULL ? ldns_rdf2str(name) : NULL;
    char *text = mem_text(escaped != NULL ? escaped : "");
    size_t n = strlen(text);

    LDNS_FREE(escaped);
    if (n > 0 && text[n - 1] == '.')
        text[n - 1] = '\0';
    text_lower_all(text);
    return text;
}

static char *txt_text(const ldns_rr *rr)
{
    struct buf all;

    buf_init(&all, DNS_NAME_MAX);
    for (size_t i = 0; i < ldns_rr_rd_count(rr); i++) {
        const ldns_rdf *piece = ldns_rr_rdf(rr, i);
        const uint8_t *bytes = ldns_rdf_data(piece); /* a length, then that many */
        if (ldns_rdf_size(piece) > 0)
            buf_add(&all, bytes + 1, ldns_rdf_size(piece) - 1);
    }
    return buf_take(&all);
}

static void take_address(struct addr *out, enum family family, const ldns_rr *rr)
{
    const ldns_rdf *data = ldns_rr_rdf(rr, 0);

    out->family = family;
    if (data != NULL && ldns_rdf_size(data) == addr_len(family))
        memcpy(out->bytes, ldns_rdf_data(data), addr_len(family));
}

static void take_record(struct dns_record *out, const ldns_rr *rr)
{
    *out = (struct dns_record){.owner = name_text(ldns_rr_owner(rr)),
                               .type = (uint16_t)ldns_rr_get_type(rr),
                               .cls = (uint16_t)ldns_rr_get_class(rr),
                               .ttl = ldns_rr_ttl(rr)};
    switch (out->type) {
    case DNS_A:
        take_address(&out->addr, V4, rr);
        break;
    case DNS_AAAA:
        take_address(&out->addr, V6, rr);
        break;
    case DNS_NS:
    case DNS_CNAME:
        out->text = name_text(ldns_rr_rdf(rr, 0));
        break;
    case DNS_TXT:
        out->text = txt_text(rr);
        break;
    case DNS_SOA:
        out->text = name_text(ldns_rr_rdf(rr, 0));
        if (ldns_rr_rd_count(rr) == 7) {
            uint32_t minimum = ldns_rdf2native_int32(ldns_rr_rdf(rr, 6));
            out->serial = ldns_rdf2native_int32(ldns_rr_rdf(rr, 2));
            out->negative = minimum < out->ttl ? minimum : out->ttl; /* RFC 2308, section 5 */
        }
        break;
    default:
        break;
    }
}

static struct dns_record *take_section(const ldns_rr_list *list, size_t *count)
{
    size_t n = list != NULL ? ldns_rr_list_rr_count(list) : 0;
    struct dns_record *records;

    n = n < RECORDS_MAX ? n : RECORDS_MAX;
    records = n > 0 ? mem_array(n, sizeof *records) : NULL;
    for (size_t i = 0; i < n; i++)
        take_record(&records[i], ldns_rr_list_rr(list, i));
    *count = n;
    return records;
}

bool dnsmsg_parse(struct dns_message *m, const uint8_t *bytes, size_t n)
{
    ldns_pkt *packet = NULL;

    *m = (struct dns_message){0};
    if (ldns_wire2pkt(&packet, bytes, n) != LDNS_STATUS_OK)
        return false;
    m->id = ldns_pkt_id(packet);
    m->rcode = (unsigned)ldns_pkt_get_rcode(packet) | (unsigned)ldns_pkt_edns_extended_rcode(packet)
                                                          << 4;
    m->response = ldns_pkt_qr(packet);
    m->authoritative = ldns_pkt_aa(packet);
    m->truncated = ldns_pkt_tc(packet);
    m->answers = take_section(ldns_pkt_answer(packet), &m->answer_count);
    m->authority = take_section(ldns_pkt_authority(packet), &m->authority_count);
    m->additional = take_section(ldns_pkt_additional(packet), &m->additional_count);
    ldns_pkt_free(packet);
    return true;
}

static void free_section(struct dns_record *records, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        mem_free(records[i].owner);
        mem_free(records[i].text);
    }
    mem_free(records);
}

void dnsmsg_free(struct dns_message *m)
{
    free_section(m->answers, m->answer_count);
    free_section(m->authority, m->authority_count);
    free_section(m->additional, m->additional_count);
    *m = (struct dns_message){0};
}

bool dnsmsg_addresses(const struct dns_message *m, const char *name, enum family family,
                      struct addrset *out, uint32_t *ttl)
{
    enum { NOERROR = 0, NXDOMAIN = 3 };
    uint16_t type = family == V4 ? DNS_A : DNS_AAAA;
    uint32_t least = UINT32_MAX;
    bool moved = true;

    *out = (struct addrset){0};
    if (m->rcode != NOERROR && m->rcode != NXDOMAIN)
        return false;
    for (int hop = 0; moved && hop < CNAMES_MAX; hop++) {
        moved = false;
        for (size_t i = 0; i < m->answer_count; i++) {
            const struct dns_record *r = &m->answers[i];
            if (!text_case_equal(r->owner, name) || r->cls != DNS_IN)
                continue;
            if (r->type == type && addrset_add(out, &r->addr))
                least = r->ttl < least ? r->ttl : least;
            if (r->type == DNS_CNAME && !moved) {
                name = r->text;
                least = r->ttl < least ? r->ttl : least;
                moved = true;
                break;
            }
        }
    }
    if (ttl != NULL)
        *ttl = least != UINT32_MAX ? least : 0;
    return true;
}

const char *dnsmsg_rcode_name(unsigned rcode)
{
    static const char *const names[] = {"NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN",
                                        "NOTIMP",  "REFUSED", "YXDOMAIN", "YXRRSET",
                                        "NXRRSET", "NOTAUTH", "NOTZONE"};
    if (rcode == 16)
        return "BADSIG or BADVERS";
    return rcode < sizeof names / sizeof names[0] ? names[rcode] : "an unknown code";
}
