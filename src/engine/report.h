/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_ENGINE_REPORT_H
#define HOMING_ENGINE_REPORT_H

#include <jansson.h>

#include "engine/engine.h"
#include "engine/messages.h"

/*
 * The JSON documents of the API, which the commands print with --json: what a person is told is the
 * same everywhere. They hold no secret: of a secret setting only that it is set. Each function
 * gives a new reference; NULL when there is no such thing.
 */
struct report_query {
    const char *search; /* in name, description, provider, account, address; NULL: all */
    const char *state;  /* one of the six words, or "at-work" (changing and waiting); NULL: all */
    const char *sort;   /* "hostname", "state", "provider", "changed", with "-" downwards; NULL: of
                           the file */
    long offset, limit; /* limit 0: REPORT_LIMIT */
};
enum { REPORT_LIMIT = 500, REPORT_HISTORY = 200, REPORT_ATTEMPTS = 40 };

json_t *report_verdict(struct engine *e);
json_t *report_hostnames(struct engine *e, const struct report_query *query);
json_t *report_hostname(struct engine *e, const char *id); /* as in the list */
/* With its settings; "version" is that of the file they stand in. */
json_t *report_entry(struct engine *e, const char *id, const char *version);
json_t *report_why(struct engine *e, const char *id);
/* An exchange that a line of the log names, while it is remembered: {"id","at","about","host",
 * "request","answer","took","meaning","advice"}. */
json_t *report_exchange(struct engine *e, const char *id);
/* Parts of the engine as the page tells them: [{"id","state","since","message"}]. */
json_t *report_parts(struct engine *e);
/* Of the time between from and to (Unix ms; 0: open), a page of the history: without the "offset"
 * newest events before "to". Where older ones may follow, "next" is the offset to go on with: a
 * time would not do, for many hostnames have events of the same millisecond. */
json_t *report_addresses(struct engine *e, msec from, msec to, size_t offset);
json_t *report_sources(struct engine *e); /* the list within addresses */
/* {"requests","message"}; whole: with headers and bodies. */
json_t *report_plan(const struct engine_plan_result *plan, bool whole);

#endif
