/*
 * SPDX-License-Identifier: ISC
 */
#include "publish/nsupdate.h"

#include "base/mem.h"
#include "base/text.h"
#include "publish/dnswire.h"
#include "publish/nsupdate_plan.h"
#include "publish/tsig.h"
#include "publish/web.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
    DNS_PORT = 53,
    UDP_MAX = 512,      /* RFC 1035, section 4.2.1: larger requests go by TCP */
    WIRE_MAX = 48000,   /* a message is closed there: one member more and the signature fit */
    TTL_DEFAULT = 600,  /* ddclient's */
    READS_AT_ONCE = 64, /* questions in flight */
};
#define CLOCK_LIFE (7 * DAY) /* how long a server's clock offset is believed */
static const char clock_key[] = "tsig/clock-offset";

/* A message on its way, by tag. */
enum flight_kind { FIND_ZONE, READ, WRITE };
struct flight {
    enum flight_kind kind;
    bool open;
    uint16_t id;
    struct tsig_mac mac;
    size_t member; /* FIND_ZONE, READ */
    enum family family;
    size_t *members; /* owned; WRITE: those whose records it carries */
    size_t member_count;
};

enum { PLANNED = 1, REPORTED = 2, CONFIRMING = 4 };
struct record {
    unsigned state;
    uint32_t ttl; /* to write */
    struct plan plan;
};

struct step {
    const struct job *job;
    const struct step_in *in; /* during go() */
    struct step_out *out;
    char *host;
    uint16_t port;
    bool tcp, is_signed, clock_tried, cancelled;
    uint32_t ttl;
    bool ttl_set;
    struct tsig_key key;
    int64_t clock_offset_s;
    struct dns_name *names;             /* of the members */
    struct record (*records)[FAMILIES]; /* of the members */
    bool *settled;                      /* members that are done with */
    bool *again;          /* members that had a second try after their records changed meanwhile */
    struct dns_name zone; /* of the round in hand */
    bool *in_round;
    bool one_by_one; /* a message was refused as a whole: find out whose fault it is */
    struct flight *flights;
    size_t flight_count, open;
    size_t next_read; /* member * FAMILIES + family still to be read */
};

static const struct view *settings(const struct step *s)
{
    return &s->job->members[0].settings;
}

/* "host", "host:port", "[v6]:port", a bare IPv6 address. */
static bool parse_server(struct step *s, const char *text)
{
    const char *colon = strrchr(text, ':');
    const char *end = text + strlen(text);
    uint64_t port = DNS_PORT;
    struct addr a;

    if (text[0] == '[') {
        const char *close = strchr(text, ']');
        if (close == NULL || (close[1] != '\0' && close[1] != ':'))
            return false;
        colon = close[1] == ':' ? close + 1 : NULL;
        text++;
        end = close;
    } else if (colon != NULL && !addr_parse(text, &a)) {
        end = colon;
    } else {
        colon = NULL;
    }
    if (end == text ||
        (colon != NULL && (!text_number(colon + 1, &port) || port == 0 || port > 65535)))
        return false;
    s->host = mem_text_n(text, (size_t)(end - text));
    s->port = (uint16_t)port;
    return true;
}

/* login= is ddclient's path of the nsupdate program, or here [algorithm:]name of the key. */
static enum err key_of_login(const char *login, const char *secret, struct tsig_key *out,
                             struct cause *c)
{
    const char *colon = strchr(login, ':');
    char *algorithm = colon != NULL ? mem_text_n(login, (size_t)(colon - login)) : NULL;
    enum err e = tsig_key_make(colon != NULL ? colon + 1 : login, algorithm, secret, out, c);

    mem_free(algorithm);
    return e;
}

static bool is_path(const char *text)
{
    return text != NULL && (text[0] == '/' || text[0] == '~');
}

static enum err read_key(struct step *s, struct cause *c)
{
    const char *text = web_setting(settings(s), "key-text", NULL);
    const char *name = web_setting(settings(s), "key-name", NULL);
    const char *login = web_setting(settings(s), "login", NULL);
    const char *password = web_setting(settings(s), "password", NULL);

    s->is_signed = true;
    if (text != NULL)
        return tsig_key_parse(text, password, &s->key, c);
    if (name != NULL && password != NULL)
        return tsig_key_make(name, web_setting(settings(s), "key-algorithm", NULL), password,
                             &s->key, c);
    if (login != NULL && !is_path(login) && !text_equal(login, "nsupdate") && password != NULL)
        return key_of_login(login, password, &s->key, c);
    if (is_path(password))
        return cause_set(c, ERR_NOT_FOUND, "The TSIG key file could not be read.");
    if (password != NULL)
        return tsig_key_parse(password, NULL, &s->key, c);
    s->is_signed = false;
    return OK;
}

static void *start(const struct job *job, const struct provider *provider)
{
    struct step *s = mem_alloc(sizeof *s);
    size_t n = job->member_count;

    *s = (struct step){.job = job};
    s->names = mem_array(n, sizeof s->names[0]);
    s->records = mem_array(n, sizeof s->records[0]);
    s->settled = mem_array(n, sizeof s->settled[0]);
    s->again = mem_array(n, sizeof s->again[0]);
    s->in_round = mem_array(n, sizeof s->in_round[0]);
    return s;
}

static bool due(const struct step *s, size_t member, int f)
{
    const struct want *w = &s->job->members[member].want[f];
    return w->due && w->known && (s->records[member][f].state & REPORTED) == 0;
}

static void report_record(struct step *s, size_t member, int f, enum outcome_class cls,
                          const char *say)
{
    struct record *r = &s->records[member][f];

    if (say != NULL)
        step_outcome(s->out, (int)member, FAMILY_BIT(f), cls, "%s", say);
    else
        step_outcome(s->out, (int)member, FAMILY_BIT(f), cls, NULL);
    r->state |= REPORTED;
    s->settled[member] = !due(s, member, V4) && !due(s, member, V6);
    if (s->settled[member])
        s->in_round[member] = false;
}

static void report(struct step *s, size_t member, enum outcome_class cls, const char *say)
{
    for (int f = 0; f < FAMILIES; f++)
        if (due(s, member, f))
            report_record(s, member, f, cls, say);
    s->settled[member] = true;
}

/* What is about the account or the server is said once, for all that is still open. */
static void report_everything(struct step *s, enum outcome_class cls, const char *say)
{
    bool open = false;

    for (size_t i = 0; i < s->job->member_count; i++) {
        for (int f = 0; f < FAMILIES; f++) {
            open = open || due(s, i, f);
            s->records[i][f].state |= REPORTED;
        }
        s->settled[i] = true;
        s->in_round[i] = false;
    }
    if (open)
        step_outcome(s->out, -1, 0, cls, "%s", say);
}

static uint64_t now_s(const struct step *s)
{
    int64_t t = s->in->now.wall / SECOND + s->clock_offset_s;
    return t > 0 ? (uint64_t)t : 0;
}

/* Takes over the message and asks for its transport. */
static bool send(struct step *s, struct flight *flight, struct buf *message)
{
    flight->open = true;
    if (s->is_signed && !tsig_sign(message, &s->key, now_s(s), &flight->mac)) {
        report_everything(s, OUTCOME_INPUT,
                          "This machine's cryptographic policy does not allow the hash of the TSIG "
                          "key, or the message became too long.");
        buf_free(message);
        mem_free(flight->members);
        return false;
    }
    s->flights = mem_resize(s->flights, s->flight_count + 1, sizeof s->flights[0]);
    s->flights[s->flight_count] = *flight;

    struct request *r = step_request(s->out, REQUEST_DNS);
    r->tag = (uint32_t)s->flight_count++;
    r->writes = flight->kind == WRITE;
    r->about = mem_text(flight->kind == WRITE  ? "update the records"
                        : flight->kind == READ ? "read the records"
                                               : "find the zone");
    r->server = mem_text(s->host);
    r->port = s->port;
    r->tcp = s->tcp || message->len > UDP_MAX;
    r->keep_id = true;
    r->wire_len = message->len;
    r->wire = mem_alloc(message->len);
    memcpy(r->wire, message->data, message->len);
    buf_free(message);
    s->open++;
    return true;
}

static uint16_t new_id(const struct step *s)
{
    uint8_t id[2];
    s->in->random(s->in->random_arg, id, sizeof id);
    return (uint16_t)(id[0] << 8 | id[1]);
}

static void ask(struct step *s, enum flight_kind kind, size_t member, enum family f, unsigned type)
{
    struct flight flight = {.kind = kind, .member = member, .family = f, .id = new_id(s)};
    struct buf b;

    buf_init(&b, DNS_MESSAGE_MAX);
    dns_put_header(&b, flight.id, DNS_QUERY, (const uint16_t[4]){1, 0, 0, 0});
    dns_put_question(&b, &s->names[member], type, DNS_IN);
    send(s, &flight, &b);
}

/* The changes of one member's records; false when there are none. */
static bool put_member(struct step *s, size_t member, struct buf *prerequisites,
                       struct buf *updates, uint16_t counts[4])
{
    bool changes = false;

    for (int f = 0; f < FAMILIES; f++) {
        struct record *r = &s->records[member][f];
        if (!due(s, member, f))
            continue;
        if (!plan_changes(&r->plan)) {
            report_record(s, member, f, OUTCOME_NOCHG, NULL);
            continue;
        }
        if (!changes) {
            /* No CNAME may stand here: the server would drop the addresses silently (RFC 2136,
             * section 3.4.2.2). */
            dns_put_record(prerequisites, &s->names[member], DNS_CNAME, DNS_NONE, 0, NULL, 0);
            counts[1]++;
        }
        changes = true;
        plan_put(&r->plan, &s->names[member], r->ttl, prerequisites, &counts[1], updates,
                 &counts[2]);
    }
    return changes;
}

/* Sends the changes of the round's members, as many as fit; the others follow with the next call.
 */
static void write_some(struct step *s)
{
    struct buf prerequisites, updates, message;
    struct flight flight = {.kind = WRITE, .id = new_id(s)};
    uint16_t counts[4] = {1, 0, 0, 0};

    buf_init(&prerequisites, DNS_MESSAGE_MAX);
    buf_init(&updates, DNS_MESSAGE_MAX);
    flight.members = mem_array(s->job->member_count, sizeof flight.members[0]);
    for (size_t i = 0; i < s->job->member_count; i++) {
        if (!s->in_round[i])
            continue;
        if (put_member(s, i, &prerequisites, &updates, counts))
            flight.members[flight.member_count++] = i;
        s->in_round[i] = false;
        if (flight.member_count > 0 &&
            (s->one_by_one || prerequisites.len + updates.len > WIRE_MAX))
            break;
    }
    if (flight.member_count > 0) {
        buf_init(&message, DNS_MESSAGE_MAX);
        dns_put_header(&message, flight.id, DNS_UPDATE, counts);
        dns_put_question(&message, &s->zone, DNS_SOA, DNS_IN);
        buf_add(&message, buf_str(&prerequisites), prerequisites.len);
        buf_add(&message, buf_str(&updates), updates.len);
        send(s, &flight, &message);
    } else {
        mem_free(flight.members);
    }
    buf_free(&prerequisites);
    buf_free(&updates);
}

/* Asks for records of the round until enough questions are in flight. */
static void read_some(struct step *s)
{
    size_t end = s->job->member_count * FAMILIES;

    for (; s->next_read < end && s->open < READS_AT_ONCE; s->next_read++) {
        size_t member = s->next_read / FAMILIES;
        enum family f = (enum family)(s->next_read % FAMILIES);
        if (s->in_round[member] && due(s, member, f) &&
            (s->records[member][f].state & PLANNED) == 0)
            ask(s, READ, member, f, dns_type_of(f));
    }
}

static void enter_round(struct step *s, size_t member)
{
    s->in_round[member] = true;
    s->next_read = 0;
    if (s->job->policy == POLICY_KEEP)
        return;
    /* Without reading a record becomes what is wanted, whatever stood there. */
    for (int f = 0; f < FAMILIES; f++) {
        struct record *r = &s->records[member][f];
        if (due(s, member, f) && (r->state & (PLANNED | CONFIRMING)) == 0) {
            plan_replace(&r->plan, (enum family)f, &s->job->members[member].want[f].wanted);
            r->ttl = s->ttl;
            r->state |= PLANNED;
        }
    }
}

static const char *zone_setting(const struct step *s, size_t member)
{
    return web_setting(&s->job->members[member].settings, "zone", NULL);
}

/* Members whose zone= says the same as that of "first" travel together. */
static void begin_round(struct step *s, size_t first)
{
    const char *zone = zone_setting(s, first);
    bool fine = dns_name_parse(zone, &s->zone);

    for (size_t i = first; i < s->job->member_count; i++) {
        if (s->settled[i] || !text_equal(zone_setting(s, i), zone))
            continue;
        if (fine && dns_name_in(&s->names[i], &s->zone)) {
            enter_round(s, i);
            continue;
        }
        char *say = mem_format(fine ? "%s does not lie in the zone %s."
                                    : "The zone of %s, %s, is no DNS name.",
                               s->job->members[i].hostname, zone);
        report(s, i, fine ? OUTCOME_NO_ZONE : OUTCOME_INPUT, say);
        mem_free(say);
    }
}

/* The server has told the zone of "member": those without zone= that lie in it too come along. */
static void begin_found_round(struct step *s, size_t member)
{
    for (size_t i = member; i < s->job->member_count; i++)
        if (!s->settled[i] && zone_setting(s, i) == NULL && dns_name_in(&s->names[i], &s->zone))
            enter_round(s, i);
}

static size_t first_of(const bool *flags, size_t n, bool value)
{
    size_t i = 0;
    while (i < n && flags[i] != value)
        i++;
    return i;
}

/* Does what can be done until something is in flight or nothing is left. */
static void pump(struct step *s)
{
    size_t n = s->job->member_count;

    while (!s->cancelled) {
        read_some(s);
        if (s->open > 0)
            return;
        if (first_of(s->in_round, n, true) < n) {
            write_some(s);
            continue;
        }
        size_t next = first_of(s->settled, n, false);
        if (next == n)
            return;
        s->one_by_one = false;
        if (zone_setting(s, next) == NULL)
            ask(s, FIND_ZONE, next, V4, DNS_SOA);
        else
            begin_round(s, next);
    }
}

/* A write that the server may have got: what stands there now tells. */
static void confirm(struct step *s, const struct flight *flight)
{
    for (size_t i = 0; i < flight->member_count; i++) {
        size_t member = flight->members[i];
        for (int f = 0; f < FAMILIES; f++) {
            struct record *r = &s->records[member][f];
            if (due(s, member, f))
                r->state = (r->state | CONFIRMING) & ~(unsigned)PLANNED;
        }
        if (!s->settled[member])
            enter_round(s, member);
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
            report(s, flight->members[i], OUTCOME_GOOD, net_error_text(NET_DRY));
    } else if (flight->kind == WRITE && reply->sent != SENT_NO && reply->error != NET_CANCELLED) {
        confirm(s, flight);
    } else {
        report_everything(s, cls, say);
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
    if (rule->cls == OUTCOME_CONFLICT && s->job->policy == POLICY_KEEP && !s->again[member]) {
        s->again[member] = true; /* read once more what stands there now */
        for (int f = 0; f < FAMILIES; f++)
            s->records[member][f].state &= ~(unsigned)PLANNED;
        enter_round(s, member);
        return;
    }
    char *say = mem_format("%s %s (%s).", s->host, rule->say, dns_rcode_name(rcode));
    if (rule->of_one)
        report(s, member, rule->cls, say);
    else
        report_everything(s, rule->cls, say);
    mem_free(say);
}

static void take_written(struct step *s, const struct flight *flight, const struct dns_header *h)
{
    if (h->rcode != DNS_NOERROR) {
        refused_write(s, flight, h->rcode);
        return;
    }
    for (size_t i = 0; i < flight->member_count; i++)
        report(s, flight->members[i], OUTCOME_GOOD, NULL);
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
        report(s, flight->member, OUTCOME_CONFLICT, say);
        mem_free(say);
        return;
    }
    r->state |= PLANNED;
    r->ttl = s->ttl_set || reading->ttl == 0 ? s->ttl : reading->ttl;
    if (!reading->too_many && plan_keep(&r->plan, flight->family, want, &reading->set,
                                        s->ttl_set && reading->ttl != s->ttl) != PLAN_FOREIGN)
        return;
    char *say = mem_format("%s has %s addresses that homing did not publish (%s%s). Remove those "
                           "that are not wanted, or set policy=replace.",
                           hostname, family_name(flight->family), addrset_text(&reading->set, set),
                           reading->too_many ? " and more" : "");
    report_record(s, flight->member, flight->family, OUTCOME_CONFLICT, say);
    mem_free(say);
}

static void take_reading(struct step *s, const struct flight *flight, struct dns_reader *reader,
                         const struct dns_header *h)
{
    struct record *r = &s->records[flight->member][flight->family];
    struct reading reading;

    if (!due(s, flight->member, (int)flight->family))
        return;
    if (h->rcode != DNS_NOERROR && h->rcode != DNS_NXDOMAIN) {
        const struct rcode_rule *rule = rule_of(h->rcode);
        char *say = mem_format("%s did not tell what stands at %s: it %s (%s).", s->host,
                               s->job->members[flight->member].hostname, rule->say,
                               dns_rcode_name(h->rcode));
        report(s, flight->member, rule->cls, say);
        mem_free(say);
    } else if (!h->authoritative) {
        char *say = mem_format("%s does not hold the zone of %s.", s->host,
                               s->job->members[flight->member].hostname);
        report(s, flight->member, OUTCOME_NO_ZONE, say);
        mem_free(say);
    } else if (!read_answer(reader, h, &s->names[flight->member], &reading)) {
        report(s, flight->member, OUTCOME_UNKNOWN, "The name server's answer was cut.");
    } else if ((r->state & CONFIRMING) != 0) {
        bool holds = !reading.too_many && plan_holds(&r->plan, &reading.set);
        report_record(s, flight->member, (int)flight->family, holds ? OUTCOME_GOOD : OUTCOME_SERVER,
                      holds ? NULL
                            : "The name server did not answer, and the record is as before.");
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
        begin_found_round(s, flight->member);
        return;
    }
    char *say = mem_format("%s does not tell the zone of %s (%s). Set zone= to its name.", s->host,
                           s->job->members[flight->member].hostname, dns_rcode_name(h->rcode));
    report(s, flight->member, answered ? OUTCOME_NO_ZONE : rule_of(h->rcode)->cls, say);
    mem_free(say);
}

/* The server's clock, told in a signed answer: once we sign by it. */
static void take_clock(struct step *s, const struct flight *flight, const struct tsig_answer *a)
{
    if (!a->error_signed || a->server_time_s == 0 || s->clock_tried) {
        report_everything(s, OUTCOME_CLOCK,
                          "The name server's clock and this machine's are too far apart.");
        return;
    }
    char text[32];
    struct buf b;
    s->clock_tried = true;
    s->clock_offset_s = (int64_t)a->server_time_s - s->in->now.wall / SECOND;
    buf_init(&b, sizeof text);
    buf_format(&b, "%lld", (long long)s->clock_offset_s);
    memory_put(s->job->memory, clock_key, buf_str(&b), s->in->now.wall + CLOCK_LIFE, false);
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
                                       &s->key, &flight->mac, now_s(s));
    if (a.verdict == TSIG_GOOD || (a.verdict == TSIG_MISSING && h->rcode != DNS_NOERROR))
        return true;
    if (a.verdict != TSIG_ERROR) {
        report_everything(s, OUTCOME_UNKNOWN, sayings[a.verdict]);
    } else if (a.error == DNS_BADTIME) {
        take_clock(s, flight, &a);
    } else {
        char *say =
            mem_format("%s refuses the TSIG key: %s (%s).", s->host,
                       a.error == DNS_BADKEY   ? "it does not know a key of this name and algorithm"
                       : a.error == DNS_BADSIG ? "the key's secret is another"
                                               : "the signature is too short",
                       dns_rcode_name(a.error));
        report_everything(s, OUTCOME_AUTH, say);
        mem_free(say);
    }
    return false;
}

static void take_reply(struct step *s, const struct reply *reply)
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
        report_everything(s, OUTCOME_UNKNOWN, "The name server's answer is none to our message.");
    } else if (believe(s, &flight, reply, &h)) {
        if (flight.kind == WRITE)
            take_written(s, &flight, &h);
        else if (flight.kind == READ)
            take_reading(s, &flight, &reader, &h);
        else
            take_zone(s, &flight, &reader, &h);
    }
}

static void begin(struct step *s)
{
    const char *server = web_setting(settings(s), "server", NULL);
    const char *ttl = web_setting(settings(s), "ttl", NULL);
    const char *offset = memory_get(s->job->memory, clock_key, s->in->now.wall);
    struct cause cause;
    uint64_t number;

    s->tcp = web_flag(settings(s), "tcp");
    s->ttl_set = ttl != NULL && text_number(ttl, &number) && number <= INT32_MAX;
    s->ttl = s->ttl_set ? (uint32_t)number : TTL_DEFAULT;
    s->clock_offset_s = offset != NULL ? strtoll(offset, NULL, 10) : 0;
    /* ddclient's default for all protocols is no name server: it counts as unset. */
    if (server == NULL || text_equal(server, "members.dyndns.org") || !parse_server(s, server)) {
        report_everything(s, OUTCOME_INPUT,
                          "server= must be the zone's primary name server: NAME or ADDRESS, with "
                          ":PORT when it is not 53.");
        return;
    }
    if (read_key(s, &cause) != OK) {
        report_everything(s, OUTCOME_AUTH, cause.text);
        return;
    }
    for (size_t i = 0; i < s->job->member_count; i++) {
        s->settled[i] = !due(s, i, V4) && !due(s, i, V6);
        if (!s->settled[i] && !dns_name_parse(s->job->members[i].hostname, &s->names[i]))
            report(s, i, OUTCOME_INPUT, "The hostname is no DNS name.");
    }
}

static void go(void *step, const struct step_in *in, struct step_out *out)
{
    struct step *s = step;

    s->in = in;
    s->out = out;
    if (in->event == STEP_START)
        begin(s);
    else if (in->event == STEP_REPLY)
        take_reply(s, in->reply);
    else if (in->event == STEP_CANCEL)
        s->cancelled = true;
    pump(s);
    if (s->cancelled && s->open == 0)
        report_everything(s, OUTCOME_OFFLINE, net_error_text(NET_CANCELLED));
    out->done = s->open == 0;
}

static void end(void *step)
{
    struct step *s = step;

    for (size_t i = 0; i < s->flight_count; i++)
        mem_free(s->flights[i].members);
    mem_free(s->flights);
    mem_free(s->host);
    mem_free(s->names);
    mem_free(s->records);
    mem_free(s->settled);
    mem_free(s->again);
    mem_free(s->in_round);
    tsig_key_wipe(&s->key);
    mem_free(s);
}

const struct protocol protocol_nsupdate = {"nsupdate", start, go, end};
