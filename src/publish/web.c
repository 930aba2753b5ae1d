/*
 * SPDX-License-Identifier: ISC
 */
#include "publish/web.h"

#include "base/marked.h"
#include "base/mem.h"
#include "base/text.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

/* RFC 3986, section 3.4: these may stand in a query as they are; & = + ; % # may not. */
static const char query_keep[] = "!$'()*,/:?@";

enum { EXCERPT_MAX = 80, SHORTEST_SECRET = 4 };

const char *web_setting(const struct view *settings, const char *name, const char *fallback)
{
    const char *value = view_get(settings, name);
    return value != NULL && value[0] != '\0' ? value : fallback;
}

bool web_flag(const struct view *settings, const char *name)
{
    static const char *const yes[] = {"y", "yes", "t", "true", "1"};
    const char *value = view_get(settings, name);

    for (size_t i = 0; value != NULL && i < sizeof yes / sizeof yes[0]; i++)
        if (text_case_equal(value, yes[i]))
            return true;
    return false;
}

static bool says_no(const struct view *settings, const char *name)
{
    const char *value = view_get(settings, name);
    return value != NULL && value[0] != '\0' && !web_flag(settings, name);
}

/* How many bytes of text are a scheme with its slashes; *https tells which. */
static size_t scheme_length(const char *text, bool *https)
{
    if (strncasecmp(text, "https://", 8) == 0) {
        *https = true;
        return 8;
    }
    if (strncasecmp(text, "http://", 7) == 0) {
        *https = false;
        return 7;
    }
    return 0;
}

void web_url(struct marked *url, const struct view *settings, const char *server, const char *path,
             bool automatic)
{
    bool https = !(automatic && says_no(settings, "ssl"));
    server += scheme_length(server, &https);
    marked_text(url, https ? "https://" : "http://");
    marked_text(url, server);
    if (strpbrk(server, "/?") == NULL && path[0] != '/')
        marked_text(url, "/");
    marked_text(url, path);
}

void web_escaped(struct marked *out, const char *text, bool secret)
{
    marked_percent(out, text, strlen(text), query_keep, secret);
}

void web_query(struct marked *url, const char *name, const char *value, bool secret)
{
    const char *so_far = marked_str(url);
    size_t n = url->text.len;

    if (strchr(so_far, '?') == NULL)
        marked_text(url, "?");
    else if (so_far[n - 1] != '?' && so_far[n - 1] != '&')
        marked_text(url, "&");
    marked_text(url, name);
    if (value != NULL) {
        marked_text(url, "=");
        web_escaped(url, value, secret);
    }
}

void web_basic(struct request *r, const char *login, const char *password)
{
    if (login == NULL && password == NULL)
        return;

    struct buf pair, encoded;
    buf_init(&pair, MARKED_MAX / 2);
    buf_init(&encoded, MARKED_MAX);
    buf_text(&pair, login != NULL ? login : "");
    buf_char(&pair, ':');
    buf_text(&pair, password != NULL ? password : "");
    text_add_base64(&encoded, buf_str(&pair), pair.len);
    struct marked *value = request_header(r, "Authorization");
    marked_text(value, "Basic ");
    marked_secret(value, buf_str(&encoded));
    buf_wipe(&pair);
    buf_wipe(&encoded);
}

char *web_host(const char *url)
{
    bool https;
    url += scheme_length(url, &https);
    return mem_text_n(url, strcspn(url, "/?#"));
}

enum outcome_class web_judge(const char *host, const struct reply *reply, bool writes,
                             msec wall_now, char **say, msec *wait)
{
    *say = NULL;
    *wait = 0;
    if (reply->error != NET_OK) {
        *say = mem_format("%s: %s%s%s", host, net_error_text(reply->error),
                          reply->detail != NULL ? ": " : "",
                          reply->detail != NULL ? reply->detail : "");
        return step_class_of_error(NULL, reply, NULL);
    }
    enum outcome_class cls = step_class_of_status(reply->status, writes);
    if (cls != OUTCOME_GOOD) {
        *say = mem_format("%s answered with HTTP status %d.", host, reply->status);
        *wait = reply_retry_after(reply, wall_now);
    }
    return cls;
}

/* Does the text hold the secret in any dress? */
static bool repeats(const char *text, const char *secret)
{
    struct marked secrets;
    struct buf out;
    size_t n = strlen(text);

    marked_init(&secrets);
    marked_encoded(&secrets, secret);
    buf_init(&out, 3 * n + 1);
    marked_hide(&secrets, text, n, &out);
    bool found = !text_equal(buf_str(&out), text);
    marked_free(&secrets);
    buf_wipe(&out);
    return found;
}

static bool holds_secret(const struct view *settings, const char *text)
{
    static const char *const names[] = {"password", "login", "apikey", "secretapikey"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const char *value = view_get(settings, names[i]);
        if (value == NULL || strlen(value) < SHORTEST_SECRET ||
            (i == 1 && !view_secret(settings, "login")))
            continue;
        if (strcasestr(text, value) != NULL || repeats(text, value))
            return true;
    }
    return false;
}

char *web_excerpt(const struct view *settings, const char *text, size_t n)
{
    char words[EXCERPT_MAX + 4];
    size_t len = 0;
    bool cut = n > EXCERPT_MAX;

    for (size_t i = 0; i < n && len < EXCERPT_MAX; i++)
        words[len++] = text[i] >= 0x20 && text[i] < 0x7f ? text[i] : ' ';
    while (len > 0 && words[len - 1] == ' ')
        len--;
    words[len] = '\0';
    char *whole = mem_text_n(text, n);
    for (size_t i = 0; i < n; i++)
        if (whole[i] == '\0') /* nothing hides behind it */
            whole[i] = ' ';
    bool secret = settings != NULL && holds_secret(settings, whole);
    mem_free_secret(whole);
    if (len == 0)
        return mem_text("nothing");
    if (secret)
        return mem_text("a text that repeats the password");
    return mem_format("\"%s%s\"", words, cut ? "..." : "");
}

bool web_line(const char *text, size_t n, size_t *at, const char **line, size_t *line_len)
{
    if (*at >= n)
        return false;
    const char *end = memchr(text + *at, '\n', n - *at);
    size_t stop = end != NULL ? (size_t)(end - text) : n;
    *line = text + *at;
    *line_len = stop - *at;
    *at = stop + 1;
    while (*line_len > 0 && (*line)[*line_len - 1] == '\r')
        --*line_len;
    return true;
}

size_t web_word(const char *line, size_t n, const char **word)
{
    size_t from = 0, to;

    while (from < n && text_is_space(line[from]))
        from++;
    for (to = from; to < n && !text_is_space(line[to]); to++)
        ;
    *word = line + from;
    return to - from;
}

void web_add_set(struct buf *out, const struct addrset *set)
{
    char text[ADDR_TEXT_MAX];

    for (size_t i = 0; i < set->count; i++) {
        if (i > 0)
            buf_char(out, ',');
        buf_text(out, addr_text(&set->items[i], text));
    }
}
