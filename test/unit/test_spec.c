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

#include "base/mem.h"
#include "sense/devices.h"
#include "sense/inside.h"
#include "sense/services.h"
#include "sense/webask.h"

/* Settings as "name=value" texts ended by NULL. */
static const char *get(const void *self, const char *name)
{
    const char *const *list = self;
    size_t n = strlen(name);

    for (; *list != NULL; list++)
        if (strncmp(*list, name, n) == 0 && (*list)[n] == '=')
            return *list + n + 1;
    return NULL;
}

static bool object(void *arg, const char *kind, const char *name, struct view *out)
{
    static const char *const lan[] = {"from=br0", "length=60", NULL};
    static const char *const fixed[] = {"from=2001:db8:7::/48", NULL};
    static const char *const box[] = {"kind=pushed", NULL};
    static const char *const fiber[] = {"interface=ppp9", "mark=7", NULL};
    static const struct {
        const char *kind, *name;
        const char *const *settings;
    } all[] = {{"prefix", "lan", lan},
               {"prefix", "site", fixed},
               {"source", "box", box},
               {"uplink", "fiber", fiber}};

    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        if (strcmp(all[i].kind, kind) == 0 && strcmp(all[i].name, name) == 0) {
            *out = (struct view){.self = all[i].settings, .get = get};
            return true;
        }
    return false;
}

static const struct sense_options options = {.object = object};

enum { MOST = 8 };
struct row {
    const char *settings[MOST];
    const char *v4, *v6; /* "kind arg", or "- why" */
};

static void describe(const struct view *v, enum family f, char *out, size_t room)
{
    struct spec s;
    const char *why = NULL;

    if (!spec_make(&s, v, f, &options, &why)) {
        snprintf(out, room, "- %s", why);
        return;
    }
    snprintf(out, room, "%s %s", s.kind->name, s.arg != NULL ? s.arg : "");
    for (unsigned i = 0; i < s.part_count; i++) {
        size_t n = strlen(out);
        snprintf(out + n, room - n, "[%s %s]", s.parts[i].kind->name,
                 s.parts[i].arg != NULL ? s.parts[i].arg : "");
    }
    spec_free(&s);
}

#define NO_SOURCE "none no source of the address is configured; usev4=auto finds it"

static void reads_the_interplay(void **state)
{
    static const struct row rows[] = {
        /* the language's reference, section 2.7 */
        {{"use=ip", "ip=192.0.2.1", "usev6=ipv6", "ipv6=2001:db8::1"},
         "fixed 192.0.2.1",
         "fixed 2001:db8::1"},
        {{"use=ip", "ip=192.0.2.1", "usev4=ipv4", "ipv4=192.0.2.9"},
         "either [fixed 192.0.2.9][fixed 192.0.2.1]",
         "- ip= is an IPv4 address"},
        {{"use=ip", "ip=2001:db8::2", "usev4=ipv4", "ipv4=192.0.2.9"},
         "fixed 192.0.2.9",
         "fixed 2001:db8::2"},
        {{"usev6=ip", "ip=2001:db8::3"}, "- disabled", "fixed 2001:db8::3"},
        {{"usev4=ifv4"}, "interface default", "- disabled"},
        {{NULL}, NO_SOURCE, NO_SOURCE},
        {{"ip=192.0.2.1"}, "fixed 192.0.2.1", "- ip= is an IPv4 address"},
        {{"usev4=disabled", "usev6=no"}, NO_SOURCE, NO_SOURCE},
        {{"use=no"}, "- disabled", "- disabled"},
        /* interfaces */
        {{"use=if"}, "interface ppp0", "- use=if looks for IPv4 only"},
        {{"use=if", "if=eth1"}, "interface eth1", "- use=if looks for IPv4 only"},
        {{"usev4=ifv4", "ifv4=eth1", "usev6=ifv6", "ifv6=Default"},
         "interface eth1",
         "interface default"},
        {{"usev6=if", "if=eth0", "ifv6=default"}, "- disabled", "interface eth0"},
        {{"usev6=if", "if=eth0", "ifv6=eth9"}, "- disabled", "interface eth9"},
        /* pages */
        {{"use=web"}, "web http://checkip.dyndns.org/", "web http://checkip.dyndns.org/"},
        {{"usev4=webv4", "usev6=webv6"},
         "web https://api.ipify.org/",
         "web https://api6.ipify.org/"},
        {{"usev4=webv4", "webv4=a.example/ip"}, "web https://a.example/ip", "- disabled"},
        {{"usev4=webv4", "webv4=a.example/ip", "ssl=no"}, "web http://a.example/ip", "- disabled"},
        {{"usev4=webv4", "webv4=http://a.example/ip"}, "web http://a.example/ip", "- disabled"},
        {{"usev4=webv4", "webv4=he.net"}, "web https://checkip.dns.he.net/", "- disabled"},
        {{"usev6=web", "web=b.example"}, "- disabled", "web https://b.example"},
        {{"usev4=webv4", "webv4-skip=a(b"},
         "none the pattern \"a(b\" is not understood: a group without its ) at character 4",
         "- disabled"},
        /* commands */
        {{"usev4=cmdv4", "cmdv4=get ip"}, "command get ip", "- disabled"},
        {{"usev4=cmdv4"}, "none cmdv4= is not set", "- disabled"},
        {{"use=cmd", "cmd=x"}, "command x", "command x"},
        /* routers */
        {{"use=fw", "fw=192.168.1.1/status"},
         "device http://192.168.1.1/status",
         "device http://192.168.1.1/status"},
        {{"usev4=fwv4", "fwv4=https://r/s"}, "device https://r/s", "- disabled"},
        {{"usev4=fwv4"}, "none fwv4= is not set", "- disabled"},
        {{"usev6=fwv6", "fwv6=r.example"}, "- disabled", "device http://r.example"},
        {{"use=linksys", "fw=192.168.1.1:8080"},
         "device http://192.168.1.1:8080/Status.htm",
         "device http://192.168.1.1:8080/Status.htm"},
        {{"usev4=Linksys", "fw=http://r/x"}, "device http://r/x", "- disabled"},
        {{"usev4=olitec-sx200", "fwv4=r"}, "device http://r/doc/wan.htm", "- disabled"},
        {{"usev4=cisco", "fwv4=r", "ifv4=Gi0/1"},
         "device http://r/level/1/exec/show/ip/interface/brief/Gi0\\/1/CR",
         "- disabled"},
        {{"use=cisco-asa", "fw=r", "if=out side"},
         "device https://r/exec/show%20interface%20out%20side",
         "device https://r/exec/show%20interface%20out%20side"},
        /* homing's own */
        {{"usev4=auto", "usev6=auto"},
         "auto [interface default][router ]",
         "auto [interface default]"},
        {{"usev4=stun", "usev6=dns"}, "stun ", "dns "},
        {{"usev4=upnp", "usev6=pcp"}, "upnp ", "pcp "},
        {{"usev6=prefix", "prefix=lan", "suffix=::1:2:3:4"}, "- disabled", "prefix [prefix br0]"},
        {{"usev4=auto", "usev6=auto", "prefix=site", "suffix=::1"},
         "auto [interface default][router ]",
         "prefix [fixed 2001:db8:7::]"},
        {{"usev6=prefix", "prefix=nosuch", "suffix=::1"},
         "- disabled",
         "none there is no define=prefix:nosuch"},
        {{"usev6=ifv6", "suffix=::5"}, "- disabled", "prefix [interface default]"},
        {{"usev6=ifv6", "suffix=hello"},
         "- disabled",
         "none suffix= is none of ::1:2:3:4, a MAC address and dns"},
        {{"usev6=ifv6", "suffix=dns", "host=nas.example"},
         "- disabled",
         "prefix nas.example[interface default]"},
        {{"usev4=ifv4", "uplink=fiber"}, "interface ppp9", "- disabled"},
        {{"usev4=ifv4", "uplink=fiber,dsl"}, "interface ppp9", "- disabled"},
        {{"usev4=router"}, "router [natpmp ][upnp ][pcp ]", "- disabled"},
        {{"usev4=box", "usev6=box"}, "pushed box", "pushed box"},
        {{"usev4=nosuch"}, "none \"nosuch\" is not a source of IPv4 addresses", "- disabled"},
        {{"usev4=ipv4", "ipv4=2001:db8::1"}, "none ipv4= is not an IPv4 address", "- disabled"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct view v = {.self = rows[i].settings, .get = get};
        char got[2][512];
        describe(&v, V4, got[0], sizeof got[0]);
        describe(&v, V6, got[1], sizeof got[1]);
        if (strcmp(got[0], rows[i].v4) != 0 || strcmp(got[1], rows[i].v6) != 0)
            fail_msg("row %zu (%s):\n%s\n%s", i, rows[i].settings[0], got[0], got[1]);
    }
}

static char *key_of(const char *const *settings, enum family f)
{
    const struct view v = {.self = settings, .get = get};
    struct spec s;
    const char *why;

    assert_true(spec_make(&s, &v, f, &options, &why));
    char *key = spec_key(&s);
    spec_free(&s);
    return key;
}

/* Equal questions are one source; whatever changes the question makes another. */
static void shares_equal_questions(void **state)
{
    static const char *const base[MOST] = {"usev4=webv4", "webv4=a.example", "login=x"};
    static const char *const same[MOST] = {"usev4=webv4", "webv4=a.example", "login=y"};
    static const char *const others[][MOST] = {
        {"usev4=webv4", "webv4=b.example"},
        {"usev4=webv4", "webv4=a.example", "webv4-skip=x"},
        {"usev4=webv4", "webv4=a.example", "proxy=p:1"},
        {"usev4=webv4", "webv4=a.example", "uplink=fiber"},
        {"usev4=webv4", "webv4=a.example", "timeout=5"},
        {"usev4=webv4", "webv4=a.example", "web-ssl-validate=no"},
        {"usev4=fwv4", "fwv4=a.example", "fw-login=a", "fw-password=b"},
        {"usev4=fwv4", "fwv4=a.example", "fw-login=a", "fw-password=c"},
    };
    char *keys[1 + sizeof others / sizeof others[0]];
    size_t n = 0;

    keys[n++] = key_of(base, V4);
    char *equal = key_of(same, V4);
    assert_string_equal(keys[0], equal);
    mem_free(equal);
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        keys[n] = key_of(others[i], V4);
        for (size_t k = 0; k < n; k++)
            assert_string_not_equal(keys[k], keys[n]);
        n++;
    }
    while (n > 0)
        mem_free(keys[--n]);
}

static void makes_suffixes(void **state)
{
    static const struct {
        const char *prefix;
        unsigned length;
        const char *suffix, *joined; /* NULL: refused */
    } rows[] = {
        {"2001:db8:1:2:3:4:5:6", 64, "::1:2:3:4", "2001:db8:1:2:1:2:3:4"},
        {"2001:db8:1:2:3:4:5:6", 64, "::5", "2001:db8:1:2::5"},
        {"2001:db8:1:2::", 56, "::3:1:2:3:4", "2001:db8:1:3:1:2:3:4"},
        {"2001:db8:1:2::", 64, "00:11:22:33:44:55", "2001:db8:1:2:211:22ff:fe33:4455"},
        {"2001:db8:1:2::", 64, "02-11-22-33-44-Ff", "2001:db8:1:2:11:22ff:fe33:44ff"},
        {"2001:db8:1:2::", 64, "00:11:22:33:44", NULL},
        {"2001:db8:1:2::", 64, "00:11:22:33:44:55:66", NULL},
        {"2001:db8:1:2::", 64, "2001:db8::1", NULL},
        {"2001:db8:1:2::", 64, "1.2.3.4", NULL},
        {"2001:db8:1:2::", 64, "", NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t suffix[16];
        struct addr a;
        char text[ADDR_TEXT_MAX];
        assert_true(addr_parse(rows[i].prefix, &a));
        if (!spec_suffix(rows[i].suffix, suffix)) {
            assert_null(rows[i].joined);
            continue;
        }
        assert_non_null(rows[i].joined);
        a = spec_join(&a, rows[i].length, suffix);
        assert_string_equal(addr_text(&a, text), rows[i].joined);
    }
}

static void knows_its_tables(void **state)
{
    assert_int_equal(web_service_count, 21);
    assert_int_equal(device_count, 49);
    for (size_t i = 1; i < web_service_count; i++)
        assert_true(strcmp(web_services[i - 1].name, web_services[i].name) < 0);
    for (size_t i = 1; i < device_count; i++)
        assert_true(strcmp(devices[i - 1].name, devices[i].name) < 0);
    for (enum family f = V4; f < FAMILIES; f++) { /* a quorum can be reached, and one liar borne */
        unsigned automatic = 0;
        for (size_t i = 0; i < web_service_count; i++)
            if (web_services[i].automatic && (web_services[i].families & FAMILY_BIT(f))) {
                assert_int_equal(web_services[i].families, FAMILY_BIT(f));
                assert_memory_equal(web_services[i].url, "https://", 8);
                automatic++;
            }
        assert_true(automatic >= 4);
    }
}

static void hides_paths(void **state)
{
    static const char *const rows[][2] = {
        {"https://u:p@checkip.example/x?key=1", "checkip.example"},
        {"http://[::1]:8080/x", "[::1]:8080"},
        {"host/x@y", "host"},
        {"https://a.example?x", "a.example"},
        {"a.example", "a.example"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char out[64];
        assert_string_equal(webask_host(rows[i][0], out, sizeof out), rows[i][1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_the_interplay), cmocka_unit_test(shares_equal_questions),
        cmocka_unit_test(makes_suffixes),      cmocka_unit_test(knows_its_tables),
        cmocka_unit_test(hides_paths),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
