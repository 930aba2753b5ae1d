/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_NET_CURL_H
#define HOMING_NET_CURL_H

#include <curl/curl.h>
#include <stdbool.h>

#include "base/late.h"

/* libcurl, loaded when it is first called: all that homing calls of it. */
#undef curl_easy_setopt
#undef curl_easy_getinfo
#undef curl_multi_setopt
#define curl_easy_cleanup        LATE(curl, curl_easy_cleanup)
#define curl_easy_getinfo        LATE(curl, curl_easy_getinfo)
#define curl_easy_init           LATE(curl, curl_easy_init)
#define curl_easy_perform        LATE(curl, curl_easy_perform)
#define curl_easy_reset          LATE(curl, curl_easy_reset)
#define curl_easy_setopt         LATE(curl, curl_easy_setopt)
#define curl_easy_strerror       LATE(curl, curl_easy_strerror)
#define curl_free                LATE(curl, curl_free)
#define curl_global_init         LATE(curl, curl_global_init)
#define curl_multi_add_handle    LATE(curl, curl_multi_add_handle)
#define curl_multi_cleanup       LATE(curl, curl_multi_cleanup)
#define curl_multi_info_read     LATE(curl, curl_multi_info_read)
#define curl_multi_init          LATE(curl, curl_multi_init)
#define curl_multi_remove_handle LATE(curl, curl_multi_remove_handle)
#define curl_multi_setopt        LATE(curl, curl_multi_setopt)
#define curl_multi_socket_action LATE(curl, curl_multi_socket_action)
#define curl_slist_append        LATE(curl, curl_slist_append)
#define curl_slist_free_all      LATE(curl, curl_slist_free_all)
#define curl_url                 LATE(curl, curl_url)
#define curl_url_cleanup         LATE(curl, curl_url_cleanup)
#define curl_url_get             LATE(curl, curl_url_get)
#define curl_url_set             LATE(curl, curl_url_set)
#define curl_version             LATE(curl, curl_version)
#define curl_version_info        LATE(curl, curl_version_info)

/* Before anything else is asked of it, in any thread. False: it does not start. */
bool curl_start(void);

#endif
