/*
 * SPDX-License-Identifier: ISC
 */
/* The engine's life, its turn, and what persons ask. */
#include "engine/engine.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "engine/exchanges.h"
#include "engine/inside.h"
#include "engine/readback.h"

/* The one way to tell a machine something */

static msec earlier(msec a, msec b)
{
    return a < b ? a : b;
}

void engine_wake(struct engine *e)
{
    if (e->timer == NULL || e->turn_at <= e->now.mono) /* it is due already */
        return;
    e->turn_at = net_now(e->seams.net).mono;
    e->seams.net->ops->timer_set(e->timer, e->turn_at);
}

void engine_touch(struct account_box *box)
{
    if (box->dirty)
        return;
    struct engine *e = box->site->engine;
    box->dirty = true;
    e->dirty = mem_more(e->dirty, e->dirty_count, sizeof e->dirty[0]);
    e->dirty[e->dirty_count++] = box;
}

static void refresh_ready(struct entry *entry)
{
    bool ready = entry_job(entry) == NULL && (entry->record[V4]->state == RECORD_READY ||
                                              entry->record[V6]->state == RECORD_READY);
    if (ready)
        ready_add(entry);
    else
        ready_remove(entry);
}

void engine_record(struct engine *e, struct entry *entry, enum family f,
                   const struct record_news *news)
{
    if (entry->record[f] == &record_none[f])
        return; /* nobody asks for this family */
    struct due_rules rules = entry_rules(entry);
    struct record_world w = {.schedule = &e->schedule,
                             .rules = &rules,
                             .chance = &e->chance,
                             .now = e->now,
                             .about = entry_name(entry)};

    bool changed = record_event(entry->record[f], news, &w);
    heap_set(&e->heap, &entry->due, earlier(entry->record[V4]->at, entry->record[V6]->at));
    refresh_ready(entry);
    if (changed)
        tell_entry(e, entry);
}

struct account_world engine_account_world(struct engine *e, const char *about)
{
    return (struct account_world){.schedule = &e->schedule,
                                  .chance = &e->chance,
                                  .now = e->now,
                                  .about = about,
                                  .online = e->online};
}

/* There is more room now, or none any more. */
static bool room_matters(enum account_room former, enum account_room now, bool another_state)
{
    return another_state || now > former;
}

static void touch_refused(struct engine *e, const struct account_box *refuser)
{
    for (const struct site *s = refuser->site->refused; s != NULL; s = s->next_of_refuser)
        for (struct account_box *a = s->accounts; a != NULL; a = a->next) {
            engine_touch(a);
            e->walked++;
        }
}

/* When it is looked at again. */
static msec account_due(const struct account_box *box)
{
    msec budget_at = account_budget_at(box);

    return earlier(account_at(&box->account), budget_at != 0 ? budget_at : NEVER);
}

static bool lasting(enum account_event event)
{
    return event != ACCOUNT_LOOK && event != ACCOUNT_SENDING && event != ACCOUNT_RETURNED;
}

void engine_account(struct engine *e, struct account_box *box, const struct account_news *news)
{
    char *about = log_heard(LOG_LEVEL_DEBUG) ? account_key(box) : NULL;
    struct account_world w = engine_account_world(e, about);
    enum account_state former = (enum account_state)box->account.state;
    enum account_room room = account_room(&box->account);
    bool proven = box->account.proven;

    bool changed = account_event(&box->account, news, &w);
    mem_free(about);
    if ((changed || proven != box->account.proven) && lasting(news->event))
        keep_account(e, box);
    heap_set(&e->heap, &box->due, account_due(box));
    engine_touch(box);
    bool another = former != (enum account_state)box->account.state;
    if (room_matters(room, account_room(&box->account), another))
        touch_refused(e, box);
    if (another)
        tell_account(e, box);
}

/* A network event concerns those that are away, and no others. */
static void note_away(struct engine *e, struct endpoint_box *box)
{
    if (box->away == box->endpoint.offline)
        return;
    box->away = box->endpoint.offline;
    if (box->away) {
        box->away_prev = NULL;
        box->away_next = e->away;
        e->away = box;
    } else if (box->away_prev != NULL)
        box->away_prev->away_next = box->away_next;
    else
        e->away = box->away_next;
    if (box->away_next != NULL)
        box->away_next->away_prev = box->away ? box : box->away_prev;
}

void engine_endpoint(struct engine *e, struct endpoint_box *box, const struct endpoint_news *news)
{
    struct account_world w = engine_account_world(e, box->key);
    enum endpoint_state former = (enum endpoint_state)box->endpoint.state;
    enum account_room room = endpoint_room(&box->endpoint);
    unsigned failures = box->endpoint.failures;
    msec end = box->endpoint.wait.end;

    endpoint_event(&box->endpoint, news, &w);
    note_away(e, box);
    heap_set(&e->heap, &box->due, box->endpoint.at);
    if (failures != box->endpoint.failures ||
        (box->endpoint.failures > 0 && end != box->endpoint.wait.end))
        keep_endpoint(e, box);
    bool another = former != (enum endpoint_state)box->endpoint.state;
    if (!room_matters(room, endpoint_room(&box->endpoint), another))
        return;
    for (const struct site *s = box->sites; s != NULL; s = s->next_of_endpoint)
        for (struct account_box *a = s->accounts; a != NULL; a = a->next) {
            engine_touch(a);
            e->walked++;
            if (another && a->ready != NULL)
                tell_account(e, a);
        }
}

struct entry *engine_entry(const struct engine *e, const char *id)
{
    const struct conf_entry *c =
        id != NULL && e->conf != NULL ? conf_entry_by_id(e->conf, id) : NULL;

    return c != NULL ? e->order[conf_entry_number(c)] : NULL;
}

bool engine_may_send(const struct engine *e)
{
    return e->started && e->on && !e->stopping && e->clock_ok && !e->hold &&
           e->now.mono >= e->retry_at;
}

static void touch_accounts(struct engine *e)
{
    for (struct account_box *box = account_first(e); box != NULL; box = account_next(box))
        engine_touch(box);
}

/* The clock */

/* Looks at the wall clock. True when something must look again later. */
static bool look_at_clock(struct engine *e)
{
    msec offset = e->now.wall - e->now.mono, jump = offset - e->offset;
    bool built = clock_believable(&e->now, 0);
    bool believed = built && (e->clock_ever_ok || e->now.wall >= e->floor);

    bool again = false; /* everything is to be stored */

    e->offset = offset;
    if (built && !believed && e->now.mono - e->clock_since >= e->schedule.clock_grace) {
        log_notice(NULL, "the clock is behind what homing remembers; it is believed from now on");
        believed = true;
    }
    if (believed != e->clock_ok) {
        e->clock_ok = believed;
        e->clock_since = e->now.mono;
        log_notice(NULL, believed ? "the clock is believed" : "waiting for the clock");
        /* A clock that is believed for want of a better one tells no better ages than the first. */
        if (believed && !e->clock_ever_ok && e->now.wall >= e->floor)
            keep_load_again(e);
        again = believed;
        e->clock_ever_ok = e->clock_ever_ok || believed;
        touch_accounts(e);
        tell_all(e);
    }
    if (jump > e->schedule.clock_jump || -jump > e->schedule.clock_jump) {
        log_notice(NULL, "the clock was set; waits keep their lengths");
        again = true;
    }
    if (again)
        keep_all(e);
    return !e->clock_ok;
}

/* The turn */

static void look(struct engine *e, struct heap_item *item)
{
    struct record_news record = {.event = RECORD_LOOK};
    struct account_news account = {.event = ACCOUNT_LOOK};
    struct endpoint_news endpoint = {.event = ENDPOINT_LOOK};

    switch ((enum heap_kind)item->kind) {
    case DUE_ENTRY:
        engine_record(e, (struct entry *)item, V4, &record);
        engine_record(e, (struct entry *)item, V6, &record);
        break;
    case DUE_ACCOUNT:
        if (((struct account_box *)item)->dealings != NULL)
            ((struct account_box *)item)->dealings->budget_at = 0;
        engine_account(e, (struct account_box *)item, &account);
        break;
    case DUE_ENDPOINT:
        engine_endpoint(e, (struct endpoint_box *)item, &endpoint);
        break;
    case DUE_SOURCE:
        follow_settled(e, (struct source_box *)item);
        break;
    }
}

/* A fleet is handed over in pieces, so that its first requests do not wait until the attempts of
 * all are committed. */
enum { HANDED_MOST = 1000 };

static void pump(struct engine *e)
{
    e->handed = 0;
    while (e->dirty_at < e->dirty_count && e->handed < HANDED_MOST) {
        struct account_box *box = e->dirty[e->dirty_at++];
        box->dirty = false;
        pump_account(e, box);
        heap_set(&e->heap, &box->due, account_due(box));
    }
    if (e->dirty_at == e->dirty_count)
        e->dirty_at = e->dirty_count = 0;
}

/*
 * Attempts are committed at once, since requests wait for them. Outcomes gather while other jobs
 * are under way: each commit waits for the disk, and an outcome that a crash swallows costs a look.
 * When most of a pass is done, that is written while the rest is under way, not after it.
 */
enum { GATHER = 100, GATHERED_MANY = 200, GATHERED_SHARE = 4 };

static bool most_is_done(const struct engine *e)
{
    return e->gathered >= GATHERED_MANY && e->gathered >= GATHERED_SHARE * e->under_way &&
           e->commits == NULL;
}

static msec commit(struct engine *e)
{
    bool waits = e->jobs != NULL && e->next_commit == NULL && !e->stopping && !most_is_done(e);

    if (waits && !state_batch_empty(e->batch)) {
        if (e->gather_end == 0)
            e->gather_end = e->now.mono + GATHER;
        if (e->now.mono < e->gather_end)
            return e->gather_end;
    }
    e->gather_end = 0;
    keep_commit(e);
    return NEVER;
}

static void stop_look(struct engine *e)
{
    if (!e->stopping || e->stop_done == NULL || e->jobs != NULL || e->commits != NULL)
        return;
    void (*done)(void *arg) = e->stop_done;
    e->stop_done = NULL;
    done(e->stop_arg);
}

/* A fleet that was loaded or sent leaves twice the memory that it needs at rest. */
static void rest(struct engine *e)
{
    enum { FLEET = 2000 };

    if (e->burst < FLEET || e->once != NULL || e->jobs != NULL || e->commits != NULL ||
        e->dirty_count > 0 || !state_batch_empty(e->batch))
        return;
    e->burst = 0;
    mem_free(e->dirty);
    e->dirty = NULL;
    heap_fit(&e->heap);
    mem_trim();
}

/* The accounts that a failing state held back. */
static void retry(struct engine *e)
{
    if (e->retry_at == 0 || e->now.mono < e->retry_at)
        return;
    e->retry_at = 0;
    touch_accounts(e);
}

/* A turn that comes long after its time: the machine is overloaded, or something blocked. */
static void note_late(struct engine *e)
{
    enum { LATE_LEAST = 2 * SECOND };
    msec late = e->turn_at != NEVER ? e->now.mono - e->turn_at : 0;

    if (e->now.wall - e->late_at > HOUR)
        e->late = 0;
    if (late < LATE_LEAST || late < e->late)
        return;
    e->late = late;
    e->late_at = e->now.wall;
}

msec engine_late(const struct engine *e, msec *at)
{
    *at = e->late_at;
    return net_now(e->seams.net).wall - e->late_at > HOUR ? 0 : e->late;
}

static void turn(void *arg)
{
    struct engine *e = arg;
    struct heap_item *item;
    msec next = NEVER;

    e->now = net_now(e->seams.net);
    note_late(e);
    if (look_at_clock(e))
        next = e->now.mono + e->schedule.clock_look;
    while ((item = heap_take(&e->heap, e->now.mono)) != NULL)
        look(e, item);
    retry(e);
    once_look(e);
    pump(e);
    uplinks_keep(e->uplinks, e->batch);
    next = earlier(next, commit(e));
    next = earlier(next, heap_next(&e->heap));
    next = earlier(next, e->retry_at != 0 ? e->retry_at : NEVER);
    next = e->dirty_count > 0 || next < e->now.mono ? e->now.mono : next;
    e->seams.net->ops->timer_set(e->timer, next);
    e->turn_at = next;
    tell_flush(e);
    rest(e);
    stop_look(e);
}

/* Life */

static void random_bytes(void *arg, void *bytes, size_t n)
{
    struct net *net = arg;
    net->ops->random(net, bytes, n);
}

/* define=uplink:NAME */
static bool find_uplink(void *arg, const char *name, struct view *out)
{
    const struct engine *e = arg;

    for (size_t i = 0; e->conf != NULL && i < conf_object_count(e->conf); i++) {
        if (text_equal(conf_object_kind(e->conf, i), "uplink") &&
            text_equal(conf_object_name(e->conf, i), name)) {
            *out = conf_object_view(e->conf, i);
            return true;
        }
    }
    return false;
}

struct engine *engine_new(const struct engine_seams *seams, const struct engine_options *options)
{
    struct engine *e = mem_alloc(sizeof *e);

    e->seams = *seams;
    e->options = *options;
    e->schedule = options->schedule != NULL ? *options->schedule : schedule_default;
    e->chance = (struct chance){random_bytes, seams->net};
    e->sets = sets_new();
    pool_init(&e->entries, sizeof(struct entry));
    pool_init(&e->errands, sizeof(struct errand));
    pool_init(&e->records, sizeof(struct record));
    pool_init(&e->account_boxes, sizeof(struct account_box));
    e->refusers = map_new();
    e->endpoints = map_new();
    e->tallies = map_new();
    e->exchanges = options->exchanges ? exchanges_new() : NULL;
    e->batch = state_batch_new();
    e->timer = seams->net->ops->timer_new(seams->net, turn, e);
    e->turn_at = NEVER;
    e->now = net_now(seams->net);
    e->offset = e->now.wall - e->now.mono;
    e->on = true;
    e->clock_since = e->now.mono;
    e->online = LONG_AGO;
    e->uplinks = uplinks_new(seams->sense, seams->net, find_uplink, e);
    e->seams.sense = uplinks_sense(e->uplinks);
    e->seams.net = uplinks_net(e->uplinks);
    e->seams.sense->fn = follow_sensed;
    e->seams.sense->fn_arg = e;
    return e;
}

void engine_free(struct engine *e)
{
    if (e == NULL)
        return;
    e->seams.sense->fn = NULL;
    once_abandon(e);
    plan_abandon(e);
    readback_abandon(e);
    leave_abandon(e);
    while (e->jobs != NULL) {
        struct engine_job *job = e->jobs;
        e->jobs = job->next;
        if (job->run != NULL)
            run_job_abandon(job->run);
        work_free(job);
    }
    keep_abandon(e);
    tell_abandon(e);
    load_forget_all(e);
    map_free(e->tallies, mem_free);
    exchanges_free(e->exchanges);
    heap_free(&e->heap);
    sets_free(e->sets);
    e->seams.net->ops->timer_free(e->timer);
    uplinks_free(e->uplinks);
    mem_wipe(e->options.key, sizeof e->options.key);
    mem_free(e->conf_trouble);
    mem_free(e->dirty);
    mem_free(e);
}

struct net *engine_net(const struct engine *e)
{
    return e->seams.net;
}

struct conf *engine_conf(const struct engine *e)
{
    return e->conf;
}

void engine_start(struct engine *e)
{
    e->started = true;
    touch_accounts(e);
    engine_wake(e);
}

void engine_switch(struct engine *e, bool on)
{
    e->on = on;
    touch_accounts(e);
    tell_all(e);
}

void engine_conf_refused(struct engine *e, const char *why)
{
    if (text_equal(e->conf_trouble, why))
        return;
    mem_free(e->conf_trouble);
    e->conf_trouble = why != NULL ? mem_text(why) : NULL;
    tell_all(e);
}

bool engine_is_on(const struct engine *e)
{
    return e->on;
}

void engine_stop(struct engine *e, void (*done)(void *arg), void *arg)
{
    e->now = net_now(e->seams.net);
    e->stopping = true;
    e->stop_done = done;
    e->stop_arg = arg;
    for (struct engine_job *job = e->jobs; job != NULL; job = job->next)
        if (job->run != NULL)
            run_job_cancel(job->run);
    touch_accounts(e);
    engine_wake(e);
}

void engine_drop(struct engine *e)
{
    e->now = net_now(e->seams.net);
    e->stopping = true;
    e->stop_done = NULL;
    keep_commit(e);
}

/* Persons */

static void ask(struct engine *e, struct entry *entry, bool one, bool force)
{
    struct record_news record = {.event = force ? RECORD_FORCED : RECORD_ASKED, .counts = one};
    struct account_news account = {.event = force ? ACCOUNT_CLEARED : ACCOUNT_ASKED};
    struct endpoint_news endpoint = {.event = force ? ENDPOINT_FORCED : ENDPOINT_ASKED};

    if (entry->account == NULL)
        return;
    entry->person = true;
    if (e->retry_at > e->now.mono) /* perhaps there is room to remember it again */
        e->retry_at = e->now.mono;
    engine_account(e, entry->account, &account);
    engine_account(e, entry->account->site->refuser, &account);
    engine_endpoint(e, entry->account->site->endpoint, &endpoint);
    for (int f = 0; f < FAMILIES; f++)
        engine_record(e, entry, (enum family)f, &record);
}

static void ask_sources(struct engine *e, struct source_box *const *boxes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (boxes[i] != NULL && (i == 0 || boxes[i] != boxes[i - 1]))
            e->seams.sense->ops->refresh(e->seams.sense, boxes[i]->source);
}

static enum err may_ask(const struct entry *entry, bool force, struct cause *c)
{
    static const char *const bars[] = {
        [BAR_PAUSED] = "is paused: enable it first",
        [BAR_WATCH] = "is only watched: homing does not write it",
        [BAR_PARKED] = "stands in a statement with an error: homing check shows it",
        [BAR_NO_PROVIDER] = "names a provider or protocol that homing does not know",
        [BAR_CLOSED] = "is at a service that has closed",
        [BAR_NO_DIALOGUE] = "is at a provider that homing can not speak to",
    };
    if (entry->bar != BAR_NONE)
        return cause_set(c, ERR_DENIED, "%s %s", entry_name(entry), bars[entry->bar]);
    const struct account *a = &entry->account->account;
    const char *say = account_trouble(a)->say;
    if (a->state == ACCOUNT_BLOCKED && !force)
        return cause_set(c, ERR_DENIED,
                         "%s: the provider has blocked updates (%s). Have the block lifted there, "
                         "then resume",
                         entry_name(entry), say != NULL ? say : "abuse");
    return OK;
}

enum err engine_update(struct engine *e, const char *id, bool force, struct cause *c)
{
    struct entry *entry = NULL;

    e->now = net_now(e->seams.net);
    if (id != NULL) {
        entry = engine_entry(e, id);
        if (entry == NULL)
            return cause_set(c, ERR_NOT_FOUND, "there is no hostname \"%s\" here", id);
        enum err result = may_ask(entry, force, c);
        if (result != OK)
            return result;
        ask(e, entry, true, force);
        ask_sources(e, entry->rules->source, FAMILIES);
    } else {
        for (size_t i = 0; i < e->entry_count; i++)
            if (e->order[i]->bar == BAR_NONE)
                ask(e, e->order[i], false, force);
        ask_sources(e, e->sources, e->source_count);
    }
    engine_wake(e);
    return OK;
}

enum err engine_resume(struct engine *e, const char *id, struct cause *c)
{
    struct entry *entry = engine_entry(e, id);
    struct account_news cleared = {.event = ACCOUNT_CLEARED};

    e->now = net_now(e->seams.net);
    if (entry == NULL)
        return cause_set(c, ERR_NOT_FOUND, "there is no hostname \"%s\" here", id);
    enum err result = may_ask(entry, true, c);
    if (result != OK)
        return result;
    engine_account(e, entry->account, &cleared);
    ask(e, entry, false, false);
    engine_wake(e);
    return OK;
}

void engine_answered(struct engine *e, const char *id, enum family family,
                     const struct addrset *asked, bool there)
{
    struct entry *entry = engine_entry(e, id);

    if (entry == NULL || !entry->record[family]->doubt)
        return;
    e->now = net_now(e->seams.net);
    struct record *r = entry->record[family];
    const struct set *set = set_get(e->sets, asked);
    if (set == r->wanted) {
        const struct set *former = set_keep(r->published);
        struct record_news news = {.event = RECORD_ANSWERED,
                                   .cls = OUTCOME_NOCHG,
                                   .say = "the DNS says so already",
                                   .set = there ? set : NULL};
        bool settings = r->settings;
        engine_record(e, entry, family, &news);
        if (there && !settings) {
            entry->record[family]->content = entry->rules->content;
            tell_outcome(e, entry, family, OUTCOME_NOCHG, news.say,
                         former != NULL ? set_addresses(former) : NULL);
        }
        keep_record(e, entry, family);
        set_drop(former);
    }
    set_drop(set);
    engine_wake(e);
}

void engine_verified(struct engine *e, const char *id, enum family family,
                     const struct engine_verified *found, bool heal)
{
    struct entry *entry = engine_entry(e, id);
    struct record_news differs = {.event = RECORD_DIFFERS};

    if (entry == NULL)
        return;
    e->now = net_now(e->seams.net);
    if (entry->verified == NULL)
        entry->verified = mem_array(FAMILIES, sizeof entry->verified[0]);
    if (entry->verified[family].state != found->state)
        tell_event(e, entry, (int)family, "verified", NULL, NULL,
                   found->state == VERIFIED_AGREES    ? "agrees"
                   : found->state == VERIFIED_DIFFERS ? "differs"
                                                      : "unknown",
                   NULL);
    char *served = found->served != NULL ? mem_text(found->served) : NULL;
    mem_free(entry->verified[family].served);
    entry->verified[family] = *found;
    entry->verified[family].served = served;
    tell_entry(e, entry);
    if (heal)
        engine_record(e, entry, family, &differs);
    engine_wake(e);
}
