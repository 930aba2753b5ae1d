/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_ENGINE_EXCHANGES_H
#define HOMING_ENGINE_EXCHANGES_H

#include <stdint.h>

#include "base/outcome.h"
#include "engine/run_job.h"

/*
 * The latest exchanges with providers: what was sent and what came back, masked, for the log's
 * readers. Kept in memory alone; lines of the log name them by number (log_exchange()). It decides
 * nothing.
 */
struct exchanges;

struct exchange {
    uint64_t id;                   /* from 1; 0: none */
    msec at, took;                 /* wall; took -1: no answer yet */
    char *about, *provider, *host; /* owned: a hostname, what people call it, host[:port] */
    char *request;                 /* owned: masked, with headers and body */
    char *answer;                  /* owned: masked; NULL: none yet */
    bool writes, judged;
    enum outcome_class cls; /* judged: what it led to */
    char *say;              /* owned: the outcome's words; may be NULL */
};
enum { EXCHANGES_KEPT = 200, EXCHANGE_TEXT = 16 * 1024 };

struct exchanges *exchanges_new(void);
void exchanges_free(struct exchanges *x); /* NULL is fine */
/* Below, NULL remembers nothing: every number is 0. */
/* Its number. */
uint64_t exchanges_sent(struct exchanges *x, const char *about, const char *provider,
                        const struct run_request *r, msec wall);
/* The one among those from "first" on that this reply answers; 0: forgotten. answer is taken over.
 */
uint64_t exchanges_answered(struct exchanges *x, uint64_t first, const struct run_request *r,
                            msec took, char *answer);
/* The worst word about it is kept. */
void exchanges_judged(struct exchanges *x, uint64_t id, enum outcome_class cls, const char *say);
const struct exchange *exchanges_find(const struct exchanges *x, uint64_t id);

/* What came back, in one line without the secrets of the request and of the members' settings;
 * nothing of the body of a login's answer. Owned. */
char *exchange_answer(const struct provider *provider, const struct member *members, size_t count,
                      const struct run_request *r, const struct reply *reply);

#endif
