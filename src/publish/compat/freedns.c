/*
 * SPDX-License-Identifier: ISC
 *
 * protocol=freedns as ddclient speaks it: one list of the account with an update address for each
 * record, then one request a record that differs. The update address carries its own credential.
 * The list is that of the hostnames' own account, not of the first host's.
 */
#include "publish/compat/compat.h"
#include "publish/compat/talk.h"

#include "base/mem.h"
#include "base/text.h"
#include "publish/digest.h"

#include <string.h>
#include <strings.h>

static const char server[] = "freedns.afraid.org";

struct line {
    char *name, *address, *url; /* owned */
    enum family family;
};
struct mine {
    struct line *lines;
    size_t count;
};

static void ask_list(struct talk *t)
{
    struct request *r = talk_request(t, 1, false, "GET", server, "/api/", false);
    struct buf pair, hash;
    uint8_t sha[SHA1_BYTES];

    buf_init(&pair, MARKED_MAX);
    buf_init(&hash, 2 * sizeof sha);
    buf_format(&pair, "%s|%s", talk_setting(t, "login", ""), talk_setting(t, "password", ""));
    digest_of(EVP_sha1(), buf_str(&pair), pair.len, sha);
    text_add_hex(&hash, sha, sizeof sha);
    web_query(&r->url, "action", "getdyndns", false);
    web_query(&r->url, "v", "2", false);
    web_query(&r->url, "sha", buf_str(&hash), true);
    buf_wipe(&pair);
    buf_wipe(&hash);
}

/* host|address|update-url */
static void take_line(struct mine *mine, const char *line, size_t n)
{
    const char *first = memchr(line, '|', n);
    const char *second =
        first != NULL ? memchr(first + 1, '|', n - (size_t)(first + 1 - line)) : NULL;
    struct addr a;

    if (second == NULL)
        return;
    const char *end = memchr(second + 1, '|', n - (size_t)(second + 1 - line));
    if (end == NULL)
        end = line + n;
    mine->lines = mem_more(mine->lines, mine->count, sizeof mine->lines[0]);
    struct line *l = &mine->lines[mine->count++];
    l->name = mem_text_n(line, (size_t)(first - line));
    l->address = mem_text_n(first + 1, (size_t)(second - first - 1));
    l->url = mem_text_n(second + 1, (size_t)(end - second - 1));
    l->family = addr_parse(l->address, &a) ? (enum family)a.family : V4; /* "NULL" is an A record */
}

static void read_list(struct talk *t)
{
    struct mine *mine = t->mine;

    if (t->at == 0) {
        ask_list(t);
        return;
    }
    if (!talk_answered(t))
        return;
    const char *text = buf_str(&t->reply->body), *line;
    size_t n = t->reply->body.len, at = 0, len;
    while (web_line(text, n, &at, &line, &len))
        take_line(mine, line, len);
    if (mine->count > 0)
        talk_ready(t);
    else
        /* FreeDNS answers a wrong hash with a sentence in place of the list. */
        talk_refused(t, strncasecmp(text, "ERROR", 5) == 0 ? OUTCOME_AUTH : OUTCOME_UNKNOWN, text);
}

/* The last line of that name and family. */
static const struct line *line_of(const struct talk *t)
{
    const struct mine *mine = t->mine;

    for (size_t i = mine->count; i > 0; i--) {
        const struct line *l = &mine->lines[i - 1];
        if (l->family == t->family && strcasecmp(l->name, t->hostname) == 0)
            return l;
    }
    return NULL;
}

/* "Updated ... host ... to ... address" on one line. */
static bool says_updated(const struct talk *t)
{
    const char *text = buf_str(&t->reply->body), *line;
    size_t n = t->reply->body.len, at = 0, len;

    while (web_line(text, n, &at, &line, &len)) {
        char *copy = mem_text_n(line, len);
        const char *p = strstr(copy, "Updated");
        p = p != NULL ? strcasestr(p, t->hostname) : NULL;
        p = p != NULL ? strstr(p, " to ") : NULL;
        bool is = p != NULL && strstr(p, t->ip) != NULL;
        mem_free(copy);
        if (is)
            return true;
    }
    return false;
}

static bool same_address(const char *a, const char *b)
{
    struct addr left, right;
    return addr_parse(a, &left) && addr_parse(b, &right) && addr_equal(&left, &right);
}

static void update(struct talk *t, const struct line *l)
{
    if (!text_starts(l->url, "http://") && !text_starts(l->url, "https://")) {
        talk_fail(t, OUTCOME_UNKNOWN, "FreeDNS gave no usable update address for %s.", t->hostname);
        return;
    }
    struct request *r = talk_request(t, 1, true, "GET", server, "/", false);
    marked_free(&r->url);
    size_t scheme = (size_t)(strstr(l->url, "://") + 3 - l->url);
    size_t host = scheme + strcspn(l->url + scheme, "/?");
    marked_add(&r->url, l->url, host, false);
    marked_add(&r->url, l->url + host, strlen(l->url) - host, true);
    web_query(&r->url, "address", t->ip, false);
}

static void record(struct talk *t)
{
    const struct line *l = line_of(t);

    if (l == NULL)
        talk_fail(t, OUTCOME_NO_HOST, "FreeDNS has no %s record for %s; make one there first.",
                  t->type, t->hostname);
    else if (t->at == 0 && same_address(l->address, t->ip))
        talk_good(t, OUTCOME_NOCHG);
    else if (t->at == 0)
        update(t, l);
    else if (!talk_answered(t))
        ;
    else if (says_updated(t))
        talk_good(t, OUTCOME_GOOD);
    else
        talk_refused(t, OUTCOME_UNKNOWN, buf_str(&t->reply->body));
}

static void fini(void *p)
{
    struct mine *mine = p;

    for (size_t i = 0; i < mine->count; i++) {
        mem_free(mine->lines[i].name);
        mem_free(mine->lines[i].address);
        mem_free_secret(mine->lines[i].url);
    }
    mem_free(mine->lines);
}

static const struct talk_script script = {
    .size = sizeof(struct mine), .job = read_list, .record = record, .fini = fini};

static void *start(const struct job *job, const struct provider *provider)
{
    return talk_start(job, &script);
}

const struct protocol protocol_compat_freedns = {"compat-freedns", start, talk_go, talk_end,
                                                 REQUEST_HTTP};
