/*
 * SPDX-License-Identifier: ISC
 */
#include "command/ddclient_words.h"

#include <string.h>

#include "base/mem.h"
#include "base/text.h"

#define SETTING(name, kind, help)                                                                  \
    {                                                                                              \
        name, kind, true, false, NULL, help                                                        \
    }
#define OTHER(name, kind, at_once, help)                                                           \
    {                                                                                              \
        name, kind, false, at_once, NULL, help                                                     \
    }
#define GONE(name, kind, text)                                                                     \
    {                                                                                              \
        name, kind, false, false, text, NULL                                                       \
    }

/* ddclient-language.md, 4.2; "gone" rows are of 3.x. */
static const struct words_option options[] = {
    SETTING("daemon", WORDS_TEXT, "run as a daemon, looking every DELAY; 0: run once"),
    SETTING("jitter", WORDS_TEXT, "add up to DELAY to each sleep, at random"),
    SETTING("foreground", WORDS_SWITCH, "as a daemon, do not go to the background"),
    SETTING("proxy", WORDS_TEXT, "use this HTTP proxy"),
    SETTING("server", WORDS_TEXT, "update at this server"),
    SETTING("protocol", WORDS_TEXT, "speak this protocol (--list-protocols)"),
    SETTING("file", WORDS_TEXT, "read this configuration"),
    SETTING("cache", WORDS_TEXT, "remember in this file"),
    SETTING("pid", WORDS_TEXT, "write the process id to this file"),
    SETTING("use", WORDS_TEXT, "how to learn the address, of either family"),
    SETTING("usev4", WORDS_TEXT, "how to learn the IPv4 address"),
    SETTING("usev6", WORDS_TEXT, "how to learn the IPv6 address"),
    SETTING("ip", WORDS_TEXT, "the address, for --use=ip"),
    SETTING("ipv4", WORDS_TEXT, "the address, for --usev4=ipv4"),
    SETTING("ipv6", WORDS_TEXT, "the address, for --usev6=ipv6"),
    SETTING("if", WORDS_TEXT, "the interface, for --use=if"),
    SETTING("ifv4", WORDS_TEXT, "the interface, for --usev4=ifv4"),
    SETTING("ifv6", WORDS_TEXT, "the interface, for --usev6=ifv6"),
    SETTING("web", WORDS_TEXT, "the web service or page, for --use=web (--list-web-services)"),
    SETTING("web-skip", WORDS_TEXT, "leave out the page's text through this pattern"),
    SETTING("webv4", WORDS_TEXT, "the web service or page, for --usev4=webv4"),
    SETTING("webv4-skip", WORDS_TEXT, "leave out the page's text through this pattern"),
    SETTING("webv6", WORDS_TEXT, "the web service or page, for --usev6=webv6"),
    SETTING("webv6-skip", WORDS_TEXT, "leave out the page's text through this pattern"),
    SETTING("fw", WORDS_TEXT, "the router's address or page, for --use=fw and its devices"),
    SETTING("fw-skip", WORDS_TEXT, "leave out the page's text through this pattern"),
    SETTING("fwv4", WORDS_TEXT, "the router's address or page, for --usev4=fwv4"),
    SETTING("fwv4-skip", WORDS_TEXT, "leave out the page's text through this pattern"),
    SETTING("fwv6", WORDS_TEXT, "the router's address or page, for --usev6=fwv6"),
    SETTING("fwv6-skip", WORDS_TEXT, "leave out the page's text through this pattern"),
    SETTING("fw-login", WORDS_TEXT, "the login at the router"),
    SETTING("fw-password", WORDS_TEXT, "the password at the router"),
    SETTING("fw-ssl-validate", WORDS_SWITCH, "check the router's certificate"),
    SETTING("web-ssl-validate", WORDS_SWITCH, "check the web service's certificate"),
    SETTING("cmd", WORDS_TEXT, "the command, for --use=cmd"),
    SETTING("cmd-skip", WORDS_TEXT, "leave out the output through this pattern"),
    SETTING("cmdv4", WORDS_TEXT, "the command, for --usev4=cmdv4"),
    SETTING("cmdv6", WORDS_TEXT, "the command, for --usev6=cmdv6"),
    SETTING("login", WORDS_TEXT, "the account's name"),
    SETTING("password", WORDS_TEXT,
            "its password; everyone on this machine can see it: prefer "
            "password_env= in the file"),
    OTHER("host", WORDS_TEXT, false, "work on these hosts only (a list with commas)"),
    OTHER("options", WORDS_TEXT, false, "further settings: name=value,..."),
    SETTING("ssl", WORDS_SWITCH, "use https where a URL does not say"),
    SETTING("ssl_ca_dir", WORDS_TEXT, "trust the certificates of this folder"),
    SETTING("ssl_ca_file", WORDS_TEXT, "trust the certificates of this file"),
    SETTING("force", WORDS_SWITCH, "update now, whatever is known"),
    SETTING("timeout", WORDS_NUMBER, "wait this many seconds for an answer"),
    SETTING("syslog", WORDS_SWITCH, "write messages to the system log"),
    SETTING("facility", WORDS_TEXT, "the system log's facility"),
    SETTING("priority", WORDS_TEXT, "the system log's priority"),
    SETTING("max-warn", WORDS_NUMBER, "repeat a warning at most this often"),
    SETTING("redirect", WORDS_NUMBER, "follow at most this many redirections"),
    SETTING("mail", WORDS_TEXT, "mail the messages to these addresses"),
    SETTING("mail-failure", WORDS_TEXT, "mail the messages of failures to these addresses"),
    SETTING("mail-from", WORDS_TEXT, "the sender of these mails"),
    SETTING("mail-server", WORDS_TEXT, "send them by this SMTP server instead of sendmail"),
    SETTING("exec", WORDS_SWITCH, "--noexec: only tell what would be sent"),
    OTHER("test", WORDS_SWITCH, false, "the same as --noexec"),
    SETTING("debug", WORDS_SWITCH, "tell everything"),
    SETTING("verbose", WORDS_SWITCH, "tell more"),
    SETTING("quiet", WORDS_SWITCH, "do not tell of success"),
    SETTING("postscript", WORDS_TEXT, "run this command after updates"),
    OTHER("query", WORDS_SWITCH, false, "print every address that can be found, and exit"),
    OTHER("geturl", WORDS_TEXT, false, "print this page as homing sees it, and exit"),
    OTHER("list-protocols", WORDS_FLAG, true, "print the protocols, and exit"),
    OTHER("list-web-services", WORDS_FLAG, true, "print the web services, and exit"),
    OTHER("list-devices", WORDS_FLAG, true, "print the routers, and exit"),
    OTHER("help", WORDS_FLAG, true, "print this, and exit"),
    OTHER("version", WORDS_OPTIONAL, true, "print the version (=short: nothing else), and exit"),
    GONE("if-skip", WORDS_TEXT, "'-if-skip' is deprecated and does nothing"),
    GONE("fw-banlocal", WORDS_SWITCH, "'-fw-banlocal' is deprecated and does nothing"),
    GONE("retry", WORDS_SWITCH,
         "'-retry' does nothing any more: what failed is tried again when "
         "min-error-interval is over, or at once with --force"),
    GONE("curl", WORDS_SWITCH, "'-curl' does nothing any more: homing needs no other program"),
};
enum { OPTIONS = sizeof options / sizeof options[0] };

const struct words_option *words_option_at(size_t i)
{
    return i < OPTIONS ? &options[i] : NULL;
}

const char *words_get(const struct words *w, const char *name)
{
    for (size_t i = 0; i < w->count; i++)
        if (text_equal(w->values[i].option->name, name))
            return w->values[i].text;
    return NULL;
}

bool words_on(const struct words *w, const char *name)
{
    return text_equal(words_get(w, name), "yes");
}

void words_free(struct words *w)
{
    for (size_t i = 0; i < w->count; i++)
        mem_free_secret(w->values[i].text);
    mem_free(w->values);
    mem_free(w->stray);
    *w = (struct words){0};
}

static void put(struct words *w, const struct words_option *option, const char *text)
{
    size_t i = 0;

    while (i < w->count && w->values[i].option != option)
        i++;
    if (i == w->count) {
        w->values = mem_more(w->values, w->count, sizeof *w->values);
        w->values[w->count++] = (struct words_value){option, NULL};
    }
    char *copy = mem_text(text);
    mem_free_secret(w->values[i].text);
    w->values[i].text = copy;
}

/* How well "word" of length n names the option: 2 wholly, 1 as a prefix, 0 not. */
static int names(const char *name, const char *word, size_t n)
{
    char *plain = mem_text_n(word, n);
    text_lower_all(plain);
    int result = text_equal(name, plain) ? 2 : text_starts(name, plain) ? 1 : 0;
    mem_free(plain);
    return result;
}

struct match {
    const struct words_option *option;
    bool negated;
};

/* All options a word can mean; whole names beat prefixes. Returns how many. */
static size_t matches(const char *word, size_t n, struct match *found)
{
    int best = 1;
    size_t count = 0;

    for (size_t i = 0; i < OPTIONS; i++) {
        char *no = mem_format("no%s", options[i].name);
        char *dashed = mem_format("no-%s", options[i].name);
        const char *forms[] = {options[i].name, no, dashed};
        bool counted = false;
        for (size_t f = 0; f < 3 && !counted; f++) {
            if (f > 0 && options[i].kind != WORDS_SWITCH)
                break;
            int how = names(forms[f], word, n);
            if (how < best)
                continue;
            if (how > best)
                count = 0;
            best = how;
            found[count++] = (struct match){&options[i], f > 0};
            counted = true;
        }
        mem_free(no);
        mem_free(dashed);
    }
    return count;
}

static bool is_number(const char *s)
{
    uint64_t n;
    return text_number(*s == '-' || *s == '+' ? s + 1 : s, &n);
}

/* Which option a word is; NULL with a message when none or several. */
static bool find(const char *word, size_t n, struct match *out, struct buf *message)
{
    struct match found[OPTIONS];
    size_t count = matches(word, n, found);

    if (count == 1) {
        *out = found[0];
        return true;
    }
    if (count == 0) {
        buf_format(message, "Unknown option: %.*s", (int)n, word);
        return false;
    }
    buf_format(message, "Option %.*s is ambiguous (", (int)n, word);
    for (size_t i = 0; i < count; i++)
        buf_format(message, "%s%s%s", i > 0 ? ", " : "", found[i].negated ? "no" : "",
                   found[i].option->name);
    buf_char(message, ')');
    return false;
}

/* Reads one option; *used counts the words it took. */
static bool read_one(struct words *w, char *const *argv, size_t left, size_t *used,
                     struct buf *message)
{
    const char *word = argv[0] + (text_starts(argv[0], "--") ? 2 : 1);
    size_t n = strcspn(word, "=");
    const char *value = word[n] == '=' ? word + n + 1 : NULL;
    struct match m;

    *used = 1;
    if (!find(word, n, &m, message))
        return false;
    const struct words_option *o = m.option;
    bool wants = o->kind == WORDS_TEXT || o->kind == WORDS_NUMBER;
    if (!wants && o->kind != WORDS_OPTIONAL && value != NULL) {
        buf_format(message, "Option %.*s does not take an argument", (int)n, word);
        return false;
    }
    if (wants && value == NULL && left > 1) {
        value = argv[1];
        *used = 2;
    }
    if (wants && (value == NULL || value[0] == '\0')) {
        buf_format(message, "Option %.*s requires an argument", (int)n, word);
        return false;
    }
    if (o->kind == WORDS_NUMBER && !is_number(value)) {
        buf_format(message, "Value \"%s\" invalid for option %.*s (number expected)", value, (int)n,
                   word);
        return false;
    }
    if (o->kind == WORDS_SWITCH || o->kind == WORDS_FLAG)
        value = m.negated ? "no" : "yes";
    put(w, o, value != NULL ? value : "");
    if (o->at_once)
        w->at_once = o;
    return true;
}

bool words_read(struct words *w, char *const *argv, size_t count, struct buf *message)
{
    *w = (struct words){0};
    w->stray = mem_array(count + 1, sizeof *w->stray);
    for (size_t i = 0; i < count && w->at_once == NULL;) {
        size_t used = 1;
        if (text_equal(argv[i], "--")) {
            while (++i < count)
                w->stray[w->stray_count++] = argv[i];
            break;
        }
        if (argv[i][0] != '-' || argv[i][1] == '\0')
            w->stray[w->stray_count++] = argv[i];
        else if (!read_one(w, argv + i, count - i, &used, message))
            return false;
        i += used;
    }
    return true;
}
