/*
 * SPDX-License-Identifier: ISC
 */
#include "publish/credential.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/mem.h"
#include "base/text.h"
#include "publish/call.h"

/* Larger numbers are milliseconds: this many seconds are the year 5138. */
static const double SECONDS_MOST = 1e11;

struct credential_run {
    struct vars settings;
    struct call call;
};

bool credential_asked(const struct provider *p)
{
    return p != NULL && provider_has(p, "credential");
}

msec credential_end(const char *say)
{
    uint64_t wall;
    return say != NULL && text_number(say, &wall) && wall < (uint64_t)NEVER ? (msec)wall : 0;
}

bool credential_parse_time(const char *text, msec *out)
{
    struct tm tm = {0};
    int hours = 0, minutes = 0;

    const char *rest = strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);
    if (rest == NULL)
        return false;
    if (*rest == '.')
        rest += 1 + strspn(rest + 1, "0123456789");
    if (text_equal(rest, "Z") || *rest == '\0')
        ;
    else if ((*rest != '+' && *rest != '-') || sscanf(rest + 1, "%2d:%2d", &hours, &minutes) != 2)
        return false;
    msec offset = (msec)(hours * 60 + minutes) * MINUTE;
    *out = (msec)timegm(&tm) * SECOND - (*rest == '-' ? -offset : offset);
    return *out > 0;
}

static void *start(const struct job *job, const struct provider *provider)
{
    struct credential_run *r = mem_alloc(sizeof *r);

    vars_init(&r->settings, NULL);
    r->settings.settings = &job->members[0].settings;
    r->settings.provider = provider;
    vars_put_text(&r->settings, "agent", job->agent);
    call_begin(&r->call, provider, "credential", SLOT_READ, &r->settings);
    r->call.about = "ask when the credentials end";
    return r;
}

/* What was taken, as wall time; 0: nothing. */
static msec end_of(const json_t *taken, msec wall)
{
    const json_t *at = json_object_get(taken, "expires");
    const json_t *in = json_object_get(taken, "expires-in");
    msec end = 0;

    if (json_is_number(in))
        return wall + (msec)(json_number_value(in) * SECOND);
    if (json_is_number(at))
        return (msec)(json_number_value(at) *
                      (json_number_value(at) < SECONDS_MOST ? (double)SECOND : 1.0));
    if (json_is_string(at) && credential_parse_time(json_string_value(at), &end))
        return end;
    return 0;
}

static void go(void *step, const struct step_in *in, struct step_out *out)
{
    struct credential_run *r = step;

    if (in->event == STEP_START)
        call_go(&r->call, in, out);
    else if (in->event == STEP_REPLY)
        call_reply(&r->call, in, out);
    else if (in->event == STEP_TIMER)
        return;
    out->done = r->call.done || in->event == STEP_CANCEL;
    if (!out->done)
        return;
    const struct verdict *v = &r->call.verdict;
    msec end = r->call.done && outcome_is_good(v->cls) ? end_of(r->call.taken, in->now.wall) : 0;
    if (end > 0)
        step_outcome(out, -1, 0, OUTCOME_GOOD, "%" PRId64, end);
    else if (r->call.done && outcome_is_good(v->cls))
        step_outcome(out, -1, 0, OUTCOME_NONE, NULL);
    else
        step_outcome(out, -1, 0, r->call.done ? v->cls : OUTCOME_SERVER,
                     v->say != NULL ? "%s" : NULL, v->say);
}

static void end(void *step)
{
    struct credential_run *r = step;

    call_end(&r->call);
    vars_fini(&r->settings);
    mem_free(r);
}

const struct protocol protocol_credential = {"credential", start, go, end, REQUEST_HTTP};
