/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_NET_MAILER_H
#define HOMING_NET_MAILER_H

#include <uv.h>

#include "net/smtp.h"

/*
 * Mails by SMTP without blocking the loop: one after the other on the thread pool, so that they
 * never take more than one of its threads. It keeps nothing and repeats nothing.
 */
struct mailer;

struct mailer *mailer_new(uv_loop_t *loop);
/* Gives up what is under way (told as ERR_IO) and what waits. The loop must run until it has
 * nothing left to do. NULL is fine. */
void mailer_free(struct mailer *m);

/* Once, later. */
typedef void mailer_fn(void *arg, enum err result, const char *why);
/* Copies; stop is its own. */
void mailer_send(struct mailer *m, const struct smtp_mail *mail, mailer_fn *fn, void *arg);

#endif
