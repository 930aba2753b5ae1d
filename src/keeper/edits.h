/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_KEEPER_EDITS_H
#define HOMING_KEEPER_EDITS_H

#include "base/buf.h"
#include "conf/conf.h"
#include "conf/edit.h"
#include "keeper/message.h"

/*
 * Carries out an edit that the worker asked for, on the file: checks that it is the file the person
 * saw, has conf/edit.h prove the change, and writes it. Never as the owner: settings that name
 * commands or files, and secrets that would go to another server, are refused or cleared there.
 */

/* Fills "answer" (type and texts; these are valid until the next call) and returns true when the
 * file is to be read again. versions: the folder of former versions, for undo. */
bool edits_apply(const char *path, const char *versions, const struct message *asked,
                 const struct conf_providers *providers, struct message *answer);

#endif
