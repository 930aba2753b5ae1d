/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_COMMAND_DDCLIENT_PASS_H
#define HOMING_COMMAND_DDCLIENT_PASS_H

#include <stdbool.h>

#include "command/cache.h"
#include "command/ddclient_report.h"
#include "conf/conf.h"
#include "net/net.h"
#include "publish/provider.h"
#include "sense/sense.h"

/*
 * One pass of "homing ddclient": learn the addresses, decide for each host as ddclient does, send
 * what is due, and note in the cache what came of it. Hosts of one account go one after the other,
 * accounts side by side. The pass owns nothing of what it is given; it writes the cache file twice
 * at most (attempts before the first request, outcomes at the end).
 */
struct pass;

struct pass_spec {
    struct net *net;
    struct sense *sense; /* its fn is taken while the pass lasts */
    struct registry *registry;
    struct runner *runner; /* for a hostname that a program publishes */
    const struct conf *conf;
    struct cache *cache;
    const char *cache_path; /* NULL: not written */
    struct report *report;
    bool first; /* of this process: force= holds for this one only */
    bool verbose;
    bool dry;           /* tell what would be sent: no write leaves, no file is written */
    bool silent_errors; /* max-warn=0 */
    msec conf_time;     /* wall time of the last change of the configuration file */
    void (*on_done)(void *arg);
    void *arg;
};

struct pass_result {
    size_t hosts;     /* that were looked at */
    size_t attempted; /* of these: sent */
    size_t failed;    /* of these: without success */
    size_t lost;      /* no address could be learned */
    bool stopped;     /* one waits for a person: credentials, abuse */
};

/* Starts; on_done comes later, never inside this call. */
struct pass *pass_start(const struct pass_spec *spec);
/* Gives up what is under way; on_done comes soon. */
void pass_cancel(struct pass *p);
const struct pass_result *pass_result(const struct pass *p);
/* After on_done. */
void pass_free(struct pass *p);

#endif
