/*
 * SPDX-License-Identifier: ISC
 */
#include "publish/take.h"

#include "base/mem.h"
#include "base/text.h"
#include "publish/ere.h"
#include "publish/judge.h"
#include "publish/pointer.h"
#include "publish/xml.h"

#include <string.h>

static bool is_blank(const struct buf *body)
{
    const char *s = buf_str(body);
    for (size_t i = 0; i < body->len; i++)
        if (!text_is_space(s[i]))
            return false;
    return true;
}

/* Text that JSON can hold: bytes that are not UTF-8 become "?". */
static json_t *text_value(const char *s, size_t n)
{
    if (text_is_utf8(s, n))
        return json_stringn(s, n);
    char *copy = mem_text_n(s, n);
    for (size_t i = 0; i < n; i++)
        copy[i] = (unsigned char)copy[i] < 0x80 && copy[i] != '\0' ? copy[i] : '?';
    json_t *value = json_stringn(copy, n);
    mem_free(copy);
    return value;
}

static json_t *fields(const char *line, size_t n, char split)
{
    json_t *out = json_array();

    for (size_t from = 0; from <= n;) {
        const char *at = memchr(line + from, split, n - from);
        size_t to = at != NULL ? (size_t)(at - line) : n;
        json_array_append_new(out, text_value(line + from, to - from));
        from = to + 1;
    }
    return out;
}

static json_t *lines_tree(const struct buf *body, const char *split)
{
    const char *s = buf_str(body);
    json_t *lines = json_array();

    for (size_t at = 0; at < body->len;) {
        size_t n = strcspn(s + at, "\n");
        if (at + n > body->len)
            n = body->len - at;
        size_t kept = n > 0 && s[at + n - 1] == '\r' ? n - 1 : n;
        if (kept > 0)
            json_array_append_new(lines, split != NULL ? fields(s + at, kept, split[0])
                                                       : text_value(s + at, kept));
        at += n + 1;
    }
    return lines;
}

json_t *take_tree(const json_t *head, const struct buf *body)
{
    const char *kind = json_string_value(json_object_get(head, "reply"));
    const char *split = json_string_value(json_object_get(head, "split"));

    if (kind == NULL || text_equal(kind, "json"))
        return is_blank(body) ? json_null()
                              : json_loadb(buf_str(body), body->len, JSON_DECODE_ANY, NULL);
    if (text_equal(kind, "xml"))
        return is_blank(body) ? json_null() : xml_parse(buf_str(body), body->len);
    if (text_equal(kind, "xmlrpc"))
        return is_blank(body) ? json_null() : xml_parse_rpc(buf_str(body), body->len);
    if (text_equal(kind, "lines"))
        return lines_tree(body, split);
    if (text_equal(kind, "none"))
        return json_null();
    json_t *tree = json_object();
    json_object_set_new(tree, "text", text_value(buf_str(body), body->len));
    json_object_set_new(tree, "lines", lines_tree(body, NULL));
    return tree;
}

static json_t *matched(json_t *value, const char *pattern)
{
    if (pattern == NULL || value == NULL)
        return value != NULL ? json_incref(value) : NULL;
    char *text = json_scalar_text(value);
    char *part = text != NULL ? ere_take(pattern, text) : NULL;
    json_t *out = part != NULL ? json_string(part) : NULL;
    mem_free_secret(text);
    mem_free_secret(part);
    return out;
}

/* One value by its spec; a new reference or NULL. */
static json_t *take_one(const json_t *spec, const json_t *from, const char *key,
                        const struct reply *reply)
{
    const char *pointer = json_string_value(spec);
    const char *pattern = json_string_value(json_object_get(spec, "match"));
    const char *header = json_string_value(json_object_get(spec, "header"));

    if (header != NULL) {
        json_t *out = NULL;
        for (size_t i = 0; reply != NULL && i < reply->header_count && out == NULL; i++) {
            if (!text_case_equal(reply->headers[i].name, header))
                continue;
            json_t *value = json_string(reply->headers[i].value);
            out = matched(value, pattern);
            json_decref(value);
        }
        return out;
    }
    if (pointer == NULL)
        pointer = json_string_value(json_object_get(spec, "at"));
    if (text_equal(pointer, "$key"))
        return key != NULL ? json_string(key) : NULL;
    return pointer != NULL ? matched(pointer_get(from, pointer), pattern) : NULL;
}

static void put_dotted(json_t *out, const char *name, json_t *value)
{
    const char *dot = strchr(name, '.');

    if (dot == NULL) {
        json_object_set_new(out, name, value);
        return;
    }
    char *head = mem_text_n(name, (size_t)(dot - name));
    json_t *inside = json_object_get(out, head);
    if (!json_is_object(inside)) {
        inside = json_object();
        json_object_set_new(out, head, inside);
    }
    json_object_set_new(inside, dot + 1, value);
    mem_free(head);
}

json_t *take_vars(const json_t *spec, const json_t *from, const char *key,
                  const struct reply *reply)
{
    json_t *out = json_object();
    const char *name;
    json_t *one;

    json_object_foreach((json_t *)spec, name, one)
    {
        json_t *value = take_one(one, from, key, reply);
        if (value != NULL && !json_is_null(value))
            put_dotted(out, name, value);
        else
            json_decref(value);
    }
    return out;
}

static const char *refusal(const json_t *head, const json_t *element, const struct vars *vars)
{
    const json_t *rules = json_object_get(head, "refuse");

    for (size_t i = 0; i < json_array_size(rules); i++) {
        const json_t *rule = json_array_get(rules, i);
        if (judge_where(json_object_get(rule, "when"), element, vars))
            return json_string_value(json_object_get(rule, "say"));
    }
    return NULL;
}

struct taking {
    const json_t *head, *root;
    const struct vars *vars;
    json_t *out;
};

static void add_element(const struct taking *t, json_t *holder, json_t *element, const char *key)
{
    json_t *one = take_vars(json_object_get(t->head, "take"), element, key, NULL);
    json_t *around = take_vars(json_object_get(t->head, "around"), holder, key, NULL);
    json_t *also = take_vars(json_object_get(t->head, "also"), t->root, NULL, NULL);
    const char *refused = refusal(t->head, holder, t->vars);

    json_object_update(one, around);
    json_object_update(one, also);
    json_object_set(one, "item", holder);
    if (refused != NULL)
        json_object_set_new(one, "refused", json_string(refused));
    json_array_append_new(t->out, one);
    json_decref(around);
    json_decref(also);
}

static void choose(const struct taking *t, json_t *element, const char *key)
{
    const char *inner = json_string_value(json_object_get(t->head, "inner"));

    if (!judge_where(json_object_get(t->head, "where"), element, t->vars))
        return;
    if (inner == NULL) {
        add_element(t, element, element, key);
        return;
    }
    json_t *list = pointer_get(element, inner);
    if (list == NULL && refusal(t->head, element, t->vars) != NULL)
        add_element(t, element, element, key); /* nothing inside, but it must be known of */
    else if (json_is_array(list))
        for (size_t i = 0; i < json_array_size(list); i++)
            add_element(t, element, json_array_get(list, i), key);
    else if (list != NULL)
        add_element(t, element, list, key);
}

void take_elements(const json_t *head, const json_t *root, const struct vars *vars, json_t *out)
{
    const char *each = json_string_value(json_object_get(head, "each"));
    struct taking t = {head, root, vars, out};
    json_t *list = each != NULL ? pointer_get(root, each) : (json_t *)root;
    const char *key;
    json_t *value;

    if (list == NULL || json_is_null(list))
        return;
    if (each == NULL || (json_is_true(json_object_get(head, "lone")) && !json_is_array(list))) {
        choose(&t, list, NULL);
    } else if (json_is_array(list)) {
        for (size_t i = 0; i < json_array_size(list); i++)
            choose(&t, json_array_get(list, i), NULL);
    } else {
        json_object_foreach(list, key, value) choose(&t, value, key);
    }
}

/* {"query":{"page":"{page.value}"}} for "query/page". */
static json_t *overlay(const char *where)
{
    const char *slash = strchr(where, '/');
    char *part = mem_text_n(where, (size_t)(slash - where));
    json_t *out = json_pack("{s:{s:s}}", part, slash + 1, "{page.value}");

    mem_free(part);
    return out;
}

static bool truthy(const json_t *v)
{
    return json_is_true(v) ||
           (json_is_string(v) && (text_case_equal(json_string_value(v), "true") ||
                                  text_equal(json_string_value(v), "1")));
}

static long long number_at(const json_t *root, const json_t *pointer)
{
    char *text = json_scalar_text(pointer_get(root, json_string_value(pointer)));
    uint64_t n = 0;
    long long out = text != NULL && text_number(text, &n) && n < 1000000000 ? (long long)n : 0;

    mem_free(text);
    return out;
}

json_t *take_first_page(const json_t *head, struct page *page, json_t **value)
{
    const json_t *how = json_object_get(head, "page");
    const char *number = json_string_value(json_object_get(how, "number"));
    const json_t *from = json_object_get(how, "from");

    *page = (struct page){.number = from != NULL ? json_integer_value(from) : 1};
    if (number == NULL || !json_is_integer(from) || json_is_true(json_object_get(how, "implied")))
        return NULL;
    *value = json_integer(page->number);
    return overlay(number);
}

static enum page_next next_text(const json_t *how, const json_t *root, json_t **set, json_t **value)
{
    const json_t *url = json_object_get(how, "url");
    const json_t *cursor = json_object_get(how, "cursor");
    json_t *next = pointer_get(root, json_string_value(url != NULL ? url : cursor));
    char *text = next != NULL ? json_scalar_text(next) : NULL;

    if (text == NULL || text[0] == '\0' || json_is_false(next)) {
        mem_free(text);
        return PAGE_LAST;
    }
    *value = json_string(text);
    mem_free(text);
    *set = url != NULL ? json_pack("{s:s}", "url", "{page.value}")
                       : overlay(json_string_value(json_object_get(how, "as")));
    return PAGE_MORE;
}

enum page_next take_page(const json_t *head, const json_t *root, struct page *page, json_t **set,
                         json_t **value)
{
    const json_t *how = json_object_get(head, "page");
    const json_t *last = json_object_get(how, "last");
    const json_t *more = json_object_get(how, "more");
    const json_t *total = json_object_get(how, "total");
    const char *number = json_string_value(json_object_get(how, "number"));
    const char *offset = json_string_value(json_object_get(how, "offset"));
    bool again = false;

    if (how == NULL || json_is_null(root))
        return PAGE_LAST;
    if (++page->count >= PAGES_MAX)
        return PAGE_ENDLESS;
    if (number == NULL && offset == NULL)
        return next_text(how, root, set, value);
    if (offset != NULL) {
        page->number = (long long)page->count * json_integer_value(json_object_get(how, "step"));
        again = page->number < number_at(root, total);
    } else {
        page->number++;
        again = more != NULL ? truthy(pointer_get(root, json_string_value(more)))
                             : page->number <= number_at(root, last);
    }
    if (!again)
        return PAGE_LAST;
    *value = json_integer(page->number);
    *set = overlay(number != NULL ? number : offset);
    return PAGE_MORE;
}
