/*
 * SPDX-License-Identifier: ISC
 */
#include "net/tls_end.h"

#include <openssl/ssl.h>
#include <stddef.h>

/* Curl's own OpenSSL: it is there when a session of it is. */
#define SSL_get_ex_data       LATE(ssl, SSL_get_ex_data)
#define SSL_get_shutdown      LATE(ssl, SSL_get_shutdown)
#define SSL_set_ex_data       LATE(ssl, SSL_set_ex_data)
#define SSL_set_info_callback LATE(ssl, SSL_set_info_callback)
static struct late late_ssl = {.file = "libssl.so.3"};

/*
 * The session goes when curl closes the connection, and takes with it what curl made for it (its
 * BIO's methods): it must not be held any longer than that.
 */
static void on_free(void *session, void *arg, CRYPTO_EX_DATA *data, int index, long number,
                    void *unused)
{
    struct tls_end *end = arg;

    if (end != NULL)
        end->session = NULL;
}

/* Where a session keeps its struct tls_end; -1: OpenSSL has no room. */
static int place(void)
{
    static int index = -2;

    if (index == -2)
        index = SSL_get_ex_new_index(0, NULL, NULL, NULL, on_free);
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

    if (end->watched || place() < 0 ||
        curl_easy_getinfo(easy, CURLINFO_TLS_SSL_PTR, &info) != CURLE_OK || info == NULL ||
        info->backend != CURLSSLBACKEND_OPENSSL || info->internals == NULL)
        return;
    SSL *session = info->internals;
    if (SSL_set_ex_data(session, place(), end) != 1)
        return;
    SSL_set_info_callback(session, on_info);
    end->session = session;
    end->watched = true;
    end->told = (SSL_get_shutdown(session) & SSL_RECEIVED_SHUTDOWN) != 0;
}

bool tls_end_cut(const struct tls_end *end)
{
    return end->watched && !end->told;
}

void tls_end_fini(struct tls_end *end)
{
    if (end->session != NULL) {
        SSL_set_info_callback(end->session, NULL);
        SSL_set_ex_data(end->session, place(), NULL);
    }
    *end = (struct tls_end){0};
}
