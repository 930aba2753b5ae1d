/*
 * SPDX-License-Identifier: ISC
 */
#include "web/push_request.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "web/server.h"

enum { VALUE_MAX = 8192, NAME_MAX_BYTES = 32, CREDENTIALS_MAX = 512, LABEL_MAX = 63 };

/* ---- values ---- */

/* What could not be read, for a message: anybody's bytes become harmless ones. */
static void note_odd(struct push_request *r, const char *text, size_t n)
{
    size_t room = sizeof r->odd - 1, len = n < room ? n : room;

    if (r->odd[0] != '\0')
        return;
    for (size_t i = 0; i < len; i++)
        r->odd[i] = text[i] > 0x20 && text[i] < 0x7f ? text[i] : '?';
    r->odd[len] = '\0';
}

static void put(struct push_request *r, enum push_what what, const struct addr *a, unsigned length,
                const char *text, size_t n)
{
    struct push_value *v = &r->values[what];

    if (v->given && (!addr_equal(&v->addr, a) || v->length != length))
        note_odd(r, text, n);
    else
        *v = (struct push_value){.given = true, .addr = *a, .length = length};
}

static void read_host(struct push_request *r, const char *text, size_t n)
{
    if (n > 0 && text[n - 1] == '.')
        n--;
    if (r->host_count == PUSH_HOSTS) {
        r->too_many = true;
    } else if (n > PUSH_HOST_MAX) {
        r->malformed_host = true;
    } else {
        char *host = r->hosts[r->host_count++];
        memcpy(host, text, n);
        host[n] = '\0';
        text_lower_all(host);
    }
}

/* Some routers write the length of their network behind an address. */
static void read_address(struct push_request *r, const char *text, size_t n)
{
    const char *slash = memchr(text, '/', n);
    struct addr a;

    if (n == 4 && strncmp(text, "auto", 4) == 0)
        r->automatic = true;
    else if (addr_parse_n(text, slash != NULL ? (size_t)(slash - text) : n, &a))
        put(r, (enum push_what)a.family, &a, 0, text, n);
    else
        note_odd(r, text, n);
}

static void read_prefix(struct push_request *r, const char *text, size_t n)
{
    const char *slash = memchr(text, '/', n);
    size_t len = slash != NULL ? (size_t)(slash - text) : n;
    char *digits = slash != NULL ? mem_text_n(slash + 1, n - len - 1) : mem_text("64");
    uint64_t length = 0;
    struct addr a;

    if (addr_parse_n(text, len, &a) && a.family == V6 && text_number(digits, &length) &&
        length >= PUSH_PREFIX_LEAST && length <= PUSH_PREFIX_MOST)
        put(r, PUSH_PREFIX, &a, (unsigned)length, text, n);
    else
        note_odd(r, text, n);
    mem_free(digits);
}

static void read_auto(struct push_request *r, const char *text, size_t n)
{
    char *word = mem_text_n(text, n);

    if (!text_case_equal(word, "no") && !text_equal(word, "0"))
        r->automatic = true;
    mem_free(word);
}

/* ---- the query ---- */

static const struct {
    const char *name;
    bool list; /* separated by commas; what is empty is not there */
    void (*read)(struct push_request *r, const char *text, size_t n);
} parameters[] = {
    {"hostname", true, read_host},  {"myip", true, read_address},
    {"myipv6", true, read_address}, {"ip6lanprefix", true, read_prefix},
    {"auto", false, read_auto},
};

static void read_list(struct push_request *r, const char *text,
                      void (*read)(struct push_request *r, const char *text, size_t n))
{
    for (const char *at = text; *at != '\0';) {
        at += strspn(at, ", ");
        size_t n = strcspn(at, ", ");
        if (n > 0)
            read(r, at, n);
        at += n;
    }
}

static void read_parameter(struct push_request *r, const char *at, size_t n)
{
    const char *equals = memchr(at, '=', n);
    size_t len = equals != NULL ? (size_t)(equals - at) : n;
    const char *value = at + len + (equals != NULL);
    struct buf text;

    for (size_t i = 0; i < sizeof parameters / sizeof parameters[0]; i++) {
        if (len != strlen(parameters[i].name) || strncmp(parameters[i].name, at, len) != 0)
            continue;
        buf_init(&text, VALUE_MAX);
        if (!http_decode(value, (size_t)(at + n - value), true, &text)) {
            if (parameters[i].read == read_host)
                r->malformed_host = true;
            else
                note_odd(r, value, (size_t)(at + n - value));
        } else if (parameters[i].list) {
            read_list(r, buf_str(&text), parameters[i].read);
        } else {
            parameters[i].read(r, buf_str(&text), text.len);
        }
        buf_free(&text);
    }
}

void push_read(const char *query, struct push_request *out)
{
    *out = (struct push_request){.host_count = 0};
    for (const char *at = query; *at != '\0';) {
        size_t n = strcspn(at, "&");
        read_parameter(out, at, n);
        at += n + (at[n] == '&');
    }
    bool any = out->odd[0] != '\0';
    for (int i = 0; i < PUSH_WHATS; i++)
        any = any || out->values[i].given;
    out->automatic = out->automatic || !any;
}

static bool label_good(const char *label, size_t n, bool first)
{
    if (n == 0 || n > LABEL_MAX || label[0] == '-' || label[n - 1] == '-')
        return false;
    if (first && n == 1 && label[0] == '*')
        return true;
    for (size_t i = 0; i < n; i++)
        if (!text_is_alpha(label[i]) && !text_is_digit(label[i]) && label[i] != '-' &&
            label[i] != '_' && (unsigned char)label[i] < 0x80)
            return false;
    return true;
}

bool push_host_good(const char *host)
{
    size_t labels = 0;

    if (strlen(host) > PUSH_HOST_MAX)
        return false;
    for (const char *at = host;; labels++) {
        size_t n = strcspn(at, ".");
        if (!label_good(at, n, labels == 0))
            return false;
        if (at[n] == '\0')
            return labels > 0;
        at += n + 1;
    }
}

bool push_credentials(const char *header, char **login, char **password)
{
    uint8_t bytes[CREDENTIALS_MAX + 1];
    char scheme[7];

    *login = *password = NULL;
    if (header == NULL || strlen(header) < 6)
        return false;
    memcpy(scheme, header, 6);
    scheme[6] = '\0';
    if (!text_case_equal(scheme, "basic "))
        return false;
    const char *at = header + 6 + strspn(header + 6, " ");
    long n = text_from_base64(at, bytes, CREDENTIALS_MAX);
    if (n < 0)
        return false;
    bytes[n] = '\0';
    char *text = (char *)bytes, *colon = strchr(text, ':');
    bool good = colon != NULL && strlen(text) == (size_t)n;
    if (good) {
        *login = mem_text_n(text, (size_t)(colon - text));
        *password = mem_text(colon + 1);
    }
    mem_wipe(bytes, sizeof bytes);
    return good;
}

/* The value of a parameter, decoded; owned, NULL when it is not there or no text. */
static char *parameter(const char *query, const char *name)
{
    size_t len = strlen(name);

    for (const char *at = query; *at != '\0';) {
        size_t n = strcspn(at, "&");
        if (n > len && at[len] == '=' && strncmp(at, name, len) == 0) {
            struct buf text;
            buf_init(&text, CREDENTIALS_MAX);
            bool good = http_decode(at + len + 1, n - len - 1, true, &text);
            char *value = good ? mem_text(buf_str(&text)) : NULL;
            buf_wipe(&text);
            return value;
        }
        at += n + (at[n] == '&');
    }
    return NULL;
}

bool push_query_credentials(const char *query, char **login, char **password)
{
    *login = parameter(query, "username");
    *password = parameter(query, "password");
    if (*login != NULL && *password != NULL)
        return true;
    mem_free_secret(*login);
    mem_free_secret(*password);
    *login = *password = NULL;
    return false;
}

/* ---- the answer ---- */

const char *push_word_text(enum push_word word)
{
    static const char *const texts[PUSH_WORDS] = {
        [PUSH_GOOD] = "good",       [PUSH_NOCHG] = "nochg",   [PUSH_BADAUTH] = "badauth",
        [PUSH_NOTFQDN] = "notfqdn", [PUSH_NOHOST] = "nohost", [PUSH_NUMHOST] = "numhost",
        [PUSH_ABUSE] = "abuse",     [PUSH_911] = "911"};
    return texts[word];
}

void push_line(struct buf *out, enum push_word word, const struct push_value values[PUSH_WHATS])
{
    char text[ADDR_TEXT_MAX], between = ' ';

    buf_text(out, push_word_text(word));
    for (int i = 0; i < PUSH_PREFIX && (word == PUSH_GOOD || word == PUSH_NOCHG); i++) {
        if (!values[i].given)
            continue;
        buf_format(out, "%c%s", between, addr_text(&values[i].addr, text));
        between = ',';
    }
    buf_char(out, '\n');
}
