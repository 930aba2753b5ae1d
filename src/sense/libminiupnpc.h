/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_SENSE_LIBMINIUPNPC_H
#define HOMING_SENSE_LIBMINIUPNPC_H

#include <miniupnpc/igd_desc_parse.h>
#include <miniupnpc/miniupnpc.h>
#include <miniupnpc/upnpreplyparse.h>

#include "base/late.h"

/* miniupnpc, loaded when it is first called: all that homing calls of it. */
#define LIBMINIUPNPC_TEXT(version) "libminiupnpc.so." #version
#define LIBMINIUPNPC_FILE(version)                                                                 \
    LIBMINIUPNPC_TEXT(version) /* its version is that of the interface */
#define ClearNameValueList        LATE(upnp, ClearNameValueList)
#define FreeUPNPUrls              LATE(upnp, FreeUPNPUrls)
#define GetUPNPUrls               LATE(upnp, GetUPNPUrls)
#define GetValueFromNameValueList LATE(upnp, GetValueFromNameValueList)
#define ParseNameValue            LATE(upnp, ParseNameValue)
#define parserootdesc             LATE(upnp, parserootdesc)

#endif
