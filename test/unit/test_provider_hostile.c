/*
 * SPDX-License-Identifier: ISC
 *
 * Hostile settings and hostile replies for every provider file: whatever a value holds, no request
 * changes its structure, and no secret is seen in what people read.
 */
#include "exchanges.h"

#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "publish/provider_data.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { STEPS_MOST = 60 };

static struct registry *registry;
static unsigned faults, runs, compared;

static const char *const hostile[] = {
    "a&b=c",       "x#y",        "../../up",         "..",       "/",        "?q=1",
    "\"],\"x\":1", "{password}", "</Value><x>&amp;", "\r\nX: y", "a\tb",     "%00%2e",
    "\xc3\xa9",    "\xff\xfe",   "a:b@c/d",          " ",        "'; -- \\", "\xf0\x9f\x8f\xa0",
};

static void complain(const char *id, const char *what, const char *a, const char *b)
{
    print_error("%s: %s\n  %s\n  %s\n", id, what, a, b != NULL ? b : "");
    faults++;
}

/* What a case asks for: the structure of each request. */
struct trace {
    char *structures[STEPS_MOST];
    size_t count;
    const char *setting; /* the value that was tried, or NULL */
};

static void trace_free(struct trace *t)
{
    for (size_t i = 0; i < t->count; i++)
        mem_free(t->structures[i]);
    t->count = 0;
}

typedef void look_fn(void *arg, const struct provider *p, const struct request *r);

/* Plays a case with these settings and the replies of its steps. */
static void play(const struct provider *p, const json_t *given, const json_t *steps,
                 struct trace *t, look_fn *look, void *arg)
{
    struct replay r;

    runs++;
    t->count = 0;
    replay_begin(&r, p, given);
    replay_go(&r, STEP_START, NULL);
    replay_settle(&r);
    while (r.out.request_count == 1 && t->count < json_array_size(steps) && t->count < STEPS_MOST) {
        const json_t *step = json_array_get(steps, t->count);
        struct reply reply;
        t->structures[t->count++] = replay_structure(&r.out.requests[0], t->setting);
        if (look != NULL)
            look(arg, p, &r.out.requests[0]);
        replay_reply(json_object_get(step, "reply"), &reply);
        replay_go(&r, STEP_REPLY, &reply);
        reply_free(&reply);
        replay_settle(&r);
    }
    for (size_t i = 0; arg != NULL && i < json_array_size(r.outcomes); i++) {
        const char *say = json_string_value(json_object_get(json_array_get(r.outcomes, i), "say"));
        if (say != NULL && strstr(say, arg) != NULL)
            complain(p->info.id, "a secret is in what an outcome says", say, NULL);
    }
    replay_end(&r);
}

static json_t *with_setting(const json_t *given, const char *name, const char *value)
{
    json_t *out = json_deep_copy(given);
    json_t *settings = json_object_get(out, "settings");

    /* Settings reach us as bytes; JSON can not hold those that are not UTF-8. */
    json_object_set_new(settings, name, json_stringn_nocheck(value, strlen(value)));
    return out;
}

/* A field that decides where requests go is its owner's word; the zone and choices are checked. */
static bool is_free_text(const struct provider *p, const struct provider_field *f)
{
    return f->choices == NULL && provider_field_type(p, f->name) == FIELD_TEXT &&
           !text_equal(f->name, "server") && !text_equal(f->name, "zone") &&
           !text_equal(f->name, "ttl");
}

/* Compared with the same setting as something harmless. */
static void hostile_setting(const struct provider *p, const json_t *c, const char *field)
{
    struct trace plain = {.setting = "harmless"};
    json_t *harmless = with_setting(json_object_get(c, "given"), field, "harmless");

    play(p, harmless, json_object_get(c, "steps"), &plain, NULL, NULL);
    json_decref(harmless);
    for (size_t h = 0; h < sizeof hostile / sizeof hostile[0]; h++) {
        struct trace t = {.setting = hostile[h]};
        json_t *given = with_setting(json_object_get(c, "given"), field, hostile[h]);
        play(p, given, json_object_get(c, "steps"), &t, NULL, NULL);
        for (size_t i = 0; i < t.count; i++) {
            compared++;
            if (i >= plain.count || !text_equal(t.structures[i], plain.structures[i])) {
                char *what =
                    mem_format("the setting \"%s\" as %s changes a request", field, hostile[h]);
                complain(p->info.id, what, t.structures[i],
                         i < plain.count ? plain.structures[i] : "(no request)");
                mem_free(what);
                break;
            }
        }
        trace_free(&t);
        json_decref(given);
    }
    trace_free(&plain);
}

/* The nth text in a tree, for replacing it. */
static bool replace_text(json_t *v, size_t *n, const char *with)
{
    const char *key;
    json_t *member;
    size_t i;

    if (json_is_object(v)) {
        json_object_foreach(v, key, member)
        {
            if (json_is_string(member) && (*n)-- == 0) {
                json_object_set_new(v, key, json_string_nocheck(with));
                return true;
            }
            if (!json_is_string(member) && replace_text(member, n, with))
                return true;
        }
    } else if (json_is_array(v)) {
        json_array_foreach(v, i, member)
        {
            if (json_is_string(member) && (*n)-- == 0) {
                json_array_set_new(v, i, json_string_nocheck(with));
                return true;
            }
            if (!json_is_string(member) && replace_text(member, n, with))
                return true;
        }
    }
    return false;
}

/* One text of one reply at a time. The conversation may take another way then, so requests are only
 * compared with all that the plain case knows of this method and place. */
static void hostile_replies(const struct provider *p, const json_t *c, const struct trace *plain)
{
    const json_t *steps = json_object_get(c, "steps");

    for (size_t s = 0; s < json_array_size(steps); s++) {
        for (size_t which = 0; which < 40; which++) {
            json_t *changed = json_deep_copy(steps);
            json_t *body =
                json_object_get(json_object_get(json_array_get(changed, s), "reply"), "body");
            size_t n = which;
            bool more = replace_text(body, &n, hostile[(which + s) % 12]);
            struct trace t = {.count = 0};
            if (more)
                play(p, json_object_get(c, "given"), changed, &t, NULL, NULL);
            for (size_t i = 0; i < t.count; i++) {
                compared++;
                if (text_starts(t.structures[i], "broken")) {
                    complain(p->info.id, "a reply breaks a request", t.structures[i], NULL);
                } else if (i < plain->count) {
                    size_t origin = strcspn(plain->structures[i], " ") + 1;
                    origin += strcspn(plain->structures[i] + origin, " ");
                    if (t.structures[i][0] == plain->structures[i][0] &&
                        strncmp(t.structures[i], plain->structures[i], origin) != 0 &&
                        strstr(plain->structures[0], "://") != NULL &&
                        strncmp(strchr(t.structures[i], ' '), strchr(plain->structures[0], ' '),
                                strcspn(strchr(plain->structures[0], ' ') + 1, " ") + 1) != 0)
                        complain(p->info.id, "a reply sends a request elsewhere", t.structures[i],
                                 plain->structures[i]);
                }
            }
            trace_free(&t);
            json_decref(changed);
            if (!more)
                break;
        }
    }
}

/* ---- secrets ---- */

static void look_for_secret(void *arg, const struct provider *p, const struct request *r)
{
    struct buf shown;
    const char *secret = arg;
    struct buf coded;

    buf_init(&shown, 1 << 20);
    buf_init(&coded, 4096);
    request_show(r, true, &shown);
    text_add_base64(&coded, secret, strlen(secret) - strlen(secret) % 3);
    if (strstr(buf_str(&shown), secret) != NULL || strstr(buf_str(&shown), buf_str(&coded)) != NULL)
        complain(p->info.id, "a secret is in a shown request", buf_str(&shown), NULL);
    buf_free(&coded);
    buf_free(&shown);
}

/* Each secret field gets a value that can be found again; replies echo it. */
static void secrets_stay(const struct provider *p, const json_t *c, const char *field)
{
    static char secret[] = "Xq7SecretValueZz93";
    json_t *given = with_setting(json_object_get(c, "given"), field, secret);
    json_t *steps = json_deep_copy(json_object_get(c, "steps"));
    struct trace t = {0};

    play(p, given, steps, &t, look_for_secret, secret);
    trace_free(&t);
    for (size_t i = 0; i < json_array_size(steps); i++) {
        json_t *reply = json_object_get(json_array_get(steps, i), "reply");
        json_object_set_new(reply, "status", json_integer(400));
        json_object_set_new(reply, "body",
                            json_pack("{s:s, s:s, s:{s:s}, s:[{s:s}]}", "message", secret, "detail",
                                      secret, "error", "message", secret, "errors", "message",
                                      secret));
    }
    play(p, given, steps, &t, look_for_secret, secret);
    trace_free(&t);
    json_decref(steps);
    json_decref(given);
}

static void attack(const struct provider *p, const char *folder)
{
    char *name = mem_format("%s.json", p->info.id);
    json_t *file = exchanges_load(folder, name);
    size_t i;
    json_t *c;

    mem_free(name);
    json_array_foreach(json_object_get(file, "cases"), i, c)
    {
        struct trace plain = {0};
        if (i >= 4)
            break; /* the first ones: found and changed, created, as it should be */
        play(p, json_object_get(c, "given"), json_object_get(c, "steps"), &plain, NULL, NULL);
        for (size_t f = 0; f < p->info.field_count; f++) {
            const struct provider_field *field = &p->info.fields[f];
            if (is_free_text(p, field) && i < 2)
                hostile_setting(p, c, field->name);
            if (field->secret && provider_field_type(p, field->name) == FIELD_TEXT)
                secrets_stay(p, c, field->name);
        }
        hostile_replies(p, c, &plain);
        trace_free(&plain);
    }
    json_decref(file);
}

static void test_hostile(void **state)
{
    (void)state;
    for (const char *id = registry_next_provider(registry, NULL); id != NULL;
         id = registry_next_provider(registry, id)) {
        const struct provider *p = registry_provider(registry, id);
        if (p != NULL && p->alias == NULL && text_equal(p->info.speaks, "file") && p->slots != NULL)
            attack(p, EXCHANGES);
    }
    printf("%u runs, %u requests compared\n", runs, compared);
    assert_int_equal(faults, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_hostile)};
    registry = registry_new();
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    registry_free(registry);
    return failed;
}
