/*
 * SPDX-License-Identifier: ISC
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/text.h"
#include "conf/conf.h"
#include "conf/settings.h"

/* What the tests know as the environment. */
static const char *test_env(const char *name)
{
    static const char *const vars[][2] = {
        {"PW", "p w#,x"}, {"LG", "joe"}, {"EMPTY", ""}, {"CREDENTIALS_DIRECTORY", "/creds"}};
    for (size_t i = 0; i < sizeof vars / sizeof vars[0]; i++)
        if (strcmp(vars[i][0], name) == 0)
            return vars[i][1];
    return NULL;
}

static char *test_file(const char *path, struct cause *c)
{
    if (strcmp(path, "/run/secret") == 0)
        return mem_text("from a file\n");
    if (strcmp(path, "/creds/token") == 0)
        return mem_text("from systemd");
    cause_set(c, ERR_NOT_FOUND, "no such file");
    return NULL;
}

static struct conf *parse(const char *text, enum conf_dialect dialect)
{
    struct conf_options o = {
        .dialect = dialect, .name = "test.conf", .getenv = test_env, .read_file = test_file};
    return conf_parse(text, strlen(text), &o);
}

static void reads_key_files(void **state)
{
    (void)state;
    struct conf *c = parse("provider=nsupdate, key-file=/run/secret a.test\n"
                           "protocol=nsupdate, password=/run/secret b.test\n"
                           "protocol=nsupdate, password=plain c.test\n"
                           "protocol=dyndns2, password=/run/secret d.test\n"
                           "provider=nsupdate, key-file=/missing e.test\n",
                           CONF_HOMING);
    static const char *const texts[] = {"from a file\n", "from a file\n", NULL, NULL, NULL};
    assert_int_equal(conf_entry_count(c), 5);
    for (size_t i = 0; i < 5; i++) {
        const struct conf_entry *e = conf_entry_at(c, i);
        struct view v = conf_entry_view(e);
        const char *text = view_get(&v, "key-text");
        assert_int_equal(text != NULL, texts[i] != NULL);
        if (text != NULL)
            assert_string_equal(text, texts[i]);
        assert_true(view_secret(&v, "key-text"));
        assert_string_equal(view_get(&v, "@id"), conf_entry_id(e));
        assert_int_equal(conf_entry_parked(e), i == 4);
    }
    for (size_t i = 0; i < conf_problem_count(c); i++)
        if (conf_problem_at(c, i)->severity == CONF_ERROR)
            assert_int_equal(conf_problem_at(c, i)->line, 5);
    assert_true(conf_has_errors(c));
    conf_unref(c);
}

static const char *value(const struct conf *c, const char *host, const char *setting)
{
    const struct conf_entry *e;
    struct cause cause;
    if (conf_entry_find(c, host, &e, &cause) != OK)
        return "(no entry)";
    struct view v = conf_entry_view(e);
    const char *s = view_get(&v, setting);
    return s != NULL ? s : "(unset)";
}

/*
 * One row: a file and what must come out of it, as "host setting=value; ..." with * as the host
 * for globals. "!" at the head of a wish: the hostname must not exist.
 */
struct row {
    const char *file, *wanted;
};

static void fail_row(const struct row *r, const char *what, const char *got)
{
    fprintf(stderr, "file:\n%s\nwanted %s, got <%s>\n", r->file, what, got);
    fail();
}

static void check_wish(const struct conf *c, const struct row *r, char *wish)
{
    while (*wish == ' ')
        wish++;
    if (*wish == '!') {
        if (strcmp(value(c, wish + 1, "login"), "(no entry)") != 0)
            fail_row(r, wish, "an entry");
        return;
    }
    char *blank = strchr(wish, ' '), *equals = strchr(blank, '=');
    *blank = *equals = '\0';
    struct view globals = conf_globals(c);
    const char *got = *wish == '*' ? view_get(&globals, blank + 1) : value(c, wish, blank + 1);
    if (got == NULL)
        got = "(unset)";
    if (strcmp(got, equals + 1) != 0)
        fail_row(r, equals + 1, got);
}

static void check_rows(const struct row *rows, size_t n, enum conf_dialect dialect)
{
    for (size_t i = 0; i < n; i++) {
        struct conf *c = parse(rows[i].file, dialect);
        char *wanted = mem_text(rows[i].wanted), *next = wanted;
        while (next != NULL) {
            char *wish = next;
            next = strchr(wish, ';');
            if (next != NULL)
                *next++ = '\0';
            check_wish(c, &rows[i], wish);
        }
        mem_free(wanted);
        conf_unref(c);
    }
}

/* Reference of the language, 1.4: values of assignments; zone stands for any setting. */
static void reads_assignments(void **state)
{
    static const struct row rows[] = {
        {"login=1", "* login=1"},
        {"description=,login=b h", "h description=; h login=b"},
        {"description= login=2 h", "h description=; h login=2"},
        {"description=1,login=2 h", "h description=1; h login=2"},
        {"description=1 ,login=2 h", "h description=1; h login=2"},
        {"description=1 , login=2 h", "h description=1; h login=2"},
        {"description=1,,login=2 h", "h description=1; h login=2"},
        {" ,description=1, h", "h description=1"},
        {"description=1,h", "h description=1"},
        {"description=1;b=2 h", "h description=1;b=2"},
        {"description='\", ' h", "h description=\", "},
        {"description=\"', \" h", "h description=', "},
        {"description=1\"2\"'3'4 h", "h description=1234"},
        {"description=\\\\ h", "h description=\\"},
        {"description='\\'' h", "h description='"},
        {"description=\"\\\"\" h", "h description=\""},
        {"description=\\,b h", "h description=,b"},
        {"description=b\\ c h", "h description=b c"},
        {"description='p q' r", "r description=p q"},
        {"description=x'y'z h", "h description=xyz"},
        {"description=gr\xc3\xbc\xc3\x9f h", "h description=gr\xc3\xbc\xc3\x9f"},
    };
    /* ';' separates wishes, so the row with one in the value is tested below */
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (strstr(rows[i].file, "1;b") == NULL) {
            check_rows(&rows[i], 1, CONF_HOMING);
            check_rows(&rows[i], 1, CONF_DDCLIENT);
        }
    struct conf *c = parse("description=1;b=2 h", CONF_HOMING);
    assert_string_equal(value(c, "h", "description"), "1;b=2");
    conf_unref(c);
}

/* Reference of the language, 1.3, as chapter 6 mends it (2 to 5). */
static void reads_passwords(void **state)
{
    static const struct row rows[] = {
        {"password=a#b h", "h password=a#b"},
        {"password='a b#c' h", "h password=a b#c"},
        {"password = s h", "h password=s"},
        {"password='it''s' h", "h password=it''s"},
        {"password=\\'x h", "h password=\\'x"},
        {"password='' h", "h password="},
        {"password=p1, h", "h password=p1"},
        {"password=a,b h", "h password=a,b"},
        {"password=abc\\\n h", "h password=abc"},
        {"password=\"a b\" h", "h password=a b"},
        {"password='abc',login='x' h", "h password=abc; h login=x"},
        {"password='abc' # c's h\nh", "h password=abc"},
        {"login=x,password=abc h", "h login=x; h password=abc"},
        {"login=x, password=abc h", "h password=abc"},
        {"password= h", "h password="},
        {"password=", "* password="},
        {"password=a, fw-password=b h", "h password=a; h fw-password=b"},
        {"password=a password=b h", "h password=b"},
        {"password=a#b fw-password=c#d h", "h password=a#b; h fw-password=c#d"},
        {"cmdv4='get --password=abc --x' h", "h cmdv4=get --password=abc --x"},
        {"webv4=https://x.y/?u=a&password=b h", "h webv4=https://x.y/?u=a&password=b"},
        {"apikey=a#b h", "h apikey=a#b"},
        {"password=secret, \\\n h", "h password=secret"},
        {"password=secret,\\\nh", "h password=secret"},
        {"password=a,\\b h", "h password=a,\\b"},
        {"password='a\\b' h", "h password=a\\b"},
        {"password=\"a\\\"b\" h", "h password=a\"b"},
        {"password=x'y\"z h", "h password=x'y\"z"},
        {"password=abc # note\nh", "h password=abc"},
    };
    check_rows(rows, sizeof rows / sizeof rows[0], CONF_HOMING);
    check_rows(rows, sizeof rows / sizeof rows[0], CONF_DDCLIENT);
}

/* Lines, comments, continuations (1.2; 6, 7, 20, 21, 27 mended). */
static void reads_lines(void **state)
{
    static const struct row rows[] = {
        {"# c\n\n  login=a # x\r\n\th\r\n", "h login=a"},
        {"login=a, \\\n  description=b \\\n h", "h login=a; h description=b"},
        {"log\\\nin=x h", "h login=x"},
        {"login=x, \\ # note\n h", "h login=x"},
        {"login=x, \\\n# comment \\\n  # another\n h", "h login=x"},
        {"login=x, \\\n\n h", "h login=x"},
        {"login=x \\\n", "* login=x"},
        {"login=x \\", "* login=x"},
        {"login=x \\   \n h", "h login=x"},
        {"login=x # a \\\n h", "h login=x"},
        {"description='a  b\t#c' h", "h description=a  b\t#c"},
        {"description=a\\#b h", "h description=a#b"},
        {"description=a#b\nh", "h description=a"},
        {"\xef\xbb\xbflogin=a\nh", "h login=a"},
        {"description='a\\\nb' h", "h description=ab"},
        {"description=a\\\\\nh", "h description=a\\"},
    };
    check_rows(rows, sizeof rows / sizeof rows[0], CONF_HOMING);
    check_rows(rows, sizeof rows / sizeof rows[0], CONF_DDCLIENT);
}

/* Reference of the language, 1.6. */
static void reads_words(void **state)
{
    static const struct row rows[] = {
        {"protocol=dyndns2 a.com , b.com L P",
         "a.com login=L; b.com password=P; a.com protocol=dyndns2"},
        {"login=a x.com, y.com ,z.com L P", "x.com login=L; y.com login=L; z.com password=P"},
        {"x.com, L P", "x.com login=P; L login=P"},
        {"login = joe a.com", "a.com login=joe; !login; !="},
        {"host=a.com", "a.com protocol=dyndns2"},
        {"host=b.com a.com", "a.com protocol=dyndns2; b.com protocol=dyndns2"},
        {"host='x,y' z", "z ssl=yes; x ssl=yes; y ssl=yes"},
        {",,a.com", "a.com ssl=yes"},
        {"a.com,,b.com,", "a.com ssl=yes; b.com ssl=yes; !"},
        {"A.Com", "a.com ssl=yes"},
    };
    check_rows(rows, sizeof rows / sizeof rows[0], CONF_HOMING);
}

/* Reference of the language, 1.5; files and credentials are homing's. */
static void reads_from_elsewhere(void **state)
{
    static const struct row rows[] = {
        {"login_env=LG, password_env=PW h", "h login=joe; h password=p w#,x"},
        {"login_env='LG' h", "h login=joe"},
        {"host_env=LG, description=x", "joe description=x"},
        {"host_env=NOPE, description=x\nh", "h description=x"},
        {"login_env=NOPE, description=x h", "h login=(unset); h description=x"},
        {"description_env=EMPTY h", "h description="},
        {"password_file=/run/secret h", "h password=from a file"},
        {"password_credential=token h", "h password=from systemd"},
        {"ssl_ca_file=/x h", "h ssl_ca_file=/x"},
        {"password_file=/nope h", "h password=(unset)"},
        {"password_credential=../x h", "h password=(unset)"},
    };
    check_rows(rows, sizeof rows / sizeof rows[0], CONF_HOMING);
    check_rows(rows, sizeof rows / sizeof rows[0], CONF_DDCLIENT);
}

/* Reference of the language, 1.7 and 2.1. */
static void merges(void **state)
{
    static const struct row both[] = {
        {"login=l, password=p\na.com,b.com", "a.com login=l; b.com password=p"},
        {"login=a\nlogin=b a.com\nlogin=c\nb.com", "a.com login=b; b.com login=c; * login=c"},
        {"a.com\nlogin=late", "a.com login=late"},
        {"description=d, a.com\ndescription=x a.com\nlogin=q\na.com\nb.com",
         "a.com description=d; a.com login=q; b.com login=q"},
        {"password=p1 a.com\npassword=p2 a.com", "a.com password=p1"},
        {"a.com\nprotocol=emailonly", "a.com protocol=emailonly"},
    };
    static const struct row homing[] = {
        {"description='\\d+' h", "h description=\\d+"},
        {"description=a A.COM\ndescription=b a.com", "a.com description=a"},
        {"description='default' h", "h description=default"},
        {"ssl=no, proxy=p:3128, timeout=5, redirect=3 h", "h ssl=no; h proxy=p:3128; h redirect=3"},
        /* 12: an explicit value beats a global one */
        {"description=g\na.com\ndescription=x a.com", "a.com description=x"},
        {"login=default a.com\nlogin=b", "a.com login=(unset)"},
        {"login=g\ninherit=no, description=x a.com\nb.com", "a.com login=(unset); b.com login=g"},
        {"login=g\nlogin=default\na.com", "a.com login=(unset)"},
        {"ifv4=eth0\nifv4=default a.com", "a.com ifv4=default"},
        {"define=account:cf, provider=cloudflare, login=me, password=pw\naccount=cf a.example.org",
         "a.example.org login=me; a.example.org password=pw"},
        {"login=g\ndefine=account:cf, login=me\naccount=cf a.org\naccount=cf, login=x b.org",
         "a.org login=me; b.org login=x"},
    };
    static const struct row ddclient[] = {
        {"mx=a.b mx=nodot h", "h mx=(unset)"},
        {"mx=a.b mx=nodot\nh", "h mx=(unset)"},
        {"description='\\d+' h", "h description=d+"},
        {"description=a A.COM\ndescription=b a.com", "A.COM description=a; a.com description=b"},
        {"protocol=noip a.com\nprotocol=ovh a.com", "a.com protocol=noip"},
        {"usev4=ipv4, ipv4=192.0.2.1\nipv4=192.0.2.2 h", "h ipv4=192.0.2.2"},
        {"description=g\na.com\ndescription=x a.com", "a.com description=g"},
        {"login=default a.com", "a.com login=default"},
        {"use=if, a.com\nuse=web a.com\nlogin=q\na.com\nb.com", "a.com use=if; a.com login=q"},
    };
    check_rows(both, sizeof both / sizeof both[0], CONF_HOMING);
    check_rows(both, sizeof both / sizeof both[0], CONF_DDCLIENT);
    check_rows(homing, sizeof homing / sizeof homing[0], CONF_HOMING);
    check_rows(ddclient, sizeof ddclient / sizeof ddclient[0], CONF_DDCLIENT);
}

/* The same hostname at several services is several entries. */
static void tells_entries_apart(void **state)
{
    struct conf *c = parse("provider=duckdns, password=t a.example.org\n"
                           "protocol=noip, login=joe, password=p a.example.org\n"
                           "provider=duckdns, description=d a.example.org\n"
                           "protocol=noip, login=ann, password=q a.example.org\n",
                           CONF_HOMING);
    const struct conf_entry *e;
    struct cause cause;

    assert_int_equal(conf_entry_count(c), 3);
    assert_int_equal(conf_entry_find(c, "a.example.org", &e, &cause), ERR_CONFLICT);
    assert_non_null(strstr(cause.text, "a.example.org@noip/ann"));
    assert_int_equal(conf_entry_find(c, "A.Example.ORG.@duckdns", &e, &cause), OK);
    struct view v = conf_entry_view(e);
    assert_string_equal(view_get(&v, "description"), "d");
    assert_int_equal(conf_entry_find(c, "a.example.org@noip", &e, &cause), ERR_CONFLICT);
    assert_int_equal(conf_entry_find(c, "a.example.org@noip/ann", &e, &cause), OK);
    assert_int_equal(conf_entry_line(e), 4);
    assert_string_equal(conf_entry_protocol(e), "noip");
    assert_null(conf_entry_provider(e));
    assert_int_equal(conf_entry_find(c, "b.example.org", &e, &cause), ERR_NOT_FOUND);
    conf_unref(c);

    /* The provider may come from an account, defined above or below. */
    static const struct {
        const char *text;
        size_t entries;
    } rows[] = {
        {"define=account:cf, provider=duckdns, password=x\naccount=cf h.org\n"
         "provider=hetzner, password=y h.org",
         2},
        {"account=cf h.org\nprovider=hetzner, password=y h.org\n"
         "define=account:cf, provider=duckdns, password=x",
         2},
        {"provider=hetzner, password=y h.org\ndefine=account:cf, provider=duckdns, password=x\n"
         "account=cf h.org",
         2},
        {"define=account:cf, provider=duckdns, password=x\naccount=cf h.org\n"
         "provider=duckdns, description=d h.org",
         1},
        {"define=account:cf, protocol=noip, login=joe, password=x\naccount=cf h.org\n"
         "protocol=noip, login=ann, password=y h.org",
         2},
        {"define=account:cf, provider=duckdns, password=x\naccount=cf h.org\n"
         "description=d h.org\naccount=cf, ttl=60 h.org",
         1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        c = parse(rows[i].text, CONF_HOMING);
        if (conf_entry_count(c) != rows[i].entries)
            fail_msg("row %zu: %zu entries", i, conf_entry_count(c));
        conf_unref(c);
    }

    c = parse("protocol=dyndns2, server=a.net h.org\nprotocol=dyndns2, server=b.net h.org",
              CONF_HOMING);
    assert_int_equal(conf_entry_count(c), 2);
    assert_string_not_equal(conf_entry_id(conf_entry_at(c, 0)), conf_entry_id(conf_entry_at(c, 1)));
    conf_unref(c);
    c = parse("protocol=dyndns2, server=a.net h.org\nprotocol=dyndns2, server=b.net h.org",
              CONF_DDCLIENT);
    assert_int_equal(conf_entry_count(c), 1);
    conf_unref(c);
}

/* Every identity leads to its own entry and to no other, whatever stands around an @. */
static void finds_identities(void **state)
{
    struct conf *c = parse("provider=noip, login=ann@b.org a.example.org\n"
                           "provider=noip, login=ann b.example.org\n"
                           "provider=noip, login=eve a.example.org\n"
                           "provider=duckdns a.example.org, c.example.org\n",
                           CONF_HOMING);

    (void)state;
    assert_int_equal(conf_entry_count(c), 5);
    for (size_t i = 0; i < conf_entry_count(c); i++) {
        const struct conf_entry *e = conf_entry_at(c, i);
        assert_int_equal(conf_entry_number(e), i);
        assert_ptr_equal(conf_entry_by_id(c, conf_entry_id(e)), e);
        assert_null(conf_entry_by_id(c, conf_entry_hostname(e)));
    }
    assert_null(conf_entry_by_id(c, ""));
    assert_null(conf_entry_by_id(c, "@"));
    assert_null(conf_entry_by_id(c, "a.example.org@noip/ann"));
    assert_null(conf_entry_by_id(c, "A.example.org@noip/eve"));
    conf_unref(c);
}

/* Neighbours that say the same are known as such; whoever differs in anything is not. */
static void sees_what_is_alike(void **state)
{
    static const struct {
        const char *text;
        bool alike, near;
    } rows[] = {
        {"provider=noip, login=a, password=p a.example.org\n"
         "provider=noip, login=a, password=p b.example.org\n",
         true, true},
        {"provider=noip, login=a, password=p a.example.org, b.example.org\n", true, true},
        {"provider=noip, login=a, password=p a.example.org\n"
         "provider=noip, login=a, password=q b.example.org\n",
         false, true},
        {"provider=noip, login=a, password=p a.example.org\n"
         "provider=noip, login=a, password=p, enabled=no b.example.org\n",
         false, false},
        {"provider=noip, login=a a.example.org\nttl=300\nprovider=noip, login=a b.example.org\n",
         false, false},
        {"provider=noip, login=a a.example.org\nprovider=noip, login=a b.example.org\n"
         "provider=noip, ttl=300 b.example.org\n",
         false, false},
        {"provider=duckdns, password=p a.example.org\nprovider=dynu, password=p b.example.org\n",
         false, false},
        {"provider=noip, login=a, server=s.org, zone=z.org, password=p a.example.org\n"
         "provider=noip, login=b, server=t.org, zone=y.org, password=q b.example.org\n",
         false, true},
        {"provider=noip, login=a, password=p a.example.org\n"
         "provider=noip, password=p, login=a b.example.org\n",
         false, false},
        {"provider=noip, login=a, password=p a.example.org\n"
         "provider=noip, login=a, password=default b.example.org\n",
         false, false},
        {"provider=noip, login=a, fw-password=p a.example.org\n"
         "provider=noip, login=a, fw-password=q b.example.org\n",
         false, false},
        {"provider=noip, login=a, ttl=300 a.example.org\n"
         "provider=noip, login=b, ttl=400 b.example.org\n",
         false, false},
        {"provider=noip, login=a, ttl=300 a.example.org\n"
         "provider=noip, login=b, ttl=x b.example.org\n",
         false, false},
        {"provider=noip, login=a a.example.org\nusev4=auto\nprovider=noip, login=b b.example.org\n",
         false, false},
        {"provider=noip, login=a a.example.org\nprovider=noip, login=b b_.example.org.b-.org\n",
         false, false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct conf *c = parse(rows[i].text, CONF_HOMING);
        assert_int_equal(conf_entry_count(c), 2);
        const struct conf_entry *a = conf_entry_at(c, 0), *b = conf_entry_at(c, 1);
        struct view one = conf_entry_view(a), other = conf_entry_view(b);
        assert_int_equal(conf_entry_alike(a, b), rows[i].alike);
        assert_int_equal(conf_entry_near(a, b), rows[i].near);
        for (const struct setting *s = setting_next(NULL); s != NULL; s = setting_next(s))
            if (rows[i].near && !setting_for_provider(s) && strcmp(s->name, "host") != 0)
                assert_true(text_equal(view_get(&one, s->name), view_get(&other, s->name)));
        conf_unref(c);
    }
}

static void names_accounts(void **state)
{
    struct conf *c = parse("protocol=noip, login=joe\npassword=one\na.org,b.org\n"
                           "password=two c.org\npassword=one d.org\n"
                           "define=account:mine, provider=duckdns, password=three\n"
                           "inherit=no, account=mine e.org\n"
                           "inherit=no, account=mine, password=four f.org\n",
                           CONF_HOMING);
    const char *account[6];
    for (size_t i = 0; i < 6; i++)
        account[i] = conf_entry_account(conf_entry_at(c, i));
    assert_string_equal(account[0], account[1]);
    assert_string_equal(account[0], account[3]);
    assert_string_not_equal(account[0], account[2]);
    assert_int_equal(strncmp(account[2], account[0], strlen(account[0])), 0);
    assert_string_equal(account[2] + strlen(account[0]), "#2");
    assert_string_equal(account[4], "mine");
    assert_string_not_equal(account[5], "mine");
    for (size_t i = 0; i < 6; i++) {
        assert_null(strstr(account[i], "two"));
        assert_null(strstr(account[i], "four"));
    }
    conf_unref(c);
}

static void knows_types(void **state)
{
    static const struct row rows[] = {
        {"min-interval=5m h", "h min-interval=300"},
        {"min-interval=1h30m h", "h min-interval=5400"},
        {"max-interval=Forever h", "h max-interval=inf"},
        {"min-interval=2w h", "h min-interval=1209600"},
        {"daemon=5", "* daemon=60"},
        {"daemon=0", "* daemon=0"},
        {"settle=50ms", "* settle=50ms"},
        {"wildcard=ON h", "h wildcard=yes"},
        {"wildcard=f h", "h wildcard=no"},
        {"protocol=DynDNS2 h", "h protocol=dyndns2"},
        {"server=HTTPS://Example.ORG:8443/Path h", "h server=https://example.org:8443/Path"},
        {"server=localhost:80 h", "h server=localhost:80"},
        {"server=[::1]:80 h", "h server=[::1]:80"},
        {"usev4=no h", "h usev4=disabled"},
        {"usev4=web h", "h usev4=webv4"},
        {"usev4=OLITEC-sx200 h", "h usev4=olitec-SX200"},
        {"usev6=if, if=eth0 h", "h usev6=ifv6; h ifv6=eth0"},
        {"usev6=if, if=eth0, ifv6=eth1 h", "h ifv6=eth1"},
        {"usev4=fwv4, fw=10.0.0.1 h", "h fwv4=10.0.0.1"},
        {"usev6=ifv6, if=eth0 h", "h ifv6=default"},
        {"ipv4=192.000.002.010 h", "h ipv4=192.0.2.10"},
        {"ipv6=2001:DB8:0::1 h", "h ipv6=2001:db8::1"},
        {"if=Gi0/1 h", "h if=Gi0/1"},
        {"usev4=ifv4 h", "h use=disabled"},
        {"ssl=1 h", "h ssl=yes; h use=ip; h timeout=120s"},
        {"timeout=5 h", "h timeout=5"},
        {"ttl=5m h", "h ttl=300"},
        {"on-loss=192.0.2.1 h", "h on-loss=192.0.2.1"},
        {"suffix=::0001 h", "h suffix=::1"},
    };
    check_rows(rows, sizeof rows / sizeof rows[0], CONF_HOMING);
    check_rows(rows, sizeof rows / sizeof rows[0], CONF_DDCLIENT);
}

/* ddclient drops what it can not use; homing parks the hostname. */
static void parks(void **state)
{
    static const char *const wrong[] = {"wildcard=maybe h.org",
                                        "min-interval=3months h.org",
                                        "login='oops h.org\nh.org",
                                        "a.org b c d",
                                        "h.org login=x",
                                        "login_env=NOPE h.org",
                                        "account=nope h.org",
                                        "usev4=wbe h.org"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct conf *c = parse(wrong[i], CONF_HOMING);
        assert_true(conf_has_errors(c));
        if (i != 2)
            assert_true(conf_entry_parked(conf_entry_at(c, 0)));
        conf_unref(c);
    }
    struct conf *c =
        parse("wildcard=maybe\nh.org\nwildcard=no i.org\nwildcard=yes\nj.org", CONF_HOMING);
    assert_true(conf_entry_parked(conf_entry_at(c, 0)));
    assert_false(conf_entry_parked(conf_entry_at(c, 1)));
    assert_false(conf_entry_parked(conf_entry_at(c, 2)));
    conf_unref(c);
    c = parse("wildcard=maybe, foo=1 h.org", CONF_DDCLIENT);
    assert_false(conf_has_errors(c));
    assert_false(conf_entry_parked(conf_entry_at(c, 0)));
    assert_int_equal(conf_problem_count(c), 2);
    conf_unref(c);
}

/* Reference of the language, 4.3. */
static void takes_the_command_line(void **state)
{
    static const char file[] = "usev4=ipv4, ipv4=192.0.2.1\nprotocol=emailonly\nh\n";
    static const char *const pairs[] = {"ipv4=192.0.2.99", "login=cli", NULL};
    struct conf_options o = {.dialect = CONF_DDCLIENT, .command_line = pairs};
    struct conf *c = conf_parse(file, sizeof file - 1, &o);
    assert_string_equal(value(c, "h", "ipv4"), "192.0.2.1");
    assert_string_equal(value(c, "h", "login"), "cli");
    conf_unref(c);
    o.dialect = CONF_HOMING; /* 18 mended */
    c = conf_parse(file, sizeof file - 1, &o);
    assert_string_equal(value(c, "h", "ipv4"), "192.0.2.99");
    conf_unref(c);

    struct conf_options p = {.dialect = CONF_DDCLIENT, .assignments = "host=h,ipv4=192.0.2.6"};
    c = conf_parse(file, sizeof file - 1, &p);
    assert_string_equal(value(c, "h", "ipv4"), "192.0.2.6");
    conf_unref(c);
    p = (struct conf_options){
        .dialect = CONF_DDCLIENT, .hosts = "new", .assignments = "ipv4=192.0.2.5, login='a b'"};
    c = conf_parse(file, sizeof file - 1, &p);
    assert_int_equal(conf_entry_count(c), 1);
    assert_string_equal(value(c, "new", "ipv4"), "192.0.2.5");
    assert_string_equal(value(c, "new", "login"), "a b");
    assert_string_equal(value(c, "new", "protocol"), "emailonly");
    conf_unref(c);
    p = (struct conf_options){.dialect = CONF_DDCLIENT, .assignments = "ipv4=192.0.2.5"};
    c = conf_parse(file, sizeof file - 1, &p);
    assert_string_equal(value(c, "h", "ipv4"), "192.0.2.1");
    conf_unref(c);
    p = (struct conf_options){.dialect = CONF_DDCLIENT, .assignments = "mx=mx.example.org"};
    c = conf_parse(file, sizeof file - 1, &p);
    assert_string_equal(value(c, "h", "mx"), "mx.example.org");
    conf_unref(c);
    p = (struct conf_options){.dialect = CONF_DDCLIENT, .assignments = "ipv4=192.0.2.5 foo"};
    c = conf_parse(file, sizeof file - 1, &p);
    assert_true(conf_has_errors(c));
    conf_unref(c);
    /* A host that only the command line has: its options come before the file's globals. */
    static const char globals[] = "login=file, ssl=no\nh\nssl=yes, timeout=200\n";
    static const char *const wanted[] = {"login=cli", "timeout=300", NULL};
    p = (struct conf_options){.dialect = CONF_DDCLIENT,
                              .command_line = wanted,
                              .hosts = "new",
                              .assignments = "wildcard=yes"};
    c = conf_parse(globals, sizeof globals - 1, &p);
    assert_string_equal(value(c, "new", "login"), "cli");
    assert_string_equal(value(c, "new", "wildcard"), "yes");
    conf_unref(c);
    /* What ddclient knows once: the command line, then a host's own line, then the last global. */
    p = (struct conf_options){.dialect = CONF_DDCLIENT, .command_line = wanted};
    c = conf_parse(globals, sizeof globals - 1, &p);
    assert_string_equal(value(c, "h", "login"), "file");
    assert_string_equal(value(c, "h", "ssl"), "yes");
    assert_string_equal(value(c, "h", "timeout"), "300");
    conf_unref(c);
    p.dialect = CONF_HOMING;
    c = conf_parse(globals, sizeof globals - 1, &p);
    assert_string_equal(value(c, "h", "ssl"), "no");
    conf_unref(c);
    p = (struct conf_options){.dialect = CONF_DDCLIENT, .hosts = "nope"};
    c = conf_parse(file, sizeof file - 1, &p);
    assert_int_equal(conf_entry_count(c), 0);
    conf_unref(c);
}

/* The worked file of the reference, 1.11. */
static void reads_the_worked_file(void **state)
{
    struct conf *c = parse("daemon=5m                      # every five minutes\n"
                           "ssl=yes, mail=root\n"
                           "usev4=webv4, webv4=ipify-ipv4\n"
                           "protocol=dyndns2\n"
                           "login=joe, password='s e#cret'\n"
                           "a.example.com,b.example.com\n"
                           "\n"
                           "protocol=cloudflare, zone=example.com, \\ # the zone\n"
                           "  ttl=300, password=tok \\\n"
                           "   c.example.com,d.example.com\n"
                           "usev6=ifv6, ifv6=eth0 c.example.com\n"
                           "\n"
                           "use=web, mx=bogus, nonsense=1 e.example.com jane pw\n",
                           CONF_DDCLIENT);
    assert_int_equal(conf_entry_count(c), 5);
    assert_string_equal(value(c, "a.example.com", "password"), "s e#cret");
    assert_string_equal(value(c, "c.example.com", "zone"), "example.com");
    assert_string_equal(value(c, "c.example.com", "login"), "joe");
    assert_string_equal(value(c, "c.example.com", "ifv6"), "eth0");
    assert_string_equal(value(c, "d.example.com", "usev6"), "disabled");
    assert_string_equal(value(c, "e.example.com", "login"), "jane");
    assert_string_equal(value(c, "e.example.com", "password"), "pw");
    assert_string_equal(value(c, "e.example.com", "use"), "web");
    assert_string_equal(value(c, "e.example.com", "usev4"), "webv4");
    conf_unref(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_assignments),     cmocka_unit_test(reads_passwords),
        cmocka_unit_test(reads_lines),           cmocka_unit_test(reads_words),
        cmocka_unit_test(reads_from_elsewhere),  cmocka_unit_test(merges),
        cmocka_unit_test(tells_entries_apart),   cmocka_unit_test(names_accounts),
        cmocka_unit_test(finds_identities),      cmocka_unit_test(sees_what_is_alike),
        cmocka_unit_test(knows_types),           cmocka_unit_test(parks),
        cmocka_unit_test(reads_key_files),       cmocka_unit_test(takes_the_command_line),
        cmocka_unit_test(reads_the_worked_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
