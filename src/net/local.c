/*
 * SPDX-License-Identifier: ISC
 */
#include "net/local.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/mem.h"

enum { HEAD_MAX = 64 * 1024 }; /* of an answer */

static enum err reach(const char *path, int *out, struct cause *cause)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd;

    if (strlen(path) >= sizeof address.sun_path)
        return cause_set(cause, ERR_RANGE, "the path of the socket is too long: %s", path);
    memcpy(address.sun_path, path, strlen(path) + 1);
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return cause_set(cause, err_from_errno(errno), "no socket: %s", strerror(errno));
    if (connect(fd, (const struct sockaddr *)&address, sizeof address) == 0) {
        *out = fd;
        return OK;
    }
    int error = errno;
    close(fd);
    if (error == ENOENT || error == ECONNREFUSED || error == ENOTDIR)
        return cause_set(cause, ERR_NOT_FOUND, "no service listens at %s", path);
    if (error == EACCES || error == EPERM)
        return cause_set(cause, ERR_DENIED,
                         "the service at %s is for its owner, root and the group homing", path);
    return cause_set(cause, err_from_errno(error), "the service at %s can not be reached: %s", path,
                     strerror(error));
}

/* Waits for the socket until the end of the time. */
static enum err wait_for(int fd, short events, msec end, struct cause *cause)
{
    struct pollfd p = {.fd = fd, .events = events};
    msec left = end - clock_now().mono;
    int n = left > 0 ? poll(&p, 1, (int)left) : 0;

    if (n == 0)
        return cause_set(cause, ERR_TIMEOUT, "the service did not answer in time");
    if (n < 0 && errno != EINTR)
        return cause_set(cause, err_from_errno(errno), "waiting for the service: %s",
                         strerror(errno));
    return OK;
}

static enum err broken(struct cause *cause)
{
    return cause_set(cause, err_from_errno(errno), "the service did not answer: %s",
                     strerror(errno));
}

static bool again(void)
{
    return errno == EAGAIN || errno == EINTR;
}

/* HTTP/1.0, so that the answer is one piece and ends with the connection. */
static char *head_of(const struct local_request *request)
{
    if (request->body == NULL)
        return mem_format("%s %s HTTP/1.0\r\nHost: localhost\r\n\r\n", request->method,
                          request->target);
    return mem_format("%s %s HTTP/1.0\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                      "Content-Length: %zu\r\n\r\n",
                      request->method, request->target, strlen(request->body));
}

static enum err send_all(int fd, const char *bytes, msec end, struct cause *cause)
{
    size_t left = strlen(bytes);

    while (left > 0) {
        ssize_t n = send(fd, bytes, left, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n > 0) {
            bytes += n;
            left -= (size_t)n;
            continue;
        }
        /* A service that refuses early has answered and closed; what it said is read. */
        if (n < 0 && errno == EPIPE)
            return OK;
        if (n < 0 && !again())
            return broken(cause);
        enum err e = wait_for(fd, POLLOUT, end, cause);
        if (e != OK)
            return e;
    }
    return OK;
}

static enum err receive_all(int fd, struct buf *all, msec end, struct cause *cause)
{
    char piece[16384];

    for (;;) {
        ssize_t n = recv(fd, piece, sizeof piece, MSG_DONTWAIT);
        if (n == 0)
            return OK;
        if (n < 0 && errno == ECONNRESET && all->len > 0)
            return OK;
        if (n < 0 && !again())
            return broken(cause);
        if (n > 0 && !buf_add(all, piece, (size_t)n))
            return cause_set(cause, ERR_RANGE, "the service's answer is too long");
        enum err e = n < 0 ? wait_for(fd, POLLIN, end, cause) : OK;
        if (e != OK)
            return e;
    }
}

/* "HTTP/1.1 200 OK", headers, an empty line, the body. */
static enum err take_apart(const struct buf *all, int *status, struct buf *body,
                           struct cause *cause)
{
    static const char length[] = "\r\nContent-Length:";
    const char *text = buf_str(all), *end = strstr(text, "\r\n\r\n");
    size_t n = end != NULL ? all->len - (size_t)(end + 4 - text) : 0;
    const char *said = end != NULL ? strcasestr(text, length) : NULL;

    if (end == NULL || strncmp(text, "HTTP/1.", 7) != 0 || strlen(text) < 12)
        return cause_set(cause, ERR_IO, "what listens at the socket does not answer as homing");
    if (said != NULL && said < end && strtoul(said + sizeof length - 1, NULL, 10) != n)
        return cause_set(cause, ERR_IO, "the service broke off its answer");
    *status = (int)strtol(text + 9, NULL, 10);
    return buf_add(body, end + 4, n)
               ? OK
               : cause_set(cause, ERR_RANGE, "the service's answer is too long");
}

enum err local_send(const struct local_request *request, int *status, struct buf *body,
                    struct cause *cause)
{
    msec end = clock_now().mono + request->limit;
    struct buf all;
    int fd = -1;
    enum err e = reach(request->socket, &fd, cause);

    if (e != OK)
        return e;
    char *head = head_of(request);
    buf_init(&all, body->max + HEAD_MAX);
    e = send_all(fd, head, end, cause);
    if (e == OK && request->body != NULL)
        e = send_all(fd, request->body, end, cause);
    if (e == OK)
        e = receive_all(fd, &all, end, cause);
    if (e == OK)
        e = take_apart(&all, status, body, cause);
    close(fd);
    mem_free(head);
    buf_wipe(&all);
    return e;
}
