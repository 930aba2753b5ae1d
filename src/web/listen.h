/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_WEB_LISTEN_H
#define HOMING_WEB_LISTEN_H

#include <stdbool.h>
#include <sys/socket.h>
#include <sys/types.h>

#include "base/error.h"
#include "web/server.h"

/*
 * Listening sockets: opens them by their text, and says who came. Never accepts and never reads.
 */
struct listen_socket {
    int fd; /* non-blocking, close-on-exec; -1 when not open */
    bool is_unix;
    char *path; /* owned; of a unix socket */
    bool has_group;
    gid_t group; /* members of it are owners too */
};

/* Forms: "127.0.0.1:8245", "[::1]:8245", "*:8245" (both families), "8245" (loopback), "unix:/path".
 * group: name of the group that a unix socket is given to, or NULL. A dead unix socket in the way
 * is removed, a living one is ERR_BUSY. */
enum err listen_open(const char *where, const char *group, struct listen_socket *out,
                     struct cause *c);
/* Closes, and removes the path of a unix socket. */
void listen_close(struct listen_socket *s);
unsigned listen_port(const struct listen_socket *s); /* 0 for a unix socket */
/* "http://127.0.0.1:8245/": how a browser on this machine gets there; the buffer has LISTEN_URL_MAX
 * bytes. False for a unix socket. */
enum { LISTEN_URL_MAX = 80 };
bool listen_url(const struct listen_socket *s, bool tls, char *out);
/* Fills in who is at the other end of fd. False when the system can not say. */
bool listen_peer(const struct listen_socket *s, int fd, const struct sockaddr_storage *from,
                 struct http_peer *out);

#endif
