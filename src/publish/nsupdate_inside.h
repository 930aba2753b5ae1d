/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_PUBLISH_NSUPDATE_INSIDE_H
#define HOMING_PUBLISH_NSUPDATE_INSIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "publish/dnswire.h"
#include "publish/nsupdate_plan.h"
#include "publish/step.h"
#include "publish/tsig.h"

/*
 * What the files of nsupdate share: nsupdate.c sends (zone by zone: find it, read, write),
 * nsupdate_answer.c judges what comes back, nsupdate_settings.c reads server and key.
 */

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
    struct rrset_plan plan;
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

/* Settings of the job: its members share what is about the server and the key. */
const struct view *nsupdate_view(const struct step *s);
/* Server, key and TTL; false when everything is reported. */
bool nsupdate_settings(struct step *s);

/* Is that record still without its outcome? */
/* Foreign values stay: what stands there is read first. */
bool nsupdate_keeps(const struct step *s);
bool nsupdate_due(const struct step *s, size_t member, int f);
void nsupdate_report_record(struct step *s, size_t member, int f, enum outcome_class cls,
                            const char *say);
/* All that is open of a member. say may be NULL. */
void nsupdate_report(struct step *s, size_t member, enum outcome_class cls, const char *say);
/* What is about the account or the server is said once, for all that is still open. */
void nsupdate_report_everything(struct step *s, enum outcome_class cls, const char *say);
/* Its records are to be read (policy keep, or to confirm a lost write) and written next. */
void nsupdate_enter_round(struct step *s, size_t member);
/* s->zone is that of "member": those without zone= that lie in it too come along. */
void nsupdate_found_zone(struct step *s, size_t member);
/* Unix time as the server has it. */
uint64_t nsupdate_now_s(const struct step *s);
extern const char nsupdate_clock_key[]; /* of the account's memory */

void nsupdate_take_reply(struct step *s, const struct reply *reply);

#endif
