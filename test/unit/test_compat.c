/*
 * SPDX-License-Identifier: ISC
 *
 * Recorded requests of ddclient's protocols that are C files, after the wire reference; each row is
 * a whole dialogue.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dialogue.h"
#include "publish/compat/compat.h"

#define RUN_ALL(rows)                                                                              \
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)                                      \
    dialogue_run(&rows[i], NULL)

#define CT " [Content-Type: application/json]"
#define AC " [Accept: application/json]"
#define R  " (reads)"

static void cloudflare(void **state)
{
#define CF   "https://api.cloudflare.com/client/v4"
#define AUTH CT " [Authorization: Bearer tok]"
#define ZONES                                                                                      \
    {                                                                                              \
        "GET " CF "/zones/?name=example.org" AUTH R, 200,                                          \
            "{\"result\":[{\"id\":\"z0\",\"name\":\"other.org\"},{\"id\":\"z1\",\"name\":"         \
            "\"example.org\"}]}"                                                                   \
    }
    static const struct dialogue rows[] = {
        {&protocol_compat_cloudflare,
         "password=tok;zone=example.org",
         "www.example.org",
         "192.0.2.1 2001:db8::1",
         {ZONES,
          {"GET " CF "/zones/z1/dns_records?type=A&name=www.example.org" AUTH R, 200,
           "{\"result\":[{\"id\":\"r1\",\"name\":\"www.example.org\"}]}"},
          {"PATCH " CF "/zones/z1/dns_records/r1" AUTH " {{\"content\":\"192.0.2.1\"}}", 200,
           "{\"result\":{\"id\":\"r1\"}}"},
          {"GET " CF "/zones/z1/dns_records?type=AAAA&name=www.example.org" AUTH R, 200,
           "{\"result\":[]}"}},
         "= www.example.org A good\n= www.example.org AAAA no-host\n"},
        {&protocol_compat_cloudflare,
         "login=me@example.org;password=key;zone=example.org;server=x.test/v4;ssl=no",
         "www.example.org",
         "192.0.2.1",
         {{"GET http://x.test/v4/zones/?name=example.org" CT
           " [X-Auth-Email: me@example.org] [X-Auth-Key: key]" R,
           200, "{\"result\":null,\"errors\":[{\"message\":\"no\"}]}"}},
         "= www.example.org A unknown\n"},
        {&protocol_compat_cloudflare,
         "password=tok;zone=example.org",
         "www.example.org",
         "192.0.2.1",
         {{"GET " CF "/zones/?name=example.org" AUTH R, 403,
           "{\"success\":false,\"errors\":[{\"message\":\"Invalid token\"}]}"}},
         "= all forbidden\n"},
        /* the zone is told in Unicode */
        {&protocol_compat_cloudflare,
         "password=tok;zone=xn--bcher-kva.example",
         "www.xn--bcher-kva.example",
         "192.0.2.1",
         {{"GET " CF "/zones/?name=xn--bcher-kva.example" AUTH R, 200,
           "{\"result\":[{\"id\":\"z1\",\"name\":\"b\xc3\xbc"
           "cher.example\"}]}"},
          {"GET " CF "/zones/z1/dns_records?type=A&name=www.xn--bcher-kva.example" AUTH R, 200,
           "{\"result\":[]}"}},
         "= www.xn--bcher-kva.example A no-host\n"},
        /* a list is no answer, and what says nothing is no result */
        {&protocol_compat_cloudflare,
         "password=tok;zone=example.org",
         "a.example.org,b.example.org",
         "192.0.2.1",
         {ZONES,
          {"GET " CF "/zones/z1/dns_records?type=A&name=a.example.org" AUTH R, 200,
           "{\"result\":[{\"id\":\"r1\",\"name\":\"a.example.org\"}]}"},
          {"PATCH " CF "/zones/z1/dns_records/r1" AUTH " {{\"content\":\"192.0.2.1\"}}", 200,
           "[{\"result\":{\"id\":\"r1\"}}]"},
          ZONES,
          {"GET " CF "/zones/z1/dns_records?type=A&name=b.example.org" AUTH R, 200,
           "{\"result\":[{\"id\":\"r1\",\"name\":\"b.example.org\"}]}"},
          {"PATCH " CF "/zones/z1/dns_records/r1" AUTH " {{\"content\":\"192.0.2.1\"}}", 200,
           "{\"result\":0}"}},
         "= a.example.org A unknown\n= b.example.org A unknown\n"},
        {&protocol_compat_cloudflare,
         "password=tok",
         "www.example.org",
         "192.0.2.1",
         {{0}},
         "= www.example.org A no-zone\n"},
    };
    RUN_ALL(rows);
}

static void digitalocean(void **state){
#define DO      "https://api.digitalocean.com/v2/domains/example.org/records"
#define DO_READ {"GET " DO "?name=www.example.org&type=A" AUTH R, 200,
    static const struct dialogue rows[] =
        {{&protocol_compat_digitalocean,
          "password=tok;zone=example.org;ssl=no",
          "www.example.org",
          "192.0.2.1",
          {DO_READ "{\"domain_records\":[{\"id\":7,\"data\":\"192.0.2.9\"}]}"},
          {"PATCH " DO "/7" AUTH " {{\"type\":\"A\",\"data\":\"192.0.2.1\"}}", 200, "{}"}},
         "= www.example.org A good\n"},
    {&protocol_compat_digitalocean,
     "password=tok;zone=example.org",
     "www.example.org",
     "192.0.2.1",
     {DO_READ "{\"domain_records\":[{\"id\":7,\"data\":\"192.0.2.1\"}]}"}},
    "= www.example.org A nochg\n"},
    {&protocol_compat_digitalocean,
     "password=tok;zone=example.org",
     "www.example.org",
     "192.0.2.1",
     {DO_READ "{\"domain_records\":[{\"id\":7},{\"id\":8}]}"}},
    "= www.example.org A no-host\n"
}
,
    {&protocol_compat_digitalocean,
     "password=tok;zone=example.org",
     "www.example.org",
     "192.0.2.1",
     {DO_READ "<html>"}},
    "= www.example.org A unknown\n"
}
,
}
;
RUN_ALL(rows);
}

static void gandi(void **state)
{
#define GANDI "https://api.gandi.net/v5/livedns/domains/example.org/records/"
#define KEY   CT " [Authorization: Apikey tok]"
    static const struct dialogue rows[] = {
        {&protocol_compat_gandi,
         "password=tok;zone=example.org;ttl=600",
         "www.example.org",
         "192.0.2.1",
         {{"GET " GANDI "www/A" KEY R, 200, "{\"rrset_values\":[\"192.0.2.1\"],\"rrset_ttl\":300}"},
          {"PUT " GANDI "www/A" KEY " {{\"rrset_ttl\":600,\"rrset_values\":[\"192.0.2.1\"]}}", 201,
           "{}"}},
         "= www.example.org A good\n"},
        {&protocol_compat_gandi,
         "password=tok;zone=example.org;use-personal-access-token=yes",
         "example.org",
         "2001:db8::1",
         {{"GET " GANDI "@/AAAA" AUTH R, 200, "{\"rrset_values\":[\"2001:db8::2\"]}"},
          {"PUT " GANDI "@/AAAA" AUTH " {{\"rrset_values\":[\"2001:db8::1\"]}}", 400,
           "{\"message\":\"bad\"}"}},
         "= example.org AAAA input\n"},
        {&protocol_compat_gandi,
         "password=tok;zone=example.org",
         "www.example.org",
         "192.0.2.1",
         {{"GET " GANDI "www/A" KEY R, 404, "{}"}},
         "= www.example.org A no-host\n"},
        {&protocol_compat_gandi, /* and with words */
         "password=tok;zone=example.org",
         "www.example.org",
         "192.0.2.1",
         {{"GET " GANDI "www/A" KEY R, 404, "{\"message\":\"there is none\"}"}},
         "= www.example.org A no-host\n"},
        {&protocol_compat_gandi, /* names in the zone */
         "password=tok;zone=example.org",
         "www",
         "192.0.2.1",
         {{"GET " GANDI "www/A" KEY R, 200, "{\"rrset_values\":[\"192.0.2.1\"]}"}},
         "= www A nochg\n"},
        {&protocol_compat_gandi,
         "password=tok;zone=example.org",
         "@",
         "192.0.2.1",
         {{"GET " GANDI "@/A" KEY R, 200, "{\"rrset_values\":[\"192.0.2.1\"]}"}},
         "= @ A nochg\n"},
        {&protocol_compat_gandi,
         "password=tok;zone=ample.org",
         "www.example.org",
         "192.0.2.1",
         {{0}},
         "= www.example.org A no-zone\n"},
    };
    RUN_ALL(rows);
}

static void hetzner(void **state)
{
#define HZ     "https://api.hetzner.cloud/v1"
#define HZ_KEY " [Authorization: Bearer tok]" CT
    static const struct dialogue rows[] = {
        {&protocol_compat_hetzner,
         "password=tok;zone=example.org",
         "www.example.org",
         "192.0.2.1",
         {{"GET " HZ "/zones/example.org/rrsets/www/A" HZ_KEY R, 200,
           "{\"rrset\":{\"id\":\"www/A\"}}"},
          {"POST " HZ "/zones/example.org/rrsets/www/A/actions/set_records" HZ_KEY
           " {{\"records\":[{\"value\":\"192.0.2.1\"}]}}",
           201, "{\"action\":{\"id\":5}}"},
          {"GET " HZ "/actions/5" HZ_KEY R, 200, "{\"action\":{\"status\":\"running\"}}"},
          {NULL, 10, NULL},
          {"GET " HZ "/actions/5" HZ_KEY R, 200, "{\"action\":{\"status\":\"success\"}}"}},
         "= www.example.org A good\n"},
        {&protocol_compat_hetzner,
         "password=tok;zone=example.org;ttl=30",
         "example.org",
         "192.0.2.1",
         {{"GET " HZ "/zones/example.org/rrsets/@/A" HZ_KEY R, 404, "{}"},
          {"POST " HZ "/zones/example.org/rrsets" HZ_KEY
           " {{\"name\":\"@\",\"type\":\"A\",\"ttl\":60,\"records\":[{\"value\":\"192.0.2.1\"}]}}",
           201, "{\"action\":{\"id\":6}}"},
          {"GET " HZ "/actions/6" HZ_KEY R, 200,
           "{\"action\":{\"status\":\"error\",\"error\":{\"message\":\"x\"}}}"}},
         "= all server\n"},
        {&protocol_compat_hetzner,
         "password=tok;zone=example.org",
         "www.example.org",
         "192.0.2.1",
         {{"GET " HZ "/zones/example.org/rrsets/www/A" HZ_KEY R, 200, "{\"rrset\":{}}"},
          {"POST " HZ "/zones/example.org/rrsets/www/A/actions/set_records" HZ_KEY
           " {{\"records\":[{\"value\":\"192.0.2.1\"}]}}",
           422, "{\"error\":{\"message\":\"no\"}}"}},
         "= www.example.org A input\n"},
        {&protocol_compat_hetzner,
         "password=tok;zone=example.org",
         "www.example.org",
         "192.0.2.1",
         {{"GET " HZ "/zones/example.org/rrsets/www/A" HZ_KEY R, 200, "[{\"rrset\":{}}]"},
          {"POST " HZ "/zones/example.org/rrsets" HZ_KEY
           " {{\"name\":\"www\",\"type\":\"A\",\"ttl\":60,\"records\":[{\"value\":\"192.0.2.1\"}]}"
           "}",
           200, "[]"}},
         "= www.example.org A unknown\n"},
        {&protocol_compat_hetzner,
         "password=tok;zone=example.org",
         "@",
         "192.0.2.1",
         {{"GET " HZ "/zones/example.org/rrsets/@/A" HZ_KEY R, 500, "{}"}},
         "= all server\n"},
        /* outside the zone: never the apex */
        {&protocol_compat_hetzner,
         "password=tok;zone=example.org",
         "www.example.net",
         "192.0.2.1",
         {{0}},
         "= www.example.net A no-zone\n"},
    };
    RUN_ALL(rows);
}

static void ionos(void **state)
{
#define IO     "https://api.hosting.ionos.com/dns/v1/zones"
#define IO_KEY CT " [accept: application/json] [X-API-Key: tok]"
    static const struct dialogue rows[] = {
        {&protocol_compat_ionos,
         "password=tok;ttl=60",
         "www.a.example.org",
         "192.0.2.1 2001:db8::1",
         {{"GET " IO IO_KEY R, 200,
           "[{\"id\":\"z0\",\"name\":\"example.org\"},{\"id\":\"z1\",\"name\":\"a.example.org\"}]"},
          {"GET " IO "/z1?suffix=www.a.example.org&recordType=A%2CAAAA" IO_KEY R, 200,
           "{\"records\":[{\"id\":\"r1\",\"type\":\"A\",\"name\":\"WWW.a.example.org.\"}]}"},
          {"PUT " IO "/z1/records/r1" IO_KEY
           " {{\"content\":\"192.0.2.1\",\"ttl\":300,\"prio\":0,\"disabled\":false}}",
           200, ""},
          {"POST " IO "/z1/records" IO_KEY " {[{\"name\":\"www.a.example.org\",\"type\":\"AAAA\","
           "\"content\":\"2001:db8::1\",\"ttl\":300,"
           "\"prio\":0,\"disabled\":false}]}",
           201, ""}},
         "= www.a.example.org A good\n= www.a.example.org AAAA good\n"},
        {&protocol_compat_ionos,
         "password=tok",
         "www.example.org",
         "192.0.2.1",
         {{"GET " IO IO_KEY R, 200, "[{\"id\":\"z0\",\"name\":\"example.net\"}]"}},
         "= www.example.org A no-zone\n"},
        {&protocol_compat_ionos,
         "password=tok",
         "www.example.org",
         "192.0.2.1",
         {{"GET " IO IO_KEY R, 401, "[{\"code\":\"UNAUTHORIZED\"}]"}},
         "= all auth\n"},
        /* a record without an id: no second one is put beside it */
        {&protocol_compat_ionos,
         "password=tok",
         "www.example.org",
         "192.0.2.1",
         {{"GET " IO IO_KEY R, 200, "[{\"id\":\"z0\",\"name\":\"example.org\"}]"},
          {"GET " IO "/z0?suffix=www.example.org&recordType=A%2CAAAA" IO_KEY R, 200,
           "{\"records\":[{\"type\":\"A\",\"name\":\"www.example.org\"}]}"}},
         "= www.example.org A unknown\n"},
    };
    RUN_ALL(rows);
}

static void netcup(void **state)
{
#define NC "POST https://ccp.netcup.net/run/webservice/servers/endpoint.php" CT AC
#define NC_LOGIN                                                                                   \
    NC " {{\"action\":\"login\",\"param\":{\"customernumber\":\"1\",\"apikey\":\"k\","             \
       "\"apipassword\":"                                                                          \
       "\"p\"}}}" R
#define NC_WHO "\"customernumber\":\"1\",\"apikey\":\"k\",\"apisessionid\":\"s\""
#define NC_INFO                                                                                    \
    NC " {{\"action\":\"infoDnsRecords\",\"param\":{" NC_WHO ",\"domainname\":\"example.org\"}}"   \
       "}" R
#define NC_LOGOUT NC " {{\"action\":\"logout\",\"param\":{" NC_WHO "}}}" R
#define NC_UPDATE(record)                                                                          \
    NC " {{\"action\":\"updateDnsRecords\",\"param\":{" NC_WHO                                     \
       ",\"domainname\":\"example.org\",\"dnsrecordset\":{\"dnsrecords\":[{" record                \
       ",\"deleterecord\":false,\"state\":\"yes\"}]}}}}"
#define NC_SET "login=1;apikey=k;password=p;zone=example.org"
#define NC_OK  200, "{\"status\":\"success\",\"responsedata\":{}}"
    static const struct dialogue rows[] = {
        {&protocol_compat_netcup,
         NC_SET,
         "www.example.org",
         "192.0.2.1 2001:db8::1",
         {{NC_LOGIN, 200, "{\"status\":\"success\",\"responsedata\":{\"apisessionid\":\"s\"}}"},
          {NC_INFO, 200,
           "{\"status\":\"success\",\"responsedata\":{\"dnsrecords\":[{\"id\":\"9\",\"hostname\":"
           "\"www\",\"type\":\"A\"}]}}"},
          {NC_UPDATE(
               "\"id\":\"9\",\"hostname\":\"www\",\"type\":\"A\",\"destination\":\"192.0.2.1\""),
           200, "{\"status\":\"error\",\"longmessage\":\"no\"}"},
          {NC_INFO, NC_OK},
          {NC_UPDATE("\"hostname\":\"www\",\"type\":\"AAAA\",\"destination\":\"2001:db8::1\""),
           NC_OK},
          {NC_LOGOUT, NC_OK}},
         "= www.example.org A unknown\n= www.example.org AAAA good\n"},
        {&protocol_compat_netcup,
         NC_SET,
         "example.org",
         "2001:db8::1",
         {{NC_LOGIN, 200, "{\"status\":\"success\",\"responsedata\":{\"apisessionid\":\"s\"}}"},
          {NC_INFO, NC_OK},
          {NC_UPDATE("\"hostname\":\"@\",\"type\":\"AAAA\",\"destination\":\"2001:db8::1\""),
           NC_OK},
          {NC_LOGOUT, 500, ""}},
         "= example.org AAAA good\n"},
        {&protocol_compat_netcup,
         NC_SET,
         "www.example.org",
         "192.0.2.1",
         {{NC_LOGIN, 200, "{\"status\":\"error\",\"shortmessage\":\"no\"}"}},
         "= all auth\n"},
        {&protocol_compat_netcup,
         "login=1",
         "www.example.org",
         "192.0.2.1",
         {{0}},
         "= www.example.org A no-zone\n"},
    };
    RUN_ALL(rows);
}

static void ns1(void **state)
{
#define NS1     "https://api.nsone.net/v1/zones/"
#define NS1_KEY CT AC " [X-NSONE-Key: k]"
    static const struct dialogue rows[] = {
        {&protocol_compat_ns1,
         "login=k",
         "www.example.org",
         "192.0.2.1",
         {{"GET " NS1 "example.org/www.example.org/A" NS1_KEY R, 200, "{\"type\":\"A\"}"},
          {"POST " NS1 "example.org/www.example.org/A" NS1_KEY
           " {{\"answers\":[{\"answer\":[\"192.0.2.1\"]}],\"ttl\":300}}",
           200, "{}"}},
         "= www.example.org A good\n"},
        {&protocol_compat_ns1,
         "login=k;ttl=60",
         "example.org",
         "192.0.2.1",
         {{"GET " NS1 "example.org/example.org/A" NS1_KEY R, 404,
           "{\"message\":\"record not found\"}"},
          {"PUT " NS1 "example.org/example.org/A" NS1_KEY
           " {{\"answers\":[{\"answer\":[\"192.0.2.1\"]}],\"ttl\":60}}",
           200, ""}},
         "= example.org A good\n"},
        {&protocol_compat_ns1,
         "login=k;zone=example.org",
         "a.b.example.org",
         "192.0.2.1",
         {{"GET " NS1 "example.org/a.b.example.org/A" NS1_KEY R, 401,
           "{\"message\":\"Unauthorized\"}"}},
         "= all auth\n"},
        {&protocol_compat_ns1, "login=k", "single", "192.0.2.1", {{0}}, "= single A no-zone\n"},
    };
    RUN_ALL(rows);
}

static void porkbun(void **state)
{
#define PB      "POST https://api.porkbun.com/api/json/v3/dns/"
#define PB_KEYS "\"secretapikey\":\"s\",\"apikey\":\"k\""
#define PB_SET  "apikey=k;secretapikey=s"
    static const struct dialogue rows[] = {
        {&protocol_compat_porkbun,
         PB_SET,
         "www.example.org",
         "192.0.2.1",
         {{PB "retrieveByNameType/example.org/A/www" CT " {{" PB_KEYS "}}" R, 200,
           "{\"status\":\"SUCCESS\",\"records\":[{\"id\":\"1\",\"content\":\"192.0.2.9\",\"ttl\":"
           "\"600\","
           "\"notes\":null},{\"id\":\"2\"}]}"},
          {PB "editByNameType/example.org/A/www" CT " {{" PB_KEYS
              ",\"content\":\"192.0.2.1\",\"ttl\":\"600\",\"notes\":null}}",
           200, ""}},
         "= www.example.org A good\n"},
        {&protocol_compat_porkbun,
         PB_SET ";on-root-domain=yes",
         "example.org",
         "192.0.2.1",
         {{PB "retrieveByNameType/example.org/A/" CT " {{" PB_KEYS "}}" R, 200,
           "{\"status\":\"SUCCESS\",\"records\":[{\"id\":\"1\",\"content\":\"192.0.2.1\"}]}"}},
         "= example.org A nochg\n"},
        {&protocol_compat_porkbun,
         PB_SET ";root-domain=example.org",
         "a.b.example.org",
         "192.0.2.1",
         {{PB "retrieveByNameType/example.org/A/a.b" CT " {{" PB_KEYS "}}" R, 200,
           "{\"status\":\"SUCCESS\",\"records\":[]}"}},
         "= a.b.example.org A no-host\n"},
        {&protocol_compat_porkbun,
         PB_SET,
         "www.example.org",
         "192.0.2.1",
         {{PB "retrieveByNameType/example.org/A/www" CT " {{" PB_KEYS "}}" R, 404,
           "{\"status\":\"ERROR\",\"message\":\"there is none\"}"}},
         "= www.example.org A no-host\n"},
        {&protocol_compat_porkbun,
         PB_SET ";root-domain=example.net",
         "a.example.org",
         "192.0.2.1",
         {{0}},
         "= a.example.org A no-zone\n"},
    };
    RUN_ALL(rows);
}

static void spaceship(void **state)
{
#define SP         "https://spaceship.dev/api/v1/dns/records/example.org"
#define SP_KEY     CT AC " [X-Api-Key: k] [X-Api-Secret: s]"
#define SP_SET     "login=k;password=s"
#define SP_ITEM(a) "{\"type\":\"A\",\"name\":\"www\",\"address\":\"" a "\"}"
#define SP_PUT                                                                                     \
    "PUT " SP SP_KEY " {{\"force\":true,\"items\":[{\"type\":\"A\",\"name\":\"www\",\"address\":"  \
    "\"192.0.2.1\",\"ttl\":300}]}}"
    static const struct dialogue rows[] = {
        /* the wanted one first, then the others go */
        {&protocol_compat_spaceship,
         SP_SET,
         "www.example.org",
         "192.0.2.1",
         {{"GET " SP "?take=500&skip=0" SP_KEY R, 200,
           "{\"items\":[" SP_ITEM("192.0.2.9") "," SP_ITEM("192.0.2.8") "]}"},
          {SP_PUT, 204, ""},
          {"DELETE " SP SP_KEY " {[" SP_ITEM("192.0.2.9") "]}", 204, ""},
          {"DELETE " SP SP_KEY " {[" SP_ITEM("192.0.2.8") "]}", 204, ""}},
         "= www.example.org A good\n"},
        {&protocol_compat_spaceship,
         SP_SET,
         "www.example.org",
         "192.0.2.1",
         {{"GET " SP "?take=500&skip=0" SP_KEY R, 200, "{\"items\":[" SP_ITEM("192.0.2.1") "]}"}},
         "= www.example.org A nochg\n"},
        {&protocol_compat_spaceship,
         SP_SET,
         "www.example.org",
         "192.0.2.1",
         {{"GET " SP "?take=500&skip=0" SP_KEY R, 200, "{\"items\":[" SP_ITEM("192.0.2.9") "]}"},
          {SP_PUT, 422, "{\"detail\":\"no\"}"}},
         "= www.example.org A input\n"},
    };
    RUN_ALL(rows);
}

static void yandex(void **state)
{
#define YA "https://pddimp.yandex.ru/api2/admin/dns/"
    static const struct dialogue rows[] = {
        {&protocol_compat_yandex,
         "login=example.org;password=t",
         "www.example.org",
         "192.0.2.1 2001:db8::1",
         {{"GET " YA "list?domain=example.org [PddToken: t]" R, 200,
           "{\"success\":\"ok\",\"records\":[{\"record_id\":4,\"fqdn\":\"www.example.org\","
           "\"type\":"
           "\"AAAA\"},{\"record_id\":5,\"fqdn\":\"www.example.org\"}]}"},
          {"POST " YA "edit [PddToken: t] [Content-Type: application/x-www-form-urlencoded] "
           "{domain=example.org&record_id=5&content=192.0.2.1}",
           200, "{\"success\":\"ok\"}"}},
         "= www.example.org A good\n"},
        {&protocol_compat_yandex,
         "login=example.org;password=t",
         "www.example.org",
         "192.0.2.1",
         {{"GET " YA "list?domain=example.org [PddToken: t]" R, 200,
           "{\"success\":\"error\",\"error\":\"bad_token\"}"}},
         "= www.example.org A unknown\n"},
    };
    RUN_ALL(rows);
}

static void nfsn(void **state)
{
#define NF "POST https://api.nearlyfreespeech.net/dns/example.org/"
/* The hash is of an implementation of its own, for kit_now and the counted random bytes. */
#define NF_H(salt, hash)                                                                           \
    " [X-NFSN-Authentication: me;1700000000;" salt ";" hash                                        \
    "] [Content-Type: application/x-www-form-urlencoded]"
    static const struct dialogue rows[] = {
        {&protocol_compat_nfsn,
         "login=me;password=key;zone=example.org",
         "www.example.org",
         "192.0.2.1",
         {{NF "listRRs" NF_H("BCDEFGHIJKLMNOPQ",
                             "27ea1be1adf06b9b37543db24cb43e66f5bacb51") " {name=www&type=A}" R,
           200, "[{\"name\":\"www\",\"type\":\"A\",\"data\":\"192.0.2.9\"}]"},
          {NF "addRR" NF_H("RSTUVWXYZabcdefg",
                           "41612e89fd3bf3b1fda4cc5732b1ac0b0017e216") " {name=www&type=A&data=192."
                                                                       "0.2.1&ttl=300}",
           200, ""},
          {NF "removeRR" NF_H(
               "hijklmnopqrstuvw",
               "f5dca3c2c5a51fd0c6c758ab6fa90d74a56de984") " {name=www&type=A&data=192.0.2.9}",
           200, ""}},
         "= www.example.org A good\n"},
        {&protocol_compat_nfsn,
         "login=me;password=key;zone=example.org",
         "www.example.org",
         "192.0.2.1",
         {{NF "listRRs" NF_H("BCDEFGHIJKLMNOPQ",
                             "27ea1be1adf06b9b37543db24cb43e66f5bacb51") " {name=www&type=A}" R,
           200, "[{\"name\":\"www\",\"type\":\"A\",\"data\":\"192.0.2.1\"}]"}},
         "= www.example.org A nochg\n"},
        {&protocol_compat_nfsn,
         "login=me;password=key;zone=example.net",
         "www.example.org",
         "192.0.2.1",
         {{0}},
         "= www.example.org A no-zone\n"},
    };
    RUN_ALL(rows);
}

static void freedns(void **state)
{
#define FD                                                                                         \
    "GET "                                                                                         \
    "https://freedns.afraid.org/api/"                                                              \
    "?action=getdyndns&v=2&sha=ad193db2f9a15f31454caf466a913d30aa9a8278" R
    static const struct dialogue rows[] = {
        {&protocol_compat_freedns,
         "login=me;password=p",
         "a.example.org,b.example.org",
         "192.0.2.1 2001:db8::1",
         {{FD, 200,
           "a.example.org|192.0.2.9|http://u.example/u/?t4\na.example.org|2001:db8:0::1|http://"
           "u.example/u/?t6\n"
           "b.example.org|NULL|https://u.example/b\n"},
          {"GET http://u.example/u/?t4&address=192.0.2.1", 200,
           "Updated a.example.org from 192.0.2.9 to 192.0.2.1 in 0.1 seconds"},
          {"GET https://u.example/b?address=192.0.2.1", 200, "ERROR: no"}},
         "= a.example.org A good\n= a.example.org AAAA nochg\n= b.example.org A unknown\n"
         "= b.example.org AAAA no-host\n"},
        {&protocol_compat_freedns,
         "login=me;password=p",
         "a.example.org",
         "192.0.2.1",
         {{FD, 200, "ERROR: Could not authenticate."}},
         "= all auth\n"},
        {&protocol_compat_freedns,
         "login=me;password=p",
         "a.example.org",
         "192.0.2.1",
         {{FD, 200, "b.example.org|192.0.2.9|http://u.example/\n"}},
         "= a.example.org A no-host\n"},
    };
    RUN_ALL(rows);
}

static void zoneedit1(void **state)
{
#define ZE      "GET https://dynamic.zoneedit.com/auth/dynamic.html?host="
#define ZE_AUTH " [Authorization: Basic bWU6cA==]"
    static const struct dialogue rows[] = {
        {&protocol_compat_zoneedit1,
         "login=me;password=p;zone=example.org",
         "b.example.org,a.example.org,c.example.org,d.example.org",
         "192.0.2.1 2001:db8::1",
         {{ZE "a.example.org,b.example.org,c.example.org,d.example.org&dnsto=192.0.2.1&zone="
              "example.org" ZE_AUTH,
           200,
           "<SUCCESS CODE=\"200\" TEXT=\"ok\" IP=\"192.0.2.1\"> <ERROR TEXT=\"dup\" CODE=\"707\">\n"
           "<ERROR CODE=\"701\" TEXT=\"no zone\">\n"}},
         "= a.example.org A good\n= b.example.org A nochg\n= c.example.org A no-host\n"
         "= d.example.org A unknown\n"},
        {&protocol_compat_zoneedit1,
         "login=me;password=p",
         "a.example.org",
         "2001:db8::1",
         {{ZE "a.example.org&dnsto=2001:db8::1" ZE_AUTH, 401, ""}},
         "= all auth\n"},
        /* a tag needs an attribute, and no other tag may stand before it in its line */
        {&protocol_compat_zoneedit1,
         "login=me;password=p",
         "a.example.org,b.example.org,c.example.org",
         "192.0.2.1",
         {{ZE "a.example.org,b.example.org,c.example.org&dnsto=192.0.2.1" ZE_AUTH, 200,
           "<b><SUCCESS CODE=\"200\" TEXT=\"a\"></b>\n<SUCCESS here>\n<SUCCESS CODE=\"200\"\n"
           "text <ERROR TEXT='CODE=\"200\"'> then <ERROR CODE=707>\n"}},
         "= a.example.org A unknown\n= b.example.org A nochg\n= c.example.org A unknown\n"},
    };
    RUN_ALL(rows);
}

/* A logout is promised: it follows a cancel, and nothing else does. */
static void logs_out_after_cancel(void **state)
{
    struct kit k;

    kit_init(&k, &protocol_compat_netcup);
    kit_member(&k, "www.example.org", "192.0.2.1", NC_SET);
    kit_start(&k, NULL);
    kit_answer(&k, NET_OK, 200,
               "{\"status\":\"success\",\"responsedata\":{\"apisessionid\":\"s\"}}");
    kit_go(&k, STEP_CANCEL, NULL);
    assert_false(k.done);
    buf_clear(&k.seen);
    kit_answer(&k, NET_CANCELLED, 0, "");
    assert_string_equal(buf_str(&k.seen), NC_LOGOUT "\n");
    assert_false(k.done);
    kit_answer(&k, NET_OK, 200, "{}");
    assert_true(k.done);
    kit_fini(&k);
}

static void mails_only(void **state)
{
    static const struct dialogue row = {
        &protocol_compat_emailonly, "",    "a.example.org",
        "192.0.2.1 2001:db8::1",    {{0}}, "= a.example.org A good\n= a.example.org AAAA good\n"};
    dialogue_run(&row, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cloudflare),
        cmocka_unit_test(digitalocean),
        cmocka_unit_test(gandi),
        cmocka_unit_test(hetzner),
        cmocka_unit_test(ionos),
        cmocka_unit_test(netcup),
        cmocka_unit_test(ns1),
        cmocka_unit_test(porkbun),
        cmocka_unit_test(spaceship),
        cmocka_unit_test(yandex),
        cmocka_unit_test(nfsn),
        cmocka_unit_test(freedns),
        cmocka_unit_test(zoneedit1),
        cmocka_unit_test(mails_only),
        cmocka_unit_test(logs_out_after_cancel),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
