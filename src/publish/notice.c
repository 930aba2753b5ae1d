/*
 * SPDX-License-Identifier: ISC
 */
#include "publish/notice.h"

#include "base/mem.h"
#include "publish/call.h"

struct notice_run {
    const struct notice_job *job;
    struct vars settings, vars;
    struct call call;
    bool cancelled; /* and told; only the reply to what is under way is awaited */
};

void notice_job_init(struct notice_job *n, const char *slot, const struct view *settings,
                     const struct notice *notice, const char *agent)
{
    *n = (struct notice_job){.slot = slot, .notice = notice, .memory = memory_new()};
    n->member.hostname = slot; /* no hostname: nothing is due */
    n->member.settings = *settings;
    n->job.members = &n->member;
    n->job.member_count = 1;
    n->job.memory = n->memory;
    n->job.agent = agent;
}

void notice_job_fini(struct notice_job *n)
{
    memory_free(n->memory);
    n->memory = NULL;
}

static void put_notice(struct vars *v, const struct notice *n)
{
    json_t *hosts = n->hosts != NULL ? json_incref((json_t *)n->hosts) : json_array();

    vars_put_text(v, "id", n->id);
    vars_put_text(v, "event", n->event);
    vars_put_text(v, "level", n->level);
    vars_put_text(v, "title", n->title);
    vars_put_text(v, "text", n->text);
    vars_put_text(v, "machine", n->machine);
    vars_put(v, "at", json_integer(n->at / SECOND));
    vars_put(v, "count", json_integer((json_int_t)json_array_size(hosts)));
    vars_put(v, "hosts", hosts);
}

static void *start(const struct job *job, const struct provider *provider)
{
    struct notice_run *r = mem_alloc(sizeof *r);

    r->job = (const struct notice_job *)job;
    vars_init(&r->settings, NULL);
    r->settings.settings = &r->job->member.settings;
    r->settings.provider = provider;
    vars_init(&r->vars, &r->settings);
    vars_put_text(&r->vars, "agent", job->agent);
    if (r->job->notice != NULL)
        put_notice(&r->vars, r->job->notice);
    call_begin(&r->call, provider, r->job->slot, SLOT_WRITE, &r->vars);
    r->call.about = "tell";
    return r;
}

static void go(void *step, const struct step_in *in, struct step_out *out)
{
    struct notice_run *r = step;

    switch (in->event) {
    case STEP_START:
        call_go(&r->call, in, out);
        break;
    case STEP_REPLY:
        if (r->cancelled) {
            out->done = true;
            return;
        }
        call_reply(&r->call, in, out);
        break;
    case STEP_TIMER:
        return;
    case STEP_CANCEL:
        if (!r->call.done && !r->cancelled)
            step_outcome(out, -1, 0, OUTCOME_SERVER, "it took too long");
        r->cancelled = true;
        out->done = !r->call.asked;
        return;
    }
    if (!r->call.done)
        return;
    const struct verdict *v = &r->call.verdict;
    step_outcome(out, -1, 0, v->cls, v->say != NULL ? "%s" : NULL, v->say)->wait = v->wait;
    out->done = true;
}

static void end(void *step)
{
    struct notice_run *r = step;

    call_end(&r->call);
    vars_fini(&r->vars);
    vars_fini(&r->settings);
    mem_free(r);
}

const struct protocol protocol_notice = {"notice", start, go, end, REQUEST_HTTP};
