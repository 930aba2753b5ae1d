/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_KEEPER_SANDBOX_H
#define HOMING_KEEPER_SANDBOX_H

#include <stdbool.h>

#include "base/error.h"

/*
 * Narrows the calling process for good, before it starts a thread or looks at a byte from outside:
 * own user, no new privileges, no core dumps, no program can be started, files can be written in
 * the given folders only and read where the system keeps what everybody needs. It decides nothing
 * about who is narrowed and why.
 */
enum sandbox_part {
    SANDBOX_LANDLOCK = 1, /* Linux 5.13 and later; each version of it as far as it goes */
    SANDBOX_SECCOMP = 2,  /* a short list of system calls that are refused with EPERM */
    SANDBOX_ALL = 3
};

struct sandbox_options {
    unsigned parts;              /* SANDBOX_ALL; tests prove each alone */
    const char *user;            /* become this user when root and when it exists; NULL: stay */
    const char *const *writable; /* folders, ended by NULL; NULL items are not allowed */
    const char *const *readable; /* files and folders besides the system's own; may be missing */
};

struct sandbox_report {
    int landlock;       /* the version of Landlock in force; 0: none */
    int landlock_error; /* errno: why there is none (EPERM: something around us refuses it) */
    bool seccomp;
    bool user; /* became the other user */
};

/* After an error the process is partly narrowed and should end. */
enum err sandbox_enter(const struct sandbox_options *o, struct sandbox_report *report,
                       struct cause *c);
/* "Landlock 7, system call filter, user homing" */
enum { SANDBOX_TEXT_MAX = 160 };
const char *sandbox_text(const struct sandbox_report *r, const char *user, char *out);

#endif
