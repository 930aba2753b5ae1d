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

#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/text.h"
#include "conf/conf.h"
#include "conf/settings.h"

/* What a configuration tells: by views, typed, with providers, with its origins. */

static bool provider_known(const void *self, const char *id)
{
    return strcmp(id, "acme") == 0;
}

static unsigned walks; /* through the providers */

static const char *provider_next(const void *self, const char *after)
{
    walks += after == NULL;
    return after == NULL ? "acme" : NULL;
}

static const char *field(const void *self, const char *provider, const char *protocol, size_t n,
                         bool *secret)
{
    static const char *const names[] = {"region", "salt", "token"};
    if (provider == NULL || strcmp(provider, "acme") != 0 || n > 2)
        return NULL;
    *secret = n > 0;
    return names[n];
}

static const char *default_of(const void *self, const char *provider, const char *protocol,
                              const char *setting)
{
    if (provider != NULL && strcmp(setting, "server") == 0)
        return "api.acme.example";
    if (provider != NULL && strcmp(setting, "region") == 0)
        return "north";
    return NULL;
}

/* One service that tells people: "bell" wants ring, and may have a secret clapper. */
static bool notify_known(const void *self, const char *kind)
{
    return strcmp(kind, "bell") == 0;
}

static const char *notify_next(const void *self, const char *after)
{
    return after == NULL ? "bell" : NULL;
}

static const char *notify_field(const void *self, const char *kind, size_t n, bool *secret,
                                bool *required)
{
    static const char *const names[] = {"ring", "clapper", NULL};
    *required = n == 0;
    *secret = n == 1;
    return n < 2 ? names[n] : NULL;
}

static const struct conf_providers providers = {.provider_known = provider_known,
                                                .provider_next = provider_next,
                                                .field = field,
                                                .default_of = default_of,
                                                .notify_known = notify_known,
                                                .notify_next = notify_next,
                                                .notify_field = notify_field};

static struct conf *parse(const char *text)
{
    struct conf_options o = {.name = "v.conf", .providers = &providers};
    return conf_parse(text, strlen(text), &o);
}

static const struct conf_entry *entry(const struct conf *c, const char *name)
{
    const struct conf_entry *e = NULL;
    struct cause cause;
    assert_int_equal(conf_entry_find(c, name, &e, &cause), OK);
    return e;
}

static void notify_objects(void **state)
{
    static const struct {
        const char *line, *code; /* code NULL: fine */
    } rows[] = {
        {"define=notify:x, kind=bell, ring=loud, clapper=s3cret, on=\"changed failing\", after=5m",
         NULL},
        {"define=notify:x, kind=bell, ring=loud, on=\"blocked, lost\"", NULL},
        {"define=notify:x, kind=bel, ring=loud", "unknown-kind"},
        {"define=notify:x, ring=loud", "no-kind"},
        {"define=notify:x, kind=bell", "needs-field"},
        {"define=notify:x, kind=bell, ring=loud, on=chnged", "bad-choice"},
        {"define=notify:x, kind=bell, ring=loud, rong=1", "unknown-setting"},
        {"define=notify:x, kind=bell, ring=loud\nnotify=x\nprovider=acme, notify=no a.example.org",
         NULL},
        {"define=notify:x, kind=bell, ring=loud\nnotify=y", "unknown-object"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct conf *c = parse(rows[i].line);
        bool found = rows[i].code == NULL;
        for (size_t k = 0; k < conf_problem_count(c); k++) {
            const struct conf_problem *p = conf_problem_at(c, k);
            found = found || strcmp(p->code, rows[i].code) == 0;
            if (rows[i].code == NULL && p->severity == CONF_ERROR)
                fail_msg("%s: %s", rows[i].line, p->text);
            assert_null(strstr(p->text, "s3cret"));
        }
        if (!found)
            fail_msg("%s: not seen", rows[i].line);
        conf_unref(c);
    }
    struct conf *c = parse(rows[0].line);
    struct view v = conf_object_view(c, 0);
    assert_int_equal(conf_length(&v, "after"), 5 * MINUTE);
    assert_int_equal(conf_length(&v, "gather"), 30 * SECOND);
    assert_string_equal(view_get(&v, "clapper"), "s3cret");
    assert_true(view_secret(&v, "clapper") && view_secret(&v, "webhook") &&
                view_secret(&v, "token"));
    assert_false(view_secret(&v, "ring"));
    conf_unref(c);
}

static void asks_providers(void **state)
{
    struct conf *c = parse("provider=acme, salt=s, password=p a.example.org\n"
                           "provider=acme, region=south, token=t, nonsense=1 b.example.org\n"
                           "protocol=dyndns2 c.example.org\n");
    struct view a = conf_entry_view(entry(c, "a.example.org"));
    struct view b = conf_entry_view(entry(c, "b.example.org"));
    struct view d = conf_entry_view(entry(c, "c.example.org"));

    assert_string_equal(view_get(&a, "server"), "api.acme.example");
    assert_string_equal(view_get(&a, "region"), "north");
    assert_string_equal(view_get(&a, "usev4"), "auto");
    assert_string_equal(view_get(&a, "usev6"), "auto");
    assert_string_equal(view_get(&a, "use"), "disabled");
    assert_string_equal(view_get(&b, "region"), "south");
    assert_string_equal(view_get(&d, "server"), "members.dyndns.org");
    assert_string_equal(view_get(&d, "use"), "ip");
    assert_null(view_get(&d, "region"));
    assert_true(view_secret(&a, "salt"));
    assert_true(view_secret(&a, "password"));
    assert_true(view_secret(&a, "token"));
    assert_false(view_secret(&a, "region"));
    assert_false(view_secret(&d, "salt"));
    assert_true(view_secret(&d, "mytoken"));
    assert_string_equal(view_get(&a, "host"), "a.example.org");
    assert_int_equal(conf_problem_count(c), 2); /* nonsense, no source */
    assert_string_equal(conf_entry_provider(entry(c, "a.example.org")), "acme");
    assert_null(conf_entry_protocol(entry(c, "a.example.org")));
    conf_unref(c);
}

/* A secret that only the provider's file knows tells accounts apart; another field does not. */
static void tells_accounts_by_fields(void **state)
{
    struct conf *c = parse("provider=acme, password=p, salt=one a.example.org\n"
                           "provider=acme, password=p, salt=two b.example.org\n"
                           "provider=acme, password=p, salt=one, region=south c.example.org\n");
    const char *a = conf_entry_account(conf_entry_at(c, 0));
    assert_string_not_equal(a, conf_entry_account(conf_entry_at(c, 1)));
    assert_string_equal(a, conf_entry_account(conf_entry_at(c, 2)));
    conf_unref(c);
}

static void keeps_keys_that_are_logins(void **state)
{
    struct conf *c = parse("protocol=ns1, login=thekey, usev4=auto a.example.org\n"
                           "protocol=ns1, login=other, usev4=auto b.example.org\n");
    struct view v = conf_entry_view(entry(c, "a.example.org"));
    assert_true(view_secret(&v, "login"));
    assert_string_equal(conf_entry_id(conf_entry_at(c, 0)), "a.example.org@ns1");
    assert_null(strstr(conf_entry_account(conf_entry_at(c, 0)), "thekey"));
    assert_string_not_equal(conf_entry_account(conf_entry_at(c, 0)),
                            conf_entry_account(conf_entry_at(c, 1)));
    conf_unref(c);

    struct buf shown;
    buf_init(&shown, 1 << 16);
    c = parse("protocol=ns1, login=thekey, wildcard=maybe a.example.org\n"
              "login=thekey, ttl=x\nprotocol=spaceship, ttl=y b.example.org\n");
    for (size_t i = 0; i < conf_problem_count(c); i++)
        conf_problem_show(c, conf_problem_at(c, i), &shown);
    assert_non_null(strstr(buf_str(&shown), "login=..."));
    assert_null(strstr(buf_str(&shown), "thekey"));
    buf_free(&shown);
    conf_unref(c);
}

static void gives_typed_values(void **state)
{
    struct conf *c = parse("daemon=1h30m, ssl=no, max-interval=never\n"
                           "redirect=3, protocol=dyndns2, usev4=auto a.example.org\n");
    struct view g = conf_globals(c);
    struct view v = conf_entry_view(entry(c, "a.example.org"));

    assert_int_equal(conf_length(&g, "daemon"), 5400 * SECOND);
    assert_int_equal(conf_length(&g, "settle"), 200);
    assert_true(conf_length(&v, "max-interval") == NEVER);
    assert_int_equal(conf_length(&v, "min-interval"), 30 * SECOND);
    assert_int_equal(conf_number(&v, "redirect"), 3);
    assert_false(conf_bool(&v, "ssl"));
    assert_true(conf_bool(&v, "web-ssl-validate"));
    assert_null(conf_text(&v, "zone"));
    assert_int_equal(conf_number(&v, "ttl"), 0);
    assert_string_equal(conf_text(&g, "listen"), "127.0.0.1:8245");
    assert_null(view_get(&g, "no-such-setting"));
    assert_true(view_secret(&g, "password"));
    conf_unref(c);
}

static void tells_where_values_come_from(void **state)
{
    struct conf *c = parse("ttl=60\n"
                           "protocol=dyndns2, usev4=auto, description=d a.example.org\n"
                           "protocol=dyndns2, usev4=auto b.example.org,c.example.org\n");
    bool own;
    const struct conf_entry *a = entry(c, "a.example.org"), *b = entry(c, "b.example.org");
    assert_int_equal(conf_entry_origin(a, "ttl", &own), 1);
    assert_false(own);
    assert_int_equal(conf_entry_origin(a, "description", &own), 2);
    assert_true(own);
    assert_int_equal(conf_entry_origin(b, "protocol", &own), 3);
    assert_false(own);
    assert_int_equal(conf_entry_origin(b, "min-interval", &own), 0);
    assert_int_equal(conf_entry_origin(b, "unheard-of", &own), 0);
    conf_unref(c);
}

/* As many as have it from that line, asked one after the other. */
static void counts_who_shares(void **state)
{
    static const char *const names[] = {"ttl",      "usev4",    "login",  "password", "zone",
                                        "protocol", "wildcard", "daemon", "verify",   "account"};
    struct conf *c = parse("ttl=60, daemon=5m\n"
                           "define=account:box, login=me, password=p\n"
                           "protocol=dyndns2, usev4=auto, login=a, password=p a.example.org\n"
                           "protocol=dyndns2, usev4=auto, login=b, password=p b.example.org\n"
                           "protocol=dyndns2, usev4=auto, account=box c.example.org\n"
                           "protocol=dyndns2, usev4=auto, account=box d.example.org,e.example.org\n"
                           "ttl=120, login=all\n"
                           "protocol=dyndns2, usev4=auto, password=p f.example.org\n"
                           "protocol=dyndns2, usev4=auto, password=q g.example.org,h.example.org\n"
                           "protocol=dyndns2, inherit=no, usev4=auto, login=i, password=p "
                           "i.example.org\n"
                           "protocol=dyndns2, ttl=300, usev4=auto, password=p j.example.org\n"
                           "wildcard=yes a.example.org\n"
                           "verify=no, wildcard=yes f.example.org,g.example.org\n"
                           "ttl=default, zone=example.org h.example.org\n"
                           "verify=api\n");
    size_t several = 0;
    bool own;

    assert_int_equal(conf_entry_count(c), 10);
    for (size_t i = 0; i < conf_entry_count(c); i++)
        for (size_t n = 0; n < sizeof names / sizeof names[0]; n++) {
            const struct conf_entry *e = conf_entry_at(c, i);
            unsigned line = conf_entry_origin(e, names[n], &own);
            size_t count = 0;
            for (size_t k = 0; line > 0 && k < conf_entry_count(c); k++)
                count += conf_entry_origin(conf_entry_at(c, k), names[n], &own) == line;
            if (conf_entry_sharers(e, names[n]) != count)
                fail_msg("%s of %s: %zu, not %zu", names[n], conf_entry_hostname(e),
                         conf_entry_sharers(e, names[n]), count);
            several += count > 1;
        }
    assert_true(several > 20);
    conf_unref(c);
}

static void names_hostnames(void **state)
{
    struct conf *c = parse("provider=acme, enabled=watch Gr\xc3\xbc\xc3\x9f"
                           "e.Example.ORG.\n"
                           "provider=acme, enabled=no *.example.org\n");
    const struct conf_entry *e = conf_entry_at(c, 0);
    assert_string_equal(conf_entry_hostname(e), "xn--gre-6ka8l.example.org");
    assert_string_equal(conf_entry_written(e), "Gr\xc3\xbc\xc3\x9f"
                                               "e.Example.ORG.");
    assert_true(conf_entry_enabled(e));
    assert_false(conf_entry_enabled(conf_entry_at(c, 1)));
    assert_ptr_equal(entry(c, "gr\xc3\xbc\xc3\x9f"
                              "e.example.org"),
                     e);
    assert_ptr_equal(entry(c, "xn--gre-6ka8l.example.org@acme"), e);
    struct cause cause;
    const struct conf_entry *none;
    assert_int_equal(conf_entry_find(c, "*.example.org@other", &none, &cause), ERR_NOT_FOUND);
    assert_int_equal(conf_entry_find(c, "", &none, &cause), ERR_NOT_FOUND);
    assert_null(conf_entry_at(c, 2));
    conf_unref(c);
    c = parse("usev4=auto, protocol=dyndns2 \xef\xbb\xbf\n"); /* nothing is left of it */
    assert_int_equal(conf_entry_count(c), 0);
    assert_true(conf_has_errors(c));
    conf_unref(c);
}

static void keeps_objects_apart(void **state)
{
    struct conf *c = parse("password=global, ttl=5\n"
                           "define=account:x, provider=acme, salt=s\n"
                           "define=uplink:fiber, interface=ppp0\n"
                           "define=account:y, provider=acne\n"
                           "define=account:z, protocol=dyndns2, login=default\n"
                           "inherit=no, account=x, uplink=fiber a.example.org\n");
    assert_int_equal(conf_object_count(c), 4);
    assert_string_equal(conf_object_kind(c, 1), "uplink");
    assert_string_equal(conf_object_name(c, 1), "fiber");
    struct view x = conf_object_view(c, 0), fiber = conf_object_view(c, 1);
    struct view z = conf_object_view(c, 3);
    assert_string_equal(view_get(&x, "salt"), "s");
    assert_true(view_secret(&x, "salt"));
    assert_null(view_get(&x, "password"));
    assert_string_equal(view_get(&x, "server"), "api.acme.example");
    assert_string_equal(view_get(&fiber, "interface"), "ppp0");
    assert_string_equal(view_get(&fiber, "metered"), "no");
    assert_null(view_get(&fiber, "ttl"));
    assert_null(view_get(&fiber, "salt"));
    assert_null(view_get(&fiber, "unheard-of"));
    assert_null(view_get(&z, "login"));
    struct view a = conf_entry_view(entry(c, "a.example.org"));
    assert_string_equal(view_get(&a, "salt"), "s");
    assert_null(view_get(&a, "password"));
    assert_true(conf_has_errors(c)); /* acne */
    conf_unref(c);
}

/* Ten thousand wrong lines are told as a thousand and a number, in good time. */
static void bounds_its_words(void **state)
{
    struct buf text, shown;
    buf_init(&text, 1 << 24);
    buf_init(&shown, 1 << 16);
    for (int i = 0; i < 10000; i++)
        buf_format(&text,
                   "provider=acme, pasword=x, account=none, usev4=nowhere, ttl=y h%d.example.org\n",
                   i);
    struct conf *c = parse(buf_str(&text));
    size_t n = conf_problem_count(c);
    assert_int_equal(n, 1000);
    const struct conf_problem *last = conf_problem_at(c, n - 1);
    assert_string_equal(last->code, "more-problems");
    conf_problem_show(c, last, &shown);
    assert_non_null(strstr(buf_str(&shown), "more problems"));
    assert_null(conf_problem_at(c, n));
    for (size_t i = 0; i < conf_entry_count(c); i++)
        assert_true(conf_entry_parked(conf_entry_at(c, i)));
    conf_unref(c);
    buf_free(&text);
    buf_free(&shown);
}

/* Lines of one form share what they say, and of the places of lines only some are kept: each line
 * has its own value, its own number and its own text all the same. */
static void tells_lines_apart(void **state)
{
    char value[20], name[40];
    struct buf text, shown;
    buf_init(&text, 1 << 16);
    buf_init(&shown, 1 << 16);
    for (int i = 0; i < 100; i++)
        buf_format(&text, "provider=acme, token=t%02d, region=r%02d, %s=%d h%02d.example.org\n", i,
                   i / 10, i % 25 == 24 ? "tt1" : "ttl", 60 + i / 50, i);
    struct conf *c = parse(buf_str(&text));
    assert_int_equal(conf_entry_count(c), 100);
    for (size_t i = 0; i < 100; i++) {
        const struct conf_entry *e = conf_entry_at(c, i);
        struct view v = conf_entry_view(e);
        snprintf(name, sizeof name, "h%02zu.example.org", i);
        assert_string_equal(conf_entry_hostname(e), name);
        assert_string_equal(conf_entry_written(e), name);
        assert_int_equal(conf_entry_line(e), i + 1);
        snprintf(value, sizeof value, "t%02zu", i);
        assert_string_equal(view_get(&v, "token"), value);
        snprintf(value, sizeof value, "r%02zu", i / 10);
        assert_string_equal(view_get(&v, "region"), value);
        snprintf(value, sizeof value, "%zu", 60 + i / 50);
        assert_string_equal(view_get(&v, i % 25 == 24 ? "tt1" : "ttl"), value);
    }
    assert_int_equal(conf_problem_count(c), 4);
    for (size_t i = 0; i < 4; i++) {
        const struct conf_problem *p = conf_problem_at(c, i);
        assert_int_equal(p->line, 25 * (i + 1));
        buf_clear(&shown);
        conf_problem_show(c, p, &shown);
        snprintf(name, sizeof name, "h%02zu.example.org\n", 25 * (i + 1) - 1);
        assert_non_null(strstr(buf_str(&shown), name));
        assert_non_null(strstr(buf_str(&shown), "token=..., region"));
    }
    conf_unref(c);
    buf_free(&text);
    buf_free(&shown);
}

/* Nothing is guessed for what will not be shown: that walked through all providers each time. */
static void guesses_what_it_shows(void **state)
{
    for (size_t k = 0; k < 2; k++) {
        struct buf text;
        buf_init(&text, 1 << 20);
        for (int i = 0; i < 3000; i++) {
            buf_text(&text, k == 0 ? "define=account:a" : "provider=acne");
            buf_format(&text, "%d%s%d%s", i, k == 0 ? ", provider=acne" : " h", i,
                       k == 0 ? "\n" : ".example.org\n");
        }
        walks = 0;
        struct conf *c = parse(buf_str(&text));
        assert_int_equal(conf_problem_count(c), 1000);
        assert_in_range(walks, 1, 1000);
        conf_unref(c);
        buf_free(&text);
    }
}

static void counts_references(void **state)
{
    struct conf *c = parse("a.example.org");
    assert_ptr_equal(conf_ref(c), c);
    conf_unref(c);
    assert_int_equal(conf_entry_count(c), 1);
    conf_unref(c);
    conf_unref(NULL);
    c = conf_parse("a.org", 5, NULL);
    assert_int_equal(conf_entry_count(c), 1);
    conf_unref(c);
}

/* The real reader of files with secrets. */
static void reads_real_files(void **state)
{
    char path[] = "/tmp/homing-secret.XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, "from a file\nmore\n", 17), 17);
    char *text = mem_format("protocol=dyndns2, usev4=auto, password_file=%s a.example.org\n"
                            "protocol=dyndns2, usev4=auto, password_file=/tmp b.example.org\n",
                            path);
    struct conf *c = parse(text);
    struct view v = conf_entry_view(entry(c, "a.example.org"));
    assert_string_equal(view_get(&v, "password"), "from a file");
    assert_true(conf_entry_parked(entry(c, "b.example.org")));
    conf_unref(c);
    assert_int_equal(pwrite(fd, "nul\0", 4, 0), 4);
    c = parse(text);
    assert_true(conf_entry_parked(entry(c, "a.example.org")));
    conf_unref(c);
    close(fd);
    unlink(path);
    mem_free(text);
}

static void tells_of_the_command_line(void **state)
{
    static const char *const pairs[] = {"daemon=x", "nope=1", NULL};
    struct conf_options o = {.command_line = pairs, .assignments = "login='x", .name = "v.conf"};
    struct conf *c = conf_parse("a.org\n", 6, &o);
    struct buf shown;
    buf_init(&shown, 1 << 16);
    bool told = false;
    for (size_t i = 0; i < conf_problem_count(c); i++) {
        buf_clear(&shown);
        conf_problem_show(c, conf_problem_at(c, i), &shown);
        told = told || text_starts(buf_str(&shown), "command line: error: daemon");
    }
    assert_true(told);
    buf_free(&shown);
    conf_unref(c);
}

/* Logins have the length that they have, so that the places behind them differ. */
static void tells_neighbours_whatever_their_length(void **state)
{
    struct conf *c = parse("protocol=dyndns2, login=a, password=p a.example.org\n"
                           "protocol=dyndns2, login=bb, password=p b.example.org\n"
                           "protocol=dyndns2, login=cc, password=p c.example.org\n"
                           "protocol=dyndns2, login=d, password=p d.example.org\n"
                           "protocol=dyndns2, login=d, ttl=60, password=p e.example.org\n");

    for (size_t i = 1; i < 5; i++)
        assert_int_equal(conf_entry_near(conf_entry_at(c, i - 1), conf_entry_at(c, i)), i < 4);
    conf_unref(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(notify_objects),
        cmocka_unit_test(asks_providers),
        cmocka_unit_test(tells_accounts_by_fields),
        cmocka_unit_test(keeps_keys_that_are_logins),
        cmocka_unit_test(gives_typed_values),
        cmocka_unit_test(tells_where_values_come_from),
        cmocka_unit_test(counts_who_shares),
        cmocka_unit_test(tells_neighbours_whatever_their_length),
        cmocka_unit_test(names_hostnames),
        cmocka_unit_test(keeps_objects_apart),
        cmocka_unit_test(bounds_its_words),
        cmocka_unit_test(tells_lines_apart),
        cmocka_unit_test(guesses_what_it_shows),
        cmocka_unit_test(counts_references),
        cmocka_unit_test(reads_real_files),
        cmocka_unit_test(tells_of_the_command_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
