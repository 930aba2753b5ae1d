/*
 * SPDX-License-Identifier: ISC
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "sense/outside.h"
#include "sense/portmap.h"
#include "sense/services.h"
#include "sense/stun.h"
#include "sense/tr064.h"

static void is_addr(const struct addr *a, const char *text)
{
    char got[ADDR_TEXT_MAX];

    assert_string_equal(addr_text(a, got), text);
}

/* RFC 5769, sections 2.2 and 2.3: the published answers, without integrity and fingerprint. */
static void reads_stun(void **state)
{
    static const uint8_t id[STUN_ID] = {0xb7, 0xe7, 0xa7, 0x01, 0xbc, 0x34,
                                        0xd6, 0x86, 0xfa, 0x87, 0xdf, 0xae};
    uint8_t v4[] = {0x01, 0x01, 0x00, 0x1c, 0x21, 0x12, 0xa4, 0x42, 0xb7, 0xe7, 0xa7, 0x01,
                    0xbc, 0x34, 0xd6, 0x86, 0xfa, 0x87, 0xdf, 0xae, 0x80, 0x22, 0x00, 0x0b,
                    't',  'e',  's',  't',  ' ',  'v',  'e',  'c',  't',  'o',  'r',  0x20,
                    0x00, 0x20, 0x00, 0x08, 0x00, 0x01, 0xa1, 0x47, 0xe1, 0x12, 0xa6, 0x43};
    uint8_t v6[] = {0x01, 0x01, 0x00, 0x18, 0x21, 0x12, 0xa4, 0x42, 0xb7, 0xe7, 0xa7,
                    0x01, 0xbc, 0x34, 0xd6, 0x86, 0xfa, 0x87, 0xdf, 0xae, 0x00, 0x20,
                    0x00, 0x14, 0x00, 0x02, 0xa1, 0x47, 0x01, 0x13, 0xa9, 0xfa, 0xa5,
                    0xd3, 0xf1, 0x79, 0xbc, 0x25, 0xf4, 0xb5, 0xbe, 0xd2, 0xb9, 0xd9};
    uint8_t request[STUN_REQUEST];
    struct addr a;

    assert_true(stun_answers(v4, sizeof v4, id));
    assert_true(stun_address(v4, sizeof v4, &a));
    is_addr(&a, "192.0.2.1");
    assert_true(stun_answers(v6, sizeof v6, id));
    assert_true(stun_address(v6, sizeof v6, &a));
    is_addr(&a, "2001:db8:1234:5678:11:2233:4455:6677");

    for (size_t cut = 0; cut < sizeof v4; cut++)
        assert_false(stun_answers(v4, cut, id));
    stun_request(request, id);
    assert_false(stun_answers(request, sizeof request, id)); /* a question is no answer */
    v4[19] ^= 1;
    assert_false(stun_answers(v4, sizeof v4, id)); /* another's */
    v4[39] = 0x7f;                                 /* an attribute longer than the message */
    assert_false(stun_address(v4, sizeof v4, &a));
    v6[23] = 0x08; /* an IPv6 address of four bytes */
    assert_false(stun_address(v6, sizeof v6, &a));
}

static void reads_natpmp(void **state)
{
    static const uint8_t good[] = {0, 128, 0, 0, 0, 0, 1, 2, 203, 0, 113, 7};
    static const uint8_t none[] = {0, 128, 0, 3, 0, 0, 1, 2, 0, 0, 0, 0};
    uint8_t request[NATPMP_REQUEST] = {1, 1};
    struct portmap_answer a;

    natpmp_request(request);
    assert_memory_equal(request, "\0\0", 2);
    assert_true(natpmp_read(good, sizeof good, &a));
    assert_true(a.ok);
    assert_int_equal(a.epoch, 258);
    is_addr(&a.addr, "203.0.113.7");
    assert_true(natpmp_read(none, sizeof none, &a));
    assert_false(a.ok || a.has_addr);
    assert_int_equal(a.result, 3);
    assert_false(natpmp_read(good, 11, &a));
    assert_false(natpmp_read(good, 7, &a));
    assert_false(natpmp_read(request, 2, &a));
    assert_true(portmap_announcement(good, sizeof good, &a));
}

static void reads_pcp(void **state)
{
    static const uint8_t nonce[PCP_NONCE] = "abcdefghijk";
    uint8_t request[PCP_REQUEST], answer[PCP_REQUEST];
    struct portmap_answer a;
    struct addr client;

    addr_parse("192.168.1.2", &client);
    pcp_request(request, &client, 0x1234, nonce, 120);
    assert_memory_equal(request, "\2\1\0\0\0\0\0\170\0\0\0\0\0\0\0\0\0\0\377\377\300\250\1\2", 24);
    assert_memory_equal(request + 36, "\21\0\0\0\22\064\0\0", 8);
    memcpy(answer, request, sizeof answer);
    answer[1] = 0x81;
    memset(answer + 8, 0, 16);
    answer[11] = 9; /* epoch */
    memcpy(answer + 56, "\11\11\11\12", 4);
    assert_true(pcp_read(answer, sizeof answer, nonce, &a));
    assert_true(a.ok);
    assert_int_equal(a.epoch, 9);
    is_addr(&a.addr, "9.9.9.10");
    answer[3] = 8; /* behind carrier-grade NAT: refused, but told */
    memcpy(answer + 56, "\144\100\0\7", 4);
    assert_true(pcp_read(answer, sizeof answer, nonce, &a));
    assert_false(a.ok);
    assert_true(a.has_addr);
    is_addr(&a.addr, "100.64.0.7");
    assert_true(pcp_read(answer, 24, nonce, &a)); /* an error may be short */
    assert_false(a.ok || a.has_addr);
    answer[3] = 0;
    assert_false(pcp_read(answer, 24, nonce, &a));
    answer[24] ^= 1;
    assert_false(pcp_read(answer, sizeof answer, nonce, &a)); /* another's nonce */
    assert_false(pcp_read(request, sizeof request, nonce, &a));
    assert_false(pcp_read(answer, 23, nonce, &a));
    answer[1] = 0x80;
    assert_true(portmap_announcement(answer, 24, &a));
    assert_true(pcp_read((const uint8_t *)"\0\200\0\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 24,
                         nonce, &a)); /* NAT-PMP only */
    assert_false(a.ok);
}

/* RFC 6887, section 8.5. */
static void notices_restarts(void **state)
{
    static const struct {
        uint32_t old, new, elapsed;
        bool restarted;
    } rows[] = {
        {100, 160, 60, false}, {100, 161, 60, false}, {100, 99, 0, false},  {100, 98, 0, true},
        {100, 5, 60, true},    {100, 1000, 60, true}, {100, 105, 60, true}, {100, 157, 60, false},
        {100, 100, 2, false},  {100, 100, 60, true},  {0, 0, 0, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (portmap_restarted(rows[i].old, rows[i].new, rows[i].elapsed) != rows[i].restarted)
            fail_msg("row %zu", i);
}

static void reads_places(void **state)
{
    static const struct {
        const char *url, *server;
        unsigned port;
        const char *name;
        bool chaos, txt;
    } rows[] = {
        {"dns://ns1.google.com/o-o.myaddr.l.google.com?type=TXT", "ns1.google.com", 0,
         "o-o.myaddr.l.google.com", false, true},
        {"dns://one.one.one.one/whoami.cloudflare?class=CH;type=TXT", "one.one.one.one", 0,
         "whoami.cloudflare", true, true},
        {"dns://[::1]:5301/w.test", "::1", 5301, "w.test", false, false},
        {"dns://127.0.0.1:53/w", "127.0.0.1", 53, "w", false, false},
        {"stun:stun.example:3478", "stun.example", 3478, "", false, false},
        {"stun:[2001:db8::1]", "2001:db8::1", 0, "", false, false},
        {"stun:x", "x", 0, "", false, false},
        {"dns://x", NULL, 0, NULL, false, false},
        {"dns:///x", NULL, 0, NULL, false, false},
        {"dns://x/", NULL, 0, NULL, false, false},
        {"dns://x:0/y", NULL, 0, NULL, false, false},
        {"dns://x:99999/y", NULL, 0, NULL, false, false},
        {"stun:", NULL, 0, NULL, false, false},
        {"stun:x:", NULL, 0, NULL, false, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct outside_place p;
        if (!outside_place(rows[i].url, &p)) {
            if (rows[i].server != NULL)
                fail_msg("%s was refused", rows[i].url);
            continue;
        }
        if (rows[i].server == NULL)
            fail_msg("%s was taken", rows[i].url);
        assert_string_equal(p.server, rows[i].server);
        assert_string_equal(p.name, rows[i].name);
        assert_int_equal(p.port, rows[i].port);
        assert_int_equal(p.chaos, rows[i].chaos);
        assert_int_equal(p.txt, rows[i].txt);
    }
    assert_int_equal(outside_way("https://x/"), OUTSIDE_WEB);
    for (size_t i = 0; i < other_service_count; i++) {
        struct outside_place p;
        assert_true(outside_place(other_services[i].url, &p));
    }
}

static void tells_near_from_outside(void **state)
{
    static const struct {
        const char *url;
        bool near;
    } rows[] = {
        {"http://192.168.1.1/ip", true},
        {"https://u:p@10.0.0.1:8443/", true},
        {"http://[fd00::1]:80/", true},
        {"http://[fe80::1]", true},
        {"http://127.0.0.1:8080", true},
        {"http://100.64.0.1/", true},
        {"http://router/status", true},
        {"http://Router.LAN:81/x?y", true},
        {"http://nas.home.arpa/", true},
        {"http://box.local", true},
        {"http://8.8.4.4/ip", false},
        {"http://[2a02::1]/", false},
        {"https://api.ipify.org/", false},
        {"https://evil.example/.lan", false},
        {"https://lan.example/", false},
        {"https://router@evil.example/", false},
        {"https://", false},
        {"", false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (outside_is_near(rows[i].url) != rows[i].near)
            fail_msg("%s", rows[i].url);
}

static void reads_tr064(void **state)
{
    static const struct {
        const char *text;
        enum family family;
        const char *found;
    } rows[] = {
        {"<s:Body><u:R><NewExternalIPAddress>9.9.9.1</NewExternalIPAddress></u:R>", V4, "9.9.9.1"},
        {"<NewExternalIPAddress> 9.9.9.1\n</NewExternalIPAddress>", V4, "9.9.9.1"},
        {"<NewExternalIPv6Address>2a02::1</NewExternalIPv6Address>", V6, "2a02::1"},
        {"<NewExternalIPAddress>0.0.0.0</NewExternalIPAddress>", V4, NULL},
        {"<NewExternalIPv6Address>::</NewExternalIPv6Address>", V6, NULL},
        {"<NewExternalIPAddress></NewExternalIPAddress>", V4, NULL},
        {"<NewExternalIPAddress>9.9.9.1", V4, NULL},
        {"<NewExternalIPAddress", V4, NULL},
        {"<NewExternalIPAddress>", V4, NULL},
        {"<NewExternalIPAddressX>9.9.9.1</", V4, NULL},
        {"<NewExternalIPAddress>2a02::1</NewExternalIPAddress>", V4, NULL},
        {"", V4, NULL},
    };
    static const char *const urls[][2] = {
        {"192.168.178.1", "http://192.168.178.1:49000/igdupnp/control/WANIPConn1"},
        {"fritz.box:8080", "http://fritz.box:8080/igdupnp/control/WANIPConn1"},
        {"fd00::1", "http://[fd00::1]:49000/igdupnp/control/WANIPConn1"},
        {"[fd00::1]", "http://[fd00::1]:49000/igdupnp/control/WANIPConn1"},
        {"[fd00::1]:8080", "http://[fd00::1]:8080/igdupnp/control/WANIPConn1"},
        {"http://r/x", "http://r/x"},
        {"r/x", "http://r/x"}};

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct addr a;
        bool found = tr064_read(rows[i].text, strlen(rows[i].text), rows[i].family, &a);
        if (found != (rows[i].found != NULL))
            fail_msg("%s", rows[i].text);
        if (found)
            is_addr(&a, rows[i].found);
    }
    for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++) {
        struct buf b;
        buf_init(&b, 200);
        assert_true(tr064_url(urls[i][0], &b));
        assert_string_equal(buf_str(&b), urls[i][1]);
        buf_free(&b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_stun),   cmocka_unit_test(reads_natpmp),
        cmocka_unit_test(reads_pcp),    cmocka_unit_test(notices_restarts),
        cmocka_unit_test(reads_places), cmocka_unit_test(tells_near_from_outside),
        cmocka_unit_test(reads_tr064),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
