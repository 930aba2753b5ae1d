/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_PUBLISH_FILE_H
#define HOMING_PUBLISH_FILE_H

#include <jansson.h>
#include <stdbool.h>

#include "base/map.h"
#include "publish/call.h"
#include "publish/plan.h"
#include "publish/provider_data.h"
#include "publish/step.h"
#include "publish/vars.h"

/*
 * Carrying out a provider file, from the inside: what file.c, file_zone.c, file_records.c and
 * file_update.c share. A run is one job. It does one call at a time; whenever none is out,
 * file_advance() looks at what is missing next.
 */
enum file_stage {
    FILE_SETTINGS, /* are the needed ones there? */
    FILE_CLOCK,
    FILE_LOGIN,
    FILE_ZONES,   /* file_zone.c */
    FILE_UPDATE,  /* blind services: file_update.c */
    FILE_RECORDS, /* file_records.c */
    FILE_FINISH,
    FILE_LOGOUT,
    FILE_DONE
};

/* What the call that is out is for. */
enum file_purpose {
    FOR_NOTHING,
    FOR_CLOCK,
    FOR_LOGIN,
    FOR_LOGOUT,
    FOR_ZONE,
    FOR_READ,
    FOR_DETAIL,
    FOR_WRITE,
    FOR_CHECK,
    FOR_FINISH,
    FOR_UPDATE
};

/* One record of the job. */
struct file_record {
    int member;
    enum family family;
    bool read, told;
    json_t *elements; /* owned list of what stands there; NULL before it is read */
    size_t details;   /* of them, how many are complete */
    unsigned rereads;
    bool uncertain; /* a write may have arrived: only a read may follow */
    bool wrote, changed;
    bool held; /* written; the outcome waits for "finish" */
};

struct file_zone {
    char *name;    /* owned */
    json_t *taken; /* owned: id and the like */
    bool touched, finished, failed;
    bool remembered; /* found by an earlier job: it may be gone */
};

struct file_member {
    int zone; /* index in zones, or -1 */
    bool zone_known, failed;
    bool apex; /* the hostname is the zone's own name */
};

/* One write to do: of one record, or (slot "many") of several. */
struct file_op {
    size_t record;
    struct plan_op op;
};

struct file_run {
    const struct job *job;
    const struct provider *provider;
    enum file_stage stage;

    struct call call;
    enum file_purpose purpose; /* FOR_NOTHING: no call is out */
    struct call over;          /* while a "done" function runs: the call that it is about */
    enum file_purpose over_for;
    bool waiting; /* a timer was asked for */
    struct map *cache;

    struct vars vars;  /* session.x, and the settings of the first member */
    struct vars about; /* what the call is about, between the run's and the call's own */
    json_t *session;   /* owned; NULL before the login */
    bool logged_in, relogged, cancelled;
    bool clock_known, reclocked;
    msec clock_offset;

    struct file_zone *zones;
    size_t zone_count;
    struct file_member *members;
    size_t at_member;
    const char *trying; /* suffix that is asked for; borrowed from the hostname */

    struct file_record *records;
    size_t record_count;
    size_t unit, unit_count; /* records [unit, unit + unit_count) are in hand */
    struct file_op *ops;
    size_t op_count, at_op, op_span; /* op_span: ops that the write in hand carries */
    size_t many_limit;               /* how many may travel in one write; halved by too-long */
    unsigned busy_tries, check_tries;
    json_t *check_job; /* owned: what the write took for "check" */
    msec last_write;

    unsigned char *group; /* owned, file_update.c: families of each member in the request in hand */
};

/* Starts a call of that slot; file_advance() carries on when it is done. "about" is in r->about. */
void file_call(struct file_run *r, enum file_purpose purpose, const char *slot, enum slot_kind kind,
               const struct step_in *in, struct step_out *out);
/* What requests of a slot are for, in words. */
const char *file_about_slot(const char *slot);
void file_wait(struct file_run *r, struct step_out *out, msec length);

/* Fresh placeholders about a member (and a record when family is not FAMILIES) into r->about. */
void file_about(struct file_run *r, int member, enum family family);
/* The same into any scope, whose outer one is the run's. */
void file_vars(struct file_run *r, struct vars *v, int member, enum family family);
/* {ttl}: as configured, within the bounds of the file; else the one of the element; else the file's
 * default; NULL for none. New reference, in the unit of the provider. */
json_t *file_ttl(const struct file_run *r, int member, const json_t *element);
const struct want *file_want(const struct file_run *r, const struct file_record *rec);

/* Outcomes. */
void file_tell(struct file_run *r, struct step_out *out, struct file_record *rec,
               enum outcome_class cls, msec wait, const char *say);
/* By the scope of the class: the record, its zone, or everything that is left. True: everything. */
bool file_fail(struct file_run *r, struct step_out *out, struct file_record *rec,
               const struct verdict *v);
void file_fail_all(struct file_run *r, struct step_out *out, const struct verdict *v);
/* A refused session or clock is mended once and the call repeated: true when that was begun. */
bool file_mended(struct file_run *r, const struct verdict *v);

/* The stages. Each does one thing and returns; "done" ones get the call that is over. */
/* "names": "at-bare" and a hostname without a dot: it is a name in the zone already. */
bool file_is_bare(const struct file_run *r, const char *hostname);
/* zone= of a member, NULL when there is none. One of ddclient's words that has no zone= is not
 * concerned with what a global line of another protocol says. */
const char *file_zone_told(const struct file_run *r, size_t member);
void file_zone_advance(struct file_run *r, const struct step_in *in, struct step_out *out);
/* A remembered zone that the provider does not know any more is looked for once again: true then.
 */
bool file_zone_again(struct file_run *r, const struct file_record *rec);
void file_zone_done(struct file_run *r, const struct step_in *in, struct step_out *out);
void file_records_advance(struct file_run *r, const struct step_in *in, struct step_out *out);
void file_records_done(struct file_run *r, const struct step_in *in, struct step_out *out);
void file_update_advance(struct file_run *r, const struct step_in *in, struct step_out *out);
void file_update_done(struct file_run *r, const struct step_in *in, struct step_out *out);

#endif
