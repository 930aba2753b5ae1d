/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_KEEPER_CHILD_H
#define HOMING_KEEPER_CHILD_H

#include <uv.h>

#include "conf/runner.h"

/*
 * Starts the commands that the owner of the configuration wrote, by /bin/sh, and programs, without
 * it: each in a process group of its own, with a small clean environment, a time limit and a bound
 * on what it may say. It knows no configuration: the text is given, and whoever gives it took it
 * from the file. SIGPIPE must be ignored in the process: a program need not read its input.
 */
struct children;

struct children *children_new(uv_loop_t *loop);
/* Ends those that run (their whole groups), tells their callers, and frees. The loop must turn
 * until it has nothing left to do. */
void children_free(struct children *c);
size_t children_running(const struct children *c);

struct child_request {
    const char *text;        /* for /bin/sh -c; never made of learned values */
    bool program;            /* text is the path of a program instead: no shell, no arguments */
    const char *const *args; /* further arguments, ended by NULL; may be NULL */
    const char *const *env;  /* "NAME=value", ended by NULL; may be NULL */
    const char *input; /* standard input; NULL: none. Output beyond the bound is then an error */
    size_t input_len;
    msec limit; /* then the group gets SIGTERM, and SIGKILL CHILD_GRACE later */
};
enum { CHILD_GRACE = 2 * SECOND, CHILDREN_MAX = 64 };

/* fn comes once, never before this returned. */
void children_run(struct children *c, const struct child_request *request, runner_fn *fn,
                  void *arg);

/* The same answer for a command that is not started: error and why. */
void children_refuse(struct children *c, enum err error, const char *why, runner_fn *fn, void *arg);

/* Of a learned or asked-for environment only names that begin so are passed on, so that no value
 * changes how a shell or a program of the command works (PATH, LD_PRELOAD, BASH_ENV, ...). */
#define CHILD_ENV_PREFIX "HOMING_"

#endif
