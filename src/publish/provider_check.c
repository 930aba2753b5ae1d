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
#include "publish/shape.h"
#include "publish/sign/sign.h"

#include <string.h>

#define WORD(name, ...)                                                                            \
    static bool name(struct shape *k, const json_t *v)                                             \
    {                                                                                              \
        static const char *const words[] = {__VA_ARGS__, NULL};                                    \
        return shape_word(k, v, words);                                                            \
    }

WORD(status_word, "alive", "legacy", "closed", "unsupported")
WORD(evidence_word, "live", "documented", "source")
WORD(server_word, "fixed", "free")
WORD(names_word, "at", "at-bare", "empty", "fqdn", "fqdn.")
WORD(zones_word, "plain", "dot")
WORD(ttl_scope_word, "record", "zone", "none")
WORD(batch_of_word, "zone", "account", "addresses")
WORD(limit_of_word, "writes", "requests")
WORD(limit_scope_word, "account", "zone", "source", "record")
WORD(zone_by_word, "suffix", "list", "owner", "probe")
WORD(reply_word, "json", "xml", "xmlrpc", "text", "lines", "none")
WORD(type_word, "A", "AAAA")
WORD(field_type_word, "text", "number", "bool", "url")
WORD(compat_word, "ddclient")
WORD(family_option_word, "one", "each")
WORD(answers_word, "dyndns2")
WORD(lines_word, "hosts", "all")

static bool format_one(struct shape *k, const json_t *v)
{
    return json_integer_value(v) == 1 || shape_fault(k, "format 1 is the only one there is");
}

static bool id_text(struct shape *k, const json_t *v)
{
    const char *s = json_string_value(v);

    if (s == NULL || s[0] == '\0')
        return shape_fault(k,
                           "a name of lower-case letters, digits, dots and hyphens is wanted here");
    for (; *s != '\0'; s++)
        if (!(*s >= 'a' && *s <= 'z') && !text_is_digit(*s) && *s != '-' && *s != '.')
            return shape_fault(k, "an id has only lower-case letters, digits, dots and hyphens");
    return true;
}

static bool pattern(struct shape *k, const json_t *v)
{
    const char *s = json_string_value(v);
    return (s != NULL && ere_valid(s)) || shape_fault(k, "this is not a usable pattern");
}

static bool pointer(struct shape *k, const json_t *v)
{
    const char *s = json_string_value(v);
    return (s != NULL && pointer_valid(s)) ||
           shape_fault(k, "a JSON pointer such as /result/id is wanted");
}

static bool pointers(struct shape *k, const json_t *v)
{
    return shape_list(k, v, pointer, false);
}

/* Names that are always there. */
static const char *const builtins[] = {
    "fqdn",     "zone",     "name",     "type",    "ip",    "ip4",    "ip6",  "value",
    "values",   "old",      "id",       "ttl",     "names", "ttlset", "try",  "now",
    "uuid",     "item",     "hosts",    "records", "nonce", "agent",  "page", "job",
    "host",     "login",    "password", "server",  "label", "parent", "ssl",  "mx",
    "backupmx", "wildcard", "static",   "script",  "count", NULL};

/* Beside those where a message is told (notice.c). */
static const char *const of_notices[] = {"title", "text", "event", "level", "at", "machine", NULL};

static bool is_among(const char *const *names, const char *name, size_t n)
{
    for (; *names != NULL; names++)
        if (strlen(*names) == n && strncmp(*names, name, n) == 0)
            return true;
    return false;
}

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
    const struct shape *k = arg;
    size_t n = strcspn(name, ".");
    const char *slot;
    json_t *value;

    if (is_among(builtins, name, n) ||
        (json_is_true(json_object_get(k->root, "notify")) && is_among(of_notices, name, n)))
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
static bool template(struct shape *k, const json_t *v)
{
    const char *s = json_string_value(v);

    if (s == NULL)
        return shape_fault(k, "text is wanted here");
    if (!expand_names(s, any_name, k))
        return shape_fault(k, "a placeholder is broken, or its filter is not known");
    return expand_names(s, known_name, k) ||
           shape_fault(k,
                       "a placeholder is neither a field, nor taken, nor one of the format's own");
}

static bool condition(struct shape *k, const json_t *v);
static bool tree(struct shape *k, const json_t *v);

static bool operator(struct shape *k, const char *name, const json_t *v)
{
    if (text_equal(name, "$each"))
        return template(k, v) && (known_name(k, json_string_value(v)) ||
                                  shape_fault(k, "there is no list of this name"));
    if (text_equal(name, "$item"))
        return json_is_true(v) || (json_is_array(v) && shape_texts(k, v)) ||
               shape_fault(k, "true or a list of member names is wanted here");
    if (text_equal(name, "$if"))
        return condition(k, v);
    if (text_equal(name, "$json"))
        return tree(k, v);
    if (text_equal(name, "$bare"))
        return json_is_true(v) || (json_is_string(v) && template(k, v)) ||
               shape_fault(k, "true or text is wanted here");
    if (text_equal(name, "$md5") || text_equal(name, "$sha1") || text_equal(name, "$b64"))
        return template(k, v);
    return shape_fault(k, "this operator is not known");
}

/* A tree that is walked when a request is made. */
static bool tree(struct shape *k, const json_t *v)
{
    const char *name;
    json_t *value;

    if (json_is_array(v))
        return shape_list(k, v, tree, false);
    if (json_is_string(v))
        return template(k, v);
    if (!json_is_object(v))
        return true;
    json_object_foreach((json_t *)v, name, value)
    {
        size_t at = shape_enter(k, name);
        if (strchr(name, '{') != NULL)
            return shape_fault(k, "a name can not hold a placeholder");
        if (name[0] == '$' ? !operator(k, name, value) : !tree(k, value))
            return false;
        shape_leave(k, at);
    }
    return true;
}

static bool pairs(struct shape *k, const json_t *v)
{
    return json_is_object(v) ? tree(k, v) : shape_fault(k, "an object is wanted here");
}

static bool value_test(struct shape *k, const json_t *v);

static bool exact(struct shape *k, const json_t *v)
{
    return json_is_number(v) || shape_fault(k, "a number is wanted here");
}

static bool value_test(struct shape *k, const json_t *v)
{
    static const struct shape_member table[] = {
        {"min", exact, false},      {"max", exact, false},      {"exists", shape_flag, false},
        {"has", shape_text, false}, {"not", value_test, false}, {"match", pattern, false},
        {NULL, NULL, false},
    };
    if (json_is_array(v))
        return shape_list(k, v, value_test, false);
    if (json_is_object(v))
        return shape_object(k, v, table);
    return json_is_string(v) ? template(k, v) : true;
}

static bool value_tests(struct shape *k, const json_t *v)
{
    return shape_map(k, v, value_test);
}

static bool pointer_tests(struct shape *k, const json_t *v)
{
    const char *name;
    json_t *value;

    json_object_foreach((json_t *)v, name, value) if (!pointer_valid(name))
    {
        shape_enter(k, name);
        return shape_fault(k, "a JSON pointer such as /result/id is wanted");
    }
    return shape_map(k, v, value_test);
}

static bool status_test(struct shape *k, const json_t *v)
{
    const char *s = json_string_value(v);
    long long n = json_integer_value(v);

    if (json_is_array(v))
        return shape_list(k, v, status_test, false);
    if (json_is_integer(v) ? n >= 100 && n <= 599
                           : s != NULL && s[0] >= '1' && s[0] <= '5' && text_equal(s + 1, "xx"))
        return true;
    return shape_fault(k, "a status such as 404 or \"2xx\" is wanted here");
}

static bool pattern_template(struct shape *k, const json_t *v)
{
    const char *s = json_string_value(v);

    /* With a placeholder it can be judged only when its value is known. */
    if (s != NULL && strchr(s, '{') != NULL && expand_names(s, known_name, k))
        return true;
    return pattern(k, v);
}

static bool patterns(struct shape *k, const json_t *v)
{
    return shape_list(k, v, pattern_template, true);
}

static bool header_tests(struct shape *k, const json_t *v)
{
    return shape_map(k, v, pattern);
}

static bool one_condition(struct shape *k, const json_t *v)
{
    static const struct shape_member table[] = {
        {"status", status_test, false},
        {"json", pointer_tests, false},
        {"text", patterns, false},
        {"first", pattern_template, false},
        {"last", pattern_template, false},
        {"header", header_tests, false},
        {"field", value_tests, false},
        {"taken", value_tests, false},
        {NULL, NULL, false},
    };
    return shape_object(k, v, table);
}

static bool condition(struct shape *k, const json_t *v)
{
    return shape_list(k, v, one_condition, true);
}

static bool class_word(struct shape *k, const json_t *v)
{
    enum outcome_class cls;
    const char *s = json_string_value(v);
    return (s != NULL && outcome_class_parse(s, &cls)) || shape_fault(k, "this class is not known");
}

static bool wait(struct shape *k, const json_t *v)
{
    return json_is_integer(v) ? shape_number(k, v) : pointer(k, v);
}

static bool error_rule(struct shape *k, const json_t *v)
{
    static const struct shape_member table[] = {
        {"when", condition, true},  {"is", class_word, true}, {"wait", wait, false},
        {"say", shape_text, false}, {NULL, NULL, false},
    };
    return shape_object(k, v, table);
}

static bool error_rules(struct shape *k, const json_t *v)
{
    return shape_list(k, v, error_rule, false);
}

static bool taking(struct shape *k, const json_t *v)
{
    static const struct shape_member table[] = {
        {"at", pointer, false},
        {"match", pattern, false},
        {"header", shape_text, false},
        {NULL, NULL, false},
    };
    if (json_is_object(v))
        return shape_object(k, v, table);
    return text_equal(json_string_value(v), "$key") || pointer(k, v);
}

static bool takings(struct shape *k, const json_t *v)
{
    return shape_map(k, v, taking);
}

static bool refuse_rule(struct shape *k, const json_t *v)
{
    static const struct shape_member table[] = {
        {"when", pointer_tests, true}, {"say", shape_text, true}, {NULL, NULL, false}};
    return shape_object(k, v, table);
}

static bool refuse_rules(struct shape *k, const json_t *v)
{
    return shape_list(k, v, refuse_rule, false);
}

static bool place(struct shape *k, const json_t *v)
{
    const char *s = json_string_value(v);
    return (s != NULL && (text_starts(s, "query/") || text_starts(s, "json/") ||
                          text_starts(s, "form/") || text_starts(s, "headers/"))) ||
           shape_fault(k, "a place in the request such as query/page is wanted");
}

static bool page(struct shape *k, const json_t *v)
{
    static const struct shape_member table[] = {
        {"url", pointer, false},   {"cursor", pointer, false},     {"as", place, false},
        {"number", place, false},  {"from", shape_number, false},  {"last", pointer, false},
        {"more", pointer, false},  {"offset", place, false},       {"step", shape_number, false},
        {"total", pointer, false}, {"implied", shape_flag, false}, {NULL, NULL, false},
    };
    static const char *const kinds[] = {"url", "cursor", "number", "offset"};
    size_t count = 0;

    if (!shape_object(k, v, table))
        return false;
    for (size_t i = 0; i < 4; i++)
        count += json_object_get(v, kinds[i]) != NULL;
    if (count != 1)
        return shape_fault(k, "one of url, cursor, number and offset says how the pages follow");
    if (json_object_get(v, "cursor") != NULL && json_object_get(v, "as") == NULL)
        return shape_fault(k, "\"as\" must say where the cursor goes");
    return true;
}

static bool path(struct shape *k, const json_t *v)
{
    const char *s = json_string_value(v);

    bool plain = s != NULL && s[0] == '/' && strchr(s, '#') == NULL;
    for (const char *c = s; plain && *c != '\0'; c++)
        plain = c[0] != '?' || c[1] == '}';
    if (!plain)
        return shape_fault(k, "a path begins with / and has no query");
    return template(k, v);
}

/* Only the server, a field with choices or one that is an address may change where requests go;
 * {script} and {path} must begin with a slash (build.c). */
static bool base_name(void *arg, const char *name)
{
    const struct shape *k = arg;
    const json_t *field = json_object_get(json_object_get(k->root, "fields"), name);

    return text_equal(name, "server") || text_equal(name, "script") || text_equal(name, "path") ||
           json_object_get(field, "choices") != NULL ||
           text_equal(json_string_value(json_object_get(field, "type")), "url");
}

static bool base(struct shape *k, const json_t *v)
{
    const char *s = json_string_value(v);

    if (s == NULL || !(text_starts(s, "https://") || text_starts(s, "http://") || s[0] == '{'))
        return shape_fault(k,
                           "a base begins with https://, or with {server} or a field of type url");
    return expand_names(s, base_name, k) ||
           shape_fault(k, "a base holds {server}, {script}, {path}, fields with choices and those "
                          "of type url only");
}

static bool raw(struct shape *k, const json_t *v)
{
    const char *s = json_string_value(v);
    return (s != NULL && strspn(s, "@*,:;!$'()=") == strlen(s)) ||
           shape_fault(k, "only @ * , : ; ! $ ' ( ) = can be left alone");
}

static bool method(struct shape *k, const json_t *v)
{
    static const char *const words[] = {"GET", "POST", "PUT", "PATCH", "DELETE", NULL};
    return shape_word(k, v, words);
}

static bool pair(struct shape *k, const json_t *v)
{
    return json_array_size(v) == 2 ? shape_list(k, v, template, false)
                                   : shape_fault(k, "a pair of login and password is wanted here");
}

static bool done_test(struct shape *k, const json_t *v)
{
    return condition(k, v);
}

static bool sign(struct shape *k, const json_t *v)
{
    const struct signer *s = sign_find(json_string_value(json_object_get(v, "by")));

    if (s == NULL)
        return shape_fault(k, "\"by\" must name a signature that homing knows");
    for (size_t i = 0; i < sign_needs(s); i++)
        if (json_object_get(v, s->words[i]) == NULL) {
            shape_enter(k, s->words[i]);
            return shape_fault(k, "this member is missing");
        }
    return tree(k, v);
}

/* A request's own signature, or false for none. */
static bool sign_flag(struct shape *k, const json_t *v)
{
    return json_is_false(v) || sign(k, v);
}

/* What a request may have; beside it a slot's first request says what the slot is. */
/* clang-format off */
#define REQUEST_MEMBERS                                                                            \
    {"if", condition, false}, {"method", method, false}, {"base", base, false},                    \
    {"path", path, false}, {"url", template, false}, {"query", pairs, false},                      \
    {"headers", pairs, false}, {"json", tree, false}, {"form", pairs, false},                      \
    {"xml", pairs, false}, {"text", template, false}, {"plus", shape_flag, false},                 \
    {"basic", pair, false}, {"family", template, false}, {"raw", raw, false},                      \
    {"sign", sign_flag, false}, {"reply", reply_word, false}, {"split", shape_text, false},        \
    {"about", shape_text, false}
/* clang-format on */

static bool common_part(struct shape *k, const json_t *v)
{
    static const struct shape_member table[] = {REQUEST_MEMBERS, {NULL, NULL, false}};
    return shape_object(k, v, table);
}

static bool common(struct shape *k, const json_t *v)
{
    return shape_list(k, v, common_part, true);
}

static bool request(struct shape *k, const json_t *v)
{
    static const struct shape_member table[] = {
        REQUEST_MEMBERS,
        {"ok", condition, false},
        {"errors", error_rules, false},
        {"message", pointers, false},
        {"take", takings, false},
        {"also", takings, false},
        {"around", takings, false},
        {"each", pointer, false},
        {"inner", pointer, false},
        {"lone", shape_flag, false},
        {"where", pointer_tests, false},
        {"refuse", refuse_rules, false},
        {"page", page, false},
        {"by", zone_by_word, false},
        {"many", shape_flag, false},
        {"empty", shape_flag, false},
        {"lines", lines_word, false},
        {"wait", shape_number, false},
        {"tries", shape_number, false},
        {"done", done_test, false},
        {"failed", done_test, false},
        {NULL, NULL, false},
    };
    if (!shape_object(k, v, table))
        return false;
    if (json_object_get(v, "path") != NULL && json_object_get(v, "url") != NULL)
        return shape_fault(k, "a request has a path or a url, not both");
    return true;
}

static bool slot(struct shape *k, const json_t *v)
{
    if (json_is_array(v) && json_array_size(v) == 0)
        return shape_fault(k, "a slot has at least one request");
    return shape_list(k, v, request, true);
}

static bool zone_slot(struct shape *k, const json_t *v)
{
    const json_t *head = json_is_array(v) ? json_array_get(v, 0) : v;

    if (!slot(k, v))
        return false;
    return json_object_get(head, "by") != NULL ||
           shape_fault(k, "\"by\" must say how the zone is found: suffix, list, owner or probe");
}

static bool check_slot(struct shape *k, const json_t *v)
{
    return slot(k, v) &&
           (json_object_get(v, "done") != NULL || shape_fault(k, "\"done\" is missing"));
}

static bool slots(struct shape *k, const json_t *v)
{
    static const struct shape_member table[] = {
        {"clock", slot, false},     {"login", slot, false},       {"logout", slot, false},
        {"zone", zone_slot, false}, {"records", slot, false},     {"record", slot, false},
        {"create", slot, false},    {"replace", slot, false},     {"delete", slot, false},
        {"set", slot, false},       {"add", slot, false},         {"remove", slot, false},
        {"update", slot, false},    {"check", check_slot, false}, {"finish", slot, false},
        {"tell", slot, false},      {"beat", slot, false},        {"credential", slot, false},
        {NULL, NULL, false},
    };
    return shape_object(k, v, table);
}

static bool field_rule(struct shape *k, const json_t *v)
{
    static const struct shape_member table[] = {
        {"label", shape_text, true},      {"help", shape_text, false},
        {"secret", shape_flag, false},    {"required", shape_flag, false},
        {"choices", shape_texts, false},  {"default", shape_text, false},
        {"type", field_type_word, false}, {NULL, NULL, false},
    };
    return shape_object(k, v, table);
}

static bool fields(struct shape *k, const json_t *v)
{
    return shape_map(k, v, field_rule);
}

static bool defaults(struct shape *k, const json_t *v)
{
    return shape_map(k, v, shape_text);
}

static bool types(struct shape *k, const json_t *v)
{
    return json_object_get(v, "A") != NULL || json_object_get(v, "AAAA") != NULL ||
           shape_fault(k, "A and AAAA are wanted here");
}

static bool type_words(struct shape *k, const json_t *v)
{
    return shape_list(k, v, type_word, false);
}

static bool ttl(struct shape *k, const json_t *v)
{
    static const struct shape_member table[] = {
        {"min", shape_number, false},     {"max", shape_number, false},
        {"allow", shape_numbers, false},  {"default", shape_number, false},
        {"auto", shape_number, false},    {"unit", shape_number, false},
        {"scope", ttl_scope_word, false}, {NULL, NULL, false},
    };
    return shape_object(k, v, table);
}

static bool batch(struct shape *k, const json_t *v)
{
    static const struct shape_member table[] = {
        {"families", shape_flag, false}, {"hosts", shape_number, false},
        {"of", batch_of_word, false},    {"same", shape_texts, false},
        {"other", shape_text, false},    {NULL, NULL, false},
    };
    return shape_object(k, v, table);
}

static bool limit(struct shape *k, const json_t *v)
{
    static const struct shape_member table[] = {
        {"n", shape_number, true},    {"per", shape_number, true},
        {"of", limit_of_word, false}, {"scope", limit_scope_word, false},
        {NULL, NULL, false},
    };
    return shape_object(k, v, table);
}

static bool limits(struct shape *k, const json_t *v)
{
    return shape_list(k, v, limit, false);
}

static bool session(struct shape *k, const json_t *v)
{
    static const struct shape_member table[] = {{"ttl", shape_number, true}, {NULL, NULL, false}};
    return shape_object(k, v, table);
}

static bool id_list(struct shape *k, const json_t *v)
{
    return shape_list(k, v, id_text, false);
}

static const struct shape_member head[] = {
    {"$schema", shape_text, false},
    {"format", format_one, true},
    {"id", id_text, true},
    {"name", shape_text, false},
    {"website", shape_text, false},
    {"docs", shape_text, false},
    {"help", shape_text, false},
    {"note", shape_text, false},
    {"status", status_word, false},
    {"evidence", evidence_word, false},
    {"checked", shape_text, false},
    {"formerly", shape_texts, false},
    {"can", shape_texts, false},
    {"domains", shape_texts, false},
    {"nameservers", shape_texts, false},
    {"alias", id_text, false},
    {"compat", compat_word, false},
    {"notify", shape_flag, false},
    {"speaks", shape_text, false},
    {"fields", fields, false},
    {"defaults", defaults, false},
    {"base", base, false},
    {"server", server_word, false},
    {"names", names_word, false},
    {"zones", zones_word, false},
    {"zone-from", shape_text, false},
    {"types", types, false},
    {"ttl", ttl, false},
    {"wildcard", shape_flag, false},
    {"apex", shape_flag, false},
    {"mx", shape_flag, false},
    {"families", type_words, false},
    {"family", family_option_word, false},
    {"batch", batch, false},
    {"limits", limits, false},
    {"parallel", shape_number, false},
    {"gap", shape_number, false},
    {"lag", shape_number, false},
    {"reply_max", shape_number, false},
    {"sign", sign, false},
    {"session", session, false},
    {"common", common, false},
    {"ok", condition, false},
    {"errors", error_rules, false},
    {"message", pointers, false},
    {"compare", shape_flag, false},
    {"answers", answers_word, false},
    {"slots", slots, false},
    {"replaces", id_list, false},
    {NULL, NULL, false},
};

/* A service that tells people has slots of its own, and nobody else has those. */
static bool tells(struct shape *k, const json_t *slots)
{
    size_t own =
        (json_object_get(slots, "tell") != NULL) + (json_object_get(slots, "beat") != NULL);
    bool notify = json_is_true(json_object_get(k->root, "notify"));

    if (own == (notify ? json_object_size(slots) : 0) && (own > 0 || !notify))
        return true;
    shape_enter(k, "slots");
    return shape_fault(k, "\"tell\" and \"beat\" are the slots of a file with \"notify\": true");
}

/* What the planner needs to exist together. */
static bool coherent(struct shape *k)
{
    const json_t *s = json_object_get(k->root, "slots");
    bool writes = false;
    static const char *const writers[] = {"create", "replace", "set", "add"};

    if (!tells(k, s))
        return false;
    if (s == NULL || json_is_true(json_object_get(k->root, "notify")))
        return true;
    for (size_t i = 0; i < 4; i++)
        writes = writes || json_object_get(s, writers[i]) != NULL;
    shape_enter(k, "slots");
    if (writes && json_object_get(s, "records") == NULL)
        return shape_fault(k, "a write that is planned needs \"records\" to read first");
    if (!writes && json_object_get(s, "update") == NULL)
        return shape_fault(k, "there is no slot that writes");
    if ((json_object_get(s, "add") != NULL) != (json_object_get(s, "remove") != NULL))
        return shape_fault(k, "\"add\" and \"remove\" go together");
    k->path[0] = '\0';
    return true;
}

enum err provider_check(const json_t *root, const char *file_name, struct cause *c)
{
    struct shape k = {.root = root, .cause = c, .file = file_name};
    const char *status = json_string_value(json_object_get(root, "status"));
    bool needs_slots = json_object_get(root, "alias") == NULL &&
                       json_object_get(root, "speaks") == NULL && !text_equal(status, "closed") &&
                       !text_equal(status, "unsupported");

    if (!shape_object(&k, root, head) || !coherent(&k))
        return ERR_SYNTAX;
    if (needs_slots && json_object_get(root, "slots") == NULL) {
        shape_enter(&k, "slots");
        shape_fault(&k, "this member is missing");
        return ERR_SYNTAX;
    }
    return OK;
}
