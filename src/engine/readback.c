/*
 * SPDX-License-Identifier: ISC
 */
#include "engine/readback.h"

#include "base/mem.h"
#include "base/text.h"
#include "engine/show.h"

#include <stdio.h>

enum { READ_MOST = 60 * SECOND, REQUESTS_ASIDE = 4 /* login, zone, records, and one to spare */ };

struct readback {
    struct readback *next, **link;
    struct engine *engine;
    struct conf *conf; /* counted: the view of the member */
    struct account_box *box;
    struct memory *memory; /* a copy: a dry run leaves nothing behind */
    struct member member;
    char *hostname; /* owned */
    enum family family;
    struct job job;
    struct transport transport;
    struct run_job *run;
    struct net_timer *turn; /* tells that it is not asked */
    bool would_write;
    enum outcome_class cls;
    char *say;     /* owned; or NULL */
    verify_fn *fn; /* NULL: cancelled */
    void *arg;
};

bool readback_possible(const struct entry *entry)
{
    const struct provider_info *info =
        entry->account != NULL && entry->account->site->provider != NULL
            ? provider_info(entry->account->site->provider)
            : NULL;
    return info != NULL && info->can_read && text_equal(info->speaks, "file");
}

static void free_readback(struct readback *b)
{
    *b->link = b->next;
    if (b->next != NULL)
        b->next->link = b->link;
    b->engine->seams.net->ops->timer_free(b->turn);
    b->box->dealings->readbacks--;
    account_rest(b->box);
    memory_free(b->memory);
    conf_unref(b->conf);
    mem_free(b->hostname);
    mem_free(b->say);
    mem_free(b);
}

static void tell(struct readback *b)
{
    const struct addrset *wanted = &b->member.want[b->family].wanted;
    const char *name = provider_info(b->box->site->provider)->name;
    struct verify_result r = {.count = 1};
    char text[ADDRSET_TEXT_MAX];
    verify_fn *fn = b->fn;
    void *arg = b->arg;

    if (name == NULL)
        name = provider_info(b->box->site->provider)->id;
    if (b->would_write) {
        r.state = VERIFY_DIFFERS;
        r.majority = true;
        r.answered = 1;
        snprintf(r.say, sizeof r.say, "%s shows something else than %s for %s.", name,
                 addrset_text(wanted, text), b->hostname);
    } else if (outcome_is_good(b->cls)) {
        r.state = VERIFY_AGREES;
        r.answered = r.agree = 1;
        snprintf(r.say, sizeof r.say, "%s shows %s for %s.", name, addrset_text(wanted, text),
                 b->hostname);
    } else {
        r.state = VERIFY_UNKNOWN;
        snprintf(r.say, sizeof r.say, "What stands at %s for %s could not be read: %.500s", name,
                 b->hostname, b->say != NULL ? b->say : outcome_rule(b->cls)->meaning);
    }
    free_readback(b);
    if (fn != NULL)
        fn(arg, &r);
}

static void on_request(void *arg, const struct run_request *r)
{
    struct readback *b = arg;
    b->would_write = b->would_write || (r->writes && !r->session);
}

static void on_reply(void *arg, const struct run_request *r, const struct reply *reply)
{
    struct readback *b = arg;
    (void)r;
    measure_reply(b->box, reply);
}

static void on_outcome(void *arg, const struct outcome *o)
{
    struct readback *b = arg;

    if (o->families != 0 && (o->families & FAMILY_BIT(b->family)) == 0)
        return;
    b->cls = o->cls;
    mem_free(b->say);
    b->say = mem_text(o->say);
}

static void on_done(void *arg, const struct run_result *result)
{
    struct readback *b = arg;
    struct engine *e = b->engine;
    struct budget_box *budget;

    e->now = net_now(e->seams.net);
    b->run = NULL;
    for (size_t i = 0; (budget = account_budget(b->box, i)) != NULL; i++)
        if (!budget->writes_only)
            budget_spend(&budget->budget, result->requests, e->now.mono);
    keep_budgets(e, b->box);
    tell(b);
}

/* Held back like a job: this is no reason to break a promise. */
static bool may_ask(struct engine *e, const struct account_box *box)
{
    struct budget_box *budget;

    if (!engine_may_send(e) || account_room(&box->account) != ROOM_ALL)
        return false;
    for (size_t i = 0; (budget = account_budget(box, i)) != NULL; i++)
        if (!budget->writes_only &&
            budget_left(&budget->budget, false, e->now.mono) < REQUESTS_ASIDE)
            return false;
    return true;
}

static void begin(void *arg)
{
    struct readback *b = arg;
    struct engine *e = b->engine;
    struct run_spec spec = {.net = e->seams.net,
                            .protocol = b->box->site->protocol,
                            .provider = b->box->site->provider,
                            .job = &b->job,
                            .transport = &b->transport,
                            .account = &b->box->dealings->gate,
                            .endpoint = &b->box->site->endpoint->gate,
                            .limit = READ_MOST,
                            .logout_most = e->schedule.logout_most,
                            .on_request = on_request,
                            .on_reply = on_reply,
                            .on_outcome = on_outcome,
                            .on_done = on_done,
                            .arg = b};

    e->now = net_now(e->seams.net);
    if (b->fn == NULL) {
        free_readback(b);
    } else if (!may_ask(e, b->box)) {
        b->say = mem_text("its requests are held back at the moment");
        tell(b);
    } else {
        b->run = run_job_start(&spec);
    }
}

struct readback *readback_ask(struct engine *e, const struct entry *entry, enum family family,
                              const struct addrset *wanted, verify_fn *fn, void *arg)
{
    struct readback *b = mem_alloc(sizeof *b);
    struct want *w = &b->member.want[family];

    b->engine = e;
    b->conf = conf_ref(e->conf);
    b->box = entry->account;
    b->memory = account_memory_copy(b->box);
    account_dealings(b->box)->readbacks++;
    b->hostname = mem_text(entry_name(entry));
    b->family = family;
    b->cls = OUTCOME_UNKNOWN;
    b->fn = fn;
    b->arg = arg;
    *w = (struct want){.due = true,
                       .known = true,
                       .wanted = *wanted,
                       .published_known = true,
                       .published = *wanted};
    b->member.hostname = b->hostname;
    b->member.settings = conf_entry_view(entry->conf);
    b->job = (struct job){.members = &b->member,
                          .member_count = 1,
                          .memory = b->memory,
                          .policy = POLICY_KEEP,
                          .dry = true,
                          .agent = e->options.agent};
    b->transport = load_entry_transport(e, entry);
    b->next = e->readbacks;
    b->link = &e->readbacks;
    if (b->next != NULL)
        b->next->link = &b->next;
    e->readbacks = b;
    b->turn = e->seams.net->ops->timer_new(e->seams.net, begin, b);
    e->seams.net->ops->timer_set(b->turn, 0);
    return b;
}

void readback_cancel(struct readback *b)
{
    if (b == NULL)
        return;
    b->fn = NULL;
    if (b->run != NULL)
        run_job_cancel(b->run);
}

void readback_abandon(struct engine *e)
{
    while (e->readbacks != NULL) {
        if (e->readbacks->run != NULL)
            run_job_abandon(e->readbacks->run);
        free_readback(e->readbacks);
    }
}
