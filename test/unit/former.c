/*
 * SPDX-License-Identifier: ISC
 */
#include "former.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "base/mem.h"
#include "state/table.h"

static uint64_t mix(uint64_t sum, const void *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        sum = (sum ^ ((const uint8_t *)bytes)[i]) * 1099511628211u;
    return sum;
}

/* FNV-1a over the table's name and each cell but the last: its type, then its bytes. */
static int64_t sum_of(const char *table, sqlite3_stmt *row)
{
    uint64_t sum = mix(14695981039346656037u, table, strlen(table) + 1);

    for (int i = 0; i < sqlite3_column_count(row) - 1; i++) {
        int type = sqlite3_column_type(row, i);
        int64_t number = sqlite3_column_int64(row, i);
        double real = sqlite3_column_double(row, i);
        uint8_t code = type == SQLITE_TEXT      ? 3
                       : type == SQLITE_FLOAT   ? 2
                       : type == SQLITE_INTEGER ? 1
                                                : 0;
        sum = mix(sum, &code, 1);
        if (code == 3) {
            const char *text = (const char *)sqlite3_column_text(row, i);
            sum = mix(sum, text, strlen(text) + 1);
        } else if (code != 0) {
            sum = mix(sum, code == 2 ? (void *)&real : (void *)&number, 8);
        }
    }
    return (int64_t)sum;
}

static void run(sqlite3 *sql, const char *text)
{
    if (sqlite3_exec(sql, text, NULL, NULL, NULL) != SQLITE_OK)
        fail_msg("%s: %s", text, sqlite3_errmsg(sql));
}

static void put(sqlite3 *sql, const char *text, const char *table, const struct row *r)
{
    sqlite3_stmt *statement;

    assert_int_equal(sqlite3_prepare_v2(sql, text, -1, &statement, NULL), SQLITE_OK);
    row_bind(r, table, statement);
    assert_int_equal(sqlite3_step(statement), SQLITE_DONE);
    sqlite3_finalize(statement);
}

static void sum_as_version_1(sqlite3 *sql)
{
    static const char *const selects[][2] = {
        {"meta", "SELECT * FROM meta"},
        {"record", "SELECT * FROM record"},
        {"scope", "SELECT * FROM scope"},
        {"bucket", "SELECT * FROM bucket"},
        {"memory", "SELECT * FROM memory"},
        {"event", "SELECT at, entry, family, kind, old, new, class, say, sum FROM event"},
    };

    for (size_t t = 0; t < sizeof selects / sizeof selects[0]; t++) {
        sqlite3_stmt *row, *change;
        if (sqlite3_prepare_v2(sql, selects[t][1], -1, &row, NULL) != SQLITE_OK)
            continue; /* the copy has no events */
        char *set = mem_format("UPDATE %s SET sum = ? WHERE sum = ?", selects[t][0]);
        assert_int_equal(sqlite3_prepare_v2(sql, set, -1, &change, NULL), SQLITE_OK);
        mem_free(set);
        while (sqlite3_step(row) == SQLITE_ROW) {
            sqlite3_bind_int64(change, 1, sum_of(selects[t][0], row));
            sqlite3_bind_int64(change, 2, sqlite3_column_int64(row, sqlite3_column_count(row) - 1));
            assert_int_equal(sqlite3_step(change), SQLITE_DONE);
            assert_int_equal(sqlite3_changes(sql), 1);
            sqlite3_reset(change);
        }
        sqlite3_finalize(change);
        sqlite3_finalize(row);
    }
}

static void put_events(sqlite3 *sql, const struct state_event *events, size_t count)
{
    run(sql, "CREATE TABLE event(id INTEGER PRIMARY KEY, at INTEGER, entry TEXT, family INTEGER, "
             "kind TEXT, old TEXT, new TEXT, class TEXT, say TEXT, sum INTEGER)");
    run(sql, "CREATE INDEX event_of_entry ON event(entry, at)");
    for (size_t i = 0; i < count; i++) {
        const struct state_event *e = &events[i];
        struct row r = {.count = 0};
        row_number(&r, e->at);
        row_text(&r, e->entry);
        row_number(&r, e->family);
        row_text(&r, e->kind);
        row_text(&r, e->old_set);
        row_text(&r, e->new_set);
        row_text(&r, e->cls);
        row_text(&r, e->say);
        put(sql,
            "INSERT INTO event(at, entry, family, kind, old, new, class, say, sum) "
            "VALUES(?,?,?,?,?,?,?,?,?)",
            "event", &r);
    }
}

/* A column for each value. */
static void put_records(sqlite3 *sql)
{
    struct buf room;
    struct row r;
    sqlite3_stmt *all;

    run(sql, "ALTER TABLE record RENAME TO later");
    run(sql,
        "CREATE TABLE record(entry TEXT, family INTEGER, published TEXT, published_at INTEGER, "
        "changed_at INTEGER, attempt_at INTEGER, attempt_open INTEGER, last TEXT, say TEXT, "
        "failures INTEGER, wait_end INTEGER, wait_length INTEGER, stopped INTEGER, "
        "fingerprint TEXT, tried TEXT, sum INTEGER, PRIMARY KEY(entry, family)) WITHOUT ROWID");
    buf_init(&room, INT32_MAX);
    assert_int_equal(sqlite3_prepare_v2(sql, "SELECT * FROM later", -1, &all, NULL), SQLITE_OK);
    while (sqlite3_step(all) == SQLITE_ROW) {
        struct state_record record;
        assert_true(row_read(&r, "record", all) && table_record_from(&r, &room, &record));
        const struct addrset *published = &record.published, *tried = &record.tried;
        r.count = 0;
        row_text(&r, record.entry);
        row_number(&r, record.family);
        row_text(&r, !record.published_known ? NULL
                     : published->count == 0 ? ""
                                             : addrset_text(published, r.sets[0]));
        row_number(&r, record.published_at);
        row_number(&r, record.changed_at);
        row_number(&r, record.attempt_at);
        row_number(&r, record.attempt_open);
        row_text(&r, outcome_rule(record.last)->name);
        row_text(&r, record.say != NULL ? record.say : "");
        row_number(&r, record.failures);
        row_number(&r, record.wait_end);
        row_number(&r, record.wait_length);
        row_number(&r, record.stopped);
        row_text(&r, record.fingerprint);
        row_text(&r, tried->count == 0 ? "" : addrset_text(tried, r.sets[1]));
        put(sql, "INSERT INTO record VALUES(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)", "record", &r);
    }
    sqlite3_finalize(all);
    buf_free(&room);
    run(sql, "DROP TABLE later");
}

static void put_scopes(sqlite3 *sql)
{
    struct buf room;
    struct row r;
    sqlite3_stmt *all;

    run(sql, "ALTER TABLE scope RENAME TO later");
    run(sql, "CREATE TABLE scope(kind TEXT, key TEXT, last TEXT, say TEXT, failures INTEGER, "
             "wait_end INTEGER, wait_length INTEGER, stopped INTEGER, stopped_hard INTEGER, "
             "fingerprint TEXT, sum INTEGER, PRIMARY KEY(kind, key)) WITHOUT ROWID");
    buf_init(&room, INT32_MAX);
    assert_int_equal(sqlite3_prepare_v2(sql, "SELECT * FROM later", -1, &all, NULL), SQLITE_OK);
    while (sqlite3_step(all) == SQLITE_ROW) {
        struct state_scope scope;
        assert_true(row_read(&r, "scope", all) && table_scope_from(&r, &room, &scope));
        r.count = 0;
        row_text(&r, scope.kind);
        row_text(&r, scope.key);
        row_text(&r, outcome_rule(scope.last)->name);
        row_text(&r, scope.say != NULL ? scope.say : "");
        row_number(&r, scope.failures);
        row_number(&r, scope.wait_end);
        row_number(&r, scope.wait_length);
        row_number(&r, scope.stopped);
        row_number(&r, scope.stopped_hard);
        row_text(&r, scope.fingerprint);
        put(sql, "INSERT INTO scope VALUES(?,?,?,?,?,?,?,?,?,?,?)", "scope", &r);
    }
    sqlite3_finalize(all);
    buf_free(&room);
    run(sql, "DROP TABLE later");
}

static void make_one(const char *path, bool history, int version, const struct state_event *events,
                     size_t count)
{
    struct row r;
    sqlite3 *sql;

    assert_int_equal(sqlite3_open(path, &sql), SQLITE_OK);
    run(sql, "BEGIN");
    if (history) {
        run(sql, "DROP TABLE history");
        put_events(sql, events, count);
    }
    put_records(sql);
    put_scopes(sql);
    if (version < 2)
        run(sql, "DROP TABLE attempt");
    table_meta_row(&(struct meta){"schema", version}, &r);
    put(sql, tables[TABLE_META].put, tables[TABLE_META].name, &r);
    if (version < 2)
        sum_as_version_1(sql);
    run(sql, "COMMIT");
    assert_int_equal(sqlite3_close(sql), SQLITE_OK);
}

static char *file_of(const char *folder, int f)
{
    return mem_format("%s/%s", folder, f == 0 ? "memory.db" : "memory-copy.db");
}

void former_make(const char *folder, int version, const struct state_event *events, size_t count)
{
    for (int f = 0; f < 2; f++) {
        char *path = file_of(folder, f);
        if (access(path, F_OK) == 0)
            make_one(path, f == 0, version, events, count);
        mem_free(path);
    }
}

void former_attempts(const char *folder, int64_t number, msec at, const char *lines)
{
    for (int f = 0; f < 2; f++) {
        char *path = file_of(folder, f);
        struct row r = {.count = 0};
        sqlite3 *sql;
        assert_int_equal(sqlite3_open(path, &sql), SQLITE_OK);
        row_number(&r, number);
        row_number(&r, at);
        row_text(&r, lines);
        put(sql, "INSERT INTO attempt VALUES(?,?,?,?)", "attempt", &r);
        assert_int_equal(sqlite3_close(sql), SQLITE_OK);
        mem_free(path);
    }
}
