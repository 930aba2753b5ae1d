/*
 * SPDX-License-Identifier: ISC
 */
#include "publish/nsupdate.h"

#include "base/mem.h"
#include "base/text.h"
#include "publish/nsupdate_inside.h"
#include "publish/web.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
    UDP_MAX = 512,      /* RFC 1035, section 4.2.1: larger requests go by TCP */
    WIRE_MAX = 48000,   /* a message is closed there: one member more and the signature fit */
    READS_AT_ONCE = 64, /* questions in flight */
};

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

bool nsupdate_keeps(const struct step *s)
{
    return s->job->policy == POLICY_KEEP || s->job->policy == POLICY_BESIDE;
}

bool nsupdate_due(const struct step *s, size_t member, int f)
{
    const struct want *w = &s->job->members[member].want[f];
    return w->due && w->known && (s->records[member][f].state & REPORTED) == 0;
}

void nsupdate_report_record(struct step *s, size_t member, int f, enum outcome_class cls,
                            const char *say)
{
    struct record *r = &s->records[member][f];

    if (say != NULL)
        step_outcome(s->out, (int)member, FAMILY_BIT(f), cls, "%s", say);
    else
        step_outcome(s->out, (int)member, FAMILY_BIT(f), cls, NULL);
    r->state |= REPORTED;
    s->settled[member] = !nsupdate_due(s, member, V4) && !nsupdate_due(s, member, V6);
    if (s->settled[member])
        s->in_round[member] = false;
}

void nsupdate_report(struct step *s, size_t member, enum outcome_class cls, const char *say)
{
    for (int f = 0; f < FAMILIES; f++)
        if (nsupdate_due(s, member, f))
            nsupdate_report_record(s, member, f, cls, say);
    s->settled[member] = true;
}

/* What is about the account or the server is said once, for all that is still open. */
void nsupdate_report_everything(struct step *s, enum outcome_class cls, const char *say)
{
    bool open = false;

    for (size_t i = 0; i < s->job->member_count; i++) {
        for (int f = 0; f < FAMILIES; f++) {
            open = open || nsupdate_due(s, i, f);
            s->records[i][f].state |= REPORTED;
        }
        s->settled[i] = true;
        s->in_round[i] = false;
    }
    if (open)
        step_outcome(s->out, -1, 0, cls, "%s", say);
}

uint64_t nsupdate_now_s(const struct step *s)
{
    int64_t t = s->in->now.wall / SECOND + s->clock_offset_s;
    return t > 0 ? (uint64_t)t : 0;
}

/* Takes over the message and asks for its transport. */
static bool send(struct step *s, struct flight *flight, struct buf *message)
{
    flight->open = true;
    if (s->is_signed && !tsig_sign(message, &s->key, nsupdate_now_s(s), &flight->mac)) {
        nsupdate_report_everything(
            s, OUTCOME_INPUT,
            "This machine's cryptographic policy does not allow the hash of the TSIG "
            "key, or the message became too long.");
        buf_free(message);
        mem_free(flight->members);
        return false;
    }
    s->flights = mem_more(s->flights, s->flight_count, sizeof s->flights[0]);
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
        if (!nsupdate_due(s, member, f))
            continue;
        if (!rrset_changes(&r->plan)) {
            nsupdate_report_record(s, member, f, OUTCOME_NOCHG, NULL);
            continue;
        }
        if (!changes) {
            /* No CNAME may stand here: the server would drop the addresses silently (RFC 2136,
             * section 3.4.2.2). */
            dns_put_record(prerequisites, &s->names[member], DNS_CNAME, DNS_NONE, 0, NULL, 0);
            counts[1]++;
        }
        changes = true;
        rrset_put(&r->plan, &s->names[member], r->ttl, prerequisites, &counts[1], updates,
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
        if (s->in_round[member] && nsupdate_due(s, member, f) &&
            (s->records[member][f].state & PLANNED) == 0)
            ask(s, READ, member, f, dns_type_of(f));
    }
}

void nsupdate_enter_round(struct step *s, size_t member)
{
    s->in_round[member] = true;
    s->next_read = 0;
    if (nsupdate_keeps(s))
        return;
    /* Without reading a record becomes what is wanted, whatever stood there. */
    for (int f = 0; f < FAMILIES; f++) {
        struct record *r = &s->records[member][f];
        if (nsupdate_due(s, member, f) && (r->state & (PLANNED | CONFIRMING)) == 0) {
            rrset_replace(&r->plan, (enum family)f, &s->job->members[member].want[f].wanted);
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
            nsupdate_enter_round(s, i);
            continue;
        }
        char *say = mem_format(fine ? "%s does not lie in the zone %s."
                                    : "The zone of %s, %s, is no DNS name.",
                               s->job->members[i].hostname, zone);
        nsupdate_report(s, i, fine ? OUTCOME_NO_ZONE : OUTCOME_INPUT, say);
        mem_free(say);
    }
}

/* The server has told the zone of "member": those without zone= that lie in it too come along. */
void nsupdate_found_zone(struct step *s, size_t member)
{
    for (size_t i = member; i < s->job->member_count; i++)
        if (!s->settled[i] && zone_setting(s, i) == NULL && dns_name_in(&s->names[i], &s->zone))
            nsupdate_enter_round(s, i);
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

static void begin(struct step *s)
{
    if (!nsupdate_settings(s))
        return;
    for (size_t i = 0; i < s->job->member_count; i++) {
        s->settled[i] = !nsupdate_due(s, i, V4) && !nsupdate_due(s, i, V6);
        if (!s->settled[i] && !dns_name_parse(s->job->members[i].hostname, &s->names[i]))
            nsupdate_report(s, i, OUTCOME_INPUT, "The hostname is no DNS name.");
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
        nsupdate_take_reply(s, in->reply);
    else if (in->event == STEP_CANCEL)
        s->cancelled = true;
    pump(s);
    if (s->cancelled && s->open == 0)
        nsupdate_report_everything(s, OUTCOME_OFFLINE, net_error_text(NET_CANCELLED));
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

const struct protocol protocol_nsupdate = {"nsupdate", start, go, end, REQUEST_DNS};
