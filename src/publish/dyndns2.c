/*
 * SPDX-License-Identifier: ISC
 */
#include "publish/dyndns2.h"

#include "base/mem.h"
#include "base/text.h"
#include "publish/web.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* How the relatives differ. */
struct dialect {
    const char *server, *script; /* when the settings have none */
    const char *system;          /* value of "system=", or NULL */
    bool automatic;              /* ssl=no gives http */
    bool options;                /* wildcard, mx and backmx are sent */
    bool own_name; /* the account has one name: no hostname, myip and myipv6 apart, all lines
                      of the answer are about it */
    bool spread;   /* one line, even a good one, stands for all hostnames of the request */
};

static const struct dialect dyndns2 = {
    .server = "members.dyndns.org",
    .script = "/nic/update",
    .automatic = true,
    .options = true,
    .spread = true,
};
static const struct dialect noip = {
    .server = "dynupdate.no-ip.com",
    .script = "/nic/update",
    .system = "noip",
};
static const struct dialect inwx = {
    .server = "dyndns.inwx.com",
    .script = "/nic/update",
    .automatic = true,
    .own_name = true,
};

/* Dyn, "Return codes"; No-IP, "Response codes"; 911 asks for 10 minutes at least, we give 30. */
static const struct {
    const char *word;
    enum outcome_class cls;
    msec wait;
} words[] = {
    {"good", OUTCOME_GOOD, 0},
    {"nochg", OUTCOME_NOCHG, 0},
    {"badauth", OUTCOME_AUTH, 0},
    {"badsys", OUTCOME_INPUT, 0},
    {"badagent", OUTCOME_AGENT, 0},
    {"!donator", OUTCOME_FEATURE, 0},
    {"!yours", OUTCOME_NO_HOST, 0},
    {"!active", OUTCOME_NO_HOST, 0},
    {"nohost", OUTCOME_NO_HOST, 0},
    {"notfqdn", OUTCOME_INPUT, 0},
    {"numhost", OUTCOME_TOO_LONG, 0},
    {"abuse", OUTCOME_ABUSE, 0},
    {"dnserr", OUTCOME_SERVER, 0},
    {"servererror", OUTCOME_SERVER, 0},
    {"911", OUTCOME_SERVER, 30 * MINUTE},
};

/* "w30m": that many seconds, minutes or hours; seconds without a unit. */
static bool wait_word(const char *word, size_t n, msec *wait)
{
    msec number = 0, unit = SECOND;
    size_t i = 1;

    if (n < 2 || text_lower(word[0]) != 'w')
        return false;
    for (; i < n && text_is_digit(word[i]) && number < 1000000; i++)
        number = number * 10 + (word[i] - '0');
    if (i == 1 || n - i > 1)
        return false;
    if (i < n) {
        char c = text_lower(word[i]);
        if (c != 's' && c != 'm' && c != 'h')
            return false;
        unit = c == 'h' ? HOUR : c == 'm' ? MINUTE : SECOND;
    }
    *wait = number * unit;
    return true;
}

enum outcome_class dyndns2_word(const char *word, size_t n, msec *wait)
{
    *wait = 0;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strlen(words[i].word) == n && strncasecmp(words[i].word, word, n) == 0) {
            *wait = words[i].wait;
            return words[i].cls;
        }
    }
    return wait_word(word, n, wait) ? OUTCOME_LIMIT : OUTCOME_UNKNOWN;
}

/* Members whose wanted sets are equal: one request. */
struct group {
    size_t *members; /* owned; indices into the job, hostnames ascending */
    size_t count;
    unsigned families; /* FAMILY_BIT()s that are sent */
    bool answered;
};

struct step {
    const struct job *job;
    const struct dialect *dialect;
    char *host; /* owned; of the URL, for sentences */
    struct group *groups;
    size_t group_count;
    size_t open; /* requests without a reply yet */
};

static const struct view *settings_of(const struct step *s, const struct group *g)
{
    return &s->job->members[g->members[0]].settings;
}

static bool sendable(const struct want *w)
{
    return w->known && w->wanted.count > 0;
}

static bool same_wants(const struct member *a, const struct member *b)
{
    for (int f = 0; f < FAMILIES; f++) {
        bool one = sendable(&a->want[f]), other = sendable(&b->want[f]);
        if (one != other || (one && !addrset_equal(&a->want[f].wanted, &b->want[f].wanted)))
            return false;
    }
    return true;
}

static void group_add(struct step *s, size_t member)
{
    const struct member *members = s->job->members;
    struct group *g = NULL;

    for (size_t i = 0; i < s->group_count && g == NULL; i++)
        if (same_wants(&members[s->groups[i].members[0]], &members[member]))
            g = &s->groups[i];
    if (g == NULL) {
        s->groups = mem_more(s->groups, s->group_count, sizeof s->groups[0]);
        g = &s->groups[s->group_count++];
        *g = (struct group){0};
        for (int f = 0; f < FAMILIES; f++)
            if (sendable(&members[member].want[f]))
                g->families |= FAMILY_BIT(f);
    }
    g->members = mem_more(g->members, g->count, sizeof g->members[0]);
    size_t at = g->count++;
    while (at > 0 && strcmp(members[g->members[at - 1]].hostname, members[member].hostname) > 0) {
        g->members[at] = g->members[at - 1];
        at--;
    }
    g->members[at] = member;
}

static void *start(const struct job *job, const struct dialect *dialect)
{
    struct step *s = mem_alloc(sizeof *s);

    *s = (struct step){.job = job, .dialect = dialect};
    for (size_t i = 0; i < job->member_count; i++)
        group_add(s, i);
    return s;
}

/* What cannot be sent gets its outcome before anything leaves. False: nothing is left to send. */
static bool refuse_deletions(struct step *s, const struct group *g, struct step_out *out)
{
    for (size_t i = 0; i < g->count; i++) {
        const struct member *m = &s->job->members[g->members[i]];
        for (int f = 0; f < FAMILIES; f++)
            if (m->want[f].due && m->want[f].known && m->want[f].wanted.count == 0)
                step_outcome(out, (int)g->members[i], FAMILY_BIT(f), OUTCOME_INPUT,
                             "This protocol can not remove the %s record of %s.", family_type(f),
                             m->hostname);
    }
    return g->families != 0;
}

/* An A record is never left out; an AAAA record that we never made is none that could be lost. */
static bool would_lose(const struct step *s, const struct group *g, int f)
{
    for (size_t i = 0; i < g->count; i++) {
        const struct want *w = &s->job->members[g->members[i]].want[f];
        if (f == V4 || (w->published_known && w->published.count > 0))
            return true;
    }
    return false;
}

/*
 * INWX takes a family that is left out for one to be deleted (AAAA) or set to 127.0.0.1 (A): as
 * long as an address that should exist is not known, nothing is sent.
 */
static bool awaits_other_family(struct step *s, const struct group *g, struct step_out *out)
{
    static const char *const names[FAMILIES] = {"usev4", "usev6"};

    for (int f = 0; s->dialect->own_name && f < FAMILIES; f++) {
        const char *use = web_setting(settings_of(s, g), names[f], "disabled");
        const struct want *w = &s->job->members[g->members[0]].want[f];
        if (w->known || text_case_equal(use, "disabled") || text_case_equal(use, "no") ||
            !would_lose(s, g, f))
            continue;
        for (size_t i = 0; i < g->count; i++)
            step_outcome(out, (int)g->members[i], g->families, OUTCOME_OFFLINE,
                         "Nothing was sent for %s: the %s address is not known yet, and this "
                         "provider would take its absence for a wish to remove it.",
                         s->job->members[g->members[i]].hostname, family_name(f));
        return true;
    }
    return false;
}

static void add_addresses(const struct step *s, const struct group *g, struct marked *url)
{
    const struct want *want = s->job->members[g->members[0]].want;
    struct buf text;

    buf_init(&text, FAMILIES * ADDRSET_TEXT_MAX);
    for (int f = 0; f < FAMILIES; f++) {
        if ((g->families & FAMILY_BIT(f)) == 0)
            continue;
        if (text.len > 0)
            buf_char(&text, ',');
        web_add_set(&text, &want[f].wanted);
        if (s->dialect->own_name) {
            web_query(url, f == V4 ? "myip" : "myipv6", buf_str(&text), false);
            buf_clear(&text);
        }
    }
    if (!s->dialect->own_name)
        web_query(url, "myip", buf_str(&text), false);
    buf_free(&text);
}

static void add_hostnames(const struct step *s, const struct group *g, struct marked *url)
{
    struct buf text;

    buf_init(&text, MARKED_MAX / 4);
    for (size_t i = 0; i < g->count; i++) {
        if (i > 0)
            buf_char(&text, ',');
        buf_text(&text, s->job->members[g->members[i]].hostname);
    }
    web_query(url, "hostname", buf_str(&text), false);
    buf_free(&text);
}

static void add_options(const struct view *settings, struct marked *url)
{
    const char *mx = web_setting(settings, "mx", NULL);

    if (web_flag(settings, "wildcard"))
        web_query(url, "wildcard", "ON", false);
    if (mx != NULL) {
        web_query(url, "mx", mx, false);
        web_query(url, "backmx", web_flag(settings, "backupmx") ? "YES" : "NO", false);
    }
}

static void send(struct step *s, size_t index, struct step_out *out)
{
    struct group *g = &s->groups[index];
    const struct view *settings = settings_of(s, g);
    const char *server = web_setting(settings, "server", s->dialect->server);
    /* No-IP's page has its place; a script= is another protocol's. */
    const char *script = s->dialect->system != NULL
                             ? s->dialect->script
                             : web_setting(settings, "script", s->dialect->script);
    struct request *r = step_request(out, REQUEST_HTTP);

    r->tag = (uint32_t)index;
    r->writes = true;
    r->about = mem_text("publish the addresses");
    request_method(r, "GET");
    web_url(&r->url, settings, server, script, s->dialect->automatic);
    if (s->dialect->system != NULL)
        web_query(&r->url, "system", s->dialect->system, false);
    if (!s->dialect->own_name)
        add_hostnames(s, g, &r->url);
    add_addresses(s, g, &r->url);
    if (s->dialect->options)
        add_options(settings, &r->url);
    web_basic(r, web_setting(settings, "login", NULL), web_setting(settings, "password", NULL));
    if (s->host == NULL)
        s->host = web_host(marked_str(&r->url));
    s->open++;
}

static void begin(struct step *s, struct step_out *out)
{
    for (size_t i = 0; i < s->group_count; i++) {
        struct group *g = &s->groups[i];
        if (!refuse_deletions(s, g, out) || awaits_other_family(s, g, out))
            g->answered = true;
        else
            send(s, i, out);
    }
}

/*
 * One outcome for all members of a request. What is about more than single records is said once,
 * unless other requests of the job may fare otherwise.
 */
static void report_all(const struct step *s, const struct group *g, struct step_out *out,
                       enum outcome_class cls, const char *say, msec wait)
{
    if (s->group_count == 1 && outcome_rule(cls)->scope != SCOPE_RECORD) {
        step_outcome(out, -1, 0, cls, "%s", say)->wait = wait;
        return;
    }
    for (size_t i = 0; i < g->count; i++)
        step_outcome(out, (int)g->members[i], g->families, cls, "%s", say)->wait = wait;
}

/* An address in the answer that is none of those we sent: worth telling, the DNS look will show it.
 */
static bool other_address(const struct want *want, unsigned families, const char *line, size_t n,
                          struct addr *other)
{
    for (size_t i = 0; i < n;) {
        size_t from = i;
        while (i < n && !text_is_space(line[i]) && line[i] != ',')
            i++;
        if (addr_parse_n(line + from, i - from, other) &&
            (families & FAMILY_BIT(other->family)) != 0 &&
            !addrset_has(&want[other->family].wanted, other))
            return true;
        i++;
    }
    return false;
}

static void report_line(const struct step *s, const struct group *g, size_t member,
                        const char *line, size_t n, struct step_out *out)
{
    const struct member *m = &s->job->members[member];
    const char *word;
    size_t word_len = web_word(line, n, &word);
    msec wait;
    enum outcome_class cls = dyndns2_word(word, word_len, &wait);
    struct addr other;

    /* One hostname can not be halved any further: its number is simply not accepted. */
    if (cls == OUTCOME_TOO_LONG && (g->count == 1 || s->dialect->own_name))
        cls = OUTCOME_INPUT;
    if (cls == OUTCOME_GOOD && !other_address(m->want, g->families, line, n, &other)) {
        step_outcome(out, (int)member, g->families, cls, NULL);
    } else if (outcome_is_good(cls) && other_address(m->want, g->families, line, n, &other)) {
        char text[ADDR_TEXT_MAX];
        step_outcome(out, (int)member, g->families, cls, "%s names another address: %s.", s->host,
                     addr_text(&other, text));
    } else {
        char *excerpt = web_excerpt(&m->settings, line, n);
        step_outcome(out, (int)member, g->families, cls, "%s answered %s.", s->host, excerpt)
            ->wait = wait;
        mem_free(excerpt);
    }
}

static size_t count_lines(const char *text, size_t n)
{
    size_t at = 0, count = 0, last = 0, len;
    const char *line;

    while (web_line(text, n, &at, &line, &len)) {
        count++;
        if (len > 0)
            last = count;
    }
    return last; /* empty ones at the end do not count */
}

/* The answer of an account with one name: good when no line says otherwise. */
static void read_own_name(const struct step *s, const struct group *g, const char *text, size_t n,
                          struct step_out *out)
{
    size_t at = 0, len;
    const char *line, *word, *decisive = text;
    size_t decisive_len = 0;
    msec wait;

    while (web_line(text, n, &at, &line, &len)) {
        size_t word_len = web_word(line, len, &word);
        if (word_len == 0)
            continue;
        decisive = line;
        decisive_len = len;
        if (!outcome_is_good(dyndns2_word(word, word_len, &wait)))
            break;
    }
    for (size_t i = 0; i < g->count; i++)
        report_line(s, g, g->members[i], decisive, decisive_len, out);
}

/* One word, one hostname, in the order they were sent. */
static void read_lines(const struct step *s, const struct group *g, const char *text, size_t n,
                       struct step_out *out)
{
    size_t lines = count_lines(text, n), at = 0, len = 0, word_len;
    const char *line = text, *word;
    msec wait;

    if (lines == 1 && g->count > 1) {
        web_line(text, n, &at, &line, &len);
        word_len = web_word(line, len, &word);
        enum outcome_class cls = dyndns2_word(word, word_len, &wait);
        if (!outcome_is_good(cls)) {
            char *excerpt = web_excerpt(settings_of(s, g), line, len);
            char *say =
                mem_format("%s answered %s for all hostnames of the request.", s->host, excerpt);
            report_all(s, g, out, cls, say, wait);
            mem_free(say);
            mem_free(excerpt);
            return;
        }
        at = 0;
    }
    for (size_t i = 0; i < g->count; i++) {
        bool there = i < lines && web_line(text, n, &at, &line, &len);
        if (there || (lines == 1 && s->dialect->spread))
            report_line(s, g, g->members[i], line, len, out);
        else
            step_outcome(out, (int)g->members[i], g->families, OUTCOME_UNKNOWN,
                         "%s did not answer for %s.", s->host,
                         s->job->members[g->members[i]].hostname);
    }
}

/* A refusal is often told by the status and, more exactly, by the word below it. */
static enum outcome_class refine(enum outcome_class cls, const struct reply *reply, msec *wait)
{
    const char *word;
    msec asked;
    size_t n = web_word(buf_str(&reply->body), reply->body.len, &word);
    enum outcome_class told = dyndns2_word(word, n, &asked);

    if (reply->error != NET_OK || outcome_is_good(told) || told == OUTCOME_UNKNOWN)
        return cls;
    if (*wait == 0)
        *wait = asked;
    return told;
}

static void take_reply(struct step *s, const struct step_in *in, struct step_out *out)
{
    const struct reply *reply = in->reply;

    if (reply->tag >= s->group_count || s->groups[reply->tag].answered)
        return;
    struct group *g = &s->groups[reply->tag];
    g->answered = true;
    s->open--;
    if (reply->error == NET_DRY) {
        report_all(s, g, out, OUTCOME_GOOD, net_error_text(NET_DRY), 0);
        return;
    }

    char *say;
    msec wait;
    enum outcome_class cls = web_judge(s->host, reply, true, in->now.wall, &say, &wait);
    if (cls != OUTCOME_GOOD) {
        cls = refine(cls, reply, &wait);
        if (cls == OUTCOME_TOO_LONG && s->dialect->own_name)
            cls = OUTCOME_INPUT; /* no hostname was sent, of which there could be fewer */
        report_all(s, g, out, cls, say, wait);
    } else if (s->dialect->own_name) {
        read_own_name(s, g, buf_str(&reply->body), reply->body.len, out);
    } else {
        read_lines(s, g, buf_str(&reply->body), reply->body.len, out);
    }
    mem_free(say);
}

static void go(void *step, const struct step_in *in, struct step_out *out)
{
    struct step *s = step;

    if (in->event == STEP_START)
        begin(s, out);
    else if (in->event == STEP_REPLY)
        take_reply(s, in, out);
    /* A cancel leaves nothing to tidy up: replies still come, and the last one ends it. */
    out->done = s->open == 0;
}

static void end(void *step)
{
    struct step *s = step;

    for (size_t i = 0; i < s->group_count; i++)
        mem_free(s->groups[i].members);
    mem_free(s->groups);
    mem_free(s->host);
    mem_free(s);
}

static void *start_dyndns2(const struct job *job, const struct provider *provider)
{
    return start(job, &dyndns2);
}

static void *start_noip(const struct job *job, const struct provider *provider)
{
    return start(job, &noip);
}

static void *start_inwx(const struct job *job, const struct provider *provider)
{
    return start(job, &inwx);
}

const struct protocol protocol_dyndns2 = {"dyndns2", start_dyndns2, go, end, REQUEST_HTTP};
const struct protocol protocol_noip = {"noip", start_noip, go, end, REQUEST_HTTP};
const struct protocol protocol_inwx = {"inwx", start_inwx, go, end, REQUEST_HTTP};
