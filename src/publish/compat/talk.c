/*
 * SPDX-License-Identifier: ISC
 */
#include "publish/compat/talk.h"

#include "base/mem.h"
#include "base/text.h"
#include "publish/names.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { SAY_MAX = 512 };

void *talk_start(const struct job *job, const struct talk_script *script)
{
    struct talk *t = mem_alloc(sizeof *t);

    *t = (struct talk){.job = job, .script = script};
    t->told = mem_array(job->member_count, sizeof t->told[0]);
    t->mine = script->size > 0 ? mem_alloc(script->size) : NULL;
    t->settings = &job->members[0].settings;
    return t;
}

static void forget_answer(struct talk *t)
{
    json_decref(t->json);
    t->json = NULL;
    mem_free(t->say);
    t->say = NULL;
    t->reply = NULL;
}

void talk_end(void *step)
{
    struct talk *t = step;

    forget_answer(t);
    if (t->script->fini != NULL)
        t->script->fini(t->mine);
    mem_free(t->mine);
    mem_free(t->told);
    mem_free(t->server);
    mem_free(t);
}

const char *talk_setting(const struct talk *t, const char *name, const char *fallback)
{
    return web_setting(t->settings, name, fallback);
}

bool talk_flag(const struct talk *t, const char *name)
{
    return web_flag(t->settings, name);
}

long talk_number(const struct talk *t, const char *name, long fallback)
{
    const char *text = web_setting(t->settings, name, NULL);
    uint64_t number;
    return text != NULL && text_number(text, &number) && number <= INT32_MAX ? (long)number
                                                                             : fallback;
}

struct request *talk_request(struct talk *t, unsigned at, bool writes, const char *method,
                             const char *server, const char *path, bool automatic)
{
    struct request *r = step_request(t->out, REQUEST_HTTP);

    r->writes = writes;
    r->about = mem_text(writes ? "publish the address" : "read what is there");
    request_method(r, method);
    web_url(&r->url, t->settings, talk_setting(t, "server", server), path, automatic);
    mem_free(t->server);
    t->server = web_host(marked_str(&r->url));
    t->at = at;
    t->pending = true;
    t->writes = writes;
    return r;
}

void talk_segment(struct request *r, const char *segment)
{
    struct buf escaped;

    buf_init(&escaped, MARKED_MAX);
    buf_char(&escaped, '/');
    text_add_percent(&escaped, segment, strlen(segment), "@*,:!$'()");
    marked_add(&r->url, buf_str(&escaped), escaped.len, false);
    buf_free(&escaped);
}

void talk_header(struct request *r, const char *name, const char *before, const char *value,
                 bool secret)
{
    struct marked *header = request_header(r, name);

    marked_text(header, before);
    for (const char *s = value; *s != '\0'; s++)
        if ((unsigned char)*s >= 0x20 && *s != 0x7f) /* a line break would begin another header */
            marked_add(header, s, 1, secret);
}

void talk_body(struct request *r, json_t *body, bool secret)
{
    char *text = json_dumps(body, JSON_COMPACT);

    r->has_body = true;
    if (text != NULL) {
        marked_add(&r->body, text, strlen(text), secret);
        mem_wipe(text, strlen(text));
        free(text);
    }
    json_decref(body);
}

void talk_wait(struct talk *t, unsigned at, msec length)
{
    t->at = at;
    t->waiting = true;
    t->out->wait = length;
}

static bool is_due(const struct talk *t, size_t member, int f)
{
    const struct want *w = t->job->members[member].want;

    if (t->script->one_family && f == V6 && w[V4].known && w[V4].wanted.count > 0)
        return false;
    return w[f].due && w[f].known && (t->told[member] & FAMILY_BIT(f)) == 0;
}

static void tell(struct talk *t, size_t member, int f, enum outcome_class cls, const char *say)
{
    struct outcome *o = say != NULL
                            ? step_outcome(t->out, (int)member, FAMILY_BIT(f), cls, "%s", say)
                            : step_outcome(t->out, (int)member, FAMILY_BIT(f), cls, NULL);
    o->wait = t->asked_wait;
    t->told[member] |= FAMILY_BIT(f);
}

static void tell_rest(struct talk *t, enum outcome_class cls, const char *say)
{
    bool open = false;

    for (size_t i = 0; i < t->job->member_count; i++)
        for (int f = 0; f < FAMILIES; f++)
            if (is_due(t, i, f)) {
                open = true;
                t->told[i] |= FAMILY_BIT(f);
            }
    if (open)
        step_outcome(t->out, -1, 0, cls, "%s", say)->wait = t->asked_wait;
}

void talk_ready(struct talk *t)
{
    t->moved = true;
}

void talk_good(struct talk *t, enum outcome_class cls)
{
    t->asked_wait = 0;
    tell(t, t->member, (int)t->family, cls, t->say);
    t->moved = true;
}

static void fail(struct talk *t, enum outcome_class cls, const char *say)
{
    if (cls == OUTCOME_NONE) /* 404 to a question */
        cls = t->phase == TALK_RECORD ? OUTCOME_NO_HOST : OUTCOME_NO_ZONE;
    /* One answer that fits no rule says little about the others. */
    enum outcome_scope scope = cls != OUTCOME_UNKNOWN ? outcome_rule(cls)->scope : SCOPE_RECORD;

    t->moved = true;
    if (t->phase == TALK_LEAVE)
        return; /* a logout that failed changes nothing any more */
    bool of_all = !t->job->independent &&
                  (scope == SCOPE_ACCOUNT || scope == SCOPE_PROVIDER || scope == SCOPE_ENDPOINT);
    if (t->phase == TALK_JOB || of_all) {
        tell_rest(t, cls, say);
    } else if (t->phase == TALK_HOST) {
        for (int f = 0; f < FAMILIES; f++)
            if (is_due(t, t->member, f))
                tell(t, t->member, f, cls, say);
    } else {
        tell(t, t->member, (int)t->family, cls, say);
    }
}

void talk_fail(struct talk *t, enum outcome_class cls, const char *say, ...)
{
    char text[SAY_MAX];
    va_list args;

    va_start(args, say);
    vsnprintf(text, sizeof text, say, args);
    va_end(args);
    fail(t, cls, text);
}

void talk_refused(struct talk *t, enum outcome_class cls, const char *text)
{
    if (text == NULL) {
        talk_fail(t, cls, "%s gave an answer that was not expected.", t->server);
        return;
    }
    char *words = web_excerpt(t->settings, text, strlen(text));
    talk_fail(t, cls, "%s answered %s.", t->server, words);
    mem_free(words);
}

bool talk_answered(struct talk *t)
{
    if (t->cls == OUTCOME_GOOD)
        return true;
    fail(t, t->cls, t->say);
    return false;
}

bool talk_json(struct talk *t)
{
    if (!talk_answered(t))
        return false;
    if (t->json != NULL)
        return true;
    talk_refused(t, OUTCOME_UNKNOWN, buf_str(&t->reply->body));
    return false;
}

/* The next record that is due, from where we are; true when there is one. */
static bool next_record(struct talk *t, size_t member, int family)
{
    for (; member < t->job->member_count; member++, family = 0)
        for (; family < FAMILIES; family++)
            if (is_due(t, member, family)) {
                t->member = member;
                t->family = (enum family)family;
                return true;
            }
    return false;
}

static void look_at_member(struct talk *t)
{
    const struct member *m = &t->job->members[t->member];

    t->hostname = m->hostname;
    t->settings = &m->settings;
    t->type = family_type(t->family);
    if (m->want[t->family].wanted.count > 0)
        addr_text(&m->want[t->family].wanted.items[0], t->ip);
}

/* The phase is over: which one is next? */
static void move(struct talk *t)
{
    size_t member = t->member;

    t->at = 0;
    t->moved = false;
    forget_answer(t);
    switch (t->phase) {
    case TALK_JOB:
        t->phase = next_record(t, 0, 0) ? TALK_HOST : TALK_OVER;
        break;
    case TALK_HOST:
    case TALK_RECORD:
        if (next_record(t, member, 0) && t->member == member) {
            t->phase = TALK_RECORD;
        } else {
            t->member = member;
            t->phase = TALK_LEAVE;
        }
        break;
    case TALK_LEAVE:
        t->phase = !t->cancelled && next_record(t, member + 1, 0) ? TALK_HOST : TALK_OVER;
        break;
    case TALK_OVER:
        break;
    }
    if (t->phase != TALK_OVER)
        look_at_member(t);
}

static void run(struct talk *t)
{
    void (*const phases[])(struct talk *) = {
        [TALK_JOB] = t->script->job,
        [TALK_HOST] = t->script->host,
        [TALK_RECORD] = t->script->record,
        [TALK_LEAVE] = t->script->leave,
    };

    while (t->phase != TALK_OVER && !t->pending && !t->waiting) {
        if (t->phase == TALK_RECORD && t->job->members[t->member].want[t->family].wanted.count == 0)
            talk_fail(t, OUTCOME_INPUT, "This protocol can not remove the %s record of %s.",
                      t->type, t->hostname);
        else if (phases[t->phase] != NULL)
            phases[t->phase](t);
        else
            t->moved = true;
        if (t->moved)
            move(t);
    }
}

static void take_reply(struct talk *t, const struct reply *reply)
{
    t->pending = false;
    t->reply = reply;
    t->cls = web_judge(t->server, reply, t->writes, t->in->now.wall, &t->say, &t->asked_wait);
    if (reply->error == NET_OK)
        t->json = json_loadb(buf_str(&reply->body), reply->body.len, 0, NULL);
    if (reply->error == NET_DRY && t->phase == TALK_RECORD)
        talk_good(t, OUTCOME_GOOD);
}

void talk_go(void *step, const struct step_in *in, struct step_out *out)
{
    struct talk *t = step;

    t->in = in;
    t->out = out;
    if (in->event == STEP_CANCEL) {
        t->cancelled = true;
        t->waiting = false;
        if (!t->pending && t->phase != TALK_LEAVE && t->phase != TALK_OVER)
            t->phase = t->phase == TALK_JOB ? TALK_OVER : TALK_LEAVE, t->at = 0;
    } else if (in->event == STEP_TIMER) {
        t->waiting = false;
    } else if (in->event == STEP_REPLY && t->pending) {
        take_reply(t, in->reply);
        if (t->cancelled && t->phase != TALK_LEAVE) {
            forget_answer(t);
            t->moved = false;
            t->phase = t->phase == TALK_JOB ? TALK_OVER : TALK_LEAVE;
            t->at = 0;
        } else if (t->moved) {
            move(t);
        }
    }
    if (t->cancelled)
        tell_rest(t, OUTCOME_OFFLINE, net_error_text(NET_CANCELLED));
    run(t);
    forget_answer(t);
    out->done = t->phase == TALK_OVER;
}

bool talk_blank(const struct talk *t)
{
    const char *text = buf_str(&t->reply->body);

    while (text_is_space(*text))
        text++;
    return *text == '\0';
}

json_t *talk_at(const json_t *json, const char *pointer)
{
    char name[64];

    while (*pointer == '/' && json != NULL) {
        size_t n = strcspn(++pointer, "/");
        if (n >= sizeof name)
            return NULL;
        memcpy(name, pointer, n);
        name[n] = '\0';
        pointer += n;
        uint64_t index;
        json = !json_is_array(json)        ? json_object_get(json, name)
               : text_number(name, &index) ? json_array_get(json, (size_t)index)
                                           : NULL;
    }
    return (json_t *)json;
}

bool talk_says(const json_t *json, const char *pointer)
{
    const json_t *value = talk_at(json, pointer);

    if (json_is_string(value))
        return json_string_length(value) > 0 && !text_equal(json_string_value(value), "0");
    if (json_is_number(value))
        return json_number_value(value) != 0;
    return value != NULL && !json_is_null(value) && !json_is_false(value);
}

const char *talk_text(const json_t *json, const char *pointer)
{
    return json_string_value(talk_at(json, pointer));
}

char *talk_scalar(const json_t *json, const char *pointer)
{
    const json_t *value = talk_at(json, pointer);

    if (json_is_string(value))
        return mem_text(json_string_value(value));
    if (json_is_integer(value))
        return mem_format("%lld", (long long)json_integer_value(value));
    return NULL;
}

char *talk_relative(const char *hostname, const char *zone)
{
    size_t n = strlen(hostname), m = strlen(zone);

    if (m == 0 || n < m || strcasecmp(hostname + n - m, zone) != 0)
        return NULL;
    if (n == m)
        return mem_text("");
    return hostname[n - m - 1] == '.' ? mem_text_n(hostname, n - m - 1) : NULL;
}

char *talk_in_zone(const char *hostname, const char *zone)
{
    bool bare = zone[0] != '\0' && strchr(hostname, '.') == NULL;

    return bare ? mem_text(text_equal(hostname, "@") ? "" : hostname)
                : talk_relative(hostname, zone);
}

bool talk_same_name(const char *a, const char *b)
{
    return name_equal(a, b);
}
