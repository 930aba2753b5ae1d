/*
 * SPDX-License-Identifier: ISC
 *
 * Signers against published vectors (the vendors' documents and test suites) and computed ones.
 */
#include "publish/sign/sign.h"

#include "base/mem.h"
#include "base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct vector {
    const char *name;
    const char *sign; /* JSON: the "sign" of a provider file, values literal */
    long long now;
    const char *nonce;
    const char *method, *url, *body;
    const char *headers; /* "Name: value\n..." in front of signing */
    const char *where;   /* header to look at; "url" or "body" for those */
    const char *ends;    /* what it ends with */
};

static const char change[] =
    "<ChangeResourceRecordSetsRequest xmlns=\"https://route53.amazonaws.com/doc/2013-04-01/\">"
    "<ChangeBatch><Changes><Change><Action>UPSERT</Action><ResourceRecordSet>"
    "<Name>www.example.com.</Name><Type>A</Type><TTL>300</TTL><ResourceRecords><ResourceRecord>"
    "<Value>192.0.2.1</Value></ResourceRecord></ResourceRecords></ResourceRecordSet></Change>"
    "</Changes></ChangeBatch></ChangeResourceRecordSetsRequest>";

#define AWS_KEYS                                                                                   \
    "\"id\":\"AKIDEXAMPLE\",\"secret\":\"wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY\","              \
    "\"region\":\"us-east-1\""
#define OVH_KEYS                                                                                   \
    "{\"by\":\"ovh\",\"key\":\"7kbG7Bk7S9Nt7ZSV\",\"secret\":"                                     \
    "\"EXEgWIz07P0HYwtQDs7cNIqCiQaWSuHF\","                                                        \
    "\"consumer\":\"MtSwSrPpNjqfVSmJhLbPyr2i45lSwPU1\"}"

static const struct vector vectors[] = {
    {"aws4, get-vanilla of the test suite",
     "{\"by\":\"aws4\",\"service\":\"service\"," AWS_KEYS "}", 1440938160, NULL, "GET",
     "https://example.amazonaws.com/", NULL, "", "Authorization",
     "SignedHeaders=host;x-amz-date, "
     "Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
    {"aws4, get-vanilla-query-order-key-case of the test suite",
     "{\"by\":\"aws4\",\"service\":\"service\"," AWS_KEYS "}", 1440938160, NULL, "GET",
     "https://example.amazonaws.com/?Param2=value2&Param1=value1", NULL, "", "Authorization",
     "Signature=b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"},
    {"aws4, a change of Route 53", "{\"by\":\"aws4\",\"service\":\"route53\"," AWS_KEYS "}",
     1440938160, NULL, "POST",
     "https://route53.amazonaws.com/2013-04-01/hostedzone/Z1PA6795UKMFR9/rrset", change,
     "Content-Type: application/xml\n", "Authorization",
     "Signature=8514a8aad9e86772c452a21a3ab5404d62d42af3178d48d10441d1bae01ab301"},
    {"ovh, of its documentation", OVH_KEYS, 1366560945, NULL, "GET",
     "https://eu.api.ovh.com/1.0/domains/", NULL, "", "X-Ovh-Signature",
     "$1$d3705e8afb27a0d2970a322b96550abfc67bb798"},
    {"ovh, with a body", OVH_KEYS, 1700000000, NULL, "PUT",
     "https://eu.api.ovh.com/1.0/domain/zone/example.com/record/42", "{\"target\":\"192.0.2.1\"}",
     "", "X-Ovh-Signature", "$1$64b544fc0b32681e7fc17a2d88ad5f9e551affbb"},
    {"rpc1, of Alidns' documentation",
     "{\"by\":\"rpc1\",\"id\":\"testid\",\"secret\":\"testsecret\"}", 0, NULL, "GET",
     "https://alidns.aliyuncs.com/?Format=XML&AccessKeyId=testid&Action=DescribeDomainRecords"
     "&SignatureMethod=HMAC-SHA1&DomainName=example.com&SignatureNonce=f59ed6a9-83fc-473b-9cc6-"
     "99c95df3856e&SignatureVersion=1.0&Version=2015-01-09&Timestamp=2016-03-24T16%3A41%3A54Z",
     NULL, "", "url", "&Signature=uRpHwaSEt3J%2B6KQD%2F%2FsvCh%2Fx%2BpI%3D"},
    {"rpc1, of ECS' documentation", "{\"by\":\"rpc1\",\"id\":\"testid\",\"secret\":\"testsecret\"}",
     0, NULL, "GET",
     "https://ecs.aliyuncs.com/?Timestamp=2016-02-23T12%3A46%3A24Z&Format=XML&AccessKeyId=testid"
     "&Action=DescribeRegions&SignatureMethod=HMAC-SHA1&SignatureNonce=3ee8c1b8-83d3-44af-a94f-"
     "4e0ad82fd6cf&Version=2014-05-26&SignatureVersion=1.0",
     NULL, "", "url", "&Signature=OLeaidS1JvxuMvnyHOwuJ%2BuX5qY%3D"},
    {"rpc1, Eranet's kind", "{\"by\":\"rpc1\",\"id\":\"ID\",\"secret\":\"SECRET\"}", 0, NULL, "GET",
     "https://www.eranet.com/api/Dns/AddDomainRecord?AccessInstanceID=ID&SignatureMethod=HMAC-SHA1"
     "&SignatureNonce=1700000000000000000&Timestamp=2023-11-14T22%3A13%3A20Z&Domain=example.com"
     "&Type=A&Host=www",
     NULL, "", "url", "&Signature=3iKO7i16zpkhUdPr1I2OrG19F1Q%3D"},
    {"acs3, of its documentation",
     "{\"by\":\"acs3\",\"id\":\"YourAccessKeyId\",\"secret\":\"YourAccessKeySecret\"}", 1698315752,
     "3156853299f313e23d1673dc12e1703d", "POST",
     "https://ecs.cn-shanghai.aliyuncs.com/"
     "?ImageId=win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd&RegionId=cn-shanghai",
     NULL, "x-acs-action: RunInstances\nx-acs-version: 2014-05-26\n", "Authorization",
     "Signature=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0"},
    {"tc3, of its documentation",
     "{\"by\":\"tc3\",\"id\":\"AKID\",\"secret\":\"Gu5t9xGARNpq86cd98joQYCN3*******\",\"service\":"
     "\"cvm\"}",
     1551113065, NULL, "POST", "https://cvm.tencentcloudapi.com/",
     "{\"Limit\": 1, \"Filters\": [{\"Values\": [\"\\u672a\\u547d\\u540d\"], \"Name\": "
     "\"instance-name\"}]}",
     "Content-Type: application/json; charset=utf-8\nX-TC-Action: DescribeInstances\n",
     "Authorization", "Signature=be4f67d323c78ab9acb7395e43c0dbcf822a9cfac32fea2449a7bc7726b770a3"},
    {"tc3, two headers",
     "{\"by\":\"tc3\",\"id\":\"AKID\",\"secret\":\"SECRETKEYEXAMPLE\",\"service\":\"dnspod\"}",
     1700000000, NULL, "POST", "https://dnspod.tencentcloudapi.com/",
     "{\"Domain\":\"example.com\",\"Subdomain\":\"www\",\"RecordType\":\"A\"}",
     "Content-Type: application/json\n", "Authorization",
     "Signature=e1df06762a01baa5978a7d2a10d00356ed6049c5f814df8e983b357b0c0910b7"},
    {"huawei, a read", "{\"by\":\"huawei\",\"id\":\"AK\",\"secret\":\"SECRETKEYEXAMPLE\"}",
     1700000000, NULL, "GET",
     "https://dns.myhuaweicloud.com/v2/zones?name=example.com.&search_mode=equal", NULL, "",
     "Authorization", "Signature=0efb8086ade7be05422810867000d8930e5bdd7879b3a5a527207bdb17e47591"},
    {"huawei, a write", "{\"by\":\"huawei\",\"id\":\"AK\",\"secret\":\"SECRETKEYEXAMPLE\"}",
     1700000000, NULL, "POST",
     "https://dns.myhuaweicloud.com/v2.1/zones/ff8080825b8fc86c015b94bc6f8712c3/recordsets",
     "{\"name\":\"www.example.com.\",\"type\":\"A\",\"records\":[\"192.0.2.1\"],\"ttl\":300}",
     "Content-Type: application/json\n", "Authorization",
     "Signature=3183a553deee82855f571ec4bbe21aca2508a78421e6c58ff612963f8937c9ae"},
    {"volc",
     "{\"by\":\"volc\",\"id\":\"AK\",\"secret\":\"SECRETKEYEXAMPLE\",\"region\":\"cn-north-1\","
     "\"service\":\"DNS\"}",
     1700000000, NULL, "GET",
     "https://open.volcengineapi.com/?Action=ListZones&Key=example.com&Version=2018-08-01", NULL,
     "Content-Type: application/json\n", "Authorization",
     "Signature=ab0d6373cca16c835ff09f82de6f0bfcff44d18e51d3d93a2247428ee4e9423b"},
    {"bce", "{\"by\":\"bce\",\"id\":\"AKEXAMPLE\",\"secret\":\"SECRETKEYEXAMPLE\"}", 1700000000,
     NULL, "POST", "https://bcd.baidubce.com/v1/domain/resolve/list", "{}", "", "Authorization",
     "/1800/host/09b2572fa5d072bc4323e52f99ac88137e235de412d33b13ed382b826e74810c"},
    {"dnsme, of its documentation",
     "{\"by\":\"dnsme\",\"key\":\"k\",\"secret\":\"c9b5625f-9834-4ff8-baba-4ed5f32cae55\"}",
     1297544344, NULL, "GET", "https://api.dnsmadeeasy.com/V2.0/dns/managed", NULL, "",
     "x-dnsme-hmac", "b3502e6116a324f3cf4a8ed693d78bcee8d8fe3c"},
    {"nfsn, of its documentation",
     "{\"by\":\"nfsn\",\"login\":\"testuser\",\"key\":\"p3kxmRKf9dk3l6ls\"}", 1012121212,
     "dkwo28Sile4jdXkw", "POST", "https://api.nearlyfreespeech.net/site/example/getInfo", NULL, "",
     "X-NFSN-Authentication",
     "testuser;1012121212;dkwo28Sile4jdXkw;0fa8932e122d56e2f6d1550f9aab39c4aef8bfc4"},
    {"nfsn, with a body", "{\"by\":\"nfsn\",\"login\":\"testuser\",\"key\":\"p3kxmRKf9dk3l6ls\"}",
     1700000000, "dkwo28Sile4jdXkw", "POST",
     "https://api.nearlyfreespeech.net/dns/example.com/listRRs", "name=www&type=A", "",
     "X-NFSN-Authentication", ";0aff5cbaa94b813941daeb28ea0338ecf966015a"},
    {"dns51", "{\"by\":\"dns51\",\"key\":\"KEY\",\"secret\":\"SECRET\"}", 1700000000, NULL, "POST",
     "https://www.51dns.com/api/record/list/", "domainID=example.com", "", "body",
     "&hash=59b5843bd6a62e408447542a5cd4274b"},
};

static void add_headers(struct request *r, const char *headers)
{
    while (*headers != '\0') {
        size_t name = strcspn(headers, ":");
        size_t line = strcspn(headers, "\n");
        char *key = mem_text_n(headers, name);
        marked_add(request_header(r, key), headers + name + 2, line - name - 2, false);
        mem_free(key);
        headers += line + 1;
    }
}

static void test_vectors(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
        const struct vector *v = &vectors[i];
        json_t *sign = json_loads(v->sign, 0, NULL);
        struct request r;
        struct vars vars;
        struct cause c = {""};

        assert_non_null(sign);
        request_init(&r, REQUEST_HTTP);
        request_method(&r, v->method);
        marked_text(&r.url, v->url);
        if (v->body != NULL)
            marked_text(&r.body, v->body);
        add_headers(&r, v->headers);
        vars_init(&vars, NULL);
        vars_put(&vars, "now", json_integer(v->now));
        vars_put_text(&vars, "nonce",
                      v->nonce != NULL ? v->nonce : "00000000000000000000000000000000");
        if (sign_request(sign, &vars, &r, &c) != OK)
            fail_msg("%s: %s", v->name, c.text);
        const struct marked *at = text_equal(v->where, "url") ? &r.url
                                  : text_equal(v->where, "body")
                                      ? &r.body
                                      : request_find_header(&r, v->where);
        if (at == NULL || !text_ends(marked_str(at), v->ends))
            fail_msg("%s: %s", v->name, at != NULL ? marked_str(at) : "no header");
        if (!marked_any_secret(at))
            fail_msg("%s: the signature is not marked as secret", v->name);
        vars_fini(&vars);
        request_free(&r);
        json_decref(sign);
    }
}

/* RFC 7515, appendix A.2.1: key, signing input and signature. */
static const char rfc7515_key[] =
    "-----BEGIN PRIVATE KEY-----\\n"
    "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQCh+BYK4uPJtGXO\\n"
    "jS1lYmM2K5J9vinh8CR3/BYlzJChNuOL2TSXxbbqY913EeZ8dCn5VrD7io8ImtxL\\n"
    "aYk8wTM/U+3QGbh3hCUv7JFP5IV3aVlL6kKA0ywPVb9ilE8TA5a8bpvfbr3SvaNn\\n"
    "juygxmj3AbONv/s4yDQs4v5tJ/reSlpIdJed1LnPmt7Ex1sFhSwsD174pcF1A5L5\\n"
    "ROjtZMEQxrZHYJqkeDrrnGya11UxMFBji4NmXG9veoKjlnAqH2QbgtPr8jkiGUkf\\n"
    "toaHLFcW9Qr4NY2ai50Xw0Byj3+H2JoY2PyrZ62EWQwuz3WTOTY8BwNNb2BvniHg\\n"
    "VFbK5emhAgMBAAECggEAEq5xpGnNCivDflJsRQBXHx1hdR1k6Ulwe2JZD50LpXyW\\n"
    "PEAeP88vLNO97IjlA7/GQ5sLKMgvfTeXZx9SE+7YwVol2NXOoAJe46sui395IW/G\\n"
    "O+pWJ1O0BkTGoVEn2bKVRUCgu+GjBVaYLU6f3l9kJfFNS3E0QbVdxzubSu3Mkqzj\\n"
    "kn439X0M/V51gfpRLI9JYanrC4D4qAdGcopV/0ZHHzQlBjudU2QvXt4ehNYTCBr6\\n"
    "XCLQUShb1juUO1ZdiYoFaFQT5Tw8bGUl/x/jTj3ccPDVZFD9pIuhLhBOneufuBiB\\n"
    "4cS98l2SR/RQyGWSeWjnczT0QU91p1DhOVRuOopznQKBgQDgHMQQ60imZV1URk0K\\n"
    "pLttoLhyt3SmqdEf/kgHePDdtzEafpAu+cS191R2JiuoF2yzWXnwFDcqGigp5BNr\\n"
    "0AHQfD8/Lk8l1Mk09jxxCfui5nYooNyac8YFjm3vItzVCVDnEd3BbVWG8qf6deqE\\n"
    "lMGAg+C2V0L4oNXnP7LZcPAZRwKBgQC5A8R+CZW2MvRTLLHzwZkUXV866cff7tx6\\n"
    "kqa0finGG0KgeqlaZPxgCZnFp7AeAcCMtiynVlJ7vMVgePsLq6XtON4tB5kP9jAP\\n"
    "rq3rbAOal78eUH5OcED6eNuCV8ixEu1eWcPNCS/l1OW1EnXUEoEHKl54Xrrz2uNw\\n"
    "kgMTP1FZ1wKBgAcCn1dwJKufzBWQxWQp1vsM5fggqPN1qGb5y0MAk3g7/Ls5bkUp\\n"
    "5u9SN0Ai3Ya6hNnvWJMb7sXQX6U/zyO2M/hTip7tUeh7CXgwo59dkpN75gJLVds2\\n"
    "9+DAncu3KXU4f2Fa+7bLNrur53k8KwPOq2bbuTG69QtV7Jr5MR0AHWKNAoGBAIf/\\n"
    "evpitUf+4JYbLpvNXWcY052Mpz22aR84mY3nh3F2LF2mjMJDpTg7FmuyPcVw6EcG\\n"
    "yoAe9fa65iNqCq+jdw6PVNGo2hxfjSiZ8IIzHdsPXI89//pMjZcQK9r+CCoRjaZj\\n"
    "OYiIDktVWZzmevJuv6WywUqd57LE3Zar3dLSIkx1AoGAIYd7DHOhrWvxkwPQsRM2\\n"
    "tOgrjbcrfvtQJipd+DlcxyVuuM9sQLdgjVk2oy26F0EmpScGLq2MowX7fhd/QJQ3\\n"
    "ydy5cY7YIBi87w93IKLEdfnbJtoOPLUW0ITrJReOgo1cq9SbsxYawBgfp/gh6A56\\n"
    "03k2+ZQwVK0JKSHuLFkuQ3U=\\n"
    "-----END PRIVATE KEY-----\\n";

static void test_rsa(void **state)
{
    static const char input[] =
        "eyJhbGciOiJSUzI1NiJ9."
        "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLm"
        "NvbS9pc19yb290Ijp0cnVlfQ";
    static const uint8_t begins[] = {112, 46, 33,  137, 67, 232, 143,
                                     209, 30, 181, 216, 45, 191, 120};
    static const uint8_t finishes[] = {251, 71};
    size_t n;
    struct cause c;
    (void)state;

    uint8_t *mac = sign_rsa(rfc7515_key, "SHA256", input, sizeof input - 1, &n, &c);
    assert_non_null(mac);
    assert_int_equal(n, 256);
    assert_memory_equal(mac, begins, sizeof begins);
    assert_memory_equal(mac + n - sizeof finishes, finishes, sizeof finishes);
    mem_free(mac);
    assert_null(sign_rsa("no key", "SHA256", input, sizeof input - 1, &n, &c));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vectors),
        cmocka_unit_test(test_rsa),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
