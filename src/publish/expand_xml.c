/*
 * SPDX-License-Identifier: ISC
 */
#include "publish/expand.h"

#include "base/text.h"

static enum expanded element(const struct expand *e, const char *name, const json_t *value,
                             struct marked *out);

/* Attributes of an element's template: its members "@name". */
static enum expanded attributes(const struct expand *e, const json_t *value, struct marked *out)
{
    const char *key;
    json_t *member;

    json_object_foreach((json_t *)value, key, member)
    {
        if (key[0] != '@')
            continue;
        struct marked text;
        marked_init(&text);
        enum expanded r = expand_leaf(e, member, PLACE_XML, &text);
        if (r == EXPANDED) {
            marked_text(out, " ");
            marked_text(out, key + 1);
            marked_text(out, "=\"");
            marked_join(out, &text);
            marked_text(out, "\"");
        }
        marked_free(&text);
        if (r == EXPAND_FAILED)
            return r;
    }
    return EXPANDED;
}

static bool is_leaf(const json_t *value)
{
    return !json_is_object(value) || json_object_get(value, "$if") != NULL ||
           json_object_get(value, "$md5") != NULL || json_object_get(value, "$sha1") != NULL;
}

/* A list: the element repeated; in it $each repeats for each of a list of values. */
static enum expanded repeated(const struct expand *e, const char *name, const json_t *list,
                              struct marked *out)
{
    size_t index;
    json_t *one;

    json_array_foreach(list, index, one)
    {
        const char *each = json_string_value(json_object_get(one, "$each"));
        if (each == NULL) {
            if (element(e, name, one, out) == EXPAND_FAILED)
                return EXPAND_FAILED;
            continue;
        }
        bool secret;
        json_t *values = vars_get(e->vars, each, false, &secret);
        enum expanded r = EXPANDED;
        for (size_t i = 0; i < json_array_size(values) && r != EXPAND_FAILED; i++) {
            json_t *value = json_array_get(values, i);
            struct vars inner;
            const char *key;
            json_t *member;
            vars_init(&inner, e->vars);
            if (!json_is_object(value))
                vars_put(&inner, "value", json_incref(value));
            json_object_foreach(value, key, member) vars_put(&inner, key, json_incref(member));
            struct expand deeper = {&inner, e->raw, e->cause};
            r = element(&deeper, name, json_object_get(one, "do"), out);
            vars_fini(&inner);
        }
        json_decref(values);
        if (r == EXPAND_FAILED)
            return r;
    }
    return EXPANDED;
}

static enum expanded element(const struct expand *e, const char *name, const json_t *value,
                             struct marked *out)
{
    if (json_is_array(value))
        return repeated(e, name, value, out);

    struct marked inside;
    marked_init(&inside);
    enum expanded r =
        is_leaf(value) ? expand_leaf(e, value, PLACE_XML, &inside) : expand_xml(e, value, &inside);
    if (r == EXPANDED) {
        marked_text(out, "<");
        marked_text(out, name);
        r = json_is_object(value) ? attributes(e, value, out) : EXPANDED;
        marked_text(out, ">");
        marked_join(out, &inside);
        marked_text(out, "</");
        marked_text(out, name);
        if (!marked_text(out, ">"))
            r = EXPAND_FAILED;
    }
    marked_free(&inside);
    return r;
}

enum expanded expand_xml(const struct expand *e, const json_t *object, struct marked *out)
{
    const char *key;
    json_t *value;

    json_object_foreach((json_t *)object, key, value)
    {
        enum expanded r = EXPANDED;
        if (text_equal(key, "#"))
            r = expand_leaf(e, value, PLACE_XML, out);
        else if (key[0] != '@' && key[0] != '$')
            r = element(e, key, value, out);
        if (r == EXPAND_FAILED)
            return r;
    }
    return EXPANDED;
}
