/*
 * SPDX-License-Identifier: ISC
 */
/* What people are shown of a request, and the wait that a reply asks for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/exchange.h"
#include "base/mem.h"

#define DOTS "\xe2\x80\xa2\xe2\x80\xa2\xe2\x80\xa2"

static void shows(struct request *r, bool whole, const char *wanted)
{
    struct buf out;

    buf_init(&out, 1000);
    request_show(r, whole, &out);
    assert_string_equal(buf_str(&out), wanted);
    buf_free(&out);
    request_free(r);
}

static void a_request_is_shown_without_its_secrets(void **state)
{
    struct request r;

    (void)state;
    request_init(&r, REQUEST_HTTP);
    marked_text(&r.url, "https://api.example.net/?key=");
    marked_secret(&r.url, "s3cret");
    shows(&r, false, "GET https://api.example.net/?key=" DOTS);
    request_init(&r, REQUEST_HTTP);
    request_method(&r, "PUT");
    marked_text(&r.url, "https://api.example.net/");
    marked_text(request_header(&r, "X-Kind"), "plain");
    marked_secret(request_header(&r, "X-Key"), "s3cret");
    assert_string_equal(marked_str(request_find_header(&r, "x-kind")), "plain");
    assert_null(request_find_header(&r, "x-none"));
    marked_text(&r.body, "a=1&b=");
    marked_secret(&r.body, "s3cret");
    r.has_body = true;
    shows(&r, true, "PUT https://api.example.net/\nX-Kind: plain\nX-Key: " DOTS "\n\na=1&b=" DOTS);
}

static void other_kinds_are_shown_in_words(void **state)
{
    static const struct {
        const char *server;
        uint16_t port;
        bool writes;
        const char *shown;
    } rows[] = {
        {"ns.example.net", 0, false, "DNS query to ns.example.net port 53"},
        {"192.0.2.1", 5353, true, "DNS UPDATE to 192.0.2.1 port 5353"},
        {NULL, 0, false, "DNS query to ? port 53"},
    };
    struct request r;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        request_init(&r, REQUEST_DNS);
        r.server = mem_text(rows[i].server);
        r.port = rows[i].port;
        r.writes = rows[i].writes;
        shows(&r, i == 0, rows[i].shown);
    }
    for (int whole = 0; whole < 2; whole++) {
        request_init(&r, REQUEST_RUN);
        r.setting = mem_text("program");
        r.entry = mem_text("home.example.org");
        marked_text(&r.body, "{\"password\":\"");
        marked_secret(&r.body, "s3cret");
        marked_text(&r.body, "\"}");
        shows(&r, whole != 0,
              whole ? "program= of home.example.org\n\n{\"password\":\"" DOTS "\"}"
                    : "program= of home.example.org");
    }
}

static void a_reply_may_ask_for_a_wait(void **state)
{
    static const msec now = 784111777 * (msec)SECOND; /* Sun, 06 Nov 1994 08:49:37 GMT */
    static const struct {
        const char *said;
        msec wait;
    } rows[] = {
        {NULL, 0},
        {"120", 120 * SECOND},
        {"0", 0},
        {"999999999999", 366 * (msec)DAY},
        {"Sun, 06 Nov 1994 08:50:37 GMT", 60 * SECOND},
        {"Sun, 06 Nov 1994 08:48:37 GMT", 0}, /* over */
        {"soon", 0},
        {"-5", 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct reply r;
        reply_init(&r);
        if (rows[i].said != NULL)
            reply_header_add(&r, "Retry-After", strlen("Retry-After"), rows[i].said,
                             strlen(rows[i].said));
        assert_true(reply_retry_after(&r, now) == rows[i].wait);
        reply_free(&r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_request_is_shown_without_its_secrets),
        cmocka_unit_test(other_kinds_are_shown_in_words),
        cmocka_unit_test(a_reply_may_ask_for_a_wait),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
