/*
 * SPDX-License-Identifier: ISC
 */
#include "state/store.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "state/batch.h"
#include "state/database.h"

enum {                                      /* ns */
       BEGIN_COPY_AFTER = 20 * 1000 * 1000, /* a program starts in less */
       BEGIN_COPY_WITHIN = 1000 * 1000 * 1000
};

static const char main_name[] = "memory.db", copy_name[] = "memory-copy.db";

struct work { /* one commit */
    struct work *next;
    struct state_batch *batch; /* owned */
    state_done_fn *fn;
    void *arg;
    enum err result;
    struct cause why;
};

struct note { /* a log line of the writer thread: the log belongs to the loop's */
    struct note *next;
    enum log_level level;
    char *text; /* owned */
};

struct store {
    struct state state; /* first */
    char *folder;       /* owned */
    int lock;           /* -1 when the caller's */
    uint8_t key[FOLDER_KEY_SIZE];
    int64_t key_id;
    int new_key;                        /* its file, until it is known to be on the disk; else -1 */
    struct database_options options[2]; /* of main and copy */
    char *paths[2];                     /* owned */

    uv_mutex_t files;             /* held while the databases are used */
    struct database *main, *copy; /* owned; copy may be NULL: then it is behind */
    bool reads;                   /* and nothing else: the copy is not opened */
    bool lost;
    uint64_t begin_copy_by; /* uv_hrtime(); the writer thread's; 0 until there was reason to */

    uv_mutex_t queue; /* guards what follows */
    uv_cond_t changed;
    struct work *waiting, **waiting_end;
    struct work *done, **done_end;
    struct note *notes, **notes_end;
    bool writing, closing;
    bool awaited; /* until nothing is written any more, on the loop's thread */

    uv_thread_t writer;
    uv_async_t async;
    unsigned long pending; /* commits without their call; the loop's thread only */
    struct cause trouble;  /* likewise; empty when all is well */
};

static void note(struct store *s, enum log_level level, char *text)
{
    struct note *n = mem_alloc(sizeof *n);

    *n = (struct note){NULL, level, text};
    uv_mutex_lock(&s->queue);
    *s->notes_end = n;
    s->notes_end = &n->next;
    uv_mutex_unlock(&s->queue);
}

static void tell_notes(struct store *s)
{
    uv_mutex_lock(&s->queue);
    struct note *n = s->notes;
    s->notes = NULL;
    s->notes_end = &s->notes;
    uv_mutex_unlock(&s->queue);
    while (n != NULL) {
        struct note *next = n->next;
        log_write(n->level, NULL, "%s", n->text);
        mem_free(n->text);
        mem_free(n);
        n = next;
    }
}

/* ---- The two files ---- */

/* Sets a damaged one aside and begins it anew. */
static enum err replace_one(struct store *s, int which, struct database **out, const char *found,
                            struct cause *c)
{
    char aside[FOLDER_PATH_MAX];
    enum err e = folder_set_aside(s->folder, which == 0 ? main_name : copy_name, aside, c);

    if (e != OK)
        return e;
    note(s, LOG_LEVEL_WARNING, mem_format("%s. It is kept as %s", found, aside));
    return database_open(&s->options[which], out, c);
}

/* "e": what came of the opening. */
static enum err replace_damaged(struct store *s, int which, enum err e, struct database **out,
                                bool *damaged, struct cause *c)
{
    *damaged = e == ERR_SYNTAX || e == ERR_UNSUPPORTED;
    if (!*damaged)
        return e;
    struct cause found = *c;
    return replace_one(s, which, out, found.text, c);
}

static enum err open_one(struct store *s, int which, struct database **out, bool *damaged,
                         struct cause *c)
{
    enum err e = database_open(&s->options[which], out, c);

    return replace_damaged(s, which, e, out, damaged, c);
}

/*
 * The copy of a large memory is opened, which is to read it whole, while the main file is: each is
 * another connection. What comes of it is looked at when the main file is open.
 */
struct beside {
    const struct database_options *options;
    bool running;
    uv_thread_t thread;
    struct database *opened;
    enum err result;
    struct cause why;
};
enum { BESIDE_BYTES = 1 << 20 }; /* a smaller one is read sooner than a thread is worth */

static void open_thread(void *arg)
{
    struct beside *b = arg;
    b->result = database_open(b->options, &b->opened, &b->why);
}

static void beside_begin(struct beside *b, const struct database_options *copy)
{
    struct stat st;

    *b = (struct beside){.options = copy};
    b->running = stat(copy->path, &st) == 0 && st.st_size >= BESIDE_BYTES &&
                 uv_thread_create(&b->thread, open_thread, b) == 0;
}

static enum err beside_end(struct beside *b, struct database **out, struct cause *c)
{
    if (b->running) {
        uv_thread_join(&b->thread);
        b->running = false;
    } else {
        open_thread(b);
    }
    *out = b->opened;
    *c = b->why;
    return b->result;
}

static void beside_leave(struct beside *b)
{
    if (b->running)
        uv_thread_join(&b->thread);
    database_close(b->opened);
}

/* The copy never stops the main file: it catches up when it can be written again. */
static void drop_copy(struct store *s, const struct cause *why)
{
    note(s, LOG_LEVEL_WARNING,
         mem_format("The copy of the memory is behind until it can be written: %s", why->text));
    database_close(s->copy);
    s->copy = NULL;
}

/* Which of the two knows more? Brings them level. */
static enum err level(struct store *s, bool damaged, struct cause *c)
{
    int64_t of_main = database_generation(s->main), of_copy = database_generation(s->copy);
    enum err e = OK;

    if (of_copy > of_main) {
        e = database_take_over(s->main, s->copy, true, c);
        s->lost = true;
        if (e == OK)
            note(s, LOG_LEVEL_WARNING,
                 mem_format("Part of the memory in %s was lost: waits and stops were restored from "
                            "its copy, and what is published is asked first.",
                            s->folder));
    } else if (damaged) {
        s->lost = true;
        note(s, LOG_LEVEL_WARNING,
             mem_format("The memory in %s was lost: what is published is asked first.", s->folder));
    }
    struct cause why;
    if (e == OK && of_copy < of_main && database_take_over(s->copy, s->main, false, &why) != OK)
        drop_copy(s, &why);
    return e;
}

/* "found": what showed itself in use although the file opens; NULL when nothing did. */
static enum err open_pair(struct store *s, const char *found, struct cause *c)
{
    bool main_damaged = found != NULL, copy_damaged;
    struct beside copy;

    if (s->reads)
        return database_open(&s->options[0], &s->main, c);
    beside_begin(&copy, &s->options[1]);
    enum err e = found != NULL ? replace_one(s, 0, &s->main, found, c)
                               : open_one(s, 0, &s->main, &main_damaged, c);
    bool alone =
        e == OK && !main_damaged && database_is_new(s->main) && access(s->paths[1], F_OK) != 0;
    if (e != OK || alone) { /* a new folder: the first commit makes the copy, when it is done */
        beside_leave(&copy);
        return e;
    }
    struct cause why;
    enum err of_copy = beside_end(&copy, &s->copy, &why);
    if (replace_damaged(s, 1, of_copy, &s->copy, &copy_damaged, &why) != OK) {
        drop_copy(s, &why);
        if (main_damaged)
            s->lost = true;
        return OK;
    }
    return level(s, main_damaged, c);
}

static void close_pair(struct store *s)
{
    database_close(s->copy);
    database_close(s->main);
    s->main = s->copy = NULL;
}

static void blank_record(void *arg, const struct state_record *r)
{
    struct state_record blank = *r;
    blank.fingerprint[0] = '\0';
    state_batch_record(arg, &blank);
}

static void blank_scope(void *arg, const struct state_scope *r)
{
    struct state_scope blank = *r;
    blank.fingerprint[0] = '\0';
    state_batch_scope(arg, &blank);
}

static enum err write_both(struct store *s, const struct state_batch *const *batches, size_t n,
                           struct cause *c);

/* Fingerprints of another key can not be compared: they become unknown. */
static enum err check_key(struct store *s, struct cause *c)
{
    int64_t made_with = database_key_id(s->main);

    if (made_with == 0 || made_with == s->key_id || s->reads)
        return OK;
    struct state_batch *batch = state_batch_new();
    const struct state_visitor v = {.arg = batch, .record = blank_record, .scope = blank_scope};
    enum err e = database_load(s->main, &v, c);
    if (e == OK)
        e = write_both(s, (const struct state_batch *const[]){batch}, 1, c);
    state_batch_free(batch);
    return e;
}

static void write_copy(struct store *s, const struct state_batch *const *batches, size_t n,
                       msec wall)
{
    struct cause why;
    enum err e;

    if (s->copy == NULL) {
        bool damaged;
        if (open_one(s, 1, &s->copy, &damaged, &why) != OK)
            return;
        e = database_take_over(s->copy, s->main, false, &why);
    } else {
        e = database_commit(s->copy, batches, n, wall, s->key_id, &why);
    }
    if (e != OK)
        drop_copy(s, &why);
}

static enum err write_main(struct store *s, const struct state_batch *const *batches, size_t n,
                           msec wall, struct cause *c)
{
    enum err e = OK;

    if (s->main == NULL) /* it could not be opened again after damage */
        e = open_pair(s, NULL, c);
    if (e == OK)
        e = database_commit(s->main, batches, n, wall, s->key_id, c);
    if (e == ERR_SYNTAX) { /* damaged under us: begin again with what the copy has */
        struct cause found = *c;
        close_pair(s);
        e = open_pair(s, found.text, c);
        if (e == OK)
            e = database_commit(s->main, batches, n, wall, s->key_id, c);
    }
    return e;
}

static enum err write_both(struct store *s, const struct state_batch *const *batches, size_t n,
                           struct cause *c)
{
    msec wall = clock_now().wall;
    enum err e = write_main(s, batches, n, wall, c);

    if (e == OK)
        write_copy(s, batches, n, wall);
    return e;
}

/* Without it no wait is forgotten, only fingerprints, so nobody waits for it. */
static void keep_key(struct store *s)
{
    if (s->new_key < 0)
        return;
    if (fsync(s->new_key) != 0)
        note(s, LOG_LEVEL_WARNING,
             mem_format("The key of fingerprints is not on the disk: %s", strerror(errno)));
    close(s->new_key);
    s->new_key = -1;
}

/* ---- The writer thread ---- */

/* What is written together: the batches of all that waited. */
struct writing {
    const struct state_batch **batches; /* owned, and what it holds */
    size_t count;
    msec wall;
};

static void take_batches(struct work *list, struct writing *out)
{
    out->count = 0;
    out->wall = clock_now().wall;
    for (struct work *w = list; w != NULL; w = w->next)
        out->count++;
    out->batches = mem_array(out->count, sizeof out->batches[0]);
    size_t n = 0;
    for (struct work *w = list; w != NULL; w = w->next) {
        out->batches[n++] = w->batch;
        w->batch = NULL;
    }
}

static void free_batches(struct writing *w)
{
    for (size_t i = 0; i < w->count; i++)
        state_batch_free((struct state_batch *)(uintptr_t)w->batches[i]);
    mem_free(w->batches);
}

static void hand_back(struct store *s, struct work *list, enum err result, const struct cause *why)
{
    for (struct work *w = list; w != NULL; w = w->next) {
        w->result = result;
        w->why = *why;
    }
    uv_mutex_lock(&s->queue);
    *s->done_end = list;
    while (*s->done_end != NULL)
        s->done_end = &(*s->done_end)->next;
    uv_mutex_unlock(&s->queue);
    uv_async_send(&s->async);
}

/*
 * A copy that is not there is made of all that the main file has. That is long work, and the loop's
 * thread is loading what the first request needs: as long as two threads run, each page that it
 * fills in interrupts the other one. So the copy waits until nothing was to be written for a
 * moment, but not for ever; a store that is closed has one.
 */
static bool time_to_begin_copy(struct store *s)
{
    uint64_t now = uv_hrtime(), end = now + BEGIN_COPY_AFTER;

    if (s->begin_copy_by == 0)
        s->begin_copy_by = now + BEGIN_COPY_WITHIN;
    uv_mutex_lock(&s->queue);
    while (s->waiting == NULL && !s->awaited && !s->closing && now < end) {
        uv_cond_timedwait(&s->changed, &s->queue, end - now);
        now = uv_hrtime();
    }
    bool more = s->waiting != NULL;
    uv_mutex_unlock(&s->queue);
    return !more || now >= s->begin_copy_by;
}

/* Who waits for a commit hears of it as soon as the main file has it; the copy follows. */
static void write_list(struct store *s, struct work *list)
{
    struct writing writing;
    struct cause why = {""};

    take_batches(list, &writing);
    uv_mutex_lock(&s->files);
    enum err e = write_main(s, writing.batches, writing.count, writing.wall, &why);
    hand_back(s, list, e, &why);
    bool copy = s->copy != NULL || time_to_begin_copy(s);
    keep_key(s);
    if (e == OK && copy)
        write_copy(s, writing.batches, writing.count, writing.wall);
    uv_mutex_unlock(&s->files);
    free_batches(&writing);
}

static void write_thread(void *arg)
{
    struct store *s = arg;

    uv_mutex_lock(&s->queue);
    for (;;) {
        while (s->waiting == NULL && !s->closing)
            uv_cond_wait(&s->changed, &s->queue);
        struct work *list = s->waiting; /* all that waits is one transaction */
        if (list == NULL)
            break;
        s->waiting = NULL;
        s->waiting_end = &s->waiting;
        s->writing = true;
        uv_mutex_unlock(&s->queue);

        write_list(s, list);

        uv_mutex_lock(&s->queue);
        s->writing = false;
        uv_cond_broadcast(&s->changed);
        if (s->notes != NULL) /* of the copy */
            uv_async_send(&s->async);
    }
    uv_mutex_unlock(&s->queue);
    database_close(s->copy); /* while store_close() closes the other */
    s->copy = NULL;
}

static void tell_trouble(struct store *s, const struct work *w)
{
    bool was = s->trouble.text[0] != '\0';

    if (w->result != OK) {
        s->trouble = w->why;
        if (!was)
            log_error(NULL,
                      "Homing's memory can not be written: %s. Nothing is sent until it can; "
                      "it is tried again.",
                      w->why.text);
    } else if (was) {
        s->trouble.text[0] = '\0';
        log_notice(NULL, "Homing's memory can be written again.");
    }
}

static void deliver(struct store *s)
{
    tell_notes(s);
    uv_mutex_lock(&s->queue);
    struct work *w = s->done;
    s->done = NULL;
    s->done_end = &s->done;
    uv_mutex_unlock(&s->queue);
    while (w != NULL) {
        struct work *next = w->next;
        tell_trouble(s, w);
        if (--s->pending == 0)
            uv_unref((uv_handle_t *)&s->async);
        if (w->fn != NULL)
            w->fn(w->arg, w->result, w->result != OK ? w->why.text : NULL);
        state_batch_free(w->batch);
        mem_free(w);
        w = next;
    }
}

static void on_async(uv_async_t *async)
{
    deliver(async->data);
}

/* ---- The contract of state.h ---- */

static void store_commit(struct state *state, struct state_batch *batch, state_done_fn *fn,
                         void *arg)
{
    struct store *s = (struct store *)state;
    struct work *w = mem_alloc(sizeof *w);

    w->batch = batch;
    w->fn = fn;
    w->arg = arg;
    if (s->pending++ == 0)
        uv_ref((uv_handle_t *)&s->async);
    uv_mutex_lock(&s->queue);
    if (s->closing) { /* from a call that store_close() made: it delivers this one too */
        w->result = cause_set(&w->why, ERR_IO, "homing is stopping");
        *s->done_end = w;
        s->done_end = &w->next;
    } else {
        *s->waiting_end = w;
        s->waiting_end = &w->next;
        uv_cond_broadcast(&s->changed);
    }
    uv_mutex_unlock(&s->queue);
}

/* Waits for what was handed over, and returns with the files held. */
static void settle(struct store *s)
{
    uv_mutex_lock(&s->queue);
    s->awaited = true;
    uv_cond_broadcast(&s->changed);
    while (s->waiting != NULL || s->writing)
        uv_cond_wait(&s->changed, &s->queue);
    s->awaited = false;
    uv_mutex_unlock(&s->queue);
    uv_mutex_lock(&s->files);
}

static enum err store_load(struct state *state, const struct state_visitor *v, struct cause *c)
{
    struct store *s = (struct store *)state;

    settle(s);
    enum err e = s->main != NULL ? database_load(s->main, v, c)
                                 : cause_set(c, ERR_IO, "homing's memory is not open");
    uv_mutex_unlock(&s->files);
    return e;
}

static enum err store_history(struct state *state, const char *entry, msec before, size_t most,
                              void (*fn)(void *arg, const struct state_event *e), void *arg,
                              struct cause *c)
{
    struct store *s = (struct store *)state;

    settle(s);
    enum err e = s->main != NULL ? database_history(s->main, entry, before, most, fn, arg, c)
                                 : cause_set(c, ERR_IO, "homing's memory is not open");
    uv_mutex_unlock(&s->files);
    return e;
}

static const struct state_ops ops = {store_load, store_commit, store_history};

/* ---- Life ---- */

static int64_t id_of_key(const uint8_t key[FOLDER_KEY_SIZE])
{
    uint64_t sum = 14695981039346656037u; /* FNV-1a over the second half: tells keys apart */
    for (int i = FOLDER_KEY_SIZE / 2; i < FOLDER_KEY_SIZE; i++)
        sum = (sum ^ key[i]) * 1099511628211u;
    return sum != 0 ? (int64_t)sum : 1;
}

static void free_store(struct store *s)
{
    close_pair(s);
    if (s->new_key >= 0)
        close(s->new_key);
    if (s->lock >= 0)
        close(s->lock);
    mem_wipe(s->key, sizeof s->key);
    uv_mutex_destroy(&s->files);
    uv_mutex_destroy(&s->queue);
    uv_cond_destroy(&s->changed);
    mem_free(s->paths[0]);
    mem_free(s->paths[1]);
    mem_free(s->folder);
    mem_free(s);
}

static void on_closed(uv_handle_t *handle)
{
    free_store(handle->data);
}

static struct store *make(const struct store_options *o)
{
    struct store *s = mem_alloc(sizeof *s);

    s->state.ops = &ops;
    s->folder = mem_text(o->folder);
    s->reads = o->reads;
    s->lock = s->new_key = -1;
    uv_mutex_init(&s->files);
    uv_mutex_init(&s->queue);
    uv_cond_init(&s->changed);
    s->waiting_end = &s->waiting;
    s->done_end = &s->done;
    s->notes_end = &s->notes;
    for (int i = 0; i < 2; i++) {
        s->paths[i] = mem_format("%s/%s", o->folder, i == 0 ? main_name : copy_name);
        s->options[i] = (struct database_options){
            .path = s->paths[i],
            .history = i == 0,
            .asked_soon = i == 0,
            .sync_full = i == 0 && o->sync == STORE_SYNC_DISK,
            .rows_max = o->history_rows > 0 ? o->history_rows : STORE_HISTORY_ROWS,
            .age_max = o->history_age > 0 ? o->history_age : STORE_HISTORY_AGE,
        };
    }
    return s;
}

enum err store_open(const struct store_options *o, struct store **out, struct cause *c)
{
    struct store *s = make(o);
    enum err e = folder_make(o->folder, c);

    *out = NULL;
    if (e == OK && o->lock < 0)
        e = folder_lock(o->folder, &s->lock, c);
    if (e == OK)
        e = folder_key(o->folder, s->key, &s->new_key, c);
    s->key_id = id_of_key(s->key);
    if (e == OK)
        e = open_pair(s, NULL, c);
    if (e == OK)
        e = check_key(s, c);
    tell_notes(s);
    if (e == OK && (uv_async_init(o->loop, &s->async, on_async) != 0))
        e = cause_set(c, ERR_IO, "no more descriptors for the writer thread");
    if (e != OK) {
        free_store(s);
        return e;
    }
    s->async.data = s;
    uv_unref((uv_handle_t *)&s->async);
    if (uv_thread_create(&s->writer, write_thread, s) != 0) {
        uv_close((uv_handle_t *)&s->async, on_closed);
        return cause_set(c, ERR_IO, "the writer thread can not be started");
    }
    *out = s;
    return OK;
}

void store_close(struct store *s)
{
    if (s == NULL)
        return;
    uv_mutex_lock(&s->queue);
    s->closing = true;
    uv_cond_broadcast(&s->changed);
    uv_mutex_unlock(&s->queue);
    settle(s);
    uv_mutex_unlock(&s->files);
    while (s->pending > 0)
        deliver(s);
    /* The files and the lock go at once; what the loop still knows goes when it turns. */
    database_close(s->main);
    s->main = NULL;
    uv_thread_join(&s->writer);
    keep_key(s);
    tell_notes(s);
    if (s->lock >= 0)
        close(s->lock);
    s->lock = -1;
    uv_close((uv_handle_t *)&s->async, on_closed);
}

struct state *store_state(struct store *s)
{
    return &s->state;
}

bool store_was_lost(const struct store *s)
{
    return s->lost;
}

const uint8_t *store_key(const struct store *s)
{
    return s->key;
}

const char *store_trouble(const struct store *s)
{
    return s->trouble.text[0] != '\0' ? s->trouble.text : NULL;
}
