/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_NET_REDIRECT_H
#define HOMING_NET_REDIRECT_H

#include <stdbool.h>

/*
 * Where a redirect may lead: to the same host, never from https to http, and to another port only
 * when the scheme becomes https with it. So nothing secret in a request reaches anybody else.
 */
bool redirect_allowed(const char *from, const char *to);

/* The method after a redirect with this status: RFC 9110, sections 15.4.2 to 15.4.9, as everybody
 * reads them: 303 makes all but HEAD a GET, 301 and 302 make a POST a GET. True when it becomes GET
 * without a body. */
bool redirect_becomes_get(int status, const char *method);

#endif
