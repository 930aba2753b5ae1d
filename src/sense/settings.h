/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_SENSE_SETTINGS_H
#define HOMING_SENSE_SETTINGS_H

#include <stdbool.h>

#include "base/clock.h"
#include "base/view.h"

/* Typed reading of a view's texts, which were checked when the file was read. */
bool setting_yes(const struct view *v, const char *name, bool otherwise);
long setting_number(const struct view *v, const char *name, long otherwise);
/* "120", "2m", "1h30m" ...; NEVER for "inf". */
msec setting_length(const struct view *v, const char *name, msec otherwise);

#endif
