/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_CONF_IDENTITY_H
#define HOMING_CONF_IDENTITY_H

#include "base/buf.h"
#include "conf/inside.h"

/*
 * What entries and their accounts are called. Names are made from settings when somebody asks:
 * those of a hundred thousand hostnames would take more memory than all else that is kept of them.
 * Here are the functions of conf.h that do so, too.
 */

/* Once its seat is known, and those before it have theirs: where another entry has the short
 * identity already, it gets a longer one. */
void identity_settle(struct conf *c, struct conf_entry *e);
/* "cloudflare//me": provider or protocol, server, login; either may be NULL. */
void identity_add_account(struct buf *text, const struct kind *k, const char *server,
                          const char *login);

#endif
