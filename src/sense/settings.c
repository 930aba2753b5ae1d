/*
 * SPDX-License-Identifier: ISC
 */
#include "sense/settings.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

bool setting_yes(const struct view *v, const char *name, bool otherwise)
{
    const char *value = view_get(v, name);

    if (value == NULL || value[0] == '\0')
        return otherwise;
    if (text_case_equal(value, "on"))
        return true;
    return strchr("yYtT1", value[0]) != NULL;
}

long setting_number(const struct view *v, const char *name, long otherwise)
{
    const char *value = view_get(v, name);
    uint64_t number;

    return value != NULL && text_number(value, &number) && number < 1000000 ? (long)number
                                                                            : otherwise;
}

msec setting_length(const struct view *v, const char *name, msec otherwise)
{
    const char *at = view_get(v, name);
    msec total = 0;

    if (at == NULL || at[0] == '\0')
        return otherwise;
    if (text_starts(at, "inf"))
        return NEVER;
    while (text_is_digit(*at)) {
        msec unit = SECOND, number = strtol(at, (char **)&at, 10);
        switch (text_lower(*at)) {
        case 'm':
            unit = MINUTE;
            break;
        case 'h':
            unit = HOUR;
            break;
        case 'd':
            unit = DAY;
            break;
        case 'w':
            unit = 7 * DAY;
            break;
        default:
            break;
        }
        while (text_is_alpha(*at) || *at == ' ')
            at++;
        if (number > 1000000)
            return otherwise;
        total += number * unit;
    }
    return total > 0 ? total : otherwise;
}
