/*
 * SPDX-License-Identifier: ISC
 */
#include "command/ddclient_inside.h"

#include <string.h>

#include "base/map.h"
#include "base/mem.h"
#include "base/text.h"
#include "decide/jobs.h"
#include "decide/schedule.h"

/* ddclient's words for what a service said; other classes go by their own names. */
static const char *status_word(enum outcome_class cls)
{
    static const struct {
        enum outcome_class cls;
        const char *word;
    } words[] = {{OUTCOME_GOOD, "good"},        {OUTCOME_NOCHG, "good"},
                 {OUTCOME_AUTH, "badauth"},     {OUTCOME_NO_HOST, "nohost"},
                 {OUTCOME_ABUSE, "abuse"},      {OUTCOME_AGENT, "badagent"},
                 {OUTCOME_FEATURE, "!donator"}, {OUTCOME_SERVER, "failed"}};

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (words[i].cls == cls)
            return words[i].word;
    return outcome_rule(cls)->name;
}

/* Outcomes */

static void say_good(struct pass *p, const struct target *t, enum family f, const struct outcome *o)
{
    char *context = mem_format("[%s][%s]", t->protocol, t->host);
    char text[ADDR_TEXT_MAX];

    report_say(p->spec.report, REPORT_SUCCESS, context, "%s address %s %s%s%s", family_name(f),
               o->cls == OUTCOME_NOCHG ? "was already set to" : "set to",
               addr_text(&t->wanted[f], text), o->say != NULL ? ": " : "",
               o->say != NULL ? o->say : "");
    mem_free(context);
}

/* To be asked to wait is no failure, as in ddclient; nor is it when the protocol itself, before it
 * asked anything, waits for an address. */
static bool is_wait(const struct errand *e, const struct outcome *o)
{
    return outcome_rule(o->cls)->duty == DUTY_WAIT || (o->cls == OUTCOME_OFFLINE && !e->asked);
}

/* One line for all families of the host: "badauth: what it means, what to do". Where no request was
 * made nobody refused anything: what was said is all. */
static void say_bad(const struct errand *e, const struct target *t, const struct outcome *o)
{
    const struct outcome_rule *rule = outcome_rule(o->cls);
    struct pass *p = e->lane->pass;
    bool wait = is_wait(e, o), silent = !e->asked && o->say != NULL;
    enum report_label label = wait ? REPORT_WARNING : REPORT_FAILED;
    char *context = mem_format("[%s][%s]", t->protocol, t->host);

    if (silent)
        report_say(p->spec.report, label, context, "%s%s",
                   wait ? "" : "nothing was sent: ", o->say);
    else
        report_say(p->spec.report, label, context, "%s: %s%s%s%s%s", status_word(o->cls),
                   rule->meaning, o->say != NULL ? " (" : "", o->say != NULL ? o->say : "",
                   o->say != NULL ? ")" : "", rule->advice[0] != '\0' ? "\n" : "");
    if (rule->advice[0] != '\0' && !silent)
        report_say(p->spec.report, label, context, "%s", rule->advice);
    mem_free(context);
}

static void take_good(struct pass *p, struct target *t, enum family f, const struct outcome *o)
{
    struct cache_entry *e = t->cached;

    e->of[f].known = true;
    e->of[f].addr = t->wanted[f];
    cache_set(&e->of[f].status, "good");
    e->mtime = p->now.wall / SECOND;
    t->good |= FAMILY_BIT(f);
    say_good(p, t, f, o);
}

/* e: NULL where there is none. */
static void take_outcome(struct pass *p, const struct errand *e, struct target *t,
                         const struct outcome *o)
{
    bool wait = e != NULL && is_wait(e, o);
    unsigned families = (o->families != 0 ? o->families : t->due) & t->due & ~t->reported;
    bool bad = false;

    for (int f = 0; f < FAMILIES; f++) {
        if ((families & FAMILY_BIT(f)) == 0)
            continue;
        t->reported |= FAMILY_BIT(f);
        if (outcome_is_good(o->cls)) {
            take_good(p, t, (enum family)f, o);
        } else {
            t->held |= wait ? FAMILY_BIT(f) : 0;
            cache_set(&t->cached->of[f].status, status_word(o->cls));
            bad = true;
        }
    }
    if (o->wait > 0 && families != 0)
        t->cached->wtime = (p->now.wall + o->wait) / SECOND;
    if (bad && e != NULL) {
        enum outcome_duty duty = outcome_rule(o->cls)->duty;
        p->result.stopped = p->result.stopped || duty == DUTY_STOP || duty == DUTY_STOP_HARD;
        say_bad(e, t, o);
    }
}

static void on_outcome(void *arg, const struct outcome *o)
{
    struct errand *e = arg;
    struct pass *p = e->lane->pass;

    if (o->cls == OUTCOME_TOO_LONG && e->job.member_count > 1) {
        e->too_long = true;
        return;
    }
    for (size_t i = 0; i < e->job.member_count; i++) {
        if (o->member >= 0 && (size_t)o->member != i)
            continue;
        if (!p->spec.dry)
            take_outcome(p, e, e->targets[i], o);
        else if (!outcome_is_good(o->cls))
            say_bad(e, e->targets[i], o);
    }
}

static void on_request(void *arg, const struct run_request *request)
{
    struct errand *e = arg;
    struct pass *p = e->lane->pass;

    e->asked = true;
    if (p->spec.dry && request->writes)
        report_say(p->spec.report, REPORT_RAW, "", "would request: %s", request->shown);
    else
        report_say(p->spec.report, REPORT_DEBUG, "", "request: %s", request->shown);
}

static void on_reply(void *arg, const struct run_request *request, const struct reply *reply)
{
    struct errand *e = arg;
    report_say(e->lane->pass->spec.report, REPORT_DEBUG, "", "reply of %s: %s, status %d",
               request->host, net_error_text(reply->error), reply->status);
}

/* Lanes */

static void errand_free(struct errand *e)
{
    mem_free(e->targets);
    mem_free(e->members);
    mem_free(e);
}

static void lane_go(struct lane *lane);

static void count_failures(struct errand *e)
{
    struct pass *p = e->lane->pass;

    for (size_t i = 0; i < e->job.member_count && !p->spec.dry; i++) {
        struct target *t = e->targets[i];
        if ((t->reported & t->due) == t->due && t->good == t->due)
            t->cached->failures = 0;
    }
}

/* A request that was too long goes out again as two, before the others of its lane. */
static void send_halves(struct errand *e)
{
    size_t first = e->job.member_count / 2, from[2] = {first, 0};

    for (size_t i = 0; i < 2; i++) {
        size_t count = from[i] > 0 ? e->job.member_count - first : first;
        struct errand *half = mem_alloc(sizeof *half);
        *half = *e;
        half->too_long = false;
        half->run = NULL;
        half->targets = mem_array(count, sizeof half->targets[0]);
        half->members = mem_array(count, sizeof half->members[0]);
        memcpy(half->targets, e->targets + from[i], count * sizeof half->targets[0]);
        memcpy(half->members, e->members + from[i], count * sizeof half->members[0]);
        half->job.members = half->members;
        half->job.member_count = count;
        half->next = e->lane->first;
        e->lane->first = half;
        if (e->lane->last == NULL)
            e->lane->last = half;
    }
}

static void on_done(void *arg, const struct run_result *result)
{
    struct errand *e = arg;
    struct lane *lane = e->lane;

    (void)result;
    count_failures(e);
    if (e->too_long)
        send_halves(e);
    lane->now = NULL;
    errand_free(e);
    lane_go(lane);
}

static void lane_go(struct lane *lane)
{
    struct pass *p = lane->pass;
    struct errand *e = lane->first;

    if (e == NULL || p->cancelled) {
        p->lanes_busy--;
        if (p->lanes_busy == 0)
            pass_next(p, pass_sent);
        return;
    }
    lane->first = e->next;
    if (lane->first == NULL)
        lane->last = NULL;
    lane->now = e;
    struct run_spec spec = {.net = p->spec.net,
                            .protocol = e->dialogue,
                            .provider = e->targets[0]->provider,
                            .job = &e->job,
                            .transport = &e->transport,
                            .runner = p->spec.runner,
                            .gap = provider_info(e->targets[0]->provider)->gap,
                            .logout_most = 5 * SECOND,
                            .on_request = on_request,
                            .on_reply = on_reply,
                            .on_outcome = on_outcome,
                            .on_done = on_done,
                            .arg = e};
    e->run = run_job_start(&spec);
}

/* Making errands */

static enum step_policy policy_of(const struct target *t)
{
    const char *text = view_get(&t->view, "policy");

    if (text_equal(text, "keep"))
        return POLICY_BESIDE;
    if (text_equal(text, "replace"))
        return POLICY_REPLACE;
    if (text_equal(text, "first"))
        return POLICY_FIRST;
    return conf_entry_provider(t->entry) != NULL ? POLICY_KEEP : POLICY_FIRST;
}

static struct transport transport_of(const struct target *t)
{
    const struct view *v = &t->view;

    return (struct transport){
        .proxy = conf_text(v, "proxy"),
        .ca_file = conf_text(v, "ssl_ca_file"),
        .ca_dir = conf_text(v, "ssl_ca_dir"),
        .timeout = conf_length(v, "timeout"),
        .redirects = (unsigned)conf_number(v, "redirect"),
    };
}

static void fill_member(struct member *m, const struct target *t, unsigned due)
{
    m->hostname = conf_entry_hostname(t->entry);
    m->settings = t->view;
    for (int f = 0; f < FAMILIES; f++) {
        struct want *w = &m->want[f];
        w->due = (due & FAMILY_BIT(f)) != 0;
        w->known = t->known[f];
        if (t->known[f])
            addrset_add(&w->wanted, &t->wanted[f]);
        w->published_known = t->before_known[f];
        w->published = t->before[f];
    }
}

static struct lane *lane_of(struct pass *p, const struct target *t)
{
    const char *account = conf_entry_account(t->entry);
    struct lane *lane = map_get(p->lanes, account);

    if (lane == NULL) {
        lane = mem_alloc(sizeof *lane);
        lane->pass = p;
        lane->account = account;
        lane->memory = memory_new();
        map_set(p->lanes, account, lane);
    }
    return lane;
}

static void add_errand(void *arg, const struct jobs_candidate *const *members, size_t count)
{
    struct pass *p = arg;
    struct errand *e = mem_alloc(sizeof *e);
    const struct target *first = members[0]->owner;
    struct lane *lane = lane_of(p, first);

    e->lane = lane;
    e->targets = mem_array(count, sizeof(struct target *));
    e->members = mem_array(count, sizeof *e->members);
    for (size_t i = 0; i < count; i++) {
        e->targets[i] = members[i]->owner;
        fill_member(&e->members[i], e->targets[i], members[i]->due);
    }
    e->job = (struct job){.members = e->members,
                          .member_count = count,
                          .memory = lane->memory,
                          .policy = policy_of(first),
                          .dry = p->spec.dry,
                          .independent = true,
                          .agent = "homing/" HOMING_VERSION};
    e->transport = transport_of(first);
    e->dialogue = registry_dialogue(provider_info(first->provider)->speaks);
    if (lane->last != NULL)
        lane->last->next = e;
    else
        lane->first = e;
    lane->last = e;
}

static void add_value(const struct target *t, const char *name, struct buf *out)
{
    const char *value = view_get(&t->view, name);

    buf_format(out, "|%s%s", value != NULL ? "=" : "", value != NULL ? value : "");
}

/* The settings in which hosts of one request must agree, and the way it travels, as one text. Where
 * the protocol does not name them, it is the account. Owned. */
static char *same_text(const struct target *t, const char *const *names)
{
    static const char *const ways[] = {"ssl",         "proxy",      "timeout",
                                       "ssl_ca_file", "ssl_ca_dir", "redirect"};
    struct buf out;

    buf_init(&out, MARKED_MAX);
    buf_format(&out, "%s|%d", names == NULL ? conf_entry_account(t->entry) : "", (int)policy_of(t));
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++)
        add_value(t, ways[i], &out);
    for (; names != NULL && *names != NULL; names++)
        add_value(t, *names, &out);
    char *text = mem_text(buf_str(&out));
    buf_wipe(&out);
    return text;
}

static struct jobs_rules rules_of(const struct provider_info *info)
{
    static const enum jobs_of of[] = {[BATCH_NONE] = JOBS_ALONE,
                                      [BATCH_ZONE] = JOBS_ZONE,
                                      [BATCH_ACCOUNT] = JOBS_ACCOUNT,
                                      [BATCH_ADDRESSES] = JOBS_ADDRESSES};
    return (struct jobs_rules){
        .families = info->batch.families, .hosts = info->batch.hosts, .of = of[info->batch.of]};
}

/* Groups the due ones among count targets of one protocol. */
static void group(struct pass *p, struct target *const *targets, size_t count)
{
    const struct provider_info *info = provider_info(targets[0]->provider);
    struct jobs_rules rules = rules_of(info);
    struct jobs_candidate *candidates = mem_array(count, sizeof *candidates);

    for (size_t i = 0; i < count; i++) {
        candidates[i].owner = targets[i];
        candidates[i].zone = view_get(&targets[i]->view, "zone");
        candidates[i].same = same_text(targets[i], info->batch.same);
        candidates[i].wanted[V4] = targets[i]->sets[V4];
        candidates[i].wanted[V6] = targets[i]->sets[V6];
        candidates[i].due = targets[i]->due;
    }
    if (rules.families || rules.of != JOBS_ALONE) {
        unsigned most = rules.hosts > 0 ? rules.hosts : schedule_ddclient.names_most;
        jobs_group(candidates, count, &rules, most, add_errand, p);
    } else {
        /* One by one: host after host, both of its families, as ddclient does. */
        for (size_t i = 0; i < count; i++) {
            for (unsigned f = 0; f < FAMILIES; f++) {
                candidates[i].due = targets[i]->due & FAMILY_BIT(f);
                if (candidates[i].due != 0)
                    jobs_group(&candidates[i], 1, &rules, 1, add_errand, p);
            }
        }
    }
    for (size_t i = 0; i < count; i++)
        mem_free_secret((char *)(uintptr_t)candidates[i].same);
    mem_free(candidates);
}

static bool can_send(struct pass *p, struct target *t)
{
    const char *say = NULL;

    if (t->due == 0 || text_equal(t->protocol, "emailonly"))
        return false;
    if (t->provider == NULL)
        say = "homing does not know this protocol";
    else if (registry_dialogue(provider_info(t->provider)->speaks) == NULL)
        say = provider_info(t->provider)->note;
    else
        return true;
    char *context = mem_format("[%s][%s]", t->protocol, t->host);
    report_say(p->spec.report, REPORT_FAILED, context, "%s",
               say != NULL ? say : "this service can not be updated");
    mem_free(context);
    return false;
}

/* protocol=emailonly: the report is the update. */
static void send_by_mail(struct pass *p)
{
    static const struct outcome good = {.cls = OUTCOME_GOOD};
    struct buf out;

    buf_init(&out, 1 << 20);
    for (size_t i = 0; i < p->count; i++) {
        struct target *t = &p->targets[i];
        char text[ADDR_TEXT_MAX];
        if (t->due == 0 || !text_equal(t->protocol, "emailonly"))
            continue;
        buf_format(&out, "\n%30s", t->host);
        for (int f = 0; f < FAMILIES; f++)
            if (t->known[f])
                buf_format(&out, "  %s", addr_text(&t->wanted[f], text));
        if (!p->spec.dry) {
            take_outcome(p, NULL, t, &good);
            t->cached->failures = 0;
        }
    }
    if (out.len > 0)
        report_say(p->spec.report, REPORT_RAW, "", "Host IP addresses:%s", buf_str(&out));
    buf_free(&out);
}

/* The due targets that may share requests, in ddclient's order. */
struct chain {
    struct target **targets; /* owned */
    size_t count, room;
};

static void chain_free(void *value)
{
    struct chain *c = value;

    mem_free(c->targets);
    mem_free(c);
}

/* Where a protocol says in what its hosts must agree, nothing else keeps them apart: a login that
 * it does not send, for one. */
static void chain_add(struct map *chains, struct target *t)
{
    const struct provider_info *info = provider_info(t->provider);
    bool by_settings = info->compat && info->batch.same != NULL;
    const char *key = by_settings ? t->protocol : conf_entry_account(t->entry);
    struct chain *c = map_get(chains, key);

    if (c == NULL) {
        c = mem_alloc(sizeof *c);
        map_set(chains, key, c);
    }
    if (c->count == c->room) {
        c->room = c->room > 0 ? 2 * c->room : 4;
        c->targets = mem_resize(c->targets, c->room, sizeof *c->targets);
    }
    c->targets[c->count++] = t;
}

void send_all(struct pass *p)
{
    struct map *chains = map_new();
    size_t at = 0;
    void *value;

    for (size_t i = 0; i < p->count && !p->cancelled; i++)
        if (can_send(p, &p->targets[i]))
            chain_add(chains, &p->targets[i]);
    while (map_next(chains, &at, NULL, &value)) {
        const struct chain *c = value;
        group(p, c->targets, c->count);
    }
    map_free(chains, chain_free);
    send_by_mail(p);
    at = 0;
    while (map_next(p->lanes, &at, NULL, &value))
        p->lanes_busy++;
    at = 0;
    while (map_next(p->lanes, &at, NULL, &value))
        lane_go(value);
}

void send_cancel(struct pass *p)
{
    size_t at = 0;
    void *value;

    while (map_next(p->lanes, &at, NULL, &value)) {
        struct lane *lane = value;
        if (lane->now != NULL)
            run_job_cancel(lane->now->run);
    }
}

static void lane_free(void *value)
{
    struct lane *lane = value;

    while (lane->first != NULL) {
        struct errand *e = lane->first;
        lane->first = e->next;
        errand_free(e);
    }
    memory_free(lane->memory);
    mem_free(lane);
}

void send_free(struct pass *p)
{
    map_free(p->lanes, lane_free);
}
