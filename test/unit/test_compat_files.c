/*
 * SPDX-License-Identifier: ISC
 *
 * Recorded requests of ddclient's protocols that are provider files, after the wire reference; and
 * that all 48 words are there with their defaults.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dialogue.h"
#include "publish/provider.h"

struct row {
    const char *word, *settings, *hosts, *addresses, *request;
    int status;
    const char *body, *outcomes;
};

#define H     "a.example.org"
#define BOTH  "192.0.2.1 2001:db8::1"
#define BASIC " [Authorization: Basic bWU6cHc=]"
#define ME    "login=me;password=pw"
#define JSON  " [Content-Type: application/json] [Accept: application/json]"

/* One request, or the first of several (the others answered alike). */
static const struct row rows[] = {
    {"1984", "password=pw", H, "192.0.2.1",
     "GET https://api.1984.is/1.0/freedns/?apikey=pw&domain=" H
     "&ip=192.0.2.1 [Accept: application/json]",
     200, "{\"ok\":true,\"msg\":\"IP unaltered\"}", "= " H " A nochg\n"},
    {"1984", "password=pw", H, "2001:db8::1",
     "GET https://api.1984.is/1.0/freedns/?apikey=pw&domain=" H
     "&ip=2001:db8::1 [Accept: application/json]",
     200, "{\"ok\":false,\"msg\":\"no\"}", "= " H " AAAA unknown\n"},
    {"changeip", ME, H, "192.0.2.1",
     "GET https://nic.changeip.com/nic/update?hostname=" H "&ip=192.0.2.1" BASIC, 200,
     "200 Successful Update", "= " H " A good\n"},
    {"changeip", ME ";server=http://x.test:81", H, "192.0.2.1",
     "GET http://x.test:81/nic/update?hostname=" H "&ip=192.0.2.1" BASIC, 401, "", "= all auth\n"},
    {"cloudns", "dynurl=x.test/api/dynamicURL/?q=tok;ssl=no", "a.example.org,b.example.org",
     "192.0.2.1", "GET http://x.test/api/dynamicURL/?q=tok&proxy=1 [X-Forwarded-For: 192.0.2.1]",
     200, "OK\n", "= a.example.org A good\n= b.example.org A good\n"},
    {"cloudns", "dynurl=https://x.test/?q=tok", H, "192.0.2.1",
     "GET https://x.test/?q=tok&proxy=1 [X-Forwarded-For: 192.0.2.1]", 200,
     "The record's key is wrong!\n", "= all auth\n"},
    {"ddns.fm", "password=pw", H, "192.0.2.1",
     "GET https://api.ddns.fm/update?key=pw&domain=" H "&myip=192.0.2.1", 200, "",
     "= " H " A good\n"},
    {"ddnss", "password=pw;ssl=no", H, "2001:db8::1",
     "GET http://ddnss.de/upd.php?key=pw&host=" H "&ip6=2001:db8::1", 200, "Updated: Good.\n",
     "= " H " AAAA good\n"},
    {"ddnss", "password=pw", H, "192.0.2.1",
     "GET https://ddnss.de/upd.php?key=pw&host=" H "&ip=192.0.2.1", 200, "goodness\n",
     "= " H " A unknown\n"},
    {"dinahosting", ME, "a.b.example.org", "2001:db8::1",
     "GET https://dinahosting.com/special/"
     "api.php?hostname=a&domain=b.example.org&command=Domain_Zone_UpdateTypeAAAA&ip=2001:db8::"
     "1" BASIC,
     200, "responseCode = 1000\nmessage = 'Success.'\n", "= a.b.example.org AAAA good\n"},
    {"directnic", "urlv4=http://x.test/g/tok/", H, "192.0.2.1",
     "GET http://x.test/g/tok/?data=192.0.2.1 [Accept: application/json]", 200,
     "{\"result\":\"success\"}", "= " H " A good\n"},
    {"directnic", "urlv4=http://x.test/g/tok/", H, "2001:db8::1", "", 0, "",
     "= " H " AAAA input\n"},
    {"dnsexit2", "password=k;zone=example.org;ttl=7", "a.example.org,example.org", BOTH,
     "POST https://api.dnsexit.com/dns/ [Content-Type: application/json] [Accept: "
     "application/json] "
     "{{\"apikey\":\"k\",\"domain\":\"example.org\",\"update\":["
     "{\"type\":\"A\",\"name\":\"a\",\"content\":\"192.0.2.1\",\"ttl\":7},"
     "{\"type\":\"AAAA\",\"name\":\"a\",\"content\":\"2001:db8::1\",\"ttl\":7},"
     "{\"type\":\"A\",\"name\":\"\",\"content\":\"192.0.2.1\",\"ttl\":7},"
     "{\"type\":\"AAAA\",\"name\":\"\",\"content\":\"2001:db8::1\",\"ttl\":7}]}}",
     200, "{\"code\":0,\"message\":\"Success\"}",
     "= a.example.org A good\n= a.example.org AAAA good\n= example.org A good\n= example.org AAAA "
     "good\n"},
    {"dnsexit2", "password=k;zone=example.net", H, "192.0.2.1", "", 0, "", "= " H " A no-zone\n"},
    {"dnsexit2", "password=k", H, "192.0.2.1",
     "POST https://api.dnsexit.com/dns/ [Content-Type: application/json] [Accept: "
     "application/json] "
     "{{\"apikey\":\"k\",\"domain\":\"" H "\",\"update\":["
     "{\"type\":\"A\",\"name\":\"\",\"content\":\"192.0.2.1\",\"ttl\":5}]}}",
     200, "{\"code\":2,\"message\":\"bad key\"}", "= all auth\n"},
    /* without zone= each hostname is its own: no other travels with it (the reply is for the first)
     */
    {"dnsexit2", "password=k", H ",b.example.org", "192.0.2.1",
     "POST https://api.dnsexit.com/dns/ [Content-Type: application/json] [Accept: "
     "application/json] "
     "{{\"apikey\":\"k\",\"domain\":\"" H "\",\"update\":["
     "{\"type\":\"A\",\"name\":\"\",\"content\":\"192.0.2.1\",\"ttl\":5}]}}",
     200, "{\"code\":2,\"message\":\"bad key\"}", "= all auth\n"},
    {"dnsmadeeasy", ME, "1234", "192.0.2.1",
     "GET https://cp.dnsmadeeasy.com/servlet/updateip?username=me&password=pw&ip=192.0.2.1&id=1234",
     200, "x\nerror-record-ip-same\n", "= 1234 A nochg\n"},
    {"dnsmadeeasy", ME, "1234", "192.0.2.1",
     "GET https://cp.dnsmadeeasy.com/servlet/updateip?username=me&password=pw&ip=192.0.2.1&id=1234",
     200, "success", "= 1234 A good\n"},
    {"domeneshop", ME, H, "192.0.2.1",
     "GET https://api.domeneshop.no/v0/dyndns/update?hostname=" H "&myip=192.0.2.1" BASIC, 204, "",
     "= " H " A good\n"},
    {"dondominio", ME, H, "192.0.2.1",
     "GET https://dondns.dondominio.com/plain/?user=me&password=pw&host=" H "&ip=192.0.2.1", 200,
     "IP:192.0.2.1\n", "= " H " A good\n"},
    {"dondominio", ME, H, "192.0.2.1",
     "GET https://dondns.dondominio.com/plain/?user=me&password=pw&host=" H "&ip=192.0.2.1", 200,
     "IP:192.0.2.11\n", "= " H " A unknown\n"},
    {"dslreports1", ME, "77", "192.0.2.1",
     "GET "
     "https://www.dslreports.com/nic/"
     "dyndns?action=edit&started=1&hostname=YES&host_id=77&myip=192.0.2.1" BASIC,
     200, "Return code : NOERROR\n", "= 77 A good\n"},
    {"dslreports1", ME ";static=yes", "77", "192.0.2.1",
     "GET "
     "https://www.dslreports.com/nic/"
     "statdns?action=edit&started=1&hostname=YES&host_id=77&myip=192.0.2.1" BASIC,
     200, "return code : NOHOST\n", "= 77 A unknown\n"},
    /* the code stands alone in its line, its word in capitals */
    {"dslreports1", ME, "77", "192.0.2.1",
     "GET "
     "https://www.dslreports.com/nic/"
     "dyndns?action=edit&started=1&hostname=YES&host_id=77&myip=192.0.2.1" BASIC,
     200, "<p>return code: NOERROR\n", "= 77 A unknown\n"},
    {"dslreports1", ME, "77", "192.0.2.1",
     "GET "
     "https://www.dslreports.com/nic/"
     "dyndns?action=edit&started=1&hostname=YES&host_id=77&myip=192.0.2.1" BASIC,
     200, "return code: no noerror\n", "= 77 A unknown\n"},
    {"dslreports1", ME, "77", "192.0.2.1",
     "GET "
     "https://www.dslreports.com/nic/"
     "dyndns?action=edit&started=1&hostname=YES&host_id=77&myip=192.0.2.1" BASIC,
     200, "x\nRETURN  CODE : (NOERROR)\n", "= 77 A good\n"},
    {"duckdns", "password=pw", "a,b", BOTH,
     "GET https://www.duckdns.org/update?domains=a,b&token=pw&ip=192.0.2.1&ipv6=2001:db8::1", 200,
     "OK\n", "= a A good\n= a AAAA good\n= b A good\n= b AAAA good\n"},
    {"duckdns", "password=pw", "a", "2001:db8::1",
     "GET https://www.duckdns.org/update?domains=a&token=pw&ipv6=2001:db8::1", 200, "KO\n",
     "= all auth\n"},
    /* nothing but OK */
    {"duckdns", "password=pw", "a", "2001:db8::1",
     "GET https://www.duckdns.org/update?domains=a&token=pw&ipv6=2001:db8::1", 200, "notice\nOK\n",
     "= a AAAA unknown\n"},
    {"dynadot", "password=pw;ttl=60", "a.b.example.org", "2001:db8::1",
     "GET "
     "https://www.dynadot.com/"
     "set_ddns?containRoot=false&domain=b.example.org&subDomain=a&ip=2001%3Adb8%3A%3A1&"
     "pwd=pw&ttl=60&type=AAAA",
     200, "{\"status\":\"OK\"}\n", "= a.b.example.org AAAA good\n"},
    {"dynadot", "password=pw;zone=example.org;on-root-domain=yes", "a.b.example.org", "192.0.2.1",
     "GET "
     "https://www.dynadot.com/"
     "set_ddns?containRoot=true&domain=example.org&subDomain=a.b&ip=192.0.2.1&pwd=pw&"
     "ttl=300&type=A",
     200, "broken", "= a.b.example.org A unknown\n"},
    {"dynadot", "password=pw;zone=example.org", "example.org", "192.0.2.1",
     "GET "
     "https://www.dynadot.com/"
     "set_ddns?containRoot=true&domain=example.org&ip=192.0.2.1&pwd=pw&ttl=300&type=A",
     200, "ok", "= example.org A good\n"},
    {"dynadot", "password=pw;zone=example.net", "a.example.org", "192.0.2.1", "", 0, "",
     "= a.example.org A no-zone\n"},
    {"dynadot", "password=pw;zone=", "a.example.org", "192.0.2.1",
     "GET "
     "https://www.dynadot.com/"
     "set_ddns?containRoot=false&domain=example.org&subDomain=a&ip=192.0.2.1&pwd=pw&ttl=300&type=A",
     200, "ok", "= a.example.org A good\n"},
    /* A global zone= of another protocol. */
    {"domeneshop", ME ";zone=example.net", H, "192.0.2.1",
     "GET https://api.domeneshop.no/v0/dyndns/update?hostname=" H "&myip=192.0.2.1" BASIC, 204, "",
     "= " H " A good\n"},
    {"domeneshop", "login=m:e;password=pw", H, "192.0.2.1",
     "GET https://api.domeneshop.no/v0/dyndns/update?hostname=" H
     "&myip=192.0.2.1 [Authorization: Basic bTplOnB3]",
     204, "", "= " H " A good\n"},
    {"dyndns1", ME ";wildcard=yes;mx=m.example.org", H, "192.0.2.1",
     "GET https://members.dyndns.org/nic/"
     "dyndns?action=edit&started=1&hostname=YES&host_id=" H
     "&myip=192.0.2.1&wildcard=ON&mx=m.example.org&backmx=NO" BASIC,
     200, "<TITLE>x</TITLE>\nreturn code: NOERROR\nerror code: NOERROR\n", "= " H " A good\n"},
    {"dyndns1", ME ";static=yes", H, "192.0.2.1",
     "GET https://members.dyndns.org/nic/statdns?action=edit&started=1&hostname=YES&host_id=" H
     "&myip=192.0.2.1" BASIC,
     200, "return code: NOERROR\nerror code: NOERROR\n", "= " H " A unknown\n"},
    {"dyndns1", ME ";static=yes", H, "192.0.2.1",
     "GET https://members.dyndns.org/nic/statdns?action=edit&started=1&hostname=YES&host_id=" H
     "&myip=192.0.2.1" BASIC,
     200, "<title> </title>\nreturn code: NOERROR\nerror code: NOERROR\n", "= " H " A unknown\n"},
    {"dyndns1", ME ";static=yes", H, "192.0.2.1",
     "GET https://members.dyndns.org/nic/statdns?action=edit&started=1&hostname=YES&host_id=" H
     "&myip=192.0.2.1" BASIC,
     200, "<title>x</title>\nreturn code: NOERRORS\nerror code: NOERROR\n", "= " H " A unknown\n"},
    {"dynu", ME, H, "2001:db8::1",
     "GET https://api.dynu.com/nic/update?hostname=" H "&myip=no&myipv6=2001:db8::1" BASIC, 200,
     "good 1\n", "= " H " AAAA good\n"},
    {"dynu", ME ";zone=example.org", H, BOTH,
     "GET "
     "https://api.dynu.com/nic/"
     "update?hostname=example.org&alias=a&myip=192.0.2.1&myipv6=2001:db8::1" BASIC,
     200, "nochg\n", "= " H " A nochg\n= " H " AAAA nochg\n"},
    {"dynu", ME ";zone=example.org", "example.org", "192.0.2.1",
     "GET https://api.dynu.com/nic/update?hostname=example.org&myip=192.0.2.1" BASIC, 200,
     "abuse\n", "= all abuse\n"},
    {"easydns", ME ";mx=m.example.org;backupmx=yes", H, "192.0.2.1",
     "GET https://api.cp.easydns.com/dyn/"
     "generic.php?hostname=" H "&myip=192.0.2.1&wildcard=OFF&mx=m.example.org&backmx=YES" BASIC,
     200, "<h1>NOERROR</h1>\n", "= " H " A good\n"},
    {"easydns", ME ";wildcard=1", H, "192.0.2.1",
     "GET https://api.cp.easydns.com/dyn/generic.php?hostname=" H
     "&myip=192.0.2.1&wildcard=ON" BASIC,
     200, "<b>TOO_FREQ</b>\n", "= all limit wait 600\n"},
    {"enom", "login=example.org;password=pw", "www", "192.0.2.1",
     "GET https://dynamic.name-services.com/"
     "interface.asp?Command=SetDNSHost&HostName=www&Zone=example.org&DomainPassword=pw&Address=192."
     "0.2.1",
     200, "ErrCount=0\ndone=TRUE\n", "= www A good\n"},
    {"freemyip", "password=pw", H, "192.0.2.1",
     "GET https://freemyip.com/update?token=pw&domain=" H, 200, "OK", "= " H " A good\n"},
    {"freemyip", "password=pw", H, "192.0.2.1",
     "GET https://freemyip.com/update?token=pw&domain=" H, 200, "ERROR", "= " H " A unknown\n"},
    {"godaddy", "login=k;password=s;zone=example.org", "example.org", "192.0.2.1",
     "PUT https://api.godaddy.com/v1/domains/example.org/records/A/@" JSON
     " [Authorization: sso-key k:s] "
     "{[{\"data\":\"192.0.2.1\",\"ttl\":600,\"name\":\"@\",\"type\":\"A\"}]}",
     200, "{}", "= example.org A good\n"},
    {"godaddy", "login=k;password=s;zone=example.org", H, "192.0.2.1",
     "PUT https://api.godaddy.com/v1/domains/example.org/records/A/a" JSON
     " [Authorization: sso-key k:s] "
     "{[{\"data\":\"192.0.2.1\",\"ttl\":600,\"name\":\"a\",\"type\":\"A\"}]}",
     429, "{\"code\":\"TOO_MANY_REQUESTS\"}", "= all limit\n"},
    {"godaddy", "login=k;password=s;zone=example.org", "www", "192.0.2.1",
     "PUT https://api.godaddy.com/v1/domains/example.org/records/A/www" JSON
     " [Authorization: sso-key k:s] "
     "{[{\"data\":\"192.0.2.1\",\"ttl\":600,\"name\":\"www\",\"type\":\"A\"}]}",
     200, "{}", "= www A good\n"},
    {"godaddy", "login=k;password=s;zone=example.org", "a.example.net", "192.0.2.1", "", 0, "",
     "= a.example.net A no-zone\n"},
    {"he.net", "password=pw", H, "192.0.2.1",
     "GET https://dyn.dns.he.net/nic/update?hostname=" H
     "&myip=192.0.2.1 [Authorization: Basic YS5leGFtcGxlLm9yZzpwdw==]",
     200, "Nochg 192.0.2.1\n", "= " H " A nochg\n"},
    {"infomaniak", ME ";server=x.test", H, "192.0.2.1",
     "GET https://infomaniak.com/nic/update?hostname=" H "&myip=192.0.2.1" BASIC, 200, "nochg\n",
     "= " H " A nochg\n"},
    {"keysystems", "password=pw;ssl=no", H, "192.0.2.1",
     "GET http://dynamicdns.key-systems.net/update.php?hostname=" H "&password=pw&ip=192.0.2.1",
     200, "[RESPONSE]\ncode = 200\n", "= " H " A good\n"},
    {"mythicdyn", ME, H, "2001:db8::1",
     "POST https://ipv6.api.mythic-beasts.com/dns/v2/dynamic/" H BASIC " by IPv6", 200, "{}",
     "= " H " AAAA good\n"},
    {"mythicdyn", ME, H, "192.0.2.1",
     "POST https://ipv4.api.mythic-beasts.com/dns/v2/dynamic/" H BASIC " by IPv4", 401, "",
     "= all auth\n"},
    {"namecheap", "login=example.org;password=pw", "a.b.example.org", "192.0.2.1",
     "GET "
     "https://dynamicdns.park-your-domain.com/"
     "update?host=a.b&domain=example.org&password=pw&ip=192.0.2.1",
     200, "<interface-response><ErrCount>0</ErrCount>", "= a.b.example.org A good\n"},
    {"namecheap", "login=example.org;password=pw", "example.org", "192.0.2.1",
     "GET "
     "https://dynamicdns.park-your-domain.com/"
     "update?host=@&domain=example.org&password=pw&ip=192.0.2.1",
     200, "<ErrCount>1</ErrCount>", "= example.org A unknown\n"},
    {"namecheap", "login=example.org;password=pw", "*", "192.0.2.1",
     "GET "
     "https://dynamicdns.park-your-domain.com/"
     "update?host=*&domain=example.org&password=pw&ip=192.0.2.1",
     200, "<errcount>0</ErrCount>", "= * A good\n"},
    {"njalla", "password=pw;quietreply=yes", H, BOTH,
     "GET https://njal.la/update/?h=" H "&k=pw&a=192.0.2.1&aaaa=2001:db8::1&quiet", 200, "",
     "= " H " A good\n= " H " AAAA good\n"},
    {"njalla", "password=pw;quietreply=yes", H, "192.0.2.1",
     "GET https://njal.la/update/?h=" H "&k=pw&a=192.0.2.1&quiet", 500, "",
     "= all server\n"}, /* silence is no success */
    {"njalla", "password=pw", H, "192.0.2.1",
     "GET https://njal.la/update/?h=" H "&k=pw&a=192.0.2.1 [Accept: application/json]", 200,
     "{\"status\":200,\"message\":\"record updated\"}", "= " H " A good\n"},
    {"ovh", ME, H, "192.0.2.1",
     "GET https://www.ovh.com/nic/update?system=dyndns&hostname=" H "&myip=192.0.2.1" BASIC, 200,
     "good 192.0.2.1\n", "= " H " A good\n"},
    {"regfishde", "password=pw", H, BOTH,
     "GET https://dyndns.regfish.de/?fqdn=" H
     "&forcehost=1&token=pw&ipv4=192.0.2.1&ipv6=2001:db8::1",
     200, "success|100|update succeeded!\n", "= " H " A good\n= " H " AAAA good\n"},
    {"simply.com", ME ";zone=example.org", H, "192.0.2.1",
     "GET https://dyndns.simply.com/nic/update?hostname=" H
     "&myip=192.0.2.1&domain=example.org" BASIC,
     200, "x\nnochg\n", "= " H " A nochg\n"},
    {"simply.com", ME ";zone=example.org", "www", "192.0.2.1",
     "GET "
     "https://dyndns.simply.com/nic/update?hostname=www&myip=192.0.2.1&domain=example.org" BASIC,
     200, "good\n", "= www A good\n"},
    {"sitelutions", ME ";ttl=90", "55", "192.0.2.1",
     "GET https://api2.sitelutions.com/dnsup?id=55&user=me&pass=pw&ip=192.0.2.1&ttl=90", 200,
     "success\n", "= 55 A good\n"},
    {"sitelutions", ME, "55", "192.0.2.1",
     "GET https://api2.sitelutions.com/dnsup?id=55&user=me&pass=pw&ip=192.0.2.1", 200,
     "failure (auth)\n", "= all auth\n"},
};

static void says_what_ddclient_says(void **state)
{
    struct registry *registry = registry_new();

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct row *r = &rows[i];
        const struct provider *p = registry_protocol(registry, r->word);
        assert_non_null(p);
        struct dialogue d = {.protocol = registry_dialogue(provider_info(p)->speaks),
                             .settings = r->settings,
                             .hosts = r->hosts,
                             .addresses = r->addresses,
                             .outcomes = r->outcomes};
        if (r->status != 0)
            d.steps[0] = (struct exchange){r->request, r->status, r->body};
        dialogue_run(&d, p);
    }
    registry_free(registry);
}

/* The records of all hostnames go in one request, each with the addresses that it has. */
static void sends_what_each_has(void **state)
{
    struct registry *registry = registry_new();
    const struct provider *p = registry_protocol(registry, "dnsexit2");
    struct kit k;

    kit_init(&k, registry_dialogue(provider_info(p)->speaks));
    kit_member(&k, "a.example.org", "192.0.2.1", "password=k;zone=example.org");
    kit_member(&k, "b.example.org", "2001:db8::1", "password=k;zone=example.org");
    kit_member(&k, "c.example.org", BOTH, "password=k;zone=example.org;ttl=7");
    kit_start(&k, p);
    assert_string_equal(
        buf_str(&k.seen),
        "POST https://api.dnsexit.com/dns/" JSON
        " {{\"apikey\":\"k\",\"domain\":\"example.org\",\"update\":["
        "{\"type\":\"A\",\"name\":\"a\",\"content\":\"192.0.2.1\",\"ttl\":5},"
        "{\"type\":\"AAAA\",\"name\":\"b\",\"content\":\"2001:db8::1\",\"ttl\":5},"
        "{\"type\":\"A\",\"name\":\"c\",\"content\":\"192.0.2.1\",\"ttl\":7},"
        "{\"type\":\"AAAA\",\"name\":\"c\",\"content\":\"2001:db8::1\",\"ttl\":7}]}}\n");
    buf_clear(&k.seen);
    kit_answer(&k, NET_OK, 200, "{\"code\":0,\"message\":\"done\"}");
    assert_true(k.done);
    assert_string_equal(buf_str(&k.seen), "= a.example.org A good\n= b.example.org AAAA good\n"
                                          "= c.example.org A good\n= c.example.org AAAA good\n");
    kit_fini(&k);
    registry_free(registry);
}

static void knows_all_words(void **state)
{
    static const struct {
        const char *word, *server, *min_interval;
        bool one_family;
    } words[] = {
        {"1984", "api.1984.is", NULL, true},
        {"changeip", "nic.changeip.com", NULL, true},
        {"cloudflare", "api.cloudflare.com/client/v4", "300", false},
        {"cloudns", NULL, NULL, true},
        {"ddns.fm", "https://api.ddns.fm", NULL, false},
        {"ddnss", "ddnss.de", NULL, false},
        {"digitalocean", "api.digitalocean.com", NULL, false},
        {"dinahosting", "dinahosting.com", NULL, true},
        {"directnic", NULL, NULL, false},
        {"dnsexit2", "api.dnsexit.com", NULL, false},
        {"dnsmadeeasy", "cp.dnsmadeeasy.com", NULL, true},
        {"domeneshop", "api.domeneshop.no", NULL, false},
        {"dondominio", "dondns.dondominio.com", NULL, true},
        {"dslreports1", "www.dslreports.com", NULL, true},
        {"duckdns", "www.duckdns.org", NULL, false},
        {"dynadot", "www.dynadot.com", NULL, false},
        {"dyndns1", "members.dyndns.org", NULL, true},
        {"dyndns2", "members.dyndns.org", NULL, false},
        {"dynu", "api.dynu.com", NULL, false},
        {"easydns", "api.cp.easydns.com", "600", false},
        {"emailonly", NULL, NULL, false},
        {"enom", "dynamic.name-services.com", "300", true},
        {"freedns", "freedns.afraid.org", "300", false},
        {"freemyip", "freemyip.com", NULL, true},
        {"gandi", "api.gandi.net", "300", false},
        {"godaddy", "api.godaddy.com/v1/domains", "300", false},
        {"he.net", "dyn.dns.he.net", "300", false},
        {"hetzner", "api.hetzner.cloud/v1", "60", false},
        {"infomaniak", NULL, NULL, false},
        {"inwx", "dyndns.inwx.com", NULL, false},
        {"ionos", "api.hosting.ionos.com", NULL, false},
        {"keysystems", "dynamicdns.key-systems.net", NULL, true},
        {"mythicdyn", "api.mythic-beasts.com", "300", false},
        {"namecheap", "dynamicdns.park-your-domain.com", "300", true},
        {"netcup", "ccp.netcup.net", NULL, false},
        {"nfsn", "api.nearlyfreespeech.net", "300", true},
        {"njalla", "njal.la", NULL, false},
        {"noip", "dynupdate.no-ip.com", NULL, false},
        {"ns1", "api.nsone.net/v1", NULL, false},
        {"nsupdate", NULL, NULL, false},
        {"ovh", "www.ovh.com", NULL, true},
        {"porkbun", "api.porkbun.com", NULL, false},
        {"regfishde", "dyndns.regfish.de", NULL, false},
        {"simply.com", "dyndns.simply.com", NULL, false},
        {"sitelutions", "api2.sitelutions.com", "300", true},
        {"spaceship", "spaceship.dev", NULL, false},
        {"yandex", "pddimp.yandex.ru", "300", true},
        {"zoneedit1", "dynamic.zoneedit.com", "600", true},
    };
    struct registry *registry = registry_new();

    assert_int_equal(sizeof words / sizeof words[0], 48);
    for (size_t i = 0; i < 48; i++) {
        const struct provider *p = registry_protocol(registry, words[i].word);
        assert_non_null(p);
        assert_true(provider_info(p)->compat);
        assert_int_equal(provider_info(p)->one_family, words[i].one_family);
        assert_non_null(registry_dialogue(provider_info(p)->speaks));
        assert_true(text_equal(provider_default(p, "server"), words[i].server));
        assert_true(text_equal(provider_default(p, "min-interval"), words[i].min_interval));
    }
    registry_free(registry);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_what_ddclient_says),
        cmocka_unit_test(sends_what_each_has),
        cmocka_unit_test(knows_all_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
