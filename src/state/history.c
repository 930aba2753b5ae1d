/*
 * SPDX-License-Identifier: ISC
 */
#include "state/history.h"

#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "state/table.h"

enum {
    TEXT_ENOUGH = 32 * 1024, /* a longer row is not added to */
    PRUNE_EVERY = 256,       /* events between two looks at the bound of rows */
};

struct history {
    sqlite3 *sql;
    uint64_t rows_max, events_since_prune;
    msec age_max, pruned_by_age; /* mono */
    sqlite3_stmt *put;           /* owned, made when first needed */
    sqlite3_stmt *former;        /* owned, while the former table is taken in */
    struct lines events;         /* of the row that is being made */
    msec since, until;
};

struct history *history_new(sqlite3 *sql, uint64_t rows_max, msec age_max)
{
    struct history *h = mem_alloc(sizeof *h);

    h->sql = sql;
    h->rows_max = rows_max;
    h->age_max = age_max;
    lines_init(&h->events);
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

/* ---- A row's lines ---- */

enum {
    EVENT_ENTRY,
    EVENT_AT,
    EVENT_FAMILY,
    EVENT_KIND,
    EVENT_OLD,
    EVENT_NEW,
    EVENT_CLASS,
    EVENT_SAY,
    EVENT_VALUES
};

static void write_event(struct lines *l, const struct state_event *e)
{
    lines_text(l, e->entry);
    lines_number(l, e->at);
    lines_number(l, e->family);
    lines_text(l, e->kind);
    lines_text(l, e->old_set);
    lines_text(l, e->new_set);
    lines_text(l, e->cls);
    lines_text(l, e->say);
    lines_end(l);
}

/* All of a row, the oldest first; false when the text, which is changed, makes no sense. */
static bool read_events(char *text, struct state_event *events, int64_t count)
{
    struct lines_value v[EVENT_VALUES] = {{NULL, 0}};

    for (int64_t i = 0; i < count; i++) {
        if (!lines_read(&text, v, EVENT_VALUES) || v[EVENT_KIND].text == NULL)
            return false;
        events[i] = (struct state_event){.at = v[EVENT_AT].number,
                                         .entry = v[EVENT_ENTRY].text,
                                         .family = (int)v[EVENT_FAMILY].number,
                                         .kind = v[EVENT_KIND].text,
                                         .old_set = v[EVENT_OLD].text,
                                         .new_set = v[EVENT_NEW].text,
                                         .cls = v[EVENT_CLASS].text,
                                         .say = v[EVENT_SAY].text};
    }
    return *text == '\0';
}

/* ---- Writing ---- */

static bool write_row(struct history *h)
{
    struct row r;

    if (h->events.count == 0)
        return true;
    if (h->put == NULL && sqlite3_prepare_v3(h->sql, tables[TABLE_HISTORY].put, -1,
                                             SQLITE_PREPARE_PERSISTENT, &h->put, NULL) != SQLITE_OK)
        return false;
    r.count = 0;
    row_number(&r, h->events.count);
    row_number(&r, h->since);
    row_number(&r, h->until);
    row_text(&r, buf_str(&h->events.text));
    row_bind(&r, tables[TABLE_HISTORY].name, h->put);
    bool written = sqlite3_step(h->put) == SQLITE_DONE;
    sqlite3_reset(h->put);
    lines_clear(&h->events);
    return written;
}

/* A row's times never go back, so that its first and its last bound them all. */
bool history_add(struct history *h, const struct state_event *e)
{
    if ((h->events.count == HISTORY_ROW || h->events.text.len > TEXT_ENOUGH ||
         (h->events.count > 0 && e->at < h->until)) &&
        !write_row(h))
        return false;
    if (h->events.count == 0)
        h->since = e->at;
    h->until = e->at;
    write_event(&h->events, e);
    h->events_since_prune++;
    return true;
}

void history_drop(struct history *h)
{
    sqlite3_finalize(h->former);
    h->former = NULL;
    lines_fini(&h->events);
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
static bool may_hold(sqlite3_stmt *statement, const struct lines *value)
{
    const void *text = sqlite3_column_text(statement, 3);
    size_t length = (size_t)sqlite3_column_bytes(statement, 3);

    return value->text.len == 0 ||
           (text != NULL && memmem(text, length, value->text.data, value->text.len) != NULL);
}

static void tell_row(struct telling *t, const struct row *r)
{
    struct state_event events[HISTORY_ROW];
    int64_t count = row_get_number(r, 0);
    char *text = mem_text(row_get_text(r, 3));

    if (text != NULL && count >= 0 && count <= HISTORY_ROW && read_events(text, events, count)) {
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
    struct lines value;
    struct row r;
    int code = SQLITE_DONE;

    if (sqlite3_prepare_v2(h->sql, newest, -1, &statement, NULL) != SQLITE_OK)
        return false;
    sqlite3_bind_int64(statement, 1, t->before);
    lines_init(&value);
    if (t->entry != NULL)
        lines_text(&value, t->entry);
    while (t->left > 0 && (code = sqlite3_step(statement)) == SQLITE_ROW)
        if (may_hold(statement, &value) && row_read(&r, tables[TABLE_HISTORY].name, statement))
            tell_row(t, &r);
    lines_fini(&value);
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
