/*
 * SPDX-License-Identifier: ISC
 */
#include "command/cache.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "base/text.h"

const char cache_default_stamp[] = "ddclient-4.0.1-rc.2";

/* Smaller "wtime" values are placeholders that ddclient 3.x wrote, not dates. */
enum { OLDEST_WTIME = 1000000000 };
/* The comment that carries what ddclient has no key for. */
static const char comment_mark[] = "# homing ";

void cache_init(struct cache *c)
{
    *c = (struct cache){0};
}

static void entry_free(struct cache_entry *e)
{
    for (int f = 0; f < FAMILIES; f++)
        mem_free(e->of[f].status);
    mem_free(e->host);
    mem_free(e->backupmx);
    mem_free(e->mx);
    mem_free(e->wildcard);
    mem_free(e->is_static);
    mem_free(e->settings);
    mem_free(e);
}

void cache_free(struct cache *c)
{
    for (size_t i = 0; i < c->count; i++)
        entry_free(c->entries[i]);
    mem_free(c->entries);
    mem_free(c->stamp);
    cache_init(c);
}

void cache_set(char **field, const char *value)
{
    char *copy = mem_text(value);
    mem_free(*field);
    *field = copy;
}

/* Where the host stands, or where it belongs. */
static size_t position(const struct cache *c, const char *host)
{
    size_t low = 0, high = c->count;

    while (low < high) {
        size_t middle = (low + high) / 2;
        if (strcmp(c->entries[middle]->host, host) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct cache_entry *cache_find(const struct cache *c, const char *host)
{
    size_t at = position(c, host);
    return at < c->count && text_equal(c->entries[at]->host, host) ? c->entries[at] : NULL;
}

struct cache_entry *cache_entry(struct cache *c, const char *host)
{
    size_t at = position(c, host);

    if (at < c->count && text_equal(c->entries[at]->host, host))
        return c->entries[at];
    c->entries = mem_more(c->entries, c->count, sizeof *c->entries);
    memmove(c->entries + at + 1, c->entries + at, (c->count - at) * sizeof *c->entries);
    c->count++;
    c->entries[at] = mem_alloc(sizeof **c->entries);
    c->entries[at]->host = mem_text(host);
    return c->entries[at];
}

/* The keys, in the order in which they are written. */

enum kind { KIND_ADDR, KIND_STATUS, KIND_TIME, KIND_TEXT };
struct key {
    const char *name;
    enum kind kind;
    int family;
    size_t offset;   /* into struct cache_entry, for times and texts */
    const char *old; /* what a line of ddclient 3.x has where it compares options (backupmx is there
                        then) and this is not: a missing one counts as changed there, and all would
                        be sent again */
};
#define FIELD(name) offsetof(struct cache_entry, name)
static const struct key keys[] = {
    {"atime", KIND_TIME, 0, FIELD(atime), NULL},
    {"backupmx", KIND_TEXT, 0, FIELD(backupmx), NULL},
    {"ipv4", KIND_ADDR, V4, 0, NULL},
    {"ipv6", KIND_ADDR, V6, 0, NULL},
    {"mtime", KIND_TIME, 0, FIELD(mtime), NULL},
    {"mx", KIND_TEXT, 0, FIELD(mx), ""},
    {"static", KIND_TEXT, 0, FIELD(is_static), "0"},
    {"status-ipv4", KIND_STATUS, V4, 0, NULL},
    {"status-ipv6", KIND_STATUS, V6, 0, NULL},
    {"warned-min-error-interval", KIND_TIME, 0, FIELD(warned_error), NULL},
    {"warned-min-interval", KIND_TIME, 0, FIELD(warned_min), NULL},
    {"wildcard", KIND_TEXT, 0, FIELD(wildcard), NULL},
    {"wtime", KIND_TIME, 0, FIELD(wtime), NULL},
};
enum { KEYS = sizeof keys / sizeof keys[0] };

static int64_t *time_field(struct cache_entry *e, const struct key *k)
{
    return (int64_t *)(void *)((char *)e + k->offset);
}

static char **text_field(struct cache_entry *e, const struct key *k)
{
    return (char **)(void *)((char *)e + k->offset);
}

/* ddclient's addresses may have leading zeros in IPv4; addr_parse() is strict. */
static bool read_addr(const char *text, struct addr *out)
{
    char plain[64];
    size_t n = 0;

    if (addr_parse(text, out))
        return true;
    if (strchr(text, ':') != NULL)
        return false;
    for (const char *s = text; *s != '\0' && n + 1 < sizeof plain; s++) {
        bool starts = s == text || s[-1] == '.';
        while (starts && *s == '0' && text_is_digit(s[1]))
            s++;
        plain[n++] = *s;
    }
    plain[n] = '\0';
    return addr_parse(plain, out);
}

/* Written by ddclient 3.x. */
static bool is_old(const struct cache *c)
{
    return c->stamp != NULL && strstr(c->stamp, "-3.") != NULL;
}

/* Reading */

enum { LINE_KEYS_MAX = 64, WORD_MAX = 1024 };
struct assignment {
    char *name, *value; /* owned */
};
struct line {
    struct assignment items[LINE_KEYS_MAX];
    size_t count;
};

static const char *line_get(const struct line *l, const char *name)
{
    for (size_t i = l->count; i > 0; i--)
        if (text_equal(l->items[i - 1].name, name))
            return l->items[i - 1].value;
    return NULL;
}

/* Reads one value by the rules of the configuration language: quotes and backslashes. Control
 * characters are left out. */
static const char *read_value(const char *s, const char *end, struct buf *out)
{
    char quote = '\0';

    for (; s < end; s++) {
        if (*s == '\\' && s + 1 < end) {
            if ((unsigned char)*++s >= 0x20)
                buf_char(out, *s);
        } else if (quote != '\0') {
            if (*s == quote)
                quote = '\0';
            else if ((unsigned char)*s >= 0x20)
                buf_char(out, *s);
        } else if (*s == '\'' || *s == '"') {
            quote = *s;
        } else if (*s == ',' || text_is_space(*s)) {
            break;
        } else if ((unsigned char)*s >= 0x20) {
            buf_char(out, *s);
        }
    }
    return s;
}

static bool name_char(char c)
{
    return text_is_alpha(c) || text_is_digit(c) || c == '_' || c == '-';
}

/* Reads the assignments; returns what follows them. */
static const char *read_assignments(const char *s, const char *end, struct line *l)
{
    for (;;) {
        while (s < end && (*s == ',' || text_is_space(*s)))
            s++;
        const char *name = s;
        while (s < end && name_char(*s) && (s > name || text_is_alpha(*s)))
            s++;
        if (s == name || s == end || *s != '=' || l->count == LINE_KEYS_MAX)
            return name;
        struct buf value;
        buf_init(&value, WORD_MAX);
        size_t length = (size_t)(s - name);
        s = read_value(s + 1, end, &value);
        l->items[l->count].name = mem_text_n(name, length);
        l->items[l->count].value = mem_text(buf_str(&value));
        l->count++;
        buf_free(&value);
    }
}

static void line_free(struct line *l)
{
    for (size_t i = 0; i < l->count; i++) {
        mem_free(l->items[i].name);
        mem_free(l->items[i].value);
    }
    l->count = 0;
}

static void take_key(struct cache_entry *e, const struct key *k, const char *value)
{
    uint64_t number;
    struct addr addr;

    switch (k->kind) {
    case KIND_ADDR:
        if (read_addr(value, &addr) && addr.family == k->family)
            e->of[k->family] = (struct cache_family){true, addr, e->of[k->family].status};
        break;
    case KIND_STATUS:
        cache_set(&e->of[k->family].status, value[0] != '\0' ? value : NULL);
        break;
    case KIND_TIME:
        if (text_number(value, &number) && number <= INT64_MAX / 2)
            *time_field(e, k) = (int64_t)number;
        break;
    case KIND_TEXT:
        cache_set(text_field(e, k), value[0] != '\0' ? value : NULL);
        break;
    }
}

/*
 * ddclient 3.x: "ip" and "status" belong to whichever family the address is of. 3.10 writes
 * "noconnect" for both families before it asks the protocol, and most protocols answer by "status"
 * alone: where the address stands in "ip" only, so does the outcome.
 */
static void take_old_keys(struct cache_entry *e, const struct line *l)
{
    const char *ip = line_get(l, "ip");
    const char *status = line_get(l, "status");
    struct addr addr;

    if (ip == NULL || !read_addr(ip, &addr))
        return;
    struct cache_family *f = &e->of[addr.family];
    bool here_only = !f->known;
    if (here_only) {
        f->known = true;
        f->addr = addr;
    }
    if ((f->status == NULL || here_only) && status != NULL && status[0] != '\0')
        cache_set(&f->status, text_equal(status, "nochg") ? "good" : status);
}

/* 3.x could store "nochg", which was a success; to 4.x every word but "good" is a failure. */
static void clean_entry(const struct cache *c, struct cache_entry *e)
{
    for (int f = 0; f < FAMILIES; f++)
        if (is_old(c) && text_equal(e->of[f].status, "nochg"))
            cache_set(&e->of[f].status, "good");
    if (e->wtime < OLDEST_WTIME)
        e->wtime = 0;
}

static void read_line(struct cache *c, const char *s, const char *end)
{
    struct line l = {.count = 0};

    s = read_assignments(s, end, &l);
    const char *host = s;
    while (s < end && (unsigned char)*s > 0x20 && *s != ',' && *s != '=' && *s != '#')
        s++;
    bool whole = s == end || text_is_space(*s) || *s == ',';
    if (whole && s > host && s - host < WORD_MAX) {
        char *name = mem_text_n(host, (size_t)(s - host));
        struct cache_entry *e = cache_entry(c, name);
        for (size_t i = 0; i < KEYS; i++) {
            const char *value = line_get(&l, keys[i].name);
            if (value != NULL)
                take_key(e, &keys[i], value);
        }
        take_old_keys(e, &l);
        clean_entry(c, e);
        mem_free(name);
    }
    line_free(&l);
}

/* "# homing settings=HASH,failures=N host" */
static void read_comment(struct cache *c, const char *s, const char *end)
{
    struct line l = {.count = 0};
    uint64_t failures;

    const char *host = read_assignments(s + sizeof comment_mark - 1, end, &l);
    char *name = end - host < WORD_MAX ? mem_text_n(host, (size_t)(end - host)) : NULL;
    struct cache_entry *e = name != NULL ? cache_find(c, name) : NULL;
    const char *settings = line_get(&l, "settings");
    const char *count = line_get(&l, "failures");
    if (e != NULL && settings != NULL && settings[0] != '\0' &&
        strspn(settings, "0123456789abcdef") == strlen(settings))
        cache_set(&e->settings, settings);
    if (e != NULL && count != NULL && text_number(count, &failures) && failures < 1000000)
        e->failures = (unsigned)failures;
    mem_free(name);
    line_free(&l);
}

static bool read_stamp(struct cache *c, const char *s, const char *end)
{
    while (end > s && text_is_space(end[-1]))
        end--;
    if (end - s < 5 || memcmp(s, "## ", 3) != 0)
        return false;
    const char *word = s + 3;
    const char *dash = memchr(word, '-', (size_t)(end - word));
    if (dash == NULL || dash == word || dash + 1 == end || end - word > 100)
        return false;
    for (const char *p = word; p < end; p++)
        if (text_is_space(*p) || (unsigned char)*p < 0x20)
            return false;
    mem_free(c->stamp);
    c->stamp = mem_text_n(word, (size_t)(end - word));
    return true;
}

enum err cache_parse(struct cache *c, const char *bytes, size_t n, struct cause *cause)
{
    const char *end = bytes + n;
    bool first = true;

    for (const char *s = bytes; s < end;) {
        const char *newline = memchr(s, '\n', (size_t)(end - s));
        const char *stop = newline != NULL ? newline : end;
        const char *last = stop;
        while (last > s && (last[-1] == '\r' || last[-1] == '\0'))
            last--;
        if (first && !read_stamp(c, s, last))
            return cause_set(cause, ERR_SYNTAX,
                             "the first line is not that of a cache (\"## ddclient-VERSION\")");
        size_t length = (size_t)(last - s);
        if (length >= sizeof comment_mark && memcmp(s, comment_mark, sizeof comment_mark - 1) == 0)
            read_comment(c, s, last);
        else if (length > 0 && *s != '#')
            read_line(c, s, last);
        first = false;
        s = stop + 1;
    }
    return OK;
}

/* Writing */

/* ddclient writes values raw; one that needs quotes gets them, and its reader understands them. */
static void write_value(const char *value, struct buf *out)
{
    if (strpbrk(value, " ,'\"\\") == NULL) {
        buf_text(out, value);
        return;
    }
    buf_char(out, '"');
    for (; *value != '\0'; value++) {
        if (*value == '"' || *value == '\\')
            buf_char(out, '\\');
        buf_char(out, *value);
    }
    buf_char(out, '"');
}

static void write_pair(const char *name, const char *value, bool *some, struct buf *out)
{
    buf_format(out, "%s%s=", *some ? "," : "", name);
    write_value(value, out);
    *some = true;
}

/* A line of ddclient 3.x has "ip" and "status" too. */
static void write_old_keys(const struct cache_entry *e, bool *some, struct buf *out)
{
    char text[ADDR_TEXT_MAX];
    const struct cache_family *f = &e->of[e->of[V4].known || !e->of[V6].known ? V4 : V6];

    if (f->known)
        write_pair("ip", addr_text(&f->addr, text), some, out);
    if (f->status != NULL)
        write_pair("status", f->status, some, out);
}

static void write_entry(const struct cache_entry *e, bool old, struct buf *out)
{
    struct cache_entry *plain = (struct cache_entry *)(uintptr_t)e;
    bool some = false;

    for (size_t i = 0; i < KEYS; i++) {
        const struct key *k = &keys[i];
        char text[ADDR_TEXT_MAX];
        if (k->kind == KIND_ADDR && e->of[k->family].known) {
            write_pair(k->name, addr_text(&e->of[k->family].addr, text), &some, out);
        } else if (k->kind == KIND_STATUS && e->of[k->family].status != NULL) {
            write_pair(k->name, e->of[k->family].status, &some, out);
        } else if (k->kind == KIND_TIME && *time_field(plain, k) != 0) {
            snprintf(text, sizeof text, "%lld", (long long)*time_field(plain, k));
            write_pair(k->name, text, &some, out);
        } else if (k->kind == KIND_TEXT && *text_field(plain, k) != NULL) {
            write_pair(k->name, *text_field(plain, k), &some, out);
        } else if (old && e->backupmx != NULL && k->old != NULL) {
            write_pair(k->name, k->old, &some, out);
        }
    }
    if (old)
        write_old_keys(e, &some, out);
    buf_format(out, "%s%s\n", some ? " " : "", e->host);
    if (e->settings != NULL || e->failures > 0) {
        some = false;
        buf_text(out, comment_mark);
        if (e->settings != NULL)
            write_pair("settings", e->settings, &some, out);
        if (e->failures > 0)
            buf_format(out, "%sfailures=%u", some ? "," : "", e->failures);
        buf_format(out, " %s\n", e->host);
    }
}

const char *cache_date(int64_t when, char *out)
{
    time_t t = (time_t)when;
    struct tm tm;

    if (when == 0 || localtime_r(&t, &tm) == NULL ||
        strftime(out, CACHE_DATE_MAX, "%a %b %e %H:%M:%S %Y", &tm) == 0)
        snprintf(out, CACHE_DATE_MAX, "<never>");
    return out;
}

void cache_text(const struct cache *c, msec now, struct buf *out)
{
    const char *stamp = c->stamp != NULL ? c->stamp : cache_default_stamp;
    bool old = is_old(c);
    char date[CACHE_DATE_MAX];
    int64_t seconds = now / SECOND;

    buf_format(out, "## %s\n## last updated at %s (%lld)\n", stamp, cache_date(seconds, date),
               (long long)seconds);
    for (size_t i = 0; i < c->count; i++)
        write_entry(c->entries[i], old, out);
}
