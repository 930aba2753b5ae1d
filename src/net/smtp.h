/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_NET_SMTP_H
#define HOMING_NET_SMTP_H

#include <stdatomic.h>
#include <stddef.h>

#include "base/clock.h"
#include "base/error.h"

/*
 * Hands one mail to an SMTP server (RFC 5321), by libcurl. Blocks: for programs that have nothing
 * else to do, and for the thread pool. TLS is used where the server offers it, and demanded with
 * smtps:// or when a password is to be sent.
 */
struct smtp_mail {
    const char *server;           /* host[:port] or smtp(s)://[user:password@]host[:port] */
    const char *login, *password; /* NULL: as the server's text says */
    const char *ca_file;          /* NULL: the system's */
    const char *from;             /* envelope and nothing else */
    char *const *to;
    size_t to_count;
    const char *text; /* headers and body with plain newlines */
    size_t text_len;
    msec limit;
    const atomic_bool *stop; /* gives up soon after it becomes true; may be NULL */
};
/* ERR_DENIED: login and password, or a certificate, are refused; ERR_RANGE: the server will never
 * take this mail; ERR_BUSY: no way to the server, or the address that it leaves from is gone (it
 * may have arrived nevertheless); ERR_IO: another time perhaps. */
enum err smtp_send(const struct smtp_mail *mail, struct cause *cause);

#endif
