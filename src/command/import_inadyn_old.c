/*
 * SPDX-License-Identifier: ISC
 */
#include "command/import_inadyn.h"

#include <string.h>

#include "base/mem.h"
#include "base/text.h"

/*
 * inadyn.conf of inadyn 1.x (manual pages inadyn(8) of 1.96 and 1.99): the options of its command
 * line, with or without their dashes, several a line if wanted; # begins a comment. "system" says
 * who is spoken to; where it stands more than once, each begins another account.
 */

enum { WORD_MAX = 1024, ACCOUNTS_MAX = 64 };

struct reader {
    const char *at, *end;
    unsigned line;
    struct import *im;
    struct inadyn_section *section; /* the account under way */
    struct buf keyed;               /* "name,key" of the account, a line each */
    bool tls, named;                /* of the account: "ssl"; "system" was met */
    unsigned accounts;
    char *forced; /* owned: of the whole file, from where it stands */
};

static bool read_word(struct reader *r, struct buf *out)
{
    buf_clear(out);
    while (r->at < r->end && (text_is_space(*r->at) || *r->at == '#')) {
        if (*r->at == '#')
            while (r->at < r->end && *r->at != '\n')
                r->at++;
        if (r->at < r->end)
            r->line += *r->at++ == '\n';
    }
    char quote = r->at < r->end && (*r->at == '"' || *r->at == '\'') ? *r->at++ : '\0';
    const char *begin = r->at;
    for (; r->at < r->end && *r->at != '\n'; r->at++) {
        if (quote != '\0' ? *r->at == quote : text_is_space(*r->at))
            break;
        if (*r->at == '\\' && r->at + 1 < r->end && r->at[1] != '\n')
            r->at++;
        buf_char(out, *r->at);
    }
    bool any = r->at > begin || quote != '\0';
    if (quote != '\0' && r->at < r->end && *r->at == quote)
        r->at++;
    return any;
}

/* --- accounts --- */

static void begin_account(struct reader *r, const char *system, unsigned line)
{
    /* The first default was dyndns.org's. */
    inadyn_keep(&r->section->name, system);
    r->section->line = line;
}

/* A server of one's own is spoken to as dyndns.org's. */
static bool speaks_dyndns2(const char *system)
{
    return text_starts(system, "custom@") || text_ends(system, "@dyndns.org");
}

/* FreeDNS: each hostname has a key of its own. */
static void add_keyed(struct reader *r)
{
    char *rest = NULL, *lines = buf_take(&r->keyed);

    for (char *line = lines != NULL ? strtok_r(lines, "\n", &rest) : NULL; line != NULL;
         line = strtok_r(NULL, "\n", &rest)) {
        struct inadyn_section one = *r->section;
        char *comma = strchr(line, ',');
        *comma = '\0';
        one.name = (char *)"freedns-key";
        one.username = NULL;
        one.password = comma + 1;
        buf_init(&one.hosts, WORD_MAX);
        buf_text(&one.hosts, line);
        inadyn_add(r->im, &one);
        buf_free(&one.hosts);
    }
    mem_free_secret(lines);
    buf_init(&r->keyed, 1 << 16);
}

static void end_account(struct reader *r)
{
    struct inadyn_section *s = r->section;
    bool any_keyed = r->keyed.len > 0;

    s->custom = s->server != NULL && speaks_dyndns2(s->name);
    s->plain = s->custom && !r->tls; /* who never had TLS may have a server without it */
    s->check_plain = true;
    if (s->server != NULL && !s->custom)
        import_note(r->im, s->line, IMPORT_OTHER, "server-name", "homing needs no such setting");
    if (text_starts(s->name, "custom@") && s->server == NULL)
        s->custom = true; /* which tells that there is none */
    s->forced = mem_text(r->forced);
    if (any_keyed)
        add_keyed(r);
    if (!any_keyed || s->hosts.len > 0)
        inadyn_add(r->im, s);
    inadyn_section_free(s);
    *s = (struct inadyn_section){0};
    buf_init(&s->hosts, 1 << 16);
    r->tls = r->named = false;
}

/* --- options --- */

static void on_system(struct reader *r, const char *const *args, unsigned line)
{
    if (r->named && ++r->accounts < ACCOUNTS_MAX)
        end_account(r);
    r->named = true;
    begin_account(r, args[0], line);
}

static void on_alias(struct reader *r, const char *const *args, unsigned line)
{
    struct buf *hosts = &r->section->hosts;

    if (strchr(args[0], ',') != NULL && strchr(args[0], '\n') == NULL) {
        buf_format(&r->keyed, "%s\n", args[0]);
    } else {
        if (hosts->len > 0)
            buf_char(hosts, ',');
        buf_text(hosts, args[0]);
    }
}

static void on_username(struct reader *r, const char *const *args, unsigned line)
{
    inadyn_keep(&r->section->username, args[0]);
}

static void on_password(struct reader *r, const char *const *args, unsigned line)
{
    inadyn_keep(&r->section->password, args[0]);
}

static void on_iface(struct reader *r, const char *const *args, unsigned line)
{
    inadyn_keep(&r->section->iface, args[0]);
}

static void on_check(struct reader *r, const char *const *args, unsigned line)
{
    inadyn_keep(&r->section->check_server, args[0]);
    inadyn_keep(&r->section->check_path, args[1]);
}

static void on_server(struct reader *r, const char *const *args, unsigned line)
{
    inadyn_keep(&r->section->server, args[0]);
}

static void on_path(struct reader *r, const char *const *args, unsigned line)
{
    inadyn_keep(&r->section->path, args[0]);
}

static void on_proxy(struct reader *r, const char *const *args, unsigned line)
{
    inadyn_keep(&r->section->proxy, args[0]);
}

static void on_wildcard(struct reader *r, const char *const *args, unsigned line)
{
    r->section->wildcard = true;
}

static void on_tls(struct reader *r, const char *const *args, unsigned line)
{
    r->tls = true;
}

static void set_global(struct reader *r, const char *setting, const char *value, unsigned line,
                       const char *what)
{
    uint64_t seconds;

    if (!text_number(value, &seconds)) {
        import_note(r->im, line, IMPORT_LEFT, what, "this line is not understood");
        return;
    }
    char *text = mem_format("%llu", (unsigned long long)seconds);
    import_begin(r->im, line);
    import_set(r->im, setting, text);
    import_end(r->im);
    import_note(r->im, line, IMPORT_TAKEN, what, "as %s=%s", setting, text);
    mem_free(text);
}

static void on_period(struct reader *r, const char *const *args, unsigned line)
{
    set_global(r, "daemon", args[0], line, "period");
}

static void on_period_ms(struct reader *r, const char *const *args, unsigned line)
{
    uint64_t ms;
    char *seconds = text_number(args[0], &ms)
                        ? mem_format("%llu", (unsigned long long)(ms < 1000 ? 1 : ms / 1000))
                        : mem_text(args[0]);

    set_global(r, "daemon", seconds, line, "update_period");
    mem_free(seconds);
}

static void on_forced(struct reader *r, const char *const *args, unsigned line)
{
    inadyn_keep(&r->forced, args[0]);
}

/* What is told of an option that is no account's own, beside its name. */
enum telling { TELLS_ITSELF, TAKEN, EACH, NEEDLESS, UNKNOWN, COMMAND };
static const struct option {
    const char *name, *letter, *older;
    int arguments;
    enum telling tell;
    void (*on)(struct reader *r, const char *const *args, unsigned line);
    const char *setting; /* of EACH */
} options[] = {
    {"system", "S", "dyndns_system", 1, TELLS_ITSELF, on_system, NULL},
    {"alias", "a", NULL, 1, TAKEN, on_alias, NULL},
    {"username", "u", NULL, 1, TAKEN, on_username, NULL},
    {"password", "p", NULL, 1, TAKEN, on_password, NULL},
    {"iface", "i", NULL, 1, EACH, on_iface, "ifv4"},
    {"checkip-url", "H", "ip_server_name", 2, EACH, on_check, "webv4"},
    {"server-name", "N", "dyndns_server_name", 1, TELLS_ITSELF, on_server, NULL},
    {"server-url", "U", "dyndns_server_url", 1, TELLS_ITSELF, on_path, NULL},
    {"proxy-server", "x", "proxy_server", 1, EACH, on_proxy, "proxy"},
    {"wildcard", "w", NULL, 0, EACH, on_wildcard, "wildcard"},
    {"ssl", NULL, NULL, 0, TAKEN, on_tls, NULL},
    {"period", "T", "update_period_sec", 1, TELLS_ITSELF, on_period, NULL},
    {"update_period", NULL, NULL, 1, TELLS_ITSELF, on_period_ms, NULL},
    {"forced-update", "f", "forced_update_period", 1, EACH, on_forced, "max-interval"},
    {"iterations", "n", NULL, 1, NEEDLESS, NULL, NULL},
    {"background", "b", NULL, 0, NEEDLESS, NULL, NULL},
    {"syslog", "s", NULL, 0, NEEDLESS, NULL, NULL},
    {"verbose", "V", NULL, 1, NEEDLESS, NULL, NULL},
    {"logfile", "L", "log_file", 1, NEEDLESS, NULL, NULL},
    {"pidfile", "P", NULL, 1, NEEDLESS, NULL, NULL},
    {"cache-dir", NULL, "cache_dir", 1, NEEDLESS, NULL, NULL},
    {"cachefile", "c", "cache_file", 1, NEEDLESS, NULL, NULL},
    {"startup-delay", "t", "startup_delay", 1, NEEDLESS, NULL, NULL},
    {"drop-privs", "d", "change_persona", 1, NEEDLESS, NULL, NULL},
    {"fake-address", NULL, NULL, 0, NEEDLESS, NULL, NULL},
    {"bind", "B", "bind_interface", 1, UNKNOWN, NULL, NULL},
    {"config", "F", "input_file", 1, UNKNOWN, NULL, NULL},
    {"exec", "e", NULL, 1, COMMAND, NULL, NULL},
};

static void tell(struct import *im, const struct option *o, unsigned line)
{
    switch (o->tell) {
    case TELLS_ITSELF:
        break;
    case TAKEN:
        import_note(im, line, IMPORT_TAKEN, o->name, NULL);
        break;
    case EACH:
        import_note(im, line, IMPORT_TAKEN, o->name, "as %s= of each hostname", o->setting);
        break;
    case NEEDLESS:
        import_note(im, line, IMPORT_OTHER, o->name, "homing needs no such setting");
        break;
    case UNKNOWN:
        import_note(im, line, IMPORT_LEFT, o->name, "homing has no such setting for a hostname");
        break;
    case COMMAND:
        import_note(im, line, IMPORT_LEFT, o->name,
                    "a command is written into homing.conf by hand; all is taken without it");
        break;
    }
}

/* With its dashes, or without where a line begins. */
static const struct option *option_of(const char *word)
{
    bool letter = word[0] == '-' && word[1] != '-';
    const char *name = word + strspn(word, "-");

    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++) {
        const struct option *o = &options[i];
        if (letter ? o->letter != NULL && text_equal(o->letter, name)
                   : text_equal(o->name, name) || (o->older != NULL && text_equal(o->older, name)))
            return o;
    }
    return NULL;
}

static enum err read_option(struct reader *r, const char *word, unsigned line, struct cause *cause)
{
    const struct option *o = option_of(word);
    struct buf args[2];
    enum err e = OK;

    if (o == NULL) {
        import_note(r->im, line, IMPORT_LEFT, word, "this line is not understood");
        while (word[0] != '-' && r->at < r->end && *r->at != '\n') /* with what may be its value */
            r->at++;
        return OK;
    }
    for (int i = 0; i < 2; i++) {
        buf_init(&args[i], WORD_MAX);
        if (i < o->arguments && e == OK && (!read_word(r, &args[i]) || args[i].overflow))
            e = cause_set(cause, ERR_SYNTAX, "line %u: %s has no value, or one that is too long",
                          line, o->name);
    }
    const char *const texts[] = {buf_str(&args[0]), buf_str(&args[1])};
    if (e == OK && o->on != NULL)
        o->on(r, texts, line);
    if (e == OK)
        tell(r->im, o, line);
    for (int i = 0; i < 2; i++)
        buf_wipe(&args[i]);
    return e;
}

enum err inadyn_read_old(struct import *im, const char *bytes, size_t n, struct cause *cause)
{
    struct inadyn_section section = {0};
    struct reader r = {.at = bytes, .end = bytes + n, .line = 1, .im = im, .section = &section};
    struct buf word;
    enum err e = OK;

    buf_init(&word, WORD_MAX);
    buf_init(&section.hosts, 1 << 16);
    buf_init(&r.keyed, 1 << 16);
    begin_account(&r, "default@dyndns.org", 1);
    while (e == OK && read_word(&r, &word))
        e = read_option(&r, buf_str(&word), r.line, cause);
    if (e == OK)
        end_account(&r);
    inadyn_section_free(&section);
    mem_free(r.forced);
    buf_wipe(&r.keyed);
    buf_wipe(&word);
    return e;
}

/* A line that begins with a dashed option, or with one that every such file has, and its value. */
static bool tells(const char *line, size_t n)
{
    static const char *const names[] = {"dyndns_system", "system", "alias", "username"};
    size_t m = 0;
    char word[32];

    while (m < n && m < sizeof word - 1 && !text_is_space(line[m])) {
        word[m] = line[m];
        m++;
    }
    word[m] = '\0';
    if (text_starts(word, "--"))
        return option_of(word) != NULL;
    while (m < n && text_is_space(line[m]))
        m++;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (text_equal(word, names[i]))
            return m < n && line[m] != '=' && line[m] != '{';
    return false;
}

bool inadyn_looks_old(const char *bytes, size_t n)
{
    for (const char *s = bytes, *end = bytes + n; s < end;) {
        const char *feed = memchr(s, '\n', (size_t)(end - s));
        const char *stop = feed != NULL ? feed : end;
        while (s < stop && text_is_space(*s))
            s++;
        if (tells(s, (size_t)(stop - s)))
            return true;
        s = stop + 1;
    }
    return false;
}
