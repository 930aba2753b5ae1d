/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_TEST_FUZZ_STEPS_H
#define HOMING_TEST_FUZZ_STEPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "publish/step.h"

/*
 * Drives any protocol with replies out of the fuzzer's bytes and holds it to the step interface:
 * every due record has its outcome when it is done, no write follows a lost write, nothing is asked
 * for after the end, no secret is in what people read. Input: options and who is spoken to, then
 * replies as (cancel or not, kind, length high, length low, bytes); the bytes may begin with header
 * lines and an empty line.
 */
enum { STEP_CALLS_MOST = 400, STEP_REQUESTS_MOST = 256 };

struct steps_input {
    const uint8_t *bytes;
    size_t len, at;
    uint8_t random;
};

static uint8_t steps_byte(struct steps_input *in)
{
    return in->at < in->len ? in->bytes[in->at++] : 0;
}

static void steps_random(void *arg, void *bytes, size_t n)
{
    struct steps_input *in = arg;
    for (size_t i = 0; i < n; i++)
        ((uint8_t *)bytes)[i] = in->random++;
}

static void steps_must_at(bool holds, int line)
{
    if (!holds && fprintf(stderr, "line %d\n", line))
        abort();
}

#define steps_must(h) steps_must_at(h, __LINE__)

/* An input that names the word and gives it one reply. */
static inline size_t steps_name(const char *word, uint8_t *input, size_t room)
{
    static const uint8_t replies[] = {'\n', 0, 0, 0, 0, 2, '{', '}', 0, 0, 0, 2, '{', '}'};
    size_t n = strlen(word);

    steps_must(1 + n + sizeof replies <= room);
    input[0] = 0;
    memcpy(input + 1, word, n);
    memcpy(input + 1 + n, replies, sizeof replies);
    return 1 + n + sizeof replies;
}

/* Which of the words the input names on a line of its own; a line that is none of them means one of
 * them, too. Names and not numbers: what was kept means the same when a word is added. */
static inline size_t steps_choose(struct steps_input *in, const char *const *words, size_t count)
{
    char line[48];
    size_t n = 0, sum = 0;

    for (uint8_t c; n < sizeof line - 1 && in->at < in->len && (c = steps_byte(in)) != '\n'; n++) {
        line[n] = (char)c;
        sum = sum * 31 + c;
    }
    line[n] = '\0';
    for (size_t i = 0; i < count; i++)
        if (strcmp(words[i], line) == 0)
            return i;
    return sum % count;
}

struct steps_record {
    bool due, told;
};

/* Outcomes: each record once; the text holds no secret. */
static void steps_take_outcomes(const struct job *job, struct steps_record (*records)[FAMILIES],
                                const struct step_out *out, const char *secret)
{
    for (size_t i = 0; i < out->outcome_count; i++) {
        const struct outcome *o = &out->outcomes[i];
        steps_must(o->say == NULL || secret == NULL || strstr(o->say, secret) == NULL);
        steps_must(o->member < (int)job->member_count && o->cls != OUTCOME_NONE);
        for (size_t m = 0; m < job->member_count; m++)
            for (int f = 0; f < FAMILIES; f++)
                if (o->member < 0 || ((size_t)o->member == m && (o->families & FAMILY_BIT(f)) != 0))
                    records[m][f].told = true;
    }
}

/* Lines of "name: value" up to an empty one. */
static void steps_fill_headers(struct steps_input *in, size_t end, struct reply *reply)
{
    while (in->at < end && reply->header_count < 20) {
        const char *line = (const char *)in->bytes + in->at;
        const char *feed = memchr(line, '\n', end - in->at);
        size_t n = feed != NULL ? (size_t)(feed - line) : end - in->at;
        const char *colon = memchr(line, ':', n);
        in->at += n + (feed != NULL);
        if (n == 0 || colon == NULL)
            return;
        const char *value = colon + 1 < line + n && colon[1] == ' ' ? colon + 2 : colon + 1;
        reply_header_add(reply, line, (size_t)(colon - line), value, (size_t)(line + n - value));
    }
}

/* Of a target that can: signs an answer as who has the key would, "how" says with which error. */
static void (*steps_sign)(const struct request *r, unsigned how, struct buf *answer);

static void steps_fill_reply(struct steps_input *in, const struct request *r, struct reply *reply)
{
    static const int statuses[] = {200, 200, 200, 201, 204, 301, 400, 401,
                                   403, 404, 409, 422, 429, 500, 503, 200};
    static const enum net_error errors[] = {NET_TIMEOUT, NET_RESET, NET_REFUSED, NET_TLS,
                                            NET_NO_ROUTE};
    uint8_t kind = steps_byte(in);
    size_t n = (size_t)steps_byte(in) << 8;

    n |= steps_byte(in);
    if (n > in->len - in->at)
        n = in->len - in->at;
    reply_init(reply);
    reply->tag = r->tag;
    if ((kind & 0xf0) == 0xf0) {
        reply->error = errors[kind % (sizeof errors / sizeof errors[0])];
        reply->sent = kind & 8 ? SENT_MAYBE : SENT_NO;
        return;
    }
    reply->sent = SENT_YES;
    reply->status = r->kind == REQUEST_HTTP ? statuses[kind & 15] : 0;
    size_t end = in->at + n;
    if ((kind & 0x40) != 0 && r->kind == REQUEST_HTTP)
        steps_fill_headers(in, end, reply);
    buf_add(&reply->body, in->bytes + in->at, end - in->at);
    in->at = end;
    /* A DNS answer to nothing of ours would never be looked at: give it our id. */
    if (r->kind == REQUEST_DNS && reply->body.len >= 2 && (kind & 0x80) == 0)
        memcpy(reply->body.data, r->wire, 2);
    if (r->kind == REQUEST_DNS && steps_sign != NULL && (kind & 0x20) != 0)
        steps_sign(r, kind & 0xf, &reply->body);
}

/* One job from start to end. secret: what no text may hold; NULL when none is sent. Returns how
 * many replies were looked at. */
static inline unsigned steps_run(const struct protocol *protocol, const struct provider *provider,
                                 struct job *job, struct steps_input *in, const char *secret)
{
    struct request open[STEP_REQUESTS_MOST];
    struct steps_record(*records)[FAMILIES] = mem_array(job->member_count, sizeof records[0]);
    size_t open_count = 0;
    enum step_event event = STEP_START;
    struct reply reply;
    unsigned replies = 0;
    bool done = false, cancelled = false;
    msec now = 1700000000000;

    reply_init(&reply);
    job->memory = memory_new();
    void *step = protocol->start(job, provider);
    for (unsigned calls = 0; !done; calls++) {
        struct step_in in_step = {event, &reply, {calls, now}, steps_random, in};
        struct step_out out;
        bool lost_write = event == STEP_REPLY && reply.sent == SENT_MAYBE;
        replies += event == STEP_REPLY && reply.sent == SENT_YES;
        step_out_init(&out);
        protocol->go(step, &in_step, &out);
        reply_free(&reply);
        steps_take_outcomes(job, records, &out, secret);
        steps_must(open_count + out.request_count <= STEP_REQUESTS_MOST);
        for (size_t i = 0; i < out.request_count; i++) {
            /* what follows may be about another member, or, ddclient's way, its other family */
            steps_must(!lost_write || !out.requests[i].writes || job->member_count > 1 ||
                       job->independent);
            steps_must(!cancelled || out.requests[i].session);
            request_move(&open[open_count++], &out.requests[i]);
        }
        done = out.done;
        steps_must(!done || open_count == 0);
        steps_must(done || open_count > 0 || out.wait >= 0);
        bool waits = out.wait >= 0;
        now += waits ? out.wait : 0;
        step_out_free(&out);
        if (done)
            break;
        steps_must(calls < STEP_CALLS_MOST);
        if (!cancelled && (steps_byte(in) == 0xcc || calls > STEP_CALLS_MOST / 2)) {
            event = STEP_CANCEL;
            cancelled = true;
        } else if (open_count > 0) {
            event = STEP_REPLY;
            steps_fill_reply(in, &open[0], &reply);
            if (cancelled) {
                reply.error = NET_CANCELLED;
                reply.sent = SENT_MAYBE;
            }
            request_free(&open[0]);
            memmove(&open[0], &open[1], --open_count * sizeof open[0]);
        } else {
            event = STEP_TIMER;
        }
    }
    for (size_t m = 0; m < job->member_count; m++)
        for (int f = 0; f < FAMILIES; f++)
            steps_must(records[m][f].told || !job->members[m].want[f].due);
    protocol->end(step);
    memory_free(job->memory);
    mem_free(records);
    return replies;
}

#endif
