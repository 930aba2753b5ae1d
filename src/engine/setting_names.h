/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_ENGINE_SETTING_NAMES_H
#define HOMING_ENGINE_SETTING_NAMES_H

#include <stddef.h>

/* The nth name of the table of settings, NULL at the end. */
const char *setting_name_at(size_t n);

#endif
