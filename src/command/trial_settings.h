/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_COMMAND_TRIAL_SETTINGS_H
#define HOMING_COMMAND_TRIAL_SETTINGS_H

#include "command/command.h"
#include "conf/edit.h"
#include "publish/provider.h"

/*
 * The settings of a trial: name=value words of the command line, which must not be secrets, the
 * secrets of the provider file as they are asked for, and where the addresses come from.
 */
enum { TRIAL_SETTINGS_MOST = 64 };

struct trial_settings {
    struct edit_setting list[TRIAL_SETTINGS_MOST]; /* names and values owned */
    size_t count;
};

/* The words after the hostname, then what is missing. STATUS_RIGHT, or STATUS_USAGE after telling
 * why. t begins zeroed, and is freed whatever comes of it. */
int trial_settings_read(struct trial_settings *t, const struct command_call *call,
                        const struct provider_info *info);
void trial_settings_free(struct trial_settings *t); /* wipes the secrets */

#endif
