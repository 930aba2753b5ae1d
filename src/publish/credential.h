/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_PUBLISH_CREDENTIAL_H
#define HOMING_PUBLISH_CREDENTIAL_H

#include <stdbool.h>

#include "base/clock.h"
#include "publish/step.h"

/*
 * When the credentials of an account end, where the API says so: the slot "credential" of a
 * provider file, which takes "expires" (Unix time, or RFC 3339) or "expires-in" (seconds). It reads
 * and changes nothing, and is asked apart from jobs.
 */

/* As a dialogue: the first member's settings count. One outcome about the whole (member -1):
 * good, with the end in say for credential_end(); none: they do not end; or why it is not known. */
extern const struct protocol protocol_credential;

bool credential_asked(const struct provider *p); /* the file can tell */
/* Wall time; 0: not a time. */
msec credential_end(const char *say);
/* "2026-12-01T05:20:00Z", with a fraction or an offset, to wall time; false if it is none. */
bool credential_parse_time(const char *text, msec *out);

#endif
