/*
 * SPDX-License-Identifier: ISC
 *
 * What a name server's answer, or its silence, means.
 */
#include "publish/nsupdate_inside.h"

#include "base/mem.h"

#include <string.h>

#define CLOCK_LIFE (7 * DAY) /* how long a server's clock offset is believed */

/* A write that the server may have got: what stands there now tells. */
static void confirm(struct step *s, const struct flight *flight)
{
    for (size_t i = 0; i < flight->member_count; i++) {
        size_t member = flight->members[i];
        for (int f = 0; f < FAMILIES; f++) {
            struct record *r = &s->records[member][f];
            if (nsupdate_due(s, member, f))
                r->state = (r->state | CONFIRMING) & ~(unsigned)PLANNED;
        }
        if (!s->settled[member])
            nsupdate_enter_round(s, member);
    }
}

static void send_again(struct step *s, const struct flight *flight)
{
    if (flight->kind == READ || flight->kind == WRITE)
        s->next_read = 0; /* what is not planned is asked for again */
    for (size_t i = 0; flight->kind == WRITE && i < flight->member_count; i++)
        s->in_round[flight->members[i]] = !s->settled[flight->members[i]];
}

static void lost(struct step *s, const struct flight *flight, const struct reply *reply)
{
    char *say = mem_format("%s: %s", s->host, net_error_text(reply->error));
    enum outcome_class cls = step_class_of_error(NULL, reply, NULL);

    if (reply->error == NET_DRY && flight->kind == WRITE) {
        for (size_t i = 0; i < flight->member_count; i++)
            nsupdate_report(s, flight->members[i], OUTCOME_GOOD, net_error_text(NET_DRY));
    } else if (flight->kind == WRITE && reply->sent != SENT_NO && reply->error != NET_CANCELLED) {
        confirm(s, flight);
    } else {
        nsupdate_report_everything(s, cls, say);
    }
    mem_free(say);
}

/* RFC 2136, section 2.2.2 and 3; a name is told beside the code for people who search for it. */
struct rcode_rule {
    unsigned rcode;
    enum outcome_class cls;
    bool of_one; /* one record of many may be the reason: ask for each alone */
    const char *say;
};
static const struct rcode_rule rcode_rules[] = {
    {DNS_FORMERR, OUTCOME_UNKNOWN, false, "could not read the update"},
    {DNS_SERVFAIL, OUTCOME_SERVER, false, "is in trouble"},
    {DNS_NXDOMAIN, OUTCOME_CONFLICT, true, "has no such name any more"},
    {DNS_NOTIMP, OUTCOME_FEATURE, false, "does not take dynamic updates"},
    {DNS_REFUSED, OUTCOME_FORBIDDEN, true, "does not allow this change"},
    {DNS_YXDOMAIN, OUTCOME_CONFLICT, true, "has the name although it should not exist"},
    {DNS_YXRRSET, OUTCOME_CONFLICT, true,
     "has something else at this name: a CNAME, or an address that was not there before"},
    {DNS_NXRRSET, OUTCOME_CONFLICT, true, "has other addresses than were read before"},
    {DNS_NOTAUTH, OUTCOME_NO_ZONE, false, "is not the primary server of this zone"},
    {DNS_NOTZONE, OUTCOME_NO_ZONE, true, "says that the name is not in this zone"},
};

static const struct rcode_rule *rule_of(unsigned rcode)
{
    static const struct rcode_rule other = {0, OUTCOME_UNKNOWN, false, "answered with"};

    for (size_t i = 0; i < sizeof rcode_rules / sizeof rcode_rules[0]; i++)
        if (rcode_rules[i].rcode == rcode)
            return &rcode_rules[i];
    return &other;
}

static void refused_write(struct step *s, const struct flight *flight, unsigned rcode)
{
    const struct rcode_rule *rule = rule_of(rcode);

    if (rule->of_one && flight->member_count > 1) {
        s->one_by_one = true;
        send_again(s, flight);
        return;
    }
    size_t member = flight->members[0];
    if (rule->cls == OUTCOME_CONFLICT && nsupdate_keeps(s) && !s->again[member]) {
        s->again[member] = true; /* read once more what stands there now */
        for (int f = 0; f < FAMILIES; f++)
            s->records[member][f].state &= ~(unsigned)PLANNED;
        nsupdate_enter_round(s, member);
        return;
    }
    char *say = mem_format("%s %s (%s).", s->host, rule->say, dns_rcode_name(rcode));
    if (rule->of_one)
        nsupdate_report(s, member, rule->cls, say);
    else
        nsupdate_report_everything(s, rule->cls, say);
    mem_free(say);
}

static void take_written(struct step *s, const struct flight *flight, const struct dns_header *h)
{
    if (h->rcode != DNS_NOERROR) {
        refused_write(s, flight, h->rcode);
        return;
    }
    for (size_t i = 0; i < flight->member_count; i++)
        nsupdate_report(s, flight->members[i], OUTCOME_GOOD, NULL);
}

/* What was read of one RRset. */
struct reading {
    struct addrset set;
    uint32_t ttl;
    bool cname, too_many;
};

static bool read_answer(struct dns_reader *r, const struct dns_header *h,
                        const struct dns_name *name, struct reading *out)
{
    struct dns_name question;
    struct dns_record rr;
    uint16_t type, cls;
    struct addr a;

    *out = (struct reading){0};
    for (unsigned i = 0; i < h->counts[0]; i++)
        if (!dns_read_question(r, &question, &type, &cls))
            return false;
    for (unsigned i = 0; i < h->counts[1]; i++) {
        if (!dns_read_record(r, &rr))
            return false;
        if (!dns_name_equal(&rr.name, name))
            continue;
        if (rr.type == DNS_CNAME)
            out->cname = true;
        if (dns_record_addr(r, &rr, &a)) {
            out->too_many = !addrset_add(&out->set, &a) || out->too_many;
            out->ttl = rr.ttl;
        }
    }
    return true;
}

static void plan_record(struct step *s, const struct flight *flight, const struct reading *reading)
{
    const char *hostname = s->job->members[flight->member].hostname;
    struct record *r = &s->records[flight->member][flight->family];
    const struct want *want = &s->job->members[flight->member].want[flight->family];
    char set[ADDRSET_TEXT_MAX];

    if (reading->cname) {
        char *say = mem_format("A CNAME stands at %s; homing leaves it alone.", hostname);
        nsupdate_report(s, flight->member, OUTCOME_CONFLICT, say);
        mem_free(say);
        return;
    }
    r->state |= PLANNED;
    r->ttl = s->ttl_set || reading->ttl == 0 ? s->ttl : reading->ttl;
    if (!reading->too_many &&
        rrset_keep(&r->plan, flight->family, want, &reading->set, s->job->policy == POLICY_BESIDE,
                   s->ttl_set && reading->ttl != s->ttl) != RRSET_FOREIGN)
        return;
    char *say =
        mem_format("%s has %s addresses that homing did not publish (%s%s). Set policy=keep "
                   "to add ours beside them, policy=replace to have only ours, or remove "
                   "those that are not wanted.",
                   hostname, family_name(flight->family), addrset_text(&reading->set, set),
                   reading->too_many ? " and more" : "");
    nsupdate_report_record(s, flight->member, flight->family, OUTCOME_CONFLICT, say);
    mem_free(say);
}

static void take_reading(struct step *s, const struct flight *flight, struct dns_reader *reader,
                         const struct dns_header *h)
{
    struct record *r = &s->records[flight->member][flight->family];
    struct reading reading;

    if (!nsupdate_due(s, flight->member, (int)flight->family))
        return;
    if (h->rcode != DNS_NOERROR && h->rcode != DNS_NXDOMAIN) {
        const struct rcode_rule *rule = rule_of(h->rcode);
        char *say = mem_format("%s did not tell what stands at %s: it %s (%s).", s->host,
                               s->job->members[flight->member].hostname, rule->say,
                               dns_rcode_name(h->rcode));
        nsupdate_report(s, flight->member, rule->cls, say);
        mem_free(say);
    } else if (!h->authoritative) {
        char *say = mem_format("%s does not hold the zone of %s.", s->host,
                               s->job->members[flight->member].hostname);
        nsupdate_report(s, flight->member, OUTCOME_NO_ZONE, say);
        mem_free(say);
    } else if (!read_answer(reader, h, &s->names[flight->member], &reading)) {
        nsupdate_report(s, flight->member, OUTCOME_UNKNOWN, "The name server's answer was cut.");
    } else if ((r->state & CONFIRMING) != 0) {
        bool holds = !reading.too_many && rrset_holds(&r->plan, &reading.set);
        nsupdate_report_record(
            s, flight->member, (int)flight->family, holds ? OUTCOME_GOOD : OUTCOME_SERVER,
            holds ? NULL : "The name server did not answer, and the record is as before.");
    } else {
        plan_record(s, flight, &reading);
    }
}

/* The start of authority: in the answer, or above the name in the authority section. */
static bool find_zone(struct dns_reader *r, const struct dns_header *h, const struct dns_name *name,
                      struct dns_name *zone)
{
    struct dns_name question;
    struct dns_record rr;
    uint16_t type, cls;
    unsigned records = (unsigned)h->counts[1] + h->counts[2];

    for (unsigned i = 0; i < h->counts[0]; i++)
        if (!dns_read_question(r, &question, &type, &cls))
            return false;
    for (unsigned i = 0; i < records; i++) {
        if (!dns_read_record(r, &rr))
            return false;
        if (rr.type == DNS_SOA && dns_name_in(name, &rr.name)) {
            *zone = rr.name;
            return true;
        }
    }
    return false;
}

static void take_zone(struct step *s, const struct flight *flight, struct dns_reader *reader,
                      const struct dns_header *h)
{
    bool answered = h->rcode == DNS_NOERROR || h->rcode == DNS_NXDOMAIN;

    if (answered && h->authoritative && find_zone(reader, h, &s->names[flight->member], &s->zone)) {
        nsupdate_found_zone(s, flight->member);
        return;
    }
    char *say = mem_format("%s does not tell the zone of %s (%s). Set zone= to its name.", s->host,
                           s->job->members[flight->member].hostname, dns_rcode_name(h->rcode));
    nsupdate_report(s, flight->member, answered ? OUTCOME_NO_ZONE : rule_of(h->rcode)->cls, say);
    mem_free(say);
}

/* The server's clock, told in a signed answer: once we sign by it. */
static void take_clock(struct step *s, const struct flight *flight, const struct tsig_answer *a)
{
    if (!a->error_signed || a->server_time_s == 0 || s->clock_tried) {
        nsupdate_report_everything(s, OUTCOME_CLOCK,
                                   "The name server's clock and this machine's are too far apart.");
        return;
    }
    char text[32];
    struct buf b;
    s->clock_tried = true;
    s->clock_offset_s = (int64_t)a->server_time_s - s->in->now.wall / SECOND;
    buf_init(&b, sizeof text);
    buf_format(&b, "%lld", (long long)s->clock_offset_s);
    memory_put(s->job->memory, nsupdate_clock_key, buf_str(&b), s->in->now.wall + CLOCK_LIFE,
               false);
    buf_free(&b);
    send_again(s, flight);
}

/* True when the answer may be believed; else everything is reported. */
static bool believe(struct step *s, const struct flight *flight, const struct reply *reply,
                    const struct dns_header *h)
{
    static const char *const sayings[] = {
        [TSIG_MALFORMED] = "The name server's signature could not be read.",
        [TSIG_WRONG] = "The answer's signature is wrong: it is not from the name server, or was "
                       "altered on its way.",
        [TSIG_LATE] = "The answer's signature is too old: check the clock of this machine.",
        [TSIG_MISSING] = "The name server did not sign its answer.",
    };
    if (!s->is_signed)
        return true;
    struct tsig_answer a = tsig_verify((const uint8_t *)buf_str(&reply->body), reply->body.len,
                                       &s->key, &flight->mac, nsupdate_now_s(s));
    if (a.verdict == TSIG_GOOD || (a.verdict == TSIG_MISSING && h->rcode != DNS_NOERROR))
        return true;
    if (a.verdict != TSIG_ERROR) {
        nsupdate_report_everything(s, OUTCOME_UNKNOWN, sayings[a.verdict]);
    } else if (a.error == DNS_BADTIME) {
        take_clock(s, flight, &a);
    } else {
        char *say =
            mem_format("%s refuses the TSIG key: %s (%s).", s->host,
                       a.error == DNS_BADKEY   ? "it does not know a key of this name and algorithm"
                       : a.error == DNS_BADSIG ? "the key's secret is another"
                                               : "the signature is too short",
                       dns_rcode_name(a.error));
        nsupdate_report_everything(s, OUTCOME_AUTH, say);
        mem_free(say);
    }
    return false;
}

void nsupdate_take_reply(struct step *s, const struct reply *reply)
{
    if (reply->tag >= s->flight_count || !s->flights[reply->tag].open)
        return;
    s->flights[reply->tag].open = false;
    s->open--;

    struct flight flight = s->flights[reply->tag]; /* the array may move below */
    struct dns_reader reader = {(const uint8_t *)buf_str(&reply->body), reply->body.len, 0};
    struct dns_header h;
    if (reply->error != NET_OK) {
        lost(s, &flight, reply);
    } else if (!dns_read_header(&reader, &h) || !h.response || h.id != flight.id ||
               h.opcode != (flight.kind == WRITE ? DNS_UPDATE : DNS_QUERY) || h.truncated) {
        nsupdate_report_everything(s, OUTCOME_UNKNOWN,
                                   "The name server's answer is none to our message.");
    } else if (believe(s, &flight, reply, &h)) {
        if (flight.kind == WRITE)
            take_written(s, &flight, &h);
        else if (flight.kind == READ)
            take_reading(s, &flight, &reader, &h);
        else
            take_zone(s, &flight, &reader, &h);
    }
}
