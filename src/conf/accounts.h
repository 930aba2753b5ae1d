/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_CONF_ACCOUNTS_H
#define HOMING_CONF_ACCOUNTS_H

#include "base/buf.h"
#include "conf/inside.h"

/*
 * Which account an entry belongs to, while a configuration is read: entries with the same provider,
 * server, login and secrets share one, and equal names with other secrets are told apart by a
 * number. No secret leaves the configuration's own memory for it.
 */
struct accounts {
    struct conf *conf;
    unsigned *secret_ids; /* owned; names that hold secrets and are used in this file */
    size_t secret_count;
    struct buf text;    /* the name that is being made */
    struct arena names; /* all that were */

    const void **key; /* owned; the one that is looked for, of "width" pointers */
    size_t width;
    const void **keys;        /* owned; one behind the other */
    struct account_row *rows; /* owned; beside them */
    uint32_t *index;          /* owned; key -> its number + 1, open addressing */
    size_t count, room, mask;
};

void accounts_init(struct accounts *as, struct conf *c);
void accounts_fini(struct accounts *as);
/* Completes the entry's seat, which has its kind and its object already, by what its account is. */
void accounts_settle(struct accounts *as, const struct conf_entry *e, struct seat *seat);

#endif
