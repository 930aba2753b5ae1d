/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_COMMAND_PROVIDER_TRIAL_H
#define HOMING_COMMAND_PROVIDER_TRIAL_H

#include "command/command.h"
#include "publish/provider.h"

/*
 * Tries a provider file with one hostname, for "homing providers --test FILE HOST": the requests
 * are shown with dots for secrets; what reads is sent, and with --send all of it, once. No
 * configuration is read or written, and nothing of it is remembered. Secrets come from a terminal,
 * the standard input, a file or the environment, never from the command line.
 */

/* p is taken over. The words of the call are the hostname and name=value ... */
int provider_trial(const struct command_call *call, const struct places *places,
                   struct provider *p);

#endif
