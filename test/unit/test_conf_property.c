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

#include <time.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/text.h"
#include "conf/edit.h"
#include "conf/settings.h"

/*
 * Generated files, edited at random: an edit changes exactly the edited setting of exactly the
 * entry that was meant, and its reverse gives the same bytes where nothing had to be divided.
 * HOMING_SEED repeats a run, HOMING_ROUNDS makes it longer.
 */

static uint64_t random_state;

static uint32_t draw(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return (uint32_t)(random_state >> 32);
}

static unsigned below(unsigned n)
{
    return draw() % n;
}

static bool chance(unsigned percent)
{
    return below(100) < percent;
}

static const char *pick(const char *const *list, size_t n)
{
    return list[below((unsigned)n)];
}
#define PICK(list) pick(list, sizeof(list) / sizeof(list)[0])

/* --- files --- */

struct file {
    struct buf text;
    const char *eol;
    bool odd;     /* a value is written as an edit would never write it */
    bool needles; /* there are double quotes without need, or words behind the hostnames */
};

static const char *const hostnames[] = {"a.org",   "b.org",  "c.org",         "d.example.net",
                                        "*.e.org", "f.org.", "G.Example.ORG", "h_1.org"};
static const char *const plain_values[] = {"x", "joe", "a.b", "1", "t-1", "a/b", "p=q", "\xc3\xbc"};
static const char *const hostile_values[] = {
    "a b", "a,b",     "a#b", "it's", "say \"x\"", "a\\b", "\\",      "'",   "\"",         " x",
    "x ",  ", c.org", "# x", "\t",   "=",         "",     "default", "x, ", "a' b', c=d", "\\\" x"};

static bool plain(const char *value)
{
    return *value != '\0' && strpbrk(value, " \t,#'\"\\") == NULL && strcmp(value, "default") != 0;
}

static void add_escaped(struct buf *out, const char *value)
{
    for (; *value != '\0'; value++) {
        if (strchr(" \t,#'\"\\", *value) != NULL)
            buf_char(out, '\\');
        buf_char(out, *value);
    }
}

static void add_quoted(struct buf *out, const char *value, char quote)
{
    buf_char(out, quote);
    for (; *value != '\0'; value++) {
        if (*value == quote || *value == '\\')
            buf_char(out, '\\');
        buf_char(out, *value);
    }
    buf_char(out, quote);
}

static void add_value(struct file *f, const char *name, const char *value)
{
    bool password = strcmp(name, "password") == 0;
    unsigned style = below(10);

    if (plain(value) && style < 5) {
        buf_text(&f->text, value);
    } else if (style < 8 && !(password && strpbrk(value, "'\\") != NULL)) {
        add_quoted(&f->text, value, '\'');
    } else if (style < 9 || password) {
        add_quoted(&f->text, value, '"');
        f->needles = f->needles || plain(value);
    } else if (*value != '\0' && strchr(value, '\t') == NULL && value[strlen(value) - 1] != ' ' &&
               strcmp(value, "default") != 0) {
        add_escaped(&f->text, value);
        f->odd = true;
    } else {
        add_quoted(&f->text, value, '"');
        f->needles = f->needles || plain(value);
    }
}

static void add_assignment(struct file *f)
{
    static const char *const names[] = {"description", "login", "password", "ttl",
                                        "wildcard",    "zone",  "usev4"};
    const char *name = PICK(names);
    buf_format(&f->text, "%s=", name);
    if (strcmp(name, "ttl") == 0)
        buf_format(&f->text, "%u", below(1000));
    else if (strcmp(name, "wildcard") == 0)
        buf_text(&f->text, chance(50) ? "yes" : "no");
    else if (strcmp(name, "zone") == 0)
        buf_text(&f->text, "org");
    else if (strcmp(name, "usev4") == 0)
        buf_text(&f->text, "auto");
    else if (strcmp(name, "login") == 0)
        add_value(f, name, PICK(plain_values));
    else
        add_value(f, name, chance(50) ? PICK(plain_values) : PICK(hostile_values));
}

static void add_separator(struct file *f)
{
    static const char *const separators[] = {", ", ",", " ", "  ", " , ", "\t"};
    if (chance(10))
        buf_format(&f->text, ", \\%s    ", f->eol);
    else if (chance(3))
        buf_format(&f->text, " \\ # note%s  # more%s  ", f->eol, f->eol);
    else
        buf_text(&f->text, PICK(separators));
}

static void add_assignments(struct file *f, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        if (i > 0)
            add_separator(f);
        add_assignment(f);
    }
}

static void add_end(struct file *f)
{
    if (chance(20))
        buf_text(&f->text, " # a comment, \\ 'with' login=x");
    buf_text(&f->text, f->eol);
}

static void add_hosts(struct file *f)
{
    static const char *const commas[] = {",", ", ", " , "};
    unsigned n = chance(60) ? 1 : 1 + below(4);
    for (unsigned i = 0; i < n; i++)
        buf_format(&f->text, "%s%s", i > 0 ? PICK(commas) : "", PICK(hostnames));
}

static void add_host_line(struct file *f)
{
    static const char *const services[] = {"provider=duckdns", "protocol=noip", "protocol=ovh",
                                           "account=acc"};
    if (chance(60)) {
        buf_text(&f->text, PICK(services));
        add_separator(f);
    }
    if (chance(15)) {
        buf_text(&f->text, "inherit=no");
        add_separator(f);
    }
    unsigned n = below(4);
    add_assignments(f, n);
    if (n > 0)
        add_separator(f);
    if (chance(8)) {
        buf_format(&f->text, "host='%s,%s' ", PICK(hostnames), PICK(hostnames));
        if (chance(50)) {
            add_end(f);
            return;
        }
    }
    add_hosts(f);
    if (chance(15)) {
        buf_text(&f->text, " joe");
        if (chance(60))
            buf_text(&f->text, " pw");
        f->needles = true;
    }
    add_end(f);
}

static void generate(struct file *f)
{
    unsigned lines = 1 + below(8);

    memset(f, 0, sizeof *f);
    buf_init(&f->text, 1 << 20);
    f->eol = chance(25) ? "\r\n" : "\n";
    if (chance(10))
        buf_text(&f->text, "\xef\xbb\xbf");
    buf_format(&f->text, "define=account:acc, protocol=dyndns2, login=acc%s", f->eol);
    for (unsigned i = 0; i < lines; i++) {
        unsigned kind = below(10);
        if (chance(10))
            buf_text(&f->text, "  ");
        if (kind == 0) {
            buf_format(&f->text, "# only a comment%s", f->eol);
        } else if (kind == 1) {
            buf_text(&f->text, f->eol);
        } else if (kind < 4) {
            add_assignments(f, 1 + below(2));
            add_end(f);
        } else {
            add_host_line(f);
        }
    }
    if (chance(20) && f->text.len > 2) {
        /* no line break at the end */
        f->text.len -= strlen(f->eol);
        f->text.data[f->text.len] = '\0';
    }
}

/* --- what a file means --- */

static const struct conf_options options = {.name = "generated.conf"};

/* entry -> all its settings as one text each; key "id\nname" */
static struct map *meaning(const struct conf *c)
{
    struct map *m = map_new();
    for (size_t i = 0; i < conf_entry_count(c); i++) {
        const struct conf_entry *e = conf_entry_at(c, i);
        struct view v = conf_entry_view(e);
        for (const struct setting *s = setting_next(NULL); s != NULL; s = setting_next(s)) {
            const char *value = view_get(&v, s->name);
            if (value == NULL || (s->flags & SETTING_META) != 0)
                continue;
            char *key = mem_format("%s\n%s", conf_entry_id(e), s->name);
            mem_free(map_set(m, key, mem_text(value)));
            mem_free(key);
        }
        char *key = mem_format("%s\n", conf_entry_id(e));
        mem_free(map_set(m, key, mem_text(conf_entry_parked(e) ? "parked" : "used")));
        mem_free(key);
    }
    return m;
}

static struct file now;
static uint64_t seed;
static const char *stage = "";

static void give_up(const char *why, const struct edit *e, const struct buf *after)
{
    fprintf(stderr, "HOMING_SEED=%llu %s: %s\nbefore:\n%s\n", (unsigned long long)seed, stage, why,
            buf_str(&now.text));
    if (e != NULL)
        fprintf(stderr, "edit %d of %s, share %d: %s=<%s>\n", e->what, e->target, e->share,
                e->count > 0 ? e->settings[0].name : "", e->count > 0 ? e->settings[0].value : "");
    if (after != NULL)
        fprintf(stderr, "after:\n%s\n", buf_str(after));
    fail();
}

static void free_text(void *p)
{
    mem_free(p);
}

/* Is the difference allowed: the setting, of that entry (NULL: of any)? */
static bool allowed(const char *key, const char *entry, const char *setting)
{
    const char *nl = strchr(key, '\n');
    if (setting == NULL || strcmp(nl + 1, setting) != 0)
        return false;
    return entry == NULL ||
           (strlen(entry) == (size_t)(nl - key) && strncmp(key, entry, (size_t)(nl - key)) == 0);
}

static bool of_entry(const char *key, const char *entry)
{
    size_t n = entry != NULL ? strlen(entry) : 0;
    return entry != NULL && strncmp(key, entry, n) == 0 && key[n] == '\n';
}

/* Every key of a is in b with the same value, but for what is allowed. gone: an entry that may
 * lack. */
static const char *compare(const struct map *a, const struct map *b, const char *entry,
                           const char *setting, const char *gone)
{
    size_t at = 0;
    const char *key;
    void *value;
    while (map_next(a, &at, &key, &value)) {
        const char *other = map_get(b, key);
        if (of_entry(key, gone) || allowed(key, entry, setting))
            continue;
        /* A wrong value mended unparks its entry. */
        if (strchr(key, '\n')[1] == '\0' && other != NULL)
            continue;
        if (other == NULL || strcmp(other, value) != 0)
            return key;
    }
    return NULL;
}

static const char *compare_both(const struct map *a, const struct map *b, const char *entry,
                                const char *setting, const char *gone, const char *come)
{
    const char *key = compare(a, b, entry, setting, gone);
    return key != NULL ? key : compare(b, a, entry, setting, come);
}

/* --- one edit --- */

struct counts {
    unsigned edits, done, divided, reversed, asked, refused;
};
static struct counts counts;

static enum err apply(const struct buf *text, const struct edit *e, struct buf *out,
                      struct edit_answer *answer)
{
    struct cause cause = {""};
    buf_clear(out);
    enum err result = edit_apply(buf_str(text), text->len, e, &options, out, answer, &cause);
    if (result == ERR_UNSUPPORTED && getenv("HOMING_VERBOSE") != NULL)
        fprintf(stderr, "refused: %s\n%s\n", cause.text, buf_str(text));
    return result;
}

static bool same(const struct buf *a, const struct buf *b)
{
    return a->len == b->len && memcmp(buf_str(a), buf_str(b), a->len) == 0;
}

/* What "former" has in a, "name" has in b. A wrong statement that another name mends unparks it. */
static const char *compare_settings(const struct map *a, const struct map *b, const char *former,
                                    const char *name)
{
    size_t at = 0, n = strlen(former);
    const char *key;
    void *value;

    while (map_next(a, &at, &key, &value)) {
        if (strncmp(key, former, n) != 0 || key[n] != '\n')
            continue;
        char *other = mem_format("%s%s", name, key + n);
        const char *there = map_get(b, other);
        bool same = text_equal(there, value) || (key[n + 1] == '\0' && there != NULL);
        mem_free(other);
        if (!same)
            return key;
    }
    return NULL;
}

static const char *compare_renamed(const struct map *a, const struct map *b, const char *former,
                                   const char *name)
{
    const char *wrong = compare_settings(a, b, former, name);

    if (wrong == NULL)
        wrong = compare_settings(b, a, name, former);
    return wrong != NULL ? wrong : compare_both(a, b, NULL, NULL, former, name);
}

static void check_meaning(const struct conf *before, const struct edit *e, const struct buf *out,
                          const char *target, const struct edit_answer *answer)
{
    struct conf *after = conf_parse(buf_str(out), out->len, &options);
    struct map *a = meaning(before), *b = meaning(after);
    const char *setting = e->what == EDIT_ENABLE || e->what == EDIT_DISABLE ? "enabled"
                          : e->count > 0                                    ? e->settings[0].name
                                                                            : NULL;
    const char *wrong;

    if (e->what == EDIT_ADD)
        wrong = compare_both(a, b, NULL, NULL, NULL, answer->entry);
    else if (e->what == EDIT_REMOVE)
        wrong = compare_both(a, b, NULL, NULL, target, NULL);
    else if (e->what == EDIT_RENAME)
        wrong = compare_renamed(a, b, target, answer->entry);
    else if (strcmp(setting, "login") == 0) /* its identity changes with it */
        wrong = e->share == EDIT_ALL ? NULL : compare_both(a, b, NULL, NULL, target, answer->entry);
    else
        wrong = compare_both(a, b, e->share == EDIT_ALL ? NULL : target, setting, NULL, NULL);
    if (wrong != NULL)
        give_up(wrong, e, out);
    if (e->what == EDIT_SET) {
        char *key = mem_format("%s\n%s", answer->entry, setting);
        if (!text_equal(map_get(b, key), e->settings[0].value))
            give_up("the value is not there", e, out);
        mem_free(key);
    }
    map_free(a, free_text);
    map_free(b, free_text);
    conf_unref(after);
}

/* Where nothing had to be divided, there and back again is the same file. */
static void check_reverse(const struct edit *e, const struct buf *out, const char *former, bool own,
                          const struct edit_answer *answer)
{
    struct edit_setting back = {e->count > 0 ? e->settings[0].name : "", former};
    struct edit reverse = {.target = answer->entry, .settings = &back, .owner = true};
    struct edit_answer unused;
    struct buf again;

    if (e->what == EDIT_ADD) {
        reverse.what = EDIT_REMOVE;
    } else if (e->what == EDIT_SET) {
        /* Quotes are kept where they can be: not those of a value that was written in an odd way,
         * nor single ones around a password that holds one; and a comma gets some. */
        const char *value = e->settings[0].value;
        if (own && (now.odd || strchr(former, ',') != NULL || strchr(value, '\'') != NULL ||
                    (now.needles && (!plain(value) || strchr(value, '=') != NULL))))
            return;
        reverse.what = own ? EDIT_SET : EDIT_UNSET;
        reverse.count = 1;
    } else if (e->what == EDIT_DISABLE && !own) {
        reverse.what = EDIT_ENABLE;
    } else if (e->what == EDIT_RENAME) {
        reverse.what = EDIT_RENAME;
        reverse.name = former;
    } else {
        return;
    }
    buf_init(&again, 1 << 20);
    enum err got = apply(out, &reverse, &again, &unused);
    if (got != OK || !same(&again, &now.text)) {
        fprintf(stderr, "reverse: %s\n%s\n", err_name(got), buf_str(&again));
        give_up("the reverse is not the same file", e, out);
    }
    counts.reversed++;
    buf_free(&again);
}

static void try_edit(const struct conf *before, struct edit *e, const struct conf_entry *entry)
{
    struct edit_answer answer;
    struct buf out;
    bool own = false;
    char *former = NULL;
    char *target = entry != NULL ? mem_text(conf_entry_id(entry)) : NULL;
    const char *setting = e->what == EDIT_DISABLE ? "enabled"
                          : e->count > 0          ? e->settings[0].name
                                                  : NULL;

    if (entry != NULL && setting != NULL) {
        struct view v = conf_entry_view(entry);
        bool alone;
        own = conf_entry_origin(entry, setting, &alone) != 0;
        former = mem_text(view_get(&v, setting));
    } else if (e->what == EDIT_RENAME) {
        former = mem_text(conf_entry_written(entry));
    }
    buf_init(&out, 1 << 20);
    counts.edits++;
    e->share = EDIT_ASK;
    enum err got = apply(&now.text, e, &out, &answer);
    bool divided = got == ERR_CONFLICT && answer.shared != EDIT_NOT_SHARED;
    if (divided) {
        counts.asked++;
        if (answer.hostnames == 0 || answer.line == 0)
            give_up("a question without numbers", e, NULL);
        e->share = chance(50) ? EDIT_ONE : EDIT_ALL;
        got = apply(&now.text, e, &out, &answer);
    }
    if (got == OK) {
        counts.done++;
        counts.divided += divided;
        check_meaning(before, e, &out, target, &answer);
        if (!divided && e->what != EDIT_DISABLE && !conf_has_errors(before))
            check_reverse(e, &out, former, own, &answer);
    } else if (got == ERR_UNSUPPORTED || got == ERR_EXISTS || got == ERR_SYNTAX ||
               got == ERR_RANGE) {
        counts.refused++;
        if (out.len > 0)
            give_up("refused, yet with a text", e, &out);
    } else {
        give_up(err_name(got), e, &out);
    }
    buf_free(&out);
    mem_free(former);
    mem_free(target);
}

static void edit_once(const struct conf *c)
{
    static const char *const names[] = {"description", "password", "login", "description",
                                        "password"};
    struct edit_setting s = {PICK(names), ""};
    struct edit e = {.settings = &s, .owner = true};
    const struct conf_entry *entry =
        conf_entry_count(c) > 0 ? conf_entry_at(c, below((unsigned)conf_entry_count(c))) : NULL;
    char name[32];

    if (entry == NULL || chance(15)) {
        snprintf(name, sizeof name, "new%u.org", below(1000));
        s.name = "provider";
        s.value = "duckdns";
        e.what = EDIT_ADD;
        e.target = name;
        e.count = 1;
        try_edit(c, &e, NULL);
        return;
    }
    char *target = mem_text(conf_entry_id(entry));
    e.target = target;
    unsigned kind = below(11);
    if (kind < 6) {
        e.what = EDIT_SET;
        s.value =
            strcmp(s.name, "login") == 0 || chance(40) ? PICK(plain_values) : PICK(hostile_values);
        e.count = 1;
    } else if (kind < 7) {
        e.what = EDIT_UNSET;
        e.count = 1;
        if (strcmp(s.name, "login") == 0)
            s.name = "description";
    } else if (kind < 9) {
        e.what = EDIT_REMOVE;
    } else if (kind < 10) {
        snprintf(name, sizeof name, "new%u.org", below(1000));
        e.what = EDIT_RENAME;
        e.name = name;
    } else {
        e.what = EDIT_DISABLE;
    }
    try_edit(c, &e, entry);
    mem_free(target);
}

static void edits_change_what_was_asked(void **state)
{
    const char *given = getenv("HOMING_SEED"), *rounds = getenv("HOMING_ROUNDS");
    unsigned n = rounds != NULL ? (unsigned)strtoul(rounds, NULL, 10) : 2000;

    seed = given != NULL ? strtoull(given, NULL, 10) : (uint64_t)time(NULL) * 1000003u + 1;
    for (unsigned i = 0; i < n; i++, seed++) {
        random_state = seed * 0x9e3779b97f4a7c15u | 1;
        for (int warm = 0; warm < 4; warm++)
            draw();
        generate(&now);
        struct conf *c = conf_parse(buf_str(&now.text), now.text.len, &options);
        for (int k = 0; k < 4; k++)
            edit_once(c);
        conf_unref(c);
        buf_free(&now.text);
        if (given != NULL && rounds == NULL)
            break;
    }
    printf(
        "%u files, last seed %llu: %u edits, %u done, %u of them divided, %u asked, %u reversed, "
        "%u refused\n",
        n, (unsigned long long)seed, counts.edits, counts.done, counts.divided, counts.asked,
        counts.reversed, counts.refused);
    if (given == NULL)
        assert_true(counts.done > counts.edits / 2 && counts.reversed > counts.done / 4);
}

/* --- secrets in messages --- */

/* Wherever a secret can stand, and wrong things around it. */
static void add_secret_line(struct buf *text)
{
    static const char *const secrets[] = {
        "password=hunter2",     "password='hunter2'",    "password=\"hunter2\"",  "apikey=hunter2",
        "secretapikey=hunter2", "fw-password='hunter2'", "password = hunter2",    "token=hunter2",
        "pasword=hunter2",      "Password='hunter2'",    "x-y=hunter2",           "dynurl=hunter2",
        "urlv4=x://hunter2",    "password=,hunter2",     "password=a,ttl=hunter2"};
    static const char *const wrong[] = {"wildcard=maybe", "ttl=x",    "min-interval=often",
                                        "server=a:b:c",   "usev4=wb", "account=none",
                                        "protocol=dyndn", "daemon=5", "login=u"};
    static const char *const ends[] = {"h.org",
                                       "h.org joe hunter2",
                                       "h.org joe pw hunter2 hunter2",
                                       "h.org password=hunter2",
                                       "h.org joe apikey=hunter2",
                                       "h.org # hunter2",
                                       "description='open hunter2",
                                       "password='hunter2 h.org",
                                       "password=\"hunter2 password='hunter2'",
                                       "h.org \\ # hunter2\n joe hunter2",
                                       ""};
    unsigned n = 1 + below(4);
    for (unsigned i = 0; i < n; i++) {
        buf_text(text, chance(50) ? PICK(secrets) : PICK(wrong));
        buf_text(text, chance(80) ? ", " : chance(50) ? " " : " \\\n\t");
    }
    buf_text(text, PICK(ends));
    buf_text(text, chance(20) ? "\r\n" : "\n");
}

static void check_silence(const struct buf *text, enum conf_dialect dialect)
{
    struct conf_options o = {.name = "secret.conf", .dialect = dialect};
    struct conf *c = conf_parse(buf_str(text), text->len, &o);
    struct buf shown;

    buf_init(&shown, 1 << 20);
    for (size_t i = 0; i < conf_problem_count(c); i++)
        conf_problem_show(c, conf_problem_at(c, i), &shown);
    for (size_t i = 0; i < conf_entry_count(c); i++) {
        const struct conf_entry *e = conf_entry_at(c, i);
        buf_format(&shown, "%s %s\n", conf_entry_id(e), conf_entry_account(e));
    }
    if (strstr(buf_str(&shown), "hunter2") != NULL) {
        fprintf(stderr, "HOMING_SEED=%llu\n%s\nshows\n%s\n", (unsigned long long)seed,
                buf_str(text), buf_str(&shown));
        fail();
    }
    buf_free(&shown);
    conf_unref(c);
}

static void messages_hold_no_secret(void **state)
{
    const char *given = getenv("HOMING_SEED");
    struct buf text;

    seed = given != NULL ? strtoull(given, NULL, 10) : (uint64_t)time(NULL) * 1000003u + 1;
    buf_init(&text, 1 << 20);
    for (unsigned i = 0; i < 3000; i++, seed++) {
        random_state = seed * 0x9e3779b97f4a7c15u | 1;
        for (int warm = 0; warm < 4; warm++)
            draw();
        buf_clear(&text);
        for (unsigned k = 0; k < 3; k++)
            add_secret_line(&text);
        check_silence(&text, CONF_HOMING);
        check_silence(&text, CONF_DDCLIENT);
    }
    buf_free(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(edits_change_what_was_asked),
                                       cmocka_unit_test(messages_hold_no_secret)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
