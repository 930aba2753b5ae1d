/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_NET_HTTP_ERROR_H
#define HOMING_NET_HTTP_ERROR_H

#include "net/curl.h"

#include "base/exchange.h"

/*
 * What curl's words mean for us. Pure but for what is asked of the handle.
 */

/* What is known beside the code. */
struct http_facts {
    long os_error;      /* errno of the connection attempt, 0 when none */
    long connect_code;  /* a proxy's status for CONNECT, 0 when none */
    bool proxied;       /* a proxy was to be used */
    bool connected;     /* a connection stood */
    bool name_unsolved; /* a look-up was begun and did not end */
    const char *words;  /* curl's, "" when none */
};
enum net_error http_error(CURLcode code, const struct http_facts *facts);

/* errno of a failed connect, bind or sendto. */
enum net_error net_error_from_errno(long error);

/* libuv's code of a failed look-up: UV_EAI_... */
enum net_error net_error_from_lookup(int uv_error);

#endif
