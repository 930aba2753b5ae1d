/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_BASE_CLOCK_H
#define HOMING_BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Time is always an argument. Milliseconds everywhere; _s in a name means seconds.
 * mono: never jumps, goes on in suspend (CLOCK_BOOTTIME); its zero means nothing.
 * wall: Unix time; may jump, so waits are stored as (wall end, length) and never last longer than
 * length.
 */
typedef int64_t msec;
enum { SECOND = 1000, MINUTE = 60 * SECOND, HOUR = 60 * MINUTE };
#define DAY   ((msec)24 * HOUR)
#define NEVER INT64_MAX /* as a point in time: never; as a length: infinite */

struct moment {
    msec mono;
    msec wall;
};

/* The one place that reads the machine's clocks. */
struct moment clock_now(void);
/* Is the wall clock believable: not below the time of the build nor below "floor" (wall)? */
bool clock_believable(const struct moment *m, msec floor);

/* "2026-11-24T13:20:05Z"; the buffer has 25 bytes; returns it. */
const char *clock_text(msec wall, char *out);
/* HTTP date (RFC 9110, section 5.6.7, all three forms) to Unix ms; false if it is none. */
bool clock_parse_http_date(const char *s, msec *out);
/* "12 s", "5 min", "3 h", "2 days": for messages; the buffer has 24 bytes; returns it. */
const char *clock_length_text(msec length, char *out);

#endif
