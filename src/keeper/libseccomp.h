/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_KEEPER_LIBSECCOMP_H
#define HOMING_KEEPER_LIBSECCOMP_H

#include <seccomp.h>

#include "base/late.h"

/* libseccomp, loaded when it is first called: all that homing calls of it. */
#define seccomp_init                 LATE(seccomp, seccomp_init)
#define seccomp_load                 LATE(seccomp, seccomp_load)
#define seccomp_release              LATE(seccomp, seccomp_release)
#define seccomp_rule_add             LATE(seccomp, seccomp_rule_add)
#define seccomp_syscall_resolve_name LATE(seccomp, seccomp_syscall_resolve_name)

#endif
