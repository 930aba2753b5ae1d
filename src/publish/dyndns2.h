/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_PUBLISH_DYNDNS2_H
#define HOMING_PUBLISH_DYNDNS2_H

#include "publish/step.h"

/*
 * The protocol of members.dyndns.org, which a hundred services speak, and its two close relatives:
 * one GET for a group of hostnames with both addresses, answered by one word a hostname. The words
 * are those of Dyn's "Remote Access API" and of No-IP's integration page; what each is to homing
 * stands in one table. Members of a job share server, account and options; should their wanted sets
 * differ all the same, each set travels in a request of its own.
 *
 * Settings: server, script, login, password, ssl, wildcard, mx, backupmx.
 */
extern const struct protocol protocol_dyndns2;
extern const struct protocol protocol_noip; /* https always; "system=noip"; waits are usual */
extern const struct protocol protocol_inwx; /* the account is bound to its name: no hostname sent */

/* The class of an answer word of that family ("good", "!yours", "w30m"); UNKNOWN when it is none.
 * *wait: how long the word asks to wait, 0 when it does not. */
enum outcome_class dyndns2_word(const char *word, size_t n, msec *wait);

#endif
