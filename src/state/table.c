/*
 * SPDX-License-Identifier: ISC
 */
#include "state/table.h"

#include <assert.h>
#include <string.h>

#include "base/text.h"

/* clang-format off */
const struct table tables[TABLES] = {
    [TABLE_META] = {
        "meta",
        "CREATE TABLE meta(key TEXT PRIMARY KEY, number INTEGER, sum INTEGER) WITHOUT ROWID",
        "INSERT OR REPLACE INTO meta VALUES(?,?,?)", NULL,
        "SELECT * FROM meta ORDER BY key", 3},
    [TABLE_ATTEMPT] = {
        "attempt",
        "CREATE TABLE attempt(number INTEGER PRIMARY KEY, at INTEGER, items TEXT, sum INTEGER)",
        "INSERT OR REPLACE INTO attempt VALUES(?,?,?,?)",
        "DELETE FROM attempt WHERE number = ?",
        "SELECT * FROM attempt ORDER BY number", 4},
    [TABLE_RECORD] = {
        "record",
        "CREATE TABLE record(entry TEXT, family INTEGER, state TEXT, sum INTEGER, "
        "PRIMARY KEY(entry, family)) WITHOUT ROWID",
        "INSERT OR REPLACE INTO record VALUES(?,?,?,?)",
        "DELETE FROM record WHERE entry = ?",
        "SELECT * FROM record ORDER BY entry, family", 4},
    [TABLE_SCOPE] = {
        "scope",
        "CREATE TABLE scope(kind TEXT, key TEXT, state TEXT, sum INTEGER, PRIMARY KEY(kind, key)) "
        "WITHOUT ROWID",
        "INSERT OR REPLACE INTO scope VALUES(?,?,?,?)", NULL,
        "SELECT * FROM scope ORDER BY kind, key", 4},
    [TABLE_BUCKET] = {
        "bucket",
        "CREATE TABLE bucket(key TEXT PRIMARY KEY, level REAL, at INTEGER, sum INTEGER) "
        "WITHOUT ROWID",
        "INSERT OR REPLACE INTO bucket VALUES(?,?,?,?)", NULL,
        "SELECT * FROM bucket ORDER BY key", 4},
    [TABLE_MEMORY] = {
        "memory",
        "CREATE TABLE memory(account TEXT, key TEXT, value TEXT, expires INTEGER, sum INTEGER, "
        "PRIMARY KEY(account, key)) WITHOUT ROWID",
        "INSERT OR REPLACE INTO memory VALUES(?,?,?,?,?)",
        "DELETE FROM memory WHERE account = ?",
        "SELECT * FROM memory ORDER BY account, key", 5},
    [TABLE_HISTORY] = {
        "history",
        "CREATE TABLE history(id INTEGER PRIMARY KEY, count INTEGER, since INTEGER, until INTEGER, "
        "events TEXT, sum INTEGER)",
        "INSERT INTO history VALUES((SELECT ifnull(max(id), 0) FROM history) + ?1,?1,?2,?3,?4,?5)",
        NULL, NULL, 6},
};
const char former_event_name[] = "event";
static const char *const former[] = {
    "CREATE TABLE record(entry TEXT, family INTEGER, published TEXT, published_at INTEGER, "
    "changed_at INTEGER, attempt_at INTEGER, attempt_open INTEGER, last TEXT, say TEXT, "
    "failures INTEGER, wait_end INTEGER, wait_length INTEGER, stopped INTEGER, "
    "fingerprint TEXT, tried TEXT, sum INTEGER, PRIMARY KEY(entry, family)) WITHOUT ROWID",
    "CREATE TABLE scope(kind TEXT, key TEXT, last TEXT, say TEXT, failures INTEGER, "
    "wait_end INTEGER, wait_length INTEGER, stopped INTEGER, stopped_hard INTEGER, "
    "fingerprint TEXT, sum INTEGER, PRIMARY KEY(kind, key)) WITHOUT ROWID",
    "CREATE TABLE event(id INTEGER PRIMARY KEY, at INTEGER, entry TEXT, family INTEGER, "
    "kind TEXT, old TEXT, new TEXT, class TEXT, say TEXT, sum INTEGER)",
    "CREATE INDEX event_of_entry ON event(entry, at)"};
/* clang-format on */

/* The first two in place of those of today, the others in place of the history. */
enum { FORMER = sizeof former / sizeof former[0] };
enum { COLUMNS = 3 << TABLES, EVENTS = 12 << TABLES, ODD = 1 << (TABLES + FORMER) };

unsigned table_bit(const char *create)
{
    for (int id = 0; id < TABLES; id++)
        if (text_equal(create, tables[id].create))
            return 1U << id;
    for (int i = 0; i < FORMER; i++)
        if (text_equal(create, former[i]))
            return 1U << (TABLES + i);
    return ODD;
}

int64_t table_bits_version(unsigned bits, bool history)
{
    enum { ATTEMPT = 1 << TABLE_ATTEMPT, HISTORY = 1 << TABLE_HISTORY };
    enum { LINES = 1 << TABLE_RECORD | 1 << TABLE_SCOPE };
    const unsigned rest = ((1 << TABLES) - 1) & ~(LINES | HISTORY);
    const unsigned now = rest | LINES | (history ? HISTORY : 0);
    const unsigned version_2 = rest | COLUMNS | (history ? EVENTS : 0);
    const unsigned version_1 = version_2 & ~(unsigned)ATTEMPT;

    return bits == now ? 3 : bits == version_2 ? 2 : bits == version_1 ? 1 : 0;
}

static const char *set_text(const struct addrset *s, char *room)
{
    return s->count == 0 ? "" : addrset_text(s, room);
}

/* "a, b" or "" for none; every address of the family. */
static bool set_from(const char *text, enum family family, struct addrset *out)
{
    *out = (struct addrset){0};
    while (text != NULL && *text != '\0') {
        size_t n = strcspn(text, ",");
        struct addr a;
        if (!addr_parse_n(text, n, &a) || a.family != family || !addrset_add(out, &a))
            return false;
        text += n;
        text += strspn(text, ", ");
    }
    return true;
}

/* A text column into an array of the struct. */
static bool copy_text(char *to, size_t room, const char *from)
{
    size_t length = from != NULL ? strlen(from) : room;

    if (length >= room)
        return false;
    memcpy(to, from, length + 1);
    return true;
}

/* No words are an empty text in the table. */
static bool say_from(const char *text, const char **out)
{
    *out = text != NULL && *text != '\0' ? text : NULL;
    return text != NULL;
}

/* The one line of a text, whose values are then in "room". */
static bool read_line(const char *text, struct buf *room, struct lines_value *values,
                      unsigned count)
{
    buf_clear(room);
    if (text == NULL || !buf_text(room, text))
        return false;
    char *at = room->data;
    return lines_read(&at, values, count) && *at == '\0';
}

void table_meta_row(const struct meta *m, struct row *r)
{
    r->count = 0;
    row_text(r, m->key);
    row_number(r, m->number);
}

bool table_meta_from(const struct row *r, struct meta *m)
{
    *m = (struct meta){row_get_text(r, 0), row_get_number(r, 1)};
    return m->key != NULL;
}

enum { ITEM_ENTRY, ITEM_FAMILY, ITEM_TRIED, ITEM_FINGERPRINT, ITEM_VALUES };

void table_attempts_row(const struct state_attempts *attempts, struct lines *lines, struct row *r)
{
    for (size_t i = 0; i < attempts->count; i++) {
        const struct state_attempt *a = &attempts->items[i];
        lines_text(lines, a->entry);
        lines_number(lines, a->family);
        lines_text(lines, set_text(&a->tried, r->sets[0]));
        lines_text(lines, a->fingerprint);
        lines_end(lines);
    }
    r->count = 0;
    row_number(r, attempts->number);
    row_number(r, attempts->at);
    row_text(r, buf_str(&lines->text));
}

bool table_attempts_from(const struct row *r, struct state_attempts *attempts)
{
    *attempts = (struct state_attempts){.number = row_get_number(r, 0), .at = row_get_number(r, 1)};
    return row_get_text(r, 2) != NULL;
}

void table_items_begin(struct table_items *items, char *text)
{
    *items = (struct table_items){.at = text, .former = text[0] != '\0' && text[1] == '|'};
}

bool table_items_more(const struct table_items *items)
{
    return *items->at != '\0';
}

/* As version 2 wrote it, "FAMILY|fingerprint|set|LENGTH|entry" in each line. */
static bool former_item(char **at, struct state_attempt *attempt)
{
    char *fields[4], *p = *at; /* family, fingerprint, set, length */

    for (int i = 0; i < 4; i++) {
        fields[i] = p;
        if ((p = strchr(p, '|')) == NULL)
            return false;
        *p++ = '\0';
    }
    uint64_t length;
    bool v6 = text_equal(fields[0], "6");
    if ((!v6 && !text_equal(fields[0], "4")) || !text_number(fields[3], &length) ||
        strnlen(p, length + 1) <= length || p[length] != '\n')
        return false;
    p[length] = '\0';
    *attempt = (struct state_attempt){.entry = p, .family = v6 ? V6 : V4};
    *at = p + length + 1;
    return copy_text(attempt->fingerprint, sizeof attempt->fingerprint, fields[1]) &&
           set_from(fields[2], attempt->family, &attempt->tried);
}

bool table_items_next(struct table_items *items, struct state_attempt *attempt)
{
    const struct lines_value *v = items->values;

    if (items->former)
        return former_item(&items->at, attempt);
    if (!lines_read(&items->at, items->values, ITEM_VALUES) || v[ITEM_ENTRY].text == NULL ||
        v[ITEM_FAMILY].number < 0 || v[ITEM_FAMILY].number >= FAMILIES)
        return false;
    *attempt = (struct state_attempt){.entry = v[ITEM_ENTRY].text,
                                      .family = (enum family)v[ITEM_FAMILY].number};
    return copy_text(attempt->fingerprint, sizeof attempt->fingerprint, v[ITEM_FINGERPRINT].text) &&
           set_from(v[ITEM_TRIED].text, attempt->family, &attempt->tried);
}

/* What a record that goes well has no more of stands last. */
enum {
    RECORD_PUBLISHED, /* no text: it is not known */
    RECORD_FINGERPRINT,
    RECORD_ATTEMPT_AT,
    RECORD_PUBLISHED_AT, /* after the attempt */
    RECORD_CHANGED_AT,   /* after it was published */
    RECORD_LAST,
    RECORD_TRIED, /* no text: as published */
    RECORD_SAY,
    RECORD_FAILURES,
    RECORD_WAIT_END,
    RECORD_WAIT_LENGTH,
    RECORD_STOPPED,
    RECORD_ATTEMPT_OPEN,
    RECORD_VALUES
};
static_assert((int)RECORD_VALUES <= (int)LINES_VALUES, "a line has room for a record");

/* Whatever the two are, later() leads back. */
static int64_t after(msec at, msec first)
{
    return (int64_t)((uint64_t)at - (uint64_t)first);
}

static msec later(msec first, int64_t after)
{
    return (msec)((uint64_t)first + (uint64_t)after);
}

void table_record_row(const struct state_record *record, struct lines *lines, struct row *r)
{
    static const struct addrset none = {0};
    const struct addrset *published = record->published_known ? &record->published : &none;
    bool as_published = addrset_equal(published, &record->tried);

    lines_text(lines, record->published_known ? set_text(published, r->sets[0]) : NULL);
    lines_text(lines, record->fingerprint);
    lines_number(lines, record->attempt_at);
    lines_number(lines, after(record->published_at, record->attempt_at));
    lines_number(lines, after(record->changed_at, record->published_at));
    lines_text(lines, outcome_rule(record->last)->name);
    lines_text(lines, as_published ? NULL : set_text(&record->tried, r->sets[1]));
    lines_text(lines, record->say);
    lines_number(lines, record->failures);
    lines_number(lines, record->wait_end);
    lines_number(lines, record->wait_length);
    lines_number(lines, record->stopped);
    lines_number(lines, record->attempt_open);
    lines_end(lines);
    r->count = 0;
    row_text(r, record->entry);
    row_number(r, record->family);
    row_text(r, buf_str(&lines->text));
}

enum { FORMER_RECORD_CELLS = 15 };

static bool former_record_from(const struct row *r, struct state_record *record)
{
    const char *published = row_get_text(r, 2), *last = row_get_text(r, 7);
    const char *tried = row_get_text(r, 14);

    record->published_known = published != NULL;
    record->published_at = row_get_number(r, 3);
    record->changed_at = row_get_number(r, 4);
    record->attempt_at = row_get_number(r, 5);
    record->attempt_open = row_get_number(r, 6) != 0;
    record->failures = (unsigned)row_get_number(r, 9);
    record->wait_end = row_get_number(r, 10);
    record->wait_length = row_get_number(r, 11);
    record->stopped = row_get_number(r, 12) != 0;
    return set_from(published, record->family, &record->published) &&
           set_from(tried, record->family, &record->tried) && last != NULL &&
           outcome_class_parse(last, &record->last) && say_from(row_get_text(r, 8), &record->say) &&
           copy_text(record->fingerprint, sizeof record->fingerprint, row_get_text(r, 13));
}

static bool record_from(const struct lines_value *v, struct state_record *record)
{
    if (v[RECORD_LAST].text == NULL || !outcome_class_parse(v[RECORD_LAST].text, &record->last) ||
        !copy_text(record->fingerprint, sizeof record->fingerprint, v[RECORD_FINGERPRINT].text) ||
        !set_from(v[RECORD_PUBLISHED].text, record->family, &record->published) ||
        !set_from(v[RECORD_TRIED].text, record->family, &record->tried))
        return false;
    if (v[RECORD_TRIED].text == NULL)
        record->tried = record->published;
    record->published_known = v[RECORD_PUBLISHED].text != NULL;
    record->attempt_at = v[RECORD_ATTEMPT_AT].number;
    record->published_at = later(record->attempt_at, v[RECORD_PUBLISHED_AT].number);
    record->changed_at = later(record->published_at, v[RECORD_CHANGED_AT].number);
    record->say = v[RECORD_SAY].text;
    record->failures = (unsigned)v[RECORD_FAILURES].number;
    record->wait_end = v[RECORD_WAIT_END].number;
    record->wait_length = v[RECORD_WAIT_LENGTH].number;
    record->stopped = v[RECORD_STOPPED].number != 0;
    record->attempt_open = v[RECORD_ATTEMPT_OPEN].number != 0;
    return true;
}

bool table_record_from(const struct row *r, struct buf *room, struct state_record *record)
{
    struct lines_value v[RECORD_VALUES] = {{NULL, 0}};
    int64_t family = row_get_number(r, 1);

    *record = (struct state_record){.entry = row_get_text(r, 0), .family = (enum family)family};
    if (record->entry == NULL || family < 0 || family >= FAMILIES)
        return false;
    if (r->count == FORMER_RECORD_CELLS)
        return former_record_from(r, record);
    return read_line(row_get_text(r, 2), room, v, RECORD_VALUES) && record_from(v, record);
}

enum {
    SCOPE_LAST,
    SCOPE_FINGERPRINT,
    SCOPE_SAY,
    SCOPE_FAILURES,
    SCOPE_WAIT_END,
    SCOPE_WAIT_LENGTH,
    SCOPE_STOPPED,
    SCOPE_STOPPED_HARD,
    SCOPE_VALUES
};

void table_scope_row(const struct state_scope *scope, struct lines *lines, struct row *r)
{
    lines_text(lines, outcome_rule(scope->last)->name);
    lines_text(lines, scope->fingerprint);
    lines_text(lines, scope->say);
    lines_number(lines, scope->failures);
    lines_number(lines, scope->wait_end);
    lines_number(lines, scope->wait_length);
    lines_number(lines, scope->stopped);
    lines_number(lines, scope->stopped_hard);
    lines_end(lines);
    r->count = 0;
    row_text(r, scope->kind);
    row_text(r, scope->key);
    row_text(r, buf_str(&lines->text));
}

enum { FORMER_SCOPE_CELLS = 10 };

static bool former_scope_from(const struct row *r, struct state_scope *scope)
{
    const char *last = row_get_text(r, 2);

    scope->failures = (unsigned)row_get_number(r, 4);
    scope->wait_end = row_get_number(r, 5);
    scope->wait_length = row_get_number(r, 6);
    scope->stopped = row_get_number(r, 7) != 0;
    scope->stopped_hard = row_get_number(r, 8) != 0;
    return last != NULL && outcome_class_parse(last, &scope->last) &&
           say_from(row_get_text(r, 3), &scope->say) &&
           copy_text(scope->fingerprint, sizeof scope->fingerprint, row_get_text(r, 9));
}

bool table_scope_from(const struct row *r, struct buf *room, struct state_scope *scope)
{
    struct lines_value v[SCOPE_VALUES] = {{NULL, 0}};

    *scope = (struct state_scope){.kind = row_get_text(r, 0), .key = row_get_text(r, 1)};
    if (scope->kind == NULL || scope->key == NULL)
        return false;
    if (r->count == FORMER_SCOPE_CELLS)
        return former_scope_from(r, scope);
    if (!read_line(row_get_text(r, 2), room, v, SCOPE_VALUES) || v[SCOPE_LAST].text == NULL ||
        !outcome_class_parse(v[SCOPE_LAST].text, &scope->last) ||
        !copy_text(scope->fingerprint, sizeof scope->fingerprint, v[SCOPE_FINGERPRINT].text))
        return false;
    scope->say = v[SCOPE_SAY].text;
    scope->failures = (unsigned)v[SCOPE_FAILURES].number;
    scope->wait_end = v[SCOPE_WAIT_END].number;
    scope->wait_length = v[SCOPE_WAIT_LENGTH].number;
    scope->stopped = v[SCOPE_STOPPED].number != 0;
    scope->stopped_hard = v[SCOPE_STOPPED_HARD].number != 0;
    return true;
}

void table_bucket_row(const struct state_bucket *bucket, struct row *r)
{
    r->count = 0;
    row_text(r, bucket->key);
    row_real(r, bucket->level);
    row_number(r, bucket->at);
}

bool table_bucket_from(const struct row *r, struct state_bucket *bucket)
{
    *bucket = (struct state_bucket){row_get_text(r, 0), row_get_real(r, 1), row_get_number(r, 2)};
    return bucket->key != NULL;
}

void table_memory_row(const char *account, const struct memory_item *item, struct row *r)
{
    r->count = 0;
    row_text(r, account);
    row_text(r, item->key);
    row_text(r, item->value);
    row_number(r, item->expires);
}

bool table_memory_from(const struct row *r, const char **account, struct memory_item *item)
{
    *account = row_get_text(r, 0);
    *item =
        (struct memory_item){row_get_text(r, 1), row_get_text(r, 2), row_get_number(r, 3), false};
    return *account != NULL && item->key != NULL && item->value != NULL;
}

bool former_event_from(const struct row *r, struct state_event *event)
{
    *event = (struct state_event){
        .at = row_get_number(r, 0),
        .entry = row_get_text(r, 1),
        .family = (int)row_get_number(r, 2),
        .kind = row_get_text(r, 3),
        .old_set = row_get_text(r, 4),
        .new_set = row_get_text(r, 5),
        .cls = row_get_text(r, 6),
        .say = row_get_text(r, 7),
    };
    return event->kind != NULL;
}
