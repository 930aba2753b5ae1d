/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_COMMAND_MANUAL_H
#define HOMING_COMMAND_MANUAL_H

#include <stdbool.h>

#include "base/buf.h"

/*
 * The parts of the manual pages that tables know: scdoc text for "homing help --manual PART". What
 * is said once cannot disagree.
 */

/* Parts: "commands" (from the records), "settings" and "objects" (from the settings table),
 * "sources" (the values of usev4= and usev6=), "notify" (the services that tell people),
 * "protocols" (ddclient's words). False for an unknown part. */
bool manual_part(const char *part, struct buf *out);

#endif
