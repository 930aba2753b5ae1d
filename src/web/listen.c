/*
 * SPDX-License-Identifier: ISC
 */
#include "web/listen.h"

#include <errno.h>
#include <grp.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/addr.h"
#include "base/mem.h"
#include "base/text.h"

enum { BACKLOG = 256, PEER_GROUPS_MAX = 256 };

static void to_sockaddr(const struct addr *a, unsigned port, struct sockaddr_storage *out,
                        socklen_t *len)
{
    memset(out, 0, sizeof *out);
    if (a->family == V4) {
        struct sockaddr_in *in = (struct sockaddr_in *)out;
        in->sin_family = AF_INET;
        in->sin_port = htons((uint16_t)port);
        memcpy(&in->sin_addr, a->bytes, 4);
        *len = sizeof *in;
    } else {
        struct sockaddr_in6 *in = (struct sockaddr_in6 *)out;
        in->sin6_family = AF_INET6;
        in->sin6_port = htons((uint16_t)port);
        memcpy(&in->sin6_addr, a->bytes, 16);
        *len = sizeof *in;
    }
}

/* Splits "HOST:PORT"; false when it is not of that form. */
static bool parse_where(const char *where, struct addr *a, unsigned *port, bool *both)
{
    const char *colon = strrchr(where, ':');
    const char *digits = colon != NULL ? colon + 1 : where;
    size_t n = colon != NULL ? (size_t)(colon - where) : 0;
    uint64_t number;

    *both = false;
    if (!text_number(digits, &number) || number > 65535)
        return false;
    *port = (unsigned)number;
    if (n == 0 || (n == 9 && strncmp(where, "localhost", 9) == 0))
        return addr_parse("127.0.0.1", a);
    if (n == 1 && where[0] == '*') {
        *both = true;
        return addr_parse("::", a);
    }
    if (where[0] == '[' && where[n - 1] == ']')
        return addr_parse_n(where + 1, n - 2, a) && a->family == V6;
    return addr_parse_n(where, n, a) && a->family == V4;
}

static enum err open_network(const char *where, struct listen_socket *out, struct cause *c)
{
    struct sockaddr_storage sa;
    socklen_t len;
    struct addr a;
    unsigned port;
    bool both;
    int on = 1, off = 0;

    if (!parse_where(where, &a, &port, &both))
        return cause_set(c, ERR_SYNTAX,
                         "listen=%s is not an address to listen on. Write it as 127.0.0.1:8245, "
                         "[::1]:8245, *:8245 or unix:/run/homing/homing.sock.",
                         where);
    to_sockaddr(&a, port, &sa, &len);
    int fd = socket(sa.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0 && both) { /* a system without IPv6 */
        addr_parse("0.0.0.0", &a);
        to_sockaddr(&a, port, &sa, &len);
        fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    }
    if (fd < 0)
        return cause_set(c, err_from_errno(errno), "No socket for %s: %s.", where, strerror(errno));
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (a.family == V6)
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, both ? &off : &on, sizeof on);
    if (bind(fd, (struct sockaddr *)&sa, len) != 0 || listen(fd, BACKLOG) != 0) {
        int error = errno;
        close(fd);
        if (error == EADDRINUSE)
            return cause_set(c, ERR_BUSY,
                             "Another program listens on %s already. Stop it, or choose another "
                             "port with listen=.",
                             where);
        return cause_set(c, err_from_errno(error), "Can not listen on %s: %s.", where,
                         strerror(error));
    }
    out->fd = fd;
    return OK;
}

/* Is a living server behind this path? */
static bool unix_alive(const struct sockaddr_un *sa)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return false;
    bool alive = connect(fd, (const struct sockaddr *)sa, sizeof *sa) == 0 || errno == EAGAIN;
    close(fd);
    return alive;
}

static void give_to_group(const char *group, struct listen_socket *out)
{
    const struct group *g = group != NULL ? getgrnam(group) : NULL;
    struct stat st;

    if (g == NULL)
        return;
    out->has_group = true;
    out->group = g->gr_gid;
    /* Without the right to do so the folder's own group (setgid) decides. */
    if (stat(out->path, &st) == 0 && st.st_gid == g->gr_gid)
        return; /* as in the service, whose unit lets nobody call chown */
    if (chown(out->path, (uid_t)-1, g->gr_gid) != 0)
        out->has_group = false;
}

static enum err open_unix(const char *path, const char *group, struct listen_socket *out,
                          struct cause *c)
{
    struct sockaddr_un sa = {.sun_family = AF_UNIX};
    struct stat st;

    if (path[0] != '/' || strlen(path) >= sizeof sa.sun_path)
        return cause_set(c, ERR_SYNTAX,
                         "listen=unix:%s: the path must be absolute and at most %zu bytes long.",
                         path, sizeof sa.sun_path - 1);
    memcpy(sa.sun_path, path, strlen(path) + 1);
    if (lstat(path, &st) == 0) {
        if (!S_ISSOCK(st.st_mode))
            return cause_set(c, ERR_EXISTS, "%s exists and is not a socket: it was left alone.",
                             path);
        if (unix_alive(&sa))
            return cause_set(c, ERR_BUSY, "Another homing serves %s already.", path);
        unlink(path);
    }
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return cause_set(c, err_from_errno(errno), "No socket for %s: %s.", path, strerror(errno));
    mode_t old = umask(0117); /* 0660 from the first moment */
    int bound = bind(fd, (struct sockaddr *)&sa, sizeof sa);
    int error = errno;
    umask(old);
    if (bound != 0 || listen(fd, BACKLOG) != 0) {
        error = bound != 0 ? error : errno;
        close(fd);
        return cause_set(c, err_from_errno(error), "Can not listen on %s: %s.", path,
                         strerror(error));
    }
    out->fd = fd;
    out->is_unix = true;
    out->path = mem_text(path);
    give_to_group(group, out);
    return OK;
}

enum err listen_open(const char *where, const char *group, struct listen_socket *out,
                     struct cause *c)
{
    *out = (struct listen_socket){.fd = -1};
    return text_starts(where, "unix:") ? open_unix(where + 5, group, out, c)
                                       : open_network(where, out, c);
}

void listen_close(struct listen_socket *s)
{
    if (s->fd >= 0)
        close(s->fd);
    s->fd = -1;
    if (s->path != NULL)
        unlink(s->path);
    mem_free(s->path);
    s->path = NULL;
}

static void from_sockaddr(const struct sockaddr_storage *sa, struct addr *a)
{
    const struct in6_addr *v6 = &((const struct sockaddr_in6 *)sa)->sin6_addr;
    bool mapped = sa->ss_family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(v6);

    a->family = sa->ss_family == AF_INET || mapped ? V4 : V6;
    if (sa->ss_family == AF_INET)
        memcpy(a->bytes, &((const struct sockaddr_in *)sa)->sin_addr, 4);
    else
        memcpy(a->bytes, v6->s6_addr + (mapped ? 12 : 0), mapped ? 4 : 16);
}

static bool bound_to(const struct listen_socket *s, struct addr *a, unsigned *port)
{
    struct sockaddr_storage sa;
    socklen_t len = sizeof sa;

    if (s->is_unix || getsockname(s->fd, (struct sockaddr *)&sa, &len) != 0)
        return false;
    from_sockaddr(&sa, a);
    *port = ntohs(sa.ss_family == AF_INET ? ((struct sockaddr_in *)&sa)->sin_port
                                          : ((struct sockaddr_in6 *)&sa)->sin6_port);
    return true;
}

unsigned listen_port(const struct listen_socket *s)
{
    struct addr a;
    unsigned port;

    return bound_to(s, &a, &port) ? port : 0;
}

bool listen_url(const struct listen_socket *s, bool tls, char *out)
{
    char text[ADDR_TEXT_MAX];
    struct addr a;
    unsigned port;

    if (!bound_to(s, &a, &port))
        return false;
    if (addr_kind(&a) == ADDR_UNSPECIFIED)
        addr_parse("127.0.0.1", &a);
    addr_text(&a, text);
    snprintf(out, LISTEN_URL_MAX, a.family == V6 ? "http%s://[%s]:%u/" : "http%s://%s:%u/",
             tls ? "s" : "", text, port);
    return true;
}

static bool in_group(const struct listen_socket *s, int fd, gid_t primary)
{
    gid_t groups[PEER_GROUPS_MAX];
    socklen_t len = sizeof groups;

    if (!s->has_group)
        return false;
    if (primary == s->group)
        return true;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &len) != 0)
        return false;
    for (size_t i = 0; i < len / sizeof groups[0]; i++)
        if (groups[i] == s->group)
            return true;
    return false;
}

static bool unix_peer(const struct listen_socket *s, int fd, struct http_peer *out)
{
    struct ucred cred;
    socklen_t len = sizeof cred;

    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &len) != 0)
        return false;
    out->where = HTTP_UNIX;
    out->uid = cred.uid;
    out->owner = cred.uid == 0 || cred.uid == geteuid() || in_group(s, fd, cred.gid);
    return true;
}

bool listen_peer(const struct listen_socket *s, int fd, const struct sockaddr_storage *from,
                 struct http_peer *out)
{
    *out = (struct http_peer){.where = HTTP_NETWORK};
    if (s->is_unix)
        return unix_peer(s, fd, out);
    if (from->ss_family != AF_INET && from->ss_family != AF_INET6)
        return false;
    from_sockaddr(from, &out->addr);
    if (addr_kind(&out->addr) == ADDR_LOOPBACK)
        out->where = HTTP_LOOPBACK;
    return true;
}
