/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_TEST_EXCHANGES_H
#define HOMING_TEST_EXCHANGES_H

#include <jansson.h>
#include <stdbool.h>

#include "base/memory.h"
#include "publish/provider.h"
#include "publish/step.h"

/*
 * Drives the real interpreter over a case of providers/exchanges/<id>.json: a job made of "given",
 * then step by step the whole request compared and the reply given. Used by the tests; opens only
 * the files it is told.
 */
struct replay {
    const struct provider *provider;
    const json_t *given; /* of the case; borrowed */
    struct member *members;
    size_t member_count;
    json_t **settings; /* one object a member */
    struct memory *memory;
    struct job job;
    void *step;
    struct step_out out;
    msec mono;
    json_t *outcomes; /* list of {"member","families","class","say"} */
    bool done;
    unsigned timers;
};

void replay_begin(struct replay *r, const struct provider *p, const json_t *given);
void replay_end(struct replay *r);
/* One call of go(); outcomes are collected, requests stay in r->out (freed by the next call). */
void replay_go(struct replay *r, enum step_event event, const struct reply *reply);
/* Runs timers until there is a request or the end. */
void replay_settle(struct replay *r);
/* {"method","url","headers","body"} of a request; body as JSON where it is. New reference. */
json_t *replay_request(const struct request *r);
/* A reply out of {"status","headers","body","error","sent"}. */
void replay_reply(const json_t *spec, struct reply *out);

/*
 * The structure of a request, without its values: method, scheme and host, number of path segments,
 * names of the query, of the headers, and the shape of the body. Owned. "broken ..." when a part is
 * not of its form: an address with a character that does not belong there, a body that can not be
 * read back. A member of the query that is "value" and nothing else counts as any other such value;
 * value may be NULL.
 */
char *replay_structure(const struct request *r, const char *value);

json_t *exchanges_load(const char *folder, const char *file);

#endif
