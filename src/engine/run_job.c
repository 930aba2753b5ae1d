/*
 * SPDX-License-Identifier: ISC
 */
#include "engine/run_job.h"

#include "base/mem.h"
#include "base/text.h"
#include "engine/run_program.h"

#include <stdio.h>
#include <string.h>

enum { HOST_MAX = 256, SHOWN_MAX = 8192, WHOLE_MAX = 64 * 1024 };

/* Until another job that waited has been started, has asked for its connection, and has written. */
enum { TURNS_PUT_OFF = 3 };

/* A request from the moment the protocol asked for it until its reply was handed back. */
struct flight {
    struct flight *next;
    struct run_job *run;
    struct request request;    /* until it leaves */
    struct exchange *exchange; /* while it is under way */
    bool program;              /* a program is: it can not be called back */
    uint32_t tag;
    bool writes, session;
    bool left;    /* it passed the gates */
    bool refused; /* never sent: its reply is made here */
    enum net_error refusal;
    char host[HOST_MAX];
    char *shown, *whole; /* owned */
    struct marked secrets;
};

struct run_job {
    struct run_spec spec;
    void *step; /* the protocol's; NULL once ended */
    struct net_timer *timer;
    struct flight *flights; /* in the order they were asked for */
    msec began;
    msec step_at;         /* mono: the wait the protocol asked for; NEVER */
    msec limit_at;        /* mono: time limit, after a cancel the bound of the logout */
    msec last_write;      /* mono: when the last write left; 0: none yet */
    bool started;         /* STEP_START was given */
    bool cancel;          /* STEP_CANCEL is to be given */
    bool done;            /* the protocol said so */
    unsigned put_off;     /* turns until the last outcomes are handed on; 0: they are not kept */
    struct step_out kept; /* with put_off: they */
    struct run_job *gate_next; /* in a gate's queue */
    struct run_gate *queued;   /* the gate whose queue it stands in */
    struct run_gate *woken;    /* the gate that woke it and whose room it has not used yet */
    struct run_result result;
    uint8_t reported[]; /* FAMILY_BIT()s of each member that have their outcome */
};

const char *run_job_host(const struct request *request, char *out)
{
    if (request->kind == REQUEST_DNS) {
        unsigned port = request->port != 0 ? request->port : 53;
        snprintf(out, HOST_MAX, "%s:%u", request->server != NULL ? request->server : "", port);
        text_lower_all(out);
        return out;
    }
    if (request->kind == REQUEST_RUN) {
        snprintf(out, HOST_MAX, "%s= of %.200s", request->setting, request->entry);
        return out;
    }
    const char *url = marked_str(&request->url);
    const char *host = strstr(url, "://");
    host = host != NULL ? host + 3 : url;
    size_t n = strcspn(host, "/?#");
    for (size_t i = n; i > 0; i--) {
        if (host[i - 1] == '@') {
            host += i;
            n -= i;
            break;
        }
    }
    n = n < HOST_MAX ? n : HOST_MAX - 1;
    memcpy(out, host, n);
    out[n] = '\0';
    text_lower_all(out);
    return out;
}

static void flight_free(struct flight *f)
{
    request_free(&f->request);
    mem_free(f->shown);
    mem_free(f->whole);
    marked_free(&f->secrets);
    mem_free(f);
}

static void unlink_flight(struct run_job *run, struct flight *f)
{
    struct flight **at = &run->flights;
    while (*at != f)
        at = &(*at)->next;
    *at = f->next;
}

/* Gates */

static bool gate_open(const struct run_gate *g)
{
    return g == NULL || g->limit == 0 || g->busy < g->limit;
}

static void gate_queue(struct run_job *run, struct run_gate *g)
{
    if (run->queued != NULL)
        return;
    run->queued = g;
    run->gate_next = NULL;
    if (g->last != NULL)
        g->last->gate_next = run;
    else
        g->first = run;
    g->last = run;
}

static void gate_unqueue(struct run_job *run)
{
    struct run_gate *g = run->queued;
    struct run_job *before = NULL;

    if (g == NULL)
        return;
    run->queued = NULL;
    for (struct run_job *at = g->first; at != run; at = at->gate_next)
        before = at;
    if (before != NULL)
        before->gate_next = run->gate_next;
    else
        g->first = run->gate_next;
    if (g->last == run)
        g->last = before;
}

static void gate_enter(struct run_gate *g)
{
    if (g != NULL)
        g->busy++;
}

/* Wakes the first that waits, if there is room. */
static void gate_poke(struct run_gate *g)
{
    struct run_job *next = g != NULL && gate_open(g) ? g->first : NULL;
    if (next != NULL) {
        struct net *net = next->spec.net;
        gate_unqueue(next);
        next->woken = g;
        net->ops->timer_set(next->timer, net_now(net).mono);
    }
}

/* Nobody else tells those behind it of the room that it does not need now. */
static void gate_pass_on(struct run_job *run)
{
    struct run_gate *g = run->woken;

    run->woken = NULL;
    gate_poke(g);
}

static void gate_leave(struct run_gate *g)
{
    if (g != NULL) {
        g->busy--;
        gate_poke(g);
    }
}

/* Showing */

static void show(struct run_job *run, struct flight *f)
{
    struct buf out;

    run_job_host(&f->request, f->host);
    if (run->spec.on_request == NULL && run->spec.on_reply == NULL)
        return;
    buf_init(&out, SHOWN_MAX);
    request_show(&f->request, false, &out);
    f->shown = buf_take(&out);
    buf_free(&out);
    if (run->spec.whole) {
        buf_init(&out, WHOLE_MAX);
        request_show(&f->request, true, &out);
        f->whole = buf_take(&out);
        buf_free(&out);
        request_secrets(&f->request, &f->secrets);
    }
}

static struct run_request shown(const struct flight *f)
{
    return (struct run_request){.shown = f->shown != NULL ? f->shown : "",
                                .whole = f->whole,
                                .secrets = f->whole != NULL ? &f->secrets : NULL,
                                .host = f->host,
                                .writes = f->writes,
                                .session = f->session};
}

/* Outcomes */

static bool has_member(const struct run_job *run, const struct outcome *o)
{
    return o->member < 0 || (size_t)o->member < run->spec.job->member_count;
}

/* The records that it is about have theirs. */
static void mark(struct run_job *run, const struct outcome *o)
{
    unsigned all = FAMILY_BIT(V4) | FAMILY_BIT(V6);
    unsigned families = o->families != 0 ? o->families & all : all;
    size_t from = o->member < 0 ? 0 : (size_t)o->member;
    size_t end = o->member < 0 ? run->spec.job->member_count : from + 1;

    for (size_t i = from; has_member(run, o) && i < end; i++)
        run->reported[i] |= (uint8_t)families;
}

static void report(struct run_job *run, const struct outcome *o)
{
    mark(run, o);
    if (run->spec.on_outcome != NULL && has_member(run, o))
        run->spec.on_outcome(run->spec.arg, o);
}

static unsigned missing(const struct run_job *run, size_t member)
{
    unsigned families = 0;

    for (unsigned f = 0; f < FAMILIES; f++)
        if (run->spec.job->members[member].want[f].due)
            families |= FAMILY_BIT(f);
    return families & ~(unsigned)run->reported[member];
}

/* Is whoever waits for the last outcomes content to hear of them later? */
static bool put_off(struct run_job *run, struct step_out *out)
{
    if (!run->done || run->flights != NULL || run->result.cancelled ||
        run->spec.on_answered == NULL)
        return false;
    for (size_t i = 0; i < out->outcome_count; i++)
        mark(run, &out->outcomes[i]);
    for (size_t i = 0; i < run->spec.job->member_count; i++)
        if (missing(run, i) != 0)
            return false;
    if (!run->spec.on_answered(run->spec.arg, out->outcomes, out->outcome_count))
        return false;
    run->put_off = TURNS_PUT_OFF;
    run->kept = *out;
    return true;
}

static void report_kept(struct run_job *run)
{
    for (size_t i = 0; i < run->kept.outcome_count; i++)
        report(run, &run->kept.outcomes[i]);
}

/* Every due record leaves with an outcome, whatever the protocol forgot or the clock cut off. */
static void report_missing(struct run_job *run)
{
    const struct job *job = run->spec.job;
    enum outcome_class cls = OUTCOME_UNKNOWN;
    const char *say = "the answer told nothing about this record";

    if (run->result.overtime) {
        cls = OUTCOME_SERVER;
        say = "it took too long and was given up";
    } else if (run->result.cancelled) {
        cls = run->result.wrote ? OUTCOME_UNKNOWN : OUTCOME_OFFLINE;
        say = "it was cancelled";
    }
    for (size_t i = 0; i < job->member_count; i++) {
        unsigned families = missing(run, i);
        if (families != 0) {
            struct outcome o = {.member = (int)i, .families = families, .cls = cls};
            o.say = mem_text(say);
            report(run, &o);
            mem_free(o.say);
        }
    }
}

/* The protocol's turns */

static void wake(struct run_job *run, msec at)
{
    run->spec.net->ops->timer_set(run->timer, at);
}

static msec later(msec mono, msec length)
{
    return length > NEVER - mono ? NEVER : mono + length;
}

static void random_bytes(void *arg, void *bytes, size_t n)
{
    struct net *net = arg;
    net->ops->random(net, bytes, n);
}

static void adopt(struct run_job *run, struct request *request)
{
    struct flight *f = mem_alloc(sizeof *f);
    struct flight **end = &run->flights;

    f->run = run;
    f->tag = request->tag;
    f->writes = request->writes;
    f->session = request->session;
    marked_init(&f->secrets);
    request_init(&f->request, request->kind);
    request_move(&f->request, request);
    show(run, f);
    if (f->request.kind == REQUEST_RUN && run->spec.runner == NULL) {
        f->refused = true;
        f->refusal = NET_INTERNAL;
    }
    if (run->spec.job->dry && f->writes && !f->session) {
        f->refused = true;
        f->refusal = NET_DRY;
    }
    if (run->result.cancelled && !f->session) {
        f->refused = true;
        f->refusal = NET_CANCELLED;
    }
    while (*end != NULL)
        end = &(*end)->next;
    *end = f;
}

static void go(struct run_job *run, enum step_event event, const struct reply *reply,
               struct moment now)
{
    struct step_out out;
    struct step_in in = {.event = event, .reply = reply, .now = now};

    step_out_init(&out);
    in.random = random_bytes;
    in.random_arg = run->spec.net;
    run->spec.protocol->go(run->step, &in, &out);
    run->step_at = out.wait >= 0 && !out.done ? later(in.now.mono, out.wait) : NEVER;
    for (size_t i = 0; i < out.request_count && !out.done; i++)
        adopt(run, &out.requests[i]);
    run->done = run->done || out.done;
    if (put_off(run, &out))
        return;
    for (size_t i = 0; i < out.outcome_count; i++)
        report(run, &out.outcomes[i]);
    step_out_free(&out);
}

/* The reply is handed back; the flight is gone afterwards. */
static void land(struct run_job *run, struct flight *f, const struct reply *reply,
                 struct moment now)
{
    struct run_request r = shown(f);

    unlink_flight(run, f);
    if (f->left) {
        gate_leave(run->spec.account);
        gate_leave(run->spec.endpoint);
        run->result.sent = run->result.sent || reply->sent != SENT_NO;
        run->result.wrote = run->result.wrote || (f->writes && reply->sent != SENT_NO);
        if (reply->sent == SENT_NO) { /* the provider knows nothing of it: no budget pays for it */
            run->result.requests--;
            run->result.writes -= f->writes;
        }
    }
    if (run->spec.on_reply != NULL)
        run->spec.on_reply(run->spec.arg, &r, reply);
    if (!run->done)
        go(run, STEP_REPLY, reply, now);
    flight_free(f);
}

static void turn(struct run_job *run, struct moment now);

static void replied(void *arg, const struct reply *reply)
{
    struct flight *f = arg;

    f->exchange = NULL;
    f->program = false;
    if (f->run == NULL) { /* abandoned */
        flight_free(f);
        return;
    }
    struct run_job *run = f->run;
    struct moment now = net_now(run->spec.net);
    land(run, f, reply, now);
    turn(run, now);
}

static void tell_leaving(struct run_job *run, const struct flight *f)
{
    struct run_request r = shown(f);

    if (run->spec.on_request != NULL)
        run->spec.on_request(run->spec.arg, &r);
}

static void refuse(struct run_job *run, struct flight *f, struct moment now)
{
    struct reply reply;

    reply_init(&reply);
    reply.tag = f->tag;
    reply.error = f->refusal;
    reply.sent = SENT_NO;
    if (f->refusal == NET_DRY)
        tell_leaving(run, f);
    land(run, f, &reply, now);
    reply_free(&reply);
}

/* Who is told of a request may have a hundred hostnames to think of: it leaves first. */
static void leave(struct run_job *run, struct flight *f, msec now)
{
    struct net *net = run->spec.net;

    f->left = true;
    run->woken = NULL;
    gate_enter(run->spec.account);
    gate_enter(run->spec.endpoint);
    run->result.requests++;
    if (f->writes) {
        run->result.writes++;
        run->last_write = now;
    }
    f->program = f->request.kind == REQUEST_RUN;
    if (f->program) {
        tell_leaving(run, f);
        run_program(run->spec.runner, &f->request, run->spec.transport, replied, f);
        return;
    }
    f->exchange = net->ops->send(net, &f->request, run->spec.transport, replied, f);
    tell_leaving(run, f);
}

/* False: it stands in the queue of a gate that is shut. */
static bool may_leave(struct run_job *run)
{
    struct run_gate *shut = !gate_open(run->spec.account)    ? run->spec.account
                            : !gate_open(run->spec.endpoint) ? run->spec.endpoint
                                                             : NULL;

    if (shut == NULL)
        return true;
    gate_queue(run, shut);
    if (shut == run->spec.endpoint && run->woken != run->spec.account)
        gate_poke(run->spec.account); /* another job may use what this one can not */
    gate_pass_on(run);
    return false;
}

/* Sends what may leave now. Returns when to look again (NEVER: an event will tell). */
static msec send_ready(struct run_job *run, struct moment now)
{
    msec at = NEVER;

    for (struct flight *f = run->flights, *next; f != NULL; f = next) {
        next = f->next;
        if (run->done)
            break;
        if (f->left)
            continue;
        if (f->refused) {
            refuse(run, f, now);
            next = run->flights; /* the protocol may have asked for more, or is done */
            continue;
        }
        if (f->writes && run->last_write != 0 && now.mono < later(run->last_write, run->spec.gap)) {
            at = later(run->last_write, run->spec.gap);
            break; /* in the order they were asked for */
        }
        if (!may_leave(run))
            break;
        leave(run, f, now.mono);
    }
    return at;
}

static void free_run(struct run_job *run)
{
    gate_unqueue(run);
    if (run->step != NULL)
        run->spec.protocol->end(run->step);
    run->spec.net->ops->timer_free(run->timer);
    step_out_free(&run->kept);
    mem_free(run);
}

/* What is still under way is told to stop; its replies go nowhere. */
static void drop_flights(struct run_job *run)
{
    while (run->flights != NULL) {
        struct flight *f = run->flights;
        run->flights = f->next;
        if (f->left) {
            gate_leave(run->spec.account);
            gate_leave(run->spec.endpoint);
        }
        f->run = NULL;
        if (f->exchange != NULL || f->program) {
            /* Whether it arrived will never be known. */
            run->result.sent = true;
            run->result.wrote = run->result.wrote || f->writes;
            if (f->exchange != NULL)
                run->spec.net->ops->cancel(f->exchange);
        } else {
            flight_free(f);
        }
    }
}

static void finish(struct run_job *run, msec now)
{
    drop_flights(run);
    gate_unqueue(run);
    gate_pass_on(run);
    run->done = true;
    report_kept(run);
    report_missing(run);
    run->result.took = now - run->began;
    run->spec.on_done(run->spec.arg, &run->result);
    free_run(run);
}

static void begin_cancel(struct run_job *run, struct moment now)
{
    run->cancel = false;
    run->result.cancelled = true;
    run->limit_at = later(now.mono, run->spec.logout_most);
    for (struct flight *f = run->flights; f != NULL; f = f->next) {
        if (f->session)
            continue;
        if (f->exchange != NULL) {
            run->spec.net->ops->cancel(f->exchange);
        } else if (!f->left) {
            f->refused = true;
            f->refusal = NET_CANCELLED;
        }
    }
    if (run->started)
        go(run, STEP_CANCEL, NULL, now);
    else
        run->done = true;
}

static void turn(struct run_job *run, struct moment now)
{
    if (run->put_off > 0) {
        wake(run, now.mono);
        return;
    }
    if (now.mono >= run->limit_at) {
        if (run->result.cancelled) {
            finish(run, now.mono);
            return;
        }
        run->cancel = run->result.overtime = true;
    }
    if (run->cancel && !run->result.cancelled)
        begin_cancel(run, now);
    if (!run->started && !run->done) {
        if (!may_leave(run)) { /* its requests are made when they can be sent */
            wake(run, run->limit_at);
            return;
        }
        run->started = true;
        go(run, STEP_START, NULL, now);
    }
    if (!run->done && run->step_at <= now.mono) {
        run->step_at = NEVER;
        go(run, STEP_TIMER, NULL, now);
    }
    msec at = send_ready(run, now);
    if (run->put_off > 0) {
        wake(run, now.mono);
        return;
    }
    if (run->done || (run->flights == NULL && run->step_at == NEVER)) {
        finish(run, now.mono);
        return;
    }
    gate_pass_on(run);
    at = at < run->step_at ? at : run->step_at;
    wake(run, at < run->limit_at ? at : run->limit_at);
}

static void timer_fired(void *arg)
{
    struct run_job *run = arg;
    struct moment now = net_now(run->spec.net);

    if (run->put_off > 0 && --run->put_off == 0)
        finish(run, now.mono);
    else
        turn(run, now);
}

struct run_job *run_job_start(const struct run_spec *spec)
{
    struct run_job *run = mem_alloc(sizeof *run + spec->job->member_count);
    msec now = net_now(spec->net).mono;

    run->spec = *spec;
    run->began = now;
    run->step_at = NEVER;
    run->limit_at = spec->limit > 0 ? later(now, spec->limit) : NEVER;
    run->timer = spec->net->ops->timer_new(spec->net, timer_fired, run);
    run->step = spec->protocol->start(spec->job, spec->provider);
    wake(run, now);
    return run;
}

bool run_job_wrote(const struct run_job *run)
{
    return run->result.wrote;
}

void run_job_cancel(struct run_job *run)
{
    if (run->result.cancelled || run->done)
        return;
    run->cancel = true;
    wake(run, net_now(run->spec.net).mono);
}

void run_job_abandon(struct run_job *run)
{
    drop_flights(run);
    free_run(run);
}
