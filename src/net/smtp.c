/*
 * SPDX-License-Identifier: ISC
 */
#include "net/smtp.h"

#include "net/curl.h"

#include <stdint.h>
#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/text.h"

struct source {
    const char *at;
    size_t left;
};

static size_t give(char *to, size_t size, size_t count, void *arg)
{
    struct source *s = arg;
    size_t n = size * count < s->left ? size * count : s->left;

    memcpy(to, s->at, n);
    s->at += n;
    s->left -= n;
    return n;
}

/* Lines end with CR LF in SMTP; dots at their begin are curl's to double. */
static void to_crlf(const struct smtp_mail *mail, struct buf *out)
{
    for (size_t i = 0; i < mail->text_len; i++) {
        if (mail->text[i] == '\n')
            buf_char(out, '\r');
        if (mail->text[i] != '\r')
            buf_char(out, mail->text[i]);
    }
}

static char *bracket(const char *address)
{
    return address[0] == '<' ? mem_text(address) : mem_format("<%s>", address);
}

static int look_at_stop(void *arg, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
    (void)a, (void)b, (void)c, (void)d;
    return atomic_load((const atomic_bool *)arg);
}

static void set_up(CURL *curl, const struct smtp_mail *mail, const char *url, struct source *source)
{
    bool password = strchr(url, '@') != NULL || mail->password != NULL;

    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)mail->limit);
    curl_easy_setopt(curl, CURLOPT_USE_SSL, password ? (long)CURLUSESSL_ALL : (long)CURLUSESSL_TRY);
    if (mail->ca_file != NULL)
        curl_easy_setopt(curl, CURLOPT_CAINFO, mail->ca_file);
    curl_easy_setopt(curl, CURLOPT_READFUNCTION, give);
    curl_easy_setopt(curl, CURLOPT_READDATA, source);
    curl_easy_setopt(curl, CURLOPT_INFILESIZE_LARGE, (curl_off_t)source->left);
    curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
    if (mail->login != NULL)
        curl_easy_setopt(curl, CURLOPT_USERNAME, mail->login);
    if (password)
        curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2); /* RFC 8996 */
    if (mail->password != NULL)
        curl_easy_setopt(curl, CURLOPT_PASSWORD, mail->password);
    if (mail->stop != NULL) {
        curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, look_at_stop);
        curl_easy_setopt(curl, CURLOPT_XFERINFODATA, (void *)(uintptr_t)mail->stop);
        curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    }
}

/* reply: the server's last, RFC 5321, 4.2.1: 4yz another time, 5yz never; 0 without one. */
static enum err err_of(CURLcode code, long reply)
{
    switch (code) {
    case CURLE_OK:
        return OK;
    case CURLE_LOGIN_DENIED:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_USE_SSL_FAILED:
        return ERR_DENIED;
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_CONNECT:
        return ERR_BUSY;
    default:
        return reply / 100 == 5 ? ERR_RANGE : ERR_IO;
    }
}

enum err smtp_send(const struct smtp_mail *mail, struct cause *cause)
{
    CURL *curl = curl_start() ? curl_easy_init() : NULL;
    struct curl_slist *to = NULL;
    struct buf text;
    char error[CURL_ERROR_SIZE] = "";

    if (curl == NULL)
        return cause_set(cause, ERR_MEMORY, "the mail was not sent: curl can not be set up");
    char *url = strstr(mail->server, "://") != NULL ? mem_text(mail->server)
                                                    : mem_format("smtp://%s", mail->server);
    char *from = bracket(mail->from);
    for (size_t i = 0; i < mail->to_count; i++) {
        char *address = bracket(mail->to[i]);
        to = curl_slist_append(to, address);
        mem_free(address);
    }
    buf_init(&text, 4 * mail->text_len + 16);
    to_crlf(mail, &text);
    struct source source = {buf_str(&text), text.len};
    set_up(curl, mail, url, &source);
    curl_easy_setopt(curl, CURLOPT_MAIL_FROM, from);
    curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, to);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, error);
    long reply = 0;
    CURLcode code = curl_easy_perform(curl);
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &reply);
    curl_easy_cleanup(curl);
    curl_slist_free_all(to);
    mem_free(from);
    mem_free_secret(url);
    buf_free(&text);
    if (code == CURLE_OK)
        return OK;
    return cause_set(cause, err_of(code, reply), "the mail was not sent: %s",
                     error[0] != '\0' ? error : curl_easy_strerror(code));
}
