/*
 * SPDX-License-Identifier: ISC
 */
#include "base/clock.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static msec to_ms(const struct timespec *t)
{
    return (msec)t->tv_sec * SECOND + t->tv_nsec / 1000000;
}

struct moment clock_now(void)
{
    struct timespec mono, wall;

    clock_gettime(CLOCK_BOOTTIME, &mono);
    clock_gettime(CLOCK_REALTIME, &wall);
    return (struct moment){to_ms(&mono), to_ms(&wall)};
}

bool clock_believable(const struct moment *m, msec floor)
{
    return m->wall >= HOMING_BUILD_EPOCH * SECOND && m->wall >= floor;
}

const char *clock_text(msec wall, char *out)
{
    time_t t = (time_t)(wall / SECOND);
    struct tm tm;

    if (gmtime_r(&t, &tm) == NULL || strftime(out, 25, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
        memcpy(out, "never", 6);
    return out;
}

bool clock_parse_http_date(const char *s, msec *out)
{
    static const char *const forms[] = {
        "%a, %d %b %Y %H:%M:%S GMT", /* IMF-fixdate */
        "%A, %d-%b-%y %H:%M:%S GMT", /* RFC 850 */
        "%a %b %e %H:%M:%S %Y",      /* asctime */
    };
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        struct tm tm = {0};
        const char *end = strptime(s, forms[i], &tm);
        if (end != NULL && *end == '\0') {
            *out = (msec)timegm(&tm) * SECOND;
            return true;
        }
    }
    return false;
}

const char *clock_length_text(msec length, char *out)
{
    if (length == NEVER)
        snprintf(out, 24, "ever");
    else if (length < 2 * MINUTE)
        snprintf(out, 24, "%lld s", (long long)((length + SECOND - 1) / SECOND));
    else if (length < 2 * (msec)HOUR)
        snprintf(out, 24, "%lld min", (long long)((length + MINUTE - 1) / MINUTE));
    else if (length < 2 * DAY)
        snprintf(out, 24, "%lld h", (long long)((length + HOUR - 1) / HOUR));
    else
        snprintf(out, 24, "%lld days", (long long)((length + DAY - 1) / DAY));
    return out;
}
