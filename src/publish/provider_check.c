/*
 * SPDX-License-Identifier: ISC
 *
 * Checks a provider file as a tree of tables: which members an object may have and what each must
 * be. The first fault is told with its JSON pointer.
 */
#include "publish/provider_data.h"

#include "base/outcome.h"
#include "base/text.h"
#include "publish/ere.h"
#include "publish/expand.h"
#include "publish/pointer.h"
#include "publish/sign/sign.h"

#include <string.h>

enum { PATH_MAX_LEN = 400 };

struct check {
    const json_t *root;
    struct cause *cause;
    const char *file;
    char path[PATH_MAX_LEN];
};

typedef bool check_fn(struct check *k, const json_t *v);

struct member {
    const char *name;
    check_fn *check;
    bool needed;
};

static bool fault(struct check *k, const char *what)
{
    cause_set(k->cause, ERR_SYNTAX, "%s: at %s: %s", k->file, k->path[0] != '\0' ? k->path : "/",
              what);
    return false;
}

static size_t enter(struct check *k, const char *name)
{
    size_t at = strlen(k->path);
    size_t n = at;

    if (n + 1 < sizeof k->path)
        k->path[n++] = '/';
    for (const char *c = name; *c != '\0' && n + 3 < sizeof k->path; c++) {
        if (*c == '/' || *c == '~') {
            k->path[n++] = '~';
            k->path[n++] = *c == '/' ? '1' : '0';
        } else {
            k->path[n++] = *c;
        }
    }
    k->path[n] = '\0';
    return at;
}

static size_t enter_index(struct check *k, size_t i)
{
    char digits[24];
    size_t n = sizeof digits;

    digits[--n] = '\0';
    do
        digits[--n] = (char)('0' + i % 10);
    while ((i /= 10) > 0);
    return enter(k, digits + n);
}

static void leave(struct check *k, size_t at)
{
    k->path[at] = '\0';
}

static const struct member *member_of(const struct member *table, const char *name)
{
    for (; table->name != NULL; table++)
        if (text_equal(table->name, name))
            return table;
    return NULL;
}

static bool unknown_member(struct check *k, const struct member *table, const char *name)
{
    const char *near = NULL;
    unsigned best = 3;

    for (const struct member *m = table; m->name != NULL; m++) {
        unsigned distance = text_distance(m->name, name);
        if (distance < best) {
            best = distance;
            near = m->name;
        }
    }
    char what[128] = "this member is not known";
    if (near != NULL) {
        struct cause c;
        cause_set(&c, OK, "this member is not known; perhaps \"%.40s\" was meant", near);
        memcpy(what, c.text, sizeof what - 1);
    }
    what[sizeof what - 1] = '\0';
    return fault(k, what);
}

/* An object whose members stand in a table. */
static bool object(struct check *k, const json_t *v, const struct member *table)
{
    const char *name;
    json_t *value;

    if (!json_is_object(v))
        return fault(k, "an object is wanted here");
    json_object_foreach((json_t *)v, name, value)
    {
        const struct member *m = member_of(table, name);
        size_t at = enter(k, name);
        if (m == NULL ? !unknown_member(k, table, name) : !m->check(k, value))
            return false;
        leave(k, at);
    }
    for (const struct member *m = table; m->name != NULL; m++)
        if (m->needed && json_object_get(v, m->name) == NULL) {
            enter(k, m->name);
            return fault(k, "this member is missing");
        }
    return true;
}

/* A list, or with "one" also a single element, of what check accepts. */
static bool list_of(struct check *k, const json_t *v, check_fn *check, bool one)
{
    size_t i;
    json_t *value;

    if (!json_is_array(v))
        return one ? check(k, v) : fault(k, "a list is wanted here");
    json_array_foreach(v, i, value)
    {
        size_t at = enter_index(k, i);
        if (!check(k, value))
            return false;
        leave(k, at);
    }
    return true;
}

/* An object with members of any name, each of which check accepts. */
static bool map_of(struct check *k, const json_t *v, check_fn *check)
{
    const char *name;
    json_t *value;

    if (!json_is_object(v))
        return fault(k, "an object is wanted here");
    json_object_foreach((json_t *)v, name, value)
    {
        size_t at = enter(k, name);
        if (!check(k, value))
            return false;
        leave(k, at);
    }
    return true;
}

static bool text(struct check *k, const json_t *v)
{
    return json_is_string(v) || fault(k, "text is wanted here");
}

static bool texts(struct check *k, const json_t *v)
{
    return list_of(k, v, text, false);
}

static bool number(struct check *k, const json_t *v)
{
    return (json_is_integer(v) && json_integer_value(v) >= 0) ||
           fault(k, "a whole number is wanted here");
}

static bool numbers(struct check *k, const json_t *v)
{
    return list_of(k, v, number, false);
}

static bool flag(struct check *k, const json_t *v)
{
    return json_is_boolean(v) || fault(k, "true or false is wanted here");
}

static bool word(struct check *k, const json_t *v, const char *const *words)
{
    const char *s = json_string_value(v);

    for (; s != NULL && *words != NULL; words++)
        if (text_equal(*words, s))
            return true;
    return fault(k, "this word is not one of those allowed here");
}

#define WORD(name, ...)                                                                            \
    static bool name(struct check *k, const json_t *v)                                             \
    {                                                                                              \
        static const char *const words[] = {__VA_ARGS__, NULL};                                    \
        return word(k, v, words);                                                                  \
    }

WORD(status_word, "alive", "legacy", "closed", "unsupported")
WORD(evidence_word, "live", "documented", "source")
WORD(server_word, "fixed", "free")
WORD(names_word, "at", "empty", "fqdn", "fqdn.")
WORD(zones_word, "plain", "dot")
WORD(ttl_scope_word, "record", "zone", "none")
WORD(batch_of_word, "zone", "account", "addresses")
WORD(limit_of_word, "writes", "requests")
WORD(limit_scope_word, "account", "zone", "source", "record")
WORD(zone_by_word, "suffix", "list", "owner", "probe")
WORD(reply_word, "json", "xml", "text", "lines", "none")
WORD(type_word, "A", "AAAA")
WORD(field_type_word, "text", "number", "bool", "url")
WORD(compat_word, "ddclient")
WORD(family_option_word, "one", "each")
WORD(lines_word, "hosts", "names", "all")

static bool format_one(struct check *k, const json_t *v)
{
    return json_integer_value(v) == 1 || fault(k, "format 1 is the only one there is");
}

static bool id_text(struct check *k, const json_t *v)
{
    const char *s = json_string_value(v);

    if (s == NULL || s[0] == '\0')
        return fault(k, "a name of lower-case letters, digits, dots and hyphens is wanted here");
    for (; *s != '\0'; s++)
        if (!(*s >= 'a' && *s <= 'z') && !text_is_digit(*s) && *s != '-' && *s != '.')
            return fault(k, "an id has only lower-case letters, digits, dots and hyphens");
    return true;
}

static bool pattern(struct check *k, const json_t *v)
{
    const char *s = json_string_value(v);
    return (s != NULL && ere_valid(s)) || fault(k, "this is not a usable pattern");
}

static bool pointer(struct check *k, const json_t *v)
{
    const char *s = json_string_value(v);
    return (s != NULL && pointer_valid(s)) ||
           fault(k, "a JSON pointer such as /result/id is wanted");
}

static bool pointers(struct check *k, const json_t *v)
{
    return list_of(k, v, pointer, false);
}

/* Names that are always there. */
static const char *const builtins[] = {
    "fqdn",  "zone",     "name",     "type",   "ip",     "ip4",   "ip6",      "value",  "values",
    "old",   "id",       "ttl",      "try",    "now",    "uuid",  "item",     "hosts",  "records",
    "nonce", "agent",    "page",     "job",    "host",   "login", "password", "server", "ssl",
    "mx",    "backupmx", "wildcard", "static", "script", "count", NULL};

static bool is_taken(const json_t *v, const char *name, size_t n)
{
    static const char *const takers[] = {"take", "also", "around"};
    const char *key;
    json_t *value;

    if (json_is_array(v)) {
        for (size_t i = 0; i < json_array_size(v); i++)
            if (is_taken(json_array_get(v, i), name, n))
                return true;
        return false;
    }
    for (size_t i = 0; i < 3; i++)
        json_object_foreach(json_object_get(v, takers[i]), key,
                            value) if (strncmp(key, name, n) == 0 &&
                                       (key[n] == '\0' || key[n] == '.')) return true;
    return false;
}

static bool known_name(void *arg, const char *name)
{
    const struct check *k = arg;
    size_t n = strcspn(name, ".");
    const char *slot;
    json_t *value;

    for (const char *const *b = builtins; *b != NULL; b++)
        if (strlen(*b) == n && strncmp(*b, name, n) == 0)
            return true;
    if (json_object_get(json_object_get(k->root, "fields"), name) != NULL)
        return true;
    json_object_foreach(json_object_get(k->root, "slots"), slot,
                        value) if (is_taken(value, name, n)) return true;
    return false;
}

static bool any_name(void *arg, const char *name)
{
    (void)arg, (void)name;
    return true;
}

/* Text with placeholders. */
static bool template(struct check *k, const json_t *v)
{
    const char *s = json_string_value(v);

    if (s == NULL)
        return fault(k, "text is wanted here");
    if (!expand_names(s, any_name, k))
        return fault(k, "a placeholder is broken, or its filter is not known");
    return expand_names(s, known_name, k) ||
           fault(k, "a placeholder is neither a field, nor taken, nor one of the format's own");
}

static bool condition(struct check *k, const json_t *v);
static bool tree(struct check *k, const json_t *v);

static bool operator(struct check *k, const char *name, const json_t *v)
{
    if (text_equal(name, "$each"))
        return template(k, v) &&
               (known_name(k, json_string_value(v)) || fault(k, "there is no list of this name"));
    if (text_equal(name, "$item"))
        return json_is_true(v) || (json_is_array(v) && texts(k, v)) ||
               fault(k, "true or a list of member names is wanted here");
    if (text_equal(name, "$if"))
        return condition(k, v);
    if (text_equal(name, "$json"))
        return tree(k, v);
    if (text_equal(name, "$md5") || text_equal(name, "$sha1") || text_equal(name, "$b64"))
        return template(k, v);
    return fault(k, "this operator is not known");
}

/* A tree that is walked when a request is made. */
static bool tree(struct check *k, const json_t *v)
{
    const char *name;
    json_t *value;

    if (json_is_array(v))
        return list_of(k, v, tree, false);
    if (json_is_string(v))
        return template(k, v);
    if (!json_is_object(v))
        return true;
    json_object_foreach((json_t *)v, name, value)
    {
        size_t at = enter(k, name);
        if (strchr(name, '{') != NULL)
            return fault(k, "a name can not hold a placeholder");
        if (name[0] == '$' ? !operator(k, name, value) : !tree(k, value))
            return false;
        leave(k, at);
    }
    return true;
}

static bool pairs(struct check *k, const json_t *v)
{
    return json_is_object(v) ? tree(k, v) : fault(k, "an object is wanted here");
}

static bool value_test(struct check *k, const json_t *v);

static bool exact(struct check *k, const json_t *v)
{
    return json_is_number(v) || fault(k, "a number is wanted here");
}

static bool value_test(struct check *k, const json_t *v)
{
    static const struct member table[] = {
        {"min", exact, false}, {"max", exact, false},      {"exists", flag, false},
        {"has", text, false},  {"not", value_test, false}, {"match", pattern, false},
        {NULL, NULL, false},
    };
    if (json_is_array(v))
        return list_of(k, v, value_test, false);
    if (json_is_object(v))
        return object(k, v, table);
    return json_is_string(v) ? template(k, v) : true;
}

static bool value_tests(struct check *k, const json_t *v)
{
    return map_of(k, v, value_test);
}

static bool pointer_tests(struct check *k, const json_t *v)
{
    const char *name;
    json_t *value;

    json_object_foreach((json_t *)v, name, value) if (!pointer_valid(name))
    {
        enter(k, name);
        return fault(k, "a JSON pointer such as /result/id is wanted");
    }
    return map_of(k, v, value_test);
}

static bool status_test(struct check *k, const json_t *v)
{
    const char *s = json_string_value(v);
    long long n = json_integer_value(v);

    if (json_is_array(v))
        return list_of(k, v, status_test, false);
    if (json_is_integer(v) ? n >= 100 && n <= 599
                           : s != NULL && s[0] >= '1' && s[0] <= '5' && text_equal(s + 1, "xx"))
        return true;
    return fault(k, "a status such as 404 or \"2xx\" is wanted here");
}

static bool pattern_template(struct check *k, const json_t *v)
{
    const char *s = json_string_value(v);

    /* With a placeholder it can be judged only when its value is known. */
    if (s != NULL && strchr(s, '{') != NULL && expand_names(s, known_name, k))
        return true;
    return pattern(k, v);
}

static bool header_tests(struct check *k, const json_t *v)
{
    return map_of(k, v, pattern);
}

static bool one_condition(struct check *k, const json_t *v)
{
    static const struct member table[] = {
        {"status", status_test, false},
        {"json", pointer_tests, false},
        {"text", pattern_template, false},
        {"first", pattern_template, false},
        {"last", pattern_template, false},
        {"header", header_tests, false},
        {"field", value_tests, false},
        {"taken", value_tests, false},
        {NULL, NULL, false},
    };
    return object(k, v, table);
}

static bool condition(struct check *k, const json_t *v)
{
    return list_of(k, v, one_condition, true);
}

static bool class_word(struct check *k, const json_t *v)
{
    enum outcome_class cls;
    const char *s = json_string_value(v);
    return (s != NULL && outcome_class_parse(s, &cls)) || fault(k, "this class is not known");
}

static bool wait(struct check *k, const json_t *v)
{
    return json_is_integer(v) ? number(k, v) : pointer(k, v);
}

static bool error_rule(struct check *k, const json_t *v)
{
    static const struct member table[] = {
        {"when", condition, true}, {"is", class_word, true}, {"wait", wait, false},
        {"say", text, false},      {NULL, NULL, false},
    };
    return object(k, v, table);
}

static bool error_rules(struct check *k, const json_t *v)
{
    return list_of(k, v, error_rule, false);
}

static bool taking(struct check *k, const json_t *v)
{
    static const struct member table[] = {
        {"at", pointer, false},
        {"match", pattern, false},
        {"header", text, false},
        {NULL, NULL, false},
    };
    if (json_is_object(v))
        return object(k, v, table);
    return text_equal(json_string_value(v), "$key") || pointer(k, v);
}

static bool takings(struct check *k, const json_t *v)
{
    return map_of(k, v, taking);
}

static bool refuse_rule(struct check *k, const json_t *v)
{
    static const struct member table[] = {
        {"when", pointer_tests, true}, {"say", text, true}, {NULL, NULL, false}};
    return object(k, v, table);
}

static bool refuse_rules(struct check *k, const json_t *v)
{
    return list_of(k, v, refuse_rule, false);
}

static bool place(struct check *k, const json_t *v)
{
    const char *s = json_string_value(v);
    return (s != NULL && (text_starts(s, "query/") || text_starts(s, "json/") ||
                          text_starts(s, "form/") || text_starts(s, "headers/"))) ||
           fault(k, "a place in the request such as query/page is wanted");
}

static bool page(struct check *k, const json_t *v)
{
    static const struct member table[] = {
        {"url", pointer, false},   {"cursor", pointer, false}, {"as", place, false},
        {"number", place, false},  {"from", number, false},    {"last", pointer, false},
        {"more", pointer, false},  {"offset", place, false},   {"step", number, false},
        {"total", pointer, false}, {"implied", flag, false},   {NULL, NULL, false},
    };
    static const char *const kinds[] = {"url", "cursor", "number", "offset"};
    size_t count = 0;

    if (!object(k, v, table))
        return false;
    for (size_t i = 0; i < 4; i++)
        count += json_object_get(v, kinds[i]) != NULL;
    if (count != 1)
        return fault(k, "one of url, cursor, number and offset says how the pages follow");
    if (json_object_get(v, "cursor") != NULL && json_object_get(v, "as") == NULL)
        return fault(k, "\"as\" must say where the cursor goes");
    return true;
}

static bool path(struct check *k, const json_t *v)
{
    const char *s = json_string_value(v);

    if (s == NULL || s[0] != '/' || strpbrk(s, "?#") != NULL)
        return fault(k, "a path begins with / and has no query");
    return template(k, v);
}

static bool base(struct check *k, const json_t *v)
{
    const char *s = json_string_value(v);

    if (s == NULL || !(text_starts(s, "https://") || text_starts(s, "http://") || s[0] == '{'))
        return fault(k, "a base begins with https://, or with {server} or a field of type url");
    return template(k, v);
}

static bool raw(struct check *k, const json_t *v)
{
    const char *s = json_string_value(v);
    return (s != NULL && strspn(s, "@*,:;!$'()") == strlen(s)) ||
           fault(k, "only @ * , : ; ! $ ' ( ) can be left alone");
}

static bool method(struct check *k, const json_t *v)
{
    static const char *const words[] = {"GET", "POST", "PUT", "PATCH", "DELETE", NULL};
    return word(k, v, words);
}

static bool pair(struct check *k, const json_t *v)
{
    return json_array_size(v) == 2 ? list_of(k, v, template, false)
                                   : fault(k, "a pair of login and password is wanted here");
}

static bool done_test(struct check *k, const json_t *v)
{
    return condition(k, v);
}

static bool sign_flag(struct check *k, const json_t *v)
{
    return json_is_false(v) || fault(k, "only false can stand here");
}

/* What a request may have; and beside it what a slot's first request says about the slot. */
#define REQUEST_MEMBERS                                                                            \
    {"if", condition, false}, {"method", method, false}, {"base", base, false},                    \
        {"path", path, false}, {"url", template, false}, {"query", pairs, false},                  \
        {"headers", pairs, false}, {"json", tree, false}, {"form", pairs, false},                  \
        {"xml", pairs, false}, {"text", template, false}, {"plus", flag, false},                   \
        {"basic", pair, false}, {"family", template, false}, {"raw", raw, false},                  \
        {"sign", sign_flag, false}, {"reply", reply_word, false}, {"split", text, false},          \
    {                                                                                              \
        "about", text, false                                                                       \
    }

static bool common_part(struct check *k, const json_t *v)
{
    static const struct member table[] = {REQUEST_MEMBERS, {NULL, NULL, false}};
    return object(k, v, table);
}

static bool common(struct check *k, const json_t *v)
{
    return list_of(k, v, common_part, true);
}

static bool request(struct check *k, const json_t *v)
{
    static const struct member table[] = {
        REQUEST_MEMBERS,
        {"ok", condition, false},
        {"errors", error_rules, false},
        {"message", pointers, false},
        {"take", takings, false},
        {"also", takings, false},
        {"around", takings, false},
        {"each", pointer, false},
        {"inner", pointer, false},
        {"lone", flag, false},
        {"where", pointer_tests, false},
        {"refuse", refuse_rules, false},
        {"page", page, false},
        {"by", zone_by_word, false},
        {"many", flag, false},
        {"empty", flag, false},
        {"lines", lines_word, false},
        {"wait", number, false},
        {"tries", number, false},
        {"done", done_test, false},
        {"failed", done_test, false},
        {NULL, NULL, false},
    };
    if (!object(k, v, table))
        return false;
    if (json_object_get(v, "path") != NULL && json_object_get(v, "url") != NULL)
        return fault(k, "a request has a path or a url, not both");
    return true;
}

static bool slot(struct check *k, const json_t *v)
{
    if (json_is_array(v) && json_array_size(v) == 0)
        return fault(k, "a slot has at least one request");
    return list_of(k, v, request, true);
}

static bool zone_slot(struct check *k, const json_t *v)
{
    const json_t *head = json_is_array(v) ? json_array_get(v, 0) : v;

    if (!slot(k, v))
        return false;
    return json_object_get(head, "by") != NULL ||
           fault(k, "\"by\" must say how the zone is found: suffix, list, owner or probe");
}

static bool check_slot(struct check *k, const json_t *v)
{
    return slot(k, v) && (json_object_get(v, "done") != NULL || fault(k, "\"done\" is missing"));
}

static bool slots(struct check *k, const json_t *v)
{
    static const struct member table[] = {
        {"clock", slot, false},     {"login", slot, false},       {"logout", slot, false},
        {"zone", zone_slot, false}, {"records", slot, false},     {"record", slot, false},
        {"create", slot, false},    {"replace", slot, false},     {"delete", slot, false},
        {"set", slot, false},       {"add", slot, false},         {"remove", slot, false},
        {"update", slot, false},    {"check", check_slot, false}, {"finish", slot, false},
        {NULL, NULL, false},
    };
    return object(k, v, table);
}

static bool field_rule(struct check *k, const json_t *v)
{
    static const struct member table[] = {
        {"label", text, true},
        {"help", text, false},
        {"secret", flag, false},
        {"required", flag, false},
        {"choices", texts, false},
        {"default", text, false},
        {"type", field_type_word, false},
        {NULL, NULL, false},
    };
    return object(k, v, table);
}

static bool fields(struct check *k, const json_t *v)
{
    return map_of(k, v, field_rule);
}

static bool defaults(struct check *k, const json_t *v)
{
    return map_of(k, v, text);
}

static bool types(struct check *k, const json_t *v)
{
    return json_object_get(v, "A") != NULL || json_object_get(v, "AAAA") != NULL ||
           fault(k, "A and AAAA are wanted here");
}

static bool type_words(struct check *k, const json_t *v)
{
    return list_of(k, v, type_word, false);
}

static bool ttl(struct check *k, const json_t *v)
{
    static const struct member table[] = {
        {"min", number, false},     {"max", number, false},  {"allow", numbers, false},
        {"default", number, false}, {"unit", number, false}, {"scope", ttl_scope_word, false},
        {NULL, NULL, false},
    };
    return object(k, v, table);
}

static bool batch(struct check *k, const json_t *v)
{
    static const struct member table[] = {
        {"families", flag, false}, {"hosts", number, false}, {"of", batch_of_word, false},
        {"same", texts, false},    {"other", text, false},   {NULL, NULL, false},
    };
    return object(k, v, table);
}

static bool limit(struct check *k, const json_t *v)
{
    static const struct member table[] = {
        {"n", number, true},          {"per", number, true},
        {"of", limit_of_word, false}, {"scope", limit_scope_word, false},
        {NULL, NULL, false},
    };
    return object(k, v, table);
}

static bool limits(struct check *k, const json_t *v)
{
    return list_of(k, v, limit, false);
}

static bool session(struct check *k, const json_t *v)
{
    static const struct member table[] = {{"ttl", number, true}, {NULL, NULL, false}};
    return object(k, v, table);
}

static bool sign(struct check *k, const json_t *v)
{
    const struct signer *s = sign_find(json_string_value(json_object_get(v, "by")));

    if (s == NULL)
        return fault(k, "\"by\" must name a signature that homing knows");
    for (const char *const *need = s->needs; *need != NULL; need++)
        if (json_object_get(v, *need) == NULL) {
            enter(k, *need);
            return fault(k, "this member is missing");
        }
    return tree(k, v);
}

static bool id_list(struct check *k, const json_t *v)
{
    return list_of(k, v, id_text, false);
}

static const struct member head[] = {
    {"$schema", text, false},
    {"format", format_one, true},
    {"id", id_text, true},
    {"name", text, false},
    {"website", text, false},
    {"docs", text, false},
    {"help", text, false},
    {"note", text, false},
    {"status", status_word, false},
    {"evidence", evidence_word, false},
    {"checked", text, false},
    {"formerly", texts, false},
    {"domains", texts, false},
    {"alias", id_text, false},
    {"compat", compat_word, false},
    {"speaks", text, false},
    {"fields", fields, false},
    {"defaults", defaults, false},
    {"base", base, false},
    {"server", server_word, false},
    {"names", names_word, false},
    {"zones", zones_word, false},
    {"types", types, false},
    {"ttl", ttl, false},
    {"wildcard", flag, false},
    {"apex", flag, false},
    {"mx", flag, false},
    {"families", type_words, false},
    {"family", family_option_word, false},
    {"batch", batch, false},
    {"limits", limits, false},
    {"parallel", number, false},
    {"gap", number, false},
    {"lag", number, false},
    {"reply_max", number, false},
    {"sign", sign, false},
    {"session", session, false},
    {"common", common, false},
    {"ok", condition, false},
    {"errors", error_rules, false},
    {"message", pointers, false},
    {"compare", flag, false},
    {"slots", slots, false},
    {"replaces", id_list, false},
    {NULL, NULL, false},
};

/* What the planner needs to exist together. */
static bool coherent(struct check *k)
{
    const json_t *s = json_object_get(k->root, "slots");
    bool writes = false;
    static const char *const writers[] = {"create", "replace", "set", "add"};

    if (s == NULL)
        return true;
    for (size_t i = 0; i < 4; i++)
        writes = writes || json_object_get(s, writers[i]) != NULL;
    enter(k, "slots");
    if (writes && json_object_get(s, "records") == NULL)
        return fault(k, "a write that is planned needs \"records\" to read first");
    if (!writes && json_object_get(s, "update") == NULL)
        return fault(k, "there is no slot that writes");
    if ((json_object_get(s, "add") != NULL) != (json_object_get(s, "remove") != NULL))
        return fault(k, "\"add\" and \"remove\" go together");
    k->path[0] = '\0';
    return true;
}

enum err provider_check(const json_t *root, const char *file_name, struct cause *c)
{
    struct check k = {.root = root, .cause = c, .file = file_name};
    const char *status = json_string_value(json_object_get(root, "status"));
    bool needs_slots = json_object_get(root, "alias") == NULL &&
                       json_object_get(root, "speaks") == NULL && !text_equal(status, "closed") &&
                       !text_equal(status, "unsupported");

    if (!object(&k, root, head) || !coherent(&k))
        return ERR_SYNTAX;
    if (needs_slots && json_object_get(root, "slots") == NULL) {
        enter(&k, "slots");
        fault(&k, "this member is missing");
        return ERR_SYNTAX;
    }
    return OK;
}
