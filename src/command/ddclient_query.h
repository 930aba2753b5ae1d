/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_COMMAND_DDCLIENT_QUERY_H
#define HOMING_COMMAND_DDCLIENT_QUERY_H

#include <stdio.h>

#include "base/view.h"
#include "command/ddclient_report.h"
#include "conf/conf.h"

/* ddclient's --query and --geturl: looks with the global settings, changes nothing. */

/* A survey of every way to learn an address; all at once, so it takes as long as the slowest. */
int query_all(struct conf *conf, FILE *out, struct report *report);
/* The page as homing sees it. */
int query_page(const struct view *globals, const char *url, FILE *out, struct report *report);

#endif
