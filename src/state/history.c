/*
 * SPDX-License-Identifier: ISC
 */
#include "state/history.h"

#include <string.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/text.h"
#include "state/table.h"

enum {
    TEXT_ENOUGH = 32 * 1024, /* a longer row is not added to */
    PRUNE_EVERY = 256,       /* events between two looks at the bound of rows */
};

/* Where the text of a column stands that was written last: what is the same is not written. */
struct piece {
    bool there;
    size_t at, length;
};
enum { PIECES = 6 };

struct history {
    sqlite3 *sql;
    uint64_t rows_max, events_since_prune;
    msec age_max, pruned_by_age; /* mono */
    sqlite3_stmt *put;           /* owned, made when first needed */
    sqlite3_stmt *former;        /* owned, while the former table is taken in */
    /* The row that is being made. */
    struct buf events;
    struct piece latest[PIECES];
    unsigned count;
    msec since, until;
    int family; /* of the latest */
};

struct history *history_new(sqlite3 *sql, uint64_t rows_max, msec age_max)
{
    struct history *h = mem_alloc(sizeof *h);

    h->sql = sql;
    h->rows_max = rows_max;
    h->age_max = age_max;
    buf_init(&h->events, INT32_MAX);
    return h;
}

void history_free(struct history *h)
{
    if (h == NULL)
        return;
    history_drop(h);
    sqlite3_finalize(h->put);
    mem_free(h);
}

static bool run(const struct history *h, const char *text)
{
    return sqlite3_exec(h->sql, text, NULL, NULL, NULL) == SQLITE_OK;
}

/* ---- A row's text ---- */

/*
 * Each event is eight values: time, entry, family, kind, old, new, class, words. A value is "=",
 * the same as the event before has, or "-", a text that is not there, or a number and a comma, or a
 * text as "LENGTH:text,", in which any character may stand. The first event has no "=".
 */
static void add_number(struct history *h, int64_t value, int64_t latest)
{
    if (h->count > 0 && value == latest)
        buf_char(&h->events, '=');
    else
        buf_format(&h->events, "%lld,", (long long)value);
}

static void add_text(struct history *h, const char *text, struct piece *latest)
{
    struct piece now = {.there = text != NULL, .length = text != NULL ? strlen(text) : 0};

    if (h->count > 0 && now.there == latest->there && now.length == latest->length &&
        (!now.there || memcmp(h->events.data + latest->at, text, now.length) == 0)) {
        buf_char(&h->events, '=');
        return;
    }
    if (now.there) {
        buf_format(&h->events, "%zu:", now.length);
        now.at = h->events.len;
        buf_add(&h->events, text, now.length);
    }
    buf_char(&h->events, now.there ? ',' : '-');
    *latest = now;
}

/* Takes the next value off the text, which is changed; *value stays where it is the same. */
static bool take_number(char **at, int64_t *value)
{
    bool same = **at == '=', below = **at == '-';
    char *end = same ? *at : strchr(*at, ',');
    uint64_t number;

    if (end == NULL)
        return false;
    if (!same) {
        *end = '\0';
        if (!text_number(*at + below, &number) || number > INT64_MAX)
            return false;
        *value = below ? -(int64_t)number : (int64_t)number;
    }
    *at = end + 1;
    return true;
}

static bool take_text(char **at, const char **value)
{
    char *text = *at;
    uint64_t length;

    if (*text == '=' || *text == '-') {
        *value = *text == '-' ? NULL : *value;
        ++*at;
        return true;
    }
    if ((text = strchr(text, ':')) == NULL)
        return false;
    *text++ = '\0';
    if (!text_number(*at, &length) || strnlen(text, length + 1) <= length || text[length] != ',')
        return false;
    text[length] = '\0';
    *value = text;
    *at = text + length + 1;
    return true;
}

/* All events of a row, the oldest first; false when the text makes no sense. */
static bool take_events(char *text, struct state_event *events, int64_t count)
{
    struct state_event e = {0};
    int64_t family = 0;

    for (int64_t i = 0; i < count; i++) {
        if (!take_number(&text, &e.at) || !take_text(&text, &e.entry) ||
            !take_number(&text, &family) || !take_text(&text, &e.kind) ||
            !take_text(&text, &e.old_set) || !take_text(&text, &e.new_set) ||
            !take_text(&text, &e.cls) || !take_text(&text, &e.say) || e.kind == NULL)
            return false;
        e.family = (int)family;
        events[i] = e;
    }
    return *text == '\0';
}

/* ---- Writing ---- */

static bool write_row(struct history *h)
{
    struct row r;

    if (h->count == 0)
        return true;
    if (h->put == NULL && sqlite3_prepare_v3(h->sql, tables[TABLE_HISTORY].put, -1,
                                             SQLITE_PREPARE_PERSISTENT, &h->put, NULL) != SQLITE_OK)
        return false;
    r.count = 0;
    row_number(&r, h->count);
    row_number(&r, h->since);
    row_number(&r, h->until);
    row_text(&r, buf_str(&h->events));
    row_bind(&r, tables[TABLE_HISTORY].name, h->put);
    bool written = sqlite3_step(h->put) == SQLITE_DONE;
    sqlite3_reset(h->put);
    buf_clear(&h->events);
    h->count = 0;
    return written;
}

/* A row's times never go back, so that its first and its last bound them all. */
bool history_add(struct history *h, const struct state_event *e)
{
    const char *const texts[PIECES] = {e->entry, e->kind, e->old_set, e->new_set, e->cls, e->say};

    if ((h->count == HISTORY_ROW || h->events.len > TEXT_ENOUGH ||
         (h->count > 0 && e->at < h->until)) &&
        !write_row(h))
        return false;
    add_number(h, e->at, h->until);
    add_text(h, texts[0], &h->latest[0]);
    add_number(h, e->family, h->family);
    for (int i = 1; i < PIECES; i++)
        add_text(h, texts[i], &h->latest[i]);
    if (h->count == 0)
        h->since = e->at;
    h->until = e->at;
    h->family = e->family;
    h->count++;
    h->events_since_prune++;
    return true;
}

void history_drop(struct history *h)
{
    sqlite3_finalize(h->former);
    h->former = NULL;
    buf_free(&h->events);
    h->count = 0;
}

/*
 * By age the oldest tenth goes at most, once a day, so that a clock which jumps years ahead and
 * back does not take the history with it.
 */
static bool prune(struct history *h, msec wall)
{
    msec now = clock_now().mono;
    char text[320];
    bool done = true;

    if (h->events_since_prune >= PRUNE_EVERY) {
        h->events_since_prune = 0;
        sqlite3_snprintf(sizeof text, text,
                         "DELETE FROM history WHERE id <= (SELECT max(id) FROM history) - %llu",
                         (unsigned long long)h->rows_max);
        done = run(h, text);
    }
    if (done && (h->pruned_by_age == 0 || now - h->pruned_by_age > DAY)) {
        h->pruned_by_age = now;
        sqlite3_snprintf(sizeof text, text,
                         "DELETE FROM history WHERE until < %lld AND id < (SELECT max(id) FROM "
                         "history) AND id <= ((SELECT min(id) FROM history) * 9 + "
                         "(SELECT max(id) FROM history)) / 10",
                         (long long)(wall - h->age_max));
        done = run(h, text);
    }
    return done;
}

bool history_end(struct history *h, msec wall)
{
    bool written = write_row(h) && prune(h, wall);

    if (written)
        history_drop(h);
    return written;
}

/* What fails leaves the statement: to end it would take the connection's word on the failure. */
static bool take_former(struct history *h)
{
    static const char all[] = "SELECT at, entry, family, kind, old, new, class, say, sum "
                              "FROM event ORDER BY id";
    struct row r;
    struct state_event event;
    int code;

    if (sqlite3_prepare_v2(h->sql, all, -1, &h->former, NULL) != SQLITE_OK)
        return false;
    while ((code = sqlite3_step(h->former)) == SQLITE_ROW)
        if (row_read(&r, former_event_name, h->former) && former_event_from(&r, &event) &&
            !history_add(h, &event))
            return false;
    if (code != SQLITE_DONE || !write_row(h))
        return false;
    history_drop(h);
    return run(h, "DROP TABLE event");
}

bool history_make(struct history *h, bool former)
{
    return run(h, tables[TABLE_HISTORY].create) && (!former || take_former(h));
}

/* ---- Reading ---- */

struct telling {
    const char *entry; /* NULL: of all */
    msec before;
    size_t left;
    void (*fn)(void *arg, const struct state_event *e);
    void *arg;
};

/* Only a row in which the entry's value stands is read as a whole. */
static bool may_hold(sqlite3_stmt *statement, const struct buf *value)
{
    const void *text = sqlite3_column_text(statement, 3);
    size_t length = (size_t)sqlite3_column_bytes(statement, 3);

    return value->len == 0 ||
           (text != NULL && memmem(text, length, value->data, value->len) != NULL);
}

static void tell_row(struct telling *t, const struct row *r)
{
    struct state_event events[HISTORY_ROW];
    int64_t count = row_get_number(r, 0);
    char *text = mem_text(row_get_text(r, 3));

    if (text != NULL && count >= 0 && count <= HISTORY_ROW && take_events(text, events, count)) {
        for (int64_t i = count - 1; i >= 0 && t->left > 0; i--) {
            if (events[i].at >= t->before ||
                (t->entry != NULL && !text_equal(events[i].entry, t->entry)))
                continue;
            t->fn(t->arg, &events[i]);
            t->left--;
        }
    }
    mem_free(text);
}

static bool tell_rows(const struct history *h, struct telling *t)
{
    static const char newest[] = "SELECT count, since, until, events, sum FROM history "
                                 "WHERE since < ? ORDER BY id DESC";
    sqlite3_stmt *statement = NULL;
    struct buf value;
    struct row r;
    int code = SQLITE_DONE;

    if (sqlite3_prepare_v2(h->sql, newest, -1, &statement, NULL) != SQLITE_OK)
        return false;
    sqlite3_bind_int64(statement, 1, t->before);
    buf_init(&value, INT32_MAX);
    if (t->entry != NULL)
        buf_format(&value, "%zu:%s,", strlen(t->entry), t->entry);
    while (t->left > 0 && (code = sqlite3_step(statement)) == SQLITE_ROW)
        if (may_hold(statement, &value) && row_read(&r, tables[TABLE_HISTORY].name, statement))
            tell_row(t, &r);
    buf_free(&value);
    sqlite3_finalize(statement);
    return t->left == 0 || code == SQLITE_DONE;
}

static bool tell_former(const struct history *h, const struct telling *t)
{
    static const char of_all[] = "SELECT at, entry, family, kind, old, new, class, say, sum "
                                 "FROM event WHERE at < ?1 ORDER BY id DESC LIMIT ?2";
    static const char of_one[] = "SELECT at, entry, family, kind, old, new, class, say, sum "
                                 "FROM event WHERE entry = ?3 AND at < ?1 "
                                 "ORDER BY id DESC LIMIT ?2";
    sqlite3_stmt *statement = NULL;
    struct row r;
    struct state_event event;
    int code;

    if (sqlite3_prepare_v2(h->sql, t->entry != NULL ? of_one : of_all, -1, &statement, NULL) !=
        SQLITE_OK)
        return false;
    sqlite3_bind_int64(statement, 1, t->before);
    sqlite3_bind_int64(statement, 2, t->left < INT32_MAX ? (sqlite3_int64)t->left : INT32_MAX);
    if (t->entry != NULL)
        sqlite3_bind_text(statement, 3, t->entry, -1, SQLITE_STATIC);
    while ((code = sqlite3_step(statement)) == SQLITE_ROW)
        if (row_read(&r, former_event_name, statement) && former_event_from(&r, &event))
            t->fn(t->arg, &event);
    sqlite3_finalize(statement);
    return code == SQLITE_DONE;
}

bool history_tell(const struct history *h, bool former, const char *entry, msec before, size_t most,
                  void (*fn)(void *arg, const struct state_event *e), void *arg)
{
    struct telling t = {.entry = entry,
                        .before = before > 0 ? before : INT64_MAX,
                        .left = most,
                        .fn = fn,
                        .arg = arg};

    return former ? tell_former(h, &t) : tell_rows(h, &t);
}
