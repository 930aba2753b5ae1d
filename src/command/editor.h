/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_COMMAND_EDITOR_H
#define HOMING_COMMAND_EDITOR_H

#include "command/command.h"
#include "command/load.h"
#include "conf/save.h"

/*
 * What the commands that edit the configuration share: where it is, what it may hold, and how an
 * edit is carried out and told. They write the file themselves, as its owner; a running service is
 * told to read it, and has taken it over before the command ends.
 */
struct editor {
    const struct command_call *call;
    struct places places;
    struct loaded loaded; /* providers alone */
    struct conf_options options;
};

void editor_open(struct editor *ed, const struct command_call *call);
void editor_close(struct editor *ed);

struct save_place editor_place(const struct editor *ed);
/* The exit status of an edit that ended so. */
int editor_status(enum err e);
/* Carries the edit out and tells what came of it on call->out or call->err. *answer may be NULL. */
int editor_apply(struct editor *ed, const struct edit *edit, struct edit_answer *answer);

enum editor_use { USE_NO_SERVICE, USE_YES, USE_NO, USE_LATE };
/*
 * Has a running service read the file that was written and waits, a few seconds at most, until it
 * has taken it over, so that what comes next finds it there. Tells on call->err when it has not.
 * "use" may be NULL. The exit status of a command that did nothing else.
 */
int editor_await(const struct command_call *call, const struct places *places,
                 enum editor_use *use);

#endif
