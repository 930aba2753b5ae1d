/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_WEB_LOGRING_H
#define HOMING_WEB_LOGRING_H

#include <jansson.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/log.h"

/*
 * The latest lines of the log, numbered, for the page. A sink of base/log; it never writes to the
 * log itself.
 */
struct logring;

enum { LOGRING_LINES = 5000, LOGRING_TEXT = 4096 };

/* fn is called for each new line with its document (borrowed); wanted() spares making it. */
struct logring_watch {
    bool (*wanted)(void *arg);
    void (*line)(void *arg, const json_t *doc);
    void *arg;
};
struct logring *logring_new(const struct logring_watch *watch);
void logring_free(struct logring *r);

struct logring_query {
    uint64_t after;      /* lines with a higher number */
    enum log_level most; /* at most this talkative */
    const char *search;  /* in text or subject, case-insensitive; NULL for all */
    size_t limit;        /* the newest so many */
};
/* {"lines":[{"id","at","level","about","text","exchange"}]}, oldest first. */
json_t *logring_read(const struct logring *r, const struct logring_query *q);

#endif
