/*
 * SPDX-License-Identifier: ISC
 *
 * The real verify room on a small scripted DNS: servers known by address, each with the answers it
 * gives.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "base/text.h"
#include "verify/servers.h"
#include "verify/verify.h"

/* One answer of one server: the question it is for, flags, and records as "owner type value". */
enum { RECORDS_MAX = 13 };
struct line {
    const char *server, *name, *type;
    bool authoritative, recursion;
    unsigned rcode;
    const char *answers[RECORDS_MAX], *authority[RECORDS_MAX], *additional[RECORDS_MAX];
};

struct world {
    struct net net;
    const struct line *lines;
    size_t count;
    unsigned sent;
    bool only_six; /* servers with an IPv4 address can not be reached, but the resolver */
    msec mono;
    struct job {
        struct world *world;
        struct request request;
        reply_fn *fn;
        void *arg;
        bool used, cancelled;
    } jobs[64];
    struct net_timer {
        void (*fn)(void *arg);
        void *arg;
        msec at;
        bool used;
    } timers[64];
};

static struct moment world_now(struct net *net)
{
    return (struct moment){((struct world *)net)->mono, 0};
}

static struct net_timer *world_timer_new(struct net *net, void (*fn)(void *arg), void *arg)
{
    struct world *w = (struct world *)net;
    for (size_t i = 0; i < 64; i++) {
        if (!w->timers[i].used) {
            w->timers[i] = (struct net_timer){fn, arg, NEVER, true};
            return &w->timers[i];
        }
    }
    fail_msg("too many timers");
    return NULL;
}

static void world_timer_set(struct net_timer *timer, msec mono)
{
    timer->at = mono;
}

static void world_timer_free(struct net_timer *timer)
{
    if (timer != NULL)
        timer->used = false;
}

static struct exchange *world_send(struct net *net, struct request *request,
                                   const struct transport *transport, reply_fn *fn, void *arg)
{
    struct world *w = (struct world *)net;
    (void)transport;
    for (size_t i = 0; i < 64; i++) {
        if (!w->jobs[i].used) {
            w->jobs[i] = (struct job){.world = w, .fn = fn, .arg = arg, .used = true};
            request_move(&w->jobs[i].request, request);
            w->sent++;
            return (struct exchange *)&w->jobs[i];
        }
    }
    fail_msg("too many requests");
    return NULL;
}

static void world_cancel(struct exchange *exchange)
{
    ((struct job *)exchange)->cancelled = true;
}

static void world_random(struct net *net, void *bytes, size_t n)
{
    (void)net;
    memset(bytes, 0, n);
}

static const struct net_ops world_ops = {
    .random = world_random,
    .now = world_now,
    .timer_new = world_timer_new,
    .timer_set = world_timer_set,
    .timer_free = world_timer_free,
    .send = world_send,
    .cancel = world_cancel,
};

static void put16(struct buf *b, unsigned v)
{
    buf_char(b, (char)(v >> 8));
    buf_char(b, (char)v);
}

static void put_name(struct buf *b, const char *name)
{
    while (*name != '\0') {
        size_t n = strcspn(name, ".");
        buf_char(b, (char)n);
        buf_add(b, name, n);
        name += n + (name[n] == '.');
    }
    buf_char(b, '\0');
}

static unsigned type_of(const char *word)
{
    return strcmp(word, "A") == 0       ? 1
           : strcmp(word, "NS") == 0    ? 2
           : strcmp(word, "CNAME") == 0 ? 5
           : strcmp(word, "SOA") == 0   ? 6
                                        : 28;
}

static void put_record(struct buf *b, const char *text)
{
    char owner[100], type[10], value[100];
    struct buf data;
    struct addr a;

    assert_int_equal(sscanf(text, "%99s %9s %99s", owner, type, value), 3);
    buf_init(&data, 1000);
    if (addr_parse(value, &a)) {
        buf_add(&data, a.bytes, addr_len(a.family));
    } else if (type_of(type) == 6) {
        unsigned serial;
        assert_int_equal(sscanf(value, "%u", &serial), 1);
        put_name(&data, "m.test");
        put_name(&data, "r.test");
        put16(&data, serial >> 16);
        put16(&data, serial & 0xffff);
        for (int i = 0; i < 8; i++)
            put16(&data, 60);
    } else {
        put_name(&data, value);
    }
    put_name(b, owner);
    put16(b, type_of(type));
    put16(b, 1);
    put16(b, 0);
    put16(b, 300);
    put16(b, (unsigned)data.len);
    buf_add(b, data.data, data.len);
    buf_free(&data);
}

static size_t count_of(const char *const *texts)
{
    size_t n = 0;
    while (n < RECORDS_MAX && texts[n] != NULL)
        n++;
    return n;
}

static void answer(struct job *job, const struct line *l, struct buf *out)
{
    const uint8_t *q = job->request.wire;

    buf_add(out, q, 2);
    buf_char(out, (char)(0x80 | (l->authoritative ? 4 : 0)));
    buf_char(out, (char)((l->recursion ? 0x80 : 0) | l->rcode));
    put16(out, 1);
    put16(out, (unsigned)count_of(l->answers));
    put16(out, (unsigned)count_of(l->authority));
    put16(out, (unsigned)count_of(l->additional));
    put_name(out, l->name);
    put16(out, type_of(l->type));
    put16(out, 1);
    for (size_t i = 0; i < count_of(l->answers); i++)
        put_record(out, l->answers[i]);
    for (size_t i = 0; i < count_of(l->authority); i++)
        put_record(out, l->authority[i]);
    for (size_t i = 0; i < count_of(l->additional); i++)
        put_record(out, l->additional[i]);
}

/* Answers the oldest request: by the line that fits, else with a time-out. */
static void serve(struct job *job)
{
    struct world *w = job->world;
    struct reply reply;
    char question[300] = "";
    const uint8_t *p = job->request.wire + 12;

    while (*p != 0) {
        strncat(question, (const char *)p + 1, *p);
        p += 1 + *p;
        if (*p != 0)
            strcat(question, ".");
    }
    unsigned type = (unsigned)(p[1] << 8 | p[2]);
    reply_init(&reply);
    reply.error = job->cancelled ? NET_CANCELLED : NET_TIMEOUT;
    bool away = w->only_six && strchr(job->request.server, ':') == NULL &&
                strcmp(job->request.server, "9.9.9.9") != 0;
    if (away && !job->cancelled)
        reply.error = NET_NO_ROUTE;
    for (size_t i = 0; i < w->count && !job->cancelled && !away; i++) {
        const struct line *l = &w->lines[i];
        if (strcmp(l->server, job->request.server) == 0 && strcmp(l->name, question) == 0 &&
            type_of(l->type) == type) {
            reply.error = NET_OK;
            answer(job, l, &reply.body);
            break;
        }
    }
    request_free(&job->request);
    job->used = false;
    job->fn(job->arg, &reply);
    reply_free(&reply);
}

static void turn(struct world *w)
{
    for (bool busy = true; busy;) {
        busy = false;
        for (size_t i = 0; i < 64; i++) {
            if (w->timers[i].used && w->timers[i].at <= w->mono) {
                w->timers[i].at = NEVER;
                w->timers[i].fn(w->timers[i].arg);
                busy = true;
            }
            if (w->jobs[i].used) {
                serve(&w->jobs[i]);
                busy = true;
            }
        }
    }
}

/* A resolver at 9.9.9.9; the domain test at 1.0.0.1; home.test at 2.0.0.1 and 2.0.0.2. */
#define DELEGATION                                                                                 \
    {.server = "9.9.9.9",                                                                          \
     .name = "test",                                                                               \
     .type = "NS",                                                                                 \
     .recursion = true,                                                                            \
     .answers = {"test NS a.top.test"}},                                                           \
        {.server = "9.9.9.9",                                                                      \
         .name = "a.top.test",                                                                     \
         .type = "A",                                                                              \
         .recursion = true,                                                                        \
         .answers = {"a.top.test A 1.0.0.1"}},                                                     \
        {.server = "1.0.0.1",                                                                      \
         .name = "pc.home.test",                                                                   \
         .type = "A",                                                                              \
         .authority = {"home.test NS ns1.home.test", "home.test NS ns2.home.test"}},               \
        {.server = "9.9.9.9",                                                                      \
         .name = "ns1.home.test",                                                                  \
         .type = "A",                                                                              \
         .recursion = true,                                                                        \
         .answers = {"ns1.home.test A 2.0.0.1"}},                                                  \
    {                                                                                              \
        .server = "9.9.9.9", .name = "ns2.home.test", .type = "A", .recursion = true, .answers = { \
            "ns2.home.test A 2.0.0.2"                                                              \
        }                                                                                          \
    }

#define SAYS(address_of, what)                                                                     \
    {                                                                                              \
        .server = address_of, .name = "pc.home.test", .type = "A", .authoritative = true,          \
        .answers = {                                                                               \
            what                                                                                   \
        }                                                                                          \
    }
#define SERIAL(address_of, number)                                                                 \
    {                                                                                              \
        .server = address_of, .name = "pc.home.test", .type = "SOA", .authoritative = true,        \
        .authority = {                                                                             \
            "home.test SOA " number                                                                \
        }                                                                                          \
    }

static void keep_result(void *arg, const struct verify_result *r)
{
    struct verify_result *out = arg;
    assert_int_equal(out->count, 0); /* once */
    *out = *r;
}

static struct verify_result ask(const struct line *lines, size_t count, const char *wanted,
                                const char *servers)
{
    struct world w = {.net = {&world_ops}, .lines = lines, .count = count, .mono = 1000};
    struct verify *v = verify_new(&w.net, "9.9.9.9");
    struct verify_result result = {0};
    struct addrset set = {0};
    struct addr a;
    struct transport transport = {0};

    if (wanted != NULL && addr_parse(wanted, &a))
        addrset_add(&set, &a);
    struct verify_question q = {"pc.home.test", V4, &set, servers, false, &transport};
    verify_ask(v, &q, keep_result, &result);
    assert_int_equal(w.sent, 0); /* nothing before the next turn */
    turn(&w);
    verify_free(v);
    turn(&w);
    return result;
}
#define ASK(lines, wanted, servers) ask(lines, sizeof lines / sizeof lines[0], wanted, servers)

static void finds_the_servers_and_agrees(void **state)
{
    static const struct line lines[] = {DELEGATION, SAYS("2.0.0.1", "pc.home.test A 8.8.4.4"),
                                        SAYS("2.0.0.2", "pc.home.test A 8.8.4.4")};
    struct verify_result r = ASK(lines, "8.8.4.4", NULL);
    assert_string_equal(r.zone, "home.test");
    assert_int_equal(r.state, VERIFY_AGREES);
    assert_int_equal(r.answered, 2);
    assert_string_equal(r.say, "The DNS agrees: 2 of 2 name servers say 8.8.4.4 for pc.home.test.");
}

/* The household's resolver tells another zone of that name. A server inside of the zone is found by
 * the address that stands with the referral; what stands there of other names leads nowhere. */
static void the_referral_tells_where_servers_inside_are(void **state)
{
    static const struct line lines[] = {
        {.server = "9.9.9.9",
         .name = "test",
         .type = "NS",
         .recursion = true,
         .answers = {"test NS a.top.test"}},
        {.server = "9.9.9.9",
         .name = "a.top.test",
         .type = "A",
         .recursion = true,
         .answers = {"a.top.test A 1.0.0.1"}},
        {.server = "1.0.0.1",
         .name = "pc.home.test",
         .type = "A",
         .authority = {"home.test NS NS1.home.test", "home.test NS ns.other.test"},
         .additional = {"ns1.home.test A 2.0.0.1", "ns.other.test A 6.6.6.6",
                        "ns1.home.test AAAA 2001:db8::1"}},
        {.server = "9.9.9.9",
         .name = "ns1.home.test",
         .type = "A",
         .recursion = true,
         .answers = {"ns1.home.test A 192.168.1.1"}},
        {.server = "9.9.9.9",
         .name = "ns.other.test",
         .type = "A",
         .recursion = true,
         .answers = {"ns.other.test A 2.0.0.2"}},
        SAYS("192.168.1.1", "pc.home.test A 192.168.1.7"),
        SAYS("6.6.6.6", "pc.home.test A 6.6.6.6"),
        SAYS("2.0.0.1", "pc.home.test A 8.8.4.4"),
        SAYS("2.0.0.2", "pc.home.test A 8.8.4.4")};
    struct verify_result r = ASK(lines, "8.8.4.4", NULL);
    assert_int_equal(r.state, VERIFY_AGREES);
    assert_int_equal(r.answered, 2);
    assert_int_equal(r.count, 3);
}

#define NAME_SERVER(n)                                                                             \
    {.server = "9.9.9.9",                                                                          \
     .name = "ns" n ".home.test",                                                                  \
     .type = "A",                                                                                  \
     .recursion = true,                                                                            \
     .answers = {"ns" n ".home.test A 2.0.0." n}},                                                 \
        SAYS("2.0.0." n, "pc.home.test A 8.8.4.4")

/* As many as the referral names. */
static void each_of_many_servers_is_asked(void **state)
{
#define NS(n) "home.test NS ns" n ".home.test"
    static const struct line lines[] = {
        {.server = "1.0.0.1",
         .name = "pc.home.test",
         .type = "A",
         .authority = {NS("1"), NS("2"), NS("3"), NS("4"), NS("5"), NS("6"), NS("7"), NS("8"),
                       NS("9"), NS("10"), NS("11"), NS("12"), NS("13")}},
        DELEGATION,
        NAME_SERVER("1"),
        NAME_SERVER("2"),
        NAME_SERVER("3"),
        NAME_SERVER("4"),
        NAME_SERVER("5"),
        NAME_SERVER("6"),
        NAME_SERVER("7"),
        NAME_SERVER("8"),
        NAME_SERVER("9"),
        NAME_SERVER("10"),
        NAME_SERVER("11"),
        NAME_SERVER("12"),
        NAME_SERVER("13")};
#undef NS
    struct verify_result r = ASK(lines, "8.8.4.4", NULL);
    assert_int_equal(r.state, VERIFY_AGREES);
    assert_int_equal(r.answered, 13);
}

static void a_lagging_server_is_no_majority(void **state)
{
    static const struct line lines[] = {DELEGATION, SAYS("2.0.0.1", "pc.home.test A 8.8.4.4"),
                                        SAYS("2.0.0.2", "pc.home.test A 8.8.8.8"),
                                        SERIAL("2.0.0.1", "5"), SERIAL("2.0.0.2", "4")};
    struct verify_result r = ASK(lines, "8.8.4.4", NULL);
    assert_int_equal(r.state, VERIFY_DIFFERS);
    assert_false(r.majority);
    assert_int_equal(r.agree, 1);
}

static void a_change_by_others_is_a_majority(void **state)
{
    static const struct line lines[] = {DELEGATION, SAYS("2.0.0.1", "pc.home.test A 8.8.8.8"),
                                        SAYS("2.0.0.2", "pc.home.test A 8.8.4.4"),
                                        SERIAL("2.0.0.1", "4294967295"),
                                        SERIAL("2.0.0.2", "4294967290")};
    struct verify_result r = ASK(lines, "8.8.4.4", NULL);
    assert_true(r.majority); /* the server with the newer SOA differs */
    assert_non_null(strstr(r.say, "8.8.8.8"));
}

static void wanted_in_a_larger_set_is_right(void **state)
{
    static const struct line lines[] = {
        {.server = "192.0.2.53",
         .name = "pc.home.test",
         .type = "A",
         .authoritative = true,
         .answers = {"pc.home.test A 8.8.4.4", "pc.home.test A 8.8.8.8"}}};
    assert_int_equal(ASK(lines, "8.8.4.4", "192.0.2.53").state, VERIFY_AGREES);
    assert_int_equal(ASK(lines, NULL, "192.0.2.53").state, VERIFY_DIFFERS);
}

/* Many sites share a name: more addresses than a set holds, in an order that changes. */
static void wanted_among_many_is_right(void **state)
{
    static const struct line lines[] = {
        DELEGATION,
        {.server = "2.0.0.1",
         .name = "pc.home.test",
         .type = "A",
         .authoritative = true,
         .answers = {"pc.home.test A 8.0.0.1", "pc.home.test A 8.0.0.2", "pc.home.test A 8.0.0.3",
                     "pc.home.test A 8.0.0.4", "pc.home.test A 8.0.0.5", "pc.home.test A 8.0.0.6",
                     "pc.home.test A 8.0.0.7", "pc.home.test A 8.0.0.8", "pc.home.test A 8.0.0.9",
                     "pc.home.test A 8.8.4.4"}},
        SAYS("2.0.0.2", "pc.home.test A 8.8.4.4")};
    assert_int_equal(ASK(lines, "8.8.4.4", NULL).state, VERIFY_AGREES);
    assert_int_equal(ASK(lines, "8.8.4.5", NULL).state, VERIFY_DIFFERS);
}

static void an_answer_on_the_way_is_no_answer(void **state)
{
    static const struct line lines[] = {{.server = "192.0.2.53",
                                         .name = "pc.home.test",
                                         .type = "A",
                                         .recursion = true,
                                         .answers = {"pc.home.test A 8.8.4.4"}}};
    struct verify_result r = ASK(lines, "8.8.4.4", "192.0.2.53");
    assert_int_equal(r.state, VERIFY_UNKNOWN);
    assert_true(r.intercepted);
}

static void says_when_there_is_no_domain(void **state)
{
    static const struct line lines[] = {
        {.server = "9.9.9.9", .name = "test", .type = "NS", .recursion = true, .rcode = 3}};
    struct verify_result r = ASK(lines, "8.8.4.4", NULL);
    assert_int_equal(r.state, VERIFY_UNKNOWN);
    assert_true(r.no_delegation);
}

static void an_alias_is_named(void **state)
{
    static const struct line lines[] = {{.server = "192.0.2.53",
                                         .name = "pc.home.test",
                                         .type = "A",
                                         .authoritative = true,
                                         .answers = {"pc.home.test CNAME web.example"}}};
    struct verify_result r = ASK(lines, "8.8.4.4", "192.0.2.53");
    assert_int_equal(r.state, VERIFY_DIFFERS);
    assert_string_equal(r.alias, "web.example");
}

static void silence_is_unknown(void **state)
{
    struct verify_result r = ask(NULL, 0, "8.8.4.4", "192.0.2.53");
    assert_int_equal(r.state, VERIFY_UNKNOWN);
    assert_false(r.intercepted);
    assert_false(r.no_route);
}

static void a_visitors_view_needs_no_authority(void **state)
{
    static const struct line lines[] = {{.server = "9.9.9.9",
                                         .name = "pc.home.test",
                                         .type = "A",
                                         .recursion = true,
                                         .answers = {"pc.home.test A 8.8.4.4"}}};
    struct world w = {.net = {&world_ops}, .lines = lines, .count = 1, .mono = 1000};
    struct verify *v = verify_new(&w.net, "9.9.9.9");
    struct verify_result result = {0};
    struct addrset set = {0};
    struct addr a;
    struct transport transport = {0};
    struct verify_question q = {"pc.home.test", V4, &set, NULL, true, &transport};

    assert_true(addr_parse("8.8.4.4", &a) && addrset_add(&set, &a));
    verify_ask(v, &q, keep_result, &result);
    turn(&w);
    assert_int_equal(result.state, VERIFY_AGREES);
    verify_free(v);
}

static void a_family_without_a_way_is_left_out(void **state)
{
#define TOP(letter, number)                                                                        \
    {.server = "9.9.9.9",                                                                          \
     .name = letter ".top.test",                                                                   \
     .type = "A",                                                                                  \
     .recursion = true,                                                                            \
     .answers = {letter ".top.test A 1.0.0." number}},                                             \
    {                                                                                              \
        .server = "9.9.9.9", .name = letter ".top.test", .type = "AAAA", .recursion = true,        \
        .answers = {                                                                               \
            letter ".top.test AAAA 1::" number                                                     \
        }                                                                                          \
    }
    static const struct line lines[] = {
        {.server = "9.9.9.9",
         .name = "test",
         .type = "NS",
         .recursion = true,
         .answers = {"test NS a.top.test", "test NS b.top.test", "test NS c.top.test",
                     "test NS d.top.test"}},
        TOP("a", "1"),
        TOP("b", "2"),
        TOP("c", "3"),
        TOP("d", "4"),
        {.server = "1::1",
         .name = "pc.home.test",
         .type = "A",
         .authority = {"home.test NS a.top.test", "home.test NS b.top.test",
                       "home.test NS c.top.test", "home.test NS d.top.test"}},
        SAYS("1::2", "pc.home.test A 8.8.4.4"),
        SAYS("1::3", "pc.home.test A 8.8.4.4"),
        SAYS("1::4", "pc.home.test A 8.8.4.4")};
    struct world w = {.net = {&world_ops},
                      .lines = lines,
                      .count = sizeof lines / sizeof lines[0],
                      .mono = 1000,
                      .only_six = true};
    struct verify *v = verify_new(&w.net, "9.9.9.9");
    struct verify_result r = {0};
    struct addrset set = {0};
    struct addr a;
    struct transport transport = {0};
    struct verify_question q = {"pc.home.test", V4, &set, NULL, false, &transport};

    (void)state;
    assert_true(addr_parse("8.8.4.4", &a) && addrset_add(&set, &a));
    verify_ask(v, &q, keep_result, &r);
    turn(&w);
    assert_string_equal(r.zone, "home.test");
    assert_int_equal(r.state, VERIFY_AGREES);
    assert_int_equal(r.answered, 3); /* 1::1 only refers */
    verify_free(v);
}

/* Answers with authority and an offer to resolve for anybody, that differ. */
#define FORGES(address_of)                                                                         \
    {                                                                                              \
        .server = address_of, .name = "pc.home.test", .type = "A", .authoritative = true,          \
        .recursion = true, .answers = {                                                            \
            "pc.home.test A 10.0.0.1"                                                              \
        }                                                                                          \
    }
#define SIBLING(number, what)                                                                      \
    {                                                                                              \
        .server = "2.0.0.1", .name = "homing-00000000.home.test", .type = "A",                     \
        .authoritative = true, .recursion = true, .rcode = number, .answers = {                    \
            what                                                                                   \
        }                                                                                          \
    }

static void a_made_up_name_gives_forgers_away(void **state)
{
    static const struct line forged[] = {DELEGATION, FORGES("2.0.0.1"), FORGES("2.0.0.2"),
                                         SIBLING(0, "homing-00000000.home.test A 10.0.0.1")};
    static const struct line honest[] = {DELEGATION, FORGES("2.0.0.1"), FORGES("2.0.0.2"),
                                         SIBLING(3, NULL)};
    struct verify_result r = ASK(forged, "8.8.4.4", NULL);

    (void)state;
    assert_int_equal(r.state, VERIFY_UNKNOWN);
    assert_true(r.intercepted);
    assert_non_null(strstr(r.say, "Somebody on the way answers"));
    r = ASK(honest, "8.8.4.4", NULL);
    assert_int_equal(r.state, VERIFY_DIFFERS);
    assert_false(r.intercepted);
}

static unsigned told;
static void count_result(void *arg, const struct verify_result *r)
{
    (void)arg;
    assert_int_equal(r->state, VERIFY_AGREES);
    told++;
}

static void hostnames_of_a_zone_share_one_search(void **state)
{
    static const struct line lines[] = {DELEGATION, SAYS("2.0.0.1", "pc.home.test A 8.8.4.4"),
                                        SAYS("2.0.0.2", "pc.home.test A 8.8.4.4")};
    struct world w = {
        .net = {&world_ops}, .lines = lines, .count = sizeof lines / sizeof lines[0], .mono = 1000};
    struct verify *v = verify_new(&w.net, "9.9.9.9");
    struct addrset set = {0};
    struct addr a;
    struct transport transport = {0};

    assert_true(addr_parse("8.8.4.4", &a) && addrset_add(&set, &a));
    struct verify_question q = {"pc.home.test", V4, &set, NULL, false, &transport};
    struct verify_job *first = verify_ask(v, &q, count_result, NULL);
    for (int i = 0; i < 9; i++)
        verify_ask(v, &q, count_result, NULL);
    verify_cancel(first); /* the next one takes over the search */
    turn(&w);
    assert_int_equal(told, 9);
    /* 1 for the top level, 2 + 4 addresses, 1 for the referral, 1 more by the first, 2 for each of
     * nine. */
    assert_in_range(w.sent, 1, 30);
    unsigned before = w.sent;
    verify_ask(v, &q, count_result, NULL);
    turn(&w);
    assert_int_equal(w.sent - before, 2);
    verify_ask(v, &q, count_result, NULL);
    verify_free(v);
    turn(&w);
    assert_int_equal(told, 10);
}

static void reads_lists_of_servers(void **state)
{
    struct servers s;

    assert_true(servers_parse("ns.example.net, 192.0.2.53:5353 [2001:db8::53]:54 2001:db8::1", &s));
    assert_int_equal(s.count, 4);
    assert_string_equal(s.items[1].name, "192.0.2.53");
    assert_int_equal(s.items[1].port, 5353);
    assert_string_equal(s.items[2].name, "2001:db8::53");
    assert_int_equal(s.items[2].port, 54);
    assert_int_equal(s.items[3].port, 53);
    assert_false(servers_parse("ns.example.net:0", &s));
    assert_false(servers_parse("[2001:db8::1", &s));
    assert_false(servers_parse("", &s));
    servers_parse_resolv_conf(
        "# c\nnameserver 192.0.2.1\nsearch x\nnameserver\t2001:db8::1 # y\nnameserver nonsense\n",
        &s);
    assert_int_equal(s.count, 2);
    assert_string_equal(s.items[1].name, "2001:db8::1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_the_servers_and_agrees),
        cmocka_unit_test(the_referral_tells_where_servers_inside_are),
        cmocka_unit_test(each_of_many_servers_is_asked),
        cmocka_unit_test(a_lagging_server_is_no_majority),
        cmocka_unit_test(a_change_by_others_is_a_majority),
        cmocka_unit_test(wanted_in_a_larger_set_is_right),
        cmocka_unit_test(wanted_among_many_is_right),
        cmocka_unit_test(an_answer_on_the_way_is_no_answer),
        cmocka_unit_test(says_when_there_is_no_domain),
        cmocka_unit_test(an_alias_is_named),
        cmocka_unit_test(silence_is_unknown),
        cmocka_unit_test(a_visitors_view_needs_no_authority),
        cmocka_unit_test(a_family_without_a_way_is_left_out),
        cmocka_unit_test(a_made_up_name_gives_forgers_away),
        cmocka_unit_test(hostnames_of_a_zone_share_one_search),
        cmocka_unit_test(reads_lists_of_servers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
