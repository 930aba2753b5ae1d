/*
 * SPDX-License-Identifier: ISC
 */
/* From ready records to jobs: what there is room for, who travels together, what it costs. */
#include "engine/inside.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"

#include <string.h>

void ready_add(struct entry *entry)
{
    struct account_box *box = entry->account;

    if (entry->ready || box == NULL)
        return;
    entry->ready = true;
    struct errand *on = entry_errand(box->site->engine, entry);
    on->ready_next = NULL;
    bool first = box->ready == NULL;
    if (!first) {
        on->ready_prev = box->ready->errand->ready_prev;
        on->ready_prev->errand->ready_next = entry;
    } else
        box->ready = entry;
    box->ready->errand->ready_prev = entry;
    if (first)
        box->site->engine->ready_accounts++;
    engine_touch(box);
}

void ready_remove(struct entry *entry)
{
    struct account_box *box = entry->account;

    if (!entry->ready)
        return;
    entry->ready = false;
    struct entry *next = entry->errand->ready_next, *prev = entry->errand->ready_prev;
    if (next != NULL)
        next->errand->ready_prev = prev;
    else
        box->ready->errand->ready_prev = prev;
    if (box->ready == entry)
        box->ready = next;
    else
        prev->errand->ready_next = next;
    if (box->ready == NULL)
        box->site->engine->ready_accounts--;
    entry_rest(box->site->engine, entry);
}

static unsigned ready_families(const struct entry *entry)
{
    unsigned due = 0;
    for (int f = 0; f < FAMILIES; f++)
        if (entry->record[f]->state == RECORD_READY)
            due |= FAMILY_BIT(f);
    return due;
}

static enum account_room room_of(const struct account_box *box)
{
    enum account_room room = account_room(&box->account);
    enum account_room other = account_room(&box->site->refuser->account);

    room = other < room ? other : room;
    other = endpoint_room(&box->site->endpoint->endpoint);
    return other < room ? other : room;
}

/* Budgets: jobs that may still be made. */

static unsigned reads_a_job(const struct account_box *box)
{
    /* A guess for what is set aside; what really left is counted when the job is over. */
    return provider_info(box->site->provider)->can_read ? 3 : 1;
}

static unsigned jobs_allowed(struct engine *e, struct account_box *box, bool person)
{
    struct dealings *d = account_dealings(box);
    unsigned allowed = UINT32_MAX;

    d->budget_at = 0;
    struct budget_box *b;
    for (size_t i = 0; (b = account_budget(box, i)) != NULL; i++) {
        unsigned each = b->writes_only ? 1 : reads_a_job(box);
        unsigned left = budget_left(&b->budget, person, e->now.mono);
        unsigned jobs = left / each;
        msec at = budget_at(&b->budget, person, each, e->now.mono);
        if (jobs == 0 && at <= e->now.mono && left > 0)
            jobs = 1; /* a budget smaller than a job */
        if (jobs < allowed)
            allowed = jobs;
        if (jobs == 0 && at > d->budget_at)
            d->budget_at = at;
    }
    return allowed;
}

static void set_aside(struct engine *e, struct engine_job *job)
{
    struct account_box *box = job->box;

    job->set_aside = 1;
    job->set_aside_requests = reads_a_job(box);
    struct budget_box *b;
    for (size_t i = 0; (b = account_budget(box, i)) != NULL; i++)
        budget_spend(&b->budget, b->writes_only ? job->set_aside : job->set_aside_requests,
                     e->now.mono);
}

/* Making jobs */

struct preparing {
    struct engine *e;
    struct account_box *box;
    unsigned ordinary, person; /* jobs that budgets still allow */
    bool any;
};

static void member_fill(struct entry *entry, struct member *m, unsigned due)
{
    *m = (struct member){.hostname = entry_name(entry), .settings = conf_entry_view(entry->conf)};
    for (int f = 0; f < FAMILIES; f++) {
        const struct record *r = entry->record[f];
        struct want *w = &m->want[f];
        w->due = (due & FAMILY_BIT(f)) != 0;
        w->known = r->wanted != NULL && r->enabled && (!r->stopped || w->due);
        if (w->known)
            w->wanted = *set_addresses(r->wanted);
        w->published_known = r->published != NULL;
        if (w->published_known)
            w->published = *set_addresses(r->published);
    }
}

static struct engine_job *job_new(struct engine *e, struct account_box *box, size_t count)
{
    struct engine_job *job = mem_alloc(sizeof *job + count * sizeof job->each[0]);

    job->engine = e;
    job->box = box;
    job->conf = conf_ref(e->conf);
    job->members = mem_array(count, sizeof job->members[0]);
    job->job.members = job->members;
    job->job.member_count = count;
    job->credentials = box->settings;
    job->job.memory = account_dealings(box)->memory;
    job->job.agent = e->options.agent;
    job->prev = e->jobs_last;
    if (job->prev != NULL)
        job->prev->next = job;
    else
        e->jobs = job;
    e->jobs_last = job;
    e->under_way += count;
    return job;
}

static void hand_over(struct engine *e, struct engine_job *job, size_t i, struct entry *entry,
                      unsigned due)
{
    struct record_news handed = {.event = RECORD_HANDED};

    job->each[i].entry = entry;
    job->each[i].due = due;
    member_fill(entry, &job->members[i], due);
    entry_errand(e, entry)->job = job;
    e->handed++;
    e->burst++;
    for (int f = 0; f < FAMILIES; f++)
        if ((due & FAMILY_BIT(f)) != 0)
            engine_record(e, entry, (enum family)f, &handed);
    ready_remove(entry);
    entry->person = false;
}

static void make_job(void *arg, const struct jobs_candidate *const *members, size_t count)
{
    struct preparing *p = arg;
    struct engine *e = p->e;
    bool person = false;

    for (size_t i = 0; i < count; i++)
        person = person || ((struct entry *)members[i]->owner)->person;
    if (person ? p->person == 0 : p->ordinary == 0)
        return; /* stays ready until the budget allows it */
    struct engine_job *job = job_new(e, p->box, count);
    struct entry *first = members[0]->owner;
    job->person = person;
    job->job.policy = (enum step_policy)first->rules->policy;
    job->transport = load_entry_transport(e, first);
    for (size_t i = 0; i < count; i++)
        hand_over(e, job, i, members[i]->owner, members[i]->due);
    set_aside(e, job);
    p->ordinary -= p->ordinary > 0;
    p->person -= p->person > 0;
    p->any = true;
    keep_job(job);
    attempts_add(job);
    account_dealings(p->box)->committing++;
}

/* The settings in which hosts of one request must agree, and the way it travels, as one text. */
static char *same_text(const struct engine *e, const struct entry *entry,
                       const struct provider_batch *batch)
{
    struct view v = conf_entry_view(entry->conf);
    struct buf b;

    buf_init(&b, MARKED_MAX);
    buf_char(&b, (char)('0' + entry->rules->policy));
    if (conf_text(&v, "uplink") != NULL) {
        struct transport t = load_entry_transport(e, entry);
        buf_format(&b, "%s;%s;%u", t.interface != NULL ? t.interface : "",
                   t.source_address != NULL ? t.source_address : "", t.mark);
    }
    buf_char(&b, ';');
    for (size_t i = 0; batch->same != NULL && batch->same[i] != NULL; i++) {
        const char *value = view_get(&v, batch->same[i]);
        buf_text(&b, value != NULL ? value : "\1");
        buf_char(&b, ';');
    }
    return buf_take(&b);
}

static const enum jobs_of jobs_of[] = {
    [BATCH_NONE] = JOBS_ALONE,
    [BATCH_ZONE] = JOBS_ZONE,
    [BATCH_ACCOUNT] = JOBS_ACCOUNT,
    [BATCH_ADDRESSES] = JOBS_ADDRESSES,
};

/* ddclient puts all hostnames into one request, and so do the files of its words: we keep to our
 * own number there, and to URLs that every server takes. */
static struct jobs_rules rules_of(const struct engine *e, const struct account_box *box)
{
    const struct provider_info *info = provider_info(box->site->provider);
    const struct provider_batch *batch = &info->batch;
    unsigned hosts = batch->hosts > 0 ? batch->hosts : e->schedule.names_most;

    if (info->compat && hosts > e->schedule.names_most)
        hosts = e->schedule.names_most;
    return (struct jobs_rules){.families = batch->families,
                               .hosts = batch->of == BATCH_NONE ? 1 : hosts,
                               .bytes = e->schedule.names_bytes,
                               .of = jobs_of[batch->of]};
}

/* alone: there is no other that it would have to agree with. */
static void candidate_fill(const struct account_box *box, struct entry *entry, bool alone,
                           struct jobs_candidate *c)
{
    const struct provider_batch *batch = &provider_info(box->site->provider)->batch;
    struct view v = conf_entry_view(entry->conf);
    bool counts = !alone && (batch->of == BATCH_ADDRESSES || batch->same != NULL ||
                             view_get(&v, "uplink") != NULL);
    char *same = counts ? same_text(box->site->engine, entry, batch) : NULL;

    *c = (struct jobs_candidate){.zone = view_get(&v, "zone"),
                                 .same = same,
                                 .bytes = strlen(entry_name(entry)) + 1,
                                 .due = ready_families(entry),
                                 .owner = entry};
    for (int f = 0; f < FAMILIES; f++)
        c->wanted[f] = entry->record[f]->stopped ? NULL : entry->record[f]->wanted;
}

static size_t count_ready(const struct account_box *box, size_t most)
{
    size_t count = 0;

    for (const struct entry *entry = box->ready; entry != NULL && count < most;
         entry = entry->errand->ready_next)
        count++;
    return count;
}

static void prepare(struct engine *e, struct account_box *box, enum account_room room)
{
    struct jobs_rules rules = rules_of(e, box);
    struct preparing p = {.e = e, .box = box};
    size_t most = room == ROOM_ONE ? 1 : (size_t)e->schedule.jobs_ahead * rules.hosts;
    size_t count = 0;

    p.person = jobs_allowed(e, box, true);
    p.ordinary = jobs_allowed(e, box, false);
    if (p.person == 0) /* else somebody's request may go although others wait */
        p.ordinary = 0;
    most = count_ready(box, most);
    struct jobs_candidate *candidates = mem_array(most, sizeof candidates[0]);
    for (struct entry *entry = box->ready; entry != NULL && count < most;
         entry = entry->errand->ready_next)
        if (entry->person ? p.person > 0 : p.ordinary > 0)
            candidate_fill(box, entry, most == 1, &candidates[count++]);
    jobs_group(candidates, count, &rules, account_dealings(box)->batch_most, make_job, &p);
    for (size_t i = 0; i < count; i++)
        mem_free_secret((char *)(uintptr_t)candidates[i].same);
    mem_free(candidates);
    if (p.any) {
        keep_budgets(e, box);
        account_dealings(box)->budget_at = 0;
    }
}

/* Running them */

void pump_queue(struct engine_job *job)
{
    struct dealings *d = job->box->dealings;

    job->queue_next = NULL;
    if (d->queue_last != NULL)
        d->queue_last->queue_next = job;
    else
        d->queue_first = job;
    d->queue_last = job;
    engine_touch(job->box);
}

static struct engine_job *unqueue(struct account_box *box)
{
    struct dealings *d = box->dealings;
    struct engine_job *job = d != NULL ? d->queue_first : NULL;

    if (job != NULL) {
        d->queue_first = job->queue_next;
        if (d->queue_first == NULL)
            d->queue_last = NULL;
    }
    return job;
}

void pump_return_queue(struct engine *e, struct account_box *box)
{
    struct engine_job *job;

    (void)e;
    while ((job = unqueue(box)) != NULL)
        work_return(job, OUTCOME_NONE, NULL);
}

static void start_queued(struct account_box *box)
{
    struct dealings *d = box->dealings;

    while (d != NULL && d->queue_first != NULL) {
        enum account_room room = room_of(box);
        /* Credentials that were never seen to work are tried by one job first. */
        unsigned most = room == ROOM_ALL && box->account.proven ? d->gate.limit : 1;
        if (room == ROOM_NONE || d->running >= most)
            return;
        d->running++;
        work_start(unqueue(box));
    }
}

static bool running(const struct account_box *box)
{
    return box->dealings != NULL && box->dealings->running > 0;
}

/* Jobs stand ready, or will when their attempts are remembered. */
static bool prepared(const struct account_box *box)
{
    return box->dealings != NULL &&
           (box->dealings->queue_first != NULL || box->dealings->committing > 0);
}

static void send_ready(struct engine *e, struct account_box *box)
{
    enum account_room room = engine_may_send(e) ? room_of(box) : ROOM_NONE;

    /* A probe alone is committed ahead; the rest waits for what it finds. */
    if (room != ROOM_ALL && running(box))
        pump_return_queue(e, box);
    if (room == ROOM_NONE) {
        pump_return_queue(e, box);
        return;
    }
    start_queued(box);
    if (!prepared(box) && box->ready != NULL && !(room == ROOM_ONE && running(box)))
        prepare(e, box, room);
    if (box->ready == NULL && box->dealings != NULL)
        box->dealings->budget_at = 0;
}

void pump_account(struct engine *e, struct account_box *box)
{
    if (box->site->endpoint == NULL)
        return; /* a provider's refusals have no records of their own */
    send_ready(e, box);
    account_rest(box);
}
