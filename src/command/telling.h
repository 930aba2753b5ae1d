/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_COMMAND_TELLING_H
#define HOMING_COMMAND_TELLING_H

#include "engine/post.h"
#include "net/mailer.h"

/* The post of a process, in the name of this machine. once: for one pass. The mailer outlives it.
 */
struct post *telling_new(struct engine *engine, struct mailer *mailer, bool once);

#endif
