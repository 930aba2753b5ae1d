/*
 * SPDX-License-Identifier: ISC
 */
#include "net/sockaddr.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <unistd.h>

socklen_t sockaddr_from_addr(struct sockaddr_storage *ss, const struct addr *a, uint16_t port)
{
    memset(ss, 0, sizeof *ss);
    if (a->family == V4) {
        struct sockaddr_in *sin = (struct sockaddr_in *)ss;
        sin->sin_family = AF_INET;
        sin->sin_port = htons(port);
        memcpy(&sin->sin_addr, a->bytes, 4);
        return sizeof *sin;
    }
    struct sockaddr_in6 *sin6 = (struct sockaddr_in6 *)ss;
    sin6->sin6_family = AF_INET6;
    sin6->sin6_port = htons(port);
    memcpy(&sin6->sin6_addr, a->bytes, 16);
    return sizeof *sin6;
}

bool sockaddr_to_addr(const struct sockaddr *sa, struct addr *out)
{
    *out = (struct addr){0};
    if (sa->sa_family == AF_INET) {
        out->family = V4;
        memcpy(out->bytes, &((const struct sockaddr_in *)sa)->sin_addr, 4);
        return true;
    }
    if (sa->sa_family == AF_INET6) {
        out->family = V6;
        memcpy(out->bytes, &((const struct sockaddr_in6 *)sa)->sin6_addr, 16);
        return true;
    }
    return false;
}

bool sockaddr_gone(const struct addr *a)
{
    struct sockaddr_storage ss;
    socklen_t len = sockaddr_from_addr(&ss, a, 0);
    bool gone = false;
    int fd =
        addr_kind(a) != ADDR_LINK_LOCAL ? socket(ss.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0) : -1;

    if (fd >= 0) {
        gone = bind(fd, (struct sockaddr *)&ss, len) != 0 && errno == EADDRNOTAVAIL;
        close(fd);
    }
    return gone;
}

bool sockaddr_local(int fd, struct addr *out)
{
    struct sockaddr_storage ss;
    socklen_t len = sizeof ss;

    return getsockname(fd, (struct sockaddr *)&ss, &len) == 0 &&
           sockaddr_to_addr((struct sockaddr *)&ss, out);
}

bool sockaddr_peer(int fd, struct addr *out)
{
    struct sockaddr_storage ss;
    socklen_t len = sizeof ss;

    return getpeername(fd, (struct sockaddr *)&ss, &len) == 0 &&
           sockaddr_to_addr((struct sockaddr *)&ss, out);
}
