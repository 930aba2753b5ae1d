/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_NET_TLS_END_H
#define HOMING_NET_TLS_END_H

#include <stdbool.h>

#include "net/curl.h"

/*
 * Whether TLS said goodbye before the connection ended. curl takes a connection that was cut for
 * one that ended; where nothing but the end tells how long an answer is, only the peer's close
 * alert shows that it is whole (RFC 9112, section 9.8). Half an address looks like an address.
 */
struct tls_end {
    void *session; /* curl's, of OpenSSL; NULL: not watched, or gone with its connection */
    bool watched;
    bool told; /* the close alert came */
};

/* Inside a callback of the transfer, once its headers are there. Nothing is watched where the
 * connection has no TLS, or not OpenSSL's. The struct must stay where it is until tls_end_fini().
 */
void tls_end_watch(struct tls_end *end, CURL *easy);
bool tls_end_cut(const struct tls_end *end); /* it was watched, and no alert came */
void tls_end_fini(struct tls_end *end);

#endif
