/*
 * SPDX-License-Identifier: ISC
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/text.h"
#include "former.h"
#include "state/database.h"
#include "state/history.h"
#include "state/table.h"

/* ---- A database of its own for each test ---- */

struct place {
    char folder[64], path[96];
    struct database *db;
};

static void open_database(struct place *p)
{
    const struct database_options o = {
        .path = p->path, .history = true, .rows_max = 100000, .age_max = 400 * DAY};
    struct cause c = {""};

    if (database_open(&o, &p->db, &c) != OK)
        fail_msg("%s", c.text);
}

static int enter(void **state)
{
    struct place *p = mem_alloc(sizeof *p);

    snprintf(p->folder, sizeof p->folder, "/tmp/homing-test-history-XXXXXX");
    assert_non_null(mkdtemp(p->folder));
    snprintf(p->path, sizeof p->path, "%s/memory.db", p->folder);
    *state = p;
    open_database(p);
    return 0;
}

static int leave(void **state)
{
    struct place *p = *state;

    database_close(p->db);
    unlink(p->path);
    rmdir(p->folder);
    mem_free(p);
    return 0;
}

static void commit(struct place *p, const struct state_event *events, size_t count)
{
    struct state_batch *b = state_batch_new();
    struct cause c = {""};

    for (size_t i = 0; i < count; i++)
        state_batch_event(b, &events[i]);
    if (database_commit(p->db, (const struct state_batch *const[]){b}, 1, clock_now().wall, 1,
                        &c) != OK)
        fail_msg("%s", c.text);
    state_batch_free(b);
}

/* ---- What is told, as text ---- */

static void write_event(void *arg, const struct state_event *e)
{
    const char *const texts[] = {e->entry, e->kind, e->old_set, e->new_set, e->cls, e->say};
    struct buf *out = arg;

    buf_format(out, "%lld %d", (long long)e->at, e->family);
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        buf_format(out, " %s%s", texts[i] != NULL ? "=" : "-", texts[i] != NULL ? texts[i] : "");
    buf_char(out, '\n');
}

static void tell(struct place *p, const char *entry, msec before, size_t most, struct buf *out)
{
    struct cause c = {""};

    buf_init(out, INT32_MAX);
    if (database_history(p->db, entry, before, most, write_event, out, &c) != OK)
        fail_msg("%s", c.text);
}

/* The same by looking at every event there ever was. */
static void tell_plainly(const struct state_event *events, size_t count, const char *entry,
                         msec before, size_t most, struct buf *out)
{
    buf_init(out, INT32_MAX);
    for (size_t i = count; i-- > 0 && most > 0;) {
        if ((entry != NULL && !text_equal(events[i].entry, entry)) ||
            (before > 0 && events[i].at >= before))
            continue;
        write_event(out, &events[i]);
        most--;
    }
}

static void must_tell(struct place *p, const struct state_event *events, size_t count,
                      const char *entry, msec before, size_t most)
{
    struct buf found, wanted;

    tell(p, entry, before, most, &found);
    tell_plainly(events, count, entry, before, most, &wanted);
    assert_string_equal(buf_str(&found), buf_str(&wanted));
    buf_free(&found);
    buf_free(&wanted);
}

/* ---- Tests ---- */

static uint64_t dice_state = 20261126;
static uint32_t dice(uint32_t n)
{
    dice_state = dice_state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(dice_state >> 33) % n;
}

/* Texts that look like what stands around them; entries of which one is in another. */
static const char *const entries[] = {
    NULL, "a@x", "ba@x", "a@x,=", "3:a@x,", "", "gr\xc3\xbc\xc3\x9f@x"};
static const char *const words[] = {NULL,  "",      "=", "-", "1:,", "503 \"busy\"\nit's said",
                                    "a@x", "3:a@x,"};
#define ONE_OF(list) list[dice(sizeof list / sizeof list[0])]

static struct state_event any_event(msec *now)
{
    static char long_text[40000];

    memset(long_text, 'x', sizeof long_text - 1);
    *now += dice(3) == 0 ? dice(5) : 0;
    *now -= dice(40) == 0 ? dice(20) : 0; /* somebody sets the clock */
    return (struct state_event){.at = *now,
                                .entry = ONE_OF(entries),
                                .family = (int)dice(3) - 1,
                                .kind = dice(2) ? "attempt" : "outcome",
                                .old_set = ONE_OF(words),
                                .new_set = ONE_OF(words),
                                .cls = ONE_OF(words),
                                .say = dice(50) == 0 ? long_text : ONE_OF(words)};
}

/* Whatever happened in commits of whatever size: every question has the answer that a list of all
 * events gives, also after the next start. */
static void tells_what_a_list_would(void **state)
{
    enum { EVENTS = 1500 };
    struct place *p = *state;
    static struct state_event events[EVENTS];
    size_t count = 0;
    const msec start = clock_now().wall - DAY;
    msec now = start;

    while (count < EVENTS) {
        size_t more = dice(4) == 0 ? dice(200) : dice(4);
        more = more < EVENTS - count ? more : EVENTS - count;
        for (size_t i = 0; i < more; i++)
            events[count + i] = any_event(&now);
        commit(p, events + count, more);
        count += more;
        must_tell(p, events, count, NULL, 0, 5);
    }
    for (int round = 0; round < 2; round++) {
        must_tell(p, events, count, NULL, 0, SIZE_MAX);
        for (int i = 0; i < 200; i++)
            must_tell(p, events, count, ONE_OF(entries), dice(3) == 0 ? 0 : start + dice(3000),
                      dice(2) == 0 ? dice(100) : SIZE_MAX);
        database_close(p->db);
        open_database(p);
    }
}

static void run(struct place *p, const char *text)
{
    sqlite3 *sql;

    assert_int_equal(sqlite3_open(p->path, &sql), SQLITE_OK);
    if (sqlite3_exec(sql, text, NULL, NULL, NULL) != SQLITE_OK)
        fail_msg("%s: %s", text, sqlite3_errmsg(sql));
    assert_int_equal(sqlite3_close(sql), SQLITE_OK);
}

/* A row that decayed is left out, the others stay. */
static void leaves_out_what_decayed(void **state)
{
    struct place *p = *state;
    const struct state_event events[] = {
        {.at = 1, .entry = "a@x", .family = -1, .kind = "notice"},
        {.at = 2, .entry = "a@x", .family = -1, .kind = "notice"},
        {.at = 3, .entry = "a@x", .family = -1, .kind = "notice"},
    };

    for (int i = 0; i < 3; i++)
        commit(p, &events[i], 1);
    database_close(p->db);
    run(p, "UPDATE history SET events = replace(events, 'notice', 'outcry') WHERE id = 2");
    open_database(p);
    struct buf found;
    tell(p, "a@x", 0, 10, &found);
    assert_string_equal(buf_str(&found), "3 -1 =a@x =notice - - - -\n1 -1 =a@x =notice - - - -\n");
    buf_free(&found);
}

/* Rows with a right sum that no homing wrote. */
static void leaves_out_what_makes_no_sense(void **state)
{
    struct place *p = *state;
    static const struct {
        int64_t count;
        const char *text;
    } odd[] = {
        {1, ""},
        {1, "\n"},
        {1, "!1,0,6:notice,!!!!"},
        {1, "!1,0,6:notice,!!!!!\n"},
        {2, "!1,0,6:notice,!!!!\n"},
        {1, "!1,0,6:notice,!!!!\n\n"},
        {1, "!1,0,7:notice,!!!!\n"},
        {1, "!1,0,5:notice,!!!!\n"},
        {1, "!1,0,-6:notice,!!!!\n"},
        {1, "!1,0,99999999999999999999:notice,!!!!\n"},
        {1, "!1,0,9223372036854775807:notice,!!!!\n"},
        {1, "!9223372036854775808,0,6:notice,!!!!\n"},
        {1, "!x,0,6:notice,!!!!\n"},
        {1, "!--1,0,6:notice,!!!!\n"},
        {1, "!1;0,6:notice,!!!!\n"},
        {1, "!1,0,!!!!!\n"},
        {1, "========\n"},
        {-1, "!1,0,6:notice,!!!!\n"},
        {HISTORY_ROW + 1, "!1,0,6:notice,!!!!\n"},
        {INT64_MAX, "!1,0,6:notice,!!!!\n"},
    };
    const struct state_event event = {.at = 1, .family = 0, .kind = "notice"};
    sqlite3 *sql;
    sqlite3_stmt *put;

    commit(p, &event, 1);
    database_close(p->db);
    assert_int_equal(sqlite3_open(p->path, &sql), SQLITE_OK);
    assert_int_equal(
        sqlite3_prepare_v2(sql, "INSERT INTO history VALUES(NULL,?,?,?,?,?)", -1, &put, NULL),
        SQLITE_OK);
    for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++) {
        struct row r = {.count = 0};
        row_number(&r, odd[i].count);
        row_number(&r, 1);
        row_number(&r, 1);
        row_text(&r, odd[i].text);
        row_bind(&r, tables[TABLE_HISTORY].name, put);
        assert_int_equal(sqlite3_step(put), SQLITE_DONE);
        sqlite3_reset(put);
    }
    sqlite3_finalize(put);
    assert_int_equal(sqlite3_close(sql), SQLITE_OK);
    open_database(p);
    must_tell(p, &event, 1, NULL, 0, SIZE_MAX);
}

/* A history of a former version is told as it was, before and after it becomes one of today. */
static void takes_in_a_former_one(void **state)
{
    enum { EVENTS = 1000 };
    struct place *p = *state;
    static struct state_event events[EVENTS + 1];
    const msec start = clock_now().wall - DAY;
    msec now = start;

    for (size_t i = 0; i < EVENTS + 1; i++)
        events[i] = any_event(&now);
    for (int version = 1; version <= FORMER_VERSIONS; version++) {
        database_close(p->db);
        unlink(p->path);
        open_database(p);
        database_close(p->db);
        former_make(p->folder, version, events, EVENTS);
        open_database(p);
        for (size_t count = EVENTS; count <= EVENTS + 1; count++) {
            must_tell(p, events, count, NULL, 0, SIZE_MAX);
            for (int i = 0; i < 50; i++)
                must_tell(p, events, count, ONE_OF(entries), dice(3) == 0 ? 0 : start + dice(1500),
                          dice(2) == 0 ? dice(50) : SIZE_MAX);
            if (count == EVENTS)
                commit(p, &events[EVENTS], 1);
        }
    }
}

#define IN_PLACE(f) cmocka_unit_test_setup_teardown(f, enter, leave)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_PLACE(tells_what_a_list_would),
        IN_PLACE(leaves_out_what_decayed),
        IN_PLACE(leaves_out_what_makes_no_sense),
        IN_PLACE(takes_in_a_former_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
