/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_PUBLISH_NOTICE_H
#define HOMING_PUBLISH_NOTICE_H

#include <jansson.h>

#include "base/clock.h"
#include "publish/step.h"

/*
 * Tells people through a service of providers/notify/: one slot of its file, "tell" for a message
 * or "beat" for a sign of life, as a dialogue like any other, so that whoever drives dialogues
 * drives this one. It decides neither what is told nor when.
 */
struct notice {
    const char *id;      /* the same however often it is sent: services that can drop doubles */
    const char *event;   /* "changed", "failing", "recovered", "blocked", "lost", "back", ... */
    const char *level;   /* "good", "bad", "urgent" or "plain" */
    const char *title;   /* one line */
    const char *text;    /* lines */
    const char *machine; /* who tells; NULL: left out */
    msec at;             /* wall: of what is told */
    const json_t *hosts; /* borrowed list of objects, one a hostname; NULL: none */
};

/* What protocol_notice takes for a job. notice_job_init() fills the whole in; all is borrowed. */
struct notice_job {
    struct job job; /* first */
    struct member member;
    struct memory *memory; /* owned: nothing is remembered between two notices */
    const char *slot;
    const struct notice *notice; /* NULL for a beat */
};

void notice_job_init(struct notice_job *n, const char *slot, const struct view *settings,
                     const struct notice *notice, const char *agent);
void notice_job_fini(struct notice_job *n);

/* Its one outcome is about the whole (member -1). The class says what to do next, as for a
 * provider; the words are the service's own where it has any. */
extern const struct protocol protocol_notice;

#endif
