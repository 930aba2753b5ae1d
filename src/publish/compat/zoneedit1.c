/*
 * SPDX-License-Identifier: ISC
 *
 * protocol=zoneedit1 as ddclient speaks it: one GET for all hostnames with the one address,
 * answered by a tag <SUCCESS ...> or <ERROR ...> for each, in their order. What was sent is
 * remembered, not what the tag repeats.
 */
#include "publish/compat/compat.h"

#include "base/mem.h"
#include "base/text.h"
#include "publish/web.h"

#include <stdlib.h>
#include <string.h>

static const char server[] = "dynamic.zoneedit.com";

struct step {
    const struct job *job;
    enum family family;
    size_t *members; /* owned; indices, hostnames ascending */
    size_t count;
    char *host; /* owned; of the URL */
};

/* The legacy rule: IPv4 when its address is known, else IPv6. */
static bool takes(const struct member *m, int f)
{
    if (f == V6 && m->want[V4].known && m->want[V4].wanted.count > 0)
        return false;
    return m->want[f].due && m->want[f].known && m->want[f].wanted.count > 0;
}

static void *start(const struct job *job, const struct provider *provider)
{
    struct step *s = mem_alloc(sizeof *s);

    *s = (struct step){.job = job};
    s->members = mem_array(job->member_count, sizeof s->members[0]);
    s->family = V4;
    for (size_t i = 0; i < job->member_count; i++)
        if (takes(&job->members[i], V6))
            s->family = V6;
    for (size_t i = 0; i < job->member_count; i++) {
        if (!takes(&job->members[i], (int)s->family))
            continue;
        size_t at = s->count++;
        while (at > 0 &&
               strcmp(job->members[s->members[at - 1]].hostname, job->members[i].hostname) > 0) {
            s->members[at] = s->members[at - 1];
            at--;
        }
        s->members[at] = i;
    }
    return s;
}

static void send(struct step *s, struct step_out *out)
{
    const struct member *first = &s->job->members[s->members[0]];
    struct request *r = step_request(out, REQUEST_HTTP);
    const char *zone = web_setting(&first->settings, "zone", NULL);
    char ip[ADDR_TEXT_MAX];
    struct buf hosts;

    r->writes = true;
    r->about = mem_text("publish the address");
    request_method(r, "GET");
    web_url(&r->url, &first->settings, web_setting(&first->settings, "server", server),
            "/auth/dynamic.html", false);
    buf_init(&hosts, MARKED_MAX / 4);
    for (size_t i = 0; i < s->count; i++)
        buf_format(&hosts, "%s%s", i > 0 ? "," : "", s->job->members[s->members[i]].hostname);
    web_query(&r->url, "host", buf_str(&hosts), false);
    buf_free(&hosts);
    web_query(&r->url, "dnsto", addr_text(&first->want[s->family].wanted.items[0], ip), false);
    if (zone != NULL)
        web_query(&r->url, "zone", zone, false);
    web_basic(r, web_setting(&first->settings, "login", NULL),
              web_setting(&first->settings, "password", NULL));
    s->host = web_host(marked_str(&r->url));
}

/*
 * The name="value" at the beginning of s, with or without quotes. Returns where the next one may
 * begin, NULL when there is none.
 */
static const char *attribute(const char *s, const char *end, const char **name, size_t *name_len,
                             const char **value)
{
    while (s < end && text_is_space(*s))
        s++;
    for (*name = s; s < end && (text_is_alpha(*s) || text_is_digit(*s) || *s == '_' || *s == '-');)
        s++;
    *name_len = (size_t)(s - *name);
    if (s == end || *s != '=' || *name_len == 0)
        return NULL;
    *value = ++s;
    char quote = s < end && (*s == '"' || *s == '\'') ? *s : '\0';
    if (quote != '\0') {
        *value = ++s;
        while (s < end && *s != quote)
            s++;
        return s < end ? s + 1 : s;
    }
    while (s < end && !text_is_space(*s))
        s++;
    return s;
}

struct tag {
    bool success;
    unsigned code; /* 999 when it has none */
    const char *text;
    size_t len;
};

/* A tag without an attribute is none. */
static bool read_tag(const char *from, const char *end, struct tag *tag)
{
    const char *name, *value, *at = from + strcspn(from, " \t");
    size_t name_len;
    bool any = false;

    *tag = (struct tag){from[1] == 'S', 999, from, (size_t)(end + 1 - from)};
    while ((at = attribute(at, end, &name, &name_len, &value)) != NULL) {
        any = true;
        if (name_len == 4 && memcmp(name, "CODE", 4) == 0)
            tag->code = (unsigned)strtoul(value, NULL, 10);
    }
    return any;
}

/* The next tag from *at on; only blanks and text may stand before it on its line. */
static bool next_tag(const char *text, size_t *at, struct tag *tag)
{
    const char *p = text + *at;

    while (*p != '\0') {
        p += strcspn(p, "<\n");
        const char *end = p + strcspn(p, ">\n");
        bool there = text_starts(p, "<SUCCESS ") || text_starts(p, "<ERROR ") ||
                     text_starts(p, "<SUCCESS\t") || text_starts(p, "<ERROR\t");
        if (*p == '<' && (!there || *end != '>')) {
            p += strcspn(p, "\n"); /* another tag: nothing of this line counts */
        } else if (*p == '<') {
            bool whole = read_tag(p, end, tag);
            p = end + 1;
            *at = (size_t)(p - text);
            if (whole)
                return true;
        }
        p += *p == '\n';
    }
    *at = (size_t)(p - text);
    return false;
}

/* ZoneEdit's list of codes; those of success are 200 and 201, 707 is a repeated update. */
static enum outcome_class class_of(bool success, unsigned code)
{
    if (success)
        return code == 201 ? OUTCOME_NOCHG : OUTCOME_GOOD;
    switch (code) {
    case 707:
        return OUTCOME_NOCHG;
    case 701:
        return OUTCOME_NO_HOST;
    case 702:
        return OUTCOME_LIMIT;
    default:
        return OUTCOME_UNKNOWN;
    }
}

static void read_tags(struct step *s, const struct reply *reply, struct step_out *out)
{
    const char *text = buf_str(&reply->body);
    struct tag tag;
    size_t at = 0;

    for (size_t i = 0; i < s->count; i++) {
        const struct member *m = &s->job->members[s->members[i]];
        if (!next_tag(text, &at, &tag)) {
            step_outcome(out, (int)s->members[i], FAMILY_BIT(s->family), OUTCOME_UNKNOWN,
                         "%s did not answer for %s.", s->host, m->hostname);
            continue;
        }
        char *words = web_excerpt(&m->settings, tag.text, tag.len);
        step_outcome(out, (int)s->members[i], FAMILY_BIT(s->family),
                     class_of(tag.success, tag.code), "%s answered %s.", s->host, words);
        mem_free(words);
    }
}

static void take_reply(struct step *s, const struct step_in *in, struct step_out *out)
{
    char *say;
    msec wait;
    enum outcome_class cls = web_judge(s->host, in->reply, true, in->now.wall, &say, &wait);

    if (cls != OUTCOME_GOOD)
        step_outcome(out, -1, 0, cls, "%s", say)->wait = wait;
    else if (in->reply->error != NET_DRY)
        read_tags(s, in->reply, out);
    for (size_t i = 0; in->reply->error == NET_DRY && i < s->count; i++)
        step_outcome(out, (int)s->members[i], FAMILY_BIT(s->family), OUTCOME_GOOD, NULL);
    mem_free(say);
    s->count = 0;
}

static void go(void *step, const struct step_in *in, struct step_out *out)
{
    struct step *s = step;

    if (in->event == STEP_START && s->count > 0)
        send(s, out);
    else if (in->event == STEP_REPLY && s->count > 0)
        take_reply(s, in, out);
    out->done = s->count == 0;
}

static void end(void *step)
{
    struct step *s = step;

    mem_free(s->members);
    mem_free(s->host);
    mem_free(s);
}

const struct protocol protocol_compat_zoneedit1 = {"compat-zoneedit1", start, go, end,
                                                   REQUEST_HTTP};
