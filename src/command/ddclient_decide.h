/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_COMMAND_DDCLIENT_DECIDE_H
#define HOMING_COMMAND_DDCLIENT_DECIDE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/addr.h"
#include "base/clock.h"
#include "command/cache.h"
#include "command/ddclient_report.h"

/*
 * ddclient's decision for one host and one pass (ddclient-language.md, 5.5), by the rule of
 * decide/due.h for each family. Pure: what it finds is returned, with the messages that tell why.
 * Where ddclient's own rule is a defect the mended one holds: families do not hide each other, and
 * a failure is not retried before min-error-interval, whatever the record's age.
 */
struct decide_facts {
    const struct cache_entry *entry; /* NULL: nothing is known of the host */
    bool known[FAMILIES];            /* wanted[] was learned */
    struct addr wanted[FAMILIES];
    msec min_interval, max_interval, min_error_interval; /* NEVER for "inf" */
    unsigned failures; /* in a row: each but the first doubles min-error-interval, up to a day */
    bool force;
    const char *changed; /* the options that changed since the last attempt, "a, b"; NULL: none */
    bool verbose;
    bool silent_errors; /* max-warn=0 */
    int64_t now;        /* Unix seconds */
};

enum { DECIDE_MESSAGES = 3, DECIDE_TEXT_MAX = 320 };
struct decide_message {
    enum report_label label;
    char text[DECIDE_TEXT_MAX];
};
struct decide_result {
    unsigned due;              /* FAMILY_BIT()s to send; 0: no update */
    bool held_min, held_error; /* an interval holds a change back: to be noted in the cache */
    struct decide_message messages[DECIDE_MESSAGES];
    unsigned message_count;
};

void decide_host(const struct decide_facts *facts, struct decide_result *out);

/* "1 day, 2 hours, 3 minutes, 4 seconds"; the buffer has DECIDE_LENGTH_MAX bytes; returns it. */
enum { DECIDE_LENGTH_MAX = 96 };
const char *decide_length(int64_t seconds, char *out);

#endif
