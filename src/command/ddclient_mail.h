/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_COMMAND_DDCLIENT_MAIL_H
#define HOMING_COMMAND_DDCLIENT_MAIL_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/error.h"

/*
 * The mailed report of a pass: its text, and its way by the sendmail program or an SMTP server.
 * This module blocks until the mail was taken (MAIL_LIMIT at most): the pass is over by then.
 */
struct mail {
    const char *to;      /* as written: addresses separated by blanks or commas */
    const char *from;    /* NULL or "": none */
    const char *program; /* "ddclient" */
    const char *host;    /* of this machine */
    const char *body;
    msec now;
};
enum { MAIL_LIMIT = 60 * SECOND };

/* Headers and body with plain newlines. */
void mail_text(const struct mail *m, struct buf *out);
/* Walks the addresses of a recipient setting; each is owned text. NULL at the end. Words that look
 * like an option are left out. */
char *mail_next_address(const char **at);

enum err mail_by_sendmail(const struct mail *m, struct cause *cause);
/* server: host[:port] or smtp(s)://[user:password@]host[:port] */
enum err mail_by_server(const struct mail *m, const char *server, const char *ca_file,
                        struct cause *cause);

#endif
