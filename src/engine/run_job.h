/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_ENGINE_RUN_JOB_H
#define HOMING_ENGINE_RUN_JOB_H

#include <stdbool.h>

#include "base/clock.h"
#include "base/exchange.h"
#include "conf/runner.h"
#include "net/net.h"
#include "publish/step.h"

/*
 * Drives one protocol through the step interface: carries its requests, keeps its timer, hands its
 * outcomes on, and sees to it that every due record gets one. It knows no schedule and no state, so
 * that the engine, "once", "plan", "ddclient" and tests all use it.
 *
 * In a dry run (job->dry) requests that write are shown to on_request and answered with NET_DRY.
 * After a cancel only sessions (a promised logout) are still sent, and waited for at most
 * "logout_most".
 */
struct run_job;

/* At most "limit" requests in flight among all jobs that share the gate. Zeroed but for limit. */
struct run_gate {
    unsigned limit; /* 0: none */
    unsigned busy;
    struct run_job *first, *last; /* those that wait */
};

/* What of a request outlives it: for logs and "why". Valid during the call. */
struct run_request {
    const char *shown; /* masked, one line */
    const char *whole; /* masked, with headers and body; NULL unless "whole" was asked for */
    const struct marked *secrets; /* its secret pieces (request_secrets()); NULL likewise */
    const char *host;             /* host[:port] it goes to */
    bool writes, session;
};

struct run_result {
    bool cancelled;    /* by run_job_cancel() or the time limit */
    bool overtime;     /* by the time limit */
    bool sent;         /* some request may have reached the other side */
    bool wrote;        /* some writing request may have reached the other side */
    unsigned requests; /* that left this machine, as far as can be told */
    unsigned writes;
    msec took;
};

struct run_spec {
    struct net *net;
    const struct protocol *protocol;
    const struct provider *provider;     /* for the protocol; may be NULL */
    const struct job *job;               /* valid until on_done */
    const struct transport *transport;   /* likewise; its timeout is a program's, too */
    struct runner *runner;               /* for REQUEST_RUN; NULL: none is carried */
    struct run_gate *account, *endpoint; /* may be NULL */
    msec gap;                            /* between two writes */
    msec limit;                          /* the job's time; then it is cancelled; 0: no limit */
    msec logout_most;                    /* after a cancel */
    bool whole;                          /* fill run_request.whole */
    /* All may be NULL but on_done. None is called inside run_job_start(). */
    void (*on_request)(void *arg, const struct run_request *request); /* it has left */
    void (*on_reply)(void *arg, const struct run_request *request, const struct reply *reply);
    /* The job is over: with these, every due record has its outcome. True puts on_outcome and
     * on_done off for a few turns of the loop, so that what waited for the answer leaves before
     * each record is told of it; a cancel comes too late then. */
    bool (*on_answered)(void *arg, const struct outcome *outcomes, size_t count);
    void (*on_outcome)(void *arg, const struct outcome *outcome);
    void (*on_done)(void *arg, const struct run_result *result); /* once; the job is freed after */
    void *arg;
};

/* Copies the spec. */
struct run_job *run_job_start(const struct run_spec *spec);
/* on_done comes after the promised logout or its bound. May be called twice. */
void run_job_cancel(struct run_job *run);
/* So far: may some writing request have reached the other side? */
bool run_job_wrote(const struct run_job *run);
/* At once, without another call: for the end of the program only. */
void run_job_abandon(struct run_job *run);

/* host[:port] of a request, lower case: what an endpoint is. The buffer has 256 bytes. */
const char *run_job_host(const struct request *request, char *out);

#endif
