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
#include "conf/edit.h"

/* Rows leave out what is zero. */
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"

/* One row: a file, an edit, and the file it must become; or the error it must lead to. */
struct row {
    const char *before;
    enum edit_what what;
    const char *target;
    const char *settings; /* "name=value;name=value" */
    const char *after;    /* NULL: an error */
    enum edit_share share;
    enum err error;
    enum edit_of of;
    bool page;        /* not the owner */
    const char *says; /* the words of the error; NULL: any */
};

enum { SETTINGS_MAX = 8 };

static size_t cut(char *text, struct edit_setting *out)
{
    size_t n = 0;
    while (text != NULL && *text != '\0' && n < SETTINGS_MAX) {
        char *next = strchr(text, ';');
        if (next != NULL)
            *next++ = '\0';
        char *equals = strchr(text, '=');
        if (equals != NULL)
            *equals++ = '\0';
        out[n++] = (struct edit_setting){text, equals != NULL ? equals : ""};
        text = next;
    }
    return n;
}

static void run_row(const struct row *r)
{
    struct edit_setting settings[SETTINGS_MAX];
    char *text = mem_text(r->settings != NULL ? r->settings : "");
    struct conf_options o = {.name = "t.conf"};
    struct edit e = {.what = r->what,
                     .of = r->of,
                     .target = r->target,
                     .name = r->what == EDIT_RENAME ? r->settings : NULL,
                     .settings = settings,
                     .count = r->what == EDIT_RENAME ? 0 : cut(text, settings),
                     .share = r->share,
                     .owner = !r->page};
    struct edit_answer answer;
    struct cause cause = {""};
    struct buf out;

    buf_init(&out, 1 << 20);
    enum err got = edit_apply(r->before, strlen(r->before), &e, &o, &out, &answer, &cause);
    if (got != r->error || (r->after != NULL && strcmp(buf_str(&out), r->after) != 0)) {
        fprintf(stderr, "before:\n%s\nedit of %s: %s\nwanted (%s):\n%s\ngot (%s: %s):\n%s\n",
                r->before, r->target, r->settings, err_name(r->error), r->after, err_name(got),
                cause.text, buf_str(&out));
        fail();
    }
    if (r->says != NULL)
        assert_string_equal(cause.text, r->says);
    if (got == ERR_CONFLICT && r->share == EDIT_ASK && answer.shared == EDIT_NOT_SHARED &&
        r->of == EDIT_HOSTNAME)
        fail_msg("a question without an answer: %s", cause.text);
    buf_wipe(&out);
    mem_free(text);
}

static void run_rows(const struct row *rows, size_t n)
{
    for (size_t i = 0; i < n; i++)
        run_row(&rows[i]);
}
#define RUN(rows) run_rows(rows, sizeof(rows) / sizeof(rows)[0])

static void sets_values_in_place(void **state)
{
    static const struct row rows[] = {
        {"# c\nprotocol=noip, ttl=60 a.org # d\n", EDIT_SET, "a.org", "ttl=300",
         "# c\nprotocol=noip, ttl=300 a.org # d\n"},
        {"protocol=noip,ttl='60' a.org", EDIT_SET, "a.org", "ttl=5m",
         "protocol=noip,ttl='5m' a.org"},
        {"protocol=noip, password=p a.org\r\n", EDIT_SET, "a.org", "password=a b",
         "protocol=noip, password=\"a b\" a.org\r\n"},
        {"protocol=noip, password='p' a.org\n", EDIT_SET, "a.org", "password=it's",
         "protocol=noip, password='it's' a.org\n"},
        {"protocol=noip, password='p' a.org\n", EDIT_SET, "a.org", "password=it', s'",
         "protocol=noip, password=\"it', s'\" a.org\n"},
        {"protocol=noip, password='p' a.org\n", EDIT_SET, "a.org", "password=b\\c\"#,d",
         "protocol=noip, password='b\\c\"#,d' a.org\n"},
        {"protocol=noip, description='p' a.org\n", EDIT_SET, "a.org", "description=it's \\",
         "protocol=noip, description='it\\'s \\\\' a.org\n"},
        {"protocol=noip, \\\n  ttl=60, \\\n  a.org\n", EDIT_SET, "a.org", "ttl=61",
         "protocol=noip, \\\n  ttl=61, \\\n  a.org\n"},
        {"protocol=noip a.org joe pw\n", EDIT_SET, "a.org", "password=new",
         "protocol=noip a.org joe new\n"},
        {"protocol=noip a.org joe pw\n", EDIT_SET, "a.org", "password=n w",
         "protocol=noip, login=joe, password=\"n w\" a.org\n"},
        {"protocol=noip, password_env=PATH a.org\n", EDIT_SET, "a.org", "password=x",
         "protocol=noip, password=x a.org\n"},
        {"protocol=noip, wildcard=maybe a.org\n", EDIT_SET, "a.org", "wildcard=yes",
         "protocol=noip, wildcard=yes a.org\n"},
        {"\xef\xbb\xbfprotocol=noip, ttl=1 a.org", EDIT_SET, "a.org", "ttl=2",
         "\xef\xbb\xbfprotocol=noip, ttl=2 a.org"},
    };
    RUN(rows);
}

static void inserts_what_is_new(void **state)
{
    static const struct row rows[] = {
        {"protocol=noip a.org\n", EDIT_SET, "a.org", "ttl=300", "protocol=noip, ttl=300 a.org\n"},
        {"protocol=noip login=x a.org\n", EDIT_SET, "a.org", "ttl=300",
         "protocol=noip login=x ttl=300 a.org\n"},
        {"protocol=noip, password=x a.org\n", EDIT_SET, "a.org", "ttl=300",
         "protocol=noip, password=x ttl=300 a.org\n"},
        {"  a.org\n", EDIT_SET, "a.org", "ttl=300", "  ttl=300 a.org\n"},
        {"protocol=noip, \\\n a.org\n", EDIT_SET, "a.org", "ttl=300",
         "protocol=noip, ttl=300, \\\n a.org\n"},
        {"host=a.org\n", EDIT_SET, "a.org", "ttl=300", "host=a.org, ttl=300\n"},
        {"protocol=noip a.org\n", EDIT_SET, "a.org", "description=default",
         "protocol=noip, description=\"default\" a.org\n"},
    };
    RUN(rows);
}

static void asks_when_shared(void **state)
{
    static const char list[] = "protocol=noip, ttl=60 a.org, b.org,c.org u p # x\n";
    static const char global[] = "protocol=noip\nttl=60\na.org\nb.org\n";
    static const char account[] =
        "define=account:n, protocol=noip, ttl=60\naccount=n a.org\naccount=n b.org\n";
    static const struct row rows[] = {
        {list, EDIT_SET, "b.org", "ttl=300", NULL, EDIT_ASK, ERR_CONFLICT},
        {list, EDIT_SET, "b.org", "ttl=300", "protocol=noip, ttl=300 a.org, b.org,c.org u p # x\n",
         EDIT_ALL},
        {list, EDIT_SET, "b.org", "ttl=300",
         "protocol=noip, ttl=60 a.org, c.org u p # x\nprotocol=noip, ttl=300 b.org u p\n",
         EDIT_ONE},
        {list, EDIT_SET, "c.org", "description=x",
         "protocol=noip, ttl=60 a.org, b.org u p # x\n"
         "protocol=noip, ttl=60, description=x c.org u p\n",
         EDIT_ONE},
        {list, EDIT_SET, "c.org", "description=x", NULL, EDIT_ASK, ERR_CONFLICT,
         .says = "line 1 is shared by 3 hostnames: change description for all of them, or for this "
                 "one"},
        {global, EDIT_SET, "b.org", "ttl=300", NULL, EDIT_ASK, ERR_CONFLICT,
         .says =
             "ttl stands on line 2 for 2 hostnames: change it for all of them, or for this one"},
        {global, EDIT_SET, "b.org", "ttl=300", "protocol=noip\nttl=300\na.org\nb.org\n", EDIT_ALL},
        {global, EDIT_SET, "b.org", "ttl=300", "protocol=noip\nttl=60\na.org\nttl=300 b.org\n",
         EDIT_ONE},
        {account, EDIT_SET, "b.org", "ttl=300", NULL, EDIT_ASK, ERR_CONFLICT},
        {account, EDIT_SET, "b.org", "ttl=300",
         "define=account:n, protocol=noip, ttl=300\naccount=n a.org\naccount=n b.org\n", EDIT_ALL},
        {account, EDIT_SET, "b.org", "ttl=300",
         "define=account:n, protocol=noip, ttl=60\naccount=n a.org\naccount=n, ttl=300 b.org\n",
         EDIT_ONE},
        {"protocol=noip, ttl=60 a.org,b.org", EDIT_SET, "b.org", "ttl=300",
         "protocol=noip, ttl=60 a.org\nprotocol=noip, ttl=300 b.org", EDIT_ONE},
        {"ttl=1, host='a.org,b.org'\n", EDIT_SET, "a.org", "ttl=2",
         "ttl=1, host='b.org'\nttl=2 a.org\n", EDIT_ONE},
        {"define=account:n, protocol=noip, login=x\nttl=1 a.org\n", EDIT_SET, "a.org", "account=n",
         "define=account:n, protocol=noip, login=x\nttl=1, account=n a.org\n"},
    };
    RUN(rows);
}

static void unsets_and_removes(void **state)
{
    static const struct row rows[] = {
        {"protocol=noip, ttl=60 a.org\n", EDIT_UNSET, "a.org", "ttl", "protocol=noip a.org\n"},
        {"ttl=60, protocol=noip a.org\n", EDIT_UNSET, "a.org", "ttl", "protocol=noip a.org\n"},
        {"ttl=60 a.org\n", EDIT_UNSET, "a.org", "ttl", "a.org\n"},
        {"a.org joe pw\n", EDIT_UNSET, "a.org", "login", "password=pw a.org\n"},
        {"ttl=60\na.org\n", EDIT_UNSET, "a.org", "ttl", "ttl=60\nttl=default a.org\n", EDIT_ONE},
        {"ttl=60\na.org\n", EDIT_UNSET, "a.org", "ttl", NULL, EDIT_ASK, ERR_CONFLICT},
        {"# 1\na.org # 2\n# 3\n", EDIT_REMOVE, "a.org", NULL, "# 1\n# 3\n"},
        {"a.org, b.org\n", EDIT_REMOVE, "a.org", NULL, "b.org\n"},
        {"a.org, b.org\n", EDIT_REMOVE, "b.org", NULL, "a.org\n"},
        {"a.org,b.org,c.org x y\n", EDIT_REMOVE, "b.org", NULL, "a.org,c.org x y\n"},
        {"host=b.org a.org joe pw\n", EDIT_REMOVE, "a.org", NULL,
         "host=b.org, login=joe, password=pw \n"},
        {"protocol=noip, \\\n a.org \\\n joe\nb.org", EDIT_REMOVE, "a.org", NULL, "b.org"},
        {"b.org\nttl=1 a.org", EDIT_REMOVE, "a.org", NULL, "b.org"},
        {"ttl=1 a.org\nb.org\ndescription=x a.org\n", EDIT_REMOVE, "a.org", NULL, "b.org\n"},
        {"a.org\n", EDIT_REMOVE, "x.org", NULL, NULL, EDIT_ASK, ERR_NOT_FOUND},
        {"protocol=noip a.org\nprotocol=ovh a.org\n", EDIT_REMOVE, "a.org@noip", NULL,
         "protocol=ovh a.org\n"},
    };
    RUN(rows);
}

static void adds(void **state)
{
    static const struct row rows[] = {
        {"", EDIT_ADD, "a.org", "provider=duckdns;usev4=auto;password=t",
         "provider=duckdns, usev4=auto, password=t inherit=no a.org\n"},
        {"# x", EDIT_ADD, "a.org", "provider=duckdns;password=a b",
         "# x\nprovider=duckdns, password=\"a b\", inherit=no a.org"},
        {"login=g\r\n", EDIT_ADD, "a.org", "provider=duckdns",
         "login=g\r\nprovider=duckdns, inherit=no a.org\r\n"},
        {"b.org \\\n", EDIT_ADD, "a.org", "provider=duckdns",
         "b.org \\\n\nprovider=duckdns, inherit=no a.org\n"},
        {"provider=duckdns a.org\n", EDIT_ADD, "a.org", "provider=duckdns", NULL, EDIT_ASK,
         ERR_EXISTS},
        {"", EDIT_ADD, "a", "provider=duckdns", NULL, EDIT_ASK, ERR_RANGE},
        {"", EDIT_ADD, "a.org b", "provider=duckdns", NULL, EDIT_ASK, ERR_SYNTAX},
        {"", EDIT_ADD, "a.org", "provider=duckdns;ttl=x", NULL, EDIT_ASK, ERR_RANGE},
        {"", EDIT_ADD, "a.org", "provider=duckdns;description=a\nb", NULL, EDIT_ASK, ERR_SYNTAX},
        {"", EDIT_ADD, "a.org", "provider=duckdns;a b=c", NULL, EDIT_ASK, ERR_SYNTAX},
        {"", EDIT_ADD, "a.org", "protocol=noip;sinless=1", NULL, EDIT_ASK, ERR_SYNTAX},
    };
    RUN(rows);
}

static void switches_on_and_off(void **state)
{
    static const struct row rows[] = {
        {"protocol=noip a.org\n", EDIT_DISABLE, "a.org", NULL, "protocol=noip, enabled=no a.org\n"},
        {"protocol=noip, enabled=no a.org\n", EDIT_ENABLE, "a.org", NULL, "protocol=noip a.org\n"},
        {"enabled=no\na.org\n", EDIT_ENABLE, "a.org", NULL, "enabled=no\nenabled=yes a.org\n"},
        {"protocol=noip a.org,b.org\n", EDIT_DISABLE, "a.org", NULL,
         "protocol=noip b.org\nprotocol=noip, enabled=no a.org\n"},
    };
    RUN(rows);
}

/* The name changes where it stands; the settings, the comments and all other names stay. */
static void renames(void **state)
{
    static const struct row rows[] = {
        {"protocol=noip, login=u, password=p a.org # mine\n", EDIT_RENAME, "a.org", "b.org",
         "protocol=noip, login=u, password=p b.org # mine\n"},
        {"login=u\nprotocol=noip c.org,A.org, \\\n  d.org\n", EDIT_RENAME, "a.org", "b.org",
         "login=u\nprotocol=noip c.org,b.org, \\\n  d.org\n"},
        {"host=c.org,a.org, login=u\n", EDIT_RENAME, "a.org", "b.org",
         "host=c.org,b.org, login=u\n"},
        {"protocol=noip a.org joe secret\n", EDIT_RENAME, "a.org", "*.b.org",
         "protocol=noip *.b.org joe secret\n"},
        {"protocol=noip a.org\nttl=60 a.org,c.org\n", EDIT_RENAME, "a.org", "b.org",
         "protocol=noip b.org\nttl=60 b.org,c.org\n"},
        /* Only at the one provider. */
        {"provider=duckdns, password=x a.org\nprovider=cloudflare, password=y a.org\n", EDIT_RENAME,
         "a.org@cloudflare", "b.org",
         "provider=duckdns, password=x a.org\nprovider=cloudflare, password=y b.org\n"},
        /* A command of the owner's goes on serving the entry that it served. */
        {"usev4=cmdv4, cmdv4=/bin/x, protocol=noip a.org\n", EDIT_RENAME, "a.org", "b.org",
         "usev4=cmdv4, cmdv4=/bin/x, protocol=noip b.org\n", .page = true},
        {"protocol=noip a.org\n", EDIT_RENAME, "a.org", "A.org.", NULL, EDIT_ASK, ERR_EXISTS},
        {"protocol=noip a.org,b.org\n", EDIT_RENAME, "a.org", "b.org", NULL, EDIT_ASK, ERR_EXISTS},
        {"protocol=noip a.org\nttl=60, protocol=noip b.org\n", EDIT_RENAME, "a.org", "b.org", NULL,
         EDIT_ASK, ERR_EXISTS},
        {"a.org\n", EDIT_RENAME, "c.org", "b.org", NULL, EDIT_ASK, ERR_NOT_FOUND},
        {"a.org\n", EDIT_RENAME, "a.org", NULL, NULL, EDIT_ASK, ERR_SYNTAX},
        {"a.org\n", EDIT_RENAME, "a.org", "b.org c.org", NULL, EDIT_ASK, ERR_SYNTAX},
        {"a.org\n", EDIT_RENAME, "a.org", "ttl=5", NULL, EDIT_ASK, ERR_SYNTAX},
        {"a.org\n", EDIT_RENAME, "a.org", "b@c", NULL, EDIT_ASK, ERR_SYNTAX},
        {"a.org\n", EDIT_RENAME, NULL, "b.org", NULL, EDIT_ASK, ERR_UNSUPPORTED, EDIT_GLOBALS},
    };
    RUN(rows);
}

static void edits_globals_and_objects(void **state)
{
    static const struct row rows[] = {
        {"a.org\n", EDIT_ENABLE, NULL, NULL, NULL, EDIT_ASK, ERR_UNSUPPORTED, EDIT_GLOBALS},
        {"a.org\n", EDIT_SET, "account:x", "ttl=1", NULL, EDIT_ASK, ERR_NOT_FOUND, EDIT_OBJECT},
        {"a.org\n", EDIT_REMOVE, "account:x", NULL, NULL, EDIT_ASK, ERR_NOT_FOUND, EDIT_OBJECT},
        {"define=account:x, login=a\n", EDIT_ADD, "account:x", "login=b", NULL, EDIT_ASK,
         ERR_EXISTS, EDIT_OBJECT},
        {"", EDIT_ADD, "account", "login=b", NULL, EDIT_ASK, ERR_RANGE, EDIT_OBJECT},
        {"define=account:x\n", EDIT_UNSET, "account:x", "login", "define=account:x\n", EDIT_ASK, OK,
         EDIT_OBJECT},
        {"description=g\ndescription=d a.org\n", EDIT_UNSET, "a.org", "description",
         "description=g\na.org\n"},
        {"a.org\n", EDIT_UNSET, "a.org", "ttl", "a.org\n"},
        {"a.org\n", EDIT_SET, "a.org", "password_env=HOME", "password_env=HOME a.org\n"},
        {"daemon=5m # x\na.org\n", EDIT_SET, NULL, "daemon=60", "daemon=60 # x\na.org\n", EDIT_ASK,
         OK, EDIT_GLOBALS},
        {"a.org\n", EDIT_SET, NULL, "listen=no", "a.org\nlisten=no\n", EDIT_ASK, OK, EDIT_GLOBALS},
        {"a.org\nlisten=no\n", EDIT_UNSET, NULL, "listen", "a.org\n", EDIT_ASK, OK, EDIT_GLOBALS},
        {"daemon=60, daemon=70\na.org\ndaemon=80", EDIT_UNSET, NULL, "daemon", "a.org", EDIT_ASK,
         OK, EDIT_GLOBALS},
        {"ttl=1\na.org\nttl=2\nb.org", EDIT_SET, NULL, "ttl=3", NULL, EDIT_ASK, ERR_UNSUPPORTED,
         EDIT_GLOBALS},
        {"define=account:cf, login=a\n", EDIT_SET, "account:cf", "login=b",
         "define=account:cf, login=b\n", EDIT_ASK, OK, EDIT_OBJECT},
        {"define=account:cf, login=a\n", EDIT_UNSET, "account:cf", "login", "define=account:cf\n",
         EDIT_ASK, OK, EDIT_OBJECT},
        {"", EDIT_ADD, "account:cf", "provider=duckdns;password=p",
         "define=account:cf, provider=duckdns, password=p\n", EDIT_ASK, OK, EDIT_OBJECT},
        {"define=account:cf, login=a\n", EDIT_REMOVE, "account:cf", NULL, "", EDIT_ASK, OK,
         EDIT_OBJECT},
        {"define=account:cf, login=a\naccount=cf a.org\n", EDIT_REMOVE, "account:cf", NULL, NULL,
         EDIT_ASK, ERR_SYNTAX, EDIT_OBJECT},
    };
    RUN(rows);
}

/* What the page can never do, and where secrets must not follow. */
static void keeps_the_page_out(void **state)
{
    static const struct row rows[] = {
        {"a.org\n", EDIT_SET, "a.org", "cmdv4=id", NULL, EDIT_ASK, ERR_DENIED, EDIT_HOSTNAME, true},
        {"a.org\n", EDIT_SET, "a.org", "cmdv4_env=X", NULL, EDIT_ASK, ERR_DENIED, EDIT_HOSTNAME,
         true},
        {"a.org\n", EDIT_SET, "a.org", "password_file=/etc/shadow", NULL, EDIT_ASK, ERR_DENIED,
         EDIT_HOSTNAME, true},
        {"a.org\n", EDIT_SET, "a.org", "key-file=/etc/shadow", NULL, EDIT_ASK, ERR_DENIED,
         EDIT_HOSTNAME, true},
        {"a.org\n", EDIT_SET, NULL, "postscript=id", NULL, EDIT_ASK, ERR_DENIED, EDIT_GLOBALS,
         true},
        {"cmdv4=x a.org\n", EDIT_UNSET, "a.org", "cmdv4", NULL, EDIT_ASK, ERR_DENIED, EDIT_HOSTNAME,
         true},
        {"a.org\n", EDIT_SET, "a.org", "define=account:x", NULL, EDIT_ASK, ERR_DENIED},
        {"", EDIT_ADD, "a.org", "protocol=nsupdate;password=/etc/shadow", NULL, EDIT_ASK,
         ERR_DENIED, EDIT_HOSTNAME, true},
        {"protocol=noip, password=x a.org\n", EDIT_SET, "a.org",
         "protocol=nsupdate;password=/etc/shadow", NULL, EDIT_ASK, ERR_DENIED, EDIT_HOSTNAME, true},
        {"define=account:n, login=x\naccount=n, protocol=nsupdate a.org\n", EDIT_SET, "account:n",
         "password=/etc/shadow", NULL, EDIT_ASK, ERR_DENIED, EDIT_OBJECT, true},
        {"protocol=nsupdate a.org\n", EDIT_SET, NULL, "password=/etc/shadow", NULL, EDIT_ASK,
         ERR_DENIED, EDIT_GLOBALS, true},
        {"protocol=nsupdate, password=/k a.org\n", EDIT_SET, "a.org", "ttl=60",
         "protocol=nsupdate, password=/k ttl=60 a.org\n", EDIT_ASK, OK, EDIT_HOSTNAME, true},
        {"a.org\n", EDIT_SET, NULL, "server=evil.org", NULL, EDIT_ASK, ERR_DENIED, EDIT_GLOBALS,
         true},
        /* the owner may */
        {"a.org\n", EDIT_SET, "a.org", "cmdv4=echo 'x'", "cmdv4=\"echo 'x'\" a.org\n", EDIT_ASK},
        {"protocol=noip, server=a.net, password=p a.org\n", EDIT_SET, "a.org", "server=b.net",
         "protocol=noip, server=b.net, password=p a.org\n"},
        /* another server: the secret goes */
        {"protocol=noip, server=a.net, password=p a.org\n", EDIT_SET, "a.org", "server=b.net",
         "protocol=noip, server=b.net a.org\n", EDIT_ASK, OK, EDIT_HOSTNAME, true},
        {"protocol=noip, server=a.net, password=p a.org\n", EDIT_SET, "a.org",
         "server=b.net;password=q", "protocol=noip, server=b.net, password=q a.org\n", EDIT_ASK, OK,
         EDIT_HOSTNAME, true},
        {"password=p\nprotocol=noip, server=a.net a.org\n", EDIT_SET, "a.org", "server=b.net",
         "password=p\nprotocol=noip, server=b.net, password=default a.org\n", EDIT_ONE, OK,
         EDIT_HOSTNAME, true},
        {"password=p\nprotocol=noip, server=b.net, password=default a.org\n", EDIT_UNSET, "a.org",
         "password", NULL, EDIT_ONE, ERR_DENIED, EDIT_HOSTNAME, true},
        {"define=account:n, protocol=noip, password=p\n", EDIT_ADD, "a.org",
         "account=n;server=evil.org", NULL, EDIT_ASK, ERR_DENIED, EDIT_HOSTNAME, true},
        {"define=account:n, protocol=noip, password=p\nserver=evil.org, password=x a.org\n",
         EDIT_SET, "a.org", "account=n", NULL, EDIT_ASK, ERR_DENIED, EDIT_HOSTNAME, true},
        {"define=account:n, protocol=noip, server=a.net, password=p\naccount=n a.org,b.org\n",
         EDIT_SET, "account:n", "server=b.net",
         "define=account:n, protocol=noip, server=b.net\naccount=n a.org,b.org\n", EDIT_ASK, OK,
         EDIT_OBJECT, true},
        {"define=account:n, protocol=noip, server=a.net, password=p\naccount=n a.org,b.org\n",
         EDIT_SET, "a.org", "server=b.net", NULL, EDIT_ALL, ERR_DENIED, EDIT_HOSTNAME, true},
        {"protocol=noip, server=a.net a.org,b.org\npassword=x b.org\n", EDIT_SET, "a.org",
         "server=c.net", NULL, EDIT_ALL, ERR_DENIED, EDIT_HOSTNAME, true},
        /* several secrets, some of no row of the table */
        {"protocol=noip, server=a.net, token=t, password=p salt-token=s apikey=k a.org\n", EDIT_SET,
         "a.org", "server=b.net", "protocol=noip, server=b.net a.org\n", EDIT_ASK, OK,
         EDIT_HOSTNAME, true},
        /* the router's password stays with the router */
        {"protocol=noip, fwv4=10.0.0.1, fw-password=r, password=p a.org\n", EDIT_SET, "a.org",
         "fwv4=evil.org", "protocol=noip, fwv4=evil.org, password=p a.org\n", EDIT_ASK, OK,
         EDIT_HOSTNAME, true},
        {"protocol=noip, fwv4=10.0.0.1, fw-password=r, password=p a.org\n", EDIT_SET, "a.org",
         "server=b.net", "protocol=noip, fwv4=10.0.0.1, fw-password=r server=b.net a.org\n",
         EDIT_ASK, OK, EDIT_HOSTNAME, true},
        {"fw-password=r\na.org\n", EDIT_SET, NULL, "fw=evil.org", NULL, EDIT_ASK, ERR_DENIED,
         EDIT_GLOBALS, true},
        {"fw-password=r\nprotocol=noip a.org\n", EDIT_SET, "a.org", "fw=evil.org",
         "fw-password=r\nprotocol=noip, fw-password=default fw=evil.org a.org\n", EDIT_ONE, OK,
         EDIT_HOSTNAME, true},
        {"define=notify:n, kind=ntfy, url=https://a.net/, token=t\n", EDIT_SET, "notify:n",
         "url=https://evil.org/", "define=notify:n, kind=ntfy, url=https://evil.org/\n", EDIT_ASK,
         OK, EDIT_OBJECT, true},
        {"protocol=noip, server=a.net, password=p a.org\n", EDIT_UNSET, "a.org", "server",
         "protocol=noip a.org\n", EDIT_ASK, OK, EDIT_HOSTNAME, true},
        /* no value becomes structure */
        {"protocol=noip, ttl=1 a.org\n", EDIT_SET, "a.org", "description=x cmdv4=id evil.org #",
         "protocol=noip, ttl=1, description=\"x cmdv4=id evil.org #\" a.org\n", EDIT_ASK, OK,
         EDIT_HOSTNAME, true},
    };
    RUN(rows);
}

/* One edit of several hostnames: those on lines of their own together, the others one by one. */
static void many_hostnames_in_one_edit(void **state)
{
    static const struct {
        const char *before;
        enum edit_what what;
        const char *targets[6], *settings, *after; /* NULL: an error */
        enum err error;
        const char *about;
    } rows[] = {
        {"# k\nprotocol=noip, login=a a.org\n# b\nprotocol=noip b.org # x\nprotocol=noip c.org\n",
         EDIT_REMOVE,
         {"a.org", "c.org"},
         "",
         "# k\n# b\nprotocol=noip b.org # x\n"},
        /* Lists go as a whole, or lose one after the other. */
        {"protocol=noip a.org,b.org\nprotocol=noip c.org\n",
         EDIT_REMOVE,
         {"a.org", "b.org"},
         "",
         "protocol=noip c.org\n"},
        {"protocol=noip a.org,b.org,c.org,d.org\nprotocol=noip e.org\n",
         EDIT_REMOVE,
         {"b.org", "c.org", "e.org"},
         "",
         "protocol=noip a.org,d.org\n"},
        {"protocol=noip, login=x a.org\nprotocol=dyndns2, login=y a.org\nprotocol=noip b.org\n",
         EDIT_REMOVE,
         {"a.org@noip/x", "b.org"},
         "",
         "protocol=dyndns2, login=y a.org\n"},
        {"protocol=noip a.org\nprotocol=noip b.org\n",
         EDIT_REMOVE,
         {"b.org", "z.org"},
         "",
         NULL,
         ERR_NOT_FOUND,
         "z.org"},
        {"protocol=noip a.org\nprotocol=noip, ttl=5 b.org,c.org\nprotocol=noip d.org,e.org\n",
         EDIT_DISABLE,
         {"a.org", "b.org", "c.org", "e.org"},
         "",
         "protocol=noip, enabled=no a.org\nprotocol=noip, ttl=5, enabled=no b.org,c.org\n"
         "protocol=noip d.org\nprotocol=noip, enabled=no e.org\n"},
        {"enabled=no\nprotocol=noip, enabled=no a.org\nprotocol=noip b.org\nprotocol=noip c.org\n",
         EDIT_ENABLE,
         {"a.org", "b.org"},
         "",
         "enabled=no\nprotocol=noip, enabled=yes a.org\nprotocol=noip, enabled=yes b.org\n"
         "protocol=noip c.org\n"},
        {"protocol=noip, enabled=no, ttl=5 a.org\nprotocol=noip, enabled=no b.org\n",
         EDIT_ENABLE,
         {"a.org", "b.org"},
         "",
         "protocol=noip, ttl=5 a.org\nprotocol=noip b.org\n"},
        {"protocol=noip, password=p a.org\nprotocol=noip b.org joe pw\nprotocol=noip c.org\n",
         EDIT_SET,
         {"a.org", "b.org"},
         "password=new",
         "protocol=noip, password=new a.org\nprotocol=noip b.org joe new\nprotocol=noip c.org\n"},
        {"protocol=noip, password=p a.org\nprotocol=noip, password='p' b.org\n",
         EDIT_SET,
         {"a.org", "b.org"},
         "password=n w;ttl=60",
         "protocol=noip, password=\"n w\", ttl=60 a.org\n"
         "protocol=noip, password='n w', ttl=60 b.org\n"},
        /* Another server: no secret goes there. */
        {"protocol=dyndns2, server=s, password=p a.org\nprotocol=dyndns2, server=s, password=p "
         "b.org\n",
         EDIT_SET,
         {"a.org", "b.org"},
         "server=t",
         "protocol=dyndns2, server=t a.org\nprotocol=dyndns2, server=t b.org\n"},
        {"password=all, server=s, protocol=dyndns2\na.org\n",
         EDIT_SET,
         {"a.org"},
         "server=t",
         "password=all, server=s, protocol=dyndns2\npassword=default server=t a.org\n"},
        {"protocol=noip a.org\n", EDIT_SET, {"a.org"}, "postscript=id", NULL, ERR_DENIED, ""},
        {"protocol=noip a.org\n", EDIT_UNSET, {"a.org"}, "ttl=", NULL, ERR_UNSUPPORTED, ""},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct edit_setting settings[SETTINGS_MAX];
        char *text = mem_text(rows[i].settings);
        struct conf_options o = {.name = "t.conf"};
        struct edit e = {.what = rows[i].what,
                         .of = EDIT_HOSTNAME,
                         .settings = settings,
                         .count = cut(text, settings),
                         .share = EDIT_ONE};
        struct edit_answer answer;
        struct cause cause = {""};
        struct buf out;
        size_t count = 0;

        while (rows[i].targets[count] != NULL)
            count++;
        buf_init(&out, 1 << 20);
        enum err got = edit_apply_each(rows[i].before, strlen(rows[i].before), &e, rows[i].targets,
                                       count, &o, &out, &answer, &cause);
        if (got != rows[i].error || strcmp(buf_str(&out), rows[i].after ? rows[i].after : "") != 0)
            fail_msg("row %zu: %s: %s, now:\n%s", i, err_name(got), cause.text, buf_str(&out));
        if (rows[i].about != NULL)
            assert_string_equal(answer.entry, rows[i].about);
        buf_wipe(&out);
        mem_free(text);
    }
}

/* Thousands cost a few proofs, not one each. */
static void thousands_together(void **state)
{
    enum { MANY = 5000 };
    struct conf_options o = {.name = "t.conf"};
    struct edit e = {.what = EDIT_REMOVE, .of = EDIT_HOSTNAME, .share = EDIT_ONE};
    const char **targets = mem_array(MANY, sizeof targets[0]);
    struct edit_answer answer;
    struct cause cause;
    struct buf text, out;

    buf_init(&text, 4 << 20);
    buf_init(&out, 4 << 20);
    for (int i = 0; i < MANY; i++)
        buf_format(&text, "protocol=noip, login=a h%d.example.org\n", i);
    buf_text(&text, "protocol=noip left.example.org\n");
    for (int i = 0; i < MANY; i++)
        targets[i] = mem_format("h%d.example.org", i);
    assert_int_equal(
        edit_apply_each(buf_str(&text), text.len, &e, targets, MANY, &o, &out, &answer, &cause),
        OK);
    assert_string_equal(buf_str(&out), "protocol=noip left.example.org\n");
    for (int i = 0; i < MANY; i++)
        mem_free((char *)(uintptr_t)targets[i]);
    mem_free(targets);
    buf_free(&text);
    buf_free(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(many_hostnames_in_one_edit),
        cmocka_unit_test(thousands_together),
        cmocka_unit_test(sets_values_in_place),
        cmocka_unit_test(inserts_what_is_new),
        cmocka_unit_test(asks_when_shared),
        cmocka_unit_test(unsets_and_removes),
        cmocka_unit_test(adds),
        cmocka_unit_test(switches_on_and_off),
        cmocka_unit_test(renames),
        cmocka_unit_test(edits_globals_and_objects),
        cmocka_unit_test(keeps_the_page_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
