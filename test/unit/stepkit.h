/*
 * SPDX-License-Identifier: ISC
 */
#ifndef HOMING_TEST_STEPKIT_H
#define HOMING_TEST_STEPKIT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "publish/step.h"

/*
 * Drives a protocol in tests: a job out of texts, replies out of a list, and all that it asked for
 * and reported as one text that a table can hold. Time stands at kit_now; random bytes count up
 * from 1.
 */
enum { KIT_MEMBERS = 8, KIT_SETTINGS = 24 };
static const struct moment kit_now = {.mono = 1000, .wall = 1700000000000};

/* "name=value;name=value" as a view. */
struct kit_settings {
    char *text; /* owned */
    const char *names[KIT_SETTINGS], *values[KIT_SETTINGS];
    size_t count;
};

struct kit {
    struct kit_settings settings[KIT_MEMBERS];
    struct member members[KIT_MEMBERS];
    struct job job;
    const struct protocol *protocol;
    void *step;
    struct buf seen; /* all of it, one line each */
    struct request last[16];
    size_t last_count;
    bool done;
    msec wait;
    uint8_t random;
};

static const char *kit_get(const void *self, const char *name)
{
    const struct kit_settings *s = self;
    for (size_t i = 0; i < s->count; i++)
        if (strcmp(s->names[i], name) == 0)
            return s->values[i];
    return NULL;
}

static bool kit_secret(const void *self, const char *name)
{
    return strstr(name, "pass") != NULL || strstr(name, "key") != NULL;
}

static void kit_init(struct kit *k, const struct protocol *protocol)
{
    *k = (struct kit){.protocol = protocol};
    k->job = (struct job){.members = k->members,
                          .memory = memory_new(),
                          .policy = POLICY_FIRST,
                          .agent = "homing/test"};
    buf_init(&k->seen, 1 << 20);
}

/* addresses: "192.0.2.1 2001:db8::1"; "-" for a family that is to be removed: "-4" or "-6". */
static void kit_want(struct member *m, const char *addresses)
{
    char text[256];
    char *rest = NULL;
    struct addr a;

    snprintf(text, sizeof text, "%s", addresses);
    for (char *one = strtok_r(text, " ", &rest); one != NULL; one = strtok_r(NULL, " ", &rest)) {
        if (one[0] == '-') {
            m->want[one[1] == '6' ? V6 : V4].known = true;
            m->want[one[1] == '6' ? V6 : V4].due = true;
        } else if (addr_parse(one, &a)) {
            m->want[a.family].known = m->want[a.family].due = true;
            addrset_add(&m->want[a.family].wanted, &a);
        }
    }
}

static struct member *kit_member(struct kit *k, const char *hostname, const char *addresses,
                                 const char *settings)
{
    size_t i = k->job.member_count++;
    struct kit_settings *s = &k->settings[i];
    char *rest = NULL;

    s->text = mem_text(settings);
    for (char *one = strtok_r(s->text, ";", &rest); one != NULL; one = strtok_r(NULL, ";", &rest)) {
        char *equals = strchr(one, '=');
        *equals = '\0';
        s->names[s->count] = one;
        s->values[s->count++] = equals + 1;
    }
    k->members[i] = (struct member){.hostname = hostname, .settings = {s, kit_get, kit_secret}};
    kit_want(&k->members[i], addresses);
    return &k->members[i];
}

static void kit_random(void *arg, void *bytes, size_t n)
{
    struct kit *k = arg;
    for (size_t i = 0; i < n; i++)
        ((uint8_t *)bytes)[i] = ++k->random;
}

static void kit_note_request(struct kit *k, const struct request *r)
{
    if (r->kind == REQUEST_DNS) {
        buf_format(&k->seen, "DNS %s:%u %s ", r->server, r->port, r->tcp ? "tcp" : "udp");
        text_add_hex(&k->seen, r->wire, r->wire_len);
    } else {
        buf_format(&k->seen, "%s %s", r->method, marked_str(&r->url));
        for (size_t i = 0; i < r->header_count; i++)
            buf_format(&k->seen, " [%s: %s]", r->headers[i].name, marked_str(&r->headers[i].value));
        if (r->has_body)
            buf_format(&k->seen, " {%s}", marked_str(&r->body));
        if (r->family >= 0)
            buf_format(&k->seen, " by %s", family_name((enum family)r->family));
    }
    buf_format(&k->seen, "%s\n", r->writes ? "" : " (reads)");
}

static void kit_note_outcome(struct kit *k, const struct outcome *o)
{
    buf_format(&k->seen, "= %s", o->member >= 0 ? k->members[o->member].hostname : "all");
    for (int f = 0; f < FAMILIES; f++)
        if ((o->families & FAMILY_BIT(f)) != 0)
            buf_format(&k->seen, " %s", family_type((enum family)f));
    buf_format(&k->seen, " %s", outcome_rule(o->cls)->name);
    if (o->wait != 0)
        buf_format(&k->seen, " wait %lld", (long long)(o->wait / SECOND));
    buf_char(&k->seen, '\n');
}

static void kit_go(struct kit *k, enum step_event event, const struct reply *reply)
{
    struct step_in in = {event, reply, kit_now, kit_random, k};
    struct step_out out;

    step_out_init(&out);
    k->protocol->go(k->step, &in, &out);
    for (size_t i = 0; i < out.request_count; i++) {
        kit_note_request(k, &out.requests[i]);
        if (k->last_count < 16)
            request_move(&k->last[k->last_count++], &out.requests[i]);
    }
    for (size_t i = 0; i < out.outcome_count; i++)
        kit_note_outcome(k, &out.outcomes[i]);
    k->wait = out.wait;
    k->done = out.done;
    step_out_free(&out);
}

static void kit_start(struct kit *k, const struct provider *provider)
{
    k->step = k->protocol->start(&k->job, provider);
    kit_go(k, STEP_START, NULL);
}

/* Answers the oldest open request. */
static void kit_answer_bytes(struct kit *k, enum net_error error, int status, const void *body,
                             size_t n)
{
    struct reply reply;

    reply_init(&reply);
    reply.tag = k->last[0].tag;
    reply.error = error;
    reply.sent = error == NET_OK ? SENT_YES : SENT_MAYBE;
    reply.status = status;
    buf_add(&reply.body, body, n);
    request_free(&k->last[0]);
    memmove(&k->last[0], &k->last[1], sizeof k->last - sizeof k->last[0]);
    k->last_count--;
    kit_go(k, STEP_REPLY, &reply);
    reply_free(&reply);
}

static inline void kit_answer(struct kit *k, enum net_error error, int status, const char *body)
{
    kit_answer_bytes(k, error, status, body, strlen(body));
}

static void kit_fini(struct kit *k)
{
    k->protocol->end(k->step);
    for (size_t i = 0; i < k->last_count; i++)
        request_free(&k->last[i]);
    for (size_t i = 0; i < k->job.member_count; i++)
        mem_free(k->settings[i].text);
    memory_free(k->job.memory);
    buf_free(&k->seen);
}

#endif
