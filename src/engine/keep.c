/*
 * SPDX-License-Identifier: ISC
 */
/* Between memory and state: what is loaded at start, what goes with the next commit. */
#include "engine/inside.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "publish/tsig.h"

#include <stdlib.h>
#include <string.h>

/* The second half of an account's fingerprint holds what else must be known about it. */
enum { ACCOUNT_PROVEN = 1, ACCOUNT_PROBE = 2 };

/* Two fingerprints as the 32 digits that the state has room for. */
static void write_prints(char out[33], uint64_t first, uint64_t second)
{
    for (int i = 15; i >= 0; i--, first >>= 4, second >>= 4) {
        out[i] = "0123456789abcdef"[first & 15];
        out[16 + i] = "0123456789abcdef"[second & 15];
    }
    out[32] = '\0';
}

/* Sixteen of them; what is none counts as 0. */
static uint64_t read_digits(const char *text)
{
    uint64_t print = 0;

    for (int i = 0; i < 16; i++) {
        char d = text[i];
        bool letter = d >= 'a' && d <= 'f';
        print = print << 4 | (uint64_t)(letter ? d - 'a' + 10 : text_is_digit(d) ? d - '0' : 0);
    }
    return print;
}

static bool read_prints(const char *text, uint64_t *first, uint64_t *second)
{
    if (strlen(text) != 32)
        return false;
    *first = read_digits(text);
    *second = read_digits(text + 16);
    return true;
}

/*
 * Into the batch. While the clock is not believed nothing that holds a time is stored: it would
 * tell wrong ages later. When the clock is believed (again), everything is.
 */

void keep_record(struct engine *e, struct entry *entry, enum family f)
{
    const struct record *r = entry->record[f];
    const struct wait *wait = &record_trouble(r)->wait;
    char *made;
    struct state_record s = {
        .family = f,
        .published_known = r->published != NULL,
        .published_at = stamp_to_wall(r->published_at, &e->now),
        .changed_at = stamp_to_wall(r->changed_at, &e->now),
        .attempt_at = stamp_to_wall(r->attempt_at, &e->now),
        .attempt_open = r->open,
        .last = (enum outcome_class)r->last,
        .say = record_trouble(r)->say,
        .failures = r->failures,
        .wait_end = wait_end_wall(wait, &e->now),
        .wait_length = wait_over(wait, &e->now) ? 0 : wait->length,
        .stopped = r->stopped,
    };

    if (entry_job(entry) != NULL)
        attempts_changed(entry_job(entry));
    if (!e->clock_ok)
        return;
    if (r->published != NULL)
        s.published = *set_addresses(r->published);
    if (r->tried != NULL)
        s.tried = *set_addresses(r->tried);
    write_prints(s.fingerprint, entry->record[f]->content, entry->settings);
    s.entry = entry_id(entry, &made);
    state_batch_record(e->batch, &s);
    mem_free(made);
    e->gathered++;
}

void keep_attempt(struct entry *entry, enum family f, struct state_attempt *out)
{
    const struct record *r = entry->record[f];
    char *made;

    out->entry = entry_id(entry, &made);
    out->family = f;
    if (r->tried != NULL)
        out->tried = *set_addresses(r->tried);
    write_prints(out->fingerprint, r->content, entry->settings);
}

void keep_secrets(struct engine *e, struct entry *entry)
{
    struct state_scope s = {.kind = "secrets"};
    char *id;

    if (!e->clock_ok)
        return;
    write_prints(s.fingerprint, entry_loading(e, entry)->secrets, entry->secrets_at);
    s.key = id = entry_make_id(entry);
    state_batch_scope(e->batch, &s);
    mem_free(id);
}

void keep_account(struct engine *e, struct account_box *box)
{
    const struct account *a = &box->account;
    const struct account_trouble *t = account_trouble(a);
    char *key;
    struct state_scope s = {
        .kind = account_kind(box),
        .last = (enum outcome_class)a->last,
        .say = t->say,
        .failures = t->failures,
        .wait_end = wait_end_wall(&t->wait, &e->now),
        .wait_length = wait_over(&t->wait, &e->now) ? 0 : t->wait.length,
        .stopped = a->stopped,
        .stopped_hard = a->hard,
    };

    if (!e->clock_ok)
        return;
    write_prints(s.fingerprint, box->settings,
                 (a->proven ? ACCOUNT_PROVEN : 0) | (a->probe ? ACCOUNT_PROBE : 0));
    s.key = key = account_key(box);
    state_batch_scope(e->batch, &s);
    mem_free(key);
}

void keep_endpoint(struct engine *e, struct endpoint_box *box)
{
    const struct endpoint *p = &box->endpoint;
    struct state_scope s = {
        .kind = "endpoint",
        .key = box->key,
        .last = (enum outcome_class)p->last,
        .say = p->say,
        .failures = p->failures,
        .wait_end = wait_end_wall(&p->wait, &e->now),
        .wait_length = wait_over(&p->wait, &e->now) ? 0 : p->wait.length,
    };

    if (!e->clock_ok)
        return;
    state_batch_scope(e->batch, &s);
}

void keep_budgets(struct engine *e, struct account_box *box)
{
    struct budget_box *b;
    for (size_t i = 0; e->clock_ok && (b = account_budget(box, i)) != NULL; i++) {
        if (b->budget.per < e->schedule.budget_kept)
            continue;
        struct state_bucket k = {
            .key = b->key, .level = budget_left(&b->budget, true, e->now.mono), .at = e->now.wall};
        state_batch_bucket(e->batch, &k);
    }
}

/* Every wait and stamp again: their wall times are others now. */
void keep_all(struct engine *e)
{
    size_t at = 0;
    void *value;

    attempts_write_all(e);
    for (size_t i = 0; i < e->entry_count; i++)
        for (int f = 0; f < FAMILIES; f++)
            if (e->order[i]->record[f]->attempt_at != LONG_AGO ||
                e->order[i]->record[f]->published_at != LONG_AGO)
                keep_record(e, e->order[i], (enum family)f);
    for (struct account_box *box = account_first(e); box != NULL; box = account_next(box)) {
        keep_account(e, box);
        keep_budgets(e, box);
    }
    while (map_next(e->endpoints, &at, NULL, &value))
        keep_endpoint(e, value);
}

/* Commits */

static void committed(void *arg, enum err result, const char *why)
{
    struct engine_commit *c = arg;
    struct engine *e = c->engine;
    bool stored = result == OK;

    if (e == NULL) {
        mem_free(c);
        return;
    }
    e->now = net_now(e->seams.net);
    *(stored ? &e->commits_stored : &e->commits_failed) += 1;
    if (stored != (e->trouble == NULL)) {
        mem_free(e->trouble);
        e->trouble = stored ? NULL : mem_text(why != NULL ? why : err_name(result));
        if (stored) {
            log_notice(NULL, "what homing does is remembered again");
            keep_all(e); /* what the failed ones held */
        } else
            log_error(NULL, "what homing does can not be remembered: %s; nothing is sent meanwhile",
                      e->trouble);
        tell_all(e);
    }
    if (!stored)
        e->retry_at = e->now.mono + e->schedule.offline;
    for (struct engine_job *job = c->jobs, *next; job != NULL; job = next) {
        next = job->next_of_commit;
        e->walked++;
        job->commit = NULL;
        job->box->dealings->committing--;
        if (stored && !e->stopping && !job->stale)
            pump_queue(job);
        else
            work_return(job, OUTCOME_NONE, NULL);
    }
    if (c->prev != NULL)
        c->prev->next = c->next;
    else
        e->commits = c->next;
    if (c->next != NULL)
        c->next->prev = c->prev;
    mem_free(c);
    engine_wake(e);
    once_hurry(e);
}

static struct engine_commit *next_commit(struct engine *e)
{
    if (e->next_commit == NULL) {
        e->next_commit = mem_alloc(sizeof *e->next_commit);
        e->next_commit->engine = e;
    }
    return e->next_commit;
}

void keep_job(struct engine_job *job)
{
    struct engine_commit *c = next_commit(job->engine);

    job->commit = c;
    c->kinds |= 1u << job->box->site->protocol->kind;
    if (c->last_job != NULL)
        c->last_job->next_of_commit = job;
    else
        c->jobs = job;
    c->last_job = job;
}

/* What the first request of a kind needs is loaded while the commit that it waits for is written.
 */
static void prepare(struct engine *e, unsigned kinds)
{
    if ((kinds & 1u << REQUEST_HTTP) != 0 && e->seams.net->ops->prepare != NULL)
        e->seams.net->ops->prepare(e->seams.net);
    if ((kinds & 1u << REQUEST_DNS) != 0)
        tsig_prepare();
}

void keep_commit(struct engine *e)
{
    struct engine_commit *c;

    attempts_write(e);
    struct state_batch *batch = e->batch;
    if (state_batch_empty(batch) && e->next_commit == NULL)
        return;
    c = next_commit(e);
    e->next_commit = NULL;
    c->next = e->commits;
    if (c->next != NULL)
        c->next->prev = c;
    e->commits = c;
    e->batch = state_batch_new();
    e->gathered = 0;
    unsigned kinds = c->kinds; /* it may be over when the call returns */
    log_flush();               /* nothing is remembered before it is told */
    e->seams.state->ops->commit(e->seams.state, batch, committed, c);
    prepare(e, kinds);
}

void keep_abandon(struct engine *e)
{
    for (struct engine_commit *c = e->commits; c != NULL; c = c->next)
        c->engine = NULL;
    e->commits = NULL;
    mem_free(e->next_commit);
    e->next_commit = NULL;
    attempts_abandon(e);
    state_batch_free(e->batch);
    e->batch = NULL;
    mem_free(e->trouble);
    e->trouble = NULL;
}

/* Loading */

struct load {
    struct engine *engine;
    /* Where to look first: a memory is in the order of names, and many a file is, too. */
    size_t entry;
};

static struct entry *find_entry(struct load *l, const char *id)
{
    struct engine *e = l->engine;

    for (size_t i = l->entry; i < e->entry_count && i <= l->entry + 1; i++)
        if (conf_entry_is(e->order[i]->conf, id))
            return e->order[l->entry = i];
    struct entry *entry = engine_entry(e, id);
    if (entry != NULL)
        l->entry = conf_entry_number(entry->conf);
    return entry;
}

static void take_stamps(struct record *r, const struct state_record *s, const struct engine *e)
{
    r->published_at = stamp_from_wall(s->published_at, &e->now);
    r->changed_at = stamp_from_wall(s->changed_at, &e->now);
    r->attempt_at = stamp_from_wall(s->attempt_at, &e->now);
}

static void load_stamps(void *arg, const struct state_record *s)
{
    struct load *l = arg;
    struct entry *entry = find_entry(l, s->entry);

    if (entry != NULL && (unsigned)s->family < FAMILIES &&
        entry->record[s->family] != &record_none[s->family])
        take_stamps(entry->record[s->family], s, l->engine);
}

static void load_record(void *arg, const struct state_record *s)
{
    struct load *l = arg;
    struct engine *e = l->engine;
    struct entry *entry = find_entry(l, s->entry);
    uint64_t content = 0, settings = 0;

    if (entry == NULL || !entry->fresh || (unsigned)s->family >= FAMILIES)
        return;
    struct record *r = entry_own_record(e, entry, s->family);
    take_stamps(r, s, e);
    const struct set *set = s->published_known ? set_get(e->sets, &s->published) : NULL;
    set_assign(&r->published, set);
    set_drop(set);
    if (s->attempt_at != 0) {
        set = set_get(e->sets, &s->tried);
        set_assign(&r->tried, set);
        set_drop(set);
    }
    r->last = (uint8_t)s->last;
    r->failures = (uint16_t)(s->failures < UINT16_MAX ? s->failures : UINT16_MAX);
    r->failed = s->failures > 0;
    struct wait wait = wait_from_wall(s->wait_end, s->wait_length, &e->now);
    r->stopped = s->stopped;
    record_remember(r, &wait, r->stopped ? r->tried : NULL, s->say);
    r->open = s->attempt_open;
    if (read_prints(s->fingerprint, &content, &settings)) {
        r->content = content;
        entry_loading(e, entry)->known[s->family] = settings;
    } else {
        r->content = entry->rules->content; /* unknown, not different */
        entry_loading(e, entry)->known[s->family] = entry->settings;
    }
    r->settings = r->content != 0 && r->content != entry->rules->content;
    entry_loading(e, entry)->stored[s->family] = true;
}

static void load_secrets(struct load *l, const struct state_scope *s)
{
    struct engine *e = l->engine;
    struct entry *entry = find_entry(l, s->key);
    uint64_t secrets = 0, at = 0;

    if (entry == NULL || !entry->fresh || !read_prints(s->fingerprint, &secrets, &at) ||
        secrets != entry_loading(e, entry)->secrets)
        return;
    entry->secrets_at = (uint32_t)at;
    entry->entered = false;
}

static void load_scope(void *arg, const struct state_scope *s)
{
    struct load *l = arg;
    struct engine *e = l->engine;
    uint64_t settings = 0, flags = 0;

    if (text_equal(s->kind, "secrets")) {
        load_secrets(l, s);
        return;
    }
    if (text_equal(s->kind, "endpoint")) {
        struct endpoint_box *box = map_get(e->endpoints, s->key);
        if (box == NULL || !box->fresh)
            return;
        box->endpoint.last = (uint8_t)s->last;
        box->endpoint.failures = (uint16_t)s->failures;
        box->endpoint.wait = wait_from_wall(s->wait_end, s->wait_length, &e->now);
        mem_free(box->endpoint.say);
        box->endpoint.say = mem_text(s->say);
        return;
    }
    struct account_box *box =
        map_get(text_equal(s->kind, "provider") ? e->refusers : e->accounts, s->key);
    if (box == NULL || !box->fresh)
        return;
    struct account *a = &box->account;
    a->last = (uint8_t)s->last;
    a->stopped = s->stopped;
    a->hard = s->stopped_hard;
    a->probe = s->stopped || s->stopped_hard;
    const struct wait wait = wait_from_wall(s->wait_end, s->wait_length, &e->now);
    account_remember(a, &wait, (unsigned)s->failures, s->say);
    if (read_prints(s->fingerprint, &settings, &flags)) {
        a->proven = (flags & ACCOUNT_PROVEN) != 0;
        a->probe = a->probe || (flags & ACCOUNT_PROBE) != 0;
        box->changed = settings != box->settings;
    }
}

/* The keys begin with the account's; see add_budgets(). */
static void load_bucket(void *arg, const struct state_bucket *s)
{
    struct engine *e = ((struct load *)arg)->engine;
    const char *scope = strrchr(s->key, '|');
    const char *number = scope != NULL ? memrchr(s->key, '|', (size_t)(scope - s->key)) : NULL;

    if (number == NULL)
        return;
    char *key = mem_text_n(s->key, (size_t)(number - s->key));
    struct account_box *const boxes[] = {map_get(e->accounts, key), map_get(e->refusers, key)};
    for (size_t b = 0; b < 2; b++)
        for (size_t i = 0;
             boxes[b] != NULL && boxes[b]->fresh && i < account_budget_count(boxes[b]); i++)
            if (text_equal(boxes[b]->dealings->budgets[i].key, s->key))
                budget_restore(&boxes[b]->dealings->budgets[i].budget, s->level,
                               stamp_from_wall(s->at, &e->now), e->now.mono);
    mem_free(key);
}

static void load_memory(void *arg, const char *account, const struct memory_item *item)
{
    struct engine *e = ((struct load *)arg)->engine;
    struct account_box *box = map_get(e->accounts, account);

    if (text_equal(account, uplinks_account))
        uplinks_remember(e->uplinks, item->key, item->value);
    if (box != NULL && box->fresh) {
        struct memory *memory = account_dealings(box)->memory;
        memory_put(memory, item->key, item->value, item->expires, item->secret);
        memory_take_changed(memory);
    }
}

static void load_floor(void *arg, msec wall)
{
    struct engine *e = ((struct load *)arg)->engine;
    if (wall > e->floor)
        e->floor = wall;
}

enum err keep_load(struct engine *e, bool ages, struct cause *c)
{
    struct load l = {.engine = e};
    struct state_visitor v = {.arg = &l,
                              .record = load_record,
                              .scope = load_scope,
                              .bucket = load_bucket,
                              .memory = load_memory};

    /*
     * When the clock is believed for the first time, ages are read again, so that max-interval is
     * kept by machines that start in the year 1970. Waits are not: they have begun, and ended early
     * they would break a promise.
     */
    if (ages)
        v = (struct state_visitor){.arg = &l, .record = load_stamps};
    else if (!e->loaded_from_state)
        v.clock_floor = load_floor;
    e->loaded_from_state = true;
    return e->seams.state->ops->load(e->seams.state, &v, c);
}

/* The clock is believed for the first time: what was read by a wrong one has another age. */
void keep_load_again(struct engine *e)
{
    struct record_news look = {.event = RECORD_LOOK};
    struct cause cause;

    keep_commit(e);
    if (keep_load(e, true, &cause) != OK)
        log_warning(NULL, "%s", cause.text);
    for (size_t i = 0; i < e->entry_count; i++)
        for (int f = 0; f < FAMILIES; f++)
            engine_record(e, e->order[i], (enum family)f, &look);
}
