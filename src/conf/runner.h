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

struct runner_ask {
    const char *entry;       /* identity, "define=KIND:NAME", or NULL for a global command */
    const char *setting;     /* of the class "command"; its type tells whether a shell runs it */
    const char *const *args; /* further arguments ended by NULL, or NULL; none for a program */
    const char *const *env;  /* "NAME=value" pairs ended by NULL, or NULL: added to a small clean
                                environment */
    const char *input;       /* standard input, at most RUNNER_INPUT_MAX bytes; NULL: none. With an
                                input more output than RUNNER_OUTPUT_MAX is an error (ERR_TOO_BIG) */
    size_t input_len;
    msec limit; /* then the process group is killed */
};
enum { RUNNER_INPUT_MAX = 32 * 1024 };

struct runner_ops {
    void (*run)(struct runner *runner, const struct runner_ask *ask, runner_fn *fn, void *arg);
};
struct runner {
    const struct runner_ops *ops;
};

#endif
