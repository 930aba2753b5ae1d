/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_CONF_SETTINGS_TABLE_H
#define HOMING_CONF_SETTINGS_TABLE_H

#include "conf/settings.h"

/* The rows alone; everybody but settings.c asks by settings.h. */
enum { SETTINGS_MAX = 254 };
extern const struct setting settings_table[];
extern const size_t settings_rows;

#endif
