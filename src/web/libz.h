/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_WEB_LIBZ_H
#define HOMING_WEB_LIBZ_H

#include <zlib.h>

#include "base/late.h"

/* zlib, loaded when it is first called: all that homing calls of it. */
#define deflate       LATE(z, deflate)
#define deflateBound  LATE(z, deflateBound)
#define deflateEnd    LATE(z, deflateEnd)
#define deflateInit2_ LATE(z, deflateInit2_)

#endif
