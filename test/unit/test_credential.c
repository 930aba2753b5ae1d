/*
 * SPDX-License-Identifier: ISC
 *
 * When credentials end: what each provider file asks and takes, as the API's own documentation or
 * its users show the answer.
 */
#include "publish/credential.h"

#include "base/exchange.h"
#include "base/mem.h"
#include "base/text.h"
#include "publish/provider.h"

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define NOW (1700000000 * (msec)SECOND)

static const char *setting_get(const void *self, const char *name)
{
    (void)self;
    return text_equal(name, "password")       ? "t0psecret"
           : text_equal(name, "apikey")       ? "app"
           : text_equal(name, "consumer-key") ? "c0nsumer"
                                              : NULL;
}

static bool setting_secret(const void *self, const char *name)
{
    (void)self;
    return text_equal(name, "password");
}

static void not_random(void *arg, void *bytes, size_t n)
{
    (void)arg;
    memset(bytes, 7, n);
}

static const struct {
    const char *provider, *url;
    int status;
    const char *body;
    enum outcome_class cls;
    msec end; /* with good */
} rows[] = {
    {"cloudflare", "https://api.cloudflare.com/client/v4/user/tokens/verify", 200,
     "{\"success\":true,\"result\":{\"id\":\"ed17574386854bf78a67040be0a770b0\",\"status\":"
     "\"active\","
     "\"expires_on\":\"2023-12-01T12:00:00Z\",\"not_before\":\"2018-07-01T05:20:00Z\"}}",
     OUTCOME_GOOD, 1701432000 * (msec)SECOND},
    {"cloudflare", NULL, 200, "{\"success\":true,\"result\":{\"id\":\"a\",\"status\":\"active\"}}",
     OUTCOME_NONE, 0},
    {"cloudflare", NULL, 403, "{\"success\":false,\"errors\":[{\"code\":9109,\"message\":\"no\"}]}",
     OUTCOME_AUTH, 0},
    {"gandi", "https://id.gandi.net/tokeninfo", 200,
     "{\"pat_name\":\"dns\",\"scope\":[],\"entities\":[],\"expires_in\":86400}", OUTCOME_GOOD,
     NOW + DAY},
    {"vercel", "https://api.vercel.com/v5/user/tokens/current", 200,
     "{\"token\":{\"id\":\"x\",\"name\":\"dns\",\"scopes\":[],\"createdAt\":1690000000000,"
     "\"expiresAt\":1701432000000}}",
     OUTCOME_GOOD, 1701432000 * (msec)SECOND},
    {"vercel", NULL, 200, "{\"token\":{\"id\":\"x\",\"name\":\"dns\"}}", OUTCOME_NONE, 0},
    {"ovh", "https://eu.api.ovh.com/1.0/auth/currentCredential", 200,
     "{\"status\":\"validated\",\"expiration\":\"2023-12-01T13:00:00+01:00\",\"rules\":[]}",
     OUTCOME_GOOD, 1701432000 * (msec)SECOND},
    {"ovh", NULL, 200, "{\"status\":\"validated\",\"expiration\":null}", OUTCOME_NONE, 0},
    {"ovh", NULL, 500, "", OUTCOME_SERVER, 0},
};

static void ask(struct registry *registry, size_t i)
{
    const struct provider *p = registry_provider(registry, rows[i].provider);
    struct member member = {.hostname = "home.example.org",
                            .settings = {NULL, setting_get, setting_secret}};
    struct job job = {.members = &member, .member_count = 1, .agent = "homing/test"};
    struct step_in in = {.event = STEP_START, .now = {HOUR, NOW}, .random = not_random};
    struct step_out out;
    struct reply reply;
    struct buf shown;

    assert_true(credential_asked(p));
    void *step = protocol_credential.start(&job, p);
    step_out_init(&out);
    protocol_credential.go(step, &in, &out);
    assert_int_equal(out.request_count, 1);
    assert_false(out.requests[0].writes);
    assert_string_equal(out.requests[0].method, "GET");
    if (rows[i].url != NULL)
        assert_string_equal(marked_str(&out.requests[0].url), rows[i].url);
    buf_init(&shown, 1 << 16);
    request_show(&out.requests[0], true, &shown);
    assert_null(strstr(buf_str(&shown), "t0psecret"));
    assert_null(strstr(buf_str(&shown), "c0nsumer"));
    buf_free(&shown);
    step_out_free(&out);
    reply_init(&reply);
    reply.sent = SENT_YES;
    reply.status = rows[i].status;
    buf_text(&reply.body, rows[i].body);
    in.event = STEP_REPLY;
    in.reply = &reply;
    protocol_credential.go(step, &in, &out);
    assert_true(out.done);
    assert_int_equal(out.outcome_count, 1);
    if (out.outcomes[0].cls != rows[i].cls)
        fail_msg("%s (%zu): %s, %s", rows[i].provider, i, outcome_rule(out.outcomes[0].cls)->name,
                 out.outcomes[0].say);
    if (rows[i].cls == OUTCOME_GOOD)
        assert_true(credential_end(out.outcomes[0].say) == rows[i].end);
    step_out_free(&out);
    reply_free(&reply);
    protocol_credential.end(step);
}

static void test_rows(void **state)
{
    struct registry *registry = registry_new();

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        ask(registry, i);
    /* Whoever can tell has a row. */
    for (const char *id = registry_next_provider(registry, NULL); id != NULL;
         id = registry_next_provider(registry, id)) {
        bool found = !credential_asked(registry_provider(registry, id));
        for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
            found = found || text_equal(rows[i].provider, id);
        if (!found)
            fail_msg("%s has no row here", id);
    }
    registry_free(registry);
}

static void test_times(void **state)
{
    static const struct {
        const char *text;
        msec wall; /* 0: none */
    } times[] = {
        {"2023-12-01T12:00:00Z", 1701432000000},
        {"2023-12-01T12:00:00.123456Z", 1701432000000},
        {"2023-12-01T13:00:00+01:00", 1701432000000},
        {"2023-12-01T06:30:00-05:30", 1701432000000},
        {"2023-12-01T12:00:00", 1701432000000},
        {"2023-12-01", 0},
        {"", 0},
        {"2023-12-01T12:00:00 MEZ", 0},
        {"1960-01-01T00:00:00Z", 0},
        {"2023-12-01T12:00:00+1", 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
        msec wall = 0;
        bool ok = credential_parse_time(times[i].text, &wall);
        assert_int_equal(ok, times[i].wall != 0);
        if (ok)
            assert_true(wall == times[i].wall);
    }
    assert_true(credential_end("123") == 123);
    assert_true(credential_end("x") == 0 && credential_end(NULL) == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_rows), cmocka_unit_test(test_times)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
