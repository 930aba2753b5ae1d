/*
 * SPDX-License-Identifier: ISC
 */
#include "net/http_error.h"

#include <errno.h>
#include <string.h>
#include <uv.h>

enum net_error net_error_from_errno(long error)
{
    switch (error) {
    case 0:
    case ECONNRESET:
    case EPIPE:
        return NET_RESET;
    case ECONNREFUSED:
        return NET_REFUSED;
    case ETIMEDOUT:
        return NET_TIMEOUT;
    case ENETUNREACH:
    case EHOSTUNREACH:
    case ENETDOWN:
    case EHOSTDOWN:
    case EADDRNOTAVAIL: /* the source address is gone, or none fits */
    case EAFNOSUPPORT:  /* the source address is of the other family */
    case ENODEV:        /* the interface is gone */
    case ENONET:
    case EACCES: /* a prohibit route or a local filter */
    case EPERM:
    case EMFILE: /* nothing of this machine's was left to go there by */
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
        return NET_NO_ROUTE;
    default:
        return NET_INTERNAL;
    }
}

enum net_error net_error_from_lookup(int uv_error)
{
    switch (uv_error) {
    case UV_EAI_NONAME:
    case UV_EAI_NODATA:
    case UV_EAI_ADDRFAMILY:
        return NET_BAD_NAME;
    default:
        return NET_NO_NAME; /* EAI_AGAIN, EAI_FAIL and whatever else: no server could tell */
    }
}

/* What a code means by itself; NET_OK where it depends on the facts. */
static const struct {
    CURLcode code;
    enum net_error error;
} meanings[] = {
    {CURLE_COULDNT_RESOLVE_PROXY, NET_PROXY},
    {CURLE_PROXY, NET_PROXY},
    {CURLE_GOT_NOTHING, NET_RESET},
    {CURLE_SEND_ERROR, NET_RESET},
    {CURLE_PARTIAL_FILE, NET_RESET},
    {CURLE_HTTP2, NET_RESET},
    {CURLE_HTTP2_STREAM, NET_RESET},
    {CURLE_PEER_FAILED_VERIFICATION, NET_TLS},
    {CURLE_SSL_CERTPROBLEM, NET_TLS},
    {CURLE_SSL_CIPHER, NET_TLS},
    {CURLE_SSL_CACERT_BADFILE, NET_TLS},
    {CURLE_SSL_ISSUER_ERROR, NET_TLS},
    {CURLE_SSL_INVALIDCERTSTATUS, NET_TLS},
    {CURLE_SSL_ENGINE_INITFAILED, NET_TLS},
    {CURLE_USE_SSL_FAILED, NET_TLS},
    {CURLE_WEIRD_SERVER_REPLY, NET_PROTOCOL},
    {CURLE_BAD_CONTENT_ENCODING, NET_PROTOCOL},
    {CURLE_UNSUPPORTED_PROTOCOL, NET_PROTOCOL}, /* an answer without status line: HTTP/0.9 */
    {CURLE_WRITE_ERROR, NET_TOO_BIG},           /* our callbacks refuse for no other reason */
    {CURLE_FILESIZE_EXCEEDED, NET_TOO_BIG},
    {CURLE_TOO_MANY_REDIRECTS, NET_REDIRECT},
};

static enum net_error of_connect(const struct http_facts *f)
{
    if (f->proxied)
        return NET_PROXY;
    /* No errno: there was no address of the wanted family to try. */
    return f->os_error != 0 ? net_error_from_errno(f->os_error) : NET_NO_ROUTE;
}

/* A handshake that the other side or the network cut off proves nothing about certificates. */
static enum net_error of_handshake(const struct http_facts *f)
{
    bool cut = strstr(f->words, "SSL_ERROR_SYSCALL") != NULL ||
               strstr(f->words, "onnection reset") != NULL ||
               strstr(f->words, "unexpected eof") != NULL;
    return cut ? NET_RESET : NET_TLS;
}

enum net_error http_error(CURLcode code, const struct http_facts *f)
{
    switch (code) {
    case CURLE_OK:
        return NET_OK;
    case CURLE_COULDNT_RESOLVE_HOST:
        return NET_NO_NAME; /* or NET_BAD_NAME: see http.c, which asks again */
    case CURLE_COULDNT_CONNECT:
    case CURLE_INTERFACE_FAILED:
        return of_connect(f);
    case CURLE_SSL_CONNECT_ERROR:
        return of_handshake(f);
    case CURLE_OPERATION_TIMEDOUT:
        return f->name_unsolved ? NET_NO_NAME : NET_TIMEOUT;
    case CURLE_RECV_ERROR:
        return f->connect_code != 0 && f->connect_code / 100 != 2 ? NET_PROXY : NET_RESET;
    default:
        break;
    }
    for (size_t i = 0; i < sizeof meanings / sizeof meanings[0]; i++)
        if (meanings[i].code == code)
            return meanings[i].error;
    return NET_INTERNAL;
}
