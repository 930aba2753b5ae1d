/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_CONF_LIBIDN2_H
#define HOMING_CONF_LIBIDN2_H

#include <idn2.h>

#include "base/late.h"

/* libidn2, loaded when it is first called: all that homing calls of it. */
#define idn2_free        LATE(idn2, idn2_free)
#define idn2_to_ascii_8z LATE(idn2, idn2_to_ascii_8z)

#endif
