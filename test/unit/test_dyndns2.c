/*
 * SPDX-License-Identifier: ISC
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "publish/dyndns2.h"
#include "stepkit.h"

#define ACCOUNT "login=me;password=geheim;server=dyn.example.net;ssl=no"
#define GET     "GET http://dyn.example.net/nic/update?hostname="
#define BASIC   " [Authorization: Basic bWU6Z2VoZWlt]\n"

/* One exchange: what is sent, and what the answer leads to. */
struct row {
    const char *settings, *hosts, *addresses, *request;
    int status;
    const char *body, *outcomes;
};

static void run_row(const struct protocol *protocol, const struct row *row)
{
    struct kit k;
    char hosts[256], *rest = NULL;

    kit_init(&k, protocol);
    snprintf(hosts, sizeof hosts, "%s", row->hosts);
    for (char *h = strtok_r(hosts, ",", &rest); h != NULL; h = strtok_r(NULL, ",", &rest))
        kit_member(&k, h, row->addresses, row->settings);
    kit_start(&k, NULL);
    assert_string_equal(buf_str(&k.seen), row->request);
    buf_clear(&k.seen);
    if (!k.done)
        kit_answer(&k, NET_OK, row->status, row->body);
    assert_true(k.done);
    assert_string_equal(buf_str(&k.seen), row->outcomes);
    kit_fini(&k);
}

static void sends_and_judges(void **state)
{
    static const struct row rows[] = {
        {ACCOUNT, "a.example.org", "192.0.2.1", GET "a.example.org&myip=192.0.2.1" BASIC, 200,
         "good 192.0.2.1\r\n", "= a.example.org A good\n"},
        {ACCOUNT, "a.example.org", "192.0.2.1 2001:db8::1",
         GET "a.example.org&myip=192.0.2.1,2001:db8::1" BASIC, 200, "nochg",
         "= a.example.org A AAAA nochg\n"},
        {ACCOUNT, "a.example.org", "2001:db8::1", GET "a.example.org&myip=2001:db8::1" BASIC, 200,
         " Good 2001:DB8:0::1", "= a.example.org AAAA good\n"},
        /* hostnames go in byte order, and their lines come back in that order */
        {ACCOUNT, "c.example.org,a.example.org,b.example.org", "192.0.2.1",
         GET "a.example.org,b.example.org,c.example.org&myip=192.0.2.1" BASIC, 200,
         "good\nnohost\n!yours\n\n",
         "= a.example.org A good\n= b.example.org A no-host\n= c.example.org A no-host\n"},
        {ACCOUNT, "a.example.org,b.example.org,c.example.org", "192.0.2.1",
         GET "a.example.org,b.example.org,c.example.org&myip=192.0.2.1" BASIC, 200, "good\nnochg\n",
         "= a.example.org A good\n= b.example.org A nochg\n= c.example.org A unknown\n"},
        /* one line for all: a refusal is told once */
        {ACCOUNT, "a.example.org,b.example.org", "192.0.2.1",
         GET "a.example.org,b.example.org&myip=192.0.2.1" BASIC, 200, "badauth\n", "= all auth\n"},
        {ACCOUNT, "a.example.org,b.example.org", "192.0.2.1",
         GET "a.example.org,b.example.org&myip=192.0.2.1" BASIC, 200, "good\n",
         "= a.example.org A good\n= b.example.org A good\n"},
        {ACCOUNT, "a.example.org,b.example.org", "192.0.2.1",
         GET "a.example.org,b.example.org&myip=192.0.2.1" BASIC, 200, "numhost\n",
         "= all too-long\n"},
        {ACCOUNT, "a.example.org,b.example.org", "192.0.2.1",
         GET "a.example.org,b.example.org&myip=192.0.2.1" BASIC, 200, "nohost\n",
         "= a.example.org A no-host\n= b.example.org A no-host\n"},
        {ACCOUNT, "a.example.org", "192.0.2.1", GET "a.example.org&myip=192.0.2.1" BASIC, 200, "",
         "= a.example.org A unknown\n"},
        /* the status decides before the words; a refusing word makes it more exact */
        {ACCOUNT, "a.example.org", "192.0.2.1", GET "a.example.org&myip=192.0.2.1" BASIC, 503,
         "good\n", "= all server\n"},
        {ACCOUNT, "a.example.org", "192.0.2.1", GET "a.example.org&myip=192.0.2.1" BASIC, 401, "",
         "= all auth\n"},
        {ACCOUNT, "a.example.org", "192.0.2.1", GET "a.example.org&myip=192.0.2.1" BASIC, 403,
         "abuse\n", "= all abuse\n"},
        {ACCOUNT, "a.example.org", "192.0.2.1", GET "a.example.org&myip=192.0.2.1" BASIC, 414, "",
         "= all too-long\n"},
        {ACCOUNT, "a.example.org", "192.0.2.1", GET "a.example.org&myip=192.0.2.1" BASIC, 302, "",
         "= all unknown\n"},
        /* nothing to send */
        {ACCOUNT, "a.example.org", "-6", "= a.example.org AAAA input\n", 0, "", ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        run_row(&protocol_dyndns2, &rows[i]);
}

static void makes_urls(void **state)
{
    static const char *const rows[][2] = {
        {"login=me;password=p",
         "GET https://members.dyndns.org/nic/update?hostname=h&myip=192.0.2.1 "
         "[Authorization: Basic bWU6cA==]\n"},
        {"ssl=no", "GET http://members.dyndns.org/nic/update?hostname=h&myip=192.0.2.1\n"},
        {"ssl=no;server=HTTPS://x.example:8443/base;script=/u.php",
         "GET https://x.example:8443/base/u.php?hostname=h&myip=192.0.2.1\n"},
        {"server=http://[2001:db8::5]:80;script=/u?key=1",
         "GET http://[2001:db8::5]:80/u?key=1&hostname=h&myip=192.0.2.1\n"},
        {"server=x.example;script=u", "GET https://x.example/u?hostname=h&myip=192.0.2.1\n"},
        /* a password alone is sent with an empty user */
        {"server=x.example;password=tok",
         "GET https://x.example/nic/update?hostname=h&myip=192.0.2.1 [Authorization: Basic "
         "OnRvaw==]\n"},
        {"server=x.example;wildcard=yes;mx=mail.example.org;backupmx=no",
         "GET "
         "https://x.example/nic/"
         "update?hostname=h&myip=192.0.2.1&wildcard=ON&mx=mail.example.org&backmx=NO\n"},
        {"server=x.example;wildcard=no;backupmx=1",
         "GET https://x.example/nic/update?hostname=h&myip=192.0.2.1\n"},
        {"server=x.example;mx=a&b c#",
         "GET https://x.example/nic/update?hostname=h&myip=192.0.2.1&mx=a%26b%20c%23&backmx=NO\n"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct kit k;
        kit_init(&k, &protocol_dyndns2);
        kit_member(&k, "h", "192.0.2.1", rows[i][0]);
        kit_start(&k, NULL);
        assert_string_equal(buf_str(&k.seen), rows[i][1]);
        assert_true(k.last[0].writes);
        kit_fini(&k);
    }
}

static void knows_every_word(void **state)
{
    static const struct {
        const char *word;
        enum outcome_class cls;
        int seconds;
    } rows[] = {
        {"good", OUTCOME_GOOD, 0},
        {"nochg", OUTCOME_NOCHG, 0},
        {"badauth", OUTCOME_AUTH, 0},
        {"badsys", OUTCOME_INPUT, 0},
        {"badagent", OUTCOME_AGENT, 0},
        {"!donator", OUTCOME_FEATURE, 0},
        {"!yours", OUTCOME_NO_HOST, 0},
        {"!active", OUTCOME_NO_HOST, 0},
        {"nohost", OUTCOME_NO_HOST, 0},
        {"notfqdn", OUTCOME_INPUT, 0},
        {"numhost", OUTCOME_TOO_LONG, 0},
        {"abuse", OUTCOME_ABUSE, 0},
        {"dnserr", OUTCOME_SERVER, 0},
        {"911", OUTCOME_SERVER, 1800},
        {"w15m", OUTCOME_LIMIT, 900},
        {"w90s", OUTCOME_LIMIT, 90},
        {"w2h", OUTCOME_LIMIT, 7200},
        {"w30", OUTCOME_LIMIT, 30},
        {"w", OUTCOME_UNKNOWN, 0},
        {"wm", OUTCOME_UNKNOWN, 0},
        {"w5d", OUTCOME_UNKNOWN, 0},
        {"w5mm", OUTCOME_UNKNOWN, 0},
        {"", OUTCOME_UNKNOWN, 0},
        {"goodness", OUTCOME_UNKNOWN, 0},
        {"w99999999999999999999h", OUTCOME_UNKNOWN, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        msec wait;
        assert_int_equal(dyndns2_word(rows[i].word, strlen(rows[i].word), &wait), rows[i].cls);
        assert_int_equal(wait, rows[i].seconds * SECOND);
    }
}

/* Hostnames whose addresses differ never share a request, whoever put them into one job. */
static void keeps_sets_apart(void **state)
{
    struct kit k;

    kit_init(&k, &protocol_dyndns2);
    kit_member(&k, "a.example.org", "192.0.2.1", ACCOUNT);
    kit_member(&k, "b.example.org", "192.0.2.2", ACCOUNT);
    kit_member(&k, "c.example.org", "192.0.2.1", ACCOUNT);
    kit_start(&k, NULL);
    assert_string_equal(buf_str(&k.seen), GET "a.example.org,c.example.org&myip=192.0.2.1" BASIC GET
                                              "b.example.org&myip=192.0.2.2" BASIC);
    buf_clear(&k.seen);
    kit_answer(&k, NET_TIMEOUT, 0, "");
    assert_false(k.done);
    kit_answer(&k, NET_OK, 200, "good\n");
    assert_true(k.done);
    assert_string_equal(
        buf_str(&k.seen),
        "= a.example.org A server\n= c.example.org A server\n= b.example.org A good\n");
    kit_fini(&k);
}

static void speaks_noip(void **state)
{
#define NOIP "GET https://dynupdate.no-ip.com/nic/update?system=noip&hostname="
    static const struct row rows[] = {
        {"login=me;password=geheim;ssl=no", "a.example.org", "192.0.2.1 2001:db8::1",
         NOIP "a.example.org&myip=192.0.2.1,2001:db8::1" BASIC, 200, "good 192.0.2.1,2001:db8::1\n",
         "= a.example.org A AAAA good\n"},
        {"login=me;password=geheim;script=/other", "a.example.org", "192.0.2.1",
         NOIP "a.example.org&myip=192.0.2.1" BASIC, 200, "w15m\n",
         "= a.example.org A limit wait 900\n"},
        /* a good line stands for its own hostname alone */
        {"login=me;password=geheim", "a.example.org,b.example.org", "192.0.2.1",
         NOIP "a.example.org,b.example.org&myip=192.0.2.1" BASIC, 200, "good 192.0.2.1\n",
         "= a.example.org A good\n= b.example.org A unknown\n"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        run_row(&protocol_noip, &rows[i]);
}

static void speaks_inwx(void **state)
{
#define INWX "GET https://dyndns.inwx.com/nic/update?"
    static const struct row rows[] = {
        {"login=me;password=geheim", "a.example.org,b.example.org", "192.0.2.1 2001:db8::1",
         INWX "myip=192.0.2.1&myipv6=2001:db8::1" BASIC, 200, "good\n",
         "= a.example.org A AAAA good\n= b.example.org A AAAA good\n"},
        {"login=me;password=geheim;usev4=disabled", "a.example.org", "2001:db8::1",
         INWX "myipv6=2001:db8::1" BASIC, 200, "nochg\nbadauth\n", "= a.example.org AAAA auth\n"},
        /* no hostname was sent: there is nothing to halve */
        {"login=me;password=geheim", "a.example.org,b.example.org", "192.0.2.1",
         INWX "myip=192.0.2.1" BASIC, 200, "numhost\n",
         "= a.example.org A input\n= b.example.org A input\n"},
        {"login=me;password=geheim", "a.example.org,b.example.org", "192.0.2.1",
         INWX "myip=192.0.2.1" BASIC, 414, "",
         "= a.example.org A input\n= b.example.org A input\n"},
        /* an absent address would be taken for a wish to remove it */
        {"login=me;password=geheim;usev4=webv4", "a.example.org", "2001:db8::1",
         "= a.example.org AAAA offline\n", 0, "", ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        run_row(&protocol_inwx, &rows[i]);
}

/* No secret in what people read, not even when the service repeats it. */
static void keeps_secrets(void **state)
{
    struct kit k;
    struct buf shown;

    kit_init(&k, &protocol_dyndns2);
    kit_member(&k, "a.example.org", "192.0.2.1", ACCOUNT);
    kit_start(&k, NULL);
    buf_init(&shown, 4096);
    request_show(&k.last[0], true, &shown);
    assert_null(strstr(buf_str(&shown), "bWU6Z2VoZWlt"));
    buf_free(&shown);

    struct reply reply;
    struct step_in in = {STEP_REPLY, &reply, kit_now, NULL, NULL};
    struct step_out out;
    reply_init(&reply);
    reply.status = 200;
    buf_add(&reply.body, "wrong\0password geheim", 21);
    step_out_init(&out);
    protocol_dyndns2.go(k.step, &in, &out);
    assert_int_equal(out.outcome_count, 1);
    assert_null(strstr(out.outcomes[0].say, "geheim"));
    step_out_free(&out);
    reply_free(&reply);
    kit_fini(&k);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sends_and_judges), cmocka_unit_test(makes_urls),
        cmocka_unit_test(knows_every_word), cmocka_unit_test(keeps_sets_apart),
        cmocka_unit_test(speaks_noip),      cmocka_unit_test(speaks_inwx),
        cmocka_unit_test(keeps_secrets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
