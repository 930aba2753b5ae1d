/*
 * SPDX-License-Identifier: ISC
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "sense/panel.h"

/*
 * Thousands of mixtures of honest, lying, failing and silent services: nothing wrong is ever agreed
 * on, and what enough independent operators say is found. The net is a list of questions that are
 * answered in random order.
 */
enum { ROUNDS = 20000, MOST = 8 };

struct exchange {
    reply_fn *fn;
    void *arg;
    unsigned service;
    bool cancelled;
};
static struct exchange *waiting[64];
static size_t waiting_count;
static uint64_t seed, state_now;

static uint64_t draw(uint64_t below)
{
    state_now += 0x9e3779b97f4a7c15u; /* splitmix64 */
    uint64_t z = state_now;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return (z ^ z >> 31) % below;
}

static struct moment now(struct net *net)
{
    return (struct moment){1000, 1000};
}

static struct exchange *take(struct net *net, struct request *request,
                             const struct transport *transport, reply_fn *fn, void *arg)
{
    struct exchange *x = mem_alloc(sizeof *x);

    *x = (struct exchange){.fn = fn, .arg = arg};
    x->service = (unsigned)atoi(marked_str(&request->url) + strlen("https://s"));
    assert_true(request->fresh);
    assert_int_equal(request->family, V4);
    request_free(request);
    waiting[waiting_count++] = x;
    return x;
}

static void cancel(struct exchange *x)
{
    x->cancelled = true;
}

static void random_bytes(struct net *net, void *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        ((uint8_t *)bytes)[i] = (uint8_t)draw(256);
}

static const struct net_ops ops = {
    .now = now, .send = take, .cancel = cancel, .random = random_bytes};
static struct net net = {&ops};

/* --- what each service is like --- */

#define TRUTH "9.9.9.1"
static const struct kind {
    const char *body;
    int status;
    enum net_error error;
} kinds[] = {
    {TRUTH, 200, NET_OK},
    {"<html>Your IP: " TRUTH "</html>", 200, NET_OK},
    {"lie", 200, NET_OK}, /* an address of its own, see below */
    {"10.0.0.1", 200, NET_OK},
    {"100.64.1.2", 200, NET_OK},
    {"9.9.9", 200, NET_OK},
    {"", 200, NET_OK},
    {"please log in", 200, NET_OK},
    {TRUTH, 302, NET_OK}, /* a portal */
    {"0.0.0.0", 200, NET_OK},
    {"", 0, NET_TIMEOUT},
    {"", 0, NET_RESET},
};
enum { KINDS = sizeof kinds / sizeof kinds[0], HONEST = 2 };

static struct web_service services[MOST];
static unsigned kind_of[MOST], operator_of[MOST];
static bool done;
static struct addr agreed;
static bool has_agreed;

static char said[240];

static void on_done(struct source *s, const struct addr *a, const char *words)
{
    snprintf(said, sizeof said, "%s", words);
    assert_false(done);
    done = true;
    has_agreed = a != NULL;
    if (a != NULL)
        agreed = *a;
}

static void answer_one(void)
{
    size_t i = draw(waiting_count);
    struct exchange *x = waiting[i];
    const struct kind *k = &kinds[kind_of[x->service]];
    struct reply reply;
    char lie[32];

    waiting[i] = waiting[--waiting_count];
    reply_init(&reply);
    reply.error = x->cancelled ? NET_CANCELLED : k->error;
    reply.status = k->status;
    /* Services of one operator tell the same lie; others never tell the same. */
    snprintf(lie, sizeof lie, "8.8.%u.8", operator_of[x->service]);
    buf_text(&reply.body, strcmp(k->body, "lie") == 0 ? lie : k->body);
    x->fn(x->arg, &reply);
    reply_free(&reply);
    mem_free(x);
}

static void one_world(unsigned count, unsigned quorum)
{
    static const char *const names[] = {"s0", "s1", "s2", "s3", "s4", "s5", "s6", "s7"};
    static const char *const urls[] = {"https://s0/", "https://s1/", "https://s2/", "https://s3/",
                                       "https://s4/", "https://s5/", "https://s6/", "https://s7/"};
    unsigned honest = 0;
    struct real real = {.options = {.net = &net, .services = services, .service_count = count}};
    struct source source = {.real = &real, .spec = {.quorum = quorum, .families = FAMILY_BIT(V4)}};
    struct panel panel;
    struct addr truth;

    addr_parse(TRUTH, &truth);
    for (unsigned i = 0; i < count; i++) {
        kind_of[i] = (unsigned)(draw(2) == 0 ? draw(HONEST) : draw(KINDS));
        operator_of[i] = (unsigned)draw(count);
        services[i] = (struct web_service){names[i],       urls[i], NULL, names[operator_of[i]],
                                           FAMILY_BIT(V4), true,    NULL};
    }
    for (unsigned o = 0; o < count; o++) {
        bool counts = false;
        for (unsigned i = 0; i < count; i++)
            counts = counts || (operator_of[i] == o && kind_of[i] < HONEST);
        honest += counts;
    }
    panel_init(&panel, &source, V4, OUTSIDE_WEB, on_done);
    for (int round = 0; round < 3; round++) { /* later rounds know who failed */
        done = false;
        panel_ask(&panel);
        for (int guard = 0; !done && waiting_count > 0; guard++)
            answer_one();
        assert_true(done);
        assert_int_equal(panel.running, 0);
        if (has_agreed && !addr_equal(&agreed, &truth))
            fail_msg("seed %llu: a lie was believed", (unsigned long long)seed);
        if (has_agreed != (honest >= quorum))
            fail_msg("seed %llu: %u honest operators, quorum %u, agreed %d",
                     (unsigned long long)seed, honest, quorum, has_agreed);
        if (draw(4) == 0) { /* stopped in the middle */
            panel_ask(&panel);
            panel_stop(&panel);
        }
        while (waiting_count > 0) /* what was given up is answered all the same */
            answer_one();
    }
    panel_stop(&panel);
}

static void believes_no_liar(void **state)
{
    const char *given = getenv("HOMING_SEED");

    seed = given != NULL ? strtoull(given, NULL, 10) : 1;
    for (int i = 0; i < ROUNDS; i++, seed++) {
        state_now = seed;
        one_world(1 + (unsigned)draw(MOST), 2 + (unsigned)draw(2));
    }
}

/* Of three, one tells another address: it is shown with how often, and asked last from then on. */
static void asks_a_liar_last(void **state)
{
    static const struct web_service three[] = {
        {"s0", "https://s0/", NULL, "o0", FAMILY_BIT(V4), true, NULL},
        {"s1", "https://s1/", NULL, "o1", FAMILY_BIT(V4), true, NULL},
        {"s2", "https://s2/", NULL, "o2", FAMILY_BIT(V4), true, NULL}};
    struct real real = {.options = {.net = &net, .services = three, .service_count = 3}};
    struct source source = {.real = &real, .spec = {.quorum = 2, .families = FAMILY_BIT(V4)}};
    struct panel panel;
    unsigned asked = 0, shown = 0;

    state_now = 5;
    kind_of[0] = kind_of[1] = 0;
    kind_of[2] = 2; /* the liar */
    operator_of[2] = 2;
    panel_init(&panel, &source, V4, OUTSIDE_WEB, on_done);
    for (int round = 0; round < 12; round++) {
        done = false;
        panel_ask(&panel);
        bool liar = false;
        while (!done) {
            for (size_t i = 0; i < waiting_count; i++)
                liar = liar || waiting[i]->service == 2;
            answer_one();
        }
        while (waiting_count > 0)
            answer_one();
        assert_true(has_agreed);
        asked += liar;
        shown += strstr(said, "s2 says 8.8.2.8") != NULL;
    }
    assert_int_equal(shown, 1); /* the time that it was found out, and never again */
    assert_true(asked <= 3);    /* twice it may have been cut short by the others' agreement */
    panel_stop(&panel);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(believes_no_liar),
        cmocka_unit_test(asks_a_liar_last),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
