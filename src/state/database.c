/*
 * SPDX-License-Identifier: ISC
 */
#include "state/database.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sqlite3.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/text.h"
#include "state/batch.h"
#include "state/history.h"
#include "state/kept.h"
#include "state/table.h"
#include "state/visit.h"

enum {
    BUSY_TIMEOUT_MS = 5000,
    LOG_PAGES = 1000, /* a longer log is moved into the file after a commit; as SQLite has it */
};

struct database {
    sqlite3 *sql;
    char *path; /* owned */
    /* Of our own, for as long as SQLite has its: to close any descriptor of a file gives up all
     * locks that the process has on it. */
    int fd;
    struct history *history; /* owned; NULL: it has none */
    bool is_new;
    bool on_disk; /* the file itself was waited for, or nobody wants that */
    bool log_begun, sync_full;
    int64_t generation, key_id;
    msec clock_floor;
    int64_t schema, tables; /* the version as it says, and as its tables were at the opening */
    bool left_attempts;     /* it was opened with such as a former process left */
    sqlite3_stmt *put[TABLES], *drop[TABLES]; /* owned, made when first needed */
    sqlite3_stmt *begin, *commit;             /* likewise */
    sqlite3_stmt *all[TABLES]; /* likewise; let go with the first commit, when all was read */
    struct lines lines;        /* of the row that is being made; put() empties them */
    struct kept *kept; /* owned; what they told at the opening, until it is asked for or changes */
};

static enum err err_of(int code)
{
    switch (code & 0xff) {
    case SQLITE_OK:
    case SQLITE_DONE:
        return OK;
    case SQLITE_FULL:
        return ERR_FULL;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return ERR_BUSY;
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
    case SQLITE_CANTOPEN:
        return ERR_DENIED;
    case SQLITE_NOMEM:
        return ERR_MEMORY;
    case SQLITE_IOERR:
        return ERR_IO;
    default: /* CORRUPT, NOTADB, ERROR (a table is missing), SCHEMA, MISMATCH, ... */
        return ERR_SYNTAX;
    }
}

/* The library's words about what failed last. */
static enum err fail(struct database *db, struct cause *c)
{
    int code = sqlite3_extended_errcode(db->sql);
    int system = sqlite3_system_errno(db->sql);
    enum err e = err_of(code);

    if (e == ERR_IO && (system == ENOSPC || system == EDQUOT))
        e = ERR_FULL;
    if (e == ERR_FULL)
        return cause_set(c, e, "no space is left for %s", db->path);
    if (e == ERR_SYNTAX)
        return cause_set(c, e, "%s is damaged (%s)", db->path, sqlite3_errmsg(db->sql));
    return cause_set(c, e, "%s: %s%s%s", db->path, sqlite3_errmsg(db->sql), system != 0 ? ": " : "",
                     system != 0 ? strerror(system) : "");
}

static enum err run(struct database *db, const char *text, struct cause *c)
{
    return sqlite3_exec(db->sql, text, NULL, NULL, NULL) == SQLITE_OK ? OK : fail(db, c);
}

static enum err finish(struct database *db, sqlite3_stmt *statement, struct cause *c)
{
    int code = sqlite3_step(statement);
    enum err e = code == SQLITE_DONE || code == SQLITE_ROW ? OK : fail(db, c);

    sqlite3_reset(statement); /* what is bound stays, and is bound anew before the next step */
    return e;
}

/* Makes a statement that is kept. */
static enum err prepare(struct database *db, const char *text, sqlite3_stmt **statement,
                        struct cause *c)
{
    if (*statement == NULL && sqlite3_prepare_v3(db->sql, text, -1, SQLITE_PREPARE_PERSISTENT,
                                                 statement, NULL) != SQLITE_OK)
        return fail(db, c);
    return OK;
}

/* A statement that takes nothing. */
static enum err again(struct database *db, const char *text, sqlite3_stmt **statement,
                      struct cause *c)
{
    enum err e = prepare(db, text, statement, c);

    return e == OK ? finish(db, *statement, c) : e;
}

static enum err put(struct database *db, enum table_id id, const struct row *r, struct cause *c)
{
    enum err e = prepare(db, tables[id].put, &db->put[id], c);

    if (e != OK)
        return e;
    row_bind(r, tables[id].name, db->put[id]);
    e = finish(db, db->put[id], c);
    lines_clear(&db->lines);
    return e;
}

static enum err put_meta(struct database *db, const char *key, int64_t number, struct cause *c)
{
    struct row r;

    table_meta_row(&(struct meta){key, number}, &r);
    return put(db, TABLE_META, &r, c);
}

static enum err drop(struct database *db, enum table_id id, const char *key, struct cause *c)
{
    enum err e = prepare(db, tables[id].drop, &db->drop[id], c);

    if (e != OK)
        return e;
    sqlite3_bind_text(db->drop[id], 1, key, -1, SQLITE_STATIC);
    return finish(db, db->drop[id], c);
}

static enum err drop_number(struct database *db, enum table_id id, int64_t key, struct cause *c)
{
    enum err e = prepare(db, tables[id].drop, &db->drop[id], c);

    if (e != OK)
        return e;
    sqlite3_bind_int64(db->drop[id], 1, key);
    return finish(db, db->drop[id], c);
}

/* ---- Reading ---- */

typedef bool each_row(void *arg, const struct row *r); /* false: the row makes no sense */

static enum err read_rows(struct database *db, const char *table, sqlite3_stmt *statement,
                          each_row *fn, void *arg, struct cause *c)
{
    struct row r;
    int code;
    enum err e = OK;

    while (e == OK && (code = sqlite3_step(statement)) == SQLITE_ROW) {
        if (!row_read(&r, table, statement) || !fn(arg, &r))
            e = cause_set(c, ERR_SYNTAX, "%s is damaged (a row of table %s is not as written)",
                          db->path, table);
    }
    if (e == OK && code != SQLITE_DONE)
        e = fail(db, c);
    sqlite3_reset(statement);
    return e;
}

static enum err read_all(struct database *db, enum table_id id, each_row *fn, void *arg,
                         struct cause *c)
{
    enum err e = prepare(db, tables[id].all, &db->all[id], c);

    return e == OK ? read_rows(db, tables[id].name, db->all[id], fn, arg, c) : e;
}

static void forget_reading(struct database *db)
{
    for (int id = 0; id < TABLES; id++) {
        sqlite3_finalize(db->all[id]);
        db->all[id] = NULL;
    }
    kept_free(db->kept);
    db->kept = NULL;
}

static void take_meta(struct database *db, const struct meta *m)
{
    if (text_equal(m->key, "schema"))
        db->schema = m->number;
    else if (text_equal(m->key, "generation"))
        db->generation = m->number;
    else if (text_equal(m->key, "clock"))
        db->clock_floor = m->number;
    else if (text_equal(m->key, "key"))
        db->key_id = m->number;
}

static bool load_meta(void *arg, const struct row *r)
{
    struct meta m;

    if (!table_meta_from(r, &m))
        return false;
    take_meta(arg, &m);
    return true;
}

static bool has_table(const struct database *from, enum table_id id)
{
    return id != TABLE_HISTORY && (id != TABLE_ATTEMPT || from->schema >= SCHEMA_ATTEMPTS);
}

struct loading {
    struct visit visit;
    enum table_id id;
    struct kept *kept; /* where rows are kept on the way; or NULL */
};

static bool load_row(void *arg, const struct row *r)
{
    struct loading *l = arg;

    if (l->kept != NULL)
        kept_add(l->kept, l->id, r);
    return visit_row(&l->visit, l->id, r);
}

/* Without a visitor, when it is opened: all is looked through. */
static enum err load_tables(struct database *db, const struct state_visitor *v, struct cause *c)
{
    struct loading l = {.kept = v == NULL ? db->kept : NULL};
    enum err e = v == NULL ? read_all(db, TABLE_META, load_meta, db, c) : OK;

    visit_init(&l.visit, v);
    for (l.id = 0; l.id < TABLES && e == OK; l.id++)
        if (visit_wants(&l.visit, l.id) && has_table(db, l.id))
            e = read_all(db, l.id, load_row, &l, c);
    if (e == OK)
        visit_end(&l.visit);
    if (v == NULL)
        db->left_attempts = l.visit.attempts;
    visit_fini(&l.visit);
    if (e == OK && db->schema > SCHEMA_VERSION)
        e = cause_set(c, ERR_UNSUPPORTED, "%s was written by a newer version of homing", db->path);
    else if (e == OK && db->schema < 1)
        e = cause_set(c, ERR_SYNTAX, "%s is damaged (no schema version)", db->path);
    return e;
}

static bool tell_kept(void *arg, enum table_id id, const struct row *r)
{
    return !visit_wants(arg, id) || visit_row(arg, id, r); /* it made sense before */
}

static enum err load_kept(struct database *db, const struct state_visitor *v)
{
    struct visit visit;

    visit_init(&visit, v);
    kept_each(db->kept, tell_kept, &visit);
    visit_end(&visit);
    visit_fini(&visit);
    if (v->record != NULL) { /* nearly all of it was told */
        kept_free(db->kept);
        db->kept = NULL;
    }
    return OK;
}

enum err database_load(struct database *db, const struct state_visitor *v, struct cause *c)
{
    enum err e = db->kept != NULL ? load_kept(db, v) : load_tables(db, v, c);

    if (e == OK && v->clock_floor != NULL)
        v->clock_floor(v->arg, db->clock_floor);
    return e;
}

enum err database_history(struct database *db, const char *entry, msec before, size_t most,
                          void (*fn)(void *arg, const struct state_event *e), void *arg,
                          struct cause *c)
{
    if (db->history == NULL ||
        history_tell(db->history, db->schema < SCHEMA_LINES, entry, before, most, fn, arg))
        return OK;
    return fail(db, c);
}

/* ---- Writing ---- */

static void collect_open(void *arg, const struct state_record *r)
{
    if (r->attempt_open)
        state_batch_record(arg, r);
}

static enum err settle_attempts(struct database *db, struct cause *c)
{
    struct state_batch *records = state_batch_new();
    const struct state_visitor v = {.arg = records, .record = collect_open};
    enum err e = load_tables(db, &v, c);
    struct row r;

    for (const struct change *g = batch_first(records); g != NULL && e == OK; g = g->next) {
        table_record_row(g->of.record, &db->lines, &r);
        e = put(db, TABLE_RECORD, &r, c);
    }
    state_batch_free(records);
    return e == OK ? run(db, "DELETE FROM attempt", c) : e;
}

static enum err apply(struct database *db, const struct change *change, struct cause *c)
{
    struct row r;

    switch (change->kind) {
    case CHANGE_ATTEMPTS:
        if (change->of.attempts->count == 0)
            return drop_number(db, TABLE_ATTEMPT, change->of.attempts->number, c);
        table_attempts_row(change->of.attempts, &db->lines, &r);
        return put(db, TABLE_ATTEMPT, &r, c);
    case CHANGE_SETTLE:
        return settle_attempts(db, c);
    case CHANGE_RECORD:
        table_record_row(change->of.record, &db->lines, &r);
        return put(db, TABLE_RECORD, &r, c);
    case CHANGE_SCOPE:
        table_scope_row(change->of.scope, &db->lines, &r);
        return put(db, TABLE_SCOPE, &r, c);
    case CHANGE_BUCKET:
        table_bucket_row(change->of.bucket, &r);
        return put(db, TABLE_BUCKET, &r, c);
    case CHANGE_MEMORY_CLEAR:
        return drop(db, TABLE_MEMORY, change->of.memory->account, c);
    case CHANGE_MEMORY_ITEM:
        table_memory_row(change->of.memory->account, &change->of.memory->item, &r);
        return put(db, TABLE_MEMORY, &r, c);
    case CHANGE_EVENT:
        return db->history == NULL || history_add(db->history, change->of.event) ? OK : fail(db, c);
    case CHANGE_FORGET:
        return drop(db, TABLE_RECORD, change->of.forget, c);
    }
    return OK;
}

static void roll_back(struct database *db)
{
    if (!sqlite3_get_autocommit(db->sql))
        sqlite3_exec(db->sql, "ROLLBACK", NULL, NULL, NULL);
    if (db->history != NULL)
        history_drop(db->history);
    lines_fini(&db->lines);
}

static enum err put_all_meta(struct database *db, int64_t generation, msec clock_floor,
                             int64_t key_id, struct cause *c)
{
    enum err e = put_meta(db, "generation", generation, c);

    if (e == OK)
        e = put_meta(db, "clock", clock_floor, c);
    if (e == OK && key_id != db->key_id)
        e = put_meta(db, "key", key_id, c);
    return e;
}

/*
 * The latest wall time that was stored. Records, scopes and budgets are stored only while the clock
 * is believed, so with one of these the floor follows it, down too: a clock that once was years
 * ahead is forgotten.
 */
static msec next_floor(const struct database *db, const struct state_batch *const *batches,
                       size_t n, msec wall)
{
    for (size_t b = 0; b < n; b++) {
        for (const struct change *g = batch_first(batches[b]); g != NULL; g = g->next)
            if (g->kind == CHANGE_RECORD || g->kind == CHANGE_ATTEMPTS || g->kind == CHANGE_SCOPE ||
                g->kind == CHANGE_BUCKET)
                return wall;
    }
    return wall > db->clock_floor ? wall : db->clock_floor;
}

static const char *sync_setting(const struct database *db)
{
    return db->sync_full ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL";
}

/*
 * SQLite waits for the disk once for the head of a log and once more for what a commit adds. A log
 * that has no commit yet needs no head of its own on the disk: it is written without waiting, and
 * the commit's wait is for both. Nothing is moved from a log that was found meanwhile: without a
 * wait for the file the log would not be there any more to repair it.
 */
static enum err begin_log(struct database *db, struct cause *c)
{
    struct cause why;
    enum err e = run(db, "PRAGMA synchronous = OFF", c);

    sqlite3_wal_autocheckpoint(db->sql, 0);
    if (e == OK)
        e = put_meta(db, "schema", db->schema, c); /* as it is */
    sqlite3_wal_autocheckpoint(db->sql, LOG_PAGES);
    enum err restored = run(db, sync_setting(db), &why);
    if (e == OK && restored != OK) {
        *c = why;
        e = restored;
    }
    db->log_begun = e == OK;
    return e;
}

/* The log, which COMMIT waited for, is worth nothing without the file it belongs to. */
static enum err reach_disk(struct database *db, struct cause *c)
{
    if (db->on_disk)
        return OK;
    if (fdatasync(db->fd) != 0)
        return cause_set(c, err_from_errno(errno), "%s: %s", db->path, strerror(errno));
    db->on_disk = true;
    return OK;
}

struct taking {
    struct database *to;
    enum table_id id;
    bool doubt;
    struct buf room; /* owned: for the texts of a record or scope */
    enum err e;
    struct cause *c;
};

static bool take_row(void *arg, const struct row *r)
{
    struct taking *t = arg;
    struct lines *lines = &t->to->lines;
    struct state_record record;
    struct state_scope scope;
    struct row made;

    if (t->e != OK)
        return true;
    if (t->id == TABLE_RECORD) {
        if (!table_record_from(r, &t->room, &record))
            return false;
        record.published_known = record.published_known && !t->doubt;
        table_record_row(&record, lines, &made);
    } else if (t->id == TABLE_SCOPE) {
        if (!table_scope_from(r, &t->room, &scope))
            return false;
        table_scope_row(&scope, lines, &made);
    }
    t->e = put(t->to, t->id, lines->count > 0 ? &made : r, t->c);
    return true;
}

/* Of one column for each value. */
static enum err upgrade_table(struct database *db, enum table_id id, struct cause *c)
{
    struct taking t = {.to = db, .id = id, .room = {.max = INT32_MAX}, .c = c};
    sqlite3_stmt *all = NULL;
    char text[64];

    sqlite3_snprintf(sizeof text, text, "ALTER TABLE %s RENAME TO former", tables[id].name);
    enum err e = run(db, text, c);
    if (e == OK)
        e = run(db, tables[id].create, c);
    if (e == OK)
        e = prepare(db, "SELECT * FROM former", &all, c);
    if (e == OK)
        e = read_rows(db, tables[id].name, all, take_row, &t, c);
    if (e == OK)
        e = t.e;
    sqlite3_finalize(all);
    buf_free(&t.room);
    return e == OK ? run(db, "DROP TABLE former", c) : e;
}

/* In a transaction, before anything else is written. */
static enum err upgrade(struct database *db, struct cause *c)
{
    enum err e = OK;

    if (db->schema == SCHEMA_VERSION)
        return OK;
    if (db->schema < SCHEMA_ATTEMPTS)
        e = run(db, tables[TABLE_ATTEMPT].create, c);
    if (e == OK)
        e = upgrade_table(db, TABLE_RECORD, c);
    if (e == OK)
        e = upgrade_table(db, TABLE_SCOPE, c);
    if (e == OK && db->history != NULL && !history_make(db->history, true))
        e = fail(db, c);
    return e == OK ? put_meta(db, "schema", SCHEMA_VERSION, c) : e;
}

enum err database_commit(struct database *db, const struct state_batch *const *batches, size_t n,
                         msec wall, int64_t key_id, struct cause *c)
{
    msec floor = next_floor(db, batches, n, wall);
    enum err e = db->log_begun ? OK : begin_log(db, c);

    if (!db->on_disk) /* it is written meanwhile; reach_disk() waits for it */
        sync_file_range(db->fd, 0, 0, SYNC_FILE_RANGE_WRITE);
    forget_reading(db);
    if (e == OK)
        e = again(db, "BEGIN IMMEDIATE", &db->begin, c);
    if (e == OK)
        e = upgrade(db, c);
    if (e == OK && db->left_attempts) /* numbers begin anew */
        e = settle_attempts(db, c);
    for (size_t b = 0; b < n && e == OK; b++)
        for (const struct change *g = batch_first(batches[b]); g != NULL && e == OK; g = g->next)
            e = apply(db, g, c);
    if (e == OK)
        e = put_all_meta(db, db->generation + 1, floor, key_id, c);
    if (e == OK && db->history != NULL && !history_end(db->history, wall))
        e = fail(db, c);
    if (e == OK)
        e = again(db, "COMMIT", &db->commit, c);
    if (e != OK) {
        roll_back(db);
        return e;
    }
    db->generation++;
    db->schema = SCHEMA_VERSION;
    db->left_attempts = false;
    db->clock_floor = floor;
    db->key_id = key_id;
    lines_fini(&db->lines);
    return reach_disk(db, c);
}

enum err database_take_over(struct database *db, struct database *from, bool doubt, struct cause *c)
{
    struct taking t = {.to = db, .doubt = doubt, .room = {.max = INT32_MAX}, .c = c};

    forget_reading(db);
    enum err e = run(db, "BEGIN IMMEDIATE", c);

    if (e == OK)
        e = upgrade(db, c);
    for (int id = 0; id < TABLES && e == OK; id++) {
        if (id == TABLE_HISTORY)
            continue;
        char text[64];
        t.id = id;
        sqlite3_snprintf(sizeof text, text, "DELETE FROM %s", tables[id].name);
        e = run(db, text, c);
        if (e == OK && has_table(from, id))
            e = read_all(from, id, take_row, &t, c);
        if (e == OK)
            e = t.e;
    }
    buf_free(&t.room);
    if (e == OK) /* its own, whatever the other's is */
        e = put_meta(db, "schema", SCHEMA_VERSION, c);
    if (e == OK)
        e = run(db, "COMMIT", c);
    if (e != OK) {
        roll_back(db);
        return e;
    }
    db->schema = SCHEMA_VERSION;
    db->left_attempts = from->left_attempts;
    db->generation = from->generation;
    db->clock_floor = from->clock_floor;
    db->key_id = from->key_id;
    return reach_disk(db, c);
}

/* ---- Opening ---- */

/*
 * A new file holds nothing that could be lost: the disk is told of it and waited for with its first
 * commit. A crash before that leaves nothing, or a file that is set aside.
 */
static enum err create_tables(struct database *db, struct cause *c)
{
    enum err e = run(db, "BEGIN IMMEDIATE", c);

    for (int id = 0; id < TABLES && e == OK; id++)
        if (id != TABLE_HISTORY)
            e = run(db, tables[id].create, c);
    if (e == OK && db->history != NULL && !history_make(db->history, false))
        e = fail(db, c);
    if (e == OK)
        e = put_meta(db, "schema", SCHEMA_VERSION, c);
    if (e == OK)
        e = put_all_meta(db, 0, 0, 0, c);
    if (e == OK)
        e = run(db, "COMMIT", c);
    if (e != OK)
        roll_back(db);
    return e;
}

/* Are the tables those that create_tables() makes, or those of a former version? *count is how many
 * there are. */
static enum err check_schema(struct database *db, int *count, struct cause *c)
{
    sqlite3_stmt *statement = NULL;
    unsigned seen = 0;
    int code;

    *count = 0;
    if (sqlite3_prepare_v2(db->sql, "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL", -1,
                           &statement, NULL) != SQLITE_OK)
        return fail(db, c);
    while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
        seen |= table_bit((const char *)sqlite3_column_text(statement, 0));
        ++*count;
    }
    enum err e = code == SQLITE_DONE ? OK : fail(db, c);
    sqlite3_finalize(statement);
    db->tables = table_bits_version(seen, db->history != NULL);
    if (e == OK && *count > 0 && db->tables == 0)
        e = cause_set(c, ERR_SYNTAX, "%s is damaged (its tables are not as made)", db->path);
    return e;
}

/* integrity_check and not quick_check: it also compares indexes with their tables, and a wrong one
 * would surface later, in the middle of a commit. */
static enum err check_pages(struct database *db, struct cause *c)
{
    sqlite3_stmt *statement = NULL;

    if (sqlite3_prepare_v2(db->sql, "PRAGMA integrity_check(1)", -1, &statement, NULL) != SQLITE_OK)
        return fail(db, c);
    int code = sqlite3_step(statement);
    const char *text = code == SQLITE_ROW ? (const char *)sqlite3_column_text(statement, 0) : NULL;
    enum err e = OK;
    if (code != SQLITE_ROW && code != SQLITE_DONE)
        e = fail(db, c);
    else if (!text_equal(text, "ok"))
        e = cause_set(c, ERR_SYNTAX, "%s is damaged (%s)", db->path, text != NULL ? text : "?");
    sqlite3_finalize(statement);
    return e;
}

static bool is_empty(const struct database *db)
{
    struct stat st;
    return fstat(db->fd, &st) == 0 && st.st_size == 0;
}

static enum err set_up(struct database *db, struct cause *c)
{
    int count;

    sqlite3_extended_result_codes(db->sql, 1);
    sqlite3_busy_timeout(db->sql, BUSY_TIMEOUT_MS);
    sqlite3_db_config(db->sql, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(db->sql, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    /* As long as the disk is not waited for, an error that ends it moves nothing from the log. */
    sqlite3_db_config(db->sql, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    /* Exclusive, before anything looks into the file: no other process has business here, and the
     * index of the WAL stays in memory instead of in a mapped file, which a full disk would turn
     * into SIGBUS. */
    enum err e = run(db,
                     "PRAGMA locking_mode = EXCLUSIVE;"
                     "PRAGMA synchronous = OFF", /* until we know that it is not new */
                     c);
    if (e == OK && is_empty(db)) /* else there is a file of a journal, until there is a log */
        e = run(db, "PRAGMA journal_mode = MEMORY", c);
    if (e == OK)
        e = run(db,
                "PRAGMA journal_mode = WAL;"
                "PRAGMA temp_store = MEMORY; PRAGMA cell_size_check = ON;"
                "PRAGMA journal_size_limit = 4194304",
                c);
    if (e == OK)
        e = check_schema(db, &count, c);
    if (e == OK && count == 0) {
        db->is_new = true;
        db->on_disk = !db->sync_full;
        db->log_begun = true;
        e = create_tables(db, c);
    }
    if (e == OK)
        e = run(db, sync_setting(db), c);
    if (e == OK)
        sqlite3_db_config(db->sql, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, NULL);
    if (e == OK && !db->is_new)
        e = check_pages(db, c);
    if (e == OK)
        e = load_tables(db, NULL, c);
    if (e == OK && !db->is_new && db->tables != db->schema)
        e = cause_set(c, ERR_SYNTAX, "%s is damaged (its tables are of another version)", db->path);
    return e;
}

/* Nobody reads the library's statistics, and each allocation would take a lock for them. Of the
 * twenty pages that it would hold ready for each file a memory of few hostnames needs nine. */
static void configure(void)
{
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    sqlite3_config(SQLITE_CONFIG_PAGECACHE, NULL, 0, 0);
}

enum err database_open(const struct database_options *o, struct database **out, struct cause *c)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    struct database *db = mem_alloc(sizeof *db);
    enum err e = OK;

    *out = NULL;
    pthread_once(&once, configure);
    db->path = mem_text(o->path);
    db->fd = open(o->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOCTTY, 0600);
    if (db->fd < 0)
        e = cause_set(c, err_from_errno(errno), "%s: %s", o->path, strerror(errno));
    lines_init(&db->lines);
    db->sync_full = o->sync_full;
    db->on_disk = true;
    db->kept = o->asked_soon ? kept_new() : NULL;
    if (e == OK && sqlite3_open_v2(o->path, &db->sql, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX,
                                   NULL) != SQLITE_OK)
        e = db->sql != NULL ? fail(db, c) : cause_set(c, ERR_MEMORY, "%s: out of memory", o->path);
    if (e == OK && o->history)
        db->history = history_new(db->sql, o->rows_max, o->age_max);
    if (e == OK)
        e = set_up(db, c);
    if (e != OK) {
        database_close(db);
        return e;
    }
    *out = db;
    return OK;
}

void database_close(struct database *db)
{
    if (db == NULL)
        return;
    forget_reading(db);
    for (int id = 0; id < TABLES; id++) {
        sqlite3_finalize(db->put[id]);
        sqlite3_finalize(db->drop[id]);
    }
    sqlite3_finalize(db->begin);
    sqlite3_finalize(db->commit);
    lines_fini(&db->lines);
    history_free(db->history);
    sqlite3_close(db->sql);
    if (db->fd >= 0)
        close(db->fd);
    mem_free(db->path);
    mem_free(db);
}

bool database_is_new(const struct database *db)
{
    return db->is_new;
}

int64_t database_generation(const struct database *db)
{
    return db->generation;
}

msec database_clock_floor(const struct database *db)
{
    return db->clock_floor;
}

int64_t database_key_id(const struct database *db)
{
    return db->key_id;
}
