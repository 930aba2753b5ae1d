/*
 * SPDX-License-Identifier: ISC
 */
#include "net/smtp.h"

#include "net/curl.h"

#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/text.h"
#include "net/sockaddr.h"

struct source {
    const char *at;
    size_t left;
};

/* What is open to the server: several while it is tried by both families. */
enum { SOCKETS_MAX = 4 };
struct sockets {
    const atomic_bool *stop; /* or NULL */
    int open[SOCKETS_MAX];
    size_t count;
    bool cut; /* the address that it was sent from is gone: no answer can come */
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

static int on_open(void *arg, curl_socket_t fd, curlsocktype purpose)
{
    struct sockets *s = arg;

    (void)purpose;
    if (s->count < SOCKETS_MAX)
        s->open[s->count++] = fd;
    return CURL_SOCKOPT_OK;
}

static int on_close(void *arg, curl_socket_t fd)
{
    struct sockets *s = arg;

    for (size_t i = 0; i < s->count; i++)
        if (s->open[i] == fd) {
            s->open[i] = s->open[--s->count];
            break;
        }
    return close(fd);
}

static bool is_cut(const struct sockets *s)
{
    struct addr local;

    for (size_t i = 0; i < s->count; i++)
        if (!sockaddr_local(s->open[i], &local) || !sockaddr_gone(&local))
            return false;
    return s->count > 0;
}

/* About once a second while nothing comes. */
static int look(void *arg, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
    struct sockets *s = arg;

    (void)a, (void)b, (void)c, (void)d;
    s->cut = s->cut || is_cut(s);
    return s->cut || (s->stop != NULL && atomic_load(s->stop));
}

static void set_sockets(CURL *curl, struct sockets *sockets)
{
    curl_easy_setopt(curl, CURLOPT_SOCKOPTFUNCTION, on_open);
    curl_easy_setopt(curl, CURLOPT_SOCKOPTDATA, sockets);
    curl_easy_setopt(curl, CURLOPT_CLOSESOCKETFUNCTION, on_close);
    curl_easy_setopt(curl, CURLOPT_CLOSESOCKETDATA, sockets);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, look);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, sockets);
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
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
    struct sockets sockets = {.stop = mail->stop};
    set_up(curl, mail, url, &source);
    set_sockets(curl, &sockets);
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
    if (sockets.cut)
        return cause_set(cause, ERR_BUSY,
                         "the mail was not sent: the address that it was to be sent from is gone");
    return cause_set(cause, err_of(code, reply), "the mail was not sent: %s",
                     error[0] != '\0' ? error : curl_easy_strerror(code));
}
