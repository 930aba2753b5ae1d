/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_PUBLISH_JUDGE_H
#define HOMING_PUBLISH_JUDGE_H

#include <jansson.h>
#include <stdbool.h>

#include "base/exchange.h"
#include "base/outcome.h"
#include "publish/vars.h"

/*
 * Says what a reply means by the conditions of a provider file. Reads replies, changes nothing.
 */
enum slot_kind {
    SLOT_READ,
    SLOT_SESSION,
    SLOT_WRITE,       /* creates or sets: 404 means that the zone is gone */
    SLOT_WRITE_AT_ID, /* replaces, deletes or removes: 404 means that the record is gone */
    SLOT_UPDATE       /* blind: 404 means that the hostname is not there */
};

/* A reply as conditions see it. */
struct answer {
    const struct reply *reply; /* status and headers */
    const json_t *tree;        /* the parsed body, NULL when there is none */
    const char *text;          /* the body, or the line that is about one host */
};

struct verdict {
    enum outcome_class cls;
    msec wait;
    char *say; /* owned, without secrets; may be NULL */
};

/* A value against a test: scalar, list of alternatives, or
 * {"min","max","exists","has","not","match"}. Texts are templates; names are compared as DNS names,
 * addresses as bytes, numbers as numbers. */
bool judge_value(const json_t *actual, const json_t *test, const struct vars *vars);
/* {"field":{name:test}, "taken":{name:test}}, or a list: one of them. */
bool judge_if(const json_t *condition, const struct vars *vars);
bool judge_condition(const json_t *condition, const struct answer *a, const struct vars *vars);
/* Every pointer of "where" must agree. */
bool judge_where(const json_t *where, const json_t *element, const struct vars *vars);

/* "head" is the slot's first request: its own "errors", "ok" and "message" come first. */
void judge_reply(const struct provider *p, const json_t *head, enum slot_kind kind,
                 const struct answer *a, const struct vars *vars, msec wall_now,
                 struct verdict *out);
void verdict_free(struct verdict *v);
/* Replaces what is secret among the entry's settings, and control characters; cuts at a bound.
 * Owned. */
char *judge_clean(const struct provider *p, const struct vars *vars, const char *text);

#endif
