/*
 * SPDX-License-Identifier: ISC
 */
#include "publish/provider_data.h"

#include "base/addr.h"
#include "base/mem.h"
#include "base/text.h"
#include "publish/builtin.h"

#include <string.h>

enum { FILE_MAX = 256 * 1024 };

const json_t *provider_slot(const struct provider *p, const char *slot)
{
    return json_object_get(p->slots, slot);
}

const json_t *provider_slot_head(const struct provider *p, const char *slot)
{
    const json_t *s = provider_slot(p, slot);
    return json_is_array(s) ? json_array_get(s, 0) : s;
}

bool provider_has(const struct provider *p, const char *slot)
{
    return provider_slot(p, slot) != NULL;
}

const char *provider_text(const struct provider *p, const char *key, const char *fallback)
{
    const json_t *v = json_object_get(p->root, key);
    return json_is_string(v) ? json_string_value(v) : fallback;
}

long long provider_number(const struct provider *p, const char *key, long long fallback)
{
    const json_t *v = json_object_get(p->root, key);
    return json_is_integer(v) ? json_integer_value(v) : fallback;
}

/* "can": what a dialogue that has no slots can do. */
static bool can(const struct provider *p, const char *what)
{
    const json_t *list = json_object_get(p->root, "can");

    for (size_t i = 0; i < json_array_size(list); i++)
        if (text_equal(json_string_value(json_array_get(list, i)), what))
            return true;
    return false;
}

bool provider_flag(const struct provider *p, const char *key, bool fallback)
{
    const json_t *v = json_object_get(p->root, key);
    return json_is_boolean(v) ? json_is_true(v) : fallback;
}

static const json_t *field(const struct provider *p, const char *name)
{
    return p != NULL ? json_object_get(json_object_get(p->root, "fields"), name) : NULL;
}

enum field_type provider_field_type(const struct provider *p, const char *name)
{
    static const struct {
        const char *name;
        enum field_type type;
    } language[] = {{"ttl", FIELD_NUMBER},
                    {"wildcard", FIELD_BOOL},
                    {"backupmx", FIELD_BOOL},
                    {"static", FIELD_BOOL}};
    const char *type = json_string_value(json_object_get(field(p, name), "type"));

    if (type != NULL)
        return text_equal(type, "number") ? FIELD_NUMBER
               : text_equal(type, "bool") ? FIELD_BOOL
               : text_equal(type, "url")  ? FIELD_URL
                                          : FIELD_TEXT;
    for (size_t i = 0; i < sizeof language / sizeof language[0]; i++)
        if (text_equal(language[i].name, name))
            return language[i].type;
    return FIELD_TEXT;
}

bool provider_field_secret(const struct provider *p, const char *name)
{
    return json_is_true(json_object_get(field(p, name), "secret"));
}

const char *provider_default(const struct provider *p, const char *setting)
{
    if (p == NULL)
        return NULL;
    const char *text = json_string_value(json_object_get(field(p, setting), "default"));
    if (text == NULL)
        text = json_string_value(json_object_get(json_object_get(p->root, "defaults"), setting));
    return text;
}

/* Memory that belongs to the provider and goes with it. */
static void *keep(struct provider *p, size_t count, size_t size)
{
    void *memory = mem_array(count, size);
    p->owned = mem_more(p->owned, p->owned_count, sizeof p->owned[0]);
    p->owned[p->owned_count++] = memory;
    return memory;
}

static const char *const *text_list(struct provider *p, const json_t *list)
{
    size_t n = json_array_size(list);

    if (n == 0)
        return NULL;
    const char **out = keep(p, n + 1, sizeof out[0]);
    for (size_t i = 0; i < n; i++)
        out[i] = json_string_value(json_array_get(list, i));
    return out;
}

static void read_fields(struct provider *p)
{
    const json_t *fields = json_object_get(p->root, "fields");
    struct provider_field *out = keep(p, json_object_size(fields) + 1, sizeof out[0]);
    const char *name;
    json_t *f;

    p->info.fields = out;
    json_object_foreach((json_t *)fields, name, f) out[p->info.field_count++] =
        (struct provider_field){
            .name = name,
            .label = json_string_value(json_object_get(f, "label")),
            .help = json_string_value(json_object_get(f, "help")),
            .secret = json_is_true(json_object_get(f, "secret")),
            .required = json_is_true(json_object_get(f, "required")),
            .fallback = json_string_value(json_object_get(f, "default")),
            .choices = text_list(p, json_object_get(f, "choices")),
        };
}

static void read_limits(struct provider *p)
{
    const json_t *limits = json_object_get(p->root, "limits");
    struct provider_limit *out = keep(p, json_array_size(limits) + 1, sizeof out[0]);

    p->info.limits = out;
    for (size_t i = 0; i < json_array_size(limits); i++) {
        const json_t *l = json_array_get(limits, i);
        const char *scope = json_string_value(json_object_get(l, "scope"));
        out[p->info.limit_count++] = (struct provider_limit){
            .n = (unsigned)json_integer_value(json_object_get(l, "n")),
            .per = json_integer_value(json_object_get(l, "per")) * SECOND,
            .writes_only = text_equal(json_string_value(json_object_get(l, "of")), "writes"),
            .scope = scope != NULL ? scope : "account",
        };
    }
}

static void read_batch(struct provider *p)
{
    const json_t *batch = json_object_get(p->root, "batch");
    const json_t *hosts = json_object_get(batch, "hosts");
    const char *of = json_string_value(json_object_get(batch, "of"));
    struct provider_batch *out = &p->info.batch;

    out->families = json_is_true(json_object_get(batch, "families"));
    out->hosts = json_is_integer(hosts) ? (unsigned)json_integer_value(hosts) : 1;
    out->of = text_equal(of, "zone")        ? BATCH_ZONE
              : text_equal(of, "account")   ? BATCH_ACCOUNT
              : text_equal(of, "addresses") ? BATCH_ADDRESSES
                                            : BATCH_NONE;
    out->same = text_list(p, json_object_get(batch, "same"));
}

static bool has_family(const struct provider *p, const char *type)
{
    const json_t *families = json_object_get(p->root, "families");

    for (size_t i = 0; i < json_array_size(families); i++)
        if (text_equal(json_string_value(json_array_get(families, i)), type))
            return true;
    return families == NULL;
}

static void read_info(struct provider *p)
{
    struct provider_info *info = &p->info;

    info->id = provider_text(p, "id", "");
    info->name = provider_text(p, "name", info->id);
    info->website = provider_text(p, "website", NULL);
    info->docs = provider_text(p, "docs", NULL);
    info->help = provider_text(p, "help", NULL);
    info->note = provider_text(p, "note", NULL);
    info->status = provider_text(p, "status", "alive");
    info->evidence = provider_text(p, "evidence", "documented");
    info->checked = provider_text(p, "checked", NULL);
    info->speaks = provider_text(p, "speaks", "file");
    info->compat = json_object_get(p->root, "compat") != NULL;
    info->notify = provider_flag(p, "notify", false);
    info->can_tell = provider_has(p, "tell");
    info->can_beat = provider_has(p, "beat");
    info->family_ok[V4] = has_family(p, "A");
    info->family_ok[V6] = has_family(p, "AAAA");
    info->one_family = text_equal(provider_text(p, "family", "each"), "one");
    info->wildcard_ok = provider_flag(p, "wildcard", true);
    info->apex_ok = provider_flag(p, "apex", true);
    info->mx_ok = provider_flag(p, "mx", false);
    info->can_read = provider_has(p, "records") || can(p, "read");
    info->can_delete = can(p, "delete") || provider_has(p, "delete") || provider_has(p, "remove") ||
                       json_is_true(json_object_get(provider_slot_head(p, "set"), "empty"));
    info->many = can(p, "read") ||
                 (provider_has(p, "records") &&
                  (provider_has(p, "create") || provider_has(p, "add") || provider_has(p, "set")));
    info->parallel = (unsigned)provider_number(p, "parallel", 1);
    info->gap = provider_number(p, "gap", 0);
    info->lag = provider_number(p, "lag", 0) * SECOND;
    info->domains = text_list(p, json_object_get(p->root, "domains"));
    info->nameservers = text_list(p, json_object_get(p->root, "nameservers"));
    info->formerly = text_list(p, json_object_get(p->root, "formerly"));
    read_fields(p);
    read_limits(p);
    read_batch(p);
}

static struct provider *of_tree(json_t *root)
{
    struct provider *p = mem_alloc(sizeof *p);

    p->root = root;
    p->slots = json_object_get(root, "slots");
    p->alias = mem_text(json_string_value(json_object_get(root, "alias")));
    read_info(p);
    return p;
}

static json_t *head_tree(const struct builtin *b)
{
    return json_loadb(b->head, b->head_size, 0, NULL);
}

struct provider *provider_builtin_head(const struct builtin *b)
{
    return of_tree(head_tree(b));
}

struct provider *provider_builtin(const struct builtin *b, const struct provider *head)
{
    json_t *root = head != NULL ? json_copy(head->root) : head_tree(b);
    json_t *rest = b->rest_size > 0 ? json_loadb(b->rest, b->rest_size, 0, NULL) : NULL;

    if (rest != NULL)
        json_object_update(root, rest);
    json_decref(rest);
    return of_tree(root);
}

enum err provider_parse(const char *bytes, size_t n, const char *file_name, struct provider **out,
                        struct cause *c)
{
    json_error_t error;
    enum err err;

    *out = NULL;
    if (n > FILE_MAX)
        return cause_set(c, ERR_TOO_BIG, "%s: a provider file has at most 256 KiB", file_name);
    json_t *root = json_loadb(bytes, n, JSON_REJECT_DUPLICATES, &error);
    if (root == NULL)
        return cause_set(c, ERR_SYNTAX, "%s:%d:%d: %s", file_name, error.line, error.column,
                         error.text);
    err = provider_check(root, file_name, c);
    if (err != OK) {
        json_decref(root);
        return err;
    }
    *out = of_tree(root);
    return OK;
}

void provider_free(struct provider *p)
{
    if (p == NULL)
        return;
    for (size_t i = 0; i < p->owned_count; i++)
        mem_free(p->owned[i]);
    mem_free(p->owned);
    mem_free(p->alias);
    json_decref(p->root);
    mem_free(p);
}

const struct provider_info *provider_info(const struct provider *p)
{
    return &p->info;
}
