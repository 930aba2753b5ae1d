/*
 * SPDX-License-Identifier: ISC
 *
 * protocol=emailonly: nothing is sent; the command's mail tells the addresses. Every known address
 * counts as published.
 */
#include "publish/compat/compat.h"

#include "base/mem.h"

static void *start(const struct job *job, const struct provider *provider)
{
    const struct job **step = mem_alloc(sizeof *step);
    *step = job;
    return step;
}

static void go(void *step, const struct step_in *in, struct step_out *out)
{
    const struct job *job = *(const struct job **)step;

    for (size_t i = 0; in->event == STEP_START && i < job->member_count; i++)
        for (int f = 0; f < FAMILIES; f++)
            if (job->members[i].want[f].due && job->members[i].want[f].known)
                step_outcome(out, (int)i, FAMILY_BIT(f), OUTCOME_GOOD, NULL);
    out->done = true;
}

const struct protocol protocol_compat_emailonly = {"compat-emailonly", start, go, mem_free,
                                                   REQUEST_HTTP};
