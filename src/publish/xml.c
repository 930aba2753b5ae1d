/*
 * SPDX-License-Identifier: ISC
 */
#include "publish/xml.h"

#include "base/buf.h"
#include "base/exchange.h"
#include "base/mem.h"
#include "base/text.h"
#include "publish/libexpat.h"

enum { DEPTH_MAX = 64, XML_TEXT_MAX = REPLY_MAX_DEFAULT };

struct level {
    json_t *members; /* owned */
    char *name;      /* owned */
    struct buf text;
};

struct reader {
    XML_Parser parser;
    struct level levels[DEPTH_MAX + 1];
    size_t depth; /* levels[0] is the document */
};

/* Adds a member; a second one of the same name makes a list. Takes value over. */
static void add_member(json_t *object, const char *name, json_t *value)
{
    json_t *former = json_object_get(object, name);

    if (former == NULL) {
        json_object_set_new(object, name, value);
    } else if (json_is_array(former)) {
        json_array_append_new(former, value);
    } else {
        json_t *list = json_array();
        json_array_append(list, former);
        json_array_append_new(list, value);
        json_object_set_new(object, name, list);
    }
}

static void on_start(void *arg, const XML_Char *name, const XML_Char **attributes)
{
    struct reader *r = arg;

    if (r->depth == DEPTH_MAX) {
        XML_StopParser(r->parser, XML_FALSE);
        return;
    }
    struct level *l = &r->levels[++r->depth];
    *l = (struct level){.members = json_object(), .name = mem_text(name)};
    buf_init(&l->text, XML_TEXT_MAX);
    for (size_t i = 0; attributes[i] != NULL; i += 2) {
        char *key = mem_format("@%s", attributes[i]);
        json_object_set_new(l->members, key, json_string(attributes[i + 1]));
        mem_free(key);
    }
}

static void level_fini(struct level *l)
{
    json_decref(l->members);
    mem_free(l->name);
    buf_free(&l->text);
}

static json_t *trimmed(const struct buf *b)
{
    const char *s = buf_str(b);
    size_t n = b->len;

    while (n > 0 && text_is_space(*s)) {
        s++;
        n--;
    }
    while (n > 0 && text_is_space(s[n - 1]))
        n--;
    return json_stringn(s, n);
}

static void on_end(void *arg, const XML_Char *name)
{
    struct reader *r = arg;
    struct level *l = &r->levels[r->depth--];
    json_t *text = trimmed(&l->text);
    (void)name;

    if (json_object_size(l->members) == 0) {
        add_member(r->levels[r->depth].members, l->name, json_incref(text));
    } else {
        if (json_string_length(text) > 0)
            json_object_set(l->members, "#", text);
        add_member(r->levels[r->depth].members, l->name, json_incref(l->members));
    }
    json_decref(text);
    level_fini(l);
}

static void on_text(void *arg, const XML_Char *s, int n)
{
    struct reader *r = arg;
    buf_add(&r->levels[r->depth].text, s, (size_t)n);
}

static void on_doctype(void *arg, const XML_Char *name, const XML_Char *system,
                       const XML_Char *public_id, int internal)
{
    struct reader *r = arg;
    (void)name, (void)system, (void)public_id, (void)internal;
    XML_StopParser(r->parser, XML_FALSE);
}

json_t *xml_parse(const char *bytes, size_t n)
{
    struct reader *r = mem_alloc(sizeof *r);
    json_t *out = NULL;

    r->parser = XML_ParserCreate(NULL);
    r->levels[0].members = json_object();
    buf_init(&r->levels[0].text, XML_TEXT_MAX);
    if (r->parser != NULL && n <= XML_TEXT_MAX) {
        XML_SetUserData(r->parser, r);
        XML_SetElementHandler(r->parser, on_start, on_end);
        XML_SetCharacterDataHandler(r->parser, on_text);
        XML_SetStartDoctypeDeclHandler(r->parser, on_doctype);
        if (XML_Parse(r->parser, bytes, (int)n, 1) == XML_STATUS_OK)
            out = json_incref(r->levels[0].members);
    }
    for (;; r->depth--) {
        level_fini(&r->levels[r->depth]);
        if (r->depth == 0)
            break;
    }
    if (r->parser != NULL)
        XML_ParserFree(r->parser);
    mem_free(r);
    return out;
}

static json_t *rpc_value(const json_t *value, unsigned depth);

/* One or several elements of a name, as a list of rpc_value()s of what "inside" names in them. */
static json_t *rpc_list(const json_t *elements, const char *inside, unsigned depth)
{
    json_t *out = json_array();
    size_t n = json_is_array(elements) ? json_array_size(elements) : elements != NULL;

    for (size_t i = 0; i < n; i++) {
        const json_t *one = json_is_array(elements) ? json_array_get(elements, i) : elements;
        json_array_append_new(
            out, rpc_value(inside != NULL ? json_object_get(one, inside) : one, depth + 1));
    }
    return out;
}

static json_t *rpc_struct(const json_t *members, unsigned depth)
{
    json_t *out = json_object();
    size_t n = json_is_array(members) ? json_array_size(members) : members != NULL;

    for (size_t i = 0; i < n; i++) {
        const json_t *one = json_is_array(members) ? json_array_get(members, i) : members;
        const char *name = json_string_value(json_object_get(one, "name"));
        if (name != NULL)
            json_object_set_new(out, name, rpc_value(json_object_get(one, "value"), depth + 1));
    }
    return out;
}

static json_t *rpc_value(const json_t *value, unsigned depth)
{
    static const char *const numbers[] = {"int", "i4", "i8", "boolean"};
    uint64_t number;

    if (value == NULL || depth > DEPTH_MAX)
        return json_null();
    if (json_is_string(value))
        return json_incref((json_t *)value);
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        const char *text = json_string_value(json_object_get(value, numbers[i]));
        if (text != NULL && text_number(text, &number) && number <= INT64_MAX)
            return json_integer((json_int_t)number);
        if (text != NULL)
            return json_string(text);
    }
    if (json_object_get(value, "struct") != NULL)
        return rpc_struct(json_object_get(json_object_get(value, "struct"), "member"), depth);
    if (json_object_get(value, "array") != NULL) {
        const json_t *data = json_object_get(json_object_get(value, "array"), "data");
        return rpc_list(json_object_get(data, "value"), NULL, depth);
    }
    const json_t *text = json_object_get(value, "string");
    return json_is_string(text) ? json_incref((json_t *)text) : json_null();
}

json_t *xml_parse_rpc(const char *bytes, size_t n)
{
    json_t *tree = xml_parse(bytes, n);
    const json_t *answer = json_object_get(tree, "methodResponse");
    const json_t *fault = json_object_get(json_object_get(answer, "fault"), "value");
    json_t *out = NULL;

    if (fault != NULL)
        out = json_pack("{s:o}", "fault", rpc_value(fault, 0));
    else if (json_object_get(answer, "params") != NULL)
        out = json_pack(
            "{s:o}", "params",
            rpc_list(json_object_get(json_object_get(answer, "params"), "param"), "value", 0));
    json_decref(tree);
    return out;
}
