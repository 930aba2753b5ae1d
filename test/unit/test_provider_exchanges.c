/*
 * SPDX-License-Identifier: ISC
 *
 * Every provider file against its proof: each case of providers/exchanges/<id>.json through the
 * real interpreter, whole requests and outcomes compared. Then each case again with a time-out, a
 * 500, a 429, a cut and a garbage reply at each of its steps: outcomes must be told, no write
 * repeated.
 */
#include "exchanges.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "publish/builtin.h"
#include "publish/file.h"
#include "publish/provider_data.h"

#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

static struct registry *registry;
static unsigned total_cases, total_generated, faults;

static void complain(const char *provider, const char *name, const char *what, const json_t *have,
                     const json_t *want)
{
    char *a =
        have != NULL ? json_dumps(have, JSON_INDENT(1) | JSON_SORT_KEYS | JSON_ENCODE_ANY) : NULL;
    char *b =
        want != NULL ? json_dumps(want, JSON_INDENT(1) | JSON_SORT_KEYS | JSON_ENCODE_ANY) : NULL;

    print_error("%s, case \"%s\": %s\n", provider, name, what);
    if (a != NULL)
        print_error("have: %s\n", a);
    if (b != NULL)
        print_error("want: %s\n", b);
    mem_free(a);
    mem_free(b);
    faults++;
}

/* The expected request, with what the file says of all requests. */
static json_t *expected(const json_t *file, const json_t *step)
{
    const json_t *expect = json_object_get(step, "expect");
    json_t *out = json_copy((json_t *)expect);
    json_t *headers = json_copy(json_object_get(file, "headers"));
    const char *key;
    json_t *value;

    if (headers == NULL)
        headers = json_object();
    json_object_foreach(json_object_get(expect, "headers"), key, value) if (json_is_null(value))
        json_object_del(headers, key);
    else json_object_set(headers, key, value);
    json_object_set_new(out, "headers", headers);
    if (json_object_get(out, "method") == NULL)
        json_object_set_new(out, "method", json_string("GET"));
    return out;
}

/* {"A":"good"} or a list of {"host","type","class"}; "wait" and "say" only where the case has them.
 */
static bool outcome_agrees(const struct replay *r, const json_t *want)
{
    const char *type;
    json_t *value;
    size_t i;

    if (json_is_object(want)) {
        if (json_object_size(want) != json_array_size(r->outcomes))
            return false;
        json_object_foreach((json_t *)want, type, value)
        {
            bool found = false;
            for (i = 0; i < json_array_size(r->outcomes); i++) {
                const json_t *o = json_array_get(r->outcomes, i);
                found = found || (json_equal(json_object_get(o, "class"), value) &&
                                  text_equal(json_string_value(json_object_get(o, "type")), type));
            }
            if (!found)
                return false;
        }
        return true;
    }
    if (json_array_size(want) != json_array_size(r->outcomes))
        return false;
    json_array_foreach(want, i, value)
    {
        const json_t *have = json_array_get(r->outcomes, i);
        const char *key;
        json_t *member;
        json_object_foreach(
            value, key, member) if (!json_equal(json_object_get(have, key), member)) return false;
    }
    return true;
}

/* Which slots the cases of a file made use of: the words of their requests. */
static json_t *used;

static void run_case(const struct provider *p, const json_t *file, const json_t *c)
{
    const char *id = p->info.id;
    const char *name = json_string_value(json_object_get(c, "case"));
    const json_t *steps = json_object_get(c, "steps");
    struct replay r;
    size_t i;
    json_t *step;

    total_cases++;
    replay_begin(&r, p, json_object_get(c, "given"));
    replay_go(&r, STEP_START, NULL);
    replay_settle(&r);
    json_array_foreach(steps, i, step)
    {
        if (r.out.request_count != 1) {
            complain(id, name, "ended before this step was asked for", r.outcomes, step);
            break;
        }
        json_t *have = replay_request(&r.out.requests[0]);
        json_t *want = expected(file, step);
        json_object_set_new(used, r.out.requests[0].about, json_true());
        bool equal = json_equal(have, want);
        if (!equal)
            complain(id, name, "another request", have, want);
        json_decref(have);
        json_decref(want);
        if (!equal)
            break;
        struct reply reply;
        replay_reply(json_object_get(step, "reply"), &reply);
        reply.tag = r.out.requests[0].tag;
        replay_go(&r, STEP_REPLY, &reply);
        reply_free(&reply);
        replay_settle(&r);
    }
    if (i == json_array_size(steps)) {
        if (r.out.request_count > 0) {
            json_t *more = replay_request(&r.out.requests[0]);
            complain(id, name, "one request too many", more, NULL);
            json_decref(more);
        } else if (!r.done) {
            complain(id, name, "does not end", NULL, NULL);
        } else if (!outcome_agrees(&r, json_object_get(c, "outcome"))) {
            complain(id, name, "another outcome", r.outcomes, json_object_get(c, "outcome"));
        }
    }
    replay_end(&r);
}

/* ---- generated ---- */

enum { MOST_REQUESTS = 80 };
enum harm { HARM_TIMEOUT, HARM_500, HARM_429, HARM_CUT, HARM_GARBAGE, HARMS };
static const char *const harm_names[HARMS] = {"time-out", "500", "429", "cut", "garbage"};

static void harm_reply(enum harm harm, const json_t *spec, struct reply *out)
{
    static const char garbage[] = "\x01<html>{]\"\xff";

    replay_reply(spec, out);
    switch (harm) {
    case HARM_TIMEOUT:
        reply_free(out);
        out->error = NET_TIMEOUT;
        out->sent = SENT_MAYBE;
        break;
    case HARM_500:
        reply_free(out);
        out->sent = SENT_YES;
        out->status = 500;
        break;
    case HARM_429:
        reply_free(out);
        out->sent = SENT_YES;
        out->status = 429;
        reply_header_add(out, "retry-after", 11, "77", 2);
        break;
    case HARM_CUT:
        if (out->body.len > 0)
            out->body.data[out->body.len /= 2] = '\0';
        break;
    case HARM_GARBAGE:
        buf_clear(&out->body);
        buf_add(&out->body, garbage, sizeof garbage - 1);
        break;
    case HARMS:
        break;
    }
}

/* One outcome at most a record, and one for every record that is due (or one for all). */
static bool all_told(const struct replay *r)
{
    size_t due = 0, told = json_array_size(r->outcomes);
    bool whole = false;

    for (size_t i = 0; i < r->member_count; i++)
        for (int f = V4; f <= V6; f++)
            due += r->members[i].want[f].due;
    for (size_t i = 0; i < told; i++)
        whole =
            whole ||
            text_equal(json_string_value(json_object_get(json_array_get(r->outcomes, i), "host")),
                       "*");
    return whole ? told <= due + 1 : told == due;
}

/* Plays the case with one harmed reply; what is asked for later gets no answer (a time-out). */
static void harm_case(const struct provider *p, const json_t *c, size_t at, enum harm harm)
{
    const json_t *steps = json_object_get(c, "steps");
    const char *name = json_string_value(json_object_get(c, "case"));
    char *harmed_write = NULL;
    struct replay r;
    size_t asked = 0;

    total_generated++;
    replay_begin(&r, p, json_object_get(c, "given"));
    replay_go(&r, STEP_START, NULL);
    replay_settle(&r);
    for (; r.out.request_count == 1 && asked < MOST_REQUESTS; asked++) {
        const struct request *q = &r.out.requests[0];
        char *key = mem_format("%s %s %s", q->method, marked_str(&q->url), marked_str(&q->body));
        struct reply reply;
        if (harmed_write != NULL && q->writes && text_equal(key, harmed_write)) {
            complain(p->info.id, name, "a write that may have arrived was repeated without a read",
                     NULL, NULL);
            mem_free(key);
            break;
        }
        if (harmed_write != NULL && !q->writes && !q->session) {
            mem_free(harmed_write);
            harmed_write = NULL;
        }
        if (asked < at) {
            replay_reply(json_object_get(json_array_get(steps, asked), "reply"), &reply);
        } else {
            harm_reply(asked == at ? harm : HARM_TIMEOUT,
                       json_object_get(json_array_get(steps, asked), "reply"), &reply);
            if (reply.error == NET_TIMEOUT && q->writes) {
                mem_free(harmed_write);
                harmed_write = mem_text(key);
            }
        }
        mem_free(key);
        replay_go(&r, STEP_REPLY, &reply);
        reply_free(&reply);
        replay_settle(&r);
    }
    char *what = mem_format("%s at step %zu: ", harm_names[harm], at);
    if (!r.done || !all_told(&r)) {
        char *full =
            mem_format("%s%s", what, r.done ? "not all outcomes, or too many" : "does not end");
        complain(p->info.id, name, full, r.outcomes, NULL);
        mem_free(full);
    }
    mem_free(what);
    mem_free(harmed_write);
    replay_end(&r);
}

static void cancel_case(const struct provider *p, const json_t *c, size_t at)
{
    const json_t *steps = json_object_get(c, "steps");
    const char *name = json_string_value(json_object_get(c, "case"));
    struct replay r;

    total_generated++;
    replay_begin(&r, p, json_object_get(c, "given"));
    replay_go(&r, STEP_START, NULL);
    replay_settle(&r);
    for (size_t asked = 0; r.out.request_count == 1 && asked < MOST_REQUESTS; asked++) {
        struct reply reply;
        bool session = r.out.requests[0].session;
        if (asked > at && !session)
            complain(p->info.id, name, "asked for more than a logout after a cancel", NULL, NULL);
        if (asked == at) {
            replay_go(&r, STEP_CANCEL, NULL);
            reply_init(&reply);
            reply.error = NET_CANCELLED;
            reply.sent = SENT_MAYBE;
        } else {
            replay_reply(json_object_get(json_array_get(steps, asked), "reply"), &reply);
        }
        if (!r.done)
            replay_go(&r, STEP_REPLY, &reply);
        reply_free(&reply);
        if (asked >= at && !session && r.out.request_count == 0)
            break;
        if (asked < at)
            replay_settle(&r);
    }
    if (!r.done)
        complain(p->info.id, name, "does not end after a cancel", NULL, NULL);
    replay_end(&r);
}

/* ---- what a file must prove ---- */

static bool has_class(const json_t *cases, const char *cls)
{
    size_t i;
    json_t *c;

    json_array_foreach(cases, i, c)
    {
        const json_t *outcome = json_object_get(c, "outcome");
        const char *key;
        json_t *value;
        size_t j;
        json_object_foreach((json_t *)outcome, key,
                            value) if (text_equal(json_string_value(value), cls)) return true;
        json_array_foreach(outcome, j,
                           value) if (text_equal(json_string_value(json_object_get(value, "class")),
                                                 cls)) return true;
    }
    return false;
}

/* ---- the table ---- */

/* What every provider has to show; "words": each rule of its own is reached (below). */
enum column { CHANGE, SAME, LOGIN, MISSING, FOUR, SIX, WORDS, COLUMNS };
static const char *const column_names[COLUMNS] = {"change", "same", "login", "missing",
                                                  "IPv4",   "IPv6", "words"};
enum cell { CELL_NONE, CELL_SHOWN, CELL_NOT_THERE };
struct table_row {
    const char *id;
    enum cell cells[COLUMNS];
};
static struct table_row table[512];
static size_t table_rows;

static bool has_any(const json_t *cases, const char *const *classes)
{
    for (; *classes != NULL; classes++)
        if (has_class(cases, *classes))
            return true;
    return false;
}

static bool has_good(const json_t *cases, const char *type)
{
    size_t i, j;
    json_t *c, *o;

    json_array_foreach(cases, i, c)
    {
        const json_t *outcome = json_object_get(c, "outcome");
        if (text_equal(json_string_value(json_object_get(outcome, type)), "good"))
            return true;
        json_array_foreach(
            outcome, j,
            o) if (text_equal(json_string_value(json_object_get(o, "type")), type) &&
                   text_equal(json_string_value(json_object_get(o, "class")), "good")) return true;
    }
    return false;
}

/* Does a service say that nothing changed, or can its records be read? */
static bool tells_same(const struct provider *p)
{
    return (provider_has(p, "records") && provider_flag(p, "compare", true)) ||
           provider_text(p, "answers", NULL) != NULL;
}

/* A 404 that the file takes for a refused key leaves no word for a missing name. */
static bool tells_missing(const struct provider *p)
{
    const json_t *rules = json_object_get(p->root, "errors");
    size_t i;
    json_t *rule;

    json_array_foreach(
        rules, i,
        rule) if (json_integer_value(json_object_get(json_object_get(rule, "when"), "status")) ==
                      404 &&
                  text_equal(json_string_value(json_object_get(rule, "is")), "auth")) return false;
    return true;
}

static void fill_row(const struct provider *p, const json_t *cases, bool words)
{
    static const char *const login[] = {"auth", "forbidden", NULL}, *const missing[] = {
                                                                        "no-zone", "no-host",
                                                                        "no-record", NULL};
    struct table_row *row = &table[table_rows++];
    const bool shown[COLUMNS] = {
        [CHANGE] = has_class(cases, "good"),
        [SAME] = has_class(cases, "nochg"),
        [LOGIN] = has_any(cases, login),
        [MISSING] = has_any(cases, missing),
        [FOUR] = has_good(cases, "A"),
        [SIX] = has_good(cases, "AAAA"),
        [WORDS] = words,
    };
    const bool possible[COLUMNS] = {
        [CHANGE] = true,
        [SAME] = tells_same(p),
        [LOGIN] = true,
        [MISSING] = tells_missing(p),
        [FOUR] = p->info.family_ok[V4],
        [SIX] = p->info.family_ok[V6] && (!p->info.one_family || !p->info.family_ok[V4]),
        [WORDS] = true,
    };

    row->id = p->info.id;
    for (int i = 0; i < COLUMNS; i++)
        row->cells[i] = shown[i] ? CELL_SHOWN : possible[i] ? CELL_NONE : CELL_NOT_THERE;
}

static void print_table(void)
{
    static const char *const marks[] = {"MISSING", "yes", "-"};
    unsigned missing = 0;

    printf("\n%-20s", "provider");
    for (int i = 0; i < COLUMNS; i++)
        printf(" %-8s", column_names[i]);
    printf("\n");
    for (size_t r = 0; r < table_rows; r++) {
        printf("%-20s", table[r].id);
        for (int i = 0; i < COLUMNS; i++) {
            printf(" %-8s", marks[table[r].cells[i]]);
            missing += table[r].cells[i] == CELL_NONE;
        }
        printf("\n");
    }
    printf("%zu providers, %u cases missing (-: the service has no such answer)\n", table_rows,
           missing);
    faults += missing;
}

static void sources_are_cited(const struct provider *p, const json_t *file)
{
    const json_t *cases = json_object_get(file, "cases");
    size_t i;
    json_t *c;

    if (json_array_size(cases) == 0)
        complain(p->info.id, "-", "the file has no cases", NULL, NULL);
    json_array_foreach(cases, i, c) if (json_object_get(c, "source") == NULL &&
                                        json_object_get(file, "source") == NULL)
        complain(p->info.id, json_string_value(json_object_get(c, "case")), "no source", NULL,
                 NULL);
}

/* ---- error rules ---- */

/* A value that a test accepts; NULL when that is not simple. New reference. */
static json_t *value_for(const json_t *test)
{
    if (json_is_array(test))
        return value_for(json_array_get(test, 0));
    if (!json_is_object(test))
        return test != NULL && !json_is_null(test) ? json_incref((json_t *)test) : NULL;
    if (json_object_get(test, "has") != NULL)
        return json_incref(json_object_get(test, "has"));
    if (json_object_get(test, "min") != NULL)
        return json_incref(json_object_get(test, "min"));
    if (json_is_true(json_object_get(test, "exists")))
        return json_string("there");
    return NULL;
}

/* Puts a value where the pointer points; "*" becomes the first element. False when it can not. */
static bool put_at(json_t *root, const char *pointer, json_t *value)
{
    while (*pointer == '/') {
        size_t n = strcspn(pointer + 1, "/");
        char *name = mem_text_n(pointer + 1, n);
        bool last = pointer[1 + n] == '\0';
        bool list = text_equal(name, "*") || text_is_digit(name[0]);
        bool next_list = !last && (pointer[2 + n] == '*' || text_is_digit(pointer[2 + n]));
        json_t *inside = list ? json_array_get(root, 0) : json_object_get(root, name);
        if (last)
            inside = json_incref(value);
        else if (inside == NULL)
            inside = next_list ? json_array() : json_object();
        else
            json_incref(inside);
        bool fits = list ? json_is_array(root) : json_is_object(root);
        if (fits && list && json_array_size(root) == 0)
            json_array_append(root, inside);
        else if (fits && list)
            json_array_set(root, 0, inside);
        else if (fits)
            json_object_set(root, name, inside);
        mem_free(name);
        json_decref(inside);
        if (!fits)
            return false;
        root = inside;
        pointer += 1 + n;
    }
    return true;
}

/* A reply made to fit one rule; NULL tree when the rule is not of the simple kind. */
static json_t *reply_for(const json_t *when, int *status)
{
    const json_t *one = json_is_array(when) ? json_array_get(when, 0) : when;
    const json_t *tests = json_object_get(one, "json");
    json_t *wants = value_for(json_object_get(one, "status"));
    const char *word = json_string_value(wants);
    const char *pointer;
    json_t *test;

    *status = json_is_integer(wants) ? (int)json_integer_value(wants)
              : word != NULL         ? (word[0] - '0') * 100
                                     : 200;
    json_decref(wants);
    if (json_object_get(one, "text") != NULL || json_object_get(one, "first") != NULL ||
        json_object_get(one, "last") != NULL || json_object_get(one, "header") != NULL ||
        json_object_get(one, "field") != NULL || json_object_get(one, "taken") != NULL)
        return NULL;
    json_t *tree = NULL;
    json_object_foreach((json_t *)tests, pointer, test)
    {
        json_t *value = value_for(test);
        if (tree == NULL)
            tree = pointer[1] == '*' || text_is_digit(pointer[1]) ? json_array() : json_object();
        bool put = value != NULL && put_at(tree, pointer, value);
        json_decref(value);
        if (!put) {
            json_decref(tree);
            return NULL;
        }
    }
    return tree != NULL ? tree : json_object();
}

/* Each rule is reached by a reply that fits it: none stands behind one that takes all of its. */
static void rules_are_reached(const struct provider *p, const char *slot, const json_t *head,
                              const json_t *rules)
{
    struct vars vars;
    size_t i;
    json_t *rule;

    vars_init(&vars, NULL);
    json_array_foreach(rules, i, rule)
    {
        struct reply reply;
        struct verdict v;
        reply_init(&reply);
        json_t *tree = reply_for(json_object_get(rule, "when"), &reply.status);
        struct answer a = {&reply, tree, ""};
        const char *want = json_string_value(json_object_get(rule, "is"));
        if (tree != NULL) {
            judge_reply(p, head, SLOT_WRITE, &a, &vars, 0, &v);
            if (!text_equal(outcome_rule(v.cls)->name, want))
                complain(p->info.id, slot, "a rule is never reached", rule, NULL);
            verdict_free(&v);
        }
        json_decref(tree);
        reply_free(&reply);
    }
    vars_fini(&vars);
}

static void all_rules_are_reached(const struct provider *p)
{
    static json_t *no_head;
    const char *slot;
    json_t *requests;

    if (no_head == NULL)
        no_head = json_object();
    rules_are_reached(p, "errors", no_head, json_object_get(p->root, "errors"));
    json_object_foreach(p->slots, slot, requests)
    {
        const json_t *head = provider_slot_head(p, slot);
        rules_are_reached(p, slot, head, json_object_get(head, "errors"));
    }
}

/* Every slot has been in a conversation; a request with words of its own counts for any. */
static void slots_are_used(const struct provider *p)
{
    const char *slot;
    json_t *requests;

    json_object_foreach(p->slots, slot, requests)
    {
        const json_t *head = provider_slot_head(p, slot);
        const char *about = json_string_value(json_object_get(head, "about"));
        if (!text_equal(slot, "credential") && /* test_credential.c */
            json_object_get(used, about != NULL ? about : file_about_slot(slot)) == NULL)
            complain(p->info.id, slot, "no case makes use of this slot", NULL, NULL);
    }
}

static void prove(const struct provider *p, const char *folder)
{
    char *name = mem_format("%s.json", p->info.id);
    json_t *file = exchanges_load(folder, name);
    size_t i;
    json_t *c;
    unsigned before = faults;

    mem_free(name);
    if (file == NULL) {
        complain(p->info.id, "-", "has no exchanges file, or it is not JSON", NULL, NULL);
        return;
    }
    sources_are_cited(p, file);
    used = json_object();
    json_array_foreach(json_object_get(file, "cases"), i, c)
    {
        unsigned sound = faults;
        run_case(p, file, c);
        if (faults != sound)
            continue;
        for (size_t at = 0; at < json_array_size(json_object_get(c, "steps")); at++) {
            for (int harm = 0; harm < HARMS; harm++)
                harm_case(p, c, at, (enum harm)harm);
            cancel_case(p, c, at);
        }
    }
    slots_are_used(p);
    unsigned sound = faults;
    all_rules_are_reached(p);
    fill_row(p, json_object_get(file, "cases"), faults == sound);
    json_decref(used);
    printf("%-20s %-10s %s:", p->info.id, p->info.evidence, faults == before ? "ok  " : "FAIL");
    json_array_foreach(json_object_get(file, "cases"), i, c)
        printf(" %s,", json_string_value(json_object_get(c, "case")));
    printf("\n");
    json_decref(file);
}

static bool carried_by_file(const struct provider *p)
{
    return p != NULL && p->alias == NULL && text_equal(p->info.speaks, "file") && p->slots != NULL;
}

static void test_providers(void **state)
{
    const char *only = getenv("ONLY");
    (void)state;

    for (const char *id = registry_next_provider(registry, NULL); id != NULL;
         id = registry_next_provider(registry, id)) {
        const struct provider *p = registry_provider(registry, id);
        assert_non_null(p);
        if (carried_by_file(p) && (only == NULL || text_equal(only, id)))
            prove(p, EXCHANGES);
    }
    print_table();
    printf("%u cases, %u generated\n", total_cases, total_generated);
    assert_int_equal(faults, 0);
}

/* ddclient's words: their proof is optional here, what they are compared with is ddclient itself.
 */
static void test_words(void **state)
{
    (void)state;
    for (const char *id = registry_next_protocol(registry, NULL); id != NULL;
         id = registry_next_protocol(registry, id))
        assert_non_null(registry_protocol(registry, id));
}

/* What is compiled in is not checked again when it is read, so it is checked here. */
static void check_file(const char *folder, const char *id)
{
    char *path = mem_format("%s/%s.json", folder, id);
    struct provider *p = NULL;
    struct cause c = {""};
    json_t *tree = json_load_file(path, 0, NULL);
    char *text = json_dumps(tree, 0);

    assert_non_null(text);
    if (provider_parse(text, strlen(text), path, &p, &c) != OK)
        complain(id, "-", c.text, NULL, NULL);
    provider_free(p);
    free(text);
    json_decref(tree);
    mem_free(path);
}

static void test_files(void **state)
{
    static const char *const folders[BUILTIN_SORTS] = {
        [BUILTIN_PROVIDER] = EXCHANGES "/..",
        [BUILTIN_WORD] = EXCHANGES "/../ddclient",
        [BUILTIN_NOTIFY] = EXCHANGES "/../notify",
    };
    (void)state;
    for (size_t i = 0; i < builtin_count; i++)
        check_file(folders[builtin_files[i].sort], builtin_files[i].id);
    assert_int_equal(faults, 0);
}

/* What a list of all costs, with the fields that each wants. */
static unsigned ask_about_all(struct registry *all)
{
    unsigned count = 0;

    for (const char *id = NULL; (id = registry_next_provider(all, id)) != NULL; count++)
        assert_non_null(registry_about(all, id));
    for (const char *id = NULL; (id = registry_next_protocol(all, id)) != NULL; count++)
        assert_non_null(registry_about_protocol(all, id));
    return count;
}

/* A service carries out those that it uses, and asks about the others. Memory is a matter of this
 * code alone, so it may fail; time depends on the machine and is only told. */
static void test_cost(void **state)
{
    struct timespec before, after;
    struct mallinfo2 memory = mallinfo2();
    size_t used_before = memory.uordblks + memory.hblkhd;

    (void)state;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &before);
    struct registry *all = registry_new();
    unsigned count = ask_about_all(all);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &after);
    memory = mallinfo2();
    size_t bytes = memory.uordblks + memory.hblkhd - used_before;
    printf("%u provider files loaded in %.2f ms, %zu KiB\n", count,
           (double)(after.tv_sec - before.tv_sec) * 1e3 +
               (double)(after.tv_nsec - before.tv_nsec) / 1e6,
           bytes / 1024);
    registry_free(all);
#ifndef __SANITIZE_ADDRESS__ /* its allocator tells mallinfo2() nothing */
    assert_in_range(bytes, 1, 2 << 20);
#endif
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_providers),
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_files),
        cmocka_unit_test(test_cost),
    };
    log_add_sink(log_to_file, stderr, LOG_LEVEL_WARNING);
    registry = registry_new();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    registry_free(registry);
    return failed;
}
