/*
 * SPDX-License-Identifier: ISC
 */
/* What would be sent for an entry: the real protocol in a dry run. */
#include "engine/exchanges.h"
#include "engine/inside.h"

#include "base/mem.h"
#include "base/text.h"

/* How long a source that was not asked before may take. */
enum { SOURCE_MOST = 15 * SECOND, PLAN_MOST = 60 * SECOND };

struct engine_plan_box {
    struct engine_plan_box *next, **link;
    struct engine *engine;
    struct conf *conf; /* counted */
    const struct conf_entry *entry;
    const struct provider *provider;
    const struct protocol *protocol;
    enum engine_plan_how how;
    bool over; /* the result was told */
    struct source *source[FAMILIES];
    struct net_timer *timer;
    msec ends;       /* mono: the sources are not waited for longer */
    struct net dead; /* offline: a net that reaches nobody */
    struct net_ops dead_ops;
    struct memory *memory; /* a copy: a dry run leaves nothing behind */
    struct member member;
    struct job job;
    struct transport transport;
    struct run_job *run;
    struct engine_plan_step *steps; /* owned, with their texts */
    struct engine_plan_result result;
    char *say; /* owned */
    engine_plan_fn *fn;
    void *arg;
};

static void plan_free(struct engine_plan_box *p)
{
    struct sense *sense = p->engine->seams.sense;

    for (int f = 0; f < FAMILIES; f++)
        if (p->source[f] != NULL)
            sense->ops->release(sense, p->source[f]);
    *p->link = p->next;
    if (p->next != NULL)
        p->next->link = p->link;
    for (size_t i = 0; i < p->result.step_count; i++) {
        mem_free((char *)(uintptr_t)p->steps[i].text);
        mem_free((char *)(uintptr_t)p->steps[i].whole);
        mem_free((char *)(uintptr_t)p->steps[i].answer);
    }
    mem_free(p->steps);
    mem_free(p->say);
    p->engine->seams.net->ops->timer_free(p->timer);
    memory_free(p->memory);
    conf_unref(p->conf);
    mem_free(p);
}

static void on_request(void *arg, const struct run_request *r)
{
    struct engine_plan_box *p = arg;
    size_t n = p->result.step_count++;

    p->steps = mem_more(p->steps, n, sizeof p->steps[0]);
    p->steps[n] =
        (struct engine_plan_step){mem_text(r->shown), mem_text(r->whole), r->writes, NULL};
}

static void on_reply(void *arg, const struct run_request *r, const struct reply *reply)
{
    struct engine_plan_box *p = arg;

    for (size_t i = 0; i < p->result.step_count; i++) {
        struct engine_plan_step *s = &p->steps[i];
        if (s->answer != NULL || reply->error == NET_DRY || !text_equal(s->whole, r->whole))
            continue;
        s->answer = exchange_answer(p->provider, &p->member, 1, r, reply);
        break;
    }
}

static void on_outcome(void *arg, const struct outcome *o)
{
    struct engine_plan_box *p = arg;

    /* The worst word is the one to show. */
    if (outcome_is_good(o->cls) && !outcome_is_good(p->result.cls))
        return;
    if (!outcome_is_good(p->result.cls))
        return;
    p->result.cls = o->cls;
    mem_free(p->say);
    p->say = mem_text(o->say);
}

static void on_done(void *arg, const struct run_result *result)
{
    struct engine_plan_box *p = arg;

    (void)result;
    p->run = NULL;
    p->over = true;
    p->result.steps = p->steps;
    p->result.say = p->say;
    p->fn(p->arg, &p->result);
    /* The run still needs the net that is ours: the rest goes at the next turn. */
    p->engine->seams.net->ops->timer_set(p->timer, 0);
}

/* The offline net: time goes on, and nobody is reached. */

struct dead_exchange {
    struct net *alive; /* may outlive the plan */
    struct net_timer *timer;
    uint32_t tag;
    reply_fn *fn;
    void *arg;
};

static struct engine_plan_box *box_of(struct net *net)
{
    return (struct engine_plan_box *)((char *)net - offsetof(struct engine_plan_box, dead));
}

static struct net *alive(struct net *net)
{
    return box_of(net)->engine->seams.net;
}

static struct moment dead_now(struct net *net)
{
    return net_now(alive(net));
}

static struct net_timer *dead_timer(struct net *net, void (*fn)(void *arg), void *arg)
{
    return alive(net)->ops->timer_new(alive(net), fn, arg);
}

static void dead_random(struct net *net, void *bytes, size_t n)
{
    alive(net)->ops->random(alive(net), bytes, n);
}

static void dead_answer(void *arg)
{
    struct dead_exchange *x = arg;
    struct reply reply;

    reply_init(&reply);
    reply.tag = x->tag;
    reply.error = NET_NO_ROUTE;
    reply.sent = SENT_NO;
    reply.detail = mem_text("nothing is sent offline");
    x->alive->ops->timer_free(x->timer);
    x->fn(x->arg, &reply);
    reply_free(&reply);
    mem_free(x);
}

static struct exchange *dead_send(struct net *net, struct request *request,
                                  const struct transport *transport, reply_fn *fn, void *arg)
{
    struct dead_exchange *x = mem_alloc(sizeof *x);

    (void)transport;
    *x = (struct dead_exchange){.alive = alive(net), .tag = request->tag, .fn = fn, .arg = arg};
    request_free(request);
    request_init(request, REQUEST_HTTP);
    x->timer = dead_timer(net, dead_answer, x);
    x->alive->ops->timer_set(x->timer, 0);
    return (struct exchange *)(void *)x;
}

static void dead_cancel(struct exchange *exchange)
{
    (void)exchange; /* its answer comes at the next turn of the loop anyway */
}

/* From sources to the run. */

static void begin(struct engine_plan_box *p)
{
    struct engine *e = p->engine;
    struct entry *known = engine_entry(e, conf_entry_id(p->entry));
    struct run_spec spec = {.net = p->how == PLAN_OFFLINE ? &p->dead : e->seams.net,
                            .protocol = p->protocol,
                            .provider = p->provider,
                            .job = &p->job,
                            .transport = &p->transport,
                            .runner = e->seams.runner,
                            .limit = PLAN_MOST,
                            .logout_most = e->schedule.logout_most,
                            .whole = true,
                            .on_request = on_request,
                            .on_reply = on_reply,
                            .on_outcome = on_outcome,
                            .on_done = on_done,
                            .arg = p};

    for (int f = 0; f < FAMILIES; f++) {
        struct want *w = &p->member.want[f];
        w->due = w->known = p->result.known[f];
        w->wanted = p->result.wanted[f];
        if (known != NULL && known->record[f]->published != NULL) {
            w->published_known = true;
            w->published = *set_addresses(known->record[f]->published);
        }
    }
    p->member.hostname = conf_entry_hostname(p->entry);
    p->member.settings = conf_entry_view(p->entry);
    p->job = (struct job){.members = &p->member,
                          .member_count = 1,
                          .memory = p->memory,
                          .policy = load_policy(p->entry),
                          .dry = p->how != PLAN_SENDS,
                          .agent = e->options.agent};
    p->transport = load_transport(e, &p->member.settings, p->source[V4], p->source[V6]);
    p->run = run_job_start(&spec);
}

/* Is what the sources say known? Fills the result. */
static bool look_at_sources(struct engine_plan_box *p)
{
    struct sense *sense = p->engine->seams.sense;
    struct view v = conf_entry_view(p->entry);
    const struct addrset none = {0};
    bool all = true;

    for (int f = 0; f < FAMILIES; f++) {
        struct wanted_rules rules = {.any_kind = conf_bool(&v, "allow-private")};
        if (p->source[f] == NULL)
            continue;
        wanted_parse_loss(view_get(&v, "on-loss"), &rules);
        rules.any_kind = rules.any_kind || load_fixed(p->engine, p->source[f]);
        const struct sensed *s = sense->ops->value(p->source[f], (enum family)f);
        if (s == NULL || s->state == SENSED_UNKNOWN) {
            /* One that answered knows no more by waiting; a choice of uplinks may: the next one. */
            all = all && s != NULL && s->asked != 0 && uplinks_inner(p->source[f], 1) == NULL;
            continue;
        }
        struct wanted w =
            wanted_of(s->state == SENSED_NONE ? &none : &s->set, (enum family)f, &rules);
        p->result.known[f] = w.known;
        p->result.wanted[f] = w.set;
        p->result.refused[f] = w.known ? ADDR_PUBLIC : w.refused;
        p->result.refused_address[f] = w.refused_address;
    }
    return all;
}

static void no_address(struct engine_plan_box *p)
{
    p->result.cls = OUTCOME_NONE;
    p->result.say =
        "no address to publish is known; \"homing address\" tells what each source says";
    p->fn(p->arg, &p->result);
    plan_free(p);
}

static void tick(void *arg)
{
    struct engine_plan_box *p = arg;
    struct net *net = p->engine->seams.net;
    msec now = net_now(net).mono;

    if (p->run != NULL)
        return;
    if (p->over) {
        plan_free(p);
        return;
    }
    if (!look_at_sources(p) && now < p->ends && p->how != PLAN_OFFLINE) {
        net->ops->timer_set(p->timer, p->ends);
        return;
    }
    if (p->result.known[V4] || p->result.known[V6])
        begin(p);
    else
        no_address(p);
}

void plan_sensed(struct engine *e)
{
    for (struct engine_plan_box *p = e->plans; p != NULL; p = p->next)
        if (p->run == NULL && !p->over)
            e->seams.net->ops->timer_set(p->timer, net_now(e->seams.net).mono);
}

void plan_abandon(struct engine *e)
{
    while (e->plans != NULL) {
        if (e->plans->run != NULL)
            run_job_abandon(e->plans->run);
        plan_free(e->plans);
    }
}

static struct memory *memory_of(const struct engine *e, const char *id)
{
    const struct entry *entry = engine_entry(e, id);

    return account_memory_copy(entry != NULL ? entry->account : NULL);
}

/* Why a provider can not be used, in its file's words; NULL: they say nothing. */
static const char *note_of(const struct engine *e, const struct conf_entry *entry)
{
    const char *id = conf_entry_provider(entry);
    const struct provider *p = id != NULL ? registry_about(e->seams.registry, id) : NULL;

    return p != NULL ? provider_info(p)->note : NULL;
}

enum err engine_plan(struct engine *e, struct conf *conf, const struct conf_entry *entry,
                     enum engine_plan_how how, engine_plan_fn *fn, void *arg, struct cause *c)
{
    struct view v = conf_entry_view(entry);
    enum entry_bar bar;
    const struct protocol *protocol;
    const struct provider *provider = load_provider(e, entry, &bar, &protocol);

    if (conf_entry_parked(entry))
        return cause_set(c, ERR_SYNTAX, "%s: its statement has an error",
                         conf_entry_hostname(entry));
    if (provider == NULL)
        return cause_set(c, ERR_UNSUPPORTED, "%s: %s%s%s", conf_entry_hostname(entry),
                         bar == BAR_CLOSED ? "the service has closed"
                                           : "homing can not speak to its provider",
                         note_of(e, entry) != NULL ? ". " : "",
                         note_of(e, entry) != NULL ? note_of(e, entry) : "");
    struct engine_plan_box *p = mem_alloc(sizeof *p);
    p->engine = e;
    p->conf = conf_ref(conf);
    p->entry = entry;
    p->provider = provider;
    p->protocol = protocol;
    p->how = how;
    p->fn = fn;
    p->arg = arg;
    p->result.cls = OUTCOME_GOOD;
    p->memory = memory_of(e, conf_entry_id(entry));
    p->dead_ops = (struct net_ops){.now = dead_now,
                                   .timer_new = dead_timer,
                                   .timer_set = e->seams.net->ops->timer_set,
                                   .timer_free = e->seams.net->ops->timer_free,
                                   .send = dead_send,
                                   .cancel = dead_cancel,
                                   .random = dead_random};
    p->dead.ops = &p->dead_ops;
    for (int f = 0; f < FAMILIES; f++) {
        const char *why;
        p->source[f] = e->seams.sense->ops->use(e->seams.sense, &v, (enum family)f, &why);
    }
    p->next = e->plans;
    p->link = &e->plans;
    if (p->next != NULL)
        p->next->link = &p->next;
    e->plans = p;
    p->ends = net_now(e->seams.net).mono + SOURCE_MOST;
    p->timer = e->seams.net->ops->timer_new(e->seams.net, tick, p);
    e->seams.net->ops->timer_set(p->timer, 0);
    return OK;
}
