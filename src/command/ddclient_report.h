/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_COMMAND_DDCLIENT_REPORT_H
#define HOMING_COMMAND_DDCLIENT_REPORT_H

#include <stdbool.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/log.h"

/*
 * What "homing ddclient" says: lines with ddclient's labels on standard error, in the system log
 * and in the report that is mailed. Lines of the one log (base/log.h) come here too, while a report
 * is open. This module sends no mail itself (ddclient_mail.h).
 */

enum report_label {
    REPORT_DEBUG,
    REPORT_INFO,
    REPORT_SUCCESS,
    REPORT_WARNING,
    REPORT_FAILED,
    REPORT_FATAL,
    REPORT_RAW /* no prefix */
};

struct report {
    FILE *err;
    bool debug, verbose, quiet;
    bool syslog;
    bool settled;     /* whether the system log is wanted is known */
    struct buf early; /* what was said before: a label's letter and a line each */
    int priority;     /* syslog's level for ordinary messages */
    bool failed;      /* something failed in this pass */
    int sink;         /* handle in the one log */
    struct buf mail;  /* this pass's messages */
    char *former;     /* owned: those of the pass before, to repeat nothing */
};

void report_init(struct report *r, FILE *err);
void report_fini(struct report *r);
/* Opens the system log, or opens it anew: names as in syslog.conf ("daemon", "notice"); unknown
 * ones give the defaults. What was said since report_init() goes there too, the first time. */
void report_open_syslog(struct report *r, const char *program, const char *facility,
                        const char *priority);
/* From now on nothing goes there. */
void report_close_syslog(struct report *r);
/* context: "[host][use=web]" or "". */
void report_say(struct report *r, enum report_label label, const char *context, const char *format,
                ...) __attribute__((format(printf, 4, 5)));
/* The pass is over: true when its messages are worth a mail, as they differ from the former ones.
 * The text is then in r->mail until report_next(). */
bool report_news(const struct report *r);
void report_next(struct report *r);

#endif
