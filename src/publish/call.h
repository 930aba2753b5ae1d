/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_PUBLISH_CALL_H
#define HOMING_PUBLISH_CALL_H

#include <jansson.h>
#include <stdbool.h>

#include "base/map.h"
#include "publish/judge.h"
#include "publish/provider_data.h"
#include "publish/step.h"
#include "publish/take.h"
#include "publish/vars.h"

/*
 * One call of a slot: its requests in order, page after page, until there is a verdict. Makes
 * requests and reads replies; what follows from the verdict is not decided here.
 */
struct call {
    const struct provider *provider; /* borrowed */
    const char *slot;                /* its name */
    enum slot_kind kind;
    bool changes;      /* its requests may change something */
    struct map *cache; /* borrowed, NULL for none: replies of equal reads in this job */
    const char *about; /* for people: "find the zone" */
    msec clock_offset; /* added to the wall clock for {now} */

    size_t step; /* the request of the slot in hand */
    struct page page;
    json_t *over;             /* owned: what the page lays over the request */
    json_t *merged;           /* owned: the template in hand */
    char *key;                /* owned: of the read in hand, for the cache */
    struct request sent_copy; /* host and kind of what was sent, for messages */
    bool asked;               /* a request is out */
    bool sent_any;            /* one was made */

    struct vars vars; /* what was taken on the way; placeholders see it first */

    /* The result, once done. */
    bool done;
    struct verdict verdict;
    enum sent sent;       /* of the last request */
    bool garbled;         /* a good status, but a body that could not be read */
    json_t *elements;     /* owned list: what "each" and "take" chose */
    json_t *taken;        /* owned object: what "take" said without "each" */
    char *text;           /* owned: body of the last reply, "" without one */
    json_t *tree;         /* owned: the same as a tree */
    struct reply *status; /* owned: status and headers of the last reply */
};

void call_begin(struct call *c, const struct provider *p, const char *slot, enum slot_kind kind,
                const struct vars *outer);
/* Asks for the next request, or is done. */
void call_go(struct call *c, const struct step_in *in, struct step_out *out);
void call_reply(struct call *c, const struct step_in *in, struct step_out *out);
void call_end(struct call *c);

/* A reply remembered for the same read later in the job. */
void call_cache_free(void *p);

#endif
