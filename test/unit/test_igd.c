/*
 * SPDX-License-Identifier: ISC
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "sense/igd.h"

static const struct addr router = {.family = V4, .bytes = {192, 168, 1, 1}};

static void follows_a_word_to_its_sender_alone(void **state)
{
    static const struct {
        const char *answer, *location; /* NULL: refused */
    } rows[] = {
        {"HTTP/1.1 200 OK\r\nLOCATION: http://192.168.1.1:5000/x.xml\r\n\r\n",
         "http://192.168.1.1:5000/x.xml"},
        {"HTTP/1.1 200 OK\r\nST: a\r\nlocation:http://192.168.1.1/x\r\n\r\n",
         "http://192.168.1.1/x"},
        {"HTTP/1.0 200 OK\nLocation:\thttp://192.168.1.1\n\n", "http://192.168.1.1"},
        {"HTTP/1.1 200 OK\r\nST: a\r\n\r\n", NULL},
        {"HTTP/1.1 200 OK\r\nLOCATION:", NULL},
        {"HTTP/1.1 200 OK\r\nLOCATION: http://192.168.1.2/x\r\n\r\n", NULL},
        {"HTTP/1.1 200 OK\r\nLOCATION: http://203.0.113.1/x\r\n\r\n", NULL},
        {"HTTP/1.1 200 OK\r\nLOCATION: http://example.org/x\r\n\r\n", NULL},
        {"HTTP/1.1 200 OK\r\nLOCATION: http://192.168.1.1.example.org/x\r\n\r\n", NULL},
        {"HTTP/1.1 200 OK\r\nLOCATION: http://192.168.1.1@example.org/x\r\n\r\n", NULL},
        {"HTTP/1.1 200 OK\r\nLOCATION: http://192.168.1.1:80@example.org/x\r\n\r\n", NULL},
        {"HTTP/1.1 200 OK\r\nLOCATION: http://192.168.1.1\\@example.org/x\r\n\r\n", NULL},
        {"HTTP/1.1 200 OK\r\nLOCATION: https://192.168.1.1/x\r\n\r\n", NULL},
        {"HTTP/1.1 200 OK\r\nLOCATION: file:///etc/passwd\r\n\r\n", NULL},
        {"HTTP/1.1 404 No\r\nLOCATION: http://192.168.1.1/x\r\n\r\n", NULL},
        {"NOTIFY * HTTP/1.1\r\nLOCATION: http://192.168.1.1/x\r\n\r\n", NULL},
        {"", NULL},
    };
    char out[IGD_URL_MAX], longer[600];

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        bool found =
            igd_location((const uint8_t *)rows[i].answer, strlen(rows[i].answer), &router, out);
        if (found != (rows[i].location != NULL) || (found && strcmp(out, rows[i].location) != 0))
            fail_msg("row %zu: %s", i, found ? out : "refused");
    }
    memset(longer, 'x', sizeof longer);
    memcpy(longer, "HTTP/1.1 200 OK\r\nLOCATION: http://192.168.1.1/", 46);
    assert_false(igd_location((const uint8_t *)longer, sizeof longer, &router, out));
}

#define SERVICE(type, control)                                                                     \
    "<service><serviceType>urn:schemas-upnp-org:service:" type                                     \
    "</serviceType><controlURL>" control "</controlURL></service>"

static void reads_a_description(void **state)
{
    static const struct {
        const char *xml, *control, *service; /* NULL: refused */
    } rows[] = {
        {"<root>" SERVICE("WANIPConnection:1", "/ctl/IPConn") "</root>",
         "http://192.168.1.1:5000/ctl/IPConn", "WANIPConnection:1"},
        {"<root>" SERVICE("WANIPConnection:2", "ctl") "</root>", "http://192.168.1.1:5000/ctl",
         "WANIPConnection:2"},
        {"<root>" SERVICE("WANPPPConnection:1", "/ppp") "</root>", "http://192.168.1.1:5000/ppp",
         "WANPPPConnection:1"},
        {"<root><URLBase>http://192.168.1.1:99/</URLBase>" SERVICE("WANIPConnection:1",
                                                                   "/c") "</root>",
         "http://192.168.1.1:99/c", "WANIPConnection:1"},
        /* what others wrote about the type goes into no question of ours */
        {"<root>" SERVICE("WANIPConnection:1\"&gt;&lt;evil", "/c") "</root>",
         "http://192.168.1.1:5000/c", "WANIPConnection:1"},
        {"<root>" SERVICE("WANIPConnection:1", "http://192.168.1.2/c") "</root>", NULL, NULL},
        {"<root>" SERVICE("WANIPConnection:1", "http://example.org/c") "</root>", NULL, NULL},
        {"<root><URLBase>http://203.0.113.1/</URLBase>" SERVICE("WANIPConnection:1",
                                                                "/c") "</root>",
         NULL, NULL},
        {"<root>" SERVICE("Printer:1", "/c") "</root>", NULL, NULL},
        {"<root>" SERVICE("WANIPConnection:1", "") "</root>", NULL, NULL},
        {"", NULL, NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct igd igd;
        bool found = igd_describe(rows[i].xml, strlen(rows[i].xml),
                                  "http://192.168.1.1:5000/rootDesc.xml", &igd);
        if (found != (rows[i].control != NULL) ||
            (found && (strcmp(igd.control, rows[i].control) != 0 ||
                       strcmp(igd.service, rows[i].service) != 0)))
            fail_msg("row %zu: %s", i, found ? igd.control : "refused");
    }
}

static void reads_an_answer(void **state)
{
    static const char xml[] = "<s:Envelope><s:Body><u:R xmlns:u=\"u\"><NewExternalIPAddress>9.9.9.1"
                              "</NewExternalIPAddress></u:R></s:Body></s:Envelope>";
    char out[64];

    assert_true(igd_value(xml, strlen(xml), "NewExternalIPAddress", out, sizeof out));
    assert_string_equal(out, "9.9.9.1");
    assert_false(igd_value(xml, strlen(xml), "NewConnectionStatus", out, sizeof out));
    assert_false(igd_value(xml, strlen(xml), "NewExternalIPAddress", out, 4));
    assert_false(igd_value("", 0, "NewExternalIPAddress", out, sizeof out));
}

static void searches(void **state)
{
    struct buf text;
    unsigned n = 0;

    buf_init(&text, 1024);
    while (igd_search(n, &text)) {
        assert_non_null(strstr(buf_str(&text), "MAN: \"ssdp:discover\"\r\n"));
        assert_true(strcmp(buf_str(&text) + text.len - 4, "\r\n\r\n") == 0);
        buf_clear(&text);
        n++;
    }
    assert_int_equal(n, 4);
    buf_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(follows_a_word_to_its_sender_alone),
        cmocka_unit_test(reads_a_description),
        cmocka_unit_test(reads_an_answer),
        cmocka_unit_test(searches),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
