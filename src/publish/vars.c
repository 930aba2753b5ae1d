/*
 * SPDX-License-Identifier: ISC
 */
#include "publish/vars.h"

#include "base/mem.h"
#include "base/text.h"
#include "publish/provider_data.h"

#include <string.h>

void vars_init(struct vars *v, const struct vars *outer)
{
    *v = (struct vars){.outer = outer, .set = json_object(), .secrets = json_object()};
}

void vars_fini(struct vars *v)
{
    json_decref(v->set);
    json_decref(v->secrets);
    *v = (struct vars){0};
}

void vars_put(struct vars *v, const char *name, json_t *value)
{
    json_object_set_new(v->set, name, value != NULL ? value : json_null());
    json_object_del(v->secrets, name);
}

void vars_put_secret(struct vars *v, const char *name, json_t *value)
{
    vars_put(v, name, value);
    json_object_set_new(v->secrets, name, json_true());
}

void vars_put_text(struct vars *v, const char *name, const char *text)
{
    vars_put(v, name, text != NULL ? json_string_nocheck(text) : NULL);
}

static bool known_true(const char *text)
{
    return text_case_equal(text, "yes") || text_case_equal(text, "true") ||
           text_case_equal(text, "y") || text_case_equal(text, "t") ||
           text_case_equal(text, "on") || text_equal(text, "1");
}

static json_t *setting(const struct vars *v, const char *name, bool *secret)
{
    const char *text = view_get(v->settings, name);
    enum field_type type = provider_field_type(v->provider, name);
    uint64_t number;

    if (text == NULL)
        text = provider_default(v->provider, name);
    if (text == NULL)
        return NULL;
    *secret = view_secret(v->settings, name) || provider_field_secret(v->provider, name);
    if (type == FIELD_NUMBER && text_number(text, &number) && number <= INT64_MAX)
        return json_integer((json_int_t)number);
    if (type == FIELD_BOOL)
        return json_boolean(known_true(text));
    return json_string_nocheck(text); /* bytes: where UTF-8 is needed, expand.c refuses them */
}

/* NULL: not in this scope. JSON null: undefined, and the search ends. */
static json_t *in_scope(const struct vars *v, const char *name, bool *secret)
{
    json_t *found = json_object_get(v->set, name);
    char head[128];
    const char *dot = strchr(name, '.');

    if (found != NULL) {
        *secret = json_object_get(v->secrets, name) != NULL;
        return json_incref(found);
    }
    if (dot == NULL || (size_t)(dot - name) >= sizeof head)
        return NULL;
    memcpy(head, name, (size_t)(dot - name));
    head[dot - name] = '\0';
    json_t *object = json_object_get(v->set, head);
    if (object == NULL)
        return NULL;
    *secret = json_object_get(v->secrets, head) != NULL;
    found = json_object_get(object, dot + 1);
    return found != NULL ? json_incref(found) : json_null();
}

json_t *vars_get(const struct vars *v, const char *name, bool filled, bool *secret)
{
    *secret = false;
    for (; v != NULL; v = v->outer) {
        json_t *value = in_scope(v, name, secret);
        if (value == NULL && v->settings != NULL)
            value = setting(v, name, secret);
        if (value == NULL)
            continue;
        bool empty = filled && json_is_string(value) && json_string_length(value) == 0;
        if (json_is_null(value) || empty) {
            json_decref(value);
            return NULL;
        }
        return value;
    }
    return NULL;
}

char *json_scalar_text(const json_t *value)
{
    if (json_is_string(value))
        return mem_text_n(json_string_value(value), json_string_length(value));
    if (json_is_integer(value))
        return mem_format("%lld", (long long)json_integer_value(value));
    if (json_is_real(value))
        return mem_format("%.17g", json_real_value(value));
    if (json_is_boolean(value))
        return mem_text(json_is_true(value) ? "true" : "false");
    return NULL;
}

char *vars_text(const struct vars *v, const char *name, bool *secret)
{
    bool hidden;
    json_t *value = vars_get(v, name, false, &hidden);
    char *text = value != NULL ? json_scalar_text(value) : NULL;

    json_decref(value);
    if (secret != NULL)
        *secret = hidden;
    return text;
}
