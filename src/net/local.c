/*
 * SPDX-License-Identifier: ISC
 */
#include "net/local.h"

#include <curl/curl.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/mem.h"

/* Is anybody there? curl does not tell "no such socket" from other failures. */
static enum err knock(const char *path, struct cause *cause)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd;

    if (strlen(path) >= sizeof address.sun_path)
        return cause_set(cause, ERR_RANGE, "the path of the socket is too long: %s", path);
    memcpy(address.sun_path, path, strlen(path) + 1);
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return cause_set(cause, err_from_errno(errno), "no socket: %s", strerror(errno));
    int result = connect(fd, (const struct sockaddr *)&address, sizeof address);
    int error = errno;
    close(fd);
    if (result == 0)
        return OK;
    if (error == ENOENT || error == ECONNREFUSED || error == ENOTDIR)
        return cause_set(cause, ERR_NOT_FOUND, "no service listens at %s", path);
    if (error == EACCES || error == EPERM)
        return cause_set(cause, ERR_DENIED,
                         "the service at %s is for its owner, root and the group homing", path);
    return cause_set(cause, err_from_errno(error), "the service at %s can not be reached: %s", path,
                     strerror(error));
}

static size_t take(char *bytes, size_t size, size_t count, void *arg)
{
    return buf_add(arg, bytes, size * count) ? size * count : 0;
}

enum err local_send(const struct local_request *request, int *status, struct buf *body,
                    struct cause *cause)
{
    enum err e = knock(request->socket, cause);
    if (e != OK)
        return e;
    CURL *curl = curl_easy_init();
    if (curl == NULL)
        return cause_set(cause, ERR_MEMORY, "curl can not be set up");
    struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");
    char *url = mem_format("http://localhost%s", request->target);
    long code = 0;

    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, request->socket);
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)request->limit);
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request->method);
    if (request->body != NULL) {
        curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request->body);
    }
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, body);
    CURLcode result = curl_easy_perform(curl);
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &code);
    curl_slist_free_all(headers);
    curl_easy_cleanup(curl);
    mem_free(url);
    *status = (int)code;
    if (result != CURLE_OK)
        return cause_set(cause, result == CURLE_OPERATION_TIMEDOUT ? ERR_TIMEOUT : ERR_IO,
                         "the service did not answer: %s", curl_easy_strerror(result));
    return OK;
}
