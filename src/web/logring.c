/*
 * SPDX-License-Identifier: ISC
 */
#include "web/logring.h"

#include <string.h>

#include "base/mem.h"
#include "base/text.h"

struct line {
    uint64_t id;
    msec at;
    enum log_level level;
    char *about, *text; /* owned */
    uint64_t exchange;
};

struct logring {
    struct logring_watch watch;
    int sink;
    uint64_t last;
    size_t first, count;
    struct line lines[LOGRING_LINES];
};

static json_t *text_or_null(const char *s)
{
    json_t *j = s != NULL ? json_string(s) : NULL;
    return j != NULL ? j : json_null();
}

static json_t *document(const struct line *l)
{
    json_t *exchange = l->exchange != 0 ? json_integer((json_int_t)l->exchange) : json_null();

    return json_pack("{s:I,s:I,s:s,s:o,s:s,s:o}", "id", (json_int_t)l->id, "at", (json_int_t)l->at,
                     "level", log_level_name(l->level), "about", text_or_null(l->about), "text",
                     l->text, "exchange", exchange);
}

/* What a peer said may hold anything: kept as UTF-8 without control characters. */
static char *clean(const char *s)
{
    char *copy = mem_text_n(s, strnlen(s, LOGRING_TEXT));
    size_t n = strlen(copy);

    while (n > 0 && n == LOGRING_TEXT && (copy[n - 1] & 0x80) != 0)
        copy[--n] = '\0'; /* not in the middle of a character */
    bool utf8 = text_is_utf8(copy, n);
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)copy[i];
        if (c < 0x20 || c == 0x7f || (!utf8 && c >= 0x80))
            copy[i] = '?';
    }
    return copy;
}

static void on_line(void *arg, const struct log_line *in)
{
    struct logring *r = arg;

    if (r->count == LOGRING_LINES) {
        mem_free(r->lines[r->first].about);
        mem_free(r->lines[r->first].text);
        r->first = (r->first + 1) % LOGRING_LINES;
        r->count--;
    }
    struct line *l = &r->lines[(r->first + r->count++) % LOGRING_LINES];
    l->id = ++r->last;
    l->at = clock_now().wall;
    l->level = in->level;
    l->about = in->about != NULL ? clean(in->about) : NULL;
    l->text = clean(in->text);
    l->exchange = in->exchange;
    if (r->watch.wanted != NULL && r->watch.wanted(r->watch.arg)) {
        json_t *doc = document(l);
        r->watch.line(r->watch.arg, doc);
        json_decref(doc);
    }
}

struct logring *logring_new(const struct logring_watch *watch)
{
    struct logring *r = mem_alloc(sizeof *r);

    if (watch != NULL)
        r->watch = *watch;
    r->sink = log_add_sink(on_line, r, LOG_LEVEL_DEBUG);
    return r;
}

void logring_free(struct logring *r)
{
    if (r == NULL)
        return;
    log_remove_sink(r->sink);
    for (size_t i = 0; i < r->count; i++) {
        struct line *l = &r->lines[(r->first + i) % LOGRING_LINES];
        mem_free(l->about);
        mem_free(l->text);
    }
    mem_free(r);
}

static bool contains(const char *text, const char *part)
{
    return text != NULL && strcasestr(text, part) != NULL;
}

static bool matches(const struct line *l, const struct logring_query *q)
{
    return l->id > q->after && l->level <= q->most &&
           (q->search == NULL || contains(l->text, q->search) || contains(l->about, q->search));
}

json_t *logring_read(const struct logring *r, const struct logring_query *q)
{
    json_t *lines = json_array();
    size_t *hits = mem_array(r->count + 1, sizeof *hits), found = 0;

    for (size_t i = r->count; i > 0 && found < q->limit; i--) { /* the newest first */
        size_t at = (r->first + i - 1) % LOGRING_LINES;
        if (matches(&r->lines[at], q))
            hits[found++] = at;
    }
    while (found > 0)
        json_array_append_new(lines, document(&r->lines[hits[--found]]));
    mem_free(hits);
    return json_pack("{s:o}", "lines", lines);
}
