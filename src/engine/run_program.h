/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_ENGINE_RUN_PROGRAM_H
#define HOMING_ENGINE_RUN_PROGRAM_H

#include "base/exchange.h"
#include "conf/runner.h"
#include "net/net.h"

/*
 * Carries a REQUEST_RUN as net/ carries the others: what a runner says of a program becomes a
 * reply. It judges nothing.
 */

/* fn comes once, never inside this call. A program that was started may have written: its reply is
 * SENT_MAYBE when it was ended by us, SENT_NO when it never ran. The transport's time limit holds.
 * The request stays the caller's and is not needed any more. */
void run_program(struct runner *runner, const struct request *request,
                 const struct transport *transport, reply_fn *fn, void *arg);

#endif
