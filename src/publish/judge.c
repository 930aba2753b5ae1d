/*
 * SPDX-License-Identifier: ISC
 */
#include "publish/judge.h"

#include "base/marked.h"
#include "base/mem.h"
#include "base/text.h"
#include "publish/dyndns2.h"
#include "publish/ere.h"
#include "publish/expand.h"
#include "publish/names.h"
#include "publish/pointer.h"
#include "publish/provider_data.h"
#include "publish/step.h"

#include <stdlib.h>
#include <string.h>

enum { SAY_LONGEST = 240, PART_SHORTEST = 8 };

static bool same_text(const char *a, const char *b)
{
    struct addr left, right;

    if (text_equal(a, b))
        return true;
    if (addr_parse(a, &left) && addr_parse(b, &right))
        return addr_equal(&left, &right);
    return name_equal(a, b);
}

static bool number_of(const json_t *value, double *out)
{
    char *end;

    if (json_is_number(value)) {
        *out = json_number_value(value);
        return true;
    }
    const char *s = json_string_value(value);
    if (s == NULL || !(text_is_digit(s[0]) || s[0] == '-'))
        return false;
    *out = strtod(s, &end);
    return *end == '\0';
}

static bool has_text(const char *text, const char *part)
{
    size_t n = strlen(part);

    for (; *text != '\0'; text++) {
        size_t i = 0;
        while (i < n && text_lower(text[i]) == text_lower(part[i]) && text[i] != '\0')
            i++;
        if (i == n)
            return true;
    }
    return n == 0;
}

static bool object_test(const json_t *actual, const json_t *test, const struct vars *vars)
{
    double number, bound;
    const char *key;
    json_t *value;
    char *text = actual != NULL ? json_scalar_text(actual) : NULL;
    bool ok = true;

    json_object_foreach((json_t *)test, key, value)
    {
        if (text_equal(key, "exists"))
            ok = ok && json_is_true(value) == (actual != NULL && !json_is_null(actual));
        else if (text_equal(key, "min"))
            ok = ok && number_of(actual, &number) && number_of(value, &bound) && number >= bound;
        else if (text_equal(key, "max"))
            ok = ok && number_of(actual, &number) && number_of(value, &bound) && number <= bound;
        else if (text_equal(key, "not"))
            ok = ok && !judge_value(actual, value, vars);
        else if (text_equal(key, "has"))
            ok = ok && text != NULL && has_text(text, json_string_value(value));
        else if (text_equal(key, "match"))
            ok = ok && text != NULL && ere_match(json_string_value(value), text);
        else
            ok = false;
    }
    mem_free(text);
    return ok;
}

bool judge_value(const json_t *actual, const json_t *test, const struct vars *vars)
{
    double a, b;

    if (json_is_array(test)) {
        for (size_t i = 0; i < json_array_size(test); i++)
            if (judge_value(actual, json_array_get(test, i), vars))
                return true;
        return false;
    }
    if (json_is_object(test))
        return object_test(actual, test, vars);
    if (json_is_null(test))
        return actual == NULL || json_is_null(actual);
    if (actual == NULL)
        return false;
    if (json_is_boolean(test))
        return json_is_boolean(actual) && json_is_true(actual) == json_is_true(test);
    if (json_is_number(test))
        return number_of(actual, &a) && number_of(test, &b) && a == b;

    struct marked want;
    struct expand e = {vars, NULL, NULL};
    marked_init(&want);
    char *text = json_scalar_text(actual);
    bool ok = text != NULL &&
              expand_text(&e, json_string_value(test), PLACE_PLAIN, &want) == EXPANDED &&
              same_text(text, marked_str(&want));
    mem_free(text);
    marked_free(&want);
    return ok;
}

static bool named_values(const json_t *tests, const struct vars *vars)
{
    const char *key;
    json_t *test;

    json_object_foreach((json_t *)tests, key, test)
    {
        bool secret;
        json_t *value = vars_get(vars, key, false, &secret);
        json_t *shown = value;
        /* An unset field reads as "" in a condition, so that "" can be listed. */
        if (value == NULL && !json_is_object(test))
            shown = json_string("");
        bool ok = judge_value(shown, test, vars);
        json_decref(shown);
        if (!ok)
            return false;
    }
    return true;
}

bool judge_if(const json_t *condition, const struct vars *vars)
{
    if (json_is_array(condition)) {
        for (size_t i = 0; i < json_array_size(condition); i++)
            if (judge_if(json_array_get(condition, i), vars))
                return true;
        return false;
    }
    return named_values(json_object_get(condition, "field"), vars) &&
           named_values(json_object_get(condition, "taken"), vars);
}

static bool status_is(const json_t *want, int status)
{
    if (json_is_array(want)) {
        for (size_t i = 0; i < json_array_size(want); i++)
            if (status_is(json_array_get(want, i), status))
                return true;
        return false;
    }
    if (json_is_integer(want))
        return json_integer_value(want) == status;
    const char *word = json_string_value(want);
    return word != NULL && word[0] - '0' == status / 100;
}

struct pointer_test {
    const json_t *test;
    const struct vars *vars;
};

static bool pointer_holds(void *arg, json_t *value)
{
    const struct pointer_test *t = arg;
    return judge_value(value, t->test, t->vars);
}

static bool pointers_hold(const json_t *tests, const json_t *tree, const struct vars *vars)
{
    const char *pointer;
    json_t *test;

    json_object_foreach((json_t *)tests, pointer, test)
    {
        struct pointer_test t = {test, vars};
        bool absent = pointer_get(tree, pointer) == NULL;
        if (absent ? !judge_value(NULL, test, vars)
                   : !pointer_any(tree, pointer, pointer_holds, &t))
            return false;
    }
    return true;
}

bool judge_where(const json_t *where, const json_t *element, const struct vars *vars)
{
    return pointers_hold(where, element, vars);
}

static bool headers_hold(const json_t *tests, const struct reply *reply)
{
    const char *name;
    json_t *test;

    json_object_foreach((json_t *)tests, name, test)
    {
        const char *value = reply_header_find(reply, name);
        if (value == NULL || !ere_match(json_string_value(test), value))
            return false;
    }
    return true;
}

static bool text_holds(const json_t *pattern, const char *text, enum ere_lines which,
                       const struct vars *vars)
{
    struct expand e = {vars, NULL, NULL};
    struct marked full;

    if (pattern == NULL)
        return true;
    /* Of a list every pattern must be found, each in a line of its own choice. */
    for (size_t i = 0; json_is_array(pattern) && i < json_array_size(pattern); i++)
        if (!text_holds(json_array_get(pattern, i), text, which, vars))
            return false;
    if (json_is_array(pattern))
        return true;
    const char *words = json_string_value(pattern);
    if (strchr(words, '{') == NULL)
        return ere_match_lines(words, text, which);
    /* A placeholder in a pattern stands for its literal value. */
    marked_init(&full);
    bool ok = expand_text(&e, words, PLACE_PATTERN, &full) == EXPANDED &&
              ere_valid(marked_str(&full)) && ere_match_lines(marked_str(&full), text, which);
    marked_free(&full);
    return ok;
}

bool judge_condition(const json_t *c, const struct answer *a, const struct vars *vars)
{
    if (json_is_array(c)) {
        for (size_t i = 0; i < json_array_size(c); i++)
            if (judge_condition(json_array_get(c, i), a, vars))
                return true;
        return false;
    }
    const json_t *status = json_object_get(c, "status");
    if (status != NULL && !status_is(status, a->reply->status))
        return false;
    return judge_if(c, vars) && pointers_hold(json_object_get(c, "json"), a->tree, vars) &&
           headers_hold(json_object_get(c, "header"), a->reply) &&
           text_holds(json_object_get(c, "text"), a->text, ERE_ANY, vars) &&
           text_holds(json_object_get(c, "first"), a->text, ERE_FIRST, vars) &&
           text_holds(json_object_get(c, "last"), a->text, ERE_LAST, vars);
}

/* A condition of "ok" that says nothing of the status wants 2xx. */
static bool ok_holds(const json_t *c, const struct answer *a, const struct vars *vars)
{
    if (json_is_array(c)) {
        for (size_t i = 0; i < json_array_size(c); i++)
            if (ok_holds(json_array_get(c, i), a, vars))
                return true;
        return false;
    }
    if (json_object_get(c, "status") == NULL && a->reply->status / 100 != 2)
        return false;
    return judge_condition(c, a, vars);
}

static const json_t *error_rule(const json_t *errors, const struct answer *a,
                                const struct vars *vars)
{
    for (size_t i = 0; i < json_array_size(errors); i++) {
        const json_t *rule = json_array_get(errors, i);
        if (judge_condition(json_object_get(rule, "when"), a, vars))
            return rule;
    }
    return NULL;
}

static enum outcome_class class_without_rule(enum slot_kind kind, const struct answer *a)
{
    int status = a->reply->status;

    if (status / 100 == 2)
        return OUTCOME_UNKNOWN;
    if (status == 404 && kind == SLOT_WRITE_AT_ID)
        return OUTCOME_NO_RECORD;
    if (status == 404 && kind == SLOT_UPDATE)
        return OUTCOME_NO_HOST;
    if (status == 404 && kind == SLOT_SESSION)
        return OUTCOME_UNKNOWN;
    return step_class_of_status(status, kind != SLOT_READ && kind != SLOT_SESSION);
}

static msec wait_of(const json_t *rule, const struct answer *a)
{
    const json_t *wait = json_object_get(rule, "wait");
    double seconds;

    if (json_is_string(wait))
        wait = pointer_get(a->tree, json_string_value(wait));
    if (wait == NULL || !number_of(wait, &seconds) || !(seconds > 0))
        return 0;
    return seconds > 366 * 86400.0 ? 366 * DAY : (msec)(seconds * SECOND);
}

/* An address that is a secret is one by what follows its host, and a service may name a part. */
static void add_parts(struct marked *secrets, const char *address)
{
    const char *at = strstr(address, "://");

    if (at == NULL)
        return;
    for (at += 3 + strcspn(at + 3, "/?#"); *at != '\0';) {
        at += strspn(at, "/?#&=");
        size_t n = strcspn(at, "/?#&=");
        if (n >= PART_SHORTEST) {
            char *part = mem_text_n(at, n);
            marked_encoded(secrets, part);
            mem_free_secret(part);
        }
        at += n;
    }
}

char *judge_clean(const struct provider *p, const struct vars *vars, const char *text)
{
    size_t n = strnlen(text, 4 * SAY_LONGEST);
    struct marked secrets;
    struct buf out;

    marked_init(&secrets);
    for (size_t i = 0; i < p->info.field_count; i++) {
        const struct provider_field *f = &p->info.fields[i];
        char *value = f->secret ? vars_text(vars, f->name, NULL) : NULL;
        if (value != NULL) {
            marked_encoded(&secrets, value);
            add_parts(&secrets, value);
        }
        mem_free_secret(value);
    }
    buf_init(&out, 3 * n + 1); /* a secret has four bytes, its dots nine */
    marked_hide(&secrets, text, n, &out);
    marked_free(&secrets);
    char *now = buf_take(&out);
    buf_free(&out);
    size_t kept = 0;
    for (const char *c = now; *c != '\0' && kept < SAY_LONGEST; c++) {
        char ch = (unsigned char)*c < 0x20 || *c == 0x7f ? ' ' : *c;
        if (ch != ' ' || (kept > 0 && now[kept - 1] != ' '))
            now[kept++] = ch;
    }
    /* Not in the middle of a character. */
    if (kept == SAY_LONGEST)
        while (kept > 0 && (unsigned char)now[kept - 1] >= 0x80)
            kept--;
    while (kept > 0 && now[kept - 1] == ' ')
        kept--;
    now[kept] = '\0';
    if (!text_is_utf8(now, kept))
        for (size_t i = 0; i < kept; i++)
            now[i] = (unsigned char)now[i] < 0x80 ? now[i] : '?';
    return now;
}

/* The provider's words: what "message" points to, else the beginning of a text. */
static char *message_of(const struct provider *p, const json_t *head, const struct answer *a,
                        const struct vars *vars)
{
    const json_t *lists[] = {json_object_get(head, "message"), json_object_get(p->root, "message")};

    for (size_t l = 0; l < 2; l++)
        for (size_t i = 0; i < json_array_size(lists[l]); i++) {
            const char *pointer = json_string_value(json_array_get(lists[l], i));
            char *text = json_scalar_text(pointer_get(a->tree, pointer));
            char *clean = text != NULL && text[0] != '\0' ? judge_clean(p, vars, text) : NULL;
            mem_free(text);
            if (clean != NULL)
                return clean;
        }
    if (a->text != NULL && a->text[0] != '\0' && a->text[0] != '<')
        return judge_clean(p, vars, a->text);
    return NULL;
}

static char *sentence(const char *say, char *message, const struct answer *a)
{
    char *out;

    if (say != NULL && message != NULL)
        out = mem_format("%s (%s)", say, message);
    else if (say != NULL)
        out = mem_text(say);
    else if (message != NULL)
        out = mem_text(message);
    else
        out = mem_format("HTTP status %d", a->reply->status);
    mem_free(message);
    return out;
}

/* The first word of an answer as Dyn's "Remote Access API" has them. */
static bool word_class(const char *text, enum outcome_class *cls, msec *wait)
{
    while (text_is_space(*text))
        text++;
    *cls = dyndns2_word(text, strcspn(text, " \t\r\n"), wait);
    return *cls != OUTCOME_UNKNOWN;
}

void judge_reply(const struct provider *p, const json_t *head, enum slot_kind kind,
                 const struct answer *a, const struct vars *vars, msec wall_now,
                 struct verdict *out)
{
    const json_t *ok = json_object_get(head, "ok");
    const json_t *rule = error_rule(json_object_get(head, "errors"), a, vars);
    bool words = kind == SLOT_UPDATE && provider_text(p, "answers", NULL) != NULL;

    *out = (struct verdict){.cls = OUTCOME_GOOD};
    if (rule == NULL)
        rule = error_rule(json_object_get(p->root, "errors"), a, vars);
    if (ok == NULL)
        ok = json_object_get(p->root, "ok");
    if (rule != NULL) {
        outcome_class_parse(json_string_value(json_object_get(rule, "is")), &out->cls);
        out->wait = wait_of(rule, a);
    } else if (words && word_class(a->text, &out->cls, &out->wait)) {
        /* one of Dyn's words */
    } else if (words && a->reply->status / 100 == 2 && ok == NULL) {
        out->cls = OUTCOME_UNKNOWN;
    } else if (ok != NULL ? !ok_holds(ok, a, vars) : a->reply->status / 100 != 2) {
        out->cls = class_without_rule(kind, a);
    }
    msec asked = reply_retry_after(a->reply, wall_now);
    if (asked > out->wait)
        out->wait = asked;
    if (out->cls != OUTCOME_GOOD && out->cls != OUTCOME_NONE)
        out->say = sentence(json_string_value(json_object_get(rule, "say")),
                            message_of(p, head, a, vars), a);
}

void verdict_free(struct verdict *v)
{
    mem_free(v->say);
    *v = (struct verdict){0};
}
