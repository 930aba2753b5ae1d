/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_CONF_VALUE_H
#define HOMING_CONF_VALUE_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/clock.h"
#include "conf/settings.h"

/*
 * Checks one written value against its row of the settings table and brings it into its one form:
 * yes/no, seconds, lower-case names, today's words for old ones. It knows nothing of statements,
 * files or other settings.
 */

enum value_verdict {
    VALUE_GOOD,
    VALUE_NOTED, /* accepted; there is something to say (say, hint) */
    VALUE_BAD    /* not accepted; say tells why without quoting the value */
};

struct value {
    enum value_verdict verdict;
    bool changed; /* the form is in "form", else the written text is the form */
    bool old; /* written in ddclient's older way (usev6=if): old argument settings hold as well */
    struct buf form;
    const char *code; /* of the problem: "bad-number" */
    struct buf say, hint;
};

enum { VALUE_MAX = 64 * 1024 };

void value_init(struct value *v);
void value_free(struct value *v);
/* v is cleared first. Strategy names of source objects are accepted here and checked by the reader.
 */
enum value_verdict value_check(const struct setting *row, const char *text, struct value *v);

/* "300", "5m", "1h30m", "200ms", "inf". False when it is none. */
bool value_length(const char *text, msec *out);
/* yes/no, true/false, on/off, y/n, t/f, 1/0 in any case. */
bool value_bool(const char *text, bool *out);

#endif
