/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_CONF_RUNNER_H
#define HOMING_CONF_RUNNER_H

#include <stddef.h>

#include "base/clock.h"
#include "base/error.h"

/*
 * How commands of the configuration (cmd=, postscript=) are run. Whoever asks names the entry and
 * the setting, never the command: the keeper takes the text from its own reading of the file. In
 * one-process programs (once, ddclient) the same code runs without the socket between.
 */
struct runner;

struct runner_result {
    enum err error;     /* OK: it ran; ERR_TIMEOUT, ERR_DENIED, ERR_NOT_FOUND ... */
    int exit_status;    /* 128 + signal when it was ended by one */
    const char *output; /* standard output, at most RUNNER_OUTPUT_MAX bytes */
    size_t output_len;
    const char *why; /* a sentence when error is not OK */
};
enum { RUNNER_OUTPUT_MAX = 64 * 1024 };
typedef void runner_fn(void *arg,
                       const struct runner_result *result); /* once, never inside run() */

struct runner_ops {
    /* entry: identity, or NULL for a global command. env: "NAME=value" pairs ended by NULL, added
     * to a small clean environment. args: further arguments ended by NULL. limit: time limit, then
     * the process group is killed. */
    void (*run)(struct runner *runner, const char *entry, const char *setting,
                const char *const *args, const char *const *env, msec limit, runner_fn *fn,
                void *arg);
};
struct runner {
    const struct runner_ops *ops;
};

#endif
