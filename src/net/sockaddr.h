/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_NET_SOCKADDR_H
#define HOMING_NET_SOCKADDR_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "base/addr.h"

/* Between the system's socket addresses and ours. */

/* Fills in and returns the length. */
socklen_t sockaddr_from_addr(struct sockaddr_storage *ss, const struct addr *a, uint16_t port);
/* False when it is of no IP family. */
bool sockaddr_to_addr(const struct sockaddr *sa, struct addr *out);
/* Has no interface of this machine the address any more? False when that can not be told: a
 * link-local one alone does not say which. */
bool sockaddr_gone(const struct addr *a);
/* The addresses of a connected socket's two ends; false when it has none. */
bool sockaddr_local(int fd, struct addr *out);
bool sockaddr_peer(int fd, struct addr *out);

#endif
