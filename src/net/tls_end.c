/*
 * SPDX-License-Identifier: ISC
 */
#include "net/tls_end.h"

#include <openssl/ssl.h>
#include <stddef.h>

/* Curl's own OpenSSL: it is there when a session of it is. */
#define SSL_free              LATE(ssl, SSL_free)
#define SSL_get_ex_data       LATE(ssl, SSL_get_ex_data)
#define SSL_get_shutdown      LATE(ssl, SSL_get_shutdown)
#define SSL_set_ex_data       LATE(ssl, SSL_set_ex_data)
#define SSL_set_info_callback LATE(ssl, SSL_set_info_callback)
#define SSL_up_ref            LATE(ssl, SSL_up_ref)
static struct late late_ssl = {.file = "libssl.so.3"};

/* Where a session keeps its struct tls_end; -1: OpenSSL has no room. */
static int place(void)
{
    static int index = -2;

    if (index == -2)
        index = SSL_get_ex_new_index(0, NULL, NULL, NULL, NULL);
    return index;
}

static void on_info(const SSL *session, int where, int alert)
{
    struct tls_end *end = SSL_get_ex_data(session, place());

    if (end != NULL && (where & SSL_CB_ALERT) != 0 && (where & SSL_CB_READ) != 0 &&
        (alert & 0xff) == SSL_AD_CLOSE_NOTIFY)
        end->told = true;
}

void tls_end_watch(struct tls_end *end, CURL *easy)
{
    struct curl_tlssessioninfo *info = NULL;

    if (end->session != NULL || place() < 0 ||
        curl_easy_getinfo(easy, CURLINFO_TLS_SSL_PTR, &info) != CURLE_OK || info == NULL ||
        info->backend != CURLSSLBACKEND_OPENSSL || info->internals == NULL)
        return;
    SSL *session = info->internals;
    if (SSL_set_ex_data(session, place(), end) != 1 || SSL_up_ref(session) != 1)
        return;
    SSL_set_info_callback(session, on_info);
    end->session = session;
    end->told = (SSL_get_shutdown(session) & SSL_RECEIVED_SHUTDOWN) != 0;
}

bool tls_end_cut(const struct tls_end *end)
{
    return end->session != NULL && !end->told;
}

void tls_end_fini(struct tls_end *end)
{
    if (end->session == NULL)
        return;
    SSL_set_info_callback(end->session, NULL);
    SSL_set_ex_data(end->session, place(), NULL);
    SSL_free(end->session);
    *end = (struct tls_end){0};
}
