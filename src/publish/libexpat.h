/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_PUBLISH_LIBEXPAT_H
#define HOMING_PUBLISH_LIBEXPAT_H

#include <expat.h>

#include "base/late.h"

/* expat, loaded when it is first called: all that homing calls of it. */
#define XML_Parse                      LATE(expat, XML_Parse)
#define XML_ParserCreate               LATE(expat, XML_ParserCreate)
#define XML_ParserFree                 LATE(expat, XML_ParserFree)
#define XML_SetCharacterDataHandler    LATE(expat, XML_SetCharacterDataHandler)
#define XML_SetElementHandler          LATE(expat, XML_SetElementHandler)
#define XML_SetStartDoctypeDeclHandler LATE(expat, XML_SetStartDoctypeDeclHandler)
#define XML_SetUserData                LATE(expat, XML_SetUserData)
#define XML_StopParser                 LATE(expat, XML_StopParser)

#endif
