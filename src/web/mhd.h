/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_WEB_MHD_H
#define HOMING_WEB_MHD_H

#include <microhttpd.h>

#include "base/late.h"

/* libmicrohttpd, loaded when it is first called: all that homing calls of it. */
#define MHD_add_connection                LATE(mhd, MHD_add_connection)
#define MHD_add_response_header           LATE(mhd, MHD_add_response_header)
#define MHD_create_response_from_buffer   LATE(mhd, MHD_create_response_from_buffer)
#define MHD_create_response_from_callback LATE(mhd, MHD_create_response_from_callback)
#define MHD_destroy_response              LATE(mhd, MHD_destroy_response)
#define MHD_get_connection_info           LATE(mhd, MHD_get_connection_info)
#define MHD_get_connection_values         LATE(mhd, MHD_get_connection_values)
#define MHD_get_daemon_info               LATE(mhd, MHD_get_daemon_info)
#define MHD_get_timeout                   LATE(mhd, MHD_get_timeout)
#define MHD_get_version                   LATE(mhd, MHD_get_version)
#define MHD_is_feature_supported          LATE(mhd, MHD_is_feature_supported)
#define MHD_lookup_connection_value       LATE(mhd, MHD_lookup_connection_value)
#define MHD_queue_response                LATE(mhd, MHD_queue_response)
#define MHD_resume_connection             LATE(mhd, MHD_resume_connection)
#define MHD_run                           LATE(mhd, MHD_run)
#define MHD_start_daemon                  LATE(mhd, MHD_start_daemon)
#define MHD_stop_daemon                   LATE(mhd, MHD_stop_daemon)
#define MHD_suspend_connection            LATE(mhd, MHD_suspend_connection)

#endif
