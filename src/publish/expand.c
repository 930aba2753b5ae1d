/*
 * SPDX-License-Identifier: ISC
 */
#include "publish/expand.h"

#include "base/mem.h"
#include "base/text.h"
#include "publish/filter.h"
#include "publish/judge.h"

#include <string.h>

enum { NAME_MAX_LEN = 96 };

struct hole {
    char name[NAME_MAX_LEN];
    char filter[16];
    bool optional;
};

static bool is_name_char(char c)
{
    return text_is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           c == '.' || c == '-' || c == '$';
}

/* Reads "{name:filter?}" at s. Returns its length, 0 when "{" is plain text there, -1 when broken.
 */
static int hole_read(const char *s, struct hole *h)
{
    size_t n = 1, name = 0, filter = 0;

    *h = (struct hole){0};
    if (s[0] != '{' || !(s[1] >= 'a' && s[1] <= 'z'))
        return 0;
    for (; is_name_char(s[n]); n++) {
        if (name + 1 >= sizeof h->name)
            return -1;
        h->name[name++] = s[n];
    }
    if (s[n] == ':')
        for (n++; is_name_char(s[n]); n++) {
            if (filter + 1 >= sizeof h->filter)
                return -1;
            h->filter[filter++] = s[n];
        }
    if (s[n] == '?') {
        h->optional = true;
        n++;
    }
    return s[n] == '}' ? (int)(n + 1) : -1;
}

bool expand_names(const char *text, bool (*fn)(void *arg, const char *name), void *arg)
{
    struct hole h;

    for (; *text != '\0'; text++) {
        int n = hole_read(text, &h);
        if (n < 0 || (h.filter[0] != '\0' && !filter_known(h.filter)))
            return false;
        if (n > 0 && !fn(arg, h.name))
            return false;
        if (n > 0)
            text += n - 1;
    }
    return true;
}

static enum expanded refuse(const struct expand *e, const char *what)
{
    cause_set(e->cause, ERR_RANGE, "%s", what);
    return EXPAND_FAILED;
}

static bool add_json_char(struct buf *b, char c)
{
    static const char plain[] = "\"\\\b\f\n\r\t";
    static const char code[] = "\"\\bfnrt";
    const char *at = c != '\0' ? strchr(plain, c) : NULL;

    if (at != NULL)
        return buf_char(b, '\\') && buf_char(b, code[at - plain]);
    if ((unsigned char)c < 0x20 || c == 0x7f)
        return buf_format(b, "\\u%04x", (unsigned char)c);
    return buf_char(b, c);
}

static bool add_xml_char(struct buf *b, char c)
{
    switch (c) {
    case '&':
        return buf_text(b, "&amp;");
    case '<':
        return buf_text(b, "&lt;");
    case '>':
        return buf_text(b, "&gt;");
    case '"':
        return buf_text(b, "&quot;");
    case '\'':
        return buf_text(b, "&apos;");
    default:
        return buf_char(b, c);
    }
}

static const char *not_allowed(const char *s, size_t n, enum place place)
{
    if (memchr(s, '\0', n) != NULL)
        return "a value holds a NUL byte";
    if ((place == PLACE_JSON || place == PLACE_XML) && !text_is_utf8(s, n))
        return "a value is not UTF-8";
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)s[i];
        if (place == PLACE_HEADER && (c < 0x20 || c > 0x7e))
            return "a value has characters that no header may hold";
        if (place == PLACE_XML && c < 0x20 && c != '\t' && c != '\n' && c != '\r')
            return "a value has control characters that XML can not hold";
    }
    return NULL;
}

/* Sign by sign. */
static bool add_escaped(const char *s, size_t n, enum place place, bool secret, struct marked *out)
{
    struct buf b;
    bool fits = true;

    buf_init(&b, MARKED_MAX);
    if (place == PLACE_PLUS) {
        for (size_t i = 0; i < n; i++)
            fits = (s[i] == ' ' ? buf_char(&b, '+') : text_add_percent(&b, s + i, 1, NULL)) && fits;
    } else if (place == PLACE_PATTERN) {
        for (size_t i = 0; i < n; i++)
            fits = (strchr(".[]{}()\\*+?|^$", s[i]) == NULL || buf_char(&b, '\\')) &&
                   buf_char(&b, s[i]) && fits;
    } else {
        for (size_t i = 0; i < n; i++)
            fits = (place == PLACE_JSON ? add_json_char(&b, s[i]) : add_xml_char(&b, s[i])) && fits;
    }
    fits = fits && marked_add(out, buf_str(&b), b.len, secret);
    buf_wipe(&b);
    return fits;
}

static enum expanded escape(const struct expand *e, const char *s, size_t n, enum place place,
                            bool secret, struct marked *out)
{
    const char *wrong = not_allowed(s, n, place);
    bool fits;

    if (wrong != NULL)
        return refuse(e, wrong);
    if (place == PLACE_PATH || place == PLACE_QUERY)
        fits = marked_percent(out, s, n, e->raw, secret);
    else if (place == PLACE_PLAIN || place == PLACE_HEADER)
        fits = marked_add(out, s, n, secret);
    else
        fits = add_escaped(s, n, place, secret, out);
    return fits ? EXPANDED : refuse(e, "the request would be too long");
}

/* Escapes what is already expanded, keeping its marks. */
static enum expanded escape_marked(const struct expand *e, const struct marked *in,
                                   enum place place, struct marked *out)
{
    const char *s = marked_str(in);
    size_t at = 0;
    enum expanded r = EXPANDED;

    for (size_t i = 0; i <= in->span_count && r == EXPANDED; i++) {
        size_t from = i < in->span_count ? in->spans[i].from : in->text.len;
        size_t to = i < in->span_count ? in->spans[i].to : from;
        r = escape(e, s + at, from - at, place, false, out);
        if (r == EXPANDED)
            r = escape(e, s + from, to - from, place, true, out);
        at = to;
    }
    return r;
}

static enum expanded fetch(const struct expand *e, const struct hole *h, json_t **value,
                           bool *secret)
{
    *value = vars_get(e->vars, h->name, h->optional, secret);
    if (*value != NULL && h->filter[0] != '\0') {
        json_t *filtered = filter_apply(h->filter, *value, e->vars);
        json_decref(*value);
        *value = filtered;
    }
    if (*value != NULL)
        return EXPANDED;
    if (h->optional)
        return EXPAND_ABSENT;
    cause_set(e->cause, ERR_NOT_FOUND, "\"%s\" is needed and not known", h->name);
    return EXPAND_FAILED;
}

static enum expanded add_hole(const struct expand *e, const struct hole *h, enum place place,
                              struct marked *out)
{
    json_t *value;
    bool secret;
    enum expanded r = fetch(e, h, &value, &secret);

    if (r != EXPANDED)
        return r;
    char *text = json_scalar_text(value);
    if (text == NULL) {
        cause_set(e->cause, ERR_RANGE, "\"%s\" is not a single value", h->name);
        r = EXPAND_FAILED;
    } else {
        r = escape(e, text, strlen(text), place, secret, out);
    }
    json_decref(value);
    mem_free_secret(text);
    return r;
}

/* Appends piece to out when r is EXPANDED; frees piece. */
static enum expanded settle(const struct expand *e, enum expanded r, struct marked *piece,
                            struct marked *out)
{
    if (r == EXPANDED && !marked_join(out, piece))
        r = refuse(e, "the request would be too long");
    marked_free(piece);
    return r;
}

enum expanded expand_text(const struct expand *e, const char *text, enum place place,
                          struct marked *out)
{
    struct marked piece;
    struct hole h;
    enum expanded r = EXPANDED;

    marked_init(&piece);
    while (*text != '\0' && r == EXPANDED) {
        int n = hole_read(text, &h);
        if (n > 0) {
            r = add_hole(e, &h, place, &piece);
        } else {
            n = 1 + (int)strcspn(text + 1, "{");
            bool as_is = place == PLACE_PATH || place == PLACE_PATTERN;
            r = escape(e, text, (size_t)n, as_is ? PLACE_PLAIN : place, false, &piece);
        }
        text += n;
    }
    return settle(e, r, &piece, out);
}

enum expanded expand_path(const struct expand *e, const char *path, struct marked *out)
{
    struct marked whole, part;
    enum expanded r = EXPANDED;

    marked_init(&whole);
    for (const char *at = path; *at == '/' && r == EXPANDED;) {
        size_t n = strcspn(at + 1, "/");
        char *segment = mem_text_n(at + 1, n);
        bool has_hole = strchr(segment, '{') != NULL;
        marked_init(&part);
        r = expand_text(e, segment, PLACE_PATH, &part);
        const char *s = marked_str(&part);
        if (r == EXPANDED && has_hole &&
            (s[0] == '\0' || text_equal(s, ".") || text_equal(s, "..")))
            r = refuse(e, "a value can not stand in the path of the address");
        if (r == EXPANDED) {
            marked_text(&whole, "/");
            r = settle(e, r, &part, &whole);
        } else {
            marked_free(&part);
            r = r == EXPAND_ABSENT ? EXPANDED : r;
        }
        mem_free(segment);
        at += 1 + n;
    }
    return settle(e, r, &whole, out);
}

/* {"$if":condition,"then":tree,"else":tree}: the branch that holds, NULL for none. */
static const json_t *branch(const struct expand *e, const json_t *tree)
{
    while (json_is_object(tree) && json_object_get(tree, "$if") != NULL) {
        bool holds = judge_if(json_object_get(tree, "$if"), e->vars);
        tree = json_object_get(tree, holds ? "then" : "else");
    }
    return tree;
}

/* {"$md5":"text"} and {"$sha1":"text"} */
static enum expanded hash(const struct expand *e, const json_t *leaf, enum place place,
                          struct marked *out, bool *is_hash)
{
    static const char *const words[] = {"$md5", "$sha1", "$b64"};

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        const json_t *of = json_object_get(leaf, words[i]);
        if (of == NULL)
            continue;
        *is_hash = true;
        struct marked text;
        marked_init(&text);
        enum expanded r = expand_text(e, json_string_value(of), PLACE_PLAIN, &text);
        if (r == EXPANDED) {
            char *hex = filter_text(words[i] + 1, marked_str(&text));
            r = escape(e, hex, strlen(hex), place, marked_any_secret(&text), out);
            mem_free(hex);
        }
        marked_free(&text);
        return r;
    }
    *is_hash = false;
    return EXPAND_ABSENT;
}

enum expanded expand_leaf(const struct expand *e, const json_t *leaf, enum place place,
                          struct marked *out)
{
    leaf = branch(e, leaf);
    if (leaf == NULL || json_is_null(leaf))
        return EXPAND_ABSENT;
    if (json_is_string(leaf))
        return expand_text(e, json_string_value(leaf), place, out);
    if (json_is_object(leaf)) {
        bool is_hash;
        struct marked inner;
        enum expanded r = hash(e, leaf, place, out, &is_hash);
        if (is_hash)
            return r;
        marked_init(&inner);
        r = expand_json(e, json_object_get(leaf, "$json"), &inner);
        if (r == EXPANDED)
            r = escape_marked(e, &inner, place, out);
        marked_free(&inner);
        return r;
    }
    char *text = json_scalar_text(leaf);
    enum expanded r = escape(e, text, strlen(text), place, false, out);
    mem_free(text);
    return r;
}

static bool add_raw_json(struct marked *out, const json_t *value, bool secret)
{
    char *text = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
    bool fits = text != NULL && marked_add(out, text, strlen(text), secret);
    if (text != NULL)
        mem_wipe(text, strlen(text));
    free(text);
    return fits;
}

static enum expanded json_string_out(const struct expand *e, const char *text, struct marked *out)
{
    struct hole h;
    int n = hole_read(text, &h);

    if (n > 0 && text[n] == '\0') {
        json_t *value;
        bool secret;
        enum expanded r = fetch(e, &h, &value, &secret);
        if (r == EXPANDED && !json_is_string(value)) {
            bool fits = add_raw_json(out, value, secret);
            json_decref(value);
            return fits ? EXPANDED : refuse(e, "the request would be too long");
        }
        json_decref(value);
        if (r != EXPANDED)
            return r;
    }
    struct marked piece;
    marked_init(&piece);
    marked_text(&piece, "\"");
    enum expanded r = expand_text(e, text, PLACE_JSON, &piece);
    marked_text(&piece, "\"");
    return settle(e, r, &piece, out);
}

/* The scope inside $each: the members of an element, or its "value". */
static void enter(struct vars *inner, const struct vars *outer, json_t *element)
{
    const char *key;
    json_t *value;

    vars_init(inner, outer);
    if (!json_is_object(element)) {
        vars_put(inner, "value", json_incref(element));
        return;
    }
    json_object_foreach(element, key, value) vars_put(inner, key, json_incref(value));
}

/* An element of an array template: one piece, or one for each of a list. */
static enum expanded array_element(const struct expand *e, const json_t *element, bool *first,
                                   struct marked *out)
{
    const char *list = json_string_value(json_object_get(element, "$each"));
    bool secret;

    if (list == NULL) {
        struct marked piece;
        marked_init(&piece);
        enum expanded r = expand_json(e, element, &piece);
        if (r == EXPANDED && !*first)
            marked_text(out, ",");
        if (r == EXPANDED)
            *first = false;
        return settle(e, r, &piece, out);
    }
    json_t *values = vars_get(e->vars, list, false, &secret);
    enum expanded r = EXPANDED;
    size_t index;
    json_t *value;
    json_array_foreach(values, index, value)
    {
        struct vars inner;
        enter(&inner, e->vars, value);
        struct expand deeper = {&inner, e->raw, e->cause};
        r = array_element(&deeper, json_object_get(element, "do"), first, out);
        vars_fini(&inner);
        if (r == EXPAND_FAILED)
            break;
    }
    json_decref(values);
    return r;
}

static enum expanded json_array_out(const struct expand *e, const json_t *tree, struct marked *out)
{
    bool first = true;
    size_t index;
    json_t *element;

    marked_text(out, "[");
    json_array_foreach(tree, index, element) if (array_element(e, element, &first, out) ==
                                                 EXPAND_FAILED) return EXPAND_FAILED;
    marked_text(out, "]");
    return EXPANDED;
}

static void add_member_name(struct marked *out, const char *key, bool *first)
{
    struct buf b;

    buf_init(&b, MARKED_MAX);
    for (const char *c = key; *c != '\0'; c++)
        add_json_char(&b, *c);
    marked_text(out, *first ? "\"" : ",\"");
    marked_text(out, buf_str(&b));
    marked_text(out, "\":");
    buf_free(&b);
    *first = false;
}

/* "$item": the members as they were read, without those that the template sets. */
static void add_item(const struct expand *e, const json_t *which, const json_t *tree,
                     const json_t *set, bool *first, struct marked *out)
{
    bool secret;
    json_t *item = vars_get(e->vars, "item", false, &secret);
    const char *key;
    json_t *value;

    json_object_foreach(item, key, value)
    {
        bool wanted = json_is_true(which);
        for (size_t i = 0; i < json_array_size(which); i++)
            wanted = wanted || text_equal(json_string_value(json_array_get(which, i)), key);
        if (!wanted || json_object_get(set, key) != NULL)
            continue;
        add_member_name(out, key, first);
        add_raw_json(out, value, false);
    }
    json_decref(item);
}

static enum expanded json_object_out(const struct expand *e, const json_t *tree, struct marked *out)
{
    const json_t *which = json_object_get(tree, "$item");
    json_t *set = json_object(); /* names that the template does set */
    struct marked members, piece;
    bool first = true, first_member = true;
    enum expanded r = EXPANDED;
    const char *key;
    json_t *value;

    marked_init(&members);
    json_object_foreach((json_t *)tree, key, value)
    {
        if (key[0] == '$')
            continue;
        marked_init(&piece);
        r = expand_json(e, value, &piece);
        if (r == EXPANDED) {
            add_member_name(&members, key, &first_member);
            json_object_set_new(set, key, json_true());
        }
        r = settle(e, r, &piece, &members);
        if (r == EXPAND_FAILED)
            break;
    }
    marked_text(out, "{");
    if (which != NULL)
        add_item(e, which, tree, set, &first, out);
    if (!first && !first_member)
        marked_text(out, ",");
    r = settle(e, r == EXPAND_ABSENT ? EXPANDED : r, &members, out);
    marked_text(out, "}");
    json_decref(set);
    return r;
}

enum expanded expand_json(const struct expand *e, const json_t *tree, struct marked *out)
{
    struct marked piece;
    enum expanded r;
    bool is_hash;

    tree = branch(e, tree);
    if (tree == NULL)
        return EXPAND_ABSENT;
    marked_init(&piece);
    if (json_is_string(tree)) {
        r = json_string_out(e, json_string_value(tree), &piece);
    } else if (json_is_array(tree)) {
        r = json_array_out(e, tree, &piece);
    } else if (json_is_object(tree)) {
        struct marked text;
        marked_init(&text);
        r = hash(e, tree, PLACE_JSON, &text, &is_hash);
        if (is_hash && r == EXPANDED) {
            marked_text(&piece, "\"");
            marked_join(&piece, &text);
            marked_text(&piece, "\"");
        } else if (!is_hash) {
            r = json_object_out(e, tree, &piece);
        }
        marked_free(&text);
    } else {
        r = add_raw_json(&piece, tree, false) ? EXPANDED : EXPAND_FAILED;
    }
    return settle(e, r, &piece, out);
}

static enum expanded pair(const struct expand *e, const char *key, const json_t *value,
                          enum place place, struct marked *out)
{
    struct marked piece;

    marked_init(&piece);
    if (out->text.len > 0)
        marked_text(&piece, "&");
    value = branch(e, value);
    const json_t *bare = json_object_get(value, "$bare");
    if (json_is_string(bare)) /* what is taken stands as the name */
        return settle(e, expand_leaf(e, bare, place, &piece), &piece, out);
    enum expanded r = escape(e, key, strlen(key), place, false, &piece);
    if (bare != NULL) /* a name without "=" */
        return settle(e, r, &piece, out);
    marked_text(&piece, "=");
    if (r == EXPANDED)
        r = expand_leaf(e, value, place, &piece);
    return settle(e, r, &piece, out);
}

enum expanded expand_pairs(const struct expand *e, const json_t *object, enum place place,
                           struct marked *out)
{
    const char *key;
    json_t *value;

    json_object_foreach((json_t *)object, key, value)
    {
        size_t n = json_is_array(value) ? json_array_size(value) : 1;
        for (size_t i = 0; i < n; i++) {
            const json_t *one = json_is_array(value) ? json_array_get(value, i) : value;
            if (pair(e, key, one, place, out) == EXPAND_FAILED)
                return EXPAND_FAILED;
        }
    }
    return EXPANDED;
}
