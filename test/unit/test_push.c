/*
 * SPDX-License-Identifier: ISC
 *
 * What routers send when they push their address, read and answered.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "web/device.h"
#include "web/push_request.h"

/* "home.example.org www.example.org | 81.2.3.4 2a02::1 2a02:1::/64 | auto | odd" */
static void describe(const struct push_request *r, struct buf *out)
{
    char text[ADDR_TEXT_MAX];

    for (size_t i = 0; i < r->host_count; i++)
        buf_format(out, "%s ", r->hosts[i]);
    buf_text(out, "|");
    for (int i = 0; i < PUSH_WHATS; i++) {
        if (!r->values[i].given)
            continue;
        buf_format(out, " %s", addr_text(&r->values[i].addr, text));
        if (r->values[i].length > 0)
            buf_format(out, "/%u", r->values[i].length);
    }
    buf_format(out, "%s%s%s", r->automatic ? " auto" : "", r->too_many ? " many" : "",
               r->malformed_host ? " malformed" : "");
    if (r->odd[0] != '\0')
        buf_format(out, " odd:%s", r->odd);
}

static void requests_are_read(void **state)
{
    static const struct {
        const char *query, *read;
    } cases[] = {
        {"", "| auto"},
        {"hostname=home.example.org&myip=81.2.3.4", "home.example.org | 81.2.3.4"},
        {"hostname=Home.Example.ORG.&myip=81.2.3.4", "home.example.org | 81.2.3.4"},
        {"myip=81.2.3.4&hostname=a.example.org,b.example.org",
         "a.example.org b.example.org | 81.2.3.4"},
        {"hostname=a.example.org&myip=81.2.3.4,2a02:3100::1",
         "a.example.org | 81.2.3.4 2a02:3100::1"},
        {"hostname=a.example.org&myip=2a02:3100::1%2C81.2.3.4",
         "a.example.org | 81.2.3.4 2a02:3100::1"},
        {"hostname=a.example.org&myip=81.2.3.4&myipv6=2a02:3100::1&ip6lanprefix=2a02:3100:0:1::/64",
         "a.example.org | 81.2.3.4 2a02:3100::1 2a02:3100:0:1::/64"},
        {"hostname=a.example.org&ip6lanprefix=2a02:3100:0:1::",
         "a.example.org | 2a02:3100:0:1::/64"},
        {"hostname=a.example.org&ip6lanprefix=2a02:3100:0:ab00::%2F56",
         "a.example.org | 2a02:3100:0:ab00::/56"},
        /* a FRITZ!Box behind DS-Lite leaves its IPv4 address empty */
        {"hostname=a.example.org&myip=&myipv6=2a02:3100::1", "a.example.org | 2a02:3100::1"},
        {"hostname=a.example.org&myip=", "a.example.org | auto"},
        {"hostname=a.example.org", "a.example.org | auto"},
        {"hostname=a.example.org&myip=auto", "a.example.org | auto"},
        {"hostname=a.example.org&auto", "a.example.org | auto"},
        {"hostname=a.example.org&auto=yes&ip6lanprefix=2a02:1::/48",
         "a.example.org | 2a02:1::/48 auto"},
        {"hostname=a.example.org&auto=no&myip=81.2.3.4", "a.example.org | 81.2.3.4"},
        {"system=dyndns&hostname=a.example.org&myip=81.2.3.4&wildcard=ON&mx=m.example.org&backmx="
         "NO",
         "a.example.org | 81.2.3.4"},
        {"hostname=a.example.org&myip=2a02:3100::1/64", "a.example.org | 2a02:3100::1"},
        {"hostname=*.example.org&myip=81.2.3.4", "*.example.org | 81.2.3.4"},
        {"hostname=a.example.org&myip=81.2.3.4&myip=81.2.3.4", "a.example.org | 81.2.3.4"},
        {"hostname=a.example.org&myip=81.2.3.4,81.2.3.5", "a.example.org | 81.2.3.4 odd:81.2.3.5"},
        {"hostname=a.example.org&myip=%3Cipaddr%3E", "a.example.org | odd:<ipaddr>"},
        {"hostname=a.example.org&myip=81.2.3", "a.example.org | odd:81.2.3"},
        {"hostname=a.example.org&myip=81.2.3.4%00", "a.example.org | odd:81.2.3.4%00"},
        {"hostname=a.example.org&myip=1%0A2", "a.example.org | odd:1?2"},
        {"hostname=a.example.org&ip6lanprefix=2a02:1::/80", "a.example.org | odd:2a02:1::/80"},
        {"hostname=a.example.org&ip6lanprefix=81.2.3.0/24", "a.example.org | odd:81.2.3.0/24"},
        {"hostname=a.example.org&ip6lanprefix=2a02:1::/", "a.example.org | odd:2a02:1::/"},
        {"hostname=%FF&myip=81.2.3.4", "| 81.2.3.4 malformed"},
        {"Hostname=a.example.org&MYIP=81.2.3.4", "| auto"},
        {"&&&=&hostname&=x", "| auto"},
        {"hostname=,,+,&myip=81.2.3.4", "| 81.2.3.4"},
        {"hostname=1.a,2.a,3.a,4.a,5.a,6.a,7.a,8.a,9.a,10.a,11.a,12.a,13.a,14.a,15.a,16.a,17.a,18."
         "a,"
         "19.a,20.a,21.a&myip=81.2.3.4",
         "1.a 2.a 3.a 4.a 5.a 6.a 7.a 8.a 9.a 10.a 11.a 12.a 13.a 14.a 15.a 16.a 17.a 18.a 19.a "
         "20.a | 81.2.3.4 many"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct push_request r;
        struct buf out;
        push_read(cases[i].query, &r);
        buf_init(&out, 4096);
        describe(&r, &out);
        if (strcmp(buf_str(&out), cases[i].read) != 0)
            fail_msg("%s\n    is read as %s\n    and not as %s", cases[i].query, buf_str(&out),
                     cases[i].read);
        buf_free(&out);
    }
}

static void whole_hostnames_are_known(void **state)
{
    static const struct {
        const char *host;
        bool good;
    } cases[] = {
        {"home.example.org", true},
        {"a.b", true},
        {"*.example.org", true},
        {"_a.example.org", true},
        {"b\xc3\xbc.example", true},
        {"home", false},
        {"", false},
        {".", false},
        {".example.org", false},
        {"a..b", false},
        {"a.b.", false},
        {"-a.example.org", false},
        {"a-.example.org", false},
        {"a.*.org", false},
        {"a b.example.org", false},
        {"a/b.example.org", false},
        {"*", false},
        {"a\x01.example.org", false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        if (push_host_good(cases[i].host) != cases[i].good)
            fail_msg("\"%s\"", cases[i].host);
}

static void credentials_are_read(void **state)
{
    static const struct {
        const char *header, *login, *password; /* login NULL: none */
    } cases[] = {
        {"Basic ZnJpdHo6Z2VoZWlt", "fritz", "geheim"},
        {"basic  ZnJpdHo6Z2VoZWlt", "fritz", "geheim"},
        {"Basic ZnJpdHo6Z2U6aGVpbQ==", "fritz", "ge:heim"},
        {"Basic Og==", "", ""},
        {"Basic ZnJpdHo=", NULL, NULL},         /* no colon */
        {"Basic ZnJpdHo6Z2VoZWl", NULL, NULL},  /* no padding */
        {"Basic ZnJpdHo6AGVpbQ==", NULL, NULL}, /* a NUL */
        {"Bearer ZnJpdHo6Z2VoZWlt", NULL, NULL},
        {"Basic", NULL, NULL},
        {"", NULL, NULL},
        {NULL, NULL, NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *login, *password;
        bool good = push_credentials(cases[i].header, &login, &password);
        assert_int_equal(good, cases[i].login != NULL);
        if (good) {
            assert_string_equal(login, cases[i].login);
            assert_string_equal(password, cases[i].password);
        } else {
            assert_null(login);
            assert_null(password);
        }
        mem_free_secret(login);
        mem_free_secret(password);
    }
}

static void credentials_of_the_query_are_read(void **state)
{
    static const struct {
        const char *query, *login, *password; /* login NULL: none */
    } cases[] = {
        {"username=fritz&password=geheim", "fritz", "geheim"},
        {"hostname=a.b&password=ge%26heim&myip=&username=fritz", "fritz", "ge&heim"},
        {"username=fritz", NULL, NULL},
        {"password=geheim", NULL, NULL},
        {"username=fritz&password=%zz", NULL, NULL},
        {"xusername=fritz&password=geheim", NULL, NULL},
        {"", NULL, NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *login, *password;
        bool good = push_query_credentials(cases[i].query, &login, &password);
        assert_int_equal(good, cases[i].login != NULL);
        if (good) {
            assert_string_equal(login, cases[i].login);
            assert_string_equal(password, cases[i].password);
        }
        mem_free_secret(login);
        mem_free_secret(password);
    }
}

static void long_credentials_are_refused(void **state)
{
    char header[2048], *login, *password;
    (void)state;

    memcpy(header, "Basic ", 6);
    memset(header + 6, 'a', 2000);
    header[2006] = '\0';
    assert_false(push_credentials(header, &login, &password));
}

static void answers_have_their_words(void **state)
{
    struct push_value values[PUSH_WHATS] = {
        {.given = true}, {.given = true}, {.given = true, .length = 64}};
    struct buf out;
    (void)state;

    addr_parse("81.2.3.4", &values[PUSH_V4].addr);
    addr_parse("2a02::1", &values[PUSH_V6].addr);
    addr_parse("2a02::", &values[PUSH_PREFIX].addr);
    buf_init(&out, 1024);
    push_line(&out, PUSH_GOOD, values);
    values[PUSH_V4].given = false;
    push_line(&out, PUSH_NOCHG, values);
    values[PUSH_V6].given = false;
    push_line(&out, PUSH_GOOD, values);
    push_line(&out, PUSH_NOHOST, values);
    push_line(&out, PUSH_911, NULL);
    assert_string_equal(buf_str(&out), "good 81.2.3.4,2a02::1\nnochg 2a02::1\ngood\nnohost\n911\n");
    buf_free(&out);
}

static void devices_are_bounded(void **state)
{
    static const char hash[SECRET_HASH_TEXT] = "x";
    struct devices *d = devices_new();
    enum err e = OK;
    struct cause c;
    int devices = 0, hosts = 0;
    (void)state;

    for (; e == OK; devices += e == OK) {
        char name[32];
        snprintf(name, sizeof name, "device%d", devices);
        e = devices_add(d, name, hash, 1, &c);
    }
    assert_int_equal(e, ERR_FULL);
    assert_int_equal(devices, DEVICES_MOST);
    assert_int_equal(devices_add(d, "device7", hash, 1, &c), ERR_EXISTS);
    for (e = OK; e == OK; hosts += e == OK)
        e = devices_add_host(d, "device7", "home.example.org", &c);
    assert_int_equal(hosts, DEVICE_HOSTS_MOST);
    assert_int_equal(devices_add_host(d, "nobody", "home.example.org", &c), ERR_NOT_FOUND);
    assert_true(devices_remove(d, "device7"));
    assert_false(devices_remove(d, "device7"));
    assert_null(devices_find(d, "device7"));
    assert_int_equal(devices_add(d, "another", hash, 1, &c), OK);
    devices_free(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests_are_read),
        cmocka_unit_test(whole_hostnames_are_known),
        cmocka_unit_test(credentials_are_read),
        cmocka_unit_test(credentials_of_the_query_are_read),
        cmocka_unit_test(long_credentials_are_refused),
        cmocka_unit_test(answers_have_their_words),
        cmocka_unit_test(devices_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
