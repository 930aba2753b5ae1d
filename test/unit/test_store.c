/*
 * SPDX-License-Identifier: ISC
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "former.h"
#include "state/database.h"
#include "state/history.h"
#include "state/store.h"
#include "state/table.h"

/* ---- A folder of its own for each test ---- */

struct place {
    char folder[64];
    uv_loop_t loop;
    struct store *store;
};

static void remove_files(const struct place *p)
{
    DIR *dir = opendir(p->folder);

    for (struct dirent *d = dir != NULL ? readdir(dir) : NULL; d != NULL; d = readdir(dir))
        if (d->d_name[0] != '.')
            unlinkat(dirfd(dir), d->d_name, 0);
    if (dir != NULL)
        closedir(dir);
}

static int enter(void **state)
{
    struct place *p = mem_alloc(sizeof *p);

    snprintf(p->folder, sizeof p->folder, "/tmp/homing-test-store-XXXXXX");
    assert_non_null(mkdtemp(p->folder));
    uv_loop_init(&p->loop);
    *state = p;
    return 0;
}

static int leave(void **state)
{
    struct place *p = *state;

    uv_loop_close(&p->loop);
    remove_files(p);
    rmdir(p->folder);
    mem_free(p);
    return 0;
}

static enum err open_store(struct place *p, struct cause *c)
{
    return store_open(&(struct store_options){.folder = p->folder, .loop = &p->loop, .lock = -1},
                      &p->store, c);
}

static void must_open(struct place *p)
{
    struct cause c = {""};
    if (open_store(p, &c) != OK)
        fail_msg("%s", c.text);
}

static void close_store(struct place *p)
{
    store_close(p->store);
    p->store = NULL;
    uv_run(&p->loop, UV_RUN_DEFAULT);
}

struct told {
    int calls;
    enum err result;
    bool inside;
};

static void on_done(void *arg, enum err result, const char *why)
{
    struct told *t = arg;
    assert_false(t->inside);
    t->calls++;
    t->result = result;
    assert_true((result == OK) == (why == NULL));
}

static enum err commit(struct place *p, struct state_batch *b)
{
    struct told t = {.inside = true};
    struct state *state = store_state(p->store);

    state->ops->commit(state, b, on_done, &t);
    t.inside = false;
    uv_run(&p->loop, UV_RUN_DEFAULT);
    assert_int_equal(t.calls, 1);
    return t.result;
}

/* ---- What is loaded ---- */

struct seen {
    int records, open, scopes, buckets, items, events;
    struct state_record record;
    struct state_scope scope;
    struct state_bucket bucket;
    char entry[64];   /* of the last record */
    char say[2][128]; /* the texts of record and scope, which do not outlive their rows */
    char text[1024];
    msec clock_floor;
    bool published_any;
    bool waits_kept;
};

static void see_record(void *arg, const struct state_record *r)
{
    struct seen *s = arg;
    s->records++;
    s->open += r->attempt_open;
    s->record = *r;
    snprintf(s->entry, sizeof s->entry, "%s", r->entry);
    snprintf(s->say[0], sizeof s->say[0], "%s", r->say != NULL ? r->say : "");
    s->published_any = s->published_any || r->published_known;
    s->waits_kept = s->waits_kept && r->wait_length == 5 * MINUTE && r->failures == 3;
}

static void see_scope(void *arg, const struct state_scope *scope)
{
    struct seen *s = arg;
    s->scopes++;
    s->scope = *scope;
    snprintf(s->say[1], sizeof s->say[1], "%s", scope->say != NULL ? scope->say : "");
    s->waits_kept = s->waits_kept && scope->stopped_hard;
}

static void see_bucket(void *arg, const struct state_bucket *b)
{
    struct seen *s = arg;
    s->buckets++;
    s->bucket = *b;
}

static void see_item(void *arg, const char *account, const struct memory_item *item)
{
    struct seen *s = arg;
    size_t n = strlen(s->text);
    s->items++;
    snprintf(s->text + n, sizeof s->text - n, "%s:%s=%s@%lld;", account, item->key, item->value,
             (long long)item->expires);
}

static void see_floor(void *arg, msec wall)
{
    ((struct seen *)arg)->clock_floor = wall;
}

static struct seen load(struct place *p)
{
    struct seen s = {.waits_kept = true};
    struct cause c = {""};
    const struct state_visitor v = {.arg = &s,
                                    .record = see_record,
                                    .scope = see_scope,
                                    .bucket = see_bucket,
                                    .memory = see_item,
                                    .clock_floor = see_floor};
    struct state *state = store_state(p->store);
    if (state->ops->load(state, &v, &c) != OK)
        fail_msg("%s", c.text);
    return s;
}

static void see_event(void *arg, const struct state_event *e)
{
    struct seen *s = arg;
    size_t n = strlen(s->text);
    s->events++;
    snprintf(s->text + n, sizeof s->text - n, "%lld %s %d %s %s %s %s %s;",
             (long long)(e->at - s->clock_floor), e->entry != NULL ? e->entry : "-", e->family,
             e->kind, e->old_set != NULL ? e->old_set : "-", e->new_set != NULL ? e->new_set : "-",
             e->cls != NULL ? e->cls : "-", e->say != NULL ? e->say : "-");
}

static struct seen history(struct place *p, const char *entry, msec before, size_t most, msec zero)
{
    struct seen s = {.clock_floor = zero}; /* times are told from there */
    struct cause c = {""};
    struct state *state = store_state(p->store);
    if (state->ops->history(state, entry, before, most, see_event, &s, &c) != OK)
        fail_msg("%s", c.text);
    return s;
}

/* ---- Samples ---- */

#define START (clock_now().wall - DAY)

static struct addrset set_of(const char *a, const char *b)
{
    struct addrset s = {0};
    struct addr x;
    assert_true(addr_parse(a, &x) && addrset_add(&s, &x));
    if (b != NULL)
        assert_true(addr_parse(b, &x) && addrset_add(&s, &x));
    return s;
}

static struct state_record sample_record(const char *entry, enum family family)
{
    struct state_record r = {
        .entry = entry,
        .family = family,
        .published_known = true,
        .published =
            family == V4 ? set_of("203.0.113.7", "203.0.113.9") : set_of("2001:db8::1", NULL),
        .published_at = 1000,
        .changed_at = 900,
        .attempt_at = 2000,
        .attempt_open = true,
        .last = OUTCOME_SERVER,
        .say = "503 \"busy\", it's said; gr\xc3\xbc\xc3\x9f",
        .failures = 3,
        .wait_end = 5000,
        .wait_length = 5 * MINUTE,
        .stopped = true,
        .fingerprint = "0123456789abcdef0123456789abcdef",
        .tried = family == V4 ? set_of("203.0.113.8", NULL) : (struct addrset){0},
    };
    return r;
}

/* All but the texts, which do not outlive their row. */
static void must_be_alike(const struct state_record *a, const struct state_record *b)
{
    assert_int_equal(a->family, b->family);
    assert_int_equal(a->published_known, b->published_known);
    assert_true(addrset_equal(&a->published, &b->published));
    assert_int_equal(a->published_at, b->published_at);
    assert_int_equal(a->changed_at, b->changed_at);
    assert_int_equal(a->attempt_at, b->attempt_at);
    assert_int_equal(a->attempt_open, b->attempt_open);
    assert_int_equal(a->last, b->last);
    assert_int_equal(a->failures, b->failures);
    assert_int_equal(a->wait_end, b->wait_end);
    assert_int_equal(a->wait_length, b->wait_length);
    assert_int_equal(a->stopped, b->stopped);
    assert_string_equal(a->fingerprint, b->fingerprint);
    assert_true(addrset_equal(&a->tried, &b->tried));
}

static const struct state_scope sample_scope = {
    .kind = "account",
    .key = "cloudflare//token",
    .last = OUTCOME_ABUSE,
    .say = "blocked",
    .failures = 2,
    .wait_end = 77,
    .wait_length = 66,
    .stopped = true,
    .stopped_hard = true,
    .fingerprint = "ff",
};

static void fill(struct place *p, int hosts)
{
    struct state_batch *b = state_batch_new();
    char entry[64];

    for (int i = 0; i < hosts; i++) {
        snprintf(entry, sizeof entry, "host-%03d.example.org@dyndns2/x", i);
        struct state_record v4 = sample_record(entry, V4), v6 = sample_record(entry, V6);
        state_batch_record(b, &v4);
        state_batch_record(b, &v6);
        state_batch_event(b, &(struct state_event){.at = START + i,
                                                   .entry = entry,
                                                   .family = V4,
                                                   .kind = "attempt",
                                                   .new_set = "203.0.113.8"});
    }
    state_batch_scope(b, &sample_scope);
    state_batch_bucket(b, &(struct state_bucket){"a|0|x", 2.5, 42});
    assert_int_equal(commit(p, b), OK);
}

enum { BEGAN = 123456 };
static struct addrset begun_set;

/* What is under way of a number afterwards: two at most, none with NULL. */
static void begin_attempts(struct place *p, int number, const char *first, const char *second)
{
    begun_set = set_of("192.0.2.1", "192.0.2.2");
    const struct state_attempt items[] = {{first, V4, begun_set, "77"},
                                          {second, V4, begun_set, ""}};
    struct state_batch *b = state_batch_new();
    state_batch_attempts(
        b, &(struct state_attempts){number, BEGAN, (first != NULL) + (second != NULL), items});
    assert_int_equal(commit(p, b), OK);
}

/* ---- Tests ---- */

static void must_remember(struct place *p)
{
    struct seen s = load(p);
    assert_int_equal(s.records, 4);
    struct state_record want = sample_record("host-001.example.org@dyndns2/x", V6);
    assert_string_equal(s.say[0], want.say);
    must_be_alike(&s.record, &want);
    assert_int_equal(s.scopes, 1);
    assert_int_equal(s.scope.last, OUTCOME_ABUSE);
    assert_true(s.scope.stopped && s.scope.stopped_hard);
    assert_int_equal(s.scope.wait_end, 77);
    assert_string_equal(s.say[1], "blocked");
    assert_int_equal(s.buckets, 1);
    assert_true(s.bucket.level > 2.49 && s.bucket.level < 2.51);
    assert_string_equal(s.text, "acc:zone/example.org=z1@9223372036854775807;");
    assert_true(s.clock_floor > 1700000000000);
}

static void remembers(void **state)
{
    struct place *p = *state;
    struct memory *m = memory_new();

    must_open(p);
    assert_false(store_was_lost(p->store));
    assert_int_equal(load(p).records, 0);
    fill(p, 2);
    memory_put(m, "zone/example.org", "z1", NEVER, false);
    memory_put(m, "session", "s3cret", NEVER, true);
    struct state_batch *b = state_batch_new();
    assert_true(state_batch_empty(b));
    state_batch_memory(b, "acc", m);
    assert_false(state_batch_empty(b));
    assert_int_equal(commit(p, b), OK);
    close_store(p);

    must_open(p);
    assert_false(store_was_lost(p->store));
    must_remember(p); /* as it was read at the opening */
    must_remember(p); /* as it is read again */

    /* Items that are gone go; a forgotten entry keeps its history. */
    memory_forget(m, "zone/example.org");
    memory_put(m, "offset", "12", 99, false);
    b = state_batch_new();
    state_batch_memory(b, "acc", m);
    state_batch_forget_entry(b, "host-001.example.org@dyndns2/x");
    assert_int_equal(commit(p, b), OK);
    struct seen s = load(p);
    assert_int_equal(s.records, 2);
    assert_string_equal(s.text, "acc:offset=12@99;");
    assert_int_equal(history(p, "host-001.example.org@dyndns2/x", 0, 10, 0).events, 1);
    memory_free(m);
    close_store(p);
}

/* The floor: raised by everything, lowered by what is stored only while the clock is believed. */
static void the_floor_follows_a_believed_clock(void **state)
{
    struct place *p = *state;
    char path[96];
    struct database *db;
    struct cause c;
    const struct state_scope scope = sample_scope;

    snprintf(path, sizeof path, "%s/x.db", p->folder);
    const struct database_options o = {
        .path = path, .history = true, .rows_max = 10, .age_max = DAY};
    assert_int_equal(database_open(&o, &db, &c), OK);
    struct state_batch *event = state_batch_new(), *believed = state_batch_new();
    state_batch_event(event, &(struct state_event){.at = 1, .family = -1, .kind = "notice"});
    state_batch_scope(believed, &scope);
    const struct {
        const struct state_batch *batch;
        msec wall, floor;
    } steps[] = {{event, 500, 500},
                 {event, 900, 900},
                 {event, 700, 900},
                 {believed, 600, 600},
                 {event, 650, 650}};
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        assert_int_equal(database_commit(db, &steps[i].batch, 1, steps[i].wall, 1, &c), OK);
        assert_int_equal(database_clock_floor(db), steps[i].floor);
    }
    database_close(db);
    assert_int_equal(database_open(&o, &db, &c), OK);
    assert_int_equal(database_clock_floor(db), 650);
    database_close(db);
    state_batch_free(event);
    state_batch_free(believed);
}

static void unknown_is_not_none(void **state)
{
    struct place *p = *state;
    struct state_record r = sample_record("h", V4);
    struct state_batch *b = state_batch_new();

    must_open(p);
    r.published = (struct addrset){0}; /* known to be none */
    state_batch_record(b, &r);
    assert_int_equal(commit(p, b), OK);
    struct seen s = load(p);
    assert_true(s.record.published_known);
    assert_int_equal(s.record.published.count, 0);
    r.published_known = false;
    b = state_batch_new();
    state_batch_record(b, &r);
    assert_int_equal(commit(p, b), OK);
    assert_false(load(p).record.published_known);
    close_store(p);
}

static void tells_history(void **state)
{
    struct place *p = *state;
    struct state_batch *b = state_batch_new();

    must_open(p);
    msec start = START;
    for (int i = 1; i <= 5; i++)
        state_batch_event(b, &(struct state_event){.at = start + i,
                                                   .entry = i % 2 ? "a" : NULL,
                                                   .family = i == 3 ? V6 : -1,
                                                   .kind = "sensed",
                                                   .old_set = i == 3 ? "::1" : NULL,
                                                   .cls = i == 3 ? "good" : NULL,
                                                   .say = i == 3 ? "x" : NULL});
    assert_int_equal(commit(p, b), OK);
    assert_string_equal(history(p, "a", 0, 2, start).text,
                        "5 a -1 sensed - - - -;3 a 1 sensed ::1 - good x;");
    assert_string_equal(history(p, NULL, start + 3, 10, start).text,
                        "2 - -1 sensed - - - -;1 a -1 sensed - - - -;");
    close_store(p);
}

static void tell_of(struct place *p, int count, msec at)
{
    struct state_batch *b = state_batch_new();

    for (int i = 0; i < count; i++)
        state_batch_event(b, &(struct state_event){.at = at, .family = -1, .kind = "notice"});
    assert_int_equal(commit(p, b), OK);
}

static void open_bounded(struct place *p, uint64_t rows)
{
    struct cause c = {""};

    assert_int_equal(store_open(&(struct store_options){.folder = p->folder,
                                                        .loop = &p->loop,
                                                        .lock = -1,
                                                        .history_rows = rows,
                                                        .history_age = DAY},
                                &p->store, &c),
                     OK);
}

static void bounds_history(void **state)
{
    struct place *p = *state;
    msec now = clock_now().wall;

    open_bounded(p, 100);
    tell_of(p, 1000, now);
    assert_in_range(history(p, NULL, 0, 10000, 0).events, 100, 100 + HISTORY_ROW);
    close_store(p);
    remove_files(p);

    open_bounded(p, 10000);
    for (int i = 0; i < 50; i++)
        tell_of(p, 1, now - 9 * DAY);
    close_store(p);
    /* At each start a tenth of the old ones may go, not all: the clock could be wrong. */
    for (int left = 50, round = 0; round < 3; round++) {
        open_bounded(p, 10000);
        tell_of(p, 0, now);
        int kept = history(p, NULL, 0, 10000, 0).events;
        assert_int_equal(kept, left - ((left - 1) / 10 + 1));
        left = kept;
        close_store(p);
    }
    remove_files(p);

    /* What came at once goes at once, but for the last that came. */
    open_bounded(p, 10000);
    tell_of(p, 10, now - 9 * DAY);
    tell_of(p, 20, now - 9 * DAY);
    close_store(p);
    for (int round = 0; round < 2; round++) {
        open_bounded(p, 10000);
        tell_of(p, 0, now);
        assert_int_equal(history(p, NULL, 0, 10000, 0).events, 20);
        close_store(p);
    }
}

static void many_commits_keep_their_order(void **state)
{
    struct place *p = *state;
    struct told t[200] = {{0}};

    must_open(p);
    struct state *s = store_state(p->store);
    for (unsigned i = 0; i < 200; i++) {
        struct state_record r = sample_record("h", V4);
        struct state_batch *b = state_batch_new();
        r.failures = i;
        state_batch_record(b, &r);
        s->ops->commit(s, b, on_done, &t[i]);
    }
    assert_int_equal(load(p).record.failures, 199); /* waits for what was handed over */
    close_store(p);                                 /* and calls everybody */
    for (int i = 0; i < 200; i++)
        assert_true(t[i].calls == 1 && t[i].result == OK);
}

static int log_count;
static char log_text[4096];
static void count_log(void *arg, const struct log_line *line)
{
    size_t n = strlen(log_text);
    log_count++;
    snprintf(log_text + n, sizeof log_text - n, "%s\n", line->text);
}

static void refuses_a_second_instance(void **state)
{
    struct place *p = *state;
    struct store *second;
    struct cause c = {""};
    char pid[40];

    must_open(p);
    assert_int_equal(
        store_open(&(struct store_options){.folder = p->folder, .loop = &p->loop, .lock = -1},
                   &second, &c),
        ERR_BUSY);
    snprintf(pid, sizeof pid, "process %ld", (long)getpid());
    assert_non_null(strstr(c.text, pid));
    close_store(p);
    must_open(p);
    close_store(p);
}

static void is_private(void **state)
{
    struct place *p = *state;
    struct stat st;
    int files = 0;

    umask(022);
    chmod(p->folder, 0755);
    must_open(p);
    fill(p, 1);
    assert_int_equal(stat(p->folder, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0700);
    DIR *dir = opendir(p->folder);
    for (struct dirent *d = readdir(dir); d != NULL; d = readdir(dir)) {
        if (d->d_name[0] == '.')
            continue;
        files++;
        assert_int_equal(fstatat(dirfd(dir), d->d_name, &st, 0), 0);
        if ((st.st_mode & 0777) != 0600)
            fail_msg("%s is %o", d->d_name, st.st_mode & 0777);
    }
    closedir(dir);
    assert_true(files >= 4);
    close_store(p);
}

static void another_key_makes_fingerprints_unknown(void **state)
{
    struct place *p = *state;
    uint8_t key[FOLDER_KEY_SIZE];
    char path[128];

    must_open(p);
    memcpy(key, store_key(p->store), sizeof key);
    fill(p, 1);
    close_store(p);
    must_open(p);
    assert_memory_equal(store_key(p->store), key, sizeof key);
    assert_string_equal(load(p).scope.fingerprint, "ff");
    close_store(p);
    snprintf(path, sizeof path, "%s/fingerprint-key", p->folder);
    assert_int_equal(truncate(path, 5), 0);
    for (int i = 0; i < 2; i++) {
        must_open(p);
        assert_memory_not_equal(store_key(p->store), key, sizeof key);
        struct seen s = load(p);
        assert_string_equal(s.scope.fingerprint, "");
        assert_string_equal(s.record.fingerprint, "");
        assert_true(s.scope.stopped_hard && s.record.stopped);
        close_store(p);
    }
}

static void needs_a_folder(void **state)
{
    struct place *p = *state;
    struct store *store;
    struct cause c = {""};

    assert_int_equal(
        store_open(&(struct store_options){.folder = "/dev/null/x", .loop = &p->loop, .lock = -1},
                   &store, &c),
        ERR_NOT_FOUND);
    assert_non_null(strstr(c.text, "/dev/null"));
    assert_int_equal(
        store_open(&(struct store_options){.folder = "/proc/x/y", .loop = &p->loop, .lock = -1},
                   &store, &c),
        ERR_NOT_FOUND);
}

/* ---- Decay ---- */

enum { PAGE = 4096 };
static const char *const files[] = {"memory.db", "memory-copy.db"};

static uint8_t *slurp(const char *path, size_t *n)
{
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    fseek(f, 0, SEEK_END);
    *n = (size_t)ftell(f);
    rewind(f);
    uint8_t *bytes = mem_alloc(*n);
    assert_int_equal(fread(bytes, 1, *n, f), *n);
    fclose(f);
    return bytes;
}

static void spew(const char *path, const uint8_t *bytes, size_t n)
{
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(bytes, 1, n, f), n);
    assert_int_equal(fclose(f), 0);
}

static uint64_t dice_state = 20261126;
static uint32_t dice(uint32_t n)
{
    dice_state = dice_state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(dice_state >> 33) % n;
}

/* The ways a page decays. */
static void decay(uint8_t *page, int way)
{
    switch (way) {
    case 0:
        memset(page, 0, PAGE);
        break;
    case 1:
        memset(page, 0xff, PAGE);
        break;
    case 2:
        for (int i = 0; i < PAGE; i++)
            page[i] = (uint8_t)dice(256);
        break;
    case 3: /* half a page was written */
        memset(page + PAGE / 2, 0, PAGE / 2);
        break;
    case 4: /* a text or a number changes, the shape stays */
        for (int i = 0; i < 3; i++)
            page[PAGE - 1 - dice(400)] ^= (uint8_t)(1 + dice(255));
        break;
    default: /* one bit */
        page[dice(PAGE)] ^= (uint8_t)(1 << dice(8));
        break;
    }
}

/* Both files of so many hosts, as they were closed. */
struct filled {
    int hosts, told; /* how often something was lost */
    char path[2][128];
    uint8_t *bytes[2]; /* owned */
    size_t n[2];
};

static void filled_init(struct filled *all, struct place *p, int hosts)
{
    *all = (struct filled){.hosts = hosts};
    must_open(p);
    fill(p, hosts);
    close_store(p);
    for (int f = 0; f < 2; f++) {
        snprintf(all->path[f], sizeof all->path[f], "%s/%s", p->folder, files[f]);
        all->bytes[f] = slurp(all->path[f], &all->n[f]);
        assert_true(all->n[f] % PAGE == 0 && all->n[f] >= 5 * PAGE);
    }
}

static void filled_fini(struct filled *all)
{
    mem_free(all->bytes[0]);
    mem_free(all->bytes[1]);
}

/* It starts, and keeps every wait; and if anything was lost from the main file nothing that was
 * published is believed. */
static void must_survive(struct place *p, struct filled *all, int f, size_t page, int way)
{
    uint8_t *bad = mem_alloc(all->n[f]);

    memcpy(bad, all->bytes[f], all->n[f]);
    decay(bad + page * PAGE, way);
    spew(all->path[!f], all->bytes[!f], all->n[!f]);
    spew(all->path[f], bad, all->n[f]);
    mem_free(bad);
    log_count = 0;
    log_text[0] = '\0';
    must_open(p);
    struct seen s = load(p);
    if (s.records != 2 * all->hosts || s.scopes != 1 || !s.waits_kept || s.buckets != 1)
        fail_msg("%s page %zu way %d: %d records, %d scopes, waits %d\n%s", files[f], page, way,
                 s.records, s.scopes, s.waits_kept, log_text);
    struct seen again = load(p); /* which is read, not what the opening kept */
    assert_int_equal(again.records, s.records);
    assert_int_equal(again.published_any, s.published_any);
    if (store_was_lost(p->store)) {
        all->told++;
        assert_false(s.published_any);
        assert_true(log_count >= 2);
        assert_non_null(strstr(log_text, "is kept as"));
    } else {
        assert_true(s.published_any);
    }
    assert_true(f == 0 || !store_was_lost(p->store));
    assert_int_equal(commit(p, state_batch_new()), OK);
    close_store(p);
}

static void survives_decay(void **state)
{
    struct place *p = *state;
    struct filled all;

    filled_init(&all, p, 60);
    int sink = log_add_sink(count_log, NULL, LOG_LEVEL_WARNING);
    for (int f = 0; f < 2; f++)
        for (size_t page = 0; page < all.n[f] / PAGE; page++)
            for (int way = 0; way < 8; way++)
                must_survive(p, &all, f, page, way);
    log_remove_sink(sink);
    /* A bit in free space harms nothing, all else must be noticed. */
    if (all.told < (int)(all.n[0] / PAGE) * 5)
        fail_msg("only %d of %zu were noticed", all.told, all.n[0] / PAGE * 8);
    filled_fini(&all);
}

/* Large files are opened beside each other. */
static void survives_decay_of_much(void **state)
{
    enum { HOSTS = 4000, LARGE = 1 << 20 };
    struct place *p = *state;
    struct filled all;

    filled_init(&all, p, HOSTS);
    assert_true(all.n[1] > LARGE);
    int sink = log_add_sink(count_log, NULL, LOG_LEVEL_WARNING);
    for (int f = 0; f < 2; f++)
        for (int way = 0; way < 4; way++)
            must_survive(p, &all, f, dice((uint32_t)(all.n[f] / PAGE)), way);
    log_remove_sink(sink);
    assert_int_equal(all.told, 4);
    filled_fini(&all);
}

static void begins_without_memory(void **state)
{
    struct place *p = *state;
    char path[128];
    int aside = 0;

    for (int round = 0; round < 5; round++) {
        must_open(p);
        assert_true(round == 0 || store_was_lost(p->store));
        assert_int_equal(load(p).records, 0);
        fill(p, 3);
        close_store(p);
        for (int f = 0; f < 2; f++) {
            snprintf(path, sizeof path, "%s/%s", p->folder, files[f]);
            spew(path, (const uint8_t *)"rubbish, rubbish, rubbish", 25);
        }
    }
    DIR *dir = opendir(p->folder);
    for (struct dirent *d = readdir(dir); d != NULL; d = readdir(dir))
        aside += text_starts(d->d_name, "memory.db.damaged-");
    closedir(dir);
    assert_int_equal(aside, 3); /* the newest three are kept */
}

/* The main file without its last commits (its log decayed): the copy knows better. */
static void the_copy_knows_more(void **state)
{
    struct place *p = *state;
    char path[128];
    size_t n;

    must_open(p);
    fill(p, 1);
    close_store(p);
    snprintf(path, sizeof path, "%s/memory.db", p->folder);
    uint8_t *old = slurp(path, &n);
    must_open(p);
    struct state_scope scope = sample_scope;
    scope.failures = 9;
    struct state_batch *b = state_batch_new();
    state_batch_scope(b, &scope);
    assert_int_equal(commit(p, b), OK);
    close_store(p);
    spew(path, old, n);
    mem_free(old);
    must_open(p);
    assert_true(store_was_lost(p->store));
    struct seen s = load(p);
    assert_int_equal(s.scope.failures, 9);
    assert_false(s.published_any);
    close_store(p);
    must_open(p);
    assert_false(store_was_lost(p->store));
    assert_false(load(p).published_any); /* still to be asked */
    close_store(p);
    unlink(path); /* somebody removed it */
    must_open(p);
    assert_true(store_was_lost(p->store));
    assert_int_equal(load(p).scope.failures, 9);
    close_store(p);
}

/* The file decays under a running process: what is asked to be committed is, and waits are kept. */
static void mends_in_use(void **state)
{
    struct place *p = *state;
    char path[128];
    size_t n;

    must_open(p);
    fill(p, 9000); /* more than SQLite keeps in memory */
    close_store(p);
    must_open(p);
    snprintf(path, sizeof path, "%s/memory.db", p->folder);
    uint8_t *bytes = slurp(path, &n);
    assert_true(n > 700 * PAGE);
    memset(bytes + PAGE, 0xff, n - PAGE);
    int fd = open(path, O_WRONLY);
    assert_int_equal(pwrite(fd, bytes, n, 0), n);
    close(fd);
    mem_free(bytes);
    int sink = log_add_sink(count_log, NULL, LOG_LEVEL_WARNING);
    log_count = 0;
    log_text[0] = '\0';
    fill(p, 9000);
    log_remove_sink(sink);
    assert_non_null(strstr(log_text, "is kept as"));
    struct seen s = load(p);
    assert_int_equal(s.records, 18000);
    assert_true(s.waits_kept && store_was_lost(p->store));
    close_store(p);
}

/* A process that is killed leaves what it was told to be done, without a moment to tidy up. */
static void survives_a_kill(void **state)
{
    struct place *p = *state;

    for (unsigned round = 1; round <= 10; round++) {
        int ready[2];
        assert_int_equal(pipe(ready), 0);
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            struct cause c;
            struct told t = {0};
            if (uv_loop_init(&p->loop) != 0 || open_store(p, &c) != OK)
                _exit(3);
            struct state *s = store_state(p->store);
            for (unsigned i = 0;; i++) {
                struct state_record r = sample_record("h", V4);
                r.failures = round * 1000 + i;
                struct state_batch *b = state_batch_new();
                state_batch_record(b, &r);
                s->ops->commit(s, b, on_done, &t);
                uv_run(&p->loop, UV_RUN_DEFAULT);
                if (t.result != OK || write(ready[1], &i, sizeof i) != sizeof i)
                    _exit(4);
            }
        }
        close(ready[1]);
        unsigned done = 0, last = 0;
        for (unsigned k = 0; k < round; k++)
            assert_int_equal(read(ready[0], &done, sizeof done), sizeof done);
        kill(child, SIGKILL);
        int status;
        waitpid(child, &status, 0);
        assert_true(WIFSIGNALED(status));
        while (read(ready[0], &last, sizeof last) == sizeof last)
            done = last;
        close(ready[0]);
        must_open(p);
        struct seen s = load(p);
        assert_true(s.record.failures >= round * 1000 + done);
        assert_false(store_was_lost(p->store));
        close_store(p);
    }
}

/* The index of the WAL is memory of ours, also for a file that is there already: one that is mapped
 * would end the process by a signal on a full disk. */
static void maps_no_index(void **state)
{
    struct place *p = *state;

    for (int i = 0; i < 2; i++) {
        must_open(p);
        for (int which = 0; which < 2; which++) {
            char *index =
                mem_format("%s/%s-shm", p->folder, which == 0 ? "memory.db" : "memory-copy.db");
            assert_int_equal(access(index, F_OK), -1);
            mem_free(index);
        }
        close_store(p);
    }
}

/* ---- Waiting for the disk ---- */

static char waited_for[512]; /* names in the order in which they were waited for */

/* Stands before the C library's, for SQLite too. */
int fdatasync(int fd)
{
    static pthread_mutex_t guard = PTHREAD_MUTEX_INITIALIZER; /* both files are closed at once */
    char link[32], path[256];

    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, path, sizeof path - 1);
    path[n > 0 ? n : 0] = '\0';
    const char *slash = strrchr(path, '/');
    pthread_mutex_lock(&guard);
    size_t at = strlen(waited_for);
    snprintf(waited_for + at, sizeof waited_for - at, "%s ", slash != NULL ? slash + 1 : path);
    pthread_mutex_unlock(&guard);
    return (int)syscall(SYS_fdatasync, fd);
}

struct heard {
    char waited_for[sizeof waited_for];
};

static void on_heard(void *arg, enum err result, const char *why)
{
    struct heard *h = arg;

    assert_int_equal(result, OK);
    assert_null(why);
    memcpy(h->waited_for, waited_for, sizeof waited_for); /* the copy may add to it */
}

/* What is told to be stored is on the disk: a new file itself, its log and their folder; later the
 * log with its head at once. Nothing else is waited for before that. */
static void waits_for_the_disk(void **state)
{
    struct place *p = *state;
    const char *folder = strrchr(p->folder, '/') + 1;

    for (int round = 0; round < 3; round++) {
        char *whole =
            mem_format("%s%s %s", "memory.db-wal ", folder, round == 0 ? "memory.db " : "");
        waited_for[0] = '\0';
        must_open(p);
        assert_string_equal(waited_for, "");
        for (int n = 0; n < 2; n++) {
            struct heard h = {""};
            struct state *s = store_state(p->store);
            struct state_batch *b = state_batch_new();
            state_batch_scope(b, &sample_scope);
            waited_for[0] = '\0';
            s->ops->commit(s, b, on_heard, &h);
            uv_run(&p->loop, UV_RUN_DEFAULT);
            const char *wanted = n == 0 ? whole : "memory.db-wal ";
            if (strncmp(h.waited_for, wanted, strlen(wanted)) != 0)
                fail_msg("round %d, commit %d: waited for %s", round, n, h.waited_for);
            assert_null(strstr(h.waited_for + strlen(wanted), "memory.db"));
            load(p); /* when the copy is written, too */
        }
        close_store(p);
        mem_free(whole);
    }
}

/* What is moved from the log into the file is waited for before the log begins anew: also when a
 * process that was killed left a log that the first commit makes so long that it is moved. */
static void waits_before_the_log_begins_anew(void **state)
{
    struct place *p = *state;
    char *log = mem_format("%s/memory.db-wal", p->folder);
    struct stat is;
    int status;

    pid_t child = fork();
    if (child == 0) {
        uv_loop_init(&p->loop); /* the other is the parent's */
        must_open(p);
        fill(p, 12000);
        load(p);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_int_equal(stat(log, &is), 0);
    assert_true(is.st_size > 1000 * 4096); /* SQLite moves what is longer */
    must_open(p);
    for (int n = 0; n < 2; n++) {
        struct state_batch *b = state_batch_new();
        state_batch_scope(b, &sample_scope);
        if (n == 0)
            waited_for[0] = '\0';
        assert_int_equal(commit(p, b), OK);
    }
    if (strstr(waited_for, "memory.db ") == NULL)
        fail_msg("waited for %s", waited_for);
    close_store(p);
    mem_free(log);
}

/* A new folder has its copy with the first commit, and it is whole. */
static void copies_from_the_first_commit(void **state)
{
    struct place *p = *state;
    char *main_file = mem_format("%s/memory.db", p->folder);

    must_open(p);
    fill(p, 3);
    close_store(p);
    unlink(main_file);
    mem_free(main_file);
    must_open(p);
    assert_true(store_was_lost(p->store));
    assert_int_equal(load(p).records, 6);
    close_store(p);
}

/* A copy that is not there yet waits until nothing was to be written for a moment. */
static void copies_when_nothing_is_written(void **state)
{
    struct place *p = *state;
    char *main_file = mem_format("%s/memory.db", p->folder);
    char *copy_file = mem_format("%s/memory-copy.db-wal", p->folder);
    struct told t[50] = {{0}};

    must_open(p);
    fill(p, 3);
    for (int tries = 0; access(copy_file, F_OK) != 0; tries++) {
        assert_true(tries < 2000);
        usleep(5000);
    }
    close_store(p);
    remove_files(p);
    must_open(p);
    struct state *s = store_state(p->store);
    for (int i = 0; i < 50; i++) {
        struct state_record r = sample_record("h", V4);
        struct state_batch *b = state_batch_new();
        r.failures = (unsigned)i;
        state_batch_record(b, &r);
        s->ops->commit(s, b, on_done, &t[i]);
        if (i % 10 == 0)
            usleep(1000); /* else they are one transaction */
    }
    close_store(p);
    unlink(main_file);
    must_open(p);
    assert_int_equal(load(p).record.failures, 49);
    close_store(p);
    mem_free(main_file);
    mem_free(copy_file);
}

/* ---- What was written before ---- */

static const struct state_event former_events[] = {
    {.at = 7, .family = V6, .kind = "sensed", .new_set = "2001:db8::1", .say = "web"},
    {.at = 8, .entry = "a@x", .family = V4, .kind = "attempt", .new_set = "192.0.2.1", .say = "?"},
    {.at = 8, .entry = "b@x", .family = V4, .kind = "attempt", .new_set = "192.0.2.1", .say = "?"},
    {.at = 9, .entry = "a@x", .family = V4, .kind = "outcome", .old_set = "", .cls = "good"},
};
enum { FORMER_EVENTS = sizeof former_events / sizeof former_events[0] };
static const char former_story[] =
    "9 a@x 0 outcome  - good -;8 b@x 0 attempt - 192.0.2.1 - ?;"
    "8 a@x 0 attempt - 192.0.2.1 - ?;7 - 1 sensed - 2001:db8::1 - web;";
static const char former_story_of_one[] =
    "9 a@x 0 outcome  - good -;8 a@x 0 attempt - 192.0.2.1 - ?;";

static void reads_what_was_written_before(void **state)
{
    struct place *p = *state;

    for (int version = 1; version <= FORMER_VERSIONS; version++) {
        must_open(p);
        fill(p, 3);
        close_store(p);
        former_make(p->folder, version, former_events, FORMER_EVENTS);
        for (int round = 0; round < 2; round++) { /* as it was, then as it is today */
            must_open(p);
            assert_false(store_was_lost(p->store));
            struct seen s = load(p);
            assert_int_equal(s.records, 6);
            assert_int_equal(s.scopes, 1);
            assert_int_equal(s.buckets, 1);
            assert_true(s.published_any && s.waits_kept);
            struct state_batch *b = state_batch_new();
            state_batch_scope(b, &sample_scope);
            for (int n = 0; n < 2; n++) { /* and after the first commit */
                assert_string_equal(history(p, NULL, 0, 10, 0).text, former_story);
                assert_string_equal(history(p, "a@x", 0, 10, 0).text, former_story_of_one);
                assert_string_equal(history(p, NULL, 8, 10, 0).text, strstr(former_story, "7 -"));
                assert_int_equal(history(p, NULL, 9, 1, 0).events, 1);
                if (n == 0)
                    assert_int_equal(commit(p, b), OK);
            }
            close_store(p);
        }
        remove_files(p);
    }
}

/* What is written would not fit: it is damaged, and told so at once. */
static void takes_no_tables_of_another_version(void **state)
{
    struct place *p = *state;

    must_open(p);
    fill(p, 3);
    close_store(p);
    former_make(p->folder, SCHEMA_VERSION, former_events, FORMER_EVENTS);
    must_open(p);
    assert_true(store_was_lost(p->store));
    assert_int_equal(load(p).records, 0);
    struct state_batch *b = state_batch_new();
    state_batch_scope(b, &sample_scope);
    assert_int_equal(commit(p, b), OK);
    close_store(p);
    must_open(p);
    assert_false(store_was_lost(p->store));
    assert_int_equal(load(p).scopes, 1);
    close_store(p);
}

/* A start writes nothing, so that the former program still reads what it left. */
static void upgrades_with_the_first_commit(void **state)
{
    struct place *p = *state;
    uint8_t *before[2], *after;
    size_t n[2], now;
    char path[128];

    must_open(p);
    fill(p, 3);
    close_store(p);
    former_make(p->folder, 2, former_events, FORMER_EVENTS);
    for (int f = 0; f < 2; f++) {
        snprintf(path, sizeof path, "%s/%s", p->folder, files[f]);
        before[f] = slurp(path, &n[f]);
    }
    must_open(p);
    assert_int_equal(history(p, NULL, 0, 10, 0).events, FORMER_EVENTS);
    close_store(p);
    for (int f = 0; f < 2; f++) {
        snprintf(path, sizeof path, "%s/%s", p->folder, files[f]);
        after = slurp(path, &now);
        assert_int_equal(now, n[f]);
        assert_memory_equal(after, before[f], now);
        mem_free(after);
        mem_free(before[f]);
    }
}

/* Whenever the process is killed: the memory is the former one or one of today, and all is there.
 */
static void survives_a_kill_while_it_upgrades(void **state)
{
    enum { HOSTS = 200, EVENTS = 2000 };
    static struct state_event events[EVENTS];
    struct place *p = *state;
    int status;

    for (int i = 0; i < EVENTS; i++) {
        events[i] = former_events[i % FORMER_EVENTS];
        events[i].at += START; /* not so old that it may go */
    }
    for (unsigned round = 0; round < 8; round++) {
        must_open(p);
        fill(p, HOSTS);
        close_store(p);
        former_make(p->folder, 2, events, EVENTS);
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            uv_loop_init(&p->loop); /* the other is the parent's */
            must_open(p);
            commit(p, state_batch_new());
            load(p); /* when the copy is written, too */
            _exit(0);
        }
        usleep(round * 3000);
        kill(child, SIGKILL);
        assert_int_equal(waitpid(child, &status, 0), child);
        must_open(p);
        assert_false(store_was_lost(p->store));
        assert_int_equal(load(p).records, 2 * HOSTS);
        assert_int_equal(load(p).scopes, 1);
        assert_int_equal(history(p, NULL, 0, 2 * EVENTS, 0).events, EVENTS);
        close_store(p);
        remove_files(p);
    }
}

/* One of the two is lost, and the other is a former one. */
static void takes_over_what_was_written_before(void **state)
{
    struct place *p = *state;
    char path[128];

    for (int i = 0; i < 2 * FORMER_VERSIONS; i++) {
        int version = 1 + i / 2, lost = i % 2;
        must_open(p);
        fill(p, 3);
        close_store(p);
        former_make(p->folder, version, former_events, FORMER_EVENTS);
        snprintf(path, sizeof path, "%s/%s", p->folder, files[lost]);
        assert_int_equal(unlink(path), 0);
        for (int round = 0; round < 2; round++) {
            must_open(p);
            assert_int_equal(store_was_lost(p->store), lost == 0 && round == 0);
            assert_int_equal(load(p).records, 6);
            begin_attempts(p, 1, "a@x", "b@x");
            assert_int_equal(load(p).open, 8);
            begin_attempts(p, 1, NULL, NULL);
            assert_int_equal(load(p).records, 6);
            assert_int_equal(history(p, NULL, 0, 10, 0).events, lost == 0 ? 0 : FORMER_EVENTS);
            close_store(p);
        }
        remove_files(p);
    }
}

/* The former main file without its last commits: the copy knows better, and history stays. */
static void takes_over_into_what_was_written_before(void **state)
{
    struct place *p = *state;
    char path[128];
    size_t n;

    must_open(p);
    fill(p, 3);
    close_store(p);
    former_make(p->folder, 2, former_events, FORMER_EVENTS);
    snprintf(path, sizeof path, "%s/%s", p->folder, files[0]);
    uint8_t *old = slurp(path, &n);
    must_open(p);
    assert_int_equal(commit(p, state_batch_new()), OK);
    close_store(p);
    spew(path, old, n);
    mem_free(old);
    for (int round = 0; round < 2; round++) {
        must_open(p);
        assert_int_equal(store_was_lost(p->store), round == 0);
        assert_int_equal(load(p).records, 6);
        assert_string_equal(history(p, NULL, 0, 10, 0).text, former_story);
        close_store(p);
    }
}

/* ---- Rows that are lines ---- */

static void keeps_every_value(void **state)
{
    static const int64_t times[] = {0, 1, 2000, 1795732674550, INT64_MAX, INT64_MIN};
    enum { TIMES = sizeof times / sizeof times[0] };
    const struct addrset sets[] = {
        {.count = 0}, set_of("192.0.2.1", NULL), set_of("192.0.2.1", "192.0.2.2")};
    static const char *const words[] = {NULL, "=", "5:x,", "a\nb"};
    struct lines lines;
    struct buf room;

    (void)state;
    lines_init(&lines);
    buf_init(&room, 1000);
    for (int i = 0; i < 5000; i++) {
        struct state_record r = {.entry = "a@x",
                                 .published_known = dice(2) != 0,
                                 .published_at = times[dice(TIMES)],
                                 .changed_at = times[dice(TIMES)],
                                 .attempt_at = times[dice(TIMES)],
                                 .attempt_open = dice(2) != 0,
                                 .last = (enum outcome_class)dice(3),
                                 .say = words[dice(4)],
                                 .failures = dice(2) * 7,
                                 .wait_end = times[dice(TIMES)],
                                 .wait_length = times[dice(TIMES)],
                                 .stopped = dice(2) != 0,
                                 .fingerprint = "77",
                                 .tried = sets[dice(3)]},
                            back;
        struct row row;
        if (r.published_known)
            r.published = sets[dice(3)];
        lines_clear(&lines);
        table_record_row(&r, &lines, &row);
        assert_true(table_record_from(&row, &room, &back));
        assert_string_equal(back.entry, r.entry);
        must_be_alike(&back, &r);
        assert_true(text_equal(back.say, r.say));
    }
    lines_fini(&lines);
    buf_free(&room);
}

/* A text that no homing wrote. */
static void refuses_odd_records(void **state)
{
    static const char *const odd[] = {NULL,
                                      "",
                                      "\n",
                                      "=2:77,",
                                      "=2:77,===4:good,",
                                      "!2:77,===4:good,\n\n",
                                      "=2:77,===4:best,\n",
                                      "=2:77,====\n",
                                      "=!===4:good,\n",
                                      "1:x,2:77,===4:good,\n",
                                      "11:2001:db8::1,2:77,===4:good,\n",
                                      "=2:77,===4:good,1:x,\n",
                                      "=2:77,===4:good,=======0,\n",
                                      "=2:77,x,==4:good,\n",
                                      "=33:0123456789abcdef0123456789abcdef0,===4:good,\n"};
    static const char even[] = "=2:77,===4:good,\n";
    struct buf room;

    (void)state;
    buf_init(&room, 1000);
    for (size_t i = 0; i <= sizeof odd / sizeof odd[0]; i++) {
        const char *text = i < sizeof odd / sizeof odd[0] ? odd[i] : even;
        struct row row = {.count = 0};
        struct state_record r;
        row_text(&row, "a@x");
        row_number(&row, V4);
        row_text(&row, text);
        if (table_record_from(&row, &room, &r) != (text == even))
            fail_msg("taken or not: %s", text);
    }
    buf_free(&room);
}

static void keeps_every_value_of_a_scope(void **state)
{
    static const char *const odd[] = {
        NULL,
        "",
        "\n",
        "4:good,2:77,",
        "4:best,2:77,\n",
        "=2:77,\n",
        "4:good,!\n",
        "4:good,2:77,======0,\n",
        "4:good,2:77,\n\n",
        "4:good,33:0123456789abcdef0123456789abcdef0,\n",
    };
    struct state_scope back, scope = sample_scope;
    struct lines lines;
    struct row row;
    struct buf room;

    (void)state;
    lines_init(&lines);
    buf_init(&room, 1000);
    for (unsigned i = 0; i < 16; i++) {
        scope.stopped = i & 1;
        scope.stopped_hard = i & 2;
        scope.say = i & 4 ? "a\nb=" : NULL;
        scope.wait_end = i & 8 ? INT64_MAX : 0;
        lines_clear(&lines);
        table_scope_row(&scope, &lines, &row);
        assert_true(table_scope_from(&row, &room, &back));
        assert_string_equal(back.kind, scope.kind);
        assert_string_equal(back.key, scope.key);
        assert_string_equal(back.fingerprint, scope.fingerprint);
        assert_true(text_equal(back.say, scope.say));
        assert_true(back.last == scope.last && back.failures == scope.failures);
        assert_true(back.wait_end == scope.wait_end && back.wait_length == scope.wait_length);
        assert_int_equal(back.stopped, scope.stopped);
        assert_int_equal(back.stopped_hard, scope.stopped_hard);
    }
    for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++) {
        row.count = 0;
        row_text(&row, "account");
        row_text(&row, "x");
        row_text(&row, odd[i]);
        if (table_scope_from(&row, &room, &back))
            fail_msg("taken: %s", odd[i]);
    }
    lines_fini(&lines);
    buf_free(&room);
}

/* ---- What is under way ---- */

static void tells_what_is_under_way(void **state)
{
    struct place *p = *state;
    static const char first[] = "a|7|b\nc@x/y z", second[] = "second@x";

    must_open(p);
    struct state_record r = sample_record(first, V4);
    r.attempt_open = false;
    struct state_batch *b = state_batch_new();
    state_batch_record(b, &r);
    assert_int_equal(commit(p, b), OK);
    assert_int_equal(load(p).open, 0);
    assert_true(load(p).record.stopped);

    begin_attempts(p, 7, second, first);
    struct seen s = load(p);
    assert_int_equal(s.records, 2);
    assert_int_equal(s.open, 2);
    assert_string_equal(s.entry, second); /* the newcomer comes last */
    assert_int_equal(s.record.attempt_at, BEGAN);
    assert_true(addrset_equal(&s.record.tried, &begun_set));
    assert_string_equal(s.record.fingerprint, "77");
    assert_int_equal(s.record.last, OUTCOME_NONE);
    assert_false(s.record.published_known);

    /* One has its outcome. */
    b = state_batch_new();
    state_batch_record(b, &r);
    assert_int_equal(commit(p, b), OK);
    begin_attempts(p, 7, second, NULL);
    s = load(p);
    assert_int_equal(s.records, 2);
    assert_int_equal(s.open, 1);
    begin_attempts(p, 7, first, NULL);
    s = load(p);
    assert_int_equal(s.records, 1);
    assert_string_equal(s.entry, first);
    assert_true(s.published_any); /* what its own row says */
    assert_int_equal(s.record.failures, r.failures);
    assert_int_equal(s.record.wait_length, r.wait_length);
    assert_int_equal(s.record.attempt_at, BEGAN);
    assert_false(s.record.stopped); /* but it is under way, so the stop had ended */

    begin_attempts(p, 8, second, NULL);
    b = state_batch_new();
    state_batch_settle(b);
    r.attempt_open = false;
    state_batch_record(b, &r);
    assert_int_equal(commit(p, b), OK);
    s = load(p);
    assert_int_equal(s.records, 2);
    assert_int_equal(s.open, 1);
    begin_attempts(p, 8, NULL, NULL); /* it has no number any more */
    assert_int_equal(load(p).open, 1);
    close_store(p);
}

static off_t size_of(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 ? st.st_size : -1;
}

/* A file is refused before the disk is waited for. What its log holds stays there: moved into the
 * file without a wait, it could be lost from both. */
static void a_refused_file_keeps_its_log(void **state)
{
    const struct place *p = *state;
    char path[128], log[136];
    sqlite3 *sql;
    struct database *db;
    struct cause c;

    snprintf(path, sizeof path, "%s/other.db", p->folder);
    snprintf(log, sizeof log, "%s-wal", path);
    assert_int_equal(sqlite3_open(path, &sql), SQLITE_OK);
    sqlite3_db_config(sql, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    assert_int_equal(
        sqlite3_exec(sql, "PRAGMA journal_mode = WAL; CREATE TABLE other (a)", NULL, NULL, NULL),
        SQLITE_OK);
    sqlite3_close(sql);
    off_t file = size_of(path), before = size_of(log);
    assert_true(before > 0);
    const struct database_options o = {.path = path, .sync_full = true};
    assert_int_not_equal(database_open(&o, &db, &c), OK);
    assert_int_equal(size_of(path), file);
    assert_int_equal(size_of(log), before);
}

/* What a process left under way stays so, whatever numbers the next one begins with, and whichever
 * of the files is left. */
static void attempts_outlive_the_process(void **state)
{
    struct place *p = *state;
    char path[128];

    for (int lost = -1; lost < 2; lost++) {
        must_open(p);
        begin_attempts(p, 1, "a@x", "b@x");
        begin_attempts(p, 2, "c@x", NULL);
        close_store(p);
        if (lost >= 0) {
            snprintf(path, sizeof path, "%s/%s", p->folder, files[lost]);
            assert_int_equal(unlink(path), 0);
        }
        must_open(p);
        assert_int_equal(load(p).open, 3);
        assert_int_equal(load(p).record.attempt_at, BEGAN);
        begin_attempts(p, 1, "d@x", NULL);
        assert_int_equal(load(p).open, 4);
        begin_attempts(p, 1, NULL, NULL);
        assert_int_equal(load(p).open, 3);
        struct state_batch *b = state_batch_new();
        state_batch_forget_entry(b, "a@x");
        assert_int_equal(commit(p, b), OK);
        assert_int_equal(load(p).open, 2);
        close_store(p);
        remove_files(p);
    }
}

/* What a process of version 2 that was killed left, whichever of the files is there still. */
static void knows_former_attempts(void **state)
{
    struct place *p = *state;
    static const char entry[] = "a|7|b\nc@x";
    char path[128];

    for (int lost = -1; lost < 2; lost++) {
        must_open(p);
        fill(p, 1);
        close_store(p);
        former_make(p->folder, 2, former_events, FORMER_EVENTS);
        former_attempts(p->folder, 1, BEGAN, "6||2001:db8::1|3|d@x\n");
        former_attempts(p->folder, 2, BEGAN, "4|77|192.0.2.1, 192.0.2.2|9|a|7|b\nc@x\n");
        if (lost >= 0) {
            snprintf(path, sizeof path, "%s/%s", p->folder, files[lost]);
            assert_int_equal(unlink(path), 0);
        }
        must_open(p);
        begin_attempts(p, 3, NULL, NULL); /* so that the set is known */
        for (int round = 0; round < 2; round++) {
            struct seen s = load(p);
            assert_int_equal(s.records, 4);
            assert_int_equal(s.open, 4);
            close_store(p);
            must_open(p);
        }
        struct state_batch *b = state_batch_new();
        state_batch_forget_entry(b, "d@x");
        state_batch_forget_entry(b, "host-000.example.org@dyndns2/x");
        assert_int_equal(commit(p, b), OK);
        struct seen s = load(p);
        assert_int_equal(s.records, 1);
        assert_string_equal(s.entry, entry);
        assert_int_equal(s.record.attempt_at, BEGAN);
        assert_string_equal(s.record.fingerprint, "77");
        assert_true(addrset_equal(&s.record.tried, &begun_set));
        close_store(p);
        remove_files(p);
    }
}

/* A text that no homing wrote. */
static void refuses_odd_attempts(void **state)
{
    static const char *const odd[] = {"4",
                                      "4|ff|192.0.2.1|3|a@x",
                                      "5||1|3|a@x\n",
                                      "4||x|3|a@x\n",
                                      "4|||3|a@x\n4|||3|b@\n",
                                      "4|||4|a@x\n",
                                      "4|||2|a@x\n",
                                      "6||192.0.2.1|3|a@x\n",
                                      "4|||9999999999999999999|a@x\n",
                                      "3:a@x,0,0:,0:,",
                                      "3:a@x,0,0:,\n",
                                      "3:a@x,0,0:,!\n",
                                      "!0,0:,0:,\n",
                                      "===\n",
                                      "3:a@x,2,0:,0:,\n",
                                      "3:a@x,-1,0:,0:,\n",
                                      "3:a@x,0,1:x,0:,\n",
                                      "3:a@x,1,9:192.0.2.1,0:,\n",
                                      "3:a@x,0,0:,33:0123456789abcdef0123456789abcdef0,\n",
                                      "3:a@x,0,0:,0:,\n4:b@x,\n",
                                      "3:a@x,0,0:,0:,\n=======0:,0:,\n"};
    (void)state;
    for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++) {
        char *text = mem_text(odd[i]);
        struct table_items items;
        struct state_attempt a;
        bool sound = true;
        table_items_begin(&items, text);
        while (sound && table_items_more(&items))
            sound = table_items_next(&items, &a);
        if (sound)
            fail_msg("taken: %s", odd[i]);
        mem_free(text);
    }
}

#define IN_PLACE(f) cmocka_unit_test_setup_teardown(f, enter, leave)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_PLACE(remembers),
        IN_PLACE(the_floor_follows_a_believed_clock),
        IN_PLACE(unknown_is_not_none),
        IN_PLACE(tells_history),
        IN_PLACE(bounds_history),
        IN_PLACE(many_commits_keep_their_order),
        IN_PLACE(refuses_a_second_instance),
        IN_PLACE(is_private),
        IN_PLACE(another_key_makes_fingerprints_unknown),
        IN_PLACE(needs_a_folder),
        IN_PLACE(maps_no_index),
        IN_PLACE(waits_for_the_disk),
        IN_PLACE(waits_before_the_log_begins_anew),
        IN_PLACE(copies_from_the_first_commit),
        IN_PLACE(copies_when_nothing_is_written),
        IN_PLACE(reads_what_was_written_before),
        IN_PLACE(upgrades_with_the_first_commit),
        IN_PLACE(takes_no_tables_of_another_version),
        IN_PLACE(survives_a_kill_while_it_upgrades),
        IN_PLACE(takes_over_what_was_written_before),
        IN_PLACE(takes_over_into_what_was_written_before),
        IN_PLACE(tells_what_is_under_way),
        IN_PLACE(a_refused_file_keeps_its_log),
        IN_PLACE(attempts_outlive_the_process),
        IN_PLACE(keeps_every_value),
        IN_PLACE(refuses_odd_records),
        IN_PLACE(keeps_every_value_of_a_scope),
        IN_PLACE(knows_former_attempts),
        IN_PLACE(refuses_odd_attempts),
        IN_PLACE(survives_decay),
        IN_PLACE(survives_decay_of_much),
        IN_PLACE(begins_without_memory),
        IN_PLACE(the_copy_knows_more),
        IN_PLACE(mends_in_use),
        IN_PLACE(survives_a_kill),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
