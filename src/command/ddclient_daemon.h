/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_COMMAND_DDCLIENT_DAEMON_H
#define HOMING_COMMAND_DDCLIENT_DAEMON_H

#include <stdbool.h>

#include "base/error.h"

/*
 * Going to the background and the pid file, as ddclient does it and its callers expect it; the
 * parent stays until the child is ready, so that a failure is its exit status. To be called before
 * there are threads.
 */
struct background {
    int ready_fd;   /* to the parent; -1 without one */
    int pid_fd;     /* the locked pid file; -1 without one */
    char *pid_path; /* owned */
};

void background_init(struct background *b);
/* Forks. Returns in the child only; the parent ends: 0 when the child said that it is ready, else
 * with the child's status. */
enum err background_enter(struct background *b, struct cause *cause);
/* Writes and locks the pid file. ERR_BUSY when a running process has it. */
enum err background_pid_file(struct background *b, const char *path, struct cause *cause);
/* The parent may end; standard streams go to /dev/null. Nothing to do without a parent. */
void background_ready(struct background *b);
/* Removes the pid file, if it is this process's own. */
void background_leave(struct background *b);

#endif
