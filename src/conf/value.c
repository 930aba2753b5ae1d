/*
 * SPDX-License-Identifier: ISC
 */
#include "conf/value.h"

#include "base/addr.h"
#include "base/text.h"

#include <inttypes.h>
#include <string.h>

void value_init(struct value *v)
{
    memset(v, 0, sizeof *v);
    buf_init(&v->form, VALUE_MAX);
    buf_init(&v->say, 1000);
    buf_init(&v->hint, 1000);
}

void value_free(struct value *v)
{
    buf_wipe(&v->form);
    buf_free(&v->say);
    buf_free(&v->hint);
}

static enum value_verdict bad(struct value *v, const char *code, const char *say)
{
    v->verdict = VALUE_BAD;
    v->code = code;
    buf_clear(&v->say);
    buf_text(&v->say, say);
    return VALUE_BAD;
}

static enum value_verdict noted(struct value *v, const char *code, const char *say)
{
    v->verdict = VALUE_NOTED;
    v->code = code;
    buf_clear(&v->say);
    buf_text(&v->say, say);
    return VALUE_NOTED;
}

static enum value_verdict form(struct value *v, const char *text)
{
    buf_clear(&v->form);
    buf_text(&v->form, text);
    v->changed = true;
    return VALUE_GOOD;
}

bool value_bool(const char *text, bool *out)
{
    static const char *const yes[] = {"yes", "y", "true", "t", "on", "1"};
    static const char *const no[] = {"no", "n", "false", "f", "off", "0"};
    for (size_t i = 0; i < 6; i++) {
        if (text_case_equal(text, yes[i]))
            return *out = true;
        if (text_case_equal(text, no[i])) {
            *out = false;
            return true;
        }
    }
    return false;
}

static const struct {
    const char *name;
    msec length;
} units[] = {
    {"ms", 1},
    {"s", SECOND},
    {"sec", SECOND},
    {"secs", SECOND},
    {"second", SECOND},
    {"seconds", SECOND},
    {"m", MINUTE},
    {"min", MINUTE},
    {"mins", MINUTE},
    {"minute", MINUTE},
    {"minutes", MINUTE},
    {"h", HOUR},
    {"hr", HOUR},
    {"hrs", HOUR},
    {"hour", HOUR},
    {"hours", HOUR},
    {"d", 24 * (msec)HOUR},
    {"day", 24 * (msec)HOUR},
    {"days", 24 * (msec)HOUR},
    {"w", 168 * (msec)HOUR},
    {"week", 168 * (msec)HOUR},
    {"weeks", 168 * (msec)HOUR},
};

static const char *const infinite[] = {"inf",          "infinite", "infinity", "indefinite",
                                       "indefinitely", "never",    "forever",  "always"};

/* One "5m" of "1h5m"; moves *at behind it. A number without unit counts seconds. */
static bool length_part(const char **at, msec *out, bool *bare)
{
    uint64_t n = 0;
    const char *s = *at;
    char word[12];
    size_t w = 0;

    if (!text_is_digit(*s))
        return false;
    for (; text_is_digit(*s); s++) {
        n = n * 10 + (uint64_t)(*s - '0');
        if (n > 100000000000ULL)
            return false;
    }
    while (text_is_space(*s))
        s++;
    while (text_is_alpha(*s) && w < sizeof word - 1)
        word[w++] = text_lower(*s++);
    word[w] = '\0';
    *bare = w == 0;
    *at = s;
    if (w == 0) {
        *out = (msec)n * SECOND;
        return true;
    }
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++)
        if (strcmp(units[i].name, word) == 0) {
            *out = (msec)n * units[i].length;
            return true;
        }
    return false;
}

bool value_length(const char *text, msec *out)
{
    msec sum = 0, part;
    bool bare, first = true;

    for (size_t i = 0; i < sizeof infinite / sizeof infinite[0]; i++)
        if (text_case_equal(text, infinite[i])) {
            *out = NEVER;
            return true;
        }
    do {
        if (!length_part(&text, &part, &bare))
            return false;
        if (bare && (!first || *text != '\0'))
            return false;
        sum += part;
        if (sum > (msec)100000000000LL * SECOND)
            return false;
        first = false;
        while (text_is_space(*text))
            text++;
    } while (*text != '\0');
    *out = sum;
    return true;
}

static enum value_verdict raised(struct value *v, const char *what, long bound, const char *unit)
{
    noted(v, "value-bound", "");
    buf_format(&v->say, "the %s %ld%s%s is used", what, bound, unit != NULL ? " " : "",
               unit != NULL ? unit : "");
    return VALUE_NOTED;
}

static enum value_verdict check_length(const struct setting *row, const char *text, struct value *v)
{
    msec length;
    bool in_ms = text_equal(row->unit, "ms");
    msec unit = in_ms ? 1 : SECOND;

    if (!value_length(text, &length)) {
        buf_text(
            &v->hint,
            "write seconds, or numbers with s, m, h, d or w as in 90s, 5m, 1h30m; inf is never");
        return bad(v, "bad-length", "this is not a length of time");
    }
    if (length == NEVER)
        return form(v, "inf");
    if (!in_ms && length % SECOND != 0) {
        buf_text(&v->hint, "minutes are m, milliseconds are too short here");
        return bad(v, "bad-length", "this is not a whole number of seconds");
    }
    enum value_verdict verdict = VALUE_GOOD;
    if (length / unit < row->min && !(length == 0 && (row->flags & SETTING_ZERO_OK))) {
        length = row->min * unit;
        verdict = raised(v, "least allowed,", row->min, row->unit);
    } else if (row->max > 0 && length / unit > row->max) {
        length = row->max * unit;
        verdict = raised(v, "most allowed,", row->max, row->unit);
    }
    buf_clear(&v->form);
    buf_format(&v->form, length % SECOND == 0 ? "%" PRId64 : "%" PRId64 "ms",
               length % SECOND == 0 ? length / SECOND : length);
    v->changed = true;
    return v->verdict = verdict;
}

static enum value_verdict check_seconds(const struct setting *row, const char *text,
                                        struct value *v)
{
    msec length;
    if (!value_length(text, &length) || length == NEVER || length % SECOND != 0 ||
        length / SECOND > row->max) {
        buf_text(&v->hint, "write a number of seconds, or 5m, 1h, 1d");
        return bad(v, "bad-number", "this is not a number of seconds");
    }
    buf_format(&v->form, "%" PRId64, length / SECOND);
    v->changed = true;
    return VALUE_GOOD;
}

static enum value_verdict check_number(const struct setting *row, const char *text, struct value *v)
{
    uint64_t n;
    if (!text_number(text, &n) || n > INT32_MAX) {
        buf_text(&v->hint, "write decimal digits");
        return bad(v, "bad-number", "this is not a number");
    }
    enum value_verdict verdict = VALUE_GOOD;
    if ((long)n < row->min) {
        n = (uint64_t)row->min;
        verdict = raised(v, "least allowed,", row->min, row->unit);
    } else if (row->max > 0 && (long)n > row->max) {
        n = (uint64_t)row->max;
        verdict = raised(v, "most allowed,", row->max, row->unit);
    }
    buf_format(&v->form, "%" PRIu64, n);
    v->changed = true;
    return v->verdict = verdict;
}

static enum value_verdict check_bool(const struct setting *row, const char *text, struct value *v)
{
    bool yes;
    if (!value_bool(text, &yes)) {
        buf_text(&v->hint, "write yes or no");
        return bad(v, "bad-bool", "this is neither yes nor no");
    }
    return form(v, yes ? "yes" : "no");
}

static bool has_control(const char *s)
{
    for (; *s != '\0'; s++)
        if ((unsigned char)*s < 0x20 || *s == 0x7f)
            return true;
    return false;
}

static enum value_verdict lowered(struct value *v, const char *text)
{
    form(v, text);
    text_lower_all(v->form.data);
    return VALUE_GOOD;
}

static enum value_verdict check_name(const struct setting *row, const char *text, struct value *v)
{
    if (*text == '\0')
        return (row->flags & SETTING_OPTIONAL) != 0
                   ? VALUE_GOOD
                   : bad(v, "bad-name", "a domain name is missing");
    if (has_control(text) || strpbrk(text, " /,;:\\'\"") != NULL || text[0] == '.' ||
        strstr(text, "..") != NULL ||
        ((row->flags & SETTING_DOTTED) != 0 &&
         (strchr(text, '.') == NULL || strchr(text, '.')[1] == '\0'))) {
        buf_text(&v->hint, "write a name as in example.org");
        return bad(v, "bad-name", "this is not a domain name");
    }
    return lowered(v, text);
}

/* Where the host begins, behind a scheme; NULL when the scheme is none of http and https. */
static const char *behind_scheme(const char *text)
{
    const char *sep = strstr(text, "://");
    if (sep == NULL)
        return text;
    size_t n = (size_t)(sep - text);
    return (n == 4 && strncasecmp(text, "http", 4) == 0) ||
                   (n == 5 && strncasecmp(text, "https", 5) == 0)
               ? sep + 3
               : NULL;
}

static bool port_ok(const char *s, size_t n)
{
    char digits[6];
    uint64_t port;
    if (n == 0 || n > 5)
        return false;
    memcpy(digits, s, n);
    digits[n] = '\0';
    return text_number(digits, &port) && port > 0 && port < 65536;
}

/* host[:port] or [address]:port of n bytes. */
static const char *authority_trouble(const char *s, size_t n)
{
    if (n == 0)
        return "the server's name is missing";
    if (memchr(s, '@', n) != NULL)
        return "a login does not belong into the server's name";
    if (s[0] == '[') {
        const char *end = memchr(s, ']', n);
        struct addr a;
        if (end == NULL || !addr_parse_n(s + 1, (size_t)(end - s - 1), &a) || a.family != V6)
            return "what stands in brackets is not an IPv6 address";
        size_t used = (size_t)(end - s) + 1;
        return used == n || (s[used] == ':' && port_ok(s + used + 1, n - used - 1))
                   ? NULL
                   : "the port is not a number from 1 to 65535";
    }
    const char *colon = memchr(s, ':', n);
    if (colon != NULL && !port_ok(colon + 1, n - (size_t)(colon - s) - 1))
        return memchr(colon + 1, ':', n - (size_t)(colon - s) - 1) != NULL
                   ? "an IPv6 address as a server stands in brackets"
                   : "the port is not a number from 1 to 65535";
    size_t host = colon != NULL ? (size_t)(colon - s) : n;
    if (host == 0 || s[0] == '.')
        return "the server's name is missing";
    for (size_t i = 0; i < host; i++)
        if (strchr("\"'\\<>{}|^`?#=;", s[i]) != NULL)
            return "this is not a server's name";
    return NULL;
}

static enum value_verdict check_server(const struct setting *row, const char *text, struct value *v)
{
    if (*text == '\0')
        return (row->flags & SETTING_OPTIONAL) != 0
                   ? VALUE_GOOD
                   : bad(v, "bad-server", "the server's name is missing");
    if (has_control(text) || strchr(text, ' ') != NULL)
        return bad(v, "bad-server", "there is a blank in the server's name");
    const char *host = behind_scheme(text);
    if (host == NULL)
        return bad(v, "bad-server", "only http:// and https:// can stand before a server");
    size_t n = strcspn(host, "/");
    const char *trouble = authority_trouble(host, n);
    if (trouble != NULL)
        return bad(v, "bad-server", trouble);
    form(v, text);
    for (char *p = v->form.data, *end = p + (host - text) + n; p < end; p++)
        *p = text_lower(*p);
    return VALUE_GOOD;
}

static enum value_verdict check_url(const struct setting *row, const char *text, struct value *v)
{
    if (*text == '\0')
        return bad(v, "bad-url", "the address is missing");
    if (has_control(text) || strchr(text, ' ') != NULL)
        return bad(v, "bad-url", "there is a blank in the address");
    const char *host = behind_scheme(text);
    if (host == NULL)
        return bad(v, "bad-url", "only http:// and https:// are understood");
    const char *trouble = authority_trouble(host, strcspn(host, "/?#"));
    return trouble != NULL ? bad(v, "bad-url", trouble) : VALUE_GOOD;
}

static enum value_verdict check_interface(const struct setting *row, const char *text,
                                          struct value *v)
{
    size_t n = 0;
    for (; text[n] != '\0'; n++)
        if (!text_is_alpha(text[n]) && !text_is_digit(text[n]) && strchr(":._-/@", text[n]) == NULL)
            break;
    if (n == 0 || text[n] != '\0' || n > 63)
        return bad(v, "bad-interface", "this is not the name of a network interface");
    return VALUE_GOOD;
}

/* Four decimal numbers; leading zeros are decimal too, as in ddclient. */
static bool ddclient_ipv4(const char *text, struct value *v)
{
    unsigned part[4];
    for (int i = 0; i < 4; i++) {
        size_t n = 0;
        part[i] = 0;
        for (; n < 3 && text_is_digit(text[n]); n++)
            part[i] = part[i] * 10 + (unsigned)(text[n] - '0');
        if (n == 0 || part[i] > 255 || text[n] != (i < 3 ? '.' : '\0'))
            return false;
        text += n + 1;
    }
    buf_format(&v->form, "%u.%u.%u.%u", part[0], part[1], part[2], part[3]);
    v->changed = true;
    return true;
}

static enum value_verdict check_address(const struct setting *row, const char *text,
                                        struct value *v)
{
    struct addr a;
    char out[ADDR_TEXT_MAX];

    if (row->type != SETTING_IPV6 && ddclient_ipv4(text, v))
        return VALUE_GOOD;
    if (row->type != SETTING_IPV4 && addr_parse(text, &a) && a.family == V6)
        return form(v, addr_text(&a, out));
    bool boolean;
    if (row->type == SETTING_IPV6 && value_bool(text, &boolean))
        buf_text(&v->hint, "the yes or no of ddclient 3.9 has become usev6=; write usev6=auto");
    return bad(v, "bad-address",
               row->type == SETTING_IPV4   ? "this is not an IPv4 address"
               : row->type == SETTING_IPV6 ? "this is not an IPv6 address"
                                           : "this is not an IP address");
}

static void list_words(struct buf *out, const char *const *words)
{
    for (size_t i = 0; words[i] != NULL; i++) {
        buf_text(out, i == 0 ? "" : words[i + 1] == NULL ? " or " : ", ");
        buf_text(out, words[i]);
    }
}

static enum value_verdict check_choice(const struct setting *row, const char *text, struct value *v)
{
    bool yes;
    for (size_t i = 0; row->choices[i] != NULL; i++)
        if (text_case_equal(row->choices[i], text))
            return strcmp(row->choices[i], text) == 0 ? VALUE_GOOD : form(v, row->choices[i]);
    if (text_equal(row->choices[0], "yes") && value_bool(text, &yes))
        return form(v, yes ? "yes" : "no");
    bad(v, "bad-word", "this word is not known here");
    const char *near = setting_nearest(text, row->choices);
    if (near != NULL)
        buf_format(&v->hint, "did you mean %s? ", near);
    buf_text(&v->hint, "it is one of ");
    list_words(&v->hint, row->choices);
    return VALUE_BAD;
}

/* ddclient's older words for usev4 and usev6 (reference of the language, 2.8), mended for usev4. */
static const char *const old_words[][3] = {
    {"ip", "ipv4", "ipv6"},    {"if", "ifv4", "ifv6"}, {"web", "webv4", "webv6"},
    {"cmd", "cmdv4", "cmdv6"}, {"fw", "fwv4", "fwv6"},
};

static bool old_strategy(const struct setting *row, const char *word, struct value *v)
{
    if (row->type == SETTING_USE)
        return false;
    size_t column = row->type == SETTING_USE4 ? 1 : 2;
    for (size_t i = 0; i < sizeof old_words / sizeof old_words[0]; i++)
        if (strcmp(old_words[i][0], word) == 0) {
            noted(v, "old-word", "");
            buf_format(&v->say, "%s is ddclient's older word", word);
            buf_format(&v->hint, "write %s=%s", row->name, old_words[i][column]);
            form(v, old_words[i][column]);
            v->old = true;
            return true;
        }
    return false;
}

static enum value_verdict check_strategy(const struct setting *row, const char *text,
                                         struct value *v)
{
    const char *const *words = setting_strategies(row->type);
    const char *const *devices = setting_devices();

    if (*text == '\0')
        return bad(v, "bad-source", "the source of the address is missing");
    for (size_t i = 0; words[i] != NULL; i++)
        if (text_case_equal(words[i], text))
            return lowered(v, text);
    if (text_case_equal(text, "no") || text_case_equal(text, "none") ||
        text_case_equal(text, "off"))
        return form(v, "disabled");
    for (size_t i = 0; devices[i] != NULL && row->type != SETTING_USE6; i++)
        if (text_case_equal(devices[i], text))
            return form(v, devices[i]);
    lowered(v, text);
    char word[16];
    if (v->form.len < sizeof word) {
        memcpy(word, v->form.data, v->form.len + 1);
        if (old_strategy(row, word, v))
            return VALUE_NOTED;
    }
    /* It may be the name of a source object; that is known when the whole file is read. */
    form(v, text);
    return VALUE_GOOD;
}

/* Services that ddclient once had (reference of the language, 2.8). */
static enum value_verdict check_web(const struct setting *row, const char *text, struct value *v)
{
    if (text_case_equal(text, "he")) {
        noted(v, "old-word", "he is ddclient's older word");
        buf_format(&v->hint, "write %s=he.net", row->name);
        form(v, "he.net");
        return VALUE_NOTED;
    }
    if (text_case_equal(text, "dnspark") || text_case_equal(text, "googledomains"))
        return bad(v, "gone-service", "this web service has closed");
    return has_control(text) ? bad(v, "bad-url", "there is a control character in the address")
                             : VALUE_GOOD;
}

static int hex_of(char c)
{
    c = text_lower(c);
    return text_is_digit(c) ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool is_mac(const char *s)
{
    for (int i = 0; i < 6; i++, s += 3) {
        if (hex_of(s[0]) < 0 || hex_of(s[1]) < 0)
            return false;
        if (i < 5 ? s[2] != ':' && s[2] != '-' : s[2] != '\0')
            return false;
    }
    return true;
}

static enum value_verdict check_suffix(const struct setting *row, const char *text, struct value *v)
{
    struct addr a;
    char out[ADDR_TEXT_MAX];
    if (text_case_equal(text, "dns"))
        return form(v, "dns");
    if (is_mac(text))
        return lowered(v, text);
    if (addr_parse(text, &a) && a.family == V6)
        return form(v, addr_text(&a, out));
    buf_text(&v->hint, "write ::1:2:3:4, a MAC address such as 52:54:00:12:34:56, or dns");
    return bad(v, "bad-suffix", "this is not the host part of an IPv6 address");
}

static enum value_verdict check_on_loss(const struct setting *row, const char *text,
                                        struct value *v)
{
    struct addr a;
    char out[ADDR_TEXT_MAX];
    if (text_case_equal(text, "keep") || text_case_equal(text, "delete"))
        return lowered(v, text);
    if (addr_parse(text, &a))
        return form(v, addr_text(&a, out));
    buf_text(&v->hint, "write keep, delete, or an address");
    return bad(v, "bad-word", "this is neither keep nor delete nor an address");
}

static enum value_verdict check_socket(const struct setting *row, const char *text, struct value *v)
{
    bool yes;
    if (value_bool(text, &yes) && !yes)
        return form(v, "no");
    if (text_starts(text, "unix:/"))
        return VALUE_GOOD;
    size_t n = strlen(text);
    if (port_ok(text, n) || (strrchr(text, ':') != NULL && authority_trouble(text, n) == NULL))
        return VALUE_GOOD;
    buf_text(&v->hint, "write 127.0.0.1:8245, [::]:8245, a port, unix:/path, or no");
    return bad(v, "bad-socket", "this is not an address to listen on");
}

static bool object_name_ok(const char *s)
{
    if (!text_is_alpha(*s) && !text_is_digit(*s))
        return false;
    for (; *s != '\0'; s++)
        if (!text_is_alpha(*s) && !text_is_digit(*s) && strchr("._-", *s) == NULL)
            return false;
    return true;
}

static enum value_verdict check_define(const struct setting *row, const char *text, struct value *v)
{
    const char *colon = strchr(text, ':');
    char kind[16];

    if (colon == NULL || (size_t)(colon - text) >= sizeof kind || !object_name_ok(colon + 1) ||
        strlen(colon) > 64) {
        buf_text(&v->hint, "write define=account:NAME with letters, digits, dots and hyphens");
        return bad(v, "bad-define", "this does not name an object");
    }
    memcpy(kind, text, (size_t)(colon - text));
    kind[colon - text] = '\0';
    if (setting_kind_scope(kind) == 0) {
        const char *near = setting_nearest(kind, setting_kinds());
        if (near != NULL)
            buf_format(&v->hint, "did you mean %s? ", near);
        buf_text(&v->hint, "kinds are ");
        list_words(&v->hint, setting_kinds());
        return bad(v, "unknown-kind", "there is no such kind of object");
    }
    return VALUE_GOOD;
}

static enum value_verdict check_nonempty(const struct setting *row, const char *text,
                                         struct value *v)
{
    return *text != '\0' ? VALUE_GOOD : bad(v, "empty-value", "the value is missing");
}

static enum value_verdict check_program(const struct setting *row, const char *text,
                                        struct value *v)
{
    return text[0] == '/' && text[1] != '\0'
               ? VALUE_GOOD
               : bad(v, "bad-program",
                     "a program is named by its whole path, such as /usr/local/lib/homing/my-dns");
}

static enum value_verdict check_any(const struct setting *row, const char *text, struct value *v)
{
    return VALUE_GOOD;
}

static enum value_verdict check_word(const struct setting *row, const char *text, struct value *v)
{
    return *text == '\0' ? bad(v, "empty-value", "the value is missing") : lowered(v, text);
}

typedef enum value_verdict check_fn(const struct setting *row, const char *text, struct value *v);
static check_fn *const checks[SETTING_TYPES] = {
    [SETTING_TEXT] = check_any,
    [SETTING_NONEMPTY] = check_nonempty,
    [SETTING_PATH] = check_nonempty,
    [SETTING_COMMAND] = check_nonempty,
    [SETTING_PROGRAM] = check_program,
    [SETTING_NUMBER] = check_number,
    [SETTING_LENGTH] = check_length,
    [SETTING_SECONDS] = check_seconds,
    [SETTING_BOOL] = check_bool,
    [SETTING_NAME] = check_name,
    [SETTING_SERVER] = check_server,
    [SETTING_URL] = check_url,
    [SETTING_PROTOCOL] = check_word,
    [SETTING_PROVIDER] = check_word,
    [SETTING_WEB] = check_web,
    [SETTING_USE] = check_strategy,
    [SETTING_USE4] = check_strategy,
    [SETTING_USE6] = check_strategy,
    [SETTING_INTERFACE] = check_interface,
    [SETTING_IP] = check_address,
    [SETTING_IPV4] = check_address,
    [SETTING_IPV6] = check_address,
    [SETTING_CHOICE] = check_choice,
    [SETTING_REF] = check_nonempty,
    [SETTING_SUFFIX] = check_suffix,
    [SETTING_ON_LOSS] = check_on_loss,
    [SETTING_SOCKET] = check_socket,
    [SETTING_HOSTS] = check_any,
    [SETTING_DEFINE] = check_define,
};

enum value_verdict value_check(const struct setting *row, const char *text, struct value *v)
{
    v->verdict = VALUE_GOOD;
    v->changed = v->old = false;
    v->code = NULL;
    buf_clear(&v->form);
    buf_clear(&v->say);
    buf_clear(&v->hint);
    return v->verdict = checks[row->type](row, text, v);
}
