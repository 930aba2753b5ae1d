/*
 * SPDX-License-Identifier: ISC
 */
#include "engine/run_program.h"

#include "base/mem.h"

struct running {
    uint32_t tag;
    reply_fn *fn;
    void *arg;
};

static void on_ran(void *arg, const struct runner_result *result)
{
    struct running *r = arg;
    struct reply reply;

    reply_init(&reply);
    reply.tag = r->tag;
    reply.status = result->exit_status;
    reply.sent = SENT_YES;
    if (result->error != OK) {
        bool ran = result->error == ERR_TIMEOUT || result->error == ERR_TOO_BIG;
        reply.error = result->error == ERR_TIMEOUT   ? NET_TIMEOUT
                      : result->error == ERR_TOO_BIG ? NET_TOO_BIG
                                                     : NET_REFUSED;
        reply.sent = ran ? SENT_MAYBE : SENT_NO;
        reply.detail = mem_text(result->why);
    } else {
        buf_add(&reply.body, result->output, result->output_len);
    }
    r->fn(r->arg, &reply);
    reply_free(&reply);
    mem_free(r);
}

void run_program(struct runner *runner, const struct request *request,
                 const struct transport *transport, reply_fn *fn, void *arg)
{
    struct running *r = mem_alloc(sizeof *r);
    const struct runner_ask ask = {.entry = request->entry,
                                   .setting = request->setting,
                                   .input = marked_str(&request->body),
                                   .input_len = request->body.text.len,
                                   .limit = transport != NULL && transport->timeout > 0
                                                ? transport->timeout
                                                : TIMEOUT_DEFAULT};

    *r = (struct running){request->tag, fn, arg};
    runner->ops->run(runner, &ask, on_ran, r);
}
