/*
 * SPDX-License-Identifier: ISC
 */
#include "world.h"

#include "base/mem.h"
#include "base/text.h"

#include <stdio.h>
#include <string.h>

/* The schedule's numbers as a reader of the design would write them down, jitter off. */
static const msec steps[] = {MINUTE, 2 * MINUTE, 5 * MINUTE, 15 * MINUTE, 30 * MINUTE, 60 * MINUTE};
static const msec word_most = 24 * (msec)HOUR;

/* What was already handed to the net when settings changed. */
enum { ON_ITS_WAY = 0 };

/* How long a job may still do what was right when it began: a look and a write, each with its
 * time-out. */
enum { ITS_JOB = 2 * MINUTE };

static msec least(msec length)
{
    return length / 10 * 8;
}

static msec now_of(const struct world *w)
{
    return net_now(sim_net_seam(w->net)).mono;
}

void world_broken(struct world *w, const char *format, ...)
{
    va_list args;
    int n;

    if (w->broken[0] != '\0')
        return;
    n = snprintf(w->broken, sizeof w->broken, "at %lld s: ", (long long)(now_of(w) / SECOND));
    va_start(args, format);
    vsnprintf(w->broken + n, sizeof w->broken - (size_t)n, format, args);
    va_end(args);
}

/* Reading a request */

struct parsed {
    struct world_host *hosts[WORLD_HOSTS];
    unsigned count;
    struct addrset sets[FAMILIES];
    bool about[FAMILIES]; /* which families it is about; of an API, with no address: take it away */
    struct world_account *account;
    unsigned account_number;
    unsigned password;
    struct server *server;
    enum family type; /* of an API's request */
    bool api, reads;  /* porkbun's way; a request that only reads */
};

static void each_part(const char *list, size_t n,
                      void (*fn)(struct world *, struct parsed *, const char *, size_t),
                      struct world *w, struct parsed *p)
{
    size_t at = 0;
    while (at < n) {
        size_t from = at;
        while (at < n && list[at] != ',')
            at++;
        fn(w, p, list + from, at - from);
        at++;
    }
}

static void add_host(struct world *w, struct parsed *p, const char *name, size_t n)
{
    for (unsigned i = 0; i < w->host_count; i++) {
        struct world_host *h = &w->hosts[i];
        if (strlen(h->name) == n && memcmp(h->name, name, n) == 0)
            p->hosts[p->count++] = h;
    }
}

static void add_address(struct world *w, struct parsed *p, const char *text, size_t n)
{
    struct addr a;
    if (addr_parse_n(text, n, &a)) {
        addrset_add(&p->sets[a.family], &a);
        p->about[a.family] = true;
    } else {
        world_broken(w, "an address that is none: %.*s", (int)n, text);
    }
}

static void parse_query(struct world *w, struct parsed *p, const char *url)
{
    const char *at = strchr(url, '?');

    while (at != NULL) {
        at++;
        size_t n = strcspn(at, "&");
        if (strncmp(at, "hostname=", 9) == 0)
            each_part(at + 9, n - 9, add_host, w, p);
        else if (strncmp(at, "myip=", 5) == 0)
            each_part(at + 5, n - 5, add_address, w, p);
        at = at[n] == '&' ? at + n : NULL;
    }
}

/* GET or PUT /dns/HOST/TYPE; the addresses stand in the body. */
static void parse_api(struct world *w, struct parsed *p, const struct request *request,
                      const char *url)
{
    const char *host = strstr(url, "/dns/");
    const char *body = marked_str(&request->body);

    if (host == NULL)
        return;
    host += strlen("/dns/");
    size_t n = strcspn(host, "/");
    p->api = true;
    p->type = strcmp(host + n, "/AAAA") == 0 ? V6 : V4;
    p->reads = strcmp(request->method, "GET") == 0;
    p->about[p->type] = !p->reads;
    add_host(w, p, host, n);
    for (const char *at = body; (at = strchr(at, '"')) != NULL;) {
        struct addr a;
        n = strcspn(at + 1, "\"");
        if (addr_parse_n(at + 1, n, &a))
            addrset_add(&p->sets[a.family], &a);
        at += at[n + 1] == '"' ? n + 2 : n + 1;
    }
}

static void parse_login(struct world *w, struct parsed *p, const struct request *request)
{
    struct marked *header =
        request_find_header((struct request *)(uintptr_t)request, "Authorization");
    char pair[128] = "";
    unsigned number;

    if (header == NULL)
        return;
    const char *text = marked_str(header);
    long n = text_from_base64(text + strlen("Basic "), (uint8_t *)pair, sizeof pair - 1);
    pair[n > 0 ? n : 0] = '\0';
    if (sscanf(pair, "user%u:word%u", &number, &p->password) == 2 && number < w->account_count) {
        p->account = &w->accounts[number];
        p->account_number = number;
        p->server = &w->servers[p->account->server];
    }
}

/* The rules, when a request leaves */

static void check_committed(struct world *w, const struct world_host *h)
{
    bool open = false;

    for (int f = 0; f < FAMILIES; f++) {
        const struct state_record *r = memstate_record(w->disk, h->id, (enum family)f);
        open = open || (r != NULL && r->attempt_open);
    }
    if (!open)
        world_broken(w, "%s was sent before its attempt was committed", h->name);
}

static void check_due(struct world *w, struct world_host *h, const struct parsed *p)
{
    msec now = now_of(w);
    bool changed = false, any_early = false, any_due = false, excuse = false;

    for (int f = 0; f < FAMILIES; f++) {
        if (!p->about[f])
            continue;
        excuse = excuse || h->excuse[f];
        bool same = h->confirmed[f] && addrset_equal(&h->value[f], &p->sets[f]);
        bool early = !same && h->confirmed[f] && now - h->confirmed_at[f] < 30 * SECOND;
        changed = changed || !same;
        any_early = any_early || early;
        any_due = any_due || (!same && !early);
        if (same && now - h->confirmed_at[f] >= 25 * DAY)
            changed = true;
    }
    /* One family may ride along with the other before its own time. */
    if (any_early && !any_due && !h->insisted && !excuse)
        world_broken(w, "%s: min-interval: it was published less than 30 s ago", h->name);
    if (!changed && !excuse)
        world_broken(w, "%s was sent although nothing changed", h->name);
    if (!changed)
        w->needless_excused++;
}

static void check_promise(struct world *w, const struct promise *promise, const char *what,
                          const char *name)
{
    msec now = now_of(w);
    if (now < promise->until)
        world_broken(w, "%s: %s: %lld s too early, told %lld s ago", name, what,
                     (long long)((promise->until - now) / SECOND),
                     (long long)((now - promise->told) / SECOND));
}

/* What does not arrive, and is known not to, is nothing that the provider counts. */
static bool arrives(const struct world *w, const struct world_account *a)
{
    enum server_mode mode = w->servers[a->server].mode;
    return mode != MODE_REFUSED && mode != MODE_NO_ROUTE;
}

static void check_budget(struct world *w, struct world_account *a)
{
    msec now = now_of(w);
    unsigned recent = 0;

    if (!arrives(w, a))
        return;
    for (unsigned i = 0; i < 64 && i < a->write_count; i++)
        recent += a->writes[i] > now - HOUR;
    if (strcmp(a->word, "noip") == 0 && recent >= WORLD_LIMIT_N)
        world_broken(w, "%s: more than %d writes in an hour", a->login, WORLD_LIMIT_N);
    a->writes[a->write_count++ % 64] = now;
}

/* Nothing but what was refused already? */
static bool no_new_question(const struct world_host *h, const struct parsed *p)
{
    for (int f = 0; f < FAMILIES; f++) {
        bool none = p->about[f] && p->sets[f].count == 0;
        if (!addrset_subset(&p->sets[f], &h->refused[f]) || (none && !h->refused_none[f]))
            return false;
    }
    return true;
}

/* Sixty requests an hour, whatever the account; a job that has to look again may need one more. */
static void check_shared_budget(struct world *w)
{
    msec now = now_of(w);
    unsigned recent = 0;

    for (unsigned i = 0; i < 64 && i < w->api_count; i++)
        recent += w->api[i] > now - HOUR;
    if (recent >= 62)
        world_broken(w, "more than 60 requests in an hour to an API that counts our address");
    w->api[w->api_count++ % 64] = now;
}

static bool was_gone(const struct world *w, const struct world_line *line)
{
    return line->gone || (line->until != 0 && now_of(w) - line->until < ITS_JOB);
}

/* Every line that its address may come from. */
bool world_gone(const struct world *w, const struct world_host *h, enum family f)
{
    return w->lines[h->interface][f].gone && (!h->both || w->lines[1 - h->interface][f].gone);
}

bool world_deletes(const struct world *w, const struct world_host *h)
{
    return strcmp(w->accounts[h->account].word, "porkbun") == 0;
}

/* What stands there is taken away, or changed to what on-loss= names, only when the address is
 * known to be gone: never because nobody could tell. */
static void check_loss(struct world *w, const struct world_host *h, const struct parsed *p)
{
    struct addr parked;

    addr_parse(WORLD_LOSS, &parked);
    for (int f = 0; f < FAMILIES; f++) {
        bool deletes = p->about[f] && p->sets[f].count == 0;
        if (!deletes && !addrset_has(&p->sets[f], &parked))
            continue;
        bool told = h->asked != 0 && now_of(w) - h->asked < ITS_JOB;
        bool gone = was_gone(w, &w->lines[h->interface][f]) &&
                    (!h->both || was_gone(w, &w->lines[1 - h->interface][f]));
        if (!told && h->loss != (deletes ? LOSS_DELETES : LOSS_PARKS))
            world_broken(w, "%s: the %s record was %s although on-loss= does not say so", h->name,
                         family_name((enum family)f), deletes ? "taken away" : "parked");
        if (!told && !gone && !h->disabled)
            world_broken(w, "%s: the %s record was %s although the address is not known to be gone",
                         h->name, family_name((enum family)f), deletes ? "taken away" : "parked");
        w->losses++;
    }
}

static void check(struct world *w, struct parsed *p)
{
    struct moment now = net_now(sim_net_seam(w->net));
    struct world_account *a = p->account;

    if (!w->up)
        world_broken(w, "a request after the end");
    if (a == NULL || p->count == 0) {
        world_broken(w, "a request without account or hostname");
        return;
    }
    if (!clock_believable(&now, w->floor))
        world_broken(w, "%s: sent while the clock is not set", a->login);
    if (p->password != a->password && now.mono - a->changed > ON_ITS_WAY)
        world_broken(w, "%s: an old password was sent", a->login);
    if (a->trial && (p->count > 1 || a->in_flight > 0))
        world_broken(w, "%s: after a refusal %u records are tried, %u are under way", a->login,
                     p->count, a->in_flight);
    a->in_flight++;
    if (a->knows_block)
        world_broken(w, "%s: sent against an abuse block", a->login);
    if (a->knows_refusal)
        world_broken(w, "%s: sent after badauth, settings unchanged", a->login);
    check_promise(w, &a->limit, "the provider's limit", a->login);
    /* A job that began before goes on: it writes what it has read, or looks what became of it. */
    if (!p->api || (p->reads && !p->hosts[0]->maybe[p->type]))
        check_promise(w, &p->server->closed, "back-off of the server", a->login);
    check_budget(w, a);
    if (p->api && arrives(w, a))
        check_shared_budget(w);
    for (unsigned i = 0; i < p->count; i++) {
        struct world_host *h = p->hosts[i];
        /* An API's job has more than one request. */
        if (!h->present && now.mono - h->changed > (p->api ? ITS_JOB : ON_ITS_WAY))
            world_broken(w, "%s is not in the configuration", h->name);
        check_committed(w, h);
        check_promise(w, &h->wait, "back-off", h->name);
        if (p->reads) {
            h->maybe[p->type] = false;
            continue;
        }
        if (p->api && h->maybe[p->type])
            world_broken(w, "%s: written again without a look, after an answer was lost", h->name);
        if (h->knows_unknown && no_new_question(h, p))
            world_broken(w, "%s: sent after nohost, settings and address unchanged", h->name);
        h->knows_unknown = false; /* another address was asked about: with two uplinks the former
                                     one may come back */
        check_due(w, h, p);
        check_loss(w, h, p);
        h->insisted = false;
        h->sent++;
    }
}

/* What the client learns, at the moment when it does */

enum told { TOLD_WORDS, TOLD_SERVER, TOLD_STRANGE, TOLD_LIMIT, TOLD_NOTHING };

struct telling {
    struct world *w;
    unsigned life;
    struct parsed p;
    enum told told;
    msec sent, word;
    enum { SAID_GOOD, SAID_READ, SAID_UNKNOWN_HOST, SAID_BADAUTH, SAID_ABUSE } said[WORLD_HOSTS];
};

static void promise(struct promise *p, msec until, msec now)
{
    if (until > p->until)
        *p = (struct promise){until, now};
}

static void told_server(struct telling *t, msec now)
{
    struct server *s = t->p.server;
    msec word = t->word < word_most ? t->word : word_most;

    for (unsigned i = 0; i < t->p.count; i++)
        promise(&t->p.hosts[i]->wait, now + (word > 0 ? word : least(steps[0])), now);
    if (t->sent < s->since)
        return;
    s->failures++;
    s->since = now;
    s->by_word = word > 0;
    if (word > 0)
        s->word_told = now;
    unsigned step = s->failures < 6 ? s->failures : 6;
    promise(&s->closed, now + (word > 0 ? word : least(steps[step - 1])), now);
}

static void told_words(struct telling *t, msec now)
{
    struct world *w = t->w;

    t->p.server->failures = t->p.server->strange = 0;
    for (unsigned i = 0; i < t->p.count; i++) {
        struct world_host *h = t->p.hosts[i];
        switch (t->said[i]) {
        case SAID_GOOD:
            t->p.account->trial = false;
            h->wait = (struct promise){0};
            h->maybe_stopped = false;
            if (t->sent > t->p.account->refusal_told)
                t->p.account->maybe_blocked = false;
            for (int f = 0; f < FAMILIES; f++) {
                if (!t->p.about[f])
                    continue;
                h->excuse[f] = false;
                h->confirmed[f] = true;
                h->value[f] = t->p.sets[f];
                h->confirmed_at[f] = now;
                w->published++;
            }
            break;
        case SAID_READ: /* perhaps it found what it wanted */
            t->p.account->trial = false;
            break;
        case SAID_UNKNOWN_HOST:
            h->knows_unknown = h->maybe_stopped = true;
            for (int f = 0; f < FAMILIES; f++) {
                h->refused[f] = t->p.sets[f];
                h->refused_none[f] = t->p.about[f] && t->p.sets[f].count == 0;
            }
            break;
        case SAID_BADAUTH:
            t->p.account->knows_refusal = true;
            t->p.account->refusal_told = now;
            break;
        case SAID_ABUSE:
            t->p.account->knows_block = t->p.account->maybe_blocked = true;
            t->p.account->refusal_told = now;
            break;
        }
    }
}

static void tell(void *arg)
{
    struct telling *t = arg;
    struct world *w = t->w;
    msec now = now_of(w);

    if (t->life == w->life) {
        t->p.account->in_flight--;
        for (unsigned i = 0; i < t->p.count; i++)
            t->p.hosts[i]->failed = t->told != TOLD_WORDS || t->said[i] != SAID_GOOD;
        switch (t->told) {
        case TOLD_WORDS:
            told_words(t, now);
            break;
        case TOLD_SERVER:
            told_server(t, now);
            break;
        case TOLD_STRANGE:
            if (++t->p.server->strange >= 3 || t->p.server->failures > 0)
                told_server(t, now);
            break;
        case TOLD_LIMIT:
            t->p.server->failures = t->p.server->strange = 0;
            if (t->word > 0 || t->sent >= t->p.account->limit.told)
                promise(&t->p.account->limit, now + (t->word > 0 ? t->word : least(15 * MINUTE)),
                        now);
            t->p.account->limit_told = now;
            break;
        case TOLD_NOTHING:
            break;
        }
    }
    mem_free(t);
}

/* Answering */

static void apply(struct parsed *p)
{
    for (unsigned i = 0; i < p->count; i++)
        for (int f = 0; f < FAMILIES; f++)
            if (p->about[f] && !p->hosts[i]->unknown_there)
                p->hosts[i]->dns[f] = p->sets[f];
}

static void api_works(struct telling *t, struct reply *reply)
{
    struct parsed *p = &t->p;
    struct world_host *h = p->hosts[0];
    char text[ADDR_TEXT_MAX];

    reply->status = 200;
    if (p->account->abused) {
        reply->status = 403;
        t->said[0] = SAID_ABUSE;
    } else if (p->password != p->account->right_password) {
        reply->status = 401;
        t->said[0] = SAID_BADAUTH;
    } else if (h->unknown_there) {
        reply->status = 404;
        t->said[0] = SAID_UNKNOWN_HOST;
    } else {
        t->said[0] = p->reads ? SAID_READ : SAID_GOOD;
        apply(p);
        buf_text(&reply->body, "{\"values\":[");
        for (size_t i = 0; i < h->dns[p->type].count; i++)
            buf_format(&reply->body, "%s\"%s\"", i > 0 ? "," : "",
                       addr_text(&h->dns[p->type].items[i], text));
        buf_text(&reply->body, "]}");
    }
}

static void works(struct world *w, struct telling *t, struct reply *reply)
{
    struct parsed *p = &t->p;

    (void)w;
    reply->status = 200;
    t->told = TOLD_WORDS;
    if (p->api) {
        api_works(t, reply);
        return;
    }
    if (p->account->abused || p->password != p->account->right_password) {
        bool abuse = p->account->abused;
        buf_text(&reply->body, abuse ? "abuse" : "badauth");
        for (unsigned i = 0; i < p->count; i++)
            t->said[i] = abuse ? SAID_ABUSE : SAID_BADAUTH;
        return;
    }
    apply(p);
    for (unsigned i = 0; i < p->count; i++) {
        t->said[i] = p->hosts[i]->unknown_there ? SAID_UNKNOWN_HOST : SAID_GOOD;
        buf_text(&reply->body, t->said[i] == SAID_GOOD ? "good" : "nohost");
        buf_text(&reply->body, "\r\n");
    }
}

static void retry_after(struct reply *reply, msec word)
{
    char text[32];
    int n = snprintf(text, sizeof text, "%lld", (long long)(word / SECOND));
    if (word > 0)
        reply_header_add(reply, "retry-after", 11, text, (size_t)n);
}

static msec answer_by_mode(struct world *w, struct telling *t, struct reply *reply)
{
    struct server *s = t->p.server;
    msec delay = 5 + (msec)sim_net_below(w->net, 300);

    reply->sent = SENT_YES;
    t->word = 0;
    switch (s->mode) {
    case MODE_WORKS:
        if (!w->lossless && sim_net_below(w->net, 100) == 0) { /* the answer is lost on its way */
            apply(&t->p);
            reply->error = NET_RESET;
            reply->sent = SENT_MAYBE;
            t->told = TOLD_SERVER;
            return delay;
        }
        works(w, t, reply);
        return delay;
    case MODE_HANGS:
        if (sim_net_below(w->net, 2) == 0)
            apply(&t->p);
        t->told = TOLD_SERVER;
        return NEVER;
    case MODE_5XX:
        reply->status = 503;
        t->word = s->word;
        retry_after(reply, s->word);
        t->told = TOLD_SERVER;
        return delay;
    case MODE_LIMIT:
        reply->status = 429;
        t->word = s->word;
        retry_after(reply, s->word);
        t->told = TOLD_LIMIT;
        return delay;
    case MODE_GARBAGE:
        reply->status = 200;
        buf_text(&reply->body, "<html><title>Welcome</title></html>");
        t->told = TOLD_STRANGE;
        return delay;
    case MODE_911:
        if (t->p.api) { /* no word of its own there */
            reply->status = 500;
            t->told = TOLD_SERVER;
            return delay;
        }
        reply->status = 200;
        buf_text(&reply->body, "911");
        t->word = 30 * MINUTE;
        t->told = TOLD_SERVER;
        return delay;
    case MODE_REFUSED:
    case MODE_NO_ROUTE:
    case MODES:
        break;
    }
    reply->error = s->mode == MODE_REFUSED ? NET_REFUSED : NET_NO_ROUTE;
    reply->sent = SENT_NO;
    t->told = s->mode == MODE_REFUSED ? TOLD_SERVER : TOLD_NOTHING;
    return 1;
}

msec world_answer(void *arg, const struct request *request, const struct transport *transport,
                  struct reply *reply)
{
    struct world *w = arg;
    struct telling *t = mem_alloc(sizeof *t);
    msec timeout = transport->timeout > 0 ? transport->timeout : TIMEOUT_DEFAULT;

    w->requests++;
    t->w = w;
    t->life = w->life;
    t->sent = now_of(w);
    parse_login(w, &t->p, request);
    parse_query(w, &t->p, marked_str(&request->url));
    parse_api(w, &t->p, request, marked_str(&request->url));
    check(w, &t->p);
    if (t->p.account == NULL || t->p.count == 0) {
        mem_free(t);
        reply->error = NET_INTERNAL;
        return 1;
    }
    msec delay = answer_by_mode(w, t, reply);
    if (t->p.api && !t->p.reads && (delay == NEVER || reply->sent == SENT_MAYBE))
        t->p.hosts[0]->maybe[t->p.type] = true;
    bool unclear = delay == NEVER || reply->sent == SENT_MAYBE ||
                   (reply->sent == SENT_YES && t->told != TOLD_WORDS && t->told != TOLD_LIMIT);
    if (!t->p.reads && unclear) /* what stands there now? */
        for (unsigned i = 0; i < t->p.count; i++)
            for (int f = 0; f < FAMILIES; f++)
                t->p.hosts[i]->confirmed[f] = t->p.hosts[i]->confirmed[f] && !t->p.about[f];
    /* After a write of an API that failed the same job may look again: what is promised follows
     * from what it then meets. */
    if (t->p.api && !t->p.reads && t->told != TOLD_WORDS && t->told != TOLD_LIMIT)
        t->told = TOLD_NOTHING;
    sim_net_at(w->net, t->sent + (delay < timeout ? delay : timeout), tell, t);
    return delay;
}

/* What happens on the client's side */

/* An attempt whose outcome nobody knows counts as a failed one: a minute from when it began. */
static void lost_attempts(struct world *w, struct world_host *h)
{
    struct moment now = net_now(sim_net_seam(w->net));
    msec latest = 0;

    for (int f = 0; f < FAMILIES; f++) {
        const struct state_record *r = memstate_record(w->disk, h->id, (enum family)f);
        if (!h->family[f])
            continue;
        if (r == NULL || !r->attempt_open)
            return; /* this one may go, and the other rides along */
        latest = r->attempt_at > latest ? r->attempt_at : latest;
    }
    msec ago = now.wall > latest ? now.wall - latest : 0; /* by a clock that may have jumped */
    promise(&h->wait, now.mono - ago + least(steps[0]), now.mono);
}

static void forget(struct promise *p, msec stored, bool all)
{
    if (all || p->told >= stored)
        *p = (struct promise){0};
}

void world_stopping(struct world *w)
{
    w->life++;
    for (unsigned i = 0; i < w->account_count; i++)
        w->accounts[i].in_flight = 0;
}

void world_crashed(struct world *w, msec stored, bool jumped)
{
    w->life++;
    for (unsigned i = 0; i < WORLD_SERVERS; i++) {
        struct server *s = &w->servers[i];
        forget(&s->closed, stored, jumped);
        s->strange = 0;     /* not remembered */
        s->by_word = false; /* nor is whose wait it is: a person may end it */
        if (s->closed.until == 0)
            s->failures = 0; /* how often is not known for sure any more */
    }
    for (unsigned i = 0; i < w->account_count; i++) {
        struct world_account *a = &w->accounts[i];
        forget(&a->limit, stored, jumped);
        a->in_flight = 0;
        if (a->refusal_told >= stored)
            a->knows_refusal = a->knows_block = a->trial = false;
        if (jumped)
            a->write_count = w->api_count = 0;
    }
    for (unsigned i = 0; i < w->host_count; i++) {
        struct world_host *h = &w->hosts[i];
        forget(&h->wait, stored, jumped);
        if (jumped)
            world_excuse(h);
        else
            lost_attempts(w, h);
        for (int f = 0; f < FAMILIES; f++) {
            const struct state_record *r = memstate_record(w->disk, h->id, (enum family)f);
            if (r == NULL || r->attempt_open || !r->published_known ||
                !addrset_equal(&r->published, &h->value[f]) ||
                (r->failures > 0 && !addrset_equal(&r->tried, &r->published)))
                h->confirmed[f] = false; /* what was tried last may have arrived */
            if (h->family[f] && (r == NULL || !r->stopped))
                h->knows_unknown = false;
            if (jumped)
                h->confirmed_at[f] -= 30 * SECOND;
        }
    }
}

void world_account_changed(struct world *w, unsigned account)
{
    struct world_account *a = &w->accounts[account];

    a->trial = a->trial || a->knows_refusal;
    a->knows_refusal = false;
    a->changed = now_of(w);
    for (unsigned i = 0; i < w->host_count; i++)
        if (w->hosts[i].account == (int)account)
            world_host_changed(w, &w->hosts[i]);
}

void world_excuse(struct world_host *h)
{
    h->excuse[V4] = h->excuse[V6] = true;
}

void world_host_changed(struct world *w, struct world_host *h)
{
    (void)w;
    h->wait = (struct promise){0};
    h->knows_unknown = false;
}

static void asked_account(struct world *w, struct world_account *a, bool force)
{
    struct server *s = &w->servers[a->server];

    a->trial = a->trial || a->knows_refusal;
    a->knows_refusal = false;
    if (force) {
        a->knows_block = false;
        a->limit = (struct promise){0};
    }
    if (s->by_word && !force)
        return;
    s->closed = (struct promise){0};
    /* The server is tried again: with that record, or with another that did not fail itself. */
    for (unsigned i = 0; i < w->host_count; i++)
        if (w->accounts[w->hosts[i].account].server == a->server)
            w->hosts[i].wait = (struct promise){0};
}

void world_way(struct world *w, struct world_host *h)
{
    struct server *s = &w->servers[w->accounts[h->account].server];

    h->wait = (struct promise){0};
    if (s->by_word)
        return;
    s->closed = (struct promise){0};
    /* The server is tried again, with whatever family did not fail itself. */
    for (unsigned i = 0; i < w->host_count; i++)
        if (&w->servers[w->accounts[w->hosts[i].account].server] == s)
            w->hosts[i].wait = (struct promise){0};
}

void world_asked(struct world *w, struct world_host *one, bool force)
{
    for (unsigned i = 0; i < w->host_count; i++) {
        struct world_host *h = &w->hosts[i];
        if (!h->present || (one != NULL && h != one))
            continue;
        asked_account(w, &w->accounts[h->account], force);
        h->wait = (struct promise){0};
        h->knows_unknown = false;
        h->insisted = force;
        if (one != NULL || force || h->failed)
            world_excuse(h);
    }
}
