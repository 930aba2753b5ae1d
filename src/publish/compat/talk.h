/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_PUBLISH_COMPAT_TALK_H
#define HOMING_PUBLISH_COMPAT_TALK_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "publish/step.h"
#include "publish/web.h"

/*
 * The common part of those dialogues of ddclient that need several requests a hostname: a job is
 * worked through hostname by hostname and family by family, one request at a time. A script holds
 * what is particular: what to send in which step and what its answer means. Owns the order of
 * steps, the judgement of replies that are no answer, and that every record gets its outcome.
 */
struct talk;

/*
 * A script's functions are called with t->at 0 at the beginning of their phase. They either send
 * one request, naming the step at which they want to be called with its answer, or wait, or end the
 * phase: talk_ready(), talk_good(), talk_fail(). All but "record" may be NULL.
 */
struct talk_script {
    bool one_family; /* the legacy rule: IPv4 when its address is known, else IPv6; never both */
    size_t size;     /* bytes of t->mine, zeroed for each job */
    void (*job)(struct talk *t);    /* once: a list for all */
    void (*host)(struct talk *t);   /* once for each hostname */
    void (*record)(struct talk *t); /* for each family that is due */
    void (*leave)(struct talk *t);  /* after a hostname, whatever happened, also after a cancel */
    void (*fini)(void *mine);
};

enum talk_phase { TALK_JOB, TALK_HOST, TALK_RECORD, TALK_LEAVE, TALK_OVER };

struct talk {
    const struct job *job;
    const struct talk_script *script;
    const struct step_in *in; /* valid while a script runs */
    struct step_out *out;
    void *mine;

    enum talk_phase phase;
    unsigned at; /* step in the phase */
    size_t member;
    enum family family;
    /* About the record in hand; hostname and settings also in the phases of a host. */
    const char *hostname, *type;
    const struct view *settings;
    char ip[ADDR_TEXT_MAX];

    /* The answer, while a step runs with at > 0. */
    const struct reply *reply;
    json_t *json;           /* owned; NULL when the body is none */
    enum outcome_class cls; /* GOOD when the status is 2xx */
    char *say;              /* owned */
    msec asked_wait;

    /* Inside. */
    char *server;   /* owned; "host:port" of the last request */
    unsigned *told; /* owned; families of each member that have their outcome */
    bool pending, waiting, writes, cancelled, moved, left;
};

/* For the protocol's start, go and end. */
void *talk_start(const struct job *job, const struct talk_script *script);
void talk_go(void *step, const struct step_in *in, struct step_out *out);
void talk_end(void *step);

/* Settings. */
const char *talk_setting(const struct talk *t, const char *name, const char *fallback);
bool talk_flag(const struct talk *t, const char *name);
long talk_number(const struct talk *t, const char *name, long fallback);

/*
 * A request, of which the URL so far is server= (or the fallback) and the path; automatic: ssl=no
 * gives http. "at" is the step that gets the answer. To be filled in before the script returns.
 */
struct request *talk_request(struct talk *t, unsigned at, bool writes, const char *method,
                             const char *server, const char *path, bool automatic);
/* Appends "/segment", escaped. */
void talk_segment(struct request *r, const char *segment);
void talk_header(struct request *r, const char *name, const char *before, const char *value,
                 bool secret);
/* Takes the body over. secret: nothing of it is ever shown. */
void talk_body(struct request *r, json_t *body, bool secret);
void talk_wait(struct talk *t, unsigned at, msec length);

/* Ends a phase of a job or host (also "leave"). */
void talk_ready(struct talk *t);
/* The record in hand is done. */
void talk_good(struct talk *t, enum outcome_class cls);
/* The record, the hostname or the whole job failed, by the phase. */
void talk_fail(struct talk *t, enum outcome_class cls, const char *say, ...)
    __attribute__((format(printf, 3, 4)));
/* The provider's own words are in text (may be NULL): quoted, without secrets. */
void talk_refused(struct talk *t, enum outcome_class cls, const char *text);
/* True when the answer has status 2xx; else the phase has failed. */
bool talk_answered(struct talk *t);
/* The same, and its body is JSON. */
bool talk_json(struct talk *t);
/* Is there nothing but blanks in the answer's body. */
bool talk_blank(const struct talk *t);

/* By RFC 6901, in a list by number only; NULL when absent. Borrowed. */
json_t *talk_at(const json_t *json, const char *pointer);
/* Is it there, and anything but null, false, 0, "0" or an empty text: ddclient's question. */
bool talk_says(const json_t *json, const char *pointer);
const char *talk_text(const json_t *json, const char *pointer);
/* A number or text as text, owned; NULL when absent or null. */
char *talk_scalar(const json_t *json, const char *pointer);
/*
 * The hostname relative to the zone: "" at the apex; NULL when it is not inside. Owned. Compared
 * without regard to case.
 */
char *talk_relative(const char *hostname, const char *zone);
/* The same, but a hostname without a dot ("www", "*"; "@" for the apex) is a name in the zone. */
char *talk_in_zone(const char *hostname, const char *zone);
/* Are these the same DNS name: case, final dot and Unicode or A-labels make no difference. */
bool talk_same_name(const char *a, const char *b);

#endif
