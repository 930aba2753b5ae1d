/*
 * SPDX-License-Identifier: ISC
 */
/* Running a job, and what its outcomes mean for record, account and endpoint. */
#include "engine/exchanges.h"
#include "engine/inside.h"

#include "base/log.h"
#include "base/mem.h"

#include <stdio.h>

static void account_says(struct engine_job *job, enum account_event event, const struct outcome *o)
{
    struct account_news news = {.event = event, .started = job->started, .cls = OUTCOME_GOOD};

    if (o != NULL) {
        news.cls = o->cls;
        news.word = o->wait;
        news.say = o->say;
    }
    bool provider = o != NULL && outcome_rule(o->cls)->scope == SCOPE_PROVIDER;
    engine_account(job->engine, provider ? job->box->site->refuser : job->box, &news);
    job->any = true;
}

static void endpoint_says(struct engine_job *job, enum endpoint_event event,
                          const struct outcome *o)
{
    struct endpoint_news news = {.event = event, .started = job->started, .cls = OUTCOME_GOOD};

    if (o != NULL) {
        news.cls = o->cls;
        news.word = o->wait;
        news.say = o->say;
    }
    /* A job tells an endpoint's trouble once, however many records it carried. */
    if (event != ENDPOINT_GOOD && job->endpoint_told)
        return;
    job->endpoint_told = true;
    engine_endpoint(job->engine, job->endpoint, &news);
}

/* One record. */

static void record_good(struct engine_job *job, struct entry *entry, enum family f,
                        const struct outcome *o, const struct addrset *sent)
{
    struct engine *e = job->engine;
    struct record *r = entry->record[f];
    const struct set *former = set_keep(r->published);
    struct record_news news = {.event = RECORD_GOOD, .cls = o->cls, .say = o->say};

    bool odd_set = o->set_known && !addrset_subset(sent, &o->sets[f]);
    measure_outcome(job->box, odd_set ? OUTCOME_UNKNOWN : o->cls);
    if (odd_set) {
        /* It says good and shows something else: what it shows is believed. */
        struct record_news odd = {.event = RECORD_TROUBLE,
                                  .cls = OUTCOME_UNKNOWN,
                                  .say = "the provider took it, and shows another address"};
        engine_record(e, entry, f, &odd);
        keep_record(e, entry, f);
        tell_outcome(e, entry, f, OUTCOME_UNKNOWN, odd.say,
                     former != NULL ? set_addresses(former) : NULL);
        set_drop(former);
        return;
    }
    news.set = set_get(e->sets, sent);
    engine_record(e, entry, f, &news);
    set_drop(news.set);
    if (!r->settings)
        entry->record[f]->content = entry->rules->content;
    keep_record(e, entry, f);
    const struct addrset *before = former != NULL ? set_addresses(former) : NULL;
    tell_outcome(e, entry, f, o->cls, o->say, before);
    if (former != r->published)
        tell_hook(e, entry, f, before, o->cls);
    if (entry_removal(entry) != NULL)
        removal_look(entry_removal(entry), f, o->cls, o->say);
    set_drop(former);
}

static void record_failed(struct engine_job *job, struct entry *entry, enum family f,
                          const struct outcome *o, enum record_event event, enum outcome_class cls)
{
    struct engine *e = job->engine;
    const struct record *r = entry->record[f];
    bool open = cls == OUTCOME_SERVER || cls == OUTCOME_UNKNOWN || cls == OUTCOME_OFFLINE;
    bool maybe = open && run_job_wrote(job->run);
    struct record_news news = {.event = event,
                               .cls = cls,
                               .say = o->say,
                               .word = event == RECORD_TROUBLE ? o->wait : 0,
                               .counts = maybe};

    bool told = outcome_rule(cls)->duty == DUTY_OFFLINE && r->last == cls;
    measure_outcome(job->box, cls);
    engine_record(e, entry, f, &news);
    if ((maybe || (event == RECORD_TROUBLE && open)) && load_asks_first(e, entry)) {
        /* It may have arrived all the same: never the same write again without a look. */
        struct record_news doubt = {.event = RECORD_DOUBT};
        engine_record(e, entry, f, &doubt);
    }
    keep_record(e, entry, f);
    if (!told) /* being offline is said once, not every 30 seconds */
        tell_outcome(e, entry, f, cls, o->say,
                     r->published != NULL ? set_addresses(r->published) : NULL);
    if (entry_removal(entry) != NULL)
        removal_look(entry_removal(entry), f, cls, o->say);
}

/* The batch was too big: halve it; alone it can not be halved. */
static void too_long(struct engine_job *job, struct entry *entry, enum family f,
                     const struct outcome *o)
{
    size_t count = job->job.member_count;
    struct record_news again = {.event = RECORD_RETURNED, .cls = OUTCOME_NONE};

    if (count < 2) {
        record_failed(job, entry, f, o, RECORD_TROUBLE, OUTCOME_INPUT);
        return;
    }
    measure_outcome(job->box, o->cls);
    if (job->box->dealings->batch_most > count / 2)
        job->box->dealings->batch_most = (unsigned)(count / 2);
    engine_record(job->engine, entry, f, &again);
    keep_record(job->engine, entry, f);
}

/* Scope and duty of the class decide who answers for it: account and endpoint hear of it here, also
 * when the hostname is gone meanwhile. What the record is told is returned. */
static enum record_event settle_above(struct engine_job *job, const struct outcome *o)
{
    const struct outcome_rule *rule = outcome_rule(o->cls);

    if (job->taken) /* they have heard of it */
        return RECORD_GOOD;
    if (outcome_is_good(o->cls)) {
        account_says(job, ACCOUNT_GOOD, NULL);
        endpoint_says(job, ENDPOINT_GOOD, NULL);
        return RECORD_GOOD;
    }
    if (rule->duty == DUTY_OFFLINE) {
        endpoint_says(job, ENDPOINT_AWAY, o);
        return RECORD_RETURNED;
    }
    if (rule->scope == SCOPE_ENDPOINT) {
        endpoint_says(job, o->cls == OUTCOME_UNKNOWN ? ENDPOINT_STRANGE : ENDPOINT_TROUBLE, o);
        return RECORD_TROUBLE;
    }
    endpoint_says(job, ENDPOINT_GOOD, NULL);
    if (rule->duty == DUTY_REPEAT || !account_answers(&job->box->account, o->cls))
        return RECORD_TROUBLE;
    account_says(job, rule->duty == DUTY_WAIT ? ACCOUNT_LIMIT : ACCOUNT_REFUSED, o);
    return RECORD_RETURNED;
}

static void settle(struct engine_job *job, struct entry *entry, enum family f,
                   const struct outcome *o, const struct addrset *sent)
{
    enum record_event event = settle_above(job, o);

    if (entry == NULL)
        return;
    if (event == RECORD_GOOD)
        record_good(job, entry, f, o, sent);
    else if (o->cls == OUTCOME_TOO_LONG)
        too_long(job, entry, f, o);
    else
        record_failed(job, entry, f, o, event, o->cls);
}

/* A record that rode along without being due: what was said about it by name counts, when it was
 * published, and when the same words would come again. */
static void rode_along(struct engine_job *job, size_t i, enum family f, const struct outcome *o)
{
    const struct want *w = &job->members[i].want[f];
    struct entry *entry = job->each[i].entry;
    struct record *r = entry != NULL ? entry->record[f] : NULL;

    if (r == NULL || !w->known || r->open || (o->families & FAMILY_BIT(f)) == 0)
        return;
    if (outcome_is_good(o->cls))
        record_good(job, entry, f, o, &w->wanted);
    else if (r->state != RECORD_RIGHT && outcome_rule(o->cls)->scope == SCOPE_RECORD) {
        set_drop(r->tried);
        r->tried = set_get(job->engine->sets, &w->wanted);
        r->attempt_at = job->engine->now.mono;
        record_failed(job, entry, f, o, RECORD_TROUBLE, o->cls);
    }
}

/*
 * When everything was taken, the account's next job need not wait until a hundred hostnames have
 * been told so. Whatever else came decides about account and endpoint first, and so whether there
 * is a next one.
 */
static bool on_answered(void *arg, const struct outcome *outcomes, size_t count)
{
    struct engine_job *job = arg;
    struct dealings *d = job->box->dealings;

    if (d->queue_first == NULL)
        return false;
    for (size_t i = 0; i < count; i++)
        if (!outcome_is_good(outcomes[i].cls))
            return false;
    job->engine->now = net_now(job->engine->seams.net);
    account_says(job, ACCOUNT_GOOD, NULL);
    endpoint_says(job, ENDPOINT_GOOD, NULL);
    job->taken = true;
    d->running--;
    d->taken++;
    engine_wake(job->engine);
    return true;
}

static void on_outcome(void *arg, const struct outcome *o)
{
    struct engine_job *job = arg;
    struct engine *e = job->engine;

    e->now = net_now(e->seams.net);
    exchanges_judged(e->exchanges, job->answered, o->cls, o->say);
    log_exchange(job->answered);
    size_t from = o->member < 0 ? 0 : (size_t)o->member;
    size_t end = o->member < 0 ? job->job.member_count : from + 1;
    for (size_t i = from; i < end; i++) {
        struct entry *entry = job->each[i].entry;
        for (int f = 0; f < FAMILIES; f++) {
            unsigned bit = FAMILY_BIT(f);
            if (o->families != 0 && (o->families & bit) == 0)
                continue;
            if ((job->each[i].due & bit) == 0) {
                rode_along(job, i, (enum family)f, o);
                continue;
            }
            job->each[i].due &= ~bit; /* the first word about a record counts */
            settle(job, entry, (enum family)f, o, &job->members[i].want[f].wanted);
        }
    }
    log_exchange(0);
    engine_wake(e);
}

/* Beginning and end */

static void on_request(void *arg, const struct run_request *r)
{
    struct engine_job *job = arg;
    struct engine *e = job->engine;

    uint64_t id = exchanges_sent(e->exchanges, job->members[0].hostname,
                                 provider_info(job->box->site->provider)->name, r, e->now.wall);
    if (job->exchange == 0)
        job->exchange = id;
    log_exchange(id);
    log_debug(job->members[0].hostname, "sends %s", r->shown);
    log_exchange(0);
    if (!r->writes || job->request_told)
        return;
    if (job->endpoint->endpoint.offline)
        return; /* a knock at the door, not a try */
    job->request_told = true;
    for (size_t i = 0; i < job->job.member_count; i++) {
        for (int f = 0; f < FAMILIES; f++)
            if (job->each[i].entry != NULL && (job->each[i].due & FAMILY_BIT(f)) != 0)
                tell_event(e, job->each[i].entry, f, "attempt", NULL,
                           &job->members[i].want[f].wanted, NULL, r->shown);
    }
}

static void on_reply(void *arg, const struct run_request *r, const struct reply *reply)
{
    struct engine_job *job = arg;

    measure_reply(job->box, reply);
    if (job->engine->exchanges != NULL)
        job->answered = exchanges_answered(job->engine->exchanges, job->exchange, r, reply->took,
                                           exchange_answer(job->box->site->provider, job->members,
                                                           job->job.member_count, r, reply));
    log_exchange(job->answered);
    log_debug(job->members[0].hostname, "%s answered after %lld ms: %s, status %d", r->host,
              (long long)reply->took, net_error_text(reply->error), reply->status);
    log_exchange(0);
}

static void unlink_job(struct engine_job *job)
{
    struct engine *e = job->engine;

    if (job->prev != NULL)
        job->prev->next = job->next;
    else
        e->jobs = job->next;
    if (job->next != NULL)
        job->next->prev = job->prev;
    else
        e->jobs_last = job->prev;
}

void work_free(struct engine_job *job)
{
    conf_unref(job->conf);
    mem_free(job->members);
    mem_free(job);
}

/* Its entries may travel again. */
static void release(struct engine_job *job)
{
    struct record_news look = {.event = RECORD_LOOK};
    struct engine *e = job->engine;

    for (size_t i = 0; i < job->job.member_count; i++) {
        struct entry *entry = job->each[i].entry;
        if (entry == NULL)
            continue;
        entry->errand->job = NULL;
        for (int f = 0; f < FAMILIES; f++)
            engine_record(e, entry, (enum family)f, &look);
        leave_look(e, entry);
        entry_rest(e, entry);
    }
    engine_touch(job->box);
    attempts_leave(job);
    e->under_way -= job->job.member_count;
    unlink_job(job);
    work_free(job);
    engine_wake(e);
    once_hurry(e);
}

static void settle_budgets(struct engine_job *job, unsigned writes, unsigned requests)
{
    struct engine *e = job->engine;

    struct budget_box *b;
    for (size_t i = 0; (b = account_budget(job->box, i)) != NULL; i++) {
        unsigned aside = b->writes_only ? job->set_aside : job->set_aside_requests;
        unsigned used = b->writes_only ? writes : requests;
        if (used > aside)
            budget_spend(&b->budget, used - aside, e->now.mono);
        else
            budget_return(&b->budget, aside - used);
    }
    keep_budgets(e, job->box);
}

void work_return(struct engine_job *job, enum outcome_class cls, const char *say)
{
    struct record_news back = {.event = RECORD_RETURNED, .cls = cls, .say = say};
    struct engine *e = job->engine;

    settle_budgets(job, 0, 0);
    for (size_t i = 0; i < job->job.member_count; i++) {
        for (int f = 0; f < FAMILIES; f++) {
            if (job->each[i].entry == NULL || (job->each[i].due & FAMILY_BIT(f)) == 0)
                continue;
            engine_record(e, job->each[i].entry, (enum family)f, &back);
            keep_record(e, job->each[i].entry, (enum family)f);
        }
    }
    release(job);
}

static void on_done(void *arg, const struct run_result *result)
{
    struct engine_job *job = arg;
    struct engine *e = job->engine;
    struct account_box *box = job->box;

    e->now = net_now(e->seams.net);
    job->run = NULL;
    *(job->taken ? &box->dealings->taken : &box->dealings->running) -= 1;
    settle_budgets(job, result->writes, result->requests);
    if (!job->any) {
        struct account_news back = {.event = ACCOUNT_RETURNED};
        engine_account(e, box, &back);
    }
    if (!job->endpoint_told) {
        struct endpoint_news back = {.event = ENDPOINT_RETURNED};
        engine_endpoint(e, job->endpoint, &back);
    }
    if (job->credentials != box->settings) /* the session is one of the former */
        memory_forget_all(box->dealings->memory, "");
    if (memory_take_changed(box->dealings->memory)) {
        char *key = account_key(box);
        state_batch_memory(e->batch, key, box->dealings->memory);
        mem_free(key);
    }
    release(job);
}

void work_start(struct engine_job *job)
{
    struct engine *e = job->engine;
    struct account_box *box = job->box;
    struct account_news account = {.event = ACCOUNT_SENDING};
    struct endpoint_news endpoint = {.event = ENDPOINT_SENDING};
    struct run_spec spec = {
        .net = e->seams.net,
        .protocol = box->site->protocol,
        .provider = box->site->provider,
        .job = &job->job,
        .transport = &job->transport,
        .runner = e->seams.runner,
        .account = &box->dealings->gate,
        .endpoint = &box->site->endpoint->gate,
        .gap = provider_info(box->site->provider)->gap,
        .limit = e->schedule.job_most,
        .logout_most = e->schedule.logout_most,
        .whole = e->exchanges != NULL, /* for the log's readers */
        .on_request = on_request,
        .on_reply = on_reply,
        .on_answered = on_answered,
        .on_outcome = on_outcome,
        .on_done = on_done,
        .arg = job,
    };

    job->started = e->now.mono;
    job->endpoint = box->site->endpoint;
    engine_account(e, box, &account);
    engine_endpoint(e, job->endpoint, &endpoint);
    job->run = run_job_start(&spec);
}
