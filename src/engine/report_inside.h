/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_ENGINE_REPORT_INSIDE_H
#define HOMING_ENGINE_REPORT_INSIDE_H

#include <jansson.h>

#include "engine/show.h"

/* What the files of the report share: lists and pages (report.c), the one sentence (verdict.c), one
 * hostname in full (report_entry.c), this place (report_place.c). */
json_t *report_time(msec wall); /* null for 0 and NEVER */
json_t *report_id(const struct entry *entry);
json_t *report_set(const struct addrset *set);
json_t *report_counts(const long counts[SHOWN_STATES], long all);
/* What this place is; *detail: on its IPv6, or null. New references. */
json_t *report_place(const struct engine *e, json_t **detail);
json_t *report_history(struct engine *e, const char *id, size_t most); /* of one hostname */

#endif
